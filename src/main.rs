//! The binary: parses the command line and calls.

use std::process::ExitCode;

/// Notifications are many small strings that one thread makes and another one frees; the system's
/// allocator pays for that with locks.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    campana::cli::run()
}
