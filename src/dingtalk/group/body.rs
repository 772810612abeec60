//! The message in the body of `groupMessages/send` (DingTalk, `robot-message-type`).
//!
//! DingTalk limits `msgParam`, a JSON text within the JSON body, and not the body around it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::dingtalk::content::{Link, Markdown, Text};
use crate::dingtalk::message::{ButtonLayout, MessageType, Part};
use crate::dingtalk::wire_json;

/// `msgKey` and `msgParam`.
pub(super) fn msg_param(part: &Part) -> (&'static str, String) {
    of(part, &part.text(), &part.title().unwrap_or_default())
}

/// `msgKey` and `msgParam` of a part with this text and title.
fn of(part: &Part, text: &str, title: &str) -> (&'static str, String) {
    match part.message_type {
        // There is no feed card among them, and its text is Markdown.
        MessageType::Markdown | MessageType::FeedCard => {
            ("sampleMarkdown", wire_json::text(&Markdown { text, title }))
        }
        MessageType::Text => ("sampleText", wire_json::text(&Text { content: text })),
        MessageType::ActionCard => {
            let (msg_key, names) = card_names(part);
            let pairs = names.iter().zip(&part.buttons);
            let pairs = pairs
                .flat_map(|([title, url], button)| [(*title, &*button.text), (*url, &*button.url)]);
            let params: BTreeMap<&str, &str> =
                pairs.chain([("text", text), ("title", title)]).collect();
            (msg_key, wire_json::text(&params))
        }
        MessageType::Link => ("sampleLink", wire_json::text(&Link::of(part, text, title))),
    }
}

/// The `msgKey` of a card, and the names of its buttons' words and addresses.
///
/// DingTalk has a template of its own for each number of buttons, and only two of them stand side by side;
/// that one has other names (`robot-message-type`).
fn card_names(part: &Part) -> (&'static str, &'static [[&'static str; 2]]) {
    const BELOW: [[&str; 2]; 5] = [
        ["actionTitle1", "actionURL1"],
        ["actionTitle2", "actionURL2"],
        ["actionTitle3", "actionURL3"],
        ["actionTitle4", "actionURL4"],
        ["actionTitle5", "actionURL5"],
    ];
    const BESIDE: [[&str; 2]; 2] = [["buttonTitle1", "buttonUrl1"], ["buttonTitle2", "buttonUrl2"]];
    match (part.buttons.len(), part.layout) {
        (0 | 1, _) | (_, ButtonLayout::Whole) => {
            ("sampleActionCard", &[["singleTitle", "singleURL"]])
        }
        (2, ButtonLayout::Horizontal) => ("sampleActionCard6", &BESIDE),
        (2, ButtonLayout::Vertical) => ("sampleActionCard2", &BELOW),
        (3, _) => ("sampleActionCard3", &BELOW),
        (4, _) => ("sampleActionCard4", &BELOW),
        (_, _) => ("sampleActionCard5", &BELOW),
    }
}

/// The size of `msgParam`.
pub(super) fn size(part: &Part) -> usize {
    of(part, "", "").1.len() + part.json_size()
}

/// The body without the robot's code and the conversation's id.
pub(super) fn preview(part: &Part) -> Value {
    let (msg_key, msg_param) = msg_param(part);
    json!({"msgKey": msg_key, "msgParam": msg_param})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::group::API;
    use crate::dingtalk::message::Button;

    fn card(buttons: usize, layout: ButtonLayout) -> Part {
        let button = |n: usize| Button { text: format!("b\"{n}"), url: format!("https://h/{n}") };
        let part = Part::new(MessageType::ActionCard, "磁盘 \"满\"", "a\n<b>");
        Part { buttons: (1..=buttons).map(button).collect(), layout, ..part }
    }

    #[test]
    fn each_number_of_buttons_has_its_template_and_its_names() {
        for (buttons, layout, key, names) in [
            (1, ButtonLayout::Vertical, "sampleActionCard", "singleTitle singleURL"),
            (3, ButtonLayout::Whole, "sampleActionCard", "singleTitle singleURL"),
            (
                2,
                ButtonLayout::Vertical,
                "sampleActionCard2",
                "actionTitle1 actionTitle2 actionURL1 actionURL2",
            ),
            (
                2,
                ButtonLayout::Horizontal,
                "sampleActionCard6",
                "buttonTitle1 buttonTitle2 buttonUrl1 buttonUrl2",
            ),
            (
                3,
                ButtonLayout::Horizontal,
                "sampleActionCard3",
                "actionTitle1 actionTitle2 actionTitle3 actionURL1 actionURL2 actionURL3",
            ),
        ] {
            let (msg_key, msg_param) = msg_param(&card(buttons, layout));
            let param: BTreeMap<String, String> = serde_json::from_str(&msg_param).unwrap();
            let found: Vec<&str> = param.keys().map(String::as_str).collect();
            assert_eq!((msg_key, found.join(" ")), (key, format!("{names} text title")));
            assert_eq!(param.values().next().unwrap(), "b\"1");
        }
        assert_eq!(msg_param(&card(4, ButtonLayout::Vertical)).0, "sampleActionCard4");
        assert_eq!(msg_param(&card(5, ButtonLayout::Vertical)).0, "sampleActionCard5");
    }

    #[test]
    fn the_measured_size_is_that_of_the_bytes_sent() {
        for message_type in MessageType::ALL {
            for buttons in 1..=5 {
                for layout in ButtonLayout::ALL {
                    let part = Part { message_type, ..card(buttons, layout) };
                    let sent = msg_param(&part).1;
                    assert_eq!(part.size(&API), sent.len(), "{part:?}");
                }
            }
        }
    }

    #[test]
    fn a_link_has_the_names_that_dingtalk_documents() {
        let part = Part {
            message_type: MessageType::Link,
            picture: "p".to_owned(),
            ..card(1, ButtonLayout::Vertical)
        };
        let (msg_key, param) = msg_param(&part);
        let param: Value = serde_json::from_str(&param).unwrap();
        let expected = json!({
            "messageUrl": "https://h/1", "picUrl": "p", "text": "a\n<b>", "title": "磁盘 \"满\"",
        });
        assert_eq!((msg_key, param), ("sampleLink", expected));
    }
}
