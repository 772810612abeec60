//! What is stored of a notification: its payload, and the messages and deliveries made of it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{DeliveryId, SenderChange, Target};
use crate::dingtalk::message::Part;

/// What a digest is written from: a delivery in a few fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// `firing` or `resolved`.
    pub status: String,
    /// How many alerts fire.
    pub firing: u64,
    /// How many alerts are resolved.
    pub resolved: u64,
    /// Of how many alerts besides the state is not known, because the sender left them out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unsent: u64,
    /// Whether all that fires had fired before, and nobody was told that it recovered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fires_again: bool,
    /// What the label of `delivery.severity` says of the most severe alert; may be empty.
    pub severity: String,
    /// The alerts' names, sorted, each once; the first of many.
    pub alertnames: Vec<String>,
    /// How many names more there are.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_alertnames: u64,
    /// The labels that the group was made by.
    pub group_labels: BTreeMap<String, String>,
    /// A few labels that all its alerts have besides, where those do not say where something is; all that
    /// they have, if its sender made the group by none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub shared_labels: BTreeMap<String, String>,
    /// Since when the oldest alert fires.
    pub since: Option<Timestamp>,
    /// When the last alert recovered, once all have, if the sender said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovered: Option<Timestamp>,
    /// A page that shows the group: Alertmanager's, or else its graph; may be empty.
    pub link: String,
    /// Which `receiver/destination` did not take it, where it comes instead; else empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub instead_of: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// A message that is to be stored, for one or several deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// The final message, cut to parts; at least one.
    pub parts: Vec<Part>,
    /// What a digest shows of it.
    pub summary: Summary,
    /// How severe the summary's severity is; 0 is the severest.
    pub rank: u8,
    /// Why the built-in message stands in for a template's, if it does.
    pub render_error: Option<String>,
}

/// A delivery that is to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// Where it goes.
    pub target: Target,
    /// Its message, by its place in [`ReceiverShare::messages`].
    pub message: usize,
}

/// What stands for the state of an alert group: 127 bits of a hash, so that no two states are taken
/// for one, and one bit that says whether anything fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StateHash(pub [u8; 16]);

impl StateHash {
    /// The same state of those alerts alone that a receiver keeps; `fires` says whether one of them does.
    #[must_use]
    pub fn of_kept(mut self, fires: bool) -> Self {
        let [.., last] = &mut self.0;
        *last = *last & !1 | u8::from(fires);
        self
    }

    /// Whether anything fires.
    #[must_use]
    pub fn fires(self) -> bool {
        let [.., last] = self.0;
        last & 1 == 1
    }
}

/// What a sender calls its request by (`Idempotency-Key`), so that the same request is known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// Stands for the key, and for the path on which it came.
    pub name: String,
    /// Stands for the body.
    pub body: StateHash,
    /// The same request within this time is a duplicate.
    pub window: Duration,
}

/// One receiver's share of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiverShare {
    /// The receiver's name.
    pub receiver: String,
    /// The notification's state; equal states of one group are duplicates.
    pub state: StateHash,
    /// An equal state within this time is a duplicate.
    pub window: Duration,
    /// Whether it is stored only where something fired in the last state that the receiver was told of
    /// the group.
    pub only_if_firing_was_told: bool,
    /// The messages of the deliveries, each once. One that several shares of a notification hold is
    /// stored once for all of them.
    pub messages: Vec<Arc<NewMessage>>,
    /// What to store; none where no condition held.
    pub deliveries: Vec<NewDelivery>,
}

/// A notification as its sender wrote it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawPayload {
    /// The name of the sender's format, by which the bytes can be read again.
    pub format: Cow<'static, str>,
    /// The body.
    pub bytes: Vec<u8>,
}

/// One notification, ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accept {
    /// The notification's id, made by the caller.
    pub notification: String,
    /// The alert group's key, or a hash that stands for it; orders deliveries.
    pub group: String,
    /// The notification as it was received.
    pub payload: RawPayload,
    /// What its sender calls the request by, if it does.
    pub key: Option<RequestKey>,
    /// One share for each receiver concerned.
    pub shares: Vec<ReceiverShare>,
    /// What it changes of what is known of its sender.
    pub sender: Option<SenderChange>,
}

/// A notification that is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its id.
    pub notification: String,
    /// Where the delivery goes that it was asked for by.
    pub target: Target,
    /// As it was received.
    pub payload: RawPayload,
}

/// What became of a notification.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accepted {
    /// The new deliveries, in the order asked for; none of a receiver for which it was a duplicate.
    pub deliveries: Vec<DeliveryId>,
    /// The earlier notification, where every share with deliveries was a duplicate.
    pub duplicate_of: Option<String>,
    /// The places of the shares that were duplicates.
    pub duplicates: Vec<usize>,
    /// Whether its [`RequestKey`] stood for another body before, so that it is another request all the
    /// same.
    pub key_reused: bool,
    /// The places of the shares that were left out, because no firing was told before.
    pub untold: Vec<usize>,
}
