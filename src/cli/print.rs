//! The one place that prints: results to standard output, errors to standard error.

use std::io::Write as _;

use anyhow::Context as _;

/// Prints a line of a command's result.
#[expect(clippy::print_stdout, reason = "a command's result is what it prints")]
pub(super) fn line(text: &str) {
    println!("{text}");
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
