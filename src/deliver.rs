//! Sending: one lane for each robot, or app and API, so that a stuck robot stops nobody else.
//!
//! The store decides what may be attempted and when (order, rate, leases, parks); a lane asks,
//! attempts, and records. [`Lanes`] owns the lanes' tasks and swaps their configurations on a reload;
//! a lane that fails ends the process, because nothing would be sent any more.

mod attempt;
mod breaker;
mod fold;
mod in_flight;
mod janitor;
mod lane;
pub mod lane_config;
mod lane_standstill;
mod pass;
pub mod retry;
mod test_message;
mod waiting;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{RwLock, Semaphore, watch};

use crate::clock::Now;
use crate::core::Core;
use crate::dingtalk::{Client, Endpoint, Refreshes};
use crate::queue::{QueueError, Target};
use crate::settings::Settings;
use crate::task::{NextRound, Tasks};
use breaker::Breakers;
use lane::Lane;
use lane_config::{LaneConfig, LaneKey};
use lane_standstill::Stop;

pub use breaker::Trouble;
pub use janitor::removed;
pub use lane_standstill::{Parked, Standstill};
pub use test_message::TestedDestination;
pub use waiting::{LaneWait, Want};

/// What every lane works with: the parts that all stages share, the client that sends, and what the
/// lanes know of each other.
struct Context {
    core: Arc<Core>,
    client: Client,
    /// A turn for each attempt that may be under way.
    turns: Semaphore,
    breakers: Mutex<Breakers>,
    running: Mutex<LaneTable>,
}

impl Deref for Context {
    type Target = Core;

    fn deref(&self) -> &Core {
        &self.core
    }
}

/// The running lanes.
pub struct Lanes {
    context: Arc<Context>,
    key: LaneKey,
    tasks: Tasks,
    next_round: Arc<NextRound>,
    /// Locked by a reload while it declares the lanes and swaps their configurations.
    declared: Arc<RwLock<()>>,
}

/// The lanes by their ids and by their destinations; none is added once they were told to end. What
/// concerns all of them comes to them in the order of their ids, so that a run can be repeated.
#[derive(Default)]
struct LaneTable {
    lanes: BTreeMap<String, LaneEntry>,
    /// Tasks of lanes, those too that a reload has told to end.
    tasks: usize,
    of_target: HashMap<Target, Vec<Arc<Lane>>>,
    stopped: bool,
}

struct LaneEntry {
    lane: Arc<Lane>,
    stop: watch::Sender<bool>,
}

/// Wakes every lane when it is dropped, also when whoever stored something is given up in between:
/// what the store was asked for it does, and nobody else would tell the lane.
#[must_use = "the lanes are woken when it is dropped"]
pub struct WakeAllOnDrop<'a>(&'a Lanes);

impl Drop for WakeAllOnDrop<'_> {
    fn drop(&mut self) {
        wake_all(&self.0.context.running);
    }
}

impl Lanes {
    /// Starts a lane for each robot and app of the configuration, and the janitor.
    ///
    /// # Errors
    ///
    /// When the storage failed.
    pub async fn start(core: Arc<Core>, client: Client, tasks: Tasks) -> Result<Self, QueueError> {
        let lanes = Self {
            key: core.store.lane_key(),
            context: Arc::new(Context {
                core,
                client,
                turns: in_flight::turns(),
                breakers: Mutex::default(),
                running: Mutex::default(),
            }),
            tasks,
            next_round: Arc::default(),
            declared: Arc::default(),
        };
        let settings = lanes.context.settings.load_full();
        lanes.reload(&settings).await?;
        let (context, next_round) = (Arc::clone(&lanes.context), Arc::clone(&lanes.next_round));
        let stopped = lanes.tasks.stopping();
        lanes.tasks.spawn("janitor", janitor::run(context, next_round, stopped));
        Ok(lanes)
    }

    /// Takes this configuration: new lanes start, others get their new one, and those that nothing
    /// names any more end after their attempt.
    ///
    /// Whoever drops this before its end may leave a store that was told other lanes than those that run.
    ///
    /// # Errors
    ///
    /// When the storage failed; then nothing has changed.
    pub async fn reload(&self, settings: &Settings) -> Result<(), QueueError> {
        let configs = lane_config::lane_configs(settings, &self.key);
        let lanes = configs.values().map(|config| config.lane.clone()).collect();
        let _declared = self.declared.write().await;
        self.context.store.declare(lanes, self.context.clock.now()).await?;
        self.swap(configs);
        Ok(())
    }

    fn swap(&self, mut configs: BTreeMap<String, LaneConfig>) {
        let mut running = self.running();
        if running.stopped {
            return;
        }
        self.reset_breakers(&running, &configs);
        running.lanes.retain(|id, entry| {
            let Some(config) = configs.remove(id) else {
                entry.stop.send_replace(true);
                return false;
            };
            entry.lane.config.store(Arc::new(config));
            entry.lane.wake();
            true
        });
        for (id, config) in configs {
            running.lanes.insert(id, self.spawn(config));
            running.tasks += 1;
        }
        running.of_target = of_targets(&running.lanes);
        for entry in running.lanes.values() {
            entry.lane.set_partners(&running.of_target);
        }
    }

    fn spawn(&self, config: LaneConfig) -> LaneEntry {
        let lane = Arc::new(Lane::new(config, Arc::clone(&self.declared)));
        let (stop, stopped) = watch::channel(false);
        let context = Arc::clone(&self.context);
        let work = Arc::clone(&lane).run(Arc::clone(&context), stopped);
        self.tasks.spawn("lane", async move {
            let ended = work.await;
            // What a lane that is configured no more leaves behind may be another lane's work now.
            wake_all(&context.running);
            lock(&context.running).tasks -= 1;
            ended
        });
        LaneEntry { lane, stop }
    }

