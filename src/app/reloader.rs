//! Reloads the configuration while the application runs, one reload at a time.
//!
//! A file can lie on a disk that does not answer, and nothing ends such a read. So the files are read on
//! a thread of their own, which neither the reload nor the end of the process waits for without end.
//!
//! What was read is put in force by a task of its own: a caller that gives up leaves no store that knows
//! other lanes than those that run.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};
use tracing::{Instrument as _, error, info, warn};

use super::{Load, note_loaded};
use crate::core::Core;
use crate::deliver::Lanes;
use crate::http::{InForce, Reload, Reloaded};
use crate::settings::{ConfigErrors, Loaded, reload};
use crate::task::Tasks;

/// How long reading and checking the files may take. Without trouble it is a moment, and a stop, which
/// waits for the requests under way, has a second more.
const READ: Duration = Duration::from_secs(10);

/// The stack of the thread, which compiles templates as the runtime's threads do.
const STACK_BYTES: usize = 8 << 20;

/// Reloads the configuration.
pub(super) struct Reloader {
    load: Load,
    parts: Arc<Parts>,
    tasks: Tasks,
    /// Held until what was read is in force, also when nobody waits for that any more.
    one_at_a_time: Arc<Mutex<()>>,
    /// Whether a thread reads, also one that nobody waits for any more.
    is_reading: Arc<AtomicBool>,
}

/// What a configuration is in force in.
struct Parts {
    core: Arc<Core>,
    lanes: Arc<Lanes>,
}

/// Says at its end, also by a panic, that the thread reads no more.
struct Reading(Arc<AtomicBool>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Reload for Reloader {
    fn reload(&self) -> Pin<Box<dyn Future<Output = Reloaded> + Send + '_>> {
        Box::pin(async move {
            let turn = Arc::clone(&self.one_at_a_time).lock_owned().await;
            match self.read().await {
                Ok(Ok(loaded)) => self.put_in_force(loaded, turn).await,
                Ok(Err(errors)) => Err(self.parts.note_failed(errors.to_string())),
                Err(words) => Err(self.parts.note_failed(words)),
            }
        })
    }
}

impl Reloader {
    pub(super) fn new(load: Load, core: Arc<Core>, lanes: Arc<Lanes>, tasks: Tasks) -> Self {
        let parts = Arc::new(Parts { core, lanes });
        Self { load, parts, tasks, one_at_a_time: Arc::default(), is_reading: Arc::default() }
    }

    /// The configuration as it is read now, or why it could not be read in time.
    async fn read(&self) -> Result<Result<Loaded, ConfigErrors>, String> {
        if self.is_reading.swap(true, Ordering::Acquire) {
            return Err("an earlier reload still waits for a file that does not answer".to_owned());
        }
        let reading = Reading(Arc::clone(&self.is_reading));
        let (load, (answer, loaded)) = (Arc::clone(&self.load), oneshot::channel());
        let thread = thread::Builder::new().name("configuration".into()).stack_size(STACK_BYTES);
        let started = thread.spawn(move || {
            let result = load();
            drop(reading);
            // Who asked may have given up.
            let _ = answer.send(result);
        });
        started.map_err(|error| format!("no thread to read the configuration: {error}"))?;
        let clock = &*self.parts.core.clock;
        tokio::select! {
            biased;
            loaded = loaded => {
                loaded.map_err(|_gone| "loading the configuration panicked".to_owned())
            }
            () = clock.sleep_until(clock.now().boot + READ) => Err(format!(
                "the configuration, or a file that it names, did not answer within {} s",
                READ.as_secs()
            )),
        }
    }

    /// Puts it in force whether or not the caller goes on waiting: the store does what it was told even
    /// while nobody waits, and lanes of another configuration than the store's would stand still.
    async fn put_in_force(&self, loaded: Loaded, turn: OwnedMutexGuard<()>) -> Reloaded {
        let (answer, reloaded) = oneshot::channel();
        let (parts, mut stop) = (Arc::clone(&self.parts), self.tasks.stopping());
        let work = async move {
            tokio::select! {
                result = parts.swap(loaded) => {
                    // Who asked may have given up.
                    let _ = answer.send(result);
                }
                // The lanes end as well, whatever they were told.
                _ = stop.wait_for(|stop| *stop) => {}
            }
            drop(turn);
            Ok::<(), Infallible>(())
        };
        self.tasks.spawn("reload", work.in_current_span());
        reloaded.await.unwrap_or_else(|_gone| Err("the server is shutting down".to_owned()))
    }
}

impl Parts {
    async fn swap(&self, loaded: Loaded) -> Reloaded {
        let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
        for warning in &warnings {
            warn!("configuration: {warning}");
        }
        let old = self.core.settings.load_full();
        let restart = reload::restart_needed(&old, &loaded.settings);
        let new = reload::without_restart(&old, loaded.settings);
        // The lanes first: a notification that is accepted by the new settings needs its lane. The
        // store compares the credentials, and ends the park of a destination whose have changed.
        if let Err(error) = self.lanes.reload(&new).await {
            return Err(self.note_failed(error.to_string()));
        }
        self.core.settings.store(Arc::new(new));
        self.core.metrics.reloads.with_label_values(&["ok"]).inc();
        note_loaded(&self.core);
        let restart_needed: Vec<String> = restart.into_iter().map(str::to_owned).collect();
        let needed = (!restart_needed.is_empty()).then(|| restart_needed.join(","));
        info!(restart_needed = needed, "configuration reloaded");
        Ok(InForce { restart_needed, warnings })
    }

    /// Notes in metrics and log that a reload failed; the old configuration stays in force.
    fn note_failed(&self, errors: String) -> String {
        self.core.metrics.reloads.with_label_values(&["failed"]).inc();
        self.core.metrics.reload_successful.set(0);
        error!("configuration not reloaded, the old one stays in force: {errors}");
        errors
    }
}
