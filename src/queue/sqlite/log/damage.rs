//! What of the log cannot be read, before SQLite has it open.
//!
//! SQLite takes a log up to the first frame that is not sound, and forgets what is behind it: that is how
//! it leaves out a transaction that a loss of power cut off. A frame that was on the disk once, and is not
//! sound now, hides all later ones in the same way, without a word. It is told from the first case by
//! what must have been on the disk: the frames of which the index says that they are committed, and each
//! transaction behind which another one was begun.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

use super::super::open;
use super::frames::{self, Frame, Header};
use super::index::Index;

/// A log that does not hold what was committed to it.
#[derive(Debug)]
pub(super) struct Damage {
    /// The log; none if it is gone.
    pub(super) log: Option<(File, Header)>,
    /// What is left of it, and what is not.
    pub(super) rest: Rest,
}

/// What is left of a damaged log.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Rest {
    /// The frames that are needed, in the order of their transactions. What is in the database up to the
    /// last damaged frame there must not be written over it again: an older page would come back.
    pub(super) frames: Vec<u64>,
    /// The database's pages after the last of them.
    pub(super) pages: u64,
    /// How many frames were committed.
    pub(super) committed: u64,
    /// Of these, how many are neither left nor in the database.
    pub(super) lost: u64,
}

/// Looks at the log of the database at `real`, which nobody has open meanwhile.
pub(super) fn look(real: &Path) -> io::Result<Option<Damage>> {
    let opened = |suffix| open::if_there(File::open(open::beside(real, suffix)));
    let index = match opened("-shm")? {
        Some(file) => Index::read(&file)?,
        None => None,
    };
    let Some(log) = opened("-wal")? else {
        let gone = index.and_then(|index| rest(&[], false, Some(index)));
        return Ok(gone.filter(|rest| rest.lost > 0).map(|rest| Damage { log: None, rest }));
    };
    let Some(header) = header(&log, index) else { return Ok(None) };
    let index = index.filter(|index| index.salt == header.salt);
    let frames = frames::frames(&log, &header)?;
    let rest = rest(&frames, header.is_sound(), index);
    Ok(rest.map(|rest| Damage { log: Some((log, header)), rest }))
}

/// The log's header, or one in its place for the frames that were in use; none if there are none.
fn header(log: &File, index: Option<Index>) -> Option<Header> {
    Header::read(log).or_else(|| {
        // The block that holds the header holds the first frame's salt as well.
        let salt = frames::second_salt(log).or(index.map(|index| index.salt));
        salt.map(Header::lost)
    })
}

/// What is left, if a committed frame is not sound.
fn rest(frames: &[Frame], has_header: bool, index: Option<Index>) -> Option<Rest> {
    let seen = if has_header { seen(frames) } else { 0 };
    let (known, moved) = index.map_or((0, 0), |index| (index.committed, index.moved));
    let (end, pages) = end(frames, seen, index);
    let committed = end.max(known);
    let is_sound = |number: &u64| is_sound(frames, *number);
    if (0..committed).all(|number| is_sound(&number)) {
        return None;
    }
    let damaged = (0..moved.min(committed)).rev().find(|number| !is_sound(number));
    let first = damaged.map_or(0, |damaged| damaged + 1);
    let left: Vec<u64> = (first..end).filter(is_sound).collect();
    let kept = left.iter().filter(|number| **number >= moved).count() as u64;
    let lost = committed.saturating_sub(moved) - kept;
    Some(Rest { frames: left, pages, committed, lost })
}

fn is_sound(frames: &[Frame], number: u64) -> bool {
    usize::try_from(number).ok().and_then(|at| frames.get(at)).is_some_and(|frame| frame.is_sound)
}

/// How many frames SQLite takes.
fn seen(frames: &[Frame]) -> u64 {
    let sound = frames.iter().take_while(|frame| frame.is_sound).count();
    commits(frames, 0..sound).last().map_or(0, |last| last as u64 + 1)
}

/// The most frames that one bad block of a disk lies in.
const BLOCK: u64 = 2;

