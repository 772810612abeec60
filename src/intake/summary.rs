//! The few fields of a notification from which a digest is written later.

use std::collections::BTreeSet;

use crate::queue::Summary;
use crate::render::{Subject, link, plain};

/// The most names and labels that a summary has.
const MOST: usize = 50;

/// The most characters of each of its texts.
const LONGEST: usize = 200;

/// The summary of a message about `subject`, whose severity and link are those of the message.
///
/// The age is that of the firing alerts; once all are resolved, of all.
pub(super) fn of(subject: &Subject<'_>) -> Summary {
    let (facts, whole) = (subject.facts(), subject.whole());
    let names: BTreeSet<&str> = facts.names.iter().copied().collect();
    let group_labels = whole.group_labels.iter();
    Summary {
        status: facts.status.as_str().to_owned(),
        firing: facts.firing as u64,
        resolved: facts.resolved as u64,
        severity: short(facts.severest),
        more_alertnames: names.len().saturating_sub(MOST) as u64,
        alertnames: names.into_iter().take(MOST).map(short).collect(),
        group_labels: group_labels.take(MOST).map(|(k, v)| (short(k), short(v))).collect(),
        since: facts.since(),
        recovered: facts.recovered(),
        link: link::group_page(whole).unwrap_or_default(),
    }
}

fn short(text: &str) -> String {
    plain::cut(text, LONGEST).into_owned()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::receive::alertmanager;

    fn summary(body: &str) -> Summary {
        of(&Subject::new(&alertmanager::parse(body.as_bytes()).unwrap()))
    }

    #[test]
    fn a_summary_counts_and_names_and_dates_what_fires() {
        let summary = summary(
            r#"{"groupLabels": {"alertname": "a \"b\""}, "alerts": [
            {"labels": {"alertname": "Disk"}, "startsAt": "1970-01-01T00:05:00Z"},
            {"labels": {"alertname": "Cpu"}, "startsAt": "1970-01-01T00:04:00Z"},
            {"status": "resolved", "labels": {"alertname": "Disk"},
             "startsAt": "1970-01-01T00:03:00Z", "endsAt": "1970-01-01T00:04:00Z"}]}"#,
        );
        assert_eq!((summary.firing, summary.resolved), (2, 1));
        assert_eq!(summary.status, "firing");
        assert_eq!(summary.alertnames, ["Cpu", "Disk"]);
        assert_eq!((summary.since, summary.recovered), (Timestamp::from_second(240).ok(), None));
        assert_eq!(summary.group_labels["alertname"], "a \"b\"");
    }

    #[test]
    fn a_summary_stays_small_whatever_the_notification_has() {
        let alerts: Vec<String> = (0..1_000)
            .map(|n| format!(r#"{{"labels": {{"alertname": "{n:04}{}"}}}}"#, "x".repeat(1_000)))
            .collect();
        let labels: Vec<String> =
            (0..1_000).map(|n| format!(r#""{n:04}": "{}""#, "y".repeat(1_000))).collect();
        let body = format!(
            r#"{{"groupLabels": {{{}}}, "alerts": [{}]}}"#,
            labels.join(","),
            alerts.join(",")
        );
        let summary = summary(&body);
        assert_eq!((summary.alertnames.len(), summary.more_alertnames), (50, 950));
        assert!(summary.alertnames[0].starts_with("0000xx"), "{}", summary.alertnames[0]);
        assert_eq!(summary.group_labels.len(), 50);
        assert!(serde_json::to_vec(&summary).unwrap().len() < 25_000);
    }

    #[test]
    fn once_all_is_resolved_all_alerts_date_it() {
        let resolved = summary(
            r#"{"alerts": [
            {"status": "resolved", "startsAt": "1970-01-01T00:02:00Z",
             "endsAt": "1970-01-01T00:07:00Z"},
            {"status": "resolved", "startsAt": "1970-01-01T00:01:00Z",
             "endsAt": "1970-01-01T00:09:00Z"}]}"#,
        );
        assert_eq!((resolved.status.as_str(), resolved.resolved), ("resolved", 2));
        assert_eq!(resolved.since, Timestamp::from_second(60).ok());
        assert_eq!(resolved.recovered, Timestamp::from_second(540).ok());
        assert_eq!(summary(r#"{"alerts": []}"#).since, None);
    }

    #[test]
    fn a_digest_will_say_what_the_message_says() {
        let summary_of = summary;
        let summary = summary_of(
            r#"{"receiver": "ops.team", "externalURL": "HTTP://me:word@am:9093/",
            "groupLabels": {"alertname": "Disk"}, "alerts": [
            {"status": "resolved", "labels": {"severity": "critical"}},
            {"status": "firing", "labels": {"severity": "warning"}},
            {"status": "firing", "labels": {"severity": "Fatal"}}]}"#,
        );
        assert_eq!(summary.severity, "Fatal");
        let filter = "%7Balertname%3D%22Disk%22%7D";
        let page = format!("http://am:9093/#/alerts?receiver=ops.team&filter={filter}");
        assert_eq!(summary.link, page);
        let nothing = summary_of(r#"{"alerts": [], "externalURL": "javascript:alert(1)"}"#);
        assert_eq!((nothing.severity.as_str(), nothing.link.as_str()), ("", ""));
    }
}
