//! A position in a pattern.

use crate::error::{Error, ErrorKind};

/// A pattern, and how far it is read.
pub(super) struct Cursor<'p> {
    pattern: &'p str,
    at: usize,
}

impl<'p> Cursor<'p> {
    /// Before the first character of `pattern`.
    pub(super) fn new(pattern: &'p str) -> Self {
        Self { pattern, at: 0 }
    }

    /// The whole pattern.
    pub(super) fn pattern(&self) -> &'p str {
        self.pattern
    }

    /// What is not read yet.
    pub(super) fn rest(&self) -> &'p str {
        &self.pattern[self.at..]
    }

    /// How many bytes are read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The next character, which stays unread.
    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Reads the next character.
    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// Reads `bytes` bytes; they end between two characters.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Reads `text` if it comes next.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// An error whose expression reaches from `start` to here.
    pub(super) fn error_from(&self, start: usize, kind: ErrorKind) -> Error {
        Error::new(kind, &self.pattern[start..self.at], start)
    }

    /// An error whose expression reaches from `start` to the end of the pattern.
    pub(super) fn error_to_end(&self, start: usize, kind: ErrorKind) -> Error {
        Error::new(kind, &self.pattern[start..], start)
    }
}
