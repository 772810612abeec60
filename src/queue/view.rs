//! What people and metrics are shown of the queue.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::{Answered, DeliveryId, Origin, State, Summary, Target};
use crate::dingtalk::message::Part;

/// Which deliveries to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only in this state.
    pub state: Option<State>,
    /// Only of this receiver.
    pub receiver: Option<String>,
    /// Only to this destination.
    pub destination: Option<String>,
    /// At most this many; 100 if zero, never more than 500.
    pub limit: usize,
    /// Only older ones than this delivery.
    pub after: Option<DeliveryId>,
}

/// A delivery, as people list it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its number.
    pub id: DeliveryId,
    /// The notification that it was made of.
    pub notification: String,
    /// What made it.
    pub origin: Origin,
    /// Where it goes.
    pub target: Target,
    /// The alert group.
    pub group: String,
    /// How it stands.
    pub state: State,
    /// How many attempts were started.
    pub attempts: u64,
    /// Why it is dead, or what it waits for; may be empty.
    pub reason: String,
    /// What of it is stored in a form that cannot be read, and why; empty for nearly all.
    pub unreadable: Vec<String>,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// When it was settled.
    pub settled_at: Option<Timestamp>,
    /// When its next attempt is due, if it is queued.
    pub due_at: Option<Timestamp>,
    /// How many parts it has.
    pub parts: usize,
    /// How many parts have arrived.
    pub arrived: usize,
    /// The title of its first part, or the first line of its text.
    pub title: String,
    /// The dead letter that it replays.
    pub replay_of: Option<DeliveryId>,
    /// The digest that carries it.
    pub carried_by: Option<DeliveryId>,
    /// What a digest shows of it.
    pub summary: Summary,
    /// Why the built-in message stands in for a template's.
    pub render_error: Option<String>,
}

impl Delivery {
    /// Adds to the reason of a queued delivery when its next attempt is made, if that is still to come.
    ///
    /// What was never attempted is due since it was accepted, unless its destination is dead: then that is
    /// probed first. What a digest carries waits for the digest.
    pub fn say_when(&mut self, now: Timestamp) {
        let due = self.due_at.filter(|due| *due > now && self.carried_by.is_none());
        let Some(due) = due.filter(|_| self.state == State::Queued) else { return };
        let what = if self.attempts == 0 { "probe" } else { "attempt" };
        let separator = if self.reason.is_empty() { "" } else { "; " };
        self.reason = format!("{}{separator}next {what} at {due:.0}", self.reason);
    }
}

/// One attempt of one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The part, counted from 0.
    pub part: usize,
    /// When it started.
    pub started_at: Timestamp,
    /// What DingTalk said; `None` while it is under way.
    pub answered: Option<Answered>,
}

/// A delivery with everything that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// The delivery.
    pub delivery: Delivery,
    /// The message as it was rendered, in parts.
    pub rendered: Vec<Part>,
    /// The parts as they are sent; they differ when one proved too long.
    pub parts: Vec<Part>,
    /// The attempts, oldest first.
    pub attempts: Vec<Attempt>,
}

/// What is queued for one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backlog {
    /// The destination.
    pub target: Target,
    /// How many deliveries are queued.
    pub queued: u64,
    /// How old the oldest of them is.
    pub oldest: Duration,
}

/// What was used of a quota in this calendar month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaUse {
    /// The quota's name.
    pub quota: String,
    /// How many messages DingTalk took.
    pub used: u64,
}

/// The store's totals; they survive restarts and retention.
///
/// At all times the accepted equal the settled and the queued, summed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Every delivery ever created, by origin.
    pub accepted: BTreeMap<Origin, u64>,
    /// Every delivery ever settled, by how.
    pub settled: BTreeMap<State, u64>,
    /// How many are queued now.
    pub queued: u64,
    /// What is queued where; destinations without a queue may be left out.
    pub backlogs: Vec<Backlog>,
    /// What was used of the quotas in this month.
    pub quotas: Vec<QuotaUse>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queued() -> Delivery {
        Delivery {
            id: DeliveryId(7),
            notification: "n-1".into(),
            origin: Origin::Notification,
            target: Target { receiver: "ops".into(), destination: "a".into() },
            group: "g".into(),
            state: State::Queued,
            attempts: 1,
            reason: "said".into(),
            unreadable: Vec::new(),
            accepted_at: "2026-11-20T19:12:00Z".parse().unwrap(),
            settled_at: None,
            due_at: Some("2026-11-20T19:12:05.4Z".parse().unwrap()),
            parts: 1,
            arrived: 0,
            title: "Disk".into(),
            replay_of: None,
            carried_by: None,
            summary: Summary::default(),
            render_error: None,
        }
    }

    #[test]
    fn a_reason_says_when_the_next_attempt_or_probe_is_made() {
        let now: Timestamp = "2026-11-20T19:12:01Z".parse().unwrap();
        for (delivery, expected) in [
            (queued(), "said; next attempt at 2026-11-20T19:12:05Z"),
            (Delivery { attempts: 0, ..queued() }, "said; next probe at 2026-11-20T19:12:05Z"),
            (
                Delivery { reason: String::new(), ..queued() },
                "next attempt at 2026-11-20T19:12:05Z",
            ),
            (Delivery { due_at: Some(now), ..queued() }, "said"),
            (Delivery { due_at: None, ..queued() }, "said"),
            (Delivery { carried_by: Some(DeliveryId(8)), ..queued() }, "said"),
            (Delivery { state: State::Dead, ..queued() }, "said"),
        ] {
            let mut told = delivery.clone();
            told.say_when(now);
            assert_eq!(told.reason, expected, "{delivery:?}");
            assert_eq!(Delivery { reason: delivery.reason.clone(), ..told }, delivery);
        }
    }
}
