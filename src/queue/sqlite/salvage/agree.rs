//! What of a new database has to be made to agree with the rows that could be read.

use rusqlite::{Connection, params};

use super::super::failure::Failure;
use super::super::packed::Packed;
use super::super::{schema, totals};
use super::rows::LostRow;
use crate::queue::{Summary, stored};

/// Why a delivery of which nothing can be sent is a dead letter.
const NO_MESSAGE: &str = "its message lay on a page of the database that could not be read; replay \
    it: it is rendered anew, if its notification could be read";
const NO_ROW: &str =
    "its row lay on a page of the database that could not be read; nothing else is known of it";
const NO_TARGET: &str =
    "its destination lay on a page of the database that could not be read, and is not known";

/// The title of what cannot be read.
const TITLE: &str = "(could not be read)";

/// Makes dead letters of the queued deliveries that cannot be sent; in words, what is lost.
pub(super) fn stop_unreadable(
    tx: &Connection,
    missing: &[LostRow],
) -> Result<Vec<String>, Failure> {
    make_store(tx)?;
    let mut lost = stand_in_for_rows(tx, missing)?;
    lost.extend(stop(tx, "its destination", NO_TARGET, "target NOT IN (SELECT id FROM target)")?);
    lost.extend(stop(tx, "its message", NO_MESSAGE, "message NOT IN (SELECT id FROM message)")?);
    let sql = "SELECT count(*) FROM delivery
      WHERE state <> 'queued' AND message NOT IN (SELECT id FROM message)";
    lost.extend(counted(number(tx, sql)?, "settled deliveries: their messages"));
    let sql = "SELECT count(*) FROM delivery
      WHERE notification NOT IN (SELECT id FROM notification)";
    lost.extend(counted(number(tx, sql)?, "deliveries: their notifications as they were received"));
    stand_in_for_texts(tx)?;
    Ok(lost)
}

/// What nothing works without, if it could not be read.
fn make_store(tx: &Connection) -> Result<(), Failure> {
    tx.execute_batch(
        "INSERT OR IGNORE INTO store (id, lane_key, boot_id, offset_ms, last_ms, last_delivery)
           SELECT 1, randomblob(32), '', 0, coalesce(max(accepted_ms), 0), coalesce(max(id), 0)
           FROM delivery",
    )?;
    Ok(())
}

/// A dead letter for each queued delivery of which an index alone is left.
fn stand_in_for_rows(tx: &Connection, missing: &[LostRow]) -> Result<Vec<String>, Failure> {
    let mut lost = Vec::new();
    for LostRow { id, target, .. } in missing.iter().filter(|missing| missing.is_queued) {
        tx.execute(
            "INSERT INTO delivery (id, notification, message, target, alert_group, origin, state,
               rank, head, due_ms, was_due_ms, accepted_ms, accepted_wall, settled_ms,
               settled_wall, parts, reason)
             SELECT ?1, 0, 0, ?2, 0, 'notification', 'dead', 0, 0, last_ms, last_ms, last_ms,
               last_ms, last_ms, last_ms, 1, ?3 FROM store",
            params![id, target, NO_ROW],
        )?;
        lost.push(format!("delivery {id} (queued): its row; it is a dead letter now"));
    }
    let settled = missing.iter().filter(|missing| !missing.is_queued).count();
    lost.extend(counted(
        i64::try_from(settled).unwrap_or(i64::MAX),
        "settled deliveries: their rows",
    ));
    Ok(lost)
}

fn counted(number: i64, of: &str) -> Option<String> {
    (number > 0).then(|| format!("{number} {of}"))
}

fn number(tx: &Connection, sql: &str) -> Result<i64, Failure> {
    Ok(tx.query_row(sql, [], |row| row.get(0))?)
}

/// Settles what is queued and lacks something, as when the store was last used.
fn stop(tx: &Connection, what: &str, reason: &str, lacks: &str) -> Result<Vec<String>, Failure> {
    let sql = format!(
        "UPDATE delivery SET state = 'dead', reason = ?1, head = 0, due_ms = was_due_ms,
           lease = NULL, lane = NULL, carried_by = NULL,
           settled_ms = (SELECT last_ms FROM store),
           settled_wall = accepted_wall + (SELECT last_ms FROM store) - accepted_ms
         WHERE state = 'queued' AND {lacks} RETURNING id"
    );
    let mut statement = tx.prepare(&sql)?;
    let stopped = statement.query_map([reason], |row| row.get::<_, i64>(0))?;
    let line = |id| format!("delivery {id} (queued): {what}; it is a dead letter now");
    Ok(stopped.map(|id| id.map(line)).collect::<Result<_, _>>()?)
}

