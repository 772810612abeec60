//! The message in the body of `groupMessages/send` (DingTalk, `robot-message-type`).
//!
//! DingTalk limits `msgParam`, a JSON text within the JSON body, and not the body around it.

use serde::Serialize;
use serde_json::{Value, json};

use crate::dingtalk::message::{Message, MessageType};
use crate::dingtalk::wire_json;

/// `msgParam` of `sampleMarkdown`.
#[derive(Serialize)]
struct Markdown<'a> {
    text: &'a str,
    title: &'a str,
}

/// `msgParam` of `sampleText`.
#[derive(Serialize)]
struct Text<'a> {
    content: &'a str,
}

/// `msgKey` and `msgParam`.
pub(super) fn msg_param(message: &Message) -> (&'static str, String) {
    let text = &*message.text();
    match message.message_type {
        MessageType::Markdown => {
            let title = &*message.title().unwrap_or_default();
            ("sampleMarkdown", wire_json::text(&Markdown { text, title }))
        }
        MessageType::Text => ("sampleText", wire_json::text(&Text { content: text })),
    }
}

/// The size of `msgParam`.
pub(super) fn size(message: &Message) -> usize {
    msg_param(message).1.len()
}

/// The body without the robot's code and the conversation's id.
pub(super) fn preview(message: &Message) -> Value {
    let (msg_key, msg_param) = msg_param(message);
    json!({"msgKey": msg_key, "msgParam": msg_param})
}
