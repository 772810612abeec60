//! Go's `time.Time`, `Duration` and zones, as templates use them.

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

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.seconds == other.seconds && self.nanoseconds == other.nanoseconds
    }
}

impl Default for Time {
    fn default() -> Self {
        Self::unix(-62_135_596_800, 0, Zone::Utc)
    }
}
pub(crate) const TIME_METHODS: &[crate::Function] = &[];
pub(crate) const DURATION_METHODS: &[crate::Function] = &[];
pub(crate) const MONTH_METHODS: &[crate::Function] = &[];
pub(crate) const WEEKDAY_METHODS: &[crate::Function] = &[];
