//! What Grafana's data has beside Alertmanager's, under the names that it has in Grafana
//! (grafana/alerting, `templates.ExtendedData` and `receivers/webhook`).
//!
//! A template finds them whoever the sender is, empty where it gives none, and whatever prints the data
//! does not show them, so that it prints what the product prints.

use gotemplate::{Float, Int, Type, Value};

use super::Extra;
use crate::alert::{AlertExtras, Labels, Notification, NotificationExtras};
use crate::render::link;

/// Where Alertmanager's pages begin; empty if the sender serves none.
pub(in crate::render::profile) const ALERTMANAGER: &str = "alertmanagerURL";

/// Whether the sender says of a resolved alert how it is, and not how it was.
pub(in crate::render::profile) const TELLS_WHAT_IS: &str = "tellsWhatIs";

/// The values of an alert in one line.
pub(in crate::render::profile) const VALUES: &str = "valuesInWords";

/// `map[string]float64`.
const NUMBERS: Type = Type::Map(&Type::String, &Type::FLOAT);

/// The fields of an alert, in the order of [`of_alert`].
pub(in crate::render::profile) const ALERT_EXTRAS: &[Extra] = &[
    text("SilenceURL"),
    text("DashboardURL"),
    text("PanelURL"),
    text("ImageURL"),
    Extra { name: "Values", zero: || Value::Nil(NUMBERS) },
    text("ValueString"),
    text("RuleUID"),
    Extra { name: "OrgID", zero: || id(0) },
    text(VALUES),
];

/// The fields of a notification, in the order of [`of_data`].
pub(in crate::render::profile) const DATA_EXTRAS: &[Extra] = &[
    Extra { name: "OrgID", zero: || id(0) },
    text("Title"),
    text("State"),
    text("Message"),
    text("AppVersion"),
    text(ALERTMANAGER),
    Extra { name: TELLS_WHAT_IS, zero: || Value::Bool(false) },
];

const fn text(name: &'static str) -> Extra {
    Extra { name, zero: || Value::text("") }
}

fn id(id: i64) -> Value {
    Value::Int(Int::Int64, id)
}

/// The extras of an alert.
pub(super) fn of_alert(extras: &AlertExtras) -> Vec<Value> {
    vec![
        Value::text(extras.silence_url.as_str()),
        Value::text(extras.dashboard_url.as_str()),
        Value::text(extras.panel_url.as_str()),
        Value::text(extras.image_url.as_str()),
        numbers(&extras.values),
        Value::text(extras.value_string.as_str()),
        Value::text(extras.rule_uid.as_str()),
        id(extras.org_id),
        Value::text(extras.values_in_words()),
    ]
}

/// The extras of a notification.
pub(in crate::render::profile) fn of_data(notification: &Notification) -> Vec<Value> {
    let none = NotificationExtras::default();
    let extras = notification.extras.as_deref().unwrap_or(&none);
    let pages = link::alertmanager(notification.sender, &notification.external_url);
    vec![
        id(extras.org_id),
        Value::text(extras.title.as_str()),
        Value::text(extras.state.as_str()),
        Value::text(extras.message.as_str()),
        Value::text(extras.app_version.as_str()),
        Value::text(pages.unwrap_or_default()),
        Value::Bool(!notification.sender.repeats_what_was()),
    ]
}

/// Those values that are numbers.
fn numbers(values: &Labels) -> Value {
    let numbers = values.iter().filter_map(|(name, value)| Some((name, number(value)?)));
    let numbers: Vec<_> = numbers.collect();
    if numbers.is_empty() {
        return Value::Nil(NUMBERS);
    }
    Value::Map(gotemplate::Map::of_names(NUMBERS, numbers).into())
}

/// The `float64` that a value is, if it is a number.
pub(in crate::render::profile) fn number(value: &str) -> Option<Value> {
    let number = value.trim().parse().ok()?;
    Some(Value::Float(Float::Float64, number))
}
