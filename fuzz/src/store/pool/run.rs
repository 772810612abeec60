//! The calls on a store with its clock, and what is known of the store without asking it.

mod rules;

use std::collections::BTreeMap;
use std::time::Duration;

use campana::queue::{
    Delivery, DeliveryId, Lease, NewMessage, NextAttempt, NextStep, QueueError, State, Store,
};
use jiff::Timestamp;

use super::{Call, LANES, of_lane, pool};
use crate::deliveries::{new_message, seconds, share, target};
use crate::harness::Harness;
use crate::sqlite::Sqlite;

/// The most that the lanes are asked until all is settled.
const MOST_ROUNDS: usize = 5_000;

/// A lease ends three attempts' limits after its start.
const LEASE: Duration = seconds(30);

/// The store, and what is known of it without asking it.
pub(super) struct Run {
    harness: Harness<Sqlite>,
    /// Milliseconds since the beginning, as they truly passed.
    now: i64,
    boots: u32,
    /// What was seen of each delivery last.
    seen: BTreeMap<DeliveryId, Delivery>,
    /// The leases that each lane was given.
    leases: [Vec<Lease>; 2],
    /// The leases that are not finished, by lane, and when they end.
    open: BTreeMap<usize, (DeliveryId, i64)>,
    /// When each lane started an attempt.
    starts: [Vec<i64>; 2],
    /// The id of a part whose outcome is not known.
    msg_uuids: BTreeMap<(DeliveryId, usize), String>,
}

impl Run {
    pub(super) async fn new() -> Self {
        let mut harness = Harness::new().await;
        harness.declare(pool(true)).await;
        Self {
            harness,
            now: 0,
            boots: 1,
            seen: BTreeMap::new(),
            leases: Default::default(),
            open: BTreeMap::new(),
            starts: Default::default(),
            msg_uuids: BTreeMap::new(),
        }
    }

    pub(super) async fn make(&mut self, call: &Call) -> Result<(), String> {
        let now = self.harness.now();
        match call {
            Call::Accept { destination, group, state, parts } => {
                let state = format!("{destination}{state}");
                let share = share(destination, group, &state, *parts);
                self.harness.accept(group, vec![share]).await;
            }
            Call::Start(lane) => drop(self.start(*lane).await?),
            Call::Finish(lane, next) => self.finish(*lane, 1, next).await,
            Call::FinishLate(lane, next) => self.finish(*lane, 2, next).await,
            Call::Fold(groups) => self.fold(*groups).await?,
            Call::Unfold(n) => drop(self.harness.store().unfold(self.pick(*n), now).await),
            Call::Replay(n) => drop(self.harness.store().replay(self.pick(*n), None, now).await),
            Call::Discard(n) => drop(self.harness.store().discard(self.pick(*n), now).await),
            Call::Expire => {
                let known = vec![target("a"), target("b")];
                self.answer(self.harness.store().expire(known, seconds(60), now).await)?;
            }
            Call::Retain(age) => {
                let age = seconds(*age);
                let deleted = self.harness.store().retain(age, age, now).await;
                let deleted = self.answer(deleted)?;
                self.forget(deleted).await?;
            }
            Call::Declare(both) => self.harness.declare(pool(*both)).await,
            Call::Advance(time) => self.advance(*time),
            Call::Jump(by) => {
                let jump = jiff::SignedDuration::from_secs(*by);
                self.harness.clock.set_wall(now.wall + jump);
            }
            Call::Crash => self.crash().await,
            Call::Restart => {
                self.harness.restart().await;
                self.open.clear();
            }
            Call::Reboot => {
                self.boots += 1;
                let began = Timestamp::from_second(1_790_000_000).expect("a time");
                self.harness.clock.set_wall(began + milliseconds(self.now));
                self.harness.clock.reboot(&format!("boot-{}", self.boots));
                self.crash().await;
            }
        }
        Ok(())
    }

