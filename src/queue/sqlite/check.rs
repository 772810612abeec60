//! Looking at a database from outside, while a server may have it open: its soundness, a copy.
//!
//! Both write nothing, over a connection of their own, and need no lock: in WAL mode a reader stops
//! nobody.

mod content;
mod rows;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::{log, totals};

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
    /// It has none of our tables.
    #[error(
        "{file} is no database of campana: it is empty, or another program's; name campana's, or a backup of it",
        file = file.display()
    )]
    NotOurs {
        /// The file.
        file: PathBuf,
    },
    /// The database's log has lost what this says.
    #[error("{file}: {words}; start campana, which goes on with the rest", file = file.display())]
    Damaged {
        /// The database.
        file: PathBuf,
        /// What was lost.
        words: String,
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
    pub(super) fn unreadable(file: &Path, error: rusqlite::Error) -> Self {
        Self::Unreadable { file: file.to_owned(), error }
    }

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
    /// The deliveries and notifications of which something cannot be read, though SQLite reads it.
    pub unreadable: Vec<String>,
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
        self.complaints.is_empty()
            && self.unreadable.is_empty()
            && self.accepted == self.settled + self.queued
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.complaints.iter().chain(&self.unreadable) {
            writeln!(f, "{line}")?;
        }
        let equal = if self.accepted == self.settled + self.queued { "=" } else { "≠" };
        if !self.complaints.is_empty() {
            writeln!(
                f,
                "a running server makes a new database of what can be read when it meets the damage, \
                 and so does its start; campana queue salvage NEW_FILE does it by hand"
            )?;
        }
        if !self.unreadable.is_empty() {
            writeln!(
                f,
                "a server goes on without it, and a queued delivery without its message is a dead \
                 letter when its turn comes; what another version of campana wrote, that one reads"
            )?;
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

/// Reads the whole file, also what its texts hold, and compares its totals with its rows.
///
/// # Errors
///
/// When it is no readable database of ours.
pub fn check(file: &Path) -> Result<Found, CheckError> {
    // Before SQLite reads the log, which makes its index anew.
    let log = log::complaint(file);
    let connection = checker(file).map_err(|error| CheckError::unreadable(file, error))?;
    refuse_foreign(&connection, file)?;
    look(&connection, log).map_err(|error| CheckError::unreadable(file, error))
}

/// Refuses what is no database, and one that can be read and has none of our tables.
pub(super) fn refuse_foreign(connection: &Connection, file: &Path) -> Result<(), CheckError> {
    // The first read; of a file that is no database it fails.
    let first = connection.query_row("PRAGMA schema_version", [], |_| Ok(()));
    first.map_err(|error| CheckError::unreadable(file, error))?;
    let ours = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'delivery'";
    // A damaged list of tables may be ours.
    if connection.query_row(ours, [], |row| row.get::<_, u8>(0)) == Ok(0) {
        return Err(CheckError::NotOurs { file: file.to_owned() });
    }
    Ok(())
}

fn look(connection: &Connection, log: Option<String>) -> Result<Found, rusqlite::Error> {
    let mut complaints = complaints(connection)
        .unwrap_or_else(|error| vec![format!("it cannot be read whole: {error}")]);
    complaints.extend(log);
    complaints.extend(rows::invalid_texts(connection));
    complaints.extend(rows::missing_rows(connection));
    if !complaints.is_empty() {
        complaints.extend(rows::unreadable_deliveries(connection));
    }
    let unreadable = content::unreadable(connection);
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
    Ok(Found { complaints, unreadable, accepted, settled, queued })
}

/// SQLite's complaints, with the names of tables and indexes in the place of their numbers.
fn complaints(connection: &Connection) -> Result<Vec<String>, rusqlite::Error> {
    let mut names =
        connection.prepare("SELECT rootpage, type || ' ' || name FROM sqlite_schema")?;
    let names = names.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let names: BTreeMap<i64, String> = names.filter_map(Result::ok).collect();
    let mut pragma = connection.prepare("PRAGMA integrity_check(20)")?;
    let told = pragma.query_map([], |row| row.get::<_, String>(0))?;
    // The check itself can end at a damaged page; what it said before stands.
    let told = told
        .map(|told| told.unwrap_or_else(|error| format!("the check could not read on: {error}")));
    let told: Vec<String> = told.collect();
    // A complaint can have several lines, under a heading of its own.
    let lines = told.iter().flat_map(|told| told.lines());
    let lines = lines.filter(|line| *line != "ok" && !line.starts_with("*** "));
    Ok(lines.map(|line| with_name(line, &names)).collect())
}

/// `Tree 5 page 17: …` as `table message, page 17: …`.
fn with_name(line: &str, names: &BTreeMap<i64, String>) -> String {
    if let Some(table) = line.strip_prefix("CHECK constraint failed in ") {
        return format!("table {table}: a row holds a number that none can have");
    }
    let told = line.strip_prefix("Tree ").and_then(|rest| {
        let (tree, rest) = rest.split_once(' ')?;
        Some(format!("{}, {rest}", names.get(&tree.parse().ok()?)?))
    });
    told.unwrap_or_else(|| line.to_owned())
}

/// Writes a copy of the database as it is at one moment, for its owner only as the database is.
///
/// # Errors
///
/// When the copy is there already, or either file fails; then no copy is left.
pub fn backup(file: &Path, to: &Path) -> Result<(), CheckError> {
    let unreadable = |error| CheckError::unreadable(file, error);
    if let Some(words) = log::complaint(file) {
        return Err(CheckError::Damaged { file: file.to_owned(), words });
    }
    let connection = reader(file).map_err(unreadable)?;
    refuse_foreign(&connection, file)?;
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

/// A connection that reads only, for the whole check: SQLite does not look whether numbers are ones that
/// their rows can have over a connection that could not write.
fn checker(file: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // Its end leaves the log as it is.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

pub(super) fn reader(file: &Path) -> Result<Connection, rusqlite::Error> {
    Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
}
