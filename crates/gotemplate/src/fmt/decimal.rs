//! Floating-point numbers as digits: Go's `strconv.AppendFloat`.
//!
//! Rust's formatter finds the digits, which are the shortest or exactly rounded as Go's are. Only
//! the layout around them is Go's.

use std::io::Write as _;

use super::integer::Buffer;

/// More digits than any number has: the smallest `float64` ends 1,074 places after the point.
const MOST_DIGITS: usize = 1_100;

/// Appends the number in one of Go's forms; without a precision, with the fewest digits that read
/// back as the same number, of 32 bits if it is `narrow`.
pub(super) fn append(
    out: &mut Vec<u8>,
    value: f64,
    form: u8,
    precision: Option<usize>,
    narrow: bool,
) {
    match form {
        _ if value.is_nan() => out.extend_from_slice(b"NaN"),
        _ if value == f64::INFINITY => out.extend_from_slice(b"+Inf"),
        _ if value == f64::NEG_INFINITY => out.extend_from_slice(b"-Inf"),
        b'b' => binary(out, value, narrow),
        b'x' | b'X' => hex(out, value, form, precision, narrow),
        b'e' | b'E' => scientific(out, value, form, precision, narrow),
        b'f' => fixed(out, value, precision, narrow),
        b'g' | b'G' => general(out, value, form, precision, narrow),
        _ => out.extend_from_slice(&[b'%', form]),
    }
}

/// `-ddd.ddd`.
fn fixed(out: &mut Vec<u8>, value: f64, precision: Option<usize>, narrow: bool) {
    let start = out.len();
    let places = precision.and_then(|places| u32::try_from(places).ok());
    if let Some(places) = places
        && let Some(scaled) = scaled(value, places)
    {
        return place_digits(out, value, scaled, places);
    }
    let written = match precision {
        None if narrow => write!(out, "{}", to_32_bits(value)),
        None => write!(out, "{value}"),
        Some(places) => write!(out, "{value:.*}", places.min(MOST_DIGITS)),
    };
    written.expect("a Vec takes all that is written");
    match precision {
        None => settle_tie(out, start, value, narrow),
        Some(precision) => zeros(out, precision.saturating_sub(MOST_DIGITS)),
    }
}

/// Appends `scaled` divided by ten to the power of `places`, with the sign of `value`.
fn place_digits(out: &mut Vec<u8>, value: f64, scaled: u64, places: u32) {
    if value.is_sign_negative() {
        out.push(b'-');
    }
    let places = usize::try_from(places).unwrap_or(0);
    let mut buffer = Buffer::default();
    let digits = buffer.unsigned(scaled);
    let missing = places.saturating_add(1).saturating_sub(digits.len());
    zeros(out, missing);
    out.extend_from_slice(digits);
    if places > 0 {
        out.insert(out.len().saturating_sub(places), b'.');
    }
}

/// The number times ten to the power of `places`, rounded to the nearest integer and from the middle
/// to the even one: exactly, where all fits into the registers.
fn scaled(value: f64, places: u32) -> Option<u64> {
    let Parts { mantissa, exponent } = Parts::of(value, false);
    // 53 bits times ten to the power of 15 are 103 bits.
    let power = 10_u128.pow(Some(places).filter(|&places| places <= 15)?);
    let product = u128::from(mantissa) * power;
    let whole = match u32::try_from(exponent) {
        Ok(shift) if shift <= 11 => product << shift,
        Ok(_) => return None,
        Err(_) => {
            let shift = exponent.unsigned_abs();
            // What is that small is zero at so few places, but rarely asked for.
            let half = 1_u128.checked_shl(shift.checked_sub(1)?).filter(|_| shift < 120)?;
            let odd = (product >> shift) & 1;
            (product + (half - 1) + odd) >> shift
        }
    };
    u64::try_from(whole).ok()
}

