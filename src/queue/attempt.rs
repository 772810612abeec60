//! An attempt: what the store gives to a lane, and what the lane gives back.

use std::time::Duration;

use super::{DeliveryId, NewPark, Target};
use crate::dingtalk::message::Part;

/// A lane's next attempt, or how long the lane has to wait for one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "the lease is the usual case and short-lived")]
pub enum NextAttempt {
    /// Make this attempt; its slot is charged and its row is on disk.
    Attempt(Lease),
    /// More waits for this destination than the lane can send: make a digest of it now.
    Fold(Target),
    /// What is due waits for the next digest, at most until this boot time.
    Gathering(Duration),
    /// Nothing is due before this boot time, or, with `None`, before something is accepted.
    Wait(Option<Duration>),
    /// Something is due, but the lane is throttled, or has an attempt under way, until this boot
    /// time; nothing that is accepted changes that.
    Blocked(Duration),
    /// Something is due, and the lane was allowed nothing.
    Held,
    /// Something is due, but every slot of the rate is taken until this boot time; nothing that is
    /// accepted changes that.
    NoSlot(Duration),
}

/// How often an attempt of the current part has failed, by the class of its answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tries {
    /// Failures that used up a step of the retry schedule.
    pub scheduled: u32,
    /// `-1`, system busy.
    pub busy: u32,
    /// Errcodes that nothing is known about.
    pub other: u32,
    /// Refused app tokens.
    pub token: u32,
}

/// The right to attempt one part of one delivery, until it runs out.
///
/// Kept in the database and not as an open transaction: SQLite has one writer, and a transaction
/// kept open while DingTalk thinks would stop the webhook from accepting alerts.
#[must_use = "a lease that is not finished runs out, and the part is attempted again"]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The attempt's number among those of the delivery, from 1.
    pub attempt: i64,
    /// The lane that makes it.
    pub lane: String,
    /// Where it goes.
    pub target: Target,
    /// The hash of the destination's credentials, as the lane named it.
    pub credentials_hash: String,
    /// The part, counted from 0.
    pub part_index: usize,
    /// How many parts the message has.
    pub parts: usize,
    /// The part itself.
    pub part: Part,
    /// DingTalk's idempotency key for this part (a UUID).
    pub msg_uuid: String,
    /// Whether an earlier attempt of this part had an unknown outcome.
    pub uncertain: bool,
    /// The failures so far.
    pub tries: Tries,
    /// How long ago the delivery's first attempt was; zero at the first.
    pub age: Duration,
    /// How long the delivery had waited for this attempt since it was due.
    pub waited: Duration,
    /// How long ago it was accepted.
    pub queued_for: Duration,
    /// Whether it probes a dead destination.
    pub probe: bool,
    /// How often in a row the lane was throttled for a minute or more.
    pub throttle_step: u32,
    /// The boot time by which the attempt has to be over, however late it begins: the lease and the
    /// slot are counted on that.
    pub deadline: Duration,
}

/// What DingTalk said to an attempt, for the record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answered {
    /// A short word for metrics and filters: `ok`, `throttled`, `timeout` …
    pub outcome: String,
    /// DingTalk's code, where it gave one.
    pub code: Option<String>,
    /// DingTalk's words and ours; no secret.
    pub words: String,
    /// How long the attempt took.
    pub took: Duration,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptResult {
    /// What DingTalk said.
    pub answered: Answered,
    /// Whether the message may have reached DingTalk; if not, its slot is free at once.
    pub sent: bool,
    /// What becomes of the delivery.
    pub next: NextStep,
}

/// What became of a delivery after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// What the result said.
    AsSaid,
    /// Its robot is dead, and another one of its destination sends it.
    FailedOver,
    /// Its account is dead, as a dead letter of another destination says already: it waits.
    Parked,
    /// It was given up, and so many deliveries with it that it carried.
    GaveUp(u64),
}

/// What becomes of a delivery after an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextStep {
    /// The part arrived: the next one is due, or, after the last, the delivery is delivered. Ends
    /// the lane's and the destination's parks.
    Arrived,
    /// The part waits; the tries are those to remember.
    Retry {
        /// How long.
        wait: Duration,
        /// The failures, this one counted.
        tries: Tries,
        /// Whether the part may have arrived: then it keeps its `msgUuid`.
        uncertain: bool,
    },
    /// The part was too long: these stand in its place, before the parts behind it.
    Recut(Vec<Part>),
    /// It is a dead letter: DingTalk does not take what it says, or nothing for its destination.
    Bury {
        /// Why, and what to do, in words.
        reason: String,
        /// Parks the destination too, or all of its lane.
        park: Option<NewPark>,
    },
    /// It is a dead letter, though DingTalk may take what it says.
    GiveUp {
        /// Why, and what to do, in words.
        reason: String,
        /// Whether it was attempted for as long as anything is; what it carried is then as old.
        too_old: bool,
    },
    /// The lane or the destination waits; the delivery stays queued and no try is used up.
    Park(NewPark),
}
