//! Room for the bodies of requests, of all connections together.
//!
//! A body that is longer than its beginning has its room before more than that is read, and keeps it until
//! its request is answered; so a client that only begins a body holds nothing that others wait for. Brief,
//! small and large bodies, and those that are no notifications, have rooms of their own, so that none of
//! these keeps another waiting. While others wait for its room, a body has to come fast or gives way.

use std::sync::Arc;

use crate::clock::Clock;
use crate::core::room::{Held, NoRoom, Room};

/// The largest of the brief bodies, which are most that need room: some seventy alerts.
const BRIEF_BYTES: usize = 64 * 1_024;

/// The room of the brief bodies, in bytes.
const BRIEF_ROOM: usize = 16 << 20;

/// The largest of the small bodies; Alertmanager sends some three hundred alerts in as much.
const SMALL_BYTES: usize = 256 * 1_024;

/// The room of the small bodies, in bytes.
const SMALL_ROOM: usize = 12 << 20;

/// The room of the large bodies, in bytes, unless `web.max_body_bytes` asks for more: eight of 4 MiB, of
/// which two are worked on.
const LARGE_ROOM: usize = 32 << 20;

/// The room of the bodies that are no notifications, in bytes, unless `web.max_body_bytes` asks for more.
const OTHER_ROOM: usize = 8 << 20;

/// Which of the rooms a body is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Brief,
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
    brief: Room,
    small: Room,
    large: Room,
    other: Room,
    longest: usize,
}

impl Bodies {
    /// Rooms for bodies of at most `longest` bytes, on at most so many connections. Those that wait give way
    /// to nobody and hold some 40 KiB each, so that they are about a quarter at most.
    pub(super) fn new(longest: usize, connections: usize) -> Self {
        let most = |share: usize| (connections / share).max(1);
        let [large, other] = [LARGE_ROOM, OTHER_ROOM].map(|room| room.max(longest));
        Self {
            brief: Room::new(BRIEF_ROOM, most(8)),
            small: Room::new(SMALL_ROOM, most(16)),
            large: Room::new(large, most(32)),
            other: Room::new(other, most(64)),
            longest,
        }
    }

    /// The room that a body needs, and how much of it; of one that does not say how long it is, the most.
    pub(super) fn needed(&self, body: Announced) -> Option<(Kind, usize)> {
        let bytes = body.length.unwrap_or(self.longest);
        let kind = if !body.notification {
            Kind::Other
        } else if bytes <= BRIEF_BYTES {
            Kind::Brief
        } else if bytes <= SMALL_BYTES {
            Kind::Small
        } else {
            Kind::Large
        };
        (bytes > Announced::FREE_BYTES).then_some((kind, bytes))
    }

    /// Waits for so much room of a kind, in turn with other addresses.
    pub(super) async fn take(
        self: Arc<Self>,
        clock: Arc<dyn Clock>,
        address: u64,
        (kind, bytes): (Kind, usize),
    ) -> Result<Held, NoRoom> {
        self.room(kind).take_for(&*clock, address, bytes).await
    }

    /// Whether any body waits for room.
    pub(super) fn wait(&self) -> bool {
        [Kind::Brief, Kind::Small, Kind::Large, Kind::Other]
            .into_iter()
            .any(|kind| self.is_short(kind))
    }

    /// Whether a body waits for room of this kind.
    pub(super) fn is_short(&self, kind: Kind) -> bool {
        self.room(kind).is_short()
    }

    fn room(&self, kind: Kind) -> &Room {
        match kind {
            Kind::Brief => &self.brief,
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
            (true, Some(FREE_BYTES + 1), Some((Kind::Brief, FREE_BYTES + 1))),
            (true, Some(BRIEF_BYTES), Some((Kind::Brief, BRIEF_BYTES))),
            (true, Some(BRIEF_BYTES + 1), Some((Kind::Small, BRIEF_BYTES + 1))),
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
