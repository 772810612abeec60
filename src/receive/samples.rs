//! What senders post, as samples on which a receiver's templates are tried before they are trusted.
//!
//! They are read as any other body is. From one to the next something is there or not that a template
//! may have forgotten: alerts that fire, alerts that are resolved, fields that a sender may leave out.

use jiff::Timestamp;

use super::{alertmanager, grafana};
use crate::alert::Notification;

/// When the samples were posted: 2026-11-28T14:30:00Z.
pub const POSTED: Timestamp = Timestamp::constant(1_795_876_200, 0);

/// A notification, and how it is spoken of.
#[derive(Debug, Clone)]
pub struct Sample {
    /// What is in it: `resolved alerts`.
    pub what: &'static str,
    /// Whether it has all that its sender ever sends.
    pub is_whole: bool,
    /// The notification.
    pub notification: Notification,
}

/// What is in a body, whether that is all that its sender sends, its format, and the body itself; the
/// small ones first.
const BODIES: [(&str, bool, &str, &str); 8] = [
    ("one firing alert", false, alertmanager::FORMAT, include_str!("samples/one.json")),
    (
        "an alert without optional fields",
        false,
        alertmanager::FORMAT,
        include_str!("samples/bare.json"),
    ),
    ("several firing alerts", false, alertmanager::FORMAT, include_str!("samples/firing.json")),
    ("resolved alerts", false, alertmanager::FORMAT, include_str!("samples/resolved.json")),
    (
        "firing and resolved alerts together",
        true,
        alertmanager::FORMAT,
        include_str!("samples/mixed.json"),
    ),
    (
        "alerts of which some were left out",
        false,
        alertmanager::FORMAT,
        include_str!("samples/truncated.json"),
    ),
    ("a notification of Grafana", true, grafana::FORMAT, include_str!("samples/grafana.json")),
    ("thirty alerts", false, alertmanager::FORMAT, include_str!("samples/many.json")),
];

/// All samples.
#[must_use]
pub fn all() -> Vec<Sample> {
    let read = BODIES.into_iter().filter_map(|(what, is_whole, format, body)| {
        let notification = super::parse(format, body.as_bytes(), usize::MAX).ok()?;
        Some(Sample { what, is_whole, notification })
    });
    read.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::Status;

    #[test]
    fn each_sample_is_read_and_is_what_it_is_called() {
        let samples = all();
        assert_eq!(samples.len(), BODIES.len(), "every one can be read");
        let counts = |sample: &Sample| {
            let alerts = &sample.notification.alerts;
            let firing = alerts.iter().filter(|alert| alert.status == Status::Firing).count();
            (firing, alerts.len() - firing, sample.notification.truncated_alerts)
        };
        let counts: Vec<_> = samples.iter().map(counts).collect();
        let expected = [
            (1, 0, 0),
            (1, 0, 0),
            (2, 0, 0),
            (0, 2, 0),
            (2, 1, 0),
            (2, 0, 12),
            (1, 0, 0),
            (24, 6, 0),
        ];
        assert_eq!(counts, expected);
    }

    #[test]
    fn what_is_common_and_who_an_alert_is_are_right_in_every_body() {
        for Sample { what, notification, .. } in all() {
            let computed = notification.clone().recomputed();
            assert_eq!(computed, notification, "{what}");
            for alert in &notification.alerts {
                assert_eq!(alert.fingerprint, alert.labels.fingerprint(), "{what}");
                assert!(alert.starts_at.is_none_or(|start| start < POSTED), "{what}");
            }
        }
    }
}
