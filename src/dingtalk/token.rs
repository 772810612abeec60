//! App tokens: fetched once, shared by everyone, fetched again before they run out.
//!
//! One request at a time is under way for an app. A message that needs the token meanwhile waits
//! and takes that request's result, also a failure: a hundred waiting messages must not become a
//! hundred requests, which DingTalk throttles (`obtain-orgapp-token`).

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::errcode::{Cause, Refusal, SendError};
use super::http::Http;
use super::reply::{JsonReply, Reply};

/// How long before its end a token is no longer used (DingTalk's Python SDK, `stream.py`).
const MARGIN: Duration = Duration::from_mins(5);

/// How long a token lives when the answer does not say (DingTalk, `obtain-orgapp-token`).
const USUAL_LIFE: Duration = Duration::from_hours(2);

/// How many requests for a token succeeded and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refreshes {
    /// With a token.
    pub ok: u64,
    /// Without one, or given up because the attempt's time was up.
    pub failed: u64,
}

/// One fetched token.
pub(super) struct AppToken {
    value: SecretString,
    /// The boot time from which on it is fetched again.
    stale_at: Duration,
}

/// The tokens of all apps.
pub(super) struct Tokens {
    api_url: String,
    of_apps: Mutex<HashMap<AppId, Arc<SharedToken>>>,
    ok: AtomicU64,
    failed: AtomicU64,
}

/// A digest of key and secret: an app whose secret was replaced starts anew, and no secret is kept.
type AppId = [u8; 32];

/// The key and the secret that an app's token is asked for with.
#[derive(Clone, Copy)]
pub(super) struct AppCredentials<'a> {
    pub(super) key: &'a str,
    pub(super) secret: &'a SecretString,
}

/// One app's token, shared by all messages of the app.
#[derive(Default)]
struct SharedToken {
    /// Held while a token is fetched.
    fetched: tokio::sync::Mutex<Fetched>,
    /// How many requests have ended; a message that waited sees by it that `fetched` is new.
    requests: AtomicU64,
}

/// What the last request brought.
#[derive(Default)]
enum Fetched {
    #[default]
    Nothing,
    Token(Arc<AppToken>),
    Error(SendError),
}

impl AppToken {
    /// The token itself.
    pub(super) fn expose_secret(&self) -> &str {
        self.value.expose_secret()
    }
}

impl Tokens {
    /// No tokens yet, of the API at `api_url`.
    pub(super) fn new(api_url: &str) -> Self {
        Self {
            api_url: api_url.trim_end_matches('/').to_owned(),
            of_apps: Mutex::default(),
            ok: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        }
    }

    /// The base of the current API, without a slash at the end.
    pub(super) fn api_url(&self) -> &str {
        &self.api_url
    }

    /// How many requests succeeded and failed.
    pub(super) fn refreshes(&self) -> Refreshes {
        Refreshes {
            ok: self.ok.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
        }
    }

    /// The app's token; another one than `refused`, which DingTalk did not take.
    ///
    /// Tokens are compared by the request that fetched them and not by their text: DingTalk may
    /// answer with the same text again, and a late refusal must not drop the token that came after.
    pub(super) async fn get(
        &self,
        http: &Http,
        app: AppCredentials<'_>,
        refused: Option<&Arc<AppToken>>,
    ) -> Result<Arc<AppToken>, SendError> {
        let shared = self.shared(app);
        let before = shared.requests.load(Ordering::Acquire);
        let mut fetched = shared.fetched.lock().await;
        let is_new = shared.requests.load(Ordering::Acquire) != before;
        match &*fetched {
            Fetched::Token(token) if refused.is_some_and(|refused| Arc::ptr_eq(refused, token)) => {
            }
            Fetched::Token(token) if is_new || http.clock.now().boot < token.stale_at => {
                return Ok(Arc::clone(token));
            }
            Fetched::Error(error) if is_new => return Err(error.clone()),
            Fetched::Token(_) | Fetched::Error(_) | Fetched::Nothing => {}
        }
        *fetched = Fetched::Nothing;
        let result = self.counted_fetch(http, app).await.map(Arc::new);
        *fetched = match &result {
            Ok(token) => Fetched::Token(Arc::clone(token)),
            Err(error) => Fetched::Error(error.clone()),
        };
        shared.requests.fetch_add(1, Ordering::Release);
        result
    }

    fn shared(&self, app: AppCredentials<'_>) -> Arc<SharedToken> {
        let id = Sha256::new()
            .chain_update(app.key)
            .chain_update([0])
            .chain_update(app.secret.expose_secret())
            .finalize();
        let mut of_apps = self.of_apps.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(of_apps.entry(id.into()).or_default())
    }

    async fn counted_fetch(
        &self,
        http: &Http,
        app: AppCredentials<'_>,
    ) -> Result<AppToken, SendError> {
        let mut count = RequestCount { tokens: self, ok: false };
        let result = self.fetch(http, app).await;
        count.ok = result.is_ok();
        result
    }

    async fn fetch(&self, http: &Http, app: AppCredentials<'_>) -> Result<AppToken, SendError> {
        let Ok(url) = Url::parse(&format!("{}/v1.0/oauth2/accessToken", self.api_url)) else {
            return Err(Cause::Refused(Refusal::Url).into());
        };
        let secret = app.secret.expose_secret();
        let body = json!({"appKey": app.key, "appSecret": secret}).to_string();
        let reply = http.post(url, None, body, &[secret]).await?;
        match read_token(&reply) {
            Some((value, life)) => {
                let usable = life.saturating_sub(MARGIN.min(life / 4));
                Ok(AppToken { value, stale_at: http.clock.now().boot.saturating_add(usable) })
            }
            None => Err(no_token(&reply, &[secret])),
        }
    }
}

/// Counts a request when it ends, also by being dropped when an attempt's time is up.
struct RequestCount<'a> {
    tokens: &'a Tokens,
    ok: bool,
}

impl Drop for RequestCount<'_> {
    fn drop(&mut self) {
        let counter = if self.ok { &self.tokens.ok } else { &self.tokens.failed };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("refreshes", &self.refreshes()).finish_non_exhaustive()
    }
}

/// The token and how long it lives, if this is HTTP 200 with a token that a header can carry.
fn read_token(reply: &Reply) -> Option<(SecretString, Duration)> {
    let body: Value = serde_json::from_slice(&reply.body).ok()?;
    let token = body.get("accessToken")?.as_str()?;
    let carried = !token.is_empty() && HeaderValue::from_str(token).is_ok();
    let life = body.get("expireIn").and_then(Value::as_u64);
    let life = life.map_or(USUAL_LIFE, Duration::from_secs);
    (reply.status == 200 && carried).then(|| (SecretString::from(token), life))
}

/// Why an answer holds no token: where it is about what was sent, the app is wrong.
pub(super) fn no_token(reply: &Reply, secrets: &[&str]) -> SendError {
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
