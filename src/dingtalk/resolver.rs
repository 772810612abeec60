//! Names to addresses, on a few threads of their own.
//!
//! The system's resolver blocks its thread until it answers, and a name whose servers are silent takes
//! it ten seconds or more. So look-ups share no threads with accepting and rendering; one look-up serves
//! all who ask for the name meanwhile and for some seconds after; and names that have never answered
//! cannot take the last threads from those that have. The system's resolver and no other, because
//! people expect `/etc/hosts`, `nsswitch.conf` and the search domains of their cluster to hold.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::oneshot;

use crate::clock::Clock;

/// The most look-ups at once.
const THREADS: usize = 16;

/// The most of them for names that have never answered.
const STRANGERS: usize = 12;

/// How long addresses are used before the name is looked up again: short against what DNS servers let
/// them live, long against the time between two messages of a storm.
const FOUND: Duration = Duration::from_secs(10);

/// How long a failure is everyone's answer; a name that is mended is found within this time.
const NOT_FOUND: Duration = Duration::from_secs(5);

/// How long a name that nobody asks for is remembered.
const FORGOTTEN: Duration = Duration::from_hours(1);

/// The stack of a thread: the system's resolver needs far less than Rust's default, and there may be
/// sixteen.
const STACK_BYTES: usize = 512 * 1024;

/// Why a name has no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
struct LookUpError(Arc<str>);

type Found = Result<Arc<[IpAddr]>, LookUpError>;

/// Asks the system; it may block for long.
type LookUp = Box<dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync>;

/// The resolver of the HTTP client.
pub(super) struct Resolver(Arc<Shared>);

struct Shared {
    clock: Arc<dyn Clock>,
    look_up: LookUp,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    names: HashMap<Arc<str>, Known>,
    /// What waits for a thread, of names that have answered before.
    acquainted: VecDeque<Arc<str>>,
    /// The same of all others.
    strangers: VecDeque<Arc<str>>,
    threads: usize,
    /// How many of the threads look up a stranger.
    with_strangers: usize,
}

/// What is known of a name.
#[derive(Default)]
struct Known {
    /// The last answer, and the boot time until which it holds.
    last: Option<(Found, Duration)>,
    has_answered: bool,
    /// Whether it waits for a thread or is looked up.
    is_asked: bool,
    waiting: Vec<oneshot::Sender<Found>>,
}

/// A look-up that a thread has to make.
struct Task {
    name: Arc<str>,
    is_stranger: bool,
}

impl Resolver {
    /// Asks the system's resolver.
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self::with(clock, Box::new(system))
    }

    fn with(clock: Arc<dyn Clock>, look_up: LookUp) -> Self {
        Self(Arc::new(Shared { clock, look_up, state: Mutex::default() }))
    }

    /// The addresses of `name`, now or as soon as they are found.
    fn ask(&self, name: &str) -> oneshot::Receiver<Found> {
        let (waiter, answer) = oneshot::channel();
        let now = self.0.clock.now().boot;
        let mut state = self.0.state();
        if state.ask(name, waiter, now) && state.threads < THREADS {
            state.threads += 1;
            if let Err(error) = Shared::start_thread(&self.0) {
                state.no_thread(&error);
            }
        }
        answer
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let answer = self.ask(name.as_str());
        Box::pin(async move {
            let found: Vec<IpAddr> = answer.await??.to_vec();
            // The client puts the port of the URL in the place of 0.
            let addresses = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

fn system(name: &str) -> io::Result<Vec<IpAddr>> {
    Ok((name, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a thread that ends when there is nothing to look up.
    fn start_thread(shared: &Arc<Self>) -> io::Result<()> {
        let shared = Arc::clone(shared);
        let thread = thread::Builder::new().name("resolver".into()).stack_size(STACK_BYTES);
        thread.spawn(move || shared.work()).map(|_| ())
    }

    fn work(&self) {
        loop {
            let Some(task) = self.state().next() else { return };
            let found = (self.look_up)(&task.name);
            let now = self.clock.now().boot;
            self.state().answer(&task, found, now);
        }
    }
}

impl State {
    /// Whether a thread is needed for it.
    fn ask(&mut self, name: &str, waiter: oneshot::Sender<Found>, now: Duration) -> bool {
        self.forget(now);
        let name: Arc<str> = name.into();
        let known = self.names.entry(Arc::clone(&name)).or_default();
        if let Some((found, _)) = known.last.as_ref().filter(|(_, until)| now < *until) {
            // Who asked may be gone.
            let _ = waiter.send(found.clone());
            return false;
        }
        known.waiting.retain(|waiter| !waiter.is_closed());
        known.waiting.push(waiter);
        if known.is_asked {
            return false;
        }
        known.is_asked = true;
        let queue = if known.has_answered { &mut self.acquainted } else { &mut self.strangers };
        queue.push_back(name);
        true
    }

    fn forget(&mut self, now: Duration) {
        self.names.retain(|_, known| {
            let holds = |(_, until): &(Found, Duration)| now < until.saturating_add(FORGOTTEN);
            known.is_asked || known.last.as_ref().is_some_and(holds)
        });
    }

    /// What a thread has to look up; if there is nothing, it ends.
    fn next(&mut self) -> Option<Task> {
        loop {
            let Some(task) = self.pop() else {
                self.threads -= 1;
                return None;
            };
            let Some(known) = self.names.get_mut(&task.name) else { continue };
            known.waiting.retain(|waiter| !waiter.is_closed());
            if known.waiting.is_empty() {
                // Every attempt that asked for it is over.
                known.is_asked = false;
                continue;
            }
            self.with_strangers += usize::from(task.is_stranger);
            return Some(task);
        }
    }

    fn pop(&mut self) -> Option<Task> {
        if let Some(name) = self.acquainted.pop_front() {
            return Some(Task { name, is_stranger: false });
        }
        if self.with_strangers >= STRANGERS {
            return None;
        }
        self.strangers.pop_front().map(|name| Task { name, is_stranger: true })
    }

    fn answer(&mut self, task: &Task, found: io::Result<Vec<IpAddr>>, now: Duration) {
        self.with_strangers -= usize::from(task.is_stranger);
        let Some(known) = self.names.get_mut(&task.name) else { return };
        let found: Found = match found {
            Ok(addresses) => Ok(addresses.into()),
            Err(error) => Err(LookUpError(error.to_string().into())),
        };
        let holds = if found.is_ok() { FOUND } else { NOT_FOUND };
        known.has_answered = found.is_ok();
        known.is_asked = false;
        for waiter in known.waiting.drain(..) {
            // Its attempt may be over.
            let _ = waiter.send(found.clone());
        }
        known.last = Some((found, now.saturating_add(holds)));
    }

    /// The system gives no thread; without one nobody would ever be answered.
    fn no_thread(&mut self, error: &io::Error) {
        self.threads -= 1;
        if self.threads > 0 {
            return;
        }
        let words: Arc<str> = format!("no thread to look the name up: {error}").into();
        for name in self.acquainted.drain(..).chain(self.strangers.drain(..)) {
            let Some(known) = self.names.get_mut(&name) else { continue };
            known.is_asked = false;
            for waiter in known.waiting.drain(..) {
                let _ = waiter.send(Err(LookUpError(Arc::clone(&words))));
            }
        }
    }
}

#[cfg(test)]
mod tests;
