//! The facts of a notification, in the order in which a message shows them.
//!
//! Firing comes before resolved and severe before mild; within that Alertmanager's order stays.
//! The labels and annotations that all alerts share are computed here, over the alerts that are
//! shown: a label that the message shows once for all alerts is one that each of them has.

mod pages;
mod survey;
mod times;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::severity::{SeverityOrder, Urgency};
use crate::alert::{Alert, Labels, Notification, Status};

pub(super) use pages::Pages;
pub(super) use survey::Survey;
pub(super) use times::{SharedTimes, Span};

/// Labels that say where something is, the widest place first; a message shows them before others.
const PLACES: [&str; 12] = [
    "cluster",
    "region",
    "namespace",
    "instance",
    "node",
    "host",
    "hostname",
    "pod",
    "container",
    "service",
    "device",
    "mountpoint",
];

/// So many of them are wide.
const WIDE: usize = 3;

/// Labels that say how the alert came about; a message shows them last, and never leaves them out.
const ORIGINS: [&str; 9] = [
    "job",
    "endpoint",
    "alertgroup",
    "rule_id",
    "uid",
    "prometheus",
    "prometheus_replica",
    "replica",
    "tenant",
];

/// The urgency of several, as a colour shows it: an unknown one is red.
pub(super) fn reddest(urgencies: impl Iterator<Item = Urgency>) -> Option<Urgency> {
    urgencies.min_by_key(|urgency| match urgency {
        Urgency::Unknown => Urgency::Error,
        Urgency::Critical | Urgency::Error | Urgency::Warning | Urgency::Info => *urgency,
    })
}

/// The severest severity, each with its status and its place in an order, of which the least is the severest;
/// those that fire come first.
pub(super) fn severest_by<'a, K: Ord>(
    alerts: impl Iterator<Item = (Status, K, &'a str)>,
) -> &'a str {
    let said = alerts.filter(|(_, _, severity)| !severity.trim().is_empty());
    let places = said.map(|(status, place, severity)| ((status, place), severity));
    let severest = places.min_by(|(one, _), (other, _)| one.cmp(other));
    severest.map(|(_, severity)| severity).unwrap_or_default()
}

/// Each name once, in the given order; blank names are left out.
pub(super) fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    names.filter(|name| !name.trim().is_empty() && seen.insert(*name)).collect()
}

/// Each severity with how often it is given, by its place in an order; blank severities are one.
pub(super) fn counted_by<'a, K: Ord>(
    severities: impl Iterator<Item = (K, &'a str)>,
) -> Vec<(&'a str, usize)> {
    let mut counts = BTreeMap::new();
    for (place, severity) in severities {
        let severity = if severity.trim().is_empty() { "" } else { severity };
        *counts.entry((place, severity)).or_insert(0) += 1;
    }
    counts.into_iter().map(|((_, severity), count)| (severity, count)).collect()
}

/// The mark of what may have ended, or may fire still.
pub(super) const OPEN: &str = "⚪";

/// A colour for the eye; the words beside it say the same.
pub(super) fn emoji(status: Status, urgency: Urgency) -> &'static str {
    match (status, urgency) {
        (Status::Resolved, _) => "✅",
        (Status::Firing, Urgency::Critical | Urgency::Error | Urgency::Unknown) => "🔴",
        (Status::Firing, Urgency::Warning) => "🟠",
        (Status::Firing, Urgency::Info) => "🔵",
    }
}

/// The alert's severity, unless it is blank.
fn severity<'a>(alert: &'a Alert, order: &SeverityOrder) -> Option<&'a str> {
    alert.labels.get(&order.label).filter(|severity| !severity.trim().is_empty())
}

/// The alert's name, unless it is blank.
pub(super) fn name(alert: &Alert) -> Option<&str> {
    alert.labels.get("alertname").filter(|name| !name.trim().is_empty())
}

/// The alerts of a notification that a receiver keeps, counted and sorted.
#[derive(Debug)]
pub struct Facts<'a> {
    pub(super) notification: &'a Notification,
    /// What the severities mean.
    pub(super) order: &'a SeverityOrder,
    /// The alerts, in the order in which a message shows them.
    pub(super) alerts: Vec<&'a Alert>,
    /// Firing as soon as one alert fires; without alerts, the notification's own status.
    pub status: Status,
    /// How many fire.
    pub firing: usize,
    /// How many are resolved.
    pub resolved: usize,
    /// The names of the alerts, each once, in the order of the alerts; no blank ones.
    pub names: Vec<&'a str>,
    /// How many alerts of the message's status have which severity, the most urgent first.
    pub(super) severities: Vec<(&'a str, usize)>,
    /// The severest severity among the firing alerts, or among all where none fires; may be empty.
    pub severest: &'a str,
    /// The labels that all alerts have.
    pub(super) labels: Cow<'a, Labels>,
    /// The annotations that all alerts have.
    pub(super) annotations: Cow<'a, Labels>,
    /// The pages that all alerts share.
    pub(super) pages: Pages<'a>,
    /// The times that they share.
    pub(super) times: SharedTimes,
    /// When the newest alert began of those that the group fired with when it was told of last, if they are
    /// the same that fire now.
    pub(super) told_until: Option<Timestamp>,
}

