//! An alert group of a digest: what its queued notifications said, and what that comes to.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::alert::Status;
use crate::dingtalk::message::At;
use crate::render::facts::places_of;
use crate::render::severity::{Place, SeverityOrder};

/// The status that a stored summary names; a word that is not known fires, so that it is seen.
#[must_use]
pub fn status(word: &str) -> Status {
    if word == Status::Resolved.as_str() { Status::Resolved } else { Status::Firing }
}

/// Whether a group fires, as far as one of its notifications tells; in a reader's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// It does.
    Firing,
    /// The alerts that are known are resolved, and others may fire.
    Open,
    /// It does not.
    Resolved,
}

/// What one queued notification of a group said.
#[derive(Debug, Clone, Copy)]
pub struct GroupState<'a> {
    /// Whether the group fires.
    pub status: Status,
    /// How many alerts fire.
    pub firing: u64,
    /// How many alerts are resolved.
    pub resolved: u64,
    /// Of how many alerts besides the state is not known, because the sender left them out.
    pub unsent: u64,
    /// Whether all that fires had fired before, and nobody was told that it recovered.
    pub fires_again: bool,
    /// What the label says of its most severe alert; may be empty.
    pub severity: &'a str,
    /// The alerts' names; the first of many.
    pub alertnames: &'a [String],
    /// How many names more there are.
    pub more_alertnames: u64,
    /// The labels that the group was made by.
    pub group_labels: &'a BTreeMap<String, String>,
    /// Those of its alerts that tell it apart besides.
    pub shared_labels: &'a BTreeMap<String, String>,
    /// Since when the oldest alert fires.
    pub since: Option<Timestamp>,
    /// When it came to this: when its last alert recovered, or else about when the notification was
    /// accepted.
    pub came: Option<Timestamp>,
    /// A page that shows the group: Alertmanager's, or else its graph; may be empty.
    pub link: &'a str,
    /// Which destination did not take it, and it comes here instead; may be empty.
    pub instead_of: &'a str,
    /// Whom its message mentions.
    pub at: &'a At,
}

/// The queued notifications of one group.
#[derive(Debug, Clone)]
pub struct DigestGroup<'a> {
    /// What they said before, the oldest first.
    pub earlier: Vec<GroupState<'a>>,
    /// What the newest of them said.
    pub newest: GroupState<'a>,
}

impl<'a> DigestGroup<'a> {
    /// A group by its states, the oldest first; none if there is no state.
    #[must_use]
    pub fn of(mut states: Vec<GroupState<'a>>) -> Option<Self> {
        let newest = states.pop()?;
        Some(Self { earlier: states, newest })
    }

    /// Everyone whom a state of `groups` mentions, each once.
    pub(super) fn everyone(groups: &[Self]) -> At {
        let mut union = At::default();
        for state in groups.iter().flat_map(|group| group.earlier.iter().chain([&group.newest])) {
            let At { mobiles, user_ids, all } = state.at;
            add(&mut union.mobiles, mobiles);
            add(&mut union.user_ids, user_ids);
            union.all |= all;
        }
        union
    }

    /// The names of its alerts, each once and none blank: those of the newest state, then those that only
    /// earlier states name. What fired and was resolved meanwhile stands in no other message.
    pub(super) fn names(&self) -> Vec<&'a str> {
        let newest = self.newest.names();
        let earlier = self.earlier.iter().rev().flat_map(GroupState::names);
        let mut seen = BTreeSet::new();
        newest.chain(earlier).filter(|name| seen.insert(*name)).collect()
    }
}

impl<'a> GroupState<'a> {
    /// Whether the group fires.
    pub(super) fn standing(&self) -> Standing {
        match (self.status, self.unsent) {
            (Status::Firing, _) => Standing::Firing,
            (Status::Resolved, 1..) => Standing::Open,
            (Status::Resolved, 0) => Standing::Resolved,
        }
    }

