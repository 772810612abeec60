//! The handlers, one file for each topic: from a request to the type of its answer.
//!
//! No handler decides who may call it: a route's access stands in the table of routes.

pub(super) mod conditions;
pub(super) mod deliveries;
pub(super) mod metrics;
pub(super) mod monika;
pub(super) mod notifications;
pub(super) mod receivers;
pub(super) mod reload;
pub(super) mod status;
pub(super) mod templates;
pub(super) mod test_message;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::AppState;
use super::edge::read_body;
use super::error::HttpError;
use crate::render::RenderBudget;

/// The variable part of a path; one that is not UTF-8 is an error in our words.
pub(super) struct PathText(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for PathText {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(text)| Self(text)).map_err(|rejection| unreadable(&rejection))
    }
}

fn unreadable(rejection: &PathRejection) -> HttpError {
    HttpError::Invalid(rejection.body_text())
}

/// Does `job` with the body of a request, apart from the work on notifications.
async fn look<T: Send + 'static>(
    app: &AppState,
    body: Body,
    job: impl FnOnce(&[u8], RenderBudget) -> Result<T, HttpError> + Send + 'static,
) -> Result<T, HttpError> {
    let body = read_body(app.core.settings.load().process.max_body_bytes, body).await?;
    app.intake.previews.run(&*app.core.clock, body, job).await?
}

/// Reads a body as JSON; `expected` says in an error what it should have been.
fn json<T: DeserializeOwned>(body: &[u8], expected: &str) -> Result<T, HttpError> {
    serde_json::from_slice(body)
        .map_err(|error| HttpError::Invalid(format!("expected {expected}: {error}")))
}
