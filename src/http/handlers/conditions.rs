//! Which receivers would keep an alert, and why.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use serde_json::Value;

use super::json;
use crate::alert::Labels;
use crate::api::condition::{ConditionsAnswer, ConditionsRequest, ReceiverTrace};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::receive::alertmanager;

/// Traces each alert through the conditions of one receiver, or of all.
pub(in crate::http) async fn test(
    State(app): State<Arc<AppState>>,
    request: Request,
) -> Result<Json<ConditionsAnswer>, HttpError> {
    let expected = "{\"labels\": {…}} or {\"payload\": {…}}, with an optional \"receiver\"";
    let asked: ConditionsRequest = json(&app, request.into_body(), expected).await?;
    let alerts = match (asked.labels, asked.payload) {
        (Some(labels), None) => vec![labels.into_iter().collect()],
        (None, Some(payload)) => labels_of(&payload)?,
        (Some(_), Some(_)) | (None, None) => {
            return Err(HttpError::Invalid("give either \"labels\" or \"payload\"".to_owned()));
        }
    };
    let settings = app.core.settings.load_full();
    let receivers = match &asked.receiver {
        Some(name) => vec![settings.receivers.find(name)?],
        None => settings.receivers.iter().collect(),
    };
    let traces = receivers.into_iter().map(|receiver| ReceiverTrace::new(receiver, &alerts));
    Ok(Json(ConditionsAnswer { receivers: traces.collect() }))
}

fn labels_of(payload: &Value) -> Result<Vec<Labels>, HttpError> {
    let notification = alertmanager::parse(payload.to_string().as_bytes())?;
    Ok(notification.alerts.into_iter().map(|alert| alert.labels).collect())
}
