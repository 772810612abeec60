//! The room that a body waits for before more than its beginning is read, and keeps until its request
//! is answered.

use std::task::{Context, Poll, ready};

use crate::core::room::{Held, NoRoom};
use crate::http::server::{Announced, Connection, RoomForBody};

/// Where a body stands with its room.
pub(super) enum BodyRoom {
    /// Its beginning is read, which needs no room.
    Begins(Announced),
    /// It waits.
    Waiting(Announced, RoomForBody),
    /// It has its room.
    Taken(Held),
    /// It is small, or what comes of it is thrown away.
    Unneeded,
}

impl BodyRoom {
    /// Whether more of it may be read than so many bytes: beyond the beginning, not before it has its
    /// room.
    pub(super) fn poll(
        &mut self,
        context: &mut Context<'_>,
        connection: &Connection,
        bytes: usize,
    ) -> Poll<Result<(), NoRoom>> {
        if let Self::Begins(body) = *self {
            if bytes < Announced::FREE_BYTES {
                return Poll::Ready(Ok(()));
            }
            let wait = connection.room_for_body(body);
            *self = wait.map_or(Self::Unneeded, |wait| Self::Waiting(body, wait));
        }
        if let Self::Waiting(body, wait) = self {
            let (body, held) = (*body, ready!(wait.as_mut().poll(context)));
            *self = Self::Unneeded;
            *self = Self::Taken(held?);
            connection.body_has_room(body);
        }
        Poll::Ready(Ok(()))
    }

    /// Gives back what a body of so many bytes does not need.
    pub(super) fn shrink(&mut self, bytes: usize) {
        if let Self::Taken(held) = self {
            held.shrink(bytes);
        }
    }
}
