//! `campana serve`: runs the server until SIGTERM or SIGINT.
//!
//! Secrets stay in this process: core dumps are off, and a panic logs its place without its text.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit,
};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{debug, error, info, warn};

use super::ServeArgs;
use crate::app::{App, Load, Reload, RunningApp, Setup};
use crate::clock::SystemClock;
use crate::settings::{Environment, Loaded, Settings};
use crate::telemetry;

pub(super) fn run(args: &ServeArgs) -> anyhow::Result<ExitCode> {
    forbid_core_dumps();
    let overrides = args.overrides();
    let loaded = args.config.load(&overrides)?;
    let process = &loaded.settings.process;
    telemetry::start(process.log_level, process.log_format);
    panics_without_values();
    let file = args.config.file.clone();
    let load: Load = Arc::new(move || {
        Settings::load_again(file.as_deref(), &Environment::of_process(), &overrides)
    });
    open_as_many_files_as_allowed();
    let runtime = runtime()?;
    let ended = runtime.block_on(serve(loaded, load, args.flags()));
    // A thread that hangs, on a disk or in a template, does not keep the process.
    runtime.shutdown_timeout(THREADS);
    ended
}

/// How long the threads of the runtime may take to end.
const THREADS: Duration = Duration::from_millis(500);

/// The stack of each thread. Templates are executed by recursion, and the engine's limits
/// (`gotemplate::Limits`) must end it long before the stack does.
const STACK_BYTES: usize = 8 << 20;

/// The runtime for every command that is a server or a client.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK_BYTES)
        .build()
        .context("the runtime cannot start")
}

/// Forbids core dumps, which would hold every secret. An error is ignored: the server works
/// without.
fn forbid_core_dumps() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = setrlimit(Resource::Core, none);
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// Raises the limit of open files to what the system allows: the usual 1,024 are few for connections and
/// attempts. An error is logged: the server works with fewer.
fn open_as_many_files_as_allowed() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => debug!(from = current, to = maximum, "the limit of open files is raised"),
        Err(error) => warn!(limit = current, "the limit of open files stays as it is: {error}"),
    }
}

/// Logs panics by their place alone, because the text of a panic can hold a secret.
fn panics_without_values() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        error!(place, "a defect: the code panicked");
    }));
}

async fn serve(
    loaded: Loaded,
    load: Load,
    flags: BTreeMap<String, String>,
) -> anyhow::Result<ExitCode> {
    // Before all else: a signal without a handler would end the process at once.
    let mut signals = Signals::new()?;
    for warning in &loaded.warnings {
        warn!("configuration: {warning}");
    }
    let settings = loaded.settings;
    let listen = settings.process.listen;
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen} (web.listen_address)"))?;
    let receivers = settings.receivers.len();
    let clock = Arc::new(SystemClock);
    let running = tokio::select! {
        running = App::start(Setup { settings, load, flags, listener, clock }) => running?,
        () = signals.stop() => {
            info!("stopped before the start was done");
            return Ok(ExitCode::SUCCESS);
        }
    };
    info!(
        version = env!("CARGO_PKG_VERSION"), address = %running.address, receivers,
        "Campana is ready"
    );
    until_stopped(running, signals).await
}

/// The signals that the server handles.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for one of those that end the process.
    async fn stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Reloads at each SIGHUP; those that come during a reload make one more. Never ends.
async fn reload_at_each(mut hangup: Signal, reload: Arc<dyn Reload>) -> Infallible {
    loop {
        hangup.recv().await;
        // The reload logs its own result.
        let _ = reload.reload().await;
    }
}

/// Waits for SIGTERM, SIGINT or a failed task, then stops the server; reloads on SIGHUP meanwhile.
async fn until_stopped(mut running: RunningApp, signals: Signals) -> anyhow::Result<ExitCode> {
    let Signals { mut terminate, mut interrupt, hangup } = signals;
    let reloader = running.reloader();
    // A reload under way is dropped with the choice, and no stop waits for its files.
    let failure = tokio::select! {
        _ = terminate.recv() => None,
        _ = interrupt.recv() => None,
        never = reload_at_each(hangup, reloader) => match never {},
        failure = running.failed() => Some(failure),
    };
    info!("stopping: requests and attempts under way are finished, the rest stays queued");
    let stopped = running.stop().await;
    match failure.map_or(stopped, Err) {
        Ok(()) => {
            info!("stopped");
            Ok(ExitCode::SUCCESS)
        }
        Err(failure) => Err(anyhow::anyhow!("stopped because a part failed: {failure}")),
    }
}
