//! The breakers: after failures that say something about the far side its lanes wait, and one real
//! message at a time probes.
//!
//! A lane rests after five failures in a row. A host at which two lanes failed alike holds all of its
//! lanes, and then their own breakers say nothing, so that nobody waits twice for one cause. Both are
//! forgotten at the end of the process: a host that has not answered yet gets a few attempts at once
//! and no more, so that a start does not let all lanes probe together.
//!
//! Pure: the time is passed in.

mod host;
mod lane;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use self::host::HostBreaker;
use self::lane::LaneBreaker;
use super::waiting::Want;
use crate::dingtalk::{Receipt, SendError};
use crate::language::Language;
use crate::settings::DeliverySettings;

/// The longest wait between two probes of a lane, or by one lane of its host, because people wait for their
/// alerts; a far side that asks for more gets it.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// What an attempt told of the far side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sign {
    /// DingTalk answered, whatever it said.
    Answered,
    /// Nobody answered, or not DingTalk.
    Failed(Failure),
    /// Nobody was asked.
    Nothing,
}

/// How nobody answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// In a word; failures with the same word are alike.
    pub(super) way: &'static str,
    /// In words for people.
    pub(super) words: String,
    /// How long the far side asks to wait, where it says so.
    pub(super) wait: Option<Duration>,
}

impl Sign {
    /// Of an attempt's end.
    pub(super) fn of(sent: &Result<Receipt, SendError>) -> Self {
        match sent {
            Ok(_) => Self::Answered,
            // An app's refusal that is remembered for a while.
            Err(error)
                if error.cause.is_answer() && error.token_request && error.wait.is_some() =>
            {
                Self::Nothing
            }
            Err(error) if error.cause.is_answer() => Self::Answered,
            Err(error) => Self::Failed(Failure {
                way: error.outcome(),
                // A host serves receivers of each language.
                words: error.meaning(Language::En),
                wait: error.wait,
            }),
        }
    }
}

/// What a lane may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Make one attempt.
    Go(Ticket),
    /// Make none.
    Hold(Hold),
}

/// The right to one attempt, to be given back with its [`Sign`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    /// Whether the attempt probes the lane or its host.
    pub(super) is_probe: bool,
    /// Whether it probes the host, which then answers for the failure and not the lane.
    pub(super) probes_host: bool,
    /// How often the host had answered when the attempt began.
    answers: u64,
}

/// What holds a lane, and until which boot time; with none, until others' attempts have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hold {
    pub(super) want: Want,
    pub(super) until: Option<Duration>,
}

/// How a lane's last attempt went, the best first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Standing {
    /// DingTalk answered.
    Proved,
    /// There was none since the start.
    #[default]
    New,
    /// Nobody answered.
    Failing,
}

/// Failures in a row, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// How many.
    pub failures: u32,
    /// How the last one was.
    pub last: String,
}

/// A breaker that has opened or closed, with the failures that opened it or that it has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    Opened(Trouble),
    Closed(Trouble),
}

/// What an attempt's end has changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) lane: Option<Change>,
    pub(super) host: Option<Change>,
    pub(super) wake: Wake,
}

/// Which lanes have to look again.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Wake {
    #[default]
    Nobody,
    These(Vec<String>),
    /// The host answers again: each of its lanes, those that rest by their own breaker too.
    All,
}

/// The breakers of all lanes, and of all hosts that they send to.
#[derive(Debug, Default)]
pub(super) struct Breakers {
    lanes: HashMap<String, LaneBreaker>,
    hosts: HashMap<Arc<str>, HostBreaker>,
}

impl Breakers {
    /// What the lane may do at `now`; one that does not know that something is due takes no probe.
    pub(super) fn ask(
        &mut self,
        lane: &str,
        host: Option<&Arc<str>>,
        is_due: bool,
        now: Duration,
    ) -> Verdict {
        let own = self.lanes.entry(lane.to_owned()).or_default();
        let Some(host) = host else {
            let ticket = Ticket { is_probe: own.is_open(), probes_host: false, answers: 0 };
            return own.hold(0, now).map_or(Verdict::Go(ticket), Verdict::Hold);
        };
        self.hosts.entry(Arc::clone(host)).or_default().ask(lane, own, is_due, now)
    }

    /// The attempt of this ticket has ended with this sign.
    pub(super) fn ended(
        &mut self,
        (lane, host): (&str, Option<&Arc<str>>),
        ticket: Ticket,
        sign: &Sign,
        rules: &DeliverySettings,
        now: Duration,
    ) -> Changes {
        let failure = match sign {
            Sign::Answered => return self.answered(lane, host),
            Sign::Nothing => None,
            Sign::Failed(failure) => Some(failure),
        };
        let mut of_host = host.and_then(|host| self.hosts.get_mut(host));
        let mut changes = Changes::default();
        if let (Some(own), Some(failure)) = (self.lanes.get_mut(lane), failure) {
            let recoveries = of_host.as_ref().map_or(0, |host| host.recoveries());
            changes.lane = own.failed(failure, ticket.probes_host, recoveries, rules, now);
        }
        if let Some(of_host) = &mut of_host {
            changes.host = of_host.ended(lane, ticket, failure, now);
            changes.wake = Wake::These(of_host.next(|lane| standing(&self.lanes, lane)));
        }
        changes
    }

    /// DingTalk answered the lane, whether it had asked for a ticket or not.
    pub(super) fn answered(&mut self, lane: &str, host: Option<&Arc<str>>) -> Changes {
        let lane = self.lanes.get_mut(lane).and_then(LaneBreaker::answered);
        let Some(of_host) = host.and_then(|host| self.hosts.get_mut(host)) else {
            return Changes { lane, ..Changes::default() };
        };
        let host = of_host.answered();
        let next = of_host.next(|lane| standing(&self.lanes, lane));
        let wake = if host.is_some() { Wake::All } else { Wake::These(next) };
        Changes { lane, host, wake }
    }

    /// The lane is gone, or a person has changed what it sends with: its failures say nothing any more.
    pub(super) fn forget(&mut self, lane: &str) {
        self.lanes.remove(lane);
    }

    /// Keeps the breakers of these hosts alone.
    pub(super) fn keep_hosts(&mut self, hosts: &HashSet<&str>) {
        self.hosts.retain(|host, _| hosts.contains(host.as_ref()));
    }

    /// The failures of what holds a lane.
    pub(super) fn trouble(
        &self,
        lane: &str,
        host: Option<&Arc<str>>,
        want: Want,
    ) -> Option<Trouble> {
        match want {
            Want::Host => self.hosts.get(host?)?.trouble(),
            Want::Account => self.lanes.get(lane)?.trouble(),
            Want::Slot | Want::Digest => None,
        }
    }

    /// How many lanes' breakers are open.
    pub(super) fn open_lanes(&self) -> usize {
        self.lanes.values().filter(|lane| lane.is_open()).count()
    }

    /// Every host that was asked for, and whether its breaker is open.
    pub(super) fn hosts(&self) -> impl Iterator<Item = (&Arc<str>, bool)> {
        self.hosts.iter().map(|(host, breaker)| (host, breaker.is_open()))
    }
}

fn standing(lanes: &HashMap<String, LaneBreaker>, lane: &str) -> Standing {
    lanes.get(lane).map_or(Standing::New, LaneBreaker::standing)
}

#[cfg(test)]
mod tests;
