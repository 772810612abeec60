//! The embedded store: one SQLite database, one process.
//!
//! Every change goes through one writer thread, so a command sees all that were answered before
//! it. Reads have connections of their own and see what is committed. A future that is dropped
//! before its answer may have done its work all the same.

mod accept;
mod admission;
mod begin;
mod charge;
pub mod check;
mod digest;
mod expire;
mod failure;
mod fallback;
mod finish;
mod foldable;
mod group_states;
mod heads;
mod identity;
mod job;
mod lease;
mod ledger;
mod list;
mod log;
mod mend;
mod message;
mod note;
mod open;
mod overflow;
mod packed;
mod park;
mod parked;
mod quota;
mod reader;
mod replay;
mod reserve;
mod retain;
mod row;
pub mod salvage;
mod schedule;
mod schema;
mod sender_state;
mod settle;
mod start;
mod stats;
mod step;
mod target_queue;
#[cfg(test)]
mod tests;
mod totals;
mod writer;

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::panic;
use std::path::Path;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::watch;

pub use self::open::OpenError;

use self::admission::Admission;
use self::begin::Life;
use self::failure::{Failure, Kind};
use self::identity::Identity;
use self::job::Manner;
use self::ledger::Ledger;
use self::log::Log;
use self::message::MessageRow;
use self::note::Note;
use self::open::Locks;
use self::reader::Readers;
use self::reserve::Reserve;
use self::writer::{Order, Writer};
use super::limits::Levels;
use super::store_time::{Line, Moment};
use super::{
    Accept, Accepted, Allowed, Answer, AttemptResult, Charge, DeclaredLane, Delivery, DeliveryId,
    Detail, FallbackRule, Fallen, Filter, Finished, Foldable, Handover, Health, Lease, NewMessage,
    NextAttempt, NextStep, Park, QueueError, RateBudget, Received, Scope, SenderKey, SenderStates,
    Stats, Store, Target,
};
use crate::clock::{Clock, Now};

/// How soon the reads are interrupted again, while the store waits for its threads.
const INTERRUPTED_AGAIN: Duration = Duration::from_millis(5);

/// What can be set for the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Room that is held back for a full disk, so that deliveries settle there still; 0 for none,
    /// at most 16 MiB. It is the log's length; the database holds a quarter of it besides.
    pub ballast_bytes: u64,
    /// The limits at which no notification is taken in.
    pub limits: Levels,
    /// The length of the log, about, above which new work is refused while a reader holds it.
    pub log_limit_bytes: u64,
}

impl Default for Options {
    /// A reserve of 16 MiB: the log grows to its checkpoint in it, twice. A log of 256 MiB, so that a
    /// backup or a check of some minutes refuses nobody; more of it would have to be moved at once
    /// afterwards. No limits.
    fn default() -> Self {
        Self { ballast_bytes: 16 << 20, log_limit_bytes: 256 << 20, limits: Levels::NO_LIMITS }
    }
}

/// The queue in a SQLite file.
pub struct SqliteStore {
    line: Line,
    lane_key: [u8; 32],
    orders: Sender<Order>,
    /// Gone once the store is closed.
    reads: Mutex<Option<Sender<reader::ReadJob>>>,
    readers: Arc<Readers>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    health: watch::Receiver<Health>,
}

/// A database whose start is recorded in it.
struct Begun {
    ledger: Ledger,
    life: Life,
    locks: Arc<Locks>,
}

/// Records the start of a process in the database.
fn begun(path: &Path, opened: open::Opened, clock: &dyn Clock) -> Result<Begun, Failure> {
    let open::Opened { writer: connection, locks, version } = opened;
    let make_ready = || begin::begin(&connection, version, &clock.boot_id(), clock.now());
    let life = make_ready().or_else(|failure| {
        if failure.kind() != Kind::Full {
            return Err(failure);
        }
        Reserve::release(&connection)?;
        make_ready()
    })?;
    // A version before kept its reserve in this file; mostly there is none.
    let _ = std::fs::remove_file(open::beside(path, ".ballast"));
    // Without it only a later start can tell less; on a full disk there is no room for it.
    let _ = locks.write_note(&Note::InUse);
    Ok(Begun { ledger: Ledger::new(connection)?, life, locks })
}

