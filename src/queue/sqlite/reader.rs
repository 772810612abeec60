//! The threads that read, each on a connection of its own that cannot write.
//!
//! A read is one short transaction that ends before its answer is given away: a reader that stays
//! open would keep the log from being checkpointed, and it would grow. A read that meets a damaged page
//! is done again by the writer, who mends the database.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::{Connection, InterruptHandle};

use super::failure::{Failure, Kind};
use super::job::{self, Manner};
use super::ledger::Ledger;
use super::open::{self, Locks, OpenError};
use super::writer::Order;
use crate::queue::QueueError;

/// Two, so that one long list does not hold up the metrics.
const THREADS: usize = 2;

/// A command of the readers.
pub(super) type ReadJob = Box<dyn job::Job<Connection>>;

/// The connections that read.
pub(super) struct Readers {
    closing: AtomicBool,
    slots: Vec<Slot>,
}

/// The connection of one thread.
struct Slot {
    /// None while the database is replaced.
    held: Mutex<Option<Held>>,
    interrupt: Mutex<InterruptHandle>,
}

/// A connection; it is closed before the locks are let go of.
struct Held {
    connection: Connection,
    _locks: Arc<Locks>,
}

/// The closed connections of all threads; reads wait until this is gone.
pub(super) struct Closed<'a>(Vec<(&'a Slot, MutexGuard<'a, Option<Held>>)>);

impl Readers {
    /// Opens the connections.
    pub(super) fn open(path: &Path, locks: &Arc<Locks>) -> Result<Arc<Self>, OpenError> {
        let slot = |_| {
            let held = Held::open(path, locks)?;
            let interrupt = Mutex::new(held.connection.get_interrupt_handle());
            Ok(Slot { held: Mutex::new(Some(held)), interrupt })
        };
        let slots = (0..THREADS).map(slot).collect::<Result<_, _>>()?;
        Ok(Arc::new(Self { closing: AtomicBool::new(false), slots }))
    }

    /// Starts the threads; they end when the sender is dropped.
    pub(super) fn start(
        self: &Arc<Self>,
        orders: &Sender<Order>,
    ) -> io::Result<(Sender<ReadJob>, Vec<JoinHandle<()>>)> {
        let (reads, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        let threads = (0..self.slots.len()).map(|place| {
            let (readers, queue, orders) = (Arc::clone(self), Arc::clone(&queue), orders.clone());
            let run = move || readers.run(place, &queue, &orders);
            thread::Builder::new().name("queue-reader".into()).spawn(run)
        });
        Ok((reads, threads.collect::<io::Result<_>>()?))
    }

    /// Ends every read of this moment. A read that was about to begin is not met, so that whoever waits
    /// for the threads does this again.
    pub(super) fn interrupt(&self) {
        self.closing.store(true, Ordering::Release);
        for slot in &self.slots {
            lock(&slot.interrupt).interrupt();
        }
    }

    /// Closes the connections once their reads have ended; none begins until they are opened again.
    pub(super) fn let_go(&self) -> Closed<'_> {
        let slots = self.slots.iter().map(|slot| (slot, lock(&slot.held)));
        let mut closed: Vec<_> = slots.collect();
        for (_, held) in &mut closed {
            **held = None;
        }
        Closed(closed)
    }

    fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    fn run(&self, place: usize, queue: &Mutex<Receiver<ReadJob>>, orders: &Sender<Order>) {
        let Some(slot) = self.slots.get(place) else { return };
        loop {
            // The lock is let go of with the statement: the other thread waits while this one reads.
            let next = lock(queue).recv();
            let Ok(mut job) = next else { break };
            if !job.is_awaited() {
                // A request whose client is gone, often after it asked for too much.
                continue;
            }
            let closed = || if self.is_closing() { Err(QueueError::Closed) } else { Ok(()) };
            let read = match closed() {
                Ok(()) => slot.read(&mut job),
                Err(closed) => Ok(Err(closed)),
            };
            match read {
                Ok(result) => job.answer(result.or_else(|error| closed().and(Err(error)))),
                // If the writer is gone too, the job is dropped, and its asker told so.
                Err(Damaged) => drop(orders.send(Order::Do(Box::new(ByWriter(job))))),
            }
        }
        // No command of the store comes after its threads were told to end.
        *lock(&slot.held) = None;
    }
}

impl Closed<'_> {
    /// Opens the connections again.
    pub(super) fn open(self, path: &Path, locks: &Arc<Locks>) -> Result<(), OpenError> {
        for (slot, mut held) in self.0 {
            let opened = Held::open(path, locks)?;
            *lock(&slot.interrupt) = opened.connection.get_interrupt_handle();
            *held = Some(opened);
        }
        Ok(())
    }
}

/// A page of the database cannot be read.
struct Damaged;

impl Slot {
    fn read(&self, job: &mut ReadJob) -> Result<Result<(), QueueError>, Damaged> {
        let held = lock(&self.held);
        // A database that could not be replaced is the writer's to tell about.
        let Some(held) = &*held else { return Err(Damaged) };
        match read(&held.connection, job) {
            Err(failure) if failure.kind() == Kind::Damaged => Err(Damaged),
            result => Ok(result.map_err(QueueError::from)),
        }
    }
}

impl Held {
    fn open(path: &Path, locks: &Arc<Locks>) -> Result<Self, OpenError> {
        Ok(Self { connection: open::reader(path)?, _locks: Arc::clone(locks) })
    }
}

fn read(connection: &Connection, job: &mut ReadJob) -> Result<(), Failure> {
    let tx = connection.unchecked_transaction()?;
    job.run(&tx)?;
    tx.commit()?;
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A read among the commands of the writer.
struct ByWriter(ReadJob);

impl job::Job<Ledger> for ByWriter {
    fn manner(&self) -> Manner {
        self.0.manner()
    }

    fn at(&self) -> i64 {
        self.0.at()
    }

    fn is_awaited(&self) -> bool {
        self.0.is_awaited()
    }

    fn run(&mut self, ledger: &Ledger) -> Result<(), Failure> {
        self.0.run(ledger)
    }

    fn answer(self: Box<Self>, result: Result<(), QueueError>) {
        self.0.answer(result);
    }
}
