//! What one lane has to do next.

use std::cell::Cell;
use std::collections::{BTreeSet, HashMap, HashSet};

use super::{First, Folding, Kind, TargetQueue, Work};
use crate::queue::{Allowed, DeclaredLane, LaneTarget, RateBudget, Target};

/// So many of the targets that have waited longest are compared by their turns: an app can have thousands.
const MOST_COMPARED: usize = 100;

/// A declared lane.
#[derive(Debug)]
pub(in crate::queue::sqlite) struct ScheduledLane {
    pub(super) budget: RateBudget,
    /// What it was allowed when it asked last.
    pub(super) allowed: Allowed,
    declared: HashMap<Target, LaneTarget>,
    /// The targets that have an id.
    targets: HashMap<i64, LaneTarget>,
    /// What has to be read again.
    stale: HashSet<i64>,
    queues: HashMap<i64, TargetQueue>,
    /// What may be attempted, by kind and turn.
    ready: BTreeSet<Ready>,
    /// What may not be attempted yet, by when it may.
    later: BTreeSet<(i64, i64, i64)>,
    /// What no dead destination holds back, by when it is due.
    due: BTreeSet<(i64, i64)>,
    /// When the first of it was due as the lane was asked last; an attempt may be under way since.
    oldest_due: Option<i64>,
    /// The targets that something waits to be folded for, the longest waiting first.
    folding: BTreeSet<(i64, i64)>,
    /// Those of them that a full digest can be made of, the one first whose turn comes first.
    full: BTreeSet<(i64, i64)>,
    /// Whether the last attempt was a digest's.
    gave_digest: Cell<bool>,
    /// How many parts are queued for all targets.
    parts: u64,
}

/// A delivery that may be attempted, in the order in which it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ready {
    kind: Kind,
    turn: i64,
    id: i64,
    target_id: i64,
}

impl ScheduledLane {
    pub(super) fn new(lane: &DeclaredLane) -> Self {
        let declared = lane.targets.iter().map(|target| (target.target.clone(), target.clone()));
        Self {
            budget: lane.budget,
            allowed: Allowed::All,
            declared: declared.collect(),
            targets: HashMap::new(),
            stale: HashSet::new(),
            queues: HashMap::new(),
            ready: BTreeSet::new(),
            later: BTreeSet::new(),
            due: BTreeSet::new(),
            oldest_due: None,
            folding: BTreeSet::new(),
            full: BTreeSet::new(),
            gave_digest: Cell::new(false),
            parts: 0,
        }
    }

    pub(super) fn bind(&mut self, target: &Target, target_id: i64) {
        if let Some(target) = self.declared.get(target) {
            self.targets.insert(target_id, target.clone());
            self.touch(target_id);
        }
    }

    pub(super) fn unbind(&mut self) {
        self.targets.clear();
        self.stale.clear();
        self.queues.clear();
        self.ready.clear();
        self.later.clear();
        self.due.clear();
        self.folding.clear();
        self.full.clear();
        self.parts = 0;
    }

    pub(super) fn target(&self, target_id: i64) -> Option<&LaneTarget> {
        self.targets.get(&target_id)
    }

    pub(super) fn declared(&self) -> Vec<LaneTarget> {
        self.declared.values().cloned().collect()
    }

    pub(super) fn take_stale(&mut self) -> Vec<(i64, LaneTarget)> {
        let stale = self.stale.drain();
        stale.filter_map(|id| Some((id, self.targets.get(&id)?.clone()))).collect()
    }

    pub(super) fn touch(&mut self, target_id: i64) {
        if let Some(queue) = self.queues.remove(&target_id) {
            self.parts -= u64::from(queue.parts);
            if let Some(since) = queue.folding_since() {
                self.folding.remove(&(since, target_id));
            }
            if let Some(turn) = queue.folding_turn() {
                self.full.remove(&(turn, target_id));
            }
            for first in queue.firsts {
                self.ready.remove(&Ready::of(&first, target_id));
                self.later.remove(&(first.not_before, first.id, target_id));
                self.due.remove(&(first.due_at, first.id));
            }
        }
        self.stale.insert(target_id);
    }

    pub(super) fn put(&mut self, target_id: i64, queue: TargetQueue) {
        if queue.firsts.is_empty() {
            return;
        }
        self.parts += u64::from(queue.parts);
        if let Some(since) = queue.folding_since() {
            self.folding.insert((since, target_id));
        }
        if let Some(turn) = queue.folding_turn().filter(|_| queue.is_full) {
            self.full.insert((turn, target_id));
        }
        let later = queue.firsts.iter().map(|first| (first.not_before, first.id, target_id));
        self.later.extend(later);
        let live = queue.firsts.iter().filter(|first| !first.probe);
        self.due.extend(live.map(|first| (first.due_at, first.id)));
        self.queues.insert(target_id, queue);
    }

