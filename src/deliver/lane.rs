//! One lane: asks the store for its next attempt, makes it, and records how it ended.
//!
//! A lane makes one attempt at a time, so the store's order is the order in the chat. A lane that
//! has nothing to do says until when, which lets a test wait for that instead of for time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::{RwLock, watch};

use super::Context;
use super::lane_config::LaneConfig;
use super::pass::Pass;
use super::waiting::{Pause, Waiting, Wakes, Want};
use super::{attempt, fold};
use crate::clock::Now;
use crate::queue::fold::FULL_GROUPS;
use crate::queue::{NextAttempt, QueueError, Target};

/// How long a lane waits before it asks a storage again that is full or held up.
const STORAGE_WAIT: Duration = Duration::from_secs(5);

/// So much longer than the others that share its work waits a lane whose robot could not be reached last:
/// else it may be the first at each try of a message that they could send.
const GIVES_WAY: Duration = Duration::from_secs(1);

/// How often a lane looks whether its digest is full, while it fills.
const LOOKS_AT_A_DIGEST: u64 = 10;

/// A lane's running state, shared by its task and by those who wake it.
#[derive(Debug)]
pub(super) struct Lane {
    /// Where its attempts go; swapped by a reload.
    pub(super) config: ArcSwap<LaneConfig>,
    /// Counts the reasons to look again.
    wakes: watch::Sender<Wakes>,
    /// Locked while the lane asks for an attempt, so that the attempt and its configuration are of
    /// one declaration.
    declared: Arc<RwLock<()>>,
    /// Set while the lane has nothing to do.
    waiting: Mutex<Option<Waiting>>,
    /// The lanes of the robots that share a destination's work with this one.
    partners: Mutex<Vec<Weak<Lane>>>,
}

impl Lane {
    pub(super) fn new(config: LaneConfig, declared: Arc<RwLock<()>>) -> Self {
        let (wakes, _) = watch::channel(Wakes::default());
        let (config, waiting) = (ArcSwap::from_pointee(config), Mutex::new(None));
        Self { config, wakes, declared, waiting, partners: Mutex::default() }
    }

    /// Something was stored for the lane. A lane for which that changes nothing sleeps on.
    pub(super) fn wake_for_work(&self) {
        // The lock is kept meanwhile, so that a lane which begins to wait has seen this or is told of it.
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        self.wakes.send_if_modified(|wakes| {
            wakes.work += 1;
            waiting.is_none_or(|waiting| waiting.is_over(*wakes))
        });
    }

    /// Something else has changed that the lane may have waited for.
    pub(super) fn wake(&self) {
        self.wakes.send_modify(|wakes| wakes.change += 1);
    }

    /// Takes the lanes that share one of its destinations for its partners.
    pub(super) fn set_partners(self: &Arc<Self>, of_target: &HashMap<Target, Vec<Arc<Self>>>) {
        let config = self.config.load();
        let lanes = config.destinations.keys().filter_map(|target| of_target.get(target));
        let others = lanes.flatten().filter(|lane| !Arc::ptr_eq(lane, self));
        let partners = others.map(Arc::downgrade).collect();
        *self.partners.lock().unwrap_or_else(PoisonError::into_inner) = partners;
    }

    /// What this lane's attempt left behind, or what it may not send, may be another robot's work now.
    fn wake_partners(&self) {
        for partner in &*self.partners.lock().unwrap_or_else(PoisonError::into_inner) {
            if let Some(partner) = partner.upgrade() {
                partner.wake();
            }
        }
    }

    /// When the lane looks for what is due then, which it may leave to those that share its work first.
    fn look_at(&self, due: Option<Duration>, gives_way: bool) -> Option<Duration> {
        let is_shared = !self.partners.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
        let wait = if is_shared && gives_way { GIVES_WAY } else { Duration::ZERO };
        Some(due? + wait)
    }

    /// How much has to be stored until the lane looks again whether its digest is full; a look for each
    /// notification would cost a storm a tenth of its speed.
    fn patience(&self) -> u64 {
        let folds = self.config.load().lane.targets.iter().all(|target| target.folds);
        if folds { FULL_GROUPS as u64 / LOOKS_AT_A_DIGEST } else { 1 }
    }

    /// Whether everything is done that could be done at `now`.
    pub(super) fn is_idle(&self, now: Now) -> bool {
        let waiting = *self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.is_some_and(|waiting| {
            !waiting.is_over(*self.wakes.borrow())
                && waiting.pause.until.is_none_or(|until| until > now.boot)
        })
    }

