//! Handing over: what a destination did not take is told to the receiver that its `fallback` names.
//!
//! It is a delivery of its own, with a message for its own destination by today's configuration,
//! of the alerts that the first receiver kept; and it says why it came this way.

use std::sync::Arc;

use jiff::Timestamp;
use tracing::{error, warn};

use super::message::{MessageWriter, Told};
use super::rank::Ranks;
use super::share::deliveries_to;
use super::{Intake, Parse, RenderPanicked, payload_room};
use crate::alert::Notification;
use crate::queue::{FallbackRule, Fallen, Handover, QueueError, Target};
use crate::render::note;
use crate::render::{RenderBudget, Subject};
use crate::select;
use crate::settings::{Destination, Receiver, Settings};

/// The most deliveries that one round hands over; the notifications of all are in memory together.
const ROUND: usize = 8;

/// Why a round of handing over ended early.
#[derive(Debug, thiserror::Error)]
pub enum HandoverError {
    /// The store could not do it.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// A message could not be written, which is a defect.
    #[error(transparent)]
    Render(#[from] RenderPanicked),
}

impl Intake {
    /// Hands over what has to be, by the configuration in force, and wakes the lanes.
    ///
    /// # Errors
    ///
    /// When the storage failed or is full; what is left is handed over in the next round.
    pub async fn hand_over<E: std::fmt::Display + Send + 'static>(
        &self,
        parse: Parse<E>,
    ) -> Result<(), HandoverError> {
        let settings = self.core.settings.load_full();
        let rules = rules(&settings);
        if rules.is_empty() {
            return Ok(());
        }
        let store = &self.core.store;
        store.mark_fallen(rules, self.core.clock.now()).await?;
        loop {
            let fallen = store.fallen(ROUND, self.core.clock.now()).await?;
            let count = fallen.len();
            for one in fallen {
                self.hand_over_one(Arc::clone(&settings), one, parse).await?;
            }
            if count < ROUND {
                return Ok(());
            }
        }
    }

    async fn hand_over_one<E: std::fmt::Display + Send + 'static>(
        &self,
        settings: Arc<Settings>,
        fallen: Fallen,
        parse: Parse<E>,
    ) -> Result<(), HandoverError> {
        let (id, now) = (fallen.id, self.core.clock.now().wall);
        let from = fallen.received.target.clone();
        let weight = payload_room::weight(&fallen.received.payload.bytes);
        let write = move |mut budget: RenderBudget| {
            let payload = &fallen.received.payload;
            match parse(&payload.format, &payload.bytes, settings.process.max_alerts) {
                Ok(notification) => handover(&settings, &fallen, &notification, now, &mut budget),
                Err(words) => {
                    error!(delivery.id = %fallen.id, "it cannot be handed over: {words}");
                    None
                }
            }
        };
        let written = self.render_pools.of_weight(weight).run(&*self.core.clock, write).await?;
        let handover = written.unwrap_or_else(|| nothing(id));
        let targets: Vec<Target> =
            handover.deliveries.iter().map(|delivery| delivery.target.clone()).collect();
        let receiver = handover.receiver.clone();
        let ids = self.core.store.hand_over(handover, self.core.clock.now()).await?;
        if !ids.is_empty() {
            warn!(
                delivery.id = %id, receiver.name = %from.receiver,
                destination.name = %from.destination, deliveries = ids.len(),
                "handed over to receiver {receiver}"
            );
        }
        self.lanes.wake_lanes(&targets);
        Ok(())
    }
}

/// Every destination with a fallback.
fn rules(settings: &Settings) -> Vec<FallbackRule> {
    let rules = settings.receivers.iter().flat_map(|receiver| {
        receiver.destinations.iter().filter_map(|destination| {
            let fallback = destination.fallback.as_ref()?;
            let target =
                Target { receiver: receiver.name.clone(), destination: destination.name.clone() };
            Some(FallbackRule { target, after: fallback.after })
        })
    });
    rules.collect()
}

/// What tells the fallback's receiver; none if the configuration has no such way any more.
fn handover(
    settings: &Settings,
    fallen: &Fallen,
    notification: &Notification,
    now: Timestamp,
    budget: &mut RenderBudget,
) -> Option<Handover> {
    let Target { receiver: name, destination } = &fallen.received.target;
    let from = settings.receivers.get(name)?;
    let destination = from.destinations.iter().find(|known| known.name == *destination)?;
    let to = settings.receivers.get(&destination.fallback.as_ref()?.receiver)?;
    let kept = select::keep(&from.conditions, from.send_resolved, notification)?;
    let note = reason(settings, fallen, from, destination, to);
    let mut writer = MessageWriter { settings, now, budget, note: Some(&note) };
    let rank = Ranks::new(notification, &settings.delivery.severity).of(&kept);
    let mut told = Told::new(Subject::new(notification).keeping(kept), rank);
    let (messages, deliveries) = deliveries_to(to, &mut told, &mut writer);
    Some(Handover { of: fallen.id, receiver: to.name.clone(), messages, deliveries })
}

/// The note that says why the message comes to `to`.
fn reason(
    settings: &Settings,
    fallen: &Fallen,
    from: &Receiver,
    destination: &Destination,
    to: &Receiver,
) -> String {
    let minutes = fallen.age.as_secs() / 60;
    let waits = note::not_taken_for(minutes, settings.language);
    let reason = match (fallen.is_dead, fallen.reason.as_str()) {
        (_, "") => waits,
        (true, reason) => reason.to_owned(),
        (false, reason) => format!("{waits}: {reason}"),
    };
    let destination = format!("{}/{}", from.name, destination.name);
    note::handed_over(&destination, &reason, &settings.style(to.message_type))
}

/// Nothing can be told, and it is not tried again.
fn nothing(of: crate::queue::DeliveryId) -> Handover {
    Handover { of, receiver: String::new(), messages: Vec::new(), deliveries: Vec::new() }
}
