//! Some alerts of a notification, as the set of their places.
//!
//! What a receiver keeps is a set and no copy: hundreds of receivers may keep thousands of alerts.

use std::borrow::Cow;

use super::Notification;

/// A set of alerts of one notification.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AlertSet {
    /// A bit for each alert, by its place in the notification.
    bits: Vec<u64>,
    /// How many alerts the notification has.
    of: usize,
}

impl AlertSet {
    /// The alerts at the places that `is_in` is true of, of a notification with `of` alerts.
    pub fn new(of: usize, is_in: impl Fn(usize) -> bool) -> Self {
        let mut bits = vec![0; of.div_ceil(64)];
        for place in (0..of).filter(|place| is_in(*place)) {
            bits[place / 64] |= 1 << (place % 64);
        }
        Self { bits, of }
    }

    /// All alerts of `notification`.
    #[must_use]
    pub fn all(notification: &Notification) -> Self {
        Self::new(notification.alerts.len(), |_| true)
    }

    /// Adds the alerts of another set of the same notification.
    pub fn add(&mut self, other: &Self) {
        for (bits, more) in self.bits.iter_mut().zip(&other.bits) {
            *bits |= more;
        }
    }

    /// Whether the alert at `place` is one of them.
    #[must_use]
    pub fn contains(&self, place: usize) -> bool {
        self.bits.get(place / 64).is_some_and(|bits| bits >> (place % 64) & 1 == 1)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bits.iter().map(|bits| bits.count_ones() as usize).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bits.iter().all(|bits| *bits == 0)
    }

    /// Whether they are all alerts of the notification.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.len() == self.of
    }

    /// `notification` as Alertmanager would have sent it for these alerts of its own alone; borrowed
    /// if they are all.
    #[must_use]
    pub fn alone<'n>(&self, notification: &'n Notification) -> Cow<'n, Notification> {
        if self.is_whole() {
            return Cow::Borrowed(notification);
        }
        let alerts = notification.alerts.iter().enumerate();
        let alerts = alerts.filter(|(place, _)| self.contains(*place));
        Cow::Owned(notification.with_alerts(alerts.map(|(_, alert)| alert.clone()).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_knows_its_places_also_beyond_a_word() {
        for of in [0, 1, 63, 64, 65, 200] {
            let odd = AlertSet::new(of, |place| place % 2 == 1);
            let places: Vec<usize> = (0..of + 70).filter(|place| odd.contains(*place)).collect();
            assert_eq!(places, (1..of).step_by(2).collect::<Vec<_>>());
            assert_eq!((odd.len(), odd.is_empty()), (of / 2, of < 2));
            assert!(AlertSet::new(of, |_| true).is_whole() && odd.is_whole() == (of == 0));
            let mut both = AlertSet::new(of, |place| place % 2 == 0);
            both.add(&odd);
            assert!(both.is_whole(), "{both:?}");
        }
    }
}
