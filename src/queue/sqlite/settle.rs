//! The end of a delivery, and the next one of its group.

use rusqlite::{Connection, OptionalExtension, params};

use super::failure::Failure;
use super::ledger::Ledger;
use crate::queue::delivery::State;
use crate::queue::store_time::Moment;

/// Settles a queued delivery: its state, the totals and the group's next head, all at once.
pub(super) fn settle(
    ledger: &Ledger,
    at: Moment,
    id: i64,
    state: State,
    reason: &str,
) -> Result<(), Failure> {
    let (target, group): (i64, i64) = ledger
        .prepare_cached(
            "UPDATE delivery
             SET state = ?2, reason = ?3, settled_ms = ?4, settled_wall = ?5,
                 head = 0, due_ms = was_due_ms, lease = NULL, lease_lane = NULL
             WHERE id = ?1 RETURNING target, alert_group",
        )?
        .query_row(params![id, state.as_str(), reason, at.ms(), at.wall_ms()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    ledger.totals.borrow_mut().settled(target, state);
    ledger.touch(target);
    mark_head(ledger, target, group)
}

/// Marks the group's oldest queued delivery as the one that is next.
fn mark_head(tx: &Connection, target: i64, group: i64) -> Result<(), Failure> {
    if let Some(head) = head(tx, target, group)? {
        tx.prepare_cached("UPDATE delivery SET head = 1 WHERE id = ?1 AND head = 0")?
            .execute([head])?;
    }
    Ok(())
}

/// The group's oldest queued delivery.
pub(super) const HEAD: &str = "SELECT id FROM delivery
  WHERE target = ?1 AND alert_group = ?2 AND state = 'queued' AND carried_by IS NULL
  ORDER BY id LIMIT 1";

/// The group's oldest queued delivery.
pub(super) fn head(tx: &Connection, target: i64, group: i64) -> Result<Option<i64>, Failure> {
    let mut statement = tx.prepare_cached(HEAD)?;
    Ok(statement.query_row([target, group], |row| row.get(0)).optional()?)
}
