//! What the lock file says of the database beside it, for a start that finds less than there was.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// The most bytes of a note.
const LONGEST: usize = 4096;

const QUEUE: &str = "The database beside this file holds the queue of campana.\n";
const IN_USE: &str = "Its newest deliveries are in its log.\n";

/// The note in a lock file; each says what the one before it says, and more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Note {
    /// There is none.
    Nothing,
    /// The database holds a queue.
    Queue,
    /// A process has it open, or was killed: part of it is in the log.
    InUse,
    /// The log has lost what these words say, and a new database is to be made of the rest.
    Damaged(String),
}

impl Note {
    /// The note in this lock file.
    pub(super) fn read(lock: &File) -> io::Result<Self> {
        let mut bytes = vec![0; LONGEST];
        let read = lock.read_at(&mut bytes, 0)?;
        let text = String::from_utf8_lossy(&bytes[..read]);
        let Some(rest) = text.strip_prefix(QUEUE) else { return Ok(Self::Nothing) };
        Ok(match rest.strip_prefix(IN_USE) {
            None => Self::Queue,
            Some("") => Self::InUse,
            Some(words) => Self::Damaged(words.to_owned()),
        })
    }

    /// Writes the note, which is on the disk then, if the file has another one.
    pub(super) fn write(&self, lock: &File) -> io::Result<()> {
        if *self == Self::read(lock)? {
            return Ok(());
        }
        let text = match self {
            Self::Nothing => String::new(),
            Self::Queue => QUEUE.to_owned(),
            Self::InUse => [QUEUE, IN_USE].concat(),
            Self::Damaged(words) => [QUEUE, IN_USE, words].concat(),
        };
        // A crash in between leaves what the old and the new note share.
        lock.write_all_at(text.as_bytes(), 0)?;
        lock.set_len(text.len() as u64)?;
        lock.sync_all()
    }

    /// Whether the database held a queue.
    pub(super) fn is_of_queue(&self) -> bool {
        *self != Self::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_written_whatever_stood_there() {
        let lock = tempfile::tempfile().expect("a file");
        let damaged = Note::Damaged("a page is lost".to_owned());
        assert_eq!(Note::read(&lock).expect("it is read"), Note::Nothing);
        for note in [Note::Queue, damaged.clone(), Note::InUse, Note::Queue, damaged, Note::Queue] {
            note.write(&lock).expect("it is written");
            assert_eq!(Note::read(&lock).expect("it is read"), note);
            assert!(note.is_of_queue());
        }
        lock.set_len(0).expect("it is cut");
        lock.write_all_at(b"another program's", 0).expect("it is written");
        assert_eq!(Note::read(&lock).expect("it is read"), Note::Nothing);
    }
}
