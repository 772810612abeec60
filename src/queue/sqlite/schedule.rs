//! What each declared lane has to do next, without asking about each of its targets.
//!
//! The schedule remembers one thing of a target: its first due delivery, and from when on that may
//! be attempted. A command that changes something about a target's next delivery touches the target;
//! its lanes then read it again, once, when they are asked. So an attempt costs the same however many
//! targets share its lane, and nothing here can differ from the rows for longer than until the next
//! question.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::queue::{DeclaredLane, LaneTarget, RateBudget, Target};

/// The next delivery of one target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct First {
    /// The delivery's id.
    pub(super) id: i64,
    /// When it is due.
    pub(super) due_at: i64,
    /// From when on it may be attempted: when it is due, and its destination's park too.
    pub(super) not_before: i64,
    /// Whether it probes a dead destination.
    pub(super) probe: bool,
}

/// What a lane should attempt.
#[derive(Debug, Clone)]
pub(super) struct Work {
    /// The delivery.
    pub(super) first: First,
    /// Where it goes.
    pub(super) target: LaneTarget,
}

/// What a lane finds.
#[derive(Debug)]
pub(super) enum Turn {
    /// Attempt this.
    Work(Work),
    /// Nothing may be attempted before this moment; without one, nothing is queued.
    Later(Option<i64>),
}

/// The declared lanes, by their ids.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    lanes: HashMap<Arc<str>, ScheduledLane>,
    /// The lanes of each target; several, once robots share a destination's work.
    of_target: HashMap<Target, Vec<Arc<str>>>,
    /// The same by the targets' ids, of those that have one.
    of_target_id: HashMap<i64, Vec<Arc<str>>>,
}

#[derive(Debug)]
struct ScheduledLane {
    budget: RateBudget,
    declared: HashMap<Target, LaneTarget>,
    /// The targets that have an id.
    targets: HashMap<i64, LaneTarget>,
    /// What has to be read again.
    stale: HashSet<i64>,
    firsts: HashMap<i64, First>,
    /// What may be attempted, the longest due first.
    ready: BTreeSet<(i64, i64, i64)>,
    /// What may not be attempted yet, by when it may.
    later: BTreeSet<(i64, i64)>,
}

impl Schedule {
    /// Takes these lanes in place of the others; their targets have to be bound again.
    pub(super) fn declare(&mut self, lanes: &[DeclaredLane]) {
        *self = Self::default();
        for lane in lanes {
            let id: Arc<str> = lane.id.as_str().into();
            for target in &lane.targets {
                let lanes = self.of_target.entry(target.target.clone()).or_default();
                lanes.push(Arc::clone(&id));
            }
            self.lanes.insert(id, ScheduledLane::new(lane));
        }
    }

    /// The target has this id.
    pub(super) fn bind(&mut self, target: &Target, target_id: i64) {
        let Some(lanes) = self.of_target.get(target) else { return };
        for id in lanes {
            if let Some(lane) = self.lanes.get_mut(id) {
                lane.bind(target, target_id);
            }
        }
        self.of_target_id.insert(target_id, lanes.clone());
    }

    /// No target has an id any more.
    pub(super) fn unbind(&mut self) {
        self.of_target_id.clear();
        self.lanes.values_mut().for_each(ScheduledLane::unbind);
    }

    /// Something about the target's next delivery may have changed.
    pub(super) fn touch(&mut self, target_id: i64) {
        for id in self.of_target_id.get(&target_id).into_iter().flatten() {
            if let Some(lane) = self.lanes.get_mut(id) {
                lane.touch(target_id);
            }
        }
    }

    /// The lane's budget, if it is declared.
    pub(super) fn budget(&self, lane: &str) -> Option<RateBudget> {
        self.lanes.get(lane).map(|lane| lane.budget)
    }

    /// The lane's targets that have to be read again; each has to be told by [`Schedule::tell`].
    pub(super) fn take_stale(&mut self, lane: &str) -> Vec<i64> {
        self.lanes.get_mut(lane).map(|lane| lane.stale.drain().collect()).unwrap_or_default()
    }

    /// The lane's target has this first delivery, or none.
    pub(super) fn tell(&mut self, lane: &str, target_id: i64, first: Option<First>) {
        if let (Some(lane), Some(first)) = (self.lanes.get_mut(lane), first) {
            lane.put(target_id, first);
        }
    }

    /// What the lane should attempt at `now`, once all is told.
    pub(super) fn next(&mut self, lane: &str, now: i64) -> Turn {
        self.lanes.get_mut(lane).map_or(Turn::Later(None), |lane| lane.next(now))
    }

    /// Whether the target is declared, with other credentials than these.
    pub(super) fn has_other_credentials(&self, target_id: i64, credentials_hash: &str) -> bool {
        let lanes = self.of_target_id.get(&target_id).into_iter().flatten();
        let mut declared =
            lanes.filter_map(|id| self.lanes.get(id)?.targets.get(&target_id)).peekable();
        declared.peek().is_some()
            && declared.all(|target| target.credentials_hash != credentials_hash)
    }
}

