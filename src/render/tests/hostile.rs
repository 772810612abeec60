//! Hostile values: whatever they hold, the links and mentions of a message are exactly ours.
//!
//! The judge shares no code with the renderer.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use proptest::prelude::*;

use super::judge::{found, has_bare_address, holds_address, mentions};
use super::{alert, chatbot, notification, now, render, resolved, style, write};
use crate::alert::{Alert, Labels, Notification, Status};
use crate::dingtalk::message::{Markup, MessageType, Part};
use crate::render::{ButtonKind, Language, Mention, Surface};

/// What an attacker, or an unlucky rule, puts into a value.
const PIECES: [&str; 52] = [
    "@all",
    "@13800000000",
    "@13900000000",
    "＠所有人",
    "a@b.example",
    "[x](http://evil.example)",
    "![i](http://evil.example/i.png)",
    "[x]",
    "](http://evil.example)",
    "<http://evil.example>",
    "<a href=http://evil.example>",
    "</font>",
    "<!--",
    "<?x",
    "**",
    "*",
    "_",
    "__",
    "`",
    "```",
    "~~~",
    "~~",
    "# ",
    "#",
    "> ",
    "- ",
    "+ ",
    "* ",
    "1. ",
    "2) ",
    "\n",
    "\r\n",
    "---",
    "===",
    "|",
    "|--|--|",
    "&lt;",
    "&#64;",
    "&",
    "\\",
    "http://evil.example/x",
    "HTTPS://evil.example",
    "www.evil.example",
    "[1]: http://evil.example",
    "[^1]",
    "    ",
    "\t",
    " ",
    "磁盘",
    "a",
    "x9",
    "javascript:alert(1)",
];

/// Invisible characters, of which nothing is left.
const INVISIBLE: [&str; 6] = ["\0", "\u{202e}", "\u{200b}", "\u{feff}", "\u{1b}", "\u{2066}"];

/// The silence form's address, written from RFC 3986 and Alertmanager's `Filter.elm`.
fn silence(labels: &Labels) -> String {
    let matchers = labels
        .iter()
        .map(|(name, value)| format!("{name}={}", serde_json::to_string(value).unwrap()));
    let filter = format!("{{{}}}", matchers.collect::<Vec<_>>().join(", "));
    let mut url = "http://am.example:9093/#/silences/new?filter=".to_owned();
    for byte in filter.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                url.push(char::from(byte));
            }
            _ => write!(url, "%{byte:02X}").unwrap(),
        }
    }
    url
}

/// The links that a reader must find in all parts together, each once.
fn expected_links(notification: &Notification) -> BTreeSet<String> {
    let firing = notification.alerts.iter().filter(|alert| alert.status == Status::Firing);
    let has_name = notification.common_labels.get("alertname").is_some_and(|name| !name.is_empty());
    let mut links: BTreeSet<String> = if firing.clone().count() > 1 && has_name {
        [silence(&notification.common_labels)].into()
    } else {
        firing.map(|alert| silence(&alert.labels)).collect()
    };
    links.insert("http://am.example:9093/#/alerts?receiver=campana".into());
    links.insert("http://prom.example:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1".into());
    links.insert("https://runbooks.example/a%29b".into());
    links
}

/// The text without what breaks mentions.
fn unbroken(text: &str) -> String {
    text.replace("@\u{200b}", "@").replace("＠\u{200b}", "＠")
}

fn mentioning() -> Surface {
    let mobiles = vec!["13800000000".to_owned()];
    Surface { mention: Mention { mobiles, ..Mention::default() }, ..chatbot() }
}

/// What must hold of the parts of any notification whose addresses are those of `hostile`.
fn check(notification: &Notification, parts: &[Part]) -> Result<(), TestCaseError> {
    let mut links = BTreeSet::new();
    for (index, part) in parts.iter().enumerate() {
        let text = &part.text();
        let mentioned: BTreeSet<&str> = part.at.mobiles.iter().map(String::as_str).collect();
        prop_assert_eq!(mentions(text), mentioned, "part {}: {}", index, text);
        links.extend(part.buttons.iter().map(|button| button.url.clone()));
        match part.message_type.markup() {
            Markup::Markdown => {
                let found = found(text);
                prop_assert!(found.other.is_empty(), "{:?} in {}", found.other, text);
                links.extend(found.links);
                prop_assert!(!has_bare_address(text), "an address in {}", text);
            }
            Markup::Plain => {
                let words = text.split_whitespace();
                let (urls, others): (Vec<_>, Vec<_>) = words.partition(|w| w.starts_with("http"));
                let is_address = |word: &&str| word.contains("://");
                links.extend(urls.into_iter().filter(is_address).map(str::to_owned));
                let words = others.join(" ");
                prop_assert!(!holds_address(&words), "an address in {}", words);
            }
        }
        prop_assert!(!unbroken(text).contains('\u{200b}'), "more than mentions broken in {}", text);
    }
    prop_assert_eq!(links, expected_links(notification));
    Ok(())
}

