//! The function `humanizeDuration`: seconds as `1d 2h 3m 4s`, or below one with a prefix.

use gotemplate::fmt::{format_float, quote};
use gotemplate::{Call, Failure, Float, Int, Uint, Value};

/// The prefixes below one, each a thousandth of the one before.
const PREFIXES: [&str; 8] = ["m", "u", "n", "p", "f", "a", "z", "y"];

pub(super) fn humanize(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::from(words(seconds(call.value(0))?)))
}

/// The numbers that Alertmanager takes, texts of numbers, and durations.
#[allow(clippy::cast_precision_loss, reason = "Go converts integers to the nearest float as well")]
fn seconds(value: &Value) -> Result<f64, String> {
    if let Value::Float(Float::Float64, value) = value {
        Ok(*value)
    } else if let Value::Text(text) = value {
        number(text.as_bytes())
    } else if let Value::Int(Int::Int | Int::Int64, value) = value {
        Ok(*value as f64)
    } else if let Value::Uint(Uint::Uint | Uint::Uint64, value) = value {
        Ok(*value as f64)
    } else if let Value::Int(Int::Duration, value) = value {
        Ok((value / 1_000_000_000) as f64 + (value % 1_000_000_000) as f64 / 1e9)
    } else {
        let of = value.type_of().filter(|of| *of != gotemplate::Type::Any);
        let of = of.map_or_else(|| "<nil>".to_owned(), |of| of.to_string());
        Err(format!("can't convert {of} to float"))
    }
}

/// Go's `strconv.ParseFloat`.
fn number(text: &[u8]) -> Result<f64, String> {
    let error = |words| format!("strconv.ParseFloat: parsing {}: {words}", quote(text));
    let number = without_underscores(text).and_then(|digits| match hexadecimal(&digits) {
        None => digits.parse().ok(),
        Some(number) => number,
    });
    let Some(number) = number else { return Err(error("invalid syntax")) };
    if f64::is_infinite(number) && text.iter().any(u8::is_ascii_digit) {
        return Err(error("value out of range"));
    }
    Ok(number)
}

/// A number without the underscores between its digits; none if an underscore stands elsewhere.
fn without_underscores(text: &[u8]) -> Option<String> {
    let unsigned = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    let prefixed = matches!(unsigned, [b'0', b'b' | b'B' | b'o' | b'O' | b'x' | b'X', ..]);
    let is_hex = matches!(unsigned, [b'0', b'x' | b'X', ..]);
    let is_digit = |byte: u8| byte.is_ascii_digit() || is_hex && byte.is_ascii_hexdigit();
    let mut after_digit = prefixed;
    let mut rest = unsigned.iter().skip(if prefixed { 2 } else { 0 }).peekable();
    while let Some(byte) = rest.next() {
        let before_digit = rest.peek().is_some_and(|next| is_digit(**next));
        if *byte == b'_' && !(after_digit && before_digit) {
            return None;
        }
        after_digit = is_digit(*byte);
    }
    let kept = text.iter().copied().filter(|byte| *byte != b'_').collect();
    String::from_utf8(kept).ok()
}

/// A hexadecimal number such as `0x1.8p3`: none if the text has no `0x`, `Some(None)` if it is no
/// number.
#[allow(clippy::option_option, reason = "that it is hexadecimal decides how it is read")]
#[allow(clippy::cast_precision_loss, reason = "rounding to the nearest float is the purpose")]
fn hexadecimal(text: &str) -> Option<Option<f64>> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => (-1.0, unsigned),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X"))?;
    let number = || {
        let (digits, exponent) = digits.split_once(['p', 'P'])?;
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = exponent.trim_start_matches(['+', '-']).len() + 1 >= exponent.len();
        let exponent: i64 = exponent.parse().ok().filter(|_| is_number)?;
        let (mut mantissa, mut shift) = (0_u128, 0_i64);
        for digit in whole.chars().chain(fraction.chars()) {
            let digit = u128::from(digit.to_digit(16)?);
            if mantissa >> 120 == 0 {
                mantissa = mantissa << 4 | digit;
            } else {
                // Too small to be seen but in which way a half is rounded.
                mantissa |= u128::from(digit != 0);
                shift += 4;
            }
        }
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let places = i64::try_from(fraction.len()).ok()?.checked_mul(4)?;
        let power = exponent.saturating_add(shift).saturating_sub(places).clamp(-5_000, 5_000);
        let step = if power < 0 { 0.5 } else { 2.0 };
        let value = (0..power.unsigned_abs()).fold(mantissa as f64, |value, _| value * step);
        Some(sign * value)
    };
    Some(number())
}

