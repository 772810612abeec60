//! Which receivers a notification concerns, and which of its alerts they keep.
//!
//! An alert is kept when all conditions of a receiver hold for its labels. What is kept is a
//! notification again, as Alertmanager would have sent it for these alerts alone.

pub mod condition;
pub mod matcher;
pub mod trace;

pub use trace::trace;

use std::borrow::Cow;

use crate::alert::{Alert, Notification, Status};
use condition::Conditions;

/// The part of a notification that a receiver keeps; `None` when that is nothing.
///
/// When all alerts are kept, it is the notification as it came, and nothing is copied. When some
/// are, its status, common labels and common annotations are those of the kept alerts. A
/// notification without alerts is not kept: there is nothing that anyone could be told.
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
