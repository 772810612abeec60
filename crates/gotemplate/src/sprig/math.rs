//! Numbers: integers and floats, counting, rounding.

use super::cast::{float64, int64, nearest};
use super::number::{clamped, parse_int, scaled};
use super::shape::{ITEM, interface};
use crate::fmt;
use crate::funcs::{Call, Failure, Function};
use crate::value::{Int, List, Type, Value};

pub(super) const TABLE: &[Function] = &[
    Function::new("atoi(a string) int", atoi),
    Function::new("int64(v any) int64", to_int64),
    Function::new("int(v any) int", to_int),
    Function::new("float64(v any) float64", to_float64),
    Function::new("toDecimal(v any) int64", to_decimal),
    Function::new("seq(params ...int) string", seq),
    Function::new("until(count int) []int", until),
    Function::new("untilStep(start int, stop int, step int) []int", until_step),
    Function::new("add1(i any) int64", add1),
    Function::new("add(i ...any) int64", add),
    Function::new("sub(a any, b any) int64", sub),
    Function::new("div(a any, b any) int64", div),
    Function::new("mod(a any, b any) int64", rem),
    Function::new("mul(a any, v ...any) int64", mul),
    Function::new("biggest(a any, i ...any) int64", max),
    Function::new("max(a any, i ...any) int64", max),
    Function::new("min(a any, i ...any) int64", min),
    Function::new("maxf(a any, i ...any) float64", maxf),
    Function::new("minf(a any, i ...any) float64", minf),
    Function::new("ceil(a any) float64", ceil),
    Function::new("floor(a any) float64", floor),
    Function::new("round(a any, p int, rOpt ...float64) float64", round),
];

const DIVIDED_BY_ZERO: &str = "runtime error: integer divide by zero";

fn whole(number: i64) -> Result<Value, Failure> {
    Ok(Value::Int(Int::Int64, number))
}

fn atoi(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::int(clamped(call.text(0), 10)))
}

fn to_int64(call: &mut Call<'_>) -> Result<Value, Failure> {
    whole(int64(call.value(0)))
}

fn to_int(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::int(int64(call.value(0))))
}

fn to_float64(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::float(float64(call.value(0))))
}

/// An octal number, in spite of its name.
fn to_decimal(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = fmt::sprint(&[interface(call.value(0))], call.context)?;
    whole(parse_int(&text, 8).unwrap_or(0))
}

fn add1(call: &mut Call<'_>) -> Result<Value, Failure> {
    whole(int64(call.value(0)).wrapping_add(1))
}

fn add(call: &mut Call<'_>) -> Result<Value, Failure> {
    whole(call.arguments().iter().map(int64).fold(0, i64::wrapping_add))
}

fn sub(call: &mut Call<'_>) -> Result<Value, Failure> {
    whole(int64(call.value(0)).wrapping_sub(int64(call.value(1))))
}

fn div(call: &mut Call<'_>) -> Result<Value, Failure> {
    match (int64(call.value(0)), int64(call.value(1))) {
        (_, 0) => Err(DIVIDED_BY_ZERO.into()),
        (dividend, divisor) => whole(dividend.wrapping_div(divisor)),
    }
}

fn rem(call: &mut Call<'_>) -> Result<Value, Failure> {
    match (int64(call.value(0)), int64(call.value(1))) {
        (_, 0) => Err(DIVIDED_BY_ZERO.into()),
        (dividend, divisor) => whole(dividend.wrapping_rem(divisor)),
    }
}

fn mul(call: &mut Call<'_>) -> Result<Value, Failure> {
    whole(call.arguments().iter().map(int64).fold(1, i64::wrapping_mul))
}

fn max(call: &mut Call<'_>) -> Result<Value, Failure> {
    whole(call.arguments().iter().map(int64).max().unwrap_or(0))
}

fn min(call: &mut Call<'_>) -> Result<Value, Failure> {
    whole(call.arguments().iter().map(int64).min().unwrap_or(0))
}

/// Go's `math.Max`: infinity first, then what is no number, and 0 over -0.
fn maxf(call: &mut Call<'_>) -> Result<Value, Failure> {
    let larger = |one: f64, other: f64| {
        if one == f64::INFINITY || other == f64::INFINITY {
            return f64::INFINITY;
        }
        if one.is_nan() || other.is_nan() {
            return f64::NAN;
        }
        if one.total_cmp(&other).is_gt() { one } else { other }
    };
    let numbers = call.arguments().iter().map(float64);
    Ok(Value::float(numbers.reduce(larger).unwrap_or(0.0)))
}

