//! A dead letter sent again with a message written anew: of the notification as it was received, by
//! the conditions and templates that are in force now.
//!
//! The dead letter itself never changes, and whatever stands in the way, its stored message can
//! still be sent.

use std::sync::Arc;

use jiff::Timestamp;

use super::fallback::{Lineage, kept_by_first};
use super::mention::RefusedNames;
use super::message::{MessageWriter, Told};
use super::rank::Ranks;
use super::stand_in::StandIns;
use super::{Intake, Parse, RenderPanicked, payload_room};
use crate::alert::Notification;
use crate::queue::{DeliveryId, NewMessage, QueueError, Received, State, Target};
use crate::render::{RenderBudget, Subject};
use crate::settings::{Destination, Receiver, Settings, UnknownReceiver};

/// A dead letter that was sent again with another message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// The new delivery.
    pub id: DeliveryId,
    /// Why the built-in message stands in for a template's.
    pub render_error: Option<String>,
}

/// Why a dead letter was not sent again with another message; nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError<E> {
    /// The store could not do it, or the delivery is no dead letter.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The receiver was removed or has another name.
    #[error(
        "delivery {id} cannot be rendered: {unknown}; put the receiver back into the \
         configuration and reload, or discard the dead letter"
    )]
    NoReceiver {
        /// The dead letter.
        id: DeliveryId,
        /// The receiver that it was for.
        unknown: UnknownReceiver,
    },
    /// The receiver has the destination no more.
    #[error(
        "delivery {id} cannot be rendered: receiver {:?} has no destination {:?}; it has: {}; put \
         the destination back into the configuration and reload, or discard the dead letter",
        target.receiver, target.destination, known.join(", ")
    )]
    NoDestination {
        /// The dead letter.
        id: DeliveryId,
        /// Where it goes.
        target: Target,
        /// The destinations that the receiver has.
        known: Vec<String>,
    },
    /// The store has the message alone.
    #[error(
        "delivery {0} cannot be rendered: its notification is not stored; replay it without \
         render to send the stored message"
    )]
    NotStored(DeliveryId),
    /// What is stored is no notification for this version.
    #[error(
        "delivery {id} cannot be rendered: its notification is not readable as it is stored: \
         {error}; replay it without render to send the stored message"
    )]
    Unreadable {
        /// The dead letter.
        id: DeliveryId,
        /// What is wrong with the bytes.
        error: E,
    },
    /// The receiver whose alerts they are wants none of them.
    #[error(
        "delivery {id} was not rendered: the conditions of receiver {receiver:?} now keep no alert \
         of its notification; replay it without render to send the stored message"
    )]
    NothingKept {
        /// The dead letter.
        id: DeliveryId,
        /// The receiver.
        receiver: String,
    },
    /// Its message could not be written, which is a defect.
    #[error(transparent)]
    Render(#[from] RenderPanicked),
}

impl Intake {
    /// Makes a new delivery of a dead letter, with a message for its destination by today's
    /// configuration. A disabled receiver is no obstacle, because a person asks for it.
    ///
    /// The caller wakes the lanes.
    ///
    /// # Errors
    ///
    /// When nothing was stored.
    pub async fn replay_rendered<E: Send + 'static>(
        &self,
        id: DeliveryId,
        parse: Parse<E>,
    ) -> Result<Replayed, ReplayError<E>> {
        let lineage = self.lineage(id).await?;
        let state = lineage.delivery().ok_or(QueueError::Unknown(id))?.state;
        // The store asks it again when it is replayed.
        if state != State::Dead {
            return Err(QueueError::not_dead(id, state).into());
        }
        let Received { target, payload, notification } = self.received(id).await?;
        let (settings, now) = (self.core.settings.load_full(), self.core.clock.now().wall);
        let weight = payload_room::weight(&payload.bytes);
        let receiver = target.receiver.clone();
        let letter = DeadLetter { id, lineage, target, settings };
        let write = move |mut budget: RenderBudget| {
            let most = letter.settings.process.max_alerts;
            let notification = parse(&payload.format, &payload.bytes, most);
            let notification =
                notification.map_err(|error| ReplayError::Unreadable { id, error })?;
            letter.message(&notification, now, &mut budget)
        };
        let pool = self.render_pools.of_weight(weight);
        let (message, refused) = pool.run(&*self.core.clock, write).await??;
        let (render_error, stand_ins) =
            (message.render_error.clone(), StandIns::among(&receiver, [&message]));
        let now = self.core.clock.now();
        let id = self.core.store.replay(id, Some(message), now).await?;
        refused.tell(&self.core.metrics, &notification);
        if let Some(stand_ins) = stand_ins {
            self.failures.tell(&self.core.metrics, &stand_ins, now.boot);
        }
        Ok(Replayed { id, render_error })
    }

    /// What a dead letter was made of.
    async fn received<E>(&self, id: DeliveryId) -> Result<Received, ReplayError<E>> {
        let received = self.core.store.received(id, self.core.clock.now()).await?;
        received
            .filter(|received| !received.payload.bytes.is_empty())
            .ok_or(ReplayError::NotStored(id))
    }
}

