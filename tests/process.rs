//! The binary as a process: its signals, its refusals to start, its files and its commands.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "process/commands.rs"]
mod commands;
#[path = "process/connections.rs"]
mod connections;
#[path = "process/conversations.rs"]
mod conversations;
#[path = "process/doctor.rs"]
mod doctor;
#[path = "process/memory.rs"]
mod memory;
#[path = "process/migration.rs"]
mod migration;
#[path = "process/proxy.rs"]
mod proxy;
#[path = "process/refusals.rs"]
mod refusals;
#[path = "process/signals.rs"]
mod signals;
#[path = "process/storage.rs"]
mod storage;
#[path = "process/templates.rs"]
mod templates;

use test_support::Mark;

/// Without words of its own: the `number`-th state of the only receiver's only group.
fn mark(number: usize) -> Mark {
    Mark { receiver: 0, group: 0, number }
}
