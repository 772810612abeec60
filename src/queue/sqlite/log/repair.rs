//! A log of what is left takes the place of a damaged one.
//!
//! What was committed before and behind the damage is in it. The database has old pages then where new
//! ones were lost, so a new one is to be made of it; that is noted first, for a start after a crash.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::{FlockOperation, fcntl_lock};
use rustix::io::Errno;

use super::super::open::{self, Locks, OpenError};
use super::damage::{self, Damage};
use super::frames;

/// Puts what is left of the log in its place, if it is damaged; then, or if an earlier start did so and ended,
/// says in words what was lost of it, for which a new database has to be made.
pub(in super::super) fn repair(path: &Path, locks: &Locks) -> Result<Option<String>, OpenError> {
    let failed = |error: io::Error| OpenError::Failed {
        file: path.to_owned(),
        words: format!("its log cannot be read: {error}"),
    };
    let real = fs::canonicalize(path).map_err(failed)?;
    let Some(damage) = damage::look(&real).map_err(failed)? else {
        return locks.noted_damage().map_err(failed);
    };
    if is_open_elsewhere(&real).map_err(failed)? {
        return Err(OpenError::HeldUp { file: path.to_owned() });
    }
    let damaged =
        |words: &str| OpenError::Damaged { file: path.to_owned(), words: words.to_owned() };
    let log = open::beside(&real, "-wal");
    let kept = open::kept(&log).map_err(|words| damaged(&words))?;
    let words = damage.words(&log, &kept);
    locks.note_damage(&words).map_err(failed)?;
    replace(&damage, &log, &kept).map_err(|error| {
        damaged(&format!("{words}, and no new log could be made of it: {error}"))
    })?;
    Ok(Some(words))
}

/// In words, what the log of a database lacks; none if it lacks nothing, or a process has the store open.
pub(in super::super) fn complaint(path: &Path) -> Option<String> {
    let lock = File::open(open::beside(path, ".lock")).ok()?;
    lock.try_lock().ok()?;
    let real = fs::canonicalize(path).ok()?;
    let damage = damage::look(&real).ok()??;
    Some(damage.of(&open::beside(&real, "-wal")))
}

impl Damage {
    fn of(&self, log: &Path) -> String {
        let (log, committed) = (log.display(), self.committed);
        if self.log.is_none() {
            return format!(
                "the log {log} is gone, and with it {committed} pages that were committed"
            );
        }
        let lost = committed - self.left.len() as u64;
        format!("of {committed} pages that were committed to the log {log}, {lost} cannot be read")
    }

    fn words(&self, log: &Path, kept: &Path) -> String {
        let what = self.of(log);
        let may_be = "some of what was accepted last may be lost, and some of what was sent last be sent again";
        if self.log.is_none() {
            return format!("{what}; {may_be}");
        }
        format!("{what}; {may_be}; the damaged log is kept as {}", kept.display())
    }
}

/// Whether another program has the database open, whose log must not be replaced.
fn is_open_elsewhere(real: &Path) -> io::Result<bool> {
    let index = match OpenOptions::new().read(true).write(true).open(open::beside(real, "-shm")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        index => index?,
    };
    // Every connection of SQLite holds a lock there.
    match fcntl_lock(&index, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(false),
        Err(Errno::AGAIN | Errno::ACCESS) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// Each step leaves the old log or the new one in its place.
fn replace(damage: &Damage, log: &Path, kept: &Path) -> io::Result<()> {
    let Some((from, header)) = &damage.log else { return Ok(()) };
    let new = open::beside(log, ".mended");
    open::remove(&new)?;
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
    let mut to = BufWriter::new(file);
    frames::copy(from, header, damage.left.iter().copied(), &mut to)?;
    to.flush()?;
    to.get_ref().sync_all()?;
    fs::hard_link(log, kept)?;
    fs::rename(new, log)?;
    match log.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
