//! What makes two notifications the same: their group, and the state that the group is in.
//!
//! Twins of a highly available Alertmanager and answers that were lost send one state twice.
//! Texts and order of the alerts and the URLs of their senders are no part of a state, because twins
//! differ in those. Of a sender that does not say which group it is or since when an alert fires, only
//! the very same body is the same state: what else could tell its news apart is not known.
//! Pure; the store compares states within the accept transaction.

use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::alert::{Labels, Notification, Status};
use crate::queue::{RequestKey, StateHash};

/// Why Alertmanager 0.34 sends an unchanged group again (`notify/dedup_stage.go`).
const REPEATED: &str = "repeat interval elapsed";

/// For every other reason an unchanged state is no news within this time.
const WITH_REASON: Duration = Duration::from_hours(1);

/// A repetition is a twin's within this time and meant as one after it, whatever the setting says:
/// Alertmanager repeats no group sooner than its `repeat_interval`, which is longer.
const REPETITION: Duration = Duration::from_mins(1);

/// What names the alert group: its key, else a hash of the labels that made it, else of its alerts.
#[must_use]
pub fn group_of(notification: &Notification) -> String {
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

/// The state that the group is in: which alerts, since when, which of them ended when; else a hash of
/// the `body` that the notification came in.
#[must_use]
pub fn state_of(notification: &Notification, body: &[u8]) -> StateHash {
    let mut hasher = Hasher::default();
    if is_from_alertmanager(notification) {
        hash_alerts(&mut hasher, notification);
    } else {
        hasher.0.update(body);
    }
    StateHash(hasher.0.finalize().first_chunk().copied().unwrap_or_default())
}

/// How long a request is known by the key that its sender gave it: longer than any sender tries again at
/// once, and shorter than Alertmanager's `repeat_interval`, since a proxy may write one key on every request.
const REQUEST: Duration = Duration::from_hours(1);

/// A request that came on the path `endpoint` with a key of its sender's own (`Idempotency-Key`).
#[must_use]
pub(super) fn request_key(
    key: &[u8],
    endpoint: &str,
    body: &[u8],
    deduplicate: Duration,
) -> RequestKey {
    let mut hasher = Hasher::default();
    hasher.text(endpoint);
    hasher.0.update(key);
    let name = format!("request:{}", hasher.in_hex());
    let body = Sha256::digest(body).first_chunk().copied().unwrap_or_default();
    RequestKey { name, body: StateHash(body), window: deduplicate.max(REQUEST) }
}

/// Whether it has what tells a group's states apart, as every notification of Alertmanager has.
fn is_from_alertmanager(notification: &Notification) -> bool {
    !notification.group_key.is_empty()
        && notification.alerts.iter().all(|alert| alert.starts_at.is_some())
        && !notification.skipped.undated
}

fn hash_alerts(hasher: &mut Hasher, notification: &Notification) {
    let mut alerts: Vec<_> = notification
        .alerts
        .iter()
        .map(|alert| {
            // A firing alert has no end that means anything; Alertmanager sets the zero time.
            let ends = alert.ends_at.filter(|_| alert.status == Status::Resolved);
            (&*alert.fingerprint, alert.status.as_str(), alert.starts_at, ends, &alert.labels)
        })
        .collect();
    // The labels decide only where two alerts are one in all else.
    alerts.sort_unstable_by(|one, other| {
        let key = |alert: &(_, _, _, _, &Labels)| (alert.0, alert.1, alert.2, alert.3);
        key(one).cmp(&key(other)).then_with(|| one.4.iter().cmp(other.4.iter()))
    });
    for (fingerprint, status, starts, ends, labels) in alerts {
        hasher.text(fingerprint);
        hasher.text(status);
        hasher.time(starts);
        hasher.time(ends);
        // Another program's fingerprint may stand for more than one set of labels.
        hasher.labels(labels);
    }
    hasher.0.update(notification.truncated_alerts.to_be_bytes());
    if notification.skipped.alerts > 0 {
        hasher.0.update(notification.skipped.state.to_be_bytes());
    }
}

/// Within which time an equal state is a duplicate; `deduplicate` is the setting.
///
/// Alertmanager repeats an unchanged group on purpose, `repeat_interval` apart. Where it says why
/// it sends, and that is not the reason, an equal state is a twin's even if it comes late.
#[must_use]
pub(super) fn window(notification: &Notification, deduplicate: Duration) -> Duration {
    match notification.reason.as_deref() {
        None | Some("") => deduplicate,
        Some(REPEATED) => deduplicate.min(REPETITION),
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

    fn labels(&mut self, labels: &Labels) {
        self.0.update((labels.iter().count() as u64).to_be_bytes());
        for (name, value) in labels.iter() {
            self.text(name);
            self.text(value);
        }
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
    use crate::alert::{Alert, Sender, Skipped};

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
            extras: None,
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
            skipped: Skipped::default(),
            reason: None,
            sender: Sender::default(),
            extras: None,
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
        let state = state_of(&notification(), b"one");
        for same in [
            with(|n| n.external_url = "http://alertmanager-1".into()),
            with(|n| n.alerts[0].generator_url = "http://prometheus-1".into()),
            with(|n| n.alerts.reverse()),
            with(|n| n.alerts[0].ends_at = at(9)),
            with(|n| n.reason = Some("new alerts in the group".into())),
            with(|n| n.route_labels = [("team", "db")].into_iter().collect()),
            with(|n| n.alerts[0].annotations = [("value", "91 %")].into_iter().collect()),
        ] {
            assert_eq!(state_of(&same, b"other"), state, "{same:?}");
        }
    }

    #[test]
    fn what_is_news_makes_another_state() {
        let state = state_of(&notification(), b"");
        for other in [
            with(|n| n.alerts[0].status = Status::Resolved),
            with(|n| n.alerts[0].starts_at = at(1_001)),
            with(|n| n.alerts[1].ends_at = at(2_001)),
            with(|n| n.alerts[0].fingerprint = "cc".into()),
            with(|n| n.alerts.truncate(1)),
            with(|n| n.truncated_alerts = 1),
            with(|n| n.skipped = Skipped { alerts: 1, state: 7, undated: false }),
            with(|n| n.skipped = Skipped { alerts: 1, state: 8, undated: false }),
            with(|n| n.alerts[0].labels = [("severity", "critical")].into_iter().collect()),
        ] {
            assert_ne!(state_of(&other, b""), state, "{other:?}");
        }
    }

    #[test]
    fn alerts_of_one_fingerprint_are_told_apart_by_their_labels_in_any_order() {
        let labels = |instance| [("instance", instance)].into_iter().collect::<Labels>();
        let twins = |first, second| {
            with(|n| {
                n.alerts = vec![alert("aa", Status::Firing), alert("aa", Status::Firing)];
                (n.alerts[0].labels, n.alerts[1].labels) = (labels(first), labels(second));
            })
        };
        let state = state_of(&twins("db-1", "db-2"), b"");
        assert_eq!(state_of(&twins("db-2", "db-1"), b""), state);
        assert_ne!(state_of(&twins("db-1", "db-1"), b""), state);
    }

    #[test]
    fn without_a_group_key_or_a_start_only_the_same_body_is_the_same_state() {
        for other in [
            with(|n| n.group_key.clear()),
            with(|n| n.alerts[1].starts_at = None),
            with(|n| n.skipped.undated = true),
        ] {
            let state = state_of(&other, b"disk 80 %");
            assert_eq!(state_of(&other, b"disk 80 %"), state);
            assert_ne!(state_of(&other, b"disk 99 %"), state);
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
    fn a_request_is_known_by_its_key_its_path_and_its_body() {
        let request = |key: &str, endpoint, body: &str, seconds| {
            let deduplicate = Duration::from_secs(seconds);
            request_key(key.as_bytes(), endpoint, body.as_bytes(), deduplicate)
        };
        let one = request("k", "/a", "b", 60);
        assert_eq!(request("k", "/a", "b", 0), one, "whatever time equal states have");
        for other in [request("l", "/a", "b", 60), request("k", "/b", "b", 60)] {
            assert_ne!(other.name, one.name);
        }
        assert_eq!(request("k", "/a", "c", 60).name, one.name);
        assert_ne!(request("k", "/a", "c", 60).body, one.body);
        assert_eq!(request("k", "/a", "b", 86_400).window, Duration::from_hours(24));
    }

    #[test]
    fn a_reason_widens_the_window_and_a_repetition_narrows_it() {
        let [second, minute, hour, day] = [1, 60, 3_600, 86_400].map(Duration::from_secs);
        let table = [
            (None, [second, minute, day]),
            (Some(""), [second, minute, day]),
            (Some("repeat interval elapsed"), [second, minute, minute]),
            (Some("new alerts in the group"), [hour, hour, day]),
        ];
        for (reason, expected) in table {
            let notification = with(|n| n.reason = reason.map(str::to_owned));
            let windows = [second, minute, day].map(|set| window(&notification, set));
            assert_eq!(windows, expected, "{reason:?}");
            assert_eq!(window(&notification, Duration::ZERO), Duration::ZERO);
        }
    }
}
