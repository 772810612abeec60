//! The end of an attempt, and what becomes of its delivery.
//!
//! A lease that ran out and was given again, or whose delivery is settled, no longer decides
//! anything: its answer is recorded with its attempt, its slot counts as ended, and that is all.

use std::time::Duration;

use rusqlite::{OptionalExtension, params};

use super::failure::Failure;
use super::ledger::Ledger;
use super::packed::Packed;
use super::{charge, digest, message, park, quota, row, settle};
use crate::dingtalk::message::Part;
use crate::failpoint;
use crate::queue::store_time::{Moment, millis};
use crate::queue::stored;
use crate::queue::{
    Answered, AttemptResult, Finished, Lease, NewPark, NextStep, Scope, State, Tries,
};

/// The leased row.
struct Leased {
    id: i64,
    target: i64,
    part: usize,
    parts: usize,
    message: i64,
    notification: i64,
    /// When this attempt was due.
    was_due: i64,
}

/// How a part is tried again.
struct Again {
    wait: Duration,
    tries: Tries,
    uncertain: bool,
}

/// Records the answer, frees the slot one `per` from now, and does what `result` says.
pub(super) fn finish(
    ledger: &Ledger,
    at: Moment,
    lease: &Lease,
    result: &AttemptResult,
) -> Result<Finished, Failure> {
    record_answer(ledger, at, lease, result)?;
    let Some(leased) = leased(ledger, lease)? else { return Ok(Finished::AsSaid) };
    match &result.next {
        NextStep::Arrived => {
            arrived(ledger, at, lease, &leased)?;
            Ok(Finished::AsSaid)
        }
        NextStep::Retry { wait, tries, uncertain } => {
            let again = Again { wait: *wait, tries: *tries, uncertain: *uncertain };
            try_again(ledger, at, lease, &leased, &again, &result.answered.words)?;
            Ok(Finished::AsSaid)
        }
        NextStep::Recut(parts) => {
            recut(ledger, at, &leased, parts)?;
            Ok(Finished::AsSaid)
        }
        NextStep::Bury { reason, park } => bury(ledger, at, lease, &leased, reason, park.as_ref()),
        NextStep::GiveUp { reason, too_old } => give_up(ledger, at, &leased, reason, *too_old),
        NextStep::Park(park) => {
            put_back(ledger, at, lease, &leased, park)?;
            Ok(Finished::AsSaid)
        }
    }
}

/// A dead letter, unless only this robot of several is dead, or the account's dead letter is there.
fn bury(
    ledger: &Ledger,
    at: Moment,
    lease: &Lease,
    leased: &Leased,
    reason: &str,
    park: Option<&NewPark>,
) -> Result<Finished, Failure> {
    let Some(park) = park else {
        digest::never_again(ledger, leased.id)?;
        settle::settle(ledger, at, leased.id, State::Dead, reason)?;
        return Ok(Finished::AsSaid);
    };
    if park::has_other_robot(ledger, leased.target, &lease.credentials_hash)? {
        put_back(ledger, at, lease, leased, park)?;
        return Ok(Finished::FailedOver);
    }
    if park.whole_lane && park::is_lane_dead(ledger, &lease.lane)? {
        put_back(ledger, at, lease, leased, park)?;
        return Ok(Finished::Parked);
    }
    settle::settle(ledger, at, leased.id, State::Dead, reason)?;
    park::set(ledger, at, &lease.lane, park)?;
    Ok(Finished::AsSaid)
}

/// A dead letter, though nobody refused what it says.
///
/// What a digest has carried until it was too old goes with it: each would be given up at its next failure,
/// and while a host is down they would use up its few probes, one by one.
fn give_up(
    ledger: &Ledger,
    at: Moment,
    leased: &Leased,
    reason: &str,
    too_old: bool,
) -> Result<Finished, Failure> {
    let carried = if too_old {
        digest::carried(ledger, leased.id)?
    } else {
        digest::not_a_third_time(ledger, leased.id)?;
        Vec::new()
    };
    settle::settle(ledger, at, leased.id, State::Dead, reason)?;
    for id in &carried {
        settle::settle(ledger, at, *id, State::Dead, reason)?;
    }
    Ok(Finished::GaveUp(carried.len() as u64))
}

fn record_answer(
    ledger: &Ledger,
    at: Moment,
    lease: &Lease,
    result: &AttemptResult,
) -> Result<(), Failure> {
    let Answered { outcome, code, words, took } = &result.answered;
    let charged: Option<i64> = ledger
        .prepare_cached(
            "UPDATE attempt SET outcome = ?3, code = ?4, words = ?5, took_ms = ?6
             WHERE delivery = ?1 AND number = ?2 RETURNING charge",
        )?
        .query_row(
            params![lease.delivery.0, lease.attempt, outcome, code, words, millis(*took)],
            |row| row.get(0),
        )
        .optional()?;
    match charged {
        Some(charged) => charge::discharge(ledger, at, charged, result.sent),
        None => Ok(()),
    }
}

fn leased(ledger: &Ledger, lease: &Lease) -> Result<Option<Leased>, Failure> {
    let mut statement = ledger.prepare_cached(
        "SELECT id, target, part, parts, message, notification, was_due_ms FROM delivery
         WHERE id = ?1 AND lease = ?2",
    )?;
    let leased = statement.query_row([lease.delivery.0, lease.attempt], |row| {
        Ok(Leased {
            id: row.get(0)?,
            target: row.get(1)?,
            part: row.get(2)?,
            parts: row.get(3)?,
            message: row.get(4)?,
            notification: row.get(5)?,
            was_due: row.get(6)?,
        })
    });
    Ok(leased.optional()?)
}

