//! One receiver's share of a notification: the alerts that it keeps, as messages for its
//! destinations.

use std::borrow::Cow;
use std::time::Duration;

use super::message::MessageWriter;
use crate::queue::{NewDelivery, NewMessage, ReceiverShare, StateHash, Target};
use crate::render::Surface;
use crate::render::template::TemplateData;
use crate::select;
use crate::settings::Receiver;

/// Makes the shares of one notification.
pub(super) struct ShareWriter<'a> {
    /// The notification; the data that templates are shown of it is made once for all receivers.
    pub(super) whole: &'a TemplateData<'a>,
    /// The notification's state.
    pub(super) state: StateHash,
    /// How long an equal state is a duplicate.
    pub(super) window: Duration,
    /// Writes its messages.
    pub(super) messages: MessageWriter<'a>,
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

    fn about(&mut self, data: &TemplateData<'_>, receiver: &Receiver) -> ReceiverShare {
        let (messages, deliveries) = deliveries_to(receiver, data, &mut self.messages);
        ReceiverShare {
            receiver: receiver.name.clone(),
            state: self.state,
            window: self.window,
            messages,
            deliveries,
        }
    }
}

/// The deliveries that tell `receiver` of the alerts in `data`, and their messages; destinations that
/// ask the same of a message share one.
pub(super) fn deliveries_to(
    receiver: &Receiver,
    data: &TemplateData<'_>,
    writer: &mut MessageWriter<'_>,
) -> (Vec<NewMessage>, Vec<NewDelivery>) {
    let mut surfaces: Vec<&Surface> = Vec::new();
    let mut messages: Vec<NewMessage> = Vec::new();
    let mut deliveries = Vec::with_capacity(receiver.destinations.len());
    for destination in &receiver.destinations {
        let surface = &destination.surface;
        let known = surfaces.iter().position(|known| *known == surface);
        let message = known.unwrap_or_else(|| {
            messages.push(writer.write(data, receiver, surface));
            surfaces.push(surface);
            messages.len() - 1
        });
        let (receiver, destination) = (receiver.name.clone(), destination.name.clone());
        deliveries.push(NewDelivery { target: Target { receiver, destination }, message });
    }
    (messages, deliveries)
}
