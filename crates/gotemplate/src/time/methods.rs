//! The methods of package `time` that a template can call.
//!
//! Each reads its receiver as its own type; of another one, which no engine passes, as the zero
//! value.

use super::duration::{duration_text, in_units, round_duration, truncate_duration};
use super::format::rfc3339_of;
use super::{Time, Zone, month_text, weekday_text};
use crate::funcs::{Call, Failure, Function};
use crate::value::{Int, List, Type, Uint, Value};

/// The zero time.
static ZERO: Time = Time::unix(-super::civil::UNIX_TO_INTERNAL, 0, Zone::Utc);

/// Of `time.Time`. Those that Go has and that give two values, or three, say what Go says of them.
pub(crate) static TIME_METHODS: &[Function] = &[
    Function::new("Add(d time.Duration) time.Time", |call| Ok(time(call).add(call.int(0)).into())),
    Function::new("AddDate(years int, months int, days int) time.Time", |call| {
        Ok(time(call).add_date(call.int(0), call.int(1), call.int(2)).into())
    }),
    Function::new("After(u time.Time) bool", |call| {
        Ok(time(call).compare(other(call)).is_gt().into())
    }),
    Function::new("Before(u time.Time) bool", |call| {
        Ok(time(call).compare(other(call)).is_lt().into())
    }),
    Function::new("Clock() int", |_| {
        Err(Failure::Uncallable("function Clock has 3 return values; should be 1 or 2".to_owned()))
    }),
    Function::new("Compare(u time.Time) int", |call| {
        Ok(Value::int(time(call).compare(other(call)) as i64))
    }),
    Function::new("Date() int", |_| {
        Err(Failure::Uncallable("function Date has 3 return values; should be 1 or 2".to_owned()))
    }),
    Function::new("Day() int", |call| Ok(Value::int(time(call).day()))),
    Function::new("Equal(u time.Time) bool", |call| {
        Ok(time(call).compare(other(call)).is_eq().into())
    }),
    Function::new("Format(layout string) string", format),
    Function::new("GoString() string", |call| {
        reserve_name(call, 4)?;
        Ok(time(call).to_go_text().into())
    }),
    Function::new("Hour() int", |call| Ok(Value::int(time(call).hour()))),
    Function::new("ISOWeek() int", |_| second_result("ISOWeek", "int")),
    Function::new("In(loc *time.Location) time.Time", within),
    Function::new("IsDST() bool", |call| Ok(time(call).is_dst().into())),
    Function::new("IsZero() bool", |call| Ok(time(call).is_zero().into())),
    Function::new("Local() time.Time", |call| {
        Ok(time(call).clone().in_zone(call.environment().local.clone()).into())
    }),
    Function::new("Location() *time.Location", |call| Ok(time(call).zone().clone().into())),
    Function::new("MarshalJSON() []byte", |call| marshal(call, "Time.MarshalJSON: ", b"\"")),
    Function::new("MarshalText() []byte", |call| marshal(call, "Time.MarshalText: ", b"")),
    Function::new("Minute() int", |call| Ok(Value::int(time(call).minute()))),
    Function::new("Month() time.Month", |call| Ok(Value::Int(Int::Month, time(call).month()))),
    Function::new("Nanosecond() int", |call| Ok(Value::int(time(call).nanoseconds().into()))),
    Function::new("Round(d time.Duration) time.Time", |call| {
        Ok(time(call).round(call.int(0)).into())
    }),
    Function::new("Second() int", |call| Ok(Value::int(time(call).second()))),
    Function::new("String() string", |call| {
        reserve_name(call, 1)?;
        Ok(time(call).to_text().into())
    }),
    Function::new("Sub(u time.Time) time.Duration", |call| {
        Ok(Value::duration(time(call).sub(other(call))))
    }),
    Function::new("Truncate(d time.Duration) time.Time", |call| {
        Ok(time(call).truncate(call.int(0)).into())
    }),
    Function::new("UTC() time.Time", |call| Ok(time(call).clone().in_zone(Zone::Utc).into())),
    Function::new("Unix() int64", |call| Ok(int64(time(call).seconds()))),
    Function::new("UnixMicro() int64", |call| Ok(int64(time(call).unix_micro()))),
    Function::new("UnixMilli() int64", |call| Ok(int64(time(call).unix_milli()))),
    Function::new("UnixNano() int64", |call| Ok(int64(time(call).unix_nano()))),
    Function::new("Weekday() time.Weekday", |call| {
        Ok(Value::Int(Int::Weekday, time(call).weekday()))
    }),
    Function::new("Year() int", |call| Ok(Value::int(time(call).year()))),
    Function::new("YearDay() int", |call| Ok(Value::int(time(call).yearday()))),
    Function::new("Zone() string", |_| second_result("Zone", "int")),
    Function::new("ZoneBounds() time.Time", |_| second_result("ZoneBounds", "time.Time")),
];

