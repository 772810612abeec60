//! What an answer of DingTalk means, as a decision that the caller can act on.
//!
//! A message has arrived only when DingTalk said so: errcode present and 0, or, by the current API,
//! 200 with a `processQueryKey`. Everything else is a [`SendError`], also an answer that nobody
//! knows yet. Nothing here waits or retries, and no text in here carries a secret.

mod classify;
mod codes;
mod refusal;
mod words;

#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

pub use classify::{Answer, chatbot, conversation};
pub(super) use classify::{no_token, timestamp_of};
pub use refusal::{Refusal, Scope};

/// DingTalk took the message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// DingTalk's code, `0`; the current API has none.
    pub code: Option<String>,
    /// DingTalk's words, `ok`; the current API has none.
    pub text: String,
    /// The current API's number of the message.
    pub process_query_key: Option<String>,
}

/// What stood in an answer: foreign text, cleaned, shortened and without secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// The HTTP status; 0 where there was no answer.
    pub status: u16,
    /// `errcode`, `sub_code` or `code`; empty where the answer had none.
    pub code: String,
    /// DingTalk's words, or the beginning of what it sent instead.
    pub text: String,
    /// How many seconds this machine's clock is ahead of DingTalk's, by the answer's `Date`.
    pub clock_ahead: Option<i64>,
}

/// Why nobody can tell from an answer whether the message was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// HTTP 3xx; redirects are not followed.
    Redirect,
    /// The gateway's `x5` page: too many calls came from this address.
    Banned,
    /// HTTP 429 or 5xx, or a code that says that DingTalk itself does not know.
    Failed,
    /// Not JSON, or cut off.
    NotJson,
    /// JSON without an errcode, or without a `processQueryKey`.
    NoCode,
}

/// How long a throttle's window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// A second: the calls of an app (QPS).
    Second,
    /// A minute: the messages of a robot; DingTalk may refuse everything for ten.
    Minute,
}

/// Why a message did not, or may not have, arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendError {
    /// There was no connection: no name, refused, no TLS. It has not arrived.
    NotSent(String),
    /// The attempt's time was up before an answer came.
    Timeout,
    /// The connection broke before the answer was whole; says how.
    Broken(String),
    /// An answer that says neither yes nor no.
    NoErrcode {
        /// What it lacks.
        gap: Gap,
        /// What it said instead.
        said: Said,
        /// How long DingTalk asks to wait.
        wait: Option<Duration>,
    },
    /// DingTalk is busy, and asks to be tried at most three times at once.
    Busy(Said),
    /// Too many messages or calls; any other in this lane would be refused too.
    Throttled {
        /// The length of the window that is full.
        window: Window,
        /// What DingTalk said.
        said: Said,
        /// How long DingTalk asks to wait.
        wait: Option<Duration>,
    },
    /// The message is longer than DingTalk takes.
    TooLong(Said),
    /// The signature is too old: this machine's clock is off, or the call took over an hour.
    Clock(Said),
    /// The app's token was refused, and so was a fresh one.
    Token(Said),
    /// DingTalk understood the message and refused it.
    Refused {
        /// Why.
        refusal: Refusal,
        /// What DingTalk said.
        said: Said,
    },
    /// A code that nothing is known about.
    Unknown(Said),
    /// The app's token could not be fetched, for this reason; the message was not sent.
    NoToken(Box<Self>),
}

/// What the caller can do about a [`SendError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// Try again by the schedule, until the message is too old.
    Retry,
    /// Three quick tries, then the schedule.
    Busy,
    /// Let the lane wait, then probe with one message; no try is used up.
    ThrottledLane,
    /// Let the lane wait for a second; no try is used up.
    ThrottledSecond,
    /// Cut the message smaller.
    Shorten,
    /// Try again by the schedule, which signs again; this machine's clock is off.
    Resign,
    /// A fresh token was refused too: the schedule, then the destination is dead.
    TokenRefused,
    /// This message can never arrive.
    BuryMessage,
    /// No message to this destination can arrive before a person changes something.
    BuryDestination,
    /// Five tries over about ten minutes, then a dead letter with DingTalk's words.
    Odd,
}

