//! The one thread that writes: group commit, and what it does when that is not possible.
//!
//! Commands that wait are done in one transaction, each within a savepoint, so that one sync of
//! the disk serves all of them and a refused one undoes nothing of the others. One that writes much has
//! a transaction of its own, after those that wait with it, and others come between two such. Nobody is
//! answered before the commit, nor before a look whether the files are still those at their paths.
//!
//! At a limit, notifications are refused. Without room, all new work is refused and the rest goes on
//! in the reserve. While another program holds the database, new work is refused and the rest
//! waits. A damaged database gives way to a new one. After a failure of the disk nothing is written or
//! synced any more.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::watch;

use super::admission::Admission;
use super::begin::Life;
use super::failure::{Failure, Kind};
use super::identity::Identity;
use super::job::{self, Counting, Load, Refusable, SpaceUse};
use super::ledger::Ledger;
use super::log::Log;
use super::note::Note;
use super::open::{self, Locks};
use super::reader::Readers;
use super::reserve::{self, Reserve};
use crate::failpoint;
use crate::queue::{Health, Mended, QueueError};

/// The most commands in one transaction: a batch stays within some milliseconds.
const BATCH: usize = 256;

/// A command of the writer.
pub(super) type WriteJob = Box<dyn job::Job<Ledger>>;

/// What the thread is told.
pub(super) enum Order {
    /// Do this.
    Do(WriteJob),
    /// Look how the store is.
    Look,
    /// Do what came before, then end.
    Close,
}

/// The thread's state.
pub(super) struct Writer {
    /// The only connection that writes, and what is remembered of the tables.
    pub(super) ledger: Ledger,
    /// Whether the files are those that were opened.
    pub(super) identity: Identity,
    /// Room of the store's own, for a full disk.
    pub(super) reserve: Reserve,
    /// The log, and when it goes into the database.
    pub(super) log: Log,
    /// Whether a notification may come in.
    pub(super) admission: Admission,
    /// The latest time at which a command was asked for.
    pub(super) now: i64,
    /// Commands that wait for another program to let go of the database.
    pub(super) held: Vec<WriteJob>,
    /// Commands that write much and wait for their turn.
    pub(super) heavy: VecDeque<WriteJob>,
    /// Why new work is refused.
    pub(super) refusal: Option<QueueError>,
    /// Where that is told.
    pub(super) health: watch::Sender<Health>,
    /// Dropped after the connection, so that the next process finds the files at rest.
    pub(super) locks: Arc<Locks>,
    /// Where the database is.
    pub(super) path: PathBuf,
    /// What stays when another database takes its place.
    pub(super) life: Life,
    /// The connections that read, which go with the database.
    pub(super) readers: Arc<Readers>,
    /// The damaged databases that gave way to this one.
    pub(super) mended: Vec<Mended>,
    /// How often in a row a page could not be read.
    pub(super) damaged_in_a_row: u32,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(mut self, queue: Receiver<Order>) -> std::io::Result<JoinHandle<()>> {
        thread::Builder::new().name("queue-writer".into()).spawn(move || self.run(&queue))
    }

    fn run(&mut self, queue: &Receiver<Order>) {
        if let Err(failure) = self.reserve.take(&self.ledger) {
            self.begin_without(failure);
        }
        if self.refusal.is_none() {
            self.admission.look(&self.ledger, self.now);
            self.refuse_at_limit();
        }
        while let Some((batch, closing)) = self.next(queue) {
            let load = match (self.heavy.is_empty(), batch.is_empty()) {
                (false, _) => Some(Load::Heavy),
                (true, false) => Some(Load::Light),
                (true, true) => None,
            };
            self.work(batch);
            // One, so that those who come meanwhile wait for no more than one.
            let most = if closing { usize::MAX } else { 1 };
            for heavy in self.heavy.drain(..most.min(self.heavy.len())).collect::<Vec<_>>() {
                self.work(vec![heavy]);
            }
            if closing {
                break;
            }
            self.checkpoint(load);
        }
        answer_all(std::mem::take(&mut self.held), &QueueError::Closed);
        if !self.is_broken() && self.identity.check(&self.ledger).is_ok() {
            // The log goes into the database, so that a copy of that one file is whole. A failure
            // loses nothing: the log stays and is read at the next start.
            if Log::empty(&self.ledger).unwrap_or(false) {
                // Without it, the next start looks at an empty log.
                let _ = self.locks.write_note(&Note::Queue);
            }
            self.reserve.keep_while_closed();
        }
    }

    /// Begins without the reserve.
    fn begin_without(&mut self, failure: Failure) {
        match failure.kind() {
            Kind::Full => self.fill(failure.into()),
            // A later try takes it.
            Kind::Busy | Kind::Command => {}
            Kind::Damaged | Kind::Broken => self.fail(Vec::new(), failure),
        }
    }

