//! What must hold of a pool whatever was called, and whatever is due when.

use std::collections::{BTreeMap, BTreeSet};

use campana::queue::{Delivery, DeliveryId, Filter, Lease, Origin, State};

use super::Run;
use crate::deliveries::BUDGET;

impl Run {
    /// Whether an attempt is one that may be made now.
    pub(super) fn may_start(&mut self, lane: usize, lease: &Lease) -> Result<(), String> {
        let delivery = self.seen.get(&lease.delivery).ok_or("an unknown delivery")?;
        if delivery.state != State::Queued || delivery.carried_by.is_some() {
            return Err(format!("it is not to be sent: {delivery:?}"));
        }
        for id in self.shown_by(lease.delivery) {
            self.is_first(id)?;
        }
        let now = self.now;
        if let Some((id, _)) = self.open.get(&lane).filter(|(_, end)| *end > now) {
            return Err(format!("{} is attempted beside {id} by one robot", lease.delivery));
        }
        if self.open.values().any(|(id, end)| *end > now && *id == lease.delivery) {
            return Err(format!("{} is attempted by both robots", lease.delivery));
        }
        self.starts[lane].push(now);
        let recent = self.starts[lane].iter().filter(|start| **start > now - 60_000).count();
        if recent > BUDGET.slots as usize {
            return Err(format!("{recent} attempts of a robot within {:?}", BUDGET.per));
        }
        let known = self.msg_uuids.entry((lease.delivery, lease.part_index));
        let known = known.or_insert_with(|| lease.msg_uuid.clone());
        if *known != lease.msg_uuid && lease.uncertain {
            return Err(format!("another id than {known}: {lease:?}"));
        }
        known.clone_from(&lease.msg_uuid);
        Ok(())
    }

    /// What the digest carries, or the delivery itself.
    pub(super) fn shown_by(&self, id: DeliveryId) -> Vec<DeliveryId> {
        if self.seen.get(&id).is_some_and(|one| one.origin != Origin::Digest) {
            return vec![id];
        }
        let carried = self.seen.values().filter(|one| one.carried_by == Some(id));
        carried.map(|one| one.id).collect()
    }

    /// Whether no older delivery of its group waits, but for those that leave with it.
    fn is_first(&self, id: DeliveryId) -> Result<(), String> {
        let one = &self.seen[&id];
        let older = self.seen.range(..id).map(|(_, older)| older).find(|older| {
            older.state == State::Queued
                && (&older.target, &older.group) == (&one.target, &one.group)
                && (older.carried_by.is_none() || older.carried_by != one.carried_by)
        });
        older.map_or(Ok(()), |older| Err(format!("{id} overtakes {older:?}")))
    }

    /// Takes what was deleted out of what is known; only what was settled may be gone.
    pub(super) async fn forget(&mut self, deleted: u64) -> Result<(), String> {
        let kept: BTreeSet<_> = self.listed().await.into_iter().map(|one| one.id).collect();
        let before = self.seen.len();
        let lost =
            self.seen.values().find(|one| !kept.contains(&one.id) && one.state == State::Queued);
        if let Some(lost) = lost {
            return Err(format!("it was deleted: {lost:?}"));
        }
        self.seen.retain(|id, _| kept.contains(id));
        if (before - self.seen.len()) as u64 == deleted {
            return Ok(());
        }
        Err(format!("{} of {before} are left, without {deleted}", self.seen.len()))
    }

    async fn listed(&self) -> Vec<Delivery> {
        self.harness.list(Filter { limit: 500, ..Filter::default() }).await
    }

    /// Looks at everything, and compares it with what was seen before.
    pub(in crate::store::pool) async fn look(&mut self) -> Result<(), String> {
        let stats = self.harness.stats().await;
        let listed: BTreeMap<_, _> =
            self.listed().await.into_iter().map(|one| (one.id, one)).collect();
        let queued = listed.values().filter(|one| one.state == State::Queued).count();
        if queued as u64 != stats.queued {
            return Err(format!("{queued} are queued, but the totals say {}", stats.queued));
        }
        for (id, before) in &self.seen {
            let after = listed.get(id).ok_or_else(|| format!("it is lost: {before:?}"))?;
            may_follow(before, after)?;
        }
        for one in listed.values() {
            let digest = one.carried_by.map(|id| listed.get(&id));
            let agrees = match digest {
                None => one.state != State::Folded,
                // A digest stays at least as long as what it carried.
                Some(digest) => digest.is_some_and(|digest| carries(digest.state, one.state)),
            };
            if !agrees {
                return Err(format!("its digest is {digest:?}: {one:?}"));
            }
        }
        self.seen = listed;
        Ok(())
    }
}

/// Whether a delivery can have come from one state to the other.
fn may_follow(before: &Delivery, after: &Delivery) -> Result<(), String> {
    let is_known = match (before.state, after.state) {
        (State::Queued, _) | (State::Dead, State::Discarded) => true,
        (one, other) => one == other,
    };
    let is_same = (&before.target, &before.group, before.origin, before.replay_of)
        == (&after.target, &after.group, after.origin, after.replay_of);
    let grows = before.attempts <= after.attempts;
    if is_known && is_same && grows {
        return Ok(());
    }
    Err(format!("it was {before:?} and is {after:?}"))
}

/// Whether a digest in its state can carry a delivery in that one.
fn carries(digest: State, carried: State) -> bool {
    match digest {
        State::Queued => carried == State::Queued || carried == State::Dead,
        State::Delivered => carried == State::Folded,
        State::Folded | State::Dead | State::Discarded => false,
    }
}
