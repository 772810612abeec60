//! What a template may use up, so that none can abort, hang or exhaust the process.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Limits of parsing and of one execution. Sizes are bytes.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The longest source of one template file.
    pub source: usize,
    /// The longest source of all templates of a set.
    pub sources: usize,
    /// How deep parentheses, blocks and `else if` may nest in a source.
    pub parse_depth: usize,
    /// How deep templates may call templates.
    pub call_depth: usize,
    /// How deep blocks, parentheses and calls may nest together while executing.
    pub nesting: usize,
    /// Node evaluations of one execution, and what functions add for their work.
    pub fuel: u64,
    /// Turns of all `range`s together.
    pub iterations: u64,
    /// The longest output.
    pub output: usize,
    /// The longest single text or list that a function makes.
    pub value: usize,
    /// All that the functions of one execution make.
    pub allocation: usize,
    /// The largest width and precision that `printf` takes.
    pub width: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            source: 256 << 10,
            sources: 1 << 20,
            parse_depth: 100,
            call_depth: 100,
            nesting: 300,
            fuel: 1_000_000,
            iterations: 100_000,
            output: 256 << 10,
            value: 1 << 20,
            allocation: 16 << 20,
            width: 10_000,
        }
    }
}

/// A sign from outside that an execution must end: the backstop behind the fuel.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Ends the executions that hold this sign, within 256 nodes.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the sign was given.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Which limit was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// The limit, in words: `fuel`, `output`.
    pub limit: &'static str,
    /// Its height.
    pub most: u64,
}

impl Reached {
    /// A limit that counts bytes, items or levels.
    pub(crate) fn size(limit: &'static str, most: usize) -> Self {
        Self { limit, most: u64::try_from(most).unwrap_or(u64::MAX) }
    }
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.limit {
            "time" => f.write_str("stopped: it took too long"),
            limit => write!(f, "over the limit of {} for {limit}", self.most),
        }
    }
}
