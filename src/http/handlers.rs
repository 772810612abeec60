//! The handlers, one file for each topic: from a request to the type of its answer.
//!
//! No handler asks who its caller is: a route's access stands in the table of routes.

pub(super) mod conditions;
pub(super) mod deliveries;
pub(super) mod metrics;
pub(super) mod notifications;
pub(super) mod receivers;
pub(super) mod reload;
pub(super) mod status;
pub(super) mod templates;
pub(super) mod test_message;

use axum::body::Body;
use serde::de::DeserializeOwned;

use super::AppState;
use super::edge::read_body;
use super::error::HttpError;

/// Reads a body as JSON; `expected` says in an error what it should have been.
async fn json<T: DeserializeOwned>(
    app: &AppState,
    body: Body,
    expected: &str,
) -> Result<T, HttpError> {
    let bytes = read_body(app.core.settings.load().process.max_body_bytes, body).await?;
    serde_json::from_slice(&bytes)
        .map_err(|error| HttpError::Invalid(format!("expected {expected}: {error}")))
}
