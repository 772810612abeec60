//! The binary: parses the command line and calls.

use std::process::ExitCode;

fn main() -> ExitCode {
    campana::cli::run()
}
