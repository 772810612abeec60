//! Where a connection stands and since when; whether its client is too slow, and when it is its turn to
//! give way. `now` is a value here: the time since boot.
//!
//! Only a client's slowness counts: while we work on its request, nothing runs out and it never gives way.

use std::time::Duration;

use super::limits::{ANSWER, BODY, HEAD, IDLE, NEW, PATIENCE, RATE, WINDOW};

/// What a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// The first byte of a request.
    Idle,
    /// The rest of a request's head.
    Head,
    /// More of a request's body.
    Body,
    /// Us: its request is here, our answer is not.
    Serving,
    /// The client, to read our answer.
    Answer,
}

impl Phase {
    /// Those in which the client keeps us waiting.
    pub(super) const OF_CLIENTS: [Self; 4] = [Self::Idle, Self::Head, Self::Body, Self::Answer];

    /// The label in metrics.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Head => "head",
            Self::Body => "body",
            Self::Serving => "serving",
            Self::Answer => "answer",
        }
    }
}

/// The bytes of a body that came, or of an answer that went.
#[derive(Debug, Clone, Copy)]
struct Flow {
    began: Duration,
    bytes: u64,
    /// Where the present window began: the time, and the bytes until then.
    window: (Duration, u64),
}

impl Flow {
    fn new(now: Duration) -> Self {
        Self { began: now, bytes: 0, window: (now, 0) }
    }

    /// Whether too little came or went in the window that is over, or it takes too long in all.
    fn is_late(&mut self, now: Duration, longest: Duration) -> bool {
        if now >= self.began + longest {
            return true;
        }
        let (began, before) = self.window;
        let passed = now.saturating_sub(began);
        if passed < WINDOW {
            return false;
        }
        self.window = (now, self.bytes);
        self.bytes - before < RATE * passed.as_secs()
    }

    /// The beginning, moved on by the time that its bytes may take: who is fast stays young.
    fn since(&self, now: Duration) -> Duration {
        now.min(self.began + Duration::from_secs(self.bytes / RATE))
    }
}

/// The order in which connections give way: the least goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    /// False for those that have been idle for a while, which loses nobody anything.
    busy: bool,
    /// Since when the client keeps us waiting.
    since: Duration,
    /// When the phase began.
    began: Duration,
}

/// How one connection gets on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Progress {
    phase: Phase,
    since: Duration,
    /// Of the body that was waited for, or of the answer.
    flow: Option<Flow>,
}

impl Progress {
    /// A new connection.
    pub(super) fn new(now: Duration) -> Self {
        Self { phase: Phase::Idle, since: now, flow: None }
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase
    }

    /// When the phase began.
    pub(super) fn since(&self) -> Duration {
        self.since
    }

    fn enter(&mut self, phase: Phase, now: Duration) {
        self.phase = phase;
        self.since = now;
    }

    /// Bytes came from the client.
    pub(super) fn read(&mut self, now: Duration, bytes: u64) {
        match self.phase {
            Phase::Idle => self.enter(Phase::Head, now),
            Phase::Body => self.flow.get_or_insert(Flow::new(now)).bytes += bytes,
            // A head's time is counted from its first byte, and what comes early counts for nothing.
            Phase::Head | Phase::Serving | Phase::Answer => {}
        }
    }

    /// A request's head is complete.
    pub(super) fn request(&mut self, now: Duration) {
        self.enter(Phase::Serving, now);
        self.flow = None;
    }

    /// The request's body is wanted, and has not come.
    pub(super) fn body_missing(&mut self, now: Duration) {
        if self.phase == Phase::Serving {
            let began = self.flow.get_or_insert(Flow::new(now)).began;
            self.enter(Phase::Body, began);
        }
    }

    /// What was wanted of the body is here.
    pub(super) fn body_came(&mut self, now: Duration) {
        if self.phase == Phase::Body {
            self.enter(Phase::Serving, now);
        }
    }

    /// Our answer is ready.
    pub(super) fn answer(&mut self, now: Duration) {
        self.enter(Phase::Answer, now);
        self.flow = Some(Flow::new(now));
    }

    /// Bytes went to the client.
    pub(super) fn wrote(&mut self, bytes: u64) {
        if let (Phase::Answer, Some(flow)) = (self.phase, &mut self.flow) {
            flow.bytes += bytes;
        }
    }

    /// Bytes could not go to the client.
    pub(super) fn blocked(&mut self, now: Duration) {
        // An answer may be written in pieces, with a flush between them.
        if matches!(self.phase, Phase::Idle | Phase::Head) {
            self.answer(now);
        }
    }

    /// Nothing is left to write.
    pub(super) fn flushed(&mut self, now: Duration) {
        if self.phase == Phase::Answer {
            self.enter(Phase::Idle, now);
            self.flow = None;
        }
    }

    /// Whether the client has taken longer than it may.
    pub(super) fn is_late(&mut self, now: Duration) -> bool {
        let limit = match self.phase {
            Phase::Idle => IDLE,
            Phase::Head => HEAD,
            Phase::Body => return self.flow.as_mut().is_some_and(|flow| flow.is_late(now, BODY)),
            Phase::Serving => return false,
            Phase::Answer => {
                return self.flow.as_mut().is_some_and(|flow| flow.is_late(now, ANSWER));
            }
        };
        now >= self.since + limit
    }

    /// When this connection gives way; `None` while its client waits for us, or hardly has begun to let us
    /// wait.
    pub(super) fn turn(&self, now: Duration) -> Option<Turn> {
        let since = match self.phase {
            Phase::Idle | Phase::Head => self.since,
            Phase::Serving => return None,
            Phase::Body | Phase::Answer => self.flow.map_or(self.since, |flow| flow.since(now)),
        };
        // What went into buffers at once is no reason to wait: only the order knows of it.
        if now < self.since + PATIENCE {
            return None;
        }
        let idle = self.phase == Phase::Idle && now >= self.since + NEW;
        Some(Turn { busy: !idle, since, began: self.since })
    }
}

/// The `count` of these whose turn comes first; of equal turns, those with the lower numbers.
pub(super) fn first<N: Ord>(mut candidates: Vec<(Turn, N)>, count: usize) -> Vec<N> {
    if count < candidates.len() {
        candidates.select_nth_unstable(count);
        candidates.truncate(count);
    }
    candidates.into_iter().map(|(_, number)| number).collect()
}

#[cfg(test)]
mod tests;
