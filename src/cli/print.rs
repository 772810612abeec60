//! Prints results to standard output, and errors and warnings to standard error.
//!
//! A lint forbids printing everywhere else, where the log is the place for words.

use std::io::Write as _;

use anyhow::Context as _;

/// Prints a line of a command's result.
pub(super) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{text}").is_err() {
        // The reader has closed the pipe, as `head` does, so the rest is of no use.
        std::process::exit(1);
    }
}

/// Prints an error or a warning.
#[expect(clippy::print_stderr, reason = "before the log is started, errors have no other place")]
pub(super) fn error(text: &str) {
    eprintln!("{text}");
}

/// Prints bytes as they are.
pub(super) fn bytes(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).context("cannot write")
}
