//! The end of an attempt, and what becomes of its delivery.
//!
//! A lease that ran out and was given again, or whose delivery is settled, no longer decides
//! anything: its answer is recorded with its attempt and its slot is freed, and that is all.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::failure::Failure;
use super::{charge, park, row, settle};
use crate::dingtalk::message::Message;
use crate::failpoint;
use crate::queue::delivery::{Answered, AttemptResult, Lease, NewPark, NextStep, State, Tries};
use crate::queue::steady::{Moment, millis};

/// The leased row.
struct Held {
    id: i64,
    target: i64,
    part: usize,
    parts: usize,
}

/// Records the answer, frees the slot one `per` from now, and does what `result` says.
pub(super) fn finish(
    tx: &Connection,
    at: Moment,
    lease: &Lease,
    result: &AttemptResult,
) -> Result<(), Failure> {
    record(tx, at, lease, &result.answered)?;
    let Some(held) = held(tx, lease)? else { return Ok(()) };
    match &result.next {
        NextStep::Arrived => arrived(tx, at, lease, &held),
        NextStep::Retry { wait, tries, uncertain } => {
            let words = &result.answered.words;
            retry(tx, at, &held, *wait, *tries, *uncertain, words)?;
            if lease.probe {
                // The probe told nothing about the destination: the others of it wait as well.
                park::put_off(tx, held.target, at.after(*wait))?;
            }
            Ok(())
        }
        NextStep::Recut(messages) => recut(tx, at, &held, messages),
        NextStep::Bury { reason, park } => {
            settle::settle(tx, at, held.id, State::Dead, reason)?;
            park.as_ref().map_or(Ok(()), |park| park::set(tx, at, park))
        }
        NextStep::Park(park) => put_back(tx, at, &held, park),
    }
}

fn record(tx: &Connection, at: Moment, lease: &Lease, answered: &Answered) -> Result<(), Failure> {
    let Answered { outcome, code, words, took } = answered;
    let charged: Option<i64> = tx
        .prepare_cached(
            "UPDATE attempt SET outcome = ?2, code = ?3, words = ?4, took_ms = ?5
             WHERE id = ?1 RETURNING charge",
        )?
        .query_row(params![lease.attempt, outcome, code, words, millis(*took)], |row| row.get(0))
        .optional()?;
    charged.map_or(Ok(()), |charged| charge::end(tx, at, charged))
}

fn held(tx: &Connection, lease: &Lease) -> Result<Option<Held>, Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT id, target, part, parts FROM delivery WHERE id = ?1 AND lease = ?2",
    )?;
    let held = statement.query_row([lease.delivery.0, lease.attempt], |row| {
        let (id, target, part, parts) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        Ok(Held { id, target, part, parts })
    });
    Ok(held.optional()?)
}

fn arrived(tx: &Connection, at: Moment, lease: &Lease, held: &Held) -> Result<(), Failure> {
    park::disprove(tx, &lease.lane, held.target, &lease.credentials)?;
    if held.part + 1 < held.parts {
        return to_part(tx, at, held, held.part + 1, held.parts);
    }
    tx.prepare_cached("UPDATE delivery SET part = parts WHERE id = ?1")?.execute([held.id])?;
    settle::settle(tx, at, held.id, State::Delivered, "")?;
    // All is written and nothing is committed.
    failpoint::reached("before-settle");
    Ok(())
}

/// Makes a part the current one, due now, with nothing remembered of the one before.
fn to_part(
    tx: &Connection,
    at: Moment,
    held: &Held,
    part: usize,
    parts: usize,
) -> Result<(), Failure> {
    tx.prepare_cached(
        "UPDATE delivery
         SET part = ?2, parts = ?3, due_ms = ?4, was_due_ms = ?4, lease = NULL, lease_lane = NULL,
             msg_uuid = NULL, uncertain = 0, scheduled = 0, busy = 0, other = 0, token = 0,
             reason = ''
         WHERE id = ?1",
    )?
    .execute(params![held.id, part, parts, at.ms()])?;
    Ok(())
}

fn retry(
    tx: &Connection,
    at: Moment,
    held: &Held,
    wait: Duration,
    tries: Tries,
    uncertain: bool,
    reason: &str,
) -> Result<(), Failure> {
    tx.prepare_cached(
        "UPDATE delivery
         SET due_ms = ?2, was_due_ms = ?2, lease = NULL, lease_lane = NULL,
             scheduled = ?3, busy = ?4, other = ?5, token = ?6,
             uncertain = uncertain OR ?7, msg_uuid = iif(uncertain OR ?7, msg_uuid, NULL),
             reason = ?8
         WHERE id = ?1",
    )?
    .execute(params![
        held.id,
        at.after(wait),
        tries.scheduled,
        tries.busy,
        tries.other,
        tries.token,
        uncertain,
        reason,
    ])?;
    Ok(())
}

/// Puts new parts in the place of this one; those behind it and the first text stay.
fn recut(tx: &Connection, at: Moment, held: &Held, messages: &[Message]) -> Result<(), Failure> {
    if messages.is_empty() {
        return Err(Failure::conflict("a message cannot be cut into no part at all"));
    }
    let stored: String = tx
        .prepare_cached("SELECT parts FROM message WHERE delivery = ?1")?
        .query_row([held.id], |row| row.get(0))?;
    let mut parts = row::parts(&stored)?;
    if held.part >= parts.len() {
        return Err(Failure::conflict("the part that proved too long is not there"));
    }
    parts.splice(held.part..=held.part, messages.iter().cloned());
    tx.prepare_cached(
        "UPDATE message SET rendered = coalesce(rendered, parts), parts = ?2 WHERE delivery = ?1",
    )?
    .execute(params![held.id, serde_json::to_string(&parts)?])?;
    to_part(tx, at, held, held.part, parts.len())
}

/// The lane or destination waits; the delivery is as due as it was and has lost no try.
fn put_back(tx: &Connection, at: Moment, held: &Held, new: &NewPark) -> Result<(), Failure> {
    tx.prepare_cached(
        "UPDATE delivery
         SET due_ms = was_due_ms, lease = NULL, lease_lane = NULL,
             msg_uuid = iif(uncertain, msg_uuid, NULL), reason = ?2
         WHERE id = ?1",
    )?
    .execute(params![held.id, new.cause])?;
    park::set(tx, at, new)
}
