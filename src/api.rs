//! What is asked and answered over HTTP, as types: the server writes them, the command line reads
//! them.
//!
//! The names of the fields, and which of them may be null or absent, are a promise to everyone who
//! reads the JSON. An id is a string, because JavaScript's numbers end before the store's.

pub mod condition;
pub mod delivery;
pub mod notification;
pub mod receiver;
pub mod status;
pub mod template;
pub mod test_message;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The answer to a request that was not served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorAnswer {
    /// What is wrong, and what to do, in words.
    pub error: String,
    /// The receivers that there are, where an unknown one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receivers: Option<Vec<String>>,
    /// The paths that there are, where an unknown one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paths: Option<Vec<String>>,
}

/// A time that was computed, no finer than the times that are stored.
fn in_milliseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

#[cfg(test)]
mod tests;
