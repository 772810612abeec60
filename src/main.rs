//! The binary: parses the command line and calls.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A notification is some hundred small pieces of memory that live as long as its request, which
/// this allocator hands out at a third of the system's cost.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    campana::cli::run()
}
