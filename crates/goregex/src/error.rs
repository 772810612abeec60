//! Why a pattern is refused, in the words of Go's `regexp/syntax`.

use std::fmt;

/// What is wrong with a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A range whose end comes before its start, or a class with an unknown name.
    InvalidClassRange,
    /// A backslash before a letter or digit that has no meaning.
    InvalidEscape,
    /// A group name that is empty, has other characters than letters, digits and `_`, or no end.
    InvalidNamedCapture,
    /// A `(?` that begins nothing that Go knows.
    InvalidPerlOp,
    /// A repetition of a repetition, like `a**`.
    InvalidRepeatOp,
    /// A count over 1000, alone or multiplied with those around it, or `{2,1}`.
    InvalidRepeatSize,
    /// A byte that is no UTF-8.
    InvalidUtf8,
    /// A `[` without its `]`.
    MissingBracket,
    /// A `(` without its `)`.
    MissingParen,
    /// A repetition of nothing.
    MissingRepeatArgument,
    /// A `\` at the end.
    TrailingBackslash,
    /// A `)` without its `(`.
    UnexpectedParen,
    /// Groups in groups, too many levels.
    NestsTooDeeply,
    /// The compiled expression takes too much memory.
    TooLarge,
    /// The translation is one that `regex` refuses; an error in this crate.
    Untranslatable,
}

impl ErrorKind {
    /// Go's words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidClassRange => "invalid character class range",
            Self::InvalidEscape => "invalid escape sequence",
            Self::InvalidNamedCapture => "invalid named capture",
            Self::InvalidPerlOp => "invalid or unsupported Perl syntax",
            Self::InvalidRepeatOp => "invalid nested repetition operator",
            Self::InvalidRepeatSize => "invalid repeat count",
            Self::InvalidUtf8 => "invalid UTF-8",
            Self::MissingBracket => "missing closing ]",
            Self::MissingParen => "missing closing )",
            Self::MissingRepeatArgument => "missing argument to repetition operator",
            Self::TrailingBackslash => "trailing backslash at end of expression",
            Self::UnexpectedParen => "unexpected )",
            Self::NestsTooDeeply => "expression nests too deeply",
            Self::TooLarge => "expression too large",
            Self::Untranslatable => "regexp/syntax: internal error",
        }
    }
}

/// A pattern was refused; it displays as Go's error does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    expression: String,
    offset: usize,
}

impl Error {
    /// An error of `kind` at `offset`, where `expression` stands in the pattern.
    pub(crate) fn new(kind: ErrorKind, expression: &str, offset: usize) -> Self {
        Self { kind, expression: expression.to_owned(), offset }
    }

    /// What `regex` says of a translation of `pattern`.
    pub(crate) fn of_rust(error: &regex::Error, pattern: &str) -> Self {
        let too_large = matches!(error, regex::Error::CompiledTooBig(_));
        let kind = if too_large { ErrorKind::TooLarge } else { ErrorKind::Untranslatable };
        Self::new(kind, pattern, 0)
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The part of the pattern that is wrong; the whole pattern where no part alone is.
    #[must_use]
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// Where [`Error::expression`] begins in the pattern, in bytes.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error parsing regexp: {}: `{}`", self.kind.as_str(), self.expression)
    }
}

impl std::error::Error for Error {}
