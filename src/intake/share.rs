//! One receiver's share of a notification: the alerts that it keeps, as messages for its
//! destinations.

use std::borrow::Cow;
use std::time::Duration;

use jiff::Timestamp;

use super::summary;
use crate::queue::delivery::{NewDelivery, NewMessage, ReceiverShare, Target};
use crate::render::template::{RenderBudget, RenderInput, TemplateData};
use crate::render::{self, Rendered, Surface, facts};
use crate::select;
use crate::settings::{Receiver, Settings};

/// Makes the shares of one notification.
pub(super) struct ShareWriter<'a> {
    /// The configuration in force.
    pub(super) settings: &'a Settings,
    /// The notification; the data that templates are shown of it is made once for all receivers.
    pub(super) whole: &'a TemplateData<'a>,
    /// The hash of the notification's state.
    pub(super) state: String,
    /// How long an equal state is a duplicate.
    pub(super) window: Duration,
    /// The time of the messages.
    pub(super) now: Timestamp,
    /// The budget for all messages of the notification.
    pub(super) budget: &'a mut RenderBudget,
}

impl ShareWriter<'_> {
    /// The share of `receiver`: one delivery for each destination, or nothing if its conditions keep
    /// no alert.
    pub(super) fn share(&mut self, receiver: &Receiver) -> Option<ReceiverShare> {
        let whole = self.whole;
        let (conditions, resolved) = (&receiver.conditions, receiver.send_resolved);
        match select::keep(conditions, resolved, whole.notification())? {
            Cow::Borrowed(_) => Some(self.about(whole, receiver)),
            Cow::Owned(kept) => Some(self.about(&TemplateData::new(&kept), receiver)),
        }
    }

    /// The deliveries that tell `receiver` of the alerts in `data`; destinations that ask the same of a message
    /// share one.
    fn about(&mut self, data: &TemplateData<'_>, receiver: &Receiver) -> ReceiverShare {
        let summary = summary::of(data.notification());
        let rank = facts::severity_rank(&summary.severity);
        let mut surfaces: Vec<&Surface> = Vec::new();
        let mut messages: Vec<NewMessage> = Vec::new();
        let mut deliveries = Vec::with_capacity(receiver.destinations.len());
        for destination in &receiver.destinations {
            let surface = &destination.surface;
            let known = surfaces.iter().position(|known| *known == surface);
            let message = known.unwrap_or_else(|| {
                let Rendered { parts, error } = self.write(data, receiver, surface);
                let summary = summary.clone();
                messages.push(NewMessage { parts, summary, rank, render_error: error });
                surfaces.push(surface);
                messages.len() - 1
            });
            let (receiver, destination) = (receiver.name.clone(), destination.name.clone());
            deliveries.push(NewDelivery { target: Target { receiver, destination }, message });
        }
        ReceiverShare {
            receiver: receiver.name.clone(),
            state: self.state.clone(),
            window: self.window,
            messages,
            deliveries,
        }
    }

    /// The message for destinations with this surface.
    fn write(
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
