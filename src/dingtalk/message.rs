//! One part of a message, and what an API that carries it can do.
//!
//! Pure. How a message becomes the body of a call is each API's own matter; a stage that has to
//! know the size or the body asks the [`Api`].

mod api;
mod message_type;

pub use api::{Api, Rate};
pub use message_type::{Markup, MessageType};

use serde::{Deserialize, Serialize};

/// What a reader sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Content {
    /// DingTalk's Markdown subset.
    Markdown {
        /// Shown in the list of conversations and in the push, never in the message itself.
        title: String,
        /// The message.
        text: String,
    },
    /// Plain text, in which a mention can be tapped.
    Text {
        /// The message.
        text: String,
    },
}

impl Content {
    /// The text that a reader sees in the conversation.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Markdown { text, .. } | Self::Text { text } => text,
        }
    }

    /// The title, where the type has one.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        match self {
            Self::Markdown { title, .. } => Some(title),
            Self::Text { .. } => None,
        }
    }
}

/// Whom a chatbot's message mentions. Each must also stand in the text, as `@…`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct At {
    /// Mobile numbers as configured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mobiles: Vec<String>,
    /// DingTalk user ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub user_ids: Vec<String>,
    /// Everyone in the group.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
}

impl At {
    /// Whether nobody is mentioned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.mobiles.is_empty() && self.user_ids.is_empty() && !self.all
    }
}

/// One part of a message, small enough to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// What a reader sees.
    #[serde(flatten)]
    pub content: Content,
    /// Whom it mentions; conversations have no mentions.
    #[serde(default, skip_serializing_if = "At::is_empty")]
    pub at: At,
}

impl Message {
    /// The size that DingTalk will measure, in bytes.
    #[must_use]
    pub fn size(&self, api: &Api) -> usize {
        (api.size)(self)
    }
}
