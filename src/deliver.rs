//! Sending: one lane for each robot, or app and API, so that a stuck robot stops nobody else.
//!
//! The store decides what may be attempted and when (order, rate, leases, parks); a lane asks,
//! attempts, and records. [`Lanes`] owns the lanes' tasks and swaps their routes on a reload; a
//! lane that fails ends the process, because nothing would be sent any more.

mod attempt;
mod janitor;
mod lane;
pub mod retry;
pub mod route;
mod test_message;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use tokio::sync::watch;

use crate::clock::{Clock, Now};
use crate::dingtalk::{Client, Endpoint, Refreshes};
use crate::metrics::Metrics;
use crate::queue::Store;
use crate::queue::delivery::Target;
use crate::settings::Settings;
use crate::task::Tasks;
use lane::Lane;
use route::{LaneKey, Route};

pub use attempt::kind;
pub use janitor::removed;
pub use test_message::{Tested, TestedDestination};

/// What every lane needs.
pub struct Context {
    /// Where deliveries wait.
    pub store: Arc<dyn Store>,
    /// How they are sent.
    pub client: Client,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// The configuration in force.
    pub settings: Arc<ArcSwap<Settings>>,
}

/// The running lanes.
pub struct Lanes {
    context: Arc<Context>,
    key: LaneKey,
    tasks: Tasks,
    running: Mutex<HashMap<String, Running>>,
}

struct Running {
    lane: Arc<Lane>,
    stop: watch::Sender<bool>,
}

impl Lanes {
    /// Starts a lane for each robot and app of the configuration, and the janitor.
    #[must_use]
    pub fn start(context: Context, tasks: Tasks) -> Self {
        let lanes = Self {
            key: context.store.lane_key(),
            context: Arc::new(context),
            tasks,
            running: Mutex::new(HashMap::new()),
        };
        lanes.reload();
        let context = Arc::clone(&lanes.context);
        let stopped = lanes.tasks.stopping();
        lanes.tasks.spawn("janitor", janitor::run(context, stopped));
        lanes
    }

    /// Takes the configuration that is in force now: new lanes start, others get their new route,
    /// and those that nothing names any more end after their attempt.
    pub fn reload(&self) {
        let mut routes = route::routes(&self.context.settings.load(), &self.key);
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|id, running| {
            let Some(route) = routes.remove(id) else {
                running.stop.send_replace(true);
                return false;
            };
            running.lane.route.store(Arc::new(route));
            running.lane.wake();
            true
        });
        for (id, route) in routes {
            running.insert(id, self.spawn(route));
        }
    }

    fn spawn(&self, route: Route) -> Running {
        let lane = Arc::new(Lane::new(route));
        let (stop, stopped) = watch::channel(false);
        let work = Arc::clone(&lane).run(Arc::clone(&self.context), stopped);
        self.tasks.spawn("lane", work);
        Running { lane, stop }
    }

    /// Something was stored, or a park has ended: every lane looks again.
    pub fn wake(&self) {
        for running in self.running.lock().unwrap_or_else(PoisonError::into_inner).values() {
            running.lane.wake();
        }
    }

    /// Something was stored for these destinations.
    pub fn wake_for<'a>(&self, targets: impl IntoIterator<Item = &'a Target>) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        for target in targets {
            for running in running.values() {
                if running.lane.route.load().destinations.contains_key(target) {
                    running.lane.wake();
                }
            }
        }
    }

    /// Whether every lane has done what could be done at `now`; for tests that move the clock.
    #[must_use]
    pub fn settled(&self, now: Now) -> bool {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.values().all(|running| running.lane.settled(now))
    }

    /// Lets every lane finish its attempt and end.
    pub fn stop(&self) {
        for running in self.running.lock().unwrap_or_else(PoisonError::into_inner).values() {
            running.stop.send_replace(true);
        }
    }

    /// The id of the lane that leads to `endpoint`.
    #[must_use]
    pub fn lane_of(&self, endpoint: &Endpoint) -> String {
        route::lane_of(endpoint, &self.key)
    }

    /// How often app tokens were fetched.
    #[must_use]
    pub fn token_refreshes(&self) -> Refreshes {
        self.context.client.token_refreshes()
    }
}
