//! The body of `chat/send` (DingTalk, `message-types-and-data-format`), whose names are in snake case.
//!
//! DingTalk limits `msg`. What stands around it is measured as well, so that the whole body stays within
//! the size.

use serde::Serialize;
use serde_json::Value;

use crate::dingtalk::message::{MessageType, Part};
use crate::dingtalk::wire_json;

/// The room that a chat's id takes: `chat` and 32 digits wherever one was seen.
const CHAT_ID_BYTES: usize = 36;

/// The body; its fields in the order of their names, as all of our JSON.
#[derive(Serialize)]
struct Body<'a> {
    chatid: &'a str,
    msg: Message<'a>,
}

#[derive(Serialize)]
struct Message<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    markdown: Option<Markdown<'a>>,
    msgtype: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Text<'a>>,
}

#[derive(Serialize)]
struct Markdown<'a> {
    text: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
struct Text<'a> {
    content: &'a str,
}

impl<'a> Message<'a> {
    /// The message of this type with this text and title.
    fn of(message_type: MessageType, text: &'a str, title: &'a str) -> Self {
        let message = Message { markdown: None, msgtype: "text", text: None };
        match message_type {
            MessageType::Markdown => {
                Message { msgtype: "markdown", markdown: Some(Markdown { text, title }), ..message }
            }
            MessageType::Text => Message { text: Some(Text { content: text }), ..message },
        }
    }
}

/// The body that carries `part` to this chat.
pub(super) fn body(part: &Part, chat_id: &str) -> String {
    let (text, title) = (part.text(), part.title().unwrap_or_default());
    let msg = Message::of(part.message_type, &text, &title);
    wire_json::text(&Body { chatid: chat_id, msg })
}

/// The size of the whole body, for a chat's usual id.
pub(super) fn size(part: &Part) -> usize {
    let msg = Message::of(part.message_type, "", "");
    wire_json::size(&Body { chatid: "", msg }) + part.json_size() + CHAT_ID_BYTES
}

/// The `msg` of the body.
pub(super) fn preview(part: &Part) -> Value {
    let (text, title) = (part.text(), part.title().unwrap_or_default());
    wire_json::value(&Message::of(part.message_type, &text, &title))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::chat::API;

    #[test]
    fn the_measured_size_is_that_of_the_bytes_sent() {
        let chat_id = format!("chat{}", "0123456789abcdef".repeat(2));
        for message_type in [MessageType::Markdown, MessageType::Text] {
            let part = Part::new(message_type, "磁盘 \"满\"", "a\n<b>");
            assert_eq!(part.size(&API), body(&part, &chat_id).len());
        }
    }

    #[test]
    fn the_fields_are_those_that_dingtalk_documents() {
        for (part, msg) in [
            (
                Part::new(MessageType::Markdown, "t", "a"),
                r#"{"markdown":{"text":"a","title":"t"},"msgtype":"markdown"}"#,
            ),
            (Part::new(MessageType::Text, "", "a"), r#"{"msgtype":"text","text":{"content":"a"}}"#),
        ] {
            assert_eq!(body(&part, "chat1"), format!(r#"{{"chatid":"chat1","msg":{msg}}}"#));
            assert_eq!(preview(&part).to_string(), msg);
        }
    }
}
