//! The rows of the queue, as the rest of Campana reads and writes them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::dingtalk::message::Message;

/// A delivery's number, which grows and is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId(pub i64);

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a delivery goes, by name; the configuration knows its address and its secrets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// The receiver's name.
    pub receiver: String,
    /// The chatbot's name, or a conversation's `name/` + 8 hex digits.
    pub destination: String,
}

/// What made a delivery; each counts as accepted once, under its origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A webhook POST.
    Notification,
    /// A person's replay of a dead letter.
    Replay,
    /// A digest of folded deliveries.
    Digest,
    /// A fallback for a dead letter.
    Fallback,
}

/// How a delivery stands; every state but `Queued` is final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Not settled yet.
    Queued,
    /// All its parts arrived.
    Delivered,
    /// Shown in a digest that arrived.
    Folded,
    /// It cannot arrive; a person has to look. The reason stands with it.
    Dead,
    /// A person gave it up.
    Discarded,
}

/// What a digest is written from: a delivery in a few fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// `firing` or `resolved`.
    pub status: String,
    /// How many alerts fire.
    pub firing: u64,
    /// How many alerts are resolved.
    pub resolved: u64,
    /// The severest `severity` label; may be empty.
    pub severity: String,
    /// The alerts' names, sorted, each once.
    pub alertnames: Vec<String>,
    /// The labels that the group was made by.
    pub group_labels: BTreeMap<String, String>,
    /// Since when the oldest alert fires.
    pub since: Option<Timestamp>,
    /// Alertmanager's page for the group; may be empty.
    pub link: String,
}

/// A message that is to be stored, for one or several deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// The final message, cut to parts; at least one.
    pub parts: Vec<Message>,
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

/// What stands for the state of an alert group: 128 bits of a hash, so that no two states are taken
/// for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StateHash(pub [u8; 16]);

/// One receiver's share of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiverShare {
    /// The receiver's name.
    pub receiver: String,
    /// The notification's state; equal states of one group are duplicates.
    pub state: StateHash,
    /// An equal state within this time is a duplicate.
    pub window: Duration,
    /// The messages of the deliveries, each once.
    pub messages: Vec<NewMessage>,
    /// What to store; none where no condition held.
    pub deliveries: Vec<NewDelivery>,
}

/// A notification as its sender wrote it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payload {
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
    pub payload: Payload,
    /// One share for each receiver concerned.
    pub shares: Vec<ReceiverShare>,
}

/// A notification that is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its id.
    pub notification: String,
    /// Where the delivery goes that it was asked for by.
    pub target: Target,
    /// As it was received.
    pub payload: Payload,
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
/// Held in the database and not as an open transaction: SQLite has one writer, and a transaction
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
    /// The destination's credentials, as the lane named them.
    pub credentials: String,
    /// The part, counted from 0.
    pub part: usize,
    /// How many parts the message has.
    pub parts: usize,
    /// The part itself.
    pub message: Message,
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
    /// How often in a row the lane was throttled; this attempt probes it if that is not 0.
    pub throttle_step: u32,
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
    /// What becomes of the delivery.
    pub next: NextStep,
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
    Recut(Vec<Message>),
    /// It is a dead letter; the whole destination may be dead with it.
    Bury {
        /// Why, and what to do, in words.
        reason: String,
        /// Parks the destination too.
        park: Option<NewPark>,
    },
    /// The lane or the destination waits; the delivery stays queued and no try is used up.
    Park(NewPark),
}

/// What a park holds back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// A lane, by its id.
    Lane(String),
    /// One destination.
    Destination {
        /// Which one.
        target: Target,
        /// The keyed hash of its credentials: other credentials end the park.
        credentials: String,
    },
}

/// A wait of a whole lane or destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPark {
    /// What waits.
    pub scope: Scope,
    /// Why, in words.
    pub cause: String,
    /// How often in a row it was parked; 1 at first.
    pub step: u32,
    /// How long until one attempt may probe.
    pub wait: Duration,
}