pub(in crate::render) fn value() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        9 => proptest::sample::select(PIECES.as_slice()).prop_map(str::to_owned),
        2 => proptest::sample::select(INVISIBLE.as_slice()).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

pub(super) fn hostile() -> impl Strategy<Value = Alert> {
    let labels = ("[a-z_#*-]{1,6}", [value(), value(), value()]);
    let annotations = [value(), value(), value(), value()];
    (labels, annotations, any::<bool>()).prop_map(|((odd, labels), annotations, fires)| {
        let [name, severity, place] = labels;
        let [summary, description, message, other] = annotations;
        let one = alert(
            &[("alertname", &name), ("severity", &severity), (&odd, &place), ("fixed", "1")],
            &[
                ("summary", &summary),
                ("description", &description),
                ("message", &message),
                ("other", &other),
                ("runbook_url", "https://runbooks.example/a)b"),
            ],
        );
        if fires { one } else { resolved(one) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn links_and_mentions_are_exactly_ours(alerts in proptest::collection::vec(hostile(), 1..4)) {
        let notification = notification(alerts);
        for message_type in [MessageType::Markdown, MessageType::Text] {
            check(&notification, &write(&notification, message_type, &mentioning()))?;
        }
        let mut card = style(MessageType::ActionCard, Language::En);
        card.format.buttons = ButtonKind::USUAL.to_vec();
        check(&notification, &render(&notification, &card, &mentioning(), now()).parts)?;
    }

    #[test]
    fn a_value_reads_as_it_was_written(pieces in proptest::collection::vec(
        proptest::sample::select(PIECES.as_slice()), 1..8,
    )) {
        let written = pieces.concat();
        let notification = notification(vec![alert(&[("a", "b")], &[("summary", &written)])]);
        let parts = write(&notification, MessageType::Markdown, &chatbot());
        let found = found(&parts[0].text());
        let read = unbroken(&found.text);
        prop_assert!(!has_bare_address(&parts[0].text()));
        let expected = written.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assert!(read.contains(&expected), "{:?} is not in {:?}", expected, read);
        prop_assert_eq!(found.bold, usize::from(!expected.is_empty()), "{:?}", read);
    }

    #[test]
    fn an_address_from_outside_makes_one_link_or_none(
        url in "(https?|HTTP|javascript|ftp)?(://|:)?[a-z.@:0-9\\[\\]\\\\]{0,12}[/?#][ -~]{0,20}\\PC{0,4}",
    ) {
        let mut one = alert(&[("alertname", "A")], &[("runbook_url", &url)]);
        one.generator_url.clone_from(&url);
        let mut notification = notification(vec![one]);
        notification.external_url.clone_from(&url);
        let parts = write(&notification, MessageType::Markdown, &chatbot());
        let found = found(&parts[0].text());
        prop_assert!(found.other.is_empty(), "{:?}", found.other);
        // Alertmanager's two pages cannot be added to a query or a fragment.
        let count = if url.contains(['?', '#']) { 2 } else { 4 };
        prop_assert!(found.links.len() == count || found.links.is_empty(), "{:?}", found.links);
        for link in &found.links {
            prop_assert!(link.starts_with("http://") || link.starts_with("https://"), "{}", link);
            prop_assert!(!link.contains(['@', '\\', ' ', '<', '>', '"', '(', ')']), "{}", link);
        }
        prop_assert!(mentions(&parts[0].text()).is_empty());
    }
}

#[test]
fn the_check_finds_a_planted_link_mention_and_tag() {
    let notification = notification(vec![alert(&[("alertname", "A")], &[])]);
    let mut clean = notification.clone();
    clean.alerts[0].annotations =
        [("runbook_url", "https://runbooks.example/a)b")].into_iter().collect();
    let parts = write(&clean, MessageType::Markdown, &chatbot());
    assert!(check(&clean, &parts).is_ok());
    let planted = [
        "\n\n[x](http://evil.example)",
        "\n\n<http://evil.example>",
        "\n\n@13900000000",
        "\n\n<b>",
        "\n\n- item",
        "\n\n`code`",
        "\n\nhttp://evil.example",
        "\n===",
    ];
    for plant in planted {
        let mut parts = parts.clone();
        parts[0].body.push_str(plant);
        assert!(check(&clean, &parts).is_err(), "{plant}");
    }
}
