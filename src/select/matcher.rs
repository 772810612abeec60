//! Alertmanager's matchers in text form: `severity=~"critical|warning", namespace!="kube-system"`.
//!
//! An absent label has the value "" here, unlike in the conditions with Kubernetes' meaning. A text
//! is parsed as Alertmanager 0.34 parses its configuration by default: by the UTF-8 parser and by
//! the classic one. The classic result wins where both accept the text (they differ on `a="\t"`).

mod classic;
mod token;
mod utf8;

use std::fmt;

use goregex::Regex;

/// One matcher: a label's name and the test of its value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Matcher {
    label: String,
    test: ValueTest,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum ValueTest {
    Equal(String),
    NotEqual(String),
    Matches(Regex),
    NotMatches(Regex),
}

/// The four operators of the text form; Alertmanager's `labels.MatchType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MatchType {
    Equal,
    NotEqual,
    Matches,
    NotMatches,
}

/// Why a text is not a list of matchers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {fault}")]
pub struct MatcherError {
    /// The place of the mistake, in bytes from the start of the text.
    pub offset: usize,
    /// The same place in characters, counted from 1.
    pub column: usize,
    /// The mistake.
    pub fault: MatcherFault,
}

/// The mistakes in the text of matchers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MatcherFault {
    /// The text ends, or goes on with something else than expected.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// The words for the expected part.
        expected: &'static str,
        /// The text in its place.
        found: String,
    },
    /// A quote has no end.
    #[error("the quote that begins here has no end; close it with \"")]
    OpenQuote,
    /// A backslash in quotes begins no escape of Go's.
    #[error("invalid escape in {0}; write a backslash as \\\\")]
    InvalidEscape(String),
    /// The value of `=~` or `!~` is not a regular expression.
    #[error(transparent)]
    Regex(#[from] goregex::Error),
    /// The text holds no matcher.
    #[error("there is no matcher; write one like severity=\"critical\"")]
    Nothing,
    /// The label's name is empty.
    #[error("the label's name is empty")]
    EmptyLabel,
}

impl MatcherError {
    /// An error at `offset`, a character boundary of `text`.
    fn at(text: &str, offset: usize, fault: MatcherFault) -> Self {
        let column = text.get(..offset).map_or(1, |before| before.chars().count() + 1);
        Self { offset, column, fault }
    }
}

/// Parses one or several matchers.
///
/// # Errors
/// When neither of Alertmanager's parsers accepts the text; and, which Alertmanager accepts, when
/// it has no matcher or a label without a name.
pub fn parse(text: &str) -> Result<Vec<Matcher>, MatcherError> {
    let matchers = parse_as_alertmanager(text)?;
    if matchers.is_empty() {
        return Err(MatcherError::at(text, 0, MatcherFault::Nothing));
    }
    if matchers.iter().any(|matcher| matcher.label.is_empty()) {
        return Err(MatcherError::at(text, 0, MatcherFault::EmptyLabel));
    }
    Ok(matchers)
}

fn parse_as_alertmanager(text: &str) -> Result<Vec<Matcher>, MatcherError> {
    match (utf8::parse(text), classic::parse(text)) {
        (_, Ok(matchers)) | (Ok(matchers), Err(_)) => Ok(matchers),
        // The classic parser's errors are vague, except for a wrong regular expression.
        (Err(_), Err(error)) if matches!(error.fault, MatcherFault::Regex(_)) => Err(error),
        (Err(error), Err(_)) => Err(error),
    }
}

impl Matcher {
    fn new(label: String, match_type: MatchType, value: String) -> Result<Self, goregex::Error> {
        let test = match match_type {
            MatchType::Equal => ValueTest::Equal(value),
            MatchType::NotEqual => ValueTest::NotEqual(value),
            MatchType::Matches => ValueTest::Matches(Regex::anchored(&value)?),
            MatchType::NotMatches => ValueTest::NotMatches(Regex::anchored(&value)?),
        };
        Ok(Self { label, test })
    }

    /// The name of the label.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Whether a label with this value satisfies the matcher; an absent label has the value "".
    #[must_use]
    pub fn holds(&self, value: &str) -> bool {
        match &self.test {
            ValueTest::Equal(wanted) => value == wanted,
            ValueTest::NotEqual(unwanted) => value != unwanted,
            ValueTest::Matches(regex) => regex.is_match(value),
            ValueTest::NotMatches(regex) => !regex.is_match(value),
        }
    }

    /// The words of a trace after `severity is "info"`, by whether the matcher held.
    pub(super) fn verdict(&self, held: bool) -> String {
        match (&self.test, held) {
            (ValueTest::Equal(_), true) => String::new(),
            (ValueTest::Equal(value), false) | (ValueTest::NotEqual(value), true) => {
                format!(", not {value:?}")
            }
            (ValueTest::NotEqual(_), false) => ", which != refuses".to_owned(),
            (ValueTest::Matches(regex), held) => match_words(regex, held),
            (ValueTest::NotMatches(regex), held) => match_words(regex, !held),
        }
    }

    fn match_type_and_value(&self) -> (MatchType, &str) {
        match &self.test {
            ValueTest::Equal(value) => (MatchType::Equal, value),
            ValueTest::NotEqual(value) => (MatchType::NotEqual, value),
            ValueTest::Matches(regex) => (MatchType::Matches, regex.as_str()),
            ValueTest::NotMatches(regex) => (MatchType::NotMatches, regex.as_str()),
        }
    }
}

impl MatchType {
    fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Matches => "=~",
            Self::NotMatches => "!~",
        }
    }
}

/// The text form, which [`parse`] turns into the same matcher again.
impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (match_type, value) = self.match_type_and_value();
        // Without quotes where possible, because the classic parser accepts no quoted name.
        if self.label.is_empty() || self.label.contains(token::is_reserved) {
            write_quoted(f, &self.label)?;
        } else {
            f.write_str(&self.label)?;
        }
        f.write_str(match_type.as_str())?;
        write_quoted(f, value)
    }
}

/// Writes several matchers in the form that [`parse`] accepts.
pub(super) fn write_all(f: &mut fmt::Formatter<'_>, matchers: &[Matcher]) -> fmt::Result {
    for (index, matcher) in matchers.iter().enumerate() {
        write!(f, "{}{matcher}", if index == 0 { "" } else { ", " })?;
    }
    Ok(())
}

/// The words of a trace about a value that matches an expression, or does not.
pub(super) fn match_words(regex: &Regex, matches: bool) -> String {
    let words = if matches { "matches" } else { "does not match" };
    format!(", which {words} {}", regex.as_str())
}

/// Writes a quoted text, with only the three escapes that mean the same to both parsers.
fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let escaped = text.replace('\\', r"\\").replace('\n', r"\n").replace('"', "\\\"");
    write!(f, "\"{escaped}\"")
}

#[cfg(test)]
mod tests;
