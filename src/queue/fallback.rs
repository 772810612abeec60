//! Handing over: what one destination does not take is told to another receiver as well.

use std::sync::Arc;
use std::time::Duration;

use super::{DeliveryId, NewDelivery, NewMessage, Received, Target};

/// What is handed over before it is a dead letter: all that waits for a dead destination, and more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FallbackRule {
    /// Of a destination with a fallback.
    Destination {
        /// The destination.
        target: Target,
        /// Also what was accepted longer ago and is still queued.
        after: Option<Duration>,
    },
    /// Of the destinations that a receiver with a fallback has no more: those that no lane is
    /// declared with.
    Removed {
        /// The receiver's name.
        receiver: String,
        /// Also what was accepted longer ago and is still queued.
        after: Option<Duration>,
    },
}

/// A delivery that is to be handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallen {
    /// Its number.
    pub id: DeliveryId,
    /// Why it has not arrived: the reason of a dead letter, or what it waits for; may be empty.
    pub reason: String,
    /// How long ago it was accepted.
    pub age: Duration,
    /// Whether it is a dead letter; else it is queued still.
    pub is_dead: bool,
    /// The delivery that it replays, or instead of which it was made.
    pub replay_of: Option<DeliveryId>,
    /// The notification as it was received, and where the delivery goes.
    pub received: Received,
}

/// The deliveries by which one is handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// The delivery that was not taken.
    pub of: DeliveryId,
    /// The receiver that gets it.
    pub receiver: String,
    /// The messages, each once; none if no message could be made, and nothing is handed over.
    pub messages: Vec<Arc<NewMessage>>,
    /// One for each destination of the receiver.
    pub deliveries: Vec<NewDelivery>,
}
