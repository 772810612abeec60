//! What a store is, in memory and without its means: the same commands on plain values.
//!
//! Times are milliseconds since the test began, as they truly passed: no wall clock, no boot.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use campana::dingtalk::message::Part;
use campana::queue::{DeliveryId, Lease, NewPark, NextStep, Origin, Scope, State, Tries};

use crate::deliveries::{BUDGET, target};

const PER: i64 = 60_000;
const LIMIT: i64 = 10_000;

/// A delivery.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) destination: &'static str,
    pub(super) group: &'static str,
    pub(super) origin: Origin,
    pub(super) replay_of: Option<DeliveryId>,
    pub(super) state: State,
    pub(super) reason: String,
    pub(super) parts: Vec<Part>,
    pub(super) part: usize,
    pub(super) attempts: u64,
    pub(super) accepted: i64,
    pub(super) first: Option<i64>,
    pub(super) due: i64,
    pub(super) settled: Option<i64>,
    pub(super) msg_uuid: Option<String>,
    pub(super) uncertain: bool,
    pub(super) tries: Tries,
    /// The attempt under way, and when its lease ends.
    pub(super) lease: Option<(i64, i64)>,
}

/// A park, until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parked {
    pub(super) credentials_hash: String,
    pub(super) cause: String,
    pub(super) step: u32,
    pub(super) until: i64,
    /// Whether the account is dead, with both destinations.
    pub(super) whole_lane: bool,
}

/// What the lane may do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Attempt(DeliveryId),
    Wait(Option<i64>),
    Held(i64),
    NoSlot(i64),
}

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) now: i64,
    pub(super) rows: BTreeMap<DeliveryId, Row>,
    pub(super) accepted: BTreeMap<Origin, u64>,
    pub(super) settled: BTreeMap<State, u64>,
    pub(super) throttle: Option<Parked>,
    pub(super) dead: BTreeMap<&'static str, Parked>,
    /// Each slot: until when its attempt went or may have gone, and whether its end was told.
    pub(super) charges: BTreeMap<i64, (i64, bool)>,
    /// The slots of tests.
    tests: BTreeSet<i64>,
    /// Each attempt's slot.
    attempts: i64,
    states: BTreeMap<&'static str, (String, i64)>,
    /// What is known of a sender, of which each group is a thing.
    pub(super) senders: BTreeMap<&'static str, String>,
    pub(super) credentials_hashes: BTreeMap<&'static str, String>,
}

impl Model {
    pub(super) fn credentials_hash(&self, destination: &str) -> String {
        self.credentials_hashes.get(destination).cloned().unwrap_or_else(|| "credentials".into())
    }

    /// Whether the notification is new; then it gets this number.
    pub(super) fn accept(&mut self, share: &Posted, id: Option<DeliveryId>) -> Result<(), String> {
        let last = self.states.get(share.group);
        let duplicate =
            last.is_some_and(|(state, at)| *state == share.state && self.now - at < 60_000);
        let Some(id) = id else {
            return if duplicate { Ok(()) } else { Err("no duplicate was taken for one".into()) };
        };
        if duplicate {
            return Err(format!("a duplicate was accepted as {id}"));
        }
        self.states.insert(share.group, (share.state.clone(), self.now));
        let row = Row {
            destination: share.destination,
            group: share.group,
            origin: Origin::Notification,
            replay_of: None,
            state: State::Queued,
            reason: String::new(),
            parts: share.parts.clone(),
            part: 0,
            attempts: 0,
            accepted: self.now,
            first: None,
            due: self.now,
            settled: None,
            msg_uuid: None,
            uncertain: false,
            tries: Tries::default(),
            lease: None,
        };
        self.insert(id, row)
    }

    fn insert(&mut self, id: DeliveryId, row: Row) -> Result<(), String> {
        if self.rows.last_key_value().is_some_and(|(last, _)| *last >= id) {
            return Err(format!("the number {id} does not grow"));
        }
        *self.accepted.entry(row.origin).or_default() += 1;
        self.rows.insert(id, row);
        Ok(())
    }

    /// The oldest queued delivery of each destination and group.
    fn heads(&self) -> BTreeMap<(&'static str, &'static str), (DeliveryId, &Row)> {
        let mut heads = BTreeMap::new();
        for (id, row) in &self.rows {
            if row.state == State::Queued {
                heads.entry((row.destination, row.group)).or_insert((*id, row));
            }
        }
        heads
    }

    /// Whether it is the next one of its group.
    pub(super) fn is_head(&self, id: DeliveryId) -> bool {
        self.heads().values().any(|(head, _)| *head == id)
    }

