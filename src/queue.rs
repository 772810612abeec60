//! The durable queue: deliveries that were accepted and are not settled yet.
//!
//! A delivery is queued until it is delivered, folded, dead or discarded. The webhook answers 200
//! only after its deliveries are on disk, so a crash loses nothing that Alertmanager believes to be
//! ours. The price: a crash between posting a message and recording its arrival posts that message
//! again (with the same `msgUuid`, where the API has one). Delivery is at least once.
//!
//! A lease is a column with an end, never an open transaction. Tokens and URLs never enter the
//! store: a row names a [`Target`], which the configuration resolves when it is sent.

mod accepted;
mod attempt;
mod delivery;
mod fallback;
pub mod fold;
mod health;
mod lane;
pub mod limits;
mod park;
mod sender;
pub mod sqlite;
mod store_time;
mod stored;
mod turn;
mod view;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::watch;

use crate::clock::Now;

pub use accepted::{
    Accept, Accepted, NewDelivery, NewMessage, RawPayload, Received, ReceiverShare, RequestKey,
    StateHash, Summary,
};
pub use attempt::{Answered, AttemptResult, Finished, Lease, NextAttempt, NextStep, Tries};
pub use delivery::{DeliveryId, Origin, State, Target};
pub use fallback::{FallbackRule, Fallen, Handover};
pub use fold::{Foldable, FoldableDelivery};
pub use health::{Health, Mended};
pub use lane::{Allowed, Charge, DeclaredLane, LaneTarget, RateBudget};
pub use park::{NewPark, Park, Scope};
pub use sender::{SenderChange, SenderKey, SenderStates};
pub use view::{Attempt, Backlog, Delivery, Detail, Filter, QuotaUse, Stats};

/// What a call of the store answers with.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, QueueError>> + Send + 'a>>;

/// Why the store could not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// No room is left; what is stored stays readable, and sending goes on.
    #[error("the storage is full: {0}")]
    Full(String),
    /// A limit is reached; what is stored goes on being sent, and new notifications are taken again
    /// when it is left.
    #[error("a limit of the storage is reached: {0}")]
    AtLimit(limits::Reached),
    /// Another program holds the store up; what is stored goes on being sent when it lets go.
    #[error("the storage is held up: {0}")]
    Busy(String),
    /// The disk, or the database on it, failed; nothing more can be trusted to be stored.
    #[error("the storage failed: {0}")]
    Broken(String),
    /// The store is being closed.
    #[error("the storage is shutting down")]
    Closed,
    /// There is no delivery with this id.
    #[error("there is no delivery {0}")]
    Unknown(DeliveryId),
    /// The delivery's state does not allow it; says why.
    #[error("{0}")]
    Conflict(String),
    /// What the notification was read with has changed.
    #[error("what is known of the sender has changed meanwhile; send it again")]
    Outdated,
}

impl QueueError {
    /// A replay of a delivery in another state than dead.
    #[must_use]
    pub fn not_dead(id: DeliveryId, state: State) -> Self {
        let state = state.as_str();
        Self::Conflict(format!("delivery {id} is {state}; only a dead letter can be replayed"))
    }
}

