//! The receivers as configured, with what is queued for them and what holds them back.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::in_milliseconds;
use crate::deliver::LaneWait;
use crate::queue;

/// GET `/api/v1/receivers`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiverList {
    /// In the order of the configuration.
    pub receivers: Vec<Receiver>,
    /// Destinations that are configured no more, and for which something is queued.
    pub removed: Vec<RemovedDestination>,
}

/// One receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receiver {
    /// Its name.
    pub name: String,
    /// A disabled receiver takes only test messages.
    pub enabled: bool,
    /// Whether resolved alerts are kept.
    pub send_resolved: bool,
    /// Whether it is active now.
    pub active: bool,
    /// Why it is active or not, in words; null where it has no `active_times`.
    pub active_times: Option<String>,
    /// Its destinations, in the order of the configuration.
    pub destinations: Vec<Destination>,
}

/// One destination of a receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// Its name.
    pub name: String,
    /// `chatbot`, `conversation` or `chat`.
    pub kind: String,
    /// How many deliveries are queued for it.
    pub queued: u64,
    /// Why it is dead, until a person mends it; null if it is not.
    pub parked: Option<Park>,
    /// How its lane, which it may share, is throttled; of a pool, how the robot is that sends again first.
    /// Null if nothing waits for that.
    pub throttled: Option<Park>,
    /// What else keeps what is queued for it from being sent; null if nothing does.
    pub waits: Option<Wait>,
    /// The robots of its pool that are dead, in the order of the pool; empty where there is no pool.
    pub dead_robots: Vec<DeadRobot>,
}

/// Why a lane or a destination waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Park {
    /// The cause in words.
    pub cause: String,
    /// When one attempt may probe.
    pub until: Timestamp,
}

/// What the deliveries of a destination wait for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// `slot`, `digest`, `host` or `account`.
    #[serde(rename = "for")]
    pub what: String,
    /// Until when at most; null where only others' attempts end the wait.
    pub until: Option<Timestamp>,
    /// The same in words, as the deliveries have it.
    pub reason: String,
}

/// A robot of a pool that is dead, until a person mends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadRobot {
    /// Its number in the pool, counted from 1.
    pub number: usize,
    /// The cause in words.
    pub cause: String,
    /// When one attempt may probe.
    pub until: Timestamp,
}

/// A destination that is configured no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedDestination {
    /// The receiver's name.
    pub receiver: String,
    /// The destination's name.
    pub destination: String,
    /// How many deliveries are queued for it.
    pub queued: u64,
}

impl From<&queue::Park> for Park {
    fn from(park: &queue::Park) -> Self {
        Self { cause: park.cause.clone(), until: in_milliseconds(park.until) }
    }
}

impl From<LaneWait> for Wait {
    fn from(wait: LaneWait) -> Self {
        Self {
            what: wait.want.as_str().to_owned(),
            until: wait.until.map(in_milliseconds),
            reason: wait.to_string(),
        }
    }
}

impl From<(usize, &queue::Park)> for DeadRobot {
    fn from((number, park): (usize, &queue::Park)) -> Self {
        let Park { cause, until } = park.into();
        Self { number, cause, until }
    }
}

impl From<&queue::Backlog> for RemovedDestination {
    fn from(backlog: &queue::Backlog) -> Self {
        let queue::Target { receiver, destination } = backlog.target.clone();
        Self { receiver, destination, queued: backlog.queued }
    }
}
