//! How the messages of a receiver look: their type and language, the buttons, and where links open.

use crate::dingtalk::message::{ButtonLayout, MessageType};
use crate::language::Language;

/// How the messages of a receiver look (`language` and `message`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Format {
    /// The language of the words that are not the alerts'.
    pub language: Language,
    /// The type of the message.
    pub message_type: MessageType,
    /// The buttons of an action card, in their order; those without an address are left out.
    pub buttons: Vec<ButtonKind>,
    /// How they stand.
    pub layout: ButtonLayout,
    /// Where links open.
    pub links: LinkOpening,
    /// The address of the picture beside each group of a digest, which is a feed card then; without it, a
    /// digest is Markdown or text.
    pub feed_picture: Option<String>,
}

impl Format {
    /// Messages of this type in this language, and all else as it is by default.
    #[must_use]
    pub fn of(message_type: MessageType, language: Language) -> Self {
        Self { language, message_type, ..Self::default() }
    }
}

/// What a button opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ButtonKind {
    /// The graph of the rule's expression.
    Graph,
    /// What to do: the annotation `runbook_url`.
    Runbook,
    /// The form that silences the alerts.
    Silence,
    /// The graphs around the alerts: the annotation `dashboard_url`, or the sender's own page.
    Dashboard,
    /// The one graph of these.
    Panel,
    /// Alertmanager's page of the group.
    Alertmanager,
}

impl ButtonKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Graph,
        Self::Runbook,
        Self::Silence,
        Self::Dashboard,
        Self::Panel,
        Self::Alertmanager,
    ];

    /// The buttons of a card for which the configuration names none.
    pub const USUAL: [Self; 5] =
        [Self::Graph, Self::Runbook, Self::Dashboard, Self::Silence, Self::Alertmanager];

    /// Its name in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Graph => "graph",
            Self::Runbook => "runbook",
            Self::Silence => "silence",
            Self::Dashboard => "dashboard",
            Self::Panel => "panel",
            Self::Alertmanager => "alertmanager",
        }
    }
}

/// Where a link opens on a computer; a phone opens it in DingTalk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum LinkOpening {
    /// In a panel of DingTalk's own.
    #[default]
    DingTalk,
    /// In the browser.
    Browser,
}

impl LinkOpening {
    /// All of them, the default first.
    pub const ALL: [Self; 2] = [Self::DingTalk, Self::Browser];

    /// Its name in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DingTalk => "dingtalk",
            Self::Browser => "browser",
        }
    }
}