    /// Forgets the failures of lanes that are gone, or that another configuration may have mended.
    fn reset_breakers(&self, running: &LaneTable, configs: &BTreeMap<String, LaneConfig>) {
        let mut breakers = lock(&self.context.breakers);
        for (id, entry) in &running.lanes {
            let targets = &entry.lane.config.load().lane.targets;
            if configs.get(id).is_none_or(|config| config.lane.targets != *targets) {
                breakers.forget(id);
            }
        }
        let hosts: HashSet<&str> =
            configs.values().filter_map(|config| config.host.as_deref()).collect();
        breakers.keep_hosts(&hosts);
    }

    fn running(&self) -> MutexGuard<'_, LaneTable> {
        lock(&self.context.running)
    }

    /// Wakes every lane when what it returns is dropped.
    pub fn waker(&self) -> WakeAllOnDrop<'_> {
        WakeAllOnDrop(self)
    }

    /// Wakes the lanes of these destinations.
    pub fn wake_for(&self, targets: &[Target]) {
        let running = self.running();
        for lane in targets.iter().filter_map(|target| running.of_target.get(target)).flatten() {
            lane.wake_for_work();
        }
    }

    /// Whether a destination is in the configuration in force.
    #[must_use]
    pub fn serves(&self, target: &Target) -> bool {
        self.running().of_target.contains_key(target)
    }

    /// How many robots or apps send for a destination; one for one that is configured no more.
    #[must_use]
    pub fn robots_of(&self, target: &Target) -> usize {
        self.running().of_target.get(target).map_or(1, Vec::len)
    }

    /// Why none of a destination's lanes sends what is due; none if one of them sends or has nothing to
    /// send, or if all robots are dead. Of several lanes, why the first to send does not.
    #[must_use]
    pub fn standstill<'p>(
        &self,
        target: &Target,
        parked: &Parked<'p>,
        now: Now,
    ) -> Option<Standstill<'p>> {
        let first = {
            let running = self.running();
            let lanes = running.of_target.get(target)?.iter();
            let living = lanes.filter(|lane| !parked.is_dead(&lane.config.load(), target));
            let stops: Option<Vec<_>> = living.map(|lane| parked.stop(lane, now)).collect();
            stops?.into_iter().min_by_key(Stop::until)?
        };
        Some(match first {
            Stop::Throttle(park) => Standstill::Throttle(park),
            Stop::Want(lane, want, until) => {
                let host = lane.host.as_ref();
                let trouble = lock(&self.context.breakers).trouble(&lane.lane.id, host, want);
                let host = host.map(ToString::to_string);
                Standstill::Wait(LaneWait { want, until, host, trouble })
            }
        })
    }

    /// The open breakers: how many lanes', and of each host that was sent to, whether it is open.
    #[must_use]
    pub fn breakers(&self) -> (usize, Vec<(String, bool)>) {
        let breakers = lock(&self.context.breakers);
        let hosts = breakers.hosts().map(|(host, is_open)| (host.to_string(), is_open));
        (breakers.open_lanes(), hosts.collect())
    }

    /// How many lanes wait for what, with something due.
    #[must_use]
    pub fn waiting(&self) -> BTreeMap<Want, i64> {
        let mut waiting = BTreeMap::new();
        for entry in self.running().lanes.values() {
            if let Some((want, _)) = entry.lane.wants() {
                *waiting.entry(want).or_default() += 1;
            }
        }
        waiting
    }

    /// Whether lanes and janitor have done what could be done at `now`, and no lane that a reload
    /// ended is still at work; for tests that move the clock.
    #[must_use]
    pub fn is_idle(&self, now: Now) -> bool {
        let running = self.running();
        let waiting = running.lanes.values().all(|entry| entry.lane.is_idle(now));
        waiting && running.tasks <= running.lanes.len() && self.next_round.is_idle(now.boot)
    }

    /// Lets every lane finish its attempt and end; a reload adds none after this.
    pub fn stop(&self) {
        let mut running = self.running();
        running.stopped = true;
        for entry in running.lanes.values() {
            entry.stop.send_replace(true);
        }
    }

    /// The id of the lane that leads to `endpoint`.
    #[must_use]
    pub fn lane_of(&self, endpoint: &Endpoint) -> String {
        lane_config::lane_of(endpoint, &self.key)
    }

    /// How often app tokens were fetched.
    #[must_use]
    pub fn token_refreshes(&self) -> Refreshes {
        self.context.client.token_refreshes()
    }
}

/// What is behind it: a lane that panicked ends the process, and until then the others go on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The lanes of each destination; several, where robots share its work.
fn of_targets(lanes: &BTreeMap<String, LaneEntry>) -> HashMap<Target, Vec<Arc<Lane>>> {
    let mut of_target: HashMap<Target, Vec<Arc<Lane>>> = HashMap::new();
    for lane in lanes.values().map(|entry| &entry.lane) {
        for target in lane.config.load().destinations.keys() {
            of_target.entry(target.clone()).or_default().push(Arc::clone(lane));
        }
    }
    of_target
}

fn wake_all(running: &Mutex<LaneTable>) {
    for entry in lock(running).lanes.values() {
        entry.lane.wake();
    }
}

/// Something has changed that these lanes may have waited for.
fn wake_these(running: &Mutex<LaneTable>, lanes: &[String]) {
    let running = lock(running);
    for entry in lanes.iter().filter_map(|lane| running.lanes.get(lane)) {
        entry.lane.wake();
    }
}
