//! The data: what Go's `encoding/json` makes of the webhook's body when it knows no type.
//!
//! The body is written from the notification, as Alertmanager 0.34 writes it, or Grafana if it is the
//! sender. What another sender adds beyond that is not in it, and what it writes otherwise is not as it
//! was: a number for a label, or zeros at the end of a second.

use std::ops::Range;

use gotemplate::{Time, Value, Zone};
use jiff::Timestamp;

use super::Model;
use crate::alert::{Alert, AlertExtras, Labels, Notification, NotificationExtras, Sender};
use crate::render::profile::model::number as value;

/// The key that Grafana's body has and Alertmanager's has not.
const ORG_ID: &str = "orgId";

/// The body in two parts, for each message has the first whole and some of the second.
#[derive(Debug)]
pub(super) struct Payload {
    fields: Vec<(&'static str, Value)>,
    alerts: Vec<Value>,
}

impl Payload {
    pub(super) fn new(notification: &Notification) -> Self {
        let mut fields = vec![
            ("receiver", text(&notification.receiver)),
            ("status", text(notification.status.as_str())),
            ("groupLabels", labels(&notification.group_labels)),
            ("commonLabels", labels(&notification.common_labels)),
            ("commonAnnotations", labels(&notification.common_annotations)),
            ("externalURL", text(&notification.external_url)),
            ("groupKey", text(&notification.group_key)),
            ("truncatedAlerts", number(notification.truncated_alerts)),
        ];
        fields.extend(match notification.sender {
            Sender::Alertmanager | Sender::Monika => of_alertmanager(notification),
            Sender::Grafana => of_grafana(notification.extras.as_deref()),
        });
        let alerts = notification.alerts.iter().map(|one| alert(one, notification.sender));
        Self { fields, alerts: alerts.collect() }
    }
}

fn text(text: &str) -> Value {
    Value::text(text)
}

/// The fields that Grafana does not send.
fn of_alertmanager(notification: &Notification) -> Vec<(&'static str, Value)> {
    vec![
        ("version", text("4")),
        ("notification_reason", text(notification.reason.as_deref().unwrap_or_default())),
        ("routeLabels", labels(&notification.route_labels)),
    ]
}

/// The fields that Alertmanager does not send.
fn of_grafana(extras: Option<&NotificationExtras>) -> Vec<(&'static str, Value)> {
    let none = NotificationExtras::default();
    let NotificationExtras { org_id, title, state, message, app_version } = extras.unwrap_or(&none);
    let fields = [
        ("version", text("1")),
        (ORG_ID, id(*org_id)),
        ("title", text(title)),
        ("state", text(state)),
        ("message", text(message)),
    ];
    let version = (!app_version.is_empty()).then(|| ("appVersion", text(app_version)));
    fields.into_iter().chain(version).collect()
}

/// Who sent the body.
pub(in crate::render::profile) fn sender(body: &Value) -> Sender {
    let is_grafanas = body.as_map().is_some_and(|body| body.get(ORG_ID.as_bytes()).is_some());
    if is_grafanas { Sender::Grafana } else { Sender::Alertmanager }
}

impl Model for Payload {
    fn data(&self, alerts: Range<usize>, _mobiles: &[String]) -> Value {
        let alerts = self.alerts.get(alerts).unwrap_or_default().to_vec();
        let fields = self.fields.iter().cloned();
        Value::dict(fields.chain([("alerts", Value::list(alerts))]))
    }
}

fn alert(alert: &Alert, sender: Sender) -> Value {
    let fields = [
        ("status", text(alert.status.as_str())),
        ("labels", labels(&alert.labels)),
        ("annotations", labels(&alert.annotations)),
        ("startsAt", time(alert.starts_at, alert.offsets.starts)),
        ("endsAt", time(alert.ends_at, alert.offsets.ends)),
        ("generatorURL", text(&alert.generator_url)),
        ("fingerprint", text(&alert.fingerprint)),
    ];
    let extras = match (&alert.extras, sender) {
        (Some(extras), _) => extras_of(extras),
        (None, Sender::Grafana) => extras_of(&AlertExtras::default()),
        (None, Sender::Alertmanager | Sender::Monika) => Vec::new(),
    };
    Value::dict(fields.into_iter().chain(extras))
}

/// What Grafana adds to an alert; it leaves the last ones out where they are empty.
fn extras_of(extras: &AlertExtras) -> Vec<(&'static str, Value)> {
    let mut fields = vec![
        ("silenceURL", text(&extras.silence_url)),
        ("dashboardURL", text(&extras.dashboard_url)),
        ("panelURL", text(&extras.panel_url)),
        ("values", values(&extras.values)),
        ("valueString", text(&extras.value_string)),
    ];
    for (name, given) in [("ruleUID", &extras.rule_uid), ("imageURL", &extras.image_url)] {
        if !given.is_empty() {
            fields.push((name, text(given)));
        }
    }
    if extras.org_id != 0 {
        fields.push((ORG_ID, id(extras.org_id)));
    }
    fields
}

/// Numbers, and null for one that is not known; null if there is none at all.
fn values(values: &Labels) -> Value {
    if values.is_empty() {
        return Value::NIL;
    }
    let of = |given: &str| match given {
        "" => Value::NIL,
        given => value(given).unwrap_or_else(|| text(given)),
    };
    Value::dict(values.iter().map(|(name, given)| (name, of(given))))
}

fn id(id: i64) -> Value {
    // An organisation's number is small, and what is none is 0.
    number(u64::try_from(id).unwrap_or_default())
}

fn labels(labels: &Labels) -> Value {
    Value::dict(labels.iter().map(|(name, value)| (name, Value::text(value))))
}

/// As Go writes a time: with as many digits of its second as it needs, and its zero time for none.
fn time(time: Option<Timestamp>, offset: Option<i32>) -> Value {
    const WITH_ZULU: &[u8] = b"2006-01-02T15:04:05.999999999Z07:00";
    // Go itself does not write `+00:00`, but who does so meant it.
    const WITH_OFFSET: &[u8] = b"2006-01-02T15:04:05.999999999-07:00";
    let time = time.map(Time::from).unwrap_or_default();
    Value::text(match offset {
        None => time.format(WITH_ZULU),
        Some(offset) => time.in_zone(Zone::Fixed { name: "".into(), offset }).format(WITH_OFFSET),
    })
}

/// Any number in JSON is a `float64`.
fn number(number: u64) -> Value {
    // Exact up to 2^32, which is more alerts than anyone has; beyond, the nearest 2^32.
    let (high, low) = (number >> 32, number & u64::from(u32::MAX));
    let part = |part: u64| f64::from(u32::try_from(part).unwrap_or(u32::MAX));
    Value::float(part(high) * 4_294_967_296.0 + part(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_go_writes_them() {
        for (given, offset, written) in [
            ("2026-11-20T08:00:30.123456789Z", None, "2026-11-20T08:00:30.123456789Z"),
            ("2026-11-20T08:00:30.500Z", Some(28_800), "2026-11-20T16:00:30.5+08:00"),
            ("2026-11-20T08:00:30Z", Some(-34_200), "2026-11-19T22:30:30-09:30"),
            ("2026-11-20T08:00:30Z", Some(0), "2026-11-20T08:00:30+00:00"),
            ("1969-12-31T23:59:58.25Z", None, "1969-12-31T23:59:58.25Z"),
        ] {
            let text = time(Some(given.parse().unwrap()), offset);
            assert_eq!(text.as_text(), Some(&written.into()));
        }
        assert_eq!(time(None, None).as_text(), Some(&"0001-01-01T00:00:00Z".into()));
    }

    #[test]
    fn numbers_are_those_of_json() {
        for given in [0, 17, 1 << 32, (1 << 40) + 1] {
            let Value::Float(_, number) = number(given) else { panic!("{given}") };
            assert_eq!(number.to_string(), given.to_string());
        }
    }
}
