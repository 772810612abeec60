//! The messages of a notification, each for all destinations that ask the same of it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::{mention, summary};
use crate::queue::{NewMessage, Summary};
use crate::render::template::{RenderInput, Template};
use crate::render::{self, Format, RenderBudget, Rendered, Subject, Surface, note};
use crate::select::mention::Refused;
use crate::settings::{Destination, Receiver, Settings};

/// What receivers that keep the same alerts are told.
pub(super) struct Told<'a> {
    subject: Subject<'a>,
    summary: Summary,
    rank: u8,
    /// The messages that were written, by what is asked of them.
    written: HashMap<Asked<'a>, Arc<NewMessage>>,
}

/// What is asked of a message; where that is the same, the message is.
#[derive(PartialEq, Eq, Hash)]
struct Asked<'a> {
    /// Equal templates of a configuration are one.
    template: Option<*const Template>,
    format: &'a Format,
    surface: Cow<'a, Surface>,
}

impl<'a> Told<'a> {
    /// What is told of `subject`, whose turn comes by this rank.
    pub(super) fn new(subject: Subject<'a>, rank: u8) -> Self {
        let summary = summary::of(&subject);
        Self { subject, summary, rank, written: HashMap::new() }
    }

    /// The same, for a destination that gets it because another, `receiver/destination`, did not take it.
    pub(super) fn instead_of(mut self, destination: &str) -> Self {
        destination.clone_into(&mut self.summary.instead_of);
        self
    }
}

/// Writes the messages of one request.
pub(super) struct MessageWriter<'a> {
    /// The configuration in force.
    pub(super) settings: &'a Settings,
    /// The time of the messages.
    pub(super) now: Timestamp,
    /// The budget for all messages of the request.
    pub(super) budget: &'a mut RenderBudget,
    /// Why the messages come to their receiver, where they do not come as usual.
    pub(super) note: Option<&'a str>,
}

impl MessageWriter<'_> {
    /// What `destination` asks of a message about what is told, and the names in alerts that this does not
    /// mention.
    pub(super) fn surface<'s>(
        &mut self,
        told: &Told<'_>,
        destination: &'s Destination,
    ) -> (Cow<'s, Surface>, Vec<Refused>) {
        mention::surface(destination, &told.subject, self.now, self.budget)
    }

    /// The message that tells `receiver`, with its summary.
    pub(super) fn message<'s>(
        &mut self,
        told: &mut Told<'s>,
        receiver: &'s Receiver,
        surface: Cow<'s, Surface>,
    ) -> Arc<NewMessage> {
        let template = receiver.template.as_ref().map(Arc::as_ptr);
        let asked = Asked { template, format: &receiver.format, surface };
        if let Some(message) = told.written.get(&asked) {
            return Arc::clone(message);
        }
        let Rendered { parts, error } = self.write(&told.subject, receiver, &asked.surface);
        let (summary, rank) = (told.summary.clone(), told.rank);
        let message = Arc::new(NewMessage { parts, summary, rank, render_error: error });
        told.written.insert(asked, Arc::clone(&message));
        message
    }

    fn write(&mut self, subject: &Subject<'_>, receiver: &Receiver, surface: &Surface) -> Rendered {
        let Some(text) = self.note else { return self.render(subject, receiver, surface) };
        let mut rendered = self.render(subject, receiver, &note::beside(surface, text));
        note::add(&mut rendered.parts, text);
        rendered
    }

    /// By the receiver's template, or built in.
    fn render(
        &mut self,
        subject: &Subject<'_>,
        receiver: &Receiver,
        surface: &Surface,
    ) -> Rendered {
        let (style, now) = (self.settings.style(&receiver.format), self.now);
        match &receiver.template {
            Some(template) => {
                let input = RenderInput { template, subject, style: &style, now };
                self.budget.message(&input, surface)
            }
            None => render::render(subject, &style, surface, now, self.budget),
        }
    }
}
