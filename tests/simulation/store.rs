//! The real SQLite store behind gates: what it is asked waits, and so does what it answers.
//!
//! A process that dies at the second gate has done the work and told nobody.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use campana::clock::Now;
use campana::queue::sqlite::{Options, SqliteStore};
use campana::queue::{
    Accept, Accepted, Allowed, Answer, AttemptResult, Charge, DeclaredLane, Delivery, DeliveryId,
    Detail, FallbackRule, Fallen, Filter, Finished, Foldable, Handover, Health, Lease, NewMessage,
    NextAttempt, NextStep, Park, QueueError, RateBudget, Received, Scope, SenderKey, SenderStates,
    Stats, Store, Target,
};
use tokio::sync::watch;

use crate::gates::{Gates, at_once};
use crate::ledger::Ledger;
use crate::plant::Plant;
use crate::time::SimClock;

/// Lanes and credentials are hashed with it: one that is made anew would give lanes another order.
pub(crate) const LANE_KEY: [u8; 32] = [7; 32];

/// The store of one life of the process.
pub(crate) struct GatedStore {
    store: SqliteStore,
    gates: Arc<Gates>,
    ledger: Arc<Mutex<Ledger>>,
    plant: Plant,
    pub(crate) disk: Mutex<Disk>,
}

/// How the disk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disk {
    Fine,
    /// There is no room for what is new; the store's reserve lets the rest go on.
    Full,
    /// Another program holds the database, and nothing can be written.
    HeldUp,
}

/// What a command does on the disk.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    Grow,
    Write,
    Read,
}

impl GatedStore {
    pub(crate) fn open(
        path: &Path,
        clock: &SimClock,
        gates: Arc<Gates>,
        ledger: Arc<Mutex<Ledger>>,
        plant: Plant,
    ) -> Self {
        let options = Options { ballast_bytes: 0, ..Options::default() };
        let store = SqliteStore::open(path, clock, &options).expect("it opens");
        Self { store, gates, ledger, plant, disk: Mutex::new(Disk::Fine) }
    }

    /// The store itself, for the simulation's own questions.
    pub(crate) fn inner(&self) -> &SqliteStore {
        &self.store
    }

    fn gated<'a, T: Send + 'a>(
        &'a self,
        what: String,
        does: Does,
        work: impl FnOnce(&SqliteStore) -> Result<T, QueueError> + Send + 'a,
    ) -> Answer<'a, T> {
        Box::pin(async move {
            self.gates.pass(what.clone()).await;
            let disk = *self.disk.lock().expect("no panic");
            match (disk, does) {
                (Disk::Full, Does::Grow) => {
                    return Err(QueueError::Full("the simulated disk has no room".to_owned()));
                }
                (Disk::HeldUp, Does::Grow | Does::Write) => {
                    return Err(QueueError::Busy("somebody simulated holds it".to_owned()));
                }
                _ => {}
            }
            let answer = work(&self.store);
            self.gates.pass(format!("{what}, answered")).await;
            answer
        })
    }

    /// What a lane sends by.
    fn sender(&self, lane: &str) -> String {
        self.ledger(|ledger| ledger.senders.get(lane).cloned().unwrap_or_else(|| lane.to_owned()))
    }

    fn ledger<T>(&self, note: impl FnOnce(&mut Ledger) -> T) -> T {
        note(&mut self.ledger.lock().expect("no panic"))
    }
}

impl Store for GatedStore {
    fn lane_key(&self) -> [u8; 32] {
        LANE_KEY
    }

