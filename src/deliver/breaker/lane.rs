//! The breaker of one lane: its robot, or its app, alone.

use std::time::Duration;

use super::{Change, Failure, Hold, LONGEST_WAIT, Standing, Trouble};
use crate::deliver::waiting::Want;
use crate::settings::DeliverySettings;

/// A lane rests after so many failures in a row: fewer happen by chance where one answer in three
/// is lost.
const FAILURES: u32 = 5;

/// How the attempts of one lane went.
#[derive(Debug, Default)]
pub(super) struct LaneBreaker {
    standing: Standing,
    /// How many failed in a row, those apart that probed the host.
    failures: u32,
    last: String,
    rest: Option<Rest>,
}

/// The lane waits, then probes.
#[derive(Debug)]
struct Rest {
    until: Duration,
    /// How often the lane's host had recovered when the last attempt failed.
    recoveries: u64,
}

impl LaneBreaker {
    pub(super) fn standing(&self) -> Standing {
        self.standing
    }

    pub(super) fn is_open(&self) -> bool {
        self.rest.is_some()
    }

    /// Until when the lane rests. Not to the end once its host has recovered: the failures may have been
    /// the host's.
    pub(super) fn hold(&self, recoveries: u64, now: Duration) -> Option<Hold> {
        let rest = self.rest.as_ref()?;
        let rests = now < rest.until && recoveries == rest.recoveries;
        rests.then_some(Hold { want: Want::Account, until: Some(rest.until) })
    }

    pub(super) fn answered(&mut self) -> Option<Change> {
        let closed = self.trouble().filter(|_| self.is_open()).map(Change::Closed);
        *self = Self { standing: Standing::Proved, ..Self::default() };
        closed
    }

    /// Nobody answered. A failure while the lane rests makes the next rest longer, along the schedule of
    /// the retries, up to the longest wait.
    pub(super) fn failed(
        &mut self,
        failure: &Failure,
        probed_host: bool,
        recoveries: u64,
        rules: &DeliverySettings,
        now: Duration,
    ) -> Option<Change> {
        self.standing = Standing::Failing;
        if probed_host {
            return None;
        }
        self.failures = self.failures.saturating_add(1);
        self.last.clone_from(&failure.words);
        let step = usize::try_from(self.failures.checked_sub(FAILURES)?).unwrap_or(usize::MAX);
        let wait = rules.retry[step.min(rules.retry.len() - 1)];
        let wait = wait.min(rules.park_longest).min(LONGEST_WAIT);
        let until = now + wait.max(failure.wait.unwrap_or_default());
        let before = self.rest.replace(Rest { until, recoveries });
        before.is_none().then(|| self.trouble().map(Change::Opened)).flatten()
    }

    /// The failures in a row, if there are any.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        let trouble = Trouble { failures: self.failures, last: self.last.clone() };
        (self.failures > 0).then_some(trouble)
    }
}
