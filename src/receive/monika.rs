//! What Monika posts by its channels `monika-notif` and `webhook`, as notifications with one alert each.
//!
//! A body of Monika's does not say all of it: neither since when an incident is open nor, by the
//! `webhook` channel, whether it is one. So it is read with what is known of the incident, which is
//! stored between the posts. What is stored of a post is the body with what was known when it came:
//! read again, it is the same notification.

mod body;
mod entities;
mod excerpt;
mod foreign;
mod notification;
mod open;
mod place;
#[cfg(test)]
mod tests;
mod time;
mod words;

use std::borrow::Cow;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::mistake::PayloadError;
use crate::alert::Notification;
use body::{Posted, Said};
use open::{OpenIncident, Subject};
use time::Moment;

/// The format's name: that of what is stored.
pub const FORMAT: &str = "monika/1";

/// The name of the alert of an incident.
const INCIDENT: &str = "MonikaIncident";

/// How a post is read, besides what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manner {
    /// When it came.
    pub at: Timestamp,
    /// The language of the words about what it does not say, by its name in the configuration.
    pub language: Cow<'static, str>,
    /// Whether what the `webhook` channel says is an incident and a recovery in turn.
    pub toggles: bool,
}

/// What Monika posted.
#[derive(Debug, Clone)]
pub struct Post {
    posted: Posted,
    body: Box<RawValue>,
}

/// What a post says, by what was known when it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What is stored of it, which [`parse`] reads.
    pub payload: Vec<u8>,
    /// What is known from now on.
    pub becomes: Option<Vec<u8>>,
}

/// What is stored.
#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    at: Timestamp,
    #[serde(borrow)]
    language: Cow<'a, str>,
    #[serde(borrow)]
    event: Event<'a>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Event<'a> {
    /// Monika said something.
    Post {
        toggles: bool,
        known: Option<OpenIncident>,
        #[serde(borrow)]
        body: &'a RawValue,
    },
    /// It did not, for so many seconds.
    Closed { open: OpenIncident, after: u64 },
}

/// Whose the incidents of a receiver are, where they are kept.
#[must_use]
pub fn sender(receiver: &str) -> String {
    format!("monika/{receiver}")
}

impl Post {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// When Monika's two channels post none such; says what it is instead.
    pub fn read(body: &[u8]) -> Result<Self, PayloadError> {
        // Some editors put a byte order mark before the text that they save.
        let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
        let Ok(text) = str::from_utf8(body) else { return Err(foreign::no_text(body)) };
        let posted = Posted::read(text)?;
        let body = serde_json::from_str(text).map_err(|error| foreign::misread(text, &error))?;
        Ok(Self { posted, body })
    }

    /// The name of the thing of which something has to be known, if there is one.
    #[must_use]
    pub fn thing(&self, manner: &Manner) -> Option<String> {
        Subject::of(&self.posted.said, manner.toggles).map(|of| of.name())
    }

    /// The time that it gives, if that cannot be read; then the time at which it came stands for it.
    #[must_use]
    pub fn unread_time(&self) -> Option<&str> {
        self.posted.time.as_deref().filter(|time| Moment::parse(time).is_none())
    }

    /// Whether it comes by the `webhook` channel, which does not tell a recovery from an incident.
    #[must_use]
    pub fn is_of_webhook(&self) -> bool {
        matches!(self.posted.said, Said::Webhook { .. })
    }

    /// What it says, by what is known of its [thing](Self::thing).
    #[must_use]
    pub fn told(&self, known: Option<&[u8]>, manner: &Manner) -> Told {
        let known = known.and_then(OpenIncident::read);
        let meaning = notification::of(&self.posted, known.as_ref(), manner);
        let event = Event::Post { toggles: manner.toggles, known, body: &self.body };
        let becomes = meaning.becomes.map(|open| open.to_bytes());
        Told { payload: stored(manner, event), becomes }
    }
}

/// What is stored of an open incident that is closed, because for so long nothing was heard of it; none if
/// what is known of it cannot be read.
#[must_use]
pub fn closed(known: &[u8], after: Duration, manner: &Manner) -> Option<Vec<u8>> {
    let open = OpenIncident::read(known)?;
    Some(stored(manner, Event::Closed { open, after: after.as_secs() }))
}

fn stored(manner: &Manner, event: Event<'_>) -> Vec<u8> {
    let language = Cow::from(&*manner.language);
    // It has no key that is not a text, so it can be written.
    serde_json::to_vec(&Stored { at: manner.at, language, event }).unwrap_or_default()
}

/// Reads what is stored of a post, or of an incident that was closed.
///
/// # Errors
///
/// When it is something else.
pub fn parse(stored: &[u8]) -> Result<Notification, PayloadError> {
    let stored: Stored<'_> =
        serde_json::from_slice(stored).map_err(|error| PayloadError::NotJson(error.to_string()))?;
    let language = Cow::Owned(stored.language.into_owned());
    let manner = Manner { at: stored.at, language, toggles: false };
    match stored.event {
        Event::Post { toggles, known, body } => {
            let posted = Posted::read(body.get())?;
            let manner = Manner { toggles, ..manner };
            Ok(notification::of(&posted, known.as_ref(), &manner).notification)
        }
        Event::Closed { open, after } => {
            Ok(notification::closed(&open, Duration::from_secs(after), &manner))
        }
    }
}
