//! Why a transaction failed, and what that means for the store.
//!
//! Three kinds matter: no room (the store goes on when room is made), a broken disk or database
//! (nothing may be written any more; an fsync that failed once must not be tried again, since the
//! kernel may have dropped the pages), and a command that was refused for its own reasons.

use rusqlite::{Error as SqliteError, ErrorCode, ffi};

use crate::queue::QueueError;

/// Why a command's work came to nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// The command is refused; the others of its batch stand.
    Refused(QueueError),
    /// SQLite said no.
    Sqlite(SqliteError),
}

/// What a failure means for the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// This command only.
    Command,
    /// No room is left.
    Full,
    /// The disk or the database cannot be trusted any more.
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
        }
    }
}

impl From<SqliteError> for Failure {
    fn from(error: SqliteError) -> Self {
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
            Failure::Sqlite(error) if kind == Kind::Full => Self::Full(error.to_string()),
            Failure::Sqlite(error) => Self::Broken(error.to_string()),
        }
    }
}

fn kind_of(error: &SqliteError) -> Kind {
    let Some(inner) = error.sqlite_error() else { return Kind::Command };
    // The shared memory file could not grow: that is how a full disk shows there, and nothing of
    // it has to last.
    if inner.extended_code == ffi::SQLITE_IOERR_SHMSIZE {
        return Kind::Full;
    }
    let broken = [
        ErrorCode::SystemIoFailure,
        ErrorCode::DatabaseCorrupt,
        ErrorCode::NotADatabase,
        ErrorCode::ReadOnly,
        ErrorCode::CannotOpen,
        ErrorCode::PermissionDenied,
    ];
    if inner.code == ErrorCode::DiskFull {
        Kind::Full
    } else if broken.contains(&inner.code) {
        Kind::Broken
    } else {
        Kind::Command
    }
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
            (ffi::SQLITE_CORRUPT, Kind::Broken),
            (ffi::SQLITE_READONLY, Kind::Broken),
            (ffi::SQLITE_CONSTRAINT, Kind::Command),
        ];
        for (code, kind) in table {
            assert_eq!(sqlite(code).kind(), kind, "code {code}");
        }
        assert_eq!(Failure::conflict("no").kind(), Kind::Command);
    }

    #[test]
    fn a_full_disk_is_told_as_full_and_everything_else_as_broken() {
        assert!(matches!(sqlite(ffi::SQLITE_FULL).into(), QueueError::Full(_)));
        assert!(matches!(sqlite(ffi::SQLITE_IOERR_FSYNC).into(), QueueError::Broken(_)));
        assert!(matches!(sqlite(ffi::SQLITE_CONSTRAINT).into(), QueueError::Broken(_)));
    }
}
