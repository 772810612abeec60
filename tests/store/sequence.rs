//! A sequence of commands, crashes and clock jumps, each step compared with the model.
//!
//! Beside the model there are three checks that need none: the identity of the totals, the order of
//! each group, and never more attempts than slots in any `per`.

use std::time::Duration;

use campana::queue::{
    Charge, DeliveryId, Lease, NewPark, NextAttempt, NextStep, QueueError, Scope, State, Store,
};
use jiff::Timestamp;

use crate::deliveries::{BUDGET, LANE, change, lane_of, share, target};
use crate::harness::{Backend, Harness};
use crate::model::{Model, Next, Posted, ms};

// By its path, since the fuzz targets take this file by its path (`fuzz/src/lib.rs`).
#[path = "sequence/compare.rs"]
mod compare;

use compare::equal;

/// One step.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    Accept {
        destination: &'static str,
        group: &'static str,
        state: u8,
        parts: usize,
    },
    Start,
    Finish(NextStep),
    /// The attempt before the last, which somebody believes to be his still.
    FinishLate(NextStep),
    Charge,
    Discharge,
    Replay(usize),
    Discard(usize),
    Expire(i64),
    Retain(i64, i64),
    Unpark(NewPark),
    Renew(&'static str),
    Advance(i64),
    Jump(i64),
    Crash,
    Restart,
    Reboot,
}

/// Runs the steps on an empty store and on the model; what differs first.
pub(crate) async fn check<B: Backend>(ops: &[Op]) -> Result<(), String> {
    let mut run = Run::<B>::new().await;
    for (n, op) in ops.iter().enumerate() {
        let told = |words: String| format!("step {n}, {op:?}: {words}");
        run.step(op).await.map_err(told)?;
        run.compare().await.map_err(told)?;
    }
    Ok(())
}

/// The store and the model, side by side.
struct Run<B: Backend> {
    harness: Harness<B>,
    model: Model,
    /// The leases that were given, with the model's slots.
    leases: Vec<(Lease, i64)>,
    charges: Vec<(i64, i64)>,
    /// When each attempt or test started.
    starts: Vec<i64>,
    /// Until then slots may count as taken that are not, since the machine was rebooted.
    cold_until: i64,
    boots: u32,
}

impl<B: Backend> Run<B> {
    async fn new() -> Self {
        let (model, leases, charges) = (Model::default(), Vec::new(), Vec::new());
        let harness = Harness::new().await;
        Self { harness, model, leases, charges, starts: Vec::new(), cold_until: 0, boots: 1 }
    }

    async fn step(&mut self, op: &Op) -> Result<(), String> {
        match op {
            Op::Accept { destination, group, state, parts } => {
                self.accept(destination, group, *state, *parts).await
            }
            Op::Start => self.start().await,
            Op::Finish(next) => self.finish(self.leases.len().checked_sub(1), next).await,
            Op::FinishLate(next) => self.finish(self.leases.len().checked_sub(2), next).await,
            Op::Charge => self.charge().await,
            Op::Discharge => self.discharge().await,
            Op::Replay(n) => self.replay(*n).await,
            Op::Discard(n) => self.discard(*n).await,
            Op::Expire(age) => self.expire(*age).await,
            Op::Retain(delivered, dead) => self.retain(*delivered, *dead).await,
            Op::Unpark(park) => self.unpark(park).await,
            Op::Renew(destination) => {
                self.renew(destination).await;
                Ok(())
            }
            Op::Advance(time) => {
                self.advance(*time);
                Ok(())
            }
            Op::Jump(seconds) => {
                self.jump(*seconds);
                Ok(())
            }
            Op::Crash => {
                self.crash().await;
                Ok(())
            }
            Op::Restart => {
                self.restart().await;
                Ok(())
            }
            Op::Reboot => {
                self.reboot().await;
                Ok(())
            }
        }
    }

