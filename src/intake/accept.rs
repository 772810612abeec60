//! A notification's way from the request to the disk: read, select, render, store, answer.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{MatchedPath, Path, Request, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tracing::{info, warn};

use super::dedup;
use crate::alert::{Notification, Status};
use crate::clock::Now;
use crate::http::access::Peer;
use crate::http::error::ReceiveError;
use crate::http::{Parts, Shared, edge, receiver_of};
use crate::metrics::Metrics;
use crate::queue::delivery::{
    Accept, Accepted, NewDelivery, NewMessage, ReceiverShare, Summary, Target,
};
use crate::receive::alertmanager;
use crate::render::template::{Order, Renders, Subject};
use crate::render::{self, Rendered, Surface, facts, link};
use crate::select;
use crate::settings::{Receiver, Settings};

/// POST for every enabled receiver; their conditions decide.
pub(crate) async fn all(
    State(shared): State<Shared>,
    matched: MatchedPath,
    request: Request,
) -> Response {
    answer(&shared, matched.as_str(), None, request).await
}

/// POST for one receiver.
pub(crate) async fn one(
    State(shared): State<Shared>,
    Path(receiver): Path<String>,
    matched: MatchedPath,
    request: Request,
) -> Response {
    answer(&shared, matched.as_str(), Some(receiver), request).await
}

async fn answer(
    shared: &Shared,
    endpoint: &str,
    receiver: Option<String>,
    request: Request,
) -> Response {
    let path = request.uri().path().to_owned();
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
    match notify(shared, endpoint, receiver, request).await {
        Ok(body) => Json(body).into_response(),
        Err(error) => {
            refused(&shared.core.metrics, &error, &path, peer);
            error.into_response()
        }
    }
}

/// Counts a refusal, and tells whom to look for.
pub(crate) fn refused(metrics: &Metrics, error: &ReceiveError, path: &str, peer: Option<IpAddr>) {
    metrics.notifications_refused.with_label_values(&[error.label()]).inc();
    let peer = peer.map(tracing::field::display);
    warn!(path, peer, status = error.status().as_u16(), "notification refused: {error}");
}

async fn notify(
    shared: &Shared,
    endpoint: &str,
    receiver: Option<String>,
    request: Request,
) -> Result<Value, ReceiveError> {
    if !shared.ready.load(Ordering::Relaxed) {
        return Err(ReceiveError::ShuttingDown);
    }
    let limit = shared.core.settings.load().process.max_body_bytes;
    let bytes = edge::body(limit, request.into_body()).await?;
    // Not before the body is there: a reload may have come while it was sent.
    let settings = shared.core.settings.load_full();
    if let Some(name) = &receiver {
        receiver_of(&settings, name)?;
    }
    let began = shared.core.clock.now();
    let (read, plan) = read_and_plan(shared, bytes, settings, receiver.clone(), began).await?;
    count(shared, endpoint, &read);
    let stored = store(shared, plan.accept, plan.notification.clone(), began).await?;
    let took = shared.core.clock.now().boot.saturating_sub(began.boot);
    shared.core.metrics.accept_duration.observe(took.as_secs_f64());
    info!(
        notification.id = %plan.notification, receiver.name = receiver,
        group.key = %read.group_key, status = %read.status, alerts = read.alerts, deliveries = stored.deliveries.len(),
        duplicate_of = stored.duplicate_of.as_deref(),
        duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        "notification accepted"
    );
    Ok(body(&plan.notification, plan.disabled, &stored))
}

/// What is told of a notification after it is gone.
struct Read {
    group_key: String,
    status: Status,
    alerts: usize,
    firing: usize,
}

/// What is to be stored of a notification.
struct Plan {
    notification: String,
    accept: Accept,
    disabled: bool,
}

/// Reads, selects and renders on a thread that may take its time.
async fn read_and_plan(
    shared: &Shared,
    bytes: Bytes,
    settings: Arc<Settings>,
    receiver: Option<String>,
    now: Now,
) -> Result<(Read, Plan), ReceiveError> {
    let work = move |mut renders: Renders| {
        let notification = alertmanager::parse(&bytes)?;
        let read = Read {
            group_key: notification.group_key.clone(),
            status: notification.status,
            alerts: notification.alerts.len(),
            firing: count_firing(&notification),
        };
        let mut plan = plan(&settings, receiver.as_deref(), &notification, now, &mut renders);
        plan.accept.payload = bytes.into();
        Ok((read, plan))
    };
    shared.rendering.bounded(&*shared.core.clock, work).await?
}

fn count_firing(notification: &Notification) -> usize {
    notification.alerts.iter().filter(|alert| alert.status == Status::Firing).count()
}

fn count(shared: &Parts, endpoint: &str, read: &Read) {
    let metrics = &shared.core.metrics;
    metrics.notifications_received.with_label_values(&[endpoint]).inc();
    for (status, alerts) in
        [(Status::Firing, read.firing), (Status::Resolved, read.alerts - read.firing)]
    {
        let alerts = u64::try_from(alerts).unwrap_or(u64::MAX);
        metrics.alerts_received.with_label_values(&[status.as_str()]).inc_by(alerts);
    }
}

