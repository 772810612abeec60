//! Values of alerts in a message: no link and no mention comes out of them, and all of them is read.
//!
//! Two readers judge, which share no code with what writes: a Markdown parser, and the simulated
//! DingTalk's view of a phone.

use std::collections::BTreeSet;
use std::time::Duration;

use campana::alert::{Alert, Labels};
use campana::dingtalk::message::{Markup, MessageType, Part};
use campana::dingtalk::robot;
use campana::render::{Language, Mention, Surface};
use dingtalk_sim::{Mentions, Post, Sender, reader_view};

use crate::choices::Choices;
use crate::judge::{found, has_bare_address, holds_address, mentions};
use crate::messages::{
    GRAPH, GROUP_PAGE, RUNBOOK, RUNBOOK_URL, SILENCES, alert, built_in, notification, now, style,
};

/// The mobile that the configuration mentions.
const MOBILE: &str = "13800000000";

/// Annotations that are shown in full, wherever their alert is.
const SHOWN: [&str; 4] = ["summary", "description", "message", "other"];

/// The message of up to three alerts, in both types; the values of the alerts are the texts in the
/// input.
///
/// # Panics
///
/// When a reader finds what is not ours, or misses what an alert says.
pub fn holds(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let alerts: Vec<Alert> = (0..=choices.below(3)).map(|_| hostile(&mut choices)).collect();
    let notification = notification(alerts);
    let mention = Mention { mobiles: vec![MOBILE.to_owned()], ..Mention::default() };
    let surface = Surface { mention, ..Surface::new(&robot::API) };
    for message_type in [MessageType::Markdown, MessageType::Text] {
        let style = style(message_type, Language::En);
        let message = built_in(&notification, &style, &surface, now());
        assert_eq!(message.error, None);
        let readers: &[fn(&Part) -> String] = match message_type.markup() {
            Markup::Markdown => &[by_parser, by_phone],
            Markup::Plain => &[in_plain_text],
        };
        let is_whole = message.parts.len() < 5
            && !message.parts.iter().any(|part| part.text().contains("… shortened"));
        message.parts.iter().for_each(has_only_our_mentions);
        for reader in readers {
            let read: String = message.parts.iter().map(reader).collect();
            if is_whole {
                notification.alerts.iter().for_each(|alert| is_read(alert, &read));
            }
        }
    }
}

fn hostile(choices: &mut Choices<'_>) -> Alert {
    let is_resolved = choices.flag();
    let mut text = || choices.text();
    let (odd, name, severity, place) = (text(), text(), text(), text());
    let labels = [("alertname", name), ("severity", severity), (&odd, place)];
    let labels: Labels = labels.into_iter().filter(|(name, _)| !name.is_empty()).collect();
    let said = SHOWN.map(|name| (name, text()));
    let runbook = (RUNBOOK_URL.0, RUNBOOK_URL.1.to_owned());
    alert(labels, said.into_iter().chain([runbook]).collect(), is_resolved)
}

/// What a Markdown parser sees of a part, without its links.
fn by_parser(part: &Part) -> String {
    let text = part.text();
    let seen = found(&text);
    assert_eq!(seen.other, [""; 0], "in {text}");
    assert!(!has_bare_address(&text), "an address in {text}");
    seen.links.iter().for_each(|link| is_ours(link, &text));
    seen.text
}

/// What a phone shows of a part, without its links.
fn by_phone(part: &Part) -> String {
    let view = view(part);
    let words = view.split(|c: char| c.is_whitespace() || c == '<' || c == '>');
    words.filter(|word| word.contains("://")).for_each(|word| is_ours(word, &view));
    let links = [" <http://", " <https://"];
    let read = links.iter().fold(view, |view, link| without_links(&view, link));
    assert!(!holds_address(&read), "an address in {read}");
    read.replace(COLON, ":").replace(DOT, ".")
}

/// What a reader sees of a part in plain text, without its links.
fn in_plain_text(part: &Part) -> String {
    let text = part.text();
    let (links, words): (Vec<&str>, Vec<&str>) =
        text.split_whitespace().partition(|word| word.contains("://"));
    for link in links {
        is_ours(link, &text);
    }
    let words = words.join(" ");
    assert!(!holds_address(&words), "an address in {text}");
    words
}

/// What stands in the view for a colon and a dot that are entities, so that no address of a value looks like
/// a link there.
const COLON: char = '\u{e03a}';
const DOT: char = '\u{e02e}';

/// The part as the simulated DingTalk shows it.
fn view(part: &Part) -> String {
    reader_view(&Post {
        group: String::new(),
        sender: Sender::Robot(String::new()),
        at: Duration::ZERO,
        msgtype: "markdown".to_owned(),
        title: None,
        text: part.text().replace("&#58;", &COLON.to_string()).replace("&#46;", &DOT.to_string()),
        links: Vec::new(),
        mentions: Mentions::default(),
        msg_uuid: None,
        query_key: None,
    })
}

/// The text without its links, which begin like this and end with `>`.
fn without_links(text: &str, begin: &str) -> String {
    let mut pieces = text.split(begin);
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + piece.split_once('>').map_or("", |(_, rest)| rest))
}

fn is_ours(link: &str, text: &str) {
    let is_encoded = |c: char| c.is_ascii_alphanumeric() || "-._~%".contains(c);
    let is_silence = link.strip_prefix(SILENCES).is_some_and(|rest| rest.chars().all(is_encoded));
    assert!([GRAPH, GROUP_PAGE, RUNBOOK].contains(&link) || is_silence, "{link} in {text}");
}

/// Whom a part mentions: those in its `at`, in its text and in its title.
fn has_only_our_mentions(part: &Part) {
    let ours: BTreeSet<&str> = part.at.mobiles.iter().map(String::as_str).collect();
    assert!(ours.iter().all(|mobile| *mobile == MOBILE));
    let text = part.text();
    assert_eq!(mentions(&text), ours, "in {text}");
    let title = part.title().unwrap_or_default();
    assert!(!holds_address(&title), "in the title {title}");
    // The guard breaks a mention before the title is cut, which can end in an at sign.
    let mut after = title.split(['@', '＠']).skip(1);
    assert!(after.all(|after| after.starts_with(['\u{200b}', '…'])), "in the title {title}");
}

/// Whether all that an alert says in words was read.
fn is_read(alert: &Alert, read: &str) {
    let read = visible(read);
    for name in SHOWN {
        let said = visible(alert.annotations.get(name).unwrap_or_default());
        assert!(read.contains(&said), "{said:?} is not in {read:?}");
    }
}

/// What is left of a text without white space, line ends that are two characters, and what nobody sees.
fn visible(text: &str) -> String {
    let text = text.replace("\\n", "");
    let is_unseen = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}')
            || ('\u{2000}'..='\u{206f}').contains(&c)
            || ('\u{fff0}'..='\u{ffff}').contains(&c)
            || ('\u{e0000}'..='\u{e0fff}').contains(&c)
    };
    text.chars().filter(|c| !is_unseen(*c)).collect()
}
