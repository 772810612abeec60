//! The body of `robot/send` (DingTalk, `custom-robots-send-group-messages`).
//!
//! DingTalk limits the whole body, so the bytes that are measured here are the bytes that are sent.

use serde_json::{Value, json};

use crate::dingtalk::message::{Message, MessageType};

/// The room that a `msgUuid` takes: `,"msgUuid":"` + 36 + `"`.
const MSG_UUID_BYTES: usize = 49;

/// The body that carries `message`; an empty `msg_uuid` is left out.
pub(super) fn body(message: &Message, msg_uuid: &str) -> Value {
    let text = message.text();
    let mut body = match message.message_type {
        MessageType::Markdown => {
            json!({"msgtype": "markdown", "markdown": {"title": message.title(), "text": text}})
        }
        MessageType::Text => json!({"msgtype": "text", "text": {"content": text}}),
    };
    body["at"] = json!({
        "atMobiles": message.at.mobiles,
        "atUserIds": message.at.user_ids,
        "isAtAll": message.at.all,
    });
    if !msg_uuid.is_empty() {
        body["msgUuid"] = json!(msg_uuid);
    }
    body
}

/// The size of the whole body, with its `msgUuid`.
pub(super) fn size(message: &Message) -> usize {
    body(message, "").to_string().len() + MSG_UUID_BYTES
}

/// The body without its `msgUuid`.
pub(super) fn preview(message: &Message) -> Value {
    body(message, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::message::At;
    use crate::dingtalk::robot::API;

    #[test]
    fn the_measured_size_is_that_of_the_bytes_sent() {
        let at = At { mobiles: vec!["13800000000".into()], ..At::default() };
        let message = Message::new(MessageType::Markdown, "磁盘 \"满\"", "a\n<b>");
        let message = Message { at, ..message };
        let uuid = "00000000-0000-4000-8000-000000000000";
        assert_eq!(message.size(&API), body(&message, uuid).to_string().len());
    }
}
