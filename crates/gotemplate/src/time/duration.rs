//! Go's `time.Duration`: its text, and texts as durations.

use super::quote::quote;

const SECOND: u64 = 1_000_000_000;
/// The largest magnitude, of the smallest duration.
const MOST: u64 = 1 << 63;

/// What Go's `Duration.String()` gives: `1h2m3.5s`, `0s`, `1.5µs`.
#[must_use]
pub fn duration_text(nanoseconds: i64) -> String {
    let size = nanoseconds.unsigned_abs();
    let mut text = Backwards::default();
    match size {
        0 => return "0s".to_owned(),
        1..1_000 => text.unit(b"ns").number(size),
        1_000..1_000_000 => text.unit("µs".as_bytes()).decimal(size, 3),
        1_000_000..SECOND => text.unit(b"ms").decimal(size, 6),
        _ => text.clock(size),
    };
    if nanoseconds < 0 {
        text.push(b'-');
    }
    text.finish()
}

/// A text that grows to the left.
#[derive(Default)]
struct Backwards {
    bytes: [u8; 32],
    length: usize,
}

impl Backwards {
    fn push(&mut self, byte: u8) {
        // The longest duration has 25 bytes.
        self.length += 1;
        if let Some(place) = self.bytes.len().checked_sub(self.length) {
            self.bytes[place] = byte;
        }
    }

    fn unit(&mut self, unit: &[u8]) -> &mut Self {
        unit.iter().rev().for_each(|byte| self.push(*byte));
        self
    }

    fn number(&mut self, mut number: u64) -> &mut Self {
        loop {
            let [digit, ..] = (number % 10).to_le_bytes();
            self.push(b'0' + digit);
            number /= 10;
            if number == 0 {
                return self;
            }
        }
    }

    /// A number whose last digits are behind the point, without zeros at the end.
    fn decimal(&mut self, mut number: u64, digits: u32) -> &mut Self {
        let mut is_shown = false;
        for _ in 0..digits {
            let [digit, ..] = (number % 10).to_le_bytes();
            is_shown |= digit != 0;
            if is_shown {
                self.push(b'0' + digit);
            }
            number /= 10;
        }
        if is_shown {
            self.push(b'.');
        }
        self.number(number)
    }

    /// Hours, minutes and seconds.
    fn clock(&mut self, nanoseconds: u64) -> &mut Self {
        let minutes = nanoseconds / (60 * SECOND);
        self.unit(b"s").decimal(nanoseconds % (60 * SECOND), 9);
        if minutes > 0 {
            self.unit(b"m").number(minutes % 60);
        }
        if minutes >= 60 {
            self.unit(b"h").number(minutes / 60);
        }
        self
    }

    fn finish(&self) -> String {
        let text = self.bytes.get(self.bytes.len().saturating_sub(self.length)..);
        str::from_utf8(text.unwrap_or_default()).unwrap_or_default().to_owned()
    }
}

/// Go's `time.ParseDuration`: `300ms`, `-1.5h`, `2h45m`.
///
/// # Errors
/// When the text is no duration, in Go's words.
pub fn parse_duration(text: &str) -> Result<i64, String> {
    let fail = |words: &str| format!("time: {words} {}", quote(text.as_bytes()));
    let signless = text.strip_prefix(['-', '+']).unwrap_or(text);
    if signless == "0" {
        return Ok(0);
    }
    if signless.is_empty() {
        return Err(fail("invalid duration"));
    }
    let mut rest = signless.as_bytes();
    let mut sum: u64 = 0;
    while !rest.is_empty() {
        let (size, behind) = parse_one(rest).map_err(|words| fail(&words))?;
        // Two of the largest wrap to nothing, in Go too.
        sum = sum.wrapping_add(size);
        if sum > MOST {
            return Err(fail("invalid duration"));
        }
        rest = behind;
    }
    if text.starts_with('-') {
        return Ok(sum.cast_signed().wrapping_neg());
    }
    i64::try_from(sum).ok().ok_or_else(|| fail("invalid duration"))
}

