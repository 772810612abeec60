//! Room for the bodies of requests, of all connections together.
//!
//! A body that is longer than its beginning has its room before more than that is read, and keeps it until
//! its request is answered; so a client that only begins a body holds nothing that others wait for. Small and large bodies, and those that are no notifications, have rooms
//! of their own, so that none of these keeps another waiting. A sender that stops in the middle of its
//! body gives way as soon as others wait for its room.

use std::sync::Arc;

use crate::clock::Clock;
use crate::core::room::{Held, NoRoom, Room};

/// The largest of the small bodies; Alertmanager sends some three hundred alerts in as much.
const SMALL_BYTES: usize = 256 * 1_024;

/// The room of the small bodies, in bytes.
const SMALL_ROOM: usize = 12 << 20;

/// The room of the large bodies, in bytes, unless `web.max_body_bytes` asks for more: twelve of 4 MiB, of
/// which two are worked on.
const LARGE_ROOM: usize = 48 << 20;

/// The room of the bodies that are no notifications, in bytes, unless `web.max_body_bytes` asks for more.
const OTHER_ROOM: usize = 8 << 20;

/// Which of the rooms a body is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Small,
    Large,
    /// It is no notification.
    Other,
}

/// What a body is for, and how long its sender says that it is.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Announced {
    /// Whether it is a notification; not asked of a body that needs no room.
    notification: bool,
    /// Its length in bytes, if it has one.
    length: Option<usize>,
}

impl Announced {
    /// The beginning of a body, which needs no room. Of as many connections as there are by default, these
    /// are 32 MiB.
    pub(in crate::http) const FREE_BYTES: usize = 8 * 1_024;

    pub(in crate::http) fn new(length: Option<u64>, notification: impl FnOnce() -> bool) -> Self {
        let length = length.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
        let is_free = length.is_some_and(|length| length <= Self::FREE_BYTES);
        Self { notification: !is_free && notification(), length }
    }
}

/// The rooms.
#[derive(Debug)]
pub(super) struct Bodies {
    small: Room,
    large: Room,
    other: Room,
    longest: usize,
}

impl Bodies {
    /// Rooms for bodies of at most `longest` bytes, on at most so many connections. Those that wait give way
    /// to nobody, so that they are fewer than half.
    pub(super) fn new(longest: usize, connections: usize) -> Self {
        let [large, other] = [LARGE_ROOM, OTHER_ROOM].map(|room| room.max(longest));
        Self {
            small: Room::new(SMALL_ROOM, connections / 4),
            large: Room::new(large, connections / 8),
            other: Room::new(other, connections / 16),
            longest,
        }
    }

    /// The room that a body needs, and how much of it; of one that does not say how long it is, the most.
    pub(super) fn needed(&self, body: Announced) -> Option<(Kind, usize)> {
        let bytes = body.length.unwrap_or(self.longest);
        let kind = if !body.notification {
            Kind::Other
        } else if bytes <= SMALL_BYTES {
            Kind::Small
        } else {
            Kind::Large
        };
        (bytes > Announced::FREE_BYTES).then_some((kind, bytes))
    }

    /// Waits for so much room of a kind.
    pub(super) async fn take(
        self: Arc<Self>,
        clock: Arc<dyn Clock>,
        (kind, bytes): (Kind, usize),
    ) -> Result<Held, NoRoom> {
        self.room(kind).take(&*clock, bytes).await
    }

    /// Whether a body waits for room of this kind.
    pub(super) fn is_short(&self, kind: Kind) -> bool {
        self.room(kind).is_short()
    }

    fn room(&self, kind: Kind) -> &Room {
        match kind {
            Kind::Small => &self.small,
            Kind::Large => &self.large,
            Kind::Other => &self.other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE_BYTES: usize = Announced::FREE_BYTES;

    #[test]
    fn a_bodys_room_is_that_of_its_size_and_use() {
        let bodies = Bodies::new(4 << 20, 64);
        for (notification, length, needed) in [
            (true, Some(FREE_BYTES), None),
            (true, Some(FREE_BYTES + 1), Some((Kind::Small, FREE_BYTES + 1))),
            (true, Some(SMALL_BYTES), Some((Kind::Small, SMALL_BYTES))),
            (true, Some(SMALL_BYTES + 1), Some((Kind::Large, SMALL_BYTES + 1))),
            (true, None, Some((Kind::Large, 4 << 20))),
            (false, Some(FREE_BYTES), None),
            (false, Some(FREE_BYTES + 1), Some((Kind::Other, FREE_BYTES + 1))),
        ] {
            let announced = Announced::new(length.map(|length| length as u64), || notification);
            assert_eq!(bodies.needed(announced), needed, "{announced:?}");
        }
    }
}
