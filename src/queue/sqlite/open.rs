//! From a path to an open database that is ours alone, or words that say why not.
//!
//! One process holds the store: a lock file beside the database, and the database itself, are locked
//! for as long as it is open, so that neither a link nor a lock file that somebody removed lets a
//! second one in. All files are for their owner only, whatever the umask, since alert texts stand in them.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::failure::{Failure, Kind};
use super::note::Note;
use super::schema;

/// The length of the log at rest, twice what starts a checkpoint.
pub(super) const LOG_BYTES: i64 = 16 * 1024 * 1024;

/// The first SQLite without the WAL-reset bug, which can corrupt a database that several
/// connections checkpoint (sqlite.org/wal.html, "walresetbug").
const OLDEST_SQLITE: i32 = 3_051_003;

/// How many damaged files of a kind are kept before somebody has to look after them.
const MOST_KEPT: usize = 9;

/// How long a command waits for another program that holds the database; then it is told so.
pub(super) const HELD_UP: Duration = Duration::from_secs(2);

/// Why the storage cannot be used; the start is refused with these words.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database's folder could not be made.
    #[error("the storage folder {folder} cannot be made: {error}; check storage.url")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A file could not be made in the folder, or not be written.
    #[error(
        "the storage file {file} cannot be written: {error}; give its folder to the user that \
         runs campana"
    )]
    NotWritable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Another process has it open.
    #[error("the storage {file} is in use by another process, which holds {lock}; stop that one")]
    InUse {
        /// The database.
        file: PathBuf,
        /// The lock.
        lock: PathBuf,
    },
    /// Another program is in a transaction on it.
    #[error(
        "the storage {file} is held by another program, such as sqlite3, in a transaction; end it"
    )]
    HeldUp {
        /// The database.
        file: PathBuf,
    },
    /// The file is something else.
    #[error("{file} is not a database of campana: {words}; name another file in storage.url")]
    NotOurs {
        /// The file.
        file: PathBuf,
        /// What it is.
        words: String,
    },
    /// It held a queue, and holds nothing now.
    #[error(
        "the storage {file} is empty, but it held a queue, as {witness} says; put a backup of it \
         there, or remove {witness} to begin with an empty queue"
    )]
    Emptied {
        /// The database.
        file: PathBuf,
        /// The file that knows.
        witness: PathBuf,
    },
    /// It was written before the first release.
    #[error(
        "the storage {file} was written by a version of campana before its first release, which \
         this one cannot read; let that version send what is queued, then move the file away or \
         name another file in storage.url"
    )]
    Unreleased {
        /// The database.
        file: PathBuf,
    },
    /// A newer version wrote it.
    #[error(
        "the storage {file} was written by a newer version of campana (its version is {found}, \
         this one reads up to {known}); start that version again"
    )]
    Newer {
        /// The database.
        file: PathBuf,
        /// Its version.
        found: usize,
        /// The newest that this version reads.
        known: usize,
    },
    /// The SQLite in this binary has a bug that loses data.
    #[error(
        "this binary holds SQLite {found}, which can corrupt the storage; it needs 3.51.3 or newer"
    )]
    OldSqlite {
        /// Its version.
        found: String,
    },
    /// A page of it cannot be read, and no new database could be made of the others.
    #[error(
        "the storage {file} is damaged ({words}); put a backup of it there, or try what `campana queue \
         salvage NEW_FILE` can read of it"
    )]
    Damaged {
        /// The database.
        file: PathBuf,
        /// What was found, and why that is the end.
        words: String,
    },
    /// The database failed.
    #[error("the storage {file} cannot be opened: {words}")]
    Failed {
        /// The database.
        file: PathBuf,
        /// What SQLite or the system said.
        words: String,
    },
}

/// An open database, the locks that make it ours, and its schema's version.
pub(super) struct Opened {
    /// The connection that writes.
    pub(super) writer: Connection,
    /// Held for as long as the store is open.
    pub(super) locks: Arc<Locks>,
    /// How many migrations it has seen.
    pub(super) version: usize,
}

/// The locked files.
///
/// SQLite's own locks of the database end when this process closes any handle of it, so whoever
/// has a connection holds these too, and lets go of the connection first.
#[derive(Debug)]
pub(super) struct Locks {
    beside: Arc<File>,
    database: File,
}

impl Locks {
    /// The database.
    pub(super) fn database(&self) -> &File {
        &self.database
    }

    /// The lock file, which stays locked while a new database takes the place of this one.
    pub(super) fn beside(&self) -> Arc<File> {
        Arc::clone(&self.beside)
    }

    /// What the lock file says of the database.
    pub(super) fn note(&self) -> io::Result<Note> {
        Note::read(&self.beside)
    }

