//! Reads the files that a configuration is made of: its own, the templates and the secrets.
//!
//! Opening a pipe waits until somebody writes to it, and nothing can end that wait. So a pipe serves
//! only for the configuration itself, and only before the server runs.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Why a file can't be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ContentsError {
    /// It is missing, or this user may not read it.
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    /// It is a folder.
    #[error("it is a folder; name a file")]
    Folder,
    /// It is a pipe, a socket or a device.
    #[error("it is a pipe or a device; name a regular file")]
    Special,
    /// It is larger than this many bytes.
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
}

/// The text of a regular file, or an error above `most` bytes; symbolic links are followed.
pub(super) fn of_file(path: &Path, most: u64) -> Result<String, ContentsError> {
    let kind = path.metadata()?.file_type();
    if kind.is_dir() {
        return Err(ContentsError::Folder);
    }
    if !kind.is_file() {
        return Err(ContentsError::Special);
    }
    of_any(path, most)
}

/// As [`of_file`], but a pipe is waited for: `/dev/stdin` and a shell's `<(…)` are pipes.
pub(super) fn of_any(path: &Path, most: u64) -> Result<String, ContentsError> {
    let mut text = String::new();
    // The limit is on the read, since a pipe has no size.
    File::open(path)?.take(most + 1).read_to_string(&mut text)?;
    if text.len() as u64 > most {
        return Err(ContentsError::TooLarge(most));
    }
    Ok(text)
}
