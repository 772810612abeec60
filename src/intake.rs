//! A notification's way to the disk: select, render, queue; whoever brings it.
//!
//! HTTP is one bringer; a bot or a fallback would be others. Each is answered only after every
//! delivery is on disk, so that an answer is a promise. Rendering here is bounded in fuel, in time and
//! in how many notifications are rendered at once.

mod dedup;
pub mod preview;
mod render_pool;
mod share;
mod summary;

use std::slice;
use std::sync::Arc;

use tracing::info;

use crate::alert::{Notification, Status};
use crate::clock::Now;
use crate::core::Core;
use crate::queue::QueueError;
use crate::queue::delivery::{Accept, Accepted, DeliveryId, ReceiverShare, Target};
use crate::render::template::{RenderBudget, TemplateData};
use crate::settings::{Receiver, Settings, UnknownReceiver};
pub use render_pool::{RenderPanicked, RenderPool};
use share::ShareWriter;

/// The largest payload that is rendered on the thread that received it: some twenty alerts, a tenth
/// of a millisecond.
const BRIEF_BYTES: usize = 16 * 1024;

/// The most destinations that are rendered for on the thread that received the payload.
const BRIEF_DESTINATIONS: usize = 8;

/// Wakes the lanes in which something was queued.
pub trait WakeLanes: Send + Sync + 'static {
    /// The lanes of these destinations look for work again.
    fn wake_lanes(&self, targets: &[Target]);
}

/// The way from a notification to its deliveries on disk.
pub struct Intake {
    core: Arc<Core>,
    lanes: Arc<dyn WakeLanes>,
    /// The threads on which messages are rendered; previews share them.
    pub render_pool: RenderPool,
}

/// A notification in the format of its sender.
#[derive(Debug)]
pub struct Incoming<'a, E> {
    /// The receiver that it is for; if there is none, the conditions of all enabled ones decide.
    pub receiver: Option<String>,
    /// The path on which it came, as the metrics call it.
    pub endpoint: &'a str,
    /// The sender's bytes, which are stored with the deliveries.
    pub payload: Vec<u8>,
    /// Reads the format.
    pub parse: fn(&[u8]) -> Result<Notification, E>,
}

/// The answer to whoever brought a notification.
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
    /// The store could not take it.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// Its messages could not be written, which is a defect.
    #[error(transparent)]
    Render(#[from] RenderPanicked),
}

/// A notification whose messages are written, ready to be stored.
struct Prepared {
    accept: Accept,
    disabled: bool,
    group_key: String,
    status: Status,
    firing: usize,
    resolved: usize,
}

impl Intake {
    /// The way to the store of `core`, whose new deliveries `lanes` send.
    #[must_use]
    pub fn new(core: Arc<Core>, lanes: Arc<dyn WakeLanes>) -> Self {
        Self { core, lanes, render_pool: RenderPool::default() }
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
        let Incoming { receiver, endpoint, payload, parse } = incoming;
        let (settings, began) = (self.core.settings.load_full(), self.core.clock.now());
        if let Some(name) = &receiver {
            settings.receivers.find(name)?;
        }
        let brief = is_brief(asked_of(&settings, receiver.as_deref()), &payload);
        let asked = receiver.clone();
        let prepare = move |mut budget: RenderBudget| {
            let notification = parse(&payload)?;
            let mut prepared =
                Prepared::new(&settings, asked.as_deref(), &notification, began, &mut budget);
            prepared.accept.payload = payload;
            Ok(prepared)
        };
        let prepared = if brief {
            self.render_pool.run_here(prepare)
        } else {
            self.render_pool.run(&*self.core.clock, prepare).await?
        };
        let prepared = prepared.map_err(IntakeError::Payload)?;
        self.count(endpoint, &prepared);
        let Prepared { accept, disabled, group_key, status, firing, resolved } = prepared;
        let notification = accept.notification.clone();
        let Accepted { deliveries, duplicate_of, .. } = self.store(accept, began).await?;
        let took = self.core.clock.now().boot.saturating_sub(began.boot);
        self.core.metrics.accept_duration.observe(took.as_secs_f64());
        info!(
            notification.id = %notification, receiver.name = receiver, group.key = %group_key,
            status = %status, alerts = firing + resolved, deliveries = deliveries.len(),
            duplicate_of = duplicate_of.as_deref(),
            duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            "notification accepted"
        );
        Ok(Acceptance { notification, deliveries, duplicate_of, disabled })
    }

