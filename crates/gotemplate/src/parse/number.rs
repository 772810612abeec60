//! Numbers as Go reads them: whatever of int, uint, float and complex a constant can be.

use super::literal::unquote_char;
use crate::lex::Kind;
use crate::node::Number;

/// 2^63 and 2^64, the first floats that an `int64` and a `uint64` can't hold.
const INT_END: f64 = 9_223_372_036_854_775_808.0;
const UINT_END: f64 = 18_446_744_073_709_551_616.0;

/// The number that `text` is.
///
/// # Errors
/// Go's words for what is none.
pub(super) fn read(at: usize, text: &str, kind: Kind) -> Result<Number, String> {
    let number = Number { at, text: text.to_owned(), ..Number::default() };
    if kind == Kind::CharConstant {
        return character(number);
    }
    if kind == Kind::Complex {
        let complex = sum(text)?;
        return Ok(with_complex(number, complex));
    }
    if let Some(imaginary) = text.strip_suffix('i').and_then(float) {
        return Ok(with_complex(number, (0.0, imaginary)));
    }
    plain(number)
}

fn character(number: Number) -> Result<Number, String> {
    let inner = number.text.get(1..).unwrap_or_default();
    let (unit, tail) = unquote_char(inner, '\'')?;
    if tail != "'" {
        return Err(format!("malformed character constant: {}", number.text));
    }
    let code = unit.code();
    let (int, uint) = (Some(i64::from(code)), Some(u64::from(code)));
    Ok(Number { int, uint, float: Some(f64::from(code)), ..number })
}

fn plain(mut number: Number) -> Result<Number, String> {
    let text = &number.text;
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let magnitude = integer(digits);
    // A sign is no part of a uint, but -0 is one.
    let signed = text.starts_with(['-', '+']);
    number.uint = magnitude.filter(|magnitude| !signed || *magnitude == 0);
    number.int = magnitude.and_then(|magnitude| {
        let value = i128::from(magnitude);
        i64::try_from(if negative { -value } else { value }).ok()
    });
    #[expect(clippy::cast_precision_loss, reason = "a float is as near as a float can be")]
    let near = number.int.map(|int| int as f64).or(number.uint.map(|uint| uint as f64));
    if let Some(near) = near {
        number.float = Some(near);
        return Ok(number);
    }
    let Some(value) = float(text) else {
        return Err(format!("illegal number syntax: {}", crate::fmt::quote(text.as_bytes())));
    };
    if !text.contains(['.', 'e', 'E', 'p', 'P']) {
        return Err(format!("integer overflow: {}", crate::fmt::quote(text.as_bytes())));
    }
    number.float = Some(value);
    number.int = whole_int(value);
    number.uint = whole_uint(value);
    Ok(number)
}

fn with_complex(number: Number, complex: (f64, f64)) -> Number {
    let real = Some(complex.0).filter(|_| complex.1 == 0.0);
    Number {
        float: real,
        int: real.and_then(whole_int),
        uint: real.and_then(whole_uint),
        complex: Some(complex),
        ..number
    }
}

#[expect(clippy::cast_possible_truncation, reason = "only values that an i64 holds")]
fn whole_int(value: f64) -> Option<i64> {
    ((-INT_END..INT_END).contains(&value) && value.fract() == 0.0).then_some(value as i64)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "only values that a u64 holds"
)]
fn whole_uint(value: f64) -> Option<u64> {
    ((0.0..UINT_END).contains(&value) && value.fract() == 0.0).then_some(value as u64)
}

/// An integer without a sign, in base 2, 8, 10 or 16 as its prefix says.
fn integer(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let (radix, digits) = match lower.get(..2) {
        Some("0x") => (16, lower.get(2..)?),
        Some("0b") => (2, lower.get(2..)?),
        Some("0o") => (8, lower.get(2..)?),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, lower.get(1..)?),
        _ => (10, lower.as_str()),
    };
    if !underscores_separate(&lower) {
        return None;
    }
    let digits: String = digits.chars().filter(|c| *c != '_').collect();
    let valid = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    valid.then(|| u64::from_str_radix(&digits, radix).ok())?
}

