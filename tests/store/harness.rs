//! A store in its backend, with a clock that the rules move, and the steps that they have in common.

use std::future::Future;
use std::time::Duration;

use campana::clock::{Clock, ManualClock, Now};
use campana::queue::{
    Accept, Accepted, Allowed, AttemptResult, DeclaredLane, Delivery, DeliveryId, Detail, Filter,
    Finished, Lease, NextAttempt, NextStep, Park, QueueError, ReceiverShare, SenderChange, State,
    Stats, Store,
};
use jiff::Timestamp;

use crate::deliveries::{LANE, answered, lane, notification, sender_key, share};

/// Where a store's data lives.
pub(crate) trait Backend: Sized {
    /// The store that lives there.
    type Store: Store;

    /// An empty backend.
    fn new() -> Self;

    /// Opens what is stored.
    fn open(&mut self, clock: &ManualClock) -> impl Future<Output = Self::Store>;

    /// Ends the store as a killed process does: what was answered is stored, nothing is put away.
    fn kill(&mut self, store: Self::Store) -> impl Future<Output = ()>;
}

/// A store with its backend and a clock that tests move.
pub(crate) struct Harness<B: Backend> {
    pub(crate) backend: B,
    pub(crate) clock: ManualClock,
    store: Option<B::Store>,
    posts: u64,
    declared: Vec<DeclaredLane>,
}

impl<B: Backend> Harness<B> {
    pub(crate) async fn new() -> Self {
        let wall = Timestamp::from_second(1_790_000_000).expect("in range");
        let clock = ManualClock::new(wall);
        let mut backend = B::new();
        let store = backend.open(&clock).await;
        let harness = Self { backend, clock, store: Some(store), posts: 0, declared: vec![lane()] };
        harness.declare_again().await;
        harness
    }

    /// Declares these lanes, now and after each start.
    pub(crate) async fn declare(&mut self, lanes: Vec<DeclaredLane>) {
        self.declared = lanes;
        self.declare_again().await;
    }

    async fn declare_again(&self) {
        let lanes = self.declared.clone();
        self.store().declare(lanes, self.now()).await.expect("they are declared");
    }

    pub(crate) fn store(&self) -> &B::Store {
        self.store.as_ref().expect("it is open")
    }

    pub(crate) fn now(&self) -> Now {
        self.clock.now()
    }

    /// Kills the process and starts it again.
    pub(crate) async fn crash(&mut self) {
        let store = self.store.take().expect("it is open");
        self.backend.kill(store).await;
        self.store = Some(self.backend.open(&self.clock).await);
        self.declare_again().await;
    }

    /// Stops the process in order and starts it again.
    pub(crate) async fn restart(&mut self) {
        self.store.take().expect("it is open").close().await.expect("it closes");
        self.store = Some(self.backend.open(&self.clock).await);
        self.declare_again().await;
    }

    /// One delivery to `a` in a group, always in a new state.
    pub(crate) async fn queue(&mut self, group: &str) -> DeliveryId {
        self.queue_to("a", group, 1).await
    }

    /// One delivery of so many parts.
    pub(crate) async fn queue_to(
        &mut self,
        destination: &str,
        group: &str,
        parts: usize,
    ) -> DeliveryId {
        self.posts += 1;
        let state = format!("state-{}", self.posts);
        let accepted = self.accept(group, vec![share(destination, group, &state, parts)]).await;
        accepted.deliveries[0]
    }

    /// A notification of this group, which is named after the time.
    pub(crate) async fn accept(&self, group: &str, shares: Vec<ReceiverShare>) -> Accepted {
        self.accept_from(group, shares, None).await.expect("it is stored")
    }

    /// The same, which changes what is known of its sender.
    pub(crate) async fn accept_from(
        &self,
        group: &str,
        shares: Vec<ReceiverShare>,
        sender: Option<SenderChange>,
    ) -> Result<Accepted, QueueError> {
        let accept = notification(&format!("n-{}", self.now().boot.as_millis()), group, shares);
        self.store().accept(Accept { sender, ..accept }, self.now()).await
    }

