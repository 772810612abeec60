//! How messages look: what is read of it, and what a destination can't do.

use super::mistakes::places;
use super::{load, warnings};
use crate::dingtalk::message::{ButtonLayout, MessageType};
use crate::render::{ButtonKind, Format, Language, LinkOpening};

const CHATBOT: &str = "chatbots: [{name: b, access_token: t}]";

const MENTIONING: &str = "chatbots: [{name: b, access_token: t, mention: {all: true}}]";

const CONVERSATION: &str =
    "conversations: [{name: c, app_key: k, app_secret: s, open_conversation_ids: [cid1]}]";

const CHAT: &str = "conversations: [{name: c, app_key: k, app_secret: s, chat_ids: [chat1]}]";

fn receiver(keys: &str, destination: &str) -> String {
    format!("receivers: [{{name: r, {keys}, {destination}}}]\n")
}

#[test]
fn every_key_of_a_look_arrives() {
    let keys = "language: zh-CN, message: {type: action_card, buttons: [panel, silence], \
                buttons_layout: whole, links: browser, digest: feed_card, digest_picture: \
                'https://h/p.png'}";
    let settings = load(&receiver(keys, CHATBOT));
    let expected = Format {
        language: Language::ZhCn,
        message_type: MessageType::ActionCard,
        buttons: vec![ButtonKind::Panel, ButtonKind::Silence],
        layout: ButtonLayout::Whole,
        links: LinkOpening::Browser,
        feed_picture: Some("https://h/p.png".to_owned()),
    };
    assert_eq!(settings.receivers[0].format, expected);
    let shown = settings.redacted();
    for line in [
        "language: zh-CN",
        "type: action_card",
        "buttons: [panel, silence]",
        "buttons_layout: whole",
        "links: browser",
        "digest: feed_card",
        "digest_picture: https://h/p.png",
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
}

#[test]
fn a_receiver_has_the_language_of_all_unless_it_has_its_own() {
    let text = format!(
        "global: {{language: zh-CN}}\nreceivers: [{{name: a, {CHATBOT}}}, {{name: b, language: en, \
         message: {{text: x}}, chatbots: [{{name: b, access_token: u}}]}}]\n"
    );
    let settings = load(&text);
    let languages: Vec<Language> =
        settings.receivers.iter().map(|receiver| receiver.format.language).collect();
    assert_eq!(languages, [Language::ZhCn, Language::En]);
    let usual = &settings.receivers[0].format;
    assert_eq!(*usual, Format { language: Language::ZhCn, ..Format::default() });
}

#[test]
fn what_a_destination_cannot_do_is_told_where_it_is_asked_for() {
    let feed = "message: {digest: feed_card, digest_picture: 'https://h/p.png'}";
    for (keys, destination, expected) in [
        (
            "message: {type: link}",
            MENTIONING,
            "message.type: a `link` can mention nobody, and `b` has a `mention`",
        ),
        (
            feed,
            CONVERSATION,
            "message.digest: `c/3dcb6c7e` can't show it: groupMessages/send has no feed",
        ),
        (feed, CHAT, "message.digest: `c/93699725` can't show it: chat/send has no feed"),
        ("message: {digest: feed_card}", CHATBOT, "message.digest: a feed card needs a picture"),
        (
            "message: {digest: feed_card, digest_picture: /p.png}",
            CHATBOT,
            "message.digest_picture: expected a URL that begins with https://",
        ),
        (
            "message: {type: action_card, buttons: []}",
            CHATBOT,
            "message.buttons: needs at least one",
        ),
        (
            "message: {type: action_card, buttons: [graph, graph]}",
            CHATBOT,
            "message.buttons[1]: stands twice",
        ),
        (
            "message: {type: action_card, buttons: [graf]}",
            CHATBOT,
            "message.buttons[0]: expected one of graph, runbook, silence, dashboard, panel, \
             alertmanager, found the text `graf`",
        ),
        (
            "message: {type: action_card, buttons: [graph, runbook, silence, dashboard, panel, \
             alertmanager]}",
            CHATBOT,
            "message.buttons: a card has at most 5 buttons",
        ),
        ("message: {links: chrome}", CHATBOT, "message.links: expected one of dingtalk, browser"),
        (
            "message: {type: feed_card}",
            CHATBOT,
            "message.type: expected one of markdown, text, action_card, link",
        ),
        (
            "language: zh",
            CHATBOT,
            "language: expected one of en, zh-CN, found `zh`; did you mean `zh-CN`?",
        ),
    ] {
        let found = places(&receiver(keys, destination));
        assert_eq!(found.len(), 1, "{keys}: {found:?}");
        let words = found[0].split_once(": receivers[0].").unwrap().1;
        assert!(words.starts_with(expected), "{keys}: {words}");
    }
}

#[test]
fn what_has_no_use_is_a_warning() {
    for (keys, expected) in [
        (
            "message: {buttons: [graph]}",
            "message.buttons: is not used: only a message of type `action_card`",
        ),
        ("message: {buttons_layout: whole}", "message.buttons_layout: is not used"),
        ("message: {type: text, title: x}", "message.title: is not used: a message of type `text`"),
        (
            "message: {digest_picture: 'https://h/'}",
            "message.digest_picture: is not used: set `digest: feed_card`",
        ),
    ] {
        let found = warnings(&receiver(keys, CHATBOT));
        assert!(found.iter().any(|one| one.contains(expected)), "{keys}: {found:?}");
    }
}
