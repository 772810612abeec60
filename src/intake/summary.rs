//! A notification in a few fields, from which a digest is written later.

use std::collections::BTreeSet;

use crate::alert::{Alert, Notification, Status};
use crate::queue::delivery::Summary;

impl Summary {
    /// What a digest shows of `notification`, whose severity and whose page in Alertmanager the
    /// message has found already.
    ///
    /// The age is that of what fires; once all is resolved, of all.
    #[must_use]
    pub fn of(notification: &Notification, severity: &str, link: Option<String>) -> Self {
        let alerts = &notification.alerts;
        let is_firing = |alert: &&Alert| alert.status == Status::Firing;
        let firing = alerts.iter().filter(is_firing).count();
        let telling: Vec<_> =
            alerts.iter().filter(|alert| firing == 0 || is_firing(alert)).collect();
        let labels = |name| alerts.iter().filter_map(move |alert| alert.labels.get(name));
        let names: BTreeSet<_> = labels("alertname").collect();
        let group_labels = notification.group_labels.iter();
        Self {
            status: notification.status.as_str().to_owned(),
            firing: firing as u64,
            resolved: (alerts.len() - firing) as u64,
            severity: severity.to_owned(),
            alertnames: names.into_iter().map(str::to_owned).collect(),
            group_labels: group_labels.map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
            since: telling.iter().filter_map(|alert| alert.starts_at).min(),
            link: link.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::alert::Labels;

    fn alert(name: &str, status: Status, since: i64) -> Alert {
        Alert {
            status,
            labels: [("alertname", name)].into_iter().collect(),
            annotations: Labels::default(),
            starts_at: Timestamp::from_second(since).ok(),
            ends_at: None,
            generator_url: String::new(),
            fingerprint: name.into(),
            offsets: crate::alert::Offsets::default(),
        }
    }

    fn summary(alerts: Vec<Alert>, link: Option<String>) -> Summary {
        let notification = Notification {
            group_key: "key".into(),
            status: Status::Firing,
            receiver: "ops team".into(),
            group_labels: [("alertname", "a \"b\"")].into_iter().collect(),
            common_labels: Labels::default(),
            common_annotations: Labels::default(),
            route_labels: Labels::default(),
            external_url: "http://am:9093/".into(),
            alerts,
            truncated_alerts: 0,
            reason: None,
        };
        Summary::of(&notification.recomputed(), "warning", link)
    }

    #[test]
    fn a_summary_counts_and_names_and_dates_what_fires() {
        let alerts = vec![
            alert("Disk", Status::Firing, 300),
            alert("Cpu", Status::Firing, 200),
            alert("Disk", Status::Resolved, 100),
        ];
        let summary = summary(alerts, Some("http://am:9093/#/alerts".to_owned()));
        assert_eq!((summary.firing, summary.resolved), (2, 1));
        assert_eq!((summary.status.as_str(), summary.severity.as_str()), ("firing", "warning"));
        assert_eq!(summary.alertnames, ["Cpu", "Disk"]);
        assert_eq!(summary.since, Timestamp::from_second(200).ok());
        assert_eq!(summary.group_labels["alertname"], "a \"b\"");
        assert_eq!(summary.link, "http://am:9093/#/alerts");
    }

    #[test]
    fn once_all_is_resolved_all_alerts_tell() {
        let resolved = summary(vec![alert("Disk", Status::Resolved, 100)], None);
        assert_eq!((resolved.status.as_str(), resolved.link.as_str()), ("resolved", ""));
        assert_eq!(resolved.since, Timestamp::from_second(100).ok());
        assert_eq!(summary(Vec::new(), None).since, None);
    }
}