    /// What is known of a thing of the sender of all rules.
    pub(crate) async fn known(&self, thing: &str) -> Option<Vec<u8>> {
        let known = self.store().sender_state(sender_key(thing), self.now()).await;
        known.expect("it answers")
    }

    pub(crate) async fn ask(&self, lane: &str) -> NextAttempt {
        self.ask_for(lane, Allowed::All).await
    }

    /// As [`Self::ask`], for a lane that may be held.
    pub(crate) async fn ask_for(&self, lane: &str, allowed: Allowed) -> NextAttempt {
        self.store().start(lane, allowed, self.now()).await.expect("it answers")
    }

    /// The lease of the probe that is due now.
    pub(crate) async fn lease_by_probe(&self) -> Lease {
        let next = self.ask_for(LANE, Allowed::Probe).await;
        let NextAttempt::Attempt(lease) = next else { panic!("no probe: {next:?}") };
        lease
    }

    /// The lease that is due now, of a lane with the destinations `a` and `b`.
    pub(crate) async fn lease(&self) -> Lease {
        match self.ask(LANE).await {
            NextAttempt::Attempt(lease) => lease,
            NextAttempt::Fold(target) => panic!("a digest for {target:?}"),
            NextAttempt::Gathering(until) => panic!("a digest is made at {until:?}"),
            NextAttempt::Wait(until) => panic!("no attempt before {until:?}"),
            NextAttempt::Blocked(until) => panic!("held until {until:?}"),
            NextAttempt::Held => panic!("held"),
            NextAttempt::NoSlot(until) => panic!("no slot before {until:?}"),
        }
    }

    /// The lease that is due now, which has to be of this delivery.
    pub(crate) async fn lease_of(&self, id: DeliveryId) -> Lease {
        let lease = self.lease().await;
        assert_eq!(lease.delivery, id);
        lease
    }

    /// How long the lane has to wait; `None` if there is nothing to wait for.
    pub(crate) async fn wait(&self) -> Option<Duration> {
        match self.ask(LANE).await {
            NextAttempt::Attempt(lease) => panic!("an attempt of {}", lease.delivery),
            NextAttempt::Fold(target) => panic!("a digest for {target:?}"),
            NextAttempt::Held => panic!("held"),
            NextAttempt::Wait(until) => until.map(|until| self.left(until)),
            NextAttempt::Gathering(until)
            | NextAttempt::Blocked(until)
            | NextAttempt::NoSlot(until) => Some(self.left(until)),
        }
    }

    /// How long it is until that boot time.
    pub(crate) fn left(&self, until: Duration) -> Duration {
        until.saturating_sub(self.now().boot)
    }

    pub(crate) async fn finish(&self, lease: Lease, next: NextStep) -> Finished {
        let result = AttemptResult { answered: answered("said"), sent: true, next };
        self.store().finish(lease, result, self.now()).await.expect("it is recorded")
    }

    pub(crate) async fn arrive(&self) -> DeliveryId {
        let lease = self.lease().await;
        let id = lease.delivery;
        self.finish(lease, NextStep::Arrived).await;
        id
    }

    pub(crate) async fn list(&self, filter: Filter) -> Vec<Delivery> {
        self.store().list(filter, self.now()).await.expect("it lists")
    }

    pub(crate) async fn show(&self, id: DeliveryId) -> Detail {
        self.store().show(id, self.now()).await.expect("it answers").expect("it is there")
    }

    pub(crate) async fn state(&self, id: DeliveryId) -> State {
        self.show(id).await.delivery.state
    }

    /// The totals, of which the identity holds at all times.
    pub(crate) async fn stats(&self) -> Stats {
        let stats = self.store().stats(self.now()).await.expect("it answers");
        let accepted: u64 = stats.accepted.values().sum();
        let settled: u64 = stats.settled.values().sum();
        assert_eq!(accepted, settled + stats.queued, "{stats:?}");
        stats
    }

    pub(crate) async fn parks(&self) -> Vec<Park> {
        self.store().parks(self.now()).await.expect("it answers")
    }
}
