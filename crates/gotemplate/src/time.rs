//! Go's `time.Time`, `Duration` and zones, as templates use them.
//!
//! Nothing here reads a clock or a file: the time now and the local zone come from the caller.

mod civil;
mod duration;
mod format;
mod instant;
mod layout;
mod location;
mod methods;
mod names;
mod parse;
mod quote;
mod rfc3339;
mod zone;

#[cfg(test)]
mod tests;

pub use duration::{duration_text, parse_duration, round_duration, truncate_duration};
pub(crate) use format::rfc3339_of;
pub(crate) use location::LOCATION;
pub(crate) use methods::{
    DURATION_METHODS, MONTH_METHODS, TIME_METHODS, WEEKDAY_METHODS, ZONE_METHODS,
};
pub use names::{month_text, weekday_text};

use crate::funcs::Function;
use crate::value::{Int, Type};

/// Where a time is shown.
#[derive(Debug, Clone, Default)]
pub enum Zone {
    /// Go's `time.UTC`.
    #[default]
    Utc,
    /// A zone of the tz database under its name, or under `Local`.
    Named {
        /// As Go's `Location.String()` gives it.
        name: crate::Text,
        /// Its rules.
        rules: jiff::tz::TimeZone,
    },
    /// A zone that a parsed text named: a fixed distance from UTC.
    Fixed {
        /// Its abbreviation; empty where the text had only digits.
        name: crate::Text,
        /// Seconds east of UTC.
        offset: i32,
    },
}

/// An instant with a zone, as Go's `time.Time` without its monotonic reading.
///
/// The default is Go's zero time, 0001-01-01T00:00:00Z.
#[derive(Debug, Clone)]
pub struct Time {
    seconds: i64,
    nanoseconds: u32,
    zone: Zone,
}

impl Time {
    /// The instant `seconds` and `nanoseconds` (below 1,000,000,000) after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn unix(seconds: i64, nanoseconds: u32, zone: Zone) -> Self {
        Self { seconds, nanoseconds, zone }
    }

    /// The seconds since 1970-01-01T00:00:00Z, rounded down.
    #[must_use]
    pub const fn seconds(&self) -> i64 {
        self.seconds
    }

    /// What [`Time::seconds`] leaves, below 1,000,000,000.
    #[must_use]
    pub const fn nanoseconds(&self) -> u32 {
        self.nanoseconds
    }

    /// Where the time is shown.
    #[must_use]
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The same instant, shown in another zone.
    #[must_use]
    pub fn in_zone(self, zone: Zone) -> Self {
        Self { zone, ..self }
    }
}

impl Default for Time {
    fn default() -> Self {
        Self::unix(-civil::UNIX_TO_INTERNAL, 0, Zone::Utc)
    }
}

impl From<jiff::Timestamp> for Time {
    fn from(timestamp: jiff::Timestamp) -> Self {
        let second = timestamp.as_second();
        // Before 1970 the fraction is negative, and a time counts up from the second below.
        let fraction = timestamp.subsec_nanosecond();
        if let Ok(nanoseconds) = u32::try_from(fraction) {
            return Self::unix(second, nanoseconds, Zone::Utc);
        }
        Self::unix(second - 1, 1_000_000_000 - fraction.unsigned_abs(), Zone::Utc)
    }
}

/// The methods that a template can call on values of a type of package `time`.
#[must_use]
pub fn methods_of(of: Type) -> &'static [Function] {
    match of {
        Type::Time => TIME_METHODS,
        Type::Int(Int::Duration) => DURATION_METHODS,
        Type::Int(Int::Month) => MONTH_METHODS,
        Type::Int(Int::Weekday) => WEEKDAY_METHODS,
        Type::Named(named) if named.name == LOCATION.name => ZONE_METHODS,
        _ => &[],
    }
}
