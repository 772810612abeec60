//! What the writer works on: the connection, and what it remembers between commands.
//!
//! Everything that is remembered can be read from the tables again. When a transaction is rolled back,
//! each memory undoes its own changes and the targets are read again, so that nothing remembered
//! outlives what was undone.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::Deref;

use rusqlite::{Connection, OptionalExtension, params};

use super::failure::Failure;
use super::group_states::GroupStates;
use super::heads::Heads;
use super::job::Counting;
use super::schedule::Schedule;
use super::totals::{Queued, Totals};
use crate::queue::{DeclaredLane, DeliveryId, Target};

/// The most deliveries that are in no total: a reader counts them each time, in less than a
/// millisecond.
const MOST_UNCOUNTED: i64 = 1_000;

/// The writer's connection and memory; it derefs to the connection.
pub(super) struct Ledger {
    connection: Connection,
    /// What each lane has to do next.
    pub(super) schedule: RefCell<Schedule>,
    /// The schedule of the lanes before those that the transaction has declared.
    former: RefCell<Option<Schedule>>,
    /// Which groups have a delivery that is next.
    pub(super) heads: RefCell<Heads>,
    /// The last states of groups that are not in their table yet.
    pub(super) states: RefCell<GroupStates>,
    /// What was counted since the last flush.
    pub(super) totals: RefCell<Totals>,
    /// The ids that were given out last.
    pub(super) last_ids: LastIds,
    /// From where the clean-up of group states goes on.
    pub(super) swept: Cell<i64>,
    /// A delivery's number for each target: what is queued of it up to there was marked to be handed over.
    pub(super) marked: RefCell<HashMap<i64, i64>>,
    /// Whether a transaction was undone since the targets were read.
    undone: Cell<bool>,
    targets: RefCell<HashMap<Target, i64>>,
}

/// The last id of each kind; none is given out twice.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct LastIds {
    /// Of notifications.
    pub(super) notification: Cell<i64>,
    /// Of deliveries.
    pub(super) delivery: Cell<i64>,
    /// Of charges.
    pub(super) charge: Cell<i64>,
}

impl LastIds {
    fn go_on_from(&self, before: &Self) {
        for (id, before) in [
            (&self.notification, &before.notification),
            (&self.delivery, &before.delivery),
            (&self.charge, &before.charge),
        ] {
            id.set(id.get().max(before.get()));
        }
    }
}

/// The next id of a kind.
pub(super) fn next_id(last: &Cell<i64>) -> i64 {
    last.set(last.get() + 1);
    last.get()
}

impl Deref for Ledger {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl Ledger {
    /// The ledger of a database whose tables are there.
    pub(super) fn new(connection: Connection) -> Result<Self, Failure> {
        let heads = RefCell::new(Heads::read(&connection)?);
        let totals = RefCell::new(Totals::new(Queued::read(&connection)?));
        let ledger = Self {
            connection,
            heads,
            states: RefCell::default(),
            schedule: RefCell::default(),
            former: RefCell::default(),
            totals,
            last_ids: LastIds::default(),
            swept: Cell::new(i64::MIN),
            marked: RefCell::default(),
            undone: Cell::new(false),
            targets: RefCell::default(),
        };
        ledger.read_last_ids()?;
        ledger.read_targets()?;
        Ok(ledger)
    }

    /// Lets go of the database; until another is taken up there is an empty one in its place.
    pub(super) fn let_go(&mut self) -> Result<(), Failure> {
        drop(std::mem::replace(&mut self.connection, Connection::open_in_memory()?));
        Ok(())
    }

    /// Goes on with the database that took the place of the one before: its rows are read as at a
    /// start, the declared lanes stay, and no number is given out twice.
    pub(super) fn take_up(&mut self, connection: Connection) -> Result<(), Failure> {
        let Self { schedule, last_ids, .. } = std::mem::replace(self, Self::new(connection)?);
        self.schedule = schedule;
        self.last_ids.go_on_from(&last_ids);
        self.forget_targets()
    }

    /// The target's id; it gets one with its first delivery or park.
    pub(super) fn target(&self, target: &Target) -> Result<i64, Failure> {
        if let Some(id) = self.targets.borrow().get(target) {
            return Ok(*id);
        }
        let name = [&target.receiver, &target.destination];
        let found = self
            .prepare_cached("SELECT id FROM target WHERE receiver = ?1 AND destination = ?2")?
            .query_row(name, |row| row.get(0))
            .optional()?;
        let id = if let Some(id) = found {
            id
        } else {
            let robots = self.schedule.borrow().robots_of(target);
            let sql = "INSERT INTO target (receiver, destination, robots) VALUES (?1, ?2, ?3)";
            self.prepare_cached(sql)?.execute(params![name[0], name[1], robots])?;
            self.last_insert_rowid()
        };
        self.targets.borrow_mut().insert(target.clone(), id);
        self.schedule.borrow_mut().bind(target, id);
        Ok(id)
    }

