//! One part of a message, and what an API that carries it can do.
//!
//! Pure. A part keeps the pieces that it is made of, and the text that a reader sees is composed of
//! them in one place, so no stage has to read a text again to find its heading or its mentions. How a
//! message becomes the body of a call is each API's own matter; a stage that has to know the size or
//! the body asks the [`Api`].

mod api;
mod button;
mod json_size;
mod mark;
mod message_type;

pub use api::{Api, CardLimits, Rate};
pub use button::{Button, ButtonLayout};
pub use json_size::json_size;
pub use mark::Mark;
pub use message_type::{Markup, MessageType};

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The longest title of which it is known that DingTalk takes it, in UTF-16 units: the older API refuses one of
/// more characters (34016), and does not say which it counts.
pub const TITLE_LENGTH: usize = 64;

/// What stands between two paragraphs.
pub const PARAGRAPH: &str = "\n\n";

/// One part of a message, small enough to send.
///
/// Its serialised form is what the store keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// How DingTalk shows it.
    #[serde(rename = "type")]
    pub message_type: MessageType,
    /// Shown in the list of conversations and in the push, never in the message itself; without
    /// keyword and mark. Empty where the type has no title.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The first line that says something, and the empty lines before it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub heading: String,
    /// Which part of the message it is; ends the heading.
    #[serde(default, skip_serializing_if = "Mark::is_empty")]
    pub mark: Mark,
    /// What follows the heading; empty, or it begins with the white space after the heading.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// The line that says that the body lost its end when the part was cut again.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub shortened: String,
    /// The line that mentions whom `at` names and the text above does not mention yet.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub mentions: String,
    /// The keyword that was added because the text above has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyword: Option<Keyword>,
    /// What a reader can tap: of a card its buttons, of a link the one page, of a feed card its entries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    /// How the buttons stand.
    #[serde(default, skip_serializing_if = "ButtonLayout::is_default")]
    pub layout: ButtonLayout,
    /// The address of the picture beside a link, or beside each entry of a feed card; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub picture: String,
    /// Whom it mentions; conversations have no mentions.
    #[serde(default, skip_serializing_if = "At::is_empty")]
    pub at: At,
}

/// A keyword that stands in a message only because the robot refuses one without it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keyword {
    /// Our words before it, in the language of the message.
    pub label: String,
    /// The word that the robot asks for.
    pub word: String,
    /// Whether the title ends with it as well.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_title: bool,
}

/// Whom a chatbot's message mentions. Each must also stand in the text, as `@…`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct At {
    /// Mobile numbers as configured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mobiles: Vec<String>,
    /// DingTalk user ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub user_ids: Vec<String>,
    /// Everyone in the group.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
}

impl At {
    /// Whether nobody is mentioned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.mobiles.is_empty() && self.user_ids.is_empty() && !self.all
    }
}

impl Part {
    /// A message of one part that mentions nobody.
    #[must_use]
    pub fn new(message_type: MessageType, title: &str, text: &str) -> Self {
        let (heading, body) = split_heading(text);
        Self {
            message_type,
            title: title.to_owned(),
            heading: heading.to_owned(),
            body: body.to_owned(),
            ..Self::default()
        }
    }

    /// The text that a reader sees in the conversation.
    #[must_use]
    pub fn text(&self) -> String {
        self.pieces().concat()
    }

    /// The bytes of the text and of the title in JSON.
    #[must_use]
    pub fn json_size(&self) -> usize {
        let text: usize = self.pieces().into_iter().map(json_size).sum();
        text + json_size(&self.title().unwrap_or_default())
    }

    /// The text in pieces, in order; white space or nothing is between those that hold words.
    #[must_use]
    pub fn pieces(&self) -> [&str; 12] {
        let before = |text: &str, separator: &'static str| {
            if text.is_empty() { "" } else { separator }
        };
        let line_end =
            if self.body.is_empty() { PARAGRAPH } else { self.message_type.markup().line_end() };
        let (label, word) = self
            .keyword
            .as_ref()
            .map_or(("", ""), |keyword| (keyword.label.as_str(), keyword.word.as_str()));
        let [open, number, close] = self.mark.pieces();
        [
            &self.heading,
            open,
            number,
            close,
            &self.body,
            before(&self.shortened, line_end),
            &self.shortened,
            before(&self.mentions, PARAGRAPH),
            &self.mentions,
            before(word, PARAGRAPH),
            label,
            word,
        ]
    }

    /// The title as DingTalk shows it, where the type has one.
    #[must_use]
    pub fn title(&self) -> Option<Cow<'_, str>> {
        if !self.message_type.has_title() {
            return None;
        }
        let keyword = self.keyword.as_ref().filter(|keyword| keyword.in_title);
        if keyword.is_none() && self.mark.is_empty() {
            return Some(Cow::Borrowed(&self.title));
        }
        let [space, word] = keyword.map_or(["", ""], |keyword| [" ", &keyword.word]);
        let [open, number, close] = self.mark.pieces();
        Some(Cow::Owned([&self.title, space, word, open, number, close].concat()))
    }

    /// The address of the page that a link opens; empty if it has none.
    #[must_use]
    pub fn page(&self) -> &str {
        self.buttons.first().map_or("", |button| &button.url)
    }

    /// What people know the message by in a list: its title, else the first line of its text.
    #[must_use]
    pub fn caption(&self) -> Cow<'_, str> {
        match self.title() {
            Some(title) if !title.is_empty() => title,
            Some(_) | None if self.mark.is_empty() => Cow::Borrowed(self.heading.trim_start()),
            Some(_) | None => Cow::Owned(format!("{}{}", self.heading.trim_start(), self.mark)),
        }
    }

    /// The size that DingTalk will measure, in bytes.
    #[must_use]
    pub fn size(&self, api: &Api) -> usize {
        (api.size)(self)
    }
}

/// A text in two: up to the end of its first line that says something, and what follows.
#[must_use]
pub fn split_heading(text: &str) -> (&str, &str) {
    let start = text.len() - text.trim_start().len();
    let line = text[start..].split('\n').next().unwrap_or_default();
    text.split_at(start + line.trim_end().len())
}

#[cfg(test)]
mod tests;
