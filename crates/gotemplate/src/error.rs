//! What is wrong with a template, or with one execution of it, in Go's words; and what was asked for,
//! for a program that says more than Go does.

use std::fmt;

use crate::limits::Reached;
use crate::node::Source;

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

/// What a template asked for that is not there, whatever the values are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A field, a method or a key that a value does not have.
    Member {
        /// Its name.
        name: String,
        /// The type of the value.
        of: String,
        /// What a template can ask the value for.
        known: Vec<String>,
    },
    /// A call with too few or too many arguments.
    Count {
        /// The function's signature.
        signature: &'static str,
        /// The first parameter that no argument is for, where there are too few.
        missing: Option<&'static str>,
    },
    /// An argument that its parameter does not take.
    Argument {
        /// The function's signature.
        signature: &'static str,
        /// The parameter.
        parameter: &'static str,
        /// Whether the argument is the value before a `|`.
        is_piped: bool,
    },
}

/// An error with its place. Displayed, it is what Go prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub(crate) kind: ErrorKind,
    pub(crate) source: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) words: Box<str>,
    pub(crate) display: String,
    pub(crate) fault: Option<Box<Fault>>,
}

impl Error {
    /// What is found wrong at a place of a source, without an execution.
    pub(crate) fn found(kind: ErrorKind, source: &Source, position: usize, words: String) -> Self {
        let (line, column) = source.place(position);
        let (source, column) = (source.name.clone(), column + 1);
        let display = format!("template: {source}:{line}: {words}");
        Self { kind, source, line, column, words: words.into(), display, fault: None }
    }

    /// The same, with what was asked for.
    pub(crate) fn with_fault(self, fault: Fault) -> Self {
        Self { fault: Some(Box::new(fault)), ..self }
    }

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

    /// What was asked for that is not there, if that is what is wrong.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.display)
    }
}

impl std::error::Error for Error {}
