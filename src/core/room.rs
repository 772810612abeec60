//! Room in memory that many requests share: each takes what it needs.
//!
//! Those who wait are served in the order in which they asked, and of several addresses in turn, so that
//! one that asks for much keeps no other waiting. A wait is bounded: only so many wait, and none for longer
//! than [`LONGEST`]. Who finds no room is told so, and comes again.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::clock::Clock;

/// The longest that anybody waits for room. Alertmanager waits longer for an answer, and a person does not.
pub const LONGEST: Duration = Duration::from_secs(30);

/// Some room in memory.
#[derive(Debug)]
pub struct Room {
    books: Arc<Books>,
    /// All of it, in KiB.
    kib: u32,
    most_waiting: usize,
}

/// Room that is taken; it is given back when this is dropped.
#[derive(Debug)]
#[must_use = "the room is given back when this is dropped"]
pub struct Held {
    books: Arc<Books>,
    kib: u32,
}

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

/// What is free, and who waits for it.
#[derive(Debug)]
struct Books(Mutex<State>);

#[derive(Debug)]
struct State {
    free: u32,
    /// By their turns, and those of one turn by their numbers.
    line: BTreeMap<(u64, u64), Waiter>,
    /// The turn of whom room was given last.
    turn: u64,
    /// The last turn that each address had, of those that had this one, while somebody waits.
    served: HashMap<u64, u64>,
    next_number: u64,
}

#[derive(Debug)]
struct Waiter {
    kib: u32,
    address: u64,
    grant: oneshot::Sender<Held>,
}

impl Room {
    /// Room for so many bytes, rounded up to KiB, for which at most `most_waiting` wait.
    #[must_use]
    pub fn new(bytes: usize, most_waiting: usize) -> Self {
        let kib = kib(bytes);
        let (line, served) = (BTreeMap::new(), HashMap::new());
        let state = State { free: kib, line, turn: 0, served, next_number: 0 };
        Self { books: Arc::new(Books(Mutex::new(state))), kib, most_waiting }
    }

    /// Takes room for so many bytes, once those have theirs that asked before; who needs more than all
    /// takes all.
    ///
    /// # Errors
    ///
    /// When too many wait, or it took too long.
    pub async fn take(&self, clock: &dyn Clock, bytes: usize) -> Result<Held, NoRoom> {
        self.take_for(clock, 0, bytes).await
    }

    /// The same for an address, in turn with others; where too many wait, the last of the address goes that
    /// has the most.
    ///
    /// # Errors
    ///
    /// When too many wait, or it took too long.
    pub async fn take_for(
        &self,
        clock: &dyn Clock,
        address: u64,
        bytes: usize,
    ) -> Result<Held, NoRoom> {
        let kib = kib(bytes).min(self.kib);
        let (_waiting, granted) = match self.begin(address, kib)? {
            Begun::Has(held) => return Ok(held),
            Begun::Waits(waiting, granted) => (waiting, granted),
        };
        let late = clock.sleep_until(clock.now().boot + LONGEST);
        tokio::select! {
            biased;
            // Who is put out of the line is told so.
            held = granted => held.or(Err(NoRoom::TooMany)),
            () = late => Err(NoRoom::TooLong),
        }
    }

    /// Whether anybody waits for room.
    #[must_use]
    pub fn is_short(&self) -> bool {
        !self.books.lock().line.is_empty()
    }

    /// Takes what is free, or begins to wait.
    fn begin(&self, address: u64, kib: u32) -> Result<Begun<'_>, NoRoom> {
        let mut state = self.books.lock();
        if state.line.is_empty() && state.free >= kib {
            state.free -= kib;
            return Ok(Begun::Has(Held { books: Arc::clone(&self.books), kib }));
        }
        let turn = state.next_turn(address);
        if state.line.len() >= self.most_waiting {
            let last = state.line.last_key_value().map(|(place, _)| *place);
            let last = last.filter(|(last, _)| turn < *last).ok_or(NoRoom::TooMany)?;
            state.leave(last);
        }
        let place = (turn, state.next_number);
        state.next_number += 1;
        let (grant, granted) = oneshot::channel();
        state.line.insert(place, Waiter { kib, address, grant });
        drop(state);
        // It may be the first now, and need less than the one behind it.
        self.books.grant();
        Ok(Begun::Waits(Waiting { room: self, place }, granted))
    }
}

