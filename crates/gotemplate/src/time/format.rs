//! Writing times: Go's `Format`, `String` and `GoString`.

use super::civil::{Date, Moment};
use super::layout::{self, Calendar, Chunk, Clock, Fraction, Offset, Precision};
use super::names::{MONTHS, WEEKDAYS, name};
use super::quote::quote;
use super::{Time, Zone};
use crate::value::Text;

const RFC3339: &[u8] = b"2006-01-02T15:04:05Z07:00";
const RFC3339_NANO: &[u8] = b"2006-01-02T15:04:05.999999999Z07:00";

/// What trims zeros off nanoseconds.
const TRIMMED: Fraction = Fraction { separator: b'.', digits: 9, trim: true };

impl Time {
    /// Go's `Format`: the time as the layout shows Go's reference time.
    ///
    /// The result can be longer than the layout: see [`Time::format_bound`].
    #[must_use]
    pub fn format(&self, layout: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(layout.len().saturating_add(16));
        self.format_into(&mut out, layout);
        out
    }

    /// Appends what [`Time::format`] gives.
    pub fn format_into(&self, out: &mut Vec<u8>, layout: &[u8]) {
        match layout {
            RFC3339 => self.rfc3339_into(out, false),
            RFC3339_NANO => self.rfc3339_into(out, true),
            _ => self.layout_into(out, layout),
        }
    }

    /// The most bytes that the time takes in a layout; to be reserved where data gives the layout.
    #[must_use]
    pub fn format_bound(&self, layout: &[u8]) -> usize {
        // The longest year has 13 bytes and four in the layout, the longest abbreviation of the tz
        // database six and three; but a parsed text can have any.
        let abbreviation = self.zone.name().len().max(8);
        let abbreviations = layout.len() / 3;
        let other = layout.len().saturating_mul(4);
        abbreviations.saturating_mul(abbreviation).saturating_add(other)
    }

    fn layout_into(&self, out: &mut Vec<u8>, layout: &[u8]) {
        let offset = self.zone.offset_at(self.seconds);
        let moment = Moment::new(self.seconds, offset);
        let mut date = None;
        let mut rest = layout;
        while !rest.is_empty() {
            let (plain, chunks) = rest.split_at(layout::plain(rest));
            out.extend_from_slice(plain);
            rest = chunks;
            // Nearly all layouts have one of these, and no chunk reaches out of them.
            if let Some(behind) = rest.strip_prefix(b"2006-01-02") {
                date_into(out, *date.get_or_insert_with(|| moment.date()));
                rest = behind;
                continue;
            }
            if let Some(behind) = rest.strip_prefix(b"15:04:05") {
                out.extend_from_slice(&clock_text(moment));
                rest = behind;
                continue;
            }
            let part = layout::next(rest);
            out.extend_from_slice(part.prefix);
            let Some(chunk) = part.chunk else { break };
            match chunk {
                Chunk::Calendar(chunk) => {
                    calendar_into(out, chunk, *date.get_or_insert_with(|| moment.date()), moment);
                }
                Chunk::Clock(clock) => clock_into(out, clock, moment),
                Chunk::Offset(chunk) => offset_into(out, chunk, offset),
                Chunk::Fraction(fraction) => fraction_into(out, fraction, self.nanoseconds),
                Chunk::Abbreviation => {
                    abbreviation_into(out, self.zone.at(self.seconds).abbreviation(), offset);
                }
            }
            rest = part.rest;
        }
    }

    /// What Go's `String()` gives: `2026-11-20 08:00:30.123456789 +0000 UTC`.
    #[must_use]
    pub fn to_text(&self) -> Text {
        let mut out = Vec::with_capacity(48);
        self.text_into(&mut out);
        Text::from(out.as_slice())
    }

    /// Appends what [`Time::to_text`] gives.
    pub fn text_into(&self, out: &mut Vec<u8>) {
        let effect = self.zone.at(self.seconds);
        let moment = Moment::new(self.seconds, effect.offset);
        date_and_clock_into(out, moment, b' ');
        fraction_into(out, TRIMMED, self.nanoseconds);
        out.push(b' ');
        minutes_into(out, effect.offset, false);
        out.push(b' ');
        abbreviation_into(out, effect.abbreviation(), effect.offset);
    }

