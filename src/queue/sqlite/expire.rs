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

/// Deliveries of one target whose time is over.
#[derive(Default)]
struct Old {
    ids: Vec<i64>,
    /// Whether the last of them is a digest, which sets free what it carries.
    ends_with_digest: bool,
}

/// One step: buries some deliveries that were accepted longer than `max_age` ago.
pub(super) fn expire(
    ledger: &Ledger,
    at: Moment,
    known: &HashSet<Target>,
    max_age: Duration,
) -> Result<Step, Failure> {
    let before = at.before(max_age);
    let (mut buried, mut is_last) = (0, true);
    // What the commands before have counted decides who has a queue.
    ledger.write_totals()?;
    for hopeless in hopeless(ledger, known)? {
        let old = old(ledger, at, hopeless.target, before, ROWS - buried)?;
        for id in &old.ids {
            settle::settle(ledger, at, *id, State::Dead, &hopeless.reason)?;
        }
        buried += old.ids.len();
        if old.ends_with_digest || buried >= ROWS {
            is_last = false;
            break;
        }
    }
    ledger.write_totals()?;
    forget_parks(ledger, known)?;
    Ok(Step { done: buried, is_last })
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
///
/// A digest was made later than what it carries was accepted. So the oldest of that stands for it, and what
/// is free then comes with the next step: a step with many digests would keep others waiting.
fn old(
    tx: &Connection,
    at: Moment,
    target: i64,
    before: i64,
    limit: usize,
) -> Result<Old, Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT sent.id, waiting.accepted_ms, sent.lease IS NOT NULL AND sent.due_ms > ?2,
           waiting.carried_by IS NOT NULL
         FROM delivery waiting
         CROSS JOIN delivery sent ON sent.id = coalesce(waiting.carried_by, waiting.id)
         WHERE waiting.target = ?1 AND waiting.state = 'queued' ORDER BY waiting.id",
    )?;
    let mut rows = statement.query(params![target, at.ms()])?;
    let mut old = Old::default();
    while let Some(row) = rows.next()? {
        // Ids grow with the time of acceptance: behind the first young one all are young.
        let is_young = row.get::<_, i64>(1)? > before;
        if is_young || old.ends_with_digest || old.ids.len() >= limit {
            break;
        }
        if !row.get::<_, bool>(2)? {
            old.ids.push(row.get(0)?);
            old.ends_with_digest = row.get(3)?;
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