impl Facts<'_> {
    /// Whether some alerts fire and others are resolved.
    pub(super) fn is_mixed(&self) -> bool {
        self.firing > 0 && self.resolved > 0
    }

    /// Whether there is one alert only; then its labels are shown as its own and not as common.
    pub(super) fn is_lone(&self) -> bool {
        self.alerts.len() == 1
    }

    /// Whether the alerts have times that they do not share, each in its own line.
    pub(super) fn has_own_times(&self) -> bool {
        let is_dated = |alert: &&Alert| alert.starts_at.or(alert.ends_at).is_some();
        let is_said_once = self.is_lone() || self.times.tell_the_beginning();
        !is_said_once && self.alerts.iter().any(is_dated)
    }

    /// Whether all alerts that are known are resolved, and others may fire.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.status == Status::Resolved && !self.notification.tells_the_end()
    }

    /// Whether an alert that was told of as firing recovered, untold, and fires again. An event does not fire.
    pub(super) fn fires_again(&self, alert: &Alert) -> bool {
        let fires = alert.status == Status::Firing && !alert.is_event();
        let started = alert.starts_at.filter(|_| fires);
        started.is_some_and(|started| self.told_until.is_some_and(|told| started > told))
    }

    /// Whether all that fires does so again.
    #[must_use]
    pub fn all_fires_again(&self) -> bool {
        self.firing > 0 && self.alerts[..self.firing].iter().all(|alert| self.fires_again(alert))
    }

    /// Whether texts of this status are those of what was, and not of what is.
    pub(super) fn is_past(&self, status: Status) -> bool {
        status == Status::Resolved && self.notification.sender.repeats_what_was()
    }

    /// Whether one silence is offered for all alerts, by the labels that they share: they were grouped by
    /// something, or have one name. Of anything less it would silence more than the group.
    pub(super) fn is_silenced_as_one(&self) -> bool {
        let has_name = self.labels.get("alertname").is_some_and(|name| !name.is_empty());
        let is_group = has_name || !self.notification.group_labels.is_empty();
        self.firing > 1 && !self.labels.is_empty() && is_group
    }

    /// The mark of the message: the colour of its reddest alert.
    pub(super) fn mark(&self) -> &'static str {
        if self.is_open() { OPEN } else { emoji(self.status, self.urgency()) }
    }

    /// The urgency of the reddest alert of the message's status.
    pub(super) fn urgency(&self) -> Urgency {
        let given = self.severities.iter().filter(|(_, count)| *count > 0);
        let urgencies = given.map(|(severity, _)| self.order.urgency(severity));
        reddest(urgencies).unwrap_or(Urgency::Unknown)
    }

    /// Whether a label stands in the heading, and with no others.
    #[must_use]
    pub fn is_in_heading(&self, name: &str) -> bool {
        self.order.is_in_heading(name)
    }

    /// The alert's severity, unless it is blank.
    pub(super) fn severity<'b>(&self, alert: &'b Alert) -> Option<&'b str> {
        severity(alert, self.order)
    }

    /// The labels without those of the heading; see [`places`].
    pub(super) fn places<'b>(&self, labels: &'b Labels) -> Vec<(&'b str, &'b str)> {
        places(labels, self.order)
    }

    /// The labels that all alerts have.
    #[must_use]
    pub fn common_labels(&self) -> &Labels {
        &self.labels
    }

    /// Whether what fires are events, each of which is over as soon as it is told.
    pub(super) fn is_of_events(&self) -> bool {
        self.firing > 0 && self.alerts[..self.firing].iter().all(|alert| alert.is_event())
    }

    /// Since when the oldest alert fires; once all are resolved, when the first of them began to. An event
    /// does not go on.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        let firing = if self.firing == 0 { self.alerts.len() } else { self.firing };
        let lasting = self.alerts[..firing].iter().filter(|alert| !alert.is_event());
        lasting.filter_map(|alert| alert.starts_at).min()
    }

    /// When the last alert was resolved, once all are.
    #[must_use]
    pub fn recovered(&self) -> Option<Timestamp> {
        let ended = || self.alerts.iter().filter_map(|alert| alert.ends_at).max();
        if self.firing == 0 { ended() } else { None }
    }
}

/// The labels without name, severity and empty ones; those that say where come first, those that
/// say how the alert came about last.
pub(super) fn places<'a>(labels: &'a Labels, order: &SeverityOrder) -> Vec<(&'a str, &'a str)> {
    places_of(labels.iter(), order)
}

