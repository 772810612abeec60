//! The few fields of a notification from which a digest is written later.

use std::collections::BTreeSet;

use crate::alert::{Alert, Notification, Status};
use crate::queue::Summary;
use crate::render::{facts, link};

/// The summary of `notification`, which says of severity and page the same as its message.
///
/// The age is that of the firing alerts; once all are resolved, of all.
pub(super) fn of(notification: &Notification) -> Summary {
    let alerts = &notification.alerts;
    let is_firing = |alert: &&Alert| alert.status == Status::Firing;
    let firing = alerts.iter().filter(is_firing).count();
    let dated = alerts.iter().filter(|alert| firing == 0 || is_firing(alert));
    let names: BTreeSet<_> =
        alerts.iter().filter_map(|alert| alert.labels.get("alertname")).collect();
    let group_labels = notification.group_labels.iter();
    Summary {
        status: notification.status.as_str().to_owned(),
        firing: firing as u64,
        resolved: (alerts.len() - firing) as u64,
        severity: facts::severest(notification).to_owned(),
        alertnames: names.into_iter().map(str::to_owned).collect(),
        group_labels: group_labels.map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
        since: dated.filter_map(|alert| alert.starts_at).min(),
        link: link::group_page(notification).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::receive::alertmanager;

    fn summary(body: &str) -> Summary {
        of(&alertmanager::parse(body.as_bytes()).unwrap())
    }

    #[test]
    fn a_summary_counts_and_names_and_dates_what_fires() {
        let summary = summary(
            r#"{"groupLabels": {"alertname": "a \"b\""}, "alerts": [
            {"labels": {"alertname": "Disk"}, "startsAt": "1970-01-01T00:05:00Z"},
            {"labels": {"alertname": "Cpu"}, "startsAt": "1970-01-01T00:04:00Z"},
            {"status": "resolved", "labels": {"alertname": "Disk"},
             "startsAt": "1970-01-01T00:03:00Z"}]}"#,
        );
        assert_eq!((summary.firing, summary.resolved), (2, 1));
        assert_eq!(summary.status, "firing");
        assert_eq!(summary.alertnames, ["Cpu", "Disk"]);
        assert_eq!(summary.since, Timestamp::from_second(240).ok());
        assert_eq!(summary.group_labels["alertname"], "a \"b\"");
    }

    #[test]
    fn once_all_is_resolved_all_alerts_date_it() {
        let resolved = summary(
            r#"{"alerts": [
            {"status": "resolved", "startsAt": "1970-01-01T00:02:00Z"},
            {"status": "resolved", "startsAt": "1970-01-01T00:01:00Z"}]}"#,
        );
        assert_eq!((resolved.status.as_str(), resolved.resolved), ("resolved", 2));
        assert_eq!(resolved.since, Timestamp::from_second(60).ok());
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
