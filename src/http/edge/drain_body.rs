//! Reading the rest of a body after its answer is known.
//!
//! A sender whose connection is closed in the middle of its body sees a broken connection and not
//! the answer, and Alertmanager then tries for ever to send a group that is too large. So the rest of
//! a body is read and thrown away before the answer goes out, as long as it comes as fast as a body has to.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};

use super::body_room::BodyRoom;
use crate::core::room::NoRoom;
use crate::http::server::{Announced, Connection};

/// The most bytes that are thrown away; a sender of more is cut off.
const MOST: usize = 64 * 1024 * 1024;

/// Why the rest of a body does not come.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyError {
    /// The connection broke.
    #[error(transparent)]
    Broken(#[from] hyper::Error),
    /// It came too slowly.
    #[error("the body came too slowly")]
    Late,
    /// There was no room for it.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
}

/// A body that the edge keeps while a handler reads it.
#[derive(Clone)]
pub(super) struct Kept {
    state: Arc<Mutex<State>>,
    connection: Arc<Connection>,
}

struct State {
    body: Incoming,
    /// Whether a handler has begun to read it.
    touched: bool,
    /// How many bytes of it a handler has.
    bytes: usize,
    room: BodyRoom,
}

impl Kept {
    pub(super) fn new(body: Incoming, announced: Announced, connection: Arc<Connection>) -> Self {
        let room = BodyRoom::Begins(announced);
        let state = State { body, touched: false, bytes: 0, room };
        Self { state: Arc::new(Mutex::new(state)), connection }
    }

    /// Reads and throws away the part that no handler read.
    ///
    /// A client that `asks_first` whether it may send its body (`Expect: 100-continue`) has sent
    /// nothing as long as nobody reads, and the answer tells it not to.
    pub(super) async fn drain(self, asks_first: bool) {
        if (asks_first && !self.lock().touched) || self.is_end_stream() {
            return;
        }
        self.lock().room = BodyRoom::Unneeded;
        // Whether it ends, breaks or takes too long: the answer goes out.
        self.discard().await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn discard(mut self) {
        let mut left = MOST;
        while let Some(Ok(frame)) = poll_fn(|context| Pin::new(&mut self).poll_frame(context)).await
        {
            let size = frame.data_ref().map_or(0, Bytes::len);
            let Some(rest) = left.checked_sub(size) else { return };
            left = rest;
        }
    }
}

impl Body for Kept {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let mut state = self.lock();
        let bytes = state.bytes;
        if let Err(error) = ready!(state.room.poll(context, &self.connection, bytes)) {
            return Poll::Ready(Some(Err(error.into())));
        }
        state.touched = true;
        let polled = Pin::new(&mut state.body).poll_frame(context);
        if polled.is_pending() && !self.connection.waits_for_body(context.waker()) {
            return Poll::Ready(Some(Err(BodyError::Late)));
        }
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                state.bytes += frame.data_ref().map_or(0, Bytes::len);
                self.connection.body_came();
            }
            Poll::Ready(_) => {
                state.room.shrink(bytes);
                self.connection.body_came();
                self.connection.body_ended();
            }
            Poll::Pending => {}
        }
        polled.map_err(BodyError::from)
    }

    fn is_end_stream(&self) -> bool {
        self.lock().body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.lock().body.size_hint()
    }
}
