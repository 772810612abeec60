//! Functions of what a sender itself gives: its values and its pages.

use gotemplate::{Call, Failure, Value};

use super::read::{alerts, field, status, text};
use crate::alert::{AlertExtras, Labels, Status, shown_number};
use crate::render::link;
use crate::render::profile::model::{ALERTMANAGER, Record, TELLS_WHAT_IS, VALUES};
use crate::render::profile::prometheusalert::sender;

/// Whether an alert of the data has anything of the sender's own.
pub(super) fn has_extras(call: &mut Call<'_>) -> Result<Value, Failure> {
    let alerts = alerts(call.value(0));
    let list = alerts.as_list().map_or(&[][..], |list| list);
    // An alert of a sender that gives nothing is hardly looked at.
    call.spend(u64::try_from(list.len() / 8).unwrap_or(u64::MAX))?;
    let has = |alert: &Value| {
        alert.downcast::<Record>().is_some_and(Record::has_extras)
            || alert.as_map().is_some_and(|map| map.get(b"silenceURL").is_some())
    };
    Ok(Value::Bool(list.iter().any(has)))
}

/// Whether the texts of an alert, or of the data, are those of what was: it is resolved, and the sender has
/// no newer ones.
pub(super) fn is_past(call: &mut Call<'_>) -> Result<Value, Failure> {
    // Two look-ups.
    call.spend(2)?;
    let tells_what_is = matches!(field(call.root(), TELLS_WHAT_IS), Value::Bool(true));
    Ok(Value::Bool(status(call.value(0)) == Status::Resolved && !tells_what_is))
}

/// The values that an alert came of, in one line.
pub(super) fn values_line(call: &mut Call<'_>) -> Result<Value, Failure> {
    let alert = call.value(0);
    let in_words = field(alert, VALUES);
    if in_words.as_text().is_some() {
        return Ok(in_words);
    }
    let values = field(alert, "Values");
    let mut pairs = Vec::new();
    if let Some(values) = values.as_map() {
        call.spend(u64::try_from(values.len()).unwrap_or(u64::MAX))?;
        values.each(|name, value| pairs.extend(shown(name).zip(shown(value))));
    }
    let words = text(&field(alert, "ValueString"))?;
    let values: Labels = pairs.into_iter().collect();
    call.reserve(values.size().saturating_mul(2).saturating_add(words.len()))?;
    let value_string = words.to_str().into_owned();
    Ok(AlertExtras { values, value_string, ..AlertExtras::default() }.values_in_words().into())
}

/// A text, or a number as it is shown; nothing for what is neither.
fn shown(value: &Value) -> Option<String> {
    if let Value::Float(_, number) = value {
        return Some(shown_number(*number));
    }
    value.as_text().map(|text| text.to_str().into_owned())
}

/// The sender's own page that silences an alert, as the target of a link.
pub(super) fn silence(call: &mut Call<'_>, alert: &Value) -> Result<Option<String>, Failure> {
    let url = text(&field(alert, "SilenceURL"))?;
    call.reserve(url.len().saturating_mul(3))?;
    Ok(link::target(&url.to_str()))
}

/// Where Alertmanager's pages begin, if the sender of the data serves them.
pub(super) fn alertmanager(data: &Value) -> Result<Option<String>, Failure> {
    let known = field(data, ALERTMANAGER);
    if known.as_text().is_some() {
        let known = text(&known)?;
        return Ok((!known.is_empty()).then(|| known.to_str().into_owned()));
    }
    // The data of a product that shows the body as it came.
    let external_url = text(&field(data, "ExternalURL"))?;
    Ok(link::alertmanager(sender(data), &external_url.to_str()))
}