impl SqliteStore {
    /// Opens the database at `path`, or makes it; voids the leases of the process before. A damaged one
    /// gives way to a new one ([`Health::mended`]).
    ///
    /// # Errors
    ///
    /// When the folder or the files cannot be written, another process holds the store, the file is
    /// something else, or a newer version wrote it.
    pub fn open(path: &Path, clock: &dyn Clock, options: &Options) -> Result<Self, OpenError> {
        let start = |locks| Ok(begun(path, open::open(path, locks)?, clock));
        let locks = open::lock(path)?;
        let lock = locks.beside();
        let begun = match log::repair(path, &locks)? {
            Some(damage) => {
                // A newer version's is left to that version.
                drop(open::open(path, locks)?);
                Err(Failure::Missing(damage))
            }
            None => start(locks)?,
        };
        let (begun, mended) = match begun {
            // At a start, a value that no row may have is damage as well.
            Err(failure) if [Kind::Damaged, Kind::Command].contains(&failure.kind()) => {
                let mended = mend::replace(path, &failure.damage())?;
                (start(open::lock_database(path, lock)?)?, vec![mended])
            }
            begun => (begun, Vec::new()),
        };
        let Begun { ledger, life, locks } =
            begun.map_err(|failure| open::refused(path, failure))?;
        let failed = |error: std::io::Error| OpenError::Failed {
            file: path.to_owned(),
            words: error.to_string(),
        };
        let (health, told) = watch::channel(Health { mended: mended.clone(), ..Health::default() });
        let identity = Identity::of(path).map_err(failed)?;
        let reserve = Reserve::new(Arc::clone(&locks), identity.log(), options.ballast_bytes);
        let readers = Readers::open(path, &locks)?;
        let (line, lane_key) = (life.line, life.lane_key);
        let writer = Writer {
            ledger,
            identity,
            reserve: reserve.map_err(failed)?,
            log: Log::new(options),
            admission: Admission::new(options.limits, Arc::clone(&locks)),
            now: i64::MIN,
            held: Vec::new(),
            heavy: VecDeque::new(),
            refusal: None,
            health,
            locks,
            path: path.to_owned(),
            life,
            readers: Arc::clone(&readers),
            mended,
            damaged_in_a_row: 0,
        };
        let (orders, queue) = mpsc::channel();
        let (reads, mut threads) = readers.start(&orders).map_err(failed)?;
        threads.push(writer.start(queue).map_err(failed)?);
        let (reads, threads) = (Mutex::new(Some(reads)), Mutex::new(threads));
        Ok(Self { line, lane_key, orders, reads, readers, threads, health: told })
    }

    /// Asks the writer, and waits for the commit.
    fn write<T, F>(&self, manner: Manner, now: Now, mut work: F) -> Answer<'_, T>
    where
        T: Send + 'static,
        F: FnMut(&Ledger, Moment) -> Result<T, Failure> + Send + 'static,
    {
        let moment = self.line.at(now);
        Box::pin(async move {
            let work = move |ledger: &Ledger| work(ledger, moment);
            let (job, answer) = job::task(manner, moment.ms(), work);
            self.orders.send(Order::Do(job)).map_err(|_gone| self.gone())?;
            answer.await.unwrap_or_else(|| Err(self.gone()))
        })
    }

    /// Asks the writer for what works off what is there and cannot be refused.
    fn work_off<T, F>(&self, now: Now, work: F) -> Answer<'_, T>
    where
        T: Send + 'static,
        F: FnMut(&Ledger, Moment) -> Result<T, Failure> + Send + 'static,
    {
        self.write(Manner::WORK_OFF, now, work)
    }

