//! Which alert groups of each target have a delivery that is next, in the writer's memory.
//!
//! An index on the disk would answer the same, and each new group would write a page of its own in
//! it, because groups are hashes. What an undone transaction or a refused command changed is put
//! back, so that the rows and this memory never differ.

use std::collections::{HashMap, HashSet};

use rusqlite::Connection;

use super::failure::Failure;

/// The groups with a next delivery, by their target's number.
#[derive(Debug, Default)]
pub(super) struct Heads {
    of_target: HashMap<i64, HashSet<i64>>,
    /// What the transaction has changed, in its order.
    changes: Vec<Change>,
    /// How many of the changes were made by commands that are done.
    kept: usize,
}

#[derive(Debug, Clone, Copy)]
struct Change {
    target: i64,
    group: i64,
    added: bool,
}

/// Every group that has a next delivery, read from the index `delivery_head` alone.
pub(super) const ALL: &str = "SELECT target, alert_group FROM delivery WHERE head = 1";

impl Heads {
    /// The groups as the rows have them.
    pub(super) fn read(connection: &Connection) -> Result<Self, Failure> {
        let mut heads = Self::default();
        let mut statement = connection.prepare(ALL)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            heads.put(row.get(0)?, row.get(1)?);
        }
        Ok(heads)
    }

    /// The group has a next delivery from now on; false if it has one already.
    pub(super) fn add(&mut self, target: i64, group: i64) -> bool {
        let added = self.put(target, group);
        if added {
            self.changes.push(Change { target, group, added });
        }
        added
    }

    /// The group has no next delivery any more.
    pub(super) fn remove(&mut self, target: i64, group: i64) {
        if self.take(target, group) {
            self.changes.push(Change { target, group, added: false });
        }
    }

    /// The command that runs is done.
    pub(super) fn keep(&mut self) {
        self.kept = self.changes.len();
    }

    /// The command that runs was refused, and its rows are undone.
    pub(super) fn drop_command(&mut self) {
        self.undo(self.kept);
    }

    /// The transaction was rolled back.
    pub(super) fn clear(&mut self) {
        self.undo(0);
        self.kept = 0;
    }

    /// The transaction stands.
    pub(super) fn committed(&mut self) {
        self.changes.clear();
        self.kept = 0;
    }

    fn put(&mut self, target: i64, group: i64) -> bool {
        self.of_target.entry(target).or_default().insert(group)
    }

    /// A target that has drained gives its memory back.
    fn take(&mut self, target: i64, group: i64) -> bool {
        let Some(groups) = self.of_target.get_mut(&target) else { return false };
        let taken = groups.remove(&group);
        if groups.is_empty() {
            self.of_target.remove(&target);
        }
        taken
    }

    fn undo(&mut self, from: usize) {
        for Change { target, group, added } in self.changes.split_off(from).into_iter().rev() {
            if added {
                self.take(target, group)
            } else {
                self.put(target, group)
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(heads: &Heads, target: i64, group: i64) -> bool {
        heads.of_target.get(&target).is_some_and(|groups| groups.contains(&group))
    }

    #[test]
    fn a_group_has_one_next_delivery_for_each_target() {
        let mut heads = Heads::default();
        assert!(heads.add(1, 7) && heads.add(2, 7) && heads.add(1, 8));
        assert!(!heads.add(1, 7), "one is there already");
        heads.remove(1, 7);
        assert!(heads.add(1, 7));
    }

    #[test]
    fn a_refused_command_undoes_its_own_changes_alone() {
        let mut heads = Heads::default();
        heads.add(1, 7);
        heads.keep();
        heads.remove(1, 7);
        heads.add(1, 8);
        heads.drop_command();
        assert!(has(&heads, 1, 7) && !has(&heads, 1, 8));
    }

    #[test]
    fn a_transaction_that_is_rolled_back_leaves_what_was_there_before_it() {
        let mut heads = Heads::default();
        heads.add(1, 7);
        heads.keep();
        heads.committed();
        heads.remove(1, 7);
        heads.keep();
        heads.add(1, 7);
        heads.add(2, 9);
        heads.remove(1, 7);
        heads.clear();
        assert!(has(&heads, 1, 7) && !has(&heads, 2, 9));
        heads.remove(1, 7);
        heads.committed();
        assert!(heads.of_target.is_empty());
    }
}
