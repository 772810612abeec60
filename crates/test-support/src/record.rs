//! What was promised and what the groups' readers saw, compared.
//!
//! Every alert that a load posts has a name of its own, its [`Mark`]. A pure function finds what
//! is wrong, so that the checker itself can be shown to fail.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use dingtalk_sim::Post;
use serde_json::Value;

use crate::alerts::{alert, group_by};

/// The name of one alert: the `number`-th state of one group for one receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// The receiver's number.
    pub receiver: usize,
    /// The group's number within the receiver.
    pub group: usize,
    /// The state's number within the group.
    pub number: usize,
}

impl fmt::Display for Mark {
    /// Letters and digits alone: nothing that Markdown would have to escape.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mark{}x{}x{}", self.receiver, self.group, self.number)
    }
}

impl Mark {
    /// The notification with this one alert, in its group.
    #[must_use]
    pub fn notification(&self) -> Value {
        let alert = alert(&self.to_string()).severity("critical");
        group_by("group", &self.group.to_string(), [alert])
    }

    /// The mark in a message.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        text.split(|c: char| !c.is_alphanumeric()).find_map(|word| {
            let mut numbers = word.strip_prefix("Mark")?.split('x').map(str::parse);
            let mut next = || numbers.next()?.ok();
            Some(Self { receiver: next()?, group: next()?, number: next()? })
        })
    }
}

/// What happened in one run.
#[derive(Debug, Default, Clone)]
pub struct Record {
    /// The marks whose notification was answered 200.
    pub accepted: BTreeSet<Mark>,
    /// The marks in the groups, in the order in which they appeared.
    pub shown: Vec<Mark>,
}

/// What must not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// It was answered 200 and never arrived.
    Lost(Mark),
    /// It arrived more than once.
    Twice(Mark),
    /// It arrived after a later state of its group.
    Late(Mark),
}

impl Record {
    /// What a run has shown in the simulated groups.
    ///
    /// # Panics
    ///
    /// When a message carries no mark.
    pub fn new(accepted: impl IntoIterator<Item = Mark>, posts: &[Post]) -> Self {
        let mark = |post: &Post| {
            Mark::of(&post.text).unwrap_or_else(|| panic!("a post without a mark: {post:?}"))
        };
        Self { accepted: accepted.into_iter().collect(), shown: posts.iter().map(mark).collect() }
    }

    /// Everything that is wrong with it.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        let mut newest: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for mark in &self.shown {
            if !seen.insert(*mark) {
                found.push(Violation::Twice(*mark));
                continue;
            }
            let newest = newest.entry((mark.receiver, mark.group)).or_insert(mark.number);
            if mark.number < *newest {
                found.push(Violation::Late(*mark));
            }
            *newest = (*newest).max(mark.number);
        }
        found.extend(self.accepted.difference(&seen).map(|mark| Violation::Lost(*mark)));
        found
    }
}