/// The integer and the power of ten that divides it, where few places are enough to read the number
/// back: of at most 15 digits only one text can, so it is the shortest.
fn short(value: f64, narrow: bool) -> Option<(u64, u32)> {
    if narrow || value.abs() < 1e-3 {
        return None;
    }
    [(0, 1e0), (8, 1e8)].into_iter().find_map(|(places, power)| {
        let scaled = scaled(value, places).filter(|&scaled| scaled < 1_000_000_000_000_000)?;
        // Both are exact, so their quotient is rounded once, as a reader rounds.
        let read = exact(scaled) / power;
        (read.to_bits() == value.abs().to_bits()).then_some((scaled, places))
    })
}

#[allow(clippy::cast_precision_loss, reason = "15 digits are fewer than a float64 holds")]
const fn exact(integer: u64) -> f64 {
    integer as f64
}

/// `-d.ddde±dd`.
fn scientific(out: &mut Vec<u8>, value: f64, form: u8, precision: Option<usize>, narrow: bool) {
    let exponent = digits(out, value, precision, narrow);
    zeros(out, precision.unwrap_or(0).saturating_sub(MOST_DIGITS));
    decimal_exponent(out, form, exponent);
}

/// The shorter of both, without zeros at the end.
fn general(out: &mut Vec<u8>, value: f64, form: u8, precision: Option<usize>, narrow: bool) {
    if value.is_sign_negative() {
        out.push(b'-');
    }
    if value == 0.0 {
        return out.push(b'0');
    }
    let start = out.len();
    let most = precision.map(|most| most.max(1));
    let exponent = digits(out, value.abs(), most.map(|most| most - 1), narrow);
    if out.len() > start.saturating_add(1) {
        out.remove(start.saturating_add(1));
    }
    while out.len() > start.saturating_add(1) && out.last() == Some(&b'0') {
        out.pop();
    }
    let count = out.len().saturating_sub(start);
    // Digits before the point; below 1 when the number is.
    let before = exponent.saturating_add(1);
    let whole = usize::try_from(before).unwrap_or(0);
    let threshold = match most {
        None => 6,
        Some(most) if most > count && count >= whole => count,
        Some(most) => most,
    };
    if exponent < -4 || usize::try_from(exponent).is_ok_and(|exponent| exponent >= threshold) {
        if count > 1 {
            out.insert(start.saturating_add(1), b'.');
        }
        let letter = if form == b'G' { b'E' } else { b'e' };
        return decimal_exponent(out, letter, exponent);
    }
    place_point(out, start, count, before);
}

/// Puts the point among the digits from `start` on, after the first `before` of them.
fn place_point(out: &mut Vec<u8>, start: usize, count: usize, before: i32) {
    match usize::try_from(before) {
        Ok(before) if before >= count => zeros(out, before.saturating_sub(count)),
        Ok(before) if before > 0 => out.insert(start.saturating_add(before), b'.'),
        _ => {
            let missing = usize::try_from(before.unsigned_abs()).unwrap_or(0);
            let lead = b"0.".iter().copied().chain(std::iter::repeat_n(b'0', missing));
            out.splice(start..start, lead);
        }
    }
}

/// Appends the digits with a point after the first, and gives the exponent.
fn digits(out: &mut Vec<u8>, value: f64, places: Option<usize>, narrow: bool) -> i32 {
    if let Some((scaled, places)) = short(value, narrow).filter(|_| places.is_none()) {
        return short_digits(out, value, scaled, places);
    }
    let start = out.len();
    let written = match places {
        None if narrow => write!(out, "{:e}", to_32_bits(value)),
        None => write!(out, "{value:e}"),
        Some(places) => write!(out, "{value:.*e}", places.min(MOST_DIGITS)),
    };
    written.expect("a Vec takes all that is written");
    let length = out.len().saturating_sub(start);
    // An exponent has at most four characters, so the search from the end is short.
    let from_end = out.iter().rev().position(|&byte| byte == b'e').unwrap_or(length);
    let end = out.len().saturating_sub(from_end);
    let exponent = out.get(end..).and_then(|bytes| str::from_utf8(bytes).ok());
    let exponent = exponent.and_then(|text| text.parse().ok()).unwrap_or(0);
    out.truncate(end.saturating_sub(1));
    if places.is_none() {
        settle_tie(out, start, value, narrow);
    }
    exponent
}

