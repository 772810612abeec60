//! Health, metrics, reload and status: Prometheus' conventions.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::{MatchedPath, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::deliver;
use crate::http::Shared;
use crate::http::access::{self, Peer};
use crate::http::error::ReceiveError;
use crate::settings::Settings;

/// 200 as long as the process answers.
pub(in crate::http) async fn healthy() -> &'static str {
    "Campana is healthy.\n"
}

/// 200 when notifications are taken: the configuration is loaded and the queue is open.
pub(in crate::http) async fn ready(State(shared): State<Shared>) -> Response {
    if shared.ready.load(Ordering::Relaxed) {
        "Campana is ready.\n".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "Campana is shutting down.\n").into_response()
    }
}

/// Loads the configuration again; a bad one changes nothing and is answered 500 with its errors.
pub(in crate::http) async fn reload(
    State(shared): State<Shared>,
    peer: Peer,
) -> Result<Response, ReceiveError> {
    access::lifecycle(&shared, peer)?;
    Ok(match shared.reload.reload().await {
        Ok(restart) => Json(json!({"reloaded": true, "restart_needed": restart})).into_response(),
        Err(errors) => {
            let body = json!({"reloaded": false, "error": errors});
            (StatusCode::INTERNAL_SERVER_ERROR, Json(body)).into_response()
        }
    })
}

/// The text format that Prometheus scrapes.
pub(in crate::http) async fn metrics(
    State(shared): State<Shared>,
) -> Result<Response, ReceiveError> {
    // Two scrapes at once would each add what is new in the store's totals.
    let _turn = shared.scrape.lock().await;
    let now = shared.core.clock.now();
    let stats = shared.core.store.stats(now).await?;
    let parks = shared.core.store.parks(now).await?;
    shared.core.metrics.take_stats(&stats, &parks);
    for backlog in deliver::removed(&shared.core.settings.load(), &stats) {
        shared.core.metrics.take_removed(&backlog.target);
    }
    let refreshes = shared.lanes.token_refreshes();
    shared.core.metrics.take_refreshes(refreshes.ok, refreshes.failed);
    let text = shared.core.metrics.encode().map_err(|error| {
        tracing::error!("metrics cannot be written: {error}");
        ReceiveError::Defect("a metric has no value")
    })?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

/// The configuration in force, without its secrets.
pub(in crate::http) async fn config(State(shared): State<Shared>) -> Json<Value> {
    success(&json!({ "yaml": Settings::redacted(&shared.core.settings.load()) }))
}

/// What runs.
pub(in crate::http) async fn buildinfo() -> Json<Value> {
    success(&json!({
        "version": env!("CARGO_PKG_VERSION"),
        "rustVersion": env!("CARGO_PKG_RUST_VERSION"),
    }))
}

/// How it was started.
pub(in crate::http) async fn flags(State(shared): State<Shared>) -> Json<Value> {
    let flags: &BTreeMap<String, String> = &shared.flags;
    success(&json!(flags))
}

fn success(data: &Value) -> Json<Value> {
    Json(json!({"status": "success", "data": data}))
}

/// A path that a later version serves.
pub(in crate::http) async fn later(matched: MatchedPath) -> Response {
    let error = format!("{} is not in this version", matched.as_str());
    (StatusCode::NOT_FOUND, Json(json!({ "error": error }))).into_response()
}
