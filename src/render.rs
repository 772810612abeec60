//! The message of a notification: its text, cut to the size that its destination takes.
//!
//! Pure: the time is a value that is given. What it returns is final; the queue stores it.

use jiff::tz::TimeZone;

use crate::dingtalk::message::{Message, Wire};

/// The type of a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// DingTalk's Markdown subset.
    #[default]
    Markdown,
    /// Plain text.
    Text,
}

/// How a receiver's messages are written.
#[derive(Debug, Clone)]
pub struct Style {
    /// The type of the message.
    pub kind: Kind,
    /// The zone of the times in messages.
    pub timezone: TimeZone,
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
    /// Also with messages in which nothing fires.
    pub resolved: bool,
}

/// What a destination asks of its messages; equal surfaces get equal messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surface {
    /// The API that carries the message.
    pub wire: Wire,
    /// The largest part, in the bytes that [`Message::size`] measures.
    pub max_bytes: usize,
    /// One of these must stand in each part.
    pub keywords: Vec<String>,
    /// Whom to mention.
    pub mention: Mention,
}

/// A message, ready for one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Its parts, in order; at least one.
    pub parts: Vec<Message>,
    /// Why the built-in message stands in for what was asked for.
    pub error: Option<String>,
}
