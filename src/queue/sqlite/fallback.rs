//! Handing over what a destination does not take: which deliveries, and the new ones made of them.
//!
//! A delivery is handed over once. It keeps its own state: a dead letter stays one, and what is
//! queued goes on waiting.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::accept::{self, Origins};
use super::failure::Failure;
use super::ledger::Ledger;
use super::message::{MessageRow, QueuedMessage};
use super::packed::Packed;
use super::{message, row};
use crate::queue::store_time::{Moment, millis};
use crate::queue::{
    DeliveryId, FallbackRule, Fallen, Handover, NewMessage, Origin, RawPayload, Received, State,
    Target,
};

/// The most deliveries of a destination that one call looks at; with so many marked, a transaction ends.
const MOST: usize = 500;

/// So many rules are one transaction.
const MOST_RULES: usize = 200;

/// Numbers are given at the commit, and the time is that of the request: within this one that was accepted
/// earlier may have the higher number.
const DISORDER: Duration = Duration::from_mins(1);

/// What came of one target.
struct Marked {
    count: usize,
    /// Whether the next call finds more.
    is_more: bool,
}

/// Marks what is queued and has to be handed over: all that waits for a dead destination, and what
/// waited too long for another. Begins with the rule at `from`; how many rules are done then.
pub(super) fn mark(
    ledger: &Ledger,
    at: Moment,
    rules: &[FallbackRule],
    from: usize,
) -> Result<usize, Failure> {
    let mut all = 0;
    for (done, rule) in rules.iter().enumerate().skip(from).take(MOST_RULES) {
        let (targets, after) = match rule {
            FallbackRule::Destination { target, after } => (vec![ledger.target(target)?], after),
            FallbackRule::Removed { receiver, after } => (removed(ledger, receiver)?, after),
        };
        for target in targets {
            let marked = mark_of(ledger, at, target, *after)?;
            all += marked.count;
            // What was marked is behind the cursor, so that the same rule goes on from there.
            if marked.is_more || (marked.count > 0 && all >= MOST) {
                return Ok(done);
            }
        }
    }
    Ok(rules.len().min(from + MOST_RULES))
}

/// The receiver's destinations that had deliveries once and are not declared any more.
fn removed(ledger: &Ledger, receiver: &str) -> Result<Vec<i64>, Failure> {
    let mut statement = ledger.prepare_cached("SELECT id FROM target WHERE receiver = ?1")?;
    let known = statement.query_map([receiver], |row| row.get(0))?;
    let mut targets: Vec<i64> = known.collect::<Result<_, _>>()?;
    let schedule = ledger.schedule.borrow();
    targets.retain(|target| schedule.has_fallback(*target).is_none());
    Ok(targets)
}

/// Marks what is to be handed over of one target, the oldest first.
///
/// The cursor stays before the first that is too young, so that behind it only so many are looked at; what is
/// older and behind those waits until that one is old, which takes as long as [`DISORDER`] at most.
fn mark_of(
    ledger: &Ledger,
    at: Moment,
    target: i64,
    after: Option<Duration>,
) -> Result<Marked, Failure> {
    let is_dead = is_dead(ledger, target)?;
    let before = if is_dead { Some(at.ms()) } else { after.map(|age| at.before(age)) };
    let Some(before) = before else { return Ok(Marked { count: 0, is_more: false }) };
    let cursor = ledger.marked.borrow().get(&target).copied().unwrap_or_default();
    let waiting = waiting(ledger, target, cursor)?;
    let mut first_young = None;
    let mut count = 0;
    for Waiting { id, accepted, is_marked } in &waiting {
        if *accepted > before.saturating_add(millis(DISORDER)) {
            first_young = first_young.or(Some(*id));
            break;
        }
        if *accepted > before {
            first_young = first_young.or(Some(*id));
        } else if !is_marked {
            ledger.prepare_cached(MARK)?.execute([id])?;
            count += 1;
        }
    }
    let last = waiting.last().map_or(cursor, |last| last.id);
    let next = first_young.map_or(last, |young| young - 1);
    ledger.marked.borrow_mut().insert(target, next);
    Ok(Marked { count, is_more: waiting.len() == MOST && next > cursor })
}

/// A queued delivery.
struct Waiting {
    id: i64,
    accepted: i64,
    is_marked: bool,
}

/// The first of what is queued behind the cursor.
fn waiting(tx: &Connection, target: i64, cursor: i64) -> Result<Vec<Waiting>, Failure> {
    let mut statement = tx.prepare_cached(WAITING)?;
    let waiting = statement.query_map(params![target, cursor, MOST], |row| {
        Ok(Waiting { id: row.get(0)?, accepted: row.get(1)?, is_marked: row.get(2)? })
    })?;
    Ok(waiting.collect::<Result<_, _>>()?)
}

/// Found by the index `delivery_queued`; a digest is not handed over, but what it carries.
pub(super) const WAITING: &str = "SELECT id, accepted_ms, fallback IS NOT NULL FROM delivery
  INDEXED BY delivery_queued
  WHERE target = ?1 AND state = 'queued' AND alert_group >= 0 AND id > ?2 ORDER BY id LIMIT ?3";

const MARK: &str = "UPDATE delivery SET fallback = 1 WHERE id = ?1";

fn is_dead(tx: &Connection, target: i64) -> Result<bool, Failure> {
    let mut statement = tx.prepare_cached("SELECT count(*) FROM dead_target WHERE target = ?1")?;
    Ok(statement.query_row([target], |row| row.get::<_, u32>(0))? > 0)
}

