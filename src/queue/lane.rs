//! What the store is told of a lane.

use std::time::Duration;

use super::Target;

/// A lane of the configuration in force, as the store is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredLane {
    /// A keyed hash of the robot's token, or of the app's key and API.
    pub id: String,
    /// The destinations that share the lane.
    pub targets: Vec<LaneTarget>,
    /// The lane's budget.
    pub budget: RateBudget,
}

/// One destination of a lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneTarget {
    /// Receiver and destination.
    pub target: Target,
    /// A keyed hash of its credentials; a dead destination's park ends when it changes.
    pub credentials_hash: String,
    /// Whether its deliveries fold when the lane overflows.
    pub folds: bool,
    /// Whether its dead letters are handed over to another receiver.
    pub has_fallback: bool,
    /// The quota that its messages count for.
    pub quota: Option<String>,
}

/// The robot's or app's budget, as a lane asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateBudget {
    /// Slots in any `per`.
    pub slots: u32,
    /// A slot is free again this long after the attempt that took it ended.
    pub per: Duration,
    /// The longest that an attempt can take; a slot whose attempt's end is unknown is free again
    /// one attempt and one `per` after it was taken.
    pub attempt_limit: Duration,
}

/// How much a lane may be given, since its robot or the host may be out of order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// Whatever comes next.
    All,
    /// One attempt that shows whether the way is open again. What was attempted already goes first, and
    /// no digest is made, so that the rest can still fold.
    Probe,
    /// Nothing: the lane only asks whether something is due.
    Nothing,
}

/// What a test message, or another call outside the queue, may do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charge {
    /// A slot is taken: send now, then [`discharge`](super::Store::discharge) it.
    Taken(i64),
    /// No slot, none for tests, or the lane is throttled, before this boot time.
    Wait(Duration),
    /// An alert is due, and goes first.
    AlertsDue,
}
