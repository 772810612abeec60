//! A conversation's call: `groupMessages/send` (DingTalk, `the-robot-sends-a-group-message`).

use std::time::Duration;

use reqwest::Url;
use secrecy::ExposeSecret;
use serde_json::json;

use super::body::msg_param;
use super::verdict;
use crate::dingtalk::app_call::{AppCall, with_token};
use crate::dingtalk::errcode::{Cause, Receipt, Refusal, SendError};
use crate::dingtalk::http::Http;
use crate::dingtalk::message::Part;
use crate::dingtalk::token::{AppCredentials, AppToken};
use crate::dingtalk::{Client, Conversation};

/// Posts the message with the app's token.
pub(in crate::dingtalk) async fn send(
    client: &Client,
    conversation: &Conversation,
    part: &Part,
    deadline: Duration,
) -> Result<Receipt, SendError> {
    let api_url = client.tokens.api_url();
    with_token(client, &GroupMessage { api_url, conversation, part }, deadline).await
}

/// A message, and where it goes.
struct GroupMessage<'a> {
    api_url: &'a str,
    conversation: &'a Conversation,
    part: &'a Part,
}

impl AppCall for GroupMessage<'_> {
    type Answer = Receipt;

    fn app(&self) -> AppCredentials<'_> {
        self.conversation.app_credentials()
    }

    async fn make(&self, http: &Http, token: &AppToken) -> Result<Receipt, SendError> {
        let Self { api_url, conversation, part } = self;
        let Ok(url) = Url::parse(&format!("{api_url}/v1.0/robot/groupMessages/send")) else {
            return Err(Cause::Refused(Refusal::Url).into());
        };
        let (msg_key, msg_param) = msg_param(part);
        let body = json!({
            "robotCode": conversation.robot_code,
            "openConversationId": conversation.open_conversation_id,
            "msgKey": msg_key,
            "msgParam": msg_param,
        });
        let secrets = [token.expose_secret(), conversation.app_secret.expose_secret()];
        let reply = http.post(url, token.header(), body.to_string(), &secrets).await?;
        verdict::of(&reply, &secrets)
    }
}
