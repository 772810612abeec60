//! The one thread that writes: group commit, the full disk, and the broken one.
//!
//! Commands that wait are done in one transaction, each within a savepoint, so that one sync of
//! the disk serves all of them and a refused one undoes nothing of the others. Nobody is answered
//! before the commit.

use std::fs::File;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use super::ballast::Ballast;
use super::failure::{Failure, Kind};
use super::job::{self, Counting, Refusable, SpaceUse};
use super::ledger::Ledger;
use crate::failpoint;
use crate::queue::QueueError;

/// The most commands in one transaction: a batch stays within some milliseconds.
const BATCH: usize = 256;

/// Pages in the log that start a checkpoint: 8 MiB of them, twice SQLite's own measure.
const CHECKPOINT_PAGES: i64 = 2_000;

/// A command of the writer.
pub(super) type WriteJob = Box<dyn job::Job<Ledger>>;

/// What the thread is told.
pub(super) enum Order {
    /// Do this.
    Do(WriteJob),
    /// Do what came before, then end.
    Close,
}

/// The thread's state.
pub(super) struct Writer {
    /// The only connection that writes, and what is remembered of the tables.
    pub(super) ledger: Ledger,
    /// Dropped after the connection, so that the next process finds the files at rest.
    #[expect(dead_code, reason = "it is held, not used")]
    pub(super) lock: File,
    /// Room to give back.
    pub(super) ballast: Ballast,
    /// Whether the ballast is given back, and new work refused.
    pub(super) full: bool,
    /// Why nothing may be written any more.
    pub(super) broken: Option<String>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(mut self) -> std::io::Result<(Sender<Order>, JoinHandle<()>)> {
        let (orders, queue) = channel();
        let thread =
            thread::Builder::new().name("queue-writer".into()).spawn(move || self.run(&queue))?;
        Ok((orders, thread))
    }

    fn run(&mut self, queue: &Receiver<Order>) {
        while let Ok(order) = queue.recv() {
            let (batch, closing) = drain(order, queue);
            self.work(batch);
            if closing {
                break;
            }
            self.checkpoint();
        }
        // The log goes into the database, so that a copy of that one file is whole. A failure
        // loses nothing: the log stays and is read at the next start.
        let _ = self.checkpoint_by("wal_checkpoint(TRUNCATE)");
    }

    fn work(&mut self, batch: Vec<WriteJob>) {
        let mut batch = self.admit(batch);
        if batch.is_empty() {
            return;
        }
        match self.commit(&mut batch) {
            Ok(results) => {
                for (job, result) in batch.into_iter().zip(results) {
                    job.answer(result);
                }
            }
            Err(failure) => match failure.kind() {
                Kind::Full => self.make_room(batch),
                // One of them failed for a reason of its own; the others stand.
                Kind::Command if batch.len() > 1 => self.one_by_one(batch),
                Kind::Command | Kind::Broken => self.fail(batch, failure),
            },
        }
    }

    /// Answers the commands that cannot be tried at all; the others.
    fn admit(&mut self, batch: Vec<WriteJob>) -> Vec<WriteJob> {
        if let Some(words) = &self.broken {
            let error = QueueError::Broken(words.to_owned());
            answer_all(batch, &error);
            return Vec::new();
        }
        if self.full && batch.iter().any(|job| job.manner().space == SpaceUse::Grows) {
            self.full = self.ballast.take().is_err();
        }
        if !self.full {
            return batch;
        }
        let (refused, rest): (Vec<_>, Vec<_>) =
            batch.into_iter().partition(|job| job.manner().space == SpaceUse::Grows);
        answer_all(refused, &no_room());
        rest
    }

    /// One transaction of them all: how each ended, or why none of them stands.
    fn commit(&self, batch: &mut [WriteJob]) -> Result<Vec<Result<(), QueueError>>, Failure> {
        let mut tx = RollbackOnDrop { ledger: &self.ledger, committed: false };
        let ledger = tx.ledger;
        ledger.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        ledger.read_again_after_undo()?;
        let before = ledger.total_changes();
        let mut results = Vec::with_capacity(batch.len());
        for job in &mut *batch {
            results.push(run(ledger, job)?);
        }
        ledger.write_states()?;
        if ledger.total_changes() != before {
            let last = batch.iter().map(|job| job.at()).max().unwrap_or_default();
            let later = batch.iter().all(|job| job.manner().counting == Counting::Later);
            ledger.count(last, if later { Counting::Later } else { Counting::Now })?;
        }
        let accepts = batch.iter().any(|job| job.manner().space == SpaceUse::Grows);
        if accepts {
            failpoint::reached("accept-before-commit");
        }
        ledger.prepare_cached("COMMIT")?.execute([])?;
        tx.committed = true;
        ledger.committed();
        if accepts {
            failpoint::reached("accept-after-commit");
        }
        Ok(results)
    }

