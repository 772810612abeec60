//! Reads alerts and texts out of the data of any profile.
//!
//! A profile has objects with fields, or maps from JSON, whose keys begin with a small letter.

use gotemplate::{Call, Failure, Text, Time, Value, Zone};
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use crate::alert::{Labels, Status};

/// Go's zero time, which stands for a time that is not known.
const ZERO_TIME: i64 = -62_135_596_800;

/// A field of an object or of a map; no value if there is none.
pub(super) fn field(of: &Value, name: &str) -> Value {
    if let Value::Object(object) = of
        && let Some(value) = object.field(name)
    {
        return value;
    }
    let Some(map) = of.as_map() else { return Value::Invalid };
    let found = map.get(name.as_bytes()).or_else(|| {
        let mut small = name.to_owned();
        small.get_mut(..1)?.make_ascii_lowercase();
        map.get(small.as_bytes())
    });
    found.unwrap_or_default()
}

/// A text, or a value that can be shown as one; empty if there is no value.
pub(super) fn text(value: &Value) -> Result<Text, Failure> {
    if let Some(text) = value.as_text() {
        return Ok(text.clone());
    }
    match value {
        Value::Invalid | Value::Nil(_) => Ok(Text::default()),
        Value::Bool(value) => Ok(value.to_string().into()),
        Value::Int(_, value) => Ok(value.to_string().into()),
        Value::Uint(_, value) => Ok(value.to_string().into()),
        Value::Object(object) => object.to_text().ok_or_else(|| no_text(value)),
        Value::Float(..)
        | Value::Complex(..)
        | Value::Text(_)
        | Value::Time(_)
        | Value::List(_)
        | Value::Map(_) => Err(no_text(value)),
    }
}

fn no_text(value: &Value) -> Failure {
    let found = value.type_of().map_or_else(|| "nothing".to_owned(), |of| of.to_string());
    Failure::Said(format!("wrong type for value; expected string; got {found}"))
}

/// An argument as text; its length is paid for.
pub(super) fn str_argument(call: &mut Call<'_>, at: usize) -> Result<String, Failure> {
    let text = text(call.value(at))?;
    call.reserve(text.len())?;
    Ok(text.to_str().into_owned())
}

/// The alerts of the data, or those of a list.
pub(super) fn alerts(of: &Value) -> Value {
    if of.as_list().is_some() { of.clone() } else { field(of, "Alerts") }
}

/// Labels: a map, or the `field` of an alert that holds one.
pub(super) fn labels(call: &mut Call<'_>, of: &Value, name: &str) -> Result<Labels, Failure> {
    let inner = field(of, name);
    let labels = if inner.as_map().is_some() { &inner } else { of };
    let Some(map) = labels.as_map() else { return Ok(Labels::default()) };
    let mut pairs = Vec::new();
    let mut bytes = 0_usize;
    map.each(|name, value| {
        if let (Some(name), Some(value)) = (name.as_text(), value.as_text()) {
            bytes = bytes.saturating_add(name.len()).saturating_add(value.len());
            pairs.push((name.clone(), value.clone()));
        }
    });
    call.spend(u64::try_from(pairs.len()).unwrap_or(u64::MAX))?;
    call.reserve(bytes)?;
    let owned = |text: Text| text.to_str().into_owned();
    Ok(pairs.into_iter().map(|(name, value)| (owned(name), owned(value))).collect())
}

/// The fields of an alert that sorting, counting and naming need.
#[derive(Debug)]
pub(super) struct Brief {
    pub(super) status: Status,
    pub(super) name: String,
    pub(super) severity: String,
}

/// These fields of all alerts.
pub(super) fn briefs(call: &mut Call<'_>, alerts: &Value) -> Result<Vec<Brief>, Failure> {
    let list = alerts.as_list().map_or(&[][..], |list| list);
    // Each alert costs three look-ups and the copies of what is found.
    call.spend(u64::try_from(list.len()).unwrap_or(u64::MAX).saturating_mul(3))?;
    list.iter().map(|alert| brief(call, alert)).collect()
}

/// These fields of one alert.
pub(super) fn brief(call: &mut Call<'_>, alert: &Value) -> Result<Brief, Failure> {
    let labels = field(alert, "Labels");
    let mut label = |name| {
        let text = text(&field(&labels, name))?;
        call.reserve(text.len())?;
        Ok::<_, Failure>(text.to_str().into_owned())
    };
    Ok(Brief { name: label("alertname")?, severity: label("severity")?, status: status(alert) })
}

/// The status of an alert or of the data; any other word than `resolved` is taken for firing.
pub(super) fn status(of: &Value) -> Status {
    let status = field(of, "Status");
    match status.as_text().map(Text::as_bytes) {
        Some(b"resolved") => Status::Resolved,
        Some(_) | None => Status::Firing,
    }
}

/// An instant: a time, or a text as in JSON; none if it is not known.
pub(super) fn instant(value: &Value) -> Result<Option<Timestamp>, Failure> {
    let instant = if let Value::Time(time) = value {
        of_time(time)
    } else {
        let text = text(value)?;
        let read = (!text.is_empty()).then(|| text.to_str().parse::<Timestamp>());
        read.transpose().map_err(|error| Failure::Said(error.to_string()))?
    };
    Ok(instant.filter(|instant| instant.as_second() != ZERO_TIME))
}

/// An instant of Go's; none if it lies outside the range of [`Timestamp`].
pub(super) fn of_time(time: &Time) -> Option<Timestamp> {
    Timestamp::new(time.seconds(), i32::try_from(time.nanoseconds()).ok()?).ok()
}

/// The zone that times are shown in.
pub(super) fn zone(call: &Call<'_>) -> TimeZone {
    match &call.environment().local {
        Zone::Utc => TimeZone::UTC,
        Zone::Named { rules, .. } => rules.clone(),
        Zone::Fixed { offset, .. } => {
            Offset::from_seconds(*offset).map_or(TimeZone::UTC, TimeZone::fixed)
        }
    }
}