    /// The lanes are declared, with the credentials of now.
    pub(super) fn declare(&mut self) {
        let renewed: BTreeMap<_, _> =
            ["a", "b"].map(|destination| (destination, self.credentials_hash(destination))).into();
        self.dead.retain(|destination, park| renewed[destination] == park.credentials_hash);
    }

    /// What the lane may do now.
    pub(super) fn next(&self) -> Next {
        let ends = self.rows.values().filter_map(|row| row.lease.map(|(_, end)| end));
        if let Some(end) = ends.max().filter(|end| *end > self.now) {
            return Next::Held(end);
        }
        let id = match self.ready() {
            Ok(id) => id,
            Err(until) => return Next::Wait(until),
        };
        match self.throttled() {
            Some(until) => Next::Held(until),
            None => self.full().map_or(Next::Attempt(id), Next::NoSlot),
        }
    }

    /// What may be attempted first, or when something may.
    fn ready(&self) -> Result<DeliveryId, Option<i64>> {
        let mut works = BTreeMap::new();
        for ((destination, _), (id, row)) in self.heads() {
            let due = row.lease.map_or(row.due, |(_, end)| end);
            let work = works.entry(destination).or_insert((due, id));
            *work = (*work).min((due, id));
        }
        let ready = works.iter().map(|(destination, (due, id))| {
            let parked = self.dead.get(destination).map_or(*due, |park| park.until);
            (parked.max(*due), *due, *id)
        });
        let (now, later): (Vec<_>, Vec<_>) = ready.partition(|(ready, ..)| *ready <= self.now);
        let first = now.into_iter().map(|(_, due, id)| (due, id)).min();
        let later = later.into_iter().map(|(ready, ..)| ready).min();
        first.map(|(_, id)| id).ok_or(later)
    }

    /// Until when no test may be sent.
    pub(super) fn no_test(&self) -> Option<i64> {
        self.throttled().or_else(|| self.full()).or_else(|| {
            let tests = self.charges.iter().filter(|(id, _)| self.tests.contains(id));
            let last = tests.map(|(_, (from, _))| from + PER).max();
            last.filter(|free| *free > self.now)
        })
    }

    /// Whether a delivery may be attempted now.
    pub(super) fn is_due(&self) -> bool {
        self.ready().is_ok()
    }

    fn throttled(&self) -> Option<i64> {
        let throttle = self.throttle.as_ref()?;
        if throttle.until > self.now {
            return Some(throttle.until);
        }
        let open = self.charges.values().filter(|(from, ended)| !ended && *from > self.now);
        open.max().map(|(from, _)| *from)
    }

    fn full(&self) -> Option<i64> {
        let mut free: Vec<_> = self.charges.values().map(|(from, _)| from + PER).collect();
        free.sort_unstable_by(|one, other| other.cmp(one));
        free.get(BUDGET.slots as usize - 1).copied().filter(|free| *free > self.now)
    }

    pub(super) fn charge(&mut self) -> i64 {
        self.attempts += 1;
        self.charges.insert(self.attempts, (self.now + LIMIT, false));
        self.attempts
    }

    /// The slot of a test.
    pub(super) fn charge_test(&mut self) -> i64 {
        let charge = self.charge();
        self.tests.insert(charge);
        charge
    }

    pub(super) fn discharge(&mut self, charge: i64) {
        if let Some(charge) = self.charges.get_mut(&charge).filter(|(_, ended)| !ended) {
            *charge = (self.now, true);
        }
    }

    /// Takes the lease that the store gave, if it is the one that it had to give; its slot.
    pub(super) fn lease(&mut self, lease: &Lease) -> Result<i64, String> {
        let charge = self.charge();
        let (now, probe) = (self.now, self.dead.contains_key(lease.target.destination.as_str()));
        let step = self.throttle.as_ref().map_or(0, |park| park.step);
        let row = self.rows.get_mut(&lease.delivery).ok_or("an unknown delivery")?;
        row.uncertain |= row.lease.is_some();
        let age = now - row.first.unwrap_or(now);
        row.first.get_or_insert(now);
        row.attempts += 1;
        row.lease = Some((lease.attempt, now + 3 * LIMIT));
        let keeps = row.msg_uuid.is_some();
        let msg_uuid = row.msg_uuid.get_or_insert_with(|| lease.msg_uuid.clone());
        let expected = Lease {
            part_index: row.part,
            parts: row.parts.len(),
            part: row.parts[row.part].clone(),
            msg_uuid: msg_uuid.clone(),
            uncertain: row.uncertain,
            tries: row.tries,
            age: ms(age),
            waited: ms(now - row.due),
            queued_for: ms(now - row.accepted),
            probe,
            throttle_step: step,
            target: target(row.destination),
            ..lease.clone()
        };
        if *lease != expected {
            return Err(format!("the lease is {lease:?} and not {expected:?}"));
        }
        let others = self.rows.iter().filter(|(id, _)| **id != lease.delivery);
        if !keeps
            && others.into_iter().any(|(_, row)| row.msg_uuid.as_ref() == Some(&lease.msg_uuid))
        {
            return Err(format!("{} is another message's id", lease.msg_uuid));
        }
        Ok(charge)
    }

