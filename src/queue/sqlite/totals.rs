//! The totals, written once for all commands of a transaction, or of several.
//!
//! A command's counts stand apart until the command is done, so that those of a refused command
//! are dropped with its rows. The counts of accepts can be put off: they are those of the deliveries
//! behind the last one that was counted, which is how a reader and the next start find them.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::failure::Failure;
use crate::queue::{Origin, State};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Counter {
    /// Deliveries created, by origin.
    Accepted(Origin),
    /// Deliveries settled, by how.
    Settled(State),
    /// Deliveries queued, by their target's number.
    Queued(i64),
    /// The bytes of what is queued.
    QueuedBytes,
}

/// The highest total that can be right: far more than any disk holds, and far less than a sum can take.
pub(super) const MOST: i64 = 1 << 53;

/// What is queued in all.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Queued {
    /// Deliveries.
    pub(super) deliveries: i64,
    /// Their bytes.
    pub(super) bytes: i64,
}

impl Queued {
    /// As the tables have it.
    pub(super) fn read(tx: &Connection) -> Result<Self, Failure> {
        let sql = "SELECT (SELECT coalesce(sum(queued), 0) FROM target),
          (SELECT coalesce(sum(n), 0) FROM total WHERE kind = 'queued')";
        Ok(tx.query_row(sql, [], |row| Ok(Self { deliveries: row.get(0)?, bytes: row.get(1)? }))?)
    }

    fn count(&mut self, counter: Counter, n: i64) {
        match counter {
            Counter::Queued(_) => self.deliveries += n,
            Counter::QueuedBytes => self.bytes += n,
            Counter::Accepted(_) | Counter::Settled(_) => {}
        }
    }

    fn plus(self, other: Self) -> Self {
        Self { deliveries: self.deliveries + other.deliveries, bytes: self.bytes + other.bytes }
    }
}

/// Counts that are not written yet.
#[derive(Debug, Default)]
pub(super) struct Totals {
    /// What is queued by transactions that stand.
    stands: Queued,
    /// By how much the transaction changes it.
    changed: Queued,
    /// Those of transactions that stand.
    put_off: BTreeMap<Counter, i64>,
    /// Those of the transaction.
    counts: BTreeMap<Counter, i64>,
    /// Whether the transaction has written those that were put off.
    written: bool,
    /// Those of the command that runs.
    command: Vec<(Counter, i64)>,
}

impl Totals {
    /// The totals of a database that has this queued.
    pub(super) fn new(stands: Queued) -> Self {
        Self { stands, ..Self::default() }
    }

    /// What is queued, with what the commands of the transaction have done.
    pub(super) fn queued(&self) -> Queued {
        self.stands.plus(self.changed)
    }

    /// A delivery of so many bytes was created.
    pub(super) fn accepted(&mut self, target: i64, origin: Origin, bytes: usize) {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.command.extend([
            (Counter::Accepted(origin), 1),
            (Counter::Queued(target), 1),
            (Counter::QueuedBytes, bytes),
        ]);
    }

    /// A queued delivery of so many bytes was settled.
    pub(super) fn settled(&mut self, target: i64, state: State, bytes: i64) {
        self.command.extend([
            (Counter::Settled(state), 1),
            (Counter::Queued(target), -1),
            (Counter::QueuedBytes, -bytes),
        ]);
    }

    /// The command that runs is done.
    pub(super) fn keep(&mut self) {
        for (counter, n) in &self.command {
            self.changed.count(*counter, *n);
        }
        add_up(&mut self.counts, self.command.drain(..));
    }

    /// The command that runs was refused.
    pub(super) fn drop_command(&mut self) {
        self.command.clear();
    }

    /// How many deliveries are accepted and not counted.
    pub(super) fn uncounted(&self) -> i64 {
        let accepted = Counter::Accepted(Origin::Notification);
        let counted_in = |counts: &BTreeMap<Counter, i64>| counts.get(&accepted).copied();
        [&self.put_off, &self.counts].into_iter().filter_map(counted_in).sum()
    }

    /// The transaction was rolled back.
    pub(super) fn clear(&mut self) {
        self.command.clear();
        self.counts.clear();
        self.changed = Queued::default();
        self.written = false;
    }

    /// The transaction stands; what it did not write is put off.
    pub(super) fn committed(&mut self) {
        if std::mem::take(&mut self.written) {
            self.put_off.clear();
        }
        add_up(&mut self.put_off, std::mem::take(&mut self.counts));
        self.stands = self.queued();
        self.changed = Queued::default();
    }

    /// Adds all of them to their rows, also those of the command that runs.
    pub(super) fn write(&mut self, tx: &Connection) -> Result<(), Failure> {
        self.keep();
        let mut counts = std::mem::take(&mut self.counts);
        if !std::mem::replace(&mut self.written, true) {
            add_up(&mut counts, self.put_off.iter().map(|(counter, n)| (*counter, *n)));
        }
        for (counter, n) in counts {
            match counter {
                Counter::Accepted(origin) => add(tx, "accepted", origin.as_str(), n)?,
                Counter::Settled(state) => add(tx, "settled", state.as_str(), n)?,
                Counter::Queued(target) => add_queued(tx, target, n)?,
                Counter::QueuedBytes => add(tx, "queued", "bytes", n)?,
            }
        }
        Ok(())
    }
}

fn add_up(sums: &mut BTreeMap<Counter, i64>, counts: impl IntoIterator<Item = (Counter, i64)>) {
    for (counter, n) in counts {
        *sums.entry(counter).or_default() += n;
    }
}

