//! The alerts of a payload, of which only so many are kept.
//!
//! Each is read whole and checked, one at a time; those that are not kept leave a count and a number
//! that stands for their state. A firing alert takes the place of a resolved one, so that what fires is
//! shown first, and no notification of which an alert fires reads as resolved.

use std::fmt;

use jiff::Timestamp;
use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use sha2::{Digest, Sha256};

use super::alert::PayloadAlert;
use super::payload::PayloadStatus;
use crate::alert::Skipped;

/// The alerts that are kept, in the sender's order, and what is left of the others.
#[derive(Debug, Default)]
pub(super) struct KeptAlerts<'a> {
    /// Nothing where an alert gave its place up.
    pub(super) alerts: Vec<Option<PayloadAlert<'a>>>,
    pub(super) skipped: Skipped,
}

/// Keeps at most so many alerts.
pub(super) struct Kept<'a> {
    most: usize,
    list: KeptAlerts<'a>,
    /// How many are kept.
    count: usize,
    /// Where the resolved ones among them stand.
    resolved: Vec<usize>,
}

impl<'a> Kept<'a> {
    pub(super) fn new(most: usize) -> Self {
        Self { most, list: KeptAlerts::default(), count: 0, resolved: Vec::new() }
    }

    fn add(&mut self, alert: PayloadAlert<'a>) {
        let is_resolved = alert.status == Some(PayloadStatus::Resolved);
        if self.count < self.most {
            self.count += 1;
        } else {
            let place = if is_resolved { None } else { self.resolved.pop() };
            let Some(place) = place else { return skip(&mut self.list.skipped, &alert) };
            if let Some(resolved) = self.list.alerts[place].take() {
                skip(&mut self.list.skipped, &resolved);
            }
        }
        if is_resolved {
            self.resolved.push(self.list.alerts.len());
        }
        self.list.alerts.push(Some(alert));
    }
}

/// Counts an alert that is not kept.
fn skip(skipped: &mut Skipped, alert: &PayloadAlert<'_>) {
    skipped.alerts += 1;
    skipped.undated |= alert.starts_at.as_ref().is_none_or(|time| time.at.is_none());
    // Such a notification's state is its body.
    if !skipped.undated {
        skipped.state = skipped.state.wrapping_add(state_of(alert));
    }
}

/// What stands for the state of one alert: 128 bits of a hash.
fn state_of(alert: &PayloadAlert<'_>) -> u128 {
    let mut hasher = Sha256::new();
    let mut text = |text: &str| {
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text);
    };
    text(alert.fingerprint.as_ref().map_or("", |fingerprint| &fingerprint.0));
    // Another program's fingerprint may stand for more than one set of labels.
    for (name, value) in alert.labels.iter().flat_map(|labels| labels.0.iter()) {
        text(name);
        text(value);
    }
    let is_resolved = alert.status == Some(PayloadStatus::Resolved);
    // The end that a firing alert is given means nothing.
    for time in [alert.starts_at.as_ref(), alert.ends_at.as_ref().filter(|_| is_resolved)] {
        let at = time.and_then(|time| time.at);
        hasher.update(at.map_or(i128::MIN, Timestamp::as_nanosecond).to_be_bytes());
    }
    hasher.update([u8::from(is_resolved)]);
    u128::from_be_bytes(hasher.finalize().first_chunk().copied().unwrap_or_default())
}

impl<'de> DeserializeSeed<'de> for Kept<'de> {
    type Value = KeptAlerts<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Kept<'de> {
    type Value = KeptAlerts<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of alerts")
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(self.list)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Self::Value, A::Error> {
        while let Some(alert) = list.next_element()? {
            self.add(alert);
        }
        Ok(self.list)
    }
}
