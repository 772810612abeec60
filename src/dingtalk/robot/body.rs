//! The body of `robot/send` (DingTalk, `custom-robots-send-group-messages`).
//!
//! DingTalk limits the whole body, so the bytes that are measured here are the bytes that are sent.

use serde::Serialize;
use serde_json::Value;

use crate::dingtalk::message::{At, MessageType, Part};
use crate::dingtalk::wire_json;

/// The room that a `msgUuid` takes: `,"msgUuid":"` + 36 + `"`.
const MSG_UUID_BYTES: usize = 49;

/// The body; its fields in the order of their names, as all of our JSON.
#[derive(Serialize)]
struct Body<'a> {
    at: Mentioned<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    markdown: Option<Markdown<'a>>,
    #[serde(rename = "msgUuid", skip_serializing_if = "str::is_empty")]
    msg_uuid: &'a str,
    msgtype: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Text<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Mentioned<'a> {
    at_mobiles: &'a [String],
    at_user_ids: &'a [String],
    is_at_all: bool,
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

impl<'a> Body<'a> {
    /// The body that carries this text and title of `part`; an empty `msg_uuid` is left out.
    fn of(part: &'a Part, text: &'a str, title: &'a str, msg_uuid: &'a str) -> Self {
        let At { mobiles, user_ids, all } = &part.at;
        let at = Mentioned { at_mobiles: mobiles, at_user_ids: user_ids, is_at_all: *all };
        let body = Body { at, markdown: None, msg_uuid, msgtype: "text", text: None };
        match part.message_type {
            MessageType::Markdown => {
                Body { msgtype: "markdown", markdown: Some(Markdown { text, title }), ..body }
            }
            MessageType::Text => Body { text: Some(Text { content: text }), ..body },
        }
    }
}

/// The body that carries `message`, as `write` makes it.
fn written<T>(part: &Part, msg_uuid: &str, write: impl FnOnce(&Body<'_>) -> T) -> T {
    let (text, title) = (part.text(), part.title().unwrap_or_default());
    write(&Body::of(part, &text, &title, msg_uuid))
}

/// The bytes of the body that carries `message`; an empty `msg_uuid` is left out.
pub(super) fn body(part: &Part, msg_uuid: &str) -> String {
    written(part, msg_uuid, |body| wire_json::text(body))
}

/// The size of the whole body, with its `msgUuid`.
pub(super) fn size(part: &Part) -> usize {
    wire_json::size(&Body::of(part, "", "", "")) + part.json_size() + MSG_UUID_BYTES
}

/// The body without its `msgUuid`.
pub(super) fn preview(part: &Part) -> Value {
    written(part, "", |body| wire_json::value(body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::message::At;
    use crate::dingtalk::robot::API;

    #[test]
    fn the_measured_size_is_that_of_the_bytes_sent() {
        let at = At { mobiles: vec!["13800000000".into()], ..At::default() };
        let part = Part::new(MessageType::Markdown, "磁盘 \"满\"", "a\n<b>");
        let part = Part { at, ..part };
        let uuid = "00000000-0000-4000-8000-000000000000";
        assert_eq!(part.size(&API), body(&part, uuid).len());
    }

    #[test]
    fn the_fields_are_those_that_dingtalk_documents() {
        let markdown = Part::new(MessageType::Markdown, "t", "a");
        let at = At { mobiles: vec!["138".into()], user_ids: vec!["u".into()], all: true };
        let text = Part { at, ..Part::new(MessageType::Text, "", "a") };
        let nobody = r#""at":{"atMobiles":[],"atUserIds":[],"isAtAll":false}"#;
        let all = r#""at":{"atMobiles":["138"],"atUserIds":["u"],"isAtAll":true}"#;
        for (part, uuid, expected) in [
            (
                &markdown,
                "id",
                format!(
                    r#"{{{nobody},"markdown":{{"text":"a","title":"t"}},"msgUuid":"id","msgtype":"markdown"}}"#
                ),
            ),
            (&text, "", format!(r#"{{{all},"msgtype":"text","text":{{"content":"a"}}}}"#)),
        ] {
            assert_eq!(body(part, uuid), expected);
            assert_eq!(preview(part).to_string(), body(part, ""));
        }
    }
}
