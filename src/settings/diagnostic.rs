//! Errors and warnings about a configuration, each with the place that has to be changed.
//!
//! They are all gathered before the configuration is refused, so that a person sees every mistake
//! at once. A check that a mistake makes impossible is noted, so that the list says that it is not
//! whole. The code that words a diagnostic must keep secrets out of it; what looks like one is masked
//! besides, since it may stand under a key where nobody expects one.

use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;
use std::sync::Arc;

use super::secret;
use super::tree::{Node, Position, path_to};

/// Where the value stands that has to be changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In a file.
    File {
        /// The file's name, as the command line gives it.
        name: Arc<str>,
        /// Line and column.
        position: Position,
    },
    /// In the environment variable of this name.
    Variable(String),
    /// In a flag, with its dashes: `--web.listen-address`.
    Flag(&'static str),
    /// Nowhere: a default, or a setting that is missing.
    Nowhere,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { name, position } => {
                write!(f, "{name}:{}:{}", position.line, position.column)
            }
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
            Self::Nowhere => f.write_str("configuration"),
        }
    }
}

/// How bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The configuration can't be used.
    Error,
    /// The configuration can be used, but is probably not what its author meant.
    Warning,
}

/// One error or warning.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Where the mistake is.
    pub place: Place,
    /// Whether it is an error or a warning.
    pub severity: Severity,
    /// What is wrong and what to do, in one line; only the answer to another product's file is
    /// longer.
    pub text: String,
    /// The path of the key: `receivers[0].enabled`; empty where the mistake is in none.
    pub key: String,
}

impl Diagnostic {
    /// A diagnostic about no key; what looks like a secret in its text is masked.
    pub(super) fn new(place: Place, severity: Severity, text: &str) -> Self {
        Self::about("", place, severity, text)
    }

    /// A diagnostic about the key at this path.
    pub(super) fn about(key: &str, place: Place, severity: Severity, text: &str) -> Self {
        Self { place, severity, text: secret::masked(text), key: secret::masked(key) }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.severity {
            Severity::Error => "",
            Severity::Warning => "warning: ",
        };
        let separator = if self.key.is_empty() { "" } else { ": " };
        write!(f, "{}: {word}{}{separator}{}", self.place, self.key, self.text)
    }
}

/// The most errors that are printed, and the most warnings: more than a person reads at once.
const MOST_SHOWN: usize = 100;

/// The last line of a list that is not whole.
pub(super) const FURTHER: &str = "further checks follow once these are mended";

/// Why a configuration can't be used; prints each error and warning on a line of its own, and the
/// number of those that are too many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors {
    found: Vec<Diagnostic>,
    /// Whether a mistake kept something from being checked.
    is_partial: bool,
}

impl ConfigErrors {
    /// These errors and warnings, of which at least one is an error.
    pub(super) fn of(mut found: Vec<Diagnostic>) -> Self {
        found.sort();
        found.dedup();
        Self { found, is_partial: false }
    }

    /// Every error and warning, sorted by place; at least one is an error.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.found
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut errors, mut warnings) = (0, 0);
        let is_shown = |diagnostic: &&Diagnostic| {
            let count = match diagnostic.severity {
                Severity::Error => &mut errors,
                Severity::Warning => &mut warnings,
            };
            *count += 1;
            *count <= MOST_SHOWN
        };
        let shown: Vec<&Diagnostic> = self.found.iter().filter(is_shown).collect();
        for (index, diagnostic) in shown.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{diagnostic}")?;
        }
        let hidden = self.found.len() - shown.len();
        if hidden > 0 {
            write!(f, "\nand {hidden} more")?;
        }
        if self.is_partial { write!(f, "\n{FURTHER}") } else { Ok(()) }
    }
}

impl std::error::Error for ConfigErrors {}

/// Gathers the diagnostics while a configuration is read.
#[derive(Debug)]
pub(super) struct Report {
    name: Arc<str>,
    /// What the file holds, to name the keys.
    documents: OnceCell<Vec<Node>>,
    /// In a cell, so that the closures which read different keys can share the report.
    found: RefCell<Vec<Diagnostic>>,
    /// Whether a mistake kept something from being checked.
    is_partial: Cell<bool>,
}