    /// Something about the target's next delivery may have changed.
    pub(super) fn touch(&self, target: i64) {
        self.schedule.borrow_mut().touch(target);
    }

    /// The same of a delivery's target.
    pub(super) fn touch_delivery(&self, id: DeliveryId) -> Result<(), Failure> {
        let sql = "SELECT target FROM delivery WHERE id = ?1";
        let target = self.prepare_cached(sql)?.query_row([id.0], |row| row.get(0)).optional()?;
        if let Some(target) = target {
            self.touch(target);
        }
        Ok(())
    }

    /// Takes these lanes in place of those that were declared before, which are back if the transaction is
    /// undone.
    pub(super) fn declare(&self, lanes: &[DeclaredLane]) {
        let mut schedule = self.schedule.borrow_mut();
        let before = std::mem::take(&mut *schedule);
        let mut former = self.former.borrow_mut();
        if former.is_none() {
            *former = Some(before);
        }
        schedule.declare(lanes);
        for (target, id) in &*self.targets.borrow() {
            schedule.bind(target, *id);
        }
    }

    /// Writes the states of groups that are due, before a commit.
    pub(super) fn write_states(&self) -> Result<(), Failure> {
        self.states.borrow_mut().write_due(self)
    }

    /// Writes what was counted so far, for a command that reads it.
    pub(super) fn write_totals(&self) -> Result<(), Failure> {
        self.totals.borrow_mut().write(self)
    }

    /// Writes what was counted, unless that can be later and little was put off yet. `last_ms` is the
    /// time of the last change.
    pub(super) fn count(&self, last_ms: i64, counting: Counting) -> Result<(), Failure> {
        if counting == Counting::Later && self.totals.borrow().uncounted() < MOST_UNCOUNTED {
            return Ok(());
        }
        self.write_totals()?;
        self.write_last_ids(last_ms)
    }

    /// Writes the ids that were given out, where unwritten states begin, and the time of the last
    /// change.
    fn write_last_ids(&self, last_ms: i64) -> Result<(), Failure> {
        let LastIds { notification, delivery, charge } = &self.last_ids;
        self.prepare_cached(
            "UPDATE store SET last_ms = max(last_ms, ?1), last_notification = ?2,
               last_delivery = ?3, last_charge = ?4, states_from = ?5",
        )?
        .execute(params![
            last_ms,
            notification.get(),
            delivery.get(),
            charge.get(),
            self.states.borrow().first_notification(),
        ])?;
        Ok(())
    }

    /// The command that runs is done.
    pub(super) fn keep_command(&self) {
        self.totals.borrow_mut().keep();
        self.heads.borrow_mut().keep();
    }

    /// The command that runs was refused, and its rows are undone.
    pub(super) fn drop_command(&self) {
        self.totals.borrow_mut().drop_command();
        self.heads.borrow_mut().drop_command();
    }

    /// The transaction stands.
    pub(super) fn committed(&self) {
        self.totals.borrow_mut().committed();
        self.heads.borrow_mut().committed();
        self.states.borrow_mut().committed();
        *self.former.borrow_mut() = None;
    }

    /// A transaction was undone: what is remembered may not be true any more.
    pub(super) fn doubt(&self) {
        self.totals.borrow_mut().clear();
        self.heads.borrow_mut().clear();
        self.states.borrow_mut().clear();
        if let Some(former) = self.former.borrow_mut().take() {
            *self.schedule.borrow_mut() = former;
        }
        self.undone.set(true);
    }

    /// Reads again what an undone transaction may have changed.
    ///
    /// The last ids stay: those that were given out in it are left out.
    pub(super) fn read_again_after_undo(&self) -> Result<(), Failure> {
        if self.undone.get() {
            self.forget_targets()?;
            self.undone.set(false);
        }
        Ok(())
    }

    /// Forgets targets that were deleted.
    pub(super) fn forget_targets(&self) -> Result<(), Failure> {
        self.marked.borrow_mut().clear();
        self.schedule.borrow_mut().unbind();
        self.read_targets()
    }

    fn read_last_ids(&self) -> Result<(), Failure> {
        let sql = "SELECT last_notification, last_delivery, last_charge FROM store";
        let (notification, delivery, charge) =
            self.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        self.last_ids.notification.set(notification);
        self.last_ids.delivery.set(delivery);
        self.last_ids.charge.set(charge);
        Ok(())
    }

    fn read_targets(&self) -> Result<(), Failure> {
        let mut statement = self.prepare_cached("SELECT receiver, destination, id FROM target")?;
        let rows = statement.query_map([], |row| {
            Ok((Target { receiver: row.get(0)?, destination: row.get(1)? }, row.get(2)?))
        })?;
        let targets: HashMap<Target, i64> = rows.collect::<Result<_, _>>()?;
        let mut schedule = self.schedule.borrow_mut();
        for (target, id) in &targets {
            schedule.bind(target, *id);
        }
        *self.targets.borrow_mut() = targets;
        Ok(())
    }
}
