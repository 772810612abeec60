//! What each declared lane has to do next, without asking about each of its targets.
//!
//! The schedule remembers little of a target: in each kind and rank its first due delivery, from when on that
//! may be attempted, and how much is queued up to a bound. A command that changes something about a
//! target's queue touches the target; its lanes then read it again, once, when they are asked. So an
//! attempt costs the same however many targets share its lane, and nothing here can differ from the
//! rows for longer than until the next question.

mod lane;

use std::collections::HashMap;
use std::sync::Arc;

pub(super) use self::lane::ScheduledLane;
use crate::queue::{Allowed, DeclaredLane, LaneTarget, Origin, RateBudget, Target};

/// The next delivery of one target, kind and rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct First {
    /// The delivery's id.
    pub(super) id: i64,
    /// When it is due.
    pub(super) due_at: i64,
    /// When its turn comes among what is due.
    pub(super) turn: i64,
    /// From when on it may be attempted: when it is due, and its destination's park too.
    pub(super) not_before: i64,
    /// What it is to a lane that overflows.
    pub(super) kind: Kind,
    /// Whether it probes a dead destination.
    pub(super) probe: bool,
}

/// What a delivery is to a lane that overflows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A digest that was not attempted yet.
    Digest,
    /// It goes out as itself: it was attempted, or its destination does not fold.
    Single,
    /// It may fold.
    Fresh,
}

impl Kind {
    /// What a delivery is before its first attempt.
    pub(super) fn of_new(origin: Origin) -> Self {
        match origin {
            Origin::Digest => Self::Digest,
            Origin::Notification | Origin::Replay | Origin::Fallback => Self::Fresh,
        }
    }

    /// The number in its row.
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Single => 0,
            Self::Fresh => 1,
            Self::Digest => 2,
        }
    }

    /// The kind with this number.
    pub(super) fn of_code(code: u8) -> Self {
        match code {
            1 => Self::Fresh,
            2 => Self::Digest,
            _ => Self::Single,
        }
    }
}

/// What a target has queued, as one of its lanes sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TargetQueue {
    /// The first delivery of each kind and rank.
    pub(super) firsts: Vec<First>,
    /// How many parts are queued, up to the bound that the lane counts to.
    pub(super) parts: u32,
    /// Whether so many groups wait that a digest of them is full.
    pub(super) is_full: bool,
}

/// What a lane should attempt.
#[derive(Debug, Clone)]
pub(super) struct Work {
    /// The delivery.
    pub(super) first: First,
    /// Where it goes.
    pub(super) target: LaneTarget,
}

/// A target whose deliveries wait for a digest.
#[derive(Debug, Clone)]
pub(super) struct Folding {
    /// Which one.
    pub(super) target: Target,
    /// When the digest leaves.
    pub(super) leaves_at: i64,
}

/// The declared lanes, by their ids.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    lanes: HashMap<Arc<str>, ScheduledLane>,
    /// The lanes of each target; several, where robots share a destination's work.
    of_target: HashMap<Target, Vec<Arc<str>>>,
    /// The same by the targets' ids, of those that have one.
    of_target_id: HashMap<i64, Vec<Arc<str>>>,
    /// Of each receiver, whether all its targets have a fallback, as they have if it names one itself.
    falling_back: HashMap<String, bool>,
}

