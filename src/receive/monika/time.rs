//! Monika's times, as it writes them: `2026-11-28 23:51:15 Z`, `2026-11-29 07:51:15 +08:00`.

use jiff::Timestamp;
use jiff::fmt::temporal::{Pieces, PiecesOffset};
use serde::{Deserialize, Serialize};

/// An instant, and the distance from UTC at which it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Moment {
    pub(super) at: Timestamp,
    /// Seconds east of UTC; none for `Z`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) offset: Option<i32>,
}

impl Moment {
    /// Reads the text of a time; nothing where it is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut pieces = text.split_whitespace();
        let date = pieces.next()?;
        let time = if date.contains('T') { "" } else { "T" };
        // Other senders write RFC 3339, and that is read too.
        let text: String = [date, time].into_iter().chain(pieces).collect();
        let at = text.parse().ok()?;
        let offset = Pieces::parse(&*text).ok().and_then(|pieces| pieces.offset());
        let offset = offset.filter(|offset| !matches!(offset, PiecesOffset::Zulu));
        let offset = offset.map(|offset| offset.to_numeric_offset().seconds());
        Some(Self { at, offset })
    }

    /// An instant of our own clock.
    pub(super) fn of(at: Timestamp) -> Self {
        Self { at, offset: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_the_distance_from_utc_that_they_were_written_with() {
        for (text, at, offset) in [
            ("2026-11-28 23:51:15 Z", "2026-11-28T23:51:15Z", None),
            ("2026-11-29 07:51:15 +08:00", "2026-11-28T23:51:15Z", Some(28_800)),
            ("2026-11-28 20:21:15 -03:30", "2026-11-28T23:51:15Z", Some(-12_600)),
            ("2026-11-29 05:36:15 +05:45", "2026-11-28T23:51:15Z", Some(20_700)),
            (" 2026-11-28  23:51:15  Z ", "2026-11-28T23:51:15Z", None),
            ("2026-11-28T23:51:15.5Z", "2026-11-28T23:51:15.5Z", None),
            ("2026-11-28T23:51:15+00:00", "2026-11-28T23:51:15Z", Some(0)),
        ] {
            let expected = Moment { at: at.parse().unwrap(), offset };
            assert_eq!(Moment::parse(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in
            ["", " ", "noon", "2026-11-28", "2026-11-28 23:51:15", "Invalid Date", "1 2 3 4"]
        {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }
}
