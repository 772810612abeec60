//! Deliveries, as people read them.
//!
//! A text that is no JSON, or of another version, is told with its delivery and hides no other one.

use std::fmt::Display;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::failure::Failure;
use super::packed::Packed;
use super::row;
use crate::dingtalk::message::Part;
use crate::queue::store_time::Moment;
use crate::queue::stored;
use crate::queue::{
    Answered, Attempt, Delivery, DeliveryId, Detail, Filter, QueueError, RawPayload, Received,
    State, Summary, Target,
};

/// Rows where the filter names no limit.
const USUAL: usize = 100;
/// The most rows of one read, so that it ends soon.
const MOST: usize = 500;

/// The most characters about a text that cannot be read, which an error may quote whole.
const MOST_WORDS: usize = 200;

/// A queued delivery of a dead destination waits for what its destination waits for. Of a group's key,
/// which can be as long as a payload, the beginning is shown.
const DELIVERY: &str =
    "SELECT d.id, n.uuid, d.origin, t.receiver, t.destination, substr(n.group_key, 1, 1000),
    d.state, d.attempts,
    CASE WHEN d.state <> 'queued' OR d.lease IS NOT NULL THEN d.reason
      WHEN d.carried_by IS NOT NULL THEN 'waits for digest ' || d.carried_by || ', which shows it'
      WHEN p.cause IS NULL AND d.head = 0 THEN 'waits for an earlier message of its group'
      ELSE coalesce(p.cause, d.reason) END,
    d.accepted_wall, d.settled_wall,
    iif(d.lease IS NULL, max(d.due_ms, coalesce(p.until_ms, d.due_ms)), d.was_due_ms),
    d.parts, d.part, m.title, d.replay_of, d.carried_by, m.summary, m.render_error
  FROM delivery d JOIN target t ON t.id = d.target
  JOIN notification n ON n.id = d.notification JOIN message m ON m.id = d.message
  LEFT JOIN dead_target p ON p.target = d.target WHERE d.id = ?1";

/// The newest deliveries that the filter lets through.
pub(super) fn list(tx: &Connection, at: Moment, filter: &Filter) -> Result<Vec<Delivery>, Failure> {
    let limit = if filter.limit == 0 { USUAL } else { filter.limit.min(MOST) };
    let found = ids(tx, filter, limit)?.into_iter().map(|id| {
        read(tx, at, id)?.ok_or_else(|| {
            Failure::Missing(format!("what belongs to delivery {id} is not found in the database"))
        })
    });
    found.collect()
}

/// One delivery with its parts and attempts; of very many attempts, the newest.
pub(super) fn show(tx: &Connection, at: Moment, id: DeliveryId) -> Result<Option<Detail>, Failure> {
    let Some(mut delivery) = read(tx, at, id.0)? else { return Ok(None) };
    let (message, first): (i64, i64) = tx.query_row(
        "SELECT message.id, coalesce(cut_from, message.id) FROM message
         JOIN delivery ON delivery.message = message.id WHERE delivery.id = ?1",
        [id.0],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let mut read_parts = |message, what| -> Result<Vec<Part>, Failure> {
        Ok(parts(packed_parts(tx, message)?).unwrap_or_else(|why| {
            delivery.unreadable.push(format!("its stored {what} {why}"));
            Vec::new()
        }))
    };
    let parts = read_parts(message, "message")?;
    let rendered =
        if first == message { parts.clone() } else { read_parts(first, "first message")? };
    let attempts = attempts(tx, id)?;
    Ok(Some(Detail { delivery, rendered, parts, attempts }))
}

/// The notification that a delivery was made of.
pub(super) fn received(tx: &Connection, id: DeliveryId) -> Result<Option<Received>, Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT n.uuid, t.receiver, t.destination, n.format, n.payload FROM delivery d
         JOIN notification n ON n.id = d.notification JOIN target t ON t.id = d.target
         WHERE d.id = ?1",
    )?;
    let found = statement.query_row([id.0], |row| {
        let target = Target { receiver: row.get(1)?, destination: row.get(2)? };
        Ok((row.get(0)?, target, row.get::<_, String>(3)?, row.get::<_, Packed>(4)?))
    });
    let Some((notification, target, format, packed)) = found.optional()? else { return Ok(None) };
    let payload = RawPayload { format: format.into(), bytes: packed.unpack()? };
    Ok(Some(Received { notification, target, payload }))
}

fn packed_parts(tx: &Connection, message: i64) -> Result<Packed, Failure> {
    let mut statement = tx.prepare_cached("SELECT parts FROM message WHERE id = ?1")?;
    Ok(statement.query_row([message], |row| row.get(0))?)
}

/// The parts of a stored message, or why they cannot be read.
pub(super) fn parts(packed: Packed) -> Result<Vec<Part>, String> {
    stored::from_json(&unpacked(packed)?).map_err(|error| unreadable(&error))
}

/// A stored summary, or why it cannot be read.
pub(super) fn summary(json: &str) -> Result<Summary, String> {
    stored::from_json(json.as_bytes()).map_err(|error| unreadable(&error))
}

/// A stored text, or why it cannot be read.
pub(super) fn unpacked(packed: Packed) -> Result<Vec<u8>, String> {
    packed.unpack().map_err(|failure| {
        if let Failure::Refused(QueueError::Broken(words)) = &failure {
            return unreadable(words);
        }
        unreadable(&failure.damage())
    })
}