    /// The names of its alerts, those that are not blank.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let Self { alertnames, group_labels, .. } = *self;
        let own = group_labels.get("alertname").filter(|_| alertnames.is_empty());
        alertnames.iter().chain(own).map(String::as_str).filter(|name| !name.trim().is_empty())
    }
}

fn add(names: &mut Vec<String>, more: &[String]) {
    for name in more {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
}

/// What happened to a group before its newest state, as far as no message has said it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Before<'a> {
    /// Nothing else.
    Nothing,
    /// It fired, and is resolved now.
    Fired(GroupState<'a>),
    /// It was resolved, and fires now.
    Resolved(GroupState<'a>),
}

/// A group as a digest sees it.
#[derive(Debug)]
pub(super) struct Story<'a> {
    pub(super) newest: GroupState<'a>,
    pub(super) standing: Standing,
    /// How severe it is among those of its status, by the order that is in force.
    pub(super) severe: Place,
    pub(super) before: Before<'a>,
    /// How many alerts are resolved, those that were in earlier states included.
    pub(super) resolved: u64,
    /// The labels that say which group it is, as a message orders them.
    pub(super) labels: Vec<(&'a str, &'a str)>,
    /// The names of the alerts of all its states.
    pub(super) names: Vec<&'a str>,
}

impl<'a> Story<'a> {
    pub(super) fn of(group: &DigestGroup<'a>, order: &SeverityOrder) -> Self {
        let DigestGroup { earlier, newest } = group;
        let last_of = |standing| earlier.iter().rposition(|state| state.standing() == standing);
        let standing = newest.standing();
        let before = match standing {
            Standing::Firing => last_of(Standing::Resolved).map(|at| Before::Resolved(earlier[at])),
            Standing::Open => None,
            // Of one run of states that fired the first says when it began.
            Standing::Resolved => last_of(Standing::Firing).map(|at| {
                let not_firing = |state: &GroupState<'_>| state.standing() != Standing::Firing;
                let run = earlier[..at].iter().rposition(not_firing);
                Before::Fired(earlier[run.map_or(0, |before| before + 1)])
            }),
        };
        // What was resolved with the whole group has fired again or is resolved again.
        let since = last_of(Standing::Resolved).map_or(0, |at| at + 1);
        let resolved = earlier[since..].iter().map(|state| state.resolved);
        let labels = newest.group_labels.iter().chain(newest.shared_labels);
        let labels = labels.map(|(name, value)| (&**name, &**value));
        Self {
            newest: *newest,
            standing,
            severe: order.place(newest.severity),
            before: before.unwrap_or(Before::Nothing),
            resolved: resolved.fold(newest.resolved, u64::saturating_add),
            labels: places_of(labels, order),
            names: group.names(),
        }
    }

    /// The place in a reader's order: what fires first, then the severe, then the new.
    pub(super) fn reading_order(&self) -> impl Ord + use<> {
        (self.standing, self.severe, Reverse(self.newest.since))
    }
}

/// The labels that all of `stories` share.
#[derive(Debug, Default)]
pub(super) struct CommonLabels<'a> {
    pub(super) labels: Vec<(&'a str, &'a str)>,
    /// Whether no group has any other.
    are_all: bool,
}

impl<'a> CommonLabels<'a> {
    pub(super) fn of(stories: &[Story<'a>]) -> Self {
        // A lone group shows its labels as its own.
        let [first, others @ ..] = stories else { return Self::default() };
        if others.is_empty() {
            return Self::default();
        }
        let mut labels = first.labels.clone();
        for story in others {
            labels.retain(|label| story.labels.contains(label));
        }
        let are_all = stories.iter().all(|story| story.labels.len() == labels.len());
        Self { labels, are_all }
    }

    /// Whether a label stands in the line of `story`: a group that has no other label than the
    /// common ones shows these, if others do.
    pub(super) fn leave(&self, story: &Story<'_>, label: &(&str, &str)) -> bool {
        let is_bare = !self.are_all && story.labels.len() == self.labels.len();
        is_bare || !self.labels.contains(label)
    }
}
