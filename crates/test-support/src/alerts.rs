//! Builders for payloads: what a test says about an alert is what matters to it.

use serde_json::{Value, json};

/// An alert that is being described.
pub(crate) struct AlertBuilder(Value);

/// A firing alert of this name.
pub(crate) fn alert(name: &str) -> AlertBuilder {
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
    pub(crate) fn label(mut self, name: &str, value: &str) -> Self {
        self.0["labels"][name] = json!(value);
        self
    }

    pub(crate) fn severity(self, value: &str) -> Self {
        self.label("severity", value)
    }

    pub(crate) fn summary(mut self, text: &str) -> Self {
        self.0["annotations"]["summary"] = json!(text);
        self
    }

    pub(crate) fn resolved(mut self) -> Self {
        self.0["status"] = json!("resolved");
        self.0["endsAt"] = json!("2026-11-20T19:11:00Z");
        self
    }
}

/// A notification of these alerts, in a group of this name.
pub(crate) fn group(name: &str, alerts: impl IntoIterator<Item = AlertBuilder>) -> Value {
    let alerts: Vec<Value> = alerts.into_iter().map(|alert| alert.0).collect();
    let firing = alerts.iter().any(|alert| alert["status"] == "firing");
    json!({
        "version": "4",
        "groupKey": format!("{{}}:{{alertname=\"{name}\"}}"),
        "status": if firing { "firing" } else { "resolved" },
        "receiver": "campana",
        "groupLabels": {"alertname": name},
        "externalURL": "http://alertmanager.example:9093",
        "alerts": alerts,
    })
}

/// A notification of one firing alert, in a group of its own.
pub(crate) fn firing(name: &str) -> Value {
    group(name, [alert(name)])
}
