//! Where the simulation decides what happens next: every call of the store and of DingTalk stops at
//! a gate before it and behind it, and goes on when its gate is opened.
//!
//! The gates that are closed have names and an order of their own, so that the choice among them
//! depends on the seed alone, and not on the order in which tasks were woken.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

/// All gates of one life of the process.
#[derive(Debug, Default)]
pub(crate) struct Gates {
    closed: Mutex<BTreeMap<Name, Gate>>,
    names: AtomicU64,
    /// How often somebody was told to wait.
    waits: AtomicU64,
    /// Notifications on their way to the store's gate, perhaps on a thread of the render pool; no two
    /// are equal.
    coming: Mutex<BTreeSet<Vec<u8>>>,
    /// Whether everybody passes at once.
    pub(crate) free: AtomicBool,
}

/// What waits, and a number that tells equal ones apart.
type Name = (String, u64);

#[derive(Debug, Default)]
struct Gate {
    is_open: bool,
    waker: Option<Waker>,
}

impl Gates {
    /// Waits until the simulation lets this go on.
    pub(crate) fn pass(&self, what: String) -> Passing<'_> {
        let name = (what, self.names.fetch_add(1, Ordering::Relaxed));
        Passing { gates: self, name }
    }

    /// A notification sets out for the store.
    pub(crate) fn comes(&self, body: &str) {
        self.coming.lock().expect("no panic").insert(body.into());
    }

    /// It has come to the store, or never will.
    pub(crate) fn came(&self, body: &[u8]) {
        self.coming.lock().expect("no panic").remove(body);
    }

    /// Whether other threads may still bring somebody to a gate.
    pub(crate) fn is_expecting(&self) -> bool {
        !self.coming.lock().expect("no panic").is_empty()
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.lock().values().filter(|gate| !gate.is_open).count()
    }

    /// Opens the gate with this number in the order of the names; what it was.
    pub(crate) fn open(&self, number: usize) -> Option<String> {
        let mut closed = self.lock();
        let (name, gate) = closed.iter_mut().filter(|(_, gate)| !gate.is_open).nth(number)?;
        gate.is_open = true;
        if let Some(waker) = gate.waker.take() {
            waker.wake();
        }
        Some(name.0.clone())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Name, Gate>> {
        self.closed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A wait at a gate.
pub(crate) struct Passing<'a> {
    gates: &'a Gates,
    name: Name,
}

impl Future for Passing<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.gates.free.load(Ordering::Relaxed) {
            return Poll::Ready(());
        }
        let mut closed = self.gates.lock();
        let gate = closed.entry(self.name.clone()).or_default();
        if gate.is_open {
            return Poll::Ready(());
        }
        gate.waker = Some(context.waker().clone());
        self.gates.waits.fetch_add(1, Ordering::Relaxed);
        Poll::Pending
    }
}

impl Drop for Passing<'_> {
    fn drop(&mut self) {
        self.gates.lock().remove(&self.name);
    }
}

/// Does on this thread, at once, what other threads have a part in.
pub(crate) fn at_once<T>(work: impl Future<Output = T>) -> T {
    // Tokio would let a task that has done much wait for a turn that this thread never gives.
    let mut work = pin!(tokio::task::unconstrained(work));
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match work.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(done) => return done,
            Poll::Pending => thread::park(),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Work that waits at gates as any other, and for the threads of a pool at once.
pub(crate) async fn patient<T>(gates: Arc<Gates>, work: impl Future<Output = T>) -> T {
    let mut work = pin!(tokio::task::unconstrained(work));
    std::future::poll_fn(move |context| {
        let both = Waker::from(Arc::new(Both(thread::current(), context.waker().clone())));
        loop {
            let waits = gates.waits.load(Ordering::Relaxed);
            match work.as_mut().poll(&mut Context::from_waker(&both)) {
                Poll::Ready(done) => return Poll::Ready(done),
                Poll::Pending if gates.waits.load(Ordering::Relaxed) > waits => {
                    return Poll::Pending;
                }
                Poll::Pending => thread::park(),
            }
        }
    })
    .await
}

struct Both(Thread, Waker);

impl Wake for Both {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
        self.1.wake_by_ref();
    }
}