    /// Asks a reader.
    fn read<T, F>(&self, now: Now, mut work: F) -> Answer<'_, T>
    where
        T: Send + 'static,
        F: FnMut(&Connection, Moment) -> Result<T, Failure> + Send + 'static,
    {
        let moment = self.line.at(now);
        Box::pin(async move {
            let work = move |connection: &Connection| work(connection, moment);
            let (job, answer) = job::task(Manner::WORK_OFF, moment.ms(), work);
            let reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner).to_owned();
            reads.ok_or(QueueError::Closed)?.send(job).map_err(|_gone| self.gone())?;
            answer.await.unwrap_or_else(|| Err(self.gone()))
        })
    }

    /// What it means that a thread does not answer: it was told to end, or it panicked.
    fn gone(&self) -> QueueError {
        match *self.reads.lock().unwrap_or_else(PoisonError::into_inner) {
            None => QueueError::Closed,
            Some(_) => QueueError::Broken("a thread of the storage panicked".to_owned()),
        }
    }

    /// Lets the threads do what they were asked for and end.
    fn end(&self) {
        let _ = self.orders.send(Order::Close);
        drop(self.reads.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// The smallest payload whose rows take longer than it takes to ask another thread for them.
const LARGE_PAYLOAD: usize = 64 * 1024;

impl Store for SqliteStore {
    fn lane_key(&self) -> [u8; 32] {
        self.lane_key
    }

    fn accept(&self, accept: Accept, now: Now) -> Answer<'_, Accepted> {
        let is_for_nobody = accept.shares.iter().all(|share| share.deliveries.is_empty());
        if is_for_nobody && accept.sender.is_none() {
            return Box::pin(async { Ok(Accepted::default()) });
        }
        Box::pin(async move {
            let rows = rows_of(accept).await?;
            let manner = if rows.is_heavy() { Manner::ACCEPT_HEAVY } else { Manner::ACCEPT };
            let accept = move |ledger: &Ledger, at| accept::accept(ledger, at, &rows);
            self.write(manner, now, accept).await?.ok_or(QueueError::Outdated)
        })
    }

    fn sender_state(&self, of: SenderKey, now: Now) -> Answer<'_, Option<Vec<u8>>> {
        self.read(now, move |tx, _| sender_state::read(tx, &of))
    }

    fn stale_states(&self, sender: String, age: Duration, now: Now) -> Answer<'_, SenderStates> {
        self.read(now, move |tx, at| sender_state::stale(tx, at, &sender, age))
    }

    fn declare(&self, lanes: Vec<DeclaredLane>, now: Now) -> Answer<'_, ()> {
        self.work_off(now, move |ledger, _| {
            ledger.declare(&lanes);
            park::count_robots(ledger)?;
            park::end_changed(ledger)
        })
    }

    fn start(&self, lane: &str, allowed: Allowed, now: Now) -> Answer<'_, NextAttempt> {
        let lane = lane.to_owned();
        self.work_off(now, move |ledger, at| start::start(ledger, at, &lane, allowed))
    }

    fn foldable(&self, target: Target, now: Now) -> Answer<'_, Foldable> {
        self.read(now, move |ledger, at| foldable::foldable(ledger, at, &target))
    }

    fn fold(
        &self,
        deliveries: Vec<DeliveryId>,
        message: NewMessage,
        now: Now,
    ) -> Answer<'_, DeliveryId> {
        match MessageRow::of(&message) {
            Ok(row) => self.write(Manner::WORK_OFF_OR_REFUSE, now, move |ledger, at| {
                digest::fold(ledger, at, &deliveries, &row)
            }),
            Err(failure) => Box::pin(async move { Err(failure.into()) }),
        }
    }

    fn unfold(&self, delivery: DeliveryId, now: Now) -> Answer<'_, ()> {
        self.work_off(now, move |ledger, _| {
            digest::unfold(ledger, delivery.0)?;
            ledger.touch_delivery(delivery)
        })
    }

    fn mark_fallen(&self, rules: Vec<FallbackRule>, now: Now) -> Answer<'_, ()> {
        let rules: Arc<[FallbackRule]> = rules.into();
        Box::pin(async move {
            let mut done = 0;
            while done < rules.len() {
                let rules = Arc::clone(&rules);
                let mark = move |ledger: &Ledger, at| fallback::mark(ledger, at, &rules, done);
                done = self.work_off(now, mark).await?;
            }
            Ok(())
        })
    }

    fn fallen(&self, most: usize, now: Now) -> Answer<'_, Vec<Fallen>> {
        self.read(now, move |tx, at| fallback::due(tx, at, most))
    }

    fn hand_over(&self, handover: Handover, now: Now) -> Answer<'_, Vec<DeliveryId>> {
        match fallback::Rows::of(handover) {
            Ok(rows) => self.write(Manner::REPLAY, now, move |ledger, at| {
                fallback::hand_over(ledger, at, &rows)
            }),
            Err(failure) => Box::pin(async move { Err(failure.into()) }),
        }
    }

    fn finish(&self, lease: Lease, result: AttemptResult, now: Now) -> Answer<'_, Finished> {
        let recut = matches!(result.next, NextStep::Recut(_));
        let manner = if recut { Manner::WORK_OFF_OR_REFUSE } else { Manner::WORK_OFF };
        self.write(manner, now, move |ledger, at| finish::finish(ledger, at, &lease, &result))
    }

    fn charge(&self, lane: String, budget: RateBudget, now: Now) -> Answer<'_, Charge> {
        self.work_off(now, move |ledger, at| charge::charge(ledger, at, &lane, budget))
    }

    fn discharge(&self, charge: i64, sent: bool, now: Now) -> Answer<'_, ()> {
        self.work_off(now, move |ledger, at| charge::discharge(ledger, at, charge, sent))
    }

    fn count_message(&self, quota: String, now: Now) -> Answer<'_, ()> {
        self.work_off(now, move |ledger, at| quota::count(ledger, at, &quota))
    }

    fn unpark(&self, scope: Scope, now: Now) -> Answer<'_, ()> {
        self.work_off(now, move |ledger, _| park::lift(ledger, &scope))
    }

    fn replay(
        &self,
        id: DeliveryId,
        message: Option<NewMessage>,
        now: Now,
    ) -> Answer<'_, DeliveryId> {
        match message.as_ref().map(replay::Anew::of).transpose() {
            Ok(anew) => self.write(Manner::REPLAY, now, move |ledger, at| {
                replay::replay(ledger, at, id, anew.as_ref())
            }),
            Err(failure) => Box::pin(async move { Err(failure.into()) }),
        }
    }

    fn received(&self, id: DeliveryId, now: Now) -> Answer<'_, Option<Received>> {
        self.read(now, move |ledger, _| list::received(ledger, id))
    }

    fn discard(&self, id: DeliveryId, now: Now) -> Answer<'_, ()> {
        self.write(Manner::WORK_OFF_OR_REFUSE, now, move |ledger, at| {
            replay::discard(ledger, at, id)
        })
    }

    fn expire(&self, known: Vec<Target>, max_age: Duration, now: Now) -> Answer<'_, u64> {
        let known: Arc<HashSet<Target>> = Arc::new(known.into_iter().collect());
        self.in_steps(now, move |ledger, at| expire::expire(ledger, at, &known, max_age))
    }

    fn retain(&self, delivered: Duration, dead: Duration, now: Now) -> Answer<'_, u64> {
        self.in_steps(now, move |ledger, at| retain::retain(ledger, at, delivered, dead))
    }

    fn list(&self, filter: Filter, now: Now) -> Answer<'_, Vec<Delivery>> {
        self.read(now, move |ledger, at| list::list(ledger, at, &filter))
    }

    fn show(&self, id: DeliveryId, now: Now) -> Answer<'_, Option<Detail>> {
        self.read(now, move |ledger, at| list::show(ledger, at, id))
    }

    fn stats(&self, now: Now) -> Answer<'_, Stats> {
        self.read(now, stats::stats)
    }

    fn parks(&self, now: Now) -> Answer<'_, Vec<Park>> {
        self.all_parks(now)
    }

    fn health(&self) -> watch::Receiver<Health> {
        // A store that is closed stays as it was.
        let _ = self.orders.send(Order::Look);
        self.health.clone()
    }

    fn close(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            self.end();
            let threads: Vec<_> =
                self.threads.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect();
            let readers = Arc::clone(&self.readers);
            let joined = tokio::task::spawn_blocking(move || join(threads, &readers));
            joined.await.map_err(|error| QueueError::Broken(error.to_string()))?
        })
    }
}

