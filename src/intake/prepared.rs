//! A notification after select and render, ready for the queue; and whether select and render take so
//! little time that no other thread is asked for it.

use std::slice;

use jiff::Timestamp;

use super::dedup;
use super::last_told::FiringGroup;
use super::mention::RefusedNames;
use super::message::MessageWriter;
use super::share::{ShareWriter, Shares};
use crate::alert::{Notification, Status};
use crate::clock::Now;
use crate::queue::{Accept, RawPayload, RequestKey};
use crate::render::RenderBudget;
use crate::settings::{Receiver, Settings};

/// The largest payload that is rendered on the thread that received it: some twenty alerts, a tenth
/// of a millisecond.
const BRIEF_BYTES: usize = 16 * 1024;

/// The most destinations that are rendered for on the thread that received the payload.
const BRIEF_DESTINATIONS: usize = 8;

/// A notification as it came, before it is read.
pub(super) struct Posted {
    /// The receiver that it is for; if there is none, the conditions of all enabled ones decide.
    pub(super) receiver: Option<String>,
    /// The body.
    pub(super) payload: RawPayload,
    /// What its sender calls the request by.
    pub(super) key: Option<RequestKey>,
    /// Receivers that are told nothing of it.
    pub(super) left_out: Vec<String>,
}

/// What is known of a notification once it is read, besides what it says.
pub(super) struct Arrival {
    /// The id that it is given.
    pub(super) id: String,
    /// When it came.
    pub(super) now: Now,
    /// What fires in its group.
    pub(super) group: FiringGroup,
    /// When the newest alert began of those that were told of last, if these are the same.
    pub(super) told_until: Option<Timestamp>,
}

/// A notification whose messages are written, ready to be stored.
pub(super) struct Prepared {
    /// What to store.
    pub(super) accept: Accept,
    /// What fires in its group, to be remembered once it is stored.
    pub(super) group: FiringGroup,
    /// The names in its alerts that are not mentioned, of each of the shares.
    pub(super) refused: Vec<RefusedNames>,
    /// Whether it is for one receiver, which is disabled.
    pub(super) disabled: bool,
    /// The receivers that keep alerts of it, and are not told outside their active times.
    pub(super) inactive: Vec<String>,
    /// How many of its alerts no receiver wants, where all are asked.
    pub(super) unmatched: usize,
    /// Alertmanager's key of the group, for the log.
    pub(super) group_key: String,
    /// The status of the whole notification.
    pub(super) status: Status,
    /// How many of its alerts fire.
    pub(super) firing: usize,
    /// How many of its alerts are resolved.
    pub(super) resolved: usize,
    /// How many alerts it had besides those.
    pub(super) skipped: u64,
}

impl Prepared {
    /// Selects and renders for the receivers that are asked and enabled; none as soon as nobody waits
    /// for it any more.
    pub(super) fn new(
        settings: &Settings,
        notification: &Notification,
        posted: Posted,
        arrival: Arrival,
        budget: &mut RenderBudget,
    ) -> Option<Self> {
        let Posted { receiver, mut payload, key, left_out } = posted;
        let Arrival { id, now, group, told_until } = arrival;
        if let Some(format) = notification.sender.format() {
            payload.format = format.into();
        }
        let asked = asked_of(settings, receiver.as_deref());
        let mut writer = ShareWriter {
            notification,
            told_until,
            state: dedup::state_of(notification, &payload.bytes),
            window: dedup::window(notification, settings.delivery.deduplicate),
            left_out: &left_out,
            messages: MessageWriter { settings, now: now.wall, budget, note: None },
        };
        let Shares { told: shares, refused, inactive, unmatched } = writer.shares(asked)?;
        let firing = notification.alerts.iter().filter(|alert| alert.status == Status::Firing);
        let firing = firing.count();
        Some(Self {
            accept: Accept {
                notification: id,
                group: dedup::group_of(notification),
                payload,
                key,
                shares,
                sender: None,
            },
            group,
            refused,
            disabled: receiver.is_some() && asked.iter().any(|receiver| !receiver.enabled),
            inactive,
            unmatched: if receiver.is_none() { unmatched } else { 0 },
            group_key: notification.group_key.clone(),
            status: notification.status,
            firing,
            resolved: notification.alerts.len() - firing,
            skipped: notification.skipped.alerts,
        })
    }
}

/// The receivers that a notification is for: one, or all.
fn asked_of<'a>(settings: &'a Settings, receiver: Option<&str>) -> &'a [Receiver] {
    match receiver {
        Some(name) => settings.receivers.get(name).map_or(&[], slice::from_ref),
        None => &settings.receivers,
    }
}

/// How many destinations a notification has at most.
pub(super) fn destinations(settings: &Settings, receiver: Option<&str>) -> usize {
    asked_of(settings, receiver).iter().map(|receiver| receiver.destinations.len()).sum()
}

/// Whether the messages are written sooner than another thread would have begun: built-in ones, of a
/// few alerts, for a few destinations. Templates may take their time.
pub(super) fn is_brief(settings: &Settings, receiver: Option<&str>, weight: usize) -> bool {
    let asked = asked_of(settings, receiver);
    weight <= BRIEF_BYTES
        && asked.len() <= BRIEF_DESTINATIONS
        && asked.iter().all(|receiver| receiver.template.is_none())
        && asked.iter().map(|receiver| receiver.destinations.len()).sum::<usize>()
            <= BRIEF_DESTINATIONS
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::settings::{Environment, Overrides};

    fn settings(receivers: &str) -> Settings {
        let (text, overrides) = (format!("receivers:\n{receivers}"), Overrides::default());
        let loaded =
            Settings::from_text("c.yml", &text, Path::new(""), &Environment::default(), &overrides);
        loaded.unwrap().settings
    }

    #[test]
    fn only_a_few_alerts_for_a_few_destinations_without_templates_are_brief() {
        let plain = |name: usize| {
            format!("  - {{name: r{name}, chatbots: [{{name: b, access_token: t{name}}}]}}\n")
        };
        let many = |count: usize| settings(&(0..count).map(plain).collect::<String>());
        let template =
            "  - {name: t, message: {text: x}, chatbots: [{name: b, access_token: t}]}\n";
        let mixed = settings(&format!("{}{template}", plain(1)));
        for (settings, receiver, size, brief) in [
            (&many(1), None, BRIEF_BYTES, true),
            (&many(1), None, BRIEF_BYTES + 1, false),
            (&many(BRIEF_DESTINATIONS), None, 1, true),
            (&many(BRIEF_DESTINATIONS + 1), None, 1, false),
            (&many(BRIEF_DESTINATIONS + 1), Some("r7"), 1, true),
            (&mixed, Some("r1"), 1, true),
            (&mixed, Some("t"), 1, false),
            (&mixed, None, 1, false),
        ] {
            let asked = settings.receivers.len();
            assert_eq!(is_brief(settings, receiver, size), brief, "{asked} {receiver:?}");
        }
    }
}
