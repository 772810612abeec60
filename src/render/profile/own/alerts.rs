//! Functions of the data and of alerts: the pieces that the built-in message is made of.

use std::sync::Arc;

use gotemplate::{Call, Failure, List, Type, Value};
use jiff::Timestamp;

use super::read::{self, Brief, field, instant, text};
use super::{extras, times};
use crate::alert::{Labels, Status};
use crate::render::builtin::annotations::AnnotationTexts;
use crate::render::builtin::times::offset;
use crate::render::builtin::{self, OwnPlaces, heading};
use crate::render::facts::{self, SharedTimes, Span};
use crate::render::link;
use crate::render::markdown::MarkupWriter;
use crate::render::plain;
use crate::render::severity::{SeverityOrder, Urgency};

/// A template knows no order of its own.
const ORDER: &SeverityOrder = &SeverityOrder::USUAL;

pub(super) fn icon(call: &mut Call<'_>) -> Result<Value, Failure> {
    let of = call.value(0);
    let alerts = read::alerts(of);
    let (status, urgency) = if alerts.as_list().is_some() {
        let alerts = read::briefs(call, &alerts)?;
        let status = status_of(&alerts, of);
        let shown = alerts.iter().filter(|alert| alert.status == status);
        let urgencies = shown.map(|alert| ORDER.urgency(&alert.severity));
        (status, facts::reddest(urgencies).unwrap_or(Urgency::Unknown))
    } else {
        let alert = read::brief(call, of)?;
        (alert.status, ORDER.urgency(&alert.severity))
    };
    Ok(facts::emoji(status, urgency).into())
}

/// Firing as soon as one alert fires; without alerts, the status that the data has.
fn status_of(alerts: &[Brief], data: &Value) -> Status {
    let statuses = alerts.iter().map(|alert| alert.status);
    statuses.min().unwrap_or_else(|| read::status(data))
}

pub(super) fn by_severity(call: &mut Call<'_>) -> Result<Value, Failure> {
    let alerts = read::alerts(call.value(0));
    let Some(list) = alerts.as_list() else { return Ok(Value::Nil(Type::LIST)) };
    let keys = read::briefs(call, &alerts)?;
    call.reserve(list.len().saturating_mul(size_of::<Value>()))?;
    let urgency = |alert: &Brief| (alert.status, ORDER.place(&alert.severity));
    let mut sorted: Vec<_> = keys.iter().map(urgency).zip(list.iter().cloned()).collect();
    sorted.sort_by_key(|(key, _)| *key);
    let items = sorted.into_iter().map(|(_, alert)| alert).collect();
    let of = list.type_of().underlying();
    let of = if matches!(of, Type::Slice(_)) { of } else { Type::LIST };
    Ok(Value::List(Arc::new(List::new(of, items))))
}

pub(super) fn names(call: &mut Call<'_>) -> Result<Value, Failure> {
    let sorted = by_severity(call)?;
    let mut alerts = read::briefs(call, &sorted)?;
    if alerts.is_empty() {
        alerts.extend(common(call)?);
    }
    let names = facts::distinct(alerts.iter().map(|alert| alert.name.as_str()));
    Ok(Value::strings(names.into_iter().filter_map(heading::value)))
}

pub(super) fn severities(call: &mut Call<'_>) -> Result<Value, Failure> {
    let data = call.value(0);
    let alerts = read::briefs(call, &read::alerts(data))?;
    let status = status_of(&alerts, data);
    let shown = alerts.iter().filter(|alert| alert.status == status);
    let severities = shown.map(|alert| alert.severity.as_str());
    let mut counts =
        facts::counted_by(severities.map(|severity| (ORDER.place(severity), severity)));
    let common = if alerts.is_empty() { common(call)? } else { None };
    counts.extend(common.iter().map(|common| (common.severity.as_str(), 0)));
    call.reserve(counts.len().saturating_mul(64))?;
    let entry = |(severity, count): (&str, usize)| {
        let severity = Value::text(heading::value(severity).unwrap_or_default());
        let count = Value::int(i64::try_from(count).unwrap_or(i64::MAX));
        Value::dict([("Severity", severity), ("Count", count)])
    };
    Ok(Value::list(counts.into_iter().map(entry).collect()))
}

/// The common labels that the data has, for data without alerts.
fn common(call: &mut Call<'_>) -> Result<Option<Brief>, Failure> {
    let labels = field(call.value(0), "CommonLabels");
    let alert = Value::dict([("Labels", labels)]);
    read::brief(call, &alert).map(Some)
}

pub(super) fn subjects(call: &mut Call<'_>) -> Result<Value, Failure> {
    let data = call.value(0);
    let alerts = read::alerts(data);
    let lone = match alerts.as_list().map(|list| &**list) {
        Some([alert]) => Some(read::labels(call, alert, "Labels")?),
        Some(_) | None => None,
    };
    let group = field(data, "GroupLabels");
    let group = read::labels(call, &group, "")?;
    Ok(Value::strings(heading::things(lone.as_ref(), &group, ORDER)))
}

pub(super) fn common_graph(call: &mut Call<'_>) -> Result<Value, Failure> {
    shared_text(call, "GeneratorURL")
}

pub(super) fn common_page(call: &mut Call<'_>) -> Result<Value, Failure> {
    let name = call.str(1).to_string();
    shared_text(call, &name)
}

/// The text that a field of all alerts has; empty if they have several.
fn shared_text(call: &mut Call<'_>, name: &str) -> Result<Value, Failure> {
    let alerts = read::alerts(call.value(0));
    let list = alerts.as_list().map_or(&[][..], |list| list);
    call.spend(u64::try_from(list.len()).unwrap_or(u64::MAX))?;
    let mut texts = list.iter().map(|alert| text(&field(alert, name)));
    let first = texts.next().transpose()?.unwrap_or_default();
    for text in texts {
        if text? != first {
            return Ok(Value::text(""));
        }
    }
    Ok(first.into())
}

