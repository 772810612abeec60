//! Alertmanager's matchers in text form: `severity=~"critical|warning", namespace!="kube-system"`.
//!
//! A label that is absent has the value "" here, unlike in the conditions with Kubernetes' meaning.
//! A text is read as Alertmanager 0.34 reads its configuration by default: by the UTF-8 parser and
//! by the classic one. Where only one takes the text, that one counts; where both take it and
//! understand different things (`a="\t"`), the classic one does.

mod classic;
mod token;
mod utf8;

use std::fmt;

use goregex::Regex;

/// One matcher: what the value of a label must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher {
    label: String,
    test: ValueTest,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum ValueTest {
    Equal(String),
    NotEqual(String),
    Matches(Regex),
    NotMatches(Regex),
}

/// The four operators of the text form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MatchType {
    Equal,
    NotEqual,
    Matches,
    NotMatches,
}

/// Why a text holds no matchers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {fault}")]
pub struct MatcherError {
    /// Where it is wrong, in bytes from the start of the text.
    pub offset: usize,
    /// The same in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub fault: MatcherFault,
}

/// What can be wrong with a matcher.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MatcherFault {
    /// The text ends, or something else stands there.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What should stand there.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A quote has no end.
    #[error("the quote that begins here has no end; close it with \"")]
    OpenQuote,
    /// A backslash in quotes before something that has no meaning with one.
    #[error("invalid escape in {0}; write a backslash as \\\\")]
    InvalidEscape(String),
    /// The value of `=~` or `!~` is no regular expression.
    #[error(transparent)]
    Regex(#[from] goregex::Error),
    /// There is a text, but no matcher in it.
    #[error("there is no matcher; write one like severity=\"critical\"")]
    Nothing,
    /// The label's name is "".
    #[error("the label's name is empty")]
    EmptyLabel,
}

impl MatcherError {
    /// An error at `offset` of `text`; it is between two characters.
    fn at(text: &str, offset: usize, fault: MatcherFault) -> Self {
        let column = text.get(..offset).map_or(1, |before| before.chars().count() + 1);
        Self { offset, column, fault }
    }
}

/// Reads one or several matchers, all of which are meant to hold.
///
/// # Errors
/// What neither of Alertmanager's parsers takes, and two things that mean nothing in a condition: a
/// text without any matcher, and a label without a name.
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
        // The classic parser says little but where a regular expression is wrong.
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

    /// Whether a label with this value satisfies it; an absent label has the value "".
    #[must_use]
    pub fn holds(&self, value: &str) -> bool {
        match &self.test {
            ValueTest::Equal(wanted) => value == wanted,
            ValueTest::NotEqual(unwanted) => value != unwanted,
            ValueTest::Matches(regex) => regex.is_match(value),
            ValueTest::NotMatches(regex) => !regex.is_match(value),
        }
    }

    /// What to say after `severity is "info"`, for a value that holds or does not.
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

/// In the text form, so that [`parse`] gives the same matcher again.
impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (match_type, value) = self.match_type_and_value();
        // Without quotes where that is possible: the classic parser takes no quoted name.
        if self.label.is_empty() || self.label.contains(token::is_reserved) {
            write_quoted(f, &self.label)?;
        } else {
            f.write_str(&self.label)?;
        }
        f.write_str(match_type.as_str())?;
        write_quoted(f, value)
    }
}

/// Several matchers, as [`parse`] takes them.
pub(super) fn write_all(f: &mut fmt::Formatter<'_>, matchers: &[Matcher]) -> fmt::Result {
    for (index, matcher) in matchers.iter().enumerate() {
        write!(f, "{}{matcher}", if index == 0 { "" } else { ", " })?;
    }
    Ok(())
}

/// What to say of a value that matches an expression or does not.
pub(super) fn match_words(regex: &Regex, matches: bool) -> String {
    let words = if matches { "matches" } else { "does not match" };
    format!(", which {words} {}", regex.as_str())
}

/// With the three escapes that both of Alertmanager's parsers understand in the same way.
fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let escaped = text.replace('\\', r"\\").replace('\n', r"\n").replace('"', "\\\"");
    write!(f, "\"{escaped}\"")
}

#[cfg(test)]
mod tests;
