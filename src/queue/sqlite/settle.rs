//! The end of a delivery, and the next one of its group.

use rusqlite::{OptionalExtension, params};

use super::digest;
use super::failure::Failure;
use super::ledger::Ledger;
use crate::queue::State;
use crate::queue::store_time::Moment;

/// Settles a queued delivery: its state, the totals and the group's next delivery, all at once.
pub(super) fn settle(
    ledger: &Ledger,
    at: Moment,
    id: i64,
    state: State,
    reason: &str,
) -> Result<(), Failure> {
    let (target, group, was_head, bytes): (i64, i64, bool, i64) = ledger
        .prepare_cached("SELECT target, alert_group, head, bytes FROM delivery WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    // What a digest carried is free again, and is handed over by itself.
    let falls = state == State::Dead && !digest::is_digest(group) && has_fallback(ledger, target)?;
    ledger
        .prepare_cached(
            "UPDATE delivery
             SET state = ?2, reason = ?3, settled_ms = ?4, settled_wall = ?5,
                 head = 0, due_ms = was_due_ms, lease = NULL, lane = NULL,
                 fallback = iif(?2 = 'dead', coalesce(fallback, iif(?6, 1, NULL)),
                   nullif(fallback, 1))
             WHERE id = ?1",
        )?
        .execute(params![id, state.as_str(), reason, at.ms(), at.wall_ms(), falls])?;
    ledger.totals.borrow_mut().settled(target, state, bytes);
    ledger.touch(target);
    if was_head {
        ledger.heads.borrow_mut().remove(target, group);
        next_of_group(ledger, target, group)?;
    }
    if digest::is_digest(group) {
        digest::settled(ledger, at, id, state)?;
    }
    Ok(())
}

/// Whether the target's dead letters are handed over.
///
/// Of one that is not declared any more its receiver decides. If that names no fallback after all, it
/// is said when the dead letter is to be handed over.
fn has_fallback(ledger: &Ledger, target: i64) -> Result<bool, Failure> {
    let declared = ledger.schedule.borrow().has_fallback(target);
    if let Some(has_fallback) = declared {
        return Ok(has_fallback);
    }
    let mut statement = ledger.prepare_cached("SELECT receiver FROM target WHERE id = ?1")?;
    let receiver: Option<String> = statement.query_row([target], |row| row.get(0)).optional()?;
    Ok(receiver.is_some_and(|receiver| ledger.schedule.borrow().may_fall_back(&receiver)))
}

/// Marks the oldest delivery that waits in the group as the one that is next, if it has none.
pub(super) fn next_of_group(ledger: &Ledger, target: i64, group: i64) -> Result<(), Failure> {
    let mut statement = ledger.prepare_cached(NEXT_OF_GROUP)?;
    let next: Option<i64> = statement.query_row([target, group], |row| row.get(0)).optional()?;
    if let Some(next) = next
        && ledger.heads.borrow_mut().add(target, group)
    {
        ledger.prepare_cached("UPDATE delivery SET head = 1 WHERE id = ?1")?.execute([next])?;
    }
    Ok(())
}

/// The oldest delivery that waits behind the group's next one; found by the index
/// `delivery_waiting`.
pub(super) const NEXT_OF_GROUP: &str = "SELECT id FROM delivery
  WHERE target = ?1 AND alert_group = ?2 AND head = 0 AND state = 'queued' AND carried_by IS NULL
  ORDER BY id LIMIT 1";
