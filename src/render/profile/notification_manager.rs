//! The functions, the data and the templates of notification-manager 2.6.

mod data;
mod escape;
mod labels;
mod language;

use std::ops::Range;
use std::sync::Arc;

use gotemplate::{Call, Failure, Function, Functions, Value};

use self::data::{Alert, Data};
pub use self::language::Language;
use super::{Model, Refusal, Source, strings};
use crate::alert::Notification;

pub(super) const REFUSED: &[Refusal] = &[];

/// What its own `nm.default.*` and `nm.subject` write; those for mail and Feishu are left out.
pub(super) const SOURCES: &[Source] =
    &[("notification-manager.tmpl", include_str!("notification_manager/default.tmpl"))];

const FUNCTIONS: &[Function] = &[
    Function::new("escape(s string) string", escape),
    Function::new("translate(key string) string", translate),
    Function::new("message(alert any) string", message),
];

pub(super) fn functions() -> Functions {
    Functions::new().with(strings::FUNCTIONS).with(FUNCTIONS)
}

pub(super) fn model(notification: &Notification, language: &Language) -> Box<dyn Model> {
    let alerts = notification.alerts.iter().map(|alert| Value::object(Alert::new(alert))).collect();
    // Its groups have no label without a value.
    let group = notification.group_labels.iter().filter(|(_, value)| !value.is_empty());
    Box::new(Alerts { alerts, group: labels::of(group), language: Arc::new(language.clone()) })
}

#[derive(Debug)]
struct Alerts {
    alerts: Vec<Value>,
    group: Value,
    language: Arc<Language>,
}

impl Model for Alerts {
    fn data(&self, alerts: Range<usize>, _mobiles: &[String]) -> Value {
        let alerts = self.alerts.get(alerts).unwrap_or_default().to_vec();
        Value::object(Data::new(alerts, self.group.clone(), Arc::clone(&self.language)))
    }
}

fn escape(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    call.reserve(escape::size(text))?;
    Ok(Value::text(escape::escape(text)))
}

fn translate(call: &mut Call<'_>) -> Result<Value, Failure> {
    call.reserve(call.text(0).len())?;
    let data = call.root().downcast::<Data>();
    let found = data.and_then(|data| data.language().translate(call.text(0)));
    Ok(found.map_or_else(|| call.value(0).clone(), Value::Text))
}

fn message(call: &mut Call<'_>) -> Result<Value, Failure> {
    let value = call.value(0);
    let Some(alert) = value.downcast::<Alert>() else {
        let found = value.type_of().map_or_else(|| "<nil>".to_owned(), |of| of.to_string());
        return Err(format!("wrong type for value; expected *template.Alert; got {found}").into());
    };
    let chinese = call.root().downcast::<Data>().is_some_and(|data| data.language().is_chinese());
    Ok(Value::Text(if chinese { alert.message_cn() } else { alert.message() }))
}
