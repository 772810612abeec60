//! POST `/api/v1/templates/render`, and what `campana template render` shares with it: what would
//! be sent, without storing or sending anything.

mod example;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::alert::Notification;
use crate::dingtalk::message::MessageType;
use crate::dingtalk::robot;
use crate::http::error::ReceiveError;
use crate::http::{Shared, edge, receiver_of};
use crate::receive::alertmanager;
use crate::render::profile::Profile;
use crate::render::template::{
    File, Library, Mistake, Order, Preview, PreviewedPart, Renders, Subject, Template,
};
use crate::render::{self, Language, Style, Surface};
use crate::select;
use crate::settings::{Receiver, Settings};

/// Either a receiver's name, or templates of the caller's own.
#[derive(Debug, Deserialize)]
struct Question {
    receiver: Option<String>,
    profile: Option<String>,
    title: Option<String>,
    text: Option<String>,
    #[serde(default)]
    templates: BTreeMap<String, String>,
    payload: Option<Value>,
}

/// What is written with, and for whom.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The receiver, where there is one: its conditions choose the alerts.
    pub receiver: Option<Receiver>,
    /// The templates; without them, the built-in message is written.
    pub template: Option<Arc<Template>>,
    /// The type of the message, and the zone of its times.
    pub style: Style,
    /// The destinations that get the same message, by their names, and what they ask of it.
    pub surfaces: Vec<(Vec<String>, Surface)>,
}

/// A message for destinations that get the same.
#[derive(Debug, Clone)]
pub struct Written {
    /// The names of the destinations; none where there is no receiver.
    pub destinations: Vec<String>,
    /// What the destinations ask of it.
    pub surface: Surface,
    /// The message.
    pub preview: Preview,
}

impl Draft {
    /// What `receiver` is sent.
    #[must_use]
    pub fn of_receiver(settings: &Settings, receiver: &Receiver) -> Self {
        let mut surfaces: Vec<(Vec<String>, Surface)> = Vec::new();
        for destination in &receiver.destinations {
            let known = surfaces.iter_mut().find(|(_, known)| *known == destination.surface);
            match known {
                Some((names, _)) => names.push(destination.name.clone()),
                None => {
                    surfaces.push((vec![destination.name.clone()], destination.surface.clone()));
                }
            }
        }
        let style = settings.style(receiver.message_type);
        Self {
            receiver: Some(receiver.clone()),
            template: receiver.template.clone(),
            style,
            surfaces,
        }
    }

    /// What a chatbot would be sent that these templates are written for.
    #[must_use]
    pub fn of_template(style: Style, template: Template) -> Self {
        Self {
            receiver: None,
            template: Some(Arc::new(template)),
            style,
            surfaces: vec![(Vec::new(), Surface::new(&robot::API))],
        }
    }

    /// The alerts that are written about; nothing if the receiver keeps none.
    #[must_use]
    pub fn kept(&self, notification: &Notification) -> Option<Notification> {
        match &self.receiver {
            Some(receiver) => {
                select::keep(&receiver.conditions, receiver.send_resolved, notification)
            }
            None => Some(notification.clone()),
        }
    }

    /// The messages of `kept`, one for each group of destinations that get the same.
    #[must_use]
    pub fn write(
        &self,
        kept: &Notification,
        now: Timestamp,
        renders: &mut Renders,
    ) -> Vec<Written> {
        let subject = Subject::new(kept);
        let mut write = |surface: &Surface| match &self.template {
            Some(template) => {
                let order = Order { template, subject: &subject, style: &self.style, now };
                renders.preview(&order, surface)
            }
            None => render::render(kept, &self.style, surface, now).into(),
        };
        let written = self.surfaces.iter().map(|(destinations, surface)| Written {
            destinations: destinations.clone(),
            surface: surface.clone(),
            preview: write(surface),
        });
        written.collect()
    }

    /// What the text's template writes of `kept`, byte for byte.
    ///
    /// # Errors
    ///
    /// With the engine's words.
    pub fn raw(
        &self,
        kept: &Notification,
        now: Timestamp,
        renders: &mut Renders,
    ) -> Result<Vec<u8>, String> {
        let (Some(template), Some((_, surface))) = (&self.template, self.surfaces.first()) else {
            return Err("the receiver has no template of its own".to_owned());
        };
        let subject = Subject::new(kept);
        let order = Order { template, subject: &subject, style: &self.style, now };
        renders.raw(&order, surface)
    }
}

/// The notification of `payload`, or the sample.
///
/// # Errors
///
/// When the payload is none.
pub fn notification(payload: Option<&[u8]>, now: Timestamp) -> Result<Notification, ReceiveError> {
    match payload {
        Some(bytes) => Ok(alertmanager::parse(bytes)?),
        None => Ok(example::notification(now)),
    }
}

