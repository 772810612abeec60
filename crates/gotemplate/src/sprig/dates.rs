//! Times and durations.

use super::letters::utf8;
use super::number::clamped;
use crate::funcs::{Call, Failure, Function};
use crate::time::{Time, Zone, duration_text, parse_duration};
use crate::value::{Int, Value};

pub(super) const TABLE: &[Function] = &[
    Function::new("now() time.Time", now),
    Function::new("ago(date any) string", ago),
    Function::new("date(fmt string, date any) string", date),
    Function::new("date_in_zone(fmt string, date any, zone string) string", date_in_zone),
    Function::new("dateInZone(fmt string, date any, zone string) string", date_in_zone),
    Function::new("date_modify(fmt string, date time.Time) time.Time", date_modify),
    Function::new("dateModify(fmt string, date time.Time) time.Time", date_modify),
    Function::new("must_date_modify(fmt string, date time.Time) time.Time", must_date_modify),
    Function::new("mustDateModify(fmt string, date time.Time) time.Time", must_date_modify),
    Function::new("duration(sec any) string", duration),
    Function::new("durationRound(duration any) string", duration_round),
    Function::new("htmlDate(date any) string", html_date),
    Function::new("htmlDateInZone(date any, zone string) string", html_date_in_zone),
    Function::new("toDate(fmt string, str string) time.Time", to_date),
    Function::new("mustToDate(fmt string, str string) time.Time", must_to_date),
    Function::new("unixEpoch(date time.Time) string", unix_epoch),
];

const SECOND: i64 = 1_000_000_000;

/// The units of a rounded duration, in seconds.
const UNITS: [(u64, &str); 6] =
    [(365 * 86_400, "y"), (30 * 86_400, "mo"), (86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];

fn now(call: &mut Call<'_>) -> Result<Value, Failure> {
    let environment = call.environment();
    Ok(environment.now.clone().in_zone(environment.local.clone()).into())
}

fn date(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (layout, date) = (call.text(0), call.value(1));
    formatted(call, layout, date, "Local")
}

fn date_in_zone(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (layout, date, zone) = (call.text(0), call.value(1), call.str(2));
    formatted(call, layout, date, &zone)
}

fn html_date(call: &mut Call<'_>) -> Result<Value, Failure> {
    let date = call.value(0);
    formatted(call, b"2006-01-02", date, "Local")
}

fn html_date_in_zone(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (date, zone) = (call.value(0), call.str(1));
    formatted(call, b"2006-01-02", date, &zone)
}

/// A time, or seconds since 1970; what is neither is now, and a zone that does not exist is UTC.
fn formatted(
    call: &mut Call<'_>,
    layout: &[u8],
    date: &Value,
    zone: &str,
) -> Result<Value, Failure> {
    let time = match date {
        Value::Int(Int::Int32, seconds) => Time::unix(*seconds, 0, Zone::Utc),
        other => moment(call, other),
    };
    let zone = Zone::load(zone, &call.environment().local).unwrap_or(Zone::Utc);
    let time = time.in_zone(zone);
    call.reserve(time.format_bound(layout))?;
    Ok(Value::text(time.format(layout)))
}

fn moment(call: &Call<'_>, date: &Value) -> Time {
    match date {
        Value::Time(time) => Time::clone(time),
        Value::Int(Int::Int | Int::Int64, seconds) => Time::unix(*seconds, 0, Zone::Utc),
        _ => call.environment().now.clone(),
    }
}

fn date_modify(call: &mut Call<'_>) -> Result<Value, Failure> {
    let date = call.time(1);
    Ok(match parse_duration(&call.str(0)) {
        Ok(duration) => date.add(duration).into(),
        Err(_) => date.into(),
    })
}

fn must_date_modify(call: &mut Call<'_>) -> Result<Value, Failure> {
    let duration = parse_duration(&call.str(0))?;
    Ok(call.time(1).add(duration).into())
}

fn ago(call: &mut Call<'_>) -> Result<Value, Failure> {
    let since = call.environment().now.sub(&moment(call, call.value(0)));
    Ok(duration_text(rounded_to_seconds(since)).into())
}

/// Go's `Duration.Round(time.Second)`: half away from zero, and what is too long stays.
fn rounded_to_seconds(duration: i64) -> i64 {
    let rest = duration % SECOND;
    let short = duration - rest;
    if rest.abs() < SECOND / 2 {
        return short;
    }
    short.checked_add(SECOND * rest.signum()).unwrap_or(if rest < 0 { i64::MIN } else { i64::MAX })
}

fn duration(call: &mut Call<'_>) -> Result<Value, Failure> {
    let seconds = match call.value(0) {
        Value::Text(text) => clamped(text.as_bytes(), 10),
        Value::Int(Int::Int64, seconds) => *seconds,
        _ => 0,
    };
    Ok(duration_text(seconds.wrapping_mul(SECOND)).into())
}

fn duration_round(call: &mut Call<'_>) -> Result<Value, Failure> {
    let duration = match call.value(0) {
        Value::Text(text) => parse_duration(&utf8(text.as_bytes())).unwrap_or(0),
        Value::Int(Int::Int64, nanoseconds) => *nanoseconds,
        Value::Time(time) => call.environment().now.sub(time),
        _ => 0,
    };
    let length = duration.unsigned_abs();
    let units = UNITS.iter().map(|(seconds, name)| (seconds * SECOND.unsigned_abs(), name));
    let text = units.into_iter().find(|(unit, _)| length > *unit);
    Ok(text.map_or("0s".into(), |(unit, name)| format!("{}{name}", length / unit).into()))
}

fn to_date(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(parsed(call).unwrap_or_default().into())
}

fn must_to_date(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(parsed(call)?.into())
}

fn parsed(call: &Call<'_>) -> Result<Time, String> {
    Time::parse_in(call.text(0), call.text(1), &call.environment().local)
}

fn unix_epoch(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(call.time(0).seconds().to_string().into())
}
