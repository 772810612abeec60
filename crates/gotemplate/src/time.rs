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

    /// Go's `Time.String`, of times in UTC.
    pub(crate) fn to_text(&self) -> crate::Text {
        let timestamp =
            jiff::Timestamp::new(self.seconds, i32::try_from(self.nanoseconds).unwrap_or(0));
        let time = timestamp.unwrap_or_default().strftime("%Y-%m-%d %H:%M:%S%.f +0000 UTC");
        crate::Text::from(time.to_string())
    }
}

impl Default for Time {
    fn default() -> Self {
        Self::unix(-62_135_596_800, 0, Zone::Utc)
    }
}

/// Go's `Duration.String`, of whole seconds.
pub(crate) fn duration_text(nanoseconds: i64) -> String {
    format!("{}s", nanoseconds / 1_000_000_000)
}

/// Go's `Month.String`.
pub(crate) fn month_text(month: i64) -> String {
    let names = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let name = usize::try_from(month - 1).ok().and_then(|at| names.get(at));
    name.map_or_else(|| format!("%!Month({month})"), |name| (*name).to_owned())
}

/// Go's `Weekday.String`.
pub(crate) fn weekday_text(weekday: i64) -> String {
    let names = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    let name = usize::try_from(weekday).ok().and_then(|at| names.get(at));
    name.map_or_else(|| format!("%!Weekday({weekday})"), |name| (*name).to_owned())
}
