//! Room for large payloads: how many bytes of them are worked on at once.
//!
//! A payload takes several times its size while it is parsed, rendered and stored, and a storm brings
//! many large ones at the same moment. A large payload that finds no room waits until an earlier one is
//! stored; small payloads never wait. Room is taken once a payload is there as a whole, so that a
//! slow sender holds nothing that others wait for.

use tokio::sync::{Semaphore, SemaphorePermit};

/// The largest payload that never waits; Alertmanager sends some eighty alerts in as much.
const SMALL_BYTES: usize = 64 * 1024;

/// The room, in KiB; a payload that is larger takes all of it.
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
    /// Waits for room for a payload of so many bytes, and holds it until the permit is dropped; a
    /// small payload needs none.
    pub(super) async fn take(&self, bytes: usize) -> Option<SemaphorePermit<'_>> {
        if bytes <= SMALL_BYTES {
            return None;
        }
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX).min(ROOM_KIB);
        // Never closed, so its turn comes.
        self.0.acquire_many(kib).await.ok()
    }
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
