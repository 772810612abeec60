//! Whose turn it is in a lane: the more severe first, and nobody waits without end.

use std::time::Duration;

/// So much later than its due time is the turn of a delivery, for each step of its rank.
const STEP: Duration = Duration::from_mins(1);

/// The last rank that waits longer than the one before it.
const LAST: u8 = 5;

/// How much later than it is due the turn of a delivery of this rank comes; rank 0 waits for nobody.
///
/// The turn orders what is due and holds back nothing: a lane with a free slot takes what it has. So
/// a delivery is overtaken by more severe ones only if they were due at most this long after it.
#[must_use]
pub(super) fn yields(rank: u8) -> Duration {
    STEP * u32::from(rank.min(LAST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lower_rank_yields_a_minute_for_each_step_and_five_at_most() {
        let waits = [0, 1, 2, 5, 6, 255].map(|rank| yields(rank).as_secs());
        assert_eq!(waits, [0, 60, 120, 300, 300, 300]);
    }
}
