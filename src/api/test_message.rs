//! What became of a receiver's test message.

use serde::{Deserialize, Serialize};

use crate::deliver;

/// POST `/api/v1/receivers/{receiver}/test`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestAnswer {
    /// Whether every destination took it.
    pub ok: bool,
    /// The receiver's name.
    pub receiver: String,
    /// One entry for each destination.
    pub destinations: Vec<TestedDestination>,
    /// The warnings about settings that came with the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// What one destination said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestedDestination {
    /// The destination's name.
    pub name: String,
    /// `chatbot`, `conversation` or `chat`.
    pub kind: String,
    /// Whether DingTalk took it.
    pub ok: bool,
    /// DingTalk's code; null where it gave none.
    pub errcode: Option<Errcode>,
    /// DingTalk's words.
    pub errmsg: String,
    /// What they mean and what to do; empty when the message arrived.
    pub reason: String,
}

/// DingTalk's code: a number, or the current API's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Errcode {
    /// Of `robot/send` and the older APIs.
    Number(i64),
    /// Of the current API.
    Word(String),
}

impl TestAnswer {
    /// The answer for a receiver whose destinations said this.
    #[must_use]
    pub fn new(receiver: &str, destinations: Vec<TestedDestination>) -> Self {
        let ok = destinations.iter().all(|destination| destination.ok);
        Self { ok, receiver: receiver.to_owned(), destinations, warnings: Vec::new() }
    }
}

impl From<deliver::TestedDestination> for TestedDestination {
    fn from(tested: deliver::TestedDestination) -> Self {
        let deliver::TestedDestination { name, kind, ok, errcode, errmsg, reason } = tested;
        let errcode = errcode.map(|code| match code.parse() {
            Ok(number) => Errcode::Number(number),
            Err(_) => Errcode::Word(code),
        });
        Self { name, kind: kind.to_owned(), ok, errcode, errmsg, reason }
    }
}
