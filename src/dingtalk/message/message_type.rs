//! The types of message that DingTalk shows, and the markup that each of them reads.

use serde::{Deserialize, Serialize};

/// The type of a message (DingTalk, `msgtype` of `custom-robots-send-group-messages`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageType {
    /// A title for the list of conversations, and a text in DingTalk's Markdown subset.
    #[default]
    Markdown,
    /// Plain text without a title, in which a mention can be tapped.
    Text,
    /// As Markdown, with buttons below the text; there is at least one.
    ActionCard,
    /// A title, the first lines of a plain text, and a page that a tap opens.
    Link,
    /// A list of titles, each with a picture and a page; a digest may be one. Its text is what stands in its place
    /// where it can't be sent.
    FeedCard,
}

/// How the text of a message is marked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Markup {
    /// DingTalk's Markdown subset: headings, bold, links; values have to be escaped.
    Markdown,
    /// None: every character stands for itself.
    Plain,
}

impl MessageType {
    /// All types, the default first.
    pub const ALL: [Self; 5] =
        [Self::Markdown, Self::Text, Self::ActionCard, Self::Link, Self::FeedCard];

    /// Its name in the configuration, in the API and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::Text => "text",
            Self::ActionCard => "action_card",
            Self::Link => "link",
            Self::FeedCard => "feed_card",
        }
    }

    /// The markup that a message of this type is read with.
    #[must_use]
    pub const fn markup(self) -> Markup {
        match self {
            Self::Markdown | Self::ActionCard | Self::FeedCard => Markup::Markdown,
            Self::Text | Self::Link => Markup::Plain,
        }
    }

    /// The type without buttons, pages and pictures that has the same text.
    #[must_use]
    pub const fn text_type(self) -> Self {
        match self.markup() {
            Markup::Markdown => Self::Markdown,
            Markup::Plain => Self::Text,
        }
    }

    /// Whether such a message opens pages beside the links in its text.
    #[must_use]
    pub const fn opens_pages(self) -> bool {
        match self {
            Self::ActionCard | Self::Link | Self::FeedCard => true,
            Self::Markdown | Self::Text => false,
        }
    }

    /// Whether such a message can mention people (DingTalk, `robot-message-type`).
    #[must_use]
    pub const fn has_mentions(self) -> bool {
        match self {
            Self::Markdown | Self::Text | Self::ActionCard => true,
            Self::Link | Self::FeedCard => false,
        }
    }

    /// Whether DingTalk shows a title of such a message.
    #[must_use]
    pub const fn has_title(self) -> bool {
        match self {
            Self::Markdown | Self::ActionCard | Self::Link | Self::FeedCard => true,
            Self::Text => false,
        }
    }
}

impl Markup {
    /// What ends a line within a paragraph.
    ///
    /// In Markdown two spaces must stand before the line end (DingTalk, `robot-message-type`).
    #[must_use]
    pub const fn line_end(self) -> &'static str {
        match self {
            Self::Markdown => "  \n",
            Self::Plain => "\n",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_and_the_configuration_call_a_type_the_same() {
        for message_type in MessageType::ALL {
            let stored = serde_json::to_value(message_type).unwrap();
            assert_eq!(stored, message_type.as_str());
        }
    }
}