    async fn accept(
        &mut self,
        destination: &'static str,
        group: &'static str,
        state: u8,
        parts: usize,
    ) -> Result<(), String> {
        let state = format!("{destination}{state}");
        let share = share(destination, group, &state, parts);
        let parts = share.messages[0].parts.clone();
        let was = self.model.senders.get(group).cloned();
        if group == "g" {
            let unknown = Some(change(group, Some("never known"), None));
            let outdated = self.harness.accept_from(group, vec![share.clone()], unknown).await;
            equal("another state of the sender", &outdated, &Err(QueueError::Outdated))?;
        }
        // Of one state in three nothing stays known.
        let becomes = Some(state.as_str()).filter(|state| !state.ends_with('0'));
        let told = Some(change(group, was.as_deref(), becomes));
        let accepted = self.harness.accept_from(group, vec![share], told).await;
        let accepted = accepted.map_err(|error| error.to_string())?;
        match becomes {
            Some(becomes) => drop(self.model.senders.insert(group, becomes.to_owned())),
            None => drop(self.model.senders.remove(group)),
        }
        let posted = Posted { destination, group, state, parts };
        self.model.accept(&posted, accepted.deliveries.first().copied())
    }

    async fn start(&mut self) -> Result<(), String> {
        let started = self.harness.ask(LANE).await;
        if let NextAttempt::Attempt(lease) = &started {
            in_order(&self.model, lease.delivery)?;
            self.rate()?;
        }
        match (started, self.model.next()) {
            (NextAttempt::Attempt(lease), Next::Attempt(id)) if lease.delivery == id => {
                let charge = self.model.lease(&lease)?;
                self.leases.push((lease, charge));
                Ok(())
            }
            (
                NextAttempt::Wait(Some(until))
                | NextAttempt::Blocked(until)
                | NextAttempt::NoSlot(until),
                Next::Attempt(_) | Next::Wait(Some(_)) | Next::Held(_) | Next::NoSlot(_),
            ) if self.is_cold(until) => Ok(()),
            (NextAttempt::Blocked(until), Next::Held(expected)) => {
                let left = self.harness.left(until);
                equal("how long it is held", &left, &ms(expected - self.model.now))
            }
            (NextAttempt::NoSlot(until), Next::NoSlot(expected)) => {
                let left = self.harness.left(until);
                equal("the wait for a slot", &left, &ms(expected - self.model.now))
            }
            (NextAttempt::Wait(until), Next::Wait(expected)) => {
                let left = until.map(|until| self.harness.left(until));
                equal("the wait", &left, &expected.map(|until| ms(until - self.model.now)))
            }
            (started, next) => Err(format!("{started:?}, but the model says {next:?}")),
        }
    }

    /// After a reboot the store may count slots as taken for longer than they were.
    fn is_cold(&self, until: Duration) -> bool {
        ms(self.model.now) + self.harness.left(until) <= ms(self.cold_until)
    }

    /// Independent of the model: never more starts than slots within one `per`.
    fn rate(&mut self) -> Result<(), String> {
        let now = self.model.now;
        self.starts.push(now);
        let recent = self.starts.iter().filter(|start| **start > now - 60_000).count();
        if recent > BUDGET.slots as usize {
            return Err(format!("{recent} attempts within {:?}", BUDGET.per));
        }
        Ok(())
    }

    async fn finish(&mut self, lease: Option<usize>, next: &NextStep) -> Result<(), String> {
        let Some((lease, charge)) = lease.map(|n| self.leases[n].clone()) else { return Ok(()) };
        self.harness.finish(lease.clone(), next.clone()).await;
        self.model.finish(&lease, charge, next);
        Ok(())
    }

    async fn charge(&mut self) -> Result<(), String> {
        let store = self.harness.store();
        let charge = store.charge(LANE.into(), BUDGET, self.harness.now()).await;
        let charge = charge.map_err(|error| error.to_string())?;
        if matches!(charge, Charge::Taken(_)) {
            self.rate()?;
        }
        match (charge, self.model.no_test()) {
            (Charge::Taken(charge), None) if !self.model.is_due() => {
                self.charges.push((charge, self.model.charge_test()));
                Ok(())
            }
            (Charge::AlertsDue, None) if self.model.is_due() => Ok(()),
            (Charge::Wait(until), _) if self.is_cold(until) => Ok(()),
            (Charge::Wait(until), Some(expected)) => {
                let left = ms(expected - self.model.now);
                equal("the wait", &self.harness.left(until), &left)
            }
            (charge, expected) => Err(format!("{charge:?}, but the model says {expected:?}")),
        }
    }

    async fn discharge(&mut self) -> Result<(), String> {
        let Some((charge, model)) = self.charges.pop() else { return Ok(()) };
        self.model.discharge(model);
        let ended = self.harness.store().discharge(charge, true, self.harness.now()).await;
        ended.map_err(|error| error.to_string())
    }

