//! The functions, the data and the templates of prometheus-webhook-dingtalk 2.1.

mod functions;

use std::ops::Range;

use gotemplate::{Function, Functions, Named, Type, Value, Zone, sprig};

use super::model::{
    self, ALERT_EXTRAS, ALERT_FIELDS, ALERT_NAMES, DATA_EXTRAS, Field, Generation, Pairs, Struct,
};
use super::{Model, RefusedFunction, TemplateSource, strings};
use crate::alert::Notification;

pub(super) const REFUSED: &[RefusedFunction] = sprig::REFUSED;

pub(super) const SOURCES: &[TemplateSource] =
    &[("default.tmpl", include_str!("prometheus_webhook_dingtalk/default.tmpl"))];

pub(super) fn functions() -> Functions {
    // Where both have a name, sprig's function is the one: it is added last.
    sprig::FUNCTIONS
        .iter()
        .fold(Functions::new().with(strings::CASE).with(functions::TABLE), |functions, table| {
            functions.with(table)
        })
}

pub(super) fn model(notification: &Notification, local: &Zone) -> Box<dyn Model> {
    Box::new(Data::new(notification, local))
}

/// An earlier generation of Alertmanager's model: labels print as maps, names are plain slices.
static GENERATION: Generation = Generation {
    kv: &KV,
    kv_methods: &[
        Function::new("SortedPairs() Pairs", model::sorted_pairs),
        Function::new("Remove(keys []string) KV", model::remove),
        Function::new("Names() []string", model::names),
        Function::new("Values() []string", model::values),
    ],
    pair: &PAIR,
    pairs: &PAIRS,
    pairs_methods: &[
        Function::new("Names() []string", model::pair_names),
        Function::new("Values() []string", model::pair_values),
    ],
    strings: None,
    prints_labels: false,
    alert: &ALERT,
    alerts: &ALERTS,
    alert_list: Type::Slice(&ALERT_TYPE),
};

static KV: Named = Named {
    name: "models.KV",
    underlying: Type::STRING_MAP,
    zero: || Value::Nil(Type::Named(&KV)),
};
static PAIR: Named =
    Named { name: "models.Pair", underlying: Type::Any, zero: || Pairs::no_pair(&GENERATION) };
static PAIR_TYPE: Type = Type::Named(&PAIR);
static PAIRS: Named = Named {
    name: "models.Pairs",
    underlying: Type::Slice(&PAIR_TYPE),
    zero: || Value::Nil(Type::Named(&PAIRS)),
};
static ALERT: Struct = Struct {
    named: Named { name: "models.Alert", underlying: Type::Any, zero: || GENERATION.no_alert() },
    names: ALERT_NAMES,
    fields: ALERT_FIELDS,
    extras: ALERT_EXTRAS,
    methods: &[],
};
static ALERT_TYPE: Type = Type::Named(&ALERT.named);
static ALERTS: Named = Named {
    name: "models.Alerts",
    underlying: Type::Slice(&ALERT_TYPE),
    zero: || Value::Nil(Type::Named(&ALERTS)),
};

/// The templates are executed with a pointer to the message as it was decoded.
static DATA: Struct = Struct {
    named: Named {
        name: "*models.WebhookMessage",
        underlying: Type::Any,
        zero: || Value::Nil(Type::Named(&DATA.named)),
    },
    names: &[
        "Receiver",
        "Status",
        "Alerts",
        "GroupLabels",
        "CommonLabels",
        "CommonAnnotations",
        "ExternalURL",
        "AtMobiles",
    ],
    fields: &[
        Field::of("Receiver", Some("receiver")),
        Field::of("Status", Some("status")),
        Field::of("Alerts", Some("alerts")),
        Field::of("GroupLabels", Some("groupLabels")),
        Field::of("CommonLabels", Some("commonLabels")),
        Field::of("CommonAnnotations", Some("commonAnnotations")),
        Field::of("ExternalURL", Some("externalURL")),
        Field::of("AtMobiles", Some("AtMobiles")),
    ],
    extras: DATA_EXTRAS,
    methods: &[],
};

/// `*models.WebhookMessage` without alerts and mobiles, which each run has its own of.
struct Data {
    alerts: Vec<Value>,
    /// The fields before the alerts, and those between them and the mobiles.
    before: [Value; 2],
    after: [Value; 4],
    extras: Vec<Value>,
}

impl Data {
    fn new(notification: &Notification, local: &Zone) -> Self {
        let alert = |alert| GENERATION.alert(alert, local);
        let labels = |labels| GENERATION.labels(labels);
        Self {
            alerts: notification.alerts.iter().map(alert).collect(),
            before: [
                Value::from(notification.receiver.as_str()),
                model::status(notification.status),
            ],
            after: [
                labels(&notification.group_labels),
                labels(&notification.common_labels),
                labels(&notification.common_annotations),
                Value::from(notification.external_url.as_str()),
            ],
            extras: model::of_data(notification),
        }
    }
}

impl Model for Data {
    fn data(&self, alerts: Range<usize>, mobiles: &[String]) -> Value {
        let alerts = self.alerts.get(alerts).unwrap_or_default();
        let mut values = self.before.to_vec();
        values.push(GENERATION.alerts(alerts));
        values.extend_from_slice(&self.after);
        // Nobody mentioned is no slice at all, which JSON and `%#v` tell from an empty one.
        values.push(match mobiles {
            [] => Value::Nil(Type::STRINGS),
            mobiles => Value::strings(mobiles.iter().map(String::as_str)),
        });
        Value::object(model::Record::new(&DATA, values).with_extras(self.extras.clone()))
    }
}