/// Of `time.Duration`.
pub(crate) static DURATION_METHODS: &[Function] = &[
    Function::new("Abs() time.Duration", |call| Ok(Value::duration(number(call).saturating_abs()))),
    Function::new("Hours() float64", |call| Ok(in_unit(call, 3_600_000_000_000))),
    Function::new("Microseconds() int64", |call| Ok(int64(number(call) / 1_000))),
    Function::new("Milliseconds() int64", |call| Ok(int64(number(call) / 1_000_000))),
    Function::new("Minutes() float64", |call| Ok(in_unit(call, 60_000_000_000))),
    Function::new("Nanoseconds() int64", |call| Ok(int64(number(call)))),
    Function::new("Round(m time.Duration) time.Duration", |call| {
        Ok(Value::duration(round_duration(number(call), call.int(0))))
    }),
    Function::new("Seconds() float64", |call| Ok(in_unit(call, 1_000_000_000))),
    Function::new("String() string", |call| Ok(duration_text(number(call)).into())),
    Function::new("Truncate(m time.Duration) time.Duration", |call| {
        Ok(Value::duration(truncate_duration(number(call), call.int(0))))
    }),
];

/// Of `time.Month`.
pub(crate) static MONTH_METHODS: &[Function] =
    &[Function::new("String() string", |call| Ok(Value::text(month_text(number(call)))))];

/// Of `time.Weekday`.
pub(crate) static WEEKDAY_METHODS: &[Function] =
    &[Function::new("String() string", |call| Ok(Value::text(weekday_text(number(call)))))];

/// Of `*time.Location`.
pub(crate) static ZONE_METHODS: &[Function] = &[Function::new("String() string", |call| {
    Ok(Value::text(Zone::of_value(call.receiver()).map_or(&b"UTC"[..], Zone::name)))
})];

fn time<'a>(call: &Call<'a>) -> &'a Time {
    time_of(call.receiver())
}

/// The time that is the first argument.
fn other<'a>(call: &Call<'a>) -> &'a Time {
    time_of(call.value(0))
}

fn time_of(value: &Value) -> &Time {
    match value {
        Value::Time(time) => time,
        _ => &ZERO,
    }
}

fn number(call: &Call<'_>) -> i64 {
    match call.receiver() {
        Value::Int(_, number) => *number,
        _ => 0,
    }
}

const fn int64(number: i64) -> Value {
    Value::Int(Int::Int64, number)
}

fn in_unit(call: &Call<'_>, unit: i64) -> Value {
    Value::float(in_units(number(call), unit))
}

fn format(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (time, layout) = (time(call), call.text(0));
    call.reserve(time.format_bound(layout))?;
    Ok(Value::text(time.format(layout)))
}

/// Announces a text that has the name of the receiver's zone in it, which data may have given, at
/// `each` bytes for one of its own.
fn reserve_name(call: &mut Call<'_>, each: usize) -> Result<(), Failure> {
    let name = time(call).zone().name().len();
    call.reserve(name.saturating_mul(each).saturating_add(100))
}

fn within(call: &mut Call<'_>) -> Result<Value, Failure> {
    match Zone::of_value(call.value(0)) {
        Some(zone) => Ok(time(call).clone().in_zone(zone.clone()).into()),
        None => Err("time: missing Location in call to Time.In".into()),
    }
}

fn marshal(call: &mut Call<'_>, method: &str, quote: &[u8]) -> Result<Value, Failure> {
    let text = rfc3339_of(time(call)).map_err(|words| format!("{method}{words}"))?;
    call.reserve(text.len().saturating_add(2).saturating_mul(size_of::<Value>()))?;
    let bytes = [quote, text.as_slice(), quote].concat();
    let items = bytes.iter().map(|byte| Value::Uint(Uint::Uint8, u64::from(*byte)));
    Ok(Value::List(List::new(Type::BYTES, items.collect()).into()))
}

fn second_result(method: &str, of: &str) -> Result<Value, Failure> {
    let signature = format!("invalid function signature for {method}");
    let words = format!("{signature}: second return value should be error; is {of}");
    Err(Failure::Uncallable(words))
}

#[cfg(test)]
mod tests;
