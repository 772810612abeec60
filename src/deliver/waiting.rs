//! What a lane without work waits for, and what ends its wait.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use super::breaker::Trouble;

/// The patience of a lane for which more work changes nothing: every slot is taken, or it is throttled or
/// held.
const ENDLESS: u64 = u64::MAX;

/// How often there was a reason to look again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Wakes {
    /// Something was stored for the lane.
    pub(super) work: u64,
    /// A park has ended, a slot was given back, or the configuration has changed.
    pub(super) change: u64,
}

/// How long a lane does nothing, and why.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pause {
    /// When it looks again by itself.
    pub(super) until: Option<Duration>,
    /// After how much more work the lane looks again.
    patience: u64,
    /// What keeps it from sending what is due.
    pub(super) wants: Option<Want>,
}

/// What a lane with something due waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Want {
    /// A free slot of its rate.
    Slot,
    /// Company for its next digest.
    Digest,
    /// Its host, which fails, or has not answered yet.
    Host,
    /// Its robot or app, which fails.
    Account,
}

/// Up to where a lane has looked, and its pause.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting {
    pub(super) seen: Wakes,
    pub(super) pause: Pause,
}

impl Pause {
    /// Nothing is due before then.
    pub(super) fn without_work(until: Option<Duration>) -> Self {
        Self { until, patience: 1, wants: None }
    }

    /// So much more work may fill the digest.
    pub(super) fn for_digest(until: Duration, patience: u64) -> Self {
        Self { patience, wants: Some(Want::Digest), ..Self::without_work(Some(until)) }
    }

    /// Nothing can be sent before then, whatever comes.
    pub(super) fn blocked(until: Duration) -> Self {
        Self { patience: ENDLESS, ..Self::without_work(Some(until)) }
    }

    /// A breaker holds it until then, or until it is woken.
    pub(super) fn held(until: Option<Duration>, wants: Want) -> Self {
        Self { patience: ENDLESS, wants: Some(wants), ..Self::without_work(until) }
    }

    /// All slots are taken until then.
    pub(super) fn for_slot(until: Duration) -> Self {
        Self { wants: Some(Want::Slot), ..Self::blocked(until) }
    }
}

/// What keeps a destination's lane from sending what is due; shown as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneWait {
    /// What it waits for.
    pub want: Want,
    /// Until when; none where only others' attempts end the wait.
    pub until: Option<Timestamp>,
    /// The host that it sends to; none where it sends to several.
    pub host: Option<String>,
    /// The failures because of which it waits, if it does.
    pub trouble: Option<Trouble>,
}

impl LaneWait {
    /// Whether a breaker holds the lane.
    #[must_use]
    pub fn is_for_breaker(&self) -> bool {
        match self.want {
            Want::Slot | Want::Digest => false,
            Want::Host | Want::Account => true,
        }
    }
}

impl fmt::Display for LaneWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.want {
            Want::Slot => "a free slot of its robot's rate",
            Want::Digest => "a digest or a free slot",
            Want::Host => self.host.as_deref().unwrap_or("its host"),
            Want::Account => "its robot or app",
        };
        write!(f, "waits for {what}")?;
        let Some(until) = self.until else {
            return f.write_str(" to answer the attempts that are under way");
        };
        if let Some(Trouble { failures, last }) = &self.trouble {
            write!(f, ", which failed {failures} times in a row (last: {last})")?;
        }
        if self.is_for_breaker() {
            write!(f, "; next probe at {until:.0}; a test message asks at once")
        } else {
            write!(f, " until {until:.0}")
        }
    }
}

impl Waiting {
    /// Whether the lane has to look again before its time.
    pub(super) fn is_over(&self, wakes: Wakes) -> bool {
        let more = wakes.work.wrapping_sub(self.seen.work);
        more >= self.pause.patience || wakes.change != self.seen.change
    }
}

impl Want {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Slot, Self::Digest, Self::Host, Self::Account];

    /// The word in the metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Slot => "slot",
            Self::Digest => "digest",
            Self::Host => "host",
            Self::Account => "account",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_waited_for_is_said_in_words() {
        let until = Some("2026-11-20T19:12:05.4Z".parse().unwrap());
        let host = Some("h:81".to_owned());
        let trouble = Some(Trouble { failures: 7, last: "HTTP 503".to_owned() });
        let of = |want| LaneWait { want, until, host: host.clone(), trouble: None };
        let failing = |want| LaneWait { trouble: trouble.clone(), ..of(want) };
        let failed = "which failed 7 times in a row (last: HTTP 503); next probe at \
                      2026-11-20T19:12:05Z; a test message asks at once";
        for (wait, words) in [
            (
                of(Want::Slot),
                "a free slot of its robot's rate until 2026-11-20T19:12:05Z".to_owned(),
            ),
            (of(Want::Digest), "a digest or a free slot until 2026-11-20T19:12:05Z".to_owned()),
            (failing(Want::Host), format!("h:81, {failed}")),
            (failing(Want::Account), format!("its robot or app, {failed}")),
            (
                LaneWait { until: None, ..failing(Want::Host) },
                "h:81 to answer the attempts that are under way".to_owned(),
            ),
        ] {
            assert_eq!(wait.to_string(), format!("waits for {words}"));
        }
    }
}
