//! The functions of times: they take texts and numbers, and give texts.

use gotemplate::{Call, Failure, Text, Time, Value, Zone};

use super::split::slice;

const RFC3339: &[u8] = b"2006-01-02T15:04:05Z07:00";
const DATE_TIME: &[u8] = b"2006-01-02 15:04:05";

/// The two spellings that `TimeFormat` reads; what follows the digits is only compared.
const READ: [&[u8]; 2] =
    [b"2006-01-02T15:04:05.999999999Z", b"2006-01-02T15:04:05.999999999+08:00"];

/// `GetCSTtime`: a time eight hours ahead of UTC; of no text, the time now; of no time, nothing.
pub(super) fn in_china(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    let local = &call.environment().local;
    let time = if text.is_empty() {
        call.environment().now.clone()
    } else {
        let time = Time::parse(RFC3339, text, local);
        match time.or_else(|_| Time::parse_in(DATE_TIME, text, &Zone::Utc)) {
            Ok(time) => time,
            Err(_) => return Ok(Value::text("")),
        }
    };
    let china = Zone::Fixed { name: "CST".into(), offset: 8 * 3600 };
    formatted(call, &time.in_zone(china), DATE_TIME)
}

/// `GetTime`: a number of seconds since 1970, or of milliseconds in 13 digits, as a local time.
///
/// Of what is neither text nor `float64`, nothing.
pub(super) fn of_number(call: &mut Call<'_>) -> Result<Value, Failure> {
    let layout = call.rest(1).first().and_then(Value::as_text).map(Text::as_bytes);
    let layout = layout.unwrap_or(b"2006-01-02T15:04:05");
    let seconds = if let Value::Text(text) = call.value(0) {
        let number = number(text.as_bytes());
        if text.len() == 13 { number / 1000 } else { number }
    } else if let Value::Float(gotemplate::Float::Float64, seconds) = call.value(0) {
        whole(*seconds)
    } else {
        return Ok(Value::text(""));
    };
    let time = Time::unix(seconds, 0, call.environment().local.clone());
    formatted(call, &time, layout)
}

/// `GetTimeDuration`: the time between two, in its two largest units; `N/A` where one is not read.
pub(super) fn between(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (start, end) = (call.text(0), call.text(1));
    if start.is_empty() || end.is_empty() {
        return Ok(Value::text("N/A"));
    }
    let Some(start) = clock(call, start)? else { return Ok(Value::text("N/A")) };
    let Some(end) = clock(call, end)? else { return Ok(Value::text("N/A")) };
    Ok(Value::text(duration(end.sub(&start) / 1_000_000_000)))
}

/// `TimeFormat`: a time in another layout; where it is not read, what Go says about it.
pub(super) fn written_anew(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (text, layout) = (call.text(0), call.text(1));
    let local = &call.environment().local;
    // What is said quotes the text, and quoting can make four bytes of one.
    let most = text.len().saturating_mul(8).saturating_add(256);
    let [first, second] = READ;
    let read = Time::parse(first, text, local);
    match read.or_else(|_| Time::parse(second, text, local)) {
        Ok(time) => formatted(call, &time, layout),
        Err(words) => {
            call.reserve(most)?;
            Ok(Value::text(words))
        }
    }
}

fn formatted(call: &mut Call<'_>, time: &Time, layout: &[u8]) -> Result<Value, Failure> {
    call.reserve(time.format_bound(layout))?;
    Ok(Value::text(time.format(layout)))
}

/// The date and the clock in a text, where RFC 3339 has them, whatever its zone; none if they are
/// no time.
fn clock(call: &Call<'_>, text: &[u8]) -> Result<Option<Time>, String> {
    let text = [slice(text, 0, 10)?, slice(text, 11, 19)?].join(&b' ');
    Ok(Time::parse(DATE_TIME, &text, &call.environment().local).ok())
}

fn duration(seconds: i64) -> String {
    let (days, hours) = (seconds / 86_400, seconds / 3_600);
    let (minutes, rest) = (seconds % 3_600 / 60, seconds % 60);
    if seconds >= 86_400 {
        format!("{days}d{}h", seconds % 86_400 / 3_600)
    } else if hours > 0 {
        format!("{hours}h{minutes}m")
    } else if minutes != 0 {
        format!("{minutes}m{rest}s")
    } else {
        format!("{rest}s")
    }
}

/// Go's `strconv.ParseInt` in base 10 without its error: 0 for what is no number, and the last one
/// that fits for what is too large.
fn number(text: &[u8]) -> i64 {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    let (mut number, most) = (0_u64, if negative { i64::MIN } else { i64::MAX });
    for digit in digits {
        if !digit.is_ascii_digit() {
            return 0;
        }
        let longer =
            number.checked_mul(10).and_then(|tens| tens.checked_add(u64::from(digit - b'0')));
        // Go looks no further than here, so that what follows need not be digits.
        let Some(longer) = longer else { return most };
        number = longer;
    }
    i64::try_from(number).map_or(most, |number| if negative { -number } else { number })
}

/// A number without its fraction; one that no `int64` holds is the smallest, as on amd64.
fn whole(number: f64) -> i64 {
    // The text of a whole number is the only conversion that cannot be off.
    format!("{:.0}", number.trunc()).parse().unwrap_or(i64::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_its_two_largest_units() {
        for (seconds, text) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m0s"),
            (3_599, "59m59s"),
            (3_600, "1h0m"),
            (86_399, "23h59m"),
            (86_400, "1d0h"),
            (1_000_000, "11d13h"),
            (-1, "-1s"),
            (-61, "-1m-1s"),
            (-7_261, "-1m-1s"),
        ] {
            assert_eq!(duration(seconds), text);
        }
    }

    #[test]
    fn numbers_are_read_as_go_reads_them() {
        for (text, expected) in [
            ("1609459200", 1_609_459_200),
            ("+7", 7),
            ("-7", -7),
            ("", 0),
            ("-", 0),
            ("12a", 0),
            ("1_000", 0),
            ("99999999999999999999", i64::MAX),
            ("-99999999999999999999", i64::MIN),
            ("-9223372036854775808", i64::MIN),
            ("9223372036854775808x", 0),
            ("99999999999999999999x", i64::MAX),
        ] {
            assert_eq!(number(text.as_bytes()), expected, "{text}");
        }
        for (given, expected) in
            [(1.9, 1), (-1.9, -1), (0.0, 0), (1e300, i64::MIN), (f64::NAN, i64::MIN)]
        {
            assert_eq!(whole(given), expected, "{given}");
        }
    }
}
