//! What is known of an incident between the posts that tell of it: whether it is open, since when, and
//! of how many probes.
//!
//! Monika says neither; of a probe that is not HTTP it does not even say which one it is.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::body::{self, Said};
use super::place;
use super::time::Moment;

/// The most characters of what an incident said.
const SAID_LENGTH: usize = 500;

/// What an incident is of. Its text is none of it, because a recovery has another one, and neither is
/// the address of the host that Monika runs on, because that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Subject {
    /// A URL that is probed from a host.
    Url { monika: String, url: String },
    /// All probes of a host that have no URL.
    NoUrl { monika: String },
    /// What the webhook channel names: a URL or a probe, and what was expected of it.
    Webhook { url: String, assertion: String },
}

/// An incident that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OpenIncident {
    pub(super) of: Subject,
    pub(super) since: Moment,
    /// When it was heard of last, by our clock.
    heard: Timestamp,
    /// How many probes are down; more than one only of those without a URL.
    pub(super) count: u32,
    /// What it said last.
    pub(super) said: String,
}

impl Subject {
    /// What a post is of, if something has to be known of it: an incident, its recovery, or the start
    /// of a Monika, which forgets its probes without a URL.
    pub(super) fn of(said: &Said, toggles: bool) -> Option<Self> {
        match said {
            Said::Probe { monika, url, .. } => Some(Self::of_probe(monika, url)),
            Said::Webhook { url, assertion } => toggles.then(|| Self::of_webhook(url, assertion)),
            Said::Process { ends: false, sentence } => {
                Some(Self::of_probe(place::host_of_sentence(sentence), ""))
            }
            Said::Process { ends: true, .. } | Said::Status { .. } => None,
        }
    }

    /// What a probe of the host `monika` looks at.
    pub(super) fn of_probe(monika: &str, url: &str) -> Self {
        let monika = monika.to_owned();
        if url.is_empty() {
            Self::NoUrl { monika }
        } else {
            Self::Url { monika, url: url.to_owned() }
        }
    }

    /// What the webhook channel names.
    pub(super) fn of_webhook(url: &str, assertion: &str) -> Self {
        Self::Webhook { url: url.to_owned(), assertion: assertion.to_owned() }
    }

    /// A name of it that nothing else has.
    pub(super) fn name(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The labels that make it what it is.
    pub(super) fn identity(&self) -> Vec<(&'static str, &str)> {
        let name = ("alertname", super::INCIDENT);
        match self {
            Self::Url { monika, url } => vec![name, ("monika", monika), ("url", url)],
            Self::NoUrl { monika } => vec![name, ("monika", monika), ("url", "")],
            Self::Webhook { url, assertion } => {
                vec![name, ("assertion", assertion), (kind_of(url), url)]
            }
        }
    }

    /// The labels that a reader tells its group from others by: where there is a URL, its host and path, so
    /// that a title has room for both.
    pub(super) fn group(&self) -> Vec<(&'static str, &str)> {
        let name = ("alertname", super::INCIDENT);
        let (mut labels, url) = match self {
            Self::NoUrl { monika } => (vec![name, ("monika", monika)], None),
            Self::Url { url, .. } => (vec![name], Some(url)),
            Self::Webhook { url, assertion } => (vec![name, ("assertion", assertion)], Some(url)),
        };
        if let Some(url) = url {
            match place::instance(url) {
                Some(host) => {
                    labels.extend([("instance", host), ("path", place::path(url))]);
                }
                None => labels.push((kind_of(url), url)),
            }
        }
        labels.retain(|(_, value)| !value.is_empty());
        labels
    }

    /// All that is known of it.
    pub(super) fn labels(&self, count: u32) -> Vec<(&'static str, Cow<'_, str>)> {
        let mut labels: Vec<(&'static str, Cow<'_, str>)> =
            self.identity().into_iter().map(|(name, value)| (name, value.into())).collect();
        labels.retain(|(_, value)| !value.is_empty());
        labels.extend([("source", "monika".into()), ("type", "incident".into())]);
        match self {
            Self::Url { url, .. } | Self::Webhook { url, .. } => {
                labels.extend(place::instance(url).map(|host| ("instance", host.into())));
            }
            Self::NoUrl { .. } => {
                let count = count.to_string().into();
                labels.extend([("probe", "unknown".into()), ("probes", count)]);
            }
        }
        labels
    }
}

/// Whether a text of the webhook channel is a URL, or the name of a probe that has none.
fn kind_of(url: &str) -> &'static str {
    if place::instance(url).is_some() { "url" } else { "probe" }
}

impl OpenIncident {
    /// The incident after one more was told of, or the same once more.
    pub(super) fn opened(
        of: Subject,
        before: Option<&Self>,
        when: Moment,
        heard: Timestamp,
        said: &str,
    ) -> Self {
        let counts = matches!(of, Subject::NoUrl { .. });
        let count = before.map_or(0, |before| before.count).saturating_add(1);
        Self {
            since: before.map_or(when, |before| before.since),
            heard,
            count: if counts { count } else { 1 },
            said: body::cut(said, SAID_LENGTH),
            of,
        }
    }

    /// What is left open after a recovery.
    pub(super) fn recovered(&self, heard: Timestamp) -> Option<Self> {
        let count = self.count.saturating_sub(1);
        (count > 0).then(|| Self { heard, count, ..self.clone() })
    }

    /// Reads what is stored; none if another version wrote it.
    pub(super) fn read(stored: &[u8]) -> Option<Self> {
        serde_json::from_slice(stored).ok()
    }

    /// What is stored of it.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}
