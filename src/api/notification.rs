//! The answer 200 to a notification.

use serde::{Deserialize, Serialize};

use crate::intake::Acceptance;

/// What was accepted; every delivery of it is on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationAnswer {
    /// The notification's id.
    pub notification: String,
    /// How many deliveries were made of it.
    pub deliveries: usize,
    /// The deliveries.
    pub ids: Vec<String>,
    /// Whether it was for a receiver that is disabled; absent if not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// The receivers that keep alerts of it, and are not told outside their active times; absent if
    /// there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inactive: Vec<String>,
    /// How many of its alerts no receiver wants, where all were asked; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmatched: Option<usize>,
    /// The notification that it repeats; absent if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<String>,
    /// The receivers that are told nothing of it, because it is not signed as they ask; absent if none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsigned: Vec<String>,
}

impl From<Acceptance> for NotificationAnswer {
    fn from(acceptance: Acceptance) -> Self {
        let Acceptance { notification, deliveries, duplicate_of, disabled, inactive, unmatched } =
            acceptance;
        let ids: Vec<String> = deliveries.iter().map(ToString::to_string).collect();
        Self {
            notification,
            deliveries: ids.len(),
            ids,
            disabled,
            inactive,
            unmatched: (unmatched > 0).then_some(unmatched),
            duplicate_of,
            unsigned: Vec::new(),
        }
    }
}
