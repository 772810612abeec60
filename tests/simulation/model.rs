//! The model: what was posted and promised, and what may therefore be answered, shown and given up.
//!
//! It knows nothing of queues, lanes and stores.

use std::collections::BTreeMap;
use std::time::Duration;

use campana::intake::Acceptance;

use crate::mark::{Mark, State};
use crate::random::Random;
use crate::site::{self, GROUPS};

/// An equal state within this time is a duplicate.
const DUPLICATE: Duration = Duration::from_mins(1);
/// Within this one if Alertmanager says that something is new.
const DUPLICATE_WITH_REASON: Duration = Duration::from_hours(1);

/// The reasons that Alertmanager gives.
const REASONS: [Option<&str>; 3] =
    [None, Some("repeat interval elapsed"), Some("new alerts added to the group")];

/// What the simulation has posted, and what became of it.
#[derive(Debug, Default)]
pub(crate) struct Model {
    groups: BTreeMap<usize, Group>,
    posts: Vec<Posted>,
    /// What was answered 200, with the time of its first post.
    pub(crate) promised: BTreeMap<Mark, Duration>,
    /// How many deliveries were promised.
    pub(crate) deliveries: u64,
}

/// An alert group.
#[derive(Debug, Default)]
struct Group {
    /// Its states, the newest last.
    states: Vec<State>,
    /// How many posts are not answered yet.
    under_way: usize,
    /// Whether two of them were under way at once, of which either may be the first.
    twins: bool,
    /// Whether the newest state was answered 200.
    answered: bool,
    /// The state that was accepted last.
    last: Option<Last>,
}

/// An accepted state.
#[derive(Debug, Clone, Copy)]
struct Last {
    number: usize,
    at: Duration,
    boots: u32,
    /// Whether nothing was posted since whose answer is not known.
    is_certain: bool,
}

/// One post.
#[derive(Debug, Clone)]
pub(crate) struct Posted {
    pub(crate) number: usize,
    pub(crate) state: State,
    pub(crate) receiver: Option<&'static str>,
    pub(crate) body: String,
    reason: Option<&'static str>,
    at: Duration,
    boots: u32,
}

impl Model {
    /// A new state of a group; none while the one before is under way.
    pub(crate) fn new_state(&mut self, random: &mut Random) -> Option<State> {
        let number = random.index(GROUPS);
        let group = self.groups.entry(number).or_default();
        if group.under_way > 0 {
            return None;
        }
        let fired = group.states.last().is_some_and(|state| state.firing);
        let state = State {
            mark: Mark { group: number, number: group.states.len() + 1 },
            firing: !fired || random.chance(40),
            severity: random.pick(&["critical", "warning", "info"]),
            large: random.chance(7),
        };
        group.states.push(state);
        group.answered = false;
        Some(state)
    }

    /// The newest state of any group.
    pub(crate) fn known_state(&self, random: &mut Random) -> Option<State> {
        let states: Vec<_> = self.groups.values().filter_map(|group| group.states.last()).collect();
        (!states.is_empty()).then(|| *states[random.index(states.len())])
    }

    /// The newest states that were not answered 200 and are not under way.
    pub(crate) fn unanswered(&self) -> Vec<State> {
        let open = |group: &&Group| !group.answered && group.under_way == 0;
        self.groups.values().filter(open).filter_map(|group| group.states.last().copied()).collect()
    }

    /// Whether every group's newest state was answered 200.
    pub(crate) fn all_answered(&self) -> bool {
        self.groups.values().all(|group| group.answered || group.states.is_empty())
    }

    /// A state is posted now.
    pub(crate) fn post(
        &mut self,
        state: State,
        random: &mut Random,
        at: Duration,
        boots: u32,
    ) -> Posted {
        let reason = random.pick(&REASONS);
        let posted = Posted {
            number: self.posts.len(),
            state,
            receiver: site::receiver_of(state.mark.group),
            body: state.notification(reason, self.posts.len()).to_string(),
            reason,
            at,
            boots,
        };
        self.posts.push(posted.clone());
        let group = self.groups.entry(state.mark.group).or_default();
        group.twins |= group.under_way > 0;
        group.under_way += 1;
        posted
    }

    /// A post was answered.
    pub(crate) fn answered(
        &mut self,
        number: usize,
        answer: Result<Acceptance, String>,
    ) -> Result<(), String> {
        let Posted { state, at, boots, reason, .. } = self.posts[number].clone();
        let mark = state.mark;
        let group = self.groups.entry(mark.group).or_default();
        group.under_way = group.under_way.saturating_sub(1);
        let had_twins = group.twins;
        group.twins &= group.under_way > 0;
        let Ok(acceptance) = answer else { return Ok(()) };
        group.answered |= group.states.last().is_some_and(|newest| newest.mark == mark);
        let is_duplicate = acceptance.duplicate_of.is_some();
        let deliveries = if is_duplicate { 0 } else { site::receivers_of(mark.group).len() };
        if acceptance.deliveries.len() != deliveries {
            return Err(format!("Answer: {mark} made {acceptance:?}, expected {deliveries}"));
        }
        if !had_twins
            && let Some(expected) = group.is_duplicate(mark.number, at, boots, reason)
            && expected != is_duplicate
        {
            let last = group.last;
            return Err(format!(
                "Duplicate: {mark} at {at:?} {reason:?} after {last:?}: {acceptance:?}"
            ));
        }
        if !is_duplicate || group.last.is_none_or(|last| last.number != mark.number) {
            let is_certain = !is_duplicate;
            group.last = Some(Last { number: mark.number, at, boots, is_certain });
        }
        self.deliveries += deliveries as u64;
        self.promised.entry(mark).or_insert(at);
        Ok(())
    }

    /// The process died: whoever waited for an answer gets none.
    pub(crate) fn crashed(&mut self) {
        for group in self.groups.values_mut().filter(|group| group.under_way > 0) {
            group.under_way = 0;
            group.twins = false;
            group.last = group.last.map(|last| Last { is_certain: false, ..last });
        }
    }

    /// A state that was posted.
    pub(crate) fn state(&self, mark: Mark) -> Option<State> {
        self.groups.get(&mark.group)?.states.get(mark.number.checked_sub(1)?).copied()
    }

    /// When a state was posted first.
    pub(crate) fn posted_at(&self, mark: Mark) -> Option<Duration> {
        self.posts.iter().find(|posted| posted.state.mark == mark).map(|posted| posted.at)
    }
}

impl Group {
    /// Whether a post repeats the accepted state before it; none if that is not known.
    fn is_duplicate(
        &self,
        number: usize,
        at: Duration,
        boots: u32,
        reason: Option<&str>,
    ) -> Option<bool> {
        // An answer that was lost may have been that of the first.
        let last = self.last.filter(|last| last.is_certain)?;
        if last.number != number {
            return Some(false);
        }
        if last.boots != boots {
            return None;
        }
        let window = match reason {
            Some(reason) if reason != "repeat interval elapsed" => DUPLICATE_WITH_REASON,
            _ => DUPLICATE,
        };
        Some(at.saturating_sub(last.at) < window)
    }
}
