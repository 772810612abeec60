//! `robot/send`: a custom robot, a chatbot in our settings, posts to its one group by a webhook
//! (DingTalk, `custom-robots-send-group-messages`).

pub mod verdict;

mod body;
mod call;

pub(super) use call::send;

use std::time::Duration;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use super::endpoint::Setting;
use super::message::{Api, CardLimits, MessageType, Rate, TITLE_LENGTH};

/// What `robot/send` can do.
pub const API: Api = Api {
    name: "robot/send",
    kind: "chatbot",
    section: "chatbots",
    account: "robot",
    // DingTalk, `custom-robots-send-group-messages`.
    rate: Rate { messages: 20, per: Duration::from_mins(1) },
    // DingTalk refuses a body above 20,000 bytes (errcode 460101); the margin is ours.
    max_bytes: 19_500,
    most_bytes: 19_500,
    max_title: TITLE_LENGTH,
    size: body::size,
    preview: body::preview,
    types: &MessageType::ALL,
    // DingTalk's pages name no limit; more than five would fill a phone.
    cards: CardLimits { buttons: 5, list_bytes: usize::MAX, single_url_bytes: usize::MAX },
    mentions: true,
    keywords: true,
    idempotency_key: true,
};

/// A custom robot: its webhook, without `timestamp` and `sign`.
#[derive(Debug, Clone)]
pub struct Chatbot {
    /// The whole `…/robot/send?access_token=…`: a secret.
    pub webhook_url: SecretString,
    /// The access token alone, which is what DingTalk's limits count by.
    pub access_token: SecretString,
    /// The signing secret, `SEC…`, where the robot has one.
    pub secret: Option<SecretString>,
}

impl Chatbot {
    pub(super) fn lane_identity(&self) -> Vec<&str> {
        vec!["chatbot", self.access_token.expose_secret()]
    }

    pub(super) fn credentials(&self) -> Vec<&str> {
        let secret = self.secret.as_ref().map_or("", |secret| secret.expose_secret());
        vec!["chatbot", self.webhook_url.expose_secret(), secret]
    }

    pub(super) fn settings(&self) -> Vec<(&'static str, Setting<'_>)> {
        let secret = self.secret.as_ref().map(|_| ("secret", Setting::Secret));
        [("webhook_url", Setting::Url(&self.webhook_url))].into_iter().chain(secret).collect()
    }

    pub(super) fn calls_only(&self, base_url: &str) -> bool {
        let origin = |url: &str| Url::parse(url).map(|url| url.origin()).ok();
        origin(self.webhook_url.expose_secret()) == origin(base_url)
    }
}
