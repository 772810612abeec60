//! Which alert groups of each target have a delivery that is next, in the writer's memory.
//!
//! An index on the disk would answer the same, and each new group would write a page of its own in
//! it, because groups are hashes. What an undone transaction or a refused command changed is put
//! back, so that the rows and this memory never differ.

use std::collections::{HashMap, HashSet};

use rusqlite::Connection;

use super::failure::Failure;

/// The groups of each target that have a next delivery, or are carried by a digest.
#[derive(Debug, Default)]
pub(super) struct Heads {
    of_target: HashMap<i64, Groups>,
    /// What the transaction has changed, in its order.
    changes: Vec<Change>,
    /// How many of the changes were made by commands that are done.
    kept: usize,
}

/// The groups of one target for which nothing that is accepted may be sent yet.
#[derive(Debug, Default)]
struct Groups {
    /// One of their deliveries is the next.
    heads: HashSet<i64>,
    /// They wait for a digest that carries them.
    carried: HashSet<i64>,
}

#[derive(Debug, Clone, Copy)]
struct Change {
    target: i64,
    group: i64,
    to: Wait,
    added: bool,
}

/// What the deliveries of a group wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wait {
    Head,
    Digest,
}

/// Every group that has a next delivery, read from the index `delivery_head` alone.
pub(super) const ALL: &str = "SELECT target, alert_group FROM delivery WHERE head = 1";

/// Every group that a digest carries.
pub(super) const CARRIED: &str = "SELECT DISTINCT target, alert_group FROM delivery
  WHERE state = 'queued' AND carried_by IS NOT NULL";

impl Heads {
    /// The groups as the rows have them.
    pub(super) fn read(connection: &Connection) -> Result<Self, Failure> {
        let mut heads = Self::default();
        for (sql, wait) in [(ALL, Wait::Head), (CARRIED, Wait::Digest)] {
            let mut statement = connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                heads.put(row.get(0)?, row.get(1)?, wait);
            }
        }
        Ok(heads)
    }

    /// How many groups of the target have a next delivery.
    pub(super) fn groups(&self, target: i64) -> usize {
        self.of_target.get(&target).map_or(0, |groups| groups.heads.len())
    }

    /// The group has a next delivery from now on; false if it has one already, or waits for a digest.
    pub(super) fn add(&mut self, target: i64, group: i64) -> bool {
        let is_carried =
            self.of_target.get(&target).is_some_and(|groups| groups.carried.contains(&group));
        !is_carried && self.change(target, group, Wait::Head, true)
    }

    /// The group has no next delivery any more.
    pub(super) fn remove(&mut self, target: i64, group: i64) {
        self.change(target, group, Wait::Head, false);
    }

    /// A digest carries the group: it has no next delivery until the digest settles.
    pub(super) fn carry(&mut self, target: i64, group: i64) {
        self.change(target, group, Wait::Head, false);
        self.change(target, group, Wait::Digest, true);
    }

    /// No digest carries the group any more.
    pub(super) fn set_down(&mut self, target: i64, group: i64) {
        self.change(target, group, Wait::Digest, false);
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

    fn change(&mut self, target: i64, group: i64, to: Wait, added: bool) -> bool {
        let changed =
            if added { self.put(target, group, to) } else { self.take(target, group, to) };
        if changed {
            self.changes.push(Change { target, group, to, added });
        }
        changed
    }

    fn put(&mut self, target: i64, group: i64, to: Wait) -> bool {
        self.of_target.entry(target).or_default().of(to).insert(group)
    }

    /// A target that has drained gives its memory back.
    fn take(&mut self, target: i64, group: i64, from: Wait) -> bool {
        let Some(groups) = self.of_target.get_mut(&target) else { return false };
        let taken = groups.of(from).remove(&group);
        if groups.heads.is_empty() && groups.carried.is_empty() {
            self.of_target.remove(&target);
        }
        taken
    }

    fn undo(&mut self, from: usize) {
        for Change { target, group, to, added } in self.changes.split_off(from).into_iter().rev() {
            if added {
                self.take(target, group, to)
            } else {
                self.put(target, group, to)
            };
        }
    }
}

impl Groups {
    fn of(&mut self, wait: Wait) -> &mut HashSet<i64> {
        match wait {
            Wait::Head => &mut self.heads,
            Wait::Digest => &mut self.carried,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(heads: &Heads, target: i64, group: i64) -> bool {
        heads.of_target.get(&target).is_some_and(|groups| groups.heads.contains(&group))
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
    fn a_group_that_a_digest_carries_has_no_next_delivery_until_it_is_set_down() {
        let mut heads = Heads::default();
        assert!(heads.add(1, 7) && heads.add(1, 8));
        heads.carry(1, 7);
        assert!(!heads.add(1, 7), "what is accepted waits");
        assert_eq!(heads.groups(1), 1);
        heads.keep();
        heads.set_down(1, 7);
        assert!(heads.add(1, 7));
        heads.drop_command();
        assert!(!heads.add(1, 7) && !has(&heads, 1, 7), "it is carried again");
        heads.clear();
        assert_eq!(heads.groups(1), 0);
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
