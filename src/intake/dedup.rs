//! What makes two notifications the same: their group, and the state that the group is in.
//!
//! Twins of a highly available Alertmanager and answers that were lost send one state twice.
//! Texts and order of the alerts and the URLs of their senders are no part of a state, because twins
//! differ in those. Pure; the store compares states within the accept transaction.

use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::alert::{Notification, Status};
use crate::queue::StateHash;

/// Why Alertmanager 0.34 sends an unchanged group again (`notify/dedup_stage.go`).
const REPEATED: &str = "repeat interval elapsed";

/// For every other reason an unchanged state is no news within this time.
const WITH_REASON: Duration = Duration::from_hours(1);

/// What names the alert group: its key, else a hash of the labels that made it, else of its alerts.
#[must_use]
pub(super) fn group_of(notification: &Notification) -> String {
    if !notification.group_key.is_empty() {
        return notification.group_key.clone();
    }
    if !notification.group_labels.is_empty() {
        let labels = notification.group_labels.iter().flat_map(|(name, value)| [name, value]);
        return format!("labels:{}", hash(labels));
    }
    let mut fingerprints: Vec<_> =
        notification.alerts.iter().map(|alert| alert.fingerprint.as_str()).collect();
    fingerprints.sort_unstable();
    format!("alerts:{}", hash(fingerprints))
}

/// The state that the group is in: which alerts, since when, which of them ended when.
pub(super) fn state_of(notification: &Notification) -> StateHash {
    let mut alerts: Vec<_> = notification
        .alerts
        .iter()
        .map(|alert| {
            // A firing alert has no end that means anything; Alertmanager sets the zero time.
            let ends = alert.ends_at.filter(|_| alert.status == Status::Resolved);
            (&*alert.fingerprint, alert.status.as_str(), alert.starts_at, ends)
        })
        .collect();
    alerts.sort_unstable();
    let mut hasher = Hasher::default();
    for (fingerprint, status, starts, ends) in alerts {
        hasher.text(fingerprint);
        hasher.text(status);
        hasher.time(starts);
        hasher.time(ends);
    }
    hasher.0.update(notification.truncated_alerts.to_be_bytes());
    StateHash(hasher.0.finalize().first_chunk().copied().unwrap_or_default())
}

/// Within which time an equal state is a duplicate; `deduplicate` is the setting.
///
/// Alertmanager repeats an unchanged group on purpose, `repeat_interval` apart. Where it says why
/// it sends, and that is not the reason, an equal state is a twin's even if it comes late.
#[must_use]
pub(super) fn window(notification: &Notification, deduplicate: Duration) -> Duration {
    match notification.reason.as_deref() {
        None | Some("" | REPEATED) => deduplicate,
        // Zero says that every notification is wanted.
        Some(_) if deduplicate.is_zero() => deduplicate,
        Some(_) => deduplicate.max(WITH_REASON),
    }
}

/// SHA-256 of texts and times; each has its length or is as long as any other, so that no two lists
/// run together.
#[derive(Default)]
struct Hasher(Sha256);

impl Hasher {
    fn text(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text);
    }

    fn time(&mut self, time: Option<Timestamp>) {
        // No time is this early: jiff begins at the year -9999.
        let nanoseconds = time.map_or(i128::MIN, Timestamp::as_nanosecond);
        self.0.update(nanoseconds.to_be_bytes());
    }

    fn in_hex(self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = String::with_capacity(64);
        for byte in self.0.finalize() {
            hex.push(char::from(DIGITS[usize::from(byte >> 4)]));
            hex.push(char::from(DIGITS[usize::from(byte & 0xf)]));
        }
        hex
    }
}

