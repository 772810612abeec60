//! The state of the queue, for people and programs: receivers, deliveries, replay and discard.

use std::num::{NonZeroUsize, ParseIntError};

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use tracing::info;

use crate::deliver::{self, Lanes};
use crate::dingtalk::message::Message;
use crate::http::Shared;
use crate::http::access::{self, Peer};
use crate::http::error::ReceiveError;
use crate::queue::QueueError;
use crate::queue::delivery::{
    Attempt, Delivery, DeliveryId, Detail, Filter, Park, Scope, State as Settled, Stats, Target,
};
use crate::settings::{Destination, Receiver};

/// The receivers as configured, with their destinations and what holds them back; and what waits
/// for destinations that are configured no more.
pub(in crate::http) async fn receivers(
    State(shared): State<Shared>,
) -> Result<Json<Value>, ReceiveError> {
    let now = shared.core.clock.now();
    let stats = shared.core.store.stats(now).await?;
    let parks = shared.core.store.parks(now).await?;
    let settings = shared.core.settings.load_full();
    let receivers: Vec<Value> = settings
        .receivers
        .iter()
        .map(|receiver| receiver_json(receiver, &shared.lanes, &stats, &parks))
        .collect();
    let removed: Vec<Value> = deliver::removed(&settings, &stats)
        .into_iter()
        .map(|backlog| {
            let Target { receiver, destination } = &backlog.target;
            json!({"receiver": receiver, "destination": destination, "queued": backlog.queued})
        })
        .collect();
    Ok(Json(json!({ "receivers": receivers, "removed": removed })))
}

fn receiver_json(receiver: &Receiver, lanes: &Lanes, stats: &Stats, parks: &[Park]) -> Value {
    let destinations: Vec<Value> = receiver
        .destinations
        .iter()
        .map(|destination| {
            let target = (&*receiver.name, &*destination.name);
            let backlog = stats.backlogs.iter().find(|backlog| backlog.target.is(target));
            let parked = parks.iter().find(|park| park.scope.is_for(target));
            json!({
                "name": destination.name,
                "kind": destination.endpoint.api().kind,
                "queued": backlog.map_or(0, |backlog| backlog.queued),
                "parked": parked.map(park_json),
                "throttled": throttle(destination, lanes, parks).map(park_json),
            })
        })
        .collect();
    json!({
        "name": receiver.name,
        "enabled": receiver.enabled,
        "send_resolved": receiver.send_resolved,
        "destinations": destinations,
    })
}

/// The park of the destination's lane, which it may share with others.
fn throttle<'a>(destination: &Destination, lanes: &Lanes, parks: &'a [Park]) -> Option<&'a Park> {
    let lane = Scope::Lane(lanes.lane_of(&destination.endpoint));
    parks.iter().find(|park| park.scope == lane)
}

fn park_json(park: &Park) -> Value {
    json!({"cause": park.cause, "until": in_milliseconds(park.until)})
}

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
    fn filter(self) -> Result<Filter, ReceiveError> {
        let state = match self.state.filter(|word| !word.is_empty()) {
            None => None,
            Some(word) => Some(Settled::parse(&word).ok_or_else(|| {
                let words: Vec<&str> = Settled::ALL.iter().map(|state| state.as_str()).collect();
                ReceiveError::Invalid(format!(
                    "there is no state {word:?}; known: {}",
                    words.join(", ")
                ))
            })?),
        };
        let limit = self.limit.map_or(Ok(0), |text| {
            text.parse().map(NonZeroUsize::get).map_err(|error: ParseIntError| {
                let words = format!("limit {text:?} is no number from 1 to 500: {error}");
                ReceiveError::Invalid(words)
            })
        })?;
        Ok(Filter {
            state,
            receiver: self.receiver.filter(|name| !name.is_empty()),
            destination: self.destination.filter(|name| !name.is_empty()),
            limit,
            after: self.after.as_deref().map(delivery_id).transpose()?,
        })
    }
}

fn delivery_id(text: &str) -> Result<DeliveryId, ReceiveError> {
    text.parse().map(DeliveryId).map_err(|error: ParseIntError| {
        ReceiveError::Invalid(format!("{text:?} is no delivery's id, which is a number: {error}"))
    })
}

