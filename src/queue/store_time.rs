//! The store's own time: wall time with the jumps taken out.
//!
//! Steady time is boot time plus an offset that the store keeps. Within one boot it moves with the
//! boot clock, so no clock setting moves a wait, a lease or an age; after a reboot it goes on from
//! the wall clock, but never back behind what was stored. All in milliseconds.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::clock::Now;

/// A hundred years: longer than any wait, and far from an overflow.
const LONGEST: i64 = 100 * 366 * 24 * 3_600 * 1_000;

/// What turns boot time to steady time; fixed while a store is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    /// Steady time when the machine booted.
    pub(super) offset: i64,
}

/// A moment on the steady line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    line: Line,
    now: Now,
}

impl Line {
    /// The line of a store that is opened in the boot in which it was last used.
    pub(super) fn same_boot(offset: i64) -> Self {
        Self { offset }
    }

    /// The line of a store that was last used before a reboot, at `last`.
    pub(super) fn new_boot(last: i64, now: Now) -> Self {
        let start = last.max(now.wall.as_millisecond());
        Self { offset: start.saturating_sub(floor(now.boot)) }
    }

    /// The moment that `now` is.
    pub(super) fn at(self, now: Now) -> Moment {
        Moment { line: self, now }
    }
}

impl Moment {
    /// Steady time; what is due at this very millisecond is due.
    pub(super) fn ms(self) -> i64 {
        floor(self.now.boot).saturating_add(self.line.offset)
    }

    /// Steady time, rounded up: for what ends now and is counted from.
    pub(super) fn ended_ms(self) -> i64 {
        millis(self.now.boot).saturating_add(self.line.offset)
    }

    /// Steady time after `wait`.
    pub(super) fn after(self, wait: Duration) -> i64 {
        self.ended_ms().saturating_add(millis(wait))
    }

    /// Steady time before `age`.
    pub(super) fn before(self, age: Duration) -> i64 {
        self.ms().saturating_sub(millis(age))
    }

    /// How long ago that was; zero if it is yet to come.
    pub(super) fn since(self, steady: i64) -> Duration {
        Duration::from_millis(self.ms().saturating_sub(steady).try_into().unwrap_or_default())
    }

    /// Wall time, as it is stored for people.
    pub(super) fn wall_ms(self) -> i64 {
        self.now.wall.as_millisecond()
    }

    /// When that is on the caller's boot clock.
    pub(super) fn boot(self, steady: i64) -> Duration {
        let ms = steady.saturating_sub(self.line.offset);
        Duration::from_millis(ms.try_into().unwrap_or_default())
    }

    /// When that is on the wall clock as it goes now.
    pub(super) fn wall(self, steady: i64) -> Timestamp {
        let left = SignedDuration::from_millis(steady.saturating_sub(self.ms()));
        self.now.wall.saturating_add(left).unwrap_or(self.now.wall)
    }
}

/// A duration in milliseconds, rounded up: no wait is cut short.
pub(super) fn millis(time: Duration) -> i64 {
    let up = time.as_nanos().div_ceil(1_000_000);
    i64::try_from(up).unwrap_or(LONGEST).min(LONGEST)
}

fn floor(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(LONGEST).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(wall_ms: i64, boot_ms: u64) -> Now {
        let wall = Timestamp::from_millisecond(wall_ms).expect("in range");
        Now { wall, boot: Duration::from_millis(boot_ms) }
    }

    #[test]
    fn a_jump_of_the_wall_clock_moves_no_steady_time() {
        let line = Line::new_boot(0, now(1_000_000, 500));
        assert_eq!(line.at(now(1_000_000, 500)).ms(), 1_000_000);
        assert_eq!(line.at(now(9_000_000, 600)).ms(), 1_000_100);
        assert_eq!(line.at(now(0, 700)).ms(), 1_000_200);
    }

    #[test]
    fn after_a_reboot_steady_time_never_goes_back() {
        for (last, wall, expected) in [(5_000, 9_000, 9_000), (5_000, 1_000, 5_000)] {
            let line = Line::new_boot(last, now(wall, 70));
            assert_eq!(line.at(now(wall, 70)).ms(), expected, "last {last}, wall {wall}");
        }
    }

    #[test]
    fn a_wait_is_told_in_the_callers_boot_time_and_todays_wall_time() {
        let moment = Line::new_boot(0, now(1_000_000, 500)).at(now(2_000_000, 600));
        let due = moment.after(Duration::from_millis(50));
        assert_eq!(moment.boot(due), Duration::from_millis(650));
        assert_eq!(moment.wall(due).as_millisecond(), 2_000_050);
        assert_eq!(moment.since(due), Duration::ZERO);
    }

    #[test]
    fn parts_of_a_millisecond_make_a_wait_longer_and_never_shorter() {
        assert_eq!(millis(Duration::from_micros(1)), 1);
        assert_eq!(millis(Duration::MAX), LONGEST);
        let half = Now { boot: Duration::from_micros(1_500), ..now(0, 0) };
        let moment = Line::same_boot(0).at(half);
        assert_eq!((moment.ms(), moment.ended_ms()), (1, 2));
    }
}