impl Schedule {
    /// Takes these lanes in place of the others; their targets have to be bound again.
    pub(super) fn declare(&mut self, lanes: &[DeclaredLane]) {
        *self = Self::default();
        for lane in lanes {
            let id: Arc<str> = lane.id.as_str().into();
            for LaneTarget { target, has_fallback, .. } in &lane.targets {
                let lanes = self.of_target.entry(target.clone()).or_default();
                lanes.push(Arc::clone(&id));
                *self.falling_back.entry(target.receiver.clone()).or_insert(true) &= *has_fallback;
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

    /// Something about the target's queue may have changed.
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

    /// The lane asks, and may do so much.
    pub(super) fn allow(&mut self, lane: &str, allowed: Allowed) {
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.allowed = allowed;
        }
    }

    /// Whether the lane, when it asked last, was allowed to make no attempt.
    pub(super) fn is_held(&self, lane: &str) -> bool {
        self.lanes.get(lane).is_some_and(|lane| lane.allowed == Allowed::Nothing)
    }

    /// The lane's targets that have to be read again; each has to be told by [`Schedule::tell`].
    pub(super) fn take_stale(&mut self, lane: &str) -> Vec<(i64, LaneTarget)> {
        self.lanes.get_mut(lane).map(ScheduledLane::take_stale).unwrap_or_default()
    }

    /// The lane's target has this queue.
    pub(super) fn tell(&mut self, lane: &str, target_id: i64, queue: TargetQueue) {
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.put(target_id, queue);
        }
    }

    /// The lanes of a target, with its credentials in each.
    pub(super) fn lanes_of(&self, target_id: i64) -> Vec<(Arc<str>, LaneTarget)> {
        let lanes = self.of_target_id.get(&target_id).into_iter().flatten();
        lanes
            .filter_map(|id| Some((Arc::clone(id), self.lanes.get(id)?.target(target_id)?.clone())))
            .collect()
    }

    /// The quota that the target's messages count for.
    pub(super) fn quota(&self, target_id: i64) -> Option<String> {
        let lanes = self.of_target_id.get(&target_id).into_iter().flatten();
        let mut targets = lanes.filter_map(|id| self.lanes.get(id)?.target(target_id));
        targets.next().and_then(|target| target.quota.clone())
    }

    /// Whether the target's dead letters are handed over; none if it is not declared.
    pub(super) fn has_fallback(&self, target_id: i64) -> Option<bool> {
        let lanes = self.of_target_id.get(&target_id).into_iter().flatten();
        let mut targets = lanes.filter_map(|id| self.lanes.get(id)?.target(target_id));
        targets.next().map(|target| target.has_fallback)
    }

    /// Whether the receiver may name a fallback, which its targets that are not declared any more have too.
    pub(super) fn may_fall_back(&self, receiver: &str) -> bool {
        self.falling_back.get(receiver).copied().unwrap_or_default()
    }

    /// All targets that the lane is declared with.
    pub(super) fn targets_of(&self, lane: &str) -> Vec<LaneTarget> {
        self.lanes.get(lane).map(ScheduledLane::declared).unwrap_or_default()
    }

    /// How many lanes each target has.
    pub(super) fn robots(&self) -> Vec<(i64, usize)> {
        self.of_target_id.iter().map(|(id, lanes)| (*id, lanes.len())).collect()
    }

    /// How many lanes a target has; one if it is not declared.
    pub(super) fn robots_of(&self, target: &Target) -> usize {
        self.of_target.get(target).map_or(1, Vec::len)
    }

    /// The ids of the other lanes of a target, in one text.
    pub(super) fn other_lanes(&self, lane: &str, target_id: i64) -> String {
        let lanes = self.of_target_id.get(&target_id).into_iter().flatten();
        let others = lanes.map(AsRef::as_ref).filter(|id| *id != lane);
        others.collect::<Vec<_>>().join(" ")
    }

    /// Since when the first delivery that could be sent has been due, in any lane, as each was asked last.
    pub(super) fn oldest_due(&self) -> Option<i64> {
        self.lanes.values().filter_map(ScheduledLane::oldest_due).min()
    }

    /// The lane, once all is told; what may be attempted at `now` is ready.
    pub(super) fn at(&mut self, lane: &str, now: i64) -> Option<&ScheduledLane> {
        let lane = self.lanes.get_mut(lane)?;
        lane.advance(now);
        Some(lane)
    }

    /// Whether the target is declared, with other credentials than these.
    pub(super) fn has_other_credentials(&self, target_id: i64, credentials_hash: &str) -> bool {
        let lanes = self.of_target_id.get(&target_id).into_iter().flatten();
        let mut declared = lanes.filter_map(|id| self.lanes.get(id)?.target(target_id)).peekable();
        declared.peek().is_some()
            && declared.all(|target| target.credentials_hash != credentials_hash)
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
            folds: true,
            has_fallback: false,
            quota: None,
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
        let (turn, probe) = (due_at, not_before > due_at);
        First { id, due_at, turn, not_before, kind: Kind::Single, probe }
    }

    fn tell(schedule: &mut Schedule, lane: &str, target_id: i64, firsts: &[First]) {
        let parts = u32::try_from(firsts.len()).unwrap();
        let queue = TargetQueue { firsts: firsts.to_vec(), parts, is_full: false };
        schedule.tell(lane, target_id, queue);
    }

    fn found(schedule: &mut Schedule, lane: &str, now: i64) -> Result<i64, Option<i64>> {
        let lane = schedule.at(lane, now).ok_or(None)?;
        lane.first().map(|work| work.first.id).ok_or(lane.next_ready())
    }

    fn stale(schedule: &mut Schedule, lane: &str) -> Vec<i64> {
        let mut stale: Vec<_> = schedule.take_stale(lane).into_iter().map(|(id, _)| id).collect();
        stale.sort_unstable();
        stale
    }

    #[test]
    fn the_first_turn_goes_first_and_a_park_holds_its_target_alone() {
        let mut schedule = schedule();
        assert_eq!(stale(&mut schedule, "one"), [1, 2]);
        tell(&mut schedule, "one", 1, &[first(7, 10, 50)]);
        tell(&mut schedule, "one", 2, &[first(8, 20, 20)]);
        assert_eq!(found(&mut schedule, "one", 19), Err(Some(20)));
        assert_eq!(found(&mut schedule, "one", 20), Ok(8));
        assert_eq!(found(&mut schedule, "one", 50), Ok(7), "due longest, once its park is due");
        assert_eq!(found(&mut schedule, "none", 50), Err(None));
    }

    #[test]
    fn of_several_ranks_the_one_whose_turn_comes_goes_first() {
        let mut schedule = schedule();
        let mild = First { turn: 70, ..first(7, 10, 10) };
        for (due_at, expected) in [(60, 8), (80, 7)] {
            stale(&mut schedule, "one");
            tell(&mut schedule, "one", 1, &[mild, first(8, due_at, due_at)]);
            assert_eq!(found(&mut schedule, "one", 100), Ok(expected), "due at {due_at}");
            assert_eq!(found(&mut schedule, "one", 20), Ok(expected), "what is ready stays so");
            schedule.touch(1);
        }
    }

    #[test]
    fn of_two_digests_that_leave_now_the_one_whose_turn_comes_goes_first() {
        let fresh = |id, at| First { kind: Kind::Fresh, ..first(id, at, at) };
        let mut schedule = schedule();
        stale(&mut schedule, "one");
        tell(&mut schedule, "one", 1, &[fresh(7, 10), first(9, 5, 5)]);
        tell(&mut schedule, "one", 2, &[fresh(8, 30)]);
        let folding = |schedule: &mut Schedule, now| {
            let found = schedule.at("one", now).unwrap().folding(20, now).unwrap();
            (found.target.destination, found.leaves_at)
        };
        assert_eq!(folding(&mut schedule, 25), ("a".to_owned(), 30), "it has waited longest");
        schedule.touch(1);
        tell(&mut schedule, "one", 1, &[First { turn: 99, ..fresh(7, 10) }, first(9, 5, 5)]);
        assert_eq!(folding(&mut schedule, 50), ("b".to_owned(), 50), "the severe one");
        schedule.touch(1);
        tell(&mut schedule, "one", 1, &[fresh(7, 10), first(9, 5, 5)]);
        let lane = schedule.at("one", 50).unwrap();
        assert_eq!(lane.parts(), 3);
        assert_eq!(lane.first_of(Kind::Single).map(|work| work.first.id), Some(9));
        assert!(lane.first_of(Kind::Digest).is_none());
        for (turn, expected) in [(30, "a"), (9, "b")] {
            schedule.touch(2);
            let full = First { turn, ..fresh(8, 30) };
            let queue = TargetQueue { firsts: vec![full], parts: 9, is_full: true };
            schedule.tell("one", 2, queue);
            assert_eq!(folding(&mut schedule, 25), ("b".to_owned(), 25), "it is full");
            assert_eq!(folding(&mut schedule, 30), (expected.to_owned(), 30), "{turn}");
        }
    }

    #[test]
    fn several_lanes_can_serve_one_target() {
        let schedule = schedule();
        assert_eq!(schedule.lanes_of(2).len(), 2);
        assert_eq!(schedule.other_lanes("two", 2), "one");
        assert_eq!((schedule.robots_of(&target("b")), schedule.robots_of(&target("x"))), (2, 1));
    }

    #[test]
    fn a_receiver_may_fall_back_if_all_its_targets_do() {
        for (fallbacks, expected) in [([false, true], false), ([true, true], true)] {
            let mut declared = lane("one", &["a", "b"]);
            for (of_lane, has_fallback) in declared.targets.iter_mut().zip(fallbacks) {
                of_lane.has_fallback = has_fallback;
            }
            let mut schedule = Schedule::default();
            schedule.declare(&[declared]);
            schedule.bind(&target("a"), 1);
            let found = (schedule.has_fallback(1), schedule.has_fallback(2));
            assert_eq!(found, (Some(fallbacks[0]), None));
            assert_eq!(schedule.may_fall_back("ops"), expected, "{fallbacks:?}");
            assert!(!schedule.may_fall_back("others"));
        }
    }

    #[test]
    fn a_touched_target_is_read_again_by_each_of_its_lanes() {
        let mut schedule = schedule();
        for lane in ["one", "two"] {
            stale(&mut schedule, lane);
            tell(&mut schedule, lane, 2, &[first(8, 20, 20)]);
            assert_eq!(found(&mut schedule, lane, 30), Ok(8));
        }
        schedule.touch(2);
        schedule.touch(9);
        for lane in ["one", "two"] {
            assert_eq!(found(&mut schedule, lane, 30), Err(None), "nothing is told yet");
            assert_eq!(stale(&mut schedule, lane), [2]);
        }
        assert_eq!(stale(&mut schedule, "one"), [0; 0], "once");
    }

    #[test]
    fn targets_that_have_no_id_any_more_are_not_found() {
        let mut schedule = schedule();
        stale(&mut schedule, "one");
        tell(&mut schedule, "one", 1, &[first(7, 10, 10)]);
        schedule.unbind();
        assert_eq!(found(&mut schedule, "one", 30), Err(None));
        schedule.bind(&target("a"), 5);
        assert_eq!(stale(&mut schedule, "one"), [5]);
        let changed = |target_id, credentials_hash| {
            schedule.has_other_credentials(target_id, credentials_hash)
        };
        assert_eq!((changed(5, "c"), changed(5, "d"), changed(1, "d")), (false, true, false));
    }
}
