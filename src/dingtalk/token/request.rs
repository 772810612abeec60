//! The calls that fetch an app's token, one for each API, and what their answers mean.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{AppCredentials, AppToken, TokenSource};
use crate::dingtalk::errcode::{Cause, Refusal, SendError};
use crate::dingtalk::http::Http;
use crate::dingtalk::reply::{JsonReply, Reply};

/// How long before its end a token is no longer used (DingTalk's Python SDK, `stream.py`).
const MARGIN: Duration = Duration::from_mins(5);

/// How long a token lives when the answer does not say (DingTalk, `obtain-orgapp-token`).
const USUAL_LIFE: Duration = Duration::from_hours(2);

/// The token of `app`; `api_url` is the base of the current API.
pub(super) async fn fetch(
    http: &Http,
    api_url: &str,
    app: AppCredentials<'_>,
) -> Result<AppToken, SendError> {
    let (value, life) = match app.source {
        TokenSource::Current => of_current(http, api_url, app).await?,
        TokenSource::Older(base_url) => of_older(http, base_url, app).await?,
    };
    let usable = life.saturating_sub(MARGIN.min(life / 4));
    let stale_at = http.clock.now().boot.saturating_add(usable);
    Ok(AppToken { value, stale_at, proved: AtomicBool::new(false) })
}

/// A token, and how long it lives.
type Given = (SecretString, Duration);

/// `oauth2/accessToken` (DingTalk, `obtain-the-access-token-of-an-internal-app`).
async fn of_current(
    http: &Http,
    api_url: &str,
    app: AppCredentials<'_>,
) -> Result<Given, SendError> {
    let Ok(url) = Url::parse(&format!("{api_url}/v1.0/oauth2/accessToken")) else {
        return Err(Cause::Refused(Refusal::Url).into());
    };
    let secret = app.secret.expose_secret();
    let body = json!({"appKey": app.key, "appSecret": secret}).to_string();
    let reply = http.post(url, None, body, &[secret]).await?;
    token_in(&reply, ["accessToken", "expireIn"]).ok_or_else(|| no_token(&reply, &[secret]))
}

/// `gettoken` (DingTalk, `obtain-orgapp-token`): key and secret stand in the query.
async fn of_older(
    http: &Http,
    base_url: &str,
    app: AppCredentials<'_>,
) -> Result<Given, SendError> {
    let secret = app.secret.expose_secret();
    let pairs = [("appkey", app.key), ("appsecret", secret)];
    let Ok(url) = Url::parse_with_params(&format!("{base_url}/gettoken"), pairs) else {
        return Err(Cause::Refused(Refusal::Url).into());
    };
    let encoded = last_value(&url);
    let secrets = [secret, encoded.as_str()];
    let reply = http.get(url, &secrets).await?;
    let json = JsonReply::new(&reply, &secrets).ok();
    let is_given = json.and_then(|json| json.errcode()).is_some_and(|code| code == "0");
    let given = token_in(&reply, ["access_token", "expires_in"]).filter(|_| is_given);
    given.ok_or_else(|| no_token(&reply, &secrets))
}

/// The last value of a query as it stands there, percent-encoded.
pub(in crate::dingtalk) fn last_value(url: &Url) -> String {
    let value = url.query().and_then(|query| query.rsplit_once('='));
    value.map(|(_, value)| value.to_owned()).unwrap_or_default()
}

/// The token and how long it lives, if this is HTTP 200 with a token that a header can carry; under
/// these two keys.
fn token_in(reply: &Reply, [token, life]: [&str; 2]) -> Option<Given> {
    let body: Value = serde_json::from_slice(&reply.body).ok()?;
    let token = body.get(token)?.as_str()?;
    let carried = !token.is_empty() && HeaderValue::from_str(token).is_ok();
    let life = body.get(life).and_then(Value::as_u64);
    let life = life.map_or(USUAL_LIFE, Duration::from_secs);
    (reply.status == 200 && carried).then(|| (SecretString::from(token), life))
}

/// Why an answer holds no token: where it is about what was sent, the app is wrong.
pub(in crate::dingtalk) fn no_token(reply: &Reply, secrets: &[&str]) -> SendError {
    let mut error =
        JsonReply::new(reply, secrets).map_or_else(|error| error, |json| json.current());
    let about_the_app = match &error.cause {
        Cause::TooLong | Cause::Clock | Cause::Token => true,
        Cause::Refused(refusal) => !refusal.concerns_destination(),
        Cause::NotConnected(_)
        | Cause::TimedOut
        | Cause::Broken(_)
        | Cause::Redirect
        | Cause::Banned
        | Cause::ServerError
        | Cause::NotJson
        | Cause::NoErrcode
        | Cause::Busy
        | Cause::Throttled
        | Cause::ThrottledSecond
        | Cause::UnknownCode => false,
    };
    if about_the_app {
        error.cause = Cause::Refused(Refusal::Credentials);
    }
    error
}
