//! Loading the configuration again.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;

use crate::api::status::ReloadAnswer;
use crate::http::AppState;
use crate::http::json::Json;

/// Loads the configuration again; a bad one changes nothing and is answered 500 with its mistakes.
pub(in crate::http) async fn reload(
    State(app): State<Arc<AppState>>,
) -> (StatusCode, Json<ReloadAnswer>) {
    let answer = ReloadAnswer::from(app.reload.reload().await);
    let status = if answer.reloaded { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR };
    (status, Json(answer))
}
