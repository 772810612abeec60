//! Answers in JSON, with the characters escaped that nobody sees.
//!
//! Labels and the words of others stand in most answers, and `curl` shows them on a terminal. A JSON
//! text with `\u202e` for such a character is the same value.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tracing::error;

use crate::telemetry::{is_unseen, seen};

/// An answer whose body is this value.
#[derive(Debug)]
pub(super) struct Json<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_string(&self.0) {
            Ok(text) => {
                let kind = HeaderValue::from_static("application/json");
                ([(CONTENT_TYPE, kind)], seen(&text, is_unseen).into_owned()).into_response()
            }
            Err(error) => {
                // Our answers are made of what JSON can hold.
                error!("an answer is no JSON: {error}");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    #[tokio::test]
    async fn an_answer_shows_every_character_and_is_the_same_value() {
        let value = serde_json::json!({"a\u{202e}b": ["\u{9b}31m\n", "\u{200b}\u{2028}", "磁盘"]});
        let answer = Json(&value).into_response();
        assert_eq!(answer.headers()[CONTENT_TYPE], "application/json");
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let body = str::from_utf8(&body).unwrap();
        assert!(!body.contains(is_unseen) && body.contains("磁盘"), "{body}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(body).unwrap(), value);
    }
}
