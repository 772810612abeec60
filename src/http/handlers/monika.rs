//! What Monika posts: from the request to the disk, and the answer that it is there.
//!
//! Monika gives up after 10 s and never sends anything again. So it is answered soon, and what is not on
//! disk by then goes on on its way there.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use tracing::warn;

use super::PathText;
use crate::api::notification::NotificationAnswer;
use crate::clock::Now;
use crate::http::AppState;
use crate::http::edge::read_body;
use crate::http::error::HttpError;
use crate::http::json::Json;
use crate::http::signature;
use crate::intake::{Acceptance, FromSender, Incoming, Reading, ToItsEnd};
use crate::queue::{RawPayload, SenderKey};
use crate::receive::monika::{self, Manner, Post};
use crate::receive::{self, PayloadError};
use crate::settings::{MonikaWebhook, Settings};

/// How soon it is answered: Monika's own limit is 10 s (`utils/http.ts`).
const ANSWERED_WITHIN: Duration = Duration::from_secs(2);

/// How long what it posts waits for a store that refuses it, most of that after the answer.
const WAITS: Duration = Duration::from_secs(20);

/// The receivers about which the log has said that Monika's `webhook` channel does not tell a recovery from
/// an incident.
#[derive(Debug, Default)]
pub struct WarnedReceivers(Mutex<BTreeSet<String>>);

impl WarnedReceivers {
    /// Whether it is the first time for this receiver.
    fn is_first(&self, receiver: &str) -> bool {
        let mut warned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        !warned.contains(receiver) && warned.insert(receiver.to_owned())
    }
}

/// Takes a body of one of Monika's two channels.
pub(in crate::http) async fn take(
    State(app): State<Arc<AppState>>,
    receiver: Result<PathText, HttpError>,
    endpoint: MatchedPath,
    request: Request,
) -> Result<Json<NotificationAnswer>, HttpError> {
    if !app.ready.load(Ordering::Relaxed) {
        return Err(HttpError::ShuttingDown);
    }
    let PathText(receiver) = receiver?;
    let (head, body) = request.into_parts();
    let max = app.core.settings.load().process.max_body_bytes;
    let bytes = read_body(max, body).await?;
    let settings = app.core.settings.load_full();
    let now = app.core.clock.now().wall;
    signature::left_out(&settings, Some(&receiver), &head.headers, &bytes, now)?;
    let limit = app.core.clock.now().boot + ANSWERED_WITHIN;
    let work = ToItsEnd::new({
        let (app, receiver) = (Arc::clone(&app), receiver.clone());
        async move {
            let taken = store(&app, receiver.clone(), endpoint.as_str(), &bytes).await;
            taken.inspect_err(|error| {
                // Before that, the answer says it.
                if app.core.clock.now().boot >= limit {
                    warn!(receiver.name = receiver, "what Monika posted is not stored: {error}");
                }
            })
        }
    });
    tokio::select! {
        biased;
        taken = work => Ok(Json(taken?.into())),
        () = app.core.clock.sleep_until(limit) => {
            warn!(
                receiver.name = receiver,
                "what Monika posted is not stored after 2 s; that is still tried, and it was told so"
            );
            Err(HttpError::NotStoredYet)
        }
    }
}

/// Reads a body with what is known, and stores what is made of it.
async fn store(
    app: &AppState,
    receiver: String,
    endpoint: &str,
    body: &[u8],
) -> Result<Acceptance, HttpError> {
    let settings = app.core.settings.load_full();
    let manner = manner(&settings, &receiver, app.core.clock.now())?;
    let post = Post::read(body)?;
    tell(app, &receiver, &post, &manner);
    let Some(thing) = post.thing(&manner) else {
        let payload = payload(post.told(None, &manner).payload);
        let receiver = Some(receiver);
        let incoming = Incoming {
            receiver,
            endpoint,
            payload,
            parse: receive::parse,
            key: None,
            left_out: Vec::new(),
            patience: WAITS,
        };
        return Ok(app.intake.take(incoming).await?);
    };
    let of = SenderKey { sender: monika::sender(&receiver), thing };
    let from = FromSender { receiver, endpoint, of, parse: receive::parse, patience: WAITS };
    let read = |known: Option<&[u8]>| {
        let told = post.told(known, &manner);
        Reading { payload: payload(told.payload), becomes: told.becomes }
    };
    Ok(app.intake.take_told::<PayloadError>(from, read).await?)
}

/// How a body for this receiver is read.
fn manner(settings: &Settings, receiver: &str, now: Now) -> Result<Manner, HttpError> {
    let receiver = settings.receivers.find(receiver)?;
    let toggles = match receiver.monika.webhook {
        MonikaWebhook::Either => false,
        MonikaWebhook::Toggle => true,
    };
    Ok(Manner { at: now.wall, language: receiver.format.language.as_str().into(), toggles })
}

fn payload(bytes: Vec<u8>) -> RawPayload {
    RawPayload { format: monika::FORMAT.into(), bytes }
}

/// Tells in the log what nobody would find out otherwise.
fn tell(app: &AppState, receiver: &str, post: &Post, manner: &Manner) {
    if let Some(time) = post.unread_time() {
        let time: String = time.chars().take(40).collect();
        warn!(
            receiver.name = receiver,
            time, "Monika's time cannot be read; the time of its arrival stands for it"
        );
    }
    if post.is_of_webhook() && !manner.toggles && app.warned.is_first(receiver) {
        warn!(
            receiver.name = receiver,
            "Monika's webhook channel does not tell a recovery from an incident, and the messages say \
             so; use its monika-notif channel, or set monika.webhook: toggle for this receiver"
        );
    }
}
