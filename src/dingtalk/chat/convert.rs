//! The id by which the current API knows a chat (DingTalk, `obtain-group-openconversationid`).

use std::time::Duration;

use reqwest::Url;
use secrecy::ExposeSecret;

use crate::dingtalk::Client;
use crate::dingtalk::app_call::{AppCall, with_token};
use crate::dingtalk::chat::Chat;
use crate::dingtalk::errcode::{Cause, Refusal, SendError};
use crate::dingtalk::http::Http;
use crate::dingtalk::reply::JsonReply;
use crate::dingtalk::token::{AppCredentials, AppToken, TokenSource};

/// Asks the current API, with the app's token of that API.
pub(in crate::dingtalk) async fn open_conversation_id(
    client: &Client,
    chat: &Chat,
    deadline: Duration,
) -> Result<String, SendError> {
    with_token(client, &Conversion { api_url: client.tokens.api_url(), chat }, deadline).await
}

/// The question for one chat's id.
struct Conversion<'a> {
    api_url: &'a str,
    chat: &'a Chat,
}

impl Conversion<'_> {
    fn url(&self) -> Option<Url> {
        let mut url = Url::parse(self.api_url).ok()?;
        let path = ["v1.0", "im", "chat", &self.chat.chat_id, "convertToOpenConversationId"];
        url.path_segments_mut().ok()?.pop_if_empty().extend(path);
        Some(url)
    }
}

impl AppCall for Conversion<'_> {
    type Answer = String;

    fn app(&self) -> AppCredentials<'_> {
        AppCredentials { source: TokenSource::Current, ..self.chat.app_credentials() }
    }

    async fn make(&self, http: &Http, token: &AppToken) -> Result<String, SendError> {
        let Some(url) = self.url() else { return Err(Cause::Refused(Refusal::Url).into()) };
        let secrets = [token.expose_secret(), self.chat.app_secret.expose_secret()];
        let reply = http.post(url, token.header(), String::new(), &secrets).await?;
        let json = JsonReply::new(&reply, &secrets)?;
        match json.text("openConversationId") {
            id if reply.status == 200 && !id.is_empty() => Ok(id.to_owned()),
            _ => Err(json.current()),
        }
    }
}
