//! When a receiver is active: time intervals with Alertmanager's meaning, of which one has to hold.
//!
//! An instant is read on the clock and the calendar of each interval's own zone, so a change of the
//! clocks moves nothing: an hour that comes twice counts twice, and one that is left out never comes.
//! Now is a value that is given.

mod date_field;
mod date_range;
mod interval;
mod time_of_day;

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use self::date_field::DateField;
pub use self::date_range::{DateRange, DateRangeError};
pub use self::interval::{Dates, TimeInterval, zone_name};
pub use self::time_of_day::{TimeOfDay, TimeRange, TimeRangeError};

/// The times at which a receiver is active; without an interval, always.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActiveTimes(Vec<TimeInterval>);

impl ActiveTimes {
    /// The times of these intervals, of which one has to hold.
    #[must_use]
    pub fn new(intervals: Vec<TimeInterval>) -> Self {
        Self(intervals)
    }

    /// Whether they hold at this instant.
    #[must_use]
    pub fn hold(&self, at: Timestamp) -> bool {
        self.0.is_empty() || self.0.iter().any(|interval| interval.contains(at))
    }

    /// The intervals, in the file's order.
    #[must_use]
    pub fn as_slice(&self) -> &[TimeInterval] {
        &self.0
    }

    /// Why they hold at this instant or not, as a sentence without capital and full stop; nothing
    /// where there are no intervals.
    #[must_use]
    pub fn why(&self, at: Timestamp) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        let there = there(&self.0, at);
        Some(match self.0.iter().find(|interval| interval.contains(at)) {
            Some(interval) => format!("within active_times: {interval}; {there}"),
            None => format!("outside active_times: {self}; {there}"),
        })
    }
}

/// For people: `Mon-Fri 09:00-18:00 Asia/Shanghai or Sat-Sun UTC`.
impl fmt::Display for ActiveTimes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, interval) in self.0.iter().enumerate() {
            write!(f, "{}{interval}", if index == 0 { "" } else { " or " })?;
        }
        Ok(())
    }
}

/// What the clocks of the intervals' zones show: `it is Saturday 2026-11-21 03:12 there`.
fn there(intervals: &[TimeInterval], at: Timestamp) -> String {
    let mut zones: Vec<&TimeZone> = Vec::new();
    let bounded = intervals.iter().flat_map(TimeInterval::with_its_exceptions);
    for interval in bounded.filter(|interval| !interval.is_unbounded()) {
        if !zones.contains(&&interval.zone) {
            zones.push(&interval.zone);
        }
    }
    let shown = |zone: &TimeZone| at.to_zoned(zone.clone()).strftime("%A %F %H:%M").to_string();
    match zones.as_slice() {
        [] => format!("it is {} UTC", shown(&TimeZone::UTC)),
        [zone] => format!("it is {} there", shown(zone)),
        several => {
            let shown =
                several.iter().map(|zone| format!("{} in {}", shown(zone), zone_name(zone)));
            format!("it is {}", shown.collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
