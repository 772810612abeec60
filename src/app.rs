//! The application: builds the parts, starts the tasks, and stops them in order.
//!
//! Tests start the same [`App`], on port 0 and with a clock that they move. [`RunningApp::stop`]
//! closes the store last: every notification that was answered 200 is on disk, and an attempt under
//! way can still record its outcome.

mod incidents;
mod reloader;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc, watch};
use tracing::{error, info, warn};

pub use crate::http::Reload;

use self::reloader::Reloader;
use crate::clock::Clock;
use crate::core::{Core, UniqueIds};
use crate::deliver::Lanes;
use crate::dingtalk::{Client, ClientError};
use crate::http::{self, AppState, WarnedReceivers};
use crate::intake::{HandoverError, Intake, WakeLanes};
use crate::metrics::{Metrics, MetricsError};
use crate::queue::limits::Levels;
use crate::queue::sqlite::{OpenError, Options, SqliteStore};
use crate::queue::{Health, Mended, QueueError, Target};
use crate::receive;
use crate::settings::{ConfigErrors, Loaded, Receiver, Settings, StorageLimits};
use crate::task::{NextRound, Tasks};

/// How long a stop waits for requests and attempts under way: an attempt ends after 10 s by default.
/// One that was given longer is cut off and made again, so that a stop takes at most 15 s in all.
const DRAIN: Duration = Duration::from_secs(11);
/// How long the store may take to close. It ends its transaction; what hangs on a disk is left to the
/// system, and the next start finds the store as after a crash.
const CLOSE: Duration = Duration::from_secs(2);

/// The same once the storage has failed: the answers that say so go out, and the outcome of an
/// attempt under way cannot be recorded any more.
const BROKEN_DRAIN: Duration = Duration::from_millis(500);

/// Loads the configuration again, from the file or the variables of the start.
pub type Load = Arc<dyn Fn() -> Result<Loaded, ConfigErrors> + Send + Sync>;

/// The inputs of [`App::start`].
pub struct Setup {
    /// The configuration to start with.
    pub settings: Settings,
    /// Loads the configuration again, for a reload.
    pub load: Load,
    /// The flags, for the status page.
    pub flags: BTreeMap<String, String>,
    /// The listener of the HTTP server.
    pub listener: TcpListener,
    /// The clock of all parts.
    pub clock: Arc<dyn Clock>,
}

