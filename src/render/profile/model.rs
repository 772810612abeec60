//! Alertmanager's data model, which other products have taken over in one of its generations.
//!
//! Everything is made once for a notification. What a method returns is kept, so that a template
//! that asks twice gets the same value and not a second one.

mod alerts;
mod kv;
mod pairs;
mod record;

use gotemplate::{Named, Text, Type, Value};
use jiff::Timestamp;

pub(super) use alerts::Alerts;
pub(super) use kv::{Kv, names, remove, sorted_pairs, string, values};
pub(super) use pairs::{Pairs, join, pair_names, pair_values, pairs_string};
pub(super) use record::{Field, Record, Struct};

use crate::alert::{Alert, Labels, Status};

/// What differs between the products that have this model: the types, and which methods they have.
#[derive(Debug)]
pub(super) struct Generation {
    /// A map of labels.
    pub(super) kv: &'static Named,
    /// Methods of a map of labels.
    pub(super) kv_methods: &'static [gotemplate::Function],
    /// A label.
    pub(super) pair: &'static Named,
    /// Labels in order.
    pub(super) pairs: &'static Named,
    /// Methods of labels in order.
    pub(super) pairs_methods: &'static [gotemplate::Function],
    /// The type of names and values where it is more than a `[]string`, and its methods.
    pub(super) strings: Option<(&'static Named, &'static [gotemplate::Function])>,
    /// Whether labels print themselves as `a=1, b=2`.
    pub(super) prints_labels: bool,
    /// An alert.
    pub(super) alert: &'static Struct,
    /// Alerts.
    pub(super) alerts: &'static Named,
    /// The type of some of the alerts, without methods.
    pub(super) alert_list: Type,
}

/// The fields of an alert, the same in all generations.
pub(super) const ALERT_FIELDS: &[Field] = &[
    Field::of("Status", Some("status")),
    Field::of("Labels", Some("labels")),
    Field::of("Annotations", Some("annotations")),
    Field::of("StartsAt", Some("startsAt")),
    Field::of("EndsAt", Some("endsAt")),
    Field::of("GeneratorURL", Some("generatorURL")),
    Field::of("Fingerprint", Some("fingerprint")),
];

/// The names of [`ALERT_FIELDS`].
pub(super) const ALERT_NAMES: &[&str] =
    &["Status", "Labels", "Annotations", "StartsAt", "EndsAt", "GeneratorURL", "Fingerprint"];

impl Generation {
    /// Labels or annotations.
    pub(super) fn labels(&'static self, labels: &Labels) -> Value {
        Value::object(Kv::new(self, labels.iter().map(|(name, text)| (name, Value::text(text)))))
    }

    /// An alert.
    pub(super) fn alert(&'static self, alert: &Alert) -> Value {
        Value::object(Record::new(
            self.alert,
            vec![
                status(alert.status),
                self.labels(&alert.labels),
                self.labels(&alert.annotations),
                time(alert.starts_at, alert.offsets.starts),
                time(alert.ends_at, alert.offsets.ends),
                Value::text(alert.generator_url.as_str()),
                Value::text(alert.fingerprint.as_str()),
            ],
        ))
    }

    /// The zero value of an alert.
    pub(super) fn no_alert(&'static self) -> Value {
        let text = || Value::Text(Text::default());
        let none = || Value::Nil(Type::Named(self.kv));
        let zero = || Value::from(gotemplate::Time::default());
        let values = vec![text(), none(), none(), zero(), zero(), text(), text()];
        Value::object(Record::new(self.alert, values))
    }

    /// Some of the alerts, as the type with methods.
    pub(super) fn alerts(&'static self, alerts: &[Value]) -> Value {
        Value::object(Alerts::new(self, alerts.to_vec()))
    }
}

/// The word of a status.
pub(super) fn status(status: Status) -> Value {
    Value::text(status.as_str())
}

/// A time as Go reads it from JSON: in UTC or at the distance from it that the text gave.
fn time(time: Option<Timestamp>, offset: i32) -> Value {
    let Some(time) = time else { return Value::from(gotemplate::Time::default()) };
    let zone = match offset {
        0 => gotemplate::Zone::Utc,
        offset => gotemplate::Zone::Fixed { name: Text::default(), offset },
    };
    Value::from(gotemplate::Time::from(time).in_zone(zone))
}
