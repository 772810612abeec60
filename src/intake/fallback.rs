//! Handing over: what a destination did not take is told to the receiver that its `fallback` names.
//!
//! It is a delivery of its own, with a message for its own destination by today's configuration,
//! of the alerts that the first receiver kept; and it says why it came this way.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tracing::{error, info, warn};

use super::mention::RefusedNames;
use super::message::{MessageWriter, Told};
use super::rank::Ranks;
use super::share::{Addressed, deliveries_to};
use super::stand_in::StandIns;
use super::{Intake, Parse, RenderPanicked, payload_room};
use crate::alert::{AlertSet, Notification};
use crate::queue::{
    Delivery, DeliveryId, FallbackRule, Fallen, Handover, Origin, QueueError, State, Target,
};
use crate::render::note;
use crate::render::{RenderBudget, Subject};
use crate::select;
use crate::settings::{Receiver, Settings};

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
        let rules: Vec<FallbackRule> = settings.receivers.iter().flat_map(rules_of).collect();
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
        let kept_by = if fallen.replay_of.is_none() {
            Some(from.receiver.clone())
        } else {
            self.lineage(id).await?.kept_by().map(str::to_owned)
        };
        let weight = payload_room::weight(&fallen.received.payload.bytes);
        let origin = fallen.received.notification.clone();
        let write = move |mut budget: RenderBudget| -> Result<(Handover, RefusedNames), String> {
            let payload = &fallen.received.payload;
            let most = settings.process.max_alerts;
            let notification = parse(&payload.format, &payload.bytes, most);
            let notification = notification.map_err(|error| error.to_string())?;
            handover(&settings, &fallen, kept_by.as_deref(), &notification, now, &mut budget)
        };
        let written = self.render_pools.of_weight(weight).run(&*self.core.clock, write).await?;
        let (handover, refused) = written.unwrap_or_else(|words| {
            error!(delivery.id = %id, "it cannot be handed over: {words}");
            (nothing(id), RefusedNames::of(""))
        });
        let targets: Vec<Target> =
            handover.deliveries.iter().map(|delivery| delivery.target.clone()).collect();
        let receiver = handover.receiver.clone();
        let messages = handover.messages.iter().map(|message| &**message);
        let stand_ins = StandIns::among(&receiver, messages);
        let ids = self.core.store.hand_over(handover, self.core.clock.now()).await?;
        if !ids.is_empty() {
            warn!(
                delivery.id = %id, receiver.name = %from.receiver,
                destination.name = %from.destination, deliveries = ids.len(),
                "handed over to receiver {receiver}"
            );
            refused.tell(&self.core.metrics, &origin);
            if let Some(stand_ins) = stand_ins {
                self.failures.tell(&self.core.metrics, &stand_ins, self.core.clock.now().boot);
            }
        } else if !targets.is_empty() {
            info!(delivery.id = %id, "it was settled meanwhile and is not handed over");
        }
        self.lanes.wake_lanes(&targets);
        Ok(())
    }

    /// What a delivery comes from, as far as it is still stored.
    pub(super) async fn lineage(&self, id: DeliveryId) -> Result<Lineage, QueueError> {
        let (mut line, mut next) = (Vec::new(), Some(id));
        while let Some(id) = next {
            let found = self.core.store.show(id, self.core.clock.now()).await?;
            let Some(detail) = found else { break };
            // An older one each time, so that a damaged row leads to an end as well.
            next = detail.delivery.replay_of.filter(|before| *before < id);
            line.push(detail.delivery);
        }
        Ok(Lineage(line))
    }
}

/// The rules of a receiver's destinations, and of those that it has no more.
fn rules_of(receiver: &Receiver) -> impl Iterator<Item = FallbackRule> {
    let configured = receiver.destinations.iter().filter_map(move |destination| {
        let after = destination.fallback.as_ref()?.after;
        let target =
            Target { receiver: receiver.name.clone(), destination: destination.name.clone() };
        Some(FallbackRule::Destination { target, after })
    });
    let removed = receiver.fallback.iter().map(move |fallback| FallbackRule::Removed {
        receiver: receiver.name.clone(),
        after: fallback.after,
    });
    configured.chain(removed)
}

