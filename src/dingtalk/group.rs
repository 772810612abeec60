//! `groupMessages/send`: an app's robot posts to a group chat, a conversation in our settings, by
//! the current API (DingTalk, `the-robot-sends-a-group-message`).

pub mod verdict;

mod body;
mod call;

pub(super) use call::send;

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::endpoint::Setting;
use super::message::{Api, CardLimits, MessageType, Rate, TITLE_LENGTH};
use super::token::{AppCredentials, TokenSource};

/// What `groupMessages/send` can do.
pub const API: Api = Api {
    name: "groupMessages/send",
    kind: "conversation",
    section: "conversations",
    account: "app",
    // For each app and API (DingTalk, `call-frequency-limit`).
    rate: Rate { messages: 20, per: Duration::from_secs(1) },
    // DingTalk refuses a `msgParam` above 15,000 bytes (`the-robot-sends-a-group-message`); the
    // margin is ours.
    max_bytes: 14_500,
    most_bytes: 14_500,
    max_title: TITLE_LENGTH,
    size: body::size,
    preview: body::preview,
    types: &[MessageType::Markdown, MessageType::Text, MessageType::ActionCard, MessageType::Link],
    // `sampleActionCard5` has the most (DingTalk, `robot-message-type`).
    cards: CardLimits { buttons: 5, list_bytes: usize::MAX, single_url_bytes: usize::MAX },
    mentions: false,
    keywords: false,
    idempotency_key: false,
};

/// A group chat, reached by an app's robot.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// The app's key, which is no secret.
    pub app_key: String,
    /// The app's secret.
    pub app_secret: SecretString,
    /// The robot's code; for an internal app the same as the app's key.
    pub robot_code: String,
    /// `cid…==`.
    pub open_conversation_id: String,
}

impl Conversation {
    pub(super) fn app_credentials(&self) -> AppCredentials<'_> {
        let source = TokenSource::Current;
        AppCredentials { key: &self.app_key, secret: &self.app_secret, source }
    }

    pub(super) fn lane_identity(&self) -> Vec<&str> {
        vec![API.name, &self.app_key]
    }

    pub(super) fn credentials(&self) -> Vec<&str> {
        vec![
            "conversation",
            &self.app_key,
            self.app_secret.expose_secret(),
            &self.robot_code,
            &self.open_conversation_id,
        ]
    }

    pub(super) fn settings(&self) -> Vec<(&'static str, Setting<'_>)> {
        vec![
            ("app_key", Setting::Text(&self.app_key)),
            ("app_secret", Setting::Secret),
            ("robot_code", Setting::Text(&self.robot_code)),
            ("open_conversation_ids", Setting::List(vec![&self.open_conversation_id])),
        ]
    }
}