/// Counts the deliveries that the process before accepted last and did not count.
pub(super) fn count_rest(tx: &Connection) -> Result<(), Failure> {
    let rest: i64 = tx.query_row(REST, [], |row| row.get(0))?;
    if rest == 0 {
        return Ok(());
    }
    add(tx, "accepted", Origin::Notification.as_str(), rest)?;
    let bytes = tx.query_row("SELECT sum(bytes) FROM uncounted", [], |row| row.get(0))?;
    add(tx, "queued", "bytes", bytes)?;
    tx.execute(
        "UPDATE target SET queued = queued + n FROM uncounted WHERE uncounted.target = target.id",
        [],
    )?;
    // The states of the notifications that were not counted are in no table yet.
    tx.execute(
        "UPDATE store SET
           states_from = min(states_from, last_notification + 1),
           last_ms = max(last_ms,
             (SELECT max(accepted_ms) FROM delivery WHERE id > last_delivery)),
           last_notification = (SELECT max(id) FROM notification),
           last_delivery = (SELECT max(id) FROM delivery)",
        [],
    )?;
    Ok(())
}

/// Fails when the totals contradict each other, as they do when a page of them is lost.
pub(super) fn check(tx: &Connection) -> Result<(), Failure> {
    let sql = "SELECT
      (SELECT coalesce(sum(iif(kind = 'accepted', n, -n)), 0) FROM total
       WHERE kind IN ('accepted', 'settled'))
      - (SELECT coalesce(sum(queued), 0) FROM target)";
    let left: i64 = tx.query_row(sql, [], |row| row.get(0))?;
    let Queued { bytes, .. } = Queued::read(tx)?;
    if !(0..=MOST).contains(&bytes) {
        return Err(Failure::Missing(format!(
            "the totals of the database cannot be right: {bytes} bytes are queued"
        )));
    }
    if left == 0 {
        return Ok(());
    }
    Err(Failure::Missing(format!(
        "the totals of the database do not add up: {left} more deliveries were accepted than were \
         settled or are queued"
    )))
}

/// How many deliveries stand behind the last one that was counted.
pub(super) const REST: &str = "SELECT coalesce(sum(n), 0) FROM uncounted";

/// Rows of totals are never deleted.
fn add(tx: &Connection, kind: &str, word: &str, n: i64) -> Result<(), Failure> {
    tx.prepare_cached(
        "INSERT INTO total (kind, word, n) VALUES (?1, ?2, ?3)
         ON CONFLICT (kind, word) DO UPDATE SET n = n + excluded.n",
    )?
    .execute(params![kind, word, n])?;
    Ok(())
}

fn add_queued(tx: &Connection, target: i64, n: i64) -> Result<(), Failure> {
    if n != 0 {
        tx.prepare_cached("UPDATE target SET queued = queued + ?2 WHERE id = ?1")?
            .execute([target, n])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::*;

    const TARGET: i64 = 1;

    struct World {
        connection: Connection,
        totals: Totals,
    }

    impl World {
        fn new() -> Self {
            let connection = Connection::open_in_memory().unwrap();
            schema::migrate(&connection, 0).unwrap();
            let sql = "INSERT INTO target (id, receiver, destination) VALUES (?1, 'ops', 'a')";
            connection.execute(sql, [TARGET]).unwrap();
            Self { connection, totals: Totals::default() }
        }

        /// One transaction that accepts so many, and may write what was counted.
        fn transaction(&mut self, accepted: usize, writes: bool, stands: bool) {
            self.connection.execute_batch("BEGIN").unwrap();
            for _ in 0..accepted {
                self.totals.accepted(TARGET, Origin::Notification, 10);
                self.totals.keep();
            }
            if writes {
                self.totals.write(&self.connection).unwrap();
            }
            if stands {
                self.connection.execute_batch("COMMIT").unwrap();
                self.totals.committed();
            } else {
                self.connection.execute_batch("ROLLBACK").unwrap();
                self.totals.clear();
            }
        }

        fn written(&self) -> (i64, i64) {
            let sql =
                "SELECT queued, (SELECT coalesce(sum(n), 0) FROM total WHERE kind <> 'queued')
              FROM target";
            self.connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
        }
    }

    #[test]
    fn what_was_put_off_is_written_once_whatever_is_undone() {
        let mut world = World::new();
        world.transaction(2, false, true);
        world.transaction(4, false, false);
        assert_eq!((world.totals.uncounted(), world.written()), (2, (0, 0)));
        world.transaction(8, true, false);
        assert_eq!((world.totals.uncounted(), world.written()), (2, (0, 0)));
        world.transaction(16, true, true);
        assert_eq!((world.totals.uncounted(), world.written()), (0, (18, 18)));
        world.transaction(0, true, true);
        assert_eq!(world.written(), (18, 18));
        let queued = Queued { deliveries: 18, bytes: 180 };
        assert_eq!(world.totals.queued(), queued);
        assert_eq!(Queued::read(&world.connection).unwrap(), queued);
    }

    #[test]
    fn a_command_that_was_refused_is_not_counted() {
        let mut world = World::new();
        world.totals.accepted(TARGET, Origin::Replay, 10);
        world.totals.drop_command();
        world.transaction(1, true, true);
        assert_eq!(world.written(), (1, 1));
        assert_eq!(world.totals.queued(), Queued { deliveries: 1, bytes: 10 });
    }
}
