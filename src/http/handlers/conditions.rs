//! POST `/api/v1/conditions/test`: which receivers would keep an alert, and why.

use std::fmt::Write as _;

use axum::Json;
use axum::extract::{Request, State};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::alert::Labels;
use crate::http::error::ReceiveError;
use crate::http::{Shared, edge, receiver_of};
use crate::receive::alertmanager;
use crate::select;
use crate::settings::{Receiver, Settings};

/// Labels, or a whole payload; for one receiver, or for all.
#[derive(Debug, Deserialize)]
struct Question {
    receiver: Option<String>,
    labels: Option<std::collections::BTreeMap<String, String>>,
    payload: Option<Value>,
}

/// Answers `{"receivers":[{"receiver","enabled","alerts":[{"labels","kept","conditions":[…]}]}]}`.
pub(in crate::http) async fn test(
    State(shared): State<Shared>,
    request: Request,
) -> Result<Json<Value>, ReceiveError> {
    let settings = shared.core.settings.load_full();
    let bytes = edge::body(settings.process.max_body_bytes, request.into_body()).await?;
    let question: Question = serde_json::from_slice(&bytes).map_err(|error| {
        ReceiveError::Invalid(format!(
            "expected {{\"labels\": {{…}}}} or {{\"payload\": {{…}}}}, with an optional \
             \"receiver\": {error}"
        ))
    })?;
    let alerts = match (question.labels, question.payload) {
        (Some(labels), None) => vec![labels.into_iter().collect()],
        (None, Some(payload)) => labels_of(&payload)?,
        (Some(_), Some(_)) | (None, None) => {
            return Err(ReceiveError::Invalid("give either \"labels\" or \"payload\"".to_owned()));
        }
    };
    let receivers = match &question.receiver {
        Some(name) => vec![receiver_of(&settings, name)?],
        None => settings.receivers.iter().collect(),
    };
    let receivers: Vec<Value> =
        receivers.into_iter().map(|receiver| receiver_json(receiver, &alerts)).collect();
    Ok(Json(json!({ "receivers": receivers })))
}

fn labels_of(payload: &Value) -> Result<Vec<Labels>, ReceiveError> {
    let notification = alertmanager::parse(payload.to_string().as_bytes())?;
    Ok(notification.alerts.into_iter().map(|alert| alert.labels).collect())
}

fn receiver_json(receiver: &Receiver, alerts: &[Labels]) -> Value {
    let alerts: Vec<Value> = alerts
        .iter()
        .map(|labels| {
            let mut trace = json!(select::trace(&receiver.conditions, labels));
            trace["labels"] = labels.iter().map(|(n, v)| (n.to_owned(), json!(v))).collect();
            trace
        })
        .collect();
    json!({"receiver": receiver.name, "enabled": receiver.enabled, "alerts": alerts})
}

/// The same as text, for the command line.
#[must_use]
pub fn text(settings: &Settings, receiver: Option<&str>, alerts: &[Labels]) -> String {
    let asked = |candidate: &&Receiver| receiver.is_none_or(|name| candidate.name == name);
    let mut text = String::new();
    for receiver in settings.receivers.iter().filter(asked) {
        for labels in alerts {
            let shown: Vec<String> = labels.iter().map(|(n, v)| format!("{n}={v:?}")).collect();
            let disabled = if receiver.enabled { "" } else { " (disabled)" };
            let trace = select::trace(&receiver.conditions, labels).to_string();
            let alert = shown.join(", ");
            // Writing into a string cannot fail.
            let _ = writeln!(text, "receiver {}{disabled}, alert {{{alert}}}", receiver.name);
            let _ = writeln!(text, "{}", trace.trim_end());
        }
    }
    text
}