fn arrived(ledger: &Ledger, at: Moment, lease: &Lease, leased: &Leased) -> Result<(), Failure> {
    park::clear_after_success(ledger, &lease.lane, leased.target, &lease.credentials_hash)?;
    let quota = ledger.schedule.borrow().quota(leased.target);
    if let Some(quota) = quota {
        quota::count(ledger, at, &quota)?;
    }
    if leased.part + 1 < leased.parts {
        return to_part(ledger, at, leased, leased.part + 1, leased.parts);
    }
    ledger
        .prepare_cached("UPDATE delivery SET part = parts WHERE id = ?1")?
        .execute([leased.id])?;
    settle::settle(ledger, at, leased.id, State::Delivered, "")?;
    // All is written and nothing is committed.
    failpoint::reached("before-settle");
    Ok(())
}

/// Makes a part the current one, due now, with nothing remembered of the one before.
fn to_part(
    ledger: &Ledger,
    at: Moment,
    leased: &Leased,
    part: usize,
    parts: usize,
) -> Result<(), Failure> {
    ledger
        .prepare_cached(
            "UPDATE delivery
         SET part = ?2, parts = ?3, due_ms = ?4, was_due_ms = ?4, lease = NULL, lane = NULL,
             msg_uuid = NULL, uncertain = 0, scheduled = 0, busy = 0, other = 0, token = 0,
             reason = ''
         WHERE id = ?1",
        )?
        .execute(params![leased.id, part, parts, at.ms()])?;
    ledger.touch(leased.target);
    Ok(())
}

/// The part waits. If it was a probe, that told nothing about the destination: the others of it wait as
/// well. Where another robot lives, nothing waits for the dead one, and the part is as due as it was.
fn try_again(
    ledger: &Ledger,
    at: Moment,
    lease: &Lease,
    leased: &Leased,
    again: &Again,
    reason: &str,
) -> Result<(), Failure> {
    let (target, credentials_hash) = (leased.target, &lease.credentials_hash);
    let until = at.after(again.wait);
    let leaves = lease.probe && park::leaves_to_another(ledger, target, credentials_hash)?;
    let due = if leaves { leased.was_due } else { until };
    if lease.probe {
        park::put_off(ledger, target, credentials_hash, until)?;
    }
    retry(ledger, leased, due, again, reason, leaves)
}

/// The part is due again; it stays on its robot while the outcome is unknown, unless it leaves to another.
fn retry(
    ledger: &Ledger,
    leased: &Leased,
    due: i64,
    again: &Again,
    reason: &str,
    leaves: bool,
) -> Result<(), Failure> {
    let Again { tries, uncertain, .. } = again;
    ledger
        .prepare_cached(
            "UPDATE delivery
         SET due_ms = ?2, was_due_ms = ?2, lease = NULL,
             lane = iif((uncertain OR ?7) AND NOT ?9, lane, NULL),
             scheduled = ?3, busy = ?4, other = ?5, token = ?6,
             uncertain = uncertain OR ?7, msg_uuid = iif(uncertain OR ?7, msg_uuid, NULL),
             reason = ?8
         WHERE id = ?1",
        )?
        .execute(params![
            leased.id,
            due,
            tries.scheduled,
            tries.busy,
            tries.other,
            tries.token,
            uncertain,
            reason,
            leaves,
        ])?;
    ledger.touch(leased.target);
    Ok(())
}

/// Puts new parts in the place of this one; those behind it and the first text stay.
fn recut(ledger: &Ledger, at: Moment, leased: &Leased, new: &[Part]) -> Result<(), Failure> {
    if new.is_empty() {
        return Err(Failure::conflict("a message cannot be cut into no part at all"));
    }
    let (stored, first): (Packed, i64) = ledger
        .prepare_cached("SELECT parts, coalesce(cut_from, id) FROM message WHERE id = ?1")?
        .query_row([leased.message], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut parts = row::parts(stored)?;
    if leased.part >= parts.len() {
        return Err(Failure::conflict("the part that proved too long is not there"));
    }
    parts.splice(leased.part..=leased.part, new.iter().cloned());
    let packed = Packed::of(stored::parts_to_json(&parts)?);
    // Every column of a message that is not named here is lost.
    let id = message::next_id(ledger, leased.notification)?;
    ledger
        .prepare_cached(
            "INSERT INTO message (id, cut_from, title, render_error, summary, parts)
             SELECT ?2, ?3, title, render_error, summary, ?4 FROM message WHERE id = ?1",
        )?
        .execute(params![leased.message, id, first, packed])?;
    ledger
        .prepare_cached("UPDATE delivery SET message = ?2 WHERE id = ?1")?
        .execute([leased.id, id])?;
    to_part(ledger, at, leased, leased.part, parts.len())
}

/// The lane or destination waits; the delivery is as due as it was and has lost no try.
fn put_back(
    ledger: &Ledger,
    at: Moment,
    lease: &Lease,
    leased: &Leased,
    new: &NewPark,
) -> Result<(), Failure> {
    ledger
        .prepare_cached(
            "UPDATE delivery
         SET due_ms = was_due_ms, lease = NULL, lane = iif(uncertain AND ?3, lane, NULL),
             msg_uuid = iif(uncertain, msg_uuid, NULL), reason = ?2
         WHERE id = ?1",
        )?
        .execute(params![leased.id, new.cause, matches!(new.scope, Scope::Lane(_))])?;
    ledger.touch(leased.target);
    // Other destinations wait for a dead account only where a dead letter says that it is dead: a robot
    // whose work goes to another makes none.
    let whole_lane = new.whole_lane && park::is_lane_dead(ledger, &lease.lane)?;
    park::set(ledger, at, &lease.lane, &NewPark { whole_lane, ..new.clone() })
}
