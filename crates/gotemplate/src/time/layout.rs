//! Go's layouts: which parts of one stand for a part of a time, and which for themselves.

/// A part of a layout that stands for a part of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunk {
    Calendar(Calendar),
    Clock(Clock),
    /// `MST`.
    Abbreviation,
    Offset(Offset),
    Fraction(Fraction),
}

/// A part of the date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Calendar {
    /// `2006`.
    LongYear,
    /// `06`.
    Year,
    /// `January`.
    LongMonth,
    /// `Jan`.
    Month,
    /// `1`.
    NumMonth,
    /// `01`.
    ZeroMonth,
    /// `Monday`.
    LongWeekday,
    /// `Mon`.
    Weekday,
    /// `2`.
    Day,
    /// `_2`.
    UnderDay,
    /// `02`.
    ZeroDay,
    /// `__2`.
    UnderYearDay,
    /// `002`.
    ZeroYearDay,
}

/// A part of the time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    /// `15`.
    Hour,
    /// `3`.
    Hour12,
    /// `03`.
    ZeroHour12,
    /// `4`.
    Minute,
    /// `04`.
    ZeroMinute,
    /// `5`.
    Second,
    /// `05`.
    ZeroSecond,
    /// `PM`.
    UpperHalf,
    /// `pm`.
    LowerHalf,
}

/// The distance from UTC: `-0700`, `Z07:00` and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Offset {
    /// Whether UTC is `Z`.
    pub(super) zulu: bool,
    pub(super) colon: bool,
    pub(super) to: Precision,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Precision {
    Hours,
    Minutes,
    Seconds,
}

/// The fraction of a second: `.000`, `,999`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fraction {
    /// `.` or `,`.
    pub(super) separator: u8,
    pub(super) digits: usize,
    /// Whether zeros at the end go, as with nines.
    pub(super) trim: bool,
}

/// A layout up to the end of its first chunk.
#[derive(Debug)]
pub(super) struct Part<'a> {
    /// What stands for itself before the chunk.
    pub(super) prefix: &'a [u8],
    /// Nothing when the layout ends without one.
    pub(super) chunk: Option<Chunk>,
    /// The chunk as the layout spells it.
    pub(super) spelled: &'a [u8],
    pub(super) rest: &'a [u8],
}

/// The first chunk of a layout.
pub(super) fn next(layout: &[u8]) -> Part<'_> {
    for (at, byte) in layout.iter().enumerate() {
        if !STARTS[usize::from(*byte)] {
            continue;
        }
        let (prefix, from) = layout.split_at(at);
        if let Some((chunk, length)) = chunk(*byte, from) {
            let (spelled, rest) = from.split_at(length);
            return Part { prefix, chunk: Some(chunk), spelled, rest };
        }
    }
    Part { prefix: layout, chunk: None, spelled: &[], rest: &[] }
}

/// How many bytes at the start of a layout certainly stand for themselves.
pub(super) fn plain(layout: &[u8]) -> usize {
    layout.iter().take_while(|byte| !STARTS[usize::from(**byte)]).count()
}

/// The bytes that a chunk can start with; others are passed over without a further look.
const STARTS: [bool; 256] = {
    let mut starts = [false; 256];
    let bytes = b"JM012_345Pp-Z.,";
    let mut at = 0;
    while at < bytes.len() {
        starts[bytes[at] as usize] = true;
        at += 1;
    }
    starts
};

/// The chunk that `from` starts with, whose first byte is `first`, and its length.
fn chunk(first: u8, from: &[u8]) -> Option<(Chunk, usize)> {
    let day = |day, length| Some((Chunk::Calendar(day), length));
    let clock = |clock, length| Some((Chunk::Clock(clock), length));
    match first {
        b'J' if from.starts_with(b"January") => day(Calendar::LongMonth, 7),
        b'J' if is_short(from, b"Jan") => day(Calendar::Month, 3),
        b'M' if from.starts_with(b"Monday") => day(Calendar::LongWeekday, 6),
        b'M' if is_short(from, b"Mon") => day(Calendar::Weekday, 3),
        b'M' if from.starts_with(b"MST") => Some((Chunk::Abbreviation, 3)),
        b'0' => zero(from),
        b'1' if from.get(1) == Some(&b'5') => clock(Clock::Hour, 2),
        b'1' => day(Calendar::NumMonth, 1),
        b'2' if from.starts_with(b"2006") => day(Calendar::LongYear, 4),
        b'2' => day(Calendar::Day, 1),
        // In `_2006` the underscore stands for itself.
        b'_' if from.starts_with(b"_2") && !from.starts_with(b"_2006") => {
            day(Calendar::UnderDay, 2)
        }
        b'_' if from.starts_with(b"__2") => day(Calendar::UnderYearDay, 3),
        b'3' => clock(Clock::Hour12, 1),
        b'4' => clock(Clock::Minute, 1),
        b'5' => clock(Clock::Second, 1),
        b'P' if from.get(1) == Some(&b'M') => clock(Clock::UpperHalf, 2),
        b'p' if from.get(1) == Some(&b'm') => clock(Clock::LowerHalf, 2),
        b'-' | b'Z' => offset(first == b'Z', from),
        b'.' | b',' => fraction(first, from),
        _ => None,
    }
}

