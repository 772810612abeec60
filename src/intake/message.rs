//! One message of a notification, for the destinations that ask the same of it.

use jiff::Timestamp;

use super::{rank, summary};
use crate::queue::NewMessage;
use crate::render::template::{RenderBudget, RenderInput, TemplateData};
use crate::render::{self, Rendered, Surface, note};
use crate::settings::{Receiver, Settings};

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
    /// The message that tells `receiver` of the alerts in `data`, with their summary.
    pub(super) fn write(
        &mut self,
        data: &TemplateData<'_>,
        receiver: &Receiver,
        surface: &Surface,
    ) -> NewMessage {
        let Rendered { parts, error } = match self.note {
            None => self.render(data, receiver, surface),
            Some(text) => {
                let mut rendered = self.render(data, receiver, &note::beside(surface, text));
                note::add(&mut rendered.parts, text);
                rendered
            }
        };
        let summary = summary::of(data.notification());
        let rank = rank::of(data.notification(), &self.settings.delivery.severity);
        NewMessage { parts, summary, rank, render_error: error }
    }

    /// By the receiver's template, or built in.
    fn render(
        &mut self,
        data: &TemplateData<'_>,
        receiver: &Receiver,
        surface: &Surface,
    ) -> Rendered {
        let (style, now) = (self.settings.style(receiver.message_type), self.now);
        match &receiver.template {
            Some(template) => {
                let input = RenderInput { template, data, style: &style, now };
                self.budget.message(&input, surface)
            }
            None => render::render(data.notification(), &style, surface, now),
        }
    }
}
