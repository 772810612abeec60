//! Folding: what goes out as one digest when more is queued than a lane can send.
//!
//! A lane folds by forecast: as soon as the parts that are queued exceed its free slots, less those
//! that are kept for digests, the deliveries without an attempt wait for a digest. What is decided
//! here is the same for every store.

use std::time::Duration;

use jiff::Timestamp;

use super::{DeliveryId, RateBudget, Summary};
use crate::dingtalk::message::{At, Part};

/// One slot of so many is kept for digests.
const SHARE: u32 = 4;

/// The shortest wait of a digest after its first delivery was queued: a reader who gets one each
/// twelve seconds can still read them.
const SHORTEST_WAIT: Duration = Duration::from_secs(12);

/// With so many groups a digest is full: of short lines about as many fit into one part for a chatbot.
/// With fewer, the slots that are kept for digests would be used up by half-empty ones.
pub const FULL_GROUPS: usize = 300;

/// The most groups that are offered to one digest; it carries those that fit.
pub const MOST_GROUPS: usize = 500;

/// The most deliveries that one digest carries, so that settling them keeps nobody waiting.
pub const MOST_ROWS: usize = 800;

/// The slots of a budget that are kept for digests: a quarter, at least one, but never all of them, or
/// a lone alert would wait for company although nothing was sent.
#[must_use]
pub fn kept_slots(budget: RateBudget) -> u32 {
    (budget.slots / SHARE).max(1).min(budget.slots.saturating_sub(1))
}

/// How long the first delivery of a digest waits for others at most.
#[must_use]
pub fn longest_wait(budget: RateBudget) -> Duration {
    (budget.per / kept_slots(budget).max(1)).max(SHORTEST_WAIT)
}

/// What waits for a destination and may be folded, group by group in the order in which it leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Foldable {
    /// The groups; of each its deliveries, the oldest state first, at least one.
    pub groups: Vec<Vec<FoldableDelivery>>,
    /// The parts of the newest delivery, if there is one group only.
    pub newest: Vec<Part>,
    /// A delivery whose stored message cannot be read, and which therefore goes out as itself.
    pub unreadable: Option<DeliveryId>,
}

/// A delivery that may be folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoldableDelivery {
    /// Its number.
    pub id: DeliveryId,
    /// What a digest shows of it.
    pub summary: Summary,
    /// Whom its message mentions.
    pub at: At,
    /// When it was accepted.
    pub accepted_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_the_slots_is_kept_and_a_digest_waits_for_its_share_of_the_time() {
        let cases =
            [(20, 60, 5, 12), (20, 1, 5, 12), (4, 60, 1, 60), (1, 60, 0, 60), (3, 300, 1, 300)];
        for (slots, per, kept, wait) in cases {
            let (per, attempt_limit) = (Duration::from_secs(per), Duration::from_secs(10));
            let budget = RateBudget { slots, per, attempt_limit };
            assert_eq!(kept_slots(budget), kept, "{budget:?}");
            assert_eq!(longest_wait(budget), Duration::from_secs(wait), "{budget:?}");
        }
    }
}