    /// Says of the database what a later start has to know.
    pub(super) fn write_note(&self, note: &Note) -> io::Result<()> {
        note.write(&self.beside)
    }

    /// Whether the database begins with nothing: it is empty, or zeros.
    fn is_blank(&self) -> io::Result<bool> {
        let mut head = [0; 16];
        let read = self.database.read_at(&mut head, 0)?;
        Ok(head[..read].iter().all(|byte| *byte == 0))
    }
}

/// Makes the files if they are missing, and locks them.
pub(super) fn lock(path: &Path) -> Result<Locks, OpenError> {
    check_sqlite(rusqlite::version_number(), rusqlite::version())?;
    make_folder(path)?;
    let lock = beside(path, ".lock");
    let lock = locked(&lock, path, &lock)?;
    lock_database(path, Arc::new(lock))
}

/// The same, of a store whose lock file is locked already.
pub(super) fn lock_database(path: &Path, lock: Arc<File>) -> Result<Locks, OpenError> {
    own_companions(path)?;
    let database = locked(path, path, path)?;
    let locks = Locks { beside: lock, database };
    refuse_emptied(&locks, path, beside(path, ".lock"))?;
    Ok(locks)
}

/// Opens or makes the database; its tables may be missing still.
pub(super) fn open(path: &Path, locks: Locks) -> Result<Opened, OpenError> {
    let writer = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let version = check_ours(&writer, path).map_err(|error| of_known(&locks, error))?;
    configure(&writer).map_err(|error| failed(path, error))?;
    Ok(Opened { writer, locks: Arc::new(locks), version })
}

/// The error for a database that was ours before its first page was lost.
fn of_known(locks: &Locks, error: OpenError) -> OpenError {
    if let OpenError::NotOurs { file, words } = &error
        && locks.note().is_ok_and(|note| note.is_of_queue())
    {
        return OpenError::Damaged { file: file.clone(), words: words.clone() };
    }
    error
}

/// A connection for reads only.
pub(super) fn reader(path: &Path) -> Result<Connection, OpenError> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// The error for what SQLite said after the database was found to be ours.
pub(super) fn refused(path: &Path, failure: Failure) -> OpenError {
    let file = path.to_owned();
    if failure.kind() == Kind::Damaged {
        return OpenError::Damaged { file, words: failure.damage() };
    }
    OpenError::Failed { file, words: crate::queue::QueueError::from(failure).to_string() }
}

/// `path` with `suffix` behind its name: the name of a file that belongs to the database.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The name by which a damaged file is kept.
pub(super) fn kept(file: &Path) -> Result<PathBuf, String> {
    let names = (1..=MOST_KEPT).map(|n| beside(file, &format!(".damaged-{n}")));
    names.into_iter().find(|name| !name.exists()).ok_or_else(|| {
        format!(
            "{MOST_KEPT} damaged ones lie beside it already; see to the disk, and move them away"
        )
    })
}

/// Removes a file that need not be there.
pub(super) fn remove(file: &Path) -> io::Result<()> {
    if_there(fs::remove_file(file)).map(drop)
}

/// What was done with a file; none if the file is not there.
pub(super) fn if_there<T>(done: io::Result<T>) -> io::Result<Option<T>> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        done => done.map(Some),
    }
}

/// Puts `new` in the place of `file`, which is kept by another name; each step leaves one or the other there.
pub(super) fn take_place(file: &Path, new: &Path, kept: &Path) -> io::Result<()> {
    fs::hard_link(file, kept)?;
    fs::rename(new, file)?;
    match file.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

fn check_sqlite(number: i32, version: &str) -> Result<(), OpenError> {
    if number < OLDEST_SQLITE {
        return Err(OpenError::OldSqlite { found: version.to_owned() });
    }
    Ok(())
}

fn make_folder(path: &Path) -> Result<(), OpenError> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| OpenError::Folder { folder: folder.to_owned(), error })
}

/// Makes the file for its owner only, if it is not there, and locks it.
///
/// The lock is `flock`'s, which on a local disk is apart from the byte ranges that SQLite locks in
/// the database. A network's file system makes one lock of the two, so there the database has none.
fn locked(file: &Path, database: &Path, lock: &Path) -> Result<File, OpenError> {
    let opened = own(file)?;
    if file == database && is_on_network(&opened) {
        return Ok(opened);
    }
    match opened.try_lock() {
        Ok(()) => Ok(opened),
        Err(TryLockError::WouldBlock) => {
            Err(OpenError::InUse { file: database.to_owned(), lock: lock.to_owned() })
        }
        Err(TryLockError::Error(error)) => {
            Err(OpenError::NotWritable { file: file.to_owned(), error })
        }
    }
}