/// Deliveries, newest first.
pub(in crate::http) async fn list(
    State(shared): State<Shared>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<Value>, ReceiveError> {
    let Query(query) = query.map_err(|error| ReceiveError::Invalid(error.body_text()))?;
    let rows = shared.core.store.list(query.filter()?, shared.core.clock.now()).await?;
    let rows: Vec<Value> = rows.iter().map(delivery_json).collect();
    Ok(Json(json!({ "deliveries": rows })))
}

/// One delivery with its message, parts and attempts.
pub(in crate::http) async fn show(
    State(shared): State<Shared>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ReceiveError> {
    let id = delivery_id(&id)?;
    let detail = shared.core.store.show(id, shared.core.clock.now()).await?;
    detail.map(|detail| Json(detail_json(&detail))).ok_or(QueueError::Unknown(id).into())
}

/// Makes a new delivery of a dead letter.
pub(in crate::http) async fn replay(
    State(shared): State<Shared>,
    peer: Peer,
    Path(id): Path<String>,
) -> Result<Json<Value>, ReceiveError> {
    access::admin(&shared, peer, "replaying a delivery")?;
    let id = delivery_id(&id)?;
    let wake = shared.lanes.waker(Vec::new());
    let new = shared.core.store.replay(id, None, shared.core.clock.now()).await?;
    drop(wake);
    info!(delivery.id = %new, replay_of = %id, peer = %peer.0.ip(), "dead letter replayed");
    Ok(Json(json!({"id": new.to_string(), "replay_of": id.to_string()})))
}

/// Gives a delivery up.
pub(in crate::http) async fn discard(
    State(shared): State<Shared>,
    peer: Peer,
    Path(id): Path<String>,
) -> Result<Json<Value>, ReceiveError> {
    access::admin(&shared, peer, "discarding a delivery")?;
    let id = delivery_id(&id)?;
    let wake = shared.lanes.waker(Vec::new());
    shared.core.store.discard(id, shared.core.clock.now()).await?;
    drop(wake);
    info!(delivery.id = %id, peer = %peer.0.ip(), "delivery discarded");
    Ok(Json(json!({"id": id.to_string(), "state": "discarded"})))
}

/// A delivery as the API and the command line show it.
#[must_use]
pub fn delivery_json(delivery: &Delivery) -> Value {
    json!({
        "id": delivery.id.to_string(),
        "notification": delivery.notification,
        "origin": delivery.origin.as_str(),
        "receiver": delivery.target.receiver,
        "destination": delivery.target.destination,
        "group": delivery.group,
        "state": delivery.state.as_str(),
        "attempts": delivery.attempts,
        "reason": delivery.reason,
        "title": delivery.title,
        "parts": delivery.parts,
        "arrived": delivery.arrived,
        "accepted_at": delivery.accepted_at.to_string(),
        "settled_at": delivery.settled_at.map(|at| at.to_string()),
        "due_at": delivery.due_at.map(in_milliseconds),
        "replay_of": delivery.replay_of.map(|id| id.to_string()),
        "carried_by": delivery.carried_by.map(|id| id.to_string()),
        "render_error": delivery.render_error,
        "summary": delivery.summary,
    })
}

/// A delivery with everything: here `parts` and `attempts` are lists.
#[must_use]
pub fn detail_json(detail: &Detail) -> Value {
    let mut body = delivery_json(&detail.delivery);
    let text: Vec<String> = detail.rendered.iter().map(Message::text).collect();
    let mut message = detail.rendered.first().map_or(Value::Null, message_json);
    message["text"] = json!(text.join("\n"));
    body["message"] = message;
    body["parts"] = detail.parts.iter().map(message_json).collect();
    body["attempts"] = detail.attempts.iter().map(attempt_json).collect();
    body
}

/// A time that was computed, no finer than those that were stored.
fn in_milliseconds(at: Timestamp) -> String {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at).to_string()
}

fn message_json(message: &Message) -> Value {
    json!({
        "type": message.message_type,
        "title": message.title(),
        "text": message.text(),
        "at": message.at,
    })
}

fn attempt_json(attempt: &Attempt) -> Value {
    let answered = attempt.answered.as_ref();
    json!({
        "part": attempt.part + 1,
        "started_at": attempt.started_at.to_string(),
        "outcome": answered.map(|answered| &answered.outcome),
        "errcode": answered.and_then(|answered| answered.code.as_ref()),
        "words": answered.map(|answered| &answered.words),
        "duration_ms": answered.map(|answered| u64::try_from(answered.took.as_millis()).ok()),
    })
}
