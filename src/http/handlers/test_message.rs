//! The test message: says, in words and for each destination, what DingTalk says to a message.
//!
//! With a body, the receiver is the one that the body describes (an entry of `receivers:`), so that
//! settings can be tried before they are written down; then only DingTalk's configured hosts are
//! reached, and no file and no environment variable is read.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::PathText;
use crate::api::test_message::{TestAnswer, TestedDestination};
use crate::dingtalk::Endpoint;
use crate::dingtalk::message::MessageType;
use crate::http::AppState;
use crate::http::edge::read_body;
use crate::http::error::HttpError;
use crate::http::json::Json;
use crate::render::test_message;
use crate::settings::{Destination, Receiver, Settings};

/// Sends the test message to every destination of the receiver; 502 unless all took it.
pub(in crate::http) async fn send(
    State(app): State<Arc<AppState>>,
    PathText(name): PathText,
    request: Request,
) -> Result<(StatusCode, Json<TestAnswer>), HttpError> {
    let settings = app.core.settings.load_full();
    let bytes = read_body(settings.process.max_body_bytes, request.into_body()).await?;
    let described;
    let receiver = if bytes.iter().any(|byte| !byte.is_ascii_whitespace()) {
        // A receiver's templates are compiled, which no other request should wait for.
        let asked = Arc::clone(&settings);
        let read = move |body: &[u8], _| from_body(&asked, &name, body);
        described = app.intake.previews.run(&*app.core.clock, bytes, read).await??;
        &described
    } else {
        settings.receivers.find(&name)?
    };
    let answer = test(&app, &settings, receiver).await?;
    let status = if answer.ok { StatusCode::OK } else { StatusCode::BAD_GATEWAY };
    Ok((status, Json(answer)))
}

/// All destinations at once: one that never answers does not delay the others.
async fn test(
    app: &Arc<AppState>,
    settings: &Arc<Settings>,
    receiver: &Receiver,
) -> Result<TestAnswer, HttpError> {
    let mut under_way = JoinSet::new();
    for (index, (destination, robot)) in robots(receiver).enumerate() {
        let (app, settings) = (Arc::clone(app), Arc::clone(settings));
        let (name, message_type, destination) =
            (receiver.name.clone(), receiver.message_type, destination.clone());
        under_way.spawn(async move {
            let tested = test_one(&app, &settings, &name, message_type, &destination, robot).await;
            (index, tested)
        });
    }
    let mut destinations = Vec::new();
    while let Some(ended) = under_way.join_next().await {
        let Ok((index, tested)) = ended else {
            return Err(HttpError::Defect("a test message panicked"));
        };
        destinations.push((index, tested?));
    }
    destinations.sort_by_key(|(index, _)| *index);
    let destinations = destinations.into_iter().map(|(_, tested)| tested).collect();
    Ok(TestAnswer::new(&receiver.name, destinations))
}

/// Every destination, once for each of its robots; the number says which one.
fn robots(receiver: &Receiver) -> impl Iterator<Item = (&Destination, usize)> {
    let of = |destination| Destination::endpoints(destination).enumerate();
    let destinations = receiver.destinations.iter();
    destinations
        .flat_map(move |destination| of(destination).map(move |(robot, _)| (destination, robot)))
}

async fn test_one(
    app: &AppState,
    settings: &Settings,
    receiver: &str,
    message_type: MessageType,
    destination: &Destination,
    robot: usize,
) -> Result<TestedDestination, HttpError> {
    let (style, now) = (settings.style(message_type), app.core.clock.now().wall);
    let message = test_message::test_message(receiver, &style, &destination.surface, now);
    let tested = app.lanes.test(receiver, destination, robot, &message, settings).await?;
    let outcome = if tested.ok { "ok" } else { "failed" };
    app.core.metrics.test_messages.with_label_values(&[outcome]).inc();
    tracing::info!(
        receiver.name = %receiver, destination.name = %destination.name, ok = tested.ok,
        "test message: {}", if tested.ok { "arrived" } else { &tested.reason }
    );
    Ok(tested.into())
}

/// The receiver that a body describes.
fn from_body(settings: &Settings, name: &str, bytes: &[u8]) -> Result<Receiver, HttpError> {
    let mut entry: Value = serde_json::from_slice(bytes).map_err(|error| {
        HttpError::Invalid(format!("the body is no receiver's settings as JSON: {error}"))
    })?;
    let Some(fields) = entry.as_object_mut() else {
        return Err(HttpError::Invalid("the body is no JSON object".to_owned()));
    };
    fields.insert("name".to_owned(), json!(name));
    refuse_references(&entry)?;
    let whole = json!({
        "dingtalk": {"oapi_url": settings.dingtalk.oapi, "api_url": settings.dingtalk.api},
        "receivers": [entry],
    });
    let loaded = settings
        .from_text_alone("body", &whole.to_string())
        .map_err(|errors| HttpError::Invalid(errors.to_string()))?;
    let Some(receiver) = loaded.settings.receivers.into_iter().next() else {
        return Err(HttpError::Defect("a body without a receiver"));
    };
    only_configured_hosts(settings, &receiver)?;
    Ok(receiver)
}

/// The sender of a body cannot make this server call other hosts.
fn only_configured_hosts(settings: &Settings, receiver: &Receiver) -> Result<(), HttpError> {
    let oapi = &settings.dingtalk.oapi;
    let mut destinations = receiver.destinations.iter();
    let is_other = |endpoint: &Endpoint| !endpoint.calls_only(oapi);
    let other = destinations.find(|destination| destination.endpoints().any(is_other));
    other.map_or(Ok(()), |destination| {
        Err(HttpError::Invalid(format!(
            "the webhook of {:?} is not at the configured dingtalk.oapi_url",
            destination.name
        )))
    })
}

/// The sender of a body cannot read a file or a variable of this machine.
fn refuse_references(value: &Value) -> Result<(), HttpError> {
    match value {
        Value::Object(fields) => {
            if let Some(key) = fields.keys().find(|key| key.ends_with("_file")) {
                return Err(HttpError::Invalid(format!(
                    "`{key}` cannot be used in a test's body; give the value itself"
                )));
            }
            fields.values().try_for_each(refuse_references)
        }
        Value::Array(items) => items.iter().try_for_each(refuse_references),
        Value::String(text) if text.contains("${") => Err(HttpError::Invalid(
            "`${…}` cannot be used in a test's body; give the value itself".to_owned(),
        )),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}
