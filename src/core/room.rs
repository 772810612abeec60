//! Room in memory that many requests share: each takes what it needs, in the order in which they ask.
//!
//! A wait for room is bounded: only so many wait, and none for longer than [`LONGEST`]. Who finds no
//! room is told so, and comes again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::clock::Clock;

/// The longest that anybody waits for room. Alertmanager waits longer for an answer, and a person does not.
pub const LONGEST: Duration = Duration::from_secs(30);

/// Some room in memory.
#[derive(Debug)]
pub struct Room {
    free: Arc<Semaphore>,
    kib: u32,
    waiting: AtomicUsize,
    most_waiting: usize,
}

/// Room that is taken; it is given back when this is dropped.
#[derive(Debug)]
#[must_use = "the room is given back when this is dropped"]
pub struct Held(OwnedSemaphorePermit);

/// Why there was no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoRoom {
    /// Too many wait for it.
    #[error("too many requests wait for memory; send it again")]
    TooMany,
    /// It took too long until there was room.
    #[error("for {} s there was no memory for it; send it again", LONGEST.as_secs())]
    TooLong,
}

impl Room {
    /// Room for so many bytes, rounded up to KiB, for which at most `most_waiting` wait.
    #[must_use]
    pub fn new(bytes: usize, most_waiting: usize) -> Self {
        let kib = kib(bytes);
        let free = Arc::new(Semaphore::new(kib as usize));
        Self { free, kib, waiting: AtomicUsize::new(0), most_waiting }
    }

    /// Takes room for so many bytes, once those have theirs that asked before; who needs more than all
    /// takes all.
    ///
    /// # Errors
    ///
    /// When too many wait, or it took too long.
    pub async fn take(&self, clock: &dyn Clock, bytes: usize) -> Result<Held, NoRoom> {
        let kib = kib(bytes).min(self.kib);
        // It takes nothing from those who wait: what is given back is theirs at once.
        if let Ok(held) = Arc::clone(&self.free).try_acquire_many_owned(kib) {
            return Ok(Held(held));
        }
        let _waiting = Waiting::begin(self)?;
        let late = clock.sleep_until(clock.now().boot + LONGEST);
        tokio::select! {
            biased;
            held = Arc::clone(&self.free).acquire_many_owned(kib) => {
                // Never closed, so its turn comes.
                held.map(Held).or(Err(NoRoom::TooLong))
            }
            () = late => Err(NoRoom::TooLong),
        }
    }

    /// Whether anybody waits for room.
    pub fn is_short(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }
}

impl Held {
    /// Gives back all but so many bytes.
    pub fn shrink(&mut self, bytes: usize) {
        let excess = self.0.num_permits().saturating_sub(kib(bytes) as usize);
        drop(self.0.split(excess));
    }
}

fn kib(bytes: usize) -> u32 {
    // A semaphore of tokio's has room for as many.
    u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX).min(u32::MAX >> 3)
}

/// One who waits, counted until it is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(room: &'a Room) -> Result<Self, NoRoom> {
        let before = room.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Self(&room.waiting);
        if before < room.most_waiting { Ok(waiting) } else { Err(NoRoom::TooMany) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::clock::ManualClock;

    fn clock() -> ManualClock {
        ManualClock::new(jiff::Timestamp::UNIX_EPOCH)
    }

    fn poll<T>(asked: std::pin::Pin<&mut impl Future<Output = T>>) -> Poll<T> {
        asked.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn room_is_taken_in_kib_up_to_all_and_given_back() {
        let (room, clock) = (Room::new(8 << 10, 1), clock());
        for (bytes, kib) in [(0, 0), (1, 1), (1024, 1), (1025, 2), (1 << 30, 8)] {
            let Poll::Ready(Ok(held)) = poll(pin!(room.take(&clock, bytes))) else {
                panic!("{bytes} bytes have room");
            };
            assert_eq!(held.0.num_permits(), kib, "{bytes}");
        }
        let mut held = pin!(room.take(&clock, 8 << 10));
        let Poll::Ready(Ok(mut held)) = poll(held.as_mut()) else { panic!("all is free") };
        held.shrink(3 << 10);
        assert!(poll(pin!(room.take(&clock, 5 << 10))).is_ready());
        assert!(poll(pin!(room.take(&clock, 6 << 10))).is_pending());
    }

    #[test]
    fn a_small_one_does_not_overtake_a_large_one_that_waits() {
        let (room, clock) = (Room::new(8 << 10, 9), clock());
        let Poll::Ready(first) = poll(pin!(room.take(&clock, 6 << 10))) else { panic!("free") };
        let (mut large, mut small) =
            (pin!(room.take(&clock, 4 << 10)), pin!(room.take(&clock, 1 << 10)));
        assert!(poll(large.as_mut()).is_pending() && room.is_short());
        assert!(poll(small.as_mut()).is_pending(), "two KiB are free, but not for it");
        drop(first);
        assert!(matches!(poll(large), Poll::Ready(Ok(_))));
        assert!(matches!(poll(small), Poll::Ready(Ok(_))));
        assert!(!room.is_short());
    }

    #[tokio::test]
    async fn only_so_many_wait_and_none_for_ever() {
        let (room, clock) = (Room::new(1 << 10, 1), clock());
        let held = room.take(&clock, 1).await.unwrap();
        let mut waits = pin!(room.take(&clock, 1));
        assert!(poll(waits.as_mut()).is_pending());
        assert_eq!(room.take(&clock, 1).await.unwrap_err(), NoRoom::TooMany);
        clock.advance(LONGEST);
        assert_eq!(waits.await.unwrap_err(), NoRoom::TooLong);
        drop(held);
        assert!(room.take(&clock, 1).await.is_ok() && !room.is_short());
    }
}
