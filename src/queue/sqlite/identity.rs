//! Whether the open files are still those at their paths.
//!
//! A file that was removed, replaced or cut while it is open takes every write and keeps none of
//! them. So the writer looks before and after each commit, and nobody is answered 200 before the
//! second look.

use std::cell::Cell;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::failure::Failure;
use super::log::frames::{FRAME_HEADER, HEADER};
use super::open;

/// Bytes of a page; the database is made with it.
pub(super) const PAGE: u64 = 4096;

/// The database, its log, and the log's index in shared memory, as they were opened.
#[derive(Debug)]
pub(super) struct Identity {
    database: Seen,
    log: Seen,
    index: Seen,
}

/// A file as it was seen last.
#[derive(Debug)]
struct Seen {
    path: PathBuf,
    device: u64,
    inode: u64,
    /// The bytes that it has at least.
    bytes: Cell<u64>,
}

impl Identity {
    /// The files of the open database at `path`.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        // SQLite puts its companions beside the file that a link leads to.
        let real = fs::canonicalize(path)?;
        Ok(Self {
            database: Seen::of(path.to_owned())?,
            log: Seen::of(open::beside(&real, "-wal"))?,
            index: Seen::of(open::beside(&real, "-shm"))?,
        })
    }

    /// Fails when one of them is gone, is another file, or lacks what was written to it.
    pub(super) fn check(&self, connection: &Connection) -> Result<(), Failure> {
        let database = self.database.look()?;
        if database.len() < self.database.bytes.get() {
            return Err(self.database.cut(database.len()));
        }
        self.index.look()?;
        let log = self.log.look()?;
        let bytes = if log.len() < self.log.bytes.get() {
            self.check_short_log(connection)?
        } else {
            log.len()
        };
        self.log.bytes.set(bytes);
        Ok(())
    }

    /// Notes how long the database is, after a checkpoint left nothing in the log that is not in its
    /// `pages`.
    pub(super) fn note_settled(&self, pages: u64) -> Result<(), Failure> {
        let bytes = self.database.look()?.len();
        self.database.bytes.set(bytes.min(pages * PAGE));
        Ok(())
    }

    /// Where the log is.
    pub(super) fn log(&self) -> &Path {
        &self.log.path
    }

    /// The bytes of a log that became shorter. A checkpoint cuts it too, and empties it before: then
    /// nothing is missing.
    fn check_short_log(&self, connection: &Connection) -> Result<u64, Failure> {
        let frames: i64 = connection
            .prepare_cached("PRAGMA wal_checkpoint(NOOP)")?
            .query_row([], |row| row.get(1))?;
        let frames = u64::try_from(frames).unwrap_or_default();
        let needed = if frames == 0 { 0 } else { HEADER + frames * (FRAME_HEADER + PAGE) };
        let bytes = self.log.look()?.len();
        if bytes < needed { Err(self.log.cut(bytes)) } else { Ok(bytes) }
    }
}

impl Seen {
    fn of(path: PathBuf) -> io::Result<Self> {
        let file = fs::metadata(&path)?;
        Ok(Self { path, device: file.dev(), inode: file.ino(), bytes: Cell::new(file.len()) })
    }

    fn look(&self) -> Result<Metadata, Failure> {
        let file = fs::metadata(&self.path)
            .map_err(|error| self.lost(&format!("is gone from its place ({error})")))?;
        if (file.dev(), file.ino()) != (self.device, self.inode) {
            return Err(self.lost("was replaced by another file"));
        }
        Ok(file)
    }

    fn cut(&self, bytes: u64) -> Failure {
        self.lost(&format!("was cut to {bytes} bytes"))
    }

    fn lost(&self, what: &str) -> Failure {
        Failure::Lost(format!(
            "{} {what} while campana had it open, so nothing more can be stored; put the file \
             back, or a backup of it, and start campana again",
            self.path.display()
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    struct Files {
        folder: tempfile::TempDir,
        connection: Connection,
        identity: Identity,
    }

    /// A database whose log holds some pages, opened through a link.
    fn files() -> Files {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, link) = (folder.path().join("file.db"), folder.path().join("link.db"));
        fs::write(&file, "").expect("it is made");
        symlink(&file, &link).expect("it is linked");
        let connection = Connection::open(&link).expect("it opens");
        let sql = "PRAGMA journal_mode = wal; CREATE TABLE t (a); INSERT INTO t VALUES (1);";
        connection.execute_batch(sql).expect("it is written");
        let identity = Identity::of(&link).expect("all are there");
        Files { folder, connection, identity }
    }

    impl Files {
        fn words(&self) -> String {
            let failure = self.identity.check(&self.connection).expect_err("it is lost");
            crate::queue::QueueError::from(failure).to_string()
        }

        fn path(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }
    }

    #[test]
    fn what_grows_and_what_a_checkpoint_cuts_is_as_it_should_be() {
        let files = files();
        files.identity.check(&files.connection).expect("all is well");
        files.connection.execute("INSERT INTO t VALUES (2)", []).expect("it is written");
        files.identity.check(&files.connection).expect("it grew");
        let cut = "PRAGMA wal_checkpoint(TRUNCATE)";
        files.connection.query_row(cut, [], |_| Ok(())).expect("it is cut");
        assert_eq!(fs::metadata(files.path("file.db-wal")).expect("it is there").len(), 0);
        files.identity.check(&files.connection).expect("nothing is missing");
    }

    #[test]
    fn each_file_that_is_gone_or_replaced_is_named() {
        for name in ["link.db", "file.db", "file.db-wal", "file.db-shm"] {
            let files = files();
            fs::rename(files.path(name), files.path("elsewhere")).expect("it is moved");
            let words = files.words();
            assert!(words.contains("is gone from its place"), "{name}: {words}");
            fs::write(files.path(name), "another").expect("it is written");
            let words = files.words();
            assert!(words.contains("was replaced by another file"), "{name}: {words}");
        }
    }

    #[test]
    fn each_file_that_was_cut_is_named() {
        for (name, named) in [("file.db", "link.db"), ("file.db-wal", "file.db-wal")] {
            let files = files();
            fs::write(files.path(name), "").expect("it is cut");
            let words = files.words();
            assert!(words.contains(&format!("{named} was cut to 0 bytes")), "{name}: {words}");
        }
    }
}
