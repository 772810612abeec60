//! A notification's way to the disk: select, render, queue. The same for every channel on which
//! notifications come, of which HTTP is one.
//!
//! A notification is answered only after all its deliveries are on disk, so that an answer is a
//! promise. Rendering is bounded in fuel; what may take its time is bounded in time too, and in how many
//! notifications are rendered at once. It ends soon once the sender is gone, and then nothing is stored.

pub mod dedup;
mod fallback;
mod last_told;
mod mention;
mod message;
mod patience;
mod payload_room;
mod prepared;
pub mod preview;
mod preview_pool;
mod rank;
mod render_pool;
mod replay;
mod sender;
mod share;
mod stand_in;
mod summary;
mod to_its_end;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tracing::{info, warn};

use crate::alert::{Notification, Status};
use crate::clock::Now;
use crate::core::Core;
use crate::core::room::{Held, NoRoom};
use crate::queue::{
    Accept, Accepted, DeliveryId, Health, QueueError, RawPayload, ReceiverShare, SenderChange,
    Target,
};
use crate::render::RenderBudget;
use crate::render::plain;
use crate::settings::UnknownReceiver;
pub use fallback::HandoverError;
use last_told::{FiringGroup, LastTold};
use patience::Patience;
use payload_room::PayloadRoom;
use prepared::{Arrival, Posted, Prepared, destinations, is_brief};
pub use preview_pool::{PreviewError, PreviewPool};
pub use render_pool::RenderPanicked;
use render_pool::RenderPools;
pub use replay::{ReplayError, Replayed};
use sender::SenderTurns;
pub use sender::{FromSender, Reading};
use stand_in::{Failures, StandIns};
pub use to_its_end::ToItsEnd;

/// The most characters of a group's key in the log.
const LOGGED_KEY: usize = 200;

/// The most characters of receivers' names in the log.
const LOGGED_NAMES: usize = 500;

/// Wakes the lanes in which something was queued.
pub trait WakeLanes: Send + Sync + 'static {
    /// The lanes of these destinations look for work again.
    fn wake_lanes(&self, targets: &[Target]);
}

/// The way from a notification to its deliveries on disk.
pub struct Intake {
    core: Arc<Core>,
    lanes: Arc<dyn WakeLanes>,
    /// How the store is, as it said last.
    health: watch::Receiver<Health>,
    room: PayloadRoom,
    last_told: Arc<LastTold>,
    render_pools: RenderPools,
    senders: SenderTurns,
    failures: Failures,
    /// Where what is only looked at is worked on.
    pub previews: PreviewPool,
}

/// A notification in the format of its sender.
#[derive(Debug)]
pub struct Incoming<'a, E> {
    /// The receiver that it is for; if there is none, the conditions of all enabled ones decide.
    pub receiver: Option<String>,
    /// The path on which it came, as the metrics call it.
    pub endpoint: &'a str,
    /// What the sender posted, which is stored with the deliveries.
    pub payload: RawPayload,
    /// Reads a body in the format of this name.
    pub parse: Parse<E>,
    /// What its sender calls the request by (`Idempotency-Key`), if it does.
    pub key: Option<Vec<u8>>,
    /// The names of receivers that are told nothing of it.
    pub left_out: Vec<String>,
    /// How long it waits for a store that refuses it; nothing for a sender that tries again itself.
    pub patience: Duration,
}

/// Reads a notification from a body in the format of this name, with at most so many alerts.
pub type Parse<E> = fn(&str, &[u8], usize) -> Result<Notification, E>;

/// The answer to a notification that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// The id that the notification was given.
    pub notification: String,
    /// The deliveries that were made of it; none if no condition held.
    pub deliveries: Vec<DeliveryId>,
    /// The earlier notification that it repeats, and because of which no delivery was made.
    pub duplicate_of: Option<String>,
    /// Whether it was for a receiver that is disabled.
    pub disabled: bool,
    /// The receivers that keep alerts of it, and were not told because they are outside their active
    /// times.
    pub inactive: Vec<String>,
    /// How many of its alerts no receiver wants, where all were asked.
    pub unmatched: usize,
}

