//! A file that only takes up room, so that there is some to give back when the disk is full.
//!
//! On a full disk SQLite cannot even record that a message arrived. Giving the ballast back lets
//! deliveries settle while new ones are refused; it is taken again before new ones are accepted.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::Errno;

/// Room that must be left when the ballast is on board again; else the next write fails anew.
const MARGIN: u64 = 1024 * 1024;

/// The ballast file beside the database.
#[derive(Debug)]
pub(super) struct Ballast {
    path: PathBuf,
    bytes: u64,
}

impl Ballast {
    /// Ballast of `bytes` at `path`; none if that is zero. Nothing is written yet.
    pub(super) fn new(path: PathBuf, bytes: u64) -> Self {
        Self { path, bytes }
    }

    /// Takes the room, unless it is taken; an error means that there is not enough.
    pub(super) fn take(&self) -> io::Result<()> {
        if self.bytes == 0 || self.is_taken() {
            return Ok(());
        }
        let taken = self.allocate();
        if taken.is_err() {
            self.release();
        }
        taken
    }

    /// Gives the room back.
    pub(super) fn release(&self) {
        // If this fails there is no room to give, and the write that needs it says so.
        let _ = fs::remove_file(&self.path);
    }

    fn is_taken(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|file| file.len() == self.bytes)
    }

    fn allocate(&self) -> io::Result<()> {
        let file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(&self.path)?;
        match fallocate(&file, FallocateFlags::empty(), 0, self.bytes + MARGIN) {
            Ok(()) => {}
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => write_zeros(&file, self.bytes + MARGIN)?,
            Err(error) => return Err(error.into()),
        }
        file.set_len(self.bytes)
    }
}

/// For file systems that cannot reserve room.
fn write_zeros(mut file: &File, bytes: u64) -> io::Result<()> {
    let zeros = [0; 8 * 1024];
    let mut left = bytes;
    while left > 0 {
        let next = usize::try_from(left).unwrap_or(zeros.len()).min(zeros.len());
        file.write_all(&zeros[..next])?;
        left -= next as u64;
    }
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ballast_is_taken_released_and_taken_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ballast");
        let ballast = Ballast::new(path.clone(), 70_000);
        for _ in 0..2 {
            ballast.take().expect("there is room");
            assert_eq!(fs::metadata(&path).expect("it is there").len(), 70_000);
            ballast.release();
            assert!(!path.exists());
        }
    }

    #[test]
    fn zeros_are_written_where_room_cannot_be_reserved() {
        let file = tempfile::tempfile().expect("a file");
        write_zeros(&file, 100_000).expect("there is room");
        assert_eq!(file.metadata().expect("it is there").len(), 100_000);
    }

    #[test]
    fn no_ballast_takes_no_room() {
        let ballast = Ballast::new("/nowhere/ballast".into(), 0);
        ballast.take().expect("there is nothing to take");
    }
}
