//! One finding: a line that says what was looked at, what was found, and what to do.

use std::fmt;

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// As it should.
    Well,
    /// Messages may arrive, but it is probably not what was meant.
    Doubtful,
    /// Messages do not arrive.
    Wrong,
    /// It was not made, because of what was found before.
    Left,
}

/// What one check found; no secret is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How it went.
    pub mark: Mark,
    /// What was looked at: a host, an app, a destination.
    pub subject: String,
    /// Which check it is, in one word.
    pub check: &'static str,
    /// What was found, and what to do.
    pub words: String,
}

impl Finding {
    /// The finding of a check of `subject`.
    #[must_use]
    pub fn new(subject: &str, check: &'static str, (mark, words): (Mark, String)) -> Self {
        Self { mark, subject: subject.to_owned(), check, words }
    }
}

impl Mark {
    /// The word at the line's beginning.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Well => "ok",
            Self::Doubtful => "warn",
            Self::Wrong => "FAIL",
            Self::Left => "skip",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mark, subject, check, words } = self;
        write!(f, "{:<4}  {subject}: {check}: {words}", mark.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_one_line_that_begins_with_its_mark() {
        for (mark, expected) in [
            (Mark::Well, "ok    ops/bot: token: x"),
            (Mark::Doubtful, "warn  ops/bot: token: x"),
            (Mark::Wrong, "FAIL  ops/bot: token: x"),
            (Mark::Left, "skip  ops/bot: token: x"),
        ] {
            let finding = Finding::new("ops/bot", "token", (mark, "x".to_owned()));
            assert_eq!(finding.to_string(), expected);
        }
    }
}