impl SendError {
    /// What the caller can do about it.
    #[must_use]
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::NotSent(_) | Self::Timeout | Self::Broken(_) | Self::NoErrcode { .. } => {
                Disposition::Retry
            }
            Self::Busy(_) => Disposition::Busy,
            Self::Throttled { window: Window::Minute, .. } => Disposition::ThrottledLane,
            Self::Throttled { window: Window::Second, .. } => Disposition::ThrottledSecond,
            Self::TooLong(_) => Disposition::Shorten,
            Self::Clock(_) => Disposition::Resign,
            Self::Token(_) => Disposition::TokenRefused,
            Self::Refused { refusal, .. } => match refusal.scope() {
                Scope::Message => Disposition::BuryMessage,
                Scope::Destination => Disposition::BuryDestination,
            },
            Self::Unknown(_) => Disposition::Odd,
            Self::NoToken(cause) => cause.disposition(),
        }
    }

    /// A word for metrics and filters; there are about thirty of them.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        match self {
            Self::NotSent(_) => "no_connection",
            Self::Timeout => "timeout",
            Self::Broken(_) => "reset",
            Self::NoErrcode { gap, .. } => match gap {
                Gap::Redirect => "redirect",
                Gap::Banned => "banned",
                Gap::Failed => "http_error",
                Gap::NotJson | Gap::NoCode => "no_errcode",
            },
            Self::Busy(_) => "busy",
            Self::Throttled { window: Window::Minute, .. } => "throttled",
            Self::Throttled { window: Window::Second, .. } => "throttled_second",
            Self::TooLong(_) => "too_long",
            Self::Clock(_) => "clock",
            Self::Token(_) => "token",
            Self::Refused { refusal, .. } => refusal.outcome(),
            Self::Unknown(_) => "unknown",
            Self::NoToken(cause) => cause.outcome(),
        }
    }

    /// What DingTalk answered, where it did.
    #[must_use]
    pub fn said(&self) -> Option<&Said> {
        match self {
            Self::NotSent(_) | Self::Timeout | Self::Broken(_) => None,
            Self::NoErrcode { said, .. }
            | Self::Busy(said)
            | Self::Throttled { said, .. }
            | Self::TooLong(said)
            | Self::Clock(said)
            | Self::Token(said)
            | Self::Refused { said, .. }
            | Self::Unknown(said) => Some(said),
            Self::NoToken(cause) => cause.said(),
        }
    }

    /// DingTalk's code, where it gave one.
    #[must_use]
    pub fn code(&self) -> Option<String> {
        self.said().map(|said| &said.code).filter(|code| !code.is_empty()).cloned()
    }

    /// Whether the message may have arrived all the same, so that sending it again with another
    /// `msgUuid` could show it twice.
    #[must_use]
    pub fn uncertain(&self) -> bool {
        match self {
            Self::Timeout | Self::Broken(_) | Self::NoErrcode { .. } | Self::Busy(_) => true,
            // The message itself waits for the token, whatever became of the token's request.
            Self::NotSent(_)
            | Self::Throttled { .. }
            | Self::TooLong(_)
            | Self::Clock(_)
            | Self::Token(_)
            | Self::Refused { .. }
            | Self::Unknown(_)
            | Self::NoToken(_) => false,
        }
    }

    /// How long DingTalk asks to wait, where it says so.
    #[must_use]
    pub fn wait(&self) -> Option<Duration> {
        match self {
            Self::NoErrcode { wait, .. } | Self::Throttled { wait, .. } => *wait,
            Self::NoToken(cause) => cause.wait(),
            Self::NotSent(_)
            | Self::Timeout
            | Self::Broken(_)
            | Self::Busy(_)
            | Self::TooLong(_)
            | Self::Clock(_)
            | Self::Token(_)
            | Self::Refused { .. }
            | Self::Unknown(_) => None,
        }
    }

    /// DingTalk's code and words, what they mean, and what to do.
    #[must_use]
    pub fn reason(&self) -> String {
        words::reason(self)
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason())
    }
}

impl std::error::Error for SendError {}
