//! Looking at a database from outside, while a server may have it open: its soundness, a copy.
//!
//! Both read only, over a connection of their own, and need no lock: in WAL mode a reader stops
//! nobody.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::totals;

/// Why a database could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// It cannot be opened or read.
    #[error("{file}: {error}", file = file.display())]
    Unreadable {
        /// The database.
        file: PathBuf,
        /// What SQLite said.
        error: rusqlite::Error,
    },
    /// The copy cannot be made.
    #[error("{file} cannot be written: {error}", file = file.display())]
    NotWritable {
        /// The copy.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The copy failed on its way.
    #[error("{file} could not be written: {words}", file = file.display())]
    NotSaved {
        /// The copy.
        file: PathBuf,
        /// Why.
        words: String,
    },
    /// The copy's file is there already.
    #[error("{file} is there already; name another file", file = file.display())]
    Exists {
        /// The copy.
        file: PathBuf,
    },
}

impl CheckError {
    fn not_made(copy: &Path, error: io::Error) -> Self {
        let file = copy.to_owned();
        if error.kind() == ErrorKind::AlreadyExists {
            return Self::Exists { file };
        }
        Self::NotWritable { file, error }
    }
}

/// What a look found.
#[derive(Debug)]
pub struct Found {
    /// SQLite's own complaints; none of a sound file.
    pub complaints: Vec<String>,
    /// Deliveries ever accepted.
    pub accepted: i64,
    /// Deliveries ever settled.
    pub settled: i64,
    /// Deliveries queued now, counted row by row.
    pub queued: i64,
}

impl Found {
    /// Whether the file is sound and its totals are equal.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.complaints.is_empty() && self.accepted == self.settled + self.queued
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for complaint in &self.complaints {
            writeln!(f, "{complaint}")?;
        }
        let equal = if self.accepted == self.settled + self.queued { "=" } else { "≠" };
        if !self.complaints.is_empty() {
            writeln!(f, "campana queue salvage NEW_FILE copies what can be read")?;
        }
        write!(
            f,
            "{}: accepted {} {equal} settled {} + queued {}",
            if self.is_sound() { "sound" } else { "NOT SOUND" },
            self.accepted,
            self.settled,
            self.queued
        )
    }
}

/// Reads the whole file and compares its totals with its rows.
///
/// # Errors
///
/// When it is no readable database of ours.
pub fn check(file: &Path) -> Result<Found, CheckError> {
    let unreadable = |error| CheckError::Unreadable { file: file.to_owned(), error };
    look(file).map_err(unreadable)
}

fn look(file: &Path) -> Result<Found, rusqlite::Error> {
    let connection = reader(file)?;
    // The first read; of a file that is no database it fails.
    connection.query_row("PRAGMA schema_version", [], |_| Ok(()))?;
    let mut complaints = complaints(&connection)
        .unwrap_or_else(|error| vec![format!("it cannot be read whole: {error}")]);
    // One moment for all of them: the server may go on meanwhile.
    let tx = connection.unchecked_transaction()?;
    let mut number = |sql: &str| {
        tx.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap_or_else(|error| {
            complaints.push(format!("its totals cannot be read: {error}"));
            0
        })
    };
    let accepted = number("SELECT coalesce(sum(n), 0) FROM total WHERE kind = 'accepted'")
        + number(totals::REST);
    let settled = number("SELECT coalesce(sum(n), 0) FROM total WHERE kind = 'settled'");
    let queued = number("SELECT count(*) FROM delivery WHERE state = 'queued'");
    Ok(Found { complaints, accepted, settled, queued })
}

fn complaints(connection: &Connection) -> Result<Vec<String>, rusqlite::Error> {
    let mut pragma = connection.prepare("PRAGMA integrity_check(20)")?;
    pragma
        .query_map([], |row| row.get::<_, String>(0))?
        .filter(|line| line.as_ref().map_or(true, |line| line != "ok"))
        .collect()
}

/// Writes a copy of the database as it is at one moment, for its owner only as the database is.
///
/// # Errors
///
/// When the copy is there already, or either file fails; then no copy is left.
pub fn backup(file: &Path, to: &Path) -> Result<(), CheckError> {
    let unreadable = |error| CheckError::Unreadable { file: file.to_owned(), error };
    let connection = reader(file).map_err(unreadable)?;
    create(to)?;
    let copied = connection.execute("VACUUM INTO ?1", [&*to.to_string_lossy()]);
    if copied.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(to);
    }
    copied.map_err(unreadable)?;
    let synced = File::open(to).and_then(|copy| copy.sync_all());
    synced.map_err(|error| CheckError::not_made(to, error))
}

/// Makes the empty file of a copy, which SQLite would make readable to all.
pub(super) fn create(to: &Path) -> Result<(), CheckError> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)
        .map(drop)
        .map_err(|error| CheckError::not_made(to, error))
}

pub(super) fn reader(file: &Path) -> Result<Connection, rusqlite::Error> {
    Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
}
