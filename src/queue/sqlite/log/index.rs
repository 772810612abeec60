//! The log's index in shared memory, which stays in its file when a process is killed.
//!
//! SQLite writes there how many frames are committed after these are on the disk
//! (sqlite.org/walformat.html, section 2). It is not synced itself, so after a loss of power it may say
//! less than there was; never more.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::frames::{Salt, native_sum};

/// Bytes of the header, of which two copies stand at the begin, and of its part that the checksum is of.
const HEADER: usize = 48;
const SUMMED: usize = 40;

/// What the index says of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Index {
    /// Which log.
    pub(super) salt: Salt,
    /// The frames that are committed.
    pub(super) committed: u64,
    /// Of these, the first so many are in the database.
    pub(super) moved: u64,
}

impl Index {
    /// What this file says, unless a crash left it half written.
    pub(super) fn read(file: &File) -> io::Result<Option<Self>> {
        let mut bytes = [0; 2 * HEADER + 4];
        if file.read_at(&mut bytes, 0)? < bytes.len() {
            return Ok(None);
        }
        let (header, rest) = bytes.split_at(HEADER);
        let (copy, moved) = rest.split_at(HEADER);
        let sum = native_sum(&header[..SUMMED]).map(u32::to_ne_bytes);
        if header != copy || sum.as_flattened() != &header[SUMMED..] {
            return Ok(None);
        }
        let number =
            |bytes: &[u8]| u64::from(u32::from_ne_bytes(std::array::from_fn(|at| bytes[at])));
        Ok(Some(Self {
            salt: std::array::from_fn(|at| header[32 + at]),
            committed: number(&header[16..20]),
            moved: number(moved),
        }))
    }
}
