//! Room for large payloads: how many bytes of them are worked on at once.
//!
//! A payload takes several times its size while it is parsed, rendered and stored, and a storm brings
//! many large ones at the same moment. A large payload that finds no room waits until an earlier one is
//! stored; small payloads never wait. Room is taken once a payload is there as a whole, so that a
//! slow sender holds nothing that others wait for.
//!
//! A payload weighs its bytes, or, if that is more, what its objects take however short they are.

use tokio::sync::{Semaphore, SemaphorePermit};

/// The heaviest payload that never waits; Alertmanager sends some eighty alerts in as much.
const SMALL_BYTES: usize = 64 * 1024;

/// What an object weighs at least, in bytes. An alert of Alertmanager's has three objects in some 500
/// bytes, so its bytes count; an empty one takes a hundred times its bytes in memory.
const OBJECT_BYTES: usize = 64;

/// The room, in KiB; a payload that is heavier takes all of it.
const ROOM_KIB: u32 = 8 * 1024;

/// The room that the large payloads share.
#[derive(Debug)]
pub(super) struct PayloadRoom(Semaphore);

impl Default for PayloadRoom {
    fn default() -> Self {
        Self(Semaphore::new(ROOM_KIB as usize))
    }
}

impl PayloadRoom {
    /// Waits for room for a payload of this [`weight`], and holds it until the permit is dropped; a
    /// light payload needs none.
    pub(super) async fn take(&self, weight: usize) -> Option<SemaphorePermit<'_>> {
        if weight <= SMALL_BYTES {
            return None;
        }
        let kib = u32::try_from(weight.div_ceil(1024)).unwrap_or(u32::MAX).min(ROOM_KIB);
        // Never closed, so its turn comes.
        self.0.acquire_many(kib).await.ok()
    }
}

/// What a payload takes, in bytes.
pub(super) fn weight(payload: &[u8]) -> usize {
    // So few bytes at a time that their count fits into one, which a processor does many of at once.
    let chunks = payload.chunks(usize::from(u8::MAX));
    let count = |chunk: &[u8]| chunk.iter().map(|byte| u8::from(*byte == b'{')).sum::<u8>();
    let objects: usize = chunks.map(|chunk| usize::from(count(chunk))).sum();
    payload.len().max(objects * OBJECT_BYTES)
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    const MIB: usize = 1024 * 1024;

    /// How many KiB a payload gets at once; none if it has to wait.
    fn taken<'a>(asked: impl Future<Output = Option<SemaphorePermit<'a>>>) -> Option<usize> {
        match pin!(asked).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(permit) => Some(permit.map_or(0, |permit| permit.num_permits())),
            Poll::Pending => None,
        }
    }

    #[test]
    fn a_large_payload_holds_its_size_and_at_most_all_room() {
        let room = PayloadRoom::default();
        for (bytes, kib) in [(0, 0), (SMALL_BYTES, 0), (SMALL_BYTES + 1, 65), (4 * MIB, 4096)] {
            assert_eq!(taken(room.take(bytes)), Some(kib), "{bytes}");
        }
        assert_eq!(taken(room.take(100 * MIB)), Some(ROOM_KIB as usize));
    }

    #[test]
    fn empty_alerts_weigh_more_than_their_bytes_and_real_ones_do_not() {
        let real = include_bytes!("../../tests/it/fixtures/alertmanager-0.34.json");
        assert_eq!(weight(real), real.len());
        let empty = ["{\"alerts\":[", &vec!["{}"; 10_000].join(","), "]}"].concat();
        assert_eq!(weight(empty.as_bytes()), 640_064);
    }

    #[tokio::test]
    async fn a_large_payload_waits_for_those_before_it_and_a_small_one_does_not() {
        let room = PayloadRoom::default();
        let first = room.take(8 * MIB).await;
        assert_eq!(taken(room.take(8 * MIB)), None);
        assert_eq!(taken(room.take(SMALL_BYTES)), Some(0));
        drop(first);
        assert_eq!(taken(room.take(8 * MIB)), Some(8 * 1024));
    }
}
