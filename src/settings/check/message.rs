//! The check of `message` and `language`: how a receiver's messages look, and the templates that write them.
//!
//! What one of the receiver's destinations can't do is an error where it is asked for.

use std::sync::Arc;

use super::receiver::ReadEntry;
use super::templates::{TemplateLibraries, template};
use crate::dingtalk::message::{ButtonLayout, MessageType};
use crate::language::Language;
use crate::render::template::Template;
use crate::render::{ButtonKind, Format, LinkOpening};
use crate::settings::address;
use crate::settings::decode::{Checked, Decoder, Reported, Table, all};
use crate::settings::keys::MESSAGE;
use crate::settings::process::values;
use crate::settings::tree::{Node, Position};

/// The words of `type`. A feed card is for digests alone.
const TYPES: [(&str, MessageType); 4] = [
    ("markdown", MessageType::Markdown),
    ("text", MessageType::Text),
    ("action_card", MessageType::ActionCard),
    ("link", MessageType::Link),
];

/// The most buttons of a card: more than DingTalk has templates for (`robot-message-type`).
const MOST_BUTTONS: usize = 5;

/// The longest address of a picture, in bytes: it stands beside each group of a digest.
const LONGEST_PICTURE: usize = 500;

/// What a digest looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DigestLook {
    /// A line for each group, as Markdown or text.
    Lines,
    /// An entry with a picture for each group.
    FeedCard,
}

/// How the messages look, and what writes them.
#[derive(Debug, Default)]
pub(super) struct ReadMessage {
    pub(super) format: Format,
    pub(super) template: Option<Arc<Template>>,
    /// Where the type stands, unless it is the default.
    type_position: Option<Position>,
    /// Where it says that digests are feed cards.
    feed_position: Option<Position>,
}

/// The language of a receiver's messages, if it has its own.
pub(super) fn language(decoder: Decoder<'_>, table: &Table<'_>) -> Checked<Option<Language>> {
    table.optional("language", |node| {
        let text = decoder.text(node, "a language")?;
        values::language(text).or_else(|why| decoder.fail(node.position, why))
    })
}

/// The language that a receiver's node names, or else `usual`; one that is wrong is reported elsewhere.
pub(super) fn language_of(receiver: &Node, usual: Language) -> Language {
    let own = receiver.get("language").and_then(Node::text);
    own.and_then(|text| values::language(text).ok()).unwrap_or(usual)
}

/// The `message` of a receiver in this language.
pub(super) fn message(
    decoder: Decoder<'_>,
    table: &Table<'_>,
    libraries: &TemplateLibraries,
    language: Language,
) -> Checked<ReadMessage> {
    let read = table.optional("message", |node| of_node(decoder, node, libraries, language));
    let usual =
        ReadMessage { format: Format { language, ..Format::default() }, ..ReadMessage::default() };
    Ok(read?.unwrap_or(usual))
}

fn of_node(
    decoder: Decoder<'_>,
    node: &Node,
    libraries: &TemplateLibraries,
    language: Language,
) -> Checked<ReadMessage> {
    let table = decoder.table(node, &MESSAGE)?;
    let message_type = table.optional("type", |node| decoder.word(node, &TYPES));
    let template = template(decoder, &table, libraries, language);
    let buttons = table.optional("buttons", |node| buttons(decoder, node));
    let layouts = ButtonLayout::ALL.map(|layout| (layout.as_str(), layout));
    let layout = table.optional("buttons_layout", |node| decoder.word(node, &layouts));
    let openings = LinkOpening::ALL.map(|opening| (opening.as_str(), opening));
    let links = table.optional("links", |node| decoder.word(node, &openings));
    let feed_picture = feed_picture(decoder, &table);
    let message_type = message_type?.unwrap_or_default();
    note_unused(decoder, &table, message_type);
    let position = |key| table.entry(key).map(|entry| entry.value.position);
    Ok(ReadMessage {
        format: Format {
            language,
            message_type,
            buttons: buttons?.unwrap_or_else(|| ButtonKind::USUAL.to_vec()),
            layout: layout?.unwrap_or_default(),
            links: links?.unwrap_or_default(),
            feed_picture: feed_picture?,
        },
        template: template?,
        type_position: position("type"),
        feed_position: position("digest"),
    })
}

