//! Room that is the store's already, so that deliveries settle on a disk without any.
//!
//! It lies within the store's own files, where no other program can take it: the log has its full
//! length from the start, the database has a place for every page before a commit needs it, and a
//! row of zeros holds pages that SQLite uses again once the row is deleted. On a full disk new work
//! is refused, the row is deleted, and settling writes over bytes that are there already.
//!
//! A file system that cannot reserve room, or copies what is written over, keeps less of this.

use std::cell::Cell;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, ffi};
use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::{Errno, retry_on_intr};

use super::failure::Failure;
use super::identity::PAGE;
use super::open::{self, Locks};

/// Room that must be left before new work is taken again; else the next write fails anew.
const MARGIN: u64 = 1024 * 1024;

/// The pages in memory while the row is written.
const SMALL_CACHE: i64 = 20;

/// In these the system counts what a file takes (`stat(2)`).
const BLOCK: u64 = 512;

/// How far ahead of its pages the database is lengthened.
const STEP: u64 = 1024 * 1024;

/// The reserve of an open database.
#[derive(Debug)]
pub(super) struct Reserve {
    locks: Arc<Locks>,
    log: File,
    /// Bytes of the log; 0 for no reserve at all.
    bytes: u64,
    /// Bytes of the database that have a place on the disk.
    placed: Cell<u64>,
}

impl Reserve {
    /// A reserve of `bytes` in the log and a quarter of it in the database; nothing is taken yet.
    ///
    pub(super) fn new(locks: Arc<Locks>, log: &Path, bytes: u64) -> io::Result<Self> {
        let log = OpenOptions::new().write(true).open(log)?;
        let bytes = bytes.min(open::LOG_BYTES.unsigned_abs());
        // The process before may have placed pages that the disk has no room for twice.
        let placed = Cell::new(placed(locks.database())?);
        Ok(Self { locks, log, bytes, placed })
    }

    /// How much it is in the log.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes the room, unless it is taken; an error means that there is not enough.
    pub(super) fn take(&self, connection: &Connection) -> Result<(), Failure> {
        if self.bytes == 0 {
            return Ok(());
        }
        let sql = "CREATE TABLE IF NOT EXISTS reserve (id INTEGER PRIMARY KEY, room BLOB NOT NULL)";
        connection.prepare_cached(sql)?.execute([])?;
        let row = self.bytes / 4;
        let pages = pages(connection)?;
        has_pages_left(connection, pages, (row + MARGIN) / PAGE)?;
        let bytes = pages * PAGE;
        // The place comes before the pages, so that the log can always be moved there.
        place(self.locks.database(), 0, bytes + row + MARGIN)?;
        self.placed.set(bytes + row + MARGIN);
        place(&self.log, 0, self.bytes)?;
        let sql = "INSERT OR IGNORE INTO reserve VALUES (1, zeroblob(?1))";
        let row = i64::try_from(row).unwrap_or(i64::MAX);
        // With a small cache the row's pages go to the log one by one, and not into memory first.
        let cache: i64 = connection.pragma_query_value(None, "cache_size", |row| row.get(0))?;
        connection.pragma_update(None, "cache_size", SMALL_CACHE)?;
        let inserted = connection.prepare_cached(sql)?.execute([row]);
        connection.pragma_update(None, "cache_size", cache)?;
        Ok(inserted.map(drop)?)
    }

    /// Gives the pages of the row to what settles.
    pub(super) fn release(connection: &Connection) -> rusqlite::Result<()> {
        let there = "SELECT count(*) FROM sqlite_schema WHERE name = 'reserve'";
        let there: i64 = connection.query_row(there, [], |row| row.get(0))?;
        if there == 0 {
            return Ok(());
        }
        connection.execute("DELETE FROM reserve", []).map(drop)
    }

    /// Finds a place on the disk for every page that the open transaction has, before its commit.
    pub(super) fn place_pages(&self, connection: &Connection) -> Result<(), Failure> {
        if self.bytes == 0 {
            return Ok(());
        }
        let (bytes, placed) = (pages(connection)? * PAGE, self.placed.get());
        if bytes <= placed {
            return Ok(());
        }
        let from = placed.min(bytes);
        // Where there is no room ahead, there may be for what is needed.
        let up_to = |end| place(self.locks.database(), from, end - from).map(|()| end);
        self.placed.set(up_to(bytes + STEP).or_else(|_| up_to(bytes))?);
        Ok(())
    }

    /// A checkpoint has ended, which cuts the database behind its last page.
    pub(super) fn note_checkpoint(&self) -> Result<(), Failure> {
        let file = self.locks.database().metadata();
        let bytes = file.map_err(|error| Failure::of_system(&error))?.len();
        self.placed.set(self.placed.get().min(bytes));
        Ok(())
    }

