//! The threads that read, each on a connection of its own that cannot write.
//!
//! A read is one short transaction that ends before its answer is given away: a reader that stays
//! open would keep the log from being checkpointed, and it would grow.

use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;

use super::failure::Failure;
use super::job;
use super::open::{self, Locks, OpenError};

/// Two, so that one long list does not hold up the metrics.
const THREADS: usize = 2;

/// A command of the readers.
pub(super) type ReadJob = Box<dyn job::Job<Connection>>;

/// Where reads are sent to, and the threads that do them.
type Readers = (Sender<ReadJob>, Vec<JoinHandle<()>>);

/// Starts the threads; they end when the sender is dropped.
pub(super) fn start(path: &Path, locks: &Arc<Locks>) -> Result<Readers, OpenError> {
    let (reads, queue) = channel();
    let queue = Arc::new(Mutex::new(queue));
    let threads = (0..THREADS).map(|_| {
        let connection = open::reader(path)?;
        let (queue, locks) = (Arc::clone(&queue), Arc::clone(locks));
        let started = thread::Builder::new().name("queue-reader".into()).spawn(move || {
            run(&connection, &queue);
            drop(connection);
            drop(locks);
        });
        started.map_err(|error: io::Error| OpenError::Failed {
            file: path.to_owned(),
            words: error.to_string(),
        })
    });
    let threads = threads.collect::<Result<_, _>>()?;
    Ok((reads, threads))
}

fn run(connection: &Connection, queue: &Mutex<Receiver<ReadJob>>) {
    loop {
        // The lock is let go of with the statement: the other thread waits while this one reads.
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(mut job) = next else { return };
        let result = read(connection, &mut job).map_err(Into::into);
        job.answer(result);
    }
}

fn read(connection: &Connection, job: &mut ReadJob) -> Result<(), Failure> {
    let tx = connection.unchecked_transaction()?;
    job.run(&tx)?;
    tx.commit()?;
    Ok(())
}
