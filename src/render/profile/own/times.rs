//! Functions of times, which are shown in the configured zone.

use gotemplate::{Call, Failure, Value};
use jiff::{SignedDuration, Timestamp};

use super::read::{self, field, instant};
use crate::alert::Status;
use crate::render::Language;
use crate::render::builtin::times;

pub(super) fn local_time(call: &mut Call<'_>) -> Result<Value, Failure> {
    let Some(time) = instant(call.value(0))? else { return Ok(Value::text("")) };
    let start = call.rest(1).first().map(instant).transpose()?.flatten();
    Ok(times::point_after(start, time, &read::zone(call)).into())
}

pub(super) fn short_time(call: &mut Call<'_>) -> Result<Value, Failure> {
    let Some(time) = instant(call.value(0))? else { return Ok(Value::text("")) };
    let start = call.rest(1).first().map(instant).transpose()?.flatten();
    let now = now(call).unwrap_or_default();
    Ok(times::short_after(start, time, now, &read::zone(call)).into())
}

pub(super) fn since(call: &mut Call<'_>) -> Result<Value, Failure> {
    let Value::Time(time) = call.value(0) else {
        let time = instant(call.value(0))?.ok_or("there is no time")?;
        let lasted = now(call).map(|now| now.duration_since(time).as_nanos());
        let nanoseconds = lasted.and_then(|lasted| i64::try_from(lasted).ok());
        return Ok(Value::duration(nanoseconds.unwrap_or(i64::MAX)));
    };
    Ok(Value::duration(call.environment().now.sub(time)))
}

pub(super) fn human_duration(call: &mut Call<'_>) -> Result<Value, Failure> {
    let duration = SignedDuration::from_nanos(call.int(0));
    length(call, Some(duration))
}

pub(super) fn lasted(call: &mut Call<'_>) -> Result<Value, Failure> {
    let alert = call.value(0);
    let start = instant(&field(alert, "StartsAt"))?;
    let end = instant(&field(alert, "EndsAt"))?;
    let status = read::status(alert);
    let lasted = now(call).and_then(|now| times::lasted(status, start, end, now));
    length(call, lasted)
}

/// Whether an alert ended as it began, or all those of the data that fire did.
pub(super) fn is_event(call: &mut Call<'_>) -> Result<Value, Failure> {
    let of = call.value(0);
    let alerts = read::alerts(of);
    let Some(list) = alerts.as_list() else { return ended_as_it_began(of).map(Value::Bool) };
    call.spend(u64::try_from(list.len()).unwrap_or(u64::MAX))?;
    let mut fires = false;
    for alert in list.iter().filter(|alert| read::status(alert) == Status::Firing) {
        fires = true;
        if !ended_as_it_began(alert)? {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(fires))
}

fn ended_as_it_began(alert: &Value) -> Result<bool, Failure> {
    let start = instant(&field(alert, "StartsAt"))?;
    Ok(start.is_some() && start == instant(&field(alert, "EndsAt"))?)
}

/// The time at which the message is written.
pub(super) fn now(call: &Call<'_>) -> Option<Timestamp> {
    read::of_time(&call.environment().now)
}

/// A duration in the units that follow the first argument, or in those of the built-in message.
fn length(call: &mut Call<'_>, duration: Option<SignedDuration>) -> Result<Value, Failure> {
    let units: Vec<_> = (1..call.len()).map(|at| call.str(at)).collect();
    call.reserve(units.iter().map(|unit| unit.len().saturating_add(20)).sum())?;
    let units = match units.as_slice() {
        [] => Language::En.words().units,
        [days, hours, minutes, seconds] => [&**days, hours, minutes, seconds],
        _ => return Err("the units are four: days, hours, minutes and seconds".into()),
    };
    Ok(duration.and_then(|duration| times::length(duration, units)).unwrap_or_default().into())
}
