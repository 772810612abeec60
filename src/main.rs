//! The binary: parses the command line and calls.

use std::env;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use mimalloc::MiMalloc;

/// A notification is some hundred small pieces of memory that live as long as its request, which
/// this allocator hands out at a third of the system's cost.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How many milliseconds the allocator keeps what was freed before the system has it back. It keeps it
/// for a second by itself, and large bodies that come one after the other take 400 MiB in that time, where
/// 70 are enough (`scripts/bench memory`).
const PURGE_DELAY: (&str, &str) = ("MIMALLOC_PURGE_DELAY", "0");

fn main() -> ExitCode {
    return_memory_at_once();
    campana::cli::run()
}

/// Begins the program again in the same process, with the allocator's option set.
///
/// The allocator reads its options from the environment before `main`.
fn return_memory_at_once() {
    let (name, value) = PURGE_DELAY;
    let (Ok(program), None) = (env::current_exe(), env::var_os(name)) else { return };
    let mut arguments = env::args_os();
    let mut again = Command::new(program);
    if let Some(own_name) = arguments.next() {
        again.arg0(own_name);
    }
    // It comes back only where it failed, and then all works as well in more memory.
    let _ = again.args(arguments).env(name, value).exec();
}
