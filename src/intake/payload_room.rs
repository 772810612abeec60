//! Room for what is made of payloads: the parsed notification and its messages, until they are stored.
//!
//! A payload takes several times its size while it is parsed, rendered and stored, and a storm brings
//! many at the same moment. Small and large ones have rooms of their own, so that neither kind keeps
//! the other waiting. Room is taken once a payload is there as a whole, so that a slow sender holds
//! nothing that others wait for.
//!
//! A payload weighs its bytes, or, if that is more, what its objects or its values take however short they
//! are.

use crate::clock::Clock;
use crate::core::room::{Held, NoRoom, Room};

/// The largest payload that is a small one; Alertmanager sends some eighty alerts in as much.
const SMALL_BYTES: usize = 64 * 1024;

/// What an object weighs at least, in bytes. An alert of Alertmanager's has three objects in some 500
/// bytes, so its bytes count; an empty one takes a hundred times its bytes in memory.
const OBJECT_BYTES: usize = 64;

/// What a value weighs at least, in bytes; an alert of Alertmanager's has some fifteen. A label of a few bytes
/// takes twenty times as much in memory while labels are sorted.
const VALUE_BYTES: usize = 24;

/// How many times its weight a payload takes in memory: with its bytes, the alerts that were read from it, and the
/// parts in the making. Measured with payloads of 4 MiB (`scripts/bench memory`).
const TIMES: usize = 4;

/// What a message takes at most, in bytes: five parts, and the row that is made of them.
const MESSAGE_BYTES: usize = 200 * 1024;

/// For how many messages there is room at most: of a thousand receivers, the conditions of most keep
/// nothing, and equal messages are made once.
const MOST_MESSAGES: usize = 16;

/// The room of the small payloads, in bytes: several hundred of ten alerts at once.
const SMALL_ROOM: usize = 12 << 20;

/// The room of the large payloads, in bytes: two of 4 MiB.
const LARGE_ROOM: usize = 40 << 20;

/// How many wait in each room; the connections are fewer, and room for their bodies comes first.
const MOST_WAITING: usize = 1 << 20;

/// The rooms that the payloads share.
#[derive(Debug)]
pub(super) struct PayloadRoom {
    small: Room,
    large: Room,
}

impl Default for PayloadRoom {
    fn default() -> Self {
        let [small, large] = [SMALL_ROOM, LARGE_ROOM].map(|room| Room::new(room, MOST_WAITING));
        Self { small, large }
    }
}

impl PayloadRoom {
    /// Waits for room for a payload of so many bytes and this [`weight`], of which so many messages are
    /// made.
    ///
    /// # Errors
    ///
    /// When it took too long.
    pub(super) async fn take(
        &self,
        clock: &dyn Clock,
        bytes: usize,
        weight: usize,
        messages: usize,
    ) -> Result<Held, NoRoom> {
        let room = if bytes <= SMALL_BYTES { &self.small } else { &self.large };
        let messages = messages.min(MOST_MESSAGES) * MESSAGE_BYTES.min(2 * bytes);
        room.take(clock, in_memory(weight).saturating_add(messages)).await
    }
}

/// What a payload of this weight takes in memory, in bytes.
pub(super) fn in_memory(weight: usize) -> usize {
    weight.saturating_mul(TIMES)
}

/// What a payload weighs, in bytes.
pub(super) fn weight(payload: &[u8]) -> usize {
    let (objects, values) = (count(payload, b'{'), count(payload, b','));
    payload.len().max(objects * OBJECT_BYTES).max(values * VALUE_BYTES)
}

/// How often a byte is there.
fn count(payload: &[u8], wanted: u8) -> usize {
    // So few bytes at a time that their count fits into one, which a processor does many of at once.
    let chunks = payload.chunks(usize::from(u8::MAX));
    let count = |chunk: &[u8]| chunk.iter().map(|byte| u8::from(*byte == wanted)).sum::<u8>();
    chunks.map(|chunk| usize::from(count(chunk))).sum()
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::clock::ManualClock;

    const MIB: usize = 1024 * 1024;

    fn poll<T>(asked: impl Future<Output = T>) -> Poll<T> {
        pin!(asked).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn empty_alerts_and_labels_weigh_more_than_their_bytes_and_real_ones_do_not() {
        let real = include_bytes!("../../tests/it/fixtures/alertmanager-0.34.json");
        assert_eq!(weight(real), real.len());
        let empty = ["{\"alerts\":[", &vec!["{}"; 10_000].join(","), "]}"].concat();
        assert_eq!(weight(empty.as_bytes()), 640_064);
        let labels = vec!["\"a\":\"\""; 10_000].join(",");
        let labels = ["{\"alerts\":[{\"labels\":{", &labels, "}}]}"].concat();
        assert_eq!(weight(labels.as_bytes()), 9_999 * VALUE_BYTES);
    }

    #[test]
    fn large_payloads_wait_for_each_other_and_no_small_one_for_them() {
        let (room, clock) = (PayloadRoom::default(), ManualClock::new(jiff::Timestamp::UNIX_EPOCH));
        let large = || room.take(&clock, 4 * MIB, 4 * MIB, 1);
        let [Poll::Ready(Ok(first)), Poll::Ready(Ok(_second))] = [poll(large()), poll(large())]
        else {
            panic!("two have room");
        };
        assert!(poll(large()).is_pending());
        assert!(poll(room.take(&clock, SMALL_BYTES, SMALL_BYTES, 1)).is_ready());
        drop(first);
        assert!(poll(large()).is_ready());
    }

    #[test]
    fn a_payload_for_many_receivers_takes_room_for_their_messages() {
        let clock = ManualClock::new(jiff::Timestamp::UNIX_EPOCH);
        for (messages, at_once) in [(1, 64), (10, 16), (16, 10), (1_000, 10)] {
            let room = PayloadRoom::default();
            let take = || poll(room.take(&clock, SMALL_BYTES / 2, SMALL_BYTES / 2, messages));
            let held: Vec<_> = (0..=at_once).map(|_| take()).collect();
            assert!(held[..at_once].iter().all(Poll::is_ready), "{messages}");
            assert!(held[at_once].is_pending(), "{messages}");
        }
    }
}
