//! A digest: the delivery that shows others, and what becomes of those it carries.
//!
//! What it carries stays queued and has no next delivery until the digest settles: delivered, they are
//! folded; else they are free again, as old as the first attempt of the first digest that had one. A
//! digest has a notification of its own, so that its message goes with it.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::accept::{self, Origins};
use super::failure::Failure;
use super::group_states;
use super::ledger::{Ledger, next_id};
use super::message::{MessageRow, QueuedMessage};
use super::packed::Packed;
use super::{schema, settle};
use crate::queue::store_time::Moment;
use crate::queue::{DeliveryId, Origin, State};

/// The name of the format of what no sender has sent.
const FORMAT: &str = "digest";

/// A delivery that is to be carried, or is.
struct Carried {
    id: i64,
    target: i64,
    group: i64,
    bytes: i64,
}

/// Makes a digest that carries these deliveries.
pub(super) fn fold(
    ledger: &Ledger,
    at: Moment,
    deliveries: &[DeliveryId],
    row: &MessageRow,
) -> Result<DeliveryId, Failure> {
    let carried = deliveries.iter().map(|id| fresh(ledger, *id)).collect::<Result<Vec<_>, _>>()?;
    let Some(target) = carried.first().map(|(carried, _)| carried.target) else {
        return Err(Failure::conflict("a digest has to carry a delivery"));
    };
    check_groups(target, &carried)?;
    let id = insert(ledger, at, target, row)?;
    for (Carried { id: carried, group, .. }, is_head) in &carried {
        let sql = "UPDATE delivery SET carried_by = ?2, head = 0 WHERE id = ?1";
        ledger.prepare_cached(sql)?.execute([*carried, id])?;
        if *is_head {
            ledger.heads.borrow_mut().carry(target, *group);
        }
    }
    Ok(DeliveryId(id))
}

/// A delivery that may fold, and whether it is the next of its group.
fn fresh(tx: &Connection, id: DeliveryId) -> Result<(Carried, bool), Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT target, alert_group, bytes, head FROM delivery
         WHERE id = ?1 AND state = 'queued' AND kind = 1 AND carried_by IS NULL",
    )?;
    let found = statement.query_row([id.0], |row| {
        let (target, group, bytes) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok((Carried { id: id.0, target, group, bytes }, row.get(3)?))
    });
    found.optional()?.ok_or_else(|| {
        Failure::conflict(format!("delivery {id} can fold no more, or there is none"))
    })
}

/// A digest is for one target, and shows each of its groups from the oldest delivery on.
fn check_groups(target: i64, carried: &[(Carried, bool)]) -> Result<(), Failure> {
    let heads = carried.iter().filter(|(_, is_head)| *is_head);
    let begun: HashSet<i64> = heads.map(|(head, _)| head.group).collect();
    for (one, _) in carried {
        if one.target != target {
            return Err(Failure::conflict("a digest is for one destination"));
        }
        if !begun.contains(&one.group) {
            return Err(Failure::conflict(format!("delivery {} is not the next one", one.id)));
        }
    }
    Ok(())
}

/// The digest's delivery, its message and its notification.
fn insert(ledger: &Ledger, at: Moment, target: i64, row: &MessageRow) -> Result<i64, Failure> {
    let notification = next_id(&ledger.last_ids.notification);
    let number = notification * schema::MESSAGES;
    row.insert(ledger, number)?;
    ledger
        .prepare_cached(
            "INSERT INTO notification
               (id, uuid, group_key, deliveries, accepted_ms, states, format, payload)
             VALUES (?1, ?2, '', 1, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            notification,
            Uuid::new_v4().to_string(),
            at.ms(),
            group_states::to_bytes(&[]),
            FORMAT,
            Packed::of(Vec::new()),
        ])?;
    let origins = Origins {
        notification,
        origin: Origin::Digest,
        alert_group: -notification,
        replay_of: None,
    };
    let message = QueuedMessage { number, rank: 0, parts: row.parts(), bytes: row.bytes() };
    accept::insert(ledger, at, &origins, target, &message)
}

/// Whether a group's number is that of a digest.
pub(super) fn is_digest(group: i64) -> bool {
    group < 0
}

/// A digest has settled: what it carries is folded, or free again.
pub(super) fn settled(ledger: &Ledger, at: Moment, id: i64, state: State) -> Result<(), Failure> {
    let carried = carried_by(ledger, id)?;
    for Carried { id: carried, target, bytes, .. } in &carried {
        if state == State::Delivered {
            ledger
                .prepare_cached(
                    // What a digest has shown need not be handed over.
                    "UPDATE delivery SET state = ?2, settled_ms = ?3, settled_wall = ?4,
                       fallback = nullif(fallback, 1)
                     WHERE id = ?1",
                )?
                .execute(params![carried, State::Folded.as_str(), at.ms(), at.wall_ms()])?;
            ledger.totals.borrow_mut().settled(*target, State::Folded, *bytes);
        } else {
            ledger
                .prepare_cached(
                    "UPDATE delivery SET carried_by = NULL, first_attempt_ms =
                       (SELECT min(coalesce(delivery.first_attempt_ms, digest.first_attempt_ms),
                          coalesce(digest.first_attempt_ms, delivery.first_attempt_ms))
                        FROM delivery digest WHERE digest.id = ?2)
                     WHERE id = ?1",
                )?
                .execute([*carried, id])?;
        }
    }
    for Carried { target, group, .. } in carried {
        ledger.heads.borrow_mut().set_down(target, group);
        settle::next_of_group(ledger, target, group)?;
        ledger.touch(target);
    }
    Ok(())
}

/// What a digest carries folds no more: DingTalk does not take its content.
pub(super) fn never_again(tx: &Connection, id: i64) -> Result<(), Failure> {
    for Carried { id: carried, .. } in carried_by(tx, id)? {
        unfold(tx, carried)?;
    }
    Ok(())
}

/// What a digest carries, and another one before it, folds no more: nobody knows whether DingTalk would
/// take the content, and a third digest would only keep waiting what may arrive as itself.
pub(super) fn not_a_third_time(tx: &Connection, id: i64) -> Result<(), Failure> {
    tx.prepare_cached(
        "UPDATE delivery SET kind = 0
         WHERE state = 'queued' AND carried_by = ?1 AND first_attempt_ms IS NOT NULL",
    )?
    .execute([id])?;
    Ok(())
}

/// The deliveries that a digest carries, the oldest first; none if it is no digest.
pub(super) fn carried(tx: &Connection, id: i64) -> Result<Vec<i64>, Failure> {
    Ok(carried_by(tx, id)?.into_iter().map(|carried| carried.id).collect())
}

/// A delivery goes out as itself from now on.
pub(super) fn unfold(tx: &Connection, id: i64) -> Result<(), Failure> {
    tx.prepare_cached("UPDATE delivery SET kind = 0 WHERE id = ?1")?.execute([id])?;
    Ok(())
}

fn carried_by(tx: &Connection, digest: i64) -> Result<Vec<Carried>, Failure> {
    let mut statement = tx.prepare_cached(CARRIED_BY)?;
    let found = statement.query_map([digest], |row| {
        let (id, target, group, bytes) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        Ok(Carried { id, target, group, bytes })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// What a digest carries; found by the index `delivery_carried`.
pub(super) const CARRIED_BY: &str = "SELECT id, target, alert_group, bytes FROM delivery
  WHERE state = 'queued' AND carried_by = ?1 ORDER BY id";
