//! A log of what is left takes the place of a damaged one.
//!
//! What was committed before and behind the damage is in it. Where new pages were lost, the database has
//! old ones, so a new one is to be made of it; that is noted first, for a start after a crash.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::{FlockOperation, fcntl_lock};
use rustix::io::Errno;

use super::super::identity::PAGE;
use super::super::note::Note;
use super::super::open::{self, Locks, OpenError};
use super::damage::{self, Damage};
use super::frames;

/// Puts what is left of the log in its place, if a process was killed and its log is damaged now; says in
/// words what was lost of it, or of it at an earlier start, for which a new database has to be made.
pub(in super::super) fn repair(path: &Path, locks: &Locks) -> Result<Option<String>, OpenError> {
    let failed = |error: io::Error| OpenError::Failed {
        file: path.to_owned(),
        words: format!("its log cannot be looked at: {error}"),
    };
    let noted = match locks.note().map_err(failed)? {
        // Nobody had it open, or it is none of ours.
        Note::Nothing | Note::Queue => return Ok(None),
        Note::InUse => None,
        Note::Damaged(words) => Some(words),
    };
    let real = fs::canonicalize(path).map_err(failed)?;
    // Whoever has the database open has read the log already. Held until the new log is in its place.
    let Some(_alone) = alone(&real).map_err(failed)? else { return Ok(noted) };
    let log = open::beside(&real, "-wal");
    let Some(damage) = damage::look(&real).map_err(failed)? else {
        // What the killed process had not synced is taken now, and may not be lost later.
        sync(&log).map_err(failed)?;
        return Ok(noted);
    };
    let kept = open::kept(&log);
    let damaged = |words: String| OpenError::Damaged { file: path.to_owned(), words };
    let kept = kept.map_err(|words| damaged(format!("{}, and {words}", damage.told(&log))))?;
    let words = damage.words(&log, &kept);
    if damage.rest.lost > 0 {
        locks.write_note(&Note::Damaged(words.clone())).map_err(failed)?;
    }
    lengthen(locks.database(), damage.rest.pages)
        .and_then(|()| replace(&damage, &log, &kept))
        .map_err(|error| {
            damaged(format!("{words}, and no new log could be made of it: {error}"))
        })?;
    if damage.rest.lost > 0 {
        return Ok(Some(words));
    }
    tracing::warn!("{words}");
    Ok(noted)
}

/// In words, what the log of a database has lost that nobody has open; the next start is told, since
/// whoever reads the database now makes the index anew.
pub(in super::super) fn complaint(path: &Path) -> Option<String> {
    let lock = OpenOptions::new().read(true).write(true).open(open::beside(path, ".lock")).ok()?;
    lock.try_lock().ok()?;
    match Note::read(&lock).ok()? {
        Note::Nothing | Note::Queue => return None,
        Note::InUse => {}
        Note::Damaged(words) => return Some(words),
    }
    let real = fs::canonicalize(path).ok()?;
    let _alone = alone(&real).ok()??;
    let damage = damage::look(&real).ok()?.filter(|damage| damage.rest.lost > 0)?;
    let words = damage.told(&open::beside(&real, "-wal"));
    // Without it, the next start finds what it can still tell by itself.
    let _ = Note::Damaged(words.clone()).write(&lock);
    Some(words)
}

impl Damage {
    /// What was lost.
    fn told(&self, log: &Path) -> String {
        let (log, committed, lost) = (log.display(), self.rest.committed, self.rest.lost);
        if self.log.is_none() {
            return format!("the log {log} is gone, and with it {lost} pages that were committed");
        }
        if lost == 0 {
            return format!("the log {log} is damaged, but nothing was lost with it");
        }
        format!("of {committed} pages that were committed to the log {log}, {lost} cannot be read")
    }

    /// What was lost, what that means, and where the damaged log is.
    fn words(&self, log: &Path, kept: &Path) -> String {
        let mut words = vec![self.told(log)];
        if self.rest.lost > 0 {
            let meaning = "some of what was accepted last may be lost, and some of what was sent last be sent again";
            words.push(meaning.to_owned());
        }
        if self.log.is_some() {
            words.push(format!("the damaged log is kept as {}", kept.display()));
        }
        words.join("; ")
    }
}

/// Keeps every other program from opening the database, by a lock of the index, if there is one.
struct Alone {
    _index: Option<File>,
}

/// None if another program has the database open.
fn alone(real: &Path) -> io::Result<Option<Alone>> {
    let index = OpenOptions::new().read(true).write(true).open(open::beside(real, "-shm"));
    let Some(index) = open::if_there(index)? else { return Ok(Some(Alone { _index: None })) };
    // Every connection of SQLite holds a lock there.
    match fcntl_lock(&index, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(Alone { _index: Some(index) })),
        Err(Errno::AGAIN | Errno::ACCESS) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn sync(log: &Path) -> io::Result<()> {
    open::if_there(File::open(log))?.map_or(Ok(()), |log| log.sync_all())
}

/// Gives the database a place for each page that it has with the log: SQLite refuses a log that is too short
/// for the pages that the database lacks.
fn lengthen(database: &File, pages: u64) -> io::Result<()> {
    if database.metadata()?.len() < pages * PAGE {
        database.set_len(pages * PAGE)?;
    }
    // What is in the database already is left out of the new log.
    database.sync_all()
}

/// Writes the new log, which takes the old one's place.
fn replace(damage: &Damage, log: &Path, kept: &Path) -> io::Result<()> {
    let Some((from, header)) = &damage.log else { return Ok(()) };
    let new = open::beside(log, ".mended");
    open::remove(&new)?;
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
    let mut to = BufWriter::new(file);
    frames::copy(from, header, &damage.rest.frames, damage.rest.pages, &mut to)?;
    to.flush()?;
    to.get_ref().sync_all()?;
    open::take_place(log, &new, kept)
}
