//! The times that several alerts share.

use jiff::Timestamp;

use crate::alert::Status;

/// The status of an alert, when it began and when it ended.
pub(in crate::render) type Span = (Status, Option<Timestamp>, Option<Timestamp>);

/// Times that are one to a reader, who sees minutes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::render) struct SharedTimes {
    /// When all alerts were that ended as they began, and beside which there is no other.
    pub(in crate::render) at: Option<Timestamp>,
    /// Since when all alerts fire, or fired.
    pub(in crate::render) start: Option<Timestamp>,
    /// Until when all alerts fired; none as long as one fires.
    pub(in crate::render) end: Option<Timestamp>,
}

impl SharedTimes {
    /// Those of all `spans`. What lasts and what does not have no time in common, since one word cannot say it
    /// of both.
    pub(in crate::render) fn of(spans: &[Span]) -> Self {
        let is_moment = |(_, start, end): &&Span| start.is_some() && start == end;
        let start = same_minute(spans.iter().map(|(_, start, _)| *start)).map(|(first, _)| first);
        match spans.iter().filter(is_moment).count() {
            0 => {
                let fires = spans.iter().any(|(status, ..)| *status == Status::Firing);
                let end = same_minute(spans.iter().map(|(_, _, end)| *end)).map(|(_, last)| last);
                Self { start, end: end.filter(|_| !fires), at: None }
            }
            moments if moments == spans.len() => Self { at: start, ..Self::default() },
            _ => Self::default(),
        }
    }

    /// Whether it is said once when each alert began, or was.
    pub(in crate::render) fn tell_the_beginning(&self) -> bool {
        self.at.or(self.start).is_some()
    }
}

/// The earliest and the latest of times that are one to a reader; none if one is not known.
fn same_minute(times: impl Iterator<Item = Option<Timestamp>>) -> Option<(Timestamp, Timestamp)> {
    let mut range: Option<(Timestamp, Timestamp)> = None;
    for time in times {
        let time = time?;
        let (first, last) = range.unwrap_or((time, time));
        range = Some((first.min(time), last.max(time)));
    }
    let minute = |time: Timestamp| time.as_second().div_euclid(60);
    range.filter(|(first, last)| minute(*first) == minute(*last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Option<Timestamp> {
        Timestamp::from_second(second).ok()
    }

    #[test]
    fn times_are_shared_if_a_reader_sees_no_difference() {
        for (times, expected) in [
            (vec![], None),
            (vec![at(61)], Some((61, 61))),
            (vec![at(119), at(60), at(90)], Some((60, 119))),
            (vec![at(59), at(60)], None),
            (vec![at(61), None], None),
            (vec![at(-1), at(-60)], Some((-60, -1))),
        ] {
            let same = same_minute(times.into_iter());
            assert_eq!(same.map(|(a, b)| (a.as_second(), b.as_second())), expected);
        }
    }

    #[test]
    fn what_tells_of_a_moment_shares_no_time_with_what_lasts() {
        let (firing, resolved) = (Status::Firing, Status::Resolved);
        let event = (firing, at(61), at(61));
        for (spans, expected) in [
            (vec![(firing, at(61), None), (firing, at(62), None)], (None, at(61), None)),
            (vec![(firing, at(61), None), (resolved, at(62), at(200))], (None, at(61), None)),
            (vec![(resolved, at(1), at(200)), (resolved, at(2), at(201))], (None, at(1), at(201))),
            (vec![event, (firing, at(62), at(62))], (at(61), None, None)),
            (vec![event, (firing, at(61), None)], (None, None, None)),
            (vec![event, (firing, at(200), at(200))], (None, None, None)),
        ] {
            let SharedTimes { at, start, end } = SharedTimes::of(&spans);
            assert_eq!((at, start, end), expected, "{spans:?}");
        }
    }
}
