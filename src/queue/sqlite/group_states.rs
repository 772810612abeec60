//! The last accepted state of each alert group, by which duplicates are known.
//!
//! The table `group_state` is in the order of the groups, which are hashes, so a state that is
//! written alone writes a page alone. Therefore new states wait in memory, generation by generation,
//! and go to the table in the order of their groups, many to a page. Until then the row of their
//! notification has them, and the next start writes them from there.

use std::collections::{BTreeMap, HashMap};

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, params};

use super::failure::Failure;
use crate::queue::StateHash;

/// How many states make a generation. Two generations are in memory, about 5 MiB, and as many states
/// are written at a start, which takes a tenth of a second or two.
const GENERATION: usize = 16_384;

/// In how many rounds a generation goes to the table: few, since a round writes a page at least.
const ROUNDS: usize = 64;

impl ToSql for StateHash {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0)))
    }
}

/// A group's state when it was accepted last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GroupState {
    /// Which one.
    pub(super) state: StateHash,
    /// The notification's id.
    pub(super) notification: String,
    /// The notification's number; of two states of a group, the higher one is the last.
    pub(super) number: i64,
    /// Steady time.
    pub(super) accepted_ms: i64,
}

/// The states that the table does not have yet.
#[derive(Debug)]
pub(super) struct GroupStates {
    generation: usize,
    /// Those that were accepted last.
    young: HashMap<i64, GroupState>,
    /// How many states the young generation has taken in, those of one group counted each time.
    taken: usize,
    /// Whether the young generation is old after this transaction, full or not.
    turns_at_commit: bool,
    /// The highest number of a notification that had a state in memory.
    newest: i64,
    /// The generation before, which is on its way to the table.
    old: BTreeMap<i64, GroupState>,
    /// The numbers of the notifications with which the old and the young generation began.
    began: (i64, i64),
    /// How to undo what the transaction has changed; no command that changes a state is refused.
    undo: Vec<Undo>,
}

#[derive(Debug)]
enum Undo {
    /// The young generation had this of the group before.
    Young(i64, Option<GroupState>),
    /// The old generation had this.
    Old(i64, GroupState),
}

impl Default for GroupStates {
    fn default() -> Self {
        Self::new(GENERATION)
    }
}

impl GroupStates {
    fn new(generation: usize) -> Self {
        Self {
            generation,
            young: HashMap::new(),
            taken: 0,
            turns_at_commit: false,
            newest: i64::MIN,
            old: BTreeMap::new(),
            began: (i64::MAX, i64::MAX),
            undo: Vec::new(),
        }
    }

    /// The notification by which the group came into this same state after `since`.
    pub(super) fn duplicate_of(
        &self,
        tx: &Connection,
        group: i64,
        state: StateHash,
        since: i64,
    ) -> Result<Option<String>, Failure> {
        if let Some(last) = self.young.get(&group).or_else(|| self.old.get(&group)) {
            let same = last.state == state && last.accepted_ms > since;
            return Ok(same.then(|| last.notification.clone()));
        }
        let mut statement = tx.prepare_cached(
            "SELECT notification FROM group_state
             WHERE alert_group = ?1 AND state = ?2 AND accepted_ms > ?3",
        )?;
        Ok(statement.query_row(params![group, state, since], |row| row.get(0)).optional()?)
    }

    /// Whether the group came into another state than this one after `since`.
    pub(super) fn is_in_another(
        &self,
        tx: &Connection,
        group: i64,
        state: StateHash,
        since: i64,
    ) -> Result<bool, Failure> {
        if let Some(last) = self.young.get(&group).or_else(|| self.old.get(&group)) {
            return Ok(last.state != state && last.accepted_ms > since);
        }
        let mut statement = tx.prepare_cached(
            "SELECT 1 FROM group_state
             WHERE alert_group = ?1 AND state <> ?2 AND accepted_ms > ?3",
        )?;
        Ok(statement.exists(params![group, state, since])?)
    }

    /// The group's last state, if it is known.
    pub(super) fn last(&self, tx: &Connection, group: i64) -> Result<Option<StateHash>, Failure> {
        if let Some(last) = self.young.get(&group).or_else(|| self.old.get(&group)) {
            return Ok(Some(last.state));
        }
        let sql = "SELECT state FROM group_state WHERE alert_group = ?1";
        let mut statement = tx.prepare_cached(sql)?;
        let state: Option<Vec<u8>> = statement.query_row([group], |row| row.get(0)).optional()?;
        // One that cannot be read tells nothing.
        Ok(state.and_then(|state| state.first_chunk().copied().map(StateHash)))
    }

