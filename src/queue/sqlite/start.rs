//! Giving a lane its next attempt.
//!
//! One attempt at a time for a lane. A leased row's due time is its lease's end, so that a lease
//! which nobody finished is found like any other work, and its attempt has an unknown outcome.

use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use super::charge::Hold;
use super::failure::Failure;
use super::ledger::Ledger;
use super::packed::Packed;
use super::schedule::{First, Turn, Work};
use super::{charge, park, row, settle, upkeep};
use crate::queue::store_time::Moment;
use crate::queue::{Budget, DeliveryId, Lease, NextAttempt, State, Tries};

/// A lease outlasts the longest attempt by far: an attempt that is made twice is worse than one
/// that is made again late.
const LEASE_ATTEMPTS: u32 = 3;

/// One message that cannot be read must not stop every robot, at each start anew.
const UNREADABLE: &str = "the stored message cannot be read; another version of Campana may have \
     written it: run that version to send it";

/// What the delivery's row says before the attempt.
struct DueDelivery {
    part: usize,
    parts: usize,
    msg_uuid: Option<String>,
    uncertain: bool,
    tries: Tries,
    due_at: i64,
    accepted: i64,
    first_attempt: Option<i64>,
    /// The attempt whose lease ran out.
    lapsed: Option<i64>,
    attempts: i64,
    target: i64,
}

/// Leases the lane's next part, or says until when there is nothing to do.
pub(super) fn start(ledger: &Ledger, at: Moment, lane: &str) -> Result<NextAttempt, Failure> {
    let Some(budget) = ledger.schedule.borrow().budget(lane) else {
        return Ok(NextAttempt::Wait(None));
    };
    if let Some(end) = live_lease(ledger, at, lane)? {
        return Ok(NextAttempt::Held(at.boot(end)));
    }
    read_stale(ledger, lane)?;
    let found = ledger.schedule.borrow_mut().next(lane, at.ms());
    let work = match found {
        Turn::Work(work) => work,
        Turn::Later(ready) => return Ok(NextAttempt::Wait(ready.map(|ready| at.boot(ready)))),
    };
    match charge::hold(ledger, at, lane, budget)? {
        Some(Hold::Throttled(until)) => Ok(NextAttempt::Held(at.boot(until))),
        Some(Hold::NoSlot(until)) => Ok(NextAttempt::NoSlot(at.boot(until))),
        None => match lease(ledger, at, lane, budget, &work)? {
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
    let (id, due, parked): (i64, i64, Option<i64>) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let ready = parked.map_or(due, |until| until.max(due));
    Ok(First { id, due, ready, probe: parked.is_some() })
}

fn lease(
    ledger: &Ledger,
    at: Moment,
    lane: &str,
    budget: Budget,
    work: &Work,
) -> Result<Option<Lease>, Failure> {
    let id = work.first.id;
    let (mut due, messages): (DueDelivery, Packed) = ledger
        .prepare_cached(DUE_DELIVERY)?
        .query_row([id], |row| Ok((due_delivery(row)?, row.get(2)?)))?;
    if let Some(attempt) = due.lapsed {
        upkeep::lose_attempt(ledger, id, attempt)?;
        due.uncertain = true;
    }
    let parts = row::parts(messages).unwrap_or_default();
    let Some(message) = parts.into_iter().nth(due.part) else {
        settle::settle(ledger, at, id, State::Dead, UNREADABLE)?;
        return Ok(None);
    };
    let attempt = due.attempts + 1;
    record(ledger, at, lane, budget, id, &due)?;
    let msg_uuid = due.msg_uuid.take().unwrap_or_else(|| Uuid::new_v4().to_string());
    hold(ledger, at, lane, budget, id, &msg_uuid, &due)?;
    let throttle = park::of_lane(ledger, lane)?;
    Ok(Some(Lease {
        delivery: DeliveryId(id),
        attempt,
        lane: lane.to_owned(),
        target: work.target.target.clone(),
        credentials: work.target.credentials.clone(),
        part: due.part,
        parts: due.parts,
        message,
        msg_uuid,
        uncertain: due.uncertain,
        tries: due.tries,
        age: at.since(due.first_attempt.unwrap_or(at.ms())),
        waited: at.since(due.due_at),
        queued_for: at.since(due.accepted),
        probe: work.first.probe,
        throttle_step: throttle.map_or(0, |(step, _)| step),
    }))
}

/// The attempt's row and its slot.
fn record(
    ledger: &Ledger,
    at: Moment,
    lane: &str,
    budget: Budget,
    delivery: i64,
    due: &DueDelivery,
) -> Result<(), Failure> {
    let charge = charge::take(ledger, at, lane, budget)?;
    ledger
        .prepare_cached(
            "INSERT INTO attempt (delivery, number, charge, part, started_wall)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![delivery, due.attempts + 1, charge, due.part, at.wall_ms()])?;
    Ok(())
}

/// Writes the lease into the delivery's row.
fn hold(
    ledger: &Ledger,
    at: Moment,
    lane: &str,
    budget: Budget,
    delivery: i64,
    msg_uuid: &str,
    due: &DueDelivery,
) -> Result<(), Failure> {
    let end = at.after(budget.attempt_limit.saturating_mul(LEASE_ATTEMPTS));
    ledger
        .prepare_cached(
            "UPDATE delivery
             SET lease = ?2, lease_lane = ?3, due_ms = ?4, was_due_ms = ?5, msg_uuid = ?6,
                 uncertain = ?7, attempts = ?2,
                 first_attempt_ms = coalesce(first_attempt_ms, ?8)
             WHERE id = ?1",
        )?
        .execute(params![
            delivery,
            due.attempts + 1,
            lane,
            end,
            due.due_at,
            msg_uuid,
            due.uncertain,
            at.ms(),
        ])?;
    ledger.touch(due.target);
    Ok(())
}

const DUE_DELIVERY: &str = "SELECT d.part, d.parts, m.parts, d.msg_uuid, d.uncertain,
    d.scheduled, d.busy, d.other, d.token, iif(d.lease IS NULL, d.due_ms, d.was_due_ms),
    d.accepted_ms, d.first_attempt_ms, d.lease, d.attempts, d.target
  FROM delivery d JOIN message m ON m.id = d.message WHERE d.id = ?1";

fn due_delivery(row: &Row<'_>) -> rusqlite::Result<DueDelivery> {
    Ok(DueDelivery {
        part: row.get(0)?,
        parts: row.get(1)?,
        msg_uuid: row.get(3)?,
        uncertain: row.get(4)?,
        tries: Tries {
            scheduled: row.get(5)?,
            busy: row.get(6)?,
            other: row.get(7)?,
            token: row.get(8)?,
        },
        due_at: row.get(9)?,
        accepted: row.get(10)?,
        first_attempt: row.get(11)?,
        lapsed: row.get(12)?,
        attempts: row.get(13)?,
        target: row.get(14)?,
    })
}
