//! Alertmanager's webhook payload, version 4, as the rest of Campana sees it.
//!
//! Pure data: `receive/alertmanager.rs` makes a [`Notification`] from bytes, and no later stage sees the
//! wire format. Times are instants; Alertmanager's zero time `0001-01-01T00:00:00Z` is `None`.
//! What a sender gives beyond that payload stands apart, in its [`NotificationExtras`] and
//! [`AlertExtras`].

mod alert_set;
mod extras;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

pub use alert_set::AlertSet;
pub use extras::{AlertExtras, NotificationExtras, Sender, shown_number};

/// Labels or annotations, sorted by name; each name stands once.
///
/// A list and no tree: there are a dozen of them, and Alertmanager writes them sorted. Names and
/// values stand one behind the other in one text, so that a dozen labels take two pieces of memory
/// and not two dozen.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Labels {
    text: String,
    pairs: Vec<Span>,
}

/// Where a name and its value stand in the text; the value begins where the name ends. No text is
/// longer: it is part of a body, which has at most 1 GiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    name: u32,
    value: u32,
    end: u32,
}

/// Room for the text of as many labels as an alert usually has, in bytes.
const USUAL_TEXT: usize = 256;

/// How many labels an alert usually has at most.
const USUAL_PAIRS: usize = 12;

impl Labels {
    /// The value of `name`, if it is there; an empty value is there.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self.pairs.binary_search_by(|pair| self.name(*pair).cmp(name)).ok()?;
        self.pairs.get(at).map(|pair| self.value(*pair))
    }

    /// All pairs, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|pair| (self.name(*pair), self.value(*pair)))
    }

    /// The bytes of all names and values.
    #[must_use]
    pub fn size(&self) -> usize {
        self.text.len()
    }

    /// Whether there is no pair at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    fn name(&self, pair: Span) -> &str {
        &self.text[pair.name as usize..pair.value as usize]
    }

    fn value(&self, pair: Span) -> &str {
        &self.text[pair.value as usize..pair.end as usize]
    }

    /// Where the text ends.
    fn end(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }

    /// Adds a pair behind the others, wherever its name belongs.
    fn push(&mut self, name: &str, value: &str) {
        if self.pairs.is_empty() {
            self.text.reserve(USUAL_TEXT);
            self.pairs.reserve(USUAL_PAIRS);
        }
        let start = self.end();
        self.text.push_str(name);
        let middle = self.end();
        self.text.push_str(value);
        self.pairs.push(Span { name: start, value: middle, end: self.end() });
    }

    /// Itself with its pairs in order, of each name the last one.
    fn sorted(self) -> Self {
        if self.pairs.is_sorted_by(|one, next| self.name(*one) < self.name(*next)) {
            return self;
        }
        let mut pairs: Vec<(&str, &str)> = self.iter().collect();
        pairs.reverse();
        pairs.sort_by_key(|(name, _)| *name);
        pairs.dedup_by_key(|(name, _)| *name);
        Self::of(pairs)
    }

    /// The pairs as they come, without the room that so few do not need: a payload can have a
    /// hundred thousand alerts with a label each.
    fn of(pairs: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>) -> Self {
        let mut labels = Self::default();
        for (name, value) in pairs {
            labels.push(name.as_ref(), value.as_ref());
        }
        if labels.text.len() < labels.text.capacity() / 2 {
            labels.text.shrink_to_fit();
        }
        if labels.pairs.len() < labels.pairs.capacity() / 2 {
            labels.pairs.shrink_to_fit();
        }
        labels
    }

    /// The pairs that every one of `all` has with the same value; of no labels at all, none.
    pub fn common<'a>(all: impl IntoIterator<Item = &'a Self>) -> Cow<'a, Self> {
        Self::common_beside(&Self::default(), all)
    }

    /// The same, of labels that are known to have the pairs of `known` in common already, so that
    /// only the other pairs are looked for.
    pub fn common_beside<'a>(
        known: &Self,
        all: impl IntoIterator<Item = &'a Self>,
    ) -> Cow<'a, Self> {
        let mut all = all.into_iter().peekable();
        let Some(first) = all.next() else { return Cow::default() };
        if all.peek().is_none() {
            return Cow::Borrowed(first);
        }
        let is_known = |(name, value): &(&str, &str)| known.get(name) == Some(*value);
        let mut others: Vec<_> = first.iter().filter(|pair| !is_known(pair)).collect();
        for labels in all {
            others.retain(|(name, value)| labels.get(name) == Some(*value));
            if others.is_empty() {
                break;
            }
        }
        // The others stand in the order of the first.
        let mut others = others.into_iter().peekable();
        let common =
            first.iter().filter(|pair| others.next_if_eq(pair).is_some() || is_known(pair));
        Cow::Owned(Self::of(common))
    }

    /// Prometheus' fingerprint: FNV-1a over the sorted names and values, each followed by the byte
    /// 0xff, as 16 hex digits (prometheus/common `model.LabelSet.Fingerprint`).
    #[must_use]
    pub fn fingerprint(&self) -> String {
        const OFFSET_BASIS: u64 = 14_695_981_039_346_656_037;
        const PRIME: u64 = 1_099_511_628_211;
        let mut hash = OFFSET_BASIS;
        for text in self.iter().flat_map(|(name, value)| [name, value]) {
            for byte in text.bytes().chain([0xff]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(PRIME);
            }
        }
        format!("{hash:016x}")
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for Labels {
    /// Of a name that stands twice, the last value counts.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self::of(pairs).sorted()
    }
}

