//! The totals and the backlogs; the cost grows with the destinations and not with the deliveries.

use rusqlite::Connection;

use super::failure::Failure;
use super::{quota, totals};
use crate::queue::store_time::Moment;
use crate::queue::{Backlog, Origin, State, Stats, Target};

/// Totals and what is queued where, as of one moment.
pub(super) fn stats(tx: &Connection, at: Moment) -> Result<Stats, Failure> {
    let backlogs = backlogs(tx, at)?;
    let quotas = quota::used(tx, at)?;
    let mut stats = Stats { backlogs, quotas, ..Stats::default() };
    stats.queued = stats.backlogs.iter().map(|backlog| backlog.queued).sum();
    for origin in Origin::ALL {
        stats.accepted.insert(origin, total(tx, "accepted", origin.as_str())?);
    }
    let uncounted: u64 = tx.prepare_cached(totals::REST)?.query_row([], |row| row.get(0))?;
    *stats.accepted.entry(Origin::Notification).or_default() += uncounted;
    for state in State::ALL.into_iter().filter(|state| *state != State::Queued) {
        stats.settled.insert(state, total(tx, "settled", state.as_str())?);
    }
    Ok(stats)
}

fn total(tx: &Connection, kind: &str, word: &str) -> Result<u64, Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT coalesce((SELECT n FROM total WHERE kind = ?1 AND word = ?2), 0)",
    )?;
    Ok(statement.query_row([kind, word], |row| row.get(0))?)
}

/// The backlogs; the oldest of each is the first by the index `delivery_queued`.
pub(super) const BACKLOGS: &str = "SELECT receiver, destination, queued,
    (SELECT accepted_ms FROM delivery
     WHERE delivery.target = backlog.target AND state = 'queued' ORDER BY delivery.id LIMIT 1)
  FROM backlog WHERE queued <> 0 ORDER BY receiver, destination";

fn backlogs(tx: &Connection, at: Moment) -> Result<Vec<Backlog>, Failure> {
    let mut statement = tx.prepare_cached(BACKLOGS)?;
    let backlogs = statement.query_map([], |row| {
        let target = Target { receiver: row.get(0)?, destination: row.get(1)? };
        let oldest: Option<i64> = row.get(3)?;
        let oldest = oldest.map(|oldest| at.since(oldest)).unwrap_or_default();
        Ok(Backlog { target, queued: row.get(2)?, oldest })
    })?;
    Ok(backlogs.collect::<Result<_, _>>()?)
}