/// How many frames there are up to the last transaction that was whole on the disk, and how many pages the
/// database has then.
fn end(frames: &[Frame], seen: u64, index: Option<Index>) -> (u64, u64) {
    let known = index.map_or(0, |index| index.committed);
    // Where the index knows of all that SQLite takes, and was not made anew of that, what lies behind was
    // forgotten once, and newer frames were written since.
    let may_be_more = index.is_none_or(|index| known != seen || index.is_made_anew());
    let mut end = seen;
    for run in runs(frames) {
        let commits: Vec<_> = commits(frames, run.clone()).collect();
        let was_whole = (run.start as u64) < known || (may_be_more && commits.len() > 1);
        if let Some(last) = commits.last().filter(|_| was_whole) {
            end = end.max(*last as u64 + 1);
        }
    }
    // The frame that ended the last transaction may be a damaged one.
    if let Some(index) = index
        && (end..known).filter(|number| !is_sound(frames, *number)).count() as u64 <= BLOCK
        && known > end
    {
        return (known, index.pages);
    }
    let last = usize::try_from(end).ok().and_then(|end| frames.get(end.checked_sub(1)?));
    (end, last.map_or(0, |frame| u64::from(frame.pages)))
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
    run.filter(|number| frames[*number].pages > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames by a letter each: `s` is sound, `c` is sound and commits, `x` is not sound, `X` says that it
    /// commits, too.
    fn frames(letters: &str) -> Vec<Frame> {
        let frame = |letter| Frame {
            is_sound: letter == 's' || letter == 'c',
            pages: u32::from(letter == 'c' || letter == 'X'),
        };
        letters.chars().map(frame).collect()
    }

    fn of(letters: &str, index: Option<Index>) -> Option<Rest> {
        rest(&frames(letters), true, index)
    }

    #[test]
    fn without_an_index_what_was_on_the_disk_once_ends_with_a_transaction() {
        let table: [(&str, &[u64], u64, &str); 3] = [
            ("scxcsc", &[0, 1, 3, 4, 5], 1, "behind a whole one another was begun"),
            ("scXscsc", &[0, 1, 3, 4, 5, 6], 1, "the same"),
            ("scxxscscx", &[0, 1, 4, 5, 6, 7], 2, "what was cut off behind it is no loss"),
        ];
        for (letters, left, lost, why) in table {
            let found = of(letters, None).expect(why);
            let committed = left[left.len() - 1] + 1;
            let pages = 1;
            let expected = Rest { frames: left.to_vec(), pages, committed, lost };
            assert_eq!(found, expected, "{letters}: {why}");
        }
        for (letters, why) in [
            ("scsc", "all is sound"),
            ("scs", "the last transaction is not whole"),
            ("scxscx", "a loss of power may have cut off the last one"),
            ("scxcxscx", "two that were undone, one behind the other"),
            ("", "there is none"),
        ] {
            assert_eq!(of(letters, None), None, "{letters}: {why}");
        }
    }

    #[test]
    fn what_the_index_knows_was_on_the_disk() {
        let index = |committed, moved| Some(Index::of_test(committed, moved, false));
        let table: [(&str, _, &[u64], u64, u64, &str); 8] = [
            ("scxsc", index(5, 0), &[0, 1, 3, 4], 5, 1, "one frame is lost"),
            ("scxscsx", index(4, 0), &[0, 1, 3, 4], 5, 1, "more was committed than it knows"),
            ("scscssX", index(7, 0), &[0, 1, 2, 3, 4, 5], 7, 1, "the end of a transaction"),
            ("scscxxxX", index(8, 0), &[0, 1, 2, 3], 8, 4, "nothing is left of the last"),
            ("scsc", index(9, 0), &[0, 1, 2, 3], 9, 5, "it was cut"),
            ("scxscsc", index(7, 5), &[3, 4, 5, 6], 7, 0, "what is lost is in the database"),
            ("scxscxc", index(7, 3), &[3, 4, 6], 7, 1, "one of two is"),
            ("scxsc", index(5, 5), &[3, 4], 5, 0, "all is in the database, and stays newer"),
        ];
        for (letters, index, left, committed, lost, why) in table {
            let found = of(letters, index).expect(why);
            let found = (found.frames.as_slice(), found.committed, found.lost);
            assert_eq!(found, (left, committed, lost), "{letters}: {why}");
        }
        assert_eq!(of("scsc", index(4, 4)), None);
        assert_eq!(of("scscxs", index(4, 0)), None);
    }

    #[test]
    fn what_was_forgotten_once_does_not_come_back() {
        // The two at the end are older than the two before the damage.
        let forked = "scscxscsc";
        assert_eq!(of(forked, Some(Index::of_test(4, 0, false))), None);
        // A program has only read the log since it was damaged.
        let anew = of(forked, Some(Index::of_test(4, 0, true))).expect("it is damaged");
        assert_eq!((anew.committed, anew.lost), (9, 1));
        // After a loss of power the index may be an old one.
        let old = of(forked, Some(Index::of_test(2, 0, false))).expect("it is damaged");
        assert_eq!((old.committed, old.lost), (9, 1));
    }

    #[test]
    fn without_its_header_sqlite_takes_nothing() {
        let found = rest(&frames("xcsc"), false, None).expect("it is damaged");
        assert_eq!((found.frames, found.lost), (vec![1, 2, 3], 1));
        let gone = rest(&[], false, Some(Index::of_test(9, 4, false))).expect("it is lost");
        assert_eq!((gone.frames, gone.committed, gone.lost), (Vec::new(), 9, 5));
    }
}
