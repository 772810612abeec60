//! What names a delivery, where it goes, what made it and how it stands.

use std::fmt;

/// A delivery's number, which grows and is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId(pub i64);

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a delivery goes, by name; the configuration knows its address and its secrets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// The receiver's name.
    pub receiver: String,
    /// The chatbot's name, or a conversation's `name/` + 8 hex digits.
    pub destination: String,
}

impl Target {
    /// The names of receiver and destination.
    #[must_use]
    pub fn names(&self) -> (&str, &str) {
        (&self.receiver, &self.destination)
    }

    /// Whether it is this receiver's destination of this name.
    #[must_use]
    pub fn is(&self, (receiver, destination): (&str, &str)) -> bool {
        self.receiver == receiver && self.destination == destination
    }
}

/// What made a delivery; each counts as accepted once, under its origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A webhook POST.
    Notification,
    /// A person's replay of a dead letter.
    Replay,
    /// A digest of folded deliveries.
    Digest,
    /// A fallback for a dead letter.
    Fallback,
}

impl Origin {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Notification, Self::Replay, Self::Digest, Self::Fallback];

    /// The word in the API, the metrics and the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Notification => "notification",
            Self::Replay => "replay",
            Self::Digest => "digest",
            Self::Fallback => "fallback",
        }
    }
}

/// How a delivery stands; every state but `Queued` is final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Not settled yet.
    Queued,
    /// All its parts arrived.
    Delivered,
    /// Shown in a digest that arrived.
    Folded,
    /// It cannot arrive; a person has to look. The reason stands with it.
    Dead,
    /// A person gave it up.
    Discarded,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Queued, Self::Delivered, Self::Folded, Self::Dead, Self::Discarded];

    /// The word in the API, the metrics and the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Delivered => "delivered",
            Self::Folded => "folded",
            Self::Dead => "dead",
            Self::Discarded => "discarded",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}
