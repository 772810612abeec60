//! One life of Campana: its real parts, built as the application builds them, on one thread.
//!
//! Left out are the HTTP server before it and the network behind it. The tasks run until each of
//! them waits, for a gate or for the clock; then the simulation says what happens next.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use arc_swap::ArcSwap;
use campana::clock::Clock;
use campana::core::{Core, UniqueIds};
use campana::deliver::Lanes;
use campana::dingtalk::Client;
use campana::intake::{Acceptance, HandoverError, Incoming, Intake, WakeLanes};
use campana::metrics::Metrics;
use campana::queue::{DeliveryId, QueueError, RawPayload, Store};
use campana::receive::{self, alertmanager};
use campana::render::test_message::test_message;
use campana::settings::Settings;
use campana::task::Tasks;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::gates::{Gates, at_once, patient};
use crate::ledger::Ledger;
use crate::network::SimNetwork;
use crate::store::GatedStore;
use crate::time::SimClock;

/// How often it is looked for what destinations did not take.
const HANDOVER: Duration = Duration::from_secs(30);

/// What became of something that was asked for.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A notification, by its place among all that were posted.
    Posted(usize, Result<Acceptance, String>),
    /// A reload.
    Reloaded(Result<(), QueueError>),
    /// A replay.
    Replayed(DeliveryId, Result<DeliveryId, QueueError>),
    /// A dead letter or a queued delivery was given up.
    Discarded(DeliveryId, Result<(), QueueError>),
    /// A test message.
    Tested,
}

/// What a life of the process is made of.
pub(crate) struct Parts<'a> {
    pub(crate) database: &'a Path,
    pub(crate) settings: Settings,
    pub(crate) clock: Arc<SimClock>,
    pub(crate) network: SimNetwork,
    pub(crate) ledger: Arc<Mutex<Ledger>>,
}

/// A running Campana.
pub(crate) struct Process {
    runtime: Runtime,
    parked: Arc<Parked>,
    pub(crate) gates: Arc<Gates>,
    pub(crate) store: Arc<GatedStore>,
    core: Arc<Core>,
    lanes: Arc<Lanes>,
    intake: Arc<Intake>,
    failures: UnboundedReceiver<String>,
    outcomes: Arc<Mutex<Vec<Outcome>>>,
}