/// A dead letter with what it comes from, and the configuration that it is rendered by.
struct DeadLetter {
    id: DeliveryId,
    lineage: Lineage,
    target: Target,
    settings: Arc<Settings>,
}

impl DeadLetter {
    /// The message that its destination would be sent of `notification` now, with the note that says
    /// why, if it came instead of another; and whom it does not mention.
    fn message<E>(
        &self,
        notification: &Notification,
        now: Timestamp,
        budget: &mut RenderBudget,
    ) -> Result<(NewMessage, RefusedNames), ReplayError<E>> {
        let (settings, order) = (&*self.settings, &self.settings.delivery.severity);
        let (receiver, destination) = self.configured()?;
        let kept = kept_by_first(settings, self.lineage.kept_by(), notification);
        let kept = kept.map_err(|first| ReplayError::NothingKept {
            id: self.id,
            receiver: first.name.clone(),
        })?;
        let rank = Ranks::new(notification, order).of(&kept);
        let mut told = Told::new(Subject::new(notification, order).keeping(kept), rank);
        let mut note = None;
        if let Some(not_taken) = self.lineage.not_taken() {
            note = Some(not_taken.note(settings, receiver));
            told = told.instead_of(&not_taken.destination());
        }
        let mut writer = MessageWriter { settings, now, budget, note: note.as_deref() };
        let (surface, names) = writer.surface(&told, destination);
        let mut refused = RefusedNames::of(&receiver.name);
        refused.add(names);
        let message = writer.message(&mut told, receiver, surface);
        Ok((Arc::unwrap_or_clone(message), refused))
    }