/// Whether a file is on NFS or SMB, by the numbers in Linux' `statfs(2)`.
fn is_on_network(file: &File) -> bool {
    rustix::fs::fstatfs(file)
        .is_ok_and(|system| [0x6969, 0x517b, 0xff53_4d42, 0xfe53_4d42].contains(&system.f_type))
}

/// Refuses a file with nothing in it where there was a queue, before SQLite makes a database of it
/// and deletes the log beside it.
fn refuse_emptied(locks: &Locks, path: &Path, witness: PathBuf) -> Result<(), OpenError> {
    let unreadable =
        |error: io::Error| OpenError::Failed { file: path.to_owned(), words: error.to_string() };
    if locks.is_blank().map_err(unreadable)? && locks.note().map_err(unreadable)?.is_of_queue() {
        return Err(OpenError::Emptied { file: path.to_owned(), witness });
    }
    Ok(())
}

/// Takes every right of others away from the companions of the database.
///
/// SQLite gives the `-wal` and `-shm` files that it makes the rights of the database.
fn own_companions(path: &Path) -> Result<(), OpenError> {
    for companion in [beside(path, "-wal"), beside(path, "-shm")] {
        if companion.exists() {
            own(&companion)?;
        }
    }
    Ok(())
}

fn own(file: &Path) -> Result<File, OpenError> {
    let opened = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .mode(0o600)
        .open(file)
        .and_then(|opened| {
            fs::set_permissions(file, Permissions::from_mode(0o600))?;
            Ok(opened)
        });
    opened.map_err(|error| OpenError::NotWritable { file: file.to_owned(), error })
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, OpenError> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).map_err(|error| failed(path, error))?;
    connection.set_prepared_statement_cache_capacity(128);
    let set = || {
        connection.busy_timeout(HELD_UP)?;
        // The log goes into the database when the writer says so: after a failed sync nothing may
        // be synced again, and of files that were replaced nothing may be deleted.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        keep_plans(&connection)
    };
    set().map_err(|error| failed(path, error))?;
    Ok(connection)
}

/// Keeps the plan of a prepared statement, whatever values it is given.
///
/// Without it, SQLite compiles a statement with a parameter and ORDER BY anew at each use, because
/// its cache clears the values between two uses.
pub(super) fn keep_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// Refuses what is no database, another program's, or a newer version's; else its version.
fn check_ours(connection: &Connection, path: &Path) -> Result<usize, OpenError> {
    let number = |pragma: &str| {
        let read = connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
        read.map_err(|error| failed(path, error))
    };
    // The first read; of a file that is no database it fails.
    let tables = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
        .map_err(|error| failed(path, error))?;
    if tables > 0 && number("application_id")? != i64::from(schema::APPLICATION_ID) {
        let words = "it belongs to another program".to_owned();
        return Err(OpenError::NotOurs { file: path.to_owned(), words });
    }
    let found = usize::try_from(number("user_version")?).unwrap_or_default();
    if found > schema::VERSION {
        let known = schema::VERSION;
        return Err(OpenError::Newer { file: path.to_owned(), found, known });
    }
    if (1..=schema::UNRELEASED).contains(&found) {
        return Err(OpenError::Unreleased { file: path.to_owned() });
    }
    Ok(found)
}

/// The page size has to come before the first table. A commit writes the last page of each tree that it
/// adds to, and a lone commit little else, so pages are small.
///
/// WAL and FULL: a commit is on disk when it returns. Checkpoints are made by the writer between
/// batches, never within a commit that somebody waits for. The writer keeps 8 MiB of pages, because
/// the states of a generation go round all pages of their table.
fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "page_size", 4096)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "cache_size", -8192)?;
    // A log that a reader made longer is cut to this when it begins anew.
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
    connection.pragma_update(None, "temp_store", "memory")
}

fn failed(path: &Path, error: rusqlite::Error) -> OpenError {
    let file = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::HeldUp { file },
        Some(ErrorCode::NotADatabase) => OpenError::NotOurs { file, words: error.to_string() },
        _ => refused(path, Failure::Sqlite(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_sqlite_with_the_wal_reset_bug_is_refused() {
        let error = check_sqlite(3_046_000, "3.46.0").expect_err("it is too old");
        assert!(error.to_string().contains("3.46.0"), "{error}");
        check_sqlite(OLDEST_SQLITE, "3.51.3").expect("it is new enough");
    }

    #[test]
    fn a_companion_stands_beside_the_database() {
        assert_eq!(beside(Path::new("data/c.db"), ".lock"), Path::new("data/c.db.lock"));
    }
}