    /// The next batch, and whether it is the last one; none when nobody can ask any more.
    fn next(&mut self, queue: &Receiver<Order>) -> Option<(Vec<WriteJob>, bool)> {
        let mut batch = std::mem::take(&mut self.held);
        // Those that were held up are tried again at once: the try itself waits.
        let is_idle = batch.is_empty() && self.heavy.is_empty();
        let first = if is_idle { Some(queue.recv().ok()?) } else { queue.try_recv().ok() };
        let closing = first.is_some_and(|first| drain(first, queue, &mut batch));
        let (heavy, light) = batch.into_iter().partition(|job| job.manner().load == Load::Heavy);
        self.heavy.extend::<Vec<_>>(heavy);
        Some((light, closing))
    }

    pub(super) fn work(&mut self, batch: Vec<WriteJob>) {
        let mut batch = self.admit(batch);
        if batch.is_empty() {
            return;
        }
        match self.commit(&mut batch) {
            Ok(results) => {
                self.damaged_in_a_row = 0;
                if !self.is_full() && !self.log.is_clogged() {
                    self.refuse_at_limit();
                }
                for (job, result) in batch.into_iter().zip(results) {
                    job.answer(result);
                }
            }
            Err(failure) => match failure.kind() {
                Kind::Full => self.make_room(batch, failure.into()),
                // One of them failed for a reason of its own; the others stand.
                Kind::Command | Kind::Damaged if batch.len() > 1 => self.one_by_one(batch),
                Kind::Command | Kind::Busy | Kind::Damaged | Kind::Broken => {
                    self.fail(batch, failure);
                }
            },
        }
    }

    /// Answers the commands that cannot be tried at all; the others.
    fn admit(&mut self, batch: Vec<WriteJob>) -> Vec<WriteJob> {
        if let Some(error @ QueueError::Broken(_)) = &self.refusal {
            answer_all(batch, error);
            return Vec::new();
        }
        self.now = batch.iter().map(|job| job.at()).fold(self.now, i64::max);
        if batch.iter().any(grows) {
            self.look_for_room();
        }
        // Who is held up is tried again: the other program may have let go.
        match &self.refusal {
            Some(error) if !self.is_held_up() => answer_refused(batch, error),
            Some(_) | None => batch,
        }
    }

    /// No other reason is left to refuse new work: refuses notifications at a limit, or nothing.
    pub(super) fn refuse_at_limit(&mut self) {
        self.refuse(self.admission.reached().map(QueueError::AtLimit));
    }

    /// Takes new work again once there is room for it and for the reserve.
    fn look_for_room(&mut self) {
        if self.is_full() && self.reserve.take(&self.ledger).is_ok() {
            self.refuse_at_limit();
        }
    }

    fn is_full(&self) -> bool {
        matches!(self.refusal, Some(QueueError::Full(_)))
    }

    fn is_broken(&self) -> bool {
        matches!(self.refusal, Some(QueueError::Broken(_)))
    }

    /// Whether another program held the database at the last try.
    fn is_held_up(&self) -> bool {
        matches!(self.refusal, Some(QueueError::Busy(_))) && !self.log.is_clogged()
    }

    /// One transaction of them all: how each ended, or why none of them stands.
    fn commit(&mut self, batch: &mut [WriteJob]) -> Result<Vec<Result<(), QueueError>>, Failure> {
        let Self { ledger, admission, identity, reserve, .. } = self;
        identity.check(ledger)?;
        let mut tx = RollbackOnDrop { ledger, committed: false };
        let ledger = tx.ledger;
        ledger.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        ledger.read_again_after_undo()?;
        let before = ledger.total_changes();
        let mut results = Vec::with_capacity(batch.len());
        for job in &mut *batch {
            let reached = if takes_in(job) { admission.admit(ledger) } else { None };
            results.push(match reached {
                Some(reached) => Err(QueueError::AtLimit(reached)),
                None => run(ledger, job)?,
            });
        }
        ledger.write_states()?;
        let has_changed = ledger.total_changes() != before;
        if has_changed {
            let last = batch.iter().map(|job| job.at()).max().unwrap_or_default();
            let later = batch.iter().all(|job| job.manner().counting == Counting::Later);
            ledger.count(last, if later { Counting::Later } else { Counting::Now })?;
        }
        reserve.place_pages(ledger)?;
        let accepts = batch.iter().any(grows);
        if accepts {
            failpoint::reached("accept-before-commit");
        }
        ledger.prepare_cached("COMMIT")?.execute([])?;
        tx.committed = true;
        ledger.committed();
        if accepts {
            failpoint::reached("accept-after-commit");
        }
        if has_changed {
            identity.check(ledger)?;
        }
        Ok(results)
    }

    /// Each in a transaction of its own.
    fn one_by_one(&mut self, batch: Vec<WriteJob>) {
        for job in batch {
            self.work(vec![job]);
        }
    }

