//! Go's `strconv.ParseInt` and `strconv.ParseFloat`, for 64 bits.

/// Why a text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// It is written as no number is.
    Syntax,
    /// It is a number that does not fit; the nearest that does.
    Range(i64),
}

/// Go's `strconv.ParseInt(text, base, 64)`; base 0 takes the base from the text's prefix.
pub(super) fn parse_int(text: &[u8], base: u32) -> Result<i64, Wrong> {
    let (negative, digits) = signed(text);
    let magnitude = match parse_uint(digits, base) {
        Ok(magnitude) => Some(magnitude),
        Err(Wrong::Range(_)) => None,
        Err(wrong) => return Err(wrong),
    };
    let number = magnitude.and_then(|magnitude| {
        if negative { 0_i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }
    });
    number.ok_or(Wrong::Range(if negative { i64::MIN } else { i64::MAX }))
}

/// Go's `strconv.ParseInt`, its error ignored: 0, or the nearest integer that fits.
pub(super) fn clamped(text: &[u8], base: u32) -> i64 {
    match parse_int(text, base) {
        Ok(number) | Err(Wrong::Range(number)) => number,
        Err(Wrong::Syntax) => 0,
    }
}

fn signed(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

fn parse_uint(text: &[u8], base: u32) -> Result<u64, Wrong> {
    if text.is_empty() {
        return Err(Wrong::Syntax);
    }
    let is_open = base == 0;
    let (base, digits) = if is_open { prefixed(text) } else { (base, text) };
    let mut number = 0_u64;
    for byte in digits {
        if *byte == b'_' && is_open {
            continue;
        }
        let digit = char::from(*byte).to_digit(base).ok_or(Wrong::Syntax)?;
        number = number
            .checked_mul(u64::from(base))
            .and_then(|number| number.checked_add(u64::from(digit)))
            .ok_or(Wrong::Range(i64::MAX))?;
    }
    if underscores_separate_digits(text) { Ok(number) } else { Err(Wrong::Syntax) }
}

/// The base that a prefix tells, and the digits behind it; `0` alone is a prefix too.
fn prefixed(text: &[u8]) -> (u32, &[u8]) {
    match text {
        [b'0', b'b' | b'B', rest @ ..] if !rest.is_empty() => (2, rest),
        [b'0', b'o' | b'O', rest @ ..] if !rest.is_empty() => (8, rest),
        [b'0', b'x' | b'X', rest @ ..] if !rest.is_empty() => (16, rest),
        [b'0', rest @ ..] => (8, rest),
        _ => (10, text),
    }
}

/// Whether each underscore stands between digits, where a prefix such as `0x` counts as one.
fn underscores_separate_digits(text: &[u8]) -> bool {
    let (mut digits, mut is_hex, mut after_digit) = (text, false, false);
    if let [b'0', letter, rest @ ..] = text
        && matches!(letter, b'b' | b'B' | b'o' | b'O' | b'x' | b'X')
    {
        (digits, is_hex, after_digit) = (rest, letter.eq_ignore_ascii_case(&b'x'), true);
    }
    let mut after_underscore = false;
    for byte in digits {
        let is_digit = byte.is_ascii_digit() || is_hex && byte.is_ascii_hexdigit();
        if *byte == b'_' && !after_digit || after_underscore && !is_digit {
            return false;
        }
        after_underscore = *byte == b'_';
        after_digit = is_digit;
    }
    !after_underscore
}

/// Go's `strconv.ParseFloat(text, 64)`; nothing where it fails, as for a number too large.
pub(super) fn parse_float(text: &[u8]) -> Option<f64> {
    let (negative, digits) = signed(text);
    let magnitude = magnitude(digits, digits.len() < text.len())?;
    Some(if negative { -magnitude } else { magnitude })
}

fn magnitude(digits: &[u8], is_signed: bool) -> Option<f64> {
    if digits.eq_ignore_ascii_case(b"inf") || digits.eq_ignore_ascii_case(b"infinity") {
        return Some(f64::INFINITY);
    }
    if digits.eq_ignore_ascii_case(b"nan") && !is_signed {
        return Some(f64::NAN);
    }
    if !underscores_separate_digits(digits) {
        return None;
    }
    let plain: String =
        digits.iter().filter(|byte| **byte != b'_').map(|byte| char::from(*byte)).collect();
    let number = match plain.strip_prefix("0x").or_else(|| plain.strip_prefix("0X")) {
        Some(hex) => hexadecimal(hex)?,
        // Rust takes names of infinity, and no other letters but the exponent's.
        None if plain.starts_with(|first: char| first.is_ascii_digit() || first == '.') => {
            plain.parse().ok()?
        }
        None => return None,
    };
    number.is_finite().then_some(number)
}

/// A number such as `1.8p-3`, without its `0x`.
fn hexadecimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let mut exponent = i64::from(exponent.parse::<i16>().ok()?);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut bits = 0_u64;
    let digits = || whole.chars().map(|digit| (digit, 0)).chain(fraction.chars().map(|d| (d, 4)));
    for (digit, shift) in digits() {
        let digit = u64::from(digit.to_digit(16)?);
        if bits >> 59 == 0 {
            bits = bits << 4 | digit;
            exponent -= shift;
        } else {
            // Too far right to count, but for the rounding of what lies half way.
            bits |= u64::from(digit != 0);
            exponent += 4 - shift;
        }
    }
    digits().next()?;
    Some(scaled(super::cast::nearest(bits.cast_signed()), exponent))
}

