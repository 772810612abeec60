//! What must hold whatever comes: one property for each fuzz target, an ordinary function over bytes.
//!
//! This file is two crates: the library that `fuzz_targets/` give to the fuzzer, on nightly Rust, and
//! the test `fuzz` of the package campana, which tries the seeds and every case that once failed.
#![expect(clippy::panic, reason = "a property that does not hold ends in a panic")]

pub mod answer;
pub mod condition;
pub mod configuration;
pub mod duplicate;
pub mod markdown;
pub mod paginator;
pub mod payload;
pub mod store;

mod choices;
mod heap;
#[cfg(test)]
mod kept;
mod messages;

// What reads a message, and the model of the store: each is the one of the unit tests and of the suite.
#[path = "../../src/render/tests/judge.rs"]
mod judge;

#[path = "../../tests/store/deliveries.rs"]
mod deliveries;
#[expect(dead_code, reason = "the rules of the suite need all of it")]
#[path = "../../tests/store/harness.rs"]
mod harness;
#[path = "../../tests/store/model.rs"]
mod model;
#[path = "../../tests/store/sequence.rs"]
mod sequence;
#[path = "../../tests/store/sqlite.rs"]
mod sqlite;
