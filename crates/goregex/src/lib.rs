//! Go's regular expressions for Rust: the syntax of Go 1.26, run by the `regex` crate.
//!
//! Both engines take RE2's family of expressions and match leftmost-first in linear time, but they
//! disagree on much of the notation. [`translate`] reads a pattern as Go reads it and writes it in
//! Rust's notation, every literal escaped, so that no extension of Rust's can come into effect.
//! What Go refuses is refused here, in Go's words.

mod error;
mod replace;
mod translate;

use std::fmt;
use std::hash::{Hash, Hasher};

pub use error::{Error, ErrorKind};
pub use replace::quote_meta;
pub use translate::translate;
use translate::{MAX_NESTING, Translation};

/// The most memory that a compiled expression may take, in bytes.
///
/// The patterns come from a configuration that may be written by someone who does not run the
/// server; 1 MiB holds an alternation of several thousand words.
const SIZE_LIMIT: usize = 1 << 20;

/// The nesting that `regex` must accept, one more for a class in a class in an atom.
const RUST_NESTING: u32 = MAX_NESTING + 4;

/// A Go regular expression, ready to match.
#[derive(Debug, Clone)]
pub struct Regex {
    pattern: String,
    inner: regex::Regex,
    names: Vec<Option<String>>,
    weight: u64,
}

impl Regex {
    /// An expression that matches anywhere in a text, as Go's `regexp.Compile`.
    ///
    /// # Errors
    /// What Go refuses, and what is larger than 1 MiB when compiled.
    pub fn new(pattern: &str) -> Result<Self, Error> {
        Self::compile(pattern, Translation::of(pattern)?)
    }

    /// As [`Regex::new`], of bytes: Go refuses those that are no UTF-8.
    ///
    /// # Errors
    /// As [`Regex::new`].
    pub fn from_bytes(pattern: &[u8]) -> Result<Self, Error> {
        match str::from_utf8(pattern) {
            Ok(pattern) => Self::new(pattern),
            Err(error) => {
                let offset = error.valid_up_to();
                let rest = String::from_utf8_lossy(pattern.get(offset..).unwrap_or_default());
                Err(Error::new(ErrorKind::InvalidUtf8, &rest, offset))
            }
        }
    }

    /// An expression that must match a whole text, as in an Alertmanager matcher: `^(?:pattern)$`.
    ///
    /// [`Regex::as_str`] gives `pattern` as it was written.
    ///
    /// ```
    /// # use goregex::Regex;
    /// let regex = Regex::anchored("critical|warning")?;
    /// assert!(regex.is_match("warning") && !regex.is_match("no warning"));
    /// # Ok::<(), goregex::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Regex::new`]. An error is that of `pattern` alone where it is wrong by itself.
    pub fn anchored(pattern: &str) -> Result<Self, Error> {
        let translation = Translation::of(&format!("^(?:{pattern})$")).map_err(|wrapped| {
            // The writer knows nothing of the wrapping, so its characters stay out of the message.
            Translation::of(pattern).err().unwrap_or(wrapped)
        })?;
        Self::compile(pattern, translation)
    }

    fn compile(pattern: &str, translation: Translation) -> Result<Self, Error> {
        let inner = regex::RegexBuilder::new(&translation.text)
            .size_limit(SIZE_LIMIT)
            .nest_limit(RUST_NESTING)
            .build()
            .map_err(|error| Error::of_rust(&error, pattern))?;
        let length = u64::try_from(pattern.len()).unwrap_or(u64::MAX);
        let weight = length.saturating_mul(u64::from(translation.copies));
        Ok(Self { pattern: pattern.to_owned(), inner, names: translation.names, weight })
    }

    /// Whether the expression matches in `text`, as Go's `MatchString`.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.inner.is_match(text)
    }

    /// The pattern, as it was written in Go's notation.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.pattern
    }

    /// About how much the expression may have to do for each byte of a text: its length, as often as
    /// its counts repeat it.
    #[must_use]
    pub fn weight(&self) -> u64 {
        self.weight
    }

    /// The names of the groups in their order, as Go's `SubexpNames`; the first is the whole match.
    ///
    /// Go accepts names that `regex` does not: some that begin with a digit, and one name twice.
    /// Such groups have their name here only.
    #[must_use]
    pub fn names(&self) -> &[Option<String>] {
        &self.names
    }

    /// The translated expression, for captures and replacements.
    #[must_use]
    pub fn inner(&self) -> &regex::Regex {
        &self.inner
    }
}

