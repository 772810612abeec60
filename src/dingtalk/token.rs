//! App tokens: fetched once, shared by everyone, fetched again before they run out.
//!
//! One request at a time is under way for an app. A message that needs the token meanwhile waits
//! and takes that request's result, also a failure: a hundred waiting messages must not become a
//! hundred requests, which DingTalk throttles (`obtain-orgapp-token`). A failure serves those that
//! come a little later too, and each time in a row longer; a fresh token that is refused is one.

pub(super) mod request;

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::errcode::{Cause, SendError};
use super::http::Http;
use crate::clock::Clock;

/// The header that carries an app's token to the current API.
const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-acs-dingtalk-access-token");

/// How long a failure is everyone's answer, at first and at most; each one in a row doubles it.
const HOLD: (Duration, Duration) = (Duration::from_secs(2), Duration::from_mins(1));

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
    /// Whether DingTalk has taken it with a call.
    proved: AtomicBool,
}

/// The tokens of all apps.
pub(super) struct Tokens {
    api_url: String,
    of_apps: Mutex<HashMap<AppId, Arc<SharedToken>>>,
    ok: AtomicU64,
    failed: AtomicU64,
}

/// A digest of key, secret and source: an app whose secret was replaced starts anew, and no secret is
/// kept.
type AppId = [u8; 32];

/// The key and the secret that an app's token is asked for with, and where.
#[derive(Clone, Copy)]
pub(super) struct AppCredentials<'a> {
    pub(super) key: &'a str,
    pub(super) secret: &'a SecretString,
    pub(super) source: TokenSource<'a>,
}

/// The API that gives out the token, and takes it; whether the other takes it is not documented, so an
/// app that uses both has two.
#[derive(Debug, Clone, Copy)]
pub(super) enum TokenSource<'a> {
    /// The current API.
    Current,
    /// The older one, at this base URL.
    Older(&'a str),
}

/// One app's token, shared by all messages of the app.
#[derive(Default)]
struct SharedToken {
    /// Held while a token is fetched.
    known: tokio::sync::Mutex<Known>,
    /// How many requests have ended; a message that waited sees by it that what is known is new.
    requests: AtomicU64,
}

/// What is known of an app's token.
#[derive(Default)]
struct Known {
    fetched: Fetched,
    /// The failures in a row: requests, and fresh tokens that were refused.
    failures: u32,
    /// The boot time until which the last failure is everyone's answer.
    held_until: Duration,
}

/// What the last request brought.
#[derive(Default)]
enum Fetched {
    #[default]
    Nothing,
    Token(Arc<AppToken>),
    Error(SendError),
}

/// A request under way. One that is dropped after a while, because its attempt's time is up, has failed
/// too; one that is dropped sooner, because its caller is gone, tells nothing.
struct Request<'a> {
    known: tokio::sync::MutexGuard<'a, Known>,
    shared: &'a SharedToken,
    tokens: &'a Tokens,
    clock: &'a dyn Clock,
    /// When it began on the boot clock.
    began: Duration,
    result: Option<Result<Arc<AppToken>, SendError>>,
}

impl AppToken {
    /// The token itself.
    pub(super) fn expose_secret(&self) -> &str {
        self.value.expose_secret()
    }

    /// The header that carries it to the current API.
    pub(super) fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        let mut value = HeaderValue::from_str(self.expose_secret()).ok()?;
        value.set_sensitive(true);
        Some((TOKEN_HEADER, value))
    }

    /// DingTalk took it, whatever it said to the message.
    pub(super) fn prove(&self) {
        self.proved.store(true, Ordering::Relaxed);
    }
}

impl Known {
    /// The answer for whoever comes at `now`, unless a token has to be fetched for it.
    fn answer(&self, now: Duration, is_new: bool) -> Option<Result<Arc<AppToken>, SendError>> {
        match &self.fetched {
            Fetched::Token(token) if is_new || now < token.stale_at => Some(Ok(Arc::clone(token))),
            Fetched::Error(error) if is_new || now < self.held_until => {
                let left = self.held_until.saturating_sub(now);
                Some(Err(SendError { wait: Some(left), ..error.clone() }))
            }
            Fetched::Token(_) | Fetched::Error(_) | Fetched::Nothing => None,
        }
    }

    /// Whether the token is the one that everyone is given.
    fn has(&self, token: &Arc<AppToken>) -> bool {
        matches!(&self.fetched, Fetched::Token(known) if Arc::ptr_eq(known, token))
    }

