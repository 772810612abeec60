//! Giving a lane its next attempt.
//!
//! One attempt at a time for a lane. A leased row's due time is its lease's end, so that a lease
//! which nobody finished is found like any other work, and its attempt has an unknown outcome.

use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use super::charge::Hold;
use super::failure::Failure;
use super::{charge, park, row, settle, upkeep};
use crate::queue::delivery::{DeliveryId, Lease, State, Tries};
use crate::queue::steady::Moment;
use crate::queue::{LaneRequest, LaneTarget, Start};

/// A lease outlasts the longest attempt by far: an attempt that is made twice is worse than one
/// that is made again late.
const LEASE_ATTEMPTS: u32 = 3;

/// One message that cannot be read must not stop every robot, at each start anew.
const UNREADABLE: &str = "the stored message cannot be read; another version of Campana may have \
     written it: run that version to send it";

/// The next delivery of one target.
struct Work<'a> {
    id: i64,
    due: i64,
    /// When it may be attempted: when it is due, and its destination's park too.
    ready: i64,
    probe: bool,
    target: &'a LaneTarget,
}

/// What the delivery's row says before the attempt.
struct Waiting {
    part: usize,
    parts: usize,
    messages: String,
    msg_uuid: Option<String>,
    uncertain: bool,
    tries: Tries,
    due: i64,
    accepted: i64,
    first_attempt: Option<i64>,
    lapsed: Option<i64>,
}

/// Leases the lane's next part, or says until when there is nothing to do.
pub(super) fn start(tx: &Connection, at: Moment, request: &LaneRequest) -> Result<Start, Failure> {
    if let Some(end) = live_lease(tx, at, &request.lane)? {
        return Ok(Start::Wait(Some(at.boot(end))));
    }
    let work = match next(tx, at, request)? {
        Ok(work) => work,
        Err(ready) => return Ok(Start::Wait(ready.map(|ready| at.boot(ready)))),
    };
    match charge::hold(tx, at, &request.lane, request.budget)? {
        Some(Hold::Throttled(until)) => Ok(Start::Wait(Some(at.boot(until)))),
        Some(Hold::NoSlot(until)) => Ok(Start::NoSlot(at.boot(until))),
        None => match lease(tx, at, request, &work)? {
            Some(lease) => Ok(Start::Attempt(lease)),
            // It was buried; the lane asks again at once.
            None => Ok(Start::Wait(Some(at.boot(at.ms())))),
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

/// The work that has been due longest; else when the first will be ready, if there is any.
fn next<'a>(
    tx: &Connection,
    at: Moment,
    request: &'a LaneRequest,
) -> Result<Result<Work<'a>, Option<i64>>, Failure> {
    let mut ready: Option<Work<'a>> = None;
    let mut later = None;
    for target in &request.targets {
        let Some(work) = next_of(tx, target)? else { continue };
        if work.ready > at.ms() {
            later = Some(later.map_or(work.ready, |later: i64| later.min(work.ready)));
        } else if ready.as_ref().is_none_or(|best| (work.due, work.id) < (best.due, best.id)) {
            ready = Some(work);
        }
    }
    Ok(ready.ok_or(later))
}

/// The head of a target that is due first; found by the index `delivery_head`.
pub(super) const FIRST_DUE: &str = "SELECT id, due_ms FROM delivery
  WHERE target = ?1 AND head = 1 ORDER BY due_ms, id LIMIT 1";

fn next_of<'a>(tx: &Connection, wanted: &'a LaneTarget) -> Result<Option<Work<'a>>, Failure> {
    let name = [&wanted.target.receiver, &wanted.target.destination];
    let found: Option<i64> = tx
        .prepare_cached("SELECT id FROM target WHERE receiver = ?1 AND destination = ?2")?
        .query_row(name, |row| row.get(0))
        .optional()?;
    let Some(target) = found else { return Ok(None) };
    park::end_if_changed(tx, target, &wanted.credentials)?;
    let parked: Option<i64> = tx
        .prepare_cached("SELECT until_ms FROM destination_park WHERE target = ?1")?
        .query_row([target], |row| row.get(0))
        .optional()?;
    let head = tx
        .prepare_cached(FIRST_DUE)?
        .query_row([target], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
        .optional()?;
    Ok(head.map(|(id, due)| {
        let ready = parked.map_or(due, |until| until.max(due));
        Work { id, due, ready, probe: parked.is_some(), target: wanted }
    }))
}

