//! DingTalk's side: what is sent, how it is signed, and what an answer means.
//!
//! Nothing here decides when to send: a call makes one attempt and tells in a [`SendError`] what
//! the caller can do next.

pub mod errcode;
pub mod message;

mod client;
mod foreign;
mod group;
mod http;
mod proxy;
mod robot;
mod sign;
mod token;

pub use client::{Client, ClientError};
pub use errcode::{Disposition, Receipt, SendError};
pub use token::Refreshes;

use std::time::Duration;

use secrecy::SecretString;

/// How many messages DingTalk takes in which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Messages in any `per`.
    pub messages: u32,
    /// The length of the window.
    pub per: Duration,
}

impl Rate {
    /// 20 messages a minute for each robot (DingTalk, `custom-robots-send-group-messages`).
    pub const CHATBOT: Self = Self { messages: 20, per: Duration::from_mins(1) };
    /// 20 calls a second for each app and API (DingTalk, `call-frequency-limit`).
    pub const APP: Self = Self { messages: 20, per: Duration::from_secs(1) };
}

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

/// A group chat, reached by an app's robot through the current API.
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

/// Where one attempt goes.
#[derive(Debug, Clone)]
pub enum Endpoint {
    /// A chatbot's webhook.
    Chatbot(Chatbot),
    /// A conversation, by the current API.
    Conversation(Conversation),
}
