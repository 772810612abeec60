//! A notification in a few fields, from which a digest is written later.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::delivery::Summary;
use crate::alert::{Alert, Labels, Notification, Status};

impl Summary {
    /// What a digest shows of `notification`.
    ///
    /// Severity and age are those of what fires; once all is resolved, of all.
    #[must_use]
    pub fn of(notification: &Notification) -> Self {
        let alerts = &notification.alerts;
        let is_firing = |alert: &&Alert| alert.status == Status::Firing;
        let firing = alerts.iter().filter(is_firing).count();
        let telling: Vec<_> =
            alerts.iter().filter(|alert| firing == 0 || is_firing(alert)).collect();
        let labels = |name| alerts.iter().filter_map(move |alert| alert.labels.get(name));
        let names: BTreeSet<_> = labels("alertname").collect();
        let severities = telling.iter().filter_map(|alert| alert.labels.get("severity"));
        let group_labels = notification.group_labels.iter();
        Self {
            status: notification.status.as_str().to_owned(),
            firing: firing as u64,
            resolved: (alerts.len() - firing) as u64,
            severity: severities.min_by_key(|word| rank(word)).unwrap_or_default().to_owned(),
            alertnames: names.into_iter().map(str::to_owned).collect(),
            group_labels: group_labels.map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
            since: telling.iter().filter_map(|alert| alert.starts_at).min(),
            link: link(notification),
        }
    }
}

/// The order of severities, the severest first; a word that is not known counts as the least.
fn rank(severity: &str) -> u8 {
    match severity.to_ascii_lowercase().as_str() {
        "critical" => 0,
        "error" | "page" => 1,
        "warning" => 2,
        "info" => 3,
        "" => 5,
        _ => 4,
    }
}

/// Alertmanager's page, narrowed to the group; empty where the sender gave no address.
fn link(notification: &Notification) -> String {
    let base = notification.external_url.trim_end_matches('/');
    // Only what a browser opens as a page; the address is as untrusted as the rest of the body.
    if !["http://", "https://"].iter().any(|scheme| base.starts_with(scheme)) {
        return String::new();
    }
    let mut link = format!("{base}/#/alerts?receiver={}", encode(&notification.receiver));
    if !notification.group_labels.is_empty() {
        let filter = encode(&matchers(&notification.group_labels));
        link.push_str("&filter=");
        link.push_str(&filter);
    }
    link
}

/// The labels as Alertmanager's filter reads them: `{name="value",…}`.
fn matchers(labels: &Labels) -> String {
    let pairs: Vec<_> = labels
        .iter()
        .map(|(name, value)| {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            format!("{name}=\"{value}\"")
        })
        .collect();
    format!("{{{}}}", pairs.join(","))
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn alert(name: &str, severity: &str, status: Status, since: i64) -> Alert {
        Alert {
            status,
            labels: [("alertname", name), ("severity", severity)].into_iter().collect(),
            annotations: Labels::default(),
            starts_at: Timestamp::from_second(since).ok(),
            ends_at: None,
            generator_url: String::new(),
            fingerprint: name.into(),
            offsets: crate::alert::Offsets::default(),
        }
    }

    fn notification(alerts: Vec<Alert>) -> Notification {
        Notification {
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
        }
        .recomputed()
    }

    #[test]
    fn a_summary_counts_and_names_and_dates_what_fires() {
        let summary = Summary::of(&notification(vec![
            alert("Disk", "warning", Status::Firing, 300),
            alert("Cpu", "info", Status::Firing, 200),
            alert("Disk", "critical", Status::Resolved, 100),
        ]));
        assert_eq!((summary.firing, summary.resolved), (2, 1));
        assert_eq!((summary.status.as_str(), summary.severity.as_str()), ("firing", "warning"));
        assert_eq!(summary.alertnames, ["Cpu", "Disk"]);
        assert_eq!(summary.since, Timestamp::from_second(200).ok());
        assert_eq!(summary.group_labels["alertname"], "a \"b\"");
    }

    #[test]
    fn once_all_is_resolved_all_alerts_tell() {
        let resolved = vec![alert("Disk", "critical", Status::Resolved, 100)];
        let summary = Summary::of(&notification(resolved));
        assert_eq!((summary.status.as_str(), summary.severity.as_str()), ("resolved", "critical"));
        assert_eq!(summary.since, Timestamp::from_second(100).ok());
        assert_eq!(Summary::of(&notification(Vec::new())).since, None);
    }

    #[test]
    fn the_severest_severity_counts() {
        let order = ["Critical", "page", "warning", "info", "none"];
        for pair in order.windows(2) {
            let alerts = [pair[1], pair[0]].map(|word| alert("a", word, Status::Firing, 1));
            assert_eq!(Summary::of(&notification(alerts.to_vec())).severity, pair[0]);
        }
    }

    #[test]
    fn the_link_leads_to_the_group_and_carries_no_foreign_scheme() {
        let mut group = notification(Vec::new());
        let filter = "%7Balertname%3D%22a%20%5C%22b%5C%22%22%7D";
        let expected = format!("http://am:9093/#/alerts?receiver=ops%20team&filter={filter}");
        assert_eq!(Summary::of(&group).link, expected);
        group.group_labels = Labels::default();
        assert_eq!(Summary::of(&group).link, "http://am:9093/#/alerts?receiver=ops%20team");
        for no_page in ["", "javascript:alert(1)", "dingtalk://x"] {
            group.external_url = no_page.into();
            assert_eq!(Summary::of(&group).link, "");
        }
    }
}