/// The same of any labels.
pub(super) fn places_of<'a>(
    labels: impl Iterator<Item = (&'a str, &'a str)>,
    order: &SeverityOrder,
) -> Vec<(&'a str, &'a str)> {
    let is_shown =
        |(name, value): &(&str, &str)| !order.is_in_heading(name) && !value.trim().is_empty();
    let mut places: Vec<(&str, &str)> = labels.filter(is_shown).collect();
    places.sort_by_cached_key(|(name, _)| rank(name));
    places
}

/// Whether a label says where something is, so that its value is understood without its name.
#[must_use]
pub fn is_place(name: &str) -> bool {
    PLACES.contains(&name)
}

/// Whether a label says in which part of the world something is, which tells equal names of other places
/// apart.
#[must_use]
pub fn is_wide_place(name: &str) -> bool {
    PLACES[..WIDE].contains(&name)
}

/// Whether a label says how the alert came about, rather than where it is.
#[must_use]
pub fn is_origin(name: &str) -> bool {
    ORIGINS.contains(&name)
}

fn rank(name: &str) -> usize {
    let position = |names: &[&str]| names.iter().position(|known| *known == name);
    match (position(&PLACES), position(&ORIGINS)) {
        (Some(place), _) => place,
        (None, None) => PLACES.len(),
        (None, Some(origin)) => PLACES.len() + 1 + origin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::AlertSet;
    use crate::render::tests::{alert, notification, resolved};

    fn facts(notification: &Notification) -> Facts<'_> {
        Survey::new(notification, &SeverityOrder::USUAL).facts(&AlertSet::all(notification))
    }

    #[test]
    fn firing_comes_first_then_the_severe_and_the_order_stays() {
        let severities = ["info", "page", "x", "critical", "warning", "error", "", "CRITICAL"];
        let mut alerts: Vec<Alert> = vec![resolved(alert(&[("severity", "critical")], &[]))];
        alerts.extend(severities.map(|severity| alert(&[("severity", severity)], &[])));
        let notification = notification(alerts);
        let facts = facts(&notification);
        let order: Vec<_> = facts.alerts.iter().map(|alert| alert.labels.get("severity")).collect();
        let expected =
            ["critical", "CRITICAL", "page", "error", "warning", "info", "x", "", "critical"];
        assert_eq!(order, expected.map(Some));
        assert_eq!((facts.firing, facts.resolved, facts.status), (8, 1, Status::Firing));
        assert_eq!(facts.severest, "critical");
    }

    #[test]
    fn what_is_common_is_what_the_shown_alerts_share() {
        let one = alert(&[("alertname", "A"), ("job", "node")], &[("summary", "s")]);
        let two = alert(&[("alertname", "B"), ("job", "node")], &[("summary", "s")]);
        let mut notification = notification(vec![one, two]);
        notification.common_labels = [("claimed", "not true")].into_iter().collect();
        let facts = facts(&notification);
        assert_eq!(*facts.labels, [("job", "node")].into_iter().collect());
        assert_eq!(*facts.annotations, [("summary", "s")].into_iter().collect());
        assert_eq!(facts.names, ["A", "B"]);
        notification.alerts.clear();
        assert_eq!(*self::facts(&notification).labels, notification.common_labels);
    }

    #[test]
    fn severities_are_counted_among_what_the_heading_speaks_of() {
        let mut alerts = vec![resolved(alert(&[("severity", "critical")], &[]))];
        alerts.extend(["info", "warning", "warning"].map(|s| alert(&[("severity", s)], &[])));
        alerts.push(alert(&[], &[]));
        let notification = notification(alerts);
        let facts = facts(&notification);
        assert_eq!(facts.severities, [("warning", 2), ("info", 1), ("", 1)]);
        assert_eq!(facts.urgency(), Urgency::Unknown, "as red as its reddest line");
    }

    #[test]
    fn only_a_group_by_something_or_of_one_name_is_silenced_as_one() {
        let named = |name: &str, pod: &str| alert(&[("alertname", name), ("pod", pod)], &[]);
        let same = vec![named("A", "1"), named("A", "2")];
        let others = vec![named("A", "1"), named("B", "1")];
        let group: Labels = [("pod", "1")].into_iter().collect();
        let one = resolved(named("A", "2"));
        for (alerts, group_labels, expected) in [
            (same.clone(), Labels::default(), true),
            (others.clone(), Labels::default(), false),
            (others, group, true),
            (vec![named("A", "1"), one], Labels::default(), false),
        ] {
            let notification = Notification { group_labels, ..notification(alerts) };
            assert_eq!(facts(&notification).is_silenced_as_one(), expected);
        }
    }

    #[test]
    fn places_are_read_widest_first_and_origins_last() {
        let names = ["a", "prometheus", "pod", "job", "alertname", "severity", "cluster", "z"];
        let labels: Labels =
            names.map(|name| (name, "v")).into_iter().chain([("e", " ")]).collect();
        let order: Vec<&str> =
            places(&labels, &SeverityOrder::USUAL).into_iter().map(|(name, _)| name).collect();
        assert_eq!(order, ["cluster", "pod", "a", "z", "job", "prometheus"]);
    }
}
