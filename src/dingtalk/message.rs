//! What is said in a chat: one part of a message, and its bytes on DingTalk's wire.
//!
//! Pure. The size that DingTalk limits is that of the serialised body, so the bytes that are
//! measured here are the bytes that are sent.

use serde::{Deserialize, Serialize};
use serde_json::json;

/// The room that a `msgUuid` takes in a chatbot's body: `,"msgUuid":"` + 36 + `"`.
const MSG_UUID_BYTES: usize = 49;

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

/// Which API carries a message; each has its own wire format and size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wire {
    /// `robot/send`: the size is that of the whole body.
    Chatbot,
    /// `groupMessages/send`: the size is that of `msgParam`.
    Conversation,
}

impl Wire {
    /// The largest size sent, in bytes.
    ///
    /// DingTalk refuses a chatbot's body above 20,000 bytes (errcode 460101) and a `msgParam` above
    /// 15,000 (`the-robot-sends-a-group-message`); the margin is ours.
    #[must_use]
    pub fn max_bytes(self) -> usize {
        match self {
            Self::Chatbot => 19_500,
            Self::Conversation => 14_500,
        }
    }
}

impl Message {
    /// The body of `robot/send` (DingTalk, `custom-robots-send-group-messages`).
    #[must_use]
    pub fn chatbot_body(&self, msg_uuid: &str) -> String {
        let mut body = match &self.content {
            Content::Markdown { title, text } => {
                json!({"msgtype": "markdown", "markdown": {"title": title, "text": text}})
            }
            Content::Text { text } => json!({"msgtype": "text", "text": {"content": text}}),
        };
        body["at"] = json!({
            "atMobiles": self.at.mobiles,
            "atUserIds": self.at.user_ids,
            "isAtAll": self.at.all,
        });
        if !msg_uuid.is_empty() {
            body["msgUuid"] = json!(msg_uuid);
        }
        body.to_string()
    }

    /// `msgKey` and `msgParam` of `groupMessages/send` (DingTalk, `robot-message-type`).
    #[must_use]
    pub fn msg_param(&self) -> (&'static str, String) {
        match &self.content {
            Content::Markdown { title, text } => {
                ("sampleMarkdown", json!({"title": title, "text": text}).to_string())
            }
            Content::Text { text } => ("sampleText", json!({"content": text}).to_string()),
        }
    }

    /// The size that DingTalk will measure, in bytes.
    #[must_use]
    pub fn size(&self, wire: Wire) -> usize {
        match wire {
            Wire::Chatbot => self.chatbot_body("").len() + MSG_UUID_BYTES,
            Wire::Conversation => self.msg_param().1.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_measured_size_is_that_of_the_bytes_sent() {
        let message = Message {
            content: Content::Markdown { title: "磁盘 \"满\"".into(), text: "a\n<b>".into() },
            at: At { mobiles: vec!["13800000000".into()], ..At::default() },
        };
        let uuid = "00000000-0000-4000-8000-000000000000";
        assert_eq!(message.size(Wire::Chatbot), message.chatbot_body(uuid).len());
        assert_eq!(message.size(Wire::Conversation), message.msg_param().1.len());
    }
}