/// Equal expressions match the same by their notation: pattern and anchoring are the same.
impl PartialEq for Regex {
    fn eq(&self, other: &Self) -> bool {
        self.inner.as_str() == other.inner.as_str() && self.pattern == other.pattern
    }
}

impl Eq for Regex {}

impl Hash for Regex {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.pattern.hash(state);
    }
}

impl fmt::Display for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchored_expression_matches_the_whole_text() {
        let regex = Regex::anchored("db-[0-9]+|web").unwrap();
        assert!(regex.is_match("db-10") && regex.is_match("web"));
        assert!(!regex.is_match("db-10x") && !regex.is_match("my web") && !regex.is_match(""));
        assert_eq!(regex.as_str(), "db-[0-9]+|web");
    }

    #[test]
    fn an_anchored_expression_matches_no_text_with_a_line_end_too_many() {
        assert!(!Regex::anchored("a").unwrap().is_match("a\n"));
        assert!(!Regex::anchored("(?m)a").unwrap().is_match("a\nb"));
        assert!(!Regex::anchored(".*").unwrap().is_match("a\nb"));
    }

    #[test]
    fn an_error_does_not_show_the_wrapping() {
        let error = Regex::anchored("a(b").unwrap_err();
        assert_eq!(error.to_string(), "error parsing regexp: missing closing ): `a(b`");
        // Right by itself and wrong when wrapped, as in Alertmanager: the quote has no end.
        let error = Regex::anchored(r"\Qab").unwrap_err();
        assert_eq!(error.to_string(), r"error parsing regexp: missing closing ): `^(?:\Qab)$`");
    }

    #[test]
    fn a_pattern_that_is_no_utf_8_is_refused() {
        let error = Regex::from_bytes(b"a\xffb").unwrap_err();
        assert_eq!((error.kind(), error.offset()), (ErrorKind::InvalidUtf8, 1));
        assert_eq!(error.to_string(), "error parsing regexp: invalid UTF-8: `\u{fffd}b`");
        assert!(Regex::from_bytes("磁".as_bytes()).unwrap().is_match("磁盘"));
    }

    #[test]
    fn an_expression_that_grows_beyond_the_limit_is_refused() {
        let error = Regex::new(r"\pL{1000}").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert_eq!(error.to_string(), r"error parsing regexp: expression too large: `\pL{1000}`");
    }

    #[test]
    fn the_deepest_nesting_compiles_and_runs_on_a_small_stack() {
        // Each level is a group, an alternation, a concatenation and a repetition.
        let deep = |levels| format!("{}y{}", "(x|zq".repeat(levels), ")*".repeat(levels));
        let levels = MAX_NESTING as usize / 4;
        let run = move || {
            assert!(Regex::new(&deep(levels - 1)).unwrap().is_match("x"));
            let error = Regex::new(&deep(levels)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NestsTooDeeply);
            let groups = |n| format!("{}y{}", "(".repeat(n), ")".repeat(n));
            assert!(Regex::new(&groups(4 * levels - 1)).unwrap().is_match("y"));
        };
        std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap().join().unwrap();
    }

    #[test]
    fn an_expression_weighs_what_its_counts_make_of_it() {
        let weight = |pattern| Regex::new(pattern).unwrap().weight();
        assert_eq!((weight("ab*"), weight("(a{10}b{3}){20}")), (3, 15 * 200));
        assert_eq!((weight(""), weight("a{0}b")), (0, 5));
    }

    #[test]
    fn names_that_rust_refuses_are_kept_here() {
        let regex = Regex::new("(?P<a>x)(y)(?<1b>z)(?P<a>w)").unwrap();
        let names: Vec<_> = regex.names().iter().map(Option::as_deref).collect();
        assert_eq!(names, [None, Some("a"), None, Some("1b"), Some("a")]);
        assert_eq!(&regex.inner().captures("xyzw").unwrap()["a"], "x");
        assert_eq!(regex.inner().captures_len(), 5);
    }
}
