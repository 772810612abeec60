//! Alertmanager's data model, which other products have taken over in one of its generations.
//!
//! Everything is made once for a notification. What a method returns is kept, so that a template
//! that asks twice gets the same value and not a second one.

mod alerts;
mod extras;
mod kv;
mod pairs;
mod record;

use gotemplate::{Named, Text, Type, Value, Zone};
use jiff::Timestamp;

pub(super) use alerts::Alerts;
pub(super) use extras::{
    ALERT_EXTRAS, ALERTMANAGER, DATA_EXTRAS, TELLS_WHAT_IS, VALUES, number, of_data,
};
pub(super) use kv::{Kv, names, remove, sorted_pairs, string, values};
pub(super) use pairs::{Pairs, join, pair_names, pair_values, pairs_string};
pub(super) use record::{Extra, Field, Record, Struct};

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
    pub(super) fn alert(&'static self, alert: &Alert, local: &Zone) -> Value {
        let record = Record::new(
            self.alert,
            vec![
                status(alert.status),
                self.labels(&alert.labels),
                self.labels(&alert.annotations),
                time(alert.starts_at, alert.offsets.starts, local),
                time(alert.ends_at, alert.offsets.ends, local),
                Value::text(alert.generator_url.as_str()),
                Value::text(alert.fingerprint.as_str()),
            ],
        );
        let extras = alert.extras.as_deref().map(extras::of_alert);
        Value::object(record.with_extras(extras.unwrap_or_default()))
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

/// A time as Go reads it from JSON: in UTC for a `Z`, in `local` where that has the distance from
/// UTC that the text gave, and otherwise at that distance.
pub(super) fn time(time: Option<Timestamp>, offset: Option<i32>, local: &Zone) -> Value {
    let time = time.map(gotemplate::Time::from).unwrap_or_default();
    Value::from(match offset {
        None => time,
        Some(offset) => time.at_offset(offset, local),
    })
}

#[cfg(test)]
mod tests {
    use gotemplate::Object;

    use super::super::Profile;
    use super::*;
    use crate::receive::alertmanager;

    const PAYLOAD: &str = include_str!("../../../tests/it/fixtures/alertmanager-0.34.json");

    fn field(value: &Value, name: &str) -> Value {
        let Value::Object(object) = value else { panic!("no struct: {value:?}") };
        object.field(name).unwrap()
    }

    #[test]
    fn a_run_shows_its_alerts_and_copies_none() {
        let notification = alertmanager::parse(PAYLOAD.as_bytes()).unwrap();
        for profile in [Profile::Alertmanager, Profile::PrometheusWebhookDingtalk] {
            let model = profile.model(&notification, &Zone::Utc);
            let [all, last, none] = [0..2, 1..2, 2..2]
                .map(|range| field(&model.data(range, &[]), "Alerts").as_list().unwrap().to_vec());
            assert_eq!([all.len(), last.len(), none.len()], [2, 1, 0]);
            let (Value::Object(one), Value::Object(other)) = (&all[1], &last[0]) else {
                panic!("an alert is a struct");
            };
            assert!(std::ptr::addr_eq(std::sync::Arc::as_ptr(one), std::sync::Arc::as_ptr(other)));
            // What lies outside is no alert, and no panic.
            let beyond = field(&model.data(1..9, &[]), "Alerts");
            assert!(beyond.as_list().unwrap().is_empty());
        }
    }

    #[test]
    fn every_field_has_a_value_and_a_word_on_json() {
        let notification = alertmanager::parse(PAYLOAD.as_bytes()).unwrap();
        for profile in [Profile::Alertmanager, Profile::PrometheusWebhookDingtalk] {
            let data = profile.model(&notification, &Zone::Utc).data(0..2, &[]);
            let alert = field(&data, "Alerts").as_list().unwrap()[0].clone();
            for value in [data, alert] {
                let record = value.downcast::<Record>().unwrap();
                let gotemplate::Base::Struct(names) = record.base() else { panic!("no struct") };
                assert!(!names.is_empty());
                for name in names {
                    assert!(record.field(name).is_some(), "{name}");
                    let is_exported = name.starts_with(char::is_uppercase);
                    assert_eq!(record.json_name(name).is_some(), is_exported, "{name}");
                }
            }
        }
    }

    #[test]
    fn a_z_is_utc_and_no_offset_may_be_local() {
        let local = Zone::local(jiff::tz::TimeZone::get("Europe/London").unwrap());
        for profile in Profile::ALL.into_iter().take(3) {
            for (written, zone) in [
                ("2026-11-20T08:00:00Z", "UTC"),
                ("2026-11-20T08:00:00+00:00", "Local"),
                ("2026-06-20T08:00:00+00:00", ""),
            ] {
                let body = format!(r#"{{"alerts":[{{"startsAt":"{written}"}}]}}"#);
                let notification = alertmanager::parse(body.as_bytes()).unwrap();
                let data = profile.model(&notification, &local).data(0..1, &[]);
                let alert = field(&data, "Alerts").as_list().unwrap()[0].clone();
                let Value::Time(time) = field(&alert, "StartsAt") else { panic!("no time") };
                assert_eq!(time.zone().name(), zone.as_bytes(), "{profile:?} {written}");
            }
        }
    }

    #[test]
    fn whom_nobody_mentions_is_no_list() {
        let notification = alertmanager::parse(PAYLOAD.as_bytes()).unwrap();
        let model = Profile::PrometheusWebhookDingtalk.model(&notification, &Zone::Utc);
        let mobiles = |mobiles: &[String]| field(&model.data(0..2, mobiles), "AtMobiles");
        assert!(matches!(mobiles(&[]), Value::Nil(Type::Slice(_))));
        let some = mobiles(&["13800000000".to_owned()]);
        assert_eq!(some.as_list().unwrap()[0].as_text().unwrap().as_bytes(), b"13800000000");
    }
}
