//! The words for a body that is no notification: what it is instead, and what its sender can do.

mod poster;

use serde::de::IgnoredAny;

pub use poster::Poster;
pub(super) use poster::poster;

/// Why a body is not a notification, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// Nothing was posted.
    #[error("the body is empty; post Alertmanager's webhook payload as JSON (with curl: -d @file)")]
    Empty,
    /// The bytes are not JSON.
    #[error("the body is not JSON: {0}")]
    NotJson(String),
    /// JSON, with a value that a notification cannot have.
    #[error("the body is not an Alertmanager notification: {0}")]
    WrongShape(String),
    /// Alerts as the clients of Alertmanager's API post them; says whose they are.
    #[error("{0}")]
    Array(Poster),
    /// A notification of Grafana's alerting as it was before version 8.
    #[error(
        "the body is a notification of Grafana's legacy alerting (it has `evalMatches` or \
         `ruleName`), which says neither which alert it is nor its labels; Grafana 8 and newer have \
         Grafana Alerting, whose webhook contact point is read here"
    )]
    OldGrafana,
    /// JSON of another kind than an object, which is named.
    #[error("the body is JSON, but {0} and no object; post Alertmanager's webhook payload")]
    NotAnObject(&'static str),
    /// A message for DingTalk, whose place Campana was given.
    #[error(
        "the body is a DingTalk message (it has `msgtype`); this server takes Alertmanager's \
         webhook payload and writes the DingTalk message itself"
    )]
    DingTalkMessage,
    /// An object without any field of a notification.
    #[error(
        "the body has none of a notification's fields (alerts, status, groupKey, …); \
         post Alertmanager's webhook payload, version 4"
    )]
    NoField,
    /// What Monika posts, where it has a path of its own.
    #[error("the body is one of Monika's; post it to /api/v1/receivers/{{receiver}}/monika")]
    Monika,
    /// Neither of the bodies that Monika posts.
    #[error("the body is none of Monika's: it is {is}{beginning}")]
    NotMonika {
        /// What it is, and what to do.
        is: String,
        /// What it begins with.
        beginning: String,
    },
    /// A format that another version reads.
    #[error(
        "this version of campana knows no format {0:?}; it reads: alertmanager, grafana, monika/1"
    )]
    UnknownFormat(String),
}

/// How much of the beginning and of the end of an error's words is kept: they quote the body, which can
/// be long, and end with the place.
const KEPT: usize = 200;

/// Finds the words for a JSON body that could not be read as `error` says.
///
/// It reads the body a second time, which only a body with a mistake costs, and builds nothing of it.
pub(super) fn diagnose(body: &[u8], error: &serde_json::Error) -> PayloadError {
    if body.iter().all(u8::is_ascii_whitespace) {
        return PayloadError::Empty;
    }
    if let Err(syntax) = serde_json::from_slice::<IgnoredAny>(body) {
        return PayloadError::NotJson(syntax.to_string());
    }
    match body.trim_ascii_start().first() {
        Some(b'[') => PayloadError::Array(poster(body)),
        Some(b'n') => PayloadError::NotAnObject("null"),
        Some(b't' | b'f') => PayloadError::NotAnObject("true or false"),
        Some(b'"') => PayloadError::NotAnObject("a string"),
        Some(b'-' | b'0'..=b'9') => PayloadError::NotAnObject("a number"),
        Some(_) | None => PayloadError::WrongShape(shortened(&error.to_string())),
    }
}

/// The words without their middle, if they are long.
pub(super) fn shortened(words: &str) -> String {
    let count = words.chars().count();
    if count <= 2 * KEPT {
        return words.to_owned();
    }
    let (start, end) = (words.chars().take(KEPT), words.chars().skip(count - KEPT));
    start.chain(['…']).chain(end).collect()
}
