//! Reading a request's body whole, within a size and a time.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, HttpBody as _};

use crate::http::error::HttpError;

/// The longest that a body may take to arrive.
const LONGEST: Duration = Duration::from_secs(30);

/// Reads a body of at most `limit` bytes, whatever its content type.
///
/// # Errors
///
/// When it is larger than the limit, was cut off, or took too long.
pub(in crate::http) async fn read_body(limit: usize, body: Body) -> Result<Vec<u8>, HttpError> {
    match tokio::time::timeout(LONGEST, collect(limit, body)).await {
        Ok(read) => read,
        Err(_) => Err(HttpError::Incomplete("it took longer than 30 s")),
    }
}

async fn collect(limit: usize, mut body: Body) -> Result<Vec<u8>, HttpError> {
    // The length that the sender gives; a body that is chunked has none.
    let expected = body.size_hint().exact().and_then(|length| usize::try_from(length).ok());
    let mut bytes = Vec::with_capacity(expected.unwrap_or_default().min(limit));
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(frame) = frame else {
            return Err(HttpError::Incomplete("the connection broke"));
        };
        // Trailers are no part of the body.
        let Ok(data) = frame.into_data() else { continue };
        if data.len() > limit - bytes.len() {
            return Err(HttpError::TooLarge { limit });
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit_and_not_beyond() {
        for (length, fits) in [(0, true), (1, true), (10, true), (11, false), (1_000, false)] {
            let sent = vec![7; length];
            match read_body(10, Body::from(sent.clone())).await {
                Ok(read) => assert!(fits && read == sent, "{length}"),
                Err(error) => assert!(!fits && error.status().as_u16() == 413, "{length}: {error}"),
            }
        }
    }
}