/// Whether something is wrong now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// At least one alert is active.
    Firing,
    /// The alert, or every alert, has ended.
    Resolved,
}

impl Status {
    /// That of a notification with these alerts: firing as soon as one fires, else resolved.
    #[must_use]
    pub fn of(alerts: &[Alert]) -> Self {
        let is_firing = |alert: &Alert| alert.status == Self::Firing;
        if alerts.iter().any(is_firing) { Self::Firing } else { Self::Resolved }
    }

    /// Alertmanager's word: `firing` or `resolved`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Resolved => "resolved",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One alert of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Firing or resolved.
    pub status: Status,
    /// What identifies the alert; untrusted text.
    pub labels: Labels,
    /// What describes the alert; untrusted text.
    pub annotations: Labels,
    /// Since when; `None` where the sender gave none or the zero time.
    pub starts_at: Option<Timestamp>,
    /// Until when; `None` where the sender gave none or the zero time, as Alertmanager does for a
    /// firing alert. The end that another sender gives a firing alert means nothing.
    pub ends_at: Option<Timestamp>,
    /// The link to the expression's graph; may be empty.
    pub generator_url: String,
    /// 16 hex digits; computed from the labels where the sender gave none.
    pub fingerprint: String,
    /// How the sender wrote the two times.
    pub offsets: Offsets,
    /// The links and values of the sender's own; Alertmanager has none, so the usual alert stays small.
    pub extras: Option<Box<AlertExtras>>,
}

impl Alert {
    /// Whether it tells of a moment, and not of a state that lasts until a recovery: it ended as it began.
    /// Alertmanager sends none such, since what fires has no end there.
    #[must_use]
    pub fn is_event(&self) -> bool {
        self.status == Status::Firing && self.ended_as_it_began()
    }

    /// Whether it lasted no time.
    #[must_use]
    pub fn ended_as_it_began(&self) -> bool {
        self.starts_at.is_some() && self.starts_at == self.ends_at
    }

    /// The bytes of its texts.
    #[must_use]
    pub fn size(&self) -> usize {
        let extras = self.extras.as_deref().map_or(0, AlertExtras::size);
        self.labels.size() + self.annotations.size() + self.generator_url.len() + extras
    }
}

/// The distances from UTC, in seconds to the east, at which the times of an alert were written;
/// `None` for `Z`, which Go's templates show otherwise than a distance of nothing.
///
/// The instants say nothing of them, but Go's templates show a time as it was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Offsets {
    /// Of the start.
    pub starts: Option<i32>,
    /// Of the end.
    pub ends: Option<i32>,
}

/// The alerts of a notification beyond as many as are kept (`web.max_alerts`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Skipped {
    /// How many.
    pub alerts: u64,
    /// Stands for their state, whatever order they came in.
    pub state: u128,
    /// Whether it does not, because the sender did not say since when one of them fires.
    pub undated: bool,
}

/// One webhook POST: one alert group in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Alertmanager's key of the alert group; empty where the sender gave none.
    pub group_key: String,
    /// Firing as soon as one alert fires.
    pub status: Status,
    /// The receiver's name in `alertmanager.yml`; not ours.
    pub receiver: String,
    /// The labels that the group was made by.
    pub group_labels: Labels,
    /// The labels that all alerts share.
    pub common_labels: Labels,
    /// The annotations that all alerts share.
    pub common_annotations: Labels,
    /// The labels of Alertmanager's route (0.32 and newer).
    pub route_labels: Labels,
    /// Where the sender's own page is; may be empty.
    pub external_url: String,
    /// The alerts, in Alertmanager's order.
    pub alerts: Vec<Alert>,
    /// How many alerts Alertmanager left out (`max_alerts`), and how many of those that it sent were
    /// not kept.
    pub truncated_alerts: u64,
    /// Those that were not kept.
    pub skipped: Skipped,
    /// Why Alertmanager sent it (`notification_reason`, 0.32 and newer).
    pub reason: Option<String>,
    /// Whose pages [`Self::external_url`] leads to.
    pub sender: Sender,
    /// What the sender says of it beyond the rest.
    pub extras: Option<Arc<NotificationExtras>>,
}

/// Why Alertmanager 0.32 and newer sends a group that has ended (`notify/dedup_stage.go`).
const ALL_RESOLVED: &str = "all alerts resolved";