/// Why the application could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store could not be opened.
    #[error("the queue cannot be opened")]
    Storage(#[from] OpenError),
    /// The store panicked while it was opened.
    #[error("the queue cannot be opened because of a defect: {0}")]
    Panicked(tokio::task::JoinError),
    /// The lanes could not be declared to the store.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The HTTP client for DingTalk could not be built.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A metric could not be made.
    #[error("a metric cannot be made")]
    Metrics(#[from] MetricsError),
    /// The listener has no address.
    #[error("the listener has no address: {0}")]
    Listener(String),
}

/// The application.
pub struct App;

/// A running application.
pub struct RunningApp {
    /// The address of the HTTP server.
    pub address: SocketAddr,
    state: Arc<AppState>,
    tasks: Tasks,
    failures: mpsc::UnboundedReceiver<String>,
    /// When what was not taken is handed over next.
    handover: Arc<NextRound>,
    /// When it is looked next for incidents without a recovery.
    incidents: Arc<NextRound>,
}

impl App {
    /// Opens the store, starts the lanes and the server, and returns once it accepts connections.
    ///
    /// # Errors
    ///
    /// When a part could not be built; nothing runs then.
    pub async fn start(setup: Setup) -> Result<RunningApp, StartError> {
        let Setup { settings, load, flags, listener, clock } = setup;
        let address =
            listener.local_addr().map_err(|error| StartError::Listener(error.to_string()))?;
        let timeout = settings.delivery.attempt_timeout;
        let Settings { dingtalk, way_out, .. } = &settings;
        let client = Client::new(Arc::clone(&clock), &dingtalk.api, timeout, way_out)?;
        let core = Arc::new(core(settings, clock).await?);
        let (tasks, failures) = Tasks::new();
        let lanes = Arc::new(Lanes::start(Arc::clone(&core), client, tasks.clone()).await?);
        let reload = Reloader::new(load, Arc::clone(&core), Arc::clone(&lanes), tasks.clone());
        let reload = Arc::new(reload);
        let wake: Arc<dyn WakeLanes> = Arc::clone(&lanes) as _;
        let intake = Intake::new(Arc::clone(&core), wake);
        let (scrape, ready) = (Mutex::new(()), AtomicBool::new(true));
        let warned = WarnedReceivers::default();
        let state = AppState { core, intake, lanes, reload, flags, scrape, ready, warned };
        let state = Arc::new(state);
        let serve = http::serve(listener, Arc::clone(&state), tasks.stopping());
        tasks.spawn("http server", serve);
        let health = state.core.store.health();
        tasks.spawn("storage", watch_storage(health, tasks.stopping()));
        let handover = Arc::new(NextRound::default());
        let rounds = hand_over(Arc::clone(&state), Arc::clone(&handover), tasks.stopping());
        tasks.spawn("handover", rounds);
        let incidents = Arc::new(NextRound::default());
        let rounds = incidents::close(Arc::clone(&state), Arc::clone(&incidents), tasks.stopping());
        tasks.spawn("incidents", rounds);
        Ok(RunningApp { address, state, tasks, failures, handover, incidents })
    }
}

/// How often it is looked for what a destination did not take.
const HANDOVER_ROUND: Duration = Duration::from_secs(5);

/// Hands over what destinations do not take, until `stop` is set.
async fn hand_over(
    state: Arc<AppState>,
    next_round: Arc<NextRound>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), HandoverError> {
    loop {
        match state.intake.hand_over(receive::parse).await {
            Ok(()) => {}
            Err(HandoverError::Queue(QueueError::Full(words) | QueueError::Busy(words))) => {
                warn!("nothing is handed over to fallbacks now: {words}");
            }
            Err(HandoverError::Queue(QueueError::Closed)) => return Ok(()),
            Err(error) => return Err(error),
        }
        let next = state.core.clock.now().boot + HANDOVER_ROUND;
        next_round.set(next);
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
            () = state.core.clock.sleep_until(next) => {}
        }
    }
}

/// Opens the store, and builds what else all parts share.
///
/// The disk may take its time, and whoever waits for this hears signals meanwhile.
async fn core(settings: Settings, clock: Arc<dyn Clock>) -> Result<Core, StartError> {
    let options = Options { limits: levels(settings.process.limits), ..Options::default() };
    let (path, of_store) = (settings.process.storage.clone(), Arc::clone(&clock));
    let open = move || SqliteStore::open(&path, &*of_store, &options);
    let store = tokio::task::spawn_blocking(open).await.map_err(StartError::Panicked)??;
    let (store, metrics) = (Arc::new(store), Metrics::new()?);
    let settings = ArcSwap::from_pointee(settings);
    let core = Core { store, clock, metrics, settings, ids: UniqueIds::default() };
    note_loaded(&core);
    Ok(core)
}

/// The limits of the configuration, in the store's words.
fn levels(limits: StorageLimits) -> Levels {
    let StorageLimits { queued, queued_bytes, oldest, free_disk } = limits;
    Levels { queued, queued_bytes, oldest, free_disk }
}

/// Notes in the metrics that a configuration was loaded now, and whose messages can fail by it.
fn note_loaded(core: &Core) {
    let settings = core.settings.load_full();
    let configured = settings.receivers.iter();
    let templated = configured.clone().filter(|receiver| receiver.template.is_some());
    let naming = configured.clone().filter(|receiver| receiver.mentions_by_name());
    let (templated, naming) = (templated.map(name).collect(), naming.map(name).collect());
    core.metrics.take_receivers(&configured.map(name).collect(), &templated, &naming);
    let seconds = core.clock.now().wall.as_duration().as_secs_f64();
    core.metrics.reload_successful.set(1);
    core.metrics.reload_success_timestamp.set(seconds);
}

