//! Which receivers a notification concerns, and which of its alerts they keep.

pub mod condition;
use crate::alert::{Labels, Notification};
/// temp
#[must_use]
pub fn keep(_: &condition::Conditions, _: bool, n: &Notification) -> Option<Notification> {
    Some(n.clone())
}
/// temp
#[derive(serde::Serialize)]
pub struct Trace {
    kept: bool,
}
impl std::fmt::Display for Trace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.kept)
    }
}
/// temp
#[must_use]
pub fn trace(_: &condition::Conditions, _: &Labels) -> Trace {
    Trace { kept: true }
}
