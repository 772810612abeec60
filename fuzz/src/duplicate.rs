//! What makes two notifications the same: what twins differ in does not count, and news does.

use campana::alert::{Labels, Notification, Status};
use campana::intake::dedup::{group_of, state_of};
use campana::receive::alertmanager;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// How many alerts of a payload are changed, one at a time.
const CHANGED: usize = 4;

/// A payload against its twins, which are written otherwise, and against changed ones.
///
/// # Panics
///
/// When a twin has another group or state, or when states are equal and the alerts are not.
pub fn holds(bytes: &[u8]) {
    if alertmanager::parse(bytes).is_err() {
        return;
    }
    // Texts that Rust's JSON takes for a notification only, such as a number that no 64 bits hold.
    let Ok(payload @ Value::Object(_)) = serde_json::from_slice(bytes) else { return };
    let Some(known) = Known::of(&payload.to_string()) else { return };
    for twin in twins(&payload) {
        let twin = Known::of(&twin).expect("a twin is a notification too");
        assert_eq!(twin.group, known.group, "a twin's group");
        assert_eq!(twin.facts, known.facts, "a twin's alerts");
        compare(&known, &twin);
    }
    for changed in changed(&payload) {
        let changed = Known::of(&changed.to_string()).expect("a changed one is a notification too");
        compare(&known, &changed);
    }
}

/// A notification as the store knows it.
struct Known {
    body: String,
    group: String,
    state: [u8; 16],
    facts: Facts,
}

/// What a state is made of, as plain values.
#[derive(Debug, PartialEq, Eq)]
struct Facts {
    is_from_alertmanager: bool,
    alerts: Vec<String>,
    truncated: u64,
}

impl Known {
    fn of(body: &str) -> Option<Self> {
        let notification = alertmanager::parse(body.as_bytes()).ok()?;
        Some(Self {
            group: group_of(&notification),
            state: state_of(&notification, body.as_bytes()).0,
            facts: Facts::of(&notification),
            body: body.to_owned(),
        })
    }
}

impl Facts {
    fn of(notification: &Notification) -> Self {
        let is_timed = notification.alerts.iter().all(|alert| alert.starts_at.is_some());
        let mut alerts: Vec<String> = notification
            .alerts
            .iter()
            .map(|alert| {
                let ends = alert.ends_at.filter(|_| alert.status == Status::Resolved);
                let times = [alert.starts_at, ends].map(|time| time.map(Timestamp::as_nanosecond));
                let labels: Vec<_> = Labels::iter(&alert.labels).collect();
                format!("{:?}", (&alert.fingerprint, alert.status, times, labels))
            })
            .collect();
        alerts.sort();
        Self {
            is_from_alertmanager: is_timed && !notification.group_key.is_empty(),
            alerts,
            truncated: notification.truncated_alerts,
        }
    }
}

/// The states of two notifications are equal if and only if they say the same.
fn compare(one: &Known, other: &Known) {
    let is_known = one.facts.is_from_alertmanager && other.facts.is_from_alertmanager;
    let is_neither = !one.facts.is_from_alertmanager && !other.facts.is_from_alertmanager;
    let same = is_known && one.facts == other.facts || is_neither && one.body == other.body;
    assert_eq!(one.state == other.state, same, "\n{}\n{}", one.body, other.body);
}

/// The same notification as a twin of Alertmanager, or another version, would write it.
fn twins(payload: &Value) -> Vec<String> {
    let with = |change: fn(&mut Value)| {
        let mut twin = payload.clone();
        change(&mut twin);
        twin.to_string()
    };
    let mut reversed = String::new();
    write_reversed(&mut reversed, payload);
    vec![
        payload.to_string(),
        reversed,
        with(|twin| alerts(twin).reverse()),
        with(|twin| {
            let alerts = alerts(twin);
            let first = 1.min(alerts.len());
            alerts.rotate_left(first);
        }),
        with(|twin| {
            twin["externalURL"] = json!("http://twin.example:9093");
            twin["notification_reason"] = json!("new alerts in the group");
            twin["a field of later"] = json!({"alerts": [null, {"status": 7}]});
        }),
        with(|twin| {
            for alert in objects(twin) {
                alert.insert("generatorURL".to_owned(), json!("http://twin.example:9090"));
                alert.insert("value".to_owned(), json!([1.5, "x"]));
                alert.insert("annotations".to_owned(), json!({"summary": "91 %"}));
            }
        }),
    ]
}

/// The payload with one thing changed in each.
fn changed(payload: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut Value)| {
        let mut changed = payload.clone();
        change(&mut changed);
        all.push(changed);
    };
    with(&|one| one["truncatedAlerts"] = json!(7));
    with(&|one| alerts(one).push(json!({"startsAt": "2026-11-20T08:00:00Z", "status": "firing"})));
    let fields = [
        ("status", json!("firing")),
        ("status", json!("resolved")),
        ("startsAt", json!("2026-11-20T08:00:00.000000001Z")),
        ("endsAt", json!("2026-11-20T09:00:00Z")),
        ("fingerprint", json!("00000000000000ff")),
        ("labels", json!({"alertname": "Other"})),
    ];
    for index in 0..CHANGED {
        for (field, value) in &fields {
            with(&|one| {
                if let Some(alert) = objects(one).nth(index) {
                    alert.insert((*field).to_owned(), value.clone());
                }
            });
        }
        with(&|one| {
            let alerts = alerts(one);
            alerts.truncate(alerts.len().saturating_sub(index));
        });
    }
    all
}

/// The list of alerts; an empty one where the payload has none.
fn alerts(payload: &mut Value) -> &mut Vec<Value> {
    let alerts = &mut payload["alerts"];
    if !alerts.is_array() {
        *alerts = json!([]);
    }
    alerts.as_array_mut().expect("a list")
}

fn objects(payload: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    alerts(payload).iter_mut().filter_map(Value::as_object_mut)
}

/// The same JSON, with the fields of each object from the last to the first, and white space.
fn write_reversed(out: &mut String, value: &Value) {
    match value {
        Value::Object(fields) => {
            out.push('{');
            for (index, (name, value)) in fields.iter().rev().enumerate() {
                out.push_str(if index == 0 { "\n\t" } else { " ,\r\n" });
                out.push_str(&json!(name).to_string());
                out.push_str(" : ");
                write_reversed(out, value);
            }
            out.push_str(" }");
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { " , " });
                write_reversed(out, item);
            }
            out.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push_str(&value.to_string());
        }
    }
}
