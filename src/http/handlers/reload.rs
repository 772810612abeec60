//! Loading the configuration again.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;

use crate::api::status::ReloadAnswer;
use crate::http::json::Json;
use crate::http::{AppState, InForce};

/// Loads the configuration again; a bad one changes nothing and is answered 500 with its mistakes.
pub(in crate::http) async fn reload(
    State(app): State<Arc<AppState>>,
) -> (StatusCode, Json<ReloadAnswer>) {
    let answer = match app.reload.reload().await {
        Ok(InForce { restart_needed, warnings }) => ReloadAnswer::new(restart_needed, warnings),
        Err(error) => ReloadAnswer::failed(error),
    };
    let status = if answer.reloaded { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR };
    (status, Json(answer))
}
