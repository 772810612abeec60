//! Reads the files that a configuration is made of: its own, the templates and the secrets.
//!
//! Opening a pipe waits until somebody writes to it, and nothing can end that wait. So a pipe serves
//! only for the configuration itself, and only before the server runs.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::tree::Position;

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
    /// A byte at this place belongs to no character.
    #[error("it is not UTF-8; save it as UTF-8")]
    NotText(Position),
}

impl ContentsError {
    /// The place in the file that the error is about.
    pub(super) fn position(&self) -> Option<Position> {
        match self {
            Self::NotText(position) => Some(*position),
            Self::Unreadable(_) | Self::Folder | Self::Special | Self::TooLarge(_) => None,
        }
    }

    /// What is said of the file `path`, called so, when another file names it.
    pub(super) fn about(&self, path: impl fmt::Display) -> String {
        match self.position() {
            Some(Position { line, column, .. }) => {
                format!("can't read {path}:{line}:{column}: {self}")
            }
            None => format!("can't read {path}: {self}"),
        }
    }
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
    let mut bytes = Vec::new();
    // The limit is on the read, since a pipe has no size.
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(ContentsError::TooLarge(most));
    }
    String::from_utf8(bytes).map_err(|error| {
        let (before, _) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
        ContentsError::NotText(after(&String::from_utf8_lossy(before)))
    })
}

/// The place after `text`, which begins a file. A byte order mark counts for nothing.
fn after(text: &str) -> Position {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let last = text.rsplit('\n').next().unwrap_or_default();
    Position::new(text.matches('\n').count() + 1, last.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bad_byte_is_named_by_line_and_column() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        let cases: [(&[u8], (usize, usize)); 5] = [
            (b"\xff", (1, 1)),
            (b"a: b\xe9c\nd: \xff\n", (1, 5)),
            ("磁盘\r\nmän: ".as_bytes(), (0, 0)),
            (b"a\r\nm\xc3\xa4n\xfc", (2, 4)),
            (b"\xef\xbb\xbfa\xe7\xa3", (1, 2)),
        ];
        for (bytes, (line, column)) in cases {
            std::fs::write(&path, bytes).unwrap();
            let found = of_file(&path, 100).err().and_then(|error| error.position());
            let expected = (line > 0).then_some(Position::new(line, column));
            assert_eq!(found, expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_character_that_the_limit_cuts_is_no_bad_byte() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        std::fs::write(&path, "磁盘").unwrap();
        assert!(matches!(of_file(&path, 3), Err(ContentsError::TooLarge(3))));
        assert_eq!(of_file(&path, 6).unwrap(), "磁盘");
    }
}