/// `number` times two to the power of `exponent`; exact, unless the result is subnormal.
pub(super) fn scaled(mut number: f64, mut exponent: i64) -> f64 {
    while exponent != 0 && number != 0.0 && number.is_finite() {
        let step = exponent.clamp(-512, 512);
        number *= 2_f64.powi(i32::try_from(step).unwrap_or(0));
        exponent -= step;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_as_in_go() {
        for (text, base, expected) in [
            ("08", 0, Err(Wrong::Syntax)),
            ("017", 0, Ok(15)),
            ("0x1F", 0, Ok(31)),
            ("0X_1f", 0, Ok(31)),
            ("0b101", 0, Ok(5)),
            ("0o17", 0, Ok(15)),
            ("0x", 0, Err(Wrong::Syntax)),
            ("1_000", 0, Ok(1000)),
            ("1__000", 0, Err(Wrong::Syntax)),
            ("_1", 0, Err(Wrong::Syntax)),
            ("0_7", 0, Ok(7)),
            ("1_", 0, Err(Wrong::Syntax)),
            ("1_000", 10, Err(Wrong::Syntax)),
            ("-9223372036854775808", 10, Ok(i64::MIN)),
            ("9223372036854775808", 10, Err(Wrong::Range(i64::MAX))),
            ("-9223372036854775809", 10, Err(Wrong::Range(i64::MIN))),
            ("99999999999999999999x", 10, Err(Wrong::Range(i64::MAX))),
            ("", 10, Err(Wrong::Syntax)),
            ("+", 0, Err(Wrong::Syntax)),
            ("+0", 0, Ok(0)),
            ("1.5", 0, Err(Wrong::Syntax)),
            (" 1", 0, Err(Wrong::Syntax)),
            ("0o8", 0, Err(Wrong::Syntax)),
        ] {
            assert_eq!(parse_int(text.as_bytes(), base), expected, "{text}");
        }
    }

    #[test]
    fn floats_are_read_as_in_go() {
        for (text, expected) in [
            ("1.5", Some(1.5)),
            ("1.", Some(1.0)),
            (".5", Some(0.5)),
            (".", None),
            ("1e3", Some(1000.0)),
            ("1e", None),
            ("-Inf", Some(f64::NEG_INFINITY)),
            ("+infinity", Some(f64::INFINITY)),
            ("-nan", None),
            ("1e400", None),
            ("1e-400", Some(0.0)),
            ("0x1p-2", Some(0.25)),
            ("0x1.8p1", Some(3.0)),
            ("0x1", None),
            ("1_000.5", Some(1000.5)),
            ("1e1_0", Some(1e10)),
            ("0x_1p4", Some(16.0)),
            (" 1", None),
            ("infin", None),
            ("0b1", None),
            ("", None),
        ] {
            assert_eq!(parse_float(text.as_bytes()), expected, "{text}");
        }
    }
}