    /// The group is in this state now; the row of this notification says so too.
    pub(super) fn remember(&mut self, group: i64, state: GroupState) {
        if self.young.is_empty() {
            self.began.1 = state.number;
        }
        self.taken += 1;
        self.newest = self.newest.max(state.number);
        let before = self.young.insert(group, state);
        self.undo.push(Undo::Young(group, before));
    }

    /// Writes as many old states as keep pace with the new ones, several at a time.
    pub(super) fn write_due(&mut self, tx: &Connection) -> Result<(), Failure> {
        let left = self.generation.saturating_sub(self.taken);
        if left > 0 && self.old.len() < left + self.round() {
            return Ok(());
        }
        self.write_old(tx, left)
    }

    /// Writes some, if the notification that is about to be deleted may hold one that the table does not
    /// have; whether it may be deleted now, or has to wait for a later transaction.
    pub(super) fn write_before_deletion(
        &mut self,
        tx: &Connection,
        notification: i64,
    ) -> Result<bool, Failure> {
        if self.may_hold(notification) {
            self.turns_at_commit = self.old.is_empty();
            self.write_old(tx, self.old.len().saturating_sub(self.round()))?;
        }
        Ok(!self.may_hold(notification))
    }

    /// Whether the row of this notification may hold a state that the table does not have.
    fn may_hold(&self, notification: i64) -> bool {
        (self.first_notification()..=self.newest).contains(&notification)
    }

    /// How many states a transaction writes, which may be on a page each.
    fn round(&self) -> usize {
        self.generation.div_ceil(ROUNDS)
    }

    /// Writes old states in the order of their groups until so many are left.
    fn write_old(&mut self, tx: &Connection, left: usize) -> Result<(), Failure> {
        while self.old.len() > left
            && let Some(first) = self.old.first_entry()
        {
            put(tx, *first.key(), first.get())?;
            let (group, state) = first.remove_entry();
            self.undo.push(Undo::Old(group, state));
        }
        Ok(())
    }

    /// The first notification that may hold a state which the table does not have.
    pub(super) fn first_notification(&self) -> i64 {
        match (self.old.is_empty(), self.young.is_empty()) {
            (false, _) => self.began.0,
            (true, false) => self.began.1,
            (true, true) => i64::MAX,
        }
    }

    /// The transaction was rolled back.
    pub(super) fn clear(&mut self) {
        self.turns_at_commit = false;
        for undo in std::mem::take(&mut self.undo).into_iter().rev() {
            match undo {
                Undo::Young(group, Some(state)) => drop(self.young.insert(group, state)),
                Undo::Young(group, None) => drop(self.young.remove(&group)),
                Undo::Old(group, state) => drop(self.old.insert(group, state)),
            }
        }
    }

    /// The transaction stands; a full generation is old from now on.
    pub(super) fn committed(&mut self) {
        self.undo.clear();
        if std::mem::take(&mut self.turns_at_commit) || self.taken >= self.generation {
            self.old.extend(self.young.drain());
            self.taken = 0;
            self.began = (self.began.1, i64::MAX);
        }
    }
}

/// Writes the states that were in memory when the process before ended, those of the notifications
/// from number `first` on.
pub(super) fn write_from(tx: &Connection, first: i64) -> Result<(), Failure> {
    let sql = "SELECT uuid, id, accepted_ms, states FROM notification
      WHERE id >= ?1 ORDER BY id DESC";
    let mut statement = tx.prepare(sql)?;
    let mut rows = statement.query([first])?;
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (notification, number, accepted_ms): (String, _, _) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        for (group, state) in from_bytes(&row.get::<_, Vec<u8>>(3)?) {
            let notification = notification.clone();
            // The newest notification of a group comes first.
            found.entry(group).or_insert(GroupState { state, notification, number, accepted_ms });
        }
    }
    for (group, state) in found {
        if !has_newer(tx, group, state.number)? {
            put(tx, group, &state)?;
        }
    }
    Ok(())
}

/// Whether the table has the state of this notification or of a later one, which may be deleted.
fn has_newer(tx: &Connection, group: i64, number: i64) -> Result<bool, Failure> {
    let sql = "SELECT 1 FROM group_state WHERE alert_group = ?1 AND number >= ?2";
    Ok(tx.prepare_cached(sql)?.exists([group, number])?)
}

