//! Which receivers a notification concerns, and which of its alerts they keep.
//!
//! An alert is kept when all conditions of a receiver hold for its labels. What is kept is a
//! notification again, as Alertmanager would have sent it for these alerts alone.

pub mod condition;
pub mod matcher;
pub mod trace;

pub use trace::trace;

use crate::alert::{Alert, Notification, Status};
use condition::Conditions;

/// What a receiver keeps of a notification; `None` when that is nothing.
///
/// When all alerts are kept the notification is as it came. When some are, its status, common
/// labels and common annotations are those of the kept alerts; the number of alerts that
/// Alertmanager itself left out stays. A notification without alerts is not kept: there is nothing
/// that anyone could be told.
#[must_use]
pub fn keep(
    conditions: &Conditions,
    send_resolved: bool,
    notification: &Notification,
) -> Option<Notification> {
    let is_kept = |alert: &Alert| {
        (send_resolved || alert.status == Status::Firing) && conditions.hold(&alert.labels)
    };
    let alerts: Vec<&Alert> = notification.alerts.iter().filter(|alert| is_kept(alert)).collect();
    if alerts.is_empty() {
        return None;
    }
    if alerts.len() == notification.alerts.len() {
        return Some(notification.clone());
    }
    let alerts = alerts.into_iter().cloned().collect();
    Some(Notification { alerts, ..notification.clone() }.recomputed())
}

#[cfg(test)]
mod tests;
