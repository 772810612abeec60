//! A look at all alerts of a notification, from which the facts of any of them are made.
//!
//! Hundreds of receivers may each keep other alerts of thousands, and to look a label up costs more
//! than all else. So each alert is looked at once, and a receiver's facts are made of numbers.

use std::borrow::Cow;
use std::collections::HashMap;
use std::mem;

use jiff::Timestamp;

use super::{Facts, Pages, SharedTimes, Span, distinct, name, severity};
use crate::alert::{Alert, AlertSet, Labels, Notification, Status};
use crate::render::severity::{Place, SeverityOrder};

/// What the messages of a notification say of its alerts, looked up once for all receivers.
#[derive(Debug)]
pub(in crate::render) struct Survey<'a> {
    notification: &'a Notification,
    order: &'a SeverityOrder,
    /// The alerts, in the order in which a message shows them.
    alerts: Vec<Surveyed<'a>>,
    /// The names of the alerts.
    names: Distinct<'a>,
    /// Their severities.
    severities: Distinct<'a>,
    /// The labels that all alerts have.
    labels: Cow<'a, Labels>,
    /// The annotations that all alerts have.
    annotations: Cow<'a, Labels>,
    /// When the newest alert began of those that were told of last.
    told_until: Option<Timestamp>,
}

/// One alert of a [`Survey`].
#[derive(Debug)]
struct Surveyed<'a> {
    alert: &'a Alert,
    /// Its place in the notification.
    place: usize,
    /// That of its severity.
    severe: Place,
    /// The numbers of its name and its severity, if it has them.
    name: Option<usize>,
    severity: Option<usize>,
}

/// Texts, each of which has a number.
#[derive(Debug, Default)]
struct Distinct<'a> {
    texts: Vec<&'a str>,
    numbers: HashMap<&'a str, usize>,
}

impl<'a> Distinct<'a> {
    fn number(&mut self, text: &'a str) -> usize {
        let Self { texts, numbers } = self;
        *numbers.entry(text).or_insert_with(|| {
            texts.push(text);
            texts.len() - 1
        })
    }
}

impl<'a> Survey<'a> {
    pub(in crate::render) fn new(notification: &'a Notification, order: &'a SeverityOrder) -> Self {
        let (mut names, mut severities) = (Distinct::default(), Distinct::default());
        let surveyed = notification.alerts.iter().enumerate().map(|(place, alert)| {
            let severity = severity(alert, order);
            Surveyed {
                alert,
                place,
                severe: order.place(severity.unwrap_or_default()),
                name: name(alert).map(|name| names.number(name)),
                severity: severity.map(|severity| severities.number(severity)),
            }
        });
        let mut alerts: Vec<_> = surveyed.collect();
        alerts.sort_by_key(|surveyed| (surveyed.alert.status, surveyed.severe));
        let (labels, annotations) = if alerts.is_empty() {
            (
                Cow::Borrowed(&notification.common_labels),
                Cow::Borrowed(&notification.common_annotations),
            )
        } else {
            (
                Labels::common(alerts.iter().map(|one| &one.alert.labels)),
                Labels::common(alerts.iter().map(|one| &one.alert.annotations)),
            )
        };
        let told_until = None;
        Self { notification, order, alerts, names, severities, labels, annotations, told_until }
    }

    /// The same of a group that was told of before, with the same alerts firing, of which the newest began
    /// then.
    pub(in crate::render) fn told_until(self, told_until: Option<Timestamp>) -> Self {
        Self { told_until, ..self }
    }

