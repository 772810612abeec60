//! The checker itself is checked: stores with a planted fault, each of which it has to find.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use campana::clock::{ManualClock, Now};
use campana::queue::{
    Accept, Accepted, Allowed, Answer, AttemptResult, Charge, DeclaredLane, Delivery, DeliveryId,
    Detail, FallbackRule, Fallen, Filter, Finished, Foldable, Handover, Health, Lease, NewMessage,
    NextAttempt, NextStep, Park, RateBudget, Received, Scope, SenderKey, SenderStates, State,
    Stats, Store, Target,
};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tokio::sync::watch;

use crate::deliveries::retry;
use crate::explore::explore;
use crate::harness::Backend;

/// What is wrong with a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Answers for a delivery that it did not store.
    Loses,
    /// Tells one settled delivery too many.
    CountsTwice,
    /// Gives one slot more than there are.
    TooFast,
    /// Takes a new `msgUuid` although the part may have arrived.
    ForgetsId,
    /// Tries again at once instead of parking.
    IgnoresPark,
    /// Takes a notification whatever it was read with, and changes nothing that is known.
    ForgetsSender,
}

/// A store with the fault number `FAULT` of [`FAULTS`].
pub(crate) struct Faulty<S, const FAULT: usize> {
    inner: S,
    invented: AtomicI64,
}

pub(crate) const FAULTS: [Fault; 7] = [
    Fault::None,
    Fault::Loses,
    Fault::CountsTwice,
    Fault::TooFast,
    Fault::ForgetsId,
    Fault::IgnoresPark,
    Fault::ForgetsSender,
];

impl<S: Store, const FAULT: usize> Faulty<S, FAULT> {
    fn has(fault: Fault) -> bool {
        FAULTS[FAULT] == fault
    }
}

impl<S: Store, const FAULT: usize> Store for Faulty<S, FAULT> {
    fn lane_key(&self) -> [u8; 32] {
        self.inner.lane_key()
    }

