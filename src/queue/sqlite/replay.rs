//! What a person does with a delivery: send a dead letter again, or give one up.

use rusqlite::{Connection, OptionalExtension, params};

use super::accept::{self, ReplaySource};
use super::failure::Failure;
use super::ledger::Ledger;
use super::message::{self, MessageRow, QueuedMessage};
use super::{digest, park, row, settle};
use crate::queue::store_time::Moment;
use crate::queue::{DeliveryId, NewMessage, QueueError, State};

/// What decides whether it can be done, and what a replay is made of.
struct Replayable {
    state: State,
    source: ReplaySource,
    message: QueuedMessage,
    /// The end of its lease, if it has one.
    leased: Option<i64>,
    /// The digest that carries it.
    carried_by: Option<i64>,
}

/// A message that was rendered anew, in the form of its row.
pub(super) struct Anew {
    /// The row.
    pub(super) row: MessageRow,
    /// How severe it is.
    pub(super) rank: u8,
}

impl Anew {
    /// The row of a message.
    pub(super) fn of(message: &NewMessage) -> Result<Self, Failure> {
        let row = MessageRow::of(message)?;
        Ok(Self { row, rank: message.rank })
    }
}

/// Makes a new delivery of a dead letter, from its first part; its destination probes at once.
///
/// The message is the one that was sent last, or `anew`.
pub(super) fn replay(
    ledger: &Ledger,
    at: Moment,
    id: DeliveryId,
    anew: Option<&Anew>,
) -> Result<DeliveryId, Failure> {
    let Replayable { state, source, mut message, .. } = find(ledger, id)?;
    if state != State::Dead {
        return Err(Failure::Refused(QueueError::not_dead(id, state)));
    }
    if digest::is_digest(source.alert_group) {
        let words = format!("delivery {id} is a digest; what it showed goes out by itself again");
        return Err(Failure::conflict(words));
    }
    if let Some(anew) = anew {
        let number = message::next_id(ledger, source.notification)?;
        anew.row.insert(ledger, number)?;
        let (parts, bytes) = (anew.row.parts(), anew.row.bytes());
        message = QueuedMessage { number, rank: anew.rank, parts, bytes };
    }
    let new = accept::replay(ledger, at, &source, &message)?;
    park::probe_now(ledger, at, source.target)?;
    Ok(DeliveryId(new))
}

/// Settles a queued delivery, or marks a dead letter, whose total stays with the dead.
pub(super) fn discard(ledger: &Ledger, at: Moment, id: DeliveryId) -> Result<(), Failure> {
    let found = find(ledger, id)?;
    match (found.state, found.leased) {
        (State::Queued, Some(end)) if end > at.ms() => {
            let words = format!("delivery {id} is being sent right now; try again in a moment");
            Err(Failure::conflict(words))
        }
        (State::Queued, _) if found.carried_by.is_some() => {
            let digest = found.carried_by.unwrap_or_default();
            let words = format!("digest {digest} shows delivery {id}; discard the digest first");
            Err(Failure::conflict(words))
        }
        (State::Queued, _) => {
            settle::settle(ledger, at, id.0, State::Discarded, "given up by hand")
        }
        (State::Dead, _) => {
            // What a person gave up need not be handed over.
            ledger
                .prepare_cached(
                    "UPDATE delivery SET state = 'discarded', fallback = nullif(fallback, 1)
                     WHERE id = ?1",
                )?
                .execute([id.0])?;
            Ok(())
        }
        (state @ (State::Delivered | State::Folded | State::Discarded), _) => {
            let words = format!(
                "delivery {id} is {}; only a queued delivery or a dead letter can be discarded",
                state.as_str()
            );
            Err(Failure::conflict(words))
        }
    }
}

fn find(tx: &Connection, id: DeliveryId) -> Result<Replayable, Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT state, notification, alert_group, target, message, rank, parts,
           iif(lease IS NULL, NULL, due_ms), carried_by, bytes
         FROM delivery WHERE id = ?1",
    )?;
    let found = statement.query_row(params![id.0], |row| {
        let (notification, alert_group, target) = (row.get(1)?, row.get(2)?, row.get(3)?);
        Ok(Replayable {
            state: row::state(row, 0)?,
            source: ReplaySource { id: id.0, notification, alert_group, target },
            message: QueuedMessage {
                number: row.get(4)?,
                rank: row.get(5)?,
                parts: row.get(6)?,
                bytes: row.get(9)?,
            },
            leased: row.get(7)?,
            carried_by: row.get(8)?,
        })
    });
    found.optional()?.ok_or(Failure::Refused(QueueError::Unknown(id)))
}
