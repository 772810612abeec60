//! Limits above which new notifications are refused, while what is queued goes on being sent.
//!
//! Each limit has a lower mark at which they are taken again, a tenth below it (above it, for the
//! free room), so that a queue that stands at its limit does not open and shut with every message.

use std::fmt;
use std::time::Duration;

use jiff::SignedDuration;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// How many deliveries are queued (`storage.limits.queued`).
    Queued,
    /// Their bytes as they are stored (`storage.limits.queued_bytes`).
    QueuedBytes,
    /// For how long the first in a lane has been due (`storage.limits.oldest`).
    Oldest,
    /// What the disk has left (`storage.limits.free_disk`).
    FreeDisk,
}

impl Limit {
    /// Every limit, in the order in which they are told when several are reached.
    pub const ALL: [Self; 4] = [Self::FreeDisk, Self::QueuedBytes, Self::Queued, Self::Oldest];

    /// The name of its key.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::QueuedBytes => "queued_bytes",
            Self::Oldest => "oldest",
            Self::FreeDisk => "free_disk",
        }
    }
}

/// A number for each limit: where it is, or how far it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Levels {
    /// Deliveries.
    pub queued: u64,
    /// Bytes.
    pub queued_bytes: u64,
    /// How long the oldest has been due.
    pub oldest: Duration,
    /// Bytes.
    pub free_disk: u64,
}

impl Levels {
    /// Limits that nothing reaches.
    pub const NO_LIMITS: Self =
        Self { queued: u64::MAX, queued_bytes: u64::MAX, oldest: Duration::MAX, free_disk: 0 };

    /// The number of this limit; of an age, in milliseconds.
    fn of(&self, limit: Limit) -> u64 {
        match limit {
            Limit::Queued => self.queued,
            Limit::QueuedBytes => self.queued_bytes,
            Limit::Oldest => u64::try_from(self.oldest.as_millis()).unwrap_or(u64::MAX),
            Limit::FreeDisk => self.free_disk,
        }
    }
}

/// A limit that is reached, and what it says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Which one.
    pub limit: Limit,
    /// The number now.
    pub level: u64,
    /// The limit.
    pub most: u64,
    /// Where new notifications are taken again.
    pub again: u64,
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |number: u64| match self.limit {
            Limit::Queued => number.to_string(),
            Limit::QueuedBytes | Limit::FreeDisk => size(number),
            Limit::Oldest => age(number),
        };
        let (level, most, again) = (shown(self.level), shown(self.most), shown(self.again));
        let key = self.limit.as_str();
        let (what, remedy) = match self.limit {
            Limit::Queued => (format!("{level} deliveries are queued"), WHY_QUEUED),
            Limit::QueuedBytes => (format!("{level} of deliveries are queued"), WHY_QUEUED),
            Limit::Oldest => (format!("a delivery has been due for {level}"), WHY_QUEUED),
            Limit::FreeDisk => (format!("the disk has {level} left"), "make room"),
        };
        write!(
            f,
            "{what}, and storage.limits.{key} is {most}; {remedy}, or change the limit; they are \
             taken again at {again}; what is queued goes on being sent"
        )
    }
}

/// What to do about a long queue.
const WHY_QUEUED: &str = "see what they wait for (campana queue list --state queued)";

/// Bytes for people, never more than there are.
fn size(bytes: u64) -> String {
    match bytes {
        0..0x2800 => format!("{bytes} bytes"),
        0x2800..0xa0_0000 => format!("{} KiB", bytes >> 10),
        0xa0_0000.. => format!("{} MiB", bytes >> 20),
    }
}

/// Milliseconds for people, in whole seconds.
fn age(ms: u64) -> String {
    format!("{:#}", SignedDuration::from_secs(i64::try_from(ms / 1_000).unwrap_or(i64::MAX)))
}

/// Says from level to level whether new notifications are taken.
#[derive(Debug)]
pub struct Gauge {
    limits: Levels,
    /// Of each limit, whether it was reached and is not left again.
    reached: [bool; Limit::ALL.len()],
}

impl Gauge {
    /// A gauge at which no limit was reached yet.
    #[must_use]
    pub fn new(limits: Levels) -> Self {
        Self { limits, reached: [false; Limit::ALL.len()] }
    }