/// The oldest that are marked; found by the index `delivery_fallback`. What has arrived since it was
/// marked, or was given up, need not be told.
pub(super) const DUE: &str =
    "SELECT d.id, coalesce(nullif(d.reason, ''), p.cause, ''), d.accepted_ms,
    d.state, n.uuid, t.receiver, t.destination, n.format, n.payload, d.replay_of
  FROM delivery d JOIN notification n ON n.id = d.notification JOIN target t ON t.id = d.target
  LEFT JOIN dead_target p ON p.target = d.target
  WHERE d.fallback = 1 AND d.state IN ('queued', 'dead') ORDER BY d.id LIMIT ?1";

/// What is to be handed over, the oldest first.
pub(super) fn due(tx: &Connection, at: Moment, most: usize) -> Result<Vec<Fallen>, Failure> {
    let mut statement = tx.prepare_cached(DUE)?;
    let mut rows = statement.query([most])?;
    let mut due = Vec::new();
    while let Some(row) = rows.next()? {
        let packed: Packed = row.get(8)?;
        let mut fallen = fallen(row, at)?;
        // What cannot be read is empty, and no notification is made of it.
        fallen.received.payload.bytes = packed.unpack().unwrap_or_default();
        due.push(fallen);
    }
    Ok(due)
}

fn fallen(row: &Row<'_>, at: Moment) -> rusqlite::Result<Fallen> {
    let payload = RawPayload { format: row.get::<_, String>(7)?.into(), bytes: Vec::new() };
    let target = Target { receiver: row.get(5)?, destination: row.get(6)? };
    Ok(Fallen {
        id: DeliveryId(row.get(0)?),
        reason: row.get(1)?,
        age: at.since(row.get(2)?),
        is_dead: row::state(row, 3)? != State::Queued,
        replay_of: row.get::<_, Option<i64>>(9)?.map(DeliveryId),
        received: Received { notification: row.get(4)?, target, payload },
    })
}

/// The new deliveries in the form of their rows.
pub(super) struct Rows {
    handover: Handover,
    messages: Vec<(MessageRow, u8)>,
}

impl Rows {
    pub(super) fn of(handover: Handover) -> Result<Self, Failure> {
        let row = |message: &Arc<NewMessage>| Ok((MessageRow::of(message)?, message.rank));
        let messages = handover.messages.iter().map(row).collect::<Result<_, Failure>>()?;
        Ok(Self { handover, messages })
    }
}

/// Makes the deliveries that tell another receiver, unless it was told already or need not be.
pub(super) fn hand_over(
    ledger: &Ledger,
    at: Moment,
    rows: &Rows,
) -> Result<Vec<DeliveryId>, Failure> {
    let Handover { of, receiver, deliveries, .. } = &rows.handover;
    let Some((notification, group)) = take(ledger, *of)? else { return Ok(Vec::new()) };
    let mut numbers = Vec::with_capacity(rows.messages.len());
    for (row, _) in &rows.messages {
        let number = message::next_id(ledger, notification)?;
        row.insert(ledger, number)?;
        numbers.push(number);
    }
    let origins = Origins {
        notification,
        origin: Origin::Fallback,
        alert_group: accept::alert_group(receiver, &group),
        replay_of: Some(of.0),
    };
    let mut ids = Vec::with_capacity(deliveries.len());
    for delivery in deliveries {
        let (Some(number), Some((row, rank))) =
            (numbers.get(delivery.message), rows.messages.get(delivery.message))
        else {
            return Err(Failure::conflict("a delivery has no message to send"));
        };
        let (number, rank) = (*number, *rank);
        let message = QueuedMessage { number, rank, parts: row.parts(), bytes: row.bytes() };
        let target = ledger.target(&delivery.target)?;
        ids.push(DeliveryId(accept::insert(ledger, at, &origins, target, &message)?));
    }
    ledger
        .prepare_cached("UPDATE notification SET deliveries = deliveries + ?2 WHERE id = ?1")?
        .execute(params![notification, ids.len()])?;
    Ok(ids)
}

/// The delivery's notification and group key, if it still has to be handed over; now it is.
fn take(tx: &Connection, of: DeliveryId) -> Result<Option<(i64, String)>, Failure> {
    let marked = tx
        .prepare_cached(
            "UPDATE delivery SET fallback = 2
             WHERE id = ?1 AND fallback = 1 AND state IN ('queued', 'dead')",
        )?
        .execute([of.0])?;
    if marked == 0 {
        return Ok(None);
    }
    let mut statement = tx.prepare_cached(
        "SELECT n.id, n.group_key FROM delivery d JOIN notification n ON n.id = d.notification
         WHERE d.id = ?1",
    )?;
    Ok(statement.query_row([of.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::Store;
    use crate::queue::sqlite::tests::{accepted, opened};

    #[tokio::test]
    async fn what_is_settled_leaves_the_index_of_what_falls() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("campana.db");
        accepted(&path, 2).await;
        let (store, now) = opened(&path);
        let target = Target { receiver: "ops".into(), destination: "a".into() };
        let rule = FallbackRule::Destination { target, after: Some(Duration::ZERO) };
        store.mark_fallen(vec![rule], now).await.expect("they are marked");
        store.discard(DeliveryId(1), now).await.expect("it is queued");
        let marked = store.read(now, |tx, _| {
            let sql = "SELECT count(*) FROM delivery WHERE fallback = 1";
            Ok(tx.query_row(sql, [], |row| row.get::<_, i64>(0))?)
        });
        assert_eq!(marked.await, Ok(1));
    }
}