    fn accept(&self, accept: Accept, now: Now) -> Answer<'_, Accepted> {
        self.gates.came(&accept.payload.bytes);
        self.gated(format!("store {}", accept.group), Does::Grow, move |store| {
            if self.plant == Plant::NotStored && self.ledger(Ledger::is_the_moment) {
                let id = DeliveryId(1_000_000);
                return Ok(Accepted { deliveries: vec![id], ..Accepted::default() });
            }
            at_once(store.accept(accept, now))
        })
    }

    fn sender_state(&self, of: SenderKey, now: Now) -> Answer<'_, Option<Vec<u8>>> {
        self.gated(format!("sender {}", of.sender), Does::Read, move |store| {
            at_once(store.sender_state(of, now))
        })
    }

    fn stale_states(&self, sender: String, age: Duration, now: Now) -> Answer<'_, SenderStates> {
        self.gated(format!("stale {sender}"), Does::Read, move |store| {
            at_once(store.stale_states(sender, age, now))
        })
    }

    fn declare(&self, lanes: Vec<DeclaredLane>, now: Now) -> Answer<'_, ()> {
        self.gated("declare".to_owned(), Does::Write, move |store| {
            at_once(store.declare(lanes, now))
        })
    }

    fn start(&self, lane: &str, allowed: Allowed, now: Now) -> Answer<'_, NextAttempt> {
        let lane = lane.to_owned();
        self.gated(format!("start {}", self.sender(&lane)), Does::Write, move |store| {
            let next = at_once(store.start(&lane, allowed, now));
            if let Ok(NextAttempt::Attempt(lease)) = &next {
                self.ledger(|ledger| ledger.leased(lease, now));
            }
            next
        })
    }

    fn foldable(&self, target: Target, now: Now) -> Answer<'_, Foldable> {
        let what = format!("foldable {}", target.receiver);
        self.gated(what, Does::Read, move |store| at_once(store.foldable(target, now)))
    }

    fn fold(
        &self,
        deliveries: Vec<DeliveryId>,
        message: NewMessage,
        now: Now,
    ) -> Answer<'_, DeliveryId> {
        self.gated(format!("fold {deliveries:?}"), Does::Grow, move |store| {
            at_once(store.fold(deliveries, message, now))
        })
    }

    fn unfold(&self, delivery: DeliveryId, now: Now) -> Answer<'_, ()> {
        self.gated(format!("unfold {delivery}"), Does::Write, move |store| {
            at_once(store.unfold(delivery, now))
        })
    }

    fn mark_fallen(&self, rules: Vec<FallbackRule>, now: Now) -> Answer<'_, ()> {
        self.gated("mark fallen".to_owned(), Does::Write, move |store| {
            at_once(store.mark_fallen(rules, now))
        })
    }

    fn fallen(&self, most: usize, now: Now) -> Answer<'_, Vec<Fallen>> {
        self.gated("fallen".to_owned(), Does::Read, move |store| at_once(store.fallen(most, now)))
    }

    fn hand_over(&self, handover: Handover, now: Now) -> Answer<'_, Vec<DeliveryId>> {
        self.gated(format!("hand over {}", handover.of), Does::Grow, move |store| {
            at_once(store.hand_over(handover, now))
        })
    }

    fn finish(&self, lease: Lease, result: AttemptResult, now: Now) -> Answer<'_, Finished> {
        self.gated(format!("finish {}", self.sender(&lease.lane)), Does::Write, move |store| {
            let arrived = result.next == NextStep::Arrived;
            self.ledger(|ledger| ledger.finished(&lease));
            if self.plant == Plant::NotSettled && arrived && self.ledger(Ledger::is_the_moment) {
                return Ok(Finished::AsSaid);
            }
            at_once(store.finish(lease, result, now))
        })
    }

    fn charge(&self, lane: String, budget: RateBudget, now: Now) -> Answer<'_, Charge> {
        self.gated(format!("charge {}", self.sender(&lane)), Does::Write, move |store| {
            at_once(store.charge(lane, budget, now))
        })
    }

    fn discharge(&self, charge: i64, sent: bool, now: Now) -> Answer<'_, ()> {
        self.gated(format!("discharge {charge}"), Does::Write, move |store| {
            at_once(store.discharge(charge, sent, now))
        })
    }

    fn count_message(&self, quota: String, now: Now) -> Answer<'_, ()> {
        self.gated(format!("count {quota}"), Does::Write, move |store| {
            at_once(store.count_message(quota, now))
        })
    }

    fn unpark(&self, scope: Scope, now: Now) -> Answer<'_, ()> {
        self.gated("unpark".to_owned(), Does::Write, move |store| at_once(store.unpark(scope, now)))
    }

    fn replay(
        &self,
        id: DeliveryId,
        message: Option<NewMessage>,
        now: Now,
    ) -> Answer<'_, DeliveryId> {
        self.gated(format!("replay {id}"), Does::Grow, move |store| {
            at_once(store.replay(id, message, now))
        })
    }

    fn received(&self, id: DeliveryId, now: Now) -> Answer<'_, Option<Received>> {
        self.gated(format!("received {id}"), Does::Read, move |store| {
            at_once(store.received(id, now))
        })
    }

    fn discard(&self, id: DeliveryId, now: Now) -> Answer<'_, ()> {
        self.gated(format!("discard {id}"), Does::Write, move |store| {
            at_once(store.discard(id, now))
        })
    }

    fn expire(&self, known: Vec<Target>, max_age: Duration, now: Now) -> Answer<'_, u64> {
        self.gated("expire".to_owned(), Does::Write, move |store| {
            at_once(store.expire(known, max_age, now))
        })
    }

    fn retain(&self, delivered: Duration, dead: Duration, now: Now) -> Answer<'_, u64> {
        self.gated("retain".to_owned(), Does::Write, move |store| {
            at_once(store.retain(delivered, dead, now))
        })
    }

    fn list(&self, filter: Filter, now: Now) -> Answer<'_, Vec<Delivery>> {
        self.store.list(filter, now)
    }

    fn show(&self, id: DeliveryId, now: Now) -> Answer<'_, Option<Detail>> {
        self.store.show(id, now)
    }

    fn stats(&self, now: Now) -> Answer<'_, Stats> {
        self.gated("stats".to_owned(), Does::Read, move |store| at_once(store.stats(now)))
    }

    fn parks(&self, now: Now) -> Answer<'_, Vec<Park>> {
        self.store.parks(now)
    }

    fn health(&self) -> watch::Receiver<Health> {
        self.store.health()
    }

    fn close(&self) -> Answer<'_, ()> {
        self.store.close()
    }
}
