//! Where one attempt goes: a chatbot, or a conversation by one of two APIs.
//!
//! Every question that another stage has about a destination is a method here or a field of its
//! [`Api`]. Besides this file, only the client, which calls, and the check of the settings, which
//! makes endpoints, tell the APIs apart.

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use super::chat::{self, Chat};
use super::group::{self, Conversation};
use super::message::Api;
use super::robot::{self, Chatbot};
use super::token::AppCredentials;

/// Where one attempt goes.
#[derive(Debug, Clone)]
pub enum Endpoint {
    /// A chatbot's webhook.
    Chatbot(Chatbot),
    /// A conversation, by the current API.
    Conversation(Conversation),
    /// A conversation, by the older API.
    Chat(Chat),
}

/// One setting of an endpoint, as people may see it.
#[derive(Debug)]
pub enum Setting<'a> {
    /// A text that is no secret.
    Text(&'a str),
    /// Texts that are no secrets.
    List(Vec<&'a str>),
    /// A secret, which is never shown.
    Secret,
    /// A URL whose query and user hold secrets.
    Url(&'a SecretString),
}

impl Endpoint {
    /// What the endpoint's API can do.
    #[must_use]
    pub fn api(&self) -> &'static Api {
        match self {
            Self::Chatbot(_) => &robot::API,
            Self::Conversation(_) => &group::API,
            Self::Chat(_) => &chat::API,
        }
    }

    /// The words that are equal for two endpoints exactly when DingTalk counts their messages
    /// together. There are secrets among them, so they are only for a keyed hash.
    #[must_use]
    pub fn lane_identity(&self) -> Vec<&str> {
        match self {
            Self::Chatbot(chatbot) => chatbot.lane_identity(),
            Self::Conversation(conversation) => conversation.lane_identity(),
            Self::Chat(chat) => chat.lane_identity(),
        }
    }

    /// All that a person could change to mend a dead destination. There are secrets among the
    /// words, so they are only for a keyed hash.
    #[must_use]
    pub fn credentials(&self) -> Vec<&str> {
        match self {
            Self::Chatbot(chatbot) => chatbot.credentials(),
            Self::Conversation(conversation) => conversation.credentials(),
            Self::Chat(chat) => chat.credentials(),
        }
    }

    /// The account's secret: the one that signs a robot's calls, or the app's.
    #[must_use]
    pub fn secret(&self) -> Option<&SecretString> {
        match self {
            Self::Chatbot(chatbot) => chatbot.secret.as_ref(),
            Self::Conversation(conversation) => Some(&conversation.app_secret),
            Self::Chat(chat) => Some(&chat.app_secret),
        }
    }

    /// The conversation's id, where one account can write to several conversations.
    #[must_use]
    pub fn conversation_id(&self) -> Option<&str> {
        match self {
            Self::Chatbot(_) => None,
            Self::Conversation(conversation) => Some(&conversation.open_conversation_id),
            Self::Chat(chat) => Some(&chat.chat_id),
        }
    }

    /// The chat, where it is reached by the older API.
    #[must_use]
    pub fn chat(&self) -> Option<&Chat> {
        match self {
            Self::Chatbot(_) | Self::Conversation(_) => None,
            Self::Chat(chat) => Some(chat),
        }
    }

    /// The robot, where it is reached by its webhook.
    #[must_use]
    pub fn chatbot(&self) -> Option<&Chatbot> {
        match self {
            Self::Chatbot(chatbot) => Some(chatbot),
            Self::Conversation(_) | Self::Chat(_) => None,
        }
    }

    /// The app's key, which is no secret, where it is an app's.
    #[must_use]
    pub fn app_key(&self) -> Option<&str> {
        self.app().map(|app| app.key)
    }

    /// Whose token its calls need, where they need one.
    pub(super) fn app(&self) -> Option<AppCredentials<'_>> {
        match self {
            Self::Chatbot(_) => None,
            Self::Conversation(conversation) => Some(conversation.app_credentials()),
            Self::Chat(chat) => Some(chat.app_credentials()),
        }
    }

    /// Whether a URL of the endpoint's own, if it has one, leads to the host of `base_url`; calls
    /// without such a URL go to the base URLs that are configured for all.
    #[must_use]
    pub fn calls_only(&self, base_url: &str) -> bool {
        match self {
            Self::Chatbot(chatbot) => chatbot.calls_only(base_url),
            Self::Conversation(_) | Self::Chat(_) => true,
        }
    }

    /// The host that its calls go to, with its port where that is not the usual one; `api_url` is the base
    /// of the current API. None where the URL has no host.
    #[must_use]
    pub fn host(&self, api_url: &str) -> Option<String> {
        let url = self.origin(api_url)?;
        let host = url.host_str()?;
        Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
    }

    /// The beginning of the URLs that its calls go to, scheme, host and port, which hold no secret;
    /// `api_url` is the base of the current API. None where the URL has no host.
    #[must_use]
    pub fn origin(&self, api_url: &str) -> Option<Url> {
        let url = match self {
            Self::Chatbot(chatbot) => chatbot.webhook_url.expose_secret(),
            Self::Conversation(_) => api_url,
            Self::Chat(chat) => &chat.base_url,
        };
        let url = Url::parse(url).ok()?;
        Url::parse(&url.origin().ascii_serialization()).ok()
    }

    /// The endpoint's settings by their keys in the configuration file, in the order in which they are shown.
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, Setting<'_>)> {
        match self {
            Self::Chatbot(chatbot) => chatbot.settings(),
            Self::Conversation(conversation) => conversation.settings(),
            Self::Chat(chat) => chat.settings(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chatbot(webhook: &str) -> Endpoint {
        let secret = Some("SECcanary".into());
        let access_token = "token-canary".into();
        Endpoint::Chatbot(Chatbot { webhook_url: webhook.into(), access_token, secret })
    }

    fn conversation(chat: &str) -> Endpoint {
        Endpoint::Conversation(Conversation {
            app_key: "key".into(),
            app_secret: "secret-canary".into(),
            robot_code: "robot".into(),
            open_conversation_id: chat.into(),
        })
    }

    fn older(chat_id: &str) -> Endpoint {
        Endpoint::Chat(Chat {
            base_url: "https://oapi.dingtalk.com/base".into(),
            app_key: "key".into(),
            app_secret: "secret-canary".into(),
            chat_id: chat_id.into(),
        })
    }

    #[test]
    fn an_app_has_a_lane_for_each_api() {
        let (one, other) = (older("chat1"), older("chat2"));
        assert_eq!(one.lane_identity(), other.lane_identity());
        assert_ne!(one.credentials(), other.credentials());
        assert_ne!(one.lane_identity(), conversation("chat1").lane_identity());
        assert_ne!(one.api(), conversation("chat1").api());
        assert_eq!(one.chat().map(|chat| chat.chat_id.as_str()), Some("chat1"));
        assert!(conversation("cid1==").chat().is_none());
    }

    #[test]
    fn chats_of_one_account_share_a_lane_and_no_credentials() {
        let (one, other) = (conversation("cid1=="), conversation("cid2=="));
        assert_eq!(one.lane_identity(), other.lane_identity());
        assert_ne!(one.credentials(), other.credentials());
        assert_ne!(one.conversation_id(), other.conversation_id());
        let (one, other) = (chatbot("https://a.example/"), chatbot("https://b.example/"));
        assert_eq!(one.lane_identity(), other.lane_identity());
        assert_ne!(one.credentials(), other.credentials());
        assert_ne!(one.api(), conversation("cid1==").api());
    }

    #[test]
    fn a_webhook_of_another_host_port_or_scheme_is_found() {
        let base = "https://oapi.dingtalk.com/base";
        for (webhook, expected) in [
            ("https://oapi.dingtalk.com/robot/send", true),
            ("https://OAPI.dingtalk.com:443/robot/send", true),
            ("https://oapi.dingtalk.com:8443/robot/send", false),
            ("http://oapi.dingtalk.com/robot/send", false),
            ("https://oapi.dingtalk.com@evil.example/robot/send", false),
            ("oapi.dingtalk.com", false),
        ] {
            assert_eq!(chatbot(webhook).calls_only(base), expected, "{webhook}");
        }
        assert!(conversation("cid==").calls_only(base) && older("chat").calls_only(base));
    }

    #[test]
    fn a_host_is_told_without_what_is_secret_and_its_port_if_it_is_unusual() {
        let api = "https://api.dingtalk.com/base";
        for (endpoint, expected) in [
            (chatbot("https://oapi.dingtalk.com/robot/send?access_token=t"), "oapi.dingtalk.com"),
            (chatbot("https://OAPI.dingtalk.com:443/robot/send"), "oapi.dingtalk.com"),
            (chatbot("http://user:canary@[::1]:8080/robot/send"), "[::1]:8080"),
            (conversation("cid=="), "api.dingtalk.com"),
            (older("chat"), "oapi.dingtalk.com"),
        ] {
            assert_eq!(endpoint.host(api).as_deref(), Some(expected), "{endpoint:?}");
            let origin = endpoint.origin(api).unwrap();
            assert!(origin.as_str().ends_with(&format!("://{expected}/")), "{origin}");
        }
        assert_eq!(chatbot("no url").host(api), None);
    }

    #[test]
    fn no_setting_that_may_be_shown_holds_a_secret() {
        let chatbot = chatbot("https://x/?access_token=token-canary");
        for endpoint in [chatbot, conversation("cid=="), older("chat")] {
            let shown = format!("{:?} {endpoint:?}", endpoint.settings());
            assert!(!shown.contains("canary"), "{shown}");
        }
    }
}