/// A delivery and what it comes from: each replays the one behind it, or was made because a destination
/// did not take that.
#[derive(Debug)]
pub(super) struct Lineage(pub(super) Vec<Delivery>);

impl Lineage {
    /// The delivery itself.
    pub(super) fn delivery(&self) -> Option<&Delivery> {
        self.0.first()
    }

    /// The receiver that kept its alerts: that of the first delivery, since nobody asks the conditions
    /// of a fallback's receiver. None if the first delivery is stored no more.
    pub(super) fn kept_by(&self) -> Option<&str> {
        let first = self.0.last()?;
        first.replay_of.is_none().then_some(first.target.receiver.as_str())
    }

    /// What was not taken, if that is why its receiver gets it.
    pub(super) fn not_taken(&self) -> Option<NotTaken<'_>> {
        let mut steps = self.0.iter().zip(self.0.iter().skip(1));
        let (made, fell) = steps.find(|(made, _)| made.origin == Origin::Fallback)?;
        let age = made.accepted_at.duration_since(fell.accepted_at);
        Some(NotTaken {
            by: &fell.target,
            is_dead: matches!(fell.state, State::Dead | State::Discarded),
            reason: &fell.reason,
            age: Duration::try_from(age).unwrap_or_default(),
        })
    }
}

/// What a destination did not take.
#[derive(Debug)]
pub(super) struct NotTaken<'a> {
    by: &'a Target,
    /// Whether it is a dead letter; else it waits, or arrived later.
    is_dead: bool,
    reason: &'a str,
    /// How long ago it was accepted when it was handed over.
    age: Duration,
}

impl<'a> NotTaken<'a> {
    fn of(fallen: &'a Fallen) -> Self {
        let Fallen { reason, age, is_dead, received, .. } = fallen;
        Self { by: &received.target, is_dead: *is_dead, reason, age: *age }
    }

    /// The destination, as `receiver/destination`.
    pub(super) fn destination(&self) -> String {
        format!("{}/{}", self.by.receiver, self.by.destination)
    }

    /// The note that says why its message comes to `to`.
    pub(super) fn note(&self, settings: &Settings, to: &Receiver) -> String {
        let (minutes, language) = (self.age.as_secs() / 60, to.format.language);
        let waits = note::not_taken_for(minutes, language);
        let reason = match self.reason {
            "" => waits,
            // What waits for a dead robot is handed over at once.
            reason if self.is_dead || minutes == 0 => reason.to_owned(),
            // The reason is in the language of the receiver whose destination did not take it.
            reason => language.pick([format!("{waits}: {reason}"), format!("{waits}：{reason}")]),
        };
        note::handed_over(&self.destination(), &reason, &settings.style(&to.format))
    }
}

/// What tells the fallback's receiver, or why nothing can.
fn handover(
    settings: &Settings,
    fallen: &Fallen,
    kept_by: Option<&str>,
    notification: &Notification,
    now: Timestamp,
    budget: &mut RenderBudget,
) -> Result<(Handover, RefusedNames), String> {
    let not_taken = NotTaken::of(fallen);
    let to = told_instead(settings, not_taken.by)?;
    // All of them, if the first receiver keeps none now: they were accepted, and somebody has to hear of them.
    let kept = kept_by_first(settings, kept_by, notification)
        .unwrap_or_else(|_first| AlertSet::all(notification));
    if kept.is_empty() {
        return Err("its notification has no alert".to_owned());
    }
    let (order, note) = (&settings.delivery.severity, not_taken.note(settings, to));
    let mut writer = MessageWriter { settings, now, budget, note: Some(&note) };
    let rank = Ranks::new(notification, order).of(&kept);
    let subject = Subject::new(notification, order).keeping(kept);
    let told = Told::new(subject, rank);
    let mut told = told.instead_of(&not_taken.destination());
    let Addressed { messages, deliveries, refused } = deliveries_to(to, &mut told, &mut writer);
    let handover = Handover { of: fallen.id, receiver: to.name.clone(), messages, deliveries };
    Ok((handover, refused))
}