/// Title and text with the templates that stand beside them, compiled for `profile`.
///
/// # Errors
///
/// With every mistake in them.
pub fn compile(
    profile: Profile,
    language: Language,
    files: &[File],
    title: Option<&str>,
    text: Option<&str>,
) -> Result<Template, Vec<Mistake>> {
    let (library, mut mistakes) = Library::new(profile, language, files);
    match Template::new(&library, title, text) {
        Ok(template) if mistakes.is_empty() => Ok(template),
        Ok(_) => Err(mistakes),
        Err(more) => {
            mistakes.extend(more);
            Err(mistakes)
        }
    }
}

/// Answers `{"messages":[{"destinations","error","parts":[{"title","text","bytes",…}]}]}`.
pub(crate) async fn render(
    State(shared): State<Shared>,
    request: Request,
) -> Result<Json<Value>, ReceiveError> {
    let settings = shared.core.settings.load_full();
    let bytes = edge::body(settings.process.max_body_bytes, request.into_body()).await?;
    let now = shared.core.clock.now().wall;
    let work = move |mut renders: Renders| answer(&settings, &bytes, now, &mut renders);
    shared.rendering.bounded(&*shared.core.clock, work).await?.map(Json)
}

fn answer(
    settings: &Settings,
    bytes: &[u8],
    now: Timestamp,
    renders: &mut Renders,
) -> Result<Value, ReceiveError> {
    let question: Question = serde_json::from_slice(bytes).map_err(|error| {
        ReceiveError::Invalid(format!(
            "expected {{\"receiver\": \"…\"}} or {{\"text\": \"…\"}}, with an optional \
             \"payload\": {error}"
        ))
    })?;
    let payload = question.payload.as_ref().map(Value::to_string);
    let notification = notification(payload.as_deref().map(str::as_bytes), now)?;
    let draft = draft(settings, question)?;
    let Some(kept) = draft.kept(&notification) else {
        return Ok(json!({"messages": []}));
    };
    let messages = draft.write(&kept, now, renders);
    Ok(json!({"messages": messages.iter().map(message_json).collect::<Vec<_>>()}))
}

fn draft(settings: &Settings, question: Question) -> Result<Draft, ReceiveError> {
    let Question { receiver, profile, title, text, templates, .. } = question;
    let is_own = profile.is_some() || title.is_some() || text.is_some() || !templates.is_empty();
    let invalid = |words: &str| Err(ReceiveError::Invalid(words.to_owned()));
    match (receiver, is_own) {
        (Some(_), true) => invalid("give either \"receiver\" or templates, not both"),
        (Some(name), false) => Ok(Draft::of_receiver(settings, receiver_of(settings, &name)?)),
        (None, _) if title.is_none() && text.is_none() => {
            invalid("give a \"receiver\", or a \"text\" or \"title\" as templates")
        }
        (None, _) => {
            let profile = profile_of(profile.as_deref()).map_err(ReceiveError::Invalid)?;
            let files = templates.into_iter().map(|(path, source)| File { path, source });
            let files: Vec<File> = files.collect();
            let template =
                compile(profile, settings.language, &files, title.as_deref(), text.as_deref())
                    .map_err(|mistakes| ReceiveError::Invalid(in_lines(&mistakes)))?;
            Ok(Draft::of_template(settings.style(MessageType::Markdown), template))
        }
    }
}

/// The profile of a name, or the default one.
///
/// # Errors
///
/// With the names that there are.
pub fn profile_of(name: Option<&str>) -> Result<Profile, String> {
    let Some(name) = name else { return Ok(Profile::default()) };
    Profile::of(name).ok_or_else(|| {
        let known = Profile::ALL.map(Profile::as_str).join(", ");
        format!("there is no profile {name:?}; known: {known}")
    })
}

/// Each mistake in a line of its own.
#[must_use]
pub fn in_lines(mistakes: &[Mistake]) -> String {
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// A message as JSON, with the bodies as they would be sent.
#[must_use]
pub fn message_json(written: &Written) -> Value {
    let Written { destinations, surface, preview } = written;
    let parts = preview.parts.iter().map(|part| part_json(part, surface));
    json!({
        "destinations": destinations,
        "error": preview.error,
        "parts": parts.collect::<Vec<_>>(),
    })
}

fn part_json(part: &PreviewedPart, surface: &Surface) -> Value {
    let PreviewedPart { message, unguarded } = part;
    let mut json = json!({
        "title": message.title(),
        "text": message.text(),
        "bytes": message.size(surface.api),
        "max_bytes": surface.max_bytes,
        "body": (surface.api.preview)(message),
    });
    if let Some(text) = unguarded {
        json["before_mention_guard"] = json!(text);
    }
    json
}
