//! The table of open connections: who is let in, and who gives way for it.
//!
//! Nobody is refused: where too many are open, those whose clients keep us waiting are closed, and a
//! connection whose request we work on never is. An address that has more than its share gives way
//! to itself, so that it takes nothing from others, and a good client behind it is served as well.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::connection::{Address, Connection, Cut, Shared};
use super::limits::{Most, PATIENCE};
use super::progress::{self, Phase};
use crate::core::Core;

/// How often it is said in the log that connections give way.
const SAY_AGAIN: Duration = Duration::from_mins(1);

/// Why connections give way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shortage {
    /// As many are open as may be.
    Connections,
    /// One address has its share.
    Address,
    /// The system has no file left.
    Files,
    /// Others wait for a body's room, or unread answers hold as much memory as they may.
    Memory,
}

impl Shortage {
    const ALL: [Self; 4] = [Self::Connections, Self::Address, Self::Files, Self::Memory];

    fn as_str(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::Address => "address",
            Self::Files => "files",
            Self::Memory => "memory",
        }
    }
}

/// The open connections.
pub(super) struct Table {
    core: Arc<Core>,
    most: Most,
    shared: Shared,
    rows: Mutex<Rows>,
    left: Notify,
}

#[derive(Default)]
struct Rows {
    next: u64,
    open: HashMap<u64, Arc<Connection>>,
    /// Those that were told to close and are still open.
    leaving: usize,
    /// How many are open from each address and were not told to close.
    by_address: HashMap<Address, usize>,
    said: Option<Duration>,
}

impl Rows {
    fn staying(&self) -> usize {
        self.open.len() - self.leaving
    }

    fn count(&mut self, address: Address) {
        *self.by_address.entry(address).or_default() += 1;
    }

    fn discount(&mut self, address: Address) {
        if let Some(count) = self.by_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
    }

    fn cut(&mut self, id: u64, why: Cut) {
        let Some(connection) = self.open.get(&id) else { return };
        let address = connection.address;
        if connection.cut(why) {
            self.leaving += 1;
            self.discount(address);
        }
    }
}

impl Table {
    pub(super) fn new(core: Arc<Core>, most: Most, shared: Shared) -> Arc<Self> {
        // An increase is seen only of what was there before, be it 0.
        for shortage in Shortage::ALL {
            core.metrics.connections_gave_way.with_label_values(&[shortage.as_str()]);
        }
        for phase in Phase::OF_CLIENTS {
            core.metrics.connections_timed_out.with_label_values(&[phase.as_str()]);
        }
        Arc::new(Self { core, most, shared, rows: Mutex::default(), left: Notify::new() })
    }

