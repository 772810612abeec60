//! Whose turn a notification's message comes at: the rank that its lane sorts by.

use crate::alert::{Notification, Status};
use crate::settings::SeverityOrder;

/// The rank of `notification`: that of its most severe firing alert; 0 goes first.
///
/// A recovery is news, so where nothing fires any more the rank is 0, whatever the alert was.
pub(super) fn of(notification: &Notification, order: &SeverityOrder) -> u8 {
    let firing = notification.alerts.iter().filter(|alert| alert.status == Status::Firing);
    let ranks = firing.map(|alert| order.rank(alert.labels.get(&order.label).unwrap_or_default()));
    ranks.min().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receive::alertmanager;

    fn rank(alerts: &str, order: &SeverityOrder) -> u8 {
        let body = format!(r#"{{"alerts": [{alerts}]}}"#);
        of(&alertmanager::parse(body.as_bytes()).unwrap(), order)
    }

    const WARNING: &str = r#"{"labels": {"severity": "warning", "level": "P1"}}"#;
    const UNKNOWN: &str = r#"{"labels": {"severity": "odd"}}"#;
    const CRITICAL: &str = r#"{"labels": {"severity": " Critical", "level": "p3"}}"#;
    const RECOVERED: &str = r#"{"status": "resolved", "labels": {"severity": "critical"}}"#;

    #[test]
    fn the_most_severe_firing_alert_decides_and_a_recovery_goes_first() {
        let usual = SeverityOrder::default();
        for (alerts, expected) in [
            (CRITICAL.to_owned(), 0),
            (WARNING.to_owned(), 2),
            (UNKNOWN.to_owned(), 4),
            (format!("{WARNING}, {CRITICAL}"), 0),
            (format!("{WARNING}, {RECOVERED}"), 2),
            (RECOVERED.to_owned(), 0),
            (String::new(), 0),
        ] {
            assert_eq!(rank(&alerts, &usual), expected, "{alerts}");
        }
    }

    #[test]
    fn label_and_order_can_be_set() {
        let order = ["P1", "P2", "P3"].map(str::to_owned).to_vec();
        let levels = SeverityOrder { label: "level".to_owned(), order: Some(order) };
        assert_eq!([WARNING, CRITICAL, UNKNOWN].map(|alert| rank(alert, &levels)), [0, 2, 3]);
        let none = SeverityOrder { order: Some(Vec::new()), ..SeverityOrder::default() };
        assert_eq!([WARNING, CRITICAL, UNKNOWN].map(|alert| rank(alert, &none)), [0, 0, 0]);
    }
}
