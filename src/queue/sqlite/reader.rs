//! The threads that read, each on a connection of its own that cannot write.
//!
//! A read is one short transaction that ends before its answer is given away: a reader that stays
//! open would keep the log from being checkpointed, and it would grow.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::{Connection, InterruptHandle};

use super::failure::Failure;
use super::job;
use super::open::{self, Locks, OpenError};
use crate::queue::QueueError;

/// Two, so that one long list does not hold up the metrics.
const THREADS: usize = 2;

/// A command of the readers.
pub(super) type ReadJob = Box<dyn job::Job<Connection>>;

/// Where reads are sent to, what ends them, and the threads that do them.
type Readers = (Sender<ReadJob>, Arc<Interrupts>, Vec<JoinHandle<()>>);

/// Ends the reads under way, and those that wait, when the store is closed.
#[derive(Default)]
pub(super) struct Interrupts {
    closing: AtomicBool,
    handles: Vec<InterruptHandle>,
}

impl Interrupts {
    /// Ends every read of this moment. A read that was about to begin is not met, so that whoever waits
    /// for the threads does this again.
    pub(super) fn interrupt(&self) {
        self.closing.store(true, Ordering::Release);
        self.handles.iter().for_each(InterruptHandle::interrupt);
    }

    fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }
}

/// Starts the threads; they end when the sender is dropped.
pub(super) fn start(path: &Path, locks: &Arc<Locks>) -> Result<Readers, OpenError> {
    let (reads, queue) = channel();
    let queue = Arc::new(Mutex::new(queue));
    let connections = (0..THREADS).map(|_| open::reader(path)).collect::<Result<Vec<_>, _>>()?;
    let handles = connections.iter().map(Connection::get_interrupt_handle).collect();
    let interrupts = Arc::new(Interrupts { handles, ..Interrupts::default() });
    let threads = connections.into_iter().map(|connection| {
        let (queue, locks) = (Arc::clone(&queue), Arc::clone(locks));
        let interrupts = Arc::clone(&interrupts);
        let started = thread::Builder::new().name("queue-reader".into()).spawn(move || {
            run(&connection, &queue, &interrupts);
            drop(connection);
            drop(locks);
        });
        started.map_err(|error: io::Error| OpenError::Failed {
            file: path.to_owned(),
            words: error.to_string(),
        })
    });
    let threads = threads.collect::<Result<_, _>>()?;
    Ok((reads, interrupts, threads))
}

fn run(connection: &Connection, queue: &Mutex<Receiver<ReadJob>>, interrupts: &Interrupts) {
    loop {
        // The lock is let go of with the statement: the other thread waits while this one reads.
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(mut job) = next else { return };
        if !job.is_awaited() {
            // A request whose client is gone, often after it asked for too much.
            continue;
        }
        let closed = || if interrupts.is_closing() { Err(QueueError::Closed) } else { Ok(()) };
        let result = closed().and_then(|()| {
            let result = read(connection, &mut job).map_err(Into::into);
            result.or_else(|error| closed().and(Err(error)))
        });
        job.answer(result);
    }
}

fn read(connection: &Connection, job: &mut ReadJob) -> Result<(), Failure> {
    let tx = connection.unchecked_transaction()?;
    job.run(&tx)?;
    tx.commit()?;
    Ok(())
}
