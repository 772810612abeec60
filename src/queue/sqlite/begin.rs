//! The start of a process on its store: what happens once at each opening, in one transaction.
//!
//! The process before may have been killed in the middle of anything. Its leases are void, and an
//! attempt that was under way has an unknown outcome: the part keeps its `msgUuid`, so that
//! DingTalk can tell that it is the same message.

use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::failure::Failure;
use super::{group_states, lease, schema, totals};
use crate::clock::Now;
use crate::queue::QueueError;
use crate::queue::store_time::{Line, Moment};

/// What stays the same while a process has its store open.
#[derive(Debug, Clone)]
pub(super) struct Life {
    /// The boot of the machine.
    boot_id: String,
    /// The steady time.
    pub(super) line: Line,
    /// The key of lanes and credentials.
    pub(super) lane_key: [u8; 32],
}

/// Brings the tables up to date, goes on with the time line, and voids the leases of the process
/// before.
pub(super) fn begin(
    connection: &Connection,
    version: usize,
    boot_id: &str,
    now: Now,
) -> Result<Life, Failure> {
    let tx = connection.unchecked_transaction()?;
    schema::migrate(&tx, version)?;
    // Numbers that no store can have fail here, and not at the first notification.
    tx.execute(
        "UPDATE store SET offset_ms = offset_ms, last_ms = last_ms, last_charge = last_charge,
           last_notification = last_notification, last_delivery = last_delivery",
        [],
    )?;
    totals::count_rest(&tx)?;
    totals::check(&tx)?;
    let line = continue_line(&tx, boot_id, now)?;
    let at = line.at(now);
    void_leases(&tx)?;
    // A dead destination gets one probe at each start: the person who mended it may have restarted
    // us. A throttled lane waits on, since DingTalk still counts.
    tx.execute("UPDATE destination_park SET until_ms = min(until_ms, ?1)", [at.ms()])?;
    write_states(&tx)?;
    let lane_key = lane_key(&tx)?;
    tx.commit()?;
    Ok(Life { boot_id: boot_id.to_owned(), line, lane_key })
}

/// Goes on with a database that took the place of a damaged one within the same process, whose time
/// line and key stay; so do its leases, since their attempts are under way.
pub(super) fn go_on(connection: &Connection, life: &Life) -> Result<(), Failure> {
    let Life { boot_id, line, lane_key } = life;
    let tx = connection.unchecked_transaction()?;
    tx.execute(
        "UPDATE store SET lane_key = ?1, boot_id = ?2, offset_ms = ?3",
        params![lane_key, boot_id, line.offset],
    )?;
    write_states(&tx)?;
    tx.commit()?;
    Ok(())
}

/// Writes the states of groups that were in memory only.
fn write_states(tx: &Connection) -> Result<(), Failure> {
    let first = tx.query_row("SELECT states_from FROM store", [], |row| row.get(0))?;
    group_states::write_from(tx, first)
}

fn continue_line(tx: &Connection, boot_id: &str, now: Now) -> Result<Line, Failure> {
    let stored = tx
        .query_row("SELECT boot_id, offset_ms, last_ms FROM store", [], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
        })
        .optional()?;
    let line = match stored {
        None => {
            let line = Line::new_boot(0, now);
            make_store(tx, boot_id, line, line.at(now))?;
            line
        }
        Some((id, offset, last)) if is_same_boot(&id, boot_id, offset, last, now) => {
            Line::same_boot(offset)
        }
        Some((_, _, last)) => {
            let line = Line::new_boot(last, now);
            reboot(tx, boot_id, line, line.at(now), last)?;
            line
        }
    };
    Ok(line)
}

/// Whether the boot clock went on since the store was last used.
///
/// A system that cannot tell its boots apart is taken for rebooted, and so is a machine that was
/// restored from a snapshot: it has the old boot id and a clock that shows the past, and on that line
/// all that waits would wait for as long as the clock went back, too.
fn is_same_boot(stored_id: &str, boot_id: &str, offset: i64, last: i64, now: Now) -> bool {
    let went_on = Line::same_boot(offset).at(now).ms() >= last;
    stored_id == boot_id && !boot_id.is_empty() && went_on
}

fn make_store(tx: &Connection, boot_id: &str, line: Line, at: Moment) -> Result<(), Failure> {
    // A version 4 UUID has 122 random bits from the system's generator; two of them are the key.
    let key = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat();
    tx.execute(
        "INSERT OR IGNORE INTO store (id, lane_key, boot_id, offset_ms, last_ms)
         VALUES (1, ?1, ?2, ?3, ?4)",
        params![key, boot_id, line.offset, at.ms()],
    )?;
    Ok(())
}

/// How long the machine was off is not known for sure, so a slot that was taken when the store was
/// last used counts as taken at this start.
fn reboot(
    tx: &Connection,
    boot_id: &str,
    line: Line,
    at: Moment,
    last: i64,
) -> Result<(), Failure> {
    tx.execute(
        "UPDATE store SET boot_id = ?1, offset_ms = ?2, last_ms = ?3",
        params![boot_id, line.offset, at.ms()],
    )?;
    tx.execute(
        "UPDATE charge
         SET from_ms = ?1 + CASE ended WHEN 0 THEN from_ms - started_ms ELSE 0 END, started_ms = ?1
         WHERE from_ms + per_ms > ?2",
        params![at.ms(), last],
    )?;
    Ok(())
}

fn void_leases(tx: &Connection) -> Result<(), Failure> {
    tx.execute(
        "UPDATE attempt SET outcome = ?1,
           words = 'campana ended during this attempt; whether it arrived is not known'
         WHERE outcome IS NULL AND (delivery, number) IN
           (SELECT id, lease FROM delivery WHERE lease IS NOT NULL)",
        [lease::UNKNOWN],
    )?;
    tx.execute(
        "UPDATE delivery SET uncertain = 1, due_ms = was_due_ms, lease = NULL
         WHERE lease IS NOT NULL",
        [],
    )?;
    Ok(())
}

fn lane_key(tx: &Connection) -> Result<[u8; 32], Failure> {
    let key: Vec<u8> = tx.query_row("SELECT lane_key FROM store", [], |row| row.get(0))?;
    <[u8; 32]>::try_from(key).map_err(|key| {
        let words = format!("the lane key has {} bytes and not 32", key.len());
        Failure::Refused(QueueError::Broken(words))
    })
}