fn name(receiver: &Receiver) -> &str {
    &receiver.name
}

/// Tells when the storage begins and ends to refuse new notifications, and what it lost.
///
/// # Errors
///
/// When the storage failed for good, so that the process ends even while no lane has work.
async fn watch_storage(
    mut health: watch::Receiver<Health>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), QueueError> {
    let (mut told, mut told_mended) = (false, 0);
    loop {
        let Health { refusal, mended, .. } = health.borrow_and_update().clone();
        mended.iter().skip(told_mended).for_each(tell_mended);
        told_mended = mended.len();
        match refusal {
            Some(error @ QueueError::Broken(_)) => return Err(error),
            Some(error) if !told => {
                error!("new notifications are refused, with 503: {error}");
                told = true;
            }
            None if told => {
                info!("new notifications are taken again");
                told = false;
            }
            Some(_) | None => {}
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
            changed = health.changed() => {
                // The store is closed, and says nothing more.
                if changed.is_err() {
                    return Ok(());
                }
            }
        }
    }
}

/// The most lines of the log about what one damage took.
const LOST_LINES: usize = 100;

fn tell_mended(mended: &Mended) {
    let Mended { damage, kept, deliveries, lost } = mended;
    error!(
        kept = %kept.display(), deliveries, lost = lost.len(),
        "{damage}: a new database of what could be read took its place, and the damaged one is kept; \
         see to the disk"
    );
    for line in lost.iter().take(LOST_LINES) {
        error!("lost to the damage: {line}");
    }
    if lost.len() > LOST_LINES {
        error!("`campana queue salvage` of the kept database names the rest");
    }
}

impl RunningApp {
    /// What loads the configuration again, on SIGHUP.
    #[must_use]
    pub fn reloader(&self) -> Arc<dyn Reload> {
        Arc::clone(&self.state.reload)
    }

    /// Whether nothing is left to do until the clock moves or a notification comes; for tests.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let now = self.state.core.clock.now();
        let has_no_round = |rounds: &NextRound| rounds.is_idle(now.boot);
        has_no_round(&self.handover)
            && has_no_round(&self.incidents)
            && self.state.lanes.is_idle(now)
    }

    /// Waits until a task fails; returns its name and error.
    pub async fn failed(&mut self) -> String {
        self.failures.recv().await.unwrap_or_else(|| "all tasks are gone".to_owned())
    }

    /// Stops taking notifications, waits for requests and attempts under way, then closes the
    /// store.
    ///
    /// # Errors
    ///
    /// When a task has failed, or the store could not be closed.
    pub async fn stop(mut self) -> Result<(), String> {
        self.state.ready.store(false, Ordering::Relaxed);
        self.tasks.stop();
        self.state.lanes.stop();
        let broken = self.state.core.store.health().borrow().is_broken();
        let drain = if broken { BROKEN_DRAIN } else { DRAIN };
        if tokio::time::timeout(drain, self.tasks.ended()).await.is_err() {
            warn!("an attempt did not end in time; its outcome is unknown, it will be made again");
        }
        let failure = self.failures.try_recv();
        match tokio::time::timeout(CLOSE, self.state.core.store.close()).await {
            Ok(Ok(()) | Err(QueueError::Closed)) => {}
            Err(_) => return Err("the storage did not close in time".to_owned()),
            Ok(Err(error)) => return Err(format!("the storage could not be closed: {error}")),
        }
        failure.map_or(Ok(()), Err)
    }
}

impl WakeLanes for Lanes {
    fn wake_lanes(&self, targets: &[Target]) {
        self.wake_for(targets);
    }
}
