//! What is wrong with a template, or with one execution of it, in Go's words.

use std::fmt;

use crate::limits::Reached;

/// Where in its life a template failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// The source is no template.
    Parse,
    /// The execution failed.
    Execute,
    /// The source or the execution is over a limit.
    Limit(Reached),
}

/// An error with its place. Displayed, it is what Go prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub(crate) kind: ErrorKind,
    pub(crate) source: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) words: String,
    pub(crate) display: String,
}

impl Error {
    /// Where in its life the template failed.
    #[must_use]
    pub const fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The name that the source was parsed under.
    #[must_use]
    pub fn source_name(&self) -> &str {
        &self.source
    }

    /// The line in that source, from 1.
    #[must_use]
    pub const fn line(&self) -> usize {
        self.line
    }

    /// The column in that line, in bytes, from 1.
    #[must_use]
    pub const fn column(&self) -> usize {
        self.column
    }

    /// What is wrong, without the place.
    #[must_use]
    pub fn words(&self) -> &str {
        &self.words
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.display)
    }
}

impl std::error::Error for Error {}
