//! Whom the messages to a destination mention: those whom all of them do, and whom its rules choose for
//! the alerts and the time. And the names in alerts that are not mentioned, which are counted and told.

use std::borrow::Cow;

use jiff::Timestamp;
use tracing::warn;

use crate::metrics::Metrics;
use crate::queue::Accepted;
use crate::render::{Mention, RenderBudget, Subject, Surface};
use crate::select::mention::{Chosen, People, Refused};
use crate::settings::Destination;

/// What a destination asks of a message about `subject`, and the names in alerts that it does not mention.
pub(super) fn surface<'d>(
    destination: &'d Destination,
    subject: &Subject<'_>,
    now: Timestamp,
    budget: &mut RenderBudget,
) -> (Cow<'d, Surface>, Vec<Refused>) {
    let surface = &destination.surface;
    let Some(rules) = &destination.mentions else { return (Cow::Borrowed(surface), Vec::new()) };
    budget.select(subject.whole().alerts.len(), rules.tests());
    let Mention { mobiles, user_ids, all, resolved } = surface.mention.clone();
    let always = People { mobiles, user_ids, all };
    let Chosen { people, refused } = rules.people(always, subject.alerts(), now);
    let People { mobiles, user_ids, all } = people;
    let mention = Mention { mobiles, user_ids, all, resolved };
    (Cow::Owned(Surface { mention, ..surface.clone() }), refused)
}

/// The names in alerts that no message to a receiver mentions.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct RefusedNames {
    receiver: String,
    names: Vec<Refused>,
}

impl RefusedNames {
    /// None yet.
    pub(super) fn of(receiver: &str) -> Self {
        Self { receiver: receiver.to_owned(), names: Vec::new() }
    }

    /// Adds those of one destination; its neighbours may refuse the same names.
    pub(super) fn add(&mut self, more: Vec<Refused>) {
        for refused in more {
            let known = self.names.iter_mut().find(|known| known.source == refused.source);
            match known {
                Some(known) => known.names = known.names.max(refused.names),
                None => self.names.push(refused),
            }
        }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Counts and tells of them; the names themselves are an alert's text, and stay out of the log.
    pub(super) fn tell(&self, metrics: &Metrics, notification: &str) {
        if self.is_empty() {
            return;
        }
        let names: usize = self.names.iter().map(|refused| refused.names).sum();
        let count = u64::try_from(names).unwrap_or(u64::MAX);
        metrics.mentions_refused.with_label_values(&[&self.receiver]).inc_by(count);
        warn!(
            notification.id = notification,
            receiver.name = self.receiver,
            names,
            "alerts name people who are not mentioned, because mention.allow lacks the names ({})",
            self.in_words().join(", ")
        );
    }

    /// Where they stand, and how many: ``label `oncall`: 2``.
    pub(super) fn in_words(&self) -> Vec<String> {
        self.names.iter().map(|one| format!("{}: {}", one.source, one.names)).collect()
    }
}

/// Counts and tells of those of the shares of a notification of which deliveries were made.
pub(super) fn tell_of_stored(
    of_shares: &[RefusedNames],
    accepted: &Accepted,
    metrics: &Metrics,
    notification: &str,
) {
    let Accepted { duplicates, untold, .. } = accepted;
    let is_stored = |place: &usize| !duplicates.contains(place) && !untold.contains(place);
    let stored = of_shares.iter().enumerate().filter(|(place, _)| is_stored(place));
    stored.for_each(|(_, refused)| refused.tell(metrics, notification));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::select::mention::Source;

    #[test]
    fn what_neighbours_refuse_alike_counts_once() {
        let of = |name: &str, names| Refused { source: Source::Label(name.to_owned()), names };
        let mut refused = RefusedNames::of("ops");
        assert!(refused.is_empty());
        refused.add(vec![of("a", 2), of("b", 1)]);
        refused.add(vec![of("a", 3)]);
        refused.add(vec![of("a", 1)]);
        assert_eq!(refused.names, [of("a", 3), of("b", 1)]);
    }
}