fn hash<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Hasher::default();
    texts.into_iter().for_each(|text| hasher.text(text));
    hasher.in_hex()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::{Alert, Labels};

    fn at(second: i64) -> Option<Timestamp> {
        Timestamp::from_second(second).ok()
    }

    fn alert(fingerprint: &str, status: Status) -> Alert {
        Alert {
            status,
            labels: Labels::default(),
            annotations: Labels::default(),
            starts_at: at(1_000),
            ends_at: at(2_000).filter(|_| status == Status::Resolved),
            generator_url: "http://prometheus-0".into(),
            fingerprint: fingerprint.into(),
            offsets: crate::alert::Offsets::default(),
        }
    }

    fn notification() -> Notification {
        Notification {
            group_key: "{}:{alertname=\"Disk\"}".into(),
            status: Status::Firing,
            receiver: "ops".into(),
            group_labels: [("alertname", "Disk")].into_iter().collect(),
            common_labels: Labels::default(),
            common_annotations: Labels::default(),
            route_labels: Labels::default(),
            external_url: "http://alertmanager-0".into(),
            alerts: vec![alert("aa", Status::Firing), alert("bb", Status::Resolved)],
            truncated_alerts: 0,
            reason: None,
        }
    }

    /// The notification, changed.
    fn with(change: impl FnOnce(&mut Notification)) -> Notification {
        let mut notification = notification();
        change(&mut notification);
        notification
    }

    #[test]
    fn what_twins_differ_in_is_no_part_of_a_state() {
        let state = state_of(&notification());
        for same in [
            with(|n| n.external_url = "http://alertmanager-1".into()),
            with(|n| n.alerts[0].generator_url = "http://prometheus-1".into()),
            with(|n| n.alerts.reverse()),
            with(|n| n.alerts[0].ends_at = at(9)),
            with(|n| n.reason = Some("new alerts in the group".into())),
            with(|n| n.alerts[0].annotations = [("value", "91 %")].into_iter().collect()),
        ] {
            assert_eq!(state_of(&same), state, "{same:?}");
        }
    }

    #[test]
    fn what_is_news_makes_another_state() {
        let state = state_of(&notification());
        for other in [
            with(|n| n.alerts[0].status = Status::Resolved),
            with(|n| n.alerts[0].starts_at = at(1_001)),
            with(|n| n.alerts[1].ends_at = at(2_001)),
            with(|n| n.alerts[0].fingerprint = "cc".into()),
            with(|n| n.alerts.truncate(1)),
            with(|n| n.truncated_alerts = 1),
        ] {
            assert_ne!(state_of(&other), state, "{other:?}");
        }
    }

    #[test]
    fn a_group_without_a_key_is_known_by_its_labels_and_then_by_its_alerts() {
        assert_eq!(group_of(&notification()), "{}:{alertname=\"Disk\"}");
        let labels = with(|n| n.group_key.clear());
        let reversed = with(|n| {
            n.group_key.clear();
            n.alerts.reverse();
        });
        assert!(group_of(&labels).starts_with("labels:"));
        assert_eq!(group_of(&labels), group_of(&reversed));
        let bare = |n: &mut Notification| {
            n.group_key.clear();
            n.group_labels = Labels::default();
        };
        let alerts = with(bare);
        let reversed = with(|n| {
            bare(n);
            n.alerts.reverse();
        });
        assert!(group_of(&alerts).starts_with("alerts:"));
        assert_eq!(group_of(&alerts), group_of(&reversed));
        assert_ne!(
            group_of(&alerts),
            group_of(&with(|n| {
                bare(n);
                n.alerts.truncate(1);
            }))
        );
    }

    #[test]
    fn texts_do_not_run_together_in_a_hash() {
        assert_ne!(hash(["ab", "c"]), hash(["a", "bc"]));
    }

    #[test]
    fn a_reason_that_is_not_the_repeat_interval_widens_the_window() {
        let (minute, hour) = (Duration::from_mins(1), Duration::from_hours(1));
        let table = [
            (None, minute),
            (Some(""), minute),
            (Some("repeat interval elapsed"), minute),
            (Some("new alerts in the group"), hour),
        ];
        for (reason, expected) in table {
            let notification = with(|n| n.reason = reason.map(str::to_owned));
            assert_eq!(window(&notification, minute), expected, "{reason:?}");
            assert_eq!(window(&notification, Duration::ZERO), Duration::ZERO);
        }
    }
}
