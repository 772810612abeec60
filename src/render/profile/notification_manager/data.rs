//! `*template.Data`, `template.Alerts` and `*template.Alert`.

use std::any::Any;
use std::sync::Arc;

use gotemplate::{Base, Call, Failure, Function, List, Named, Object, Text, Type, Value, Zone};

use super::labels::{self, itself};
use super::language_pack::LanguagePack;
use crate::alert;
use crate::render::profile::model::time;

static DATA: Named = Named {
    name: "*template.Data",
    underlying: Type::Any,
    zero: || Value::Nil(Type::Named(&DATA)),
};
static ALERTS: Named = Named {
    name: "template.Alerts",
    underlying: ALERT_SLICE,
    zero: || Value::Nil(Type::Named(&ALERTS)),
};
static ALERT: Named = Named {
    name: "*template.Alert",
    underlying: Type::Any,
    zero: || Value::Nil(Type::Named(&ALERT)),
};
const ALERT_SLICE: Type = Type::Slice(&Type::Named(&ALERT));

const DATA_METHODS: &[Function] = &[
    Function::new("Clone() *template.Data", itself),
    // Counts anew what the alerts share, which is counted already.
    Function::new("Format() *template.Data", itself),
    Function::new("Status() string", status),
];
const ALERTS_METHODS: &[Function] = &[
    Function::new("Firing() []*template.Alert", firing),
    Function::new("Resolved() []*template.Alert", resolved),
];
const ALERT_METHODS: &[Function] = &[
    Function::new("Clone() *template.Alert", itself),
    Function::new("Message() string", message),
    Function::new("MessageCN() string", message_cn),
];

/// What a template is executed with.
#[derive(Debug)]
pub(super) struct Data {
    alerts: Value,
    group: Value,
    common_labels: Value,
    common_annotations: Value,
    language: Arc<LanguagePack>,
}

#[derive(Debug)]
struct Alerts(List);

/// One alert.
#[derive(Debug)]
pub(super) struct Alert {
    id: Value,
    status: alert::Status,
    labels: Value,
    annotations: Value,
    starts_at: Value,
    ends_at: Value,
}

impl Data {
    /// The data of some alerts. What they share is what these share: the product counts it anew for
    /// each message.
    pub(super) fn new(alerts: Vec<Value>, group: Value, language: Arc<LanguagePack>) -> Self {
        let each = || alerts.iter().filter_map(|alert| alert.downcast::<Alert>());
        Self {
            group,
            common_labels: labels::common(each().map(|alert| &alert.labels)),
            common_annotations: labels::common(each().map(|alert| &alert.annotations)),
            alerts: Value::object(Alerts(List::new(ALERT_SLICE, alerts))),
            language,
        }
    }

    pub(super) fn language(&self) -> &LanguagePack {
        &self.language
    }

    fn count(&self, status: alert::Status) -> usize {
        of_status(&self.alerts, status).count()
    }
}

impl Alert {
    pub(super) fn new(alert: &alert::Alert, local: &Zone) -> Self {
        Self {
            // The product has a hash of its own here; both tell alerts apart, and no more.
            id: Value::text(alert.fingerprint.as_str()),
            status: alert.status,
            labels: labels::of(alert.labels.iter()),
            annotations: labels::of(alert.annotations.iter()),
            starts_at: time(alert.starts_at, alert.offsets.starts, local),
            ends_at: time(alert.ends_at, alert.offsets.ends, local),
        }
    }

    /// The alert's message, in the language that it happens to have.
    pub(super) fn message(&self) -> Text {
        self.first(["message", "summary", "summaryCn"])
    }

    /// The alert's message, in Chinese if it has one.
    pub(super) fn message_cn(&self) -> Text {
        self.first(["summaryCn", "message", "summary"])
    }

    fn first(&self, names: [&str; 3]) -> Text {
        let texts = names.iter().filter_map(|name| labels::get(&self.annotations, name.as_bytes()));
        texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
    }
}

