//! Reloads the configuration while the application runs, one reload at a time.
//!
//! A file can lie on a disk that does not answer, and nothing ends such a read. So the files are read on
//! a thread of their own, which neither the reload nor the end of the process waits for without end.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tokio::sync::{Mutex, oneshot};
use tracing::{error, info, warn};

use super::{Load, note_loaded};
use crate::core::Core;
use crate::deliver::Lanes;
use crate::http::{Reload, Reloaded};
use crate::settings::{ConfigErrors, Loaded, reload};

/// How long reading and checking the files may take. Without trouble it is a moment, and a stop, which
/// waits for the requests under way, has a second more.
const READ: Duration = Duration::from_secs(10);

/// The stack of the thread, which compiles templates as the runtime's threads do.
const STACK_BYTES: usize = 8 << 20;

/// Reloads the configuration.
pub(super) struct Reloader {
    load: Load,
    core: Arc<Core>,
    lanes: Arc<Lanes>,
    one_at_a_time: Mutex<()>,
    /// Whether a thread reads, also one that nobody waits for any more.
    is_reading: Arc<AtomicBool>,
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
            let _turn = self.one_at_a_time.lock().await;
            match self.read().await {
                Ok(Ok(loaded)) => self.swap(loaded).await,
                Ok(Err(errors)) => Err(self.note_failed(errors.to_string())),
                Err(words) => Err(self.note_failed(words)),
            }
        })
    }
}

impl Reloader {
    pub(super) fn new(load: Load, core: Arc<Core>, lanes: Arc<Lanes>) -> Self {
        let (one_at_a_time, is_reading) = (Mutex::new(()), Arc::default());
        Self { load, core, lanes, one_at_a_time, is_reading }
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
        let clock = &*self.core.clock;
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

    async fn swap(&self, loaded: Loaded) -> Reloaded {
        for warning in &loaded.warnings {
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
        let restart: Vec<String> = restart.into_iter().map(str::to_owned).collect();
        let needed = (!restart.is_empty()).then(|| restart.join(","));
        info!(restart_needed = needed, "configuration reloaded");
        Ok(restart)
    }

    /// Notes in metrics and log that a reload failed; the old configuration stays in force.
    fn note_failed(&self, errors: String) -> String {
        self.core.metrics.reloads.with_label_values(&["failed"]).inc();
        self.core.metrics.reload_successful.set(0);
        error!("configuration not reloaded, the old one stays in force: {errors}");
        errors
    }
}