impl Books {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// So much is free again, and goes to those who wait.
    fn free(self: &Arc<Self>, kib: u32) {
        self.lock().free += kib;
        self.grant();
    }

    /// Gives what is free to those whose turn it is.
    fn grant(self: &Arc<Self>) {
        loop {
            let Some(Waiter { kib, grant, .. }) = self.lock().next() else { return };
            // Who has gone meanwhile gives it back at once.
            drop(grant.send(Held { books: Arc::clone(self), kib }));
        }
    }
}

impl State {
    /// The turn of one more of this address: after those of it that wait, and that were served in this turn.
    fn next_turn(&self, address: u64) -> u64 {
        let own = self.line.iter().rev().find(|(_, waiter)| waiter.address == address);
        let own = own.map(|((turn, _), _)| turn + 1);
        let served = self.served.get(&address).map(|turn| turn + 1);
        own.into_iter().chain(served).fold(self.turn, u64::max)
    }

    /// The first of the line, if there is room for it, which is its own then.
    fn next(&mut self) -> Option<Waiter> {
        let (place, kib) = self.line.first_key_value().map(|(place, first)| (*place, first.kib))?;
        self.free = self.free.checked_sub(kib)?;
        if place.0 > self.turn {
            self.turn = place.0;
            self.served.retain(|_, turn| *turn >= place.0);
        }
        let waiter = self.line.remove(&place)?;
        self.served.insert(waiter.address, place.0);
        self.forget_if_empty();
        Some(waiter)
    }

    fn leave(&mut self, place: (u64, u64)) -> Option<Waiter> {
        let waiter = self.line.remove(&place);
        self.forget_if_empty();
        waiter
    }

    /// Where nobody waits, nobody has to take turns.
    fn forget_if_empty(&mut self) {
        if self.line.is_empty() {
            self.served.clear();
        }
    }
}

impl Held {
    /// Gives back all but so many bytes.
    pub fn shrink(&mut self, bytes: usize) {
        let excess = self.kib.saturating_sub(kib(bytes));
        self.kib -= excess;
        self.books.free(excess);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.books.free(self.kib);
    }
}

fn kib(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX)
}

/// One who asked.
enum Begun<'r> {
    /// It has its room.
    Has(Held),
    /// It waits to be told that it has.
    Waits(Waiting<'r>, oneshot::Receiver<Held>),
}