    /// Makes ready what may be attempted at `now`.
    pub(super) fn advance(&mut self, now: i64) {
        while let Some((not_before, id, target_id)) = self.later.first().copied() {
            if not_before > now {
                break;
            }
            self.later.pop_first();
            let queue = self.queues.get(&target_id).into_iter();
            let first = queue.flat_map(|queue| &queue.firsts).find(|first| first.id == id);
            self.ready.extend(first.map(|first| Ready::of(first, target_id)));
        }
        self.oldest_due = self.due.first().map(|(due_at, _)| *due_at);
    }

    /// What should be attempted: of what is ready, the one whose turn comes first.
    pub(in crate::queue::sqlite) fn first(&self) -> Option<Work> {
        let kinds = [Kind::Digest, Kind::Single, Kind::Fresh].into_iter();
        let firsts = kinds.filter_map(|kind| self.first_ready(kind));
        self.work(firsts.min_by_key(|ready| (ready.turn, ready.id))?)
    }

    /// What should be attempted of this kind.
    pub(in crate::queue::sqlite) fn first_of(&self, kind: Kind) -> Option<Work> {
        self.work(self.first_ready(kind)?)
    }

    /// When something more may be attempted.
    pub(in crate::queue::sqlite) fn next_ready(&self) -> Option<i64> {
        self.later.first().map(|(not_before, ..)| *not_before)
    }

    /// Since when the first delivery has been due that neither a dead destination holds back nor a robot
    /// or host that has to show first whether it answers.
    pub(super) fn oldest_due(&self) -> Option<i64> {
        self.oldest_due.filter(|_| self.allowed == Allowed::All)
    }

    /// How many parts are queued.
    pub(in crate::queue::sqlite) fn parts(&self) -> u64 {
        self.parts
    }

    /// Of which target a digest has to be made first, of which each leaves `wait` after its first delivery was
    /// due, or at once if it is full: of those that leave now, the one whose turn comes first, so that none waits
    /// for another that is full again and again.
    pub(in crate::queue::sqlite) fn folding(&self, wait: i64, now: i64) -> Option<Folding> {
        let turn_of = |target_id| Some((self.queues.get(&target_id)?.folding_turn()?, target_id));
        let late = self.folding.iter().take_while(|(since, _)| since + wait <= now);
        let late = late.take(MOST_COMPARED).filter_map(|(_, target_id)| turn_of(*target_id));
        let (target_id, leaves_at) = match late.chain(self.full.first().copied()).min() {
            Some((_, target_id)) => (target_id, now),
            None => self.folding.first().map(|(since, target_id)| (*target_id, since + wait))?,
        };
        Some(Folding { target: self.targets.get(&target_id)?.target.clone(), leaves_at })
    }

    /// An attempt was chosen: whether a digest's. A digest and what goes out as itself take turns.
    pub(in crate::queue::sqlite) fn note(&self, is_digest: bool) {
        self.gave_digest.set(is_digest);
    }

    /// Whether the last attempt was a digest's.
    pub(in crate::queue::sqlite) fn gave_digest(&self) -> bool {
        self.gave_digest.get()
    }

    fn first_ready(&self, kind: Kind) -> Option<&Ready> {
        let least = Ready { kind, turn: i64::MIN, id: i64::MIN, target_id: i64::MIN };
        self.ready.range(least..).next().filter(|ready| ready.kind == kind)
    }

    fn work(&self, ready: &Ready) -> Option<Work> {
        let queue = self.queues.get(&ready.target_id)?;
        let first = queue.firsts.iter().find(|first| first.id == ready.id)?;
        Some(Work { first: *first, target: self.targets.get(&ready.target_id)?.clone() })
    }
}

impl TargetQueue {
    /// Since when something waits to be folded.
    fn folding_since(&self) -> Option<i64> {
        let fresh = self.firsts.iter().filter(|first| first.kind == Kind::Fresh);
        fresh.map(|first| first.due_at).min()
    }

    /// When the turn of the first comes that waits to be folded.
    fn folding_turn(&self) -> Option<i64> {
        let fresh = self.firsts.iter().filter(|first| first.kind == Kind::Fresh);
        fresh.map(|first| first.turn).min()
    }
}

impl Ready {
    fn of(first: &First, target_id: i64) -> Self {
        Self { kind: first.kind, turn: first.turn, id: first.id, target_id }
    }
}
