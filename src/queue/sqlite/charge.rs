//! The rate: a log of the slots that were taken.
//!
//! `from_ms` is when the attempt ended, or when it must have; the slot is free one `per` later. It
//! is the lane's `per` of today that counts, so that a changed setting holds for slots taken before it.

use rusqlite::{Connection, OptionalExtension, params};

use super::failure::Failure;
use super::ledger::{Ledger, next_id};
use super::{park, start};
use crate::queue::store_time::{Moment, millis};
use crate::queue::{Charge, RateBudget};

/// Tests take at most one slot of so many, and always one.
const SHARE_OF_TESTS: u32 = 4;

/// Takes a slot for a call outside the queue, of which there are few and which alerts go before.
pub(super) fn charge(
    ledger: &Ledger,
    at: Moment,
    lane: &str,
    budget: RateBudget,
) -> Result<Charge, Failure> {
    if let Some(Obstacle::Throttled(until) | Obstacle::NoSlot(until)) =
        obstacle(ledger, at, lane, budget)?
    {
        return Ok(Charge::Wait(at.boot(until)));
    }
    if let Some(until) = no_slot_for_tests(ledger, at, lane, budget)? {
        return Ok(Charge::Wait(at.boot(until)));
    }
    if start::is_due(ledger, at, lane)? {
        return Ok(Charge::AlertsDue);
    }
    let id = take(ledger, at, lane, budget)?;
    ledger.prepare_cached("UPDATE charge SET test = 1 WHERE id = ?1")?.execute([id])?;
    Ok(Charge::Taken(id))
}

/// When a call outside the queue may take a slot again, if such calls have taken their share.
fn no_slot_for_tests(
    tx: &Connection,
    at: Moment,
    lane: &str,
    budget: RateBudget,
) -> Result<Option<i64>, Failure> {
    let most = (budget.slots / SHARE_OF_TESTS).max(1);
    free_at(tx, at, lane, budget, most, LATEST_TESTS)
}

/// Why, and until when, a lane may make no attempt.
pub(super) enum Obstacle {
    /// It is throttled, or its throttle is due and another attempt is probing it already.
    Throttled(i64),
    /// All its slots are taken.
    NoSlot(i64),
}

/// What is in the lane's way, if anything is.
pub(super) fn obstacle(
    tx: &Connection,
    at: Moment,
    lane: &str,
    budget: RateBudget,
) -> Result<Option<Obstacle>, Failure> {
    let throttled = match park::of_lane(tx, lane)? {
        Some((_, until)) if until > at.ms() => Some(until),
        Some(_) => under_way(tx, at, lane)?,
        None => None,
    };
    match throttled {
        Some(until) => Ok(Some(Obstacle::Throttled(until))),
        None => Ok(no_slot(tx, at, lane, budget)?.map(Obstacle::NoSlot)),
    }
}

/// The slots of a lane.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slots {
    /// How many are free.
    pub(super) free: u32,
    /// When one more is free; none if all are.
    pub(super) next: Option<i64>,
}

/// How many slots of a lane are free, and when there is one more.
pub(super) fn slots(
    tx: &Connection,
    at: Moment,
    lane: &str,
    budget: RateBudget,
) -> Result<Slots, Failure> {
    let per = millis(budget.per);
    let mut statement = tx.prepare_cached(
        "SELECT count(*), min(from_ms) FROM charge WHERE lane = ?1 AND from_ms > ?2",
    )?;
    let (taken, first): (u32, Option<i64>) =
        statement.query_row(params![lane, at.ms() - per], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let free = budget.slots.max(1).saturating_sub(taken);
    Ok(Slots { free, next: first.map(|first| first + per) })
}

/// Takes a slot, as if its attempt took as long as it may.
pub(super) fn take(
    ledger: &Ledger,
    at: Moment,
    lane: &str,
    budget: RateBudget,
) -> Result<i64, Failure> {
    let id = next_id(&ledger.last_ids.charge);
    ledger
        .prepare_cached(
            "INSERT INTO charge (id, lane, started_ms, from_ms, per_ms)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![id, lane, at.ms(), at.after(budget.attempt_limit), millis(budget.per)])?;
    Ok(id)
}

/// The call that took this slot has ended; DingTalk counts it only if it may have reached it.
pub(super) fn discharge(
    tx: &Connection,
    at: Moment,
    charge: i64,
    sent: bool,
) -> Result<(), Failure> {
    if sent { end(tx, at, charge) } else { give_back(tx, charge) }
}

/// The attempt that took this slot has ended.
fn end(tx: &Connection, at: Moment, charge: i64) -> Result<(), Failure> {
    tx.prepare_cached("UPDATE charge SET from_ms = ?2, ended = 1 WHERE id = ?1 AND ended = 0")?
        .execute([charge, at.ended_ms()])?;
    Ok(())
}

/// The attempt that took this slot never reached DingTalk: the slot is free.
fn give_back(tx: &Connection, charge: i64) -> Result<(), Failure> {
    tx.prepare_cached("DELETE FROM charge WHERE id = ?1 AND ended = 0")?.execute([charge])?;
    Ok(())
}

fn under_way(tx: &Connection, at: Moment, lane: &str) -> Result<Option<i64>, Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT max(from_ms) FROM charge WHERE lane = ?1 AND from_ms > ?2 AND ended = 0",
    )?;
    Ok(statement.query_row(params![lane, at.ms()], |row| row.get(0))?)
}

/// When a slot is free, if all are taken.
fn no_slot(
    tx: &Connection,
    at: Moment,
    lane: &str,
    budget: RateBudget,
) -> Result<Option<i64>, Failure> {
    free_at(tx, at, lane, budget, budget.slots.max(1), LATEST)
}

/// The slots of a lane, the latest first; read from the index `charge_lane` alone.
const LATEST: &str = "SELECT from_ms FROM charge WHERE lane = ?1 AND from_ms > ?2
  ORDER BY from_ms DESC LIMIT 1 OFFSET ?3";

/// The same of tests.
const LATEST_TESTS: &str =
    "SELECT from_ms FROM charge WHERE lane = ?1 AND from_ms > ?2 AND test = 1
  ORDER BY from_ms DESC LIMIT 1 OFFSET ?3";

/// When the slot is free that has to be, if `most` of these are taken: counted back from the latest.
fn free_at(
    tx: &Connection,
    at: Moment,
    lane: &str,
    budget: RateBudget,
    most: u32,
    latest: &str,
) -> Result<Option<i64>, Failure> {
    let per = millis(budget.per);
    let mut statement = tx.prepare_cached(latest)?;
    let from = statement
        .query_row(params![lane, at.ms() - per, most - 1], |row| row.get::<_, i64>(0))
        .optional()?;
    Ok(from.map(|from| from + per))
}
