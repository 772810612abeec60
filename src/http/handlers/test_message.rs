//! The test message: says, in words and for each destination, what DingTalk says to a message.
//!
//! With a body, the receiver is the one that the body describes, so that settings can be tried before
//! they are saved.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use tokio::task::JoinSet;

use super::PathText;
use crate::api::test_message::{TestAnswer, TestedDestination};
use crate::http::AppState;
use crate::http::edge::read_body;
use crate::http::error::HttpError;
use crate::http::json::Json;
use crate::render::{Style, test_message};
use crate::settings::{Destination, Receiver, Settings, UnsavedReceiver};

/// Sends the test message to every destination of the receiver; 502 unless all took it.
pub(in crate::http) async fn send(
    State(app): State<Arc<AppState>>,
    PathText(name): PathText,
    request: Request,
) -> Result<(StatusCode, Json<TestAnswer>), HttpError> {
    let settings = app.core.settings.load_full();
    let bytes = read_body(settings.process.max_body_bytes, request.into_body()).await?;
    let unsaved_receiver;
    let (receiver, warnings) = if bytes.iter().any(|byte| !byte.is_ascii_whitespace()) {
        // A receiver's templates are compiled, which no other request should wait for.
        let asked = Arc::clone(&settings);
        let read = move |body: &[u8], _| unsaved(&asked, &name, body);
        unsaved_receiver = app.intake.previews.run(&*app.core.clock, bytes, read).await??;
        let UnsavedReceiver { receiver, warnings } = &unsaved_receiver;
        (receiver, warnings.iter().map(ToString::to_string).collect())
    } else {
        (settings.receivers.find(&name)?, Vec::new())
    };
    let answer = TestAnswer { warnings, ..test(&app, &settings, receiver).await? };
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
        let (name, style, destination) =
            (receiver.name.clone(), settings.style(&receiver.format), destination.clone());
        under_way.spawn(async move {
            let tested = test_one(&app, &settings, &name, &style, &destination, robot).await;
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
    style: &Style,
    destination: &Destination,
    robot: usize,
) -> Result<TestedDestination, HttpError> {
    let (page, now) = (&settings.process.external_url, app.core.clock.now().wall);
    let message = test_message::test_message(receiver, style, &destination.surface, page, now);
    let tested = app
        .lanes
        .test((receiver, style.format.language), destination, robot, &message, settings)
        .await?;
    let outcome = if tested.ok { "ok" } else { "failed" };
    app.core.metrics.test_messages.with_label_values(&[outcome]).inc();
    tracing::info!(
        receiver.name = %receiver, destination.name = %destination.name, ok = tested.ok,
        "test message: {}", if tested.ok { "arrived" } else { &tested.reason }
    );
    Ok(tested.into())
}

/// The receiver that a body describes.
fn unsaved(settings: &Settings, name: &str, body: &[u8]) -> Result<UnsavedReceiver, HttpError> {
    let body = std::str::from_utf8(body)
        .map_err(|_place| HttpError::Invalid("the body is not UTF-8".to_owned()))?;
    let described = settings.unsaved_receiver(name, body);
    described.map_err(|errors| HttpError::Invalid(errors.to_string()))
}
