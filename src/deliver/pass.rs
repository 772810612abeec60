//! A lane's pass by the breakers: taken before it asks for an attempt, and given back with what the
//! attempt told of the far side.

use std::sync::Arc;

use tracing::{info, warn};

use super::breaker::{Change, Changes, Hold, Sign, Ticket, Trouble, Verdict, Wake};
use super::lane_config::LaneConfig;
use super::waiting::Pause;
use super::{Context, lock, wake_all, wake_these};
use crate::queue::{Allowed, Target};

/// What the breakers let a lane do; one that is dropped was not needed.
pub(super) struct Pass<'a> {
    /// The lane.
    pub(super) config: Arc<LaneConfig>,
    context: &'a Context,
    /// Given back at the end.
    ticket: Option<Ticket>,
    hold: Option<Hold>,
}

impl<'a> Pass<'a> {
    /// Asks the breakers, for a lane that knows that something is due, or does not.
    pub(super) fn take(context: &'a Context, config: Arc<LaneConfig>, is_due: bool) -> Self {
        let now = context.clock.now().boot;
        let verdict =
            lock(&context.breakers).ask(&config.lane.id, config.host.as_ref(), is_due, now);
        let (ticket, hold) = match verdict {
            Verdict::Go(ticket) => (Some(ticket), None),
            Verdict::Hold(hold) => (None, Some(hold)),
        };
        Self { config, context, ticket, hold }
    }

    /// What the store may give.
    pub(super) fn allowed(&self) -> Allowed {
        match self.ticket {
            Some(ticket) if ticket.is_probe => Allowed::Probe,
            Some(_) => Allowed::All,
            None => Allowed::Nothing,
        }
    }

    /// Whether the attempt probes the lane or its host.
    pub(super) fn is_probe(&self) -> bool {
        self.ticket.is_some_and(|ticket| ticket.is_probe)
    }

    /// Whether the lane is woken as soon as it may begin; it need not know before if it has work.
    pub(super) fn is_queued(&self) -> bool {
        self.hold.is_some_and(|hold| hold.until.is_none())
    }

    /// How long the lane pauses, if it is held.
    pub(super) fn pause(&self) -> Option<Pause> {
        self.hold.map(|hold| Pause::held(hold.until, hold.want))
    }

    /// The attempt for this destination has ended.
    pub(super) fn end(mut self, target: &Target, sign: &Sign) {
        let changes = self.give_back(sign);
        take_effect(self.context, self.config.host.as_ref(), target, changes);
    }

    fn give_back(&mut self, sign: &Sign) -> Changes {
        let Some(ticket) = self.ticket.take() else { return Changes::default() };
        let rules = &self.context.settings.load().delivery;
        let now = self.context.clock.now().boot;
        let lane = (self.config.lane.id.as_str(), self.config.host.as_ref());
        lock(&self.context.breakers).ended(lane, ticket, sign, rules, now)
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let changes = self.give_back(&Sign::Nothing);
        wake(self.context, changes.wake);
    }
}

/// Logs what has opened or closed, once, and wakes whom it concerns.
pub(super) fn take_effect(
    context: &Context,
    host: Option<&Arc<str>>,
    target: &Target,
    changes: Changes,
) {
    let Target { receiver, destination } = target;
    match changes.lane {
        Some(Change::Opened(Trouble { failures, last })) => warn!(
            receiver.name = %receiver, destination.name = %destination, failures,
            "its robot or app failed {failures} times in a row; what is due waits, and one message at \
             a time probes: {last}"
        ),
        Some(Change::Closed(Trouble { failures, .. })) => info!(
            receiver.name = %receiver, destination.name = %destination, failures,
            "its robot or app takes messages again"
        ),
        None => {}
    }
    let host = host.map(AsRef::as_ref).unwrap_or_default();
    match changes.host {
        Some(Change::Opened(Trouble { failures, last })) => warn!(
            host,
            failures,
            "{host} failed {failures} times in a row for several robots or apps; what is due there \
             waits, and one message at a time probes: {last}"
        ),
        Some(Change::Closed(Trouble { failures, .. })) => {
            info!(host, failures, "{host} answers again, after {failures} failures in a row");
        }
        None => {}
    }
    wake(context, changes.wake);
}

fn wake(context: &Context, lanes: Wake) {
    match lanes {
        Wake::Nobody => {}
        Wake::These(lanes) => wake_these(&context.running, &lanes),
        Wake::All => wake_all(&context.running),
    }
}
