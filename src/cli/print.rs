//! Prints results to standard output, and errors and warnings to standard error.
//!
//! A lint forbids printing everywhere else, where the log is the place for words. Alerts come from
//! others, so the characters in them that a terminal obeys or nobody sees are escaped here.

use std::borrow::Cow;
use std::io::Write as _;

use anyhow::Context as _;

use crate::telemetry::{self, is_unseen};

/// Prints a line of a command's result, or several.
pub(super) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{}", seen(text)).is_err() {
        // The reader has closed the pipe, as `head` does, so the rest is of no use.
        std::process::exit(1);
    }
}

/// Prints an error or a warning.
#[expect(clippy::print_stderr, reason = "before the log is started, errors have no other place")]
pub(super) fn error(text: &str) {
    eprintln!("{}", seen(text));
}

/// Prints bytes as they are.
pub(super) fn bytes(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).context("cannot write")
}

/// A text of others as a part of a line: its line ends are escaped, and the rest by [`line`].
pub(super) fn in_one_line(text: &str) -> String {
    text.replace('\n', "\\n")
}

/// The text with `\u202e` for each character that a terminal obeys or nobody sees, but for line ends
/// and tabs. In a JSON text, where they stand in strings alone, that is the same value.
fn seen(text: &str) -> Cow<'_, str> {
    telemetry::seen(text, is_escaped)
}

fn is_escaped(c: char) -> bool {
    is_unseen(c) && !matches!(c, '\n' | '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_or_nobody_sees_is_escaped() {
        for (text, expected) in [
            ("磁盘\té\n", "磁盘\té\n"),
            ("\u{1b}[31m", "\\u001b[31m"),
            ("a\u{9b}31m\r", "a\\u009b31m\\u000d"),
            ("a\u{202e}b\u{2069}\u{61c}", "a\\u202eb\\u2069\\u061c"),
            ("a\u{200b}b\u{feff}\u{2028}", "a\\u200bb\\ufeff\\u2028"),
        ] {
            assert_eq!(seen(text), expected);
        }
        assert_eq!(in_one_line("a\nb"), "a\\nb");
    }

    #[test]
    fn a_json_text_stays_the_same_value() {
        let value = serde_json::json!({"a\u{202e}": "b\u{9b}\u{7f}\u{200d}\u{e0041}\n\"\\"});
        let printed = serde_json::to_string_pretty(&value).unwrap();
        let read: serde_json::Value = serde_json::from_str(&seen(&printed)).unwrap();
        assert_eq!(read, value);
    }
}