    /// The limit because of which none is taken at these levels.
    pub fn look(&mut self, levels: &Levels) -> Option<Reached> {
        let mut first = None;
        for (limit, reached) in Limit::ALL.into_iter().zip(&mut self.reached) {
            let (level, most) = (levels.of(limit), self.limits.of(limit));
            let again = again(limit, most);
            *reached = match limit {
                Limit::FreeDisk => level < if *reached { again } else { most },
                Limit::Queued | Limit::QueuedBytes | Limit::Oldest => {
                    level >= most || (*reached && level > again)
                }
            };
            if *reached {
                first = first.or(Some(Reached { limit, level, most, again }));
            }
        }
        first
    }
}

/// The level at which a limit that was reached is left again.
fn again(limit: Limit, most: u64) -> u64 {
    let tenth = most.div_ceil(10);
    match limit {
        Limit::FreeDisk => most.saturating_add(tenth),
        Limit::Queued | Limit::QueuedBytes | Limit::Oldest => most - tenth,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Levels = Levels {
        queued: 100,
        queued_bytes: 20 << 20,
        oldest: Duration::from_hours(48),
        free_disk: 64 << 20,
    };

    /// Far from every limit.
    const FINE: Levels =
        Levels { queued: 0, queued_bytes: 0, oldest: Duration::ZERO, free_disk: 1 << 40 };

    fn refusals(levels: impl IntoIterator<Item = Levels>) -> Vec<Option<Limit>> {
        let mut gauge = Gauge::new(LIMITS);
        levels.into_iter().map(|level| gauge.look(&level).map(|reached| reached.limit)).collect()
    }

    #[test]
    fn between_its_two_marks_a_limit_stays_as_it_was() {
        let queued = [99, 100, 101, 99, 91, 90, 91, 99, 100, 0, 99];
        let told = refusals(queued.map(|queued| Levels { queued, ..FINE }));
        let refused = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0];
        assert_eq!(told, refused.map(|refused| (refused == 1).then_some(Limit::Queued)));
        let free = [64, 63, 64, 70, 71, 64, 63].map(|mib: u64| mib << 20);
        let told = refusals(free.map(|free_disk| Levels { free_disk, ..FINE }));
        let refused = [0, 1, 1, 1, 0, 0, 1];
        assert_eq!(told, refused.map(|refused| (refused == 1).then_some(Limit::FreeDisk)));
    }

    #[test]
    fn each_limit_is_left_by_itself() {
        let old = Levels { oldest: Duration::from_hours(48), ..FINE };
        let both = Levels { queued_bytes: 20 << 20, ..old };
        let less = Levels { oldest: Duration::from_hours(44), ..FINE };
        let told = refusals([old, both, old, less, FINE, less]);
        let (bytes, oldest) = (Some(Limit::QueuedBytes), Some(Limit::Oldest));
        assert_eq!(told, [oldest, bytes, oldest, oldest, None, None]);
    }

    #[test]
    fn a_limit_of_one_is_left_when_nothing_is_there() {
        let mut gauge = Gauge::new(Levels { queued: 1, ..Levels::NO_LIMITS });
        let mut taken = |queued| gauge.look(&Levels { queued, ..FINE }).is_none();
        assert_eq!([0, 1, 0].map(&mut taken), [true, false, true]);
    }

    #[test]
    fn without_limits_nothing_is_refused() {
        let mut gauge = Gauge::new(Levels::NO_LIMITS);
        let most = Levels {
            queued: u64::MAX - 1,
            queued_bytes: u64::MAX - 1,
            oldest: Duration::from_hours(87_600),
            free_disk: 0,
        };
        assert_eq!(gauge.look(&most), None);
    }

    #[test]
    fn a_refusal_says_which_limit_how_far_and_what_to_do() {
        let table = [
            (
                Levels { queued: 120, ..FINE },
                "120 deliveries are queued, and storage.limits.queued is 100; see what they wait \
                 for (campana queue list --state queued), or change the limit; they are taken again \
                 at 90; what is queued goes on being sent",
            ),
            (
                Levels { queued_bytes: 21 << 20, ..FINE },
                "21 MiB of deliveries are queued, and storage.limits.queued_bytes is 20 MiB; ",
            ),
            (
                Levels { oldest: Duration::from_mins(2_890), ..FINE },
                "a delivery has been due for 48h 10m, and storage.limits.oldest is 48h; ",
            ),
            (
                Levels { free_disk: 700_000, ..FINE },
                "the disk has 683 KiB left, and storage.limits.free_disk is 64 MiB; make room, or \
                 change the limit; they are taken again at 70 MiB; ",
            ),
        ];
        for (levels, words) in table {
            let said = Gauge::new(LIMITS).look(&levels).expect("it is reached").to_string();
            assert!(said.starts_with(words), "{said}");
        }
    }
}