/// The queue's storage; each call is one transaction, a clean-up is several.
///
/// Calls come from many tasks at once. Each reads the time that it is given, never a clock.
pub trait Store: Send + Sync + 'static {
    /// The key that lanes and credentials are hashed with; made once for each store.
    fn lane_key(&self) -> [u8; 32];

    /// Stores a notification's deliveries, or finds that it is a duplicate. On disk when it answers.
    ///
    /// What it changes of what is known of its sender changes with it, also where it makes no delivery;
    /// if that is not known any more which it was read with, nothing is stored ([`QueueError::Outdated`]).
    fn accept(&self, accept: Accept, now: Now) -> Answer<'_, Accepted>;

    /// What is known of a sender's thing.
    fn sender_state(&self, of: SenderKey, now: Now) -> Answer<'_, Option<Vec<u8>>>;

    /// The things of a sender of which nothing has changed for so long; the longest first, at most 100.
    fn stale_states(&self, sender: String, age: Duration, now: Now) -> Answer<'_, SenderStates>;

    /// Takes these lanes in place of those that were declared before.
    ///
    /// Ends the parks of dead destinations that have other credentials now. Told at the start and at
    /// each reload, before a lane asks for an attempt.
    fn declare(&self, lanes: Vec<DeclaredLane>, now: Now) -> Answer<'_, ()>;

    /// Leases the lane's next part and charges its slot, or says how long to wait.
    ///
    /// As much as is [`Allowed`]; of a lane that was allowed nothing the store knows so until it asks
    /// again: the others of its pool do not count on its slots, and its tests wait for no alert.
    ///
    /// Takes the head whose turn comes first, of a destination that is not parked: when it is due,
    /// and by its rank some minutes later. Of a dead destination whose probe is due it takes the head
    /// that comes first ([`Lease::probe`]). While more is queued than the lane's free slots take, less
    /// those kept for digests, it takes what cannot fold, and says when a digest has to be made
    /// ([`NextAttempt::Fold`]). A lane makes one attempt at a time; a lease ends three attempts' limit
    /// after its start, and who drops this future may have taken one that nobody finishes. A lane
    /// that is not declared has nothing to do. The cost depends neither on the number of lanes and
    /// targets nor on what is queued.
    fn start(&self, lane: &str, allowed: Allowed, now: Now) -> Answer<'_, NextAttempt>;

    /// What waits for this destination and may be folded into a digest now.
    fn foldable(&self, target: Target, now: Now) -> Answer<'_, Foldable>;

    /// Makes a digest that carries these deliveries, all of one destination.
    ///
    /// Each group is carried from its oldest delivery on. They stay queued until the digest settles:
    /// they are folded when it is delivered, else free again. Refused when one of them can fold no
    /// more: it was settled, attempted or carried meanwhile.
    fn fold(
        &self,
        deliveries: Vec<DeliveryId>,
        message: NewMessage,
        now: Now,
    ) -> Answer<'_, DeliveryId>;

    /// Lets a delivery go out as itself: it folds no more.
    fn unfold(&self, delivery: DeliveryId, now: Now) -> Answer<'_, ()>;

    /// Marks what has to be handed over by these rules: what waits for a dead destination, and what
    /// waited too long. A dead letter of a destination with a fallback is marked when it is made; so is
    /// one of a destination that is not declared, if all others of its receiver have a fallback.
    fn mark_fallen(&self, rules: Vec<FallbackRule>, now: Now) -> Answer<'_, ()>;

    /// What is marked, queued or dead still, and not handed over yet; the oldest first, at most so many.
    fn fallen(&self, most: usize, now: Now) -> Answer<'_, Vec<Fallen>>;

    /// Makes the deliveries that tell another receiver; none if it was told already, or what it was to
    /// be told has arrived or was given up.
    fn hand_over(&self, handover: Handover, now: Now) -> Answer<'_, Vec<DeliveryId>>;

    /// Records how an attempt ended, and what becomes of its delivery.
    ///
    /// By a lease that ran out and was given again, or whose delivery is settled, the answer is
    /// recorded, the slot counts as ended, and nothing else changes. A delivery that a dead robot would
    /// bury goes to another robot of its destination, if it has one that is not dead.
    fn finish(&self, lease: Lease, result: AttemptResult, now: Now) -> Answer<'_, Finished>;

    /// Takes a slot for a test, or another call outside the queue.
    ///
    /// Not while the lane is throttled or has no slot, nor while an alert is due, and at most a quarter
    /// of the slots in a window.
    fn charge(&self, lane: String, budget: RateBudget, now: Now) -> Answer<'_, Charge>;

    /// Says that the call which [`Store::charge`] allowed has ended, and whether anything may have reached
    /// DingTalk; if not, its slot is free at once.
    fn discharge(&self, charge: i64, sent: bool, now: Now) -> Answer<'_, ()>;

    /// Counts a message outside the queue for a quota.
    fn count_message(&self, quota: String, now: Now) -> Answer<'_, ()>;

    /// Ends a park: a lane's throttle, or a dead destination's that was made with these credentials.
    fn unpark(&self, scope: Scope, now: Now) -> Answer<'_, ()>;

    /// Makes a new delivery of a dead letter, and lets its destination probe at once.
    ///
    /// Without a `message` its parts are those that were sent last, from the first on.
    fn replay(
        &self,
        id: DeliveryId,
        message: Option<NewMessage>,
        now: Now,
    ) -> Answer<'_, DeliveryId>;

    /// The notification that a delivery was made of, as it was received.
    fn received(&self, id: DeliveryId, now: Now) -> Answer<'_, Option<Received>>;

    /// Settles a queued delivery as discarded, or marks a dead letter; refused while it is sent.
    fn discard(&self, id: DeliveryId, now: Now) -> Answer<'_, ()>;

    /// Buries what waited longer than `max_age` for a dead destination, or for one that is not in
    /// `known`; how many.
    fn expire(&self, known: Vec<Target>, max_age: Duration, now: Now) -> Answer<'_, u64>;

    /// Deletes settled rows that are older than these ages; totals stay. How many.
    fn retain(&self, delivered: Duration, dead: Duration, now: Now) -> Answer<'_, u64>;

    /// Deliveries, newest first, at most 500.
    fn list(&self, filter: Filter, now: Now) -> Answer<'_, Vec<Delivery>>;

    /// One delivery with its parts and attempts.
    fn show(&self, id: DeliveryId, now: Now) -> Answer<'_, Option<Detail>>;

    /// Totals, and what is queued for each destination.
    fn stats(&self, now: Now) -> Answer<'_, Stats>;

    /// What is parked now.
    fn parks(&self, now: Now) -> Answer<'_, Vec<Park>>;

    /// How the store is; asking makes it look again, and the receiver sees what it finds.
    fn health(&self) -> watch::Receiver<Health>;

    /// Finishes what was asked for, then closes the files; later calls answer `Closed`.
    fn close(&self) -> Answer<'_, ()>;
}
