//! Selects the alerts of a notification that a receiver keeps.
//!
//! A receiver keeps an alert when all of its conditions hold for the alert's labels. The kept
//! alerts make a notification again, as Alertmanager would have sent it for these alerts alone.

pub mod condition;
pub mod matcher;
pub mod trace;

pub use trace::trace;

use std::borrow::Cow;

use crate::alert::{Alert, Notification, Status};
use condition::Conditions;

/// The notification with the alerts that a receiver keeps; `None` when it keeps no alert.
///
/// When all alerts are kept, the notification is borrowed, not copied. When some are, status,
/// common labels and common annotations are computed again over the kept alerts. A notification
/// that came without alerts gives `None` too: a message about it would say nothing.
#[must_use]
pub fn keep<'n>(
    conditions: &Conditions,
    send_resolved: bool,
    notification: &'n Notification,
) -> Option<Cow<'n, Notification>> {
    let is_kept = |alert: &&Alert| {
        (send_resolved || alert.status == Status::Firing) && conditions.hold(&alert.labels)
    };
    let alerts = &notification.alerts;
    if alerts.iter().all(|alert| is_kept(&alert)) {
        return (!alerts.is_empty()).then_some(Cow::Borrowed(notification));
    }
    let kept: Vec<Alert> = alerts.iter().filter(is_kept).cloned().collect();
    (!kept.is_empty()).then(|| Cow::Owned(notification.with_alerts(kept)))
}

#[cfg(test)]
mod tests;
