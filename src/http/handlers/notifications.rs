//! A notification from the request to the disk, and the answer that it is there.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;

use super::PathText;
use crate::api::notification::NotificationAnswer;
use crate::http::AppState;
use crate::http::edge::read_body;
use crate::http::error::HttpError;
use crate::http::json::Json;
use crate::http::signature;
use crate::intake::Incoming;
use crate::queue::RawPayload;
use crate::receive::{self, alertmanager};

/// By which a sender calls its request, so that one that is sent again is known
/// (draft-ietf-httpapi-idempotency-key-header).
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// How Grafana calls itself; its contact points cannot change it (grafana/alerting, `receivers/webhook`).
const GRAFANA: &[u8] = b"Grafana";

/// How long what Grafana posts waits for a store that refuses it: Grafana never tries again, and waits 30 s
/// for its answer (grafana/alerting, `http/tls.go`).
const GRAFANA_WAITS: Duration = Duration::from_secs(20);

/// A notification for every enabled receiver, whose conditions decide.
pub(in crate::http) async fn to_all(
    State(app): State<Arc<AppState>>,
    endpoint: MatchedPath,
    request: Request,
) -> Result<Json<NotificationAnswer>, HttpError> {
    accept(&app, endpoint.as_str(), Ok(None), request).await
}

/// A notification for one receiver.
pub(in crate::http) async fn to_one(
    State(app): State<Arc<AppState>>,
    receiver: Result<PathText, HttpError>,
    endpoint: MatchedPath,
    request: Request,
) -> Result<Json<NotificationAnswer>, HttpError> {
    let receiver = receiver.map(|PathText(receiver)| Some(receiver));
    accept(&app, endpoint.as_str(), receiver, request).await
}

async fn accept(
    app: &AppState,
    endpoint: &str,
    receiver: Result<Option<String>, HttpError>,
    request: Request,
) -> Result<Json<NotificationAnswer>, HttpError> {
    if !app.ready.load(Ordering::Relaxed) {
        return Err(HttpError::ShuttingDown);
    }
    let receiver = receiver?;
    let (head, body) = request.into_parts();
    let limit = app.core.settings.load().process.max_body_bytes;
    let bytes = read_body(limit, body).await?;
    // The settings are taken after this: a reload may have come while the body was sent.
    let settings = app.core.settings.load_full();
    let now = app.core.clock.now().wall;
    let left_out = signature::left_out(&settings, receiver.as_deref(), &head.headers, &bytes, now)?;
    let unsigned = left_out.clone();
    let payload = RawPayload { format: alertmanager::FORMAT.into(), bytes };
    let incoming = Incoming {
        receiver,
        endpoint,
        payload,
        parse: receive::parse,
        key: key(&head.headers),
        left_out,
        patience: patience(&head.headers),
    };
    let acceptance = app.intake.take(incoming).await?;
    Ok(Json(NotificationAnswer { unsigned, ..acceptance.into() }))
}

/// What the sender calls the request by, if it does.
fn key(headers: &HeaderMap) -> Option<Vec<u8>> {
    let key = headers.get(IDEMPOTENCY_KEY)?.as_bytes().trim_ascii();
    (!key.is_empty()).then(|| key.to_vec())
}

/// How long the notification waits for a store that refuses it.
fn patience(headers: &HeaderMap) -> Duration {
    let is_grafana = headers.get(USER_AGENT).is_some_and(|by| by.as_bytes().starts_with(GRAFANA));
    if is_grafana { GRAFANA_WAITS } else { Duration::ZERO }
}
