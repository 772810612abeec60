//! What a message composes to, and the bytes that it is stored as.

use super::*;

/// A message that has everything.
fn whole(message_type: MessageType) -> Part {
    Part {
        message_type,
        title: if message_type.has_title() { "[FIRING:2] Up".to_owned() } else { String::new() },
        heading: "### Up".to_owned(),
        mark: Mark::of(1, 3).halves()[0].clone(),
        body: "\n\na\nb".to_owned(),
        shortened: "… shortened".to_owned(),
        mentions: "@138".to_owned(),
        keyword: Some(Keyword {
            label: "keyword: ".to_owned(),
            word: "告警".to_owned(),
            in_title: message_type.has_title(),
        }),
        buttons: vec![Button { text: "Silence".to_owned(), url: "http://am/".to_owned() }],
        layout: ButtonLayout::Horizontal,
        picture: "http://h/p.png".to_owned(),
        at: At { mobiles: vec!["138".to_owned()], user_ids: vec!["u".to_owned()], all: true },
    }
}

#[test]
fn a_text_is_composed_of_its_pieces_in_one_order() {
    let markdown = whole(MessageType::Markdown);
    assert_eq!(markdown.text(), "### Up (2/3a)\n\na\nb  \n… shortened\n\n@138\n\nkeyword: 告警");
    assert_eq!(markdown.title().as_deref(), Some("[FIRING:2] Up 告警 (2/3a)"));
    let text = whole(MessageType::Text);
    assert_eq!(text.text(), "### Up (2/3a)\n\na\nb\n… shortened\n\n@138\n\nkeyword: 告警");
    assert_eq!(text.title(), None);
    let bare = Part { body: String::new(), keyword: None, mark: Mark::default(), ..text };
    assert_eq!(bare.text(), "### Up\n\n… shortened\n\n@138");
}

#[test]
fn the_first_line_that_says_something_is_the_heading() {
    for (text, heading, body) in [
        ("a\nb", "a", "\nb"),
        ("\n\n# a  \nb", "\n\n# a", "  \nb"),
        ("a", "a", ""),
        ("", "", ""),
        ("\n", "\n", ""),
        ("磁盘\r\nb", "磁盘", "\r\nb"),
    ] {
        assert_eq!(split_heading(text), (heading, body), "{text:?}");
        assert_eq!(Part::new(MessageType::Text, "", text).text(), text);
    }
}

#[test]
fn a_message_is_known_by_its_title_or_its_first_line() {
    let marked = |title: &str, text: &str| {
        let mark = Mark::of(0, 2);
        Part { mark, ..Part::new(MessageType::Markdown, title, text) }
    };
    for (message, expected) in [
        (Part::new(MessageType::Markdown, "Disk", "a\nb"), "Disk"),
        (Part::new(MessageType::Markdown, "", "a\nb"), "a"),
        (Part::new(MessageType::Text, "", "\n\nc  \nd"), "c"),
        (Part::new(MessageType::Text, "", ""), ""),
        (marked("Disk", "a\nb"), "Disk (1/2)"),
    ] {
        assert_eq!(message.caption(), expected);
    }
    let text = Part { message_type: MessageType::Text, ..marked("", "\na\nb") };
    assert_eq!(text.caption(), "a (1/2)");
}

#[test]
fn the_stored_bytes_of_each_type_stay_as_they_are() {
    let pieces = "\"heading\":\"### Up\",\"mark\":\"2/3a\",\"body\":\"\\n\\na\\nb\",\
                  \"shortened\":\"… shortened\",\"mentions\":\"@138\",\
                  \"keyword\":{\"label\":\"keyword: \",\"word\":\"告警\"";
    let ending = "\"buttons\":[{\"text\":\"Silence\",\"url\":\"http://am/\"}],\
                  \"layout\":\"horizontal\",\"picture\":\"http://h/p.png\",\
                  \"at\":{\"mobiles\":[\"138\"],\"user_ids\":[\"u\"],\"all\":true}}";
    for (message, expected) in [
        (
            whole(MessageType::Markdown),
            format!(
                "{{\"type\":\"markdown\",\"title\":\"[FIRING:2] Up\",{pieces},\"in_title\":true}},\
                 {ending}"
            ),
        ),
        (whole(MessageType::Text), format!("{{\"type\":\"text\",{pieces}}},{ending}")),
        (
            Part::new(MessageType::Markdown, "t", "### Up\n\na"),
            r####"{"type":"markdown","title":"t","heading":"### Up","body":"\n\na"}"####.to_owned(),
        ),
        (
            Part::new(MessageType::Text, "", "Up\na"),
            r#"{"type":"text","heading":"Up","body":"\na"}"#.to_owned(),
        ),
    ] {
        assert_eq!(serde_json::to_string(&message).unwrap(), expected);
        assert_eq!(serde_json::from_str::<Part>(&expected).unwrap(), message);
    }
}
