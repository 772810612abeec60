//! A damaged database gives way to a new one of what can be read of it.
//!
//! An index holds nothing of its own and is made anew; a delivery whose bytes lie on the damaged page is
//! a dead letter in the new database; all else goes on. A page of a tree can hide or overwrite others
//! once it is written to, so nothing is accepted into a damaged database.
//!
//! The new one is made beside the old one and takes its place in one step, so that a crash leaves one or
//! the other. The damaged one is kept.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OpenFlags};

use super::begin;
use super::failure::Failure;
use super::identity::Identity;
use super::open::{self, OpenError};
use super::reserve::Reserve;
use super::salvage::{Salvaged, salvage};
use super::writer::{WriteJob, Writer, answer_all};
use crate::queue::{Mended, QueueError};

impl Writer {
    /// Goes on with a new database of what can be read, and does the commands there.
    ///
    /// The first time that a page cannot be read, the commands are tried again: a disk may answer at
    /// the second try.
    pub(super) fn mend(&mut self, batch: Vec<WriteJob>, failure: Failure) {
        // A look without a command is not repeated.
        self.damaged_in_a_row += if batch.is_empty() { 2 } else { 1 };
        match self.damaged_in_a_row {
            1 => return self.work(batch),
            2 => {}
            _ => return self.give_up(batch, failure.damage()),
        }
        if let Err(failure) = self.identity.check(&self.ledger) {
            // The files are not those that were opened: nothing is wrong with their pages.
            return self.fail(batch, failure);
        }
        let damage = failure.damage();
        self.refuse(Some(QueueError::Busy(format!(
            "{damage}; a new database is being made of what can be read"
        ))));
        match self.replace(&damage) {
            Ok(mended) => {
                self.mended.push(mended);
                self.refuse_at_limit();
                self.work(batch);
            }
            Err(error) => self.give_up(batch, error.to_string()),
        }
    }

    fn replace(&mut self, damage: &str) -> Result<Mended, OpenError> {
        let (path, readers) = (self.path.clone(), Arc::clone(&self.readers));
        let refused = |failure| open::refused(&path, failure);
        let failed = |error: io::Error| refused(Failure::of_system(&error));
        let closed = readers.let_go();
        self.ledger.let_go().map_err(refused)?;
        let lock = self.locks.beside();
        let mended = replace(&path, damage)?;
        let locks = open::lock_database(&path, lock)?;
        let open::Opened { writer: connection, locks, .. } = open::open(&path, locks)?;
        begin::go_on(&connection, &self.life).map_err(refused)?;
        self.ledger.take_up(connection).map_err(refused)?;
        closed.open(&path, &locks)?;
        self.identity = Identity::of(&path).map_err(failed)?;
        let (log, bytes) = (self.identity.log(), self.reserve.bytes());
        self.reserve = Reserve::new(Arc::clone(&locks), log, bytes).map_err(failed)?;
        self.admission.take_up(Arc::clone(&locks));
        self.locks = locks;
        // Without it there is no room for a full disk; the next look takes it.
        let _ = self.reserve.take(&self.ledger);
        Ok(mended)
    }

    /// Nothing can be stored any more, for this reason.
    fn give_up(&mut self, batch: Vec<WriteJob>, words: String) {
        let error = QueueError::Broken(words);
        self.refuse(Some(error.clone()));
        answer_all(batch, &error);
    }
}

/// Puts a new database in the place of the damaged one at `path`, which nobody here has open.
pub(super) fn replace(path: &Path, damage: &str) -> Result<Mended, OpenError> {
    let failed = |error: &dyn std::fmt::Display| OpenError::Damaged {
        file: path.to_owned(),
        words: format!("{damage}, and no new one could be made of it: {error}"),
    };
    // Its log lies beside the file that a link leads to, and the new one has to be there.
    let real = fs::canonicalize(path).map_err(|error| failed(&error))?;
    let (new, kept) =
        (open::beside(&real, ".mended"), open::kept(&real).map_err(|words| failed(&words))?);
    empty_log(&real).map_err(|words| failed(&words))?;
    // A crash may have left it there.
    open::remove(&new).map_err(|error| failed(&error))?;
    let saved = salvage(&real, &new).map_err(|error| failed(&error))?;
    take_place(&real, &new, &kept).map_err(|error| failed(&error))?;
    let Salvaged { deliveries, lost, .. } = saved;
    Ok(Mended { damage: damage.to_owned(), kept, deliveries, lost })
}

/// Moves all of the log into the database, so that none of it is taken for the new one's.
fn empty_log(real: &Path) -> Result<(), String> {
    let connection = Connection::open_with_flags(real, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .map_err(|error| error.to_string())?;
    let moved = connection.busy_timeout(open::HELD_UP).and_then(|()| {
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0))
    });
    match moved {
        Ok(false) => Ok(()),
        Ok(true) => Err("another program, such as sqlite3, has it open; end it".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Each step leaves a whole database at the path.
fn take_place(real: &Path, new: &Path, kept: &Path) -> io::Result<()> {
    // Another program that has them open must not write into those of the new database.
    for companion in ["-wal", "-shm"] {
        open::remove(&open::beside(real, companion))?;
    }
    open::take_place(real, new, kept)
}
