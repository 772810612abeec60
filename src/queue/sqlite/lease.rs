//! The right to attempt the next part of a due delivery: the lease in its row, the attempt's row and
//! the slot.
//!
//! A leased row's due time is its lease's end, so that a lease which nobody finished is found like
//! any other work, and its attempt has an unknown outcome.

use rusqlite::{Connection, Error as SqliteError, Row, params};
use uuid::Uuid;

use super::failure::{Failure, Kind};
use super::ledger::Ledger;
use super::packed::Packed;
use super::schedule::Work;
use super::{charge, park, row, settle};
use crate::queue::store_time::Moment;
use crate::queue::{DeliveryId, Lease, RateBudget, State, Tries};

/// What is recorded for an attempt whose end nobody saw.
pub(super) const UNKNOWN: &str = "unknown";

/// A lease outlasts the longest attempt by far: an attempt that is made twice is worse than one
/// that is made again late.
const LEASE_ATTEMPTS: u32 = 3;

/// One message that cannot be read must not stop every robot, at each start anew.
const UNREADABLE: &str = "the stored message cannot be read: the database is damaged there, or another \
     version of Campana wrote it; replay it to render it anew, or run that version to send it";

/// What the delivery's row says before the attempt.
struct DueDelivery {
    id: i64,
    target: i64,
    part_index: usize,
    parts: usize,
    /// The key of an earlier attempt of the part, if it has to be kept.
    msg_uuid: Option<String>,
    uncertain: bool,
    tries: Tries,
    due_ms: i64,
    accepted_ms: i64,
    first_attempt_ms: Option<i64>,
    /// The attempt whose lease ran out.
    lapsed: Option<i64>,
    attempts: u32,
}

impl DueDelivery {
    /// The number of the attempt that begins.
    fn next_attempt(&self) -> i64 {
        i64::from(self.attempts) + 1
    }
}

/// Leases the delivery's next part to its lane.
///
/// A delivery that cannot be read, or its message, is buried, and there is no lease.
pub(super) fn take(
    ledger: &Ledger,
    at: Moment,
    lane: &str,
    budget: RateBudget,
    work: &Work,
) -> Result<Option<Lease>, Failure> {
    let id = work.first.id;
    let (mut due, stored) = match read(ledger, id) {
        Err(Failure::Sqlite(SqliteError::QueryReturnedNoRows)) => {
            let words = format!("delivery {id} or its message is not found in the database");
            return Err(Failure::Missing(words));
        }
        Err(failure) if failure.kind() == Kind::Command => {
            settle::settle(ledger, at, id, State::Dead, UNREADABLE)?;
            return Ok(None);
        }
        due => due?,
    };
    if let Some(attempt) = due.lapsed {
        lose_attempt(ledger, due.id, attempt)?;
        due.uncertain = true;
    }
    let parts = row::parts(stored).ok().filter(|parts| parts.len() == due.parts);
    let Some(part) = parts.and_then(|parts| parts.into_iter().nth(due.part_index)) else {
        settle::settle(ledger, at, due.id, State::Dead, UNREADABLE)?;
        return Ok(None);
    };
    let msg_uuid = due.msg_uuid.take().unwrap_or_else(|| Uuid::new_v4().to_string());
    insert_attempt(ledger, at, lane, budget, &due)?;
    write(ledger, at, lane, budget, &due, &msg_uuid)?;
    let throttle = park::of_lane(ledger, lane)?;
    let throttle_step = throttle.map_or(0, |(step, _)| step);
    Ok(Some(Lease {
        delivery: DeliveryId(due.id),
        attempt: due.next_attempt(),
        lane: lane.to_owned(),
        target: work.target.target.clone(),
        credentials_hash: work.target.credentials_hash.clone(),
        part_index: due.part_index,
        parts: due.parts,
        part,
        msg_uuid,
        uncertain: due.uncertain,
        tries: due.tries,
        age: at.since(due.first_attempt_ms.unwrap_or(at.ms())),
        waited: at.since(due.due_ms),
        queued_for: at.since(due.accepted_ms),
        probe: work.first.probe,
        throttle_step,
        deadline: at.boot(at.after(budget.attempt_limit)),
    }))
}

/// Marks an attempt whose lease ran out, so that people see that its end is not known.
fn lose_attempt(tx: &Connection, delivery: i64, attempt: i64) -> Result<(), Failure> {
    tx.prepare_cached(
        "UPDATE attempt SET outcome = ?3, words = 'whether it arrived is not known'
         WHERE delivery = ?1 AND number = ?2 AND outcome IS NULL",
    )?
    .execute(params![delivery, attempt, UNKNOWN])?;
    Ok(())
}

/// The attempt's row and its slot.
fn insert_attempt(
    ledger: &Ledger,
    at: Moment,
    lane: &str,
    budget: RateBudget,
    due: &DueDelivery,
) -> Result<(), Failure> {
    let charge = charge::take(ledger, at, lane, budget)?;
    ledger
        .prepare_cached(
            "INSERT INTO attempt (delivery, number, charge, part, started_wall)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![due.id, due.next_attempt(), charge, due.part_index, at.wall_ms()])?;
    Ok(())
}

/// Writes the lease into the delivery's row.
fn write(
    ledger: &Ledger,
    at: Moment,
    lane: &str,
    budget: RateBudget,
    due: &DueDelivery,
    msg_uuid: &str,
) -> Result<(), Failure> {
    let end = at.after(budget.attempt_limit.saturating_mul(LEASE_ATTEMPTS));
    ledger
        .prepare_cached(
            "UPDATE delivery
             SET lease = ?2, lane = ?3, due_ms = ?4, was_due_ms = ?5, msg_uuid = ?6,
                 uncertain = ?7, attempts = ?2, kind = 0,
                 first_attempt_ms = coalesce(first_attempt_ms, ?8)
             WHERE id = ?1",
        )?
        .execute(params![
            due.id,
            due.next_attempt(),
            lane,
            end,
            due.due_ms,
            msg_uuid,
            due.uncertain,
            at.ms(),
        ])?;
    ledger.touch(due.target);
    Ok(())
}

/// The row of a due delivery, and its message's parts.
fn read(ledger: &Ledger, id: i64) -> Result<(DueDelivery, Packed), Failure> {
    let mut statement = ledger.prepare_cached(
        "SELECT d.part, d.parts, m.parts, d.msg_uuid, d.uncertain,
           d.scheduled, d.busy, d.other, d.token, iif(d.lease IS NULL, d.due_ms, d.was_due_ms),
           d.accepted_ms, d.first_attempt_ms, d.lease, d.attempts, d.target
         FROM delivery d JOIN message m ON m.id = d.message WHERE d.id = ?1",
    )?;
    Ok(statement.query_row([id], |row| Ok((due_delivery(row, id)?, row.get(2)?)))?)
}

fn due_delivery(row: &Row<'_>, id: i64) -> rusqlite::Result<DueDelivery> {
    Ok(DueDelivery {
        id,
        target: row.get(14)?,
        part_index: row.get(0)?,
        parts: row.get(1)?,
        msg_uuid: row.get(3)?,
        uncertain: row.get(4)?,
        tries: Tries {
            scheduled: row.get(5)?,
            busy: row.get(6)?,
            other: row.get(7)?,
            token: row.get(8)?,
        },
        due_ms: row.get(9)?,
        accepted_ms: row.get(10)?,
        first_attempt_ms: row.get(11)?,
        lapsed: row.get(12)?,
        attempts: row.get(13)?,
    })
}
