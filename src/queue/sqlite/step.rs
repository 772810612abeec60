//! A clean-up in steps, each a transaction of its own, so that however long it is, it keeps no
//! notification waiting for long.

use super::SqliteStore;
use super::failure::Failure;
use super::job::Manner;
use super::ledger::Ledger;
use crate::clock::Now;
use crate::queue::Answer;
use crate::queue::store_time::Moment;

/// What one step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// How many deliveries it concerned.
    pub(super) done: usize,
    /// Whether nothing is left to do.
    pub(super) is_last: bool,
}

impl SqliteStore {
    /// Repeats a step until nothing is left; how many deliveries it concerned in all.
    pub(super) fn in_steps<F>(&self, now: Now, step: F) -> Answer<'_, u64>
    where
        F: FnMut(&Ledger, Moment) -> Result<Step, Failure> + Clone + Send + 'static,
    {
        Box::pin(async move {
            let mut all = 0;
            loop {
                let Step { done, is_last } =
                    self.write(Manner::CLEAN_UP, now, step.clone()).await?;
                all += done as u64;
                if is_last {
                    return Ok(all);
                }
            }
        })
    }
}
