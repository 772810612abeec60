//! The body of `robot/send` (DingTalk, `custom-robots-send-group-messages`).
//!
//! DingTalk limits the whole body, so the bytes that are measured here are the bytes that are sent.

use serde::Serialize;
use serde_json::Value;

use crate::dingtalk::content::{Link, Markdown, Text};
use crate::dingtalk::message::{At, Button, ButtonLayout, MessageType, Part};
use crate::dingtalk::wire_json;

/// The room that a `msgUuid` takes: `,"msgUuid":"` + 36 + `"`.
const MSG_UUID_BYTES: usize = 49;

/// The body; its fields in the order of their names, as all of our JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    action_card: Option<ActionCard<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Mentioned<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    feed_card: Option<FeedCard<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<Link<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    markdown: Option<Markdown<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
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

/// DingTalk reads no `btns` beside `singleTitle`.
#[derive(Serialize)]
struct ActionCard<'a> {
    #[serde(rename = "btnOrientation")]
    orientation: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    btns: Vec<CardButton<'a>>,
    #[serde(rename = "singleTitle", skip_serializing_if = "Option::is_none")]
    single_title: Option<&'a str>,
    #[serde(rename = "singleURL", skip_serializing_if = "Option::is_none")]
    single_url: Option<&'a str>,
    text: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
struct CardButton<'a> {
    #[serde(rename = "actionURL")]
    url: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
struct FeedCard<'a> {
    links: Vec<FeedLink<'a>>,
}

#[derive(Serialize)]
struct FeedLink<'a> {
    #[serde(rename = "messageURL")]
    message_url: &'a str,
    #[serde(rename = "picURL")]
    picture_url: &'a str,
    title: &'a str,
}

impl<'a> Body<'a> {
    /// The body that carries this text and title of `part`; an empty `msg_uuid` is left out.
    fn of(part: &'a Part, text: &'a str, title: &'a str, msg_uuid: &'a str) -> Self {
        let At { mobiles, user_ids, all } = &part.at;
        let at = Mentioned { at_mobiles: mobiles, at_user_ids: user_ids, is_at_all: *all };
        let body = Body {
            action_card: None,
            at: part.message_type.has_mentions().then_some(at),
            feed_card: None,
            link: None,
            markdown: None,
            msg_uuid,
            msgtype: "text",
            text: None,
        };
        match part.message_type {
            MessageType::Markdown => {
                Body { msgtype: "markdown", markdown: Some(Markdown { text, title }), ..body }
            }
            MessageType::Text => Body { text: Some(Text { content: text }), ..body },
            MessageType::ActionCard => {
                let action_card = Some(ActionCard::of(part, text, title));
                Body { msgtype: "actionCard", action_card, ..body }
            }
            MessageType::Link => {
                let link = Link::of(part, text, title);
                Body { msgtype: "link", link: Some(link), ..body }
            }
            MessageType::FeedCard => {
                Body { msgtype: "feedCard", feed_card: Some(FeedCard::of(part)), ..body }
            }
        }
    }
}

impl<'a> ActionCard<'a> {
    fn of(part: &'a Part, text: &'a str, title: &'a str) -> Self {
        let orientation = part.layout.orientation();
        let single = part.buttons.first().filter(|_| part.layout == ButtonLayout::Whole);
        let button = |button: &'a Button| CardButton { url: &button.url, title: &button.text };
        let all = part.buttons.iter().filter(|_| single.is_none());
        Self {
            orientation,
            btns: all.map(button).collect(),
            single_title: single.map(|button| &*button.text),
            single_url: single.map(|button| &*button.url),
            text,
            title,
        }
    }
}

impl<'a> FeedCard<'a> {
    fn of(part: &'a Part) -> Self {
        let link = |entry: &'a Button| FeedLink {
            message_url: &entry.url,
            picture_url: &part.picture,
            title: &entry.text,
        };
        Self { links: part.buttons.iter().map(link).collect() }
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
    // A feed card has entries in place of a text.
    let text = if part.message_type == MessageType::FeedCard { 0 } else { part.json_size() };
    wire_json::size(&Body::of(part, "", "", "")) + text + MSG_UUID_BYTES
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

    /// A part of each type and layout.
    fn parts() -> Vec<Part> {
        let button = |text: &str| Button { text: text.into(), url: format!("https://h/{text}") };
        let of = |message_type, layout| Part {
            layout,
            buttons: vec![button("图表"), button("静默")],
            picture: "https://h/p.png".into(),
            ..Part::new(message_type, "磁盘 \"满\"", "a\n<b>")
        };
        let all = MessageType::ALL.into_iter();
        all.flat_map(|one| ButtonLayout::ALL.map(|layout| of(one, layout))).collect()
    }

    #[test]
    fn the_measured_size_is_that_of_the_bytes_sent() {
        let uuid = "00000000-0000-4000-8000-000000000000";
        for part in parts() {
            let at = At { mobiles: vec!["13800000000".into()], ..At::default() };
            let part = Part { at, ..part };
            assert_eq!(part.size(&API), body(&part, uuid).len(), "{part:?}");
        }
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

    #[test]
    fn cards_and_links_have_the_fields_that_dingtalk_documents() {
        let button = |text: &str| Button { text: text.into(), url: format!("u{text}") };
        let of = |message_type, layout| Part {
            layout,
            buttons: vec![button("1"), button("2")],
            picture: "p".into(),
            ..Part::new(message_type, "t", "a")
        };
        let nobody = r#","at":{"atMobiles":[],"atUserIds":[],"isAtAll":false},"#;
        let btns = r#""btns":[{"actionURL":"u1","title":"1"},{"actionURL":"u2","title":"2"}]"#;
        let card = |orientation: &str, buttons: &str| {
            format!(
                r#"{{"actionCard":{{"btnOrientation":"{orientation}",{buttons},"text":"a","title":"t"}}{nobody}"msgtype":"actionCard"}}"#
            )
        };
        let links = r#"[{"messageURL":"u1","picURL":"p","title":"1"},{"messageURL":"u2","picURL":"p","title":"2"}]"#;
        for (message_type, layout, expected) in [
            (MessageType::ActionCard, ButtonLayout::Vertical, card("0", btns)),
            (MessageType::ActionCard, ButtonLayout::Horizontal, card("1", btns)),
            (
                MessageType::ActionCard,
                ButtonLayout::Whole,
                card("0", r#""singleTitle":"1","singleURL":"u1""#),
            ),
            (
                MessageType::Link,
                ButtonLayout::Vertical,
                r#"{"link":{"messageUrl":"u1","picUrl":"p","text":"a","title":"t"},"msgtype":"link"}"#
                    .to_owned(),
            ),
            (
                MessageType::FeedCard,
                ButtonLayout::Vertical,
                format!(r#"{{"feedCard":{{"links":{links}}},"msgtype":"feedCard"}}"#),
            ),
        ] {
            assert_eq!(body(&of(message_type, layout), ""), expected);
        }
    }
}
