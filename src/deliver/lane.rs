//! One lane: asks the store for its next attempt, makes it, and records how it ended.
//!
//! A lane makes one attempt at a time, so the store's order is the order in the chat. A lane that
//! has nothing to do says until when, which lets a test wait for that instead of for time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::watch;

use super::Context;
use super::attempt;
use super::route::Route;
use crate::clock::Now;
use crate::queue::{QueueError, Start};

/// How long a lane waits before it asks a full storage again.
const FULL_WAIT: Duration = Duration::from_secs(5);

/// A lane's running state, shared by its task and by those who wake it.
#[derive(Debug)]
pub(super) struct Lane {
    /// Where its attempts go; swapped by a reload.
    pub(super) route: ArcSwap<Route>,
    /// Counts the reasons to look again.
    wakes: watch::Sender<u64>,
    /// Set while the lane has nothing to do.
    waiting: Mutex<Option<Waiting>>,
}

/// Up to where a lane has looked, and when it will look again by itself.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    seen: u64,
    until: Option<Duration>,
}

impl Lane {
    pub(super) fn new(route: Route) -> Self {
        let (wakes, _) = watch::channel(0);
        Self { route: ArcSwap::from_pointee(route), wakes, waiting: Mutex::new(None) }
    }

    /// Something was stored or has changed: look again.
    pub(super) fn wake(&self) {
        self.wakes.send_modify(|count| *count += 1);
    }

    /// Whether everything is done that could be done at `now`.
    pub(super) fn settled(&self, now: Now) -> bool {
        let waiting = *self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.is_some_and(|waiting| {
            waiting.seen == *self.wakes.borrow()
                && waiting.until.is_none_or(|until| until > now.boot)
        })
    }

    fn set_waiting(&self, waiting: Option<Waiting>) {
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = waiting;
    }

    /// Works until `stop` is set; an attempt under way is finished first.
    ///
    /// # Errors
    ///
    /// When the storage failed for good.
    pub(super) async fn run(
        self: Arc<Self>,
        context: Arc<Context>,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), QueueError> {
        let mut wakes = self.wakes.subscribe();
        let mut slot_at = None;
        while !*stop.borrow() {
            let seen = *wakes.borrow_and_update();
            let route = self.route.load_full();
            let until = match next(&context, &route).await? {
                Some(Start::Attempt(lease)) => {
                    attempt::run_attempt(&context, &route, lease).await?;
                    continue;
                }
                Some(Start::Wait(until)) => until,
                Some(Start::NoSlot(until)) => {
                    // Whoever wakes the lane meanwhile does not make it another wait.
                    if slot_at.replace(until) != Some(until) {
                        context.metrics.rate_waits.inc();
                    }
                    Some(until)
                }
                None => Some(context.clock.now().boot + FULL_WAIT),
            };
            self.set_waiting(Some(Waiting { seen, until }));
            tokio::select! {
                _ = wakes.changed() => {}
                _ = stop.changed() => {}
                () = sleep(&context, until) => {}
            }
            self.set_waiting(None);
        }
        Ok(())
    }
}

/// What the lane may do next; `None` while the storage is full.
async fn next(context: &Context, route: &Route) -> Result<Option<Start>, QueueError> {
    match context.store.start(route.request.clone(), context.clock.now()).await {
        Ok(start) => Ok(Some(start)),
        Err(QueueError::Full(words)) => {
            tracing::error!(lane = %route.request.lane, "storage is full, the lane waits: {words}");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

async fn sleep(context: &Context, until: Option<Duration>) {
    match until {
        Some(until) => context.clock.sleep_until(until).await,
        None => std::future::pending().await,
    }
}