    /// What the lane waits for with something due, and until which boot time it does at most.
    pub(super) fn wants(&self) -> Option<(Want, Option<Duration>)> {
        let waiting = (*self.waiting.lock().unwrap_or_else(PoisonError::into_inner))?;
        Some((waiting.pause.wants?, waiting.pause.until))
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
        let (mut slot_at, mut held, mut gives_way) = (None, false, false);
        while !*stop.borrow() {
            // Taken before the lease, which would run out while the attempt waits for its turn.
            let turn = tokio::select! {
                // The stop first: a lane that has ended asks for nothing more.
                biased;
                _ = stop.changed() => continue,
                turn = context.turns.acquire() => turn,
            };
            let seen = *wakes.borrow_and_update();
            let (pass, started) = self.ask(&context, held).await?;
            let was_held = std::mem::replace(&mut held, started == Some(NextAttempt::Held));
            let pause = match started {
                Some(NextAttempt::Attempt(lease)) => {
                    // Boxed, so that a lane without work holds no memory for an attempt.
                    gives_way = !Box::pin(attempt::run_attempt(&context, pass, lease)).await?;
                    self.wake_partners();
                    continue;
                }
                Some(NextAttempt::Fold(target)) => {
                    if self.fold(&context, &pass.config, target).await? {
                        continue;
                    }
                    Pause::blocked(storage_again(&context))
                }
                Some(NextAttempt::Gathering(until)) => Pause::for_digest(until, self.patience()),
                Some(NextAttempt::Wait(due)) => Pause::without_work(self.look_at(due, gives_way)),
                Some(NextAttempt::Blocked(until)) => Pause::blocked(until),
                Some(NextAttempt::NoSlot(until)) => {
                    // Whoever wakes the lane meanwhile does not make it another wait.
                    if slot_at.replace(until) != Some(until) {
                        context.metrics.rate_waits.inc();
                    }
                    Pause::for_slot(until)
                }
                Some(NextAttempt::Held) | None => {
                    if held && !was_held {
                        self.wake_partners();
                    }
                    pass.pause().unwrap_or_else(|| Pause::blocked(storage_again(&context)))
                }
            };
            drop((pass, turn));
            let waiting = Waiting { seen, pause };
            self.set_waiting(Some(waiting));
            tokio::select! {
                _ = wakes.wait_for(|wakes| waiting.is_over(*wakes)) => {}
                _ = stop.changed() => {}
                () = sleep(&context, pause.until) => {}
            }
            self.set_waiting(None);
        }
        Ok(())
    }

    /// Makes a digest for `target`; false while the storage is full or held up.
    async fn fold(
        &self,
        context: &Context,
        config: &LaneConfig,
        target: Target,
    ) -> Result<bool, QueueError> {
        let Some(destination) = config.destinations.get(&target) else {
            tracing::error!(lane = config.lane.id, "the lane has no such destination to fold for");
            return Ok(false);
        };
        match fold::fold(context, destination, target).await {
            Ok(()) => Ok(true),
            Err(error @ (QueueError::Full(_) | QueueError::Busy(_))) => {
                tracing::error!(lane = config.lane.id, "no digest now, the lane waits: {error}");
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// What the lane may do next, and the pass that it is for; `None` while others find out for the lane
    /// whether its host answers.
    async fn ask<'a>(
        &self,
        context: &'a Context,
        is_due: bool,
    ) -> Result<(Pass<'a>, Option<NextAttempt>), QueueError> {
        let _declared = self.declared.read().await;
        let pass = Pass::take(context, self.config.load_full(), is_due);
        let started = if pass.is_queued() { None } else { Some(next(context, &pass).await?) };
        Ok((pass, started))
    }
}

/// What the lane may do next; while the storage is full or held up, only to ask it again later.
async fn next(context: &Context, pass: &Pass<'_>) -> Result<NextAttempt, QueueError> {
    let lane = pass.config.lane.id.as_str();
    match context.store.start(lane, pass.allowed(), context.clock.now()).await {
        Err(error @ (QueueError::Full(_) | QueueError::Busy(_))) => {
            tracing::error!(lane, "the lane waits: {error}");
            Ok(NextAttempt::Blocked(storage_again(context)))
        }
        next => next,
    }
}

/// When a lane that the storage lets do nothing asks it again.
fn storage_again(context: &Context) -> Duration {
    context.clock.now().boot + STORAGE_WAIT
}

async fn sleep(context: &Context, until: Option<Duration>) {
    match until {
        Some(until) => context.clock.sleep_until(until).await,
        None => std::future::pending().await,
    }
}