    /// What an attempt's end makes of its delivery, if its lease holds.
    pub(super) fn finish(&mut self, lease: &Lease, charge: i64, next: &NextStep) {
        // With its delivery an attempt's record is deleted; its slot then ends when it must have.
        if self.rows.contains_key(&lease.delivery) {
            self.discharge(charge);
        }
        let now = self.now;
        let is_renewed = self.is_renewed(lease);
        let is_lane_dead = self.dead.values().any(|park| park.whole_lane);
        let Some(row) = self.rows.get_mut(&lease.delivery) else { return };
        if row.state != State::Queued
            || row.lease.map(|(attempt, _)| attempt) != Some(lease.attempt)
        {
            return;
        }
        row.lease = None;
        let destination = row.destination;
        match next {
            NextStep::Arrived => {
                row.part += 1;
                if row.part == row.parts.len() {
                    self.settle(lease.delivery, State::Delivered, "");
                } else {
                    fresh(row, now);
                }
                self.throttle = None;
                self.dead.retain(|_, park| !park.whole_lane);
                self.end(destination, &lease.credentials_hash);
            }
            NextStep::Retry { wait, tries, uncertain } => {
                row.due = now + in_ms(*wait);
                row.tries = *tries;
                row.uncertain |= uncertain;
                row.reason = "said".into();
                keep_id_if_uncertain(row);
                let due = row.due;
                self.put_off(lease, due);
            }
            NextStep::Recut(parts) => {
                row.parts.splice(row.part..=row.part, parts.iter().cloned());
                fresh(row, now);
            }
            NextStep::Bury { park: Some(park), .. }
                if is_renewed || park.whole_lane && is_lane_dead =>
            {
                row.reason.clone_from(&park.cause);
                keep_id_if_uncertain(row);
                self.park(&told(park, is_lane_dead));
            }
            NextStep::Bury { reason, park } => {
                self.settle(lease.delivery, State::Dead, reason);
                if let Some(park) = park {
                    self.park(park);
                }
            }
            NextStep::GiveUp { reason, .. } => self.settle(lease.delivery, State::Dead, reason),
            NextStep::Park(park) => {
                row.reason.clone_from(&park.cause);
                keep_id_if_uncertain(row);
                self.park(&told(park, is_lane_dead));
            }
        }
    }

    /// Whether the destination got other credentials during the attempt.
    fn is_renewed(&self, lease: &Lease) -> bool {
        self.credentials_hash(&lease.target.destination) != lease.credentials_hash
    }

    /// A probe that told nothing about its destination: the others of it wait as well.
    fn put_off(&mut self, lease: &Lease, due: i64) {
        let park = self.dead.get_mut(lease.target.destination.as_str());
        let told_by = |park: &&mut Parked| park.credentials_hash == lease.credentials_hash;
        if let Some(park) = park.filter(|_| lease.probe).filter(told_by) {
            park.until = park.until.max(due);
        }
    }

    fn park(&mut self, new: &NewPark) {
        let (cause, until) = (new.cause.clone(), self.now + in_ms(new.wait));
        match &new.scope {
            Scope::Lane(_) => {
                let credentials_hash = String::new();
                let (step, whole_lane) = (new.step, false);
                self.throttle = Some(Parked { credentials_hash, cause, step, until, whole_lane });
            }
            Scope::Destination { target, credentials_hash } => {
                let (destination, other) =
                    if target.destination == "a" { ("a", "b") } else { ("b", "a") };
                let credentials_hash = credentials_hash.clone();
                if credentials_hash != self.credentials_hash(destination) {
                    return;
                }
                let (step, whole_lane) = (new.step, new.whole_lane);
                let park = Parked { credentials_hash, cause, step, until, whole_lane };
                if whole_lane && self.dead.get(other).is_none_or(|park| park.whole_lane) {
                    let credentials_hash = self.credentials_hash(other);
                    self.dead.insert(other, Parked { credentials_hash, step: 1, ..park.clone() });
                }
                self.dead.insert(destination, park);
            }
        }
    }

