//! Samples that have the labels and annotations which a template asks for by name.
//!
//! A template may be made for alerts that all have a label of the user's own, which no built-in sample
//! has. Only if it fails with these too, it is wrong.

use std::collections::{BTreeMap, BTreeSet};

use crate::alert::{Alert, Labels, Notification};

/// What the values may look like: an address with a path, a number, a time.
const VALUES: [&str; 3] = ["db-1.example:9100/data", "93.2", "2026-11-28T14:09:51Z"];

/// The names that a template asks for, each with the texts that it compares the value with.
pub(super) type Asked = BTreeMap<String, BTreeSet<String>>;

/// `notification` with all labels and annotations that are asked for, once with each kind of value.
pub(super) fn with(notification: &Notification, asked: &Asked) -> Vec<Notification> {
    let filled = (0..VALUES.len()).map(|kind| {
        let fill = |labels: &Labels| fill(labels, asked, kind);
        let alert = |alert: &Alert| Alert {
            labels: fill(&alert.labels),
            annotations: fill(&alert.annotations),
            ..alert.clone()
        };
        let filled = Notification {
            alerts: notification.alerts.iter().map(alert).collect(),
            group_labels: fill(&notification.group_labels),
            route_labels: fill(&notification.route_labels),
            ..notification.clone()
        };
        filled.recomputed()
    });
    filled.collect()
}

/// The names of what alerts have to have that `notification` does not: those that it lacks, and those
/// whose values are compared.
pub(super) fn wanted(notification: &Notification, asked: &Asked) -> Vec<String> {
    let has = |name: &str| {
        let mut alerts = notification.alerts.iter();
        alerts.all(|alert| {
            [&alert.labels, &alert.annotations].iter().any(|of| of.get(name).is_some())
        })
    };
    let wanted = asked.iter().filter(|(name, texts)| !texts.is_empty() || !has(name));
    wanted.map(|(name, _)| name.clone()).collect()
}

/// What is compared with a text has that text, and of several, each kind has another one.
fn fill(labels: &Labels, asked: &Asked, kind: usize) -> Labels {
    let mut pairs: BTreeMap<&str, &str> = labels.iter().collect();
    for (name, texts) in asked {
        let compared = texts.iter().cycle().nth(kind);
        match compared {
            Some(text) => {
                pairs.insert(name, text);
            }
            None => {
                pairs.entry(name).or_insert(VALUES[kind]);
            }
        }
    }
    pairs.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::{alert, notification};

    #[test]
    fn what_is_asked_for_is_there_and_what_was_there_stays_unless_it_is_compared() {
        let of = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let asked: Asked =
            [("severity", of(&["page", "ticket"])), ("team", of(&[])), ("a", of(&[]))]
                .map(|(name, texts)| (name.to_owned(), texts))
                .into();
        let one = notification(vec![alert(&[("severity", "info"), ("a", "b")], &[])]);
        let invented = with(&one, &asked);
        let values = |name: &str| -> Vec<&str> {
            invented.iter().map(|one| one.common_labels.get(name).unwrap()).collect()
        };
        assert_eq!(values("severity"), ["page", "ticket", "page"]);
        assert_eq!(values("team"), VALUES);
        assert_eq!(values("a"), ["b"; 3]);
        assert_eq!(invented[1].alerts[0].annotations.get("team"), Some("93.2"));
    }
}
