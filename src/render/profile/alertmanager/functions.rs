//! The functions that Alertmanager alone has.
#![allow(clippy::unnecessary_wraps, reason = "functions in a table have one type")]

use std::any::Any;

use gotemplate::{
    Base, Call, Failure, Function, List, Named, Object, Text, Time, Type, Value, Zone,
};

use super::super::runes::trim_space;
use super::{codec, duration, json, title};

/// The functions, sorted by name.
pub(super) const TABLE: &[Function] = &[
    Function::new("append(slice []any, args ...any) []any", append),
    Function::new("base64decode(text string) string", codec::base64_decode),
    Function::new("base64encode(text string) string", codec::base64_encode),
    Function::new("date(fmt string, t time.Time) string", date),
    Function::new("dict(values ...any) map[string]any", dict),
    Function::new("humanizeDuration(i any) string", duration::humanize),
    Function::new("list(args ...any) []any", list),
    Function::new("mustToDate(layout string, s string) time.Time", must_to_date),
    Function::new("now() time.Time", now),
    Function::new("routeLabels(name string) string", route_labels),
    Function::new("safeUrl(text string) template.URL", safe_url),
    Function::new("since(t time.Time) time.Duration", since),
    Function::new("title(text string) string", title::title),
    Function::new("toDate(layout string, s string) time.Time", to_date),
    Function::new("toJson(v any) string", json::to_json),
    Function::new("trimSpace(s string) string", trim),
    Function::new("tz(name string, t time.Time) time.Time", in_zone),
    Function::new("urlUnescape(s string) string", codec::query_unescape),
];

fn trim(call: &mut Call<'_>) -> Result<Value, Failure> {
    let trimmed = trim_space(call.text(0));
    call.reserve(trimmed.len())?;
    Ok(Value::text(trimmed))
}

/// `template.URL`.
#[derive(Debug)]
struct Url(Text);

/// A named string is no `string`: no function takes it for one.
static URL: Named = Named {
    name: "template.URL",
    underlying: Type::Any,
    zero: || Value::object(Url(Text::default())),
};

impl Object for Url {
    fn named(&self) -> &'static Named {
        &URL
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn base(&self) -> Base<'_> {
        Base::Text(&self.0)
    }

    fn part(&self, part: Value) -> Option<Value> {
        Some(Value::object(Self(part.as_text()?.clone())))
    }
}

fn safe_url(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::object(Url(call.value(0).as_text().cloned().unwrap_or_default())))
}

/// The route's labels as they came; Alertmanager has executed the templates in them.
fn route_labels(call: &mut Call<'_>) -> Result<Value, Failure> {
    let labels =
        if let Value::Object(data) = call.root() { data.field(super::ROUTE_LABELS) } else { None };
    let label = labels.as_ref().and_then(Value::as_map).and_then(|map| map.get(call.text(0)));
    Ok(label.unwrap_or_else(|| Value::text("")))
}

fn date(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (layout, time) = (call.text(0), call.time(1));
    call.reserve(time.format_bound(layout))?;
    Ok(Value::text(time.format(layout)))
}

fn in_zone(call: &mut Call<'_>) -> Result<Value, Failure> {
    let zone = Zone::load(&call.str(0), &call.environment().local)?;
    Ok(Value::from(call.time(1).in_zone(zone)))
}

fn now(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::from(call.environment().now.clone()))
}

fn since(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::duration(call.environment().now.sub(&call.time(0))))
}

fn parsed(call: &Call<'_>) -> Result<Time, String> {
    Time::parse_in(call.text(0), call.text(1), &Zone::Utc)
}

fn to_date(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::from(parsed(call).unwrap_or_default()))
}

fn must_to_date(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::from(parsed(call)?))
}

fn list(call: &mut Call<'_>) -> Result<Value, Failure> {
    listed(call, &[], call.rest(0))
}

/// `append`; without anything to append, the list itself.
fn append(call: &mut Call<'_>) -> Result<Value, Failure> {
    if call.len() == 1 {
        return Ok(call.value(0).clone());
    }
    listed(call, call.list(0), call.rest(1))
}

fn listed(call: &mut Call<'_>, first: &[Value], more: &[Value]) -> Result<Value, Failure> {
    let items = first.len().saturating_add(more.len());
    call.reserve(items.saturating_mul(size_of::<Value>()))?;
    let items = first.iter().chain(more).cloned().collect();
    Ok(Value::List(List::new(Type::LIST, items).into()))
}

fn dict(call: &mut Call<'_>) -> Result<Value, Failure> {
    let values = call.rest(0);
    let (pairs, rest) = values.as_chunks::<2>();
    if !rest.is_empty() {
        return Err("dict requires an even number of arguments".into());
    }
    call.reserve(size_of_val(values))?;
    let mut entries = Vec::with_capacity(pairs.len());
    for [key, value] in pairs {
        let Value::Text(key) = key else { return Err("dict keys must be strings".into()) };
        entries.push((key.clone(), value.clone()));
    }
    Ok(Value::dict(entries))
}
