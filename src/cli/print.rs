//! The one place that prints: results to standard output, errors to standard error.

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