/// The same of an integer that `places` places are taken from.
fn short_digits(out: &mut Vec<u8>, value: f64, scaled: u64, places: u32) -> i32 {
    if value.is_sign_negative() {
        out.push(b'-');
    }
    let mut buffer = Buffer::default();
    let digits = buffer.unsigned(scaled);
    let last = digits.iter().rposition(|&digit| digit != b'0').unwrap_or(0);
    let (first, rest) = digits.split_at(1);
    out.extend_from_slice(first);
    if last > 0 {
        out.push(b'.');
        out.extend_from_slice(rest.get(..last).unwrap_or_default());
    }
    i32::try_from(rest.len()).unwrap_or(0).saturating_sub_unsigned(places)
}

/// Of two shortest texts at the same distance Go takes the one that ends even, and Rust the larger.
///
/// The two can only be at the same distance from a number `mantissa / 2^k` whose digits, those of
/// `mantissa * 5^k`, are one more than the shortest text has. The last is a 5 then. Below a power of
/// two numbers are closer together than above it, so there only the larger is short enough, unless
/// the text has all 17 digits.
fn settle_tie(out: &mut [u8], start: usize, value: f64, narrow: bool) {
    let odd = out.last().is_some_and(|digit| digit & 1 == 1);
    let written = out.get(start..).unwrap_or_default();
    let digits = written.iter().filter(|byte| byte.is_ascii_digit());
    let count = digits.skip_while(|&&digit| digit == b'0').count();
    // Shorter texts than these are exact or the only ones: 6 and 15 digits tell all numbers apart.
    if !odd || count < if narrow { 6 } else { 15 } {
        return;
    }
    let Parts { mantissa, exponent } = Parts::of(value, narrow);
    let zeros = mantissa.trailing_zeros();
    let odd_part = u128::from(mantissa >> zeros);
    let power = exponent.saturating_add(zeros.cast_signed()).saturating_neg();
    // More than 25 would be more than 18 digits.
    let Ok(power @ 1..=25) = u32::try_from(power) else { return };
    let exact = odd_part.saturating_mul(5_u128.pow(power));
    let exact_count = exact.checked_ilog10().and_then(|log| usize::try_from(log).ok());
    let both_fit = odd_part > 1 || count > 16;
    if both_fit && exact_count == Some(count) {
        // The one below, which only differs in the last digit as that is odd.
        if let Some(digit) = out.last_mut() {
            *digit -= 1;
        }
    }
}

/// `e±dd`, of at least two digits.
fn decimal_exponent(out: &mut Vec<u8>, letter: u8, exponent: i32) {
    let sign = if exponent < 0 { '-' } else { '+' };
    out.push(letter);
    write!(out, "{sign}{:02}", exponent.unsigned_abs()).expect("a Vec takes all that is written");
}

fn zeros(out: &mut Vec<u8>, count: usize) {
    out.resize(out.len().saturating_add(count), b'0');
}

/// A number's parts: it is `mantissa` times two to the power of `exponent`.
#[derive(Debug, Clone, Copy)]
struct Parts {
    mantissa: u64,
    exponent: i32,
}

impl Parts {
    fn of(value: f64, narrow: bool) -> Self {
        let (bits, fraction, mask, offset) = if narrow {
            (u64::from(to_32_bits(value).to_bits()), 23_i32, 0xFF, 127)
        } else {
            (value.to_bits(), 52, 0x7FF, 1_023)
        };
        let stored = i32::try_from((bits >> fraction) & mask).unwrap_or(0);
        let below = bits & ((1 << fraction) - 1);
        // A stored exponent of zero has no first bit of its own, and is as small as that of one.
        let (mantissa, stored) =
            if stored == 0 { (below, 1) } else { (below | (1 << fraction), stored) };
        Self { mantissa, exponent: stored - offset - fraction }
    }
}

/// `-ddddp±ddd`: the mantissa in decimal and the power of two.
fn binary(out: &mut Vec<u8>, value: f64, narrow: bool) {
    let Parts { mantissa, exponent } = Parts::of(value, narrow);
    let sign = if value.is_sign_negative() { "-" } else { "" };
    write!(out, "{sign}{mantissa}p{exponent:+}").expect("a Vec takes all that is written");
}

