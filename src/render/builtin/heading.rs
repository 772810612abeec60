//! The heading: whether alerts fire and how many, their names, their severity and where they are.
//!
//! The heading is plain text and never empty; the title is the heading, cut to length.

use std::borrow::Cow;

use crate::alert::{Labels, Status};

use crate::render::facts::{Facts, is_origin, places};
use crate::render::plain;
use crate::render::severity::SeverityOrder;
use crate::render::words::Words;

/// The longest heading in the text, in characters; a few lines on a phone.
const HEADING_LENGTH: usize = 160;

/// The most that a heading shows of one value, in characters.
const VALUE_LENGTH: usize = 60;

/// Labels that tell alerts of one name apart, the most telling first.
const THINGS: [&str; 8] =
    ["instance", "pod", "node", "host", "hostname", "service", "container", "device"];

/// Names of alerts that say what befell a rule, while their label [`RULE`] says which one (Grafana,
/// `ngalert/state/compat.go`).
const ABOUT_RULES: [&str; 2] = ["DatasourceNoData", "DatasourceError"];

/// The label with the name of that rule.
const RULE: &str = "rulename";

/// `[FIRING:2] [RESOLVED:1] DiskFull critical prod` in its two halves.
#[derive(Debug)]
pub(in crate::render) struct Heading {
    /// The counts of firing and resolved alerts, in our own words.
    pub(in crate::render) counts: String,
    /// Names, severities and places: clean text, not longer than a heading may be.
    pub(in crate::render) about: String,
}

impl Heading {
    pub(in crate::render) fn of(facts: &Facts<'_>, words: &Words) -> Self {
        let mut about = names(facts, words);
        let lone = facts.is_lone().then_some(&*facts.labels);
        let things = things(lone, &facts.notification.group_labels, facts.order);
        for word in severities(facts, words).into_iter().chain(things) {
            about.extend([" ", &*word]);
        }
        let about = plain::cut(&about, HEADING_LENGTH).into_owned();
        Self { counts: counts(facts, words), about }
    }

    /// The whole heading without markup, from which a title is cut.
    pub(in crate::render) fn plain(&self) -> String {
        [&*self.counts, " ", &plain::unlinked(&self.about)].concat()
    }
}

fn counts(facts: &Facts<'_>, words: &Words) -> String {
    if facts.is_open() {
        let others = facts.notification.truncated_alerts;
        return (words.some_resolved)(facts.resolved, others.saturating_add(facts.resolved as u64));
    }
    let word = if facts.is_of_events() { words.event } else { words.firing };
    let firing = (facts.status == Status::Firing).then(|| format!("[{word}:{}]", facts.firing));
    let resolved = (facts.status == Status::Resolved || facts.resolved > 0)
        .then(|| format!("[{}:{}]", words.resolved, facts.resolved));
    let left_out = match facts.notification.truncated_alerts {
        0 => None,
        more => Some((words.left_out)(more)),
    };
    let counts = [firing, resolved, left_out].into_iter().flatten();
    counts.reduce(|counts, next| counts + " " + &next).unwrap_or_default()
}

fn names(facts: &Facts<'_>, words: &Words) -> String {
    let names: Vec<_> = facts.names.iter().copied().filter_map(value).collect();
    listed(&names, names.len(), words)
}

/// Up to three names, or two and how many of `count` are others.
pub(in crate::render) fn listed(names: &[Cow<'_, str>], count: usize, words: &Words) -> String {
    match names {
        [] => words.unnamed.to_owned(),
        [one, two, _, _, ..] => (words.names)(one, two, count),
        [..] => names.join(words.comma),
    }
}

/// What an event says that is no trouble.
const NO_SEVERITY: &str = "none";

/// One severity as it is; several severities with their counts, so that none hides another.
fn severities<'a>(facts: &'a Facts<'_>, words: &Words) -> Option<Cow<'a, str>> {
    match facts.severities.as_slice() {
        [] => None,
        [(NO_SEVERITY, _)] if facts.is_of_events() => None,
        [(severity, _)] => value(severity),
        [..] => {
            let counted = facts.severities.iter().map(|(severity, count)| {
                (words.severity)(value(severity).as_deref().unwrap_or(words.other), *count)
            });
            Some(counted.collect::<Vec<_>>().join(words.comma).into())
        }
    }
}

/// The place of the label, among those that an alert does not share with the others of its message, that
/// tells best which one it is; none among labels that say how it came about.
///
/// `own` is in the order of [`places`].
pub(in crate::render) fn telling(own: &[(&str, &str)]) -> Option<usize> {
    let known = |name: &&str| own.iter().position(|(own, _)| own == name);
    let first = || own.first().filter(|(name, _)| !is_origin(name)).map(|_| 0);
    THINGS.iter().find_map(known).or_else(first)
}

/// The rule, instance, pod or the like of a lone alert, and the labels that the group was made by.
pub(in crate::render) fn things<'a>(
    lone: Option<&'a Labels>,
    group: &'a Labels,
    order: &SeverityOrder,
) -> Vec<Cow<'a, str>> {
    let rule = lone.and_then(rule);
    let own = lone.and_then(|labels| THINGS.iter().find_map(|name| labels.get(name)));
    let group = places(group, order).into_iter().map(|(_, value)| value).take(3);
    let mut written = Vec::new();
    for thing in rule.into_iter().chain(own).chain(group).filter_map(value) {
        if !written.contains(&thing) {
            written.push(thing);
        }
    }
    written
}

/// The rule that the alert is about, if its name is no rule's.
fn rule(labels: &Labels) -> Option<&str> {
    let name = labels.get("alertname")?;
    ABOUT_RULES.contains(&name).then(|| labels.get(RULE))?
}

