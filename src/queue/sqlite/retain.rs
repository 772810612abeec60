//! Deleting what was settled long ago. Totals stay as they are.

use std::time::Duration;

use rusqlite::{Connection, params};

use super::failure::Failure;
use crate::queue::delivery::State;
use crate::queue::steady::Moment;

/// States of groups, slots and due throttles older than this decide nothing any more; the longest
/// window for duplicates is an hour.
const A_DAY: Duration = Duration::from_hours(24);

/// Deletes at most `limit` settled deliveries with their messages and attempts; how many.
pub(super) fn retain(
    tx: &Connection,
    at: Moment,
    delivered: Duration,
    dead: Duration,
    limit: usize,
) -> Result<usize, Failure> {
    let mut deleted = 0;
    for state in State::ALL {
        let age = match state {
            State::Queued => continue,
            State::Delivered | State::Folded => delivered,
            State::Dead | State::Discarded => dead,
        };
        for id in settled(tx, state, at.before(age), limit - deleted)? {
            delete(tx, id)?;
            deleted += 1;
        }
    }
    if deleted < limit {
        forget(tx, at.before(A_DAY))?;
    }
    Ok(deleted)
}

fn settled(tx: &Connection, state: State, before: i64, limit: usize) -> Result<Vec<i64>, Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT id FROM delivery WHERE state = ?1 AND settled_ms < ?2
         ORDER BY settled_ms LIMIT ?3",
    )?;
    let ids = statement.query_map(params![state.as_str(), before, limit], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

fn delete(tx: &Connection, id: i64) -> Result<(), Failure> {
    for sql in [
        "DELETE FROM message WHERE delivery = ?1",
        "DELETE FROM attempt WHERE delivery = ?1",
        "DELETE FROM delivery WHERE id = ?1",
    ] {
        tx.prepare_cached(sql)?.execute([id])?;
    }
    Ok(())
}

/// The small rows that no delivery needs any more.
fn forget(tx: &Connection, before: i64) -> Result<(), Failure> {
    for sql in [
        "DELETE FROM accepted_state WHERE accepted_ms < ?1",
        "DELETE FROM charge WHERE from_ms < ?1 AND from_ms + per_ms < ?1",
        "DELETE FROM lane_park WHERE until_ms < ?1",
    ] {
        tx.execute(sql, [before])?;
    }
    tx.execute(
        "DELETE FROM target WHERE queued = 0
           AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.target = target.id)
           AND NOT EXISTS (SELECT 1 FROM destination_park p WHERE p.target = target.id)",
        [],
    )?;
    Ok(())
}