impl Notification {
    /// How many alerts the sender left out. Nothing is known of them, not even whether they fire.
    ///
    /// What was sent and not kept is no such alert: firing ones are kept first, so beside one that is
    /// resolved all of it is.
    #[must_use]
    pub fn unsent(&self) -> u64 {
        self.truncated_alerts.saturating_sub(self.skipped.alerts)
    }

    /// Whether the alerts that are here tell if the whole group has ended.
    ///
    /// Of a group that was cut, status and alerts are those of the first alerts; the others may fire though
    /// all of these are resolved.
    #[must_use]
    pub fn tells_the_end(&self) -> bool {
        self.unsent() == 0 || self.reason.as_deref() == Some(ALL_RESOLVED)
    }

    /// As Alertmanager would have sent it for these alerts of its own alone.
    ///
    /// Status and common labels and annotations are theirs; the rest stays, also the number of alerts
    /// that were left out.
    #[must_use]
    pub fn with_alerts(&self, alerts: Vec<Alert>) -> Self {
        Self {
            group_key: self.group_key.clone(),
            status: Status::of(&alerts),
            receiver: self.receiver.clone(),
            group_labels: self.group_labels.clone(),
            common_labels: Labels::common(alerts.iter().map(|alert| &alert.labels)).into_owned(),
            common_annotations: Labels::common(alerts.iter().map(|alert| &alert.annotations))
                .into_owned(),
            route_labels: self.route_labels.clone(),
            external_url: self.external_url.clone(),
            truncated_alerts: self.truncated_alerts,
            skipped: self.skipped,
            reason: self.reason.clone(),
            sender: self.sender,
            extras: self.extras.clone(),
            alerts,
        }
    }

    /// Status, common labels and common annotations as they are over the alerts it holds now.
    ///
    /// Of no alerts, the status is resolved and nothing is common.
    #[must_use]
    pub fn recomputed(mut self) -> Self {
        self.status = Status::of(&self.alerts);
        self.common_labels =
            Labels::common(self.alerts.iter().map(|alert| &alert.labels)).into_owned();
        self.common_annotations =
            Labels::common(self.alerts.iter().map(|alert| &alert.annotations)).into_owned();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_that_of_prometheus() {
        // From prometheus/common `model`: the fingerprint of no labels is FNV-1a's offset basis.
        assert_eq!(Labels::default().fingerprint(), "cbf29ce484222325");
    }

    #[test]
    fn only_a_reason_tells_that_a_group_has_ended_which_was_cut() {
        let empty = Notification {
            group_key: String::new(),
            status: Status::Resolved,
            receiver: String::new(),
            group_labels: Labels::default(),
            common_labels: Labels::default(),
            common_annotations: Labels::default(),
            route_labels: Labels::default(),
            external_url: String::new(),
            alerts: Vec::new(),
            truncated_alerts: 0,
            skipped: Skipped::default(),
            reason: None,
            sender: Sender::default(),
            extras: None,
        };
        for (truncated_alerts, skipped, reason, expected) in [
            (0, 0, None, (0, true)),
            (3, 0, None, (3, false)),
            (3, 0, Some("some alerts resolved"), (3, false)),
            (3, 0, Some("all alerts resolved"), (3, true)),
            (3, 3, None, (0, true)),
            (3, 2, None, (1, false)),
        ] {
            let skipped = Skipped { alerts: skipped, ..Skipped::default() };
            let reason = reason.map(str::to_owned);
            let one = Notification { truncated_alerts, skipped, reason, ..empty.clone() };
            assert_eq!((one.unsent(), one.tells_the_end()), expected);
        }
    }

    #[test]
    fn labels_are_sorted_and_of_a_name_that_stands_twice_the_last_value_counts() {
        let labels: Labels =
            [("b", "1"), ("a", "2"), ("b", "3"), ("a", "4"), ("c", "")].into_iter().collect();
        assert_eq!(labels.iter().collect::<Vec<_>>(), [("a", "4"), ("b", "3"), ("c", "")]);
        assert_eq!(
            (labels.get("b"), labels.get("c"), labels.get("d")),
            (Some("3"), Some(""), None)
        );
    }

    #[test]
    fn common_labels_are_those_with_one_value_everywhere() {
        let one: Labels = [("a", "1"), ("b", "2"), ("c", "3")].into_iter().collect();
        let two: Labels = [("a", "1"), ("b", "x")].into_iter().collect();
        assert_eq!(*Labels::common([&one, &two]), [("a", "1")].into_iter().collect());
        assert_eq!(*Labels::common([]), Labels::default());
        let three: Labels = [("a", "1"), ("b", "x"), ("c", "3")].into_iter().collect();
        let known: Labels = [("a", "1"), ("d", "no pair of theirs")].into_iter().collect();
        let both = [("a", "1"), ("b", "x")].into_iter().collect();
        assert_eq!(*Labels::common_beside(&known, [&two, &three]), both);
        assert_eq!(
            *Labels::common_beside(&known, [&two, &three, &one]),
            *Labels::common([&one, &two])
        );
    }
}
