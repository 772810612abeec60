//! A chatbot's call: `robot/send` (DingTalk, `custom-robots-send-group-messages`).

use secrecy::ExposeSecret;

use super::body::body;
use super::verdict;
use crate::dingtalk::errcode::{Cause, Receipt, Refusal, SendError};
use crate::dingtalk::http::Http;
use crate::dingtalk::message::Part;
use crate::dingtalk::{Chatbot, sign};

/// Posts the message, signed for now.
pub(in crate::dingtalk) async fn send(
    http: &Http,
    chatbot: &Chatbot,
    part: &Part,
    msg_uuid: &str,
) -> Result<Receipt, SendError> {
    let secret = chatbot.secret.as_ref().map(ExposeSecret::expose_secret);
    let timestamp = http.clock.now().wall.as_millisecond();
    let webhook = chatbot.webhook_url.expose_secret();
    let Some(url) = sign::signed_url(webhook, timestamp, secret) else {
        return Err(Cause::Refused(Refusal::Url).into());
    };
    let sign = secret.map(|secret| sign::sign(timestamp, secret)).unwrap_or_default();
    let encoded = sign::percent_encode(&sign);
    let secrets = [
        webhook,
        chatbot.access_token.expose_secret(),
        secret.unwrap_or_default(),
        &sign,
        &encoded,
    ];
    let reply = http.post(url, None, body(part, msg_uuid), &secrets).await?;
    verdict::of(&reply, &secrets, secret.is_some())
}
