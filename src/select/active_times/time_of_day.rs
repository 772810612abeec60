//! Times of day, and ranges of them; a range ends before its end.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Time;

/// The minutes of a day; as a time of day, its end.
const DAY: u16 = 24 * 60;

/// A time of day to the minute, from `00:00` to `24:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

/// From one time of day until just before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeRange {
    start: TimeOfDay,
    end: TimeOfDay,
}

/// Why two times of day make no range; says what to write instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimeRangeError {
    /// It would go on over midnight.
    #[error(
        "the range ends before it begins; over midnight, write two: {{start_time: '{start}', \
         end_time: '24:00'}}{}", morning(*.end)
    )]
    OverMidnight {
        /// Its start.
        start: TimeOfDay,
        /// Its end.
        end: TimeOfDay,
    },
    /// It ends where it begins.
    #[error(
        "the range is empty, since it ends where it begins; the whole day is {{start_time: \
         '00:00', end_time: '24:00'}}"
    )]
    Empty,
}

/// The second of the two ranges in place of one over midnight; none if that ends at midnight.
fn morning(end: TimeOfDay) -> String {
    if end.0 == 0 {
        return String::new();
    }
    format!(", {{start_time: '00:00', end_time: '{end}'}}")
}

/// Why a text is no time of day; says what it was probably meant to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a time of day as `HH:MM`, from `00:00` to `24:00`, found `{text}`{}", hint(*.meant))]
pub struct NoTimeOfDay {
    text: String,
    meant: Option<TimeOfDay>,
}

fn hint(meant: Option<TimeOfDay>) -> String {
    meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"))
}

impl TimeOfDay {
    fn of(hour: u16, minute: u16) -> Option<Self> {
        let minutes = hour.checked_mul(60)?.checked_add(minute)?;
        (minute < 60 && minutes <= DAY).then_some(Self(minutes))
    }

    /// What `9:00`, `9.30` or `18:00:00` was meant to be.
    fn meant(text: &str) -> Option<Self> {
        let mut numbers = text.trim().split([':', '.']).map(str::parse::<u16>);
        let (hour, minute) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
        if numbers.any(|second| second != Ok(0)) {
            return None;
        }
        Self::of(hour, minute)
    }
}

/// Reads `HH:MM`, with two digits each.
impl FromStr for TimeOfDay {
    type Err = NoTimeOfDay;

    fn from_str(text: &str) -> Result<Self, NoTimeOfDay> {
        let two_digits = |text: &str| {
            let is_right = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            is_right.then(|| text.parse().ok()).flatten()
        };
        let read = || {
            let (hour, minute) = text.split_once(':')?;
            Self::of(two_digits(hour)?, two_digits(minute)?)
        };
        read().ok_or_else(|| NoTimeOfDay { text: text.to_owned(), meant: Self::meant(text) })
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl TimeRange {
    /// From `start` until just before `end`.
    ///
    /// # Errors
    ///
    /// When it would be empty, or go on over midnight.
    pub fn new(start: TimeOfDay, end: TimeOfDay) -> Result<Self, TimeRangeError> {
        if start == end {
            return Err(TimeRangeError::Empty);
        }
        if start > end {
            return Err(TimeRangeError::OverMidnight { start, end });
        }
        Ok(Self { start, end })
    }

    /// Where it begins.
    #[must_use]
    pub fn start(self) -> TimeOfDay {
        self.start
    }

    /// Where it ends.
    #[must_use]
    pub fn end(self) -> TimeOfDay {
        self.end
    }

    /// Whether a clock that shows this time is in it.
    pub(super) fn contains(self, time: Time) -> bool {
        let minutes = i16::from(time.hour()) * 60 + i16::from(time.minute());
        let at = |time: TimeOfDay| i16::try_from(time.0).unwrap_or(i16::MAX);
        (at(self.start)..at(self.end)).contains(&minutes)
    }
}

/// For people: `09:00-18:00`.
impl fmt::Display for TimeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.start, self.end)
    }
}
