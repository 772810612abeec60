//! Deleting what was settled long ago. Totals stay as they are.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::failure::Failure;
use super::ledger::Ledger;
use super::step::Step;
use super::{quota, schema, sender_state};
use crate::queue::State;
use crate::queue::store_time::Moment;

/// Slots and due throttles older than this decide nothing any more, and no state of a group is forgotten
/// sooner: the longest window for duplicates is a day.
const A_DAY: Duration = Duration::from_hours(24);

/// The most deliveries of one step; each has rows and entries of indexes on some ten pages.
const ROWS: usize = 64;

/// The most pages that one step frees, besides those of its last notification: 1 MiB. Long texts lie
/// in chains of pages, and each of them is read.
const FREED: u64 = 256;

/// How many slots one step deletes, and how many states of groups one round looks at.
const SWEEP: usize = 2_000;

/// One step: deletes some settled deliveries with what belongs to them or, once there are none, small
/// rows that no delivery needs.
pub(super) fn retain(
    ledger: &Ledger,
    at: Moment,
    delivered: Duration,
    dead: Duration,
) -> Result<Step, Failure> {
    let (before, mut deleted) = (free_pages(ledger)?, 0);
    for state in State::ALL {
        let age = match state {
            State::Queued => continue,
            State::Delivered | State::Folded => delivered,
            State::Dead | State::Discarded => dead,
        };
        for (id, notification) in settled(ledger, state, at.before(age), ROWS - deleted)? {
            if !ledger.states.borrow_mut().write_before_deletion(ledger, notification)? {
                return Ok(Step { done: deleted, is_last: false });
            }
            delete(ledger, id, notification)?;
            deleted += 1;
            if free_pages(ledger)?.saturating_sub(before) >= FREED {
                return Ok(Step { done: deleted, is_last: false });
            }
        }
    }
    if deleted > 0 {
        return Ok(Step { done: deleted, is_last: false });
    }
    let is_last = forget_slots(ledger, at.before(A_DAY))? < SWEEP;
    if is_last {
        // As long as one can see what a receiver was told, it is known whether that fired.
        forget_states(ledger, at.before(delivered.max(A_DAY)))?;
        forget(ledger, at.before(A_DAY))?;
        quota::forget(ledger, at)?;
        sender_state::forget(ledger, sender_state::MOST)?;
    }
    Ok(Step { done: 0, is_last })
}

/// Pages that are free in the database.
fn free_pages(tx: &Connection) -> Result<u64, Failure> {
    let mut pragma = tx.prepare_cached("PRAGMA freelist_count")?;
    Ok(pragma.query_row([], |row| row.get(0))?)
}

/// Those of the state that were settled first, before that time; found by the index
/// `delivery_retained`.
pub(super) const SETTLED: &str = "SELECT id, notification FROM delivery
  INDEXED BY delivery_retained
  WHERE state = ?1 AND settled_ms < ?2 AND settled_ms IS NOT NULL ORDER BY settled_ms LIMIT ?3";

fn settled(
    tx: &Connection,
    state: State,
    before: i64,
    most: usize,
) -> Result<Vec<(i64, i64)>, Failure> {
    let mut statement = tx.prepare_cached(SETTLED)?;
    let rows = statement
        .query_map(params![state.as_str(), before, most], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn delete(ledger: &Ledger, id: i64, notification: i64) -> Result<(), Failure> {
    for sql in ["DELETE FROM attempt WHERE delivery = ?1", "DELETE FROM delivery WHERE id = ?1"] {
        ledger.prepare_cached(sql)?.execute([id])?;
    }
    leave(ledger, notification)
}

/// A notification goes, with its messages, when the last of its deliveries goes.
fn leave(ledger: &Ledger, notification: i64) -> Result<(), Failure> {
    let left: Option<i64> = ledger
        .prepare_cached(
            "UPDATE notification SET deliveries = deliveries - 1 WHERE id = ?1
             RETURNING deliveries",
        )?
        .query_row([notification], |row| row.get(0))
        .optional()?;
    if left.is_some_and(|left| left > 0) {
        return Ok(());
    }
    let first = notification * schema::MESSAGES;
    ledger
        .prepare_cached("DELETE FROM message WHERE id >= ?1 AND id < ?2")?
        .execute([first, first + schema::MESSAGES])?;
    ledger.prepare_cached("DELETE FROM notification WHERE id = ?1")?.execute([notification])?;
    Ok(())
}

/// Slots are taken in the order of their numbers, so the oldest stand first.
fn forget_slots(tx: &Connection, before: i64) -> Result<usize, Failure> {
    let mut statement = tx.prepare_cached(
        "DELETE FROM charge WHERE from_ms < ?1 AND from_ms + per_ms < ?1
           AND id IN (SELECT id FROM charge ORDER BY id LIMIT ?2)",
    )?;
    Ok(statement.execute(params![before, SWEEP])?)
}

/// The small rows that no delivery needs any more.
fn forget(ledger: &Ledger, before: i64) -> Result<(), Failure> {
    ledger.execute("DELETE FROM lane_park WHERE until_ms < ?1", [before])?;
    ledger.write_totals()?;
    let gone = ledger.execute(
        "DELETE FROM target WHERE queued = 0
           AND NOT EXISTS (SELECT 1 FROM delivery
                           WHERE delivery.target = target.id AND state = 'queued')
           AND NOT EXISTS (SELECT 1 FROM delivery
                           WHERE delivery.target = target.id AND settled_ms IS NOT NULL)
           AND NOT EXISTS (SELECT 1 FROM destination_park p WHERE p.target = target.id)",
        [],
    )?;
    if gone > 0 {
        ledger.forget_targets()?;
    }
    Ok(())
}

/// Each round looks at the next states; no index on their age has to be kept for it.
fn forget_states(ledger: &Ledger, before: i64) -> Result<(), Failure> {
    let from = ledger.swept.get();
    let last: Option<i64> = ledger.query_row(
        "SELECT max(alert_group) FROM (SELECT alert_group FROM group_state
           WHERE alert_group > ?1 ORDER BY alert_group LIMIT ?2)",
        params![from, SWEEP],
        |row| row.get(0),
    )?;
    if let Some(last) = last {
        ledger.execute(
            "DELETE FROM group_state
             WHERE alert_group > ?1 AND alert_group <= ?2 AND accepted_ms < ?3",
            params![from, last, before],
        )?;
    }
    ledger.swept.set(last.unwrap_or(i64::MIN));
    Ok(())
}
