//! What one of DingTalk's APIs takes and can do, as facts that every other stage asks for.
//!
//! No stage outside `dingtalk` asks which API a destination has: it asks for one of these facts,
//! and each API states all of them in its own folder.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::time::Duration;

use serde_json::Value;

use super::{MessageType, Part};

/// How many messages DingTalk takes in which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Messages in any `per`.
    pub messages: u32,
    /// The length of the window.
    pub per: Duration,
}

/// The most that an API takes as the buttons of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardLimits {
    /// How many buttons.
    pub buttons: usize,
    /// The bytes of the list of all buttons in JSON.
    pub list_bytes: usize,
    /// The bytes of the address of a button that is the only one.
    pub single_url_bytes: usize,
}

/// The facts of one API. Two are equal when their names are.
#[derive(Clone, Copy)]
pub struct Api {
    /// DingTalk's name of the API, the end of its path: `robot/send`.
    pub name: &'static str,
    /// The word for its destinations in metrics and answers: `chatbot`.
    pub kind: &'static str,
    /// The list of a receiver's settings that its destinations stand in: `chatbots`.
    pub section: &'static str,
    /// The word for the account by which DingTalk counts the messages: `robot` or `app`.
    pub account: &'static str,
    /// The most messages that DingTalk takes of one account.
    pub rate: Rate,
    /// The largest message that is sent, in the bytes that `size` measures, where the settings do not
    /// say another.
    pub max_bytes: usize,
    /// The most that the settings may say; above `max_bytes` where DingTalk's own pages differ.
    pub most_bytes: usize,
    /// The longest title, in UTF-16 units, where the settings do not say another.
    pub max_title: usize,
    /// The size that DingTalk limits, of a message as it would be sent, in bytes.
    pub size: fn(&Part) -> usize,
    /// The body of the call, without credentials and ids, to be shown.
    pub preview: fn(&Part) -> Value,
    /// The types of message that it takes.
    pub types: &'static [MessageType],
    /// What it takes as the buttons of an action card.
    pub cards: CardLimits,
    /// Whether a message can mention people.
    pub mentions: bool,
    /// Whether DingTalk may ask for a keyword in each message.
    pub keywords: bool,
    /// Whether DingTalk drops a message whose `msgUuid` it has taken already. Without such a key a
    /// message whose outcome is unknown may be shown twice.
    pub idempotency_key: bool,
}

impl PartialEq for Api {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Api {}

impl Hash for Api {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