    /// What Go's `GoString()` gives, the verb `%#v`: `time.Date(2026, time.November, …)`.
    #[must_use]
    pub fn to_go_text(&self) -> Text {
        let moment = self.moment();
        let date = moment.date();
        let mut out = b"time.Date(".to_vec();
        int_into(&mut out, date.year, 0);
        out.extend_from_slice(b", time.");
        out.extend_from_slice(name(&MONTHS, date.month - 1).unwrap_or_default().as_bytes());
        let clock = [moment.hour(), moment.minute(), moment.second()];
        let [hour, minute, second] = clock;
        for number in [date.day, hour, minute, second, i64::from(self.nanoseconds)] {
            out.extend_from_slice(b", ");
            int_into(&mut out, number, 0);
        }
        out.extend_from_slice(b", time.");
        match &self.zone {
            Zone::Utc => out.extend_from_slice(b"UTC"),
            zone if zone.is_local() => out.extend_from_slice(b"Local"),
            zone => {
                out.extend_from_slice(b"Location(");
                out.extend_from_slice(quote(zone.name()).as_bytes());
                out.push(b')');
            }
        }
        out.push(b')');
        Text::from(out)
    }

    /// Most layouts are this one.
    fn rfc3339_into(&self, out: &mut Vec<u8>, with_fraction: bool) {
        let offset = self.zone.offset_at(self.seconds);
        date_and_clock_into(out, Moment::new(self.seconds, offset), b'T');
        if with_fraction {
            fraction_into(out, TRIMMED, self.nanoseconds);
        }
        if offset == 0 {
            out.push(b'Z');
        } else {
            minutes_into(out, offset, true);
        }
    }
}

/// What Go marshals a time to; an error for what RFC 3339 cannot say.
pub(crate) fn rfc3339_of(time: &Time) -> Result<Vec<u8>, &'static str> {
    if !(0..=9999).contains(&time.year()) {
        return Err("year outside of range [0,9999]");
    }
    if (time.zone.offset_at(time.seconds) / 3600).abs() >= 24 {
        return Err("timezone hour outside of range [0,23]");
    }
    let mut out = Vec::with_capacity(RFC3339_NANO.len());
    time.rfc3339_into(&mut out, true);
    Ok(out)
}

/// `2006-01-02 15:04:05`.
fn date_and_clock_into(out: &mut Vec<u8>, moment: Moment, between: u8) {
    date_into(out, moment.date());
    out.push(between);
    out.extend_from_slice(&clock_text(moment));
}

/// `2006-01-02`.
fn date_into(out: &mut Vec<u8>, Date { year, month, day }: Date) {
    let mut text = *b"0000-00-00";
    [text[5], text[6]] = pair(month);
    [text[8], text[9]] = pair(day);
    if (0..=9999).contains(&year) {
        [text[0], text[1]] = pair(year / 100);
        [text[2], text[3]] = pair(year % 100);
        out.extend_from_slice(&text);
    } else {
        int_into(out, year, 4);
        out.extend_from_slice(&text[4..]);
    }
}

/// `15:04:05`.
fn clock_text(moment: Moment) -> [u8; 8] {
    let mut text = *b"00:00:00";
    [text[0], text[1]] = pair(moment.hour());
    [text[3], text[4]] = pair(moment.minute());
    [text[6], text[7]] = pair(moment.second());
    text
}

fn calendar_into(out: &mut Vec<u8>, chunk: Calendar, date: Date, moment: Moment) {
    let Date { year, month, day } = date;
    match chunk {
        Calendar::LongYear => int_into(out, year, 4),
        Calendar::Year => int_into(out, (year % 100).abs(), 2),
        Calendar::LongMonth => name_into(out, &MONTHS, month - 1, false),
        Calendar::Month => name_into(out, &MONTHS, month - 1, true),
        Calendar::NumMonth => int_into(out, month, 0),
        Calendar::ZeroMonth => int_into(out, month, 2),
        Calendar::LongWeekday => name_into(out, &WEEKDAYS, moment.weekday(), false),
        Calendar::Weekday => name_into(out, &WEEKDAYS, moment.weekday(), true),
        Calendar::Day => int_into(out, day, 0),
        Calendar::UnderDay => spaced_into(out, day, 2),
        Calendar::ZeroDay => int_into(out, day, 2),
        Calendar::UnderYearDay => spaced_into(out, moment.yearday(), 3),
        Calendar::ZeroYearDay => int_into(out, moment.yearday(), 3),
    }
}