    /// Counts a notification that could be read.
    fn count(&self, endpoint: &str, prepared: &Prepared) {
        let metrics = &self.core.metrics;
        metrics.notifications_received.with_label_values(&[endpoint]).inc();
        let Prepared { firing, resolved, .. } = *prepared;
        for (status, alerts) in [(Status::Firing, firing), (Status::Resolved, resolved)] {
            let alerts = u64::try_from(alerts).unwrap_or(u64::MAX);
            metrics.alerts_received.with_label_values(&[status.as_str()]).inc_by(alerts);
        }
    }

    /// Stores the shares, wakes their lanes, and counts.
    async fn store(&self, accept: Accept, now: Now) -> Result<Accepted, QueueError> {
        if accept.shares.is_empty() {
            tracing::debug!(notification.id = %accept.notification, "no condition held");
            return Ok(Accepted::default());
        }
        let deliveries = accept.shares.iter().flat_map(|share| &share.deliveries);
        let targets = deliveries.map(|delivery| delivery.target.clone()).collect();
        let fallbacks = fallbacks(&accept.shares);
        let wake = Wake { lanes: &*self.lanes, targets };
        let accepted = self.core.store.accept(accept, now).await?;
        drop(wake);
        let metrics = &self.core.metrics;
        if !accepted.duplicates.is_empty() {
            metrics.notifications_duplicate.inc();
        }
        // A duplicate's message was rendered, but it is not sent.
        let sent = fallbacks.iter().filter(|(share, _)| !accepted.duplicates.contains(share));
        metrics.render_fallbacks.inc_by(sent.map(|(_, messages)| messages).sum());
        Ok(accepted)
    }
}

impl Prepared {
    /// Selects and renders for the receivers that are asked and enabled.
    fn new(
        settings: &Settings,
        receiver: Option<&str>,
        notification: &Notification,
        now: Now,
        budget: &mut RenderBudget,
    ) -> Self {
        let asked = asked_of(settings, receiver);
        let mut writer = ShareWriter {
            settings,
            whole: &TemplateData::new(notification),
            state: dedup::state_of(notification),
            window: dedup::window(notification, settings.delivery.deduplicate),
            now: now.wall,
            budget,
        };
        let enabled = asked.iter().filter(|receiver| receiver.enabled);
        let shares = enabled.filter_map(|receiver| writer.share(receiver)).collect();
        let firing = notification.alerts.iter().filter(|alert| alert.status == Status::Firing);
        let firing = firing.count();
        Self {
            accept: Accept {
                notification: uuid::Uuid::new_v4().to_string(),
                group: dedup::group_of(notification),
                payload: Vec::new(),
                shares,
            },
            disabled: receiver.is_some() && asked.iter().any(|receiver| !receiver.enabled),
            group_key: notification.group_key.clone(),
            status: notification.status,
            firing,
            resolved: notification.alerts.len() - firing,
        }
    }
}

/// The receivers that a notification is for: one, or all.
fn asked_of<'a>(settings: &'a Settings, receiver: Option<&str>) -> &'a [Receiver] {
    match receiver {
        Some(name) => settings.receivers.get(name).map_or(&[], slice::from_ref),
        None => &settings.receivers,
    }
}

/// Whether the messages are written sooner than another thread would have begun: built-in ones, of a
/// few alerts, for a few destinations. Templates may take their time.
fn is_brief(asked: &[Receiver], payload: &[u8]) -> bool {
    payload.len() <= BRIEF_BYTES
        && asked.len() <= BRIEF_DESTINATIONS
        && asked.iter().all(|receiver| receiver.template.is_none())
        && asked.iter().map(|receiver| receiver.destinations.len()).sum::<usize>()
            <= BRIEF_DESTINATIONS
}

/// How many built-in messages stand in for templates that failed, by the place of their share.
fn fallbacks(shares: &[ReceiverShare]) -> Vec<(usize, u64)> {
    let failed = |share: &ReceiverShare| {
        let failed = share.messages.iter().filter(|message| message.render_error.is_some());
        u64::try_from(failed.count()).unwrap_or(u64::MAX)
    };
    let counts = shares.iter().map(failed).enumerate();
    counts.filter(|(_, messages)| *messages > 0).collect()
}

/// Wakes the lanes when it is dropped, also when the bringer is gone before the store has answered:
/// the store does what it was asked, and nobody else would tell the lanes.
struct Wake<'a> {
    lanes: &'a dyn WakeLanes,
    targets: Vec<Target>,
}

impl Drop for Wake<'_> {
    fn drop(&mut self) {
        self.lanes.wake_lanes(&self.targets);
    }
}
