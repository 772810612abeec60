//! Why a transaction failed, and what that means for the store.
//!
//! Five kinds matter: no room (the store goes on when room is made), another program that holds the
//! database (the store goes on when it lets go), a page that cannot be read (a new database is made of
//! what can be), a disk that fails (nothing may be written any more; an fsync that failed once must not
//! be tried again, since the kernel may have dropped the pages), and a command that was refused for
//! its own reasons.
//!
//! An fsync that failed for lack of room may be tried again: SQLite undoes the commit, and writes
//! all pages of it anew, to the log as to the database.

use std::io;

use rusqlite::{Error as SqliteError, ErrorCode, ffi};

use crate::queue::QueueError;

/// Why a command's work came to nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// The command is refused; the others of its batch stand.
    Refused(QueueError),
    /// SQLite said no.
    Sqlite(SqliteError),
    /// SQLite could not write, since the disk is full or a quota is used up.
    NoRoom(String),
    /// A row that has to be there is not, or rows contradict each other; says which.
    Missing(String),
    /// An open file is not the one at its path any more; says which, and what to do.
    Lost(String),
}

/// What a failure means for the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// This command only.
    Command,
    /// No room is left.
    Full,
    /// Another program holds the database.
    Busy,
    /// A page of the database cannot be read, or holds something else than it should.
    Damaged,
    /// The disk, or the files on it, cannot be trusted any more.
    Broken,
}

impl Failure {
    /// A refusal in words, because of the delivery's state.
    pub(super) fn conflict(words: impl Into<String>) -> Self {
        Self::Refused(QueueError::Conflict(words.into()))
    }

    /// What it means for the store.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Refused(_) => Kind::Command,
            Self::Sqlite(error) => kind_of(error),
            Self::NoRoom(_) => Kind::Full,
            Self::Missing(_) => Kind::Damaged,
            Self::Lost(_) => Kind::Broken,
        }
    }

    /// What is damaged, in words.
    pub(super) fn damage(self) -> String {
        match self {
            Self::Sqlite(error) => damage(&error),
            Self::Missing(words) => words,
            other @ (Self::Refused(_) | Self::NoRoom(_) | Self::Lost(_)) => {
                QueueError::from(other).to_string()
            }
        }
    }

    /// What the system said of a file of the store.
    pub(super) fn of_system(error: &io::Error) -> Self {
        if is_no_room(error) {
            return Self::NoRoom(error.to_string());
        }
        Self::Lost(format!("the storage's files cannot be written: {error}"))
    }
}

