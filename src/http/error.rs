//! What a request is answered when it cannot be served.
//!
//! Alertmanager retries 5xx only; after a 4xx the group comes again at its next flush, or never if
//! it has resolved by then (Alertmanager, `notify/util.go`). So 5xx is for
//! what time can cure, 4xx for what a person must mend, and never 429 or a redirect.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::queue::QueueError;
use crate::receive::PayloadError;

/// Why a request was not served.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The body is not a notification.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// A parameter or a field of another request is wrong.
    #[error("{0}")]
    Invalid(String),
    /// The request changes or sends something, and nothing says that its sender may.
    #[error("{0}")]
    Forbidden(String),
    /// No receiver has this name.
    #[error("there is no receiver {name:?}{nearest}; known: {}", or_none(known))]
    UnknownReceiver {
        /// The name asked for.
        name: String,
        /// `; did you mean …?`, or nothing.
        nearest: String,
        /// The names that are configured.
        known: Vec<String>,
    },
    /// No path is like this.
    #[error("there is no path {path:?}; known: {}", known.join(", "))]
    UnknownPath {
        /// The path asked for.
        path: String,
        /// The paths that exist.
        known: Vec<String>,
    },
    /// The path exists, the method does not.
    #[error("{path:?} does not take {method}; it takes {allowed}")]
    Method {
        /// The path asked for.
        path: String,
        /// The method asked for.
        method: String,
        /// The methods that the path takes.
        allowed: String,
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
    /// The store could not do it.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The server is shutting down.
    #[error("the server is shutting down; send it again")]
    ShuttingDown,
    /// A part of Campana failed in a way that it should not.
    #[error("the request could not be served because of a defect: {0}")]
    Defect(&'static str),
}

fn or_none(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

impl ReceiveError {
    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Payload(_) | Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::UnknownReceiver { .. } | Self::UnknownPath { .. } => StatusCode::NOT_FOUND,
            Self::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Queue(error) => match error {
                QueueError::Full(_) | QueueError::Broken(_) | QueueError::Closed => {
                    StatusCode::SERVICE_UNAVAILABLE
                }
                QueueError::Unknown(_) => StatusCode::NOT_FOUND,
                QueueError::Conflict(_) => StatusCode::CONFLICT,
            },
            // A sender that was cut off may try again; 408 would make Alertmanager give up.
            Self::Incomplete(_) | Self::ShuttingDown => StatusCode::SERVICE_UNAVAILABLE,
            Self::Defect(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// A short word for the metric of refused notifications.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Payload(_) => "payload",
            Self::Invalid(_) => "invalid",
            Self::Forbidden(_) => "forbidden",
            Self::UnknownReceiver { .. } => "unknown_receiver",
            Self::UnknownPath { .. } => "unknown_path",
            Self::Method { .. } => "method",
            Self::TooLarge { .. } => "too_large",
            Self::Incomplete(_) => "incomplete",
            Self::Queue(_) => "storage",
            Self::ShuttingDown => "shutting_down",
            Self::Defect(_) => "defect",
        }
    }

    fn body(&self) -> Value {
        let mut body = json!({ "error": self.to_string() });
        match self {
            Self::UnknownReceiver { known, .. } => body["receivers"] = json!(known),
            Self::UnknownPath { known, .. } => body["paths"] = json!(known),
            Self::Payload(_)
            | Self::Invalid(_)
            | Self::Forbidden(_)
            | Self::Method { .. }
            | Self::TooLarge { .. }
            | Self::Incomplete(_)
            | Self::Queue(_)
            | Self::ShuttingDown
            | Self::Defect(_) => {}
        }
        body
    }
}

impl IntoResponse for ReceiveError {
    fn into_response(self) -> Response {
        (self.status(), Json(self.body())).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_answered_429_or_a_redirect() {
        let errors = [
            ReceiveError::Payload(PayloadError::Empty),
            ReceiveError::Invalid(String::new()),
            ReceiveError::Forbidden(String::new()),
            ReceiveError::TooLarge { limit: 1 },
            ReceiveError::Incomplete("x"),
            ReceiveError::Queue(QueueError::Full(String::new())),
            ReceiveError::Queue(QueueError::Broken(String::new())),
            ReceiveError::Queue(QueueError::Closed),
            ReceiveError::ShuttingDown,
            ReceiveError::Defect("x"),
        ];
        let statuses: Vec<u16> = errors.iter().map(|error| error.status().as_u16()).collect();
        assert_eq!(statuses, [400, 400, 403, 413, 503, 503, 503, 503, 503, 500]);
    }

    #[test]
    fn an_unknown_receiver_is_told_the_known_ones() {
        let error = ReceiveError::UnknownReceiver {
            name: "op".into(),
            nearest: "; did you mean \"ops\"?".into(),
            known: vec!["ops".into(), "db".into()],
        };
        let words = "there is no receiver \"op\"; did you mean \"ops\"?; known: ops, db";
        assert_eq!(error.body()["error"], words);
        assert_eq!(error.body()["receivers"][1], "db");
    }
}
