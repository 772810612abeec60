//! Reading times: Go's `time.Parse` and `time.ParseInLocation`, with their words.

mod abbreviation;
mod fields;

use super::civil::{days_in, is_leap};
use super::layout;
use super::quote::quote;
use super::rfc3339;
use super::{Time, Zone};
use crate::value::Text;

pub(super) use fields::fraction;
use fields::{Fields, Wrong};

impl Time {
    /// Go's `time.Parse`: a text without a zone is in UTC; an offset or an abbreviation that
    /// `local` has gives a time in that zone.
    ///
    /// # Errors
    /// When the text is not as the layout wants it, in Go's words. They quote both, at up to four
    /// bytes for each of theirs.
    pub fn parse(layout: &[u8], text: &[u8], local: &Zone) -> Result<Self, String> {
        parse(layout, text, &Zone::Utc, local)
    }

    /// Go's `time.ParseInLocation`: a text without a zone is in `zone`, and offsets and
    /// abbreviations are those of `zone` too.
    ///
    /// # Errors
    /// As [`Time::parse`].
    pub fn parse_in(layout: &[u8], text: &[u8], zone: &Zone) -> Result<Self, String> {
        parse(layout, text, zone, zone)
    }

    /// The same instant in the zone that Go gives a text with this offset, in seconds east of UTC:
    /// `local` where that has the offset at that instant, otherwise one of the offset and no name.
    ///
    /// Not for a text with a `Z`, which is in UTC whatever `local` is.
    #[must_use]
    pub fn at_offset(self, offset: i32, local: &Zone) -> Self {
        self.zoned(offset, b"", local)
    }

    /// As [`Time::at_offset`], where `local` must have the abbreviation too if there is one.
    fn zoned(self, offset: i32, name: &[u8], local: &Zone) -> Self {
        let found = local.at(self.seconds());
        if found.offset == offset && (name.is_empty() || found.abbreviation() == name) {
            return self.in_zone(local.clone());
        }
        self.in_zone(Zone::Fixed { name: Text::from(name), offset })
    }
}

fn parse(layout: &[u8], text: &[u8], default: &Zone, local: &Zone) -> Result<Time, String> {
    if matches!(layout, b"2006-01-02T15:04:05Z07:00" | b"2006-01-02T15:04:05.999999999Z07:00")
        && let Some(time) = rfc3339::read(text, local)
    {
        return Ok(time);
    }
    let of_text = |words: &str| format!("parsing time {}{words}", quote(text));
    let unlike = |value: &[u8], wanted: &[u8]| {
        let (layout, value, wanted) = (quote(layout), quote(value), quote(wanted));
        of_text(&format!(" as {layout}: cannot parse {value} as {wanted}"))
    };
    let mut fields = Fields::default();
    let (mut rest, mut value) = (layout, text);
    loop {
        let part = layout::next(rest);
        value = skip(value, part.prefix).map_err(|value| unlike(value, part.prefix))?;
        let Some(chunk) = part.chunk else { break };
        rest = part.rest;
        value = match fields.read(chunk, value, rest) {
            Ok(behind) => behind,
            Err(Wrong::Range(what)) => return Err(of_text(&format!(": {what} out of range"))),
            Err(Wrong::Bad) => return Err(unlike(value, part.spelled)),
        };
    }
    if !value.is_empty() {
        return Err(of_text(&format!(": extra text: {}", quote(value))));
    }
    finish(&fields, default, local).map_err(|words| of_text(&format!(": {words}")))
}

/// Takes what stands for itself off the text; however many spaces there are, they are one. The
/// error is where the text differs.
fn skip<'a>(text: &'a [u8], prefix: &[u8]) -> Result<&'a [u8], &'a [u8]> {
    let (mut text, mut prefix) = (text, prefix);
    while let Some((wanted, behind)) = prefix.split_first() {
        match text.split_first() {
            Some((b' ', _)) | None if *wanted == b' ' => {
                prefix = without_spaces(prefix);
                text = without_spaces(text);
            }
            Some((byte, rest)) if byte == wanted => (text, prefix) = (rest, behind),
            _ => return Err(text),
        }
    }
    Ok(text)
}

fn without_spaces(text: &[u8]) -> &[u8] {
    let spaces = text.iter().take_while(|byte| **byte == b' ').count();
    text.get(spaces..).unwrap_or_default()
}

/// The time of what was read.
fn finish(fields: &Fields<'_>, default: &Zone, local: &Zone) -> Result<Time, &'static str> {
    let (month, day) = month_and_day(fields)?;
    if day < 1 || day > days_in(month, fields.year) {
        return Err("day out of range");
    }
    let hour = match fields.hour {
        hour if fields.is_afternoon && hour < 12 => hour + 12,
        12 if fields.is_morning => 0,
        hour => hour,
    };
    let date = [fields.year, month, day];
    let clock = [hour, fields.minute, fields.second];
    let time = |zone| Time::of(date, clock, fields.nanoseconds, zone);
    if fields.is_utc {
        return Ok(time(Zone::Utc));
    }
    let name = fields.abbreviation;
    // Go marks a missing offset with -1, and takes a second west of UTC for it.
    if let Some(offset) = fields.offset.filter(|offset| *offset != -1) {
        return Ok(shown_at(&time(Zone::Utc), offset, name, local));
    }
    if name.is_empty() {
        return Ok(time(default.clone()));
    }
    let wall = time(Zone::Utc);
    if let Some(offset) = local.offset_of(name, wall.seconds()) {
        return Ok(moved(&wall, i64::from(offset)).in_zone(local.clone()));
    }
    // As in Go, the text is then in UTC, and the offset of `GMT+3` counts for what is shown only.
    let offset = abbreviation::hours_of_gmt(name).saturating_mul(3600);
    Ok(wall.in_zone(Zone::Fixed { name: Text::from(name), offset }))
}

/// What a clock `offset` seconds east of UTC shows as `wall`. The zone is `local` where that has
/// the offset, and the abbreviation if there is one; otherwise a fixed one.
pub(super) fn shown_at(wall: &Time, offset: i64, name: &[u8], local: &Zone) -> Time {
    moved(wall, offset).zoned(i32::try_from(offset).unwrap_or(0), name, local)
}

/// The instant at which clocks `offset` seconds east show what those in UTC show at `wall`.
fn moved(wall: &Time, offset: i64) -> Time {
    Time::unix(wall.seconds().saturating_sub(offset), wall.nanoseconds(), Zone::Utc)
}

fn month_and_day(fields: &Fields<'_>) -> Result<(i64, i64), &'static str> {
    let Some(yearday) = fields.yearday else {
        return Ok((fields.month.unwrap_or(1), fields.day.unwrap_or(1)));
    };
    let days = 365 + i64::from(is_leap(fields.year));
    if !(1..=days).contains(&yearday) {
        return Err("day-of-year out of range");
    }
    let (mut month, mut day) = (1, yearday);
    while day > days_in(month, fields.year) {
        day -= days_in(month, fields.year);
        month += 1;
    }
    if fields.month.is_some_and(|own| own != month) {
        return Err("day-of-year does not match month");
    }
    if fields.day.is_some_and(|own| own != day) {
        return Err("day-of-year does not match day");
    }
    Ok((month, day))
}