impl Drop for SqliteStore {
    /// Waits for the threads, so that the lock is free when the store is gone.
    fn drop(&mut self) {
        self.end();
        let threads = self.threads.get_mut().unwrap_or_else(PoisonError::into_inner);
        // A thread that panicked has said so; there is nobody left to tell.
        let _ = join(std::mem::take(threads), &self.readers);
    }
}

/// The rows, made on the caller's thread, since the writer's time is everyone's; those of a large
/// payload on a thread that may take its time.
async fn rows_of(accept: Accept) -> Result<accept::Rows, QueueError> {
    let made = if accept.payload.bytes.len() < LARGE_PAYLOAD {
        accept::Rows::of(accept)
    } else {
        match tokio::task::spawn_blocking(move || accept::Rows::of(accept)).await {
            Ok(made) => made,
            Err(error) if error.is_panic() => panic::resume_unwind(error.into_panic()),
            // The process ends.
            Err(_) => return Err(QueueError::Closed),
        }
    };
    Ok(made?)
}

/// Waits for the threads; the writer ends its work, and nobody waits for what is read.
fn join(threads: Vec<JoinHandle<()>>, readers: &Readers) -> Result<(), QueueError> {
    let ended = threads.into_iter().map(|thread| {
        while !thread.is_finished() {
            readers.interrupt();
            thread::park_timeout(INTERRUPTED_AGAIN);
        }
        thread.join()
    });
    let panicked = ended.filter(Result::is_err).count();
    if panicked > 0 {
        return Err(QueueError::Broken("a thread of the storage panicked".to_owned()));
    }
    Ok(())
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The lane key is a secret of a kind: who has it can tell which robot a lane is.
        f.debug_struct("SqliteStore").field("line", &self.line).finish_non_exhaustive()
    }
}
