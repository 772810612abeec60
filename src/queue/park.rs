//! Parks: what a throttled lane or a dead destination waits for.

use std::time::Duration;

use jiff::Timestamp;

use super::Target;

/// What a park holds back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// A lane, by its id.
    Lane(String),
    /// One destination.
    Destination {
        /// Which one.
        target: Target,
        /// A keyed hash of its credentials: another one ends the park.
        credentials_hash: String,
    },
}

impl Scope {
    /// Whether it holds back this receiver's destination alone.
    #[must_use]
    pub fn is_for(&self, name: (&str, &str)) -> bool {
        match self {
            Self::Lane(_) => false,
            Self::Destination { target, .. } => target.is(name),
        }
    }
}

/// A wait of a whole lane or destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPark {
    /// What waits.
    pub scope: Scope,
    /// Why, in words.
    pub cause: String,
    /// How often in a row a lane was throttled for a minute or more, this time counted, 0 if it was never;
    /// 1 for a destination.
    pub step: u32,
    /// How long until one attempt may probe.
    pub wait: Duration,
    /// Whether the account is dead, and with it every destination of the attempt's lane: they all
    /// wait, once a dead letter says so, and the first arrival frees them all.
    pub whole_lane: bool,
}

/// A park that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Park {
    /// What waits.
    pub scope: Scope,
    /// Why, in words.
    pub cause: String,
    /// As in [`NewPark::step`].
    pub step: u32,
    /// When one attempt may probe.
    pub until: Timestamp,
}