    /// Its receiver and destination, if they are configured still.
    fn configured<E>(&self) -> Result<(&Receiver, &Destination), ReplayError<E>> {
        let (id, Target { receiver, destination }) = (self.id, &self.target);
        let receiver = self.settings.receivers.find(receiver);
        let receiver = receiver.map_err(|unknown| ReplayError::NoReceiver { id, unknown })?;
        let mut destinations = receiver.destinations.iter();
        let found = destinations.find(|known| known.name == *destination);
        found.map(|destination| (receiver, destination)).ok_or_else(|| {
            let known = receiver.destinations.iter().map(|known| known.name.clone()).collect();
            ReplayError::NoDestination { id, target: self.target.clone(), known }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::intake::fallback::tests::dead;
    use crate::intake::preview;
    use crate::queue::Origin;
    use crate::render::template::Stop;
    use crate::settings::{Environment, Overrides};

    /// What becomes of a dead letter for the destination `a` of `ops`, by these receivers.
    fn written(receivers: &str) -> Result<NewMessage, String> {
        let lineage = Lineage(vec![dead(7, Origin::Notification, "ops", 0)]);
        written_of(lineage, receivers)
    }

    /// The same of one that comes from others.
    fn written_of(lineage: Lineage, receivers: &str) -> Result<NewMessage, String> {
        let (environment, overrides) = (Environment::default(), Overrides::default());
        let text = format!("receivers:\n{receivers}\n");
        let loaded =
            Settings::from_text("c.yml", &text, Path::new(""), &environment, &overrides).unwrap();
        let target = Target { receiver: "ops".into(), destination: "a".into() };
        let settings = loaded.settings.into();
        let letter = DeadLetter { id: DeliveryId(7), lineage, target, settings };
        let now = "2026-11-20T19:12:00Z".parse().unwrap();
        let (notification, mut budget) =
            (preview::example(now), RenderBudget::new(Stop::default()));
        let message = letter.message::<QueueError>(&notification, now, &mut budget);
        message.map(|(message, _)| message).map_err(|error| error.to_string())
    }

    #[test]
    fn the_message_is_that_of_its_destination_and_of_the_alerts_that_are_kept_now() {
        let receiver = "  - name: ops
    conditions: [{label: severity, operator: In, values: [critical]}]
    message: {text: '{{ len .Alerts }} of {{ .CommonLabels.instance }}'}
    chatbots:
      - {name: z, access_token: tz, keywords: [other], mention: {all: true}}
      - {name: a, access_token: ta, keywords: [kept], mention: {mobiles: ['13800000000']}}";
        let message = written(receiver).unwrap();
        assert_eq!(message.render_error, None);
        assert_eq!(message.parts[0].text(), "1 of db-1:9100\n\n@13800000000\n\nkeyword: kept");
        assert_eq!((message.summary.firing, message.summary.resolved), (1, 0));
        assert_eq!(message.rank, 0, "critical");
    }

    #[test]
    fn what_came_instead_of_another_has_the_alerts_of_the_first_receiver_and_says_why_it_came() {
        let receiver = |name: &str, severity: &str| {
            let chatbots = format!("chatbots: [{{name: a, access_token: t{name}}}]");
            format!("  - {{name: {name}, conditions: ['severity={severity}'], {chatbots}}}\n")
        };
        let (first, ops) = (receiver("first", "critical"), receiver("ops", "none"));
        for (receivers, expected) in [(format!("{first}{ops}"), (1, 0)), (ops, (2, 1))] {
            let fell = dead(6, Origin::Notification, "first", 0);
            let line = Lineage(vec![dead(7, Origin::Fallback, "ops", 1), fell]);
            let message = written_of(line, &receivers).unwrap();
            assert_eq!((message.summary.firing, message.summary.resolved), expected);
            assert_eq!(message.summary.instead_of, "first/a");
            let text = message.parts[0].text();
            assert!(text.contains("first/a did not take it: the robot is gone"), "{text}");
        }
    }

    #[test]
    fn what_stands_in_the_way_is_said_with_what_to_do() {
        let bot = |name: &str| format!("chatbots: [{{name: {name}, access_token: t}}]");
        let (a, b) = (bot("a"), bot("b"));
        let none = "conditions: [{label: severity, operator: In, values: [none]}]";
        for (receivers, words) in [
            (
                format!("  - {{name: oops, {a}}}"),
                "delivery 7 cannot be rendered: there is no receiver \"ops\"; did you mean \
                 \"oops\"?; known: oops; put the receiver back into the configuration and reload, \
                 or discard the dead letter",
            ),
            (
                format!("  - {{name: ops, {b}}}"),
                "delivery 7 cannot be rendered: receiver \"ops\" has no destination \"a\"; it has: \
                 b; put the destination back into the configuration and reload, or discard the \
                 dead letter",
            ),
            (
                format!("  - {{name: ops, {none}, {a}}}"),
                "delivery 7 was not rendered: the conditions of receiver \"ops\" now keep no alert \
                 of its notification; replay it without render to send the stored message",
            ),
        ] {
            assert_eq!(written(&receivers), Err(words.to_owned()));
        }
    }

    #[test]
    fn a_receiver_that_is_disabled_is_rendered_for() {
        let message =
            written("  - {name: ops, enabled: false, chatbots: [{name: a, access_token: t}]}");
        assert!(message.is_ok_and(|message| message.render_error.is_none()));
    }
}
