//! The binary as a process: its signals, its refusals to start, its files and its commands.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "support/process.rs"]
#[allow(dead_code, reason = "each target uses a part of it")]
mod process;
#[path = "support/record.rs"]
#[allow(dead_code, reason = "each target uses a part of it")]
mod record;
#[path = "support/site.rs"]
#[allow(dead_code, reason = "each target uses a part of it")]
mod site;

#[path = "process/commands.rs"]
mod commands;
#[path = "process/refusals.rs"]
mod refusals;
#[path = "process/signals.rs"]
mod signals;
#[path = "process/templates.rs"]
mod templates;

/// Without words of its own: the `number`-th state of the only receiver's only group.
fn mark(number: usize) -> record::Mark {
    record::Mark { receiver: 0, group: 0, number }
}