    /// Keeps the log's room while the store is closed and the log is empty.
    pub(super) fn keep_while_closed(&self) {
        if self.bytes > 0 {
            // Without it the next start needs room on the disk, and says so if there is none.
            let _ = fallocate(&self.log, FallocateFlags::KEEP_SIZE, 0, self.bytes);
        }
    }
}

/// The pages of the database, with those of the open transaction.
pub(super) fn pages(connection: &Connection) -> rusqlite::Result<u64> {
    let pages: i64 =
        connection.prepare_cached("PRAGMA page_count")?.query_row([], |row| row.get(0))?;
    Ok(u64::try_from(pages).unwrap_or_default())
}

/// An error if the database may not grow by `more` pages, besides those that are free in it.
fn has_pages_left(connection: &Connection, pages: u64, more: u64) -> Result<(), Failure> {
    let number = |sql: &str| -> rusqlite::Result<u64> {
        connection.prepare_cached(sql)?.query_row([], |row| row.get(0))
    };
    let (most, free) = (number("PRAGMA max_page_count")?, number("PRAGMA freelist_count")?);
    if pages.saturating_sub(free) + more > most {
        let full = ffi::Error::new(ffi::SQLITE_FULL);
        return Err(rusqlite::Error::SqliteFailure(full, None).into());
    }
    Ok(())
}

/// How many bytes of the file, from its beginning, have a place on the disk; none if it has holes.
fn placed(file: &File) -> io::Result<u64> {
    let file = file.metadata()?;
    let has_holes = file.blocks() * BLOCK < file.len();
    Ok(if has_holes { 0 } else { file.len() })
}

/// Gives these bytes of the file a place on the disk, and the file at least that length.
fn place(file: &File, from: u64, bytes: u64) -> Result<(), Failure> {
    match retry_on_intr(|| fallocate(file, FallocateFlags::empty(), from, bytes)) {
        Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
        Err(error) => Err(Failure::of_system(&error.into())),
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    const BYTES: u64 = 400_000;

    struct Opened {
        connection: Connection,
        reserve: Reserve,
        _folder: TempDir,
    }

    fn opened(bytes: u64) -> Opened {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("c.db");
        let locks = open::lock(&path).expect("it is locked");
        let open::Opened { writer, locks, .. } = open::open(&path, locks).expect("it opens");
        writer.execute_batch("CREATE TABLE t (a)").expect("it is written");
        let reserve = Reserve::new(locks, &open::beside(&path, "-wal"), bytes);
        Opened { connection: writer, reserve: reserve.expect("it is there"), _folder: folder }
    }

    fn assert_on_disk(file: &File, bytes: u64) {
        let file = file.metadata().expect("it is there");
        assert!(file.len() >= bytes, "{bytes} bytes: {file:?}");
        assert!(file.blocks() * BLOCK >= bytes, "{bytes} bytes without holes: {file:?}");
    }

    #[test]
    fn what_is_taken_lies_on_the_disk_and_is_used_again_once_it_is_released() {
        let Opened { connection, reserve, _folder } = opened(BYTES);
        for _ in 0..2 {
            reserve.take(&connection).expect("there is room");
            assert_on_disk(&reserve.log, BYTES);
            assert_on_disk(reserve.locks.database(), BYTES / 4 + MARGIN);
            let before = pages(&connection).expect("it answers");
            Reserve::release(&connection).expect("the log has room");
            let sql = "INSERT INTO t VALUES (zeroblob(80000))";
            connection.execute(sql, []).expect("it is written");
            assert_eq!(pages(&connection).expect("it answers"), before, "no page is new");
        }
    }

    #[test]
    fn every_page_has_a_place_before_its_commit_and_after_a_checkpoint() {
        let Opened { connection, reserve, _folder } = opened(BYTES);
        for _ in 0..3 {
            let sql = "BEGIN; INSERT INTO t VALUES (zeroblob(3000000));";
            connection.execute_batch(sql).expect("it is written");
            reserve.place_pages(&connection).expect("there is room");
            let needed = pages(&connection).expect("it answers") * PAGE;
            assert_on_disk(reserve.locks.database(), needed);
            let sql = "COMMIT; PRAGMA wal_checkpoint;";
            connection.execute_batch(sql).expect("it is written");
            reserve.note_checkpoint().expect("it is there");
            assert_on_disk(reserve.locks.database(), reserve.placed.get());
        }
    }

    #[test]
    fn no_reserve_takes_no_room() {
        let Opened { connection, reserve, _folder } = opened(0);
        let before = pages(&connection).expect("it answers");
        reserve.take(&connection).expect("there is nothing to take");
        reserve.place_pages(&connection).expect("there is nothing to place");
        reserve.keep_while_closed();
        assert_eq!(pages(&connection).expect("it answers"), before);
        assert!(reserve.log.metadata().expect("it is there").len() < BYTES);
    }
}