/// A park that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Park {
    /// What waits.
    pub scope: Scope,
    /// Why, in words.
    pub cause: String,
    /// How often in a row it was parked.
    pub step: u32,
    /// When one attempt may probe.
    pub until: Timestamp,
}

/// Which deliveries to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only in this state.
    pub state: Option<State>,
    /// Only of this receiver.
    pub receiver: Option<String>,
    /// Only to this destination.
    pub destination: Option<String>,
    /// At most this many; 100 if zero, never more than 500.
    pub limit: usize,
    /// Only older ones than this delivery.
    pub after: Option<DeliveryId>,
}

/// A delivery, as people list it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its number.
    pub id: DeliveryId,
    /// The notification that it was made of.
    pub notification: String,
    /// What made it.
    pub origin: Origin,
    /// Where it goes.
    pub target: Target,
    /// The alert group.
    pub group: String,
    /// How it stands.
    pub state: State,
    /// How many attempts were started.
    pub attempts: u64,
    /// Why it is dead, or what it waits for; may be empty.
    pub reason: String,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// When it was settled.
    pub settled_at: Option<Timestamp>,
    /// When its next attempt is due, if it is queued.
    pub due_at: Option<Timestamp>,
    /// How many parts it has.
    pub parts: usize,
    /// How many parts have arrived.
    pub arrived: usize,
    /// The title of its first part, or the first line of its text.
    pub title: String,
    /// The dead letter that it replays.
    pub replay_of: Option<DeliveryId>,
    /// The digest that carries it.
    pub carried_by: Option<DeliveryId>,
    /// What a digest shows of it.
    pub summary: Summary,
    /// Why the built-in message stands in for a template's.
    pub render_error: Option<String>,
}

/// One attempt of one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The part, counted from 0.
    pub part: usize,
    /// When it started.
    pub started_at: Timestamp,
    /// What DingTalk said; `None` while it is under way.
    pub answered: Option<Answered>,
}

/// A delivery with everything that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// The delivery.
    pub delivery: Delivery,
    /// The message as it was rendered, in parts.
    pub rendered: Vec<Message>,
    /// The parts as they are sent; they differ when one proved too long.
    pub parts: Vec<Message>,
    /// The attempts, oldest first.
    pub attempts: Vec<Attempt>,
}

/// What is queued for one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backlog {
    /// The destination.
    pub target: Target,
    /// How many deliveries are queued.
    pub queued: u64,
    /// How old the oldest of them is.
    pub oldest: Duration,
}

/// The store's totals; they survive restarts and retention.
///
/// At all times the accepted equal the settled and the queued, summed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Every delivery ever created, by origin.
    pub accepted: BTreeMap<Origin, u64>,
    /// Every delivery ever settled, by how.
    pub settled: BTreeMap<State, u64>,
    /// How many are queued now.
    pub queued: u64,
    /// What is queued where; destinations without a queue may be left out.
    pub backlogs: Vec<Backlog>,
}

impl Origin {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Notification, Self::Replay, Self::Digest, Self::Fallback];

    /// The word in the API, the metrics and the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Notification => "notification",
            Self::Replay => "replay",
            Self::Digest => "digest",
            Self::Fallback => "fallback",
        }
    }
}

impl State {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Queued, Self::Delivered, Self::Folded, Self::Dead, Self::Discarded];

    /// The word in the API, the metrics and the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Delivered => "delivered",
            Self::Folded => "folded",
            Self::Dead => "dead",
            Self::Discarded => "discarded",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl Target {
    /// The names of receiver and destination.
    #[must_use]
    pub fn names(&self) -> (&str, &str) {
        (&self.receiver, &self.destination)
    }

    /// Whether it is this receiver's destination of this name.
    #[must_use]
    pub fn is(&self, (receiver, destination): (&str, &str)) -> bool {
        self.receiver == receiver && self.destination == destination
    }
}

impl Scope {
    /// Whether it holds back this receiver's destination alone.
    #[must_use]
    pub fn is_for(&self, name: (&str, &str)) -> bool {
        match self {
            Self::Lane(_) => false,
            Self::Destination { target, .. } => target.is(name),
        }
    }
}