/// One share for each receiver that is asked and enabled.
fn plan(
    settings: &Settings,
    receiver: Option<&str>,
    notification: &Notification,
    now: Now,
    renders: &mut Renders,
) -> Plan {
    let asked = |candidate: &&Receiver| receiver.is_none_or(|name| candidate.name == name);
    let asked: Vec<&Receiver> = settings.receivers.iter().filter(asked).collect();
    let enabled: Vec<&Receiver> =
        asked.iter().copied().filter(|receiver| receiver.enabled).collect();
    let group = dedup::group_of(notification);
    let state = dedup::state_of(notification);
    let window = dedup::window(notification, settings.delivery.deduplicate);
    let whole = Subject::new(notification);
    let shares = enabled
        .iter()
        .map(|receiver| {
            let (messages, deliveries) = deliveries(settings, receiver, &whole, now, renders);
            let (receiver, state) = (receiver.name.clone(), state.clone());
            ReceiverShare { receiver, state, window, messages, deliveries }
        })
        .collect();
    let notification = uuid::Uuid::new_v4().to_string();
    Plan {
        accept: Accept { notification: notification.clone(), group, payload: Vec::new(), shares },
        notification,
        disabled: receiver.is_some() && enabled.is_empty() && !asked.is_empty(),
    }
}

/// One delivery for each destination, if a condition keeps anything; equal surfaces are rendered
/// once.
fn deliveries(
    settings: &Settings,
    receiver: &Receiver,
    whole: &Subject<'_>,
    now: Now,
    renders: &mut Renders,
) -> (Vec<NewMessage>, Vec<NewDelivery>) {
    let notification = whole.notification();
    let Some(kept) = select::keep(&receiver.conditions, receiver.send_resolved, notification)
    else {
        return Default::default();
    };
    let part;
    let subject = if kept.alerts.len() == notification.alerts.len() {
        // What templates are shown of it is made once for all receivers.
        whole
    } else {
        part = Subject::new(&kept);
        &part
    };
    let style = settings.style(receiver.message_type);
    let template = receiver.template.as_deref();
    let mut write = |surface: &Surface| match template {
        Some(template) => {
            let order = Order { template, subject, style: &style, now: now.wall };
            renders.message(&order, surface)
        }
        None => render::render(subject.notification(), &style, surface, now.wall),
    };
    let summary = summary_of(&kept);
    let mut surfaces: Vec<&Surface> = Vec::new();
    let mut messages = Vec::new();
    let deliveries = receiver.destinations.iter().map(|destination| {
        let surface = &destination.surface;
        let known = surfaces.iter().position(|known| *known == surface);
        let message = known.unwrap_or_else(|| {
            let Rendered { parts, error } = write(surface);
            let (summary, rank) = (summary.clone(), facts::severity_rank(&summary.severity));
            messages.push(NewMessage { parts, summary, rank, render_error: error });
            surfaces.push(surface);
            messages.len() - 1
        });
        let target =
            Target { receiver: receiver.name.clone(), destination: destination.name.clone() };
        NewDelivery { target, message }
    });
    let deliveries = deliveries.collect();
    (messages, deliveries)
}

/// A digest says of severity and page what the message says.
fn summary_of(kept: &Notification) -> Summary {
    Summary::of(kept, facts::severest(kept), link::group_page(kept))
}

/// Stores the shares that have deliveries, wakes their lanes, and counts.
async fn store(
    shared: &Parts,
    accept: Accept,
    notification: String,
    now: Now,
) -> Result<Accepted, ReceiveError> {
    let new = || accept.shares.iter().flat_map(|share| &share.deliveries);
    let targets: Vec<Target> = new().map(|delivery| delivery.target.clone()).collect();
    let messages = accept.shares.iter().flat_map(|share| &share.messages);
    let fallbacks = messages.filter(|message| message.render_error.is_some()).count();
    shared.core.metrics.render_fallbacks.inc_by(u64::try_from(fallbacks).unwrap_or(u64::MAX));
    let none = Accepted { deliveries: Vec::new(), duplicate_of: None, duplicates: 0 };
    if targets.is_empty() {
        tracing::debug!(notification.id = %notification, "no condition held");
        return Ok(none);
    }
    let _wake = shared.lanes.waker(targets);
    let accepted = shared.core.store.accept(accept, now).await?;
    if accepted.duplicates > 0 {
        shared.core.metrics.notifications_duplicate.inc();
    }
    Ok(accepted)
}

fn body(notification: &str, disabled: bool, accepted: &Accepted) -> Value {
    let ids: Vec<String> = accepted.deliveries.iter().map(ToString::to_string).collect();
    let mut body = json!({"notification": notification, "deliveries": ids.len(), "ids": ids});
    if disabled {
        body["disabled"] = json!(true);
    }
    if let Some(earlier) = &accepted.duplicate_of {
        body["duplicate_of"] = json!(earlier);
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_will_say_what_the_message_says() {
        let body = br#"{"receiver": "ops.team", "externalURL": "HTTP://me:word@am:9093/",
            "groupLabels": {"alertname": "Disk"}, "alerts": [
            {"status": "resolved", "labels": {"severity": "critical"}},
            {"status": "firing", "labels": {"severity": "warning"}},
            {"status": "firing", "labels": {"severity": "Fatal"}}]}"#;
        let summary = summary_of(&alertmanager::parse(body).unwrap());
        assert_eq!(summary.severity, "Fatal");
        let filter = "%7Balertname%3D%22Disk%22%7D";
        let page = format!("http://am:9093/#/alerts?receiver=ops.team&filter={filter}");
        assert_eq!(summary.link, page);
        let nothing =
            alertmanager::parse(br#"{"alerts": [], "externalURL": "javascript:alert(1)"}"#);
        let summary = summary_of(&nothing.unwrap());
        assert_eq!((summary.severity.as_str(), summary.link.as_str()), ("", ""));
    }
}