/// The receiver that is told what `target` did not take, or why there is none.
fn told_instead<'s>(settings: &'s Settings, target: &Target) -> Result<&'s Receiver, String> {
    let Target { receiver, destination } = target;
    let from = settings.receivers.find(receiver).map_err(|unknown| unknown.to_string())?;
    let fallback = from.fallback_of(destination).ok_or_else(|| {
        format!("destination {destination:?} of receiver {receiver:?} has no fallback any more")
    })?;
    settings.receivers.find(&fallback.receiver).map_err(|unknown| unknown.to_string())
}

/// The alerts that the first receiver keeps; all, if it is not known or configured any more. The receiver, if
/// its conditions keep none now.
pub(super) fn kept_by_first<'s>(
    settings: &'s Settings,
    kept_by: Option<&str>,
    notification: &Notification,
) -> Result<AlertSet, &'s Receiver> {
    let first = kept_by.and_then(|name| settings.receivers.get(name));
    let Some(first) = first else { return Ok(AlertSet::all(notification)) };
    select::keep(&first.conditions, first.send_resolved, notification).ok_or(first)
}

/// Nothing can be told, and it is not tried again.
fn nothing(of: DeliveryId) -> Handover {
    Handover { of, receiver: String::new(), messages: Vec::new(), deliveries: Vec::new() }
}

#[cfg(test)]
pub(super) mod tests {
    use std::path::Path;

    use super::*;
    use crate::intake::preview;
    use crate::queue::{RawPayload, Received, Summary};
    use crate::render::template::Stop;
    use crate::settings::{Environment, Overrides};

    /// A dead letter for the destination `a` of this receiver, accepted so many minutes after the first.
    pub(in crate::intake) fn dead(id: i64, origin: Origin, receiver: &str, after: i64) -> Delivery {
        Delivery {
            id: DeliveryId(id),
            notification: "n".into(),
            origin,
            target: Target { receiver: receiver.into(), destination: "a".into() },
            group: "g".into(),
            state: State::Dead,
            attempts: 1,
            reason: "the robot is gone".into(),
            unreadable: Vec::new(),
            accepted_at: Timestamp::from_second(1_790_000_000 + 60 * after).unwrap(),
            settled_at: None,
            due_at: None,
            parts: 1,
            arrived: 0,
            title: String::new(),
            replay_of: (origin != Origin::Notification).then_some(DeliveryId(id - 1)),
            carried_by: None,
            summary: Summary::default(),
            render_error: None,
        }
    }

    /// Three receivers with a destination `a` each, of which the first two have these keys.
    fn receivers(ops: &str, team: &str) -> String {
        let chatbots = |token: &str| format!("chatbots: [{{name: a, access_token: {token}}}]");
        let [one, two, three] = ["t1", "t2", "t3"].map(chatbots);
        format!(
            "receivers:\n  - {{name: ops, {ops}{one}}}\n  - {{name: team, {team}{two}}}\n  \
             - {{name: oncall, {three}}}\n"
        )
    }

