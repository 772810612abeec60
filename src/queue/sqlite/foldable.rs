//! What may be folded now: read for a lane, which writes the digest of it.

use rusqlite::{Connection, OptionalExtension, params};

use super::failure::Failure;
use super::packed::Packed;
use super::row;
use crate::queue::fold::{MOST_GROUPS, MOST_ROWS};
use crate::queue::store_time::{Moment, millis};
use crate::queue::{DeliveryId, Foldable, FoldableDelivery, Target, stored, turn};

/// The next delivery of a group.
struct Head {
    turn: i64,
    id: i64,
    group: i64,
}

/// The groups of a destination of which nothing was attempted, in the order of their turns, each with
/// what waits behind its next delivery.
pub(super) fn foldable(tx: &Connection, at: Moment, of: &Target) -> Result<Foldable, Failure> {
    let sql = "SELECT id FROM target WHERE receiver = ?1 AND destination = ?2";
    let name = [&of.receiver, &of.destination];
    let target: Option<i64> =
        tx.prepare_cached(sql)?.query_row(name, |row| row.get(0)).optional()?;
    let Some(target) = target else { return Ok(Foldable::default()) };
    let mut foldable = Foldable::default();
    let mut left = MOST_ROWS;
    for head in heads(tx, target)? {
        if left == 0 {
            break;
        }
        let mut ids = vec![head.id];
        ids.extend(waiting(tx, target, head.group, left - 1)?);
        left -= ids.len();
        let group = readable(tx, at, &ids)?;
        if group.is_empty() {
            foldable.unreadable = Some(DeliveryId(head.id));
        } else {
            foldable.groups.push(group);
        }
    }
    if let [group] = foldable.groups.as_slice()
        && let Some(newest) = group.last()
    {
        foldable.newest = row::parts(parts(tx, newest.id)?)?;
    }
    Ok(foldable)
}

/// The deliveries of a group up to the first whose message cannot be read, in the order in which their
/// states were received: a replay is of the state that its dead letter told.
fn readable(tx: &Connection, at: Moment, ids: &[i64]) -> Result<Vec<FoldableDelivery>, Failure> {
    let mut group = Vec::with_capacity(ids.len());
    for id in ids {
        match delivery(tx, at, *id) {
            Ok(delivery) => group.push(delivery),
            Err(Failure::Refused(_)) => break,
            Err(failure) => return Err(failure),
        }
    }
    group.sort_by_key(|(notification, _)| *notification);
    Ok(group.into_iter().map(|(_, delivery)| delivery).collect())
}

/// The next rank that has a next delivery which may fold.
const RANK: &str = "SELECT rank FROM delivery
  WHERE target = ?1 AND head = 1 AND kind = 1 AND rank >= ?2 ORDER BY rank LIMIT 1";

/// The next deliveries of a rank that may fold.
pub(super) const OF_RANK: &str = "SELECT id, alert_group, due_ms FROM delivery
  WHERE target = ?1 AND head = 1 AND kind = 1 AND rank = ?2
  ORDER BY due_ms, id LIMIT ?3";

fn heads(tx: &Connection, target: i64) -> Result<Vec<Head>, Failure> {
    let mut heads = Vec::new();
    let mut least: i64 = 0;
    loop {
        let mut statement = tx.prepare_cached(RANK)?;
        let rank = statement.query_row([target, least], |row| row.get::<_, u8>(0)).optional()?;
        let Some(rank) = rank else { break };
        let yields = millis(turn::yields(rank));
        let mut statement = tx.prepare_cached(OF_RANK)?;
        let found = statement.query_map(params![target, rank, MOST_GROUPS], |row| {
            let due_ms: i64 = row.get(2)?;
            let turn = due_ms.saturating_add(yields);
            Ok(Head { turn, id: row.get(0)?, group: row.get(1)? })
        })?;
        for head in found {
            heads.push(head?);
        }
        least = i64::from(rank) + 1;
    }
    heads.sort_unstable_by_key(|head| (head.turn, head.id));
    heads.truncate(MOST_GROUPS);
    Ok(heads)
}

/// What waits behind the next delivery of a group, up to the first that may not fold.
fn waiting(tx: &Connection, target: i64, group: i64, most: usize) -> Result<Vec<i64>, Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT id, kind = 1 FROM delivery
         WHERE target = ?1 AND alert_group = ?2 AND head = 0 AND state = 'queued'
           AND carried_by IS NULL
         ORDER BY id LIMIT ?3",
    )?;
    let mut rows = statement.query(params![target, group, most])?;
    let mut ids = Vec::new();
    while let Some(row) = rows.next()? {
        if !row.get::<_, bool>(1)? {
            break;
        }
        ids.push(row.get(0)?);
    }
    Ok(ids)
}

/// A delivery with the number of its notification.
fn delivery(tx: &Connection, at: Moment, id: i64) -> Result<(i64, FoldableDelivery), Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT m.summary, m.parts, d.accepted_ms, d.notification
         FROM delivery d JOIN message m ON m.id = d.message WHERE d.id = ?1",
    )?;
    let (summary, packed, accepted, notification): (String, Packed, i64, i64) = statement
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let first = row::parts(packed)?.into_iter().next();
    let delivery = FoldableDelivery {
        id: DeliveryId(id),
        summary: stored::from_json(summary.as_bytes())?,
        at: first.map(|part| part.at).unwrap_or_default(),
        accepted_at: at.wall(accepted),
    };
    Ok((notification, delivery))
}

fn parts(tx: &Connection, id: DeliveryId) -> Result<Packed, Failure> {
    let sql = "SELECT m.parts FROM delivery d JOIN message m ON m.id = d.message WHERE d.id = ?1";
    Ok(tx.prepare_cached(sql)?.query_row([id.0], |row| row.get(0))?)
}