    /// The facts of the alerts in `kept`.
    pub(in crate::render) fn facts(&self, kept: &AlertSet) -> Facts<'a> {
        let shown = || self.alerts.iter().filter(|one| kept.contains(one.place));
        let alerts: Vec<&Alert> = shown().map(|one| one.alert).collect();
        let firing = alerts.partition_point(|alert| alert.status == Status::Firing);
        let status = match (firing, alerts.is_empty()) {
            (_, true) => self.notification.status,
            (0, false) => Status::Resolved,
            (1.., false) => Status::Firing,
        };
        let is_whole = alerts.len() == self.alerts.len();
        let common = |whole: &Cow<'a, Labels>, of: fn(&Alert) -> &Labels| {
            if is_whole {
                return whole.clone();
            }
            Labels::common_beside(whole, alerts.iter().copied().map(of))
        };
        let (names, severities) = if alerts.is_empty() {
            self.of_no_alerts()
        } else {
            let counted = shown().filter(|one| one.alert.status == status);
            (self.names(shown()), self.severities(counted))
        };
        let spans = alerts.iter().map(|alert| (alert.status, alert.starts_at, alert.ends_at));
        let spans: Vec<Span> = spans.collect();
        Facts {
            notification: self.notification,
            order: self.order,
            status,
            firing,
            resolved: alerts.len() - firing,
            names,
            severities,
            severest: shown()
                .find_map(|one| one.severity)
                .map_or("", |at| self.severities.texts[at]),
            labels: common(&self.labels, |alert| &alert.labels),
            annotations: common(&self.annotations, |alert| &alert.annotations),
            pages: Pages::shared(&alerts),
            times: SharedTimes::of(&spans),
            told_until: self.told_until,
            alerts,
        }
    }

    /// Names and severities where there is no alert: those that the sender says all have.
    fn of_no_alerts(&self) -> (Vec<&'a str>, Vec<(&'a str, usize)>) {
        let common = &self.notification.common_labels;
        let names = distinct(common.get("alertname").into_iter());
        (names, vec![(common.get(&self.order.label).unwrap_or_default(), 0)])
    }

    /// The names of the alerts, each once, in the order of the alerts.
    fn names<'s>(&self, shown: impl Iterator<Item = &'s Surveyed<'a>>) -> Vec<&'a str>
    where
        'a: 's,
    {
        let mut is_seen = vec![false; self.names.texts.len()];
        let numbers = shown.filter_map(|one| one.name);
        let first = numbers.filter(|number| !mem::replace(&mut is_seen[*number], true));
        first.map(|number| self.names.texts[number]).collect()
    }

    /// How many alerts have which severity, the most urgent first.
    fn severities<'s>(&self, shown: impl Iterator<Item = &'s Surveyed<'a>>) -> Vec<(&'a str, usize)>
    where
        'a: 's,
    {
        let none = self.severities.texts.len();
        let mut counts = vec![0; none + 1];
        shown.for_each(|one| counts[one.severity.unwrap_or(none)] += 1);
        let texts = self.severities.texts.iter().copied().chain([""]);
        let mut counted: Vec<_> = texts.zip(counts).filter(|(_, count)| *count > 0).collect();
        counted.sort_by_key(|(severity, _)| (self.order.place(severity), *severity));
        counted
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::render::tests::{alert, notification, resolved};

    /// A few names, severities and places, so that alerts have some of them in common.
    fn any_alert() -> impl Strategy<Value = Alert> {
        let values = |values: &'static [&'static str]| proptest::sample::select(values);
        let labels = (
            values(&["", " ", "Disk", "Cpu", "Up"]),
            values(&["", "critical", "CRITICAL", "warning", "odd"]),
            values(&["a", "b"]),
        );
        (labels, values(&["s", "t"]), any::<bool>(), any::<bool>()).prop_map(
            |((name, severity, place), summary, fires, has_graph)| {
                let labels = [("alertname", name), ("severity", severity), ("pod", place)];
                let mut one = alert(&labels, &[("summary", summary), ("same", "same")]);
                if !has_graph {
                    one.generator_url = String::new();
                }
                if fires { one } else { resolved(one) }
            },
        )
    }

    proptest! {
        #[test]
        fn the_facts_of_some_alerts_are_those_of_a_notification_of_them_alone(
            alerts in proptest::collection::vec((any_alert(), any::<bool>()), 1..12),
        ) {
            let (alerts, is_kept): (Vec<_>, Vec<_>) = alerts.into_iter().unzip();
            let whole = notification(alerts);
            let kept = AlertSet::new(is_kept.len(), |place| is_kept[place]);
            prop_assume!(!kept.is_empty());
            let alone = kept.alone(&whole);
            let some = Survey::new(&whole, &SeverityOrder::USUAL).facts(&kept);
            let all = Survey::new(&alone, &SeverityOrder::USUAL).facts(&AlertSet::all(&alone));
            prop_assert_eq!(&some.alerts, &all.alerts);
            prop_assert_eq!(
                (some.status, some.firing, some.resolved, some.severest, some.pages),
                (all.status, all.firing, all.resolved, all.severest, all.pages)
            );
            prop_assert_eq!((&some.names, &some.severities), (&all.names, &all.severities));
            prop_assert_eq!((&some.labels, &some.annotations), (&all.labels, &all.annotations));
            prop_assert_eq!((some.status, some.since()), (alone.status, all.since()));
            prop_assert_eq!(&*some.labels, &alone.common_labels);
        }
    }
}