    fn accept(&self, mut accept: Accept, now: Now) -> Answer<'_, Accepted> {
        if Self::has(Fault::Loses) && accept.group == "h" {
            let deliveries = vec![DeliveryId(self.invented.fetch_add(1, Ordering::Relaxed))];
            let lost = Accepted { deliveries, ..Accepted::default() };
            return Box::pin(async move { Ok(lost) });
        }
        if Self::has(Fault::ForgetsSender) {
            accept.sender = None;
        }
        self.inner.accept(accept, now)
    }

    fn sender_state(&self, of: SenderKey, now: Now) -> Answer<'_, Option<Vec<u8>>> {
        self.inner.sender_state(of, now)
    }

    fn stale_states(&self, sender: String, age: Duration, now: Now) -> Answer<'_, SenderStates> {
        self.inner.stale_states(sender, age, now)
    }

    fn declare(&self, mut lanes: Vec<DeclaredLane>, now: Now) -> Answer<'_, ()> {
        if Self::has(Fault::TooFast) {
            for lane in &mut lanes {
                lane.budget.slots += 1;
            }
        }
        self.inner.declare(lanes, now)
    }

    fn start(&self, lane: &str, allowed: Allowed, now: Now) -> Answer<'_, NextAttempt> {
        let lane = lane.to_owned();
        Box::pin(async move {
            let mut started = self.inner.start(&lane, allowed, now).await?;
            if let NextAttempt::Attempt(lease) = &mut started
                && Self::has(Fault::ForgetsId)
                && lease.uncertain
            {
                lease.msg_uuid.push('x');
            }
            Ok(started)
        })
    }

    fn finish(&self, lease: Lease, mut result: AttemptResult, now: Now) -> Answer<'_, Finished> {
        if Self::has(Fault::IgnoresPark) && matches!(result.next, NextStep::Park(_)) {
            result.next = retry(0, false);
        }
        self.inner.finish(lease, result, now)
    }

    fn foldable(&self, target: Target, now: Now) -> Answer<'_, Foldable> {
        self.inner.foldable(target, now)
    }

    fn fold(
        &self,
        deliveries: Vec<DeliveryId>,
        message: NewMessage,
        now: Now,
    ) -> Answer<'_, DeliveryId> {
        self.inner.fold(deliveries, message, now)
    }

    fn unfold(&self, delivery: DeliveryId, now: Now) -> Answer<'_, ()> {
        self.inner.unfold(delivery, now)
    }

    fn mark_fallen(&self, rules: Vec<FallbackRule>, now: Now) -> Answer<'_, ()> {
        self.inner.mark_fallen(rules, now)
    }

    fn fallen(&self, most: usize, now: Now) -> Answer<'_, Vec<Fallen>> {
        self.inner.fallen(most, now)
    }

    fn hand_over(&self, handover: Handover, now: Now) -> Answer<'_, Vec<DeliveryId>> {
        self.inner.hand_over(handover, now)
    }

    fn charge(&self, lane: String, budget: RateBudget, now: Now) -> Answer<'_, Charge> {
        self.inner.charge(lane, budget, now)
    }

    fn discharge(&self, charge: i64, sent: bool, now: Now) -> Answer<'_, ()> {
        self.inner.discharge(charge, sent, now)
    }

    fn count_message(&self, quota: String, now: Now) -> Answer<'_, ()> {
        self.inner.count_message(quota, now)
    }

    fn unpark(&self, scope: Scope, now: Now) -> Answer<'_, ()> {
        self.inner.unpark(scope, now)
    }

    fn replay(
        &self,
        id: DeliveryId,
        message: Option<NewMessage>,
        now: Now,
    ) -> Answer<'_, DeliveryId> {
        self.inner.replay(id, message, now)
    }

    fn received(&self, id: DeliveryId, now: Now) -> Answer<'_, Option<Received>> {
        self.inner.received(id, now)
    }

    fn discard(&self, id: DeliveryId, now: Now) -> Answer<'_, ()> {
        self.inner.discard(id, now)
    }

    fn expire(&self, known: Vec<Target>, max_age: Duration, now: Now) -> Answer<'_, u64> {
        self.inner.expire(known, max_age, now)
    }

    fn retain(&self, delivered: Duration, dead: Duration, now: Now) -> Answer<'_, u64> {
        self.inner.retain(delivered, dead, now)
    }

    fn list(&self, filter: Filter, now: Now) -> Answer<'_, Vec<Delivery>> {
        self.inner.list(filter, now)
    }

    fn show(&self, id: DeliveryId, now: Now) -> Answer<'_, Option<Detail>> {
        self.inner.show(id, now)
    }

    fn stats(&self, now: Now) -> Answer<'_, Stats> {
        Box::pin(async move {
            let mut stats = self.inner.stats(now).await?;
            if let Some(delivered) = stats.settled.get_mut(&State::Delivered)
                && Self::has(Fault::CountsTwice)
                && *delivered > 0
            {
                *delivered += 1;
            }
            Ok(stats)
        })
    }

    fn parks(&self, now: Now) -> Answer<'_, Vec<Park>> {
        self.inner.parks(now)
    }

    fn health(&self) -> watch::Receiver<Health> {
        self.inner.health()
    }

    fn close(&self) -> Answer<'_, ()> {
        self.inner.close()
    }
}

/// The backend of a faulty store.
pub(crate) struct FaultyBackend<B, const FAULT: usize>(B, PhantomData<B>);

impl<B: Backend, const FAULT: usize> Backend for FaultyBackend<B, FAULT> {
    type Store = Faulty<B::Store, FAULT>;

    fn new() -> Self {
        Self(B::new(), PhantomData)
    }

    async fn open(&mut self, clock: &ManualClock) -> Self::Store {
        Faulty { inner: self.0.open(clock).await, invented: AtomicI64::new(1_000) }
    }

    async fn kill(&mut self, store: Self::Store) {
        self.0.kill(store.inner).await;
    }
}

pub(crate) fn the_checker_finds_each_planted_fault<B: Backend>() {
    let find = |explore: fn(TestRunner) -> Result<(), String>| {
        let config = Config {
            cases: 30,
            max_shrink_iters: 0,
            failure_persistence: None,
            ..Config::default()
        };
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        explore(TestRunner::new_with_rng(config, rng))
    };
    assert_eq!(find(explore::<FaultyBackend<B, 0>>), Ok(()), "no fault, no finding");
    let table = [
        (find(explore::<FaultyBackend<B, 1>>), "notification: "),
        (find(explore::<FaultyBackend<B, 2>>), "the identity is broken"),
        (find(explore::<FaultyBackend<B, 3>>), "attempts within 60s"),
        (find(explore::<FaultyBackend<B, 4>>), "the lease is"),
        (find(explore::<FaultyBackend<B, 5>>), "Park"),
        (find(explore::<FaultyBackend<B, 6>>), "of the sender"),
    ];
    for ((found, words), fault) in table.into_iter().zip(&FAULTS[1..]) {
        let found = found.expect_err("it has a fault");
        assert!(found.contains(words), "{fault:?}: {found}");
    }
}