impl From<SqliteError> for Failure {
    /// Called on the thread that SQLite failed on, where the system still has its reason.
    fn from(error: SqliteError) -> Self {
        // A quota, or a full disk that shows only when it is synced, is an I/O error to SQLite.
        let code = error.sqlite_error().map(|error| error.extended_code);
        let reason = io::Error::last_os_error();
        if code.is_some_and(|code| WRITES.contains(&code)) && is_no_room(&reason) {
            return Self::NoRoom(reason.to_string());
        }
        Self::Sqlite(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Refused(QueueError::Broken(format!("a stored message cannot be read: {error}")))
    }
}

impl From<Failure> for QueueError {
    fn from(failure: Failure) -> Self {
        let kind = failure.kind();
        match failure {
            Failure::Refused(error) => error,
            Failure::NoRoom(words) => Self::Full(words),
            Failure::Missing(words) => Self::Busy(words),
            Failure::Lost(words) => Self::Broken(words),
            Failure::Sqlite(error) if kind == Kind::Full => Self::Full(error.to_string()),
            Failure::Sqlite(error) if kind == Kind::Busy => Self::Busy(format!(
                "another program, such as sqlite3, holds the database in a transaction ({error}); \
                 end it"
            )),
            Failure::Sqlite(error) if kind == Kind::Damaged => Self::Busy(damage(&error)),
            Failure::Sqlite(error) => Self::Broken(error.to_string()),
        }
    }
}

fn damage(error: &SqliteError) -> String {
    format!("a page of the database cannot be read ({error})")
}

/// What SQLite fails at when a page cannot be read, besides a page that is not what it should be.
const READS: [i32; 4] = [
    ffi::SQLITE_IOERR_READ,
    ffi::SQLITE_IOERR_SHORT_READ,
    ffi::SQLITE_IOERR_DATA,
    ffi::SQLITE_IOERR_CORRUPTFS,
];

/// What SQLite failed at, where the system may have said that there is no room.
const WRITES: [i32; 5] = [
    ffi::SQLITE_IOERR_WRITE,
    ffi::SQLITE_IOERR_FSYNC,
    ffi::SQLITE_IOERR_DIR_FSYNC,
    ffi::SQLITE_IOERR_TRUNCATE,
    ffi::SQLITE_IOERR_SHMOPEN,
];

fn is_no_room(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

fn kind_of(error: &SqliteError) -> Kind {
    let Some(inner) = error.sqlite_error() else { return kind_of_value(error) };
    // The shared memory file could not grow: that is how a full disk shows there, and nothing of
    // it has to last.
    if inner.extended_code == ffi::SQLITE_IOERR_SHMSIZE {
        return Kind::Full;
    }
    let broken = [
        ErrorCode::SystemIoFailure,
        ErrorCode::NotADatabase,
        ErrorCode::ReadOnly,
        ErrorCode::CannotOpen,
        ErrorCode::PermissionDenied,
    ];
    let busy =
        [ErrorCode::DatabaseBusy, ErrorCode::DatabaseLocked, ErrorCode::FileLockingProtocolFailed];
    if inner.code == ErrorCode::DiskFull {
        Kind::Full
    } else if busy.contains(&inner.code) {
        Kind::Busy
    } else if inner.code == ErrorCode::DatabaseCorrupt
        || READS.contains(&inner.extended_code)
        || is_number_of_no_row(error)
    {
        Kind::Damaged
    } else if broken.contains(&inner.code) {
        Kind::Broken
    } else {
        Kind::Command
    }
}

/// No command writes such a number, nor numbers with such a sum.
fn is_number_of_no_row(error: &SqliteError) -> bool {
    let SqliteError::SqliteFailure(inner, words) = error else { return false };
    inner.extended_code == ffi::SQLITE_CONSTRAINT_CHECK
        || words.as_deref() == Some("integer overflow")
}

/// What it means that a value or a row is not what every command writes: a page can be damaged so that SQLite
/// takes it for sound.
fn kind_of_value(error: &SqliteError) -> Kind {
    let damaged = matches!(
        error,
        SqliteError::Utf8Error(..)
            | SqliteError::InvalidColumnType(..)
            | SqliteError::IntegralValueOutOfRange(..)
            | SqliteError::QueryReturnedNoRows
    );
    if damaged { Kind::Damaged } else { Kind::Command }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sqlite(code: i32) -> Failure {
        Failure::Sqlite(SqliteError::SqliteFailure(ffi::Error::new(code), None))
    }

    #[test]
    fn each_code_is_told_apart_by_what_the_store_can_do() {
        let table = [
            (ffi::SQLITE_FULL, Kind::Full),
            (ffi::SQLITE_IOERR_SHMSIZE, Kind::Full),
            (ffi::SQLITE_IOERR_FSYNC, Kind::Broken),
            (ffi::SQLITE_IOERR_WRITE, Kind::Broken),
            (ffi::SQLITE_IOERR_TRUNCATE, Kind::Broken),
            (ffi::SQLITE_NOTADB, Kind::Broken),
            (ffi::SQLITE_CORRUPT, Kind::Damaged),
            (ffi::SQLITE_CORRUPT_INDEX, Kind::Damaged),
            (ffi::SQLITE_IOERR_READ, Kind::Damaged),
            (ffi::SQLITE_IOERR_SHORT_READ, Kind::Damaged),
            (ffi::SQLITE_READONLY, Kind::Broken),
            (ffi::SQLITE_CONSTRAINT, Kind::Command),
            (ffi::SQLITE_CONSTRAINT_CHECK, Kind::Damaged),
            (ffi::SQLITE_BUSY, Kind::Busy),
            (ffi::SQLITE_BUSY_RECOVERY, Kind::Busy),
        ];
        for (code, kind) in table {
            assert_eq!(sqlite(code).kind(), kind, "code {code}");
        }
        assert_eq!(Failure::Sqlite(SqliteError::QueryReturnedNoRows).kind(), Kind::Damaged);
        assert_eq!(Failure::conflict("no").kind(), Kind::Command);
        assert_eq!(Failure::Missing("a row".to_owned()).kind(), Kind::Damaged);
    }

    #[test]
    fn a_write_or_sync_that_the_system_had_no_room_for_is_a_full_disk() {
        let full = || {
            let written = std::fs::write("/dev/full", "x");
            assert_eq!(written.expect_err("it is full").kind(), io::ErrorKind::StorageFull);
        };
        let failed = |code| Failure::from(SqliteError::SqliteFailure(ffi::Error::new(code), None));
        for code in [ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_IOERR_FSYNC] {
            full();
            assert_eq!(failed(code).kind(), Kind::Full, "code {code}");
        }
        for code in [ffi::SQLITE_IOERR_READ, ffi::SQLITE_CORRUPT] {
            full();
            assert_eq!(failed(code).kind(), Kind::Damaged, "code {code}");
        }
        let quota = io::Error::from(io::ErrorKind::QuotaExceeded);
        assert_eq!(Failure::of_system(&quota).kind(), Kind::Full);
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        assert_eq!(Failure::of_system(&denied).kind(), Kind::Broken);
    }

    #[test]
    fn a_full_disk_is_told_as_full_and_everything_else_as_broken() {
        assert!(matches!(sqlite(ffi::SQLITE_FULL).into(), QueueError::Full(_)));
        assert!(matches!(sqlite(ffi::SQLITE_BUSY).into(), QueueError::Busy(_)));
        assert!(matches!(sqlite(ffi::SQLITE_IOERR_FSYNC).into(), QueueError::Broken(_)));
        assert!(matches!(sqlite(ffi::SQLITE_CONSTRAINT).into(), QueueError::Broken(_)));
    }
}