fn put(tx: &Connection, group: i64, state: &GroupState) -> Result<(), Failure> {
    let GroupState { state, notification, number, accepted_ms } = state;
    tx.prepare_cached(
        "INSERT OR REPLACE INTO group_state (alert_group, state, notification, number, accepted_ms)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![group, state, notification, number, accepted_ms])?;
    Ok(())
}

/// The states of a notification's groups, as its row has them: of each, eight bytes of the group,
/// the highest first, and 16 of the state.
pub(super) fn to_bytes(states: &[(i64, StateHash)]) -> Vec<u8> {
    states
        .iter()
        .flat_map(|(group, state)| group.to_be_bytes().into_iter().chain(state.0))
        .collect()
}

/// Bytes that cannot be read cost the knowledge of a duplicate, and are no reason not to start.
fn from_bytes(bytes: &[u8]) -> impl Iterator<Item = (i64, StateHash)> {
    let (states, _rest) = bytes.as_chunks::<24>();
    states.iter().filter_map(|state| {
        let (group, state) = state.split_first_chunk()?;
        Some((i64::from_be_bytes(*group), StateHash(state.first_chunk().copied()?)))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::schema;
    use super::*;

    /// A generation that turns often.
    const FEW: usize = 4;

    /// What happens to the store.
    #[derive(Debug, Clone)]
    enum Step {
        /// Commands in one transaction.
        Transaction { commands: Vec<Command>, committed: bool },
        /// The process ends and starts again.
        Restart,
    }

    #[derive(Debug, Clone)]
    enum Command {
        /// A notification of this group, in another state than before.
        Accept(i64),
        /// The notification with this place among those that are left goes.
        Delete(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        let command = prop_oneof![
            4 => (0..12_i64).prop_map(Command::Accept),
            1 => (0..8_usize).prop_map(Command::Delete),
        ];
        let commands = prop::collection::vec(command, 1..5);
        prop_oneof![
            8 => (commands, prop::bool::weighted(0.8))
                .prop_map(|(commands, committed)| Step::Transaction { commands, committed }),
            1 => Just(Step::Restart),
        ]
    }

    struct World {
        connection: Connection,
        states: GroupStates,
        /// The last state of each group, which is the number of its notification too.
        model: BTreeMap<i64, i64>,
        last: i64,
        /// What the last commit says of the first notification with a state in memory.
        first: i64,
    }

    /// When a notification was accepted; several come in one millisecond.
    fn time_of(number: i64) -> i64 {
        number / 5
    }

    /// A state of its own for each number.
    fn state_of(number: i64) -> StateHash {
        StateHash(i128::from(number).to_be_bytes())
    }

    impl World {
        fn new() -> Self {
            let connection = Connection::open_in_memory().unwrap();
            schema::migrate(&connection, 0).unwrap();
            let (states, model) = (GroupStates::new(FEW), BTreeMap::new());
            Self { connection, states, model, last: 0, first: 0 }
        }

        fn take(&mut self, step: &Step) {
            match step {
                Step::Transaction { commands, committed } => self.transaction(commands, *committed),
                Step::Restart => {
                    write_from(&self.connection, self.first).unwrap();
                    self.states = GroupStates::new(FEW);
                }
            }
        }

        fn transaction(&mut self, commands: &[Command], committed: bool) {
            let before = self.model.clone();
            self.connection.execute_batch("BEGIN").unwrap();
            for command in commands {
                match command {
                    Command::Accept(group) => self.accept(*group),
                    Command::Delete(place) => self.delete(*place),
                }
            }
            self.states.write_due(&self.connection).unwrap();
            self.connection.execute_batch(if committed { "COMMIT" } else { "ROLLBACK" }).unwrap();
            if committed {
                self.first = self.states.first_notification();
                self.states.committed();
            } else {
                self.states.clear();
                self.model = before;
            }
        }

        fn accept(&mut self, group: i64) {
            self.last += 1;
            let (number, id, accepted_ms) = (self.last, self.last.to_string(), time_of(self.last));
            let state = state_of(self.last);
            let states = to_bytes(&[(group, state)]);
            let sql = "INSERT INTO notification VALUES (?1, ?2, '', 1, ?3, ?4, '', x'')";
            self.connection.execute(sql, params![number, id, accepted_ms, states]).unwrap();
            let notification = id;
            self.states.remember(group, GroupState { state, notification, number, accepted_ms });
            self.model.insert(group, number);
        }

        fn delete(&mut self, place: usize) {
            let sql = "SELECT id FROM notification ORDER BY id DESC LIMIT 1 OFFSET ?1";
            let found = self.connection.query_row(sql, [place], |row| row.get(0)).optional();
            if let Some(id) = found.unwrap()
                && self.states.write_before_deletion(&self.connection, id).unwrap()
            {
                self.connection.execute("DELETE FROM notification WHERE id = ?1", [id]).unwrap();
            }
        }

        fn assert_known(&self) {
            for (group, last) in &self.model {
                let found = |state: i64, since| {
                    let states = &self.states;
                    states.duplicate_of(&self.connection, *group, state_of(state), since).unwrap()
                };
                let time = time_of(*last);
                assert_eq!(found(*last, time - 1), Some(last.to_string()), "of group {group}");
                assert_eq!(found(*last, time), None, "too long ago");
                assert_eq!(found(-1, 0), None, "another state");
                let other = |state: i64, since| {
                    let (states, tx) = (&self.states, &self.connection);
                    states.is_in_another(tx, *group, state_of(state), since).unwrap()
                };
                assert_eq!(
                    [other(-1, time - 1), other(-1, time), other(*last, 0)],
                    [true, false, false]
                );
                let known = self.states.last(&self.connection, *group).unwrap();
                assert_eq!(known, Some(state_of(*last)), "of group {group}");
            }
        }
    }

    proptest! {
        #[test]
        fn the_last_committed_state_of_each_group_is_known_whatever_happens(
            steps in prop::collection::vec(step(), 1..60)
        ) {
            let mut world = World::new();
            for step in &steps {
                world.take(step);
                world.assert_known();
                // A step has fewer groups than a generation has states.
                prop_assert!(world.states.young.len() + world.states.old.len() <= 4 * FEW);
            }
        }
    }

    #[test]
    fn states_go_to_the_table_in_the_order_of_their_groups() {
        let mut world = World::new();
        let in_table = |world: &World| -> Vec<i64> {
            let sql = "SELECT alert_group FROM group_state ORDER BY alert_group";
            let mut statement = world.connection.prepare(sql).unwrap();
            let groups = statement.query_map([], |row| row.get(0)).unwrap();
            groups.collect::<Result<_, _>>().unwrap()
        };
        let accept = |world: &mut World, groups: &[i64]| {
            let commands = groups.iter().copied().map(Command::Accept).collect();
            world.take(&Step::Transaction { commands, committed: true });
        };
        accept(&mut world, &[40, 10, 30, 20]);
        assert_eq!(in_table(&world), [0; 0], "a generation is full");
        accept(&mut world, &[25]);
        assert_eq!(in_table(&world), [10]);
        accept(&mut world, &[5, 35]);
        assert_eq!(in_table(&world), [10, 20, 30]);
    }

    #[test]
    fn a_deletion_waits_until_the_states_before_it_are_written_a_few_at_a_time() {
        let mut world = World::new();
        world.states = GroupStates::new(8 * ROUNDS);
        let count = |world: &World, table| {
            let sql = format!("SELECT count(*) FROM {table}");
            world.connection.query_row(&sql, [], |row| row.get::<_, usize>(0)).unwrap()
        };
        let commands = (0..20).map(Command::Accept).collect();
        world.take(&Step::Transaction { commands, committed: true });
        // A damaged row can name a notification that never was.
        assert!(world.states.write_before_deletion(&world.connection, 1 << 40).unwrap());
        let mut written = Vec::new();
        while count(&world, "notification") == 20 {
            let commands = vec![Command::Delete(19)];
            world.take(&Step::Transaction { commands, committed: written.len() != 2 });
            written.push(count(&world, "group_state"));
            world.assert_known();
        }
        // The first one makes a generation of them, and the third one is undone.
        assert_eq!(written, [0, 8, 8, 16, 20]);
    }

    #[test]
    fn a_row_that_cannot_be_read_costs_no_start() {
        let world = World::new();
        let sql = "INSERT INTO notification VALUES (1, 'n', '', 1, 1, x'00010203', '', x'')";
        world.connection.execute(sql, []).unwrap();
        write_from(&world.connection, 0).unwrap();
    }
}
