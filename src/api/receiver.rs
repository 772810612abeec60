//! The receivers as configured, with what is queued for them and what holds them back.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::in_milliseconds;
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
    /// Its destinations, in the order of the configuration.
    pub destinations: Vec<Destination>,
}

/// One destination of a receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// Its name.
    pub name: String,
    /// `chatbot` or `conversation`.
    pub kind: String,
    /// How many deliveries are queued for it.
    pub queued: u64,
    /// Why it is dead, until a person mends it; null if it is not.
    pub parked: Option<Park>,
    /// How its lane, which it may share, is throttled; null if it is not.
    pub throttled: Option<Park>,
}

/// Why a lane or a destination waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Park {
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

impl From<&queue::Backlog> for RemovedDestination {
    fn from(backlog: &queue::Backlog) -> Self {
        let queue::Target { receiver, destination } = backlog.target.clone();
        Self { receiver, destination, queued: backlog.queued }
    }
}
