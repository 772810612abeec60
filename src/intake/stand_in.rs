//! Built-in messages that stand in for templates which failed: counted by receiver, and told in the log.
//!
//! Under load a template fails with each message. The log has a line for each place at which it fails, and
//! then one an hour. Of an alert it has nothing: what the template says stands in it, and no value.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tracing::warn;

use crate::metrics::Metrics;
use crate::queue::{NewMessage, ReceiverShare};

/// How long a failure that was told is not told again.
const TELL_AGAIN: Duration = Duration::from_hours(1);

/// The most failures that are kept in mind; beyond, all are told anew. A receiver has one or two.
const MOST: usize = 1_000;

/// The longest place that is logged, in characters.
const PLACE_LENGTH: usize = 300;

/// Why messages to a receiver are not those that were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StandIns {
    /// The receiver.
    pub(super) receiver: String,
    /// The reason of each message.
    pub(super) reasons: Vec<String>,
}

impl StandIns {
    /// Those among the messages of a receiver; nothing if there are none.
    pub(super) fn among<'m>(
        receiver: &str,
        messages: impl IntoIterator<Item = &'m NewMessage>,
    ) -> Option<Self> {
        let reasons = messages.into_iter().filter_map(|message| message.render_error.clone());
        let reasons: Vec<String> = reasons.collect();
        (!reasons.is_empty()).then(|| Self { receiver: receiver.to_owned(), reasons })
    }

    /// Those of the shares of a notification, each with the place of its share.
    pub(super) fn of_shares(shares: &[ReceiverShare]) -> Vec<(usize, Self)> {
        let among = |share: &ReceiverShare| {
            Self::among(&share.receiver, share.messages.iter().map(|message| &**message))
        };
        let all = shares.iter().map(among).enumerate();
        all.filter_map(|(place, stand_ins)| Some((place, stand_ins?))).collect()
    }
}

/// What was told of failures, by receiver and place.
#[derive(Debug, Default)]
pub(super) struct Failures(Mutex<HashMap<(String, String), Told>>);

#[derive(Debug)]
struct Told {
    /// When, by the time since the machine started.
    at: Duration,
    /// How many messages failed since then.
    since: u64,
}

impl Failures {
    /// Counts and tells.
    pub(super) fn tell(&self, metrics: &Metrics, stand_ins: &StandIns, now: Duration) {
        let StandIns { receiver, reasons } = stand_ins;
        let count = u64::try_from(reasons.len()).unwrap_or(u64::MAX);
        metrics.render_fallbacks.with_label_values(&[receiver]).inc_by(count);
        for reason in reasons {
            let reason = without_values(reason);
            if let Some(messages) = self.due(receiver, &reason, now) {
                warn!(
                    receiver.name = receiver,
                    messages, "the built-in message stands in for the one asked for: {reason}"
                );
            }
        }
    }

    /// How many messages failed so since it was told, if it is to be told now.
    fn due(&self, receiver: &str, reason: &str, now: Duration) -> Option<u64> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (receiver.to_owned(), reason.to_owned());
        if let Some(told) = all.get_mut(&key) {
            told.since += 1;
            if now < told.at + TELL_AGAIN {
                return None;
            }
            let messages = std::mem::take(&mut told.since);
            told.at = now;
            return Some(messages);
        }
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(key, Told { at: now, since: 0 });
        Some(1)
    }
}

/// The reason without what an alert may have brought into it: the place in the template, and Go's words up
/// to the first value in them.
fn without_values(reason: &str) -> String {
    let (place, words) = match reason.split_once(">: ") {
        Some((place, words)) => (format!("{place}>: "), words),
        None => (String::new(), reason),
    };
    let end = words.find([':', '"', '`']).unwrap_or(words.len());
    let said = words.get(..end).unwrap_or_default();
    // What Go can't go through stands behind these words as it prints.
    let said = said.split_inclusive("can't iterate over").next().unwrap_or_default();
    let place: String = place.chars().take(PLACE_LENGTH).collect();
    format!("{place}{said}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_keeps_its_place_and_no_value_of_an_alert() {
        let at = "template: message.text:1:3: executing \"message.text\" at <";
        for (reason, expected) in [
            (
                format!("{at}.Foo>: can't evaluate field Foo in type *template.Data"),
                format!("{at}.Foo>: can't evaluate field Foo in type *template.Data"),
            ),
            (
                format!("{at}toDate \"2006\" .x>: error calling toDate: parsing time \"secret\""),
                format!("{at}toDate \"2006\" .x>: error calling toDate"),
            ),
            (
                format!("{at}.Status>: range can't iterate over secret"),
                format!("{at}.Status>: range can't iterate over"),
            ),
            ("the template gave no text".to_owned(), "the template gave no text".to_owned()),
        ] {
            assert_eq!(without_values(&reason), expected);
        }
    }

    #[test]
    fn a_failure_is_told_once_and_then_once_an_hour_with_how_many_there_were() {
        let failures = Failures::default();
        let hour = Duration::from_hours(1);
        let due = |receiver, reason, now| failures.due(receiver, reason, now);
        assert_eq!(due("a", "x", Duration::ZERO), Some(1));
        for second in 1..100 {
            assert_eq!(due("a", "x", Duration::from_secs(second)), None);
        }
        assert_eq!(due("b", "x", Duration::from_secs(5)), Some(1), "of another receiver");
        assert_eq!(due("a", "y", Duration::from_secs(5)), Some(1), "at another place");
        assert_eq!(due("a", "x", hour), Some(100));
        assert_eq!(due("a", "x", hour), None);
    }

    #[test]
    fn as_many_failures_as_there_may_be_do_not_fill_the_memory() {
        let failures = Failures::default();
        for number in 0..3 * MOST {
            assert_eq!(failures.due("a", &number.to_string(), Duration::ZERO), Some(1));
            assert!(failures.0.lock().unwrap().len() <= MOST);
        }
    }
}
