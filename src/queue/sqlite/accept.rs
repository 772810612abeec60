//! Taking a notification in: whether it is a duplicate, and its deliveries.

use rusqlite::{Connection, OptionalExtension, params};

use super::failure::Failure;
use super::{row, settle};
use crate::queue::delivery::{Accept, Accepted, DeliveryId, NewDelivery, Origin, ReceiverShare};
use crate::queue::steady::{Moment, millis};

/// Stores the deliveries of every share that is no duplicate.
///
/// The state that duplicates are known by is read and written here, within the transaction, so two
/// equal notifications in one batch are told apart too.
pub(super) fn accept(tx: &Connection, at: Moment, accept: &Accept) -> Result<Accepted, Failure> {
    let mut accepted = Accepted { deliveries: Vec::new(), duplicate_of: None, duplicates: 0 };
    for share in accept.shares.iter().filter(|share| !share.deliveries.is_empty()) {
        if let Some(earlier) = duplicate_of(tx, at, share)? {
            accepted.duplicates += 1;
            accepted.duplicate_of = Some(earlier);
            continue;
        }
        remember(tx, at, share, &accept.notification)?;
        for delivery in &share.deliveries {
            let id = insert(tx, at, &accept.notification, &share.group, delivery)?;
            accepted.deliveries.push(id);
        }
    }
    if !accepted.deliveries.is_empty() {
        accepted.duplicate_of = None;
    }
    Ok(accepted)
}

/// The earlier notification, if the group's last accepted state is this one and is recent.
fn duplicate_of(
    tx: &Connection,
    at: Moment,
    share: &ReceiverShare,
) -> Result<Option<String>, Failure> {
    let after = at.ms() - millis(share.window);
    let found = tx
        .prepare_cached(
            "SELECT notification FROM accepted_state
             WHERE receiver = ?1 AND grp = ?2 AND state = ?3 AND accepted_ms > ?4",
        )?
        .query_row(params![share.receiver, share.group, share.state, after], |row| row.get(0));
    Ok(found.optional()?)
}

fn remember(
    tx: &Connection,
    at: Moment,
    share: &ReceiverShare,
    notification: &str,
) -> Result<(), Failure> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO accepted_state (receiver, grp, state, notification, accepted_ms)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![share.receiver, share.group, share.state, notification, at.ms()])?;
    Ok(())
}

fn insert(
    tx: &Connection,
    at: Moment,
    notification: &str,
    group: &str,
    delivery: &NewDelivery,
) -> Result<DeliveryId, Failure> {
    if delivery.parts.is_empty() {
        return Err(Failure::conflict("a delivery has no part to send"));
    }
    let target = row::target_id(tx, &delivery.target)?;
    let head = settle::head(tx, target, group)?.is_none();
    tx.prepare_cached(
        "INSERT INTO delivery (notification, origin, target, grp, head, due_ms, was_due_ms,
           accepted_ms, accepted_wall, parts, title, summary, render_error)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        notification,
        Origin::Notification.as_str(),
        target,
        group,
        head,
        at.ms(),
        at.wall_ms(),
        delivery.parts.len(),
        row::title(&delivery.parts),
        serde_json::to_string(&delivery.summary)?,
        delivery.render_error,
    ])?;
    let id = tx.last_insert_rowid();
    tx.prepare_cached("INSERT INTO message (delivery, parts) VALUES (?1, ?2)")?
        .execute(params![id, serde_json::to_string(&delivery.parts)?])?;
    count(tx, target, Origin::Notification)?;
    Ok(DeliveryId(id))
}

/// Counts a new delivery, in total and as queued.
pub(super) fn count(tx: &Connection, target: i64, origin: Origin) -> Result<(), Failure> {
    tx.prepare_cached("UPDATE target SET queued = queued + 1 WHERE id = ?1")?.execute([target])?;
    row::count(tx, "accepted", origin.as_str())
}