fn words(seconds: f64) -> String {
    let four_digits = |value: f64| format_float(value, b'g', 4, 64);
    if !seconds.is_finite() {
        return four_digits(seconds);
    }
    if seconds == 0.0 {
        return four_digits(seconds) + "s";
    }
    if seconds.abs() < 1.0 {
        let mut value = seconds;
        let mut prefix = "";
        for smaller in PREFIXES {
            if value.abs() >= 1.0 {
                break;
            }
            prefix = smaller;
            value *= 1000.0;
        }
        return format!("{}{prefix}s", four_digits(value));
    }
    let sign = if seconds < 0.0 { "-" } else { "" };
    let whole = integer(seconds.abs());
    let (days, hours) = (whole / 86_400, whole / 3_600 % 24);
    let (minutes, rest) = (whole / 60 % 60, whole % 60);
    if days != 0 {
        format!("{sign}{days}d {hours}h {minutes}m {rest}s")
    } else if hours != 0 {
        format!("{sign}{hours}h {minutes}m {rest}s")
    } else if minutes != 0 {
        format!("{sign}{minutes}m {rest}s")
    } else {
        format!("{sign}{}s", four_digits(seconds.abs()))
    }
}

/// As Go on amd64 converts what no `int64` can hold: to the smallest one.
#[allow(clippy::cast_possible_truncation, reason = "the fraction is to go")]
fn integer(value: f64) -> i64 {
    if value < 9_223_372_036_854_775_808.0 { value as i64 } else { i64::MIN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_in_alertmanager() {
        for (text, expected) in [
            ("1_000", Ok("16m 40s")),
            ("0x_1p4", Ok("16s")),
            ("0x1.8p-1", Ok("750ms")),
            ("inf", Ok("+Inf")),
            ("-Infinity", Ok("-Inf")),
            ("nan", Ok("NaN")),
            ("-0", Ok("-0s")),
            ("59.9999", Ok("60s")),
            ("0.999999", Ok("1000ms")),
            ("1e-30", Ok("1e-06ys")),
            ("-86461.5", Ok("-1d 0h 1m 1s")),
            ("1e19", Ok("-106751991167300d -15h -30m -8s")),
            ("one", Err("invalid syntax")),
            ("", Err("invalid syntax")),
            (" 1", Err("invalid syntax")),
            ("1_", Err("invalid syntax")),
            ("0x1", Err("invalid syntax")),
            ("0x1p", Err("invalid syntax")),
            ("1e400", Err("value out of range")),
        ] {
            let got = number(text.as_bytes()).map(words);
            let expected = expected
                .map(str::to_owned)
                .map_err(|words| format!("strconv.ParseFloat: parsing \"{text}\": {words}"));
            assert_eq!(got, expected);
        }
    }

    #[test]
    fn only_some_types_are_numbers() {
        assert_eq!(seconds(&Value::duration(1_500_000_000)), Ok(1.5));
        assert_eq!(seconds(&Value::int(-3)), Ok(-3.0));
        let error = "can't convert bool to float".to_owned();
        assert_eq!(seconds(&Value::Bool(true)), Err(error));
        assert_eq!(seconds(&Value::NIL), Err("can't convert <nil> to float".to_owned()));
    }
}
