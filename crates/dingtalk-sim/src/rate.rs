//! How often a robot or an app may call, and the ban that follows.
//!
//! The window slides: at no moment lie more than `messages` accepted calls within the last `per`.
//! Whether the real window slides is not known; a client that keeps to a sliding window keeps to
//! a fixed one too, so this is the stricter reading.

use std::collections::VecDeque;
use std::time::Duration;

/// A limit: so many accepted calls in any window of a length, then a ban.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Accepted calls in one window.
    pub messages: usize,
    /// The length of the window.
    pub per: Duration,
    /// How long every call is refused after one too many; zero: only until the window has room.
    pub ban: Duration,
    /// Whether a call during the ban begins it again.
    pub refused_calls_extend: bool,
}

impl Rate {
    /// A limit without a ban.
    #[must_use]
    pub fn of(messages: usize, per: Duration) -> Self {
        Self { messages, per, ban: Duration::ZERO, refused_calls_extend: false }
    }

    /// With a ban of this length.
    #[must_use]
    pub fn ban(mut self, ban: Duration) -> Self {
        self.ban = ban;
        self
    }

    /// With a ban that a refused call begins again.
    #[must_use]
    pub fn extended_by_refused_calls(mut self) -> Self {
        self.refused_calls_extend = true;
        self
    }
}

/// One caller's accepted calls and its ban.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    accepted: VecDeque<Duration>,
    banned_until: Duration,
}

impl Meter {
    /// Whether a ban refuses a call at `now`; such a call may lengthen it.
    pub(crate) fn refuses(&mut self, rate: Rate, now: Duration) -> bool {
        let banned = now < self.banned_until;
        if banned && rate.refused_calls_extend {
            self.banned_until = now + rate.ban;
        }
        banned
    }

    /// Takes a place in the window, or begins the ban when there is none.
    pub(crate) fn admits(&mut self, rate: Rate, now: Duration) -> bool {
        while self.accepted.front().is_some_and(|at| now.saturating_sub(*at) >= rate.per) {
            self.accepted.pop_front();
        }
        if self.accepted.len() >= rate.messages {
            self.banned_until = now + rate.ban;
            return false;
        }
        self.accepted.push_back(now);
        true
    }
}

/// The largest number of these moments, in ascending order, that lie within one window of `per`.
pub(crate) fn busiest(moments: &[Duration], per: Duration) -> usize {
    let mut first = 0;
    let mut most = 0;
    for (last, at) in moments.iter().enumerate() {
        while at.saturating_sub(moments[first]) >= per && first < last {
            first += 1;
        }
        most = most.max(last + 1 - first);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn admitted(meter: &mut Meter, rate: Rate, seconds: &[u32]) -> Vec<bool> {
        let call = |second: &u32| {
            let now = SECOND * *second;
            !meter.refuses(rate, now) && meter.admits(rate, now)
        };
        seconds.iter().map(call).collect()
    }

    #[test]
    fn the_window_slides_and_frees_each_place_one_length_after_it_was_taken() {
        let rate = Rate::of(2, SECOND * 10);
        let mut meter = Meter::default();
        let calls = admitted(&mut meter, rate, &[0, 5, 9, 10, 14, 15]);
        assert_eq!(calls, [true, true, false, true, false, true]);
    }

    #[test]
    fn a_ban_refuses_calls_for_which_the_window_has_room() {
        let rate = Rate::of(1, SECOND).ban(SECOND * 100);
        let mut meter = Meter::default();
        let calls = admitted(&mut meter, rate, &[0, 0, 50, 99, 100]);
        assert_eq!(calls, [true, false, false, false, true]);
    }

    #[test]
    fn a_refused_call_begins_the_ban_again_only_where_that_is_the_rule() {
        let rate = Rate::of(1, SECOND).ban(SECOND * 100).extended_by_refused_calls();
        let mut meter = Meter::default();
        let calls = admitted(&mut meter, rate, &[0, 0, 99, 100, 198, 300]);
        assert_eq!(calls, [true, false, false, false, false, true]);
    }

    #[test]
    fn the_busiest_window_excludes_its_own_end() {
        let cases: [(&[u64], usize); 5] = [
            (&[], 0),
            (&[7], 1),
            (&[0, 60], 1),
            (&[0, 1, 59, 60], 3),
            (&[0, 50, 100, 101, 102, 159], 4),
        ];
        for (seconds, most) in cases {
            let moments: Vec<_> = seconds.iter().map(|s| Duration::from_secs(*s)).collect();
            assert_eq!(busiest(&moments, SECOND * 60), most, "{seconds:?}");
        }
    }
}
