//! `/v1.0/oauth2/accessToken` and `/gettoken`: an app's token, by key and secret.
//!
//! Asking again within a token's life gives the same token and renews it (documented). Whether one
//! API's token serves the other is not stated; here it does, as clients assume.

use std::time::Duration;

use serde_json::{Value, json};

use crate::reply::{ApiRefusal, Refusal, Reply};
use crate::request::Received;
use crate::state::State;

/// A token that was given out.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) app: String,
    expires: Duration,
    pub(crate) revoked: bool,
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenFlaw {
    Invalid,
    Expired,
}

/// Answers `/v1.0/oauth2/accessToken`.
pub(crate) fn access_token(state: &mut State, call: &Received, now: Duration) -> Reply {
    let key = call.field("appKey").unwrap_or_default();
    let secret = call.field("appSecret").unwrap_or_default();
    let Some(token) = grant(state, key, secret, now) else {
        let words = "无效的clientId或者clientSecret";
        let refusal = ApiRefusal::new(400, "invalidClientIdOrSecret", words);
        return Reply::api_refused(&refusal, &request_id(state));
    };
    let life = state.rules.token_life.as_secs();
    Reply::api_ok(json!({"accessToken": token, "expireIn": life}))
}

/// Answers `/gettoken`, which reads its query only, whatever the method.
pub(crate) fn get_token(state: &mut State, call: &Received, now: Duration) -> Reply {
    let given = |key, secret| Some((call.parameter(key)?, call.parameter(secret).unwrap_or("")));
    let app = given("appkey", "appsecret").map(|pair| (pair, 40_096, "不合法的appKey或appSecret"));
    let corp =
        || given("corpid", "corpsecret").map(|pair| (pair, 40_089, "不合法的corpid或corpSecret"));
    let Some(((key, secret), code, words)) = app.or_else(corp) else {
        let refusal = Refusal::new(40_035, "缺少参数 corpid or appkey");
        return Reply::refused(&state.rules, &refusal);
    };
    let Some(token) = grant(state, key, secret, now) else {
        return Reply::refused(&state.rules, &Refusal::new(code, words));
    };
    let life = state.rules.token_life.as_secs();
    Reply::ok(&state.rules, &[("access_token", Value::from(token)), ("expires_in", life.into())])
}

fn grant(state: &mut State, key: &str, secret: &str, now: Duration) -> Option<String> {
    let life = state.rules.token_life;
    let app = state.app(key, secret).filter(|app| app.app.secret == secret)?;
    let held = app.token.clone().unwrap_or_default();
    if let Some(issued) = state.tokens.get_mut(&held)
        && !issued.revoked
        && now < issued.expires
    {
        issued.expires = now + life;
        return Some(held);
    }
    let token = format!("{:032x}", state.number());
    let issued = Issued { app: key.to_owned(), expires: now + life, revoked: false };
    state.tokens.insert(token.clone(), issued);
    state.apps.get_mut(key)?.token = Some(token.clone());
    Some(token)
}

/// The key of the app that holds this token.
pub(crate) fn verify(state: &State, token: &str, now: Duration) -> Result<String, TokenFlaw> {
    match state.tokens.get(token) {
        None => Err(TokenFlaw::Invalid),
        Some(issued) if issued.revoked => Err(TokenFlaw::Invalid),
        Some(issued) if now >= issued.expires => Err(TokenFlaw::Expired),
        Some(issued) => Ok(issued.app.clone()),
    }
}

/// The id under which DingTalk's support would find a call.
pub(crate) fn request_id(state: &mut State) -> String {
    format!("00000000-0000-7000-8000-{:012X}", state.number())
}