    async fn crash(&mut self) {
        self.harness.crash().await;
        self.open.clear();
    }

    fn advance(&mut self, time: i64) {
        self.now += time;
        self.harness.clock.advance(milliseconds(time));
    }

    fn answer<T>(&self, answer: Result<T, QueueError>) -> Result<T, String> {
        answer.map_err(|error| format!("at {} ms: {error}", self.now))
    }

    /// The nth delivery, or one that does not exist.
    fn pick(&self, n: usize) -> DeliveryId {
        let ids: Vec<_> = self.seen.keys().copied().collect();
        ids.get(n % (ids.len() + 1)).copied().unwrap_or(DeliveryId(9_999))
    }

    async fn start(&mut self, lane: usize) -> Result<NextAttempt, String> {
        let next = self.harness.ask(LANES[lane]).await;
        if let NextAttempt::Attempt(lease) = &next {
            self.may_start(lane, lease)?;
            self.open.insert(lane, (lease.delivery, self.now + in_ms(LEASE)));
            self.leases[lane].push(lease.clone());
        }
        Ok(next)
    }

    /// Finishes the last attempt of a lane, or an earlier one: the one so many `back`.
    async fn finish(&mut self, lane: usize, back: usize, next: &NextStep) {
        let count = self.leases[lane].len();
        let Some(at) = count.checked_sub(back) else { return };
        let lease = self.leases[lane][at].clone();
        if self.open.get(&lane).is_some_and(|(id, _)| *id == lease.delivery) && back == 1 {
            self.open.remove(&lane);
        }
        self.harness.finish(lease, of_lane(next, lane)).await;
    }

    /// Makes a digest of what may fold, group by group, each from its oldest delivery on.
    async fn fold(&mut self, groups: usize) -> Result<(), String> {
        let now = self.harness.now();
        let foldable = self.answer(self.harness.store().foldable(target("a"), now).await)?;
        let some = foldable.groups.into_iter().take(groups);
        let ids: Vec<DeliveryId> = some.flatten().map(|one| one.id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let message = NewMessage { rank: 0, ..new_message("digest", 1) };
        let digest = self.answer(self.harness.store().fold(ids.clone(), message, now).await)?;
        self.look().await?;
        let carried = self.shown_by(digest).len();
        if carried != ids.len() {
            return Err(format!("{digest} carries {carried} and not {ids:?}"));
        }
        Ok(())
    }

    /// Everything arrives from now on; after a while nothing is queued.
    pub(super) async fn settle(&mut self) -> Result<(), String> {
        self.harness.declare(pool(true)).await;
        for _ in 0..MOST_ROUNDS {
            self.look().await?;
            if self.seen.values().all(|one| one.state != State::Queued) {
                return Ok(());
            }
            let mut waits = Vec::new();
            for lane in 0..LANES.len() {
                match self.start(lane).await? {
                    NextAttempt::Attempt(_) => {
                        self.finish(lane, 1, &NextStep::Arrived).await;
                        waits.push(Duration::ZERO);
                    }
                    NextAttempt::Fold(_) => {
                        self.fold(usize::MAX).await?;
                        waits.push(Duration::ZERO);
                    }
                    NextAttempt::Wait(None) | NextAttempt::Held => {}
                    NextAttempt::Gathering(until)
                    | NextAttempt::Wait(Some(until))
                    | NextAttempt::Blocked(until)
                    | NextAttempt::NoSlot(until) => waits.push(self.harness.left(until)),
                }
                self.look().await?;
            }
            let Some(wait) = waits.into_iter().min() else { break };
            self.advance(in_ms(wait));
        }
        let left = self.seen.values().find(|one| one.state == State::Queued);
        Err(format!("it is never settled: {left:?}"))
    }
}

fn milliseconds(time: i64) -> Duration {
    Duration::from_millis(time.try_into().expect("not negative"))
}

fn in_ms(time: Duration) -> i64 {
    time.as_millis().try_into().expect("it is short")
}