/// `-0x1.hhhp±dd`: the mantissa as a hexadecimal fraction and the power of two.
fn hex(out: &mut Vec<u8>, value: f64, form: u8, precision: Option<usize>, narrow: bool) {
    let Parts { mantissa, exponent } = Parts::of(value, narrow);
    // The first bit of the mantissa goes to place 60, before 15 hexadecimal digits.
    let shift = mantissa.leading_zeros().saturating_sub(3);
    let (mut fixed, mut exponent) = match mantissa {
        0 => (0, 0),
        _ => (mantissa << shift, exponent + 60 - shift.cast_signed()),
    };
    if let Some(dropped) = precision.and_then(|places| 15_usize.checked_sub(places)) {
        fixed = round_half_even(fixed, u32::try_from(dropped * 4).unwrap_or(0));
    }
    if fixed >> 61 != 0 {
        fixed >>= 1;
        exponent += 1;
    }
    if value.is_sign_negative() {
        out.push(b'-');
    }
    let upper = form == b'X';
    out.extend_from_slice(&[b'0', form, if fixed >> 60 == 0 { b'0' } else { b'1' }]);
    let rest = fixed & ((1 << 60) - 1);
    hex_digits(out, rest, precision, upper);
    out.push(if upper { b'P' } else { b'p' });
    let sign = if exponent < 0 { '-' } else { '+' };
    write!(out, "{sign}{:02}", exponent.unsigned_abs()).expect("a Vec takes all that is written");
}

/// The digits of a fraction of 60 bits: as many as the precision says, or all but its last zeros.
fn hex_digits(out: &mut Vec<u8>, fraction: u64, precision: Option<usize>, upper: bool) {
    let significant = (60 - fraction.trailing_zeros().min(60)).div_ceil(4);
    let places = precision.unwrap_or_else(|| usize::try_from(significant).unwrap_or(15));
    if places == 0 {
        return;
    }
    let start = out.len();
    write!(out, ".{fraction:015x}").expect("a Vec takes all that is written");
    if upper && let Some(digits) = out.get_mut(start..) {
        digits.make_ascii_uppercase();
    }
    out.resize(start.saturating_add(1).saturating_add(places), b'0');
}

/// Clears the lowest `bits`, at most 60, rounding to the nearest and from the middle to the even.
const fn round_half_even(value: u64, bits: u32) -> u64 {
    if bits == 0 {
        return value;
    }
    let half = 1 << (bits - 1);
    let odd = (value >> bits) & 1;
    let rounded = value + (half - 1) + odd;
    rounded >> bits << bits
}

/// The nearest number of 32 bits, which a `float32` is already.
#[allow(clippy::cast_possible_truncation, reason = "a float32's value is one that 32 bits hold")]
const fn to_32_bits(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use crate::fmt::format_float;

    #[test]
    fn a_number_is_laid_out_as_in_go() {
        let cases = [
            (1.5, b'f', -1, 64, "1.5"),
            (1e21, b'f', -1, 64, "1000000000000000000000"),
            (2.5, b'f', 0, 64, "2"),
            (1_234.567_8, b'e', 2, 64, "1.23e+03"),
            (-1.234e-05, b'g', 3, 64, "-1.23e-05"),
            (123_456_789.0, b'G', -1, 64, "1.23456789E+08"),
            (100.0, b'x', -1, 64, "0x1.9p+06"),
            (1e300, b'b', -1, 64, "6724873095247260p+944"),
            (1.0, b'z', -1, 64, "%z"),
        ];
        for (value, form, precision, bits, expected) in cases {
            assert_eq!(format_float(value, form, precision, bits), expected);
        }
    }

    #[test]
    fn of_two_shortest_texts_the_even_one_is_taken() {
        let cases = [
            (139_645.625, b'f', 32, "139645.62"),
            (139_645.625, b'g', 32, "139645.62"),
            (-145_140_421_382_504.62, b'e', 64, "-1.4514042138250462e+14"),
            (2_f64.powi(-25), b'g', 64, "2.9802322387695312e-08"),
            (2_f64.powi(-24), b'g', 64, "5.960464477539063e-08"),
        ];
        for (value, form, bits, expected) in cases {
            assert_eq!(format_float(value, form, -1, bits), expected);
        }
    }
}
