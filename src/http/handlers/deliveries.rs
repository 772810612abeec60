//! The deliveries: a list, one with everything, replay and discard.

use std::num::{NonZeroUsize, ParseIntError};
use std::slice;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use jiff::Timestamp;
use serde::Deserialize;
use tracing::info;

use super::PathText;
use crate::api::delivery::{DeliveryDetail, DeliveryList, DiscardAnswer, ReplayAnswer};
use crate::clock::Now;
use crate::deliver::{Parked, Standstill};
use crate::http::AppState;
use crate::http::access::Peer;
use crate::http::error::HttpError;
use crate::http::json::Json;
use crate::queue::{self, DeliveryId, Filter, QueueError};
use crate::receive;

/// The query of a list; unknown parameters are ignored.
#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct ListQuery {
    state: Option<String>,
    receiver: Option<String>,
    destination: Option<String>,
    limit: Option<String>,
    after: Option<String>,
}

impl ListQuery {
    fn filter(self) -> Result<Filter, HttpError> {
        Ok(Filter {
            state: self.state.as_deref().filter(|word| !word.is_empty()).map(state).transpose()?,
            receiver: self.receiver.filter(|name| !name.is_empty()),
            destination: self.destination.filter(|name| !name.is_empty()),
            limit: self.limit.as_deref().map_or(Ok(0), limit)?,
            after: self.after.as_deref().map(delivery_id).transpose()?,
        })
    }
}

fn state(word: &str) -> Result<queue::State, HttpError> {
    queue::State::parse(word).ok_or_else(|| {
        let known: Vec<&str> = queue::State::ALL.iter().map(|state| state.as_str()).collect();
        HttpError::Invalid(format!("there is no state {word:?}; known: {}", known.join(", ")))
    })
}

fn limit(text: &str) -> Result<usize, HttpError> {
    text.parse().map(NonZeroUsize::get).map_err(|error: ParseIntError| {
        HttpError::Invalid(format!("limit {text:?} is no number from 1 to 500: {error}"))
    })
}

fn delivery_id(text: &str) -> Result<DeliveryId, HttpError> {
    text.parse().map(DeliveryId).map_err(|error: ParseIntError| {
        HttpError::Invalid(format!("{text:?} is no delivery's id, which is a number: {error}"))
    })
}

/// The query of a replay; an unknown parameter is refused, because a mistyped one would send the
/// message that was to be replaced.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ReplayQuery {
    render: Option<String>,
}

impl ReplayQuery {
    fn render(&self) -> Result<bool, HttpError> {
        match self.render.as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => {
                Err(HttpError::Invalid(format!("render {other:?} is neither true nor false")))
            }
        }
    }
}

/// Deliveries, newest first.
pub(in crate::http) async fn list(
    State(app): State<Arc<AppState>>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<DeliveryList>, HttpError> {
    let Query(query) = query.map_err(|error| HttpError::Invalid(error.body_text()))?;
    let mut rows = app.core.store.list(query.filter()?, app.core.clock.now()).await?;
    say_what_they_wait_for(&app, &mut rows).await?;
    Ok(Json(rows.into()))
}

/// One delivery with its message, parts and attempts.
pub(in crate::http) async fn show(
    State(app): State<Arc<AppState>>,
    PathText(id): PathText,
) -> Result<Json<DeliveryDetail>, HttpError> {
    let id = delivery_id(&id)?;
    let detail = app.core.store.show(id, app.core.clock.now()).await?;
    let mut detail = detail.ok_or(QueueError::Unknown(id))?;
    say_what_they_wait_for(&app, slice::from_mut(&mut detail.delivery)).await?;
    Ok(Json(detail.into()))
}

/// Says of what is queued when it is attempted next, or what it waits for where the store alone does not
/// know: its lanes, a throttle of its robot, or a configuration that names its destination again.
async fn say_what_they_wait_for(
    app: &AppState,
    rows: &mut [queue::Delivery],
) -> Result<(), HttpError> {
    if rows.iter().all(|row| row.state != queue::State::Queued) {
        return Ok(());
    }
    let now = app.core.clock.now();
    let parks = app.core.store.parks(now).await?;
    let parked = Parked::of(&parks);
    let max_age = app.core.settings.load().delivery.max_age;
    let queued = rows.iter_mut().filter(|row| row.state == queue::State::Queued);
    // What a digest carries waits for the digest, which says what that waits for.
    for row in queued.filter(|row| row.carried_by.is_none()) {
        row.say_when(now.wall);
        if !app.lanes.serves(&row.target) {
            row.reason = return_words(row.accepted_at, max_age);
            continue;
        }
        let standstill = app.lanes.standstill(&row.target, &parked, now);
        if let Some(standstill) = standstill.filter(|standstill| concerns(standstill, row, now)) {
            row.reason = standstill.to_string();
        }
    }
    Ok(())
}

/// What a delivery waits for whose destination is configured no more.
fn return_words(accepted_at: Timestamp, max_age: Duration) -> String {
    let until = accepted_at.saturating_add(max_age).unwrap_or(Timestamp::MAX);
    format!(
        "its destination is no longer in the configuration; until {until:.0} this waits for its \
         return under the same receiver and name, and is a dead letter then"
    )
}

/// Whether a delivery waits for this, and not for something of its own.
fn concerns(standstill: &Standstill<'_>, row: &queue::Delivery, now: Now) -> bool {
    match standstill {
        // What is due later than that waits for its own time.
        Standstill::Throttle(park) => row.due_at.is_none_or(|due| due <= park.until),
        // One that has no other reason; one that was attempted, for the breaker too, unless its own time
        // comes later.
        Standstill::Wait(wait) => {
            let until = wait.until.unwrap_or(now.wall).max(now.wall);
            let was_tried = row.attempts > 0 && row.due_at.is_some_and(|due| due <= until);
            row.reason.is_empty() || was_tried && wait.is_for_breaker()
        }
    }
}

/// Makes a new delivery of a dead letter, with the message that it had or one that is rendered now.
pub(in crate::http) async fn replay(
    State(app): State<Arc<AppState>>,
    peer: Peer,
    PathText(id): PathText,
    query: Result<Query<ReplayQuery>, QueryRejection>,
) -> Result<Json<ReplayAnswer>, HttpError> {
    let id = delivery_id(&id)?;
    let Query(query) = query.map_err(|error| HttpError::Invalid(error.body_text()))?;
    let render = query.render()?;
    let wake = app.lanes.waker();
    let answer = if render {
        ReplayAnswer::rendered(app.intake.replay_rendered(id, receive::parse).await?, id)
    } else {
        ReplayAnswer::new(app.core.store.replay(id, None, app.core.clock.now()).await?, id)
    };
    drop(wake);
    let (new, peer) = (&answer.id, peer.0.ip());
    info!(delivery.id = %new, replay_of = %id, render, peer = %peer, "dead letter replayed");
    Ok(Json(answer))
}

/// Gives a delivery up.
pub(in crate::http) async fn discard(
    State(app): State<Arc<AppState>>,
    peer: Peer,
    PathText(id): PathText,
) -> Result<Json<DiscardAnswer>, HttpError> {
    let id = delivery_id(&id)?;
    let wake = app.lanes.waker();
    app.core.store.discard(id, app.core.clock.now()).await?;
    drop(wake);
    info!(delivery.id = %id, peer = %peer.0.ip(), "delivery discarded");
    Ok(Json(DiscardAnswer::new(id)))
}
