//! An alert's times, as the payload writes them.

use std::fmt;

use jiff::Timestamp;
use jiff::fmt::temporal::{Pieces, PiecesOffset};
use serde::de::{self, Deserialize, Deserializer, Visitor};

/// An RFC 3339 instant; the empty string and Go's zero time are none.
#[derive(Debug, Default)]
pub(super) struct Time {
    pub(super) at: Option<Timestamp>,
    /// Seconds east of UTC, as the text has them; none for `Z`.
    pub(super) offset: Option<i32>,
}

impl Time {
    /// Reads the text of a time; nothing where it is none.
    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || text.starts_with("0001-01-01") {
            return Some(Self::default());
        }
        let at = text.parse().ok();
        // Alertmanager writes UTC, and such a text has no distance to read.
        if at.is_some() && text.ends_with('Z') {
            return Some(Self { at, offset: None });
        }
        let pieces = Pieces::parse(text).ok();
        let at = at.or_else(|| latest(pieces.as_ref()?))?;
        let offset = pieces.and_then(|pieces| pieces.offset());
        let offset = offset.filter(|offset| !matches!(offset, PiecesOffset::Zulu));
        let offset = offset.map(|offset| offset.to_numeric_offset().seconds());
        Some(Self { at: Some(at), offset })
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TimeVisitor)
    }
}

struct TimeVisitor;

impl Visitor<'_> for TimeVisitor {
    type Value = Time;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an RFC 3339 time such as 2026-11-20T08:00:00Z")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Time, E> {
        Time::parse(text).ok_or_else(|| {
            let expected = "expected RFC 3339 such as 2026-11-20T08:00:00Z";
            E::custom(format!("invalid time {text:?}, {expected}"))
        })
    }
}

/// The last instant there is, for one in the last hours of the year 9999, as senders write "never".
fn latest(pieces: &Pieces<'_>) -> Option<Timestamp> {
    let is_late = pieces.date().year() == 9999 && pieces.date().month() == 12;
    (is_late && pieces.time().is_some() && pieces.offset().is_some()).then_some(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Time> {
        serde_json::from_value(text.into()).ok()
    }

    #[test]
    fn an_end_that_never_comes_does_not_lose_the_alert() {
        for text in
            ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59-12:00", "9999-12-31T00:00:00Z"]
        {
            assert_eq!(read(text).unwrap().at, Some(Timestamp::MAX), "{text}");
        }
        for text in ["9999-12-31", "9999-12-31T25:00:00Z", "9999-12-31T00:00:00"] {
            assert!(read(text).is_none(), "{text}");
        }
        let within = read("9999-12-30T00:00:00+08:00").unwrap();
        assert_eq!(within.at.unwrap().to_string(), "9999-12-29T16:00:00Z");
        assert_eq!(within.offset, Some(28_800));
    }
}