fn lease(
    tx: &Connection,
    at: Moment,
    request: &LaneRequest,
    work: &Work<'_>,
) -> Result<Option<Lease>, Failure> {
    let mut waiting = tx.prepare_cached(WAITING)?.query_row([work.id], waiting)?;
    if let Some(attempt) = waiting.lapsed {
        upkeep::lose_attempt(tx, attempt)?;
        waiting.uncertain = true;
    }
    let parts = row::parts(&waiting.messages).unwrap_or_default();
    let Some(message) = parts.into_iter().nth(waiting.part) else {
        settle::settle(tx, at, work.id, State::Dead, UNREADABLE)?;
        return Ok(None);
    };
    let attempt = record(tx, at, request, work.id, waiting.part)?;
    let msg_uuid = waiting.msg_uuid.take().unwrap_or_else(|| Uuid::new_v4().to_string());
    hold(tx, at, request, work.id, attempt, &msg_uuid, &waiting)?;
    let throttle = park::of_lane(tx, &request.lane)?;
    Ok(Some(Lease {
        delivery: DeliveryId(work.id),
        attempt,
        lane: request.lane.clone(),
        per: request.budget.per,
        target: work.target.target.clone(),
        credentials: work.target.credentials.clone(),
        part: waiting.part,
        parts: waiting.parts,
        message,
        msg_uuid,
        uncertain: waiting.uncertain,
        tries: waiting.tries,
        age: at.since(waiting.first_attempt.unwrap_or(at.ms())),
        waited: at.since(waiting.due),
        queued_for: at.since(waiting.accepted),
        probe: work.probe,
        throttle_step: throttle.map_or(0, |(step, _)| step),
    }))
}

/// The attempt's row and its slot.
fn record(
    tx: &Connection,
    at: Moment,
    request: &LaneRequest,
    delivery: i64,
    part: usize,
) -> Result<i64, Failure> {
    let charge = charge::take(tx, at, &request.lane, request.budget)?;
    tx.prepare_cached(
        "INSERT INTO attempt (delivery, charge, part, started_wall) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![delivery, charge, part, at.wall_ms()])?;
    Ok(tx.last_insert_rowid())
}

/// Writes the lease into the delivery's row.
fn hold(
    tx: &Connection,
    at: Moment,
    request: &LaneRequest,
    delivery: i64,
    attempt: i64,
    msg_uuid: &str,
    waiting: &Waiting,
) -> Result<(), Failure> {
    let end = at.after(request.budget.attempt_limit.saturating_mul(LEASE_ATTEMPTS));
    tx.prepare_cached(
        "UPDATE delivery
         SET lease = ?2, lease_lane = ?3, due_ms = ?4, was_due_ms = ?5, msg_uuid = ?6,
             uncertain = ?7, attempts = attempts + 1,
             first_attempt_ms = coalesce(first_attempt_ms, ?8)
         WHERE id = ?1",
    )?
    .execute(params![
        delivery,
        attempt,
        request.lane,
        end,
        waiting.due,
        msg_uuid,
        waiting.uncertain,
        at.ms(),
    ])?;
    Ok(())
}

const WAITING: &str = "SELECT d.part, d.parts, m.parts, d.msg_uuid, d.uncertain,
    d.scheduled, d.busy, d.other, d.token, iif(d.lease IS NULL, d.due_ms, d.was_due_ms),
    d.accepted_ms, d.first_attempt_ms, d.lease
  FROM delivery d JOIN message m ON m.delivery = d.id WHERE d.id = ?1";

fn waiting(row: &Row<'_>) -> rusqlite::Result<Waiting> {
    Ok(Waiting {
        part: row.get(0)?,
        parts: row.get(1)?,
        messages: row.get(2)?,
        msg_uuid: row.get(3)?,
        uncertain: row.get(4)?,
        tries: Tries {
            scheduled: row.get(5)?,
            busy: row.get(6)?,
            other: row.get(7)?,
            token: row.get(8)?,
        },
        due: row.get(9)?,
        accepted: row.get(10)?,
        first_attempt: row.get(11)?,
        lapsed: row.get(12)?,
    })
}