/// Whether each underscore stands between digits, or between a prefix and a digit.
fn underscores_separate(lower: &str) -> bool {
    let unsigned = lower.trim_start_matches(['+', '-']);
    let prefixed = ["0x", "0b", "0o"].iter().any(|prefix| unsigned.starts_with(prefix));
    let hex = unsigned.starts_with("0x");
    let number = if prefixed { unsigned.get(2..).unwrap_or_default() } else { unsigned };
    let is_digit = |c: char| c.is_ascii_digit() || (hex && c.is_ascii_hexdigit());
    let mut before = if prefixed { '0' } else { '^' };
    for c in number.chars() {
        let is_underscore = c == '_';
        if is_underscore && before != '0' || before == '_' && !is_digit(c) {
            return false;
        }
        before = match c {
            '_' => '_',
            c if is_digit(c) => '0',
            _ => '!',
        };
    }
    before != '_'
}

/// A decimal or hexadecimal float; nothing for what is none, or too large.
fn float(text: &str) -> Option<f64> {
    any_float(text).filter(|value| value.is_finite())
}

/// Also what is too large, as infinite.
fn any_float(text: &str) -> Option<f64> {
    let lower = text.to_ascii_lowercase();
    if !underscores_separate(&lower) {
        return None;
    }
    let clean: String = lower.chars().filter(|c| *c != '_').collect();
    let unsigned = clean.trim_start_matches(['+', '-']);
    let value = match unsigned.strip_prefix("0x") {
        Some(hex) => hex_float(hex)?.copysign(if clean.starts_with('-') { -1.0 } else { 1.0 }),
        None if unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') => {
            clean.parse().ok()?
        }
        None => return None,
    };
    Some(value)
}

/// `1.8p3`; its mantissa has at most 16 significant digits here, more are refused.
fn hex_float(hex: &str) -> Option<f64> {
    let (mantissa, exponent) = hex.split_once('p')?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || exponent.is_empty() || digits.trim_start_matches('0').len() > 16 {
        return None;
    }
    let significant = u64::from_str_radix(&digits, 16).ok()?;
    let shift = i32::try_from(fraction.len()).ok()?.checked_mul(4)?;
    let exponent = exponent.parse::<i32>().ok()?.clamp(-9_999, 9_999).checked_sub(shift)?;
    scale(significant, exponent)
}

/// `significant` times two to the power of `exponent`, rounded to even once.
fn scale(significant: u64, exponent: i32) -> Option<f64> {
    if significant == 0 {
        return Some(0.0);
    }
    // Exact in decimal: Rust reads every decimal number correctly rounded.
    let bits = i32::try_from(64 - significant.leading_zeros()).ok()?;
    let most = exponent.checked_add(bits)?;
    if most > 1_024 {
        return Some(f64::INFINITY);
    }
    if most < -1_200 {
        return Some(0.0);
    }
    // The lowest bit that a float of this size has.
    let lowest = (most - 53).max(-1_074);
    let drop = u32::try_from((lowest - exponent).max(0)).ok()?;
    let kept = round_shift(significant, drop);
    #[expect(clippy::cast_precision_loss, reason = "at most 53 bits are kept")]
    let value = kept as f64;
    let power = exponent + i32::try_from(drop).ok()?;
    // Two steps, so that neither power of two is out of range.
    let half = power / 2;
    Some(value * 2f64.powi(half) * 2f64.powi(power - half))
}

/// `value` without its lowest `bits`, rounded to the nearest, halves to even.
fn round_shift(value: u64, bits: u32) -> u64 {
    if bits == 0 {
        return value;
    }
    if bits > 64 {
        return 0;
    }
    let wide = u128::from(value);
    let kept = wide >> bits;
    let rest = wide - (kept << bits);
    let half = 1u128 << (bits - 1);
    let up = rest > half || (rest == half && kept % 2 == 1);
    u64::try_from(kept).unwrap_or(u64::MAX) + u64::from(up)
}

/// `1+2i`, as Go's `fmt.Sscan` reads a complex number.
fn sum(text: &str) -> Result<(f64, f64), String> {
    const NONE: &str = "syntax error scanning complex number";
    let (real, rest) = scan_float(text);
    if !rest.starts_with(['+', '-']) {
        return Err(NONE.to_owned());
    }
    let (imaginary, rest) = scan_float(rest);
    if !rest.starts_with('i') {
        return Err(NONE.to_owned());
    }
    Ok((scanned(real)?, scanned(imaginary)?))
}

