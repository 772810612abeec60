//! Builders of payloads as Alertmanager posts them: a test names what matters to it, and no more.

use campana::alert::Notification;
use campana::receive::alertmanager;
use serde_json::{Value, json};

/// An alert that is being described.
#[derive(Debug, Clone)]
pub struct AlertBuilder(Value);

/// A firing alert of this name.
#[must_use]
pub fn alert(name: &str) -> AlertBuilder {
    AlertBuilder(json!({
        "status": "firing",
        "labels": {"alertname": name},
        "annotations": {},
        "startsAt": "2026-11-20T19:02:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example:9090/graph",
    }))
}

impl AlertBuilder {
    /// With this label.
    #[must_use]
    pub fn label(mut self, name: &str, value: &str) -> Self {
        self.0["labels"][name] = json!(value);
        self
    }

    /// With this annotation.
    #[must_use]
    pub fn annotation(mut self, name: &str, value: &str) -> Self {
        self.0["annotations"][name] = json!(value);
        self
    }

    /// With the label `severity`.
    #[must_use]
    pub fn severity(self, value: &str) -> Self {
        self.label("severity", value)
    }

    /// With the annotation `summary`.
    #[must_use]
    pub fn summary(self, text: &str) -> Self {
        self.annotation("summary", text)
    }

    /// Resolved, a while after it began.
    #[must_use]
    pub fn resolved(mut self) -> Self {
        self.0["status"] = json!("resolved");
        self.0["endsAt"] = json!("2026-11-20T19:11:00Z");
        self
    }
}

/// A notification of these alerts, in the group of this `alertname`.
pub fn group(name: &str, alerts: impl IntoIterator<Item = AlertBuilder>) -> Value {
    group_by("alertname", name, alerts)
}

/// A notification of these alerts, in the group in which this label has this value.
pub fn group_by(label: &str, value: &str, alerts: impl IntoIterator<Item = AlertBuilder>) -> Value {
    let alerts: Vec<Value> = alerts.into_iter().map(|alert| alert.0).collect();
    let firing = alerts.iter().any(|alert| alert["status"] == "firing");
    json!({
        "version": "4",
        "groupKey": format!("{{}}:{{{label}=\"{value}\"}}"),
        "status": if firing { "firing" } else { "resolved" },
        "receiver": "campana",
        "groupLabels": {label: value},
        "externalURL": "http://alertmanager.example:9093",
        "alerts": alerts,
    })
}

/// A notification of one firing alert, in a group of its own.
#[must_use]
pub fn firing(name: &str) -> Value {
    group(name, [alert(name)])
}

/// What Campana reads in a payload.
///
/// # Panics
///
/// When the payload is no notification.
#[must_use]
pub fn notification(payload: &Value) -> Notification {
    alertmanager::parse(payload.to_string().as_bytes()).expect("the payload is a notification")
}