impl ScheduledLane {
    fn new(lane: &DeclaredLane) -> Self {
        let declared = lane.targets.iter().map(|target| (target.target.clone(), target.clone()));
        Self {
            budget: lane.budget,
            declared: declared.collect(),
            targets: HashMap::new(),
            stale: HashSet::new(),
            firsts: HashMap::new(),
            ready: BTreeSet::new(),
            later: BTreeSet::new(),
        }
    }

    fn bind(&mut self, target: &Target, target_id: i64) {
        if let Some(target) = self.declared.get(target) {
            self.targets.insert(target_id, target.clone());
            self.touch(target_id);
        }
    }

    fn unbind(&mut self) {
        self.targets.clear();
        self.stale.clear();
        self.firsts.clear();
        self.ready.clear();
        self.later.clear();
    }

    fn touch(&mut self, target_id: i64) {
        if let Some(First { id, due_at, not_before, .. }) = self.firsts.remove(&target_id) {
            self.ready.remove(&(due_at, id, target_id));
            self.later.remove(&(not_before, target_id));
        }
        self.stale.insert(target_id);
    }

    fn put(&mut self, target_id: i64, first: First) {
        self.firsts.insert(target_id, first);
        self.later.insert((first.not_before, target_id));
    }

    fn next(&mut self, now: i64) -> Turn {
        while let Some((not_before, target_id)) = self.later.first().copied() {
            if not_before > now {
                break;
            }
            self.later.pop_first();
            if let Some(first) = self.firsts.get(&target_id) {
                self.ready.insert((first.due_at, first.id, target_id));
            }
        }
        let work = self.ready.first().and_then(|(_, _, target_id)| {
            let first = *self.firsts.get(target_id)?;
            Some(Work { first, target: self.targets.get(target_id)?.clone() })
        });
        match work {
            Some(work) => Turn::Work(work),
            None => Turn::Later(self.later.first().map(|(not_before, _)| *not_before)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const BUDGET: RateBudget = RateBudget {
        slots: 1,
        per: Duration::from_mins(1),
        attempt_limit: Duration::from_secs(10),
    };

    fn target(destination: &str) -> Target {
        Target { receiver: "ops".into(), destination: destination.into() }
    }

    fn lane(id: &str, destinations: &[&str]) -> DeclaredLane {
        let targets = destinations.iter().map(|destination| LaneTarget {
            target: target(destination),
            credentials_hash: "c".into(),
        });
        DeclaredLane { id: id.into(), targets: targets.collect(), budget: BUDGET }
    }

    fn schedule() -> Schedule {
        let mut schedule = Schedule::default();
        schedule.declare(&[lane("one", &["a", "b"]), lane("two", &["b"])]);
        schedule.bind(&target("a"), 1);
        schedule.bind(&target("b"), 2);
        schedule
    }

    fn first(id: i64, due_at: i64, not_before: i64) -> First {
        First { id, due_at, not_before, probe: not_before > due_at }
    }

    fn found(schedule: &mut Schedule, lane: &str, now: i64) -> Result<i64, Option<i64>> {
        match schedule.next(lane, now) {
            Turn::Work(work) => Ok(work.first.id),
            Turn::Later(later) => Err(later),
        }
    }

    #[test]
    fn the_longest_due_goes_first_and_a_park_holds_its_target_alone() {
        let mut schedule = schedule();
        let mut stale = schedule.take_stale("one");
        stale.sort_unstable();
        assert_eq!(stale, [1, 2]);
        schedule.tell("one", 1, Some(first(7, 10, 50)));
        schedule.tell("one", 2, Some(first(8, 20, 20)));
        assert_eq!(found(&mut schedule, "one", 19), Err(Some(20)));
        assert_eq!(found(&mut schedule, "one", 20), Ok(8));
        assert_eq!(found(&mut schedule, "one", 50), Ok(7), "due longest, once its park is due");
        assert_eq!(found(&mut schedule, "none", 50), Err(None));
    }

    #[test]
    fn a_touched_target_is_read_again_by_each_of_its_lanes() {
        let mut schedule = schedule();
        for lane in ["one", "two"] {
            schedule.take_stale(lane);
            schedule.tell(lane, 2, Some(first(8, 20, 20)));
            assert_eq!(found(&mut schedule, lane, 30), Ok(8));
        }
        schedule.touch(2);
        schedule.touch(9);
        for lane in ["one", "two"] {
            assert_eq!(found(&mut schedule, lane, 30), Err(None), "nothing is told yet");
            assert_eq!(schedule.take_stale(lane), [2]);
        }
        assert_eq!(schedule.take_stale("one"), [0; 0], "once");
    }

    #[test]
    fn targets_that_have_no_id_any_more_are_not_found() {
        let mut schedule = schedule();
        schedule.take_stale("one");
        schedule.tell("one", 1, Some(first(7, 10, 10)));
        schedule.unbind();
        assert_eq!(found(&mut schedule, "one", 30), Err(None));
        schedule.bind(&target("a"), 5);
        assert_eq!(schedule.take_stale("one"), [5]);
        let changed = |target_id, credentials_hash| {
            schedule.has_other_credentials(target_id, credentials_hash)
        };
        assert_eq!((changed(5, "c"), changed(5, "d"), changed(1, "d")), (false, true, false));
    }
}