    /// Gives the token up, if there is one; where DingTalk took it, all was well.
    fn forget_token(&mut self) {
        if let Fetched::Token(token) = std::mem::take(&mut self.fetched)
            && token.proved.load(Ordering::Relaxed)
        {
            self.failures = 0;
        }
    }

    /// Answers everyone with this failure for a while, or for as long as DingTalk asks to wait.
    fn fail(&mut self, error: SendError, now: Duration) {
        let doubled = 1u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        let hold = HOLD.0.saturating_mul(doubled).min(HOLD.1);
        self.failures = self.failures.saturating_add(1);
        self.held_until = now.saturating_add(hold.max(error.wait.unwrap_or_default()));
        self.fetched = Fetched::Error(error);
    }
}

impl Tokens {
    /// No tokens yet; those of the current API are asked for at `api_url`.
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

    /// The app's token; where a failure is everyone's answer, with the wait until it is none.
    pub(super) async fn get(
        &self,
        http: &Http,
        app: AppCredentials<'_>,
    ) -> Result<Arc<AppToken>, SendError> {
        let shared = self.shared(app);
        let before = shared.requests.load(Ordering::Acquire);
        let known = shared.known.lock().await;
        let is_new = shared.requests.load(Ordering::Acquire) != before;
        match known.answer(http.clock.now().boot, is_new) {
            Some(answer) => answer,
            None => self.request(http, app, &shared, known).await,
        }
    }

    /// Another token than `refused`, which DingTalk did not take, with this answer.
    ///
    /// Tokens are compared by the request that fetched them and not by their text: DingTalk may
    /// answer with the same text again, and a late refusal must not drop the token that came after.
    pub(super) async fn replace(
        &self,
        http: &Http,
        app: AppCredentials<'_>,
        refused: &Arc<AppToken>,
        answer: SendError,
    ) -> Result<Arc<AppToken>, SendError> {
        let shared = self.shared(app);
        let mut known = shared.known.lock().await;
        let now = http.clock.now().boot;
        if known.has(refused) {
            known.forget_token();
            // The token was fetched after a failure and is refused as well: one more is no better.
            if known.failures > 0 {
                known.fail(answer.clone(), now);
                return Err(answer);
            }
        } else if let Some(answer) = known.answer(now, false) {
            return answer;
        }
        self.request(http, app, &shared, known).await
    }

    /// DingTalk did not take this token either, which was fetched in the place of another.
    pub(super) async fn give_up(
        &self,
        http: &Http,
        app: AppCredentials<'_>,
        refused: &Arc<AppToken>,
        answer: &SendError,
    ) {
        let shared = self.shared(app);
        let mut known = shared.known.lock().await;
        if known.has(refused) {
            known.forget_token();
            known.fail(answer.clone(), http.clock.now().boot);
        }
    }

    async fn request(
        &self,
        http: &Http,
        app: AppCredentials<'_>,
        shared: &SharedToken,
        mut known: tokio::sync::MutexGuard<'_, Known>,
    ) -> Result<Arc<AppToken>, SendError> {
        known.forget_token();
        let clock = &*http.clock;
        let began = clock.now().boot;
        let mut request = Request { known, shared, tokens: self, clock, began, result: None };
        let result = request::fetch(http, &self.api_url, app).await.map(Arc::new);
        request.result = Some(result.clone());
        result
    }

    fn shared(&self, app: AppCredentials<'_>) -> Arc<SharedToken> {
        let source = match app.source {
            TokenSource::Current => "",
            TokenSource::Older(base_url) => base_url,
        };
        let id = Sha256::new()
            .chain_update(app.key)
            .chain_update([0])
            .chain_update(app.secret.expose_secret())
            .chain_update([0])
            .chain_update(source)
            .finalize();
        let mut of_apps = self.of_apps.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(of_apps.entry(id.into()).or_default())
    }
}

impl Drop for Request<'_> {
    fn drop(&mut self) {
        let now = self.clock.now().boot;
        let result = self.result.take();
        let has_token = matches!(result, Some(Ok(_)));
        let counter = if has_token { &self.tokens.ok } else { &self.tokens.failed };
        counter.fetch_add(1, Ordering::Relaxed);
        match result {
            Some(Ok(token)) => self.known.fetched = Fetched::Token(token),
            Some(Err(error)) => self.known.fail(error, now),
            None if now.saturating_sub(self.began) < HOLD.0 => {}
            None => self.known.fail(Cause::TimedOut.into(), now),
        }
        self.shared.requests.fetch_add(1, Ordering::Release);
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("refreshes", &self.refreshes()).finish_non_exhaustive()
    }
}