    /// Each in a transaction of its own.
    fn one_by_one(&mut self, batch: Vec<WriteJob>) {
        for job in batch {
            self.work(vec![job]);
        }
    }

    /// The disk is full: gives the ballast back and does one by one what needs no more room.
    fn make_room(&mut self, batch: Vec<WriteJob>) {
        self.ballast.release();
        self.full = true;
        for job in batch {
            if let Some(words) = &self.broken {
                job.answer(Err(QueueError::Broken(words.clone())));
                continue;
            }
            if job.manner().space == SpaceUse::Grows {
                job.answer(Err(no_room()));
                continue;
            }
            let mut one = [job];
            let result = self.commit(&mut one).map(Vec::into_iter);
            let [job] = one;
            match result {
                Ok(mut results) => job.answer(results.next().unwrap_or(Ok(()))),
                Err(failure) => self.fail(vec![job], failure),
            }
        }
    }

    fn fail(&mut self, batch: Vec<WriteJob>, failure: Failure) {
        let kind = failure.kind();
        let error = QueueError::from(failure);
        if kind == Kind::Broken {
            self.broken = Some(words_of(&error));
        }
        answer_all(batch, &error);
    }

    /// Moves the log into the database once it has grown; nobody waits for it.
    fn checkpoint(&mut self) {
        if self.broken.is_some() {
            return;
        }
        let done = self.checkpoint_by("wal_checkpoint(NOOP)").and_then(|left| {
            if left < CHECKPOINT_PAGES { Ok(left) } else { self.checkpoint_by("wal_checkpoint") }
        });
        match done.map_err(Failure::from) {
            Ok(_) => {}
            Err(failure) if failure.kind() == Kind::Full => {
                self.ballast.release();
                self.full = true;
            }
            Err(failure) => self.fail(Vec::new(), failure),
        }
    }

    /// How many pages of the log are not in the database yet.
    fn checkpoint_by(&self, pragma: &str) -> rusqlite::Result<i64> {
        let sql = format!("PRAGMA {pragma}");
        let mut statement = self.ledger.prepare_cached(&sql)?;
        statement.query_row([], |row| Ok(row.get::<_, i64>(1)? - row.get::<_, i64>(2)?))
    }
}

/// Undoes a transaction that goes out of scope without a commit, also what is remembered of it.
struct RollbackOnDrop<'a> {
    ledger: &'a Ledger,
    committed: bool,
}

impl Drop for RollbackOnDrop<'_> {
    fn drop(&mut self) {
        if self.committed {
            return;
        }
        // On a full disk SQLite has rolled back by itself.
        if !self.ledger.is_autocommit() {
            // If even this fails the next BEGIN does, and says so.
            let _ = self.ledger.execute_batch("ROLLBACK");
        }
        self.ledger.doubt();
    }
}

/// The first order and those that wait behind it, and whether one of them was to close.
fn drain(first: Order, queue: &Receiver<Order>) -> (Vec<WriteJob>, bool) {
    let mut batch = Vec::new();
    let mut next = Some(first);
    while let Some(order) = next {
        match order {
            Order::Do(job) => batch.push(job),
            Order::Close => return (batch, true),
        }
        next = if batch.len() < BATCH { queue.try_recv().ok() } else { None };
    }
    (batch, false)
}

/// Runs one command; one that can be refused so that only it is undone. The outer error undoes all.
fn run(ledger: &Ledger, job: &mut WriteJob) -> Result<Result<(), QueueError>, Failure> {
    match job.manner().refusal {
        Refusable::Possible => run_alone(ledger, job),
        Refusable::Impossible => {
            job.run(ledger)?;
            ledger.keep_command();
            Ok(Ok(()))
        }
    }
}

fn run_alone(ledger: &Ledger, job: &mut WriteJob) -> Result<Result<(), QueueError>, Failure> {
    ledger.prepare_cached("SAVEPOINT job")?.execute([])?;
    match job.run(ledger) {
        Err(failure) if failure.kind() != Kind::Command => Err(failure),
        Err(failure) => {
            ledger.prepare_cached("ROLLBACK TO job")?.execute([])?;
            ledger.prepare_cached("RELEASE job")?.execute([])?;
            ledger.drop_command();
            Ok(Err(failure.into()))
        }
        Ok(()) => {
            ledger.prepare_cached("RELEASE job")?.execute([])?;
            ledger.keep_command();
            Ok(Ok(()))
        }
    }
}

fn answer_all(batch: Vec<WriteJob>, error: &QueueError) {
    for job in batch {
        job.answer(Err(error.clone()));
    }
}

fn no_room() -> QueueError {
    QueueError::Full("no room is left on the disk; what is queued goes on being sent".to_owned())
}

fn words_of(error: &QueueError) -> String {
    match error {
        QueueError::Broken(words) | QueueError::Full(words) | QueueError::Conflict(words) => {
            words.to_owned()
        }
        QueueError::Closed | QueueError::Unknown(_) => error.to_string(),
    }
}
