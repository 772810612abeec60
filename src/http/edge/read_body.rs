//! Reading a request's body whole, within a size.
//!
//! How long it may take, its connection knows: a body that is late ends with an error.

use std::future::poll_fn;
use std::pin::Pin;

use axum::body::{Body, HttpBody as _};

use super::drain_body::BodyError;
use crate::http::error::HttpError;

/// Reads a body of at most `limit` bytes, whatever its content type.
///
/// # Errors
///
/// When it is larger than the limit, was cut off, or came too slowly.
pub(in crate::http) async fn read_body(limit: usize, mut body: Body) -> Result<Vec<u8>, HttpError> {
    // The length that the sender gives; a body that is chunked has none.
    let expected = body.size_hint().exact().and_then(|length| usize::try_from(length).ok());
    let expected = expected.unwrap_or_default().min(limit);
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(why_incomplete)?;
        // Trailers are no part of the body.
        let Ok(data) = frame.into_data() else { continue };
        if data.len() > limit - bytes.len() {
            return Err(HttpError::TooLarge { limit });
        }
        // Of a body that does not come whole at once, the first piece takes no memory for the rest, for which
        // there may be no room yet.
        if !bytes.is_empty() {
            bytes.reserve_exact(expected.saturating_sub(bytes.len()));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

fn why_incomplete(error: axum::Error) -> HttpError {
    match error.into_inner().downcast_ref() {
        Some(BodyError::NoRoom(error)) => HttpError::NoRoom(*error),
        Some(BodyError::Late) => HttpError::Incomplete("it came too slowly"),
        Some(BodyError::Broken(_)) | None => HttpError::Incomplete("the connection broke"),
    }
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
