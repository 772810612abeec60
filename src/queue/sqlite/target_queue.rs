//! What a target has queued, as one of its lanes sees it.
//!
//! Every query reads a bounded number of rows, however many are queued: a first delivery for each
//! kind and rank, and as many rows as the lane has slots.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::failure::Failure;
use super::ledger::Ledger;
use super::park;
use super::schedule::{First, Kind, TargetQueue};
use crate::queue::fold::FULL_GROUPS;
use crate::queue::store_time::millis;
use crate::queue::{LaneTarget, RateBudget, turn};

/// The target's queue, for the lane of this budget.
pub(super) fn read(
    ledger: &Ledger,
    lane: &str,
    budget: RateBudget,
    target_id: i64,
    target: &LaneTarget,
) -> Result<TargetQueue, Failure> {
    let parked = park::parked_until(ledger, target_id, &target.credentials_hash)?;
    let mut queue = TargetQueue::default();
    // The least that a damaged row can say, so that it is found.
    let mut from = (i64::MIN, i64::MIN);
    while let Some(head) = next_first(ledger, lane, target_id, from)? {
        from = (i64::from(head.kind.code()), i64::from(head.rank) + 1);
        queue.firsts.push(head.first(parked, target.folds));
    }
    // What waits for a dead destination is neither counted nor folded.
    if parked.is_none() && !queue.firsts.is_empty() {
        let groups = ledger.heads.borrow().groups(target_id);
        queue.parts = parts(ledger, target_id, groups, budget.slots.saturating_add(1))?;
        queue.is_full = target.folds && groups >= FULL_GROUPS && is_full(ledger, target_id)?;
    }
    Ok(queue)
}

/// The first delivery of a kind and rank.
struct Head {
    id: i64,
    rank: u8,
    due_at: i64,
    kind: Kind,
}

impl Head {
    fn first(&self, parked: Option<i64>, folds: bool) -> First {
        let Self { id, rank, due_at, kind } = *self;
        let kind =
            if kind == Kind::Fresh && (parked.is_some() || !folds) { Kind::Single } else { kind };
        First {
            id,
            due_at,
            turn: due_at.saturating_add(millis(turn::yields(rank))),
            not_before: parked.map_or(due_at, |until| until.max(due_at)),
            kind,
            probe: parked.is_some(),
        }
    }
}

/// The head of a target that is due first in the first kind and rank from these on, of those that
/// this lane may send; found by the index `delivery_head`.
pub(super) const NEXT_FIRST: &str = "SELECT id, kind, rank, due_ms
  FROM delivery WHERE target = ?1 AND head = 1 AND (kind, rank) >= (?2, ?3)
    AND (lane IS NULL OR lane = ?4 OR instr(?5, lane) = 0)
  ORDER BY kind, rank, due_ms, id LIMIT 1";

fn next_first(
    ledger: &Ledger,
    lane: &str,
    target_id: i64,
    (kind, rank): (i64, i64),
) -> Result<Option<Head>, Failure> {
    let mut statement = ledger.prepare_cached(NEXT_FIRST)?;
    let others = ledger.schedule.borrow().other_lanes(lane, target_id);
    let found = statement.query_row(params![target_id, kind, rank, lane, others], head);
    Ok(found.optional()?)
}

fn head(row: &Row<'_>) -> rusqlite::Result<Head> {
    let kind = Kind::of_code(row.get(1)?);
    Ok(Head { id: row.get(0)?, kind, rank: row.get(2)?, due_at: row.get(3)? })
}

/// The parts of the groups' next deliveries, of so many groups.
pub(super) const PARTS_OF_HEADS: &str = "SELECT coalesce(sum(n), 0) FROM
  (SELECT min(parts - part, ?2) AS n FROM delivery WHERE target = ?1 AND head = 1 LIMIT ?2)";

/// The parts of what waits behind them, of so many deliveries.
pub(super) const PARTS_WAITING: &str = "SELECT coalesce(sum(n), 0) FROM
  (SELECT min(parts, ?2) AS n FROM delivery INDEXED BY delivery_waiting
   WHERE target = ?1 AND head = 0 AND state = 'queued' AND carried_by IS NULL LIMIT ?2)";

/// How many parts are queued, counted up to `most`.
fn parts(tx: &Connection, target_id: i64, groups: usize, most: u32) -> Result<u32, Failure> {
    // Each of the groups has a part to send.
    if groups >= most as usize {
        return Ok(most);
    }
    let count = |sql: &str| -> Result<u32, Failure> {
        Ok(tx.prepare_cached(sql)?.query_row(params![target_id, most], |row| row.get(0))?)
    };
    let heads = count(PARTS_OF_HEADS)?;
    let waiting = if heads < most { count(PARTS_WAITING)? } else { 0 };
    Ok(heads.saturating_add(waiting).min(most))
}

/// The groups that may fold, up to a bound.
pub(super) const FRESH_GROUPS: &str = "SELECT count(*) FROM
  (SELECT 1 FROM delivery WHERE target = ?1 AND head = 1 AND kind = 1 LIMIT ?2)";

fn is_full(tx: &Connection, target_id: i64) -> Result<bool, Failure> {
    let mut statement = tx.prepare_cached(FRESH_GROUPS)?;
    let fresh: usize = statement.query_row(params![target_id, FULL_GROUPS], |row| row.get(0))?;
    Ok(fresh >= FULL_GROUPS)
}
