//! The log's index in shared memory, which stays in its file when a process is killed.
//!
//! SQLite writes there how many frames are committed after these are on the disk
//! (sqlite.org/walformat.html, section 2). It is not synced itself, so after a loss of power it may say
//! less than there was.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::frames::{Salt, native_sum};

/// Bytes of the header, of which two copies stand at the begin, of its part that the checksum is of, and
/// of what is read.
const HEADER: usize = 48;
const SUMMED: usize = 40;
const READ: usize = 132;

/// The version of the format.
const VERSION: u64 = 3_007_000;

/// What the index says of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Index {
    /// Which log.
    pub(super) salt: Salt,
    /// The frames that are committed.
    pub(super) committed: u64,
    /// The database's pages after them.
    pub(super) pages: u64,
    /// Of the frames, the first so many are in the database.
    pub(super) moved: u64,
    /// Of the frames, the first so many were to be moved; all, when a program has just read the log whole.
    to_move: u64,
}

impl Index {
    /// What this file says, unless a crash left it half written.
    pub(super) fn read(file: &File) -> io::Result<Option<Self>> {
        let mut bytes = [0; READ];
        if file.read_at(&mut bytes, 0)? < READ {
            return Ok(None);
        }
        let number =
            |at| u64::from(u32::from_ne_bytes(std::array::from_fn(|byte| bytes[at + byte])));
        let (header, copy) = (&bytes[..HEADER], &bytes[HEADER..2 * HEADER]);
        let sum = native_sum(&header[..SUMMED]).map(u32::to_ne_bytes);
        if header != copy || sum.as_flattened() != &header[SUMMED..] || number(0) != VERSION {
            return Ok(None);
        }
        Ok(Some(Self {
            salt: std::array::from_fn(|at| header[32 + at]),
            committed: number(16),
            pages: number(20),
            moved: number(96),
            to_move: number(128),
        }))
    }

    /// Whether a program made it anew of what it could read of the log, so that there may have been more.
    pub(super) fn is_made_anew(&self) -> bool {
        self.moved == 0 && self.to_move == self.committed
    }

    #[cfg(test)]
    pub(super) fn of_test(committed: u64, moved: u64, is_made_anew: bool) -> Self {
        let to_move = if is_made_anew { committed } else { moved };
        Self { salt: Salt::default(), committed, pages: 77, moved, to_move }
    }
}