/// What looks like a float at the begin of `text`, and the rest.
fn scan_float(text: &str) -> (&str, &str) {
    let is_decimal = |c: char| c.is_ascii_digit() || c == '_';
    let mut rest = text.trim_start_matches(['+', '-']);
    // At most one sign belongs to it.
    if text.len() - rest.len() > 1 {
        return text.split_at(1);
    }
    // It could be the begin of "Inf", so Go takes it, and misses it behind the number.
    rest = rest.strip_prefix(['i', 'I']).unwrap_or(rest);
    let hex = rest.starts_with("0x") || rest.starts_with("0X");
    let digits = |c: char| is_decimal(c) || (hex && c.is_ascii_hexdigit());
    if hex {
        rest = rest.get(2..).unwrap_or_default();
    }
    rest = rest.trim_start_matches(digits);
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.trim_start_matches(digits);
    }
    let exponents: &[char] = if hex { &['p', 'P'] } else { &['e', 'E', 'p', 'P'] };
    if let Some(exponent) = rest.strip_prefix(exponents) {
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        rest = unsigned.trim_start_matches(is_decimal);
    }
    text.split_at(text.len() - rest.len())
}

/// The number that was scanned, with `p` for a power of two behind a decimal too.
fn scanned(text: &str) -> Result<f64, String> {
    let wrong = |words| {
        let shown = crate::fmt::quote(text.as_bytes());
        format!("strconv.ParseFloat: parsing {shown}: {words}")
    };
    let is_hex = text.contains(['x', 'X']);
    let (mantissa, power) = match text.split_once('p').filter(|_| !is_hex) {
        Some((mantissa, power)) => (mantissa, Some(power)),
        None => (text, None),
    };
    let value = any_float(mantissa).ok_or_else(|| wrong("invalid syntax"))?;
    if value.is_infinite() {
        return Err(wrong("value out of range"));
    }
    let Some(power) = power else { return Ok(value) };
    let Ok(exponent) = power.parse::<i64>() else {
        let shown = crate::fmt::quote(power.as_bytes());
        return Err(format!("strconv.Atoi: parsing {shown}: invalid syntax"));
    };
    // Beyond these, every value is 0 or infinite.
    let exponent = i32::try_from(exponent.clamp(-2_200, 2_200)).unwrap_or_default();
    let third = exponent / 3;
    Ok(value * 2f64.powi(third) * 2f64.powi(third) * 2f64.powi(exponent - 2 * third))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Result<Number, String> {
        read(0, text, Kind::Number)
    }

    #[test]
    fn a_number_is_all_that_it_can_be() {
        type Case = (&'static str, Option<i64>, Option<u64>, Option<f64>);
        let cases: &[Case] = &[
            ("0", Some(0), Some(0), Some(0.0)),
            ("-0", Some(0), Some(0), Some(0.0)),
            ("7_3", Some(73), Some(73), Some(73.0)),
            ("0b10_010_01", Some(73), Some(73), Some(73.0)),
            ("073", Some(0o73), Some(0o73), Some(59.0)),
            ("0xBadFace", Some(0x0bad_face), Some(0x0bad_face), Some(195_951_310.0)),
            ("-12", Some(-12), None, Some(-12.0)),
            ("1e1", Some(10), Some(10), Some(10.0)),
            ("-1.2", None, None, Some(-1.2)),
            ("0x1.e_fp4", None, None, Some(30.9375)),
            ("0x0p0", Some(0), Some(0), Some(0.0)),
            ("18446744073709551615", None, Some(u64::MAX), Some(18_446_744_073_709_551_615.0)),
            ("28800e9", Some(28_800_000_000_000), Some(28_800_000_000_000), Some(2.88e13)),
        ];
        for (text, int, uint, float) in cases {
            let read = number(text).unwrap();
            assert_eq!((read.int, read.uint, read.float), (*int, *uint, *float), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused_in_gos_words() {
        for (text, words) in [
            (".", "illegal number syntax: \".\""),
            ("+-2", "illegal number syntax: \"+-2\""),
            ("0xx", "illegal number syntax: \"0xx\""),
            ("7__3", "illegal number syntax: \"7__3\""),
            ("1e999", "illegal number syntax: \"1e999\""),
            ("18446744073709551616", "integer overflow: \"18446744073709551616\""),
        ] {
            assert_eq!(number(text).unwrap_err(), words);
        }
    }

    #[test]
    fn imaginary_numbers_are_complex_and_zero_ones_are_plain_too() {
        assert_eq!(number("4i").unwrap().complex, Some((0.0, 4.0)));
        assert_eq!(number("0i").unwrap().int, Some(0));
        let sum = read(0, "1.5+0i", Kind::Complex).unwrap();
        assert_eq!((sum.complex, sum.float, sum.int), (Some((1.5, 0.0)), Some(1.5), None));
    }
}
