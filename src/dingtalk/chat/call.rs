//! A chat's call: `chat/send` (DingTalk, `send-group-messages`). The app's token stands in the query.

use std::time::Duration;

use reqwest::Url;
use secrecy::ExposeSecret;

use super::body::body;
use super::verdict;
use crate::dingtalk::Client;
use crate::dingtalk::app_call::{AppCall, with_token};
use crate::dingtalk::chat::Chat;
use crate::dingtalk::errcode::{Cause, Receipt, Refusal, SendError};
use crate::dingtalk::http::Http;
use crate::dingtalk::message::Part;
use crate::dingtalk::token::request::last_value;
use crate::dingtalk::token::{AppCredentials, AppToken};

/// Posts the message with the app's token.
pub(in crate::dingtalk) async fn send(
    client: &Client,
    chat: &Chat,
    part: &Part,
    deadline: Duration,
) -> Result<Receipt, SendError> {
    with_token(client, &ChatMessage { chat, part }, deadline).await
}

/// A message, and where it goes.
struct ChatMessage<'a> {
    chat: &'a Chat,
    part: &'a Part,
}

impl AppCall for ChatMessage<'_> {
    type Answer = Receipt;

    fn app(&self) -> AppCredentials<'_> {
        self.chat.app_credentials()
    }

    async fn make(&self, http: &Http, token: &AppToken) -> Result<Receipt, SendError> {
        let Chat { base_url, app_secret, chat_id, .. } = self.chat;
        let (base, token) = (format!("{base_url}/chat/send"), token.expose_secret());
        let Ok(url) = Url::parse_with_params(&base, [("access_token", token)]) else {
            return Err(Cause::Refused(Refusal::Url).into());
        };
        let encoded = last_value(&url);
        let secrets = [token, encoded.as_str(), app_secret.expose_secret()];
        let reply = http.post(url, None, body(self.part, chat_id), &secrets).await?;
        verdict::of(&reply, &secrets)
    }
}
