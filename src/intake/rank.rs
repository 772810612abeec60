//! Whose turn a notification's message comes at: the rank that its lane sorts by.

use crate::alert::{AlertSet, Notification, Status};
use crate::settings::SeverityOrder;

/// The ranks of a notification's alerts by their places, looked up once for all receivers; a resolved
/// alert has none.
pub(super) struct Ranks(Vec<Option<u8>>);

impl Ranks {
    pub(super) fn new(notification: &Notification, order: &SeverityOrder) -> Self {
        let alerts = notification.alerts.iter().map(|alert| {
            let severity = || alert.labels.get(&order.label).unwrap_or_default();
            (alert.status == Status::Firing).then(|| order.rank(severity()))
        });
        Self(alerts.collect())
    }

    /// The rank of a message about the alerts in `kept`: that of the most severe that fires; 0 goes
    /// first.
    ///
    /// A recovery is news, so where nothing fires any more the rank is 0, whatever the alert was.
    pub(super) fn of(&self, kept: &AlertSet) -> u8 {
        let kept = self.0.iter().enumerate().filter(|(place, _)| kept.contains(*place));
        kept.filter_map(|(_, rank)| *rank).min().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receive::alertmanager;

    fn rank(alerts: &str, order: &SeverityOrder) -> u8 {
        let body = format!(r#"{{"alerts": [{alerts}]}}"#);
        let notification = alertmanager::parse(body.as_bytes()).unwrap();
        Ranks::new(&notification, order).of(&AlertSet::all(&notification))
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
    fn only_the_alerts_that_are_kept_count() {
        let body = format!(r#"{{"alerts": [{CRITICAL}, {WARNING}, {RECOVERED}]}}"#);
        let notification = alertmanager::parse(body.as_bytes()).unwrap();
        let ranks = Ranks::new(&notification, &SeverityOrder::default());
        let rank = |places: &[usize]| ranks.of(&AlertSet::new(3, |place| places.contains(&place)));
        assert_eq!([rank(&[0, 1]), rank(&[1]), rank(&[1, 2]), rank(&[2])], [0, 2, 2, 0]);
    }

    #[test]
    fn label_and_order_can_be_set() {
        let order = ["P1", "P2", "P3"].map(str::to_owned).to_vec();
        let levels = SeverityOrder { label: "level".into(), order: Some(order) };
        assert_eq!([WARNING, CRITICAL, UNKNOWN].map(|alert| rank(alert, &levels)), [0, 2, 3]);
        let none = SeverityOrder { order: Some(Vec::new()), ..SeverityOrder::default() };
        assert_eq!([WARNING, CRITICAL, UNKNOWN].map(|alert| rank(alert, &none)), [0, 0, 0]);
    }
}
