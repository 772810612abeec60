//! What would be sent, without storing or sending anything: for `POST /api/v1/templates/render` and
//! for `campana template render`.

mod example;

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;

use super::mention::{self, RefusedNames};
use crate::alert::Notification;
use crate::render::profile::Profile;
use crate::render::template::{Library, Mistake, Preview, RenderInput, Template, TemplateFile};
use crate::render::{self, Language, RenderBudget, Style, Subject, Surface};
use crate::select;
use crate::settings::{Destination, Receiver, Settings, SeverityOrder};

pub use example::notification as example;

/// Templates that are tried: whose they are, and for which destinations.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The receiver, where there is one: its conditions choose the alerts.
    pub receiver: Option<Receiver>,
    /// The templates; without them, the built-in message is written.
    pub template: Option<Arc<Template>>,
    /// The type of the message, and the zone of its times.
    pub style: Style,
    /// What severities mean.
    pub order: SeverityOrder,
    /// What the destination that is not configured asks of it, where there is no receiver.
    surface: Option<Surface>,
}

/// What destinations that get the same message ask of it.
struct Asked<'t> {
    destinations: Vec<String>,
    surface: Cow<'t, Surface>,
    refused: RefusedNames,
}

/// The message that a trial makes for destinations that get the same.
#[derive(Debug, Clone)]
pub struct TrialMessage {
    /// The names of the destinations; none where there is no receiver.
    pub destinations: Vec<String>,
    /// What the destinations ask of it.
    pub surface: Surface,
    /// Where its alerts name people whom it may not mention, and how many.
    pub not_mentioned: Vec<String>,
    /// The message.
    pub preview: Preview,
}

impl Trial {
    /// Tries what `receiver` is sent.
    #[must_use]
    pub fn of_receiver(settings: &Settings, receiver: &Receiver) -> Self {
        let style = settings.style(&receiver.format);
        Self {
            receiver: Some(receiver.clone()),
            template: receiver.template.clone(),
            style,
            order: settings.delivery.severity.clone(),
            surface: None,
        }
    }

    /// Tries `template` for a destination that is not configured.
    #[must_use]
    pub fn of_template(style: Style, template: Template, surface: Surface) -> Self {
        let (template, surface) = (Some(Arc::new(template)), Some(surface));
        Self { receiver: None, template, style, order: SeverityOrder::USUAL, surface }
    }

    /// The part of the notification that is written about; nothing if the receiver keeps no alert.
    #[must_use]
    pub fn kept<'n>(&self, notification: &'n Notification) -> Option<Cow<'n, Notification>> {
        match &self.receiver {
            Some(receiver) => {
                let kept =
                    select::keep(&receiver.conditions, receiver.send_resolved, notification)?;
                Some(kept.alone(notification))
            }
            None => Some(Cow::Borrowed(notification)),
        }
    }

    /// The messages of `kept`, one for each group of destinations that get the same.
    #[must_use]
    pub fn write(
        &self,
        kept: &Notification,
        now: Timestamp,
        budget: &mut RenderBudget,
    ) -> Vec<TrialMessage> {
        let subject = Subject::new(kept, &self.order);
        let all = self.asked(&subject, now, budget);
        let mut write = |surface: &Surface| match &self.template {
            Some(template) => {
                let input = RenderInput { template, subject: &subject, style: &self.style, now };
                budget.preview(&input, surface)
            }
            None => render::render(&subject, &self.style, surface, now, budget).into(),
        };
        let messages = all.into_iter().map(|Asked { destinations, surface, refused }| {
            let (preview, not_mentioned) = (write(&surface), refused.in_words());
            TrialMessage { destinations, surface: surface.into_owned(), not_mentioned, preview }
        });
        messages.collect()
    }

    /// What is asked of the messages about `subject`.
    fn asked(
        &self,
        subject: &Subject<'_>,
        now: Timestamp,
        budget: &mut RenderBudget,
    ) -> Vec<Asked<'_>> {
        let new =
            |surface| Asked { surface, destinations: Vec::new(), refused: RefusedNames::default() };
        let mut all: Vec<_> = self.surface.iter().map(Cow::Borrowed).map(new).collect();
        for destination in self.destinations() {
            let (surface, names) = mention::surface(destination, subject, now, budget);
            let place = all.iter().position(|known| known.surface == surface);
            let place = place.unwrap_or_else(|| {
                all.push(new(surface));
                all.len() - 1
            });
            all[place].destinations.push(destination.name.clone());
            all[place].refused.add(names);
        }
        all
    }

    fn destinations(&self) -> &[Destination] {
        self.receiver.as_ref().map_or(&[], |receiver| &receiver.destinations)
    }

    /// The text that the text's template writes of `kept`, byte for byte.
    ///
    /// # Errors
    ///
    /// With the engine's words.
    pub fn raw(
        &self,
        kept: &Notification,
        now: Timestamp,
        budget: &mut RenderBudget,
    ) -> Result<Vec<u8>, String> {
        let subject = Subject::new(kept, &self.order);
        let all = self.asked(&subject, now, budget);
        let (Some(template), Some(asked)) = (&self.template, all.first()) else {
            return Err("the receiver has no template of its own".to_owned());
        };
        let input = RenderInput { template, subject: &subject, style: &self.style, now };
        budget.raw(&input, &asked.surface)
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
    files: &[TemplateFile],
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
