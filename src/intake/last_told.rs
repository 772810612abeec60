//! What fired in each alert group when it was told of last, by which a new incident is known.
//!
//! Alertmanager never sends the recovery of an alert that is silenced, muted or inhibited, and says of its
//! next incident only that it repeats the group. That the same alerts fire, and one of them since a later
//! time, tells the two incidents apart.
//! All this is in memory alone: after a restart, and beyond so many groups, a group has to be told once more
//! before its next incident is known for one. Until then nothing is said, which is never wrong.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::dedup;
use crate::alert::{Notification, Status};

/// How many groups a generation has; two generations are kept, a few MiB.
const GENERATION: usize = 16_384;

/// The groups that were told of last.
#[derive(Debug, Default)]
pub(super) struct LastTold {
    generations: Mutex<Generations>,
}

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<u64, Firing>,
    old: HashMap<u64, Firing>,
}

/// A group as a notification tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FiringGroup {
    /// Stands for the group, and for whom it was sent to.
    group: u64,
    firing: Firing,
}

/// What fires in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Firing {
    /// Stands for the alerts that fire.
    alerts: u64,
    /// When the newest of them began; none if none fires, or one of them has no start.
    newest: Option<Timestamp>,
}

impl FiringGroup {
    /// What `notification` tells `receiver`, or all of them.
    pub(super) fn of(receiver: Option<&str>, notification: &Notification) -> Self {
        let firing = notification.alerts.iter().filter(|alert| alert.status == Status::Firing);
        let starts: Option<Vec<Timestamp>> = firing.clone().map(|alert| alert.starts_at).collect();
        let newest = starts.and_then(|starts| starts.into_iter().max());
        let mut fingerprints: Vec<&str> = firing.map(|alert| &*alert.fingerprint).collect();
        fingerprints.sort_unstable();
        let group = hash(&(receiver, dedup::group_of(notification)));
        Self { group, firing: Firing { alerts: hash(&fingerprints), newest } }
    }
}

impl LastTold {
    /// When the newest alert began of those that were told of last, if they are the same that fire now.
    pub(super) fn until(&self, now: &FiringGroup) -> Option<Timestamp> {
        let generations = self.lock();
        let Generations { young, old } = &*generations;
        let last = young.get(&now.group).or_else(|| old.get(&now.group))?;
        last.newest.filter(|_| last.alerts == now.firing.alerts)
    }

    /// The group has been told of.
    pub(super) fn remember(&self, told: &FiringGroup) {
        let Generations { young, old } = &mut *self.lock();
        young.insert(told.group, told.firing);
        if young.len() >= GENERATION {
            *old = mem::take(young);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Generations> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receive::alertmanager;

    /// A group of alerts, each with its status and the minute since when.
    fn told(receiver: Option<&str>, key: &str, alerts: &[(&str, &str, u8)]) -> FiringGroup {
        let alert = |(name, status, minute): &(&str, &str, u8)| {
            format!(
                r#"{{"status": "{status}", "labels": {{"alertname": "{name}"}},
                    "startsAt": "2026-11-20T19:{minute:02}:00Z"}}"#
            )
        };
        let alerts: Vec<String> = alerts.iter().map(alert).collect();
        let body = format!(r#"{{"groupKey": "{key}", "alerts": [{}]}}"#, alerts.join(","));
        FiringGroup::of(receiver, &alertmanager::parse(body.as_bytes()).unwrap())
    }

    fn minute(told: Option<Timestamp>) -> Option<String> {
        told.map(|time| time.strftime("%M").to_string())
    }

    #[test]
    fn a_group_is_known_by_the_alerts_that_fire_and_by_whom_it_is_for() {
        let last = LastTold::default();
        let two = [("A", "firing", 5), ("B", "firing", 9), ("C", "resolved", 30)];
        last.remember(&told(Some("ops"), "g", &two));
        let until = |receiver, key, alerts: &[(&str, &str, u8)]| {
            minute(last.until(&told(receiver, key, alerts)))
        };
        let later = [("B", "firing", 20), ("A", "firing", 5)];
        assert_eq!(until(Some("ops"), "g", &later).as_deref(), Some("09"));
        assert_eq!(until(Some("db"), "g", &later), None);
        assert_eq!(until(None, "g", &later), None);
        assert_eq!(until(Some("ops"), "h", &later), None);
        assert_eq!(until(Some("ops"), "g", &later[..1]), None, "other alerts");
        last.remember(&told(Some("ops"), "g", &later));
        assert_eq!(until(Some("ops"), "g", &later).as_deref(), Some("20"));
    }

    #[test]
    fn a_recovery_that_was_told_and_a_start_that_nobody_knows_end_what_was_known() {
        let last = LastTold::default();
        let fires = told(None, "g", &[("A", "firing", 5)]);
        let undated = br#"{"groupKey": "g", "alerts": [{"labels": {"alertname": "A"}}]}"#;
        let undated = FiringGroup::of(None, &alertmanager::parse(undated).unwrap());
        for next in [told(None, "g", &[("A", "resolved", 5)]), told(None, "g", &[]), undated] {
            last.remember(&fires);
            assert!(last.until(&fires).is_some());
            last.remember(&next);
            assert_eq!((last.until(&fires), last.until(&next)), (None, None));
        }
    }

    #[test]
    fn the_oldest_of_very_many_groups_are_forgotten() {
        let last = LastTold::default();
        let one = |n: usize| told(None, &format!("g{n}"), &[("A", "firing", 5)]);
        (0..=2 * GENERATION).for_each(|n| last.remember(&one(n)));
        assert_eq!(last.until(&one(0)), None);
        assert!(
            last.until(&one(GENERATION)).is_some() && last.until(&one(2 * GENERATION)).is_some()
        );
    }
}
