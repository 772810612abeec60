//! A call as DingTalk reads it: who sends what to which chat.

use std::collections::BTreeSet;

use campana::dingtalk::Call;
use serde_json::Value;

use crate::mark::Mark;

/// What a call carries.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// The robot's token, or the app.
    pub(crate) sender: String,
    /// The chat that it writes to; the receiver's name.
    pub(crate) chat: &'static str,
    /// Title and text; empty: it asks for an app's token.
    pub(crate) text: String,
    pub(crate) marks: Vec<Mark>,
    pub(crate) has_msg_uuid: bool,
}

impl Message {
    pub(crate) fn of(call: &Call) -> Self {
        let body: Value = serde_json::from_str(&call.body).expect("a body is JSON");
        let token = call.url.query_pairs().find(|(name, _)| name == "access_token");
        let sender = token.map_or_else(|| "app".to_owned(), |(_, token)| token.into_owned());
        let text = text_of(&body);
        Self {
            chat: chat_of(&sender),
            sender,
            marks: Mark::all(&text),
            text,
            has_msg_uuid: body["msgUuid"].is_string(),
        }
    }

    pub(crate) fn groups(&self) -> BTreeSet<usize> {
        self.marks.iter().map(|mark| mark.group).collect()
    }
}

/// The chat of a robot, or of the app.
fn chat_of(sender: &str) -> &'static str {
    let chats = ["ops", "busy", "night", "duty"];
    chats.into_iter().find(|chat| sender.starts_with(chat)).unwrap_or("sre")
}

fn text_of(body: &Value) -> String {
    let param = body["msgParam"].as_str().map(serde_json::from_str::<Value>);
    let param = param.and_then(Result::ok).unwrap_or_default();
    let texts = [
        &body["markdown"]["title"],
        &body["markdown"]["text"],
        &body["text"]["content"],
        &param["title"],
        &param["text"],
        &param["content"],
    ];
    texts.into_iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
}
