//! Writes the message of a notification, in parts that are as large as its destination takes.
//!
//! Pure: the time is a value that is given. The parts are final; the queue stores them as they are.
//! Labels and annotations are untrusted: no mention, link or other markup comes out of them, and no
//! value can keep a message from being written.

mod builtin;
pub mod digest;
pub mod facts;
mod keyword;
mod last_resort;
pub mod link;
mod markdown;
mod mention;
mod message;
pub mod note;
pub mod paginate;
pub mod plain;
pub mod profile;
pub mod template;
pub mod test_message;
#[cfg(test)]
mod tests;
mod words;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::alert::Notification;
use crate::dingtalk::message::{Api, MessageType, Part};

pub use words::Language;

/// How a receiver's messages are written.
#[derive(Debug, Clone)]
pub struct Style {
    /// The type of the message.
    pub message_type: MessageType,
    /// The zone of the times in messages.
    pub timezone: TimeZone,
    /// The language of the words that are not the alerts'.
    pub language: Language,
}

/// Whom a chatbot's messages mention.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mention {
    /// Mobile numbers, as configured.
    pub mobiles: Vec<String>,
    /// DingTalk user ids.
    pub user_ids: Vec<String>,
    /// Everyone in the group.
    pub all: bool,
    /// Whether messages in which nothing fires mention them too.
    pub resolved: bool,
}

/// What a destination asks of its messages; equal surfaces get equal messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surface {
    /// The API that carries the message.
    pub api: &'static Api,
    /// The largest part, in the bytes that [`Part::size`] measures.
    pub max_bytes: usize,
    /// One of these must stand in each part.
    pub keywords: Vec<String>,
    /// Whom to mention.
    pub mention: Mention,
}

impl Surface {
    /// What `api` asks of every message: no keyword, no mention, and its largest size.
    #[must_use]
    pub fn new(api: &'static Api) -> Self {
        Self { api, max_bytes: api.max_bytes, keywords: Vec::new(), mention: Mention::default() }
    }
}

/// A message, ready for one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Its parts, in order; at least one.
    pub parts: Vec<Part>,
    /// Why the built-in message stands in for what was asked for.
    pub error: Option<String>,
}

/// The message of `notification` for a destination; it always has a part.
#[must_use]
pub fn render(
    notification: &Notification,
    style: &Style,
    surface: &Surface,
    now: Timestamp,
) -> Rendered {
    or_last_resort(notification, style.language, surface, || {
        let facts = facts::Facts::new(notification);
        paginate::entries::parts(&builtin::BuiltinMessage::new(facts, style, now), surface)
    })
}

/// The parts that `write` gives; if it panics, the last resort.
///
/// An alert that arrives in two lines is better than one that is answered 500 until it is resolved.
fn or_last_resort(
    notification: &Notification,
    language: Language,
    surface: &Surface,
    write: impl FnOnce() -> Vec<Part>,
) -> Rendered {
    let last_resort = || vec![last_resort::write(notification, language, surface)];
    // Nothing that was borrowed is changed by writing, so there is no broken state to see.
    let (parts, error) = match catch_unwind(AssertUnwindSafe(write)) {
        Ok(parts) if !parts.is_empty() => (parts, None),
        Ok(_) => (last_resort(), Some("no part".to_owned())),
        Err(panic) => (last_resort(), Some(panic_words("the built-in message", panic.as_ref()))),
    };
    let fitting = parts.into_iter().map(|part| paginate::fit(part, surface, language));
    Rendered { parts: fitting.collect(), error }
}

fn panic_words(writer: &str, panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<&str>().copied();
    let said = said.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("{writer} panicked: {}", said.unwrap_or("no words"))
}
