//! The few fields of a notification from which a digest is written later.

use std::collections::{BTreeMap, BTreeSet};

use crate::alert::Labels;
use crate::queue::Summary;
use crate::render::facts::{self, Facts};
use crate::render::{Subject, link, plain};

/// The most names and labels that a summary has.
const MOST: usize = 50;

/// The most labels of its alerts that a group with labels of its own shows besides.
const MOST_SHARED: usize = 3;

/// The most characters of each of its texts.
const LONGEST: usize = 200;

/// The summary of a message about `subject`, whose link is that of the message.
///
/// The age is that of the firing alerts; once all are resolved, of all.
pub(super) fn of(subject: &Subject<'_>) -> Summary {
    let (facts, whole) = (subject.facts(), subject.whole());
    let names: BTreeSet<&str> = facts.names.iter().copied().collect();
    Summary {
        status: facts.status.as_str().to_owned(),
        firing: facts.firing as u64,
        resolved: facts.resolved as u64,
        unsent: if whole.tells_the_end() { 0 } else { whole.unsent() },
        fires_again: facts.all_fires_again(),
        severity: short(facts.severest),
        more_alertnames: names.len().saturating_sub(MOST) as u64,
        alertnames: names.into_iter().take(MOST).map(short).collect(),
        group_labels: labels(whole.group_labels.iter()),
        shared_labels: shared(facts, &whole.group_labels),
        since: facts.since(),
        recovered: facts.recovered(),
        link: link::page_of_group(whole, facts).unwrap_or_default(),
        instead_of: String::new(),
    }
}

/// The labels beside the group's own by which a reader tells it from others and finds the place: the wide
/// places of a group whose labels name a place, or else what places its alerts share, or else other labels.
fn shared(facts: &Facts<'_>, group_labels: &Labels) -> BTreeMap<String, String> {
    if group_labels.is_empty() {
        return labels(facts.common_labels().iter());
    }
    let is_own = |name: &str| !facts::is_origin(name) && !facts.is_in_heading(name);
    let common =
        || facts.common_labels().iter().filter(|(name, _)| group_labels.get(name).is_none());
    if group_labels.iter().any(|(name, _)| facts::is_place(name)) {
        return labels(common().filter(|(name, _)| facts::is_wide_place(name)));
    }
    let places = labels(common().filter(|(name, _)| facts::is_place(name)).take(MOST_SHARED));
    if !places.is_empty() {
        return places;
    }
    labels(common().filter(|(name, _)| is_own(name)).take(MOST_SHARED))
}

/// The first of many labels, each of a length that a line has room for.
fn labels<'a>(labels: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, String> {
    labels.take(MOST).map(|(name, value)| (short(name), short(value))).collect()
}

fn short(text: &str) -> String {
    plain::cut(text, LONGEST).into_owned()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::receive::alertmanager;
    use crate::settings::SeverityOrder;

    fn summary(body: &str) -> Summary {
        by(body, &SeverityOrder::default())
    }

    fn by(body: &str, order: &SeverityOrder) -> Summary {
        of(&Subject::new(&alertmanager::parse(body.as_bytes()).unwrap(), order))
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
    fn what_was_not_sent_is_counted_unless_it_is_known_to_have_ended() {
        let of = |more: &str| summary(&format!(r#"{{"truncatedAlerts": 3, "alerts": []{more}}}"#));
        assert_eq!(of("").unsent, 3);
        assert_eq!(of(r#", "notification_reason": "all alerts resolved""#).unsent, 0);
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
    fn what_its_alerts_share_tells_a_group_apart_whose_own_labels_do_not_say_where_it_is() {
        let alerts = |own: &str| {
            let labels = r#""alertname": "Disk", "job": "node", "team": "db", "severity": "page""#;
            format!(
                r#"{{"labels": {{{labels}, {own}}}}}, {{"labels": {{{labels}, {own}, "device": "b"}}}}"#
            )
        };
        let all =
            r#"{"alertname":"Disk","instance":"h7","job":"node","severity":"page","team":"db"}"#;
        let name = r#""alertname": "Disk""#;
        let cluster = r#""alertname": "Disk", "cluster": "a""#;
        let instance = r#""alertname": "Disk", "instance": "h7""#;
        let host = r#""instance": "h7""#;
        for (group_labels, own, shared) in [
            ("", host, all),
            (name, host, r#"{"instance":"h7"}"#),
            (cluster, host, "{}"),
            (instance, r#""cluster": "a""#, r#"{"cluster":"a"}"#),
            (name, r#""x": "1""#, r#"{"team":"db","x":"1"}"#),
        ] {
            let alerts = alerts(own);
            let body = format!(r#"{{"groupLabels": {{{group_labels}}}, "alerts": [{alerts}]}}"#);
            let summary = summary(&body);
            assert_eq!(serde_json::to_string(&summary.shared_labels).unwrap(), shared);
            assert_eq!(summary.group_labels.len(), group_labels.matches(':').count());
        }
    }

    #[test]
    fn the_severity_is_what_the_label_of_the_order_says() {
        let body = r#"{"alerts": [
            {"labels": {"severity": "critical", "priority": "P2"}},
            {"labels": {"severity": "info", "priority": "P1"}},
            {"labels": {"severity": "info"}},
            {"status": "resolved", "labels": {"priority": "P0"}}]}"#;
        let order = ["P0", "P1", "P2"].map(str::to_owned).to_vec();
        let order = SeverityOrder { label: "priority".into(), order: Some(order) };
        assert_eq!(by(body, &order).severity, "P1");
        assert_eq!(summary(body).severity, "critical");
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
        let grafanas = r#"{"version": "1", "orgId": 1, "externalURL": "https://g/", "alerts": [
            {"generatorURL": "https://g/alerting/grafana/a/view?orgId=1"},
            {"generatorURL": "https://g/alerting/grafana/a/view?orgId=1"}]}"#;
        assert_eq!(summary_of(grafanas).link, "https://g/alerting/grafana/a/view?orgId=1");
        let nothing = summary_of(r#"{"alerts": [], "externalURL": "javascript:alert(1)"}"#);
        assert_eq!((nothing.severity.as_str(), nothing.link.as_str()), ("", ""));
    }
}