fn clock_into(out: &mut Vec<u8>, chunk: Clock, moment: Moment) {
    // Noon and midnight are 12 o'clock.
    let hour12 = || (moment.hour() + 11) % 12 + 1;
    let is_morning = moment.hour() < 12;
    match chunk {
        Clock::Hour => int_into(out, moment.hour(), 2),
        Clock::Hour12 => int_into(out, hour12(), 0),
        Clock::ZeroHour12 => int_into(out, hour12(), 2),
        Clock::Minute => int_into(out, moment.minute(), 0),
        Clock::ZeroMinute => int_into(out, moment.minute(), 2),
        Clock::Second => int_into(out, moment.second(), 0),
        Clock::ZeroSecond => int_into(out, moment.second(), 2),
        Clock::UpperHalf => out.extend_from_slice(if is_morning { b"AM" } else { b"PM" }),
        Clock::LowerHalf => out.extend_from_slice(if is_morning { b"am" } else { b"pm" }),
    }
}

fn name_into(out: &mut Vec<u8>, names: &[&'static str], at: i64, short: bool) {
    let name = name(names, at).unwrap_or_default().as_bytes();
    out.extend_from_slice(if short { name.get(..3).unwrap_or(name) } else { name });
}

/// `±hhmm` or `±hh:mm`. As in Go, less than a minute west of UTC is `+00:00`.
fn minutes_into(out: &mut Vec<u8>, offset: i32, colon: bool) {
    hours_into(out, offset);
    if colon {
        out.push(b':');
    }
    int_into(out, i64::from(offset / 60 % 60).abs(), 2);
}

fn hours_into(out: &mut Vec<u8>, offset: i32) {
    let minutes = i64::from(offset / 60);
    out.push(if minutes < 0 { b'-' } else { b'+' });
    int_into(out, (minutes / 60).abs(), 2);
}

fn offset_into(out: &mut Vec<u8>, chunk: Offset, offset: i32) {
    if chunk.zulu && offset == 0 {
        out.push(b'Z');
        return;
    }
    match chunk.to {
        Precision::Hours => hours_into(out, offset),
        Precision::Minutes => minutes_into(out, offset, chunk.colon),
        Precision::Seconds => {
            minutes_into(out, offset, chunk.colon);
            if chunk.colon {
                out.push(b':');
            }
            // Without whole minutes Go has no sign to put before the seconds, and leaves theirs.
            let seconds = i64::from(offset % 60);
            int_into(out, if offset <= -60 { -seconds } else { seconds }, 2);
        }
    }
}

/// `MST`, or the offset where there is no name.
fn abbreviation_into(out: &mut Vec<u8>, abbreviation: &[u8], offset: i32) {
    if abbreviation.is_empty() {
        minutes_into(out, offset, false);
    } else {
        out.extend_from_slice(abbreviation);
    }
}

fn fraction_into(out: &mut Vec<u8>, chunk: Fraction, nanoseconds: u32) {
    if chunk.trim && (chunk.digits == 0 || nanoseconds == 0) {
        return;
    }
    out.push(chunk.separator);
    let start = out.len();
    int_into(out, i64::from(nanoseconds), 9);
    out.truncate(start.saturating_add(chunk.digits));
    if chunk.trim {
        while out.len() > start && out.last() == Some(&b'0') {
            out.pop();
        }
        if out.len() == start {
            out.pop();
        }
    }
}

/// A number with at least `width` digits, besides its sign.
fn int_into(out: &mut Vec<u8>, number: i64, width: usize) {
    if number < 0 {
        out.push(b'-');
    }
    let mut number = number.unsigned_abs();
    if width == 2 && number < 100 {
        out.extend_from_slice(&[digit(number / 10), digit(number)]);
        return;
    }
    let mut digits = [b'0'; 20];
    let mut count = 0;
    for place in digits.iter_mut().rev() {
        *place = digit(number);
        number /= 10;
        count += 1;
        if number == 0 {
            break;
        }
    }
    let shown = count.max(width.min(digits.len()));
    out.extend_from_slice(digits.get(digits.len() - shown..).unwrap_or_default());
}

/// A number with spaces before it, at least `width` bytes.
fn spaced_into(out: &mut Vec<u8>, number: i64, width: usize) {
    if width > 2 && number < 100 {
        out.push(b' ');
    }
    if number < 10 {
        out.push(b' ');
    }
    int_into(out, number, 0);
}

/// The two digits of a number from 0 to 99.
const fn pair(number: i64) -> [u8; 2] {
    [digit(number.cast_unsigned() / 10), digit(number.cast_unsigned())]
}

/// The last digit of a number.
const fn digit(number: u64) -> u8 {
    let [digit, ..] = (number % 10).to_le_bytes();
    b'0' + digit
}
