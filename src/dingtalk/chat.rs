//! `chat/send`: an app posts to a group chat, a conversation in our settings, by the older API
//! (DingTalk, `send-group-messages`).
//!
//! DingTalk takes no app for it that did not use it before September 2022. The current API knows the same
//! chats by other ids, which `convert` asks for.

pub mod verdict;

mod body;
mod call;
mod convert;

pub(super) use call::send;
pub(super) use convert::open_conversation_id;

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::endpoint::Setting;
use super::message::{Api, CardLimits, MessageType, Rate, TITLE_LENGTH};
use super::token::{AppCredentials, TokenSource};

/// What `chat/send` can do.
pub const API: Api = Api {
    name: "chat/send",
    kind: "chat",
    section: "conversations",
    account: "app",
    // For each app and API (DingTalk, `call-frequency-limit`).
    rate: Rate { messages: 20, per: Duration::from_secs(1) },
    // DingTalk's page of the API says 2,048 bytes, the words of errcode 34016 say 5,000 characters: the
    // stricter one is the default.
    max_bytes: 2_000,
    most_bytes: 5_000,
    // DingTalk refuses a longer one (errcode 34016).
    max_title: TITLE_LENGTH,
    size: body::size,
    preview: body::preview,
    types: &[MessageType::Markdown, MessageType::Text, MessageType::ActionCard, MessageType::Link],
    // The words of errcode 34016 (DingTalk, `message-types-and-data-format`).
    cards: CardLimits { buttons: 5, list_bytes: 1_000, single_url_bytes: 500 },
    mentions: false,
    keywords: false,
    idempotency_key: false,
};

/// A group chat, reached by an app through the older API.
#[derive(Debug, Clone)]
pub struct Chat {
    /// The base URL of the older API (`dingtalk.oapi_url`).
    pub base_url: String,
    /// The app's key, which is no secret.
    pub app_key: String,
    /// The app's secret.
    pub app_secret: SecretString,
    /// `chat…`.
    pub chat_id: String,
}

impl Chat {
    pub(super) fn app_credentials(&self) -> AppCredentials<'_> {
        let source = TokenSource::Older(&self.base_url);
        AppCredentials { key: &self.app_key, secret: &self.app_secret, source }
    }

    pub(super) fn lane_identity(&self) -> Vec<&str> {
        vec![API.name, &self.app_key]
    }

    pub(super) fn credentials(&self) -> Vec<&str> {
        let secret = self.app_secret.expose_secret();
        vec!["chat", &self.base_url, &self.app_key, secret, &self.chat_id]
    }

    pub(super) fn settings(&self) -> Vec<(&'static str, Setting<'_>)> {
        vec![
            ("app_key", Setting::Text(&self.app_key)),
            ("app_secret", Setting::Secret),
            ("chat_ids", Setting::List(vec![&self.chat_id])),
        ]
    }
}
