//! What Monika posts, by its two channels, as its fields say it.
//!
//! `monika-notif` has a `type`; `webhook` has nothing but a `body`. Texts are cut to what a message has
//! room for, and entities in them are decoded.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::super::alertmanager::text::{Text, or_empty};
use super::super::mistake::PayloadError;
use super::{entities, foreign, place};

/// The most characters of a URL; two that differ only behind them are one.
const URL_LENGTH: usize = 2_000;

/// The most characters of the name of a host.
const HOST_LENGTH: usize = 200;

/// The most characters of an assertion.
const ASSERTION_LENGTH: usize = 1_000;

/// The most characters of what Monika says when it starts or ends.
const SENTENCE_LENGTH: usize = 1_000;

/// The numbers of a status update, by their names.
pub(super) const NUMBERS: [&str; 7] = [
    "numberOfProbes",
    "numberOfIncidents",
    "numberOfRecoveries",
    "numberOfSentNotifications",
    "minResponseTime",
    "maxResponseTime",
    "averageResponseTime",
];

/// What one post says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// An incident of a probe, or its recovery, by the channel that tells them apart.
    Probe { recovers: bool, monika: String, url: String, alert: String },
    /// Either of the two, by the channel that does not.
    Webhook { url: String, assertion: String },
    /// Monika has started, or ends.
    Process { ends: bool, sentence: String },
    /// What Monika counted; a number that it left out, or does not know, is empty.
    Status { monika: String, numbers: [String; NUMBERS.len()] },
}

/// One post: what it says, and when that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Posted {
    pub(super) said: Said,
    /// The time as it is written; none where the post has none.
    pub(super) time: Option<String>,
}

/// The fields of a body; those that no kind has are ignored.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"), expecting = "an object")]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: Option<Text<'a>>,
    #[serde(rename = "body")]
    by_webhook: Option<Fields<'a>>,
    alert: Option<Text<'a>>,
    url: Option<Text<'a>>,
    time: Option<Text<'a>>,
    monika: Option<Text<'a>>,
    #[serde(rename = "ip_address")]
    sentence: Option<Text<'a>>,
    number_of_probes: Option<Text<'a>>,
    number_of_incidents: Option<Text<'a>>,
    number_of_recoveries: Option<Text<'a>>,
    number_of_sent_notifications: Option<Text<'a>>,
    min_response_time: Option<Text<'a>>,
    max_response_time: Option<Text<'a>>,
    average_response_time: Option<Text<'a>>,
    /// A notification of Alertmanager's kind may have any other field.
    alerts: Option<IgnoredAny>,
}

/// What the `webhook` channel has under `body`.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"), expecting = "an object with url, time and alert")]
struct Fields<'a> {
    alert: Option<Text<'a>>,
    url: Option<Text<'a>>,
    time: Option<Text<'a>>,
}

impl Posted {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// When Monika posts none such; says what it is instead.
    pub(super) fn read(text: &str) -> Result<Self, PayloadError> {
        // Serde would take the values of a list for the fields, in their order.
        if !text.trim_start().starts_with('{') {
            return Err(foreign::named(text));
        }
        let body: Body<'_> =
            serde_json::from_str(text).map_err(|error| foreign::misread(text, &error))?;
        body.posted().ok_or_else(|| foreign::named(text))
    }
}

impl Body<'_> {
    fn posted(self) -> Option<Posted> {
        if self.alerts.is_some() {
            return None;
        }
        let Some(kind) = self.kind else {
            let Fields { alert, url, time } = self.by_webhook?;
            let said = Said::Webhook {
                url: url_of(url),
                assertion: cut(&decoded(alert), ASSERTION_LENGTH),
            };
            return Some(Posted { said, time: given(time) });
        };
        let monika = || cut(place::host(&or_empty(self.monika)), HOST_LENGTH);
        let sentence = |ends| {
            let sentence = cut(&decoded(self.sentence), SENTENCE_LENGTH);
            Said::Process { ends, sentence }
        };
        let said = match &*kind.0 {
            // With the suffix they come of a Monika that its central server tells what to probe.
            "incident" | "recovery" | "incident-symon" | "recovery-symon" => Said::Probe {
                recovers: kind.0.starts_with("recovery"),
                monika: monika(),
                url: url_of(self.url),
                alert: decoded(self.alert),
            },
            "start" => sentence(false),
            "termination" => sentence(true),
            "status-update" => Said::Status {
                monika: monika(),
                numbers: [
                    self.number_of_probes,
                    self.number_of_incidents,
                    self.number_of_recoveries,
                    self.number_of_sent_notifications,
                    self.min_response_time,
                    self.max_response_time,
                    self.average_response_time,
                ]
                .map(number),
            },
            _ => return None,
        };
        Some(Posted { said, time: given(self.time) })
    }
}

/// The text of a time, if there is one.
fn given(time: Option<Text<'_>>) -> Option<String> {
    time.map(|time| time.0.into_owned()).filter(|time| !time.trim().is_empty())
}

/// A URL, or the name of a probe that has none.
fn url_of(url: Option<Text<'_>>) -> String {
    cut(&place::without_user(or_empty(url).trim()), URL_LENGTH)
}

/// The words of a message, without the entities in them.
fn decoded(text: Option<Text<'_>>) -> String {
    entities::decode(&or_empty(text)).trim().to_owned()
}

/// A number as it is written; nothing where Monika does not know it.
fn number(text: Option<Text<'_>>) -> String {
    let text = or_empty(text);
    let is_number = text.chars().any(|c| c.is_ascii_digit());
    if is_number { cut(text.trim(), HOST_LENGTH) } else { String::new() }
}

/// The first characters of a text, so many that it ends with `…` if it has more.
pub(super) fn cut(text: &str, length: usize) -> String {
    if text.len() <= length || text.chars().nth(length).is_none() {
        return text.to_owned();
    }
    text.chars().take(length.saturating_sub(1)).chain(['…']).collect()
}