impl Object for Data {
    fn named(&self) -> &'static Named {
        &DATA
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn base(&self) -> Base<'_> {
        Base::Struct(&["Alerts", "GroupLabels", "CommonLabels", "CommonAnnotations"])
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Alerts" => Some(self.alerts.clone()),
            "GroupLabels" => Some(self.group.clone()),
            "CommonLabels" => Some(self.common_labels.clone()),
            "CommonAnnotations" => Some(self.common_annotations.clone()),
            _ => None,
        }
    }

    fn methods(&self) -> &'static [Function] {
        DATA_METHODS
    }

    fn is_pointer(&self) -> bool {
        true
    }
}

impl Object for Alerts {
    fn named(&self) -> &'static Named {
        &ALERTS
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn base(&self) -> Base<'_> {
        Base::List(&self.0)
    }

    fn methods(&self) -> &'static [Function] {
        ALERTS_METHODS
    }
}

impl Object for Alert {
    fn named(&self) -> &'static Named {
        &ALERT
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn base(&self) -> Base<'_> {
        Base::Struct(&[
            "ID",
            "Status",
            "Labels",
            "Annotations",
            "StartsAt",
            "EndsAt",
            "NotifySuccessful",
            "NotificationTime",
            "Receiver",
        ])
    }

    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "ID" => self.id.clone(),
            "Status" => Value::text(self.status.as_str()),
            "Labels" => self.labels.clone(),
            "Annotations" => self.annotations.clone(),
            "StartsAt" => self.starts_at.clone(),
            "EndsAt" => self.ends_at.clone(),
            // The product sets these three after it has sent the message.
            "NotifySuccessful" => Value::Bool(false),
            "NotificationTime" => Type::Time.zero(),
            "Receiver" => Type::Map(&Type::String, &Type::DICT).zero(),
            _ => return None,
        })
    }

    fn methods(&self) -> &'static [Function] {
        ALERT_METHODS
    }

    fn is_pointer(&self) -> bool {
        true
    }
}

/// `firing` or `resolved` if all alerts are; of no alerts, `firing`.
fn status(call: &mut Call<'_>) -> Result<Value, Failure> {
    let Some(data) = call.receiver().downcast::<Data>() else { return Ok(Value::text("")) };
    let all = data.alerts.as_list().map_or(0, |alerts| alerts.len());
    call.spend(u64::try_from(all).unwrap_or(u64::MAX))?;
    let has_all = |status: &alert::Status| data.count(*status) == all;
    let status = [alert::Status::Firing, alert::Status::Resolved].into_iter().find(has_all);
    Ok(Value::text(status.map_or("", alert::Status::as_str)))
}

fn firing(call: &mut Call<'_>) -> Result<Value, Failure> {
    select(call, alert::Status::Firing)
}

fn resolved(call: &mut Call<'_>) -> Result<Value, Failure> {
    select(call, alert::Status::Resolved)
}

fn select(call: &mut Call<'_>, status: alert::Status) -> Result<Value, Failure> {
    let count = of_status(call.receiver(), status).count();
    call.spend(u64::try_from(count).unwrap_or(u64::MAX))?;
    call.reserve(count.saturating_mul(size_of::<Value>()))?;
    let selected: Vec<Value> = of_status(call.receiver(), status).cloned().collect();
    if selected.is_empty() {
        return Ok(Value::Nil(ALERT_SLICE));
    }
    Ok(Value::List(Arc::new(List::new(ALERT_SLICE, selected))))
}

fn of_status(alerts: &Value, status: alert::Status) -> impl Iterator<Item = &Value> {
    let alerts = alerts.as_list().map_or(&[][..], |alerts| alerts);
    alerts
        .iter()
        .filter(move |alert| alert.downcast::<Alert>().is_some_and(|alert| alert.status == status))
}

fn message(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(said(call.receiver(), Alert::message))
}

fn message_cn(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(said(call.receiver(), Alert::message_cn))
}

fn said(alert: &Value, say: fn(&Alert) -> Text) -> Value {
    Value::Text(alert.downcast::<Alert>().map(say).unwrap_or_default())
}
