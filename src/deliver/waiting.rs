//! What a lane without work waits for, and what ends its wait.

use std::time::Duration;

/// How often there was a reason to look again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Wakes {
    /// Something was stored for the lane.
    pub(super) work: u64,
    /// A park has ended, a slot was given back, or the configuration has changed.
    pub(super) change: u64,
}

/// How long a lane does nothing, and why.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pause {
    /// When it looks again by itself.
    pub(super) until: Option<Duration>,
    /// Whether more work changes nothing: every slot is taken, or the lane is throttled.
    pub(super) blocked: bool,
    /// What keeps it from sending what is due.
    pub(super) wants: Option<Want>,
}

/// What a lane with something due waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Want {
    /// A free slot of its rate.
    Slot,
    /// Company for its next digest.
    Digest,
}

/// Up to where a lane has looked, and its pause.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting {
    pub(super) seen: Wakes,
    pub(super) pause: Pause,
}

impl Pause {
    /// Nothing is due before then.
    pub(super) fn without_work(until: Option<Duration>) -> Self {
        Self { until, blocked: false, wants: None }
    }

    /// More work may fill the digest.
    pub(super) fn for_digest(until: Duration) -> Self {
        Self { until: Some(until), blocked: false, wants: Some(Want::Digest) }
    }

    /// Nothing can be sent before then, whatever comes.
    pub(super) fn blocked(until: Duration) -> Self {
        Self { until: Some(until), blocked: true, wants: None }
    }

    /// All slots are taken until then.
    pub(super) fn for_slot(until: Duration) -> Self {
        Self { wants: Some(Want::Slot), ..Self::blocked(until) }
    }
}

impl Waiting {
    /// Whether the lane has to look again before its time.
    pub(super) fn is_over(&self, wakes: Wakes) -> bool {
        let work = !self.pause.blocked && wakes.work != self.seen.work;
        work || wakes.change != self.seen.change
    }
}

impl Want {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Slot, Self::Digest];

    /// The word in the metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Slot => "slot",
            Self::Digest => "digest",
        }
    }
}
