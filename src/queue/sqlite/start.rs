//! Giving a lane its next attempt.
//!
//! One attempt at a time for a lane: the schedule says which delivery is due, the charges whether
//! there is a slot, and then the lease is taken.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::charge::Obstacle;
use super::failure::Failure;
use super::ledger::Ledger;
use super::schedule::{First, Turn};
use super::{charge, lease};
use crate::queue::NextAttempt;
use crate::queue::store_time::Moment;

/// Leases the lane's next part, or says until when there is nothing to do.
pub(super) fn start(ledger: &Ledger, at: Moment, lane: &str) -> Result<NextAttempt, Failure> {
    let Some(budget) = ledger.schedule.borrow().budget(lane) else {
        return Ok(NextAttempt::Wait(None));
    };
    if let Some(end) = live_lease(ledger, at, lane)? {
        return Ok(NextAttempt::Blocked(at.boot(end)));
    }
    read_stale(ledger, lane)?;
    let found = ledger.schedule.borrow_mut().next(lane, at.ms());
    let work = match found {
        Turn::Work(work) => work,
        Turn::Later(until) => return Ok(NextAttempt::Wait(until.map(|until| at.boot(until)))),
    };
    match charge::obstacle(ledger, at, lane, budget)? {
        Some(Obstacle::Throttled(until)) => Ok(NextAttempt::Blocked(at.boot(until))),
        Some(Obstacle::NoSlot(until)) => Ok(NextAttempt::NoSlot(at.boot(until))),
        None => match lease::take(ledger, at, lane, budget, &work)? {
            Some(lease) => Ok(NextAttempt::Attempt(lease)),
            // It was buried; the lane asks again at once.
            None => Ok(NextAttempt::Wait(Some(at.boot(at.ms())))),
        },
    }
}

fn live_lease(tx: &Connection, at: Moment, lane: &str) -> Result<Option<i64>, Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT max(due_ms) FROM delivery
         WHERE lease_lane = ?1 AND lease IS NOT NULL AND due_ms > ?2",
    )?;
    Ok(statement.query_row(params![lane, at.ms()], |row| row.get(0))?)
}

/// Reads again what was touched of the lane's targets.
fn read_stale(ledger: &Ledger, lane: &str) -> Result<(), Failure> {
    let stale = ledger.schedule.borrow_mut().take_stale(lane);
    for target in stale {
        let first = ledger.prepare_cached(FIRST_DUE)?.query_row([target], first).optional()?;
        ledger.schedule.borrow_mut().tell(lane, target, first);
    }
    Ok(())
}

/// The head of a target that is due first; found by the index `delivery_head`.
pub(super) const FIRST_DUE: &str = "SELECT id, due_ms,
    (SELECT until_ms FROM destination_park WHERE destination_park.target = ?1)
  FROM delivery WHERE target = ?1 AND head = 1 ORDER BY due_ms, id LIMIT 1";

fn first(row: &Row<'_>) -> rusqlite::Result<First> {
    let (id, due_at, parked): (i64, i64, Option<i64>) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let not_before = parked.map_or(due_at, |until| until.max(due_at));
    Ok(First { id, due_at, not_before, probe: parked.is_some() })
}