/// A place in the line, which is left when this is dropped, if it was not before.
struct Waiting<'r> {
    room: &'r Room,
    place: (u64, u64),
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let left = self.room.books.lock().leave(self.place);
        // Who stood behind it may need less.
        if left.is_some() {
            self.room.books.grant();
        }
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
            assert_eq!(held.kib, kib, "{bytes}");
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

    #[test]
    fn addresses_are_served_in_turn_and_the_greediest_leaves_a_full_line() {
        let (room, clock) = (Room::new(1 << 10, 3), clock());
        let take = |address| Box::pin(room.take_for(&clock, address, 1));
        let Poll::Ready(Ok(held)) = poll(pin!(take(1))) else { panic!("it is free") };
        let mut greedy: Vec<_> = (0..3).map(|_| take(1)).collect();
        assert!(greedy.iter_mut().all(|one| poll(one.as_mut()).is_pending()));
        assert!(matches!(poll(pin!(take(1))), Poll::Ready(Err(NoRoom::TooMany))));
        let mut other = take(2);
        assert!(poll(other.as_mut()).is_pending(), "it has a place");
        assert!(matches!(poll(greedy[2].as_mut()), Poll::Ready(Err(NoRoom::TooMany))));
        drop(held);
        let Poll::Ready(Ok(held)) = poll(greedy[0].as_mut()) else { panic!("it was first") };
        drop(held);
        let Poll::Ready(Ok(held)) = poll(other.as_mut()) else { panic!("it is its turn") };
        assert!(poll(greedy[1].as_mut()).is_pending());
        drop(held);
        assert!(matches!(poll(greedy[1].as_mut()), Poll::Ready(Ok(_))));
    }

    #[test]
    fn who_comes_again_and_again_does_not_overtake_the_second_of_another_address() {
        let (room, clock) = (Room::new(1 << 10, 9), clock());
        let take = |address| Box::pin(room.take_for(&clock, address, 1));
        let Poll::Ready(Ok(mut held)) = poll(pin!(take(1))) else { panic!("it is free") };
        let mut others = [take(2), take(2), take(2)];
        assert!(others.iter_mut().all(|other| poll(other.as_mut()).is_pending()));
        for other in &mut others {
            let mut again = take(1);
            assert!(poll(again.as_mut()).is_pending());
            drop(held);
            let Poll::Ready(Ok(next)) = poll(other.as_mut()) else { panic!("it is its turn") };
            drop(next);
            let Poll::Ready(Ok(next)) = poll(again.as_mut()) else { panic!("then its own") };
            held = next;
        }
        assert!(room.books.lock().served.is_empty(), "nobody waits");
    }

    #[test]
    fn who_left_the_line_unserved_is_not_put_back_for_it() {
        let (room, clock) = (Room::new(1 << 10, 99), clock());
        let take = |address| Box::pin(room.take_for(&clock, address, 1));
        let Poll::Ready(Ok(held)) = poll(pin!(take(1))) else { panic!("it is free") };
        let mut other = [take(2), take(2)];
        assert!(other.iter_mut().all(|one| poll(one.as_mut()).is_pending()));
        let mut gone: Vec<_> = (0..9).map(|_| take(1)).collect();
        assert!(gone.iter_mut().all(|one| poll(one.as_mut()).is_pending()));
        drop(gone);
        let mut again = take(1);
        assert!(poll(again.as_mut()).is_pending());
        drop(held);
        let Poll::Ready(Ok(held)) = poll(other[0].as_mut()) else { panic!("it was first") };
        drop(held);
        assert!(matches!(poll(again.as_mut()), Poll::Ready(Ok(_))), "before the other's second");
    }

    #[test]
    fn who_comes_before_one_that_needs_more_takes_what_is_free() {
        let (room, clock) = (Room::new(8 << 10, 9), clock());
        let take = |address, kib: usize| Box::pin(room.take_for(&clock, address, kib << 10));
        let Poll::Ready(Ok(first)) = poll(pin!(take(1, 8))) else { panic!("it is free") };
        let mut large = [take(1, 5), take(1, 5)];
        assert!(large.iter_mut().all(|one| poll(one.as_mut()).is_pending()));
        drop(first);
        let Poll::Ready(Ok(_held)) = poll(large[0].as_mut()) else { panic!("it was first") };
        assert!(matches!(poll(pin!(take(2, 3))), Poll::Ready(Ok(_))), "3 KiB are free");
    }

    #[test]
    fn who_leaves_the_line_lets_those_behind_it_go_on() {
        let (room, clock) = (Room::new(2 << 10, 9), clock());
        let Poll::Ready(Ok(_held)) = poll(pin!(room.take(&clock, 1))) else { panic!("free") };
        let mut large = Box::pin(room.take(&clock, 2 << 10));
        let mut small = pin!(room.take(&clock, 1));
        assert!(poll(large.as_mut()).is_pending() && poll(small.as_mut()).is_pending());
        drop(large);
        assert!(matches!(poll(small), Poll::Ready(Ok(_))));
        assert!(!room.is_short());
    }
}