/// Whether `from` starts with a short name that no longer word starts with: `Jan`, but not `Janet`.
fn is_short(from: &[u8], name: &[u8]) -> bool {
    from.strip_prefix(name).is_some_and(|rest| !rest.first().is_some_and(u8::is_ascii_lowercase))
}

fn zero(from: &[u8]) -> Option<(Chunk, usize)> {
    let chunk = match from.get(1)? {
        b'1' => Chunk::Calendar(Calendar::ZeroMonth),
        b'2' => Chunk::Calendar(Calendar::ZeroDay),
        b'3' => Chunk::Clock(Clock::ZeroHour12),
        b'4' => Chunk::Clock(Clock::ZeroMinute),
        b'5' => Chunk::Clock(Clock::ZeroSecond),
        b'6' => Chunk::Calendar(Calendar::Year),
        b'0' if from.get(2) == Some(&b'2') => {
            return Some((Chunk::Calendar(Calendar::ZeroYearDay), 3));
        }
        _ => return None,
    };
    Some((chunk, 2))
}

/// The spellings of an offset behind its sign, those first that others are the start of.
const OFFSETS: [(&[u8], bool, Precision); 5] = [
    (b"070000", false, Precision::Seconds),
    (b"07:00:00", true, Precision::Seconds),
    (b"0700", false, Precision::Minutes),
    (b"07:00", true, Precision::Minutes),
    (b"07", false, Precision::Hours),
];

fn offset(zulu: bool, from: &[u8]) -> Option<(Chunk, usize)> {
    let behind = from.get(1..)?;
    let (spelled, colon, to) = OFFSETS.iter().find(|(spelled, ..)| behind.starts_with(spelled))?;
    Some((Chunk::Offset(Offset { zulu, colon: *colon, to: *to }), 1 + spelled.len()))
}

fn fraction(separator: u8, from: &[u8]) -> Option<(Chunk, usize)> {
    let behind = from.get(1..)?;
    let digit = *behind.first().filter(|digit| matches!(digit, b'0' | b'9'))?;
    let digits = behind.iter().take_while(|byte| **byte == digit).count();
    // Another digit follows: a number, and no fraction.
    if behind.get(digits).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    // Go has 12 bits for the number of digits.
    let fraction = Fraction { separator, digits: digits & 0xfff, trim: digit == b'9' };
    Some((Chunk::Fraction(fraction), 1 + digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A layout with its chunks in parentheses.
    fn marked(layout: &[u8]) -> String {
        let mut text = String::new();
        let mut rest = layout;
        while !rest.is_empty() {
            let part = next(rest);
            text.push_str(&String::from_utf8_lossy(part.prefix));
            if part.chunk.is_some() {
                text.push('(');
                text.push_str(&String::from_utf8_lossy(part.spelled));
                text.push(')');
            }
            rest = part.rest;
        }
        text
    }

    /// The first six are data of the Go project's tests, BSD-3-Clause: see NOTICE.
    #[test]
    fn a_layout_falls_into_chunks_as_in_go() {
        for wanted in [
            "(2006)-(01)-(02)T(15):(04):(05)(Z07:00)",
            "(2006)-(01)-(02) (002) (15):(04):(05)",
            "(2006)-(01) (002) (15):(04):(05)",
            "(2006)-(002) (15):(04):(05)",
            "(2006)(002)(01) (15):(04):(05)",
            "(2006)(002)(04) (15):(04):(05)",
            "_(2006) (_2) (__2) (2)00",
            "Janet (Jan)X (January)s Month (Mon) (Monday) (MST)",
            "(05)(.000) (05)(,99) .009 (.0)x (.000)(-07)",
            "(Z070000)(Z07:00:00)(Z0700)(Z07:00)(Z07)(-070000)(-07:00:00)(-0700)(-07:00)(-07)",
            "(3)(PM)(pm)Pm(1)6 é00 (.9)",
        ] {
            let layout = wanted.replace(['(', ')'], "");
            assert_eq!(marked(layout.as_bytes()), wanted);
        }
    }
}
