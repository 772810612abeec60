//! The body of `chat/send` (DingTalk, `message-types-and-data-format`), whose names are in snake case.
//!
//! DingTalk limits `msg`. What stands around it is measured as well, so that the whole body stays within
//! the size.

use serde::Serialize;
use serde_json::Value;

use crate::dingtalk::content::{Link, Markdown, Text};
use crate::dingtalk::message::{Button, ButtonLayout, MessageType, Part};
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
    action_card: Option<ActionCard<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<Link<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    markdown: Option<Markdown<'a>>,
    msgtype: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Text<'a>>,
}

/// Its text is `markdown` here. DingTalk takes either the list of buttons or the single one.
#[derive(Serialize)]
struct ActionCard<'a> {
    #[serde(rename = "btn_json_list", skip_serializing_if = "Vec::is_empty")]
    buttons: Vec<CardButton<'a>>,
    #[serde(rename = "btn_orientation", skip_serializing_if = "Option::is_none")]
    orientation: Option<&'static str>,
    markdown: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    single_title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    single_url: Option<&'a str>,
    title: &'a str,
}

#[derive(Serialize)]
struct CardButton<'a> {
    action_url: &'a str,
    title: &'a str,
}

impl<'a> Message<'a> {
    /// The message that shows `part` with this text and title.
    fn of(part: &'a Part, text: &'a str, title: &'a str) -> Self {
        let message =
            Message { action_card: None, link: None, markdown: None, msgtype: "text", text: None };
        match part.message_type {
            // There is no feed card here, and its text is Markdown.
            MessageType::Markdown | MessageType::FeedCard => {
                Message { msgtype: "markdown", markdown: Some(Markdown { text, title }), ..message }
            }
            MessageType::Text => Message { text: Some(Text { content: text }), ..message },
            MessageType::ActionCard => {
                let action_card = Some(ActionCard::of(part, text, title));
                Message { msgtype: "action_card", action_card, ..message }
            }
            MessageType::Link => {
                let link = Link::of(part, text, title);
                Message { msgtype: "link", link: Some(link), ..message }
            }
        }
    }
}

impl<'a> ActionCard<'a> {
    fn of(part: &'a Part, markdown: &'a str, title: &'a str) -> Self {
        let is_single = part.layout == ButtonLayout::Whole || part.buttons.len() < 2;
        let single = part.buttons.first().filter(|_| is_single);
        let button =
            |button: &'a Button| CardButton { action_url: &button.url, title: &button.text };
        let all = part.buttons.iter().filter(|_| !is_single);
        Self {
            buttons: all.map(button).collect(),
            orientation: (!is_single).then(|| part.layout.orientation()),
            markdown,
            single_title: single.map(|button| &*button.text),
            single_url: single.map(|button| &*button.url),
            title,
        }
    }
}

/// The body that carries `part` to this chat.
pub(super) fn body(part: &Part, chat_id: &str) -> String {
    let (text, title) = (part.text(), part.title().unwrap_or_default());
    let msg = Message::of(part, &text, &title);
    wire_json::text(&Body { chatid: chat_id, msg })
}

/// The size of the whole body, for a chat's usual id.
pub(super) fn size(part: &Part) -> usize {
    let msg = Message::of(part, "", "");
    wire_json::size(&Body { chatid: "", msg }) + part.json_size() + CHAT_ID_BYTES
}

/// The `msg` of the body.
pub(super) fn preview(part: &Part) -> Value {
    let (text, title) = (part.text(), part.title().unwrap_or_default());
    wire_json::value(&Message::of(part, &text, &title))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::chat::API;

    /// A part of this type with one button, and one with two.
    fn cards(message_type: MessageType, layout: ButtonLayout) -> [Part; 2] {
        let button = |n: usize| Button { text: format!("图{n}"), url: format!("https://h/{n}") };
        let part = Part {
            layout,
            picture: "p".to_owned(),
            ..Part::new(message_type, "磁盘 \"满\"", "a\n<b>")
        };
        [1, 2].map(|count| Part { buttons: (1..=count).map(button).collect(), ..part.clone() })
    }

    #[test]
    fn the_measured_size_is_that_of_the_bytes_sent() {
        let chat_id = format!("chat{}", "0123456789abcdef".repeat(2));
        for message_type in MessageType::ALL {
            for layout in ButtonLayout::ALL {
                for part in cards(message_type, layout) {
                    assert_eq!(part.size(&API), body(&part, &chat_id).len(), "{part:?}");
                }
            }
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
            (
                cards(MessageType::ActionCard, ButtonLayout::Horizontal)[0].clone(),
                r#"{"action_card":{"markdown":"a\n<b>","single_title":"图1","single_url":"https://h/1","title":"磁盘 \"满\""},"msgtype":"action_card"}"#,
            ),
            (
                cards(MessageType::ActionCard, ButtonLayout::Horizontal)[1].clone(),
                r#"{"action_card":{"btn_json_list":[{"action_url":"https://h/1","title":"图1"},{"action_url":"https://h/2","title":"图2"}],"btn_orientation":"1","markdown":"a\n<b>","title":"磁盘 \"满\""},"msgtype":"action_card"}"#,
            ),
            (
                cards(MessageType::Link, ButtonLayout::Vertical)[0].clone(),
                r#"{"link":{"messageUrl":"https://h/1","picUrl":"p","text":"a\n<b>","title":"磁盘 \"满\""},"msgtype":"link"}"#,
            ),
        ] {
            assert_eq!(body(&part, "chat1"), format!(r#"{{"chatid":"chat1","msg":{msg}}}"#));
            assert_eq!(preview(&part).to_string(), msg);
        }
    }
}