/// Why a notification was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError<E> {
    /// It is for a receiver that is not configured.
    #[error(transparent)]
    UnknownReceiver(#[from] UnknownReceiver),
    /// The payload is no notification.
    #[error("{0}")]
    Payload(E),
    /// For too long there was no room for it in memory.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// The store could not take it.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// Its messages could not be written, which is a defect.
    #[error(transparent)]
    Render(#[from] RenderPanicked),
    /// Nobody waits for the answer any more.
    #[error("the sender is gone")]
    Abandoned,
}

impl Intake {
    /// The way to the store of `core`, whose new deliveries `lanes` send.
    #[must_use]
    pub fn new(core: Arc<Core>, lanes: Arc<dyn WakeLanes>) -> Self {
        let health = core.store.health();
        Self {
            core,
            lanes,
            health,
            room: PayloadRoom::default(),
            last_told: Arc::default(),
            render_pools: RenderPools::default(),
            senders: SenderTurns::default(),
            failures: Failures::default(),
            previews: PreviewPool::default(),
        }
    }

    /// Takes a notification; its deliveries are on disk when it answers.
    ///
    /// # Errors
    ///
    /// When nothing was stored of it.
    pub async fn take<E: Send + 'static>(
        &self,
        incoming: Incoming<'_, E>,
    ) -> Result<Acceptance, IntakeError<E>> {
        self.take_with(incoming, None).await
    }

    /// Takes a notification, with what it changes of what is known of its sender.
    ///
    /// # Errors
    ///
    /// When nothing was stored of it; [`QueueError::Outdated`] if something else is known by now.
    pub async fn take_with<E: Send + 'static>(
        &self,
        incoming: Incoming<'_, E>,
        sender: Option<SenderChange>,
    ) -> Result<Acceptance, IntakeError<E>> {
        let began = self.core.clock.now();
        let Incoming { receiver, endpoint, payload, parse, key, left_out, patience } = incoming;
        let patience = Patience::from(began, patience);
        self.wait_for_store(patience).await?;
        let key = key.map(|key| {
            let deduplicate = self.core.settings.load().delivery.deduplicate;
            dedup::request_key(&key, endpoint, &payload.bytes, deduplicate)
        });
        let unsigned = left_out.join(",");
        let posted = Posted { receiver: receiver.clone(), payload, key, left_out };
        let (prepared, room) = self.prepare(posted, parse, began).await?;
        self.count(endpoint, &prepared);
        let Prepared { accept, group, refused, disabled, mut inactive, unmatched, .. } = prepared;
        let Prepared { group_key, status, firing, resolved, .. } = prepared;
        let accept = Accept { sender, ..accept };
        let notification = accept.notification.clone();
        let recoveries = recoveries(&accept.shares);
        let accepted = self.store(accept, began, room, patience).await?;
        mention::tell_of_stored(&refused, &accepted, &self.core.metrics, &notification);
        let Accepted { deliveries, duplicate_of, key_reused, untold, .. } = accepted;
        if !deliveries.is_empty() {
            self.last_told.remember(&group);
        }
        if key_reused {
            tell_of_another_body(&notification);
        }
        let untold = recoveries.into_iter().filter(|(share, _)| untold.contains(share));
        inactive.extend(untold.map(|(_, receiver)| receiver));
        self.count_inactive(&inactive);
        let took = self.core.clock.now().boot.saturating_sub(began.boot);
        self.core.metrics.accept_duration.observe(took.as_secs_f64());
        info!(
            notification.id = notification,
            receiver.name = receiver,
            group.key = &*plain::cut(&group_key, LOGGED_KEY),
            status = status.as_str(),
            alerts = firing + resolved,
            deliveries = deliveries.len(),
            duplicate_of = duplicate_of.as_deref(),
            unsigned = (!unsigned.is_empty()).then_some(&*unsigned),
            inactive = in_log(&inactive),
            duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            "notification accepted"
        );
        Ok(Acceptance { notification, deliveries, duplicate_of, disabled, inactive, unmatched })
    }

    /// Waits while the store would refuse what is not read yet, as long as patience lasts.
    async fn wait_for_store(&self, patience: Patience) -> Result<(), QueueError> {
        while let Err(refusal) = self.refuse_unread() {
            if !patience.waits_after(&refusal, &*self.core.clock).await {
                return Err(refusal);
            }
        }
        Ok(())
    }

    /// Refuses what could not be stored before any work is done for it, and lets the store look
    /// whether that is still so.
    fn refuse_unread(&self) -> Result<(), QueueError> {
        let refusal = self.health.borrow().refuses_unread().cloned();
        refusal.map_or(Ok(()), |refusal| {
            let _ = self.core.store.health();
            Err(refusal)
        })
    }

    /// Reads, selects and renders: on this thread if that is brief, else in the render pool. What is
    /// made holds its room, also while it is made for nobody any more.
    async fn prepare<E: Send + 'static>(
        &self,
        posted: Posted,
        parse: Parse<E>,
        now: Now,
    ) -> Result<(Prepared, Held), IntakeError<E>> {
        let Posted { receiver, payload, .. } = &posted;
        let weight = payload_room::weight(&payload.bytes);
        let room = self.room(receiver.as_deref(), payload.bytes.len(), weight).await?;
        let settings = self.core.settings.load_full();
        if let Some(name) = receiver {
            settings.receivers.find(name)?;
        }
        let id = self.core.ids.next().to_string();
        let brief = is_brief(&settings, receiver.as_deref(), weight);
        let last_told = Arc::clone(&self.last_told);
        let prepare = move |mut budget: RenderBudget| {
            let most = settings.process.max_alerts;
            let notification = parse(&posted.payload.format, &posted.payload.bytes, most)?;
            let group = FiringGroup::of(posted.receiver.as_deref(), &notification);
            let told_until = last_told.until(&group);
            let arrival = Arrival { id, now, group, told_until };
            let prepared = Prepared::new(&settings, &notification, posted, arrival, &mut budget);
            Ok(prepared.map(|prepared| (prepared, room)))
        };
        let prepared = if brief {
            render_pool::run_here(prepare)
        } else {
            self.render_pools.of_weight(weight).run(&*self.core.clock, prepare).await?
        };
        prepared.map_err(IntakeError::Payload)?.ok_or(IntakeError::Abandoned)
    }

    /// Room for a payload of so many bytes and this weight, and for the messages that are made of it.
    async fn room(
        &self,
        receiver: Option<&str>,
        bytes: usize,
        weight: usize,
    ) -> Result<Held, NoRoom> {
        let messages = destinations(&self.core.settings.load(), receiver);
        self.room.take(&*self.core.clock, bytes, weight, messages).await
    }

    /// Counts a notification that could be read.
    fn count(&self, endpoint: &str, prepared: &Prepared) {
        let metrics = &self.core.metrics;
        metrics.notifications_received.with_label_values(&[endpoint]).inc();
        let Prepared { firing, resolved, skipped, .. } = *prepared;
        if skipped > 0 {
            metrics.alerts_truncated.inc_by(skipped);
            let notification = &prepared.accept.notification;
            let key = plain::cut(&prepared.group_key, LOGGED_KEY);
            warn!(
                notification.id = %notification,
                group.key = &*key,
                skipped,
                "a notification has more alerts than web.max_alerts; the rest is only counted"
            );
        }
        self.count_unmatched(prepared);
        for (status, alerts) in [(Status::Firing, firing), (Status::Resolved, resolved)] {
            let alerts = u64::try_from(alerts).unwrap_or(u64::MAX);
            metrics.alerts_received.with_label_values(&[status.as_str()]).inc_by(alerts);
        }
    }

    /// Counts the alerts that nobody wants, and tells of a notification that has no others.
    fn count_unmatched(&self, prepared: &Prepared) {
        let Prepared { firing, resolved, unmatched, .. } = *prepared;
        self.core.metrics.alerts_unmatched.inc_by(u64::try_from(unmatched).unwrap_or(u64::MAX));
        if unmatched > 0 && unmatched == firing + resolved {
            warn!(
                notification.id = %prepared.accept.notification,
                group.key = &*plain::cut(&prepared.group_key, LOGGED_KEY),
                alerts = unmatched,
                "no receiver wants any alert of this notification, so nobody is told of it; \
                 `campana conditions test` says why, and a receiver with catch_all: true takes such alerts"
            );
        }
    }

    /// Counts the receivers that were not told.
    fn count_inactive(&self, inactive: &[String]) {
        for receiver in inactive {
            self.core.metrics.notifications_inactive.with_label_values(&[receiver]).inc();
        }
    }

    /// Stores the shares, wakes their lanes, and counts.
    async fn store(
        &self,
        accept: Accept,
        now: Now,
        room: Held,
        patience: Patience,
    ) -> Result<Accepted, QueueError> {
        if accept.shares.is_empty() {
            tracing::debug!(notification.id = %accept.notification, "nobody is told of it");
            if accept.sender.is_none() {
                return Ok(Accepted::default());
            }
        }
        let deliveries = accept.shares.iter().flat_map(|share| &share.deliveries);
        let targets: Vec<Target> = deliveries.map(|delivery| delivery.target.clone()).collect();
        let stand_ins = StandIns::of_shares(&accept.shares);
        let (core, lanes) = (Arc::clone(&self.core), Arc::clone(&self.lanes));
        // Also when the caller is gone, the store stores the deliveries: nothing else would wake their lanes, and
        // what waits for the store holds its room.
        let stored = ToItsEnd::new(async move {
            let accepted = patience.accept(&*core.store, &*core.clock, accept, now).await;
            lanes.wake_lanes(&targets);
            drop(room);
            accepted
        });
        let accepted = stored.await?;
        let metrics = &self.core.metrics;
        if !accepted.duplicates.is_empty() {
            metrics.notifications_duplicate.inc();
        }
        // A duplicate's message was rendered, but it is not sent.
        let sent = stand_ins.iter().filter(|(share, _)| !accepted.duplicates.contains(share));
        sent.for_each(|(_, stand_ins)| self.failures.tell(metrics, stand_ins, now.boot));
        Ok(accepted)
    }
}

/// Tells of a request whose key was another's.
fn tell_of_another_body(notification: &str) {
    warn!(
        notification.id = notification,
        "its Idempotency-Key came with another body before; it is taken as another notification"
    );
}

/// The shares that only the store can say of whether they are told, by their places, with the names of
/// their receivers.
fn recoveries(shares: &[ReceiverShare]) -> Vec<(usize, String)> {
    let shares = shares.iter().enumerate().filter(|(_, share)| share.only_if_firing_was_told);
    shares.map(|(place, share)| (place, share.receiver.clone())).collect()
}

/// Names of receivers as the log has them; nothing if there are none.
fn in_log(receivers: &[String]) -> Option<String> {
    let names = receivers.join(",");
    (!names.is_empty()).then(|| plain::cut(&names, LOGGED_NAMES).into_owned())
}