    /// How many alerts fire and are resolved of what tells another receiver of a delivery to `team`, by
    /// this configuration; or why nothing does.
    fn told(config: &str, destination: &str, kept_by: Option<&str>) -> Result<(u64, u64), String> {
        let (environment, overrides) = (Environment::default(), Overrides::default());
        let loaded =
            Settings::from_text("c.yml", config, Path::new(""), &environment, &overrides).unwrap();
        let target = Target { receiver: "team".into(), destination: destination.into() };
        let received =
            Received { notification: "n".into(), target, payload: RawPayload::default() };
        let fallen = Fallen {
            id: DeliveryId(7),
            reason: "the robot is gone".into(),
            age: Duration::from_mins(1),
            is_dead: true,
            replay_of: None,
            received,
        };
        let now = "2026-11-20T19:12:00Z".parse().unwrap();
        let (notification, mut budget) =
            (preview::example(now), RenderBudget::new(Stop::default()));
        let (Handover { receiver, messages, deliveries, .. }, _) =
            handover(&loaded.settings, &fallen, kept_by, &notification, now, &mut budget)?;
        assert_eq!((receiver.as_str(), deliveries.len()), ("oncall", 1));
        let words = format!("team/{destination} did not take it: the robot is gone");
        assert!(messages[0].parts[0].text().contains(&words), "{}", messages[0].parts[0].text());
        Ok((messages[0].summary.firing, messages[0].summary.resolved))
    }

    #[test]
    fn the_alerts_are_those_that_the_first_receiver_kept_and_else_all() {
        let critical = "conditions: ['severity=critical'], ";
        let none = "conditions: ['severity=none'], ";
        let to_oncall = "fallback: oncall, ";
        for (ops, team, kept_by, expected) in [
            (critical, none, Some("ops"), (1, 0)),
            ("send_resolved: false, ", none, Some("ops"), (2, 0)),
            (critical, "send_resolved: false, ", Some("team"), (2, 0)),
            (critical, none, Some("team"), (2, 1)),
            (critical, critical, Some("removed"), (2, 1)),
            (critical, critical, None, (2, 1)),
        ] {
            let config = receivers(ops, &format!("{team}{to_oncall}"));
            assert_eq!(told(&config, "a", kept_by), Ok(expected), "{ops}{team}{kept_by:?}");
        }
    }

    #[test]
    fn a_destination_that_is_removed_falls_back_as_its_receiver_does_and_else_it_is_said() {
        let config = receivers("", "fallback: oncall, ");
        assert_eq!(told(&config, "removed", Some("team")), Ok((2, 1)));
        let of_destination = receivers("", "").replace("t2}", "t2, fallback: oncall}");
        assert_eq!(told(&of_destination, "a", Some("team")), Ok((2, 1)));
        for (config, destination, words) in [
            (of_destination, "removed", "\"removed\" of receiver \"team\" has no fallback"),
            (receivers("", ""), "a", "\"a\" of receiver \"team\" has no fallback"),
            (config.replace("name: team", "name: crew"), "a", "there is no receiver \"team\""),
        ] {
            let refused = told(&config, destination, Some("team")).unwrap_err();
            assert!(refused.contains(words), "{refused}");
        }
    }

    #[test]
    fn a_line_of_deliveries_leads_to_the_receiver_that_kept_the_alerts() {
        let replayed = dead(4, Origin::Replay, "team", 9);
        let handed_over = dead(2, Origin::Fallback, "team", 5);
        let first = dead(1, Origin::Notification, "ops", 0);
        let line = Lineage(vec![replayed.clone(), handed_over.clone(), first.clone()]);
        assert_eq!(line.kept_by(), Some("ops"));
        let not_taken = line.not_taken().unwrap();
        assert_eq!(not_taken.destination(), "ops/a");
        assert_eq!((not_taken.is_dead, not_taken.age), (true, Duration::from_mins(5)));
        for rest in [vec![replayed.clone(), handed_over], vec![replayed]] {
            let line = Lineage(rest);
            assert_eq!(line.kept_by(), None, "who kept them is not stored any more");
            assert!(line.not_taken().is_none());
        }
        let line = Lineage(vec![dead(3, Origin::Replay, "ops", 9), first]);
        assert_eq!((line.kept_by(), line.not_taken().is_none()), (Some("ops"), true));
    }
}