/// A value, cleaned and cut for a heading; none if it is blank.
pub(in crate::render) fn value(value: &str) -> Option<Cow<'_, str>> {
    let clean = plain::line(value, VALUE_LENGTH).text;
    (!clean.is_empty()).then_some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::{Alert, Notification};
    use crate::render::tests::{alert, notification, resolved};
    use crate::render::{Language, Subject};

    fn heading(notification: &Notification) -> String {
        Heading::of(Subject::new(notification, &SeverityOrder::USUAL).facts(), Language::En.words())
            .plain()
    }

    #[test]
    fn the_heading_says_the_state_the_count_the_name_the_severity_and_the_place() {
        let disk = |instance| {
            alert(&[("alertname", "Disk"), ("severity", "critical"), ("instance", instance)], &[])
        };
        let cases: [(Vec<Alert>, &str); 5] = [
            (vec![disk("db-1")], "[FIRING:1] Disk critical db-1"),
            (vec![disk("db-1"), disk("db-2")], "[FIRING:2] Disk critical"),
            (vec![resolved(disk("db-1")), disk("db-2")], "[FIRING:1] [RESOLVED:1] Disk critical"),
            (vec![resolved(disk("db-1"))], "[RESOLVED:1] Disk critical db-1"),
            (vec![alert(&[], &[])], "[FIRING:1] alert"),
        ];
        for (alerts, expected) in cases {
            assert_eq!(heading(&notification(alerts)), expected);
        }
    }

    #[test]
    fn what_tells_of_a_moment_is_an_event_and_no_alert_that_fires() {
        let event = |severity| {
            let mut one = alert(&[("alertname", "Started"), ("severity", severity)], &[]);
            one.ends_at = one.starts_at;
            one
        };
        let lasting = alert(&[("alertname", "Started"), ("severity", "none")], &[]);
        for (alerts, expected) in [
            (vec![event("none")], "[EVENT:1] Started"),
            (vec![event("warning")], "[EVENT:1] Started warning"),
            (vec![event("none"), lasting.clone()], "[FIRING:2] Started none"),
            (vec![lasting], "[FIRING:1] Started none"),
        ] {
            assert_eq!(heading(&notification(alerts)), expected);
        }
    }

    #[test]
    fn an_alert_about_a_rule_says_which_rule() {
        for (name, expected) in [
            ("DatasourceNoData", "[FIRING:1] DatasourceNoData Mem high db-1"),
            ("DatasourceError", "[FIRING:1] DatasourceError Mem high db-1"),
            ("Disk", "[FIRING:1] Disk db-1"),
        ] {
            let labels = [("alertname", name), ("rulename", "Mem high"), ("instance", "db-1")];
            assert_eq!(heading(&notification(vec![alert(&labels, &[])])), expected);
        }
    }

    #[test]
    fn several_names_and_severities_are_counted() {
        let of = |names: &[(&str, &str)]| {
            let alerts = names
                .iter()
                .map(|(name, severity)| alert(&[("alertname", name), ("severity", severity)], &[]));
            heading(&notification(alerts.collect()))
        };
        assert_eq!(
            of(&[("B", "warning"), ("A", "critical"), ("B", "warning")]),
            "[FIRING:3] A, B 1 critical, 2 warning"
        );
        assert_eq!(
            of(&[("A", "info"), ("B", "info"), ("C", "info"), ("D", "")]),
            "[FIRING:4] A, B and 2 others 3 info, 1 other"
        );
    }

    #[test]
    fn the_groups_labels_say_where_and_truncated_alerts_are_counted() {
        let mut one = notification(vec![alert(&[("alertname", "Up"), ("pod", "p")], &[])]);
        one.group_labels =
            [("alertname", "Up"), ("namespace", "prod"), ("pod", "p")].into_iter().collect();
        one.truncated_alerts = 5;
        assert_eq!(heading(&one), "[FIRING:1] +5 not shown: Up p prod");
        one.alerts.clear();
        one.group_labels = Labels::default();
        assert_eq!(heading(&one), "[FIRING:0] +5 not shown: Up");
    }

    #[test]
    fn a_group_that_was_cut_is_not_called_resolved_unless_the_sender_says_so() {
        let calm = |pod| resolved(alert(&[("alertname", "Up"), ("pod", pod)], &[]));
        let mut one = notification(vec![calm("a"), calm("b")]);
        one.truncated_alerts = 3;
        assert_eq!(heading(&one), "[2 of 5 resolved] Up");
        one.reason = Some("all alerts resolved".into());
        assert_eq!(heading(&one), "[RESOLVED:2] +3 not shown: Up");
        one.reason = None;
        one.skipped.alerts = 3;
        assert_eq!(heading(&one), "[RESOLVED:2] +3 not shown: Up", "firing ones are kept first");
    }

    #[test]
    fn the_host_tells_alerts_apart_or_else_the_first_place_or_label() {
        let of = |labels: &[(&str, &str)]| {
            let labels: Labels = labels.iter().copied().collect();
            let own = places(&labels, &SeverityOrder::USUAL);
            telling(&own).map(|at| own[at].0.to_owned())
        };
        for (labels, expected) in [
            (&[("cluster", "a"), ("job", "j"), ("pod", "p")][..], Some("pod")),
            (&[("pod", "p"), ("instance", "i")], Some("instance")),
            (&[("cluster", "a"), ("mountpoint", "/")], Some("cluster")),
            (&[("x", "1"), ("job", "j")], Some("x")),
            (&[("job", "j")], None),
            (&[], None),
        ] {
            assert_eq!(of(labels).as_deref(), expected);
        }
    }
}
