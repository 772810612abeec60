//! The end of waiting for a destination that is dead, or that nobody names any more.

use std::collections::HashSet;
use std::time::Duration;

use rusqlite::{Connection, params};

use super::failure::Failure;
use super::ledger::Ledger;
use super::settle;
use super::step::Step;
use crate::queue::store_time::Moment;
use crate::queue::{State, Target};

/// The most deliveries of one step.
const ROWS: usize = 100;

/// The reason of what waited for a destination that is gone.
const REMOVED: &str = "its destination is no longer in the configuration; add it again under the \
                       same receiver and name, then replay this delivery";

/// A destination that its queue waits for in vain.
struct Hopeless {
    target: i64,
    reason: String,
}

/// One step: buries some deliveries that were accepted longer than `max_age` ago.
pub(super) fn expire(
    ledger: &Ledger,
    at: Moment,
    known: &HashSet<Target>,
    max_age: Duration,
) -> Result<Step, Failure> {
    let before = at.before(max_age);
    let mut buried = 0;
    // What the commands before have counted decides who has a queue.
    ledger.write_totals()?;
    for hopeless in hopeless(ledger, known)? {
        for id in old(ledger, at, hopeless.target, before, ROWS - buried)? {
            settle::settle(ledger, at, id, State::Dead, &hopeless.reason)?;
            buried += 1;
        }
    }
    ledger.write_totals()?;
    forget_parks(ledger, known)?;
    Ok(Step { done: buried, is_last: buried < ROWS })
}

fn hopeless(tx: &Connection, known: &HashSet<Target>) -> Result<Vec<Hopeless>, Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT id, receiver, destination, cause FROM target
         LEFT JOIN dead_target ON dead_target.target = target.id
         WHERE queued > 0",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let name = Target { receiver: row.get(1)?, destination: row.get(2)? };
        let cause: Option<String> = row.get(3)?;
        let reason = if known.contains(&name) { cause } else { Some(REMOVED.to_owned()) };
        if let Some(reason) = reason {
            found.push(Hopeless { target: row.get(0)?, reason });
        }
    }
    Ok(found)
}

/// The oldest queued deliveries of a target that are old enough and not being sent.
fn old(
    tx: &Connection,
    at: Moment,
    target: i64,
    before: i64,
    limit: usize,
) -> Result<Vec<i64>, Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT id, accepted_ms, lease IS NOT NULL AND due_ms > ?2 FROM delivery
         WHERE target = ?1 AND state = 'queued' AND carried_by IS NULL ORDER BY id",
    )?;
    let mut rows = statement.query(params![target, at.ms()])?;
    let mut old = Vec::new();
    while let Some(row) = rows.next()? {
        // Ids grow with the time of acceptance: behind the first young one all are young.
        if old.len() >= limit || row.get::<_, i64>(1)? > before {
            break;
        }
        if !row.get::<_, bool>(2)? {
            old.push(row.get(0)?);
        }
    }
    Ok(old)
}

/// A park of a destination that is gone, and for which nothing waits, is nobody's concern.
fn forget_parks(tx: &Connection, known: &HashSet<Target>) -> Result<(), Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT DISTINCT target.id, receiver, destination FROM destination_park
         JOIN target ON target.id = destination_park.target WHERE queued = 0",
    )?;
    let mut rows = statement.query([])?;
    let mut gone = Vec::new();
    while let Some(row) = rows.next()? {
        let name = Target { receiver: row.get(1)?, destination: row.get(2)? };
        if !known.contains(&name) {
            gone.push(row.get::<_, i64>(0)?);
        }
    }
    for target in gone {
        tx.execute("DELETE FROM destination_park WHERE target = ?1", [target])?;
    }
    Ok(())
}
