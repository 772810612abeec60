//! Waiting for a store that refuses, on behalf of a sender that never tries again.
//!
//! Alertmanager sends a refused notification again at once and for long, so it is told without delay.
//! Grafana does not: what it is refused is lost until the group's next notification, if there is one.

use std::time::Duration;

use crate::clock::{Clock, Now};
use crate::queue::{Accept, Accepted, QueueError, Store};

/// How soon the store is asked again.
const PAUSE: Duration = Duration::from_secs(1);

/// Until when the store is asked again, in boot time; not at all, if that is over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    until: Duration,
}

impl Patience {
    /// So much of it from `began` on.
    pub(super) fn from(began: Now, patience: Duration) -> Self {
        Self { until: began.boot + patience }
    }

    /// What is left of it.
    pub(super) fn left(self, now: Now) -> Duration {
        self.until.saturating_sub(now.boot)
    }

    /// Waits a little after a refusal; whether to ask once more.
    pub(super) async fn waits_after(self, refusal: &QueueError, clock: &dyn Clock) -> bool {
        let next = clock.now().boot + PAUSE;
        if !may_pass(refusal) || next > self.until {
            return false;
        }
        clock.sleep_until(next).await;
        true
    }

    /// Stores a notification, asking once more as long as patience lasts.
    pub(super) async fn accept(
        self,
        store: &dyn Store,
        clock: &dyn Clock,
        accept: Accept,
        mut now: Now,
    ) -> Result<Accepted, QueueError> {
        while now.boot + PAUSE <= self.until {
            let answer = store.accept(accept.clone(), now).await;
            let Err(refusal) = &answer else { return answer };
            if !self.waits_after(refusal, clock).await {
                return answer;
            }
            now = clock.now();
        }
        store.accept(accept, now).await
    }
}

/// Whether nothing was stored, and time can cure it.
fn may_pass(refusal: &QueueError) -> bool {
    match refusal {
        QueueError::Full(_) | QueueError::AtLimit(_) | QueueError::Busy(_) => true,
        QueueError::Broken(_)
        | QueueError::Closed
        | QueueError::Unknown(_)
        | QueueError::Outdated
        | QueueError::Conflict(_) => false,
    }
}
