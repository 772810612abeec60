//! What a lane does while more is queued than it can send.
//!
//! By forecast: as soon as the queued parts exceed the free slots, less those that are kept for
//! digests. Then a digest goes first, what may fold waits for the next one, and what cannot fold leaves
//! one slot for it; after each digest one of these has its turn.

use rusqlite::Connection;

use super::failure::Failure;
use super::ledger::Ledger;
use super::schedule::{Folding, Kind, ScheduledLane, Work};
use super::{charge, park};
use crate::queue::fold::{kept_slots, longest_wait};
use crate::queue::store_time::{Moment, millis};
use crate::queue::{RateBudget, Target};

/// What the lane does next.
pub(super) enum Choice {
    /// Attempt this.
    Attempt(Work),
    /// Make a digest of what waits for this destination.
    Fold(Target),
    /// What waits for the next digest is looked at again at this moment.
    Gather(i64),
    /// Another robot sends it, and this one keeps its slots until this moment.
    Leave(i64),
}

/// What a lane with a free slot does next, of which `first` would be next in order.
pub(super) fn choose(
    ledger: &Ledger,
    at: Moment,
    lane: &str,
    budget: RateBudget,
    first: Work,
) -> Result<Choice, Failure> {
    let parts = ledger.schedule.borrow_mut().at(lane, at.ms()).map_or(0, ScheduledLane::parts);
    if parts <= 1 && first.first.kind != Kind::Fresh {
        return Ok(Choice::Attempt(first));
    }
    let slots = charge::slots(ledger, at, lane, budget)?;
    let own = slots.free.saturating_sub(kept_slots(budget));
    if parts <= u64::from(own) {
        return Ok(Choice::Attempt(first));
    }
    if parts <= u64::from(own + of_partners(ledger, at, lane, &first)?) {
        return Ok(match slots.next {
            // Another robot of the pool sends it, and this one keeps its slots for digests.
            Some(next) if own == 0 && first.first.kind == Kind::Fresh => Choice::Leave(next),
            Some(_) | None => Choice::Attempt(first),
        });
    }
    let mut schedule = ledger.schedule.borrow_mut();
    let Some(lane) = schedule.at(lane, at.ms()) else { return Ok(Choice::Attempt(first)) };
    let single = lane.first_of(Kind::Single);
    // A storm that fills one digest after the other must not keep back what cannot be in one.
    if let Some(single) = single.clone().filter(|_| lane.gave_digest()) {
        lane.note(false);
        return Ok(Choice::Attempt(single));
    }
    if let Some(digest) = lane.first_of(Kind::Digest) {
        lane.note(true);
        return Ok(Choice::Attempt(digest));
    }
    let wait = millis(longest_wait(budget));
    let Some(Folding { target, leaves_at }) = lane.folding(wait, at.ms()) else {
        return Ok(Choice::Attempt(first));
    };
    if leaves_at <= at.ms() {
        return Ok(Choice::Fold(target));
    }
    match single {
        Some(single) if slots.free > 1 => Ok(Choice::Attempt(single)),
        Some(_) | None => {
            let until = [slots.next, lane.next_ready()].into_iter().flatten();
            Ok(Choice::Gather(until.chain([leaves_at]).min().unwrap_or(leaves_at)))
        }
    }
}

/// How many parts the other robots of its destination can send, besides their digests.
fn of_partners(ledger: &Ledger, at: Moment, lane: &str, work: &Work) -> Result<u32, Failure> {
    let target = ledger.target(&work.target.target)?;
    let lanes = ledger.schedule.borrow().lanes_of(target);
    let mut sum = 0;
    for (partner, robot) in lanes.iter().filter(|(partner, _)| partner.as_ref() != lane) {
        let is_dead = park::is_dead(ledger, target, &robot.credentials_hash)?;
        let budget = ledger.schedule.borrow().budget(partner);
        if let Some(budget) = budget.filter(|_| !is_dead)
            && !ledger.schedule.borrow().is_held(partner)
            && !is_throttled(ledger, at, partner)?
        {
            let slots = charge::slots(ledger, at, partner, budget)?;
            sum += slots.free.saturating_sub(kept_slots(budget));
        }
    }
    Ok(sum)
}

fn is_throttled(tx: &Connection, at: Moment, lane: &str) -> Result<bool, Failure> {
    Ok(park::of_lane(tx, lane)?.is_some_and(|(_, until)| until > at.ms()))
}
