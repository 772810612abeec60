//! Reading the layout that nearly all texts with a time have.
//!
//! What is not plainly of that layout is left to the general parser, which accepts a little more
//! and says what is wrong.

use super::civil::days_in;
use super::parse::{fraction, shown_at};
use super::{Time, Zone};

impl Time {
    /// Go's `time.Parse(time.RFC3339, text)`, as JSON's times are read too.
    ///
    /// An offset that `local` has at that instant gives a time in that zone; any other one gives
    /// a zone of that offset, without a name.
    ///
    /// # Errors
    /// When the text is no such time, in Go's words.
    pub fn rfc3339(text: &[u8], local: &Zone) -> Result<Self, String> {
        Self::parse(b"2006-01-02T15:04:05Z07:00", text, local)
    }
}

/// The time of a text that is plainly in the layout.
pub(super) fn read(text: &[u8], local: &Zone) -> Option<Time> {
    let (plain, rest) = text.split_at_checked(19)?;
    let [y1, y2, y3, y4, b'-', o1, o2, b'-', d1, d2, b'T', h1, h2, b':', m1, m2, b':', s1, s2] =
        *plain
    else {
        return None;
    };
    let year = pair(y1, y2)? * 100 + pair(y3, y4)?;
    let month = pair(o1, o2).filter(|month| (1..=12).contains(month))?;
    let day = pair(d1, d2).filter(|day| (1..=days_in(month, year)).contains(day))?;
    let hour = pair(h1, h2).filter(|hour| *hour < 24)?;
    let minute = pair(m1, m2).filter(|minute| *minute < 60)?;
    let second = pair(s1, s2).filter(|second| *second < 60)?;
    let (nanoseconds, rest) = nanoseconds(rest)?;
    let (date, clock) = ([year, month, day], [hour, minute, second]);
    let time = |zone| Time::of(date, clock, nanoseconds, zone);
    match *rest {
        [b'Z'] => Some(time(Zone::Utc)),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let hours = pair(h1, h2).filter(|hour| *hour < 24)?;
            let minutes = pair(m1, m2).filter(|minute| *minute < 60)?;
            let offset = (hours * 60 + minutes) * 60;
            let offset = if sign == b'-' { -offset } else { offset };
            Some(shown_at(&time(Zone::Utc), offset, b"", local))
        }
        _ => None,
    }
}

fn nanoseconds(text: &[u8]) -> Option<(i64, &[u8])> {
    if !matches!(text, [b'.', b'0'..=b'9', ..]) {
        return Some((0, text));
    }
    let digits = text.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(1 + digits)?;
    Some((fraction(digits).ok()?, rest))
}

fn pair(tens: u8, ones: u8) -> Option<i64> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
    Some(digit(tens)? * 10 + digit(ones)?)
}
