//! What a person does with a delivery: send a dead letter again, or give one up.

use rusqlite::{Connection, OptionalExtension, params};

use super::failure::Failure;
use super::{accept, row, settle};
use crate::queue::QueueError;
use crate::queue::delivery::{DeliveryId, Origin, State};
use crate::queue::steady::Moment;

/// What decides whether it can be done.
struct Found {
    state: State,
    target: i64,
    group: String,
    /// The end of its lease, if it has one.
    leased: Option<i64>,
}

/// Makes a new delivery of a dead letter, from its first part; its destination probes at once.
pub(super) fn replay(tx: &Connection, at: Moment, id: DeliveryId) -> Result<DeliveryId, Failure> {
    let found = find(tx, id)?;
    if found.state != State::Dead {
        return Err(refused(id, found.state, "only a dead letter can be replayed"));
    }
    let head = settle::head(tx, found.target, &found.group)?.is_none();
    tx.prepare_cached(
        "INSERT INTO delivery (notification, origin, target, grp, head, due_ms, was_due_ms,
           accepted_ms, accepted_wall, parts, title, summary, render_error, replay_of)
         SELECT notification, ?2, target, grp, ?3, ?4, ?4, ?4, ?5, parts, title, summary,
           render_error, id
         FROM delivery WHERE id = ?1",
    )?
    .execute(params![id.0, Origin::Replay.as_str(), head, at.ms(), at.wall_ms()])?;
    let new = tx.last_insert_rowid();
    tx.prepare_cached(
        "INSERT INTO message (delivery, parts, rendered)
         SELECT ?2, parts, rendered FROM message WHERE delivery = ?1",
    )?
    .execute([id.0, new])?;
    accept::count(tx, found.target, Origin::Replay)?;
    tx.prepare_cached(
        "UPDATE destination_park SET until_ms = min(until_ms, ?2) WHERE target = ?1",
    )?
    .execute([found.target, at.ms()])?;
    Ok(DeliveryId(new))
}

/// Settles a queued delivery, or marks a dead letter, whose total stays with the dead.
pub(super) fn discard(tx: &Connection, at: Moment, id: DeliveryId) -> Result<(), Failure> {
    let found = find(tx, id)?;
    match (found.state, found.leased) {
        (State::Queued, Some(end)) if end > at.ms() => {
            let words = format!("delivery {id} is being sent right now; try again in a moment");
            Err(Failure::conflict(words))
        }
        (State::Queued, _) => settle::settle(tx, at, id.0, State::Discarded, "given up by hand"),
        (State::Dead, _) => {
            tx.prepare_cached("UPDATE delivery SET state = 'discarded' WHERE id = ?1")?
                .execute([id.0])?;
            Ok(())
        }
        (state @ (State::Delivered | State::Folded | State::Discarded), _) => {
            Err(refused(id, state, "only a queued delivery or a dead letter can be discarded"))
        }
    }
}

fn refused(id: DeliveryId, state: State, rule: &str) -> Failure {
    Failure::conflict(format!("delivery {id} is {}; {rule}", state.as_str()))
}

fn find(tx: &Connection, id: DeliveryId) -> Result<Found, Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT state, target, grp, iif(lease IS NULL, NULL, due_ms) FROM delivery WHERE id = ?1",
    )?;
    let found = statement.query_row([id.0], |row| {
        let (target, group, leased) = (row.get(1)?, row.get(2)?, row.get(3)?);
        Ok(Found { state: row::state(row, 0)?, target, group, leased })
    });
    found.optional()?.ok_or(Failure::Refused(QueueError::Unknown(id)))
}