/// Tells when every task waits, and nobody works on another thread.
#[derive(Default)]
struct Parked {
    all_wait: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Process {
    pub(crate) fn start(parts: Parts<'_>) -> Self {
        let Parts { database, settings, clock, network, ledger } = parts;
        let (gates, plant) = (Arc::clone(&network.gates), network.plant);
        let parked = Arc::<Parked>::default();
        let (told, at_gates) = (Arc::clone(&parked), Arc::clone(&gates));
        let runtime =
            Builder::new_current_thread().on_thread_park(move || told.tell(&at_gates)).build();
        let runtime = runtime.expect("a runtime");
        let store = GatedStore::open(database, &clock, Arc::clone(&gates), ledger, plant);
        let store = Arc::new(store);
        let clock = clock as Arc<dyn Clock>;
        let api = settings.dingtalk.api.clone();
        let client = Client::over(Arc::new(network), Arc::clone(&clock), &api);
        let core = Arc::new(Core {
            store: Arc::clone(&store) as Arc<dyn Store>,
            clock,
            metrics: Metrics::new().expect("the metrics"),
            settings: ArcSwap::from_pointee(settings),
            ids: UniqueIds::default(),
        });
        let (tasks, failures) = Tasks::new();
        gates.free.store(true, Ordering::Relaxed);
        let lanes = runtime.block_on(Lanes::start(Arc::clone(&core), client, tasks));
        gates.free.store(false, Ordering::Relaxed);
        let lanes = Arc::new(lanes.expect("the lanes start"));
        let wake: Arc<dyn WakeLanes> = Arc::clone(&lanes) as _;
        let intake = Arc::new(Intake::new(Arc::clone(&core), wake));
        let outcomes = Arc::default();
        let process =
            Self { runtime, parked, gates, store, core, lanes, intake, failures, outcomes };
        process.hand_over();
        process
    }

    /// Lets every task work until it waits.
    pub(crate) fn settle(&self) {
        self.parked.all_wait.store(false, Ordering::Relaxed);
        self.runtime.block_on(std::future::poll_fn(|context| {
            if self.parked.all_wait.load(Ordering::Relaxed) {
                return Poll::Ready(());
            }
            let waker = context.waker().clone();
            *self.parked.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(waker);
            Poll::Pending
        }));
    }

    /// What was asked for and is answered since the last call.
    pub(crate) fn outcomes(&self) -> Vec<Outcome> {
        std::mem::take(&mut *self.outcomes.lock().expect("no panic"))
    }

    /// A task that failed, which would end the process.
    pub(crate) fn failure(&mut self) -> Option<String> {
        self.failures.try_recv().ok()
    }

    pub(crate) fn post(&self, number: usize, receiver: Option<String>, body: String) {
        let intake = Arc::clone(&self.intake);
        let gates = Arc::clone(&self.gates);
        gates.comes(&body);
        self.ask(async move {
            let payload =
                RawPayload { format: alertmanager::FORMAT.into(), bytes: body.clone().into() };
            let incoming = Incoming {
                receiver,
                endpoint: "simulated",
                payload,
                parse: receive::parse,
                key: None,
                left_out: Vec::new(),
                patience: Duration::ZERO,
            };
            let taken = intake.take(incoming).await;
            gates.came(body.as_bytes());
            Outcome::Posted(number, taken.map_err(|error| error.to_string()))
        });
    }

    /// Takes another configuration, as a reload does.
    pub(crate) fn reload(&self, settings: Settings) {
        let (core, lanes) = (Arc::clone(&self.core), Arc::clone(&self.lanes));
        self.ask(async move {
            let reloaded = lanes.reload(&settings).await;
            if reloaded.is_ok() {
                core.settings.store(Arc::new(settings));
            }
            Outcome::Reloaded(reloaded)
        });
    }

    pub(crate) fn replay(&self, id: DeliveryId) {
        let (core, lanes) = (Arc::clone(&self.core), Arc::clone(&self.lanes));
        self.ask(async move {
            let _waker = lanes.waker();
            Outcome::Replayed(id, core.store.replay(id, None, core.clock.now()).await)
        });
    }

    pub(crate) fn discard(&self, id: DeliveryId) {
        let (core, lanes) = (Arc::clone(&self.core), Arc::clone(&self.lanes));
        self.ask(async move {
            let _waker = lanes.waker();
            Outcome::Discarded(id, core.store.discard(id, core.clock.now()).await)
        });
    }

    /// Sends the test message to a receiver's first robot.
    pub(crate) fn test(&self, receiver: &'static str) {
        let (core, lanes) = (Arc::clone(&self.core), Arc::clone(&self.lanes));
        self.ask(async move {
            let settings = core.settings.load_full();
            if let Some(of) = settings.receivers.get(receiver) {
                let (destination, style) = (&of.destinations[0], settings.style(&of.format));
                let now = core.clock.now().wall;
                let message = test_message(receiver, &style, &destination.surface, "", now);
                let _ = lanes
                    .test((receiver, of.format.language), destination, 0, &message, &settings)
                    .await;
            }
            Outcome::Tested
        });
    }

    fn ask(&self, work: impl Future<Output = Outcome> + Send + 'static) {
        let outcomes = Arc::clone(&self.outcomes);
        self.runtime.spawn(async move {
            let outcome = work.await;
            outcomes.lock().expect("no panic").push(outcome);
        });
    }

    /// Hands over what destinations do not take, in rounds, as the application does.
    fn hand_over(&self) {
        let (core, intake) = (Arc::clone(&self.core), Arc::clone(&self.intake));
        let gates = Arc::clone(&self.gates);
        self.runtime.spawn(async move {
            loop {
                match patient(Arc::clone(&gates), intake.hand_over(receive::parse)).await {
                    Ok(())
                    | Err(HandoverError::Queue(QueueError::Full(_) | QueueError::Busy(_))) => {}
                    Err(error) => panic!("nothing is handed over: {error}"),
                }
                core.clock.sleep_until(core.clock.now().boot + HANDOVER).await;
            }
        });
    }

    /// Lets the lanes end after their attempt.
    pub(crate) fn stop(&self) {
        self.lanes.stop();
    }

    /// Closes the store, and ends.
    pub(crate) fn close(self) {
        let closed = self.runtime.block_on(async { at_once(self.store.close()) });
        closed.expect("the store closes");
    }
}

impl Parked {
    fn tell(&self, gates: &Gates) {
        if gates.is_expecting() {
            return;
        }
        self.all_wait.store(true, Ordering::Relaxed);
        if let Some(waker) = self.waker.lock().unwrap_or_else(PoisonError::into_inner).take() {
            waker.wake();
        }
    }
}
