//! A conversation's call: `groupMessages/send` (DingTalk, `the-robot-sends-a-group-message`).
//!
//! The call needs the app's token, which is fetched first and shared by all messages of the app.

use std::time::Duration;

use reqwest::Url;
use reqwest::header::{HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use serde_json::json;

use super::body::msg_param;
use super::verdict;
use crate::dingtalk::errcode::{Cause, Receipt, Refusal, SendError};
use crate::dingtalk::message::Part;
use crate::dingtalk::token::AppToken;
use crate::dingtalk::{Client, Conversation};

/// The header that carries the app's token.
const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-acs-dingtalk-access-token");

/// Posts the message; a refused token is fetched anew, once, and the message posted again. While a
/// failure is everyone's answer, nothing is posted.
pub(in crate::dingtalk) async fn send(
    client: &Client,
    conversation: &Conversation,
    part: &Part,
    deadline: Duration,
) -> Result<Receipt, SendError> {
    let app = conversation.app_credentials();
    let token = client.tokens.get(&client.http, app);
    let token = client.within(deadline, token).await.map_err(of_token)?;
    let first = client.within(deadline, post(client, conversation, part, &token)).await;
    let refusal = match first {
        Err(error) if error.cause == Cause::Token => error,
        sent => return sent,
    };
    let fresh = client.tokens.replace(&client.http, app, &token, refusal);
    let fresh = client.within(deadline, fresh).await.map_err(of_token)?;
    let second = client.within(deadline, post(client, conversation, part, &fresh)).await;
    if let Err(error) = &second
        && error.cause == Cause::Token
    {
        client.tokens.give_up(&client.http, app, &fresh, error).await;
    }
    second
}

/// The message was not sent; a refused token is its own cause, and anything else its request's.
fn of_token(error: SendError) -> SendError {
    if error.cause == Cause::Token { error } else { error.of_token_request() }
}

async fn post(
    client: &Client,
    conversation: &Conversation,
    part: &Part,
    token: &AppToken,
) -> Result<Receipt, SendError> {
    let base = client.tokens.api_url();
    let Ok(url) = Url::parse(&format!("{base}/v1.0/robot/groupMessages/send")) else {
        return Err(Cause::Refused(Refusal::Url).into());
    };
    let (msg_key, msg_param) = msg_param(part);
    let body = json!({
        "robotCode": conversation.robot_code,
        "openConversationId": conversation.open_conversation_id,
        "msgKey": msg_key,
        "msgParam": msg_param,
    });
    let (proof, token) = (token, token.expose_secret());
    let secrets = [token, conversation.app_secret.expose_secret()];
    let header = HeaderValue::from_str(token).ok().map(|mut value| {
        value.set_sensitive(true);
        (TOKEN_HEADER, value)
    });
    let reply = client.http.post(url, header, body.to_string(), &secrets).await?;
    let sent = verdict::of(&reply, &secrets);
    if sent.as_ref().err().is_none_or(|error| matches!(error.cause, Cause::Refused(_))) {
        proof.prove();
    }
    sent
}