    /// A message past the queue arrived: its destination lives, and so does the account.
    pub(super) fn lift(&mut self, destination: &str, credentials_hash: &str) {
        if self.credentials_hash(destination) == credentials_hash {
            self.dead.retain(|_, park| !park.whole_lane);
        }
        self.end(destination, credentials_hash);
    }

    fn end(&mut self, of: &str, credentials_hash: &str) {
        self.dead.retain(|name, park| *name != of || park.credentials_hash != credentials_hash);
    }

    fn settle(&mut self, id: DeliveryId, state: State, reason: &str) {
        *self.settled.entry(state).or_default() += 1;
        if let Some(row) = self.rows.get_mut(&id) {
            (row.state, row.settled, row.lease) = (state, Some(self.now), None);
            reason.clone_into(&mut row.reason);
        }
    }

    fn probe(&mut self) {
        let now = self.now;
        self.dead.values_mut().for_each(|park| park.until = park.until.min(now));
    }

    pub(super) fn replay(&mut self, id: DeliveryId, new: Option<DeliveryId>) -> Result<(), String> {
        let dead = self.rows.get(&id).filter(|row| row.state == State::Dead).cloned();
        let (Some(dead), Some(new)) = (&dead, new) else {
            return if dead.is_some() == new.is_some() { Ok(()) } else { Err("replay".into()) };
        };
        if let Some(park) = self.dead.get_mut(dead.destination) {
            park.until = park.until.min(self.now);
        }
        let mut row = Row { origin: Origin::Replay, replay_of: Some(id), ..dead.clone() };
        fresh(&mut row, self.now);
        (row.part, row.attempts, row.accepted, row.first) = (0, 0, self.now, None);
        (row.state, row.settled) = (State::Queued, None);
        self.insert(new, row)
    }

    /// Whether it could be discarded, and is.
    pub(super) fn discard(&mut self, id: DeliveryId) -> bool {
        let now = self.now;
        match self.rows.get_mut(&id) {
            Some(row) if row.state == State::Dead => row.state = State::Discarded,
            Some(row) if row.state == State::Queued && !is_leased(row, now) => {
                self.settle(id, State::Discarded, "given up by hand");
            }
            _ => return false,
        }
        true
    }

    pub(super) fn expire(&mut self, age: i64) -> u64 {
        let hopeless: Vec<_> = self
            .rows
            .iter()
            .filter(|(_, row)| row.state == State::Queued && row.accepted <= self.now - age)
            .filter(|(_, row)| !is_leased(row, self.now))
            .filter_map(|(id, row)| Some((*id, self.dead.get(row.destination)?.cause.clone())))
            .collect();
        for (id, cause) in &hopeless {
            self.settle(*id, State::Dead, cause);
        }
        hopeless.len() as u64
    }

    pub(super) fn retain(&mut self, delivered: i64, dead: i64) -> u64 {
        let (before, now) = (self.rows.len(), self.now);
        self.rows.retain(|_, row| {
            let age = if row.state == State::Delivered { delivered } else { dead };
            row.settled.is_none_or(|settled| settled >= now - age)
        });
        (before - self.rows.len()) as u64
    }

    /// The process was killed, or stopped: its leases are void.
    pub(super) fn restart(&mut self) {
        for row in self.rows.values_mut() {
            row.uncertain |= row.lease.take().is_some();
        }
        self.probe();
        self.declare();
    }
}

/// What is posted.
#[derive(Debug, Clone)]
pub(super) struct Posted {
    pub(super) destination: &'static str,
    pub(super) group: &'static str,
    pub(super) state: String,
    pub(super) parts: Vec<Part>,
}

/// The others wait for an account only where a dead letter says that it is dead.
fn told(park: &NewPark, is_lane_dead: bool) -> NewPark {
    NewPark { whole_lane: park.whole_lane && is_lane_dead, ..park.clone() }
}

fn is_leased(row: &Row, now: i64) -> bool {
    row.lease.is_some_and(|(_, end)| end > now)
}

/// Another part: nothing is remembered of the one before.
fn fresh(row: &mut Row, now: i64) {
    (row.msg_uuid, row.uncertain, row.tries, row.due) = (None, false, Tries::default(), now);
    row.reason.clear();
}

fn keep_id_if_uncertain(row: &mut Row) {
    row.msg_uuid = row.msg_uuid.take().filter(|_| row.uncertain);
}

pub(super) fn ms(ms: i64) -> Duration {
    Duration::from_millis(ms.try_into().expect("not negative"))
}

fn in_ms(wait: Duration) -> i64 {
    wait.as_millis().try_into().expect("it is short")
}
