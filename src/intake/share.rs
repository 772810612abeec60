//! The receivers' shares of a notification: the alerts that each keeps, as messages for its
//! destinations.
//!
//! Equal work is done once: conditions that are equal are asked once, and receivers that keep the same
//! alerts share what is found out about them, and their messages where these are equal.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::mention::RefusedNames;
use super::message::{MessageWriter, Told};
use super::rank::Ranks;
use crate::alert::{Alert, AlertSet, Notification, Status};
use crate::queue::{NewDelivery, NewMessage, ReceiverShare, StateHash, Target};
use crate::render::Subject;
use crate::select;
use crate::settings::Receiver;

/// Makes the shares of one notification.
pub(super) struct ShareWriter<'a> {
    pub(super) notification: &'a Notification,
    /// When the newest alert began of those that were told of last, if these are the same.
    pub(super) told_until: Option<Timestamp>,
    /// The notification's state.
    pub(super) state: StateHash,
    /// How long an equal state is a duplicate.
    pub(super) window: Duration,
    /// The names of receivers that get no share.
    pub(super) left_out: &'a [String],
    /// Writes its messages.
    pub(super) messages: MessageWriter<'a>,
}

/// The shares of a notification, and for whom there is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shares {
    /// One for each receiver that is told, in their order.
    pub(super) told: Vec<ReceiverShare>,
    /// The names in alerts that the messages of each do not mention.
    pub(super) refused: Vec<RefusedNames>,
    /// The receivers that keep an alert, and are not told outside their active times.
    pub(super) inactive: Vec<String>,
    /// How many alerts the conditions of no enabled receiver hold for.
    pub(super) unmatched: usize,
}

/// Receivers that keep the same alerts, each with its place among those that are asked.
struct Keepers<'a> {
    kept: AlertSet,
    /// Whether one of the alerts fires.
    fires: bool,
    receivers: Vec<(usize, &'a Receiver)>,
}

impl<'a> ShareWriter<'a> {
    /// The shares of those `receivers` that are enabled, not left out, and keep an alert, in their order: one
    /// delivery for each destination. None as soon as nobody waits for them any more.
    ///
    /// Outside its active times a receiver is told of nothing but the recovery of what it was told that it
    /// fires, which only the store knows: without that, a reader takes it to fire for ever.
    pub(super) fn shares(&mut self, receivers: &'a [Receiver]) -> Option<Shares> {
        let order = &self.messages.settings.delivery.severity;
        let ranks = Ranks::new(self.notification, order);
        let whole = Subject::new(self.notification, order).told_until(self.told_until);
        let (mut shares, mut inactive) = (Vec::new(), Vec::new());
        let keepers = self.keepers(receivers)?;
        let unmatched = self.unmatched(receivers, &keepers);
        for Keepers { kept, fires, receivers } in keepers {
            let rank = ranks.of(&kept);
            let mut told = Told::new(whole.keeping(kept), rank);
            for (place, receiver) in receivers {
                if self.messages.budget.is_abandoned() {
                    return None;
                }
                match self.share(&mut told, receiver, fires) {
                    Some(share) => shares.push((place, share)),
                    None => inactive.push((place, receiver.name.clone())),
                }
            }
        }
        let (told, refused) = in_order(shares).into_iter().unzip();
        Some(Shares { told, refused, inactive: in_order(inactive), unmatched })
    }

