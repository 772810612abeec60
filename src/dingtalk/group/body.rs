//! The message in the body of `groupMessages/send` (DingTalk, `robot-message-type`).
//!
//! DingTalk limits `msgParam`, a JSON text within the JSON body, and not the body around it.

use serde::Serialize;
use serde_json::{Value, json};

use crate::dingtalk::message::{MessageType, Part};
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
pub(super) fn msg_param(part: &Part) -> (&'static str, String) {
    of(part.message_type, &part.text(), &part.title().unwrap_or_default())
}

/// `msgKey` and `msgParam` of a message with this text and title.
fn of(message_type: MessageType, text: &str, title: &str) -> (&'static str, String) {
    match message_type {
        MessageType::Markdown => ("sampleMarkdown", wire_json::text(&Markdown { text, title })),
        MessageType::Text => ("sampleText", wire_json::text(&Text { content: text })),
    }
}

/// The size of `msgParam`.
pub(super) fn size(part: &Part) -> usize {
    of(part.message_type, "", "").1.len() + part.json_size()
}

/// The body without the robot's code and the conversation's id.
pub(super) fn preview(part: &Part) -> Value {
    let (msg_key, msg_param) = msg_param(part);
    json!({"msgKey": msg_key, "msgParam": msg_param})
}