impl Report {
    /// An empty report on the file `name`.
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            documents: OnceCell::new(),
            found: RefCell::default(),
            is_partial: Cell::new(false),
        }
    }

    /// Keeps what the file holds; from now on, errors name the keys in it.
    pub(super) fn keep(&self, documents: Vec<Node>) -> &[Node] {
        self.documents.get_or_init(|| documents)
    }

    /// The file's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The place at `position` in the file.
    pub(super) fn place(&self, position: Position) -> Place {
        Place::File { name: Arc::clone(&self.name), position }
    }

    /// Adds an error at `position` in the file.
    pub(super) fn error(&self, position: Position, text: impl AsRef<str>) {
        self.error_at(self.place(position), text);
    }

    /// Adds a warning at `position` in the file.
    pub(super) fn warning(&self, position: Position, text: impl AsRef<str>) {
        self.warning_at(self.place(position), text);
    }

    /// Adds a warning at a place that may be outside the file.
    pub(super) fn warning_at(&self, place: Place, text: impl AsRef<str>) {
        self.add(place, Severity::Warning, text.as_ref());
    }

    /// Adds an error at a place that may be outside the file.
    pub(super) fn error_at(&self, place: Place, text: impl AsRef<str>) {
        self.add(place, Severity::Error, text.as_ref());
    }

    /// Adds an error about a key whose value may come from outside the file.
    pub(super) fn error_about(&self, key: &str, place: Place, text: impl AsRef<str>) {
        self.push(Diagnostic::about(key, place, Severity::Error, text.as_ref()));
    }

    /// Notes that a mistake, which is reported, keeps something from being checked.
    pub(super) fn leave_unchecked(&self) {
        self.is_partial.set(true);
    }

    /// Adds errors and warnings that are made already.
    pub(super) fn extend(&self, found: Vec<Diagnostic>) {
        self.found.borrow_mut().extend(found);
    }

    fn add(&self, place: Place, severity: Severity, text: &str) {
        let key = match (&place, self.documents.get()) {
            (Place::File { position, .. }, Some(documents)) => path_to(documents, *position),
            (Place::File { .. } | Place::Variable(_) | Place::Flag(_) | Place::Nowhere, _) => {
                String::new()
            }
        };
        self.push(Diagnostic::about(&key, place, severity, text));
    }

    fn push(&self, diagnostic: Diagnostic) {
        self.found.borrow_mut().push(diagnostic);
    }

    /// Returns `value` and the warnings; or all diagnostics if one is an error or there is no
    /// value.
    pub(super) fn conclude<T>(
        self,
        value: Option<T>,
    ) -> Result<(T, Vec<Diagnostic>), ConfigErrors> {
        let (mut found, is_partial) = (self.found.into_inner(), self.is_partial.get());
        found.sort();
        // What aliases repeat is mended in one place.
        found.dedup_by(|next, first| {
            (&next.place, next.severity, &next.text) == (&first.place, first.severity, &first.text)
        });
        let failed = found.iter().any(|one| one.severity == Severity::Error);
        match value {
            Some(value) if !failed => Ok((value, found)),
            Some(_) | None => Err(ConfigErrors { found, is_partial }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::tree::Tree;

    #[test]
    fn the_list_is_sorted_by_place_and_a_warning_says_that_it_is_one() {
        let report = Report::new("c.yml");
        report.error_at(Place::Flag("--web.listen-address"), "c");
        report.error_at(Place::Variable("CAMPANA__X".to_owned()), "b");
        report.error(Position::new(10, 2), "a");
        report.warning(Position::new(9, 30), "w");
        report.error(Position::new(10, 2), "a");
        let list = report.conclude(Some(())).unwrap_err().to_string();
        assert_eq!(
            list,
            "c.yml:9:30: warning: w\nc.yml:10:2: a\nenvironment variable CAMPANA__X: b\n\
             flag --web.listen-address: c"
        );
    }

    #[test]
    fn a_hundred_errors_are_printed_and_the_others_are_counted() {
        let report = Report::new("c.yml");
        for line in 1..=250 {
            report.warning(Position::new(line, 1), "w");
        }
        for line in 301..=500 {
            report.error(Position::new(line, 1), "e");
        }
        let errors = report.conclude(Some(())).unwrap_err();
        assert_eq!(errors.diagnostics().len(), 450);
        let text = errors.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 201);
        assert_eq!(lines[99..=100], ["c.yml:100:1: warning: w", "c.yml:301:1: e"]);
        assert_eq!(lines[199..], ["c.yml:400:1: e", "and 250 more"]);
    }

    #[test]
    fn a_list_that_is_not_whole_says_so_at_its_end() {
        for (errors, expected) in [(1, 2), (150, 102)] {
            let report = Report::new("c.yml");
            report.leave_unchecked();
            for line in 1..=errors {
                report.error(Position::new(line, 1), "e");
            }
            let text = report.conclude(Some(())).unwrap_err().to_string();
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!((lines.len(), lines.last()), (expected, Some(&FURTHER)));
        }
    }

    #[test]
    fn a_mistake_in_the_file_names_its_key_and_one_that_aliases_repeat_is_told_once() {
        let report = Report::new("c.yml");
        let documents = report.keep(Tree::parse("a: &x [{b: 1}]\nc: *x\n").documents);
        for entry in documents[0].entries() {
            let inner = &entry.value.items()[0];
            report.error(inner.entries()[0].position, "wrong");
            report.warning(inner.position, "odd");
        }
        report.error_about("d.e", Place::Variable("V".to_owned()), "wrong");
        let list = report.conclude(Some(())).unwrap_err().to_string();
        assert_eq!(
            list,
            "c.yml:1:8: warning: a[0]: odd\nc.yml:1:9: a[0].b: wrong\nenvironment variable V: d.e: \
             wrong"
        );
    }

    #[test]
    fn warnings_alone_fail_nothing() {
        let report = Report::new("c.yml");
        report.warning(Position::START, "w");
        let (value, warnings) = report.conclude(Some(7)).unwrap();
        assert_eq!((value, warnings.len()), (7, 1));
    }
}