/// The times that all alerts have, as the alert writes them that began first, or ended last.
pub(super) fn common_times(call: &mut Call<'_>) -> Result<Value, Failure> {
    let alerts = read::alerts(call.value(0));
    let list = alerts.as_list().map_or(&[][..], |list| list);
    call.spend(u64::try_from(list.len()).unwrap_or(u64::MAX).saturating_mul(3))?;
    let span = |alert| {
        let time = |name| instant(&field(alert, name));
        Ok((read::status(alert), time("StartsAt")?, time("EndsAt")?))
    };
    let spans = list.iter().map(span).collect::<Result<Vec<Span>, Failure>>()?;
    let times = SharedTimes::of(&spans);
    let written = |name, time: Option<Timestamp>, of: fn(&Span) -> Option<Timestamp>| {
        let has = |span: &Span| time.is_some() && of(span) == time;
        let found = spans.iter().position(has).map(|at| field(&list[at], name));
        found.unwrap_or_else(|| Value::text(""))
    };
    let is_dated = spans.iter().any(|(_, start, end)| start.or(*end).is_some());
    let has_own = list.len() > 1 && !times.tell_the_beginning() && is_dated;
    let now = times::now(call).unwrap_or_default();
    let zone = if has_own { offset(now, &read::zone(call)) } else { String::new() };
    Ok(Value::dict([
        ("At", written("StartsAt", times.at, |(_, start, _)| *start)),
        ("StartsAt", written("StartsAt", times.start, |(_, start, _)| *start)),
        ("EndsAt", written("EndsAt", times.end, |(_, _, end)| *end)),
        ("Zone", zone.into()),
    ]))
}

pub(super) fn host(call: &mut Call<'_>) -> Result<Value, Failure> {
    let labels = read::labels(call, call.value(0), "Labels")?;
    let OwnPlaces { host, .. } = OwnPlaces::of(facts::places(&labels, ORDER));
    let mut writer = clean_writer();
    writer.line(|line| host.is_some_and(|host| builtin::write_host(line, host)));
    Ok(writer.block().text.into())
}

pub(super) fn beside_host(call: &mut Call<'_>) -> Result<Value, Failure> {
    let labels = read::labels(call, call.value(0), "Labels")?;
    let OwnPlaces { others, .. } = OwnPlaces::of(facts::places(&labels, ORDER));
    Ok(written(&others))
}

pub(super) fn summary(call: &mut Call<'_>) -> Result<Value, Failure> {
    let annotations = read::labels(call, call.value(0), "Annotations")?;
    let summary = AnnotationTexts::of(&annotations, |_| false).summary.unwrap_or_default();
    Ok(plain::line(summary, usize::MAX).text.into_owned().into())
}

pub(super) fn details(call: &mut Call<'_>) -> Result<Value, Failure> {
    let annotations = read::labels(call, call.value(0), "Annotations")?;
    let mut writer = clean_writer();
    AnnotationTexts::of(&annotations, |_| false).write_more(&mut writer);
    Ok(writer.block().text.into())
}

pub(super) fn places(call: &mut Call<'_>) -> Result<Value, Failure> {
    pairs(call, |name| !facts::is_origin(name))
}

pub(super) fn origins(call: &mut Call<'_>) -> Result<Value, Failure> {
    pairs(call, facts::is_origin)
}

fn pairs(call: &mut Call<'_>, is_meant: impl Fn(&str) -> bool) -> Result<Value, Failure> {
    let labels = read::labels(call, call.value(0), "Labels")?;
    let mut meant = facts::places(&labels, ORDER);
    meant.retain(|(name, _)| is_meant(name));
    Ok(written(&meant))
}

/// Labels, each as `name: value`.
fn written(labels: &[(&str, &str)]) -> Value {
    let mut writer = clean_writer();
    for label in labels.chunks(1) {
        writer.line(|line| line.labels(label));
    }
    Value::strings(writer.block().lines())
}

fn clean_writer() -> MarkupWriter {
    MarkupWriter::for_clean_text(usize::MAX)
}

pub(super) fn silence_url(call: &mut Call<'_>) -> Result<Value, Failure> {
    let of = call.value(0);
    let is_alert = field(of, "Labels").as_map().is_some();
    if is_alert && read::status(of) == Status::Resolved {
        return Ok(Value::text(""));
    }
    if is_alert && let Some(own) = extras::silence(call, of)? {
        return Ok(own.into());
    }
    let labels = read::labels(call, of, "Labels")?;
    let url = url_of(call, |alertmanager| link::silence_form(alertmanager, &labels))?;
    Ok(url.into())
}

pub(super) fn group_url(call: &mut Call<'_>) -> Result<Value, Failure> {
    let receiver = text(&field(call.root(), "Receiver"))?;
    let group: Labels = read::labels(call, &field(call.root(), "GroupLabels"), "")?;
    let page = |alertmanager: &str| link::group_page_at(alertmanager, &receiver.to_str(), &group);
    Ok(url_of(call, page)?.into())
}

/// The address of a page of Alertmanager; empty where the sender of the data serves none.
fn url_of(
    call: &mut Call<'_>,
    page: impl FnOnce(&str) -> Option<String>,
) -> Result<String, Failure> {
    let alertmanager = extras::alertmanager(call.root())?;
    let url = alertmanager.and_then(|alertmanager| page(&alertmanager)).unwrap_or_default();
    call.reserve(url.len())?;
    Ok(url)
}
