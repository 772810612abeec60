//! The functions, the data and the templates of Alertmanager 0.34.

mod codec;
mod duration;
mod functions;
mod json;
mod title;

use std::ops::Range;

use gotemplate::{Function, Functions, Named, Type, Value, Zone};

use super::model::{
    self, ALERT_EXTRAS, ALERT_FIELDS, ALERT_NAMES, DATA_EXTRAS, Field, Generation, Pairs, Struct,
};
use super::{Model, RefusedFunction, TemplateSource, strings};
use crate::alert::Notification;

pub(super) const REFUSED: &[RefusedFunction] = &[];

pub(super) const SOURCES: &[TemplateSource] =
    &[("default.tmpl", include_str!("alertmanager/default.tmpl"))];

pub(super) fn functions() -> Functions {
    Functions::new().with(strings::FUNCTIONS).with(functions::TABLE)
}

pub(super) fn model(notification: &Notification, local: &Zone) -> Box<dyn Model> {
    Box::new(Data::new(notification, local))
}

static GENERATION: Generation = Generation {
    kv: &KV,
    kv_methods: &[
        Function::new("SortedPairs() Pairs", model::sorted_pairs),
        Function::new("Remove(keys []string) KV", model::remove),
        Function::new("Names() Strings", model::names),
        Function::new("Values() Strings", model::values),
        Function::new("String() string", model::string),
    ],
    pair: &PAIR,
    pairs: &PAIRS,
    pairs_methods: &[
        Function::new("Names() Strings", model::pair_names),
        Function::new("Values() Strings", model::pair_values),
        Function::new("String() string", model::pairs_string),
    ],
    strings: Some((&STRINGS, &[Function::new("Join(sep string) string", model::join)])),
    prints_labels: true,
    alert: &ALERT,
    alerts: &ALERTS,
    alert_list: Type::Slice(&ALERT_TYPE),
};

static KV: Named = Named {
    name: "template.KV",
    underlying: Type::STRING_MAP,
    zero: || Value::Nil(Type::Named(&KV)),
};
static PAIR: Named =
    Named { name: "template.Pair", underlying: Type::Any, zero: || Pairs::no_pair(&GENERATION) };
static PAIR_TYPE: Type = Type::Named(&PAIR);
static PAIRS: Named = Named {
    name: "template.Pairs",
    underlying: Type::Slice(&PAIR_TYPE),
    zero: || Value::Nil(Type::Named(&PAIRS)),
};
static STRINGS: Named = Named {
    name: "template.Strings",
    underlying: Type::STRINGS,
    zero: || Value::Nil(Type::Named(&STRINGS)),
};
static ALERT: Struct = Struct {
    named: Named { name: "template.Alert", underlying: Type::Any, zero: || GENERATION.no_alert() },
    names: ALERT_NAMES,
    fields: ALERT_FIELDS,
    extras: ALERT_EXTRAS,
    methods: &[],
};
static ALERT_TYPE: Type = Type::Named(&ALERT.named);
static ALERTS: Named = Named {
    name: "template.Alerts",
    underlying: Type::Slice(&ALERT_TYPE),
    zero: || Value::Nil(Type::Named(&ALERTS)),
};

/// Alertmanager executes its templates with a pointer.
static DATA: Struct = Struct {
    named: Named {
        name: "*template.Data",
        underlying: Type::Any,
        zero: || Value::Nil(Type::Named(&DATA.named)),
    },
    names: &[
        "Receiver",
        "Status",
        "Alerts",
        "NotificationReason",
        "GroupLabels",
        "CommonLabels",
        "CommonAnnotations",
        ROUTE_LABELS,
        "ExternalURL",
        // Not exported: no template can ask for it, but printing the data shows it.
        "routeLabelsRendered",
    ],
    fields: &[
        Field::of("Receiver", Some("receiver")),
        Field::of("Status", Some("status")),
        Field::of("Alerts", Some("alerts")),
        Field::of("NotificationReason", Some("notification_reason")),
        Field::of("GroupLabels", Some("groupLabels")),
        Field::of("CommonLabels", Some("commonLabels")),
        Field::of("CommonAnnotations", Some("commonAnnotations")),
        Field::of(ROUTE_LABELS, Some("routeLabels")),
        Field::of("ExternalURL", Some("externalURL")),
        Field::of("routeLabelsRendered", None),
    ],
    extras: DATA_EXTRAS,
    methods: &[],
};

const ROUTE_LABELS: &str = "RouteLabels";

/// `*template.Data` without the alerts, which each run has its own of.
struct Data {
    alerts: Vec<Value>,
    /// The fields before the alerts, and those after them.
    before: [Value; 2],
    after: [Value; 7],
    extras: Vec<Value>,
}

impl Data {
    fn new(notification: &Notification, local: &Zone) -> Self {
        let alert = |alert| GENERATION.alert(alert, local);
        let labels = |labels| GENERATION.labels(labels);
        let reason = notification.reason.as_deref().unwrap_or_default();
        Self {
            alerts: notification.alerts.iter().map(alert).collect(),
            before: [
                Value::from(notification.receiver.as_str()),
                model::status(notification.status),
            ],
            after: [
                Value::from(reason),
                labels(&notification.group_labels),
                labels(&notification.common_labels),
                labels(&notification.common_annotations),
                labels(&notification.route_labels),
                Value::from(notification.external_url.as_str()),
                // Alertmanager has executed the templates in its route's labels before it sends.
                Value::Bool(true),
            ],
            extras: model::of_data(notification),
        }
    }
}

impl Model for Data {
    fn data(&self, alerts: Range<usize>, _mobiles: &[String]) -> Value {
        let alerts = self.alerts.get(alerts).unwrap_or_default();
        let mut values = self.before.to_vec();
        values.push(GENERATION.alerts(alerts));
        values.extend_from_slice(&self.after);
        Value::object(model::Record::new(&DATA, values).with_extras(self.extras.clone()))
    }
}