    /// The disk is full: gives the reserve to what needs no more room than that, one by one.
    fn make_room(&mut self, batch: Vec<WriteJob>, error: QueueError) {
        self.fill(error);
        let Some(refusal) = self.refusal.clone() else { return };
        for job in answer_refused(batch, &refusal) {
            if let Some(error @ QueueError::Broken(_)) = &self.refusal {
                job.answer(Err(error.clone()));
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

    /// Refuses new work and releases the reserve, because there is no room.
    fn fill(&mut self, error: QueueError) {
        if Reserve::release(&self.ledger).is_err() {
            // The log is at its end, and begins anew once it is in the database.
            let _ = Log::move_all(&self.ledger);
            // If even this fails, what needs the room fails too, and says so.
            let _ = Reserve::release(&self.ledger);
        }
        let words = match error {
            QueueError::Full(words) => words,
            other @ (QueueError::Busy(_)
            | QueueError::AtLimit(_)
            | QueueError::Broken(_)
            | QueueError::Closed
            | QueueError::Unknown(_)
            | QueueError::Conflict(_)
            | QueueError::Outdated) => other.to_string(),
        };
        self.refuse(Some(QueueError::Full(format!(
            "no room is left on the disk or in a quota ({words}); make room; what is queued goes \
             on being sent"
        ))));
    }

    pub(super) fn fail(&mut self, batch: Vec<WriteJob>, failure: Failure) {
        let kind = failure.kind();
        if kind == Kind::Damaged {
            return self.mend(batch, failure);
        }
        let error = QueueError::from(failure);
        if kind != Kind::Busy {
            if kind == Kind::Broken {
                self.refuse(Some(error.clone()));
            }
            return answer_all(batch, &error);
        }
        if matches!(self.refusal, None | Some(QueueError::AtLimit(_))) {
            self.refuse(Some(error.clone()));
        }
        self.held.extend(answer_refused(batch, &error));
    }

    /// Moves the log into the database once it has grown; nobody waits for it. Each command has looked at
    /// the files already, unless there was none; `load` is the heaviest one's.
    fn checkpoint(&mut self, load: Option<Load>) {
        if self.is_broken() || !self.held.is_empty() {
            return;
        }
        match self.move_log(load) {
            Ok(()) => {}
            Err(failure) if failure.kind() == Kind::Full => self.fill(failure.into()),
            Err(failure) => self.fail(Vec::new(), failure),
        }
    }

    fn move_log(&mut self, load: Option<Load>) -> Result<(), Failure> {
        let is_due = self.log.is_due(&self.ledger, self.is_full(), load == Some(Load::Heavy))?;
        if is_due || load.is_none() {
            self.identity.check(&self.ledger)?;
        }
        if is_due && self.log.move_on(&self.ledger)? {
            self.reserve.note_checkpoint()?;
            self.identity.note_settled(reserve::pages(&self.ledger)?)?;
        }
        self.admission.look(&self.ledger, self.now);
        self.look_for_room();
        if self.is_full() {
            self.refuse(self.refusal.clone());
            return Ok(());
        }
        let busy = match self.log.clogged() {
            Some(words) => Some(QueueError::Busy(words)),
            None => self.held_up()?.map(QueueError::from),
        };
        match busy {
            Some(busy) => self.refuse(Some(busy)),
            None => self.refuse_at_limit(),
        }
        Ok(())
    }

    /// Whether another program still holds the database, if it did.
    fn held_up(&self) -> Result<Option<Failure>, Failure> {
        if !self.is_held_up() {
            return Ok(None);
        }
        self.ledger.busy_timeout(Duration::ZERO)?;
        let begun = self.ledger.execute_batch("BEGIN IMMEDIATE; ROLLBACK").map_err(Failure::from);
        self.ledger.busy_timeout(open::HELD_UP)?;
        match begun {
            Ok(()) => Ok(None),
            Err(failure) if failure.kind() == Kind::Busy => Ok(Some(failure)),
            Err(failure) => Err(failure),
        }
    }

    /// Refuses new work for this reason, or no more; told before anybody is answered so.
    pub(super) fn refuse(&mut self, refusal: Option<QueueError>) {
        self.refusal = refusal;
        self.health.send_if_modified(|health| {
            health.log_bytes = self.log.bytes();
            let other = health.refusal != self.refusal || health.mended != self.mended;
            health.refusal.clone_from(&self.refusal);
            health.mended.clone_from(&self.mended);
            other
        });
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

/// Adds the first order and those that wait behind it to a batch; whether one of them was to close.
fn drain(first: Order, queue: &Receiver<Order>, batch: &mut Vec<WriteJob>) -> bool {
    let mut next = Some(first);
    while let Some(order) = next {
        match order {
            Order::Do(job) => batch.push(job),
            Order::Look => {}
            Order::Close => return true,
        }
        next = if batch.len() < BATCH { queue.try_recv().ok() } else { None };
    }
    false
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

/// Whether the command makes new rows.
fn grows(job: &WriteJob) -> bool {
    job.manner().space.is_new_work()
}

/// Whether the command takes a notification in.
fn takes_in(job: &WriteJob) -> bool {
    job.manner().space == SpaceUse::TakesIn
}

/// Answers the commands that are refused for this reason; the others.
fn answer_refused(batch: Vec<WriteJob>, error: &QueueError) -> Vec<WriteJob> {
    let (refused, rest) =
        batch.into_iter().partition(|job| job.manner().space.is_refused_by(error));
    answer_all(refused, error);
    rest
}

/// Answers all of them so.
pub(super) fn answer_all(batch: Vec<WriteJob>, error: &QueueError) {
    for job in batch {
        job.answer(Err(error.clone()));
    }
}
