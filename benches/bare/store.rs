//! Two rows for each notification, in SQLite, with Campana's group commit.
//!
//! One thread writes. Inserts that wait are done in one transaction, so that one sync of the disk
//! serves all of them; nobody is answered before the commit. Batch, page size, log and checkpoint
//! are those of `src/queue/sqlite`: the two servers pay the same for the disk.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use crate::payload::Payload;

/// The most inserts in one transaction, as in Campana.
const BATCH: usize = 256;

/// Pages in the log that start a checkpoint, as in Campana.
const CHECKPOINT_PAGES: i64 = 2_000;

const SCHEMA: &str = "
CREATE TABLE body (id INTEGER PRIMARY KEY, received BLOB NOT NULL) STRICT;
CREATE TABLE notification (
  id INTEGER PRIMARY KEY,
  group_key TEXT NOT NULL,
  status TEXT NOT NULL,
  receiver TEXT NOT NULL,
  received_ms INTEGER NOT NULL
) STRICT;
";

/// A notification on its way to the disk.
pub(crate) struct Insert {
    /// The body as it was received: the first row.
    pub(crate) body: Bytes,
    /// A few of its fields: the second row.
    pub(crate) payload: Payload,
    /// Takes the row's id once the row is on disk.
    pub(crate) answer: oneshot::Sender<Result<i64, String>>,
}

/// Makes the database and starts the thread that writes.
pub(crate) fn start(database: &Path) -> rusqlite::Result<Sender<Insert>> {
    let connection = Connection::open(database)?;
    connection.pragma_update(None, "page_size", 4096)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.execute_batch(SCHEMA)?;
    let (inserts, queue) = channel();
    thread::spawn(move || run(&connection, &queue));
    Ok(inserts)
}

fn run(connection: &Connection, queue: &Receiver<Insert>) {
    while let Ok(first) = queue.recv() {
        let mut batch = vec![first];
        batch.extend(queue.try_iter().take(BATCH - 1));
        let ids = commit(connection, &batch);
        for (at, insert) in batch.into_iter().enumerate() {
            let id = ids.as_ref().map(|ids| ids[at]).map_err(ToString::to_string);
            // A client that is gone has its rows all the same.
            let _ = insert.answer.send(id);
        }
        // The log is moved after a later batch if this fails; the rows are on disk already.
        let _ = checkpoint(connection);
    }
}

fn commit(connection: &Connection, batch: &[Insert]) -> rusqlite::Result<Vec<i64>> {
    let mut ids = Vec::with_capacity(batch.len());
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let done = batch.iter().try_for_each(|insert| {
        ids.push(write(connection, insert)?);
        Ok(())
    });
    connection.execute_batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    done.map(|()| ids)
}

fn write(connection: &Connection, insert: &Insert) -> rusqlite::Result<i64> {
    let Insert { body, payload, .. } = insert;
    connection
        .prepare_cached("INSERT INTO body (received) VALUES (?1)")?
        .execute([body.as_ref()])?;
    let id = connection.last_insert_rowid();
    connection
        .prepare_cached(
            "INSERT INTO notification (id, group_key, status, receiver, received_ms)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![id, payload.group_key, payload.status, payload.receiver, now_ms()])?;
    Ok(id)
}

/// Moves the log into the database once it has grown; nobody waits for it.
fn checkpoint(connection: &Connection) -> rusqlite::Result<()> {
    if pages_left(connection, "PRAGMA wal_checkpoint(NOOP)")? >= CHECKPOINT_PAGES {
        pages_left(connection, "PRAGMA wal_checkpoint")?;
    }
    Ok(())
}

/// How many pages of the log are not in the database yet.
fn pages_left(connection: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    let mut statement = connection.prepare_cached(pragma)?;
    statement.query_row([], |row| Ok(row.get::<_, i64>(1)? - row.get::<_, i64>(2)?))
}

#[expect(clippy::disallowed_methods, reason = "the reference server has no clock to move")]
fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}
