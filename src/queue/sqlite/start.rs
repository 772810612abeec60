//! Giving a lane its next attempt.
//!
//! One attempt at a time for a lane: the schedule says which delivery is due, the charges whether
//! there is a slot, and then the lease is taken.

use rusqlite::{Connection, params};

use super::charge::Obstacle;
use super::failure::Failure;
use super::ledger::Ledger;
use super::overflow::{self, Choice};
use super::schedule::{Kind, Work};
use super::{charge, lease, target_queue};
use crate::queue::store_time::Moment;
use crate::queue::{Allowed, NextAttempt, RateBudget};

/// Leases the lane's next part, or says until when there is nothing to do.
pub(super) fn start(
    ledger: &Ledger,
    at: Moment,
    lane: &str,
    allowed: Allowed,
) -> Result<NextAttempt, Failure> {
    ledger.schedule.borrow_mut().allow(lane, allowed);
    let Some(budget) = ledger.schedule.borrow().budget(lane) else {
        return Ok(NextAttempt::Wait(None));
    };
    if let Some(end) = live_lease(ledger, at, lane)? {
        return Ok(NextAttempt::Blocked(at.boot(end)));
    }
    read_stale(ledger, lane, budget)?;
    let first = match next(ledger, at, lane) {
        Ok(first) => first,
        Err(until) => return Ok(NextAttempt::Wait(until.map(|until| at.boot(until)))),
    };
    match charge::obstacle(ledger, at, lane, budget)? {
        Some(Obstacle::Throttled(until)) => return Ok(NextAttempt::Blocked(at.boot(until))),
        Some(Obstacle::NoSlot(until)) => return Ok(NextAttempt::NoSlot(at.boot(until))),
        None => {}
    }
    let choice = match allowed {
        Allowed::All => overflow::choose(ledger, at, lane, budget, first)?,
        Allowed::Probe => Choice::Attempt(attempted(ledger, at, lane).unwrap_or(first)),
        Allowed::Nothing => return Ok(NextAttempt::Held),
    };
    match choice {
        Choice::Attempt(work) => match lease::take(ledger, at, lane, budget, &work)? {
            Some(lease) => Ok(NextAttempt::Attempt(lease)),
            // It was buried; the lane asks again at once.
            None => Ok(NextAttempt::Wait(Some(at.boot(at.ms())))),
        },
        Choice::Fold(target) => Ok(NextAttempt::Fold(target)),
        Choice::Gather(until) => Ok(NextAttempt::Gathering(at.boot(until))),
        Choice::Leave(until) => Ok(NextAttempt::Wait(Some(at.boot(until)))),
    }
}

/// What goes out as itself in any case, most often because it was attempted already.
fn attempted(ledger: &Ledger, at: Moment, lane: &str) -> Option<Work> {
    let mut schedule = ledger.schedule.borrow_mut();
    schedule.at(lane, at.ms())?.first_of(Kind::Single)
}

/// Whether a delivery of the lane may be attempted now, and the lane is not held.
pub(super) fn is_due(ledger: &Ledger, at: Moment, lane: &str) -> Result<bool, Failure> {
    let Some(budget) = ledger.schedule.borrow().budget(lane) else { return Ok(false) };
    if ledger.schedule.borrow().is_held(lane) {
        return Ok(false);
    }
    read_stale(ledger, lane, budget)?;
    Ok(next(ledger, at, lane).is_ok())
}

/// What comes first in the lane's order, or when something does.
fn next(ledger: &Ledger, at: Moment, lane: &str) -> Result<Work, Option<i64>> {
    let mut schedule = ledger.schedule.borrow_mut();
    let lane = schedule.at(lane, at.ms()).ok_or(None)?;
    lane.first().ok_or(lane.next_ready())
}

fn live_lease(tx: &Connection, at: Moment, lane: &str) -> Result<Option<i64>, Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT max(due_ms) FROM delivery
         WHERE lane = ?1 AND lease IS NOT NULL AND due_ms > ?2",
    )?;
    Ok(statement.query_row(params![lane, at.ms()], |row| row.get(0))?)
}

/// Reads again what was touched of the lane's targets.
fn read_stale(ledger: &Ledger, lane: &str, budget: RateBudget) -> Result<(), Failure> {
    let stale = ledger.schedule.borrow_mut().take_stale(lane);
    for (target_id, target) in stale {
        let queue = target_queue::read(ledger, lane, budget, target_id, &target)?;
        ledger.schedule.borrow_mut().tell(lane, target_id, queue);
    }
    Ok(())
}