/// Texts in the place of those that could not be read, so that their deliveries are shown.
fn stand_in_for_texts(tx: &Connection) -> Result<(), Failure> {
    // A number that no message of its notification can have becomes the next that one can.
    tx.execute(
        "UPDATE delivery SET message =
           (SELECT coalesce(max(m.id) + 1, delivery.notification * ?1) FROM message m
            WHERE m.id >= delivery.notification * ?1 AND m.id < (delivery.notification + 1) * ?1)
         WHERE message / ?1 <> notification AND message NOT IN (SELECT id FROM message)",
        [schema::MESSAGES],
    )?;
    let summary = stored::summary_to_json(&Summary::default())?;
    let parts = Packed::of(stored::parts_to_json(&[])?);
    tx.execute(
        "INSERT INTO message (id, title, summary, parts)
         SELECT DISTINCT message, ?1, ?2, ?3 FROM delivery
         WHERE message NOT IN (SELECT id FROM message)",
        params![TITLE, summary, parts],
    )?;
    tx.execute(
        "INSERT INTO notification (id, uuid, group_key, deliveries, accepted_ms, states, format,
           payload)
         SELECT notification, '', '', count(*), min(accepted_ms), x'', 'unreadable', ''
         FROM delivery WHERE notification NOT IN (SELECT id FROM notification)
         GROUP BY notification",
        [],
    )?;
    tx.execute(
        "INSERT INTO target (id, receiver, destination)
         SELECT DISTINCT target, ?1, target FROM delivery
         WHERE target NOT IN (SELECT id FROM target)",
        [TITLE],
    )?;
    tx.execute_batch(
        "UPDATE message SET cut_from = NULL WHERE cut_from NOT IN (SELECT id FROM message)",
    )?;
    Ok(())
}

/// Makes numbers and marks agree with the rows that are left.
///
/// A group that no digest carries has one next delivery, its oldest.
pub(super) fn agree(tx: &Connection) -> Result<(), Failure> {
    tx.execute_batch(
        "UPDATE notification SET deliveries =
           (SELECT count(*) FROM delivery WHERE notification = notification.id);
         DELETE FROM notification WHERE deliveries = 0;
         UPDATE delivery SET carried_by = NULL WHERE state = 'queued' AND carried_by IS NOT NULL
           AND carried_by NOT IN (SELECT id FROM delivery WHERE state = 'queued');
         UPDATE delivery SET head = 1 WHERE id IN (
           SELECT min(id) FROM delivery WHERE state = 'queued'
           GROUP BY target, alert_group HAVING max(head) = 0 AND max(carried_by) IS NULL);",
    )?;
    tx.execute(
        "DELETE FROM message WHERE id / ?1 NOT IN (SELECT id FROM notification)
           AND id NOT IN (SELECT message FROM delivery)",
        [schema::MESSAGES],
    )?;
    tx.execute("UPDATE total SET n = 0 WHERE n NOT BETWEEN 0 AND ?1", [totals::MOST])?;
    // What was put off is counted first; what is left over then was lost.
    totals::count_rest(tx)?;
    tx.execute_batch(
        "UPDATE target SET queued =
           (SELECT count(*) FROM delivery WHERE state = 'queued' AND target = target.id);
         INSERT INTO total (kind, word, n) VALUES ('queued', 'bytes',
             (SELECT coalesce(sum(bytes), 0) FROM delivery WHERE state = 'queued'))
           ON CONFLICT DO UPDATE SET n = excluded.n;
         UPDATE store SET
           last_notification =
             max(last_notification, (SELECT coalesce(max(id), 0) FROM notification)),
           last_charge = max(last_charge, (SELECT coalesce(max(id), 0) FROM charge));",
    )?;
    level_totals(tx)
}

/// Makes accepted what was settled and what is queued: what is missing was lost.
fn level_totals(tx: &Connection) -> Result<(), Failure> {
    let sum = "SELECT coalesce(sum(n), 0) FROM total WHERE kind = ?1";
    let total = |kind: &str| tx.query_row(sum, [kind], |row| row.get::<_, i64>(0));
    let queued = number(tx, "SELECT count(*) FROM delivery WHERE state = 'queued'")?;
    let left = total("accepted")? - total("settled")? - queued;
    // More were settled or are queued than were accepted where rows of the totals are lost.
    let (kind, word) = if left < 0 { ("accepted", "notification") } else { ("settled", "dead") };
    tx.execute(
        "INSERT INTO total (kind, word, n) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET n = n + excluded.n",
        params![kind, word, left.abs()],
    )?;
    Ok(())
}
