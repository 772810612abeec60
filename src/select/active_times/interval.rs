//! One time interval: all that it says of a time has to hold, and none of its exceptions.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{DateField, DateRange, TimeRange};

/// An interval of time that comes again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeInterval {
    /// The times of day, of which one has to hold; without them, any time of day does.
    pub times: Option<Vec<TimeRange>>,
    /// What the date has to be, all of it.
    pub dates: Vec<Dates>,
    /// Where the clock and the calendar are.
    pub zone: TimeZone,
    /// What is taken out of it (`not`).
    pub exceptions: Vec<Self>,
}

/// The ranges of one part of a date, of which one has to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dates {
    /// Which part.
    pub field: DateField,
    /// The ranges; without any it never holds.
    pub ranges: Vec<DateRange>,
}

impl TimeInterval {
    /// Whether the instant is in it.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        let there = self.zone.to_datetime(at);
        let is_time = |times: &Vec<TimeRange>| times.iter().any(|it| it.contains(there.time()));
        let is_date = |dates: &Dates| dates.ranges.iter().any(|it| it.contains(there.date()));
        self.times.as_ref().is_none_or(is_time)
            && self.dates.iter().all(is_date)
            && !self.exceptions.iter().any(|exception| exception.contains(at))
    }

    /// Whether it asks nothing of a time.
    #[must_use]
    pub fn is_unbounded(&self) -> bool {
        self.times.is_none() && self.dates.is_empty()
    }

    /// Itself and what is taken out of it.
    pub(super) fn with_its_exceptions(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.exceptions)
    }

    /// What it asks of a time, in words; nothing if it asks nothing.
    fn bounds(&self) -> Vec<String> {
        let dates = self.dates.iter().map(|Dates { field, ranges }| {
            let ranges: Vec<String> = ranges.iter().map(|range| range.in_words()).collect();
            let what = if *field == DateField::DaysOfMonth { "days " } else { "" };
            listed(what, &ranges, field.key())
        });
        let times = self.times.iter().map(|times| {
            let times: Vec<String> = times.iter().map(ToString::to_string).collect();
            listed("", &times, "times")
        });
        dates.chain(times).collect()
    }

    /// In words, with its zone if that is not `outer`.
    fn in_words(&self, outer: Option<&TimeZone>) -> String {
        if self.is_unbounded() {
            return "always".to_owned();
        }
        let mut words = self.bounds();
        if outer != Some(&self.zone) {
            words.push(zone_name(&self.zone).to_owned());
        }
        words.join(" ")
    }
}

/// A list in words; an empty one never holds.
fn listed(what: &str, items: &[String], key: &str) -> String {
    if items.is_empty() {
        format!("never ({key}: [])")
    } else {
        format!("{what}{}", items.join(","))
    }
}

/// For people: `Mon-Fri 09:00-18:00 Asia/Shanghai, but not Oct days 1:7`.
impl fmt::Display for TimeInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_whole = self.is_unbounded() && !self.exceptions.is_empty();
        let outer = if is_whole { None } else { Some(&self.zone) };
        if !is_whole {
            f.write_str(&self.in_words(None))?;
        }
        for (index, exception) in self.exceptions.iter().enumerate() {
            let word = match (index, is_whole) {
                (0, true) => "not ",
                (0, false) => ", but not ",
                _ => " nor ",
            };
            write!(f, "{word}{}", exception.in_words(outer))?;
        }
        Ok(())
    }
}

/// The name of a zone.
#[must_use]
pub fn zone_name(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("UTC")
}
