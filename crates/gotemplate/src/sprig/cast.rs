//! Numbers of values, as spf13/cast 1.3.1 makes them: what is no number is 0, and so is a number of
//! a named type such as `time.Duration`.

use super::number::{parse_float, parse_int};
use crate::value::{Int, Value};

/// `cast.ToInt64`, which is also `cast.ToInt`.
pub(super) fn int64(value: &Value) -> i64 {
    match value {
        Value::Int(Int::Duration | Int::Month | Int::Weekday, _) => 0,
        Value::Int(_, number) => *number,
        Value::Uint(_, number) => number.cast_signed(),
        Value::Float(_, number) => truncated(*number),
        Value::Bool(value) => i64::from(*value),
        Value::Text(text) => parse_int(text.as_bytes(), 0).unwrap_or(0),
        _ => 0,
    }
}

/// `cast.ToFloat64`.
pub(super) fn float64(value: &Value) -> f64 {
    match value {
        Value::Int(Int::Duration | Int::Month | Int::Weekday, _) => 0.0,
        Value::Int(_, number) => nearest(*number),
        Value::Uint(_, number) => nearest_unsigned(*number),
        Value::Float(_, number) => *number,
        Value::Bool(value) => f64::from(u8::from(*value)),
        Value::Text(text) => parse_float(text.as_bytes()).unwrap_or(0.0),
        _ => 0.0,
    }
}

/// Go's `int64(number)` on amd64: what does not fit is the smallest integer.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
pub(super) fn truncated(number: f64) -> i64 {
    const END: f64 = 9_223_372_036_854_775_808.0;
    if (-END..END).contains(&number) { number as i64 } else { i64::MIN }
}

/// Go's `float64(number)`.
#[expect(clippy::cast_precision_loss, reason = "the nearest is what Go takes")]
pub(super) fn nearest(number: i64) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "the nearest is what Go takes")]
fn nearest_unsigned(number: u64) -> f64 {
    number as f64
}
