//! App tokens: fetched once, shared by everyone, fetched again before they run out.
//!
//! One request at a time is under way for an app. Whoever asks meanwhile waits and takes its
//! result, also a failure: a hundred waiting messages must not become a hundred requests, which
//! DingTalk throttles (`obtain-orgapp-token`).

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

use super::Conversation;
use super::errcode::{Cause, Refusal, SendError};
use super::http::Http;
use super::reply::{JsonReply, Reply};

/// How long before its end a token is no longer used (DingTalk's Python SDK, `stream.py`).
const MARGIN: Duration = Duration::from_mins(5);

/// How long a token lives when the answer does not say (DingTalk, `obtain-orgapp-token`).
const USUAL_LIFE: Duration = Duration::from_hours(2);

/// How many requests for a token ended how.
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
    apps: Mutex<HashMap<AppId, Arc<App>>>,
    ok: AtomicU64,
    failed: AtomicU64,
}

/// A digest of key and secret: an app whose secret was replaced starts anew, and no secret is kept.
type AppId = [u8; 32];

#[derive(Default)]
struct App {
    /// Held while a token is fetched.
    slot: tokio::sync::Mutex<Slot>,
    /// How many requests have ended; who waited sees by it that the slot is news.
    rounds: AtomicU64,
}

/// What the last request brought.
#[derive(Default)]
enum Slot {
    #[default]
    Empty,
    Token(Arc<AppToken>),
    Failed(SendError),
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
            apps: Mutex::default(),
            ok: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        }
    }

    /// The base of the current API, without a slash at the end.
    pub(super) fn api_url(&self) -> &str {
        &self.api_url
    }

    /// How many requests ended how.
    pub(super) fn refreshes(&self) -> Refreshes {
        Refreshes {
            ok: self.ok.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
        }
    }

    /// The app's token; another one than `refused`, which DingTalk did not take.
    ///
    /// A token is told from its successor by who fetched it and not by its text: DingTalk may
    /// answer with the same text again, and a late refusal must not drop what came after.
    pub(super) async fn get(
        &self,
        http: &Http,
        conversation: &Conversation,
        refused: Option<&Arc<AppToken>>,
    ) -> Result<Arc<AppToken>, SendError> {
        let app = self.app(conversation);
        let seen = app.rounds.load(Ordering::Acquire);
        let mut slot = app.slot.lock().await;
        let is_news = app.rounds.load(Ordering::Acquire) != seen;
        match &*slot {
            Slot::Token(token) if refused.is_some_and(|refused| Arc::ptr_eq(refused, token)) => {}
            Slot::Token(token) if is_news || http.clock.now().boot < token.stale_at => {
                return Ok(Arc::clone(token));
            }
            Slot::Failed(error) if is_news => return Err(error.clone()),
            Slot::Token(_) | Slot::Failed(_) | Slot::Empty => {}
        }
        *slot = Slot::Empty;
        let fetched = self.counted_fetch(http, conversation).await.map(Arc::new);
        *slot = match &fetched {
            Ok(token) => Slot::Token(Arc::clone(token)),
            Err(error) => Slot::Failed(error.clone()),
        };
        app.rounds.fetch_add(1, Ordering::Release);
        fetched
    }

    fn app(&self, conversation: &Conversation) -> Arc<App> {
        let id = Sha256::new()
            .chain_update(&conversation.app_key)
            .chain_update([0])
            .chain_update(conversation.app_secret.expose_secret())
            .finalize();
        let mut apps = self.apps.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(apps.entry(id.into()).or_default())
    }

    async fn counted_fetch(
        &self,
        http: &Http,
        conversation: &Conversation,
    ) -> Result<AppToken, SendError> {
        let mut count = Count { tokens: self, ok: false };
        let fetched = self.fetch(http, conversation).await;
        count.ok = fetched.is_ok();
        fetched
    }

    async fn fetch(&self, http: &Http, conversation: &Conversation) -> Result<AppToken, SendError> {
        let Ok(url) = Url::parse(&format!("{}/v1.0/oauth2/accessToken", self.api_url)) else {
            return Err(Cause::Refused(Refusal::Url).into());
        };
        let secret = conversation.app_secret.expose_secret();
        let body = json!({"appKey": conversation.app_key, "appSecret": secret}).to_string();
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
struct Count<'a> {
    tokens: &'a Tokens,
    ok: bool,
}

impl Drop for Count<'_> {
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
