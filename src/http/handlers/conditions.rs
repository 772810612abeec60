//! Which receivers would keep an alert, and why.

use std::sync::Arc;

use axum::extract::{Request, State};
use jiff::Timestamp;
use serde_json::value::RawValue;

use super::{json, look};
use crate::alert::Labels;
use crate::api::condition::{ConditionsAnswer, ConditionsRequest, ReceiverTrace};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::json::Json;
use crate::receive::alertmanager;
use crate::settings::{Receiver, Settings};

/// The most traces of one answer: an alert for each of ten thousand receivers.
const MOST_TRACES: usize = 10_000;

/// The most bytes of labels in one answer, which is then below what all unread answers hold together.
const MOST_BYTES: usize = 16 << 20;

/// What a label weighs at least, in bytes: one of a few bytes takes more than twice as much in memory.
const LABEL_BYTES: usize = 64;

/// Traces each alert through the conditions of one receiver, or of all.
pub(in crate::http) async fn test(
    State(app): State<Arc<AppState>>,
    request: Request,
) -> Result<Json<ConditionsAnswer>, HttpError> {
    let (settings, now) = (app.core.settings.load_full(), app.core.clock.now().wall);
    look(&app, request.into_body(), move |body, _| answer(&settings, body, now)).await.map(Json)
}

fn answer(settings: &Settings, body: &[u8], now: Timestamp) -> Result<ConditionsAnswer, HttpError> {
    let expected = "{\"labels\": {…}} or {\"payload\": {…}}, with an optional \"receiver\" and an \
                    optional \"at\" as 2026-11-21T09:00:00+08:00";
    let asked: ConditionsRequest = json(body, expected)?;
    let alerts = match (asked.labels, asked.payload) {
        (Some(labels), None) => vec![labels.into_iter().collect()],
        (None, Some(payload)) => labels_of(&payload)?,
        (Some(_), Some(_)) | (None, None) => {
            return Err(HttpError::Invalid("give either \"labels\" or \"payload\"".to_owned()));
        }
    };
    let receivers: Vec<&Receiver> = match &asked.receiver {
        Some(name) => vec![settings.receivers.find(name)?],
        None => settings.receivers.iter().collect(),
    };
    let labels: usize = alerts.iter().map(|labels| labels.iter().count()).sum();
    let bytes = body.len().max(labels.saturating_mul(LABEL_BYTES));
    bounded(bytes, alerts.len(), receivers.len())?;
    let at = asked.at.unwrap_or(now);
    let traces = receivers.into_iter().map(|receiver| ReceiverTrace::new(receiver, &alerts, at));
    Ok(ConditionsAnswer { receivers: traces.collect() })
}

/// Refuses what would be answered with more than anyone reads: every receiver's trace of an alert
/// repeats its labels.
fn bounded(bytes: usize, alerts: usize, receivers: usize) -> Result<(), HttpError> {
    let traces = alerts.saturating_mul(receivers);
    if traces <= MOST_TRACES && bytes.saturating_mul(receivers) <= MOST_BYTES {
        return Ok(());
    }
    Err(HttpError::Invalid(format!(
        "{alerts} alerts for {receivers} receivers are more than the {MOST_TRACES} traces or the \
         {} MiB that one answer has; name one receiver, or post fewer alerts",
        MOST_BYTES >> 20
    )))
}

/// The labels of a payload's alerts; of one that has more than are answered, one more than those.
fn labels_of(payload: &RawValue) -> Result<Vec<Labels>, HttpError> {
    let notification = alertmanager::parse_at_most(payload.get().as_bytes(), MOST_TRACES + 1)?;
    Ok(notification.alerts.into_iter().map(|alert| alert.labels).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_so_many_traces_and_so_many_bytes() {
        for (alerts, receivers, fits) in [
            (10_000, 1, true),
            (1, 10_000, false),
            (100, 16, true),
            (1, 17, false),
            (5_001, 2, false),
        ] {
            assert_eq!(bounded(1 << 20, alerts, receivers).is_ok(), fits, "{alerts} {receivers}");
        }
        assert!(bounded(2, 1, 10_000).is_ok());
    }
}
