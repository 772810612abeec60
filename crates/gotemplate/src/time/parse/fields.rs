//! The parts of a time, read one chunk of a layout after the other.

use super::abbreviation;
use crate::time::duration::leading_int;
use crate::time::layout::{self, Calendar, Chunk, Clock, Fraction, Offset, Precision};
use crate::time::names::{MONTHS, WEEKDAYS};

/// What is wrong with a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::time) enum Wrong {
    /// It is not what the layout wants.
    Bad,
    /// A number is out of range; of what.
    Range(&'static str),
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    pub(super) year: i64,
    pub(super) month: Option<i64>,
    pub(super) day: Option<i64>,
    pub(super) yearday: Option<i64>,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) nanoseconds: i64,
    pub(super) is_morning: bool,
    pub(super) is_afternoon: bool,
    pub(super) is_utc: bool,
    /// Seconds east of UTC.
    pub(super) offset: Option<i64>,
    /// Empty when there is none.
    pub(super) abbreviation: &'a [u8],
}

impl<'a> Fields<'a> {
    /// Reads a chunk off the text and gives what is behind it. `layout` is what comes behind the
    /// chunk.
    pub(super) fn read(
        &mut self,
        chunk: Chunk,
        text: &'a [u8],
        layout: &[u8],
    ) -> Result<&'a [u8], Wrong> {
        match chunk {
            Chunk::Calendar(chunk) => self.read_day(chunk, text),
            Chunk::Clock(chunk @ (Clock::Second | Clock::ZeroSecond)) => {
                self.read_second(chunk == Clock::ZeroSecond, text, layout)
            }
            Chunk::Clock(chunk) => self.read_clock(chunk, text),
            Chunk::Offset(chunk) => self.read_offset(chunk, text),
            Chunk::Fraction(chunk) => self.read_fraction(chunk, text),
            Chunk::Abbreviation => self.read_abbreviation(text),
        }
    }

    fn read_day(&mut self, chunk: Calendar, text: &'a [u8]) -> Result<&'a [u8], Wrong> {
        match chunk {
            Calendar::LongYear | Calendar::Year => {
                return self.read_year(chunk == Calendar::LongYear, text);
            }
            Calendar::LongMonth | Calendar::Month => {
                let (at, rest) = name(&MONTHS, text, chunk == Calendar::Month).ok_or(Wrong::Bad)?;
                self.month = Some(at + 1);
                return Ok(rest);
            }
            // Has to be one, but need not be the right one.
            Calendar::LongWeekday | Calendar::Weekday => {
                let found = name(&WEEKDAYS, text, chunk == Calendar::Weekday).ok_or(Wrong::Bad)?;
                return Ok(found.1);
            }
            _ => {}
        }
        let is_fixed =
            matches!(chunk, Calendar::ZeroMonth | Calendar::ZeroDay | Calendar::ZeroYearDay);
        let most =
            if matches!(chunk, Calendar::UnderYearDay | Calendar::ZeroYearDay) { 3 } else { 2 };
        let spaces = match chunk {
            Calendar::UnderDay => 1,
            Calendar::UnderYearDay => 2,
            _ => 0,
        };
        let (value, rest) = number(without_spaces(text, spaces), most, is_fixed)?;
        match chunk {
            Calendar::NumMonth | Calendar::ZeroMonth if !(1..=12).contains(&value) => {
                return Err(Wrong::Range("month"));
            }
            Calendar::NumMonth | Calendar::ZeroMonth => self.month = Some(value),
            Calendar::UnderYearDay | Calendar::ZeroYearDay => self.yearday = Some(value),
            // Whether the month has such a day is not known yet.
            _ => self.day = Some(value),
        }
        Ok(rest)
    }

    fn read_year(&mut self, is_long: bool, text: &'a [u8]) -> Result<&'a [u8], Wrong> {
        let (year, rest) = text.split_at_checked(if is_long { 4 } else { 2 }).ok_or(Wrong::Bad)?;
        // Of two bytes the first may be a sign, in Go too.
        if is_long && !year.first().is_some_and(u8::is_ascii_digit) {
            return Err(Wrong::Bad);
        }
        let year = signed(year).ok_or(Wrong::Bad)?;
        self.year = match year {
            year if is_long => year,
            // Unix time starts in 1969 in some zones.
            year @ 69.. => year + 1900,
            year => year + 2000,
        };
        Ok(rest)
    }

    fn read_clock(&mut self, chunk: Clock, text: &'a [u8]) -> Result<&'a [u8], Wrong> {
        if matches!(chunk, Clock::UpperHalf | Clock::LowerHalf) {
            return self.read_half(chunk == Clock::UpperHalf, text);
        }
        let is_fixed = matches!(chunk, Clock::ZeroHour12 | Clock::ZeroMinute);
        let (value, rest) = number(text, 2, is_fixed)?;
        let (field, most, name) = match chunk {
            Clock::Hour => (&mut self.hour, 23, "hour"),
            Clock::Hour12 | Clock::ZeroHour12 => (&mut self.hour, 12, "hour"),
            _ => (&mut self.minute, 59, "minute"),
        };
        if value > most {
            return Err(Wrong::Range(name));
        }
        *field = value;
        Ok(rest)
    }

    fn read_half(&mut self, is_upper: bool, text: &'a [u8]) -> Result<&'a [u8], Wrong> {
        let (half, rest) = text.split_at_checked(2).ok_or(Wrong::Bad)?;
        match half {
            b"AM" if is_upper => self.is_morning = true,
            b"am" if !is_upper => self.is_morning = true,
            b"PM" if is_upper => self.is_afternoon = true,
            b"pm" if !is_upper => self.is_afternoon = true,
            _ => return Err(Wrong::Bad),
        }
        Ok(rest)
    }

    fn read_second(
        &mut self,
        is_fixed: bool,
        text: &'a [u8],
        layout: &[u8],
    ) -> Result<&'a [u8], Wrong> {
        let (second, rest) = number(text, 2, is_fixed)?;
        if second > 59 {
            return Err(Wrong::Range("second"));
        }
        self.second = second;
        // A fraction that the layout does not have is read too.
        if !matches!(rest, [b'.' | b',', b'0'..=b'9', ..])
            || matches!(layout::next(layout).chunk, Some(Chunk::Fraction(_)))
        {
            return Ok(rest);
        }
        self.read_digits(rest)
    }

    fn read_fraction(&mut self, chunk: Fraction, text: &'a [u8]) -> Result<&'a [u8], Wrong> {
        if chunk.trim {
            // Any number of digits will do, and none too.
            return match text {
                [b'.' | b',', b'0'..=b'9', ..] => self.read_digits(text),
                _ => Ok(text),
            };
        }
        let (digits, rest) = text.split_at_checked(1 + chunk.digits).ok_or(Wrong::Bad)?;
        self.nanoseconds = fraction(digits)?;
        Ok(rest)
    }

    /// Reads the separator and all digits behind it.
    fn read_digits(&mut self, text: &'a [u8]) -> Result<&'a [u8], Wrong> {
        let digits = text.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = text.split_at_checked(1 + digits).ok_or(Wrong::Bad)?;
        self.nanoseconds = fraction(digits)?;
        Ok(rest)
    }

    fn read_offset(&mut self, chunk: Offset, text: &'a [u8]) -> Result<&'a [u8], Wrong> {
        if let Some(rest) = text.strip_prefix(b"Z").filter(|_| chunk.zulu) {
            self.is_utc = true;
            return Ok(rest);
        }
        let (sign, hours, minutes, seconds, rest) = match (chunk.to, chunk.colon, text) {
            (Precision::Hours, _, [sign, h1, h2, rest @ ..]) => {
                (sign, [*h1, *h2], *b"00", *b"00", rest)
            }
            (Precision::Minutes, false, [sign, h1, h2, m1, m2, rest @ ..])
            | (Precision::Minutes, true, [sign, h1, h2, b':', m1, m2, rest @ ..]) => {
                (sign, [*h1, *h2], [*m1, *m2], *b"00", rest)
            }
            (Precision::Seconds, false, [sign, h1, h2, m1, m2, s1, s2, rest @ ..])
            | (Precision::Seconds, true, [sign, h1, h2, b':', m1, m2, b':', s1, s2, rest @ ..]) => {
                (sign, [*h1, *h2], [*m1, *m2], [*s1, *s2], rest)
            }
            _ => return Err(Wrong::Bad),
        };
        let offset = offset([hours, minutes, seconds])?;
        self.offset = Some(match sign {
            b'+' => offset,
            b'-' => -offset,
            _ => return Err(Wrong::Bad),
        });
        Ok(rest)
    }

    fn read_abbreviation(&mut self, text: &'a [u8]) -> Result<&'a [u8], Wrong> {
        if let Some(rest) = text.strip_prefix(b"UTC") {
            self.is_utc = true;
            return Ok(rest);
        }
        let length = abbreviation::length(text).ok_or(Wrong::Bad)?;
        let (abbreviation, rest) = text.split_at_checked(length).ok_or(Wrong::Bad)?;
        self.abbreviation = abbreviation;
        Ok(rest)
    }
}

/// The seconds of hours, minutes and seconds. 24 hours and 60 of the others pass, as some write
/// them; a part out of range counts before one behind it that is no number.
fn offset(parts: [[u8; 2]; 3]) -> Result<i64, Wrong> {
    const RANGES: [(i64, &str); 3] = [
        (24, "time zone offset hour"),
        (60, "time zone offset minute"),
        (60, "time zone offset second"),
    ];
    let (mut sum, mut out_of_range, mut is_bad) = (0, None, false);
    for (part, (most, name)) in parts.iter().zip(RANGES) {
        let Ok((value, _)) = number(part, 2, true) else {
            is_bad = true;
            break;
        };
        sum = sum * 60 + value;
        if value > most {
            out_of_range = Some(name);
        }
    }
    match out_of_range {
        Some(name) => Err(Wrong::Range(name)),
        None if is_bad => Err(Wrong::Bad),
        None => Ok(sum),
    }
}

/// The nanoseconds of a separator and digits; what is behind the ninth is cut off.
pub(in crate::time) fn fraction(text: &[u8]) -> Result<i64, Wrong> {
    let ([b'.' | b','], digits) = text.split_at_checked(1).ok_or(Wrong::Bad)? else {
        return Err(Wrong::Bad);
    };
    let digits = digits.get(..9).unwrap_or(digits);
    let value = signed(digits).ok_or(Wrong::Bad)?;
    if value < 0 {
        return Err(Wrong::Range("fractional second"));
    }
    Ok((digits.len()..9).fold(value, |value, _| value * 10))
}

/// A number with or without a sign, also one without digits, which is 0.
fn signed(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"+").or_else(|| text.strip_prefix(b"-")).unwrap_or(text);
    let (value, []) = leading_int(digits)? else { return None };
    let value = i64::try_from(value).ok()?;
    Some(if text.starts_with(b"-") { -value } else { value })
}

/// The number of up to `most` digits that a text starts with, or of exactly as many, and what is
/// behind it.
fn number(text: &[u8], most: usize, is_fixed: bool) -> Result<(i64, &[u8]), Wrong> {
    let digits = text.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || is_fixed && digits != most {
        return Err(Wrong::Bad);
    }
    let (digits, rest) = text.split_at_checked(digits).ok_or(Wrong::Bad)?;
    Ok((digits.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0')), rest))
}

/// The place of the name that a text starts with, in any case, and what is behind it.
fn name<'a>(names: &[&str], text: &'a [u8], is_short: bool) -> Option<(i64, &'a [u8])> {
    for (at, name) in (0..).zip(names) {
        let length = if is_short { 3 } else { name.len() };
        let Some((start, rest)) = text.split_at_checked(length) else { continue };
        if name.as_bytes().get(..length).is_some_and(|name| name.eq_ignore_ascii_case(start)) {
            return Some((at, rest));
        }
    }
    None
}

fn without_spaces(text: &[u8], most: usize) -> &[u8] {
    let spaces = text.iter().take(most).take_while(|byte| **byte == b' ').count();
    text.get(spaces..).unwrap_or_default()
}
