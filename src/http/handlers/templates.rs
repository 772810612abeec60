//! The message that templates would make, without storing or sending anything.

use std::sync::Arc;

use axum::extract::{Request, State};
use jiff::Timestamp;

use super::{json, look};
use crate::alert::Notification;
use crate::api::template::{MessagePreview, RenderAnswer, RenderRequest};
use crate::dingtalk::message::MessageType;
use crate::dingtalk::robot;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::json::Json;
use crate::intake::preview::{Trial, compile, example, in_lines, profile_of};
use crate::receive::alertmanager;
use crate::render::template::TemplateFile;
use crate::render::{Format, RenderBudget, Surface};
use crate::settings::Settings;

/// Writes about a payload or the example: for a receiver, or by templates of the caller's own.
pub(in crate::http) async fn render(
    State(app): State<Arc<AppState>>,
    request: Request,
) -> Result<Json<RenderAnswer>, HttpError> {
    let (settings, now) = (app.core.settings.load_full(), app.core.clock.now().wall);
    let job = move |body: &[u8], mut budget| answer(&settings, body, now, &mut budget);
    look(&app, request.into_body(), job).await.map(Json)
}

fn answer(
    settings: &Settings,
    body: &[u8],
    now: Timestamp,
    budget: &mut RenderBudget,
) -> Result<RenderAnswer, HttpError> {
    let expected = "{\"receiver\": \"…\"} or {\"text\": \"…\"}, with an optional \"payload\" and an \
                    optional \"at\" as 2026-11-21T09:00:00+08:00";
    let asked: RenderRequest = json(body, expected)?;
    let now = asked.at.unwrap_or(now);
    let notification = notification(settings, &asked, now)?;
    let trial = trial(settings, asked)?;
    let Some(kept) = trial.kept(&notification) else {
        return Ok(RenderAnswer { messages: Vec::new() });
    };
    let messages = trial.write(&kept, now, budget).into_iter();
    Ok(RenderAnswer { messages: messages.map(MessagePreview::from).collect() })
}

fn notification(
    settings: &Settings,
    asked: &RenderRequest,
    now: Timestamp,
) -> Result<Notification, HttpError> {
    let Some(payload) = &asked.payload else { return Ok(example(now)) };
    Ok(alertmanager::parse_at_most(payload.get().as_bytes(), settings.process.max_alerts)?)
}

fn trial(settings: &Settings, asked: RenderRequest) -> Result<Trial, HttpError> {
    let RenderRequest { receiver, profile, title, text, templates, .. } = asked;
    let is_own = profile.is_some() || title.is_some() || text.is_some() || !templates.is_empty();
    let invalid = |words: &str| Err(HttpError::Invalid(words.to_owned()));
    match (receiver, is_own) {
        (Some(_), true) => invalid("give either \"receiver\" or templates, not both"),
        (Some(name), false) => Ok(Trial::of_receiver(settings, settings.receivers.find(&name)?)),
        (None, _) if title.is_none() && text.is_none() => {
            invalid("give a \"receiver\", or a \"text\" or \"title\" as templates")
        }
        (None, _) => {
            let profile = profile_of(profile.as_deref()).map_err(HttpError::Invalid)?;
            let files = templates.into_iter().map(|(path, source)| TemplateFile { path, source });
            let files: Vec<TemplateFile> = files.collect();
            let template =
                compile(profile, settings.language, &files, title.as_deref(), text.as_deref())
                    .map_err(|mistakes| HttpError::Invalid(in_lines(&mistakes)))?;
            let style = settings.style(&Format::of(MessageType::Markdown, settings.language));
            Ok(Trial::of_template(style, template, Surface::new(&robot::API)))
        }
    }
}