/// Warns of keys that a message of this type has no use for.
fn note_unused(decoder: Decoder<'_>, table: &Table<'_>, message_type: MessageType) {
    let warn = |key, words: String| {
        if let Some(entry) = table.entry(key) {
            decoder.report.warning(entry.position, words);
        }
    };
    if !message_type.has_title() {
        let name = message_type.as_str();
        warn("title", format!("is not used: a message of type `{name}` has no title"));
    }
    if message_type != MessageType::ActionCard {
        for key in ["buttons", "buttons_layout"] {
            warn(key, "is not used: only a message of type `action_card` has buttons".to_owned());
        }
    }
}

fn buttons(decoder: Decoder<'_>, node: &Node) -> Checked<Vec<ButtonKind>> {
    let words = ButtonKind::ALL.map(|kind| (kind.as_str(), kind));
    let items = decoder.list(node, "buttons")?;
    if items.is_empty() {
        return decoder
            .fail(node.position, "needs at least one; a card without buttons is `markdown`");
    }
    if items.len() > MOST_BUTTONS {
        return decoder.fail(node.position, format!("a card has at most {MOST_BUTTONS} buttons"));
    }
    let mut seen = Vec::new();
    all(items.iter().map(|item| {
        let kind = decoder.word(item, &words)?;
        if seen.contains(&kind) {
            return decoder.fail(item.position, "stands twice");
        }
        seen.push(kind);
        Ok(kind)
    }))
}

/// The picture beside the groups of a digest, if digests are feed cards.
fn feed_picture(decoder: Decoder<'_>, table: &Table<'_>) -> Checked<Option<String>> {
    let words = [("lines", DigestLook::Lines), ("feed_card", DigestLook::FeedCard)];
    let look = table.optional("digest", |node| decoder.word(node, &words));
    let picture = table.optional("digest_picture", |node| {
        let text = decoder.text(node, "the URL of a picture")?;
        match address::parse(text) {
            Ok(url) if url.as_str().len() <= LONGEST_PICTURE => Ok(url.to_string()),
            Ok(_) => {
                let text = format!("the URL has more than {LONGEST_PICTURE} bytes");
                decoder.fail(node.position, text)
            }
            Err(why) => decoder.fail(node.position, why),
        }
    });
    let (look, picture) = (look?.unwrap_or(DigestLook::Lines), picture?);
    match (look, &picture, table.entry("digest"), table.entry("digest_picture")) {
        (DigestLook::FeedCard, None, Some(entry), _) => {
            let text = "a feed card needs a picture beside each entry: set `digest_picture` to the \
                        https:// address of one that phones can reach";
            decoder.fail(entry.value.position, text)
        }
        (DigestLook::Lines, Some(_), _, Some(entry)) => {
            decoder.report.warning(entry.position, "is not used: set `digest: feed_card`");
            Ok(None)
        }
        _ => Ok(picture),
    }
}

impl ReadMessage {
    /// Reports what the destinations of these entries can't do.
    pub(super) fn check_destinations(
        &self,
        decoder: Decoder<'_>,
        entries: &[ReadEntry],
    ) -> Checked<()> {
        let destinations = || entries.iter().filter_map(|entry| entry.destinations.as_ref().ok());
        let destinations = || destinations().flatten();
        let Format { message_type, feed_picture, .. } = &self.format;
        let mut outcome = Ok(());
        let mut fail = |position: Option<Position>, text: String| {
            if let Some(position) = position {
                decoder.report.error(position, text);
                outcome = Err(Reported);
            }
        };
        let without = |one| destinations().find(|it| !it.surface.api.types.contains(&one));
        if let Some(destination) = without(*message_type) {
            let (name, api) = (&destination.name, destination.surface.api.name);
            let text = format!("`{name}` can't show it: {api} has no such messages");
            fail(self.type_position, text);
        }
        if let (Some(_), Some(destination)) = (feed_picture, without(MessageType::FeedCard)) {
            let (name, api) = (&destination.name, destination.surface.api.name);
            let text = format!(
                "`{name}` can't show it: {api} has no feed cards, only chatbots have; give \
                 conversations a receiver of their own"
            );
            fail(self.feed_position, text);
        }
        let mentioning =
            destinations().find(|it| it.mentions.is_some() || it.surface.mention.names_somebody());
        if let (false, Some(destination)) = (message_type.has_mentions(), mentioning) {
            let (name, kind) = (&destination.name, message_type.as_str());
            let text = format!(
                "a `{kind}` can mention nobody, and `{name}` has a `mention`: use `markdown`, \
                 `action_card` or `text`, or remove `mention`"
            );
            fail(self.type_position, text);
        }
        outcome
    }
}