/// The nanoseconds of a number with its unit, and what is behind it; or what is wrong with it.
fn parse_one(text: &[u8]) -> Result<(u64, &[u8]), String> {
    let invalid = || "invalid duration".to_owned();
    let (whole, behind) = leading_int(text).ok_or_else(invalid)?;
    let mut has_digits = behind.len() < text.len();
    let (mut fraction, mut scale, mut behind) = (0, 1.0, behind);
    if let Some(digits) = behind.strip_prefix(b".") {
        (fraction, scale, behind) = leading_fraction(digits);
        has_digits |= behind.len() < digits.len();
    }
    if !has_digits {
        return Err(invalid());
    }
    let end = behind.iter().position(|byte| matches!(byte, b'.' | b'0'..=b'9'));
    let (name, behind) = behind.split_at(end.unwrap_or(behind.len()));
    if name.is_empty() {
        return Err("missing unit in duration".to_owned());
    }
    let unit = unit_of(name).ok_or_else(|| format!("unknown unit {} in duration", quote(name)))?;
    let whole = whole.checked_mul(unit).filter(|size| *size <= MOST).ok_or_else(invalid)?;
    let size = whole.saturating_add(share(fraction, scale, unit));
    if size > MOST { Err(invalid()) } else { Ok((size, behind)) }
}

fn unit_of(name: &[u8]) -> Option<u64> {
    Some(match name {
        b"ns" => 1,
        // The micro sign, and the Greek letter.
        b"us" | b"\xc2\xb5s" | b"\xce\xbcs" => 1_000,
        b"ms" => 1_000_000,
        b"s" => SECOND,
        b"m" => 60 * SECOND,
        b"h" => 3600 * SECOND,
        _ => return None,
    })
}

/// The fraction of a unit, rounded down, with the floating-point numbers that Go takes.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a fraction of an hour has at most 42 bits, and Go rounds the digits the same"
)]
fn share(fraction: u64, scale: f64, unit: u64) -> u64 {
    (fraction as f64 * (unit as f64 / scale)) as u64
}

/// The number that a text starts with, 0 without a digit, and what is behind it; nothing when it is
/// larger than any duration.
pub(super) fn leading_int(text: &[u8]) -> Option<(u64, &[u8])> {
    let mut number: u64 = 0;
    let mut rest = text;
    while let Some((digit @ b'0'..=b'9', behind)) = rest.split_first() {
        number = number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
        if number > MOST {
            return None;
        }
        rest = behind;
    }
    Some((number, rest))
}

/// The digits behind a point as a number, what it is to be divided by, and what is behind them.
/// Digits that have no room count for nothing.
fn leading_fraction(text: &[u8]) -> (u64, f64, &[u8]) {
    let (mut number, mut scale, mut is_full) = (0_u64, 1.0, false);
    let mut rest = text;
    while let Some((digit @ b'0'..=b'9', behind)) = rest.split_first() {
        rest = behind;
        let longer = number
            .checked_mul(10)
            .and_then(|number| number.checked_add(u64::from(digit - b'0')))
            .filter(|longer| !is_full && number <= (MOST - 1) / 10 && *longer <= MOST);
        match longer {
            Some(longer) => (number, scale) = (longer, scale * 10.0),
            None => is_full = true,
        }
    }
    (number, scale, rest)
}

/// A duration in units of `unit` nanoseconds: whole ones and the rest are rounded each for itself.
#[allow(clippy::cast_precision_loss, reason = "a float64 is what Go gives too")]
pub(super) fn in_units(nanoseconds: i64, unit: i64) -> f64 {
    (nanoseconds / unit) as f64 + (nanoseconds % unit) as f64 / unit as f64
}

/// Go's `Duration.Truncate`: towards zero, to a multiple of `step`.
#[must_use]
pub const fn truncate_duration(nanoseconds: i64, step: i64) -> i64 {
    if step <= 0 { nanoseconds } else { nanoseconds - nanoseconds % step }
}

/// Go's `Duration.Round`: to the nearest multiple of `step`, away from zero at the half; what is
/// out of range becomes the end of the range.
#[must_use]
pub const fn round_duration(nanoseconds: i64, step: i64) -> i64 {
    if step <= 0 {
        return nanoseconds;
    }
    let over = nanoseconds % step;
    let below = nanoseconds - over;
    if over.unsigned_abs() < step.unsigned_abs() - over.unsigned_abs() {
        below
    } else if nanoseconds < 0 {
        below.saturating_sub(step)
    } else {
        below.saturating_add(step)
    }
}
