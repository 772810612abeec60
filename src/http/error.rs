//! What a request is answered when it cannot be served.
//!
//! Alertmanager retries 5xx only; after a 4xx the group comes again at its next flush, or never if
//! it has resolved by then (Alertmanager, `notify/util.go`). So 5xx is for
//! what time can cure, 4xx for what a person must mend, and never 429 or a redirect.

use std::sync::Arc;

use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::json::Json;
use super::refusal::{Refusal, Refused};
use crate::api::ErrorAnswer;
use crate::core::room::NoRoom;
use crate::intake::{IntakeError, PreviewError, RenderPanicked, ReplayError};
use crate::queue::QueueError;
use crate::receive::PayloadError;
use crate::receive::signature::SignatureError;
use crate::settings::UnknownReceiver;

/// When what time can cure may be sent again, in seconds; Alertmanager has waits of its own, and
/// does not read it.
const SEND_AGAIN_AFTER: &str = "10";

/// How a sender shows who it is: as Grafana does, by a signature.
const SIGNED: &str = "HMAC-SHA256";

/// Why a request was not served.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    /// The body is not a notification.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// A parameter, or a field of a body that is no notification, is wrong.
    #[error("{0}")]
    Invalid(String),
    /// Its receiver takes only what is signed, and it is not, or otherwise.
    #[error("{0}")]
    Signature(#[from] SignatureError),
    /// The request changes or sends something, and nothing says that its sender may.
    #[error("{0}")]
    Forbidden(String),
    /// No receiver has the name that was asked for.
    #[error(transparent)]
    UnknownReceiver(#[from] UnknownReceiver),
    /// No path is like this.
    #[error("there is no path {path:?}; known: {}", known.join(", "))]
    UnknownPath {
        /// The path asked for.
        path: String,
        /// The paths that exist.
        known: Arc<[String]>,
    },
    /// The path is one of another product, or nearly one of ours; says so, and which one to post to.
    #[error("there is no path {path:?}: {words}")]
    Elsewhere {
        /// The path asked for.
        path: String,
        /// What it is, and what to do.
        words: String,
    },
    /// The path exists, the method does not.
    #[error("{path:?} does not take {method}; it takes {allowed}")]
    Method {
        /// The path asked for.
        path: String,
        /// The method asked for.
        method: String,
        /// The methods that the path takes.
        allowed: &'static str,
    },
    /// The body is larger than `web.max_body_bytes`.
    #[error(
        "the body is larger than {limit} bytes; raise web.max_body_bytes, or set max_alerts in \
         Alertmanager's webhook_configs"
    )]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// The body did not arrive.
    #[error("the body did not arrive: {0}")]
    Incomplete(&'static str),
    /// There is no room for it in memory.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// The store could not do it.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// A dead letter cannot be rendered by the configuration in force; says why, and what to do.
    #[error("{0}")]
    NotRendered(String),
    /// It takes longer than its sender waits.
    #[error("it is not stored after 2 s; that is still tried")]
    NotStoredYet,
    /// The server is shutting down.
    #[error("the server is shutting down; send it again")]
    ShuttingDown,
    /// A part of Campana failed in a way that it should not.
    #[error("the request could not be served because of a defect: {0}")]
    Defect(&'static str),
}

impl HttpError {
    /// The status of the answer.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Payload(_) | Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Signature(SignatureError::Missing(_)) => StatusCode::UNAUTHORIZED,
            Self::Signature(_) | Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::UnknownReceiver(_) | Self::UnknownPath { .. } | Self::Elsewhere { .. } => {
                StatusCode::NOT_FOUND
            }
            Self::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Queue(error) => match error {
                QueueError::Full(_)
                | QueueError::AtLimit(_)
                | QueueError::Busy(_)
                | QueueError::Broken(_)
                | QueueError::Closed
                | QueueError::Outdated => StatusCode::SERVICE_UNAVAILABLE,
                QueueError::Unknown(_) => StatusCode::NOT_FOUND,
                QueueError::Conflict(_) => StatusCode::CONFLICT,
            },
            Self::NotRendered(_) => StatusCode::CONFLICT,
            // A sender that was cut off may try again; 408 would make Alertmanager give up.
            Self::Incomplete(_) | Self::NoRoom(_) | Self::ShuttingDown | Self::NotStoredYet => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Defect(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// A short word for the metrics of what is refused.
    fn label(&self) -> &'static str {
        match self {
            Self::Payload(_) => "payload",
            Self::Invalid(_) => "invalid",
            Self::Signature(_) => "signature",
            Self::Forbidden(_) => "forbidden",
            Self::UnknownReceiver(_) => "unknown_receiver",
            Self::UnknownPath { .. } | Self::Elsewhere { .. } => "unknown_path",
            Self::Method { .. } => "method",
            Self::TooLarge { .. } => "too_large",
            Self::Incomplete(_) => "incomplete",
            Self::NoRoom(_) => "memory",
            Self::Queue(_) => "storage",
            Self::NotRendered(_) => "not_rendered",
            Self::ShuttingDown => "shutting_down",
            Self::NotStoredYet => "not_stored_yet",
            Self::Defect(_) => "defect",
        }
    }

    /// What is logged and counted of it.
    fn refusal(&self) -> Refusal {
        let of = match self {
            Self::UnknownPath { .. } | Self::Elsewhere { .. } => Refused::Astray,
            // A line for each notification would make a long log.
            Self::Queue(QueueError::AtLimit(_)) => Refused::OneOfMany,
            Self::Payload(_)
            | Self::Invalid(_)
            | Self::Signature(_)
            | Self::Forbidden(_)
            | Self::UnknownReceiver(_)
            | Self::Method { .. }
            | Self::TooLarge { .. }
            | Self::Incomplete(_)
            | Self::NoRoom(_)
            | Self::Queue(_)
            | Self::NotRendered(_)
            | Self::ShuttingDown
            | Self::NotStoredYet
            | Self::Defect(_) => Refused::Request,
        };
        // The paths that there are say nothing of this request.
        let words = if let Self::UnknownPath { path, .. } = self {
            format!("there is no path {path:?}")
        } else {
            self.to_string()
        };
        Refusal { label: self.label(), words, of }
    }

    fn answer(&self) -> ErrorAnswer {
        let mut answer = ErrorAnswer { error: self.to_string(), receivers: None, paths: None };
        match self {
            Self::UnknownReceiver(unknown) => answer.receivers = Some(unknown.known.clone()),
            Self::UnknownPath { known, .. } => answer.paths = Some(known.to_vec()),
            Self::Payload(_)
            | Self::Invalid(_)
            | Self::Signature(_)
            | Self::Forbidden(_)
            | Self::Elsewhere { .. }
            | Self::Method { .. }
            | Self::TooLarge { .. }
            | Self::Incomplete(_)
            | Self::NoRoom(_)
            | Self::Queue(_)
            | Self::NotRendered(_)
            | Self::ShuttingDown
            | Self::NotStoredYet
            | Self::Defect(_) => {}
        }
        answer
    }
}

impl From<RenderPanicked> for HttpError {
    fn from(_: RenderPanicked) -> Self {
        Self::Defect("rendering panicked")
    }
}

impl From<PreviewError> for HttpError {
    fn from(error: PreviewError) -> Self {
        match error {
            PreviewError::NoRoom(error) => error.into(),
            PreviewError::Panicked(error) => error.into(),
        }
    }
}

impl From<IntakeError<PayloadError>> for HttpError {
    fn from(error: IntakeError<PayloadError>) -> Self {
        match error {
            IntakeError::UnknownReceiver(error) => error.into(),
            IntakeError::Payload(error) => error.into(),
            IntakeError::NoRoom(error) => error.into(),
            IntakeError::Queue(error) => error.into(),
            IntakeError::Render(error) => error.into(),
            IntakeError::Abandoned => Self::Incomplete("the sender is gone"),
        }
    }
}

impl From<ReplayError<PayloadError>> for HttpError {
    fn from(error: ReplayError<PayloadError>) -> Self {
        match error {
            ReplayError::Queue(error) => error.into(),
            ReplayError::Render(error) => error.into(),
            ReplayError::NoReceiver { .. }
            | ReplayError::NoDestination { .. }
            | ReplayError::NotStored(_)
            | ReplayError::Unreadable { .. }
            | ReplayError::NothingKept { .. } => Self::NotRendered(error.to_string()),
        }
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = (status, Json(self.answer())).into_response();
        let headers = response.headers_mut();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(SEND_AGAIN_AFTER));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(SIGNED));
        }
        response.extensions_mut().insert(self.refusal());
        response
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_is_answered_429_or_a_redirect_and_503_says_when_to_send_again() {
        let errors = [
            HttpError::Payload(PayloadError::Empty),
            HttpError::Invalid(String::new()),
            HttpError::Forbidden(String::new()),
            HttpError::Signature(SignatureError::Missing("X".to_owned())),
            HttpError::Signature(SignatureError::Wrong),
            HttpError::TooLarge { limit: 1 },
            HttpError::Incomplete("x"),
            HttpError::NoRoom(NoRoom::TooLong),
            HttpError::Queue(QueueError::Full(String::new())),
            HttpError::Queue(QueueError::Busy(String::new())),
            HttpError::Queue(QueueError::Broken(String::new())),
            HttpError::Queue(QueueError::Closed),
            HttpError::Queue(QueueError::Outdated),
            HttpError::ShuttingDown,
            HttpError::NotStoredYet,
            HttpError::Defect("x"),
        ];
        let statuses: Vec<u16> = errors.iter().map(|error| error.status().as_u16()).collect();
        assert_eq!(
            statuses,
            [400, 400, 403, 401, 403, 413, 503, 503, 503, 503, 503, 503, 503, 503, 503, 500]
        );
        for (status, error) in statuses.into_iter().zip(errors) {
            let told = error.into_response().headers().contains_key(RETRY_AFTER);
            assert_eq!(told, status == 503, "whether {status} says when to send again");
        }
    }

    #[test]
    fn an_unknown_receiver_is_told_the_known_ones() {
        let error = HttpError::from(UnknownReceiver {
            name: "op".into(),
            nearest: Some("ops".into()),
            known: vec!["ops".into(), "db".into()],
        });
        let answer = serde_json::to_value(error.answer()).unwrap();
        let words = "there is no receiver \"op\"; did you mean \"ops\"?; known: ops, db";
        assert_eq!(answer, json!({"error": words, "receivers": ["ops", "db"]}));
    }
}
