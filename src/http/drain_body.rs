//! Request bodies that were answered before they were read.
//!
//! A sender whose connection is closed in the middle of its body sees a broken connection and not
//! the answer, and Alertmanager then tries for ever what it should be told is too large. So the
//! rest of a body is read and thrown away before the answer goes out.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::EXPECT;
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

/// The most that is thrown away; who sends more is cut off.
const MOST: usize = 64 * 1024 * 1024;
/// The longest that throwing away may take.
const LONGEST: Duration = Duration::from_secs(5);

/// Answers, once whatever the handler left of the body has come.
pub(super) async fn read_the_rest(request: Request, next: Next) -> Response {
    let asks_first = request.headers().contains_key(EXPECT);
    let (parts, body) = request.into_parts();
    let kept = Kept::default();
    *kept.lock() = State { body, touched: false };
    let response = next.run(Request::from_parts(parts, Body::new(kept.clone()))).await;
    let State { body, touched } = std::mem::take(&mut *kept.lock());
    // Who asks before it sends has sent nothing yet, and is told not to by the answer.
    if touched || !asks_first {
        // Whether it ends, breaks or takes too long: the answer goes out.
        let _ = tokio::time::timeout(LONGEST, discard(body)).await;
    }
    response
}

async fn discard(mut body: Body) {
    let mut left = MOST;
    while let Some(Ok(frame)) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let size = frame.data_ref().map_or(0, Bytes::len);
        let Some(rest) = left.checked_sub(size) else { return };
        left = rest;
    }
}

/// A body that stays with us while the handlers read it.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    body: Body,
    touched: bool,
}

impl Kept {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpBody for Kept {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut state = self.lock();
        state.touched = true;
        Pin::new(&mut state.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.lock().body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.lock().body.size_hint()
    }
}