/// Why something cannot be read, in words that are not longer than a person reads.
pub(super) fn unreadable(error: &impl Display) -> String {
    let words: String = error.to_string().chars().take(MOST_WORDS).collect();
    format!("cannot be read: {words}")
}

/// The ids, newest first. Each combination of target and state has an ordered index of its own;
/// the newest of all of them are the newest of their newest.
fn ids(tx: &Connection, filter: &Filter, limit: usize) -> Result<Vec<i64>, Failure> {
    let after = filter.after.map_or(i64::MAX, |id| id.0);
    let by_name = filter.receiver.is_some() || filter.destination.is_some();
    let settled = filter.state.filter(|state| *state != State::Queued);
    if let (false, Some(state)) = (by_name, settled) {
        let wanted = params![after, limit, state.as_str()];
        return newest(tx, "id < ?1 AND state = ?3 AND settled_ms IS NOT NULL", wanted);
    }
    if !by_name && filter.state.is_none() {
        return newest(tx, "id < ?1", params![after, limit]);
    }
    let states = filter.state.map_or_else(|| State::ALL.to_vec(), |state| vec![state]);
    let mut ids = Vec::new();
    for target in targets(tx, filter)? {
        for state in &states {
            ids.extend(newest_of(tx, target, *state, after, limit)?);
        }
    }
    ids.sort_unstable_by(|one, other| other.cmp(one));
    ids.truncate(limit);
    Ok(ids)
}

/// The newest of one target in one state.
fn newest_of(
    tx: &Connection,
    target: i64,
    state: State,
    after: i64,
    limit: usize,
) -> Result<Vec<i64>, Failure> {
    if state == State::Queued {
        let wanted = "id < ?1 AND target = ?3 AND state = 'queued'";
        return newest(tx, wanted, params![after, limit, target]);
    }
    let wanted = "id < ?1 AND target = ?3 AND state = ?4 AND settled_ms IS NOT NULL";
    newest(tx, wanted, params![after, limit, target, state.as_str()])
}

fn newest(
    tx: &Connection,
    wanted: &str,
    values: &[&dyn rusqlite::ToSql],
) -> Result<Vec<i64>, Failure> {
    let sql = format!("SELECT id FROM delivery WHERE {wanted} ORDER BY id DESC LIMIT ?2");
    let mut statement = tx.prepare_cached(&sql)?;
    let ids = statement.query_map(values, |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// The targets that the filter names; of all, those that have a queue.
fn targets(tx: &Connection, filter: &Filter) -> Result<Vec<i64>, Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT target FROM backlog
         WHERE (?1 IS NULL OR receiver = ?1) AND (?2 IS NULL OR destination = ?2)
           AND (?3 IS NOT 'queued' OR queued > 0)",
    )?;
    let state = filter.state.map(State::as_str);
    let wanted = params![filter.receiver, filter.destination, state];
    let found = statement.query_map(wanted, |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn read(tx: &Connection, at: Moment, id: i64) -> Result<Option<Delivery>, Failure> {
    let mut statement = tx.prepare_cached(DELIVERY)?;
    let found = statement.query_row([id], |row| delivery(row, at)).optional()?;
    let Some((mut delivery, json)) = found else { return Ok(None) };
    match summary(&json) {
        Ok(summary) => delivery.summary = summary,
        Err(why) => delivery.unreadable.push(format!("its stored summary {why}")),
    }
    Ok(Some(delivery))
}

/// The delivery, and its summary, still as JSON.
fn delivery(row: &Row<'_>, at: Moment) -> rusqlite::Result<(Delivery, String)> {
    let state = row::state(row, 6)?;
    let due_at = if state == State::Queued { Some(at.wall(row.get(11)?)) } else { None };
    let settled: Option<i64> = row.get(10)?;
    let delivery = Delivery {
        id: DeliveryId(row.get(0)?),
        notification: row.get(1)?,
        origin: row::origin(row, 2)?,
        target: Target { receiver: row.get(3)?, destination: row.get(4)? },
        group: row.get(5)?,
        state,
        attempts: row.get(7)?,
        reason: row.get(8)?,
        unreadable: Vec::new(),
        accepted_at: row::wall(row, 9)?,
        settled_at: settled.map(|_| row::wall(row, 10)).transpose()?,
        due_at,
        parts: row.get(12)?,
        arrived: row.get(13)?,
        title: row.get(14)?,
        replay_of: row.get::<_, Option<i64>>(15)?.map(DeliveryId),
        carried_by: row.get::<_, Option<i64>>(16)?.map(DeliveryId),
        summary: Summary::default(),
        render_error: row.get(18)?,
    };
    Ok((delivery, row.get(17)?))
}

fn attempts(tx: &Connection, id: DeliveryId) -> Result<Vec<Attempt>, Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT part, started_wall, outcome, code, words, took_ms FROM attempt
         WHERE delivery = ?1 ORDER BY number DESC LIMIT ?2",
    )?;
    let attempts = statement.query_map(params![id.0, MOST], attempt)?;
    let mut attempts: Vec<_> = attempts.collect::<Result<_, _>>()?;
    attempts.reverse();
    Ok(attempts)
}

fn attempt(row: &Row<'_>) -> rusqlite::Result<Attempt> {
    let outcome: Option<String> = row.get(2)?;
    let (code, words, took) = (row.get(3)?, row.get(4)?, row.get(5)?);
    let took = Duration::from_millis(took);
    let answered = outcome.map(|outcome| Answered { outcome, code, words, took });
    Ok(Attempt { part: row.get(0)?, started_at: row::wall(row, 1)?, answered })
}
