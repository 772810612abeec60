//! Selects the alerts of a notification that a receiver keeps.
//!
//! A receiver keeps an alert when all of its conditions hold for the alert's labels. The kept
//! alerts are told as if Alertmanager had sent these alone.

pub mod active_times;
pub mod condition;
pub mod matcher;
pub mod mention;
pub mod trace;

pub use trace::trace;

use crate::alert::{Alert, AlertSet, Notification, Status};
use condition::Conditions;

/// The alerts of `notification` that a receiver keeps; `None` when it keeps no alert.
///
/// A notification that came without alerts gives `None` too: a message about it would say nothing.
#[must_use]
pub fn keep(
    conditions: &Conditions,
    send_resolved: bool,
    notification: &Notification,
) -> Option<AlertSet> {
    let is_kept = |alert: &Alert| {
        (send_resolved || alert.status == Status::Firing) && conditions.hold(&alert.labels)
    };
    let alerts = &notification.alerts;
    let kept = AlertSet::new(alerts.len(), |place| is_kept(&alerts[place]));
    (!kept.is_empty()).then_some(kept)
}

#[cfg(test)]
mod tests;