    /// The receivers that keep an alert, by the alerts that they keep.
    fn keepers(&mut self, receivers: &'a [Receiver]) -> Option<Vec<Keepers<'a>>> {
        let mut all: Vec<Keepers<'a>> = Vec::new();
        let (mut of_alerts, mut of_conditions) = (HashMap::new(), HashMap::new());
        for (place, receiver) in receivers.iter().enumerate() {
            if self.messages.budget.is_abandoned() {
                return None;
            }
            let asked = (&receiver.conditions, receiver.send_resolved);
            let keepers = *of_conditions.entry(asked).or_insert_with(|| {
                let kept = self.keep(receiver)?;
                Some(*of_alerts.entry(kept).or_insert_with_key(|kept| {
                    let fires = self.fires(kept);
                    all.push(Keepers { kept: kept.clone(), fires, receivers: Vec::new() });
                    all.len() - 1
                }))
            });
            let is_told = receiver.enabled && !self.left_out.contains(&receiver.name);
            if let Some(keepers) = keepers.filter(|_| is_told) {
                all[keepers].receivers.push((place, receiver));
            }
        }
        Some(all)
    }

    /// How many alerts the conditions of no enabled receiver hold for; none, if there is no such receiver.
    fn unmatched(&mut self, receivers: &[Receiver], keepers: &[Keepers<'_>]) -> usize {
        let alerts = &self.notification.alerts;
        let mut matched = AlertSet::new(alerts.len(), |_| false);
        for keepers in keepers.iter().filter(|keepers| !keepers.receivers.is_empty()) {
            matched.add(&keepers.kept);
        }
        let mut enabled = receivers.iter().filter(|receiver| receiver.enabled).peekable();
        if matched.is_whole() || enabled.peek().is_none() {
            return 0;
        }
        // What the others keep is known: these may want an alert that they are not told of.
        let is_left_out = |receiver: &&Receiver| self.left_out.contains(&receiver.name);
        let silent = enabled.filter(|receiver| !receiver.send_resolved || is_left_out(receiver));
        let silent: Vec<&Receiver> = silent.collect();
        let left = alerts.len() - matched.len();
        for receiver in &silent {
            self.messages.budget.select(left, receiver.conditions.tests());
        }
        let wants = |alert: &Alert| silent.iter().any(|one| one.conditions.hold(&alert.labels));
        let unmatched = alerts.iter().enumerate();
        unmatched.filter(|(place, alert)| !matched.contains(*place) && !wants(alert)).count()
    }

    /// The alerts that `receiver` keeps, if any.
    fn keep(&mut self, receiver: &Receiver) -> Option<AlertSet> {
        let Receiver { conditions, send_resolved, .. } = receiver;
        self.messages.budget.select(self.notification.alerts.len(), conditions.tests());
        select::keep(conditions, *send_resolved, self.notification)
    }

    /// Whether one of these alerts fires.
    fn fires(&self, kept: &AlertSet) -> bool {
        let mut alerts = self.notification.alerts.iter().enumerate();
        alerts.any(|(place, alert)| alert.status == Status::Firing && kept.contains(place))
    }

    /// What `receiver` is told, if anything is, and whom that does not mention.
    fn share(
        &mut self,
        told: &mut Told<'a>,
        receiver: &'a Receiver,
        fires: bool,
    ) -> Option<(ReceiverShare, RefusedNames)> {
        let is_active = receiver.active_times.hold(self.messages.now);
        if fires && !is_active {
            return None;
        }
        let Addressed { messages, deliveries, refused } =
            deliveries_to(receiver, told, &mut self.messages);
        let share = ReceiverShare {
            receiver: receiver.name.clone(),
            state: self.state.of_kept(fires),
            window: self.window,
            only_if_firing_was_told: !is_active,
            messages,
            deliveries,
        };
        Some((share, refused))
    }
}

/// The items in the order of their places.
fn in_order<T>(mut items: Vec<(usize, T)>) -> Vec<T> {
    items.sort_unstable_by_key(|(place, _)| *place);
    items.into_iter().map(|(_, item)| item).collect()
}

/// What tells a receiver.
pub(super) struct Addressed {
    /// The messages of the deliveries.
    pub(super) messages: Vec<Arc<NewMessage>>,
    /// One for each destination.
    pub(super) deliveries: Vec<NewDelivery>,
    /// The names in alerts that no message mentions.
    pub(super) refused: RefusedNames,
}

/// The deliveries that tell `receiver`, and their messages; destinations that ask the same of a message
/// share one.
pub(super) fn deliveries_to<'a>(
    receiver: &'a Receiver,
    told: &mut Told<'a>,
    writer: &mut MessageWriter<'_>,
) -> Addressed {
    let mut refused = RefusedNames::of(&receiver.name);
    let mut messages: Vec<Arc<NewMessage>> = Vec::new();
    let mut deliveries = Vec::with_capacity(receiver.destinations.len());
    for destination in &receiver.destinations {
        let (surface, names) = writer.surface(told, destination);
        refused.add(names);
        let message = writer.message(told, receiver, surface);
        let known = messages.iter().position(|known| Arc::ptr_eq(known, &message));
        let message = known.unwrap_or_else(|| {
            messages.push(message);
            messages.len() - 1
        });
        let (receiver, destination) = (receiver.name.clone(), destination.name.clone());
        deliveries.push(NewDelivery { target: Target { receiver, destination }, message });
    }
    Addressed { messages, deliveries, refused }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::receive::alertmanager;
    use crate::render::RenderBudget;
    use crate::render::template::Stop;
    use crate::settings::{Environment, Overrides, Settings};

    /// The shares of a firing critical and a warning alert, by these receivers but for `out`.
    fn shares(receivers: &str, budget: &mut RenderBudget) -> Option<Shares> {
        let (environment, overrides) = (Environment::default(), Overrides::default());
        let text = format!("receivers:\n{receivers}\n");
        let loaded = Settings::from_text("c.yml", &text, Path::new(""), &environment, &overrides);
        let settings = loaded.unwrap().settings;
        let body = br#"{"alerts": [{"labels": {"alertname": "Disk", "severity": "critical"}},
                       {"labels": {"alertname": "Load", "severity": "warning"}}]}"#;
        let mut writer = ShareWriter {
            notification: &alertmanager::parse(body).unwrap(),
            told_until: None,
            state: StateHash([0; 16]),
            window: Duration::ZERO,
            left_out: &["out".to_owned()],
            messages: MessageWriter {
                settings: &settings,
                now: "2026-11-20T19:12:00Z".parse().unwrap(),
                budget,
                note: None,
            },
        };
        writer.shares(&settings.receivers)
    }

    fn receiver(name: &str, keys: &str, chatbot_keys: &str) -> String {
        let chatbot = format!("{{name: b, access_token: t{name}{chatbot_keys}}}");
        format!("- {{name: {name}, {keys}chatbots: [{chatbot}]}}\n")
    }

    #[test]
    fn what_is_equal_for_several_receivers_is_done_once() {
        let severe = "conditions: ['severity=\"critical\"'], ";
        let same = "conditions: [{label: alertname, operator: In, values: [Disk]}], ";
        let nothing = "conditions: ['severity=\"none\"'], ";
        let template = "message: {text: '{{ len .Alerts }}'}, ";
        let late = "active_times: [{years: [1999], location: UTC}], ";
        let receivers = [
            receiver("a", "", ""),
            receiver("b", severe, ""),
            receiver("none", nothing, ""),
            receiver("late", &format!("{late}{severe}"), ""),
            receiver("later", late, ""),
            receiver("not-late", &format!("{late}{nothing}"), ""),
            receiver("c", "", ", keywords: [k]"),
            receiver("d", same, ""),
            receiver("off", "enabled: false, ", ""),
            receiver("out", "", ""),
            receiver("e", "", ""),
            receiver("f", template, ""),
            receiver("g", template, ""),
            receiver("h", "", ", mention: {user_ids: [li]}"),
            receiver("i", "", ", mention: {by_severity: {critical: {user_ids: [li]}}}"),
            receiver("j", "", ", mention: {from_label: alertname, allow: [Disk]}"),
            receiver("k", "", ", mention: {by_severity: {info: {user_ids: [li]}}}"),
        ];
        let mut budget = RenderBudget::new(Stop::default());
        let Shares { told: shares, refused, inactive, unmatched } =
            shares(&receivers.concat(), &mut budget).unwrap();
        assert_eq!(unmatched, 0);
        assert_eq!(inactive, ["late", "later"], "in the order of the file too");
        let names: Vec<&str> = shares.iter().map(|share| &*share.receiver).collect();
        assert_eq!(names.join(""), "abcdefghijk", "in the order of the file");
        let message = |name: &str| {
            let share = shares.iter().find(|share| share.receiver == name).unwrap();
            &share.messages[0]
        };
        for (one, other) in [("a", "e"), ("b", "d"), ("f", "g"), ("h", "i"), ("a", "k")] {
            assert!(Arc::ptr_eq(message(one), message(other)), "{one} and {other}");
        }
        for (one, other) in [("a", "b"), ("a", "c"), ("a", "f"), ("a", "h"), ("h", "j")] {
            assert!(!Arc::ptr_eq(message(one), message(other)), "{one} and {other}");
        }
        assert_eq!((message("a").summary.firing, message("b").summary.firing), (2, 1));
        assert_eq!(message("b").summary.alertnames, ["Disk"]);
        assert_eq!(message("f").parts[0].text(), "2");
        let told_of = names.iter().zip(&refused).filter(|(_, refused)| !refused.is_empty());
        let told_of: Vec<&str> = told_of.map(|(name, _)| *name).collect();
        assert_eq!(told_of, ["j"], "of Load");
    }

    #[test]
    fn an_alert_is_unmatched_if_no_enabled_receiver_has_conditions_that_hold() {
        let severe = "conditions: ['severity=\"critical\"'], ";
        let unmatched = |receivers: &[String]| {
            let mut budget = RenderBudget::new(Stop::default());
            shares(&receivers.concat(), &mut budget).unwrap().unmatched
        };
        for (receivers, expected) in [
            (vec![receiver("a", "", "")], 0),
            (vec![receiver("a", severe, "")], 1),
            (vec![receiver("a", "conditions: ['x=\"y\"'], ", "")], 2),
            (vec![receiver("a", severe, ""), receiver("off", "enabled: false, ", "")], 1),
            (vec![receiver("a", severe, ""), receiver("out", "", "")], 0),
            (vec![receiver("a", severe, ""), receiver("rest", "catch_all: true, ", "")], 0),
            (vec![receiver("off", "enabled: false, ", "")], 0),
        ] {
            assert_eq!(unmatched(&receivers), expected, "{receivers:?}");
        }
    }

    #[test]
    fn as_soon_as_nobody_waits_there_is_no_share() {
        let gone = Stop::default();
        let mut budget = RenderBudget::new(Stop::default()).until(gone.clone());
        let one = receiver("a", "", "");
        assert!(shares(&one, &mut budget).is_some_and(|shares| shares.told.len() == 1));
        gone.stop();
        assert_eq!(shares(&one, &mut budget), None);
    }
}
