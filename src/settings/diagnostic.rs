//! What is wrong with a configuration, each with the place that has to be changed.
//!
//! All of them are gathered before anything is decided: whoever corrects a file sees every mistake
//! at once. A text never holds a secret's value; the code that writes it takes care of that.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use super::tree::Mark;

/// Where a setting came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The file, at a place.
    File {
        /// The file's name, as it was given.
        name: Arc<str>,
        /// Where in it.
        mark: Mark,
    },
    /// An environment variable, by its name.
    Variable(String),
    /// A flag, as it is written: `--web.listen-address`.
    Flag(&'static str),
    /// Our own default, or nothing at all.
    Nowhere,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { name, mark } => write!(f, "{name}:{}:{}", mark.line, mark.column),
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
            Self::Nowhere => f.write_str("configuration"),
        }
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The configuration can't be used.
    Error,
    /// It can be used, but is probably not what was meant.
    Warning,
}

/// One thing that is wrong, at one place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Where.
    pub place: Place,
    /// How bad.
    pub severity: Severity,
    /// What, and what to do; one line, but for a translated configuration.
    pub text: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.severity {
            Severity::Error => "",
            Severity::Warning => "warning: ",
        };
        write!(f, "{}: {word}{}", self.place, self.text)
    }
}

/// Why a configuration can't be used: every error and warning, sorted by place, one a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(Vec<Diagnostic>);

impl ConfigErrors {
    /// Errors and warnings, sorted by place; at least one is an error.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.0
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

/// Gathers diagnostics while a configuration is read.
#[derive(Debug)]
pub(super) struct Report {
    name: Arc<str>,
    /// Shared by all who read at once on one stack, so that reading stays one expression a key.
    found: RefCell<Vec<Diagnostic>>,
}

impl Report {
    /// An empty report on the file `name`.
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.into(), found: RefCell::default() }
    }

    /// A place in the file.
    pub(super) fn place(&self, mark: Mark) -> Place {
        Place::File { name: Arc::clone(&self.name), mark }
    }

    /// An error at a place of the file.
    pub(super) fn error(&self, mark: Mark, text: impl Into<String>) {
        self.error_at(self.place(mark), text);
    }

    /// A warning at a place of the file.
    pub(super) fn warning(&self, mark: Mark, text: impl Into<String>) {
        self.push(self.place(mark), Severity::Warning, text.into());
    }

    /// An error at any place.
    pub(super) fn error_at(&self, place: Place, text: impl Into<String>) {
        self.push(place, Severity::Error, text.into());
    }

    fn push(&self, place: Place, severity: Severity, text: String) {
        self.found.borrow_mut().push(Diagnostic { place, severity, text });
    }

    /// Gives `value` with the warnings, or, where it is missing or anything is an error, the list.
    pub(super) fn conclude<T>(
        self,
        value: Option<T>,
    ) -> Result<(T, Vec<Diagnostic>), ConfigErrors> {
        let mut found = self.found.into_inner();
        found.sort();
        found.dedup();
        let failed = found.iter().any(|one| one.severity == Severity::Error);
        match value {
            Some(value) if !failed => Ok((value, found)),
            Some(_) | None => Err(ConfigErrors(found)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_by_place_and_a_warning_says_that_it_is_one() {
        let report = Report::new("c.yml");
        report.error_at(Place::Flag("--web.listen-address"), "c");
        report.error_at(Place::Variable("CAMPANA__X".to_owned()), "b");
        report.error(Mark { line: 10, column: 2 }, "a");
        report.warning(Mark { line: 9, column: 30 }, "w");
        report.error(Mark { line: 10, column: 2 }, "a");
        let list = report.conclude(Some(())).unwrap_err().to_string();
        assert_eq!(
            list,
            "c.yml:9:30: warning: w\nc.yml:10:2: a\nenvironment variable CAMPANA__X: b\n\
             flag --web.listen-address: c"
        );
    }

    #[test]
    fn warnings_alone_fail_nothing() {
        let report = Report::new("c.yml");
        report.warning(Mark::START, "w");
        let (value, warnings) = report.conclude(Some(7)).unwrap();
        assert_eq!((value, warnings.len()), (7, 1));
    }
}
