//! The breaker of one host, which all lanes that send to it share.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::lane::LaneBreaker;
use super::{Change, Failure, Hold, LONGEST_WAIT, Standing, Ticket, Trouble, Verdict};
use crate::deliver::waiting::Want;

/// So many attempts may be under way at a host that has not answered since they began. An answer lets
/// as many more go, so a host that has just come back is tried by ever more lanes, and a thousand of them
/// are let go after some four answers' time.
const UNANSWERED: usize = 8;

/// The wait before the first probe: a blip is over by then.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// So much longer waits the lane that probed last, so that one bad robot does not make all probes; the
/// longest wait has room for it.
const GIVES_WAY: Duration = Duration::from_secs(1);

/// How the attempts at one host went.
#[derive(Debug, Default)]
pub(super) struct HostBreaker {
    /// How often it has answered.
    answers: u64,
    /// How many attempts are under way that began after the last answer.
    unanswered: usize,
    /// The lanes that wait until others' attempts have ended.
    queue: VecDeque<String>,
    /// The first lane that failed in each way since the last answer.
    failed: HashMap<&'static str, String>,
    /// How many attempts have failed since then.
    failures: u32,
    last: String,
    open: Option<Open>,
    /// How often the breaker has closed.
    recoveries: u64,
}

/// The host is taken for unreachable, and probed.
#[derive(Debug)]
struct Open {
    /// The probes so far, by the standing of the lanes that made them.
    probes: [u32; 3],
    /// When the last attempt failed that opened it, or the last probe began, and whose it was.
    probed_at: Duration,
    probed_by: String,
    /// The end of the wait that the host asked for.
    not_before: Duration,
}

impl Open {
    /// When this lane may probe.
    ///
    /// The wait doubles with each probe by lanes that stood as well as this one or better. So it grows
    /// for all while all fail, and a lane whose robot has always answered does not wait for long because
    /// others, which fail again and again, have probed in vain.
    fn next_probe(&self, lane: &str, standing: Standing) -> Duration {
        let probes: u32 = self.probes[..=standing as usize].iter().sum();
        let doubled = FIRST_WAIT.saturating_mul(1u32.checked_shl(probes).unwrap_or(u32::MAX));
        let gives_way = if self.probed_by == lane { GIVES_WAY } else { Duration::ZERO };
        let wait = doubled.min(LONGEST_WAIT.saturating_sub(GIVES_WAY)) + gives_way;
        (self.probed_at + wait).max(self.not_before)
    }

    /// Lets a lane probe when it is time. Whoever comes after it waits from then on, and not for the end
    /// of the probe, which may take as long as an attempt can.
    fn probe(
        &mut self,
        lane: &str,
        standing: Standing,
        is_due: bool,
        now: Duration,
    ) -> Option<Hold> {
        let next = self.next_probe(lane, standing);
        if now < next || !is_due {
            return Some(Hold { want: Want::Host, until: Some(next.max(now)) });
        }
        self.probes[standing as usize] += 1;
        self.probed_at = now;
        lane.clone_into(&mut self.probed_by);
        None
    }
}

impl HostBreaker {
    /// What a lane of the host may do; its own breaker says nothing while the host's is open.
    pub(super) fn ask(
        &mut self,
        lane: &str,
        own: &LaneBreaker,
        is_due: bool,
        now: Duration,
    ) -> Verdict {
        let standing = own.standing();
        if let Some(open) = &mut self.open {
            let ticket = Ticket { is_probe: true, probes_host: true, answers: self.answers };
            let hold = open.probe(lane, standing, is_due, now);
            return hold.map_or(Verdict::Go(ticket), Verdict::Hold);
        }
        if let Some(hold) = own.hold(self.recoveries, now) {
            return Verdict::Hold(hold);
        }
        let queued = self.queue.iter().position(|queued| queued == lane);
        if self.unanswered >= most(standing) {
            if queued.is_none() {
                self.queue.push_back(lane.to_owned());
            }
            return Verdict::Hold(Hold { want: Want::Host, until: None });
        }
        self.unanswered += 1;
        queued.map(|at| self.queue.remove(at));
        let answers = self.answers;
        Verdict::Go(Ticket { is_probe: own.is_open(), probes_host: false, answers })
    }

    /// The host has answered; the lanes go on, a few at once.
    pub(super) fn answered(&mut self) -> Option<Change> {
        self.answers += 1;
        self.unanswered = 0;
        self.failed.clear();
        let closed = self.open.take().and_then(|_| self.trouble()).map(Change::Closed);
        self.recoveries += u64::from(closed.is_some());
        self.failures = 0;
        closed
    }

    /// An attempt has ended without an answer, which says nothing about a host that has answered somebody
    /// since the attempt began.
    pub(super) fn ended(
        &mut self,
        lane: &str,
        ticket: Ticket,
        failure: Option<&Failure>,
        now: Duration,
    ) -> Option<Change> {
        if ticket.answers != self.answers {
            return None;
        }
        self.unanswered = self.unanswered.saturating_sub(usize::from(!ticket.probes_host));
        let failure = failure?;
        self.failures = self.failures.saturating_add(1);
        self.last.clone_from(&failure.words);
        let not_before = now + failure.wait.unwrap_or_default();
        if let Some(open) = &mut self.open {
            open.not_before = open.not_before.max(not_before);
            return None;
        }
        let first = self.failed.entry(failure.way).or_insert_with(|| lane.to_owned());
        if first == lane {
            return None;
        }
        let probed_by = lane.to_owned();
        self.open = Some(Open { probes: [0; 3], probed_at: now, probed_by, not_before });
        self.trouble().map(Change::Opened)
    }

    /// The queued lanes that may look again now, which stand in the queue no longer: as many as could begin
    /// an attempt, and all once the breaker has opened, since each has to know until when it waits.
    pub(super) fn next(&mut self, standing: impl Fn(&str) -> Standing) -> Vec<String> {
        if self.is_open() {
            return self.queue.drain(..).collect();
        }
        let (mut begun, mut at, mut next) = (self.unanswered, 0, Vec::new());
        while begun < UNANSWERED
            && let Some(lane) = self.queue.get(at)
        {
            if begun < most(standing(lane)) {
                begun += 1;
                next.extend(self.queue.remove(at));
            } else {
                at += 1;
            }
        }
        next
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    pub(super) fn recoveries(&self) -> u64 {
        self.recoveries
    }

    /// The failures in a row, if there are any.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        let trouble = Trouble { failures: self.failures, last: self.last.clone() };
        (self.failures > 0).then_some(trouble)
    }
}

/// How many attempts may be under way when one more begins: lanes that failed last leave some of them
/// to the others.
fn most(standing: Standing) -> usize {
    match standing {
        Standing::Proved | Standing::New => UNANSWERED,
        Standing::Failing => UNANSWERED / 2,
    }
}