    /// The nth delivery, or one that does not exist.
    fn pick(&self, n: usize) -> DeliveryId {
        let ids: Vec<_> = self.model.rows.keys().copied().collect();
        ids.get(n % (ids.len() + 1)).copied().unwrap_or(DeliveryId(9_999))
    }

    async fn replay(&mut self, n: usize) -> Result<(), String> {
        let id = self.pick(n);
        let new = self.harness.store().replay(id, None, self.harness.now()).await.ok();
        self.model.replay(id, new)
    }

    async fn discard(&mut self, n: usize) -> Result<(), String> {
        let id = self.pick(n);
        let discarded = self.harness.store().discard(id, self.harness.now()).await.is_ok();
        equal("discarded", &discarded, &self.model.discard(id))
    }

    async fn expire(&mut self, age: i64) -> Result<(), String> {
        let known = vec![target("a"), target("b")];
        let expired = self.harness.store().expire(known, ms(age), self.harness.now()).await;
        equal("expired", &expired, &Ok(self.model.expire(age)))
    }

    async fn retain(&mut self, delivered: i64, dead: i64) -> Result<(), String> {
        let now = self.harness.now();
        let deleted = self.harness.store().retain(ms(delivered), ms(dead), now).await;
        equal("deleted", &deleted, &Ok(self.model.retain(delivered, dead)))
    }

    async fn unpark(&mut self, park: &NewPark) -> Result<(), String> {
        match &park.scope {
            Scope::Lane(_) => self.model.throttle = None,
            Scope::Destination { credentials_hash, .. } => {
                self.model.lift("a", credentials_hash);
            }
        }
        equal(
            "unpark",
            &self.harness.store().unpark(park.scope.clone(), self.harness.now()).await,
            &Ok(()),
        )
    }

    async fn renew(&mut self, destination: &'static str) {
        let renewed = format!("{}+", self.model.credentials_hash(destination));
        self.model.credentials_hashes.insert(destination, renewed);
        let credentials_hash = ["a", "b"].map(|name| (name, self.model.credentials_hash(name)));
        let targets: Vec<_> = credentials_hash.iter().map(|(n, c)| (*n, c.as_str())).collect();
        self.harness.declare(vec![lane_of(LANE, &targets)]).await;
        self.model.declare();
    }

    fn advance(&mut self, time: i64) {
        self.model.now += time;
        self.harness.clock.advance(ms(time));
    }

    fn jump(&self, seconds: i64) {
        let jump = jiff::SignedDuration::from_secs(seconds);
        self.harness.clock.set_wall(self.harness.now().wall + jump);
    }

    async fn crash(&mut self) {
        self.harness.crash().await;
        self.model.restart();
    }

    async fn restart(&mut self) {
        self.harness.restart().await;
        self.model.restart();
    }

    /// Also sets the clock right, as a machine does when it comes up.
    async fn reboot(&mut self) {
        let began = Timestamp::from_second(1_790_000_000).expect("in range");
        self.harness.clock.set_wall(began + ms(self.model.now));
        self.boots += 1;
        self.harness.clock.reboot(&format!("boot-{}", self.boots));
        self.cold_until = self.model.now + 70_000;
        self.crash().await;
    }
}

/// Independent of what the model would choose: no delivery overtakes an older one of its group.
fn in_order(model: &Model, id: DeliveryId) -> Result<(), String> {
    let row = model.rows.get(&id).ok_or("an unknown delivery")?;
    let group = (row.destination, row.group);
    let overtaken = model.rows.range(..id).find(|(_, older)| {
        older.state == State::Queued && (older.destination, older.group) == group
    });
    overtaken.map_or(Ok(()), |(older, _)| Err(format!("{id} overtakes {older}")))
}

#[test]
fn the_order_of_a_group_is_checked() {
    use crate::deliveries::message;
    let mut model = Model::default();
    for (n, group) in ["g", "h", "g"].into_iter().enumerate() {
        let parts = vec![message("x")];
        let posted = Posted { destination: "a", group, state: n.to_string(), parts };
        model.accept(&posted, Some(DeliveryId(n.try_into().expect("small")))).expect("it is new");
    }
    assert_eq!(in_order(&model, DeliveryId(1)), Ok(()));
    assert_eq!(in_order(&model, DeliveryId(2)), Err("2 overtakes 0".to_owned()));
}