fn minf(call: &mut Call<'_>) -> Result<Value, Failure> {
    let smaller = |one: f64, other: f64| {
        if one == f64::NEG_INFINITY || other == f64::NEG_INFINITY {
            return f64::NEG_INFINITY;
        }
        if one.is_nan() || other.is_nan() {
            return f64::NAN;
        }
        if one.total_cmp(&other).is_lt() { one } else { other }
    };
    let numbers = call.arguments().iter().map(float64);
    Ok(Value::float(numbers.reduce(smaller).unwrap_or(0.0)))
}

fn ceil(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::float(float64(call.value(0)).ceil()))
}

fn floor(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::float(float64(call.value(0)).floor()))
}

fn round(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (number, places) = (float64(call.value(0)), call.int(1));
    let round_on = if call.len() > 2 { call.float(2) } else { 0.5 };
    let power = power_of_ten(places);
    let digit = power * number;
    // Go's Modf leaves no fraction of infinity but NaN, and keeps the sign.
    let fraction = if digit.is_infinite() { f64::NAN } else { digit.fract() };
    let rounded = if fraction >= round_on { digit.ceil() } else { digit.floor() };
    Ok(Value::float(rounded / power))
}

/// Go's `math.Pow(10, places)`, which multiplies squares and so rounds in its own places.
fn power_of_ten(places: i64) -> f64 {
    match places {
        0 => return 1.0,
        1 => return 10.0,
        _ => {}
    }
    // 10 = 0.625 * 2^4; beyond these exponents the result is infinity or 0.
    let (mut square, mut square_exponent) = (0.625_f64, 4_i64);
    let (mut product, mut exponent) = (1.0_f64, 0_i64);
    let mut left = nearest_integer(places);
    while left != 0 {
        if square_exponent.abs() > 1 << 12 {
            exponent += square_exponent;
            break;
        }
        if left & 1 == 1 {
            product *= square;
            exponent += square_exponent;
        }
        square *= square;
        square_exponent <<= 1;
        if square < 0.5 {
            square += square;
            square_exponent -= 1;
        }
        left >>= 1;
    }
    if places < 0 {
        (product, exponent) = (1.0 / product, -exponent);
    }
    scaled(product, exponent)
}

/// The magnitude of the integer as a float holds it; all that large give the same power.
fn nearest_integer(places: i64) -> u64 {
    let magnitude = places.unsigned_abs();
    if magnitude < 1 << 53 { magnitude } else { 1 << 53 }
}

fn until(call: &mut Call<'_>) -> Result<Value, Failure> {
    let count = call.int(0);
    numbers(call, 0, count, if count < 0 { -1 } else { 1 })
}

fn until_step(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (start, end, step) = (call.int(0), call.int(1), call.int(2));
    numbers(call, start, end, step)
}

fn numbers(call: &mut Call<'_>, start: i64, end: i64, step: i64) -> Result<Value, Failure> {
    let items = steps(call, start, end, step)?.map(Value::int).collect();
    Ok(Value::List(List::new(Type::Slice(&Type::INT), items).into()))
}

/// The numbers from `start` to before `end`, announced as a list.
fn steps(
    call: &mut Call<'_>,
    start: i64,
    end: i64,
    step: i64,
) -> Result<impl Iterator<Item = i64> + use<>, Failure> {
    let goes_there = if end < start { step < 0 } else { step > 0 };
    let distance = if goes_there { start.abs_diff(end) } else { 0 };
    let count = distance.div_ceil(step.unsigned_abs().max(1));
    let size = usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(ITEM);
    call.reserve(size)?;
    call.spend(count)?;
    Ok((0..count).scan(start, move |next, _| {
        let number = *next;
        *next = next.wrapping_add(step);
        Some(number)
    }))
}

fn seq(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (start, step, end) = match call.len() {
        1 => (1, None, call.int(0)),
        2 => (call.int(0), None, call.int(1)),
        3 => (call.int(0), Some(call.int(1)), call.int(2)),
        _ => return Ok("".into()),
    };
    let towards = if end < start { -1 } else { 1 };
    let step = step.unwrap_or(towards);
    if towards < 0 && step > 0 {
        return Ok("".into());
    }
    let numbers = steps(call, start, end.wrapping_add(towards), step)?;
    // As a text they take no more than as a list: 20 digits and a space.
    let texts: Vec<String> = numbers.map(|number| number.to_string()).collect();
    Ok(Value::text(texts.join(" ")))
}

/// A number of items, as a float.
pub(super) fn count(items: usize) -> f64 {
    nearest(i64::try_from(items).unwrap_or(i64::MAX))
}
