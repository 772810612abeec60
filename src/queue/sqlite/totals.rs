//! The totals, written once for all commands of a transaction.
//!
//! A command's counts stand apart until the command is done, so that those of a refused command
//! are dropped with its rows.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::failure::Failure;
use crate::queue::delivery::{Origin, State};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Counter {
    /// Deliveries created, by origin.
    Accepted(Origin),
    /// Deliveries settled, by how.
    Settled(State),
    /// Deliveries queued, by their target's number.
    Queued(i64),
}

/// Counts that are not written yet.
#[derive(Debug, Default)]
pub(super) struct Totals {
    counts: BTreeMap<Counter, i64>,
    /// Those of the command that runs.
    command: Vec<(Counter, i64)>,
}

impl Totals {
    /// A delivery was created.
    pub(super) fn accepted(&mut self, target: i64, origin: Origin) {
        self.command.extend([(Counter::Accepted(origin), 1), (Counter::Queued(target), 1)]);
    }

    /// A queued delivery was settled.
    pub(super) fn settled(&mut self, target: i64, state: State) {
        self.command.extend([(Counter::Settled(state), 1), (Counter::Queued(target), -1)]);
    }

    /// The command that runs is done.
    pub(super) fn keep(&mut self) {
        for (counter, n) in self.command.drain(..) {
            *self.counts.entry(counter).or_default() += n;
        }
    }

    /// The command that runs was refused.
    pub(super) fn drop_command(&mut self) {
        self.command.clear();
    }

    /// The transaction was rolled back.
    pub(super) fn clear(&mut self) {
        self.command.clear();
        self.counts.clear();
    }

    /// Adds all of them to their rows, also those of the command that runs.
    pub(super) fn write(&mut self, tx: &Connection) -> Result<(), Failure> {
        self.keep();
        for (counter, n) in std::mem::take(&mut self.counts) {
            match counter {
                Counter::Accepted(origin) => add(tx, "accepted", origin.as_str(), n)?,
                Counter::Settled(state) => add(tx, "settled", state.as_str(), n)?,
                Counter::Queued(target) => add_queued(tx, target, n)?,
            }
        }
        Ok(())
    }
}

/// Rows of totals are never deleted.
fn add(tx: &Connection, kind: &str, word: &str, n: i64) -> Result<(), Failure> {
    tx.prepare_cached(
        "INSERT INTO total (kind, word, n) VALUES (?1, ?2, ?3)
         ON CONFLICT (kind, word) DO UPDATE SET n = n + excluded.n",
    )?
    .execute(params![kind, word, n])?;
    Ok(())
}

fn add_queued(tx: &Connection, target: i64, n: i64) -> Result<(), Failure> {
    if n != 0 {
        tx.prepare_cached("UPDATE target SET queued = queued + ?2 WHERE id = ?1")?
            .execute([target, n])?;
    }
    Ok(())
}