    fn lock(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a connection in; others give way if there is no room.
    pub(super) fn admit(self: &Arc<Self>, ip: IpAddr) -> Place {
        let address = Address::of(ip);
        let mut rows = self.lock();
        let own = rows.by_address.get(&address).copied().unwrap_or_default();
        if own >= self.most.address {
            let excess = own - self.most.address;
            self.give_way(&mut rows, Shortage::Address, Some(address), excess);
        } else {
            self.make_room(&mut rows);
        }
        let clock = Arc::clone(&self.core.clock);
        let connection = Arc::new(Connection::new(address, clock, self.shared.clone()));
        let id = rows.next;
        rows.next += 1;
        rows.open.insert(id, Arc::clone(&connection));
        rows.count(address);
        self.core.metrics.connections_open.inc();
        Place { table: Arc::clone(self), id, connection }
    }

    fn make_room(&self, rows: &mut Rows) {
        if let Some(excess) = rows.staying().checked_sub(self.most.total) {
            self.give_way(rows, Shortage::Connections, None, excess);
        }
    }

    /// Closes those of an address, or of all, whose turn comes first: `excess` and some more.
    fn give_way(
        &self,
        rows: &mut Rows,
        shortage: Shortage,
        address: Option<Address>,
        excess: usize,
    ) {
        let now = self.core.clock.now().boot;
        let concerned =
            |connection: &Connection| address.is_none_or(|address| connection.address == address);
        let open = rows.open.iter().filter(|(_, connection)| concerned(connection));
        let candidates = open.filter_map(|(id, connection)| Some((connection.turn(now)?, *id)));
        let chosen = progress::first(candidates.collect(), excess + self.most.batch());
        if chosen.is_empty() {
            return;
        }
        self.let_go(rows, shortage, chosen, now);
    }

    fn let_go(&self, rows: &mut Rows, shortage: Shortage, chosen: Vec<u64>, now: Duration) {
        let reason = shortage.as_str();
        let metric = self.core.metrics.connections_gave_way.with_label_values(&[reason]);
        metric.inc_by(chosen.len() as u64);
        for id in chosen {
            rows.cut(id, Cut::GivesWay);
        }
        if rows.said.is_none_or(|said| now >= said + SAY_AGAIN) {
            rows.said = Some(now);
            let (open, most) = (rows.open.len(), self.most.total);
            tracing::warn!(reason, open, most, "idle and slow connections give way to new ones");
        }
    }

    /// Whether bodies wait for room.
    pub(super) fn bodies_wait(&self) -> bool {
        self.shared.bodies.wait()
    }

    /// Waits until the unread answers hold too much.
    pub(super) async fn answers_are_full(&self) {
        self.shared.answers.full().await;
    }

    /// Lets the oldest unread answers give way if all together hold too much.
    pub(super) fn make_room_for_answers(&self) {
        if !self.shared.answers.is_full() {
            return;
        }
        let mut rows = self.lock();
        let unread = rows.open.iter().filter_map(|(id, connection)| {
            let (made, held) = connection.unread()?;
            Some((made, held, *id))
        });
        let chosen = self.shared.answers.too_many(unread.collect());
        if !chosen.is_empty() {
            self.let_go(&mut rows, Shortage::Memory, chosen, self.core.clock.now().boot);
        }
    }

    /// Makes room where the system has no file left for a connection.
    pub(super) fn free_files(&self) {
        self.give_way(&mut self.lock(), Shortage::Files, None, 0);
    }

    /// Waits until one more connection may be accepted. That takes a moment while others close; it takes
    /// longer only while we work on the requests of nearly all of them.
    pub(super) async fn has_room(&self) {
        loop {
            {
                let mut rows = self.lock();
                if rows.open.len() < self.most.spare().end {
                    return;
                }
                self.make_room(&mut rows);
            }
            let clock = &self.core.clock;
            let again = clock.sleep_until(clock.now().boot + PATIENCE / 4);
            tokio::select! { () = again => {}, () = self.left() => {} }
        }
    }

    /// Waits until a connection has closed.
    pub(super) async fn left(&self) {
        self.left.notified().await;
    }

    /// Closes those whose clients have taken too long, and those that hold room for which others wait.
    pub(super) fn look(&self) {
        let now = self.core.clock.now().boot;
        let mut rows = self.lock();
        let open = rows.open.iter().filter(|(_, connection)| connection.lingers(now));
        let lingering: Vec<u64> = open.map(|(id, _)| *id).collect();
        if !lingering.is_empty() {
            self.let_go(&mut rows, Shortage::Memory, lingering, now);
        }
        let late: Vec<(u64, Phase)> = rows
            .open
            .iter()
            .filter_map(|(id, connection)| Some((*id, connection.look(now)?)))
            .collect();
        for (id, phase) in late {
            let labels = [phase.as_str()];
            self.core.metrics.connections_timed_out.with_label_values(&labels).inc();
            // A body's request is answered, which ends the connection too.
            if phase != Phase::Body {
                rows.cut(id, Cut::Late);
            }
        }
    }

    /// Closes all, whatever they are at.
    pub(super) fn close_all(&self) {
        let mut rows = self.lock();
        let open: Vec<u64> = rows.open.keys().copied().collect();
        for id in open {
            rows.cut(id, Cut::Stop);
        }
    }
}

/// A connection's place in the table, which its task holds as long as it is open.
pub(super) struct Place {
    table: Arc<Table>,
    id: u64,
    connection: Arc<Connection>,
}

impl Place {
    pub(super) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    /// Waits until the connection has to be closed.
    pub(super) async fn is_cut(&self) {
        loop {
            self.connection.is_cut().await;
            let mut rows = self.table.lock();
            if !self.connection.is_served_after_all() {
                return;
            }
            rows.leaving -= 1;
            rows.count(self.connection.address);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut rows = self.table.lock();
        rows.open.remove(&self.id);
        if self.connection.leaves() {
            rows.leaving -= 1;
        } else {
            rows.discount(self.connection.address);
        }
        self.table.core.metrics.connections_open.dec();
        drop(rows);
        self.table.left.notify_one();
    }
}
