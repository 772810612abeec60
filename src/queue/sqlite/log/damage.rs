//! What of the log cannot be read, before SQLite has it open.
//!
//! SQLite takes a log up to the first frame that is not sound, and forgets what is behind it: that is how
//! it leaves out a transaction that a loss of power cut off. A frame that was on the disk once, and is not
//! sound now, hides all later ones in the same way, without a word. It is told from the first case by
//! what must have been on the disk: the frames of which the index says that they are committed, and each
//! transaction behind which another one was begun.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::path::Path;

use super::super::open;
use super::frames::{self, Frame, Header};
use super::index::Index;

/// A log that lacks what was committed to it.
#[derive(Debug)]
pub(super) struct Damage {
    /// The log; none if it is gone.
    pub(super) log: Option<(File, Header)>,
    /// The frames that are left, in the order of their transactions.
    pub(super) left: Vec<u64>,
    /// How many frames were committed; of a log that is gone, without those that are in the database.
    pub(super) committed: u64,
}

/// Looks at the log of the database at `real`, which nobody writes to meanwhile.
pub(super) fn look(real: &Path) -> io::Result<Option<Damage>> {
    let index = match opened(&open::beside(real, "-shm"))? {
        Some(file) => Index::read(&file)?,
        None => None,
    };
    let Some(log) = opened(&open::beside(real, "-wal"))? else {
        let committed = index.map_or(0, |index| index.committed.saturating_sub(index.moved));
        let gone = Damage { log: None, left: Vec::new(), committed };
        return Ok((committed > 0).then_some(gone));
    };
    let Some(header) = header(&log, index)? else { return Ok(None) };
    let index = index.filter(|index| index.salt == header.salt);
    let frames = frames::frames(&log, &header)?;
    let seen = seen(&frames, &header);
    let known = index.map_or(0, |index| index.committed);
    let end = end(&frames, seen, known);
    let committed = end.max(known);
    if committed <= seen || index.is_some_and(|index| committed <= index.moved) {
        return Ok(None);
    }
    let is_sound = |number: &u64| sound(&frames, *number);
    let left = (0..end).filter(is_sound).collect();
    Ok(Some(Damage { log: Some((log, header)), left, committed }))
}

/// A file, unless it is not there.
fn opened(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The log's header, or one in its place for the frames that were in use; none if there are no frames.
fn header(log: &File, index: Option<Index>) -> io::Result<Option<Header>> {
    if let Some(header) = Header::read(log)? {
        return Ok(Some(header));
    }
    let salt = match index {
        Some(index) => Some(index.salt),
        None => frames::first_salt(log)?.filter(|salt| *salt != [0; 8]),
    };
    Ok(salt.map(Header::lost))
}

fn sound(frames: &[Frame], number: u64) -> bool {
    usize::try_from(number).ok().and_then(|at| frames.get(at)).is_some_and(|frame| frame.is_sound)
}

/// How many frames SQLite takes.
fn seen(frames: &[Frame], header: &Header) -> u64 {
    if !header.is_sound() {
        return 0;
    }
    let sound = frames.iter().take_while(|frame| frame.is_sound).count();
    commits(frames, 0..sound).last().map_or(0, |last| last as u64 + 1)
}

/// How many frames there are up to the last transaction that was whole on the disk, where `known` of them
/// were committed for sure.
fn end(frames: &[Frame], seen: u64, known: u64) -> u64 {
    let mut end = seen;
    for run in runs(frames) {
        let commits: Vec<_> = commits(frames, run.clone()).collect();
        let was_whole = (run.start as u64) < known || commits.len() > 1;
        if let Some(last) = commits.last().filter(|_| was_whole) {
            end = end.max(*last as u64 + 1);
        }
    }
    end
}

/// The stretches of sound frames.
fn runs(frames: &[Frame]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    frames.chunk_by(|frame, next| frame.is_sound == next.is_sound).filter_map(move |frames| {
        let run = at..at + frames.len();
        at = run.end;
        frames[0].is_sound.then_some(run)
    })
}

/// The frames of a run that end a transaction.
fn commits(frames: &[Frame], run: Range<usize>) -> impl Iterator<Item = usize> {
    run.filter(|number| frames[*number].commits)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames by a letter each: `s` is sound, `c` is sound and commits, `x` is not sound, `X` says that it
    /// commits, too.
    fn frames(letters: &str) -> Vec<Frame> {
        let frame = |letter| Frame {
            is_sound: letter == 's' || letter == 'c',
            commits: letter == 'c' || letter == 'X',
        };
        letters.chars().map(frame).collect()
    }

    #[test]
    fn what_was_on_the_disk_once_ends_with_a_transaction() {
        let table = [
            ("scsc", 0, 4, "all is sound"),
            ("scs", 0, 2, "the last transaction is not whole"),
            ("scxscx", 0, 2, "a loss of power may have cut off the last one"),
            ("scxcsc", 0, 6, "behind a whole one another was begun"),
            ("scXscsc", 0, 7, "the same"),
            ("scxcxscx", 0, 2, "two that were undone, one behind the other"),
            ("scxscx", 3, 2, "the index knows of three frames, which no transaction ends"),
            ("scxscx", 4, 5, "the index knows of the fourth"),
            ("xx", 2, 0, "none is left"),
        ];
        for (letters, known, expected, why) in table {
            let frames = frames(letters);
            let sound = frames.iter().take_while(|frame| frame.is_sound).count();
            let seen = commits(&frames, 0..sound).last().map_or(0, |last| last as u64 + 1);
            assert_eq!(end(&frames, seen, known), expected, "{letters}: {why}");
        }
    }
}
