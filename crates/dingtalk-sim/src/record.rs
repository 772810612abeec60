//! What happened: every call, and every message that a reader of a group sees.
//!
//! A call is recorded before its answer leaves, so a call that is never answered stands here too.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use crate::reader::{masked, reader_view};

/// Which API a call was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `/robot/send`: a message by webhook.
    RobotSend,
    /// `/v1.0/oauth2/accessToken`: an app's token, current API.
    AccessToken,
    /// `/gettoken`: an app's token, older API.
    GetToken,
    /// `/v1.0/robot/groupMessages/send`: a message of an app's robot, current API.
    GroupSend,
    /// `/v1.0/robot/groupMessages/recall`: takes such messages back.
    GroupRecall,
    /// `/v1.0/robot/oToMessages/batchSend`: a message of an app's robot to each of some people.
    PeopleSend,
    /// `/v1.0/robot/otoMessages/batchRecall`: takes such messages back.
    PeopleRecall,
    /// `/chat/send`: a message of an app, older API.
    ChatSend,
    /// `/v1.0/im/chat/…/convertToOpenConversationId`: the current API's id of a chat of the older one.
    Convert,
    /// Any other path.
    Unknown,
}

/// What the caller was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The documented success.
    Ok,
    /// A refusal of the older API, by `errcode`.
    Errcode(i64),
    /// A refusal of the current API.
    Api {
        /// The HTTP status.
        status: u16,
        /// The `code` of the body.
        code: String,
    },
    /// What a fault did instead, by its name.
    Fault(&'static str),
}

impl fmt::Display for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok => formatter.write_str("ok"),
            Self::Errcode(code) => write!(formatter, "errcode {code}"),
            Self::Api { status, code } => write!(formatter, "{status} {code}"),
            Self::Fault(name) => write!(formatter, "fault {name}"),
        }
    }
}

/// Who sends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Sender {
    /// A robot, by its access token.
    Robot(String),
    /// An app, by its key.
    App(String),
}

impl Sender {
    /// The token or key.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Robot(id) | Self::App(id) => id,
        }
    }
}

/// One call, whatever became of it.
#[derive(Debug, Clone)]
pub struct Call {
    /// Which API.
    pub endpoint: Endpoint,
    /// Who called, where the call tells; not necessarily a known one.
    pub sender: Option<Sender>,
    /// When, by the simulator's clock.
    pub at: Duration,
    /// The method.
    pub method: String,
    /// The path, without its query.
    pub path: String,
    /// The names and values of the query, decoded once.
    pub query: Vec<(String, String)>,
    /// The body, when it is JSON.
    pub body: Option<Value>,
    /// The size of the body in bytes.
    pub body_bytes: usize,
    /// What the caller was told.
    pub answer: Answer,
    /// Whether it counts against the rate.
    pub accepted: bool,
    /// Whether a message appeared in the group.
    pub posted: bool,
}

impl Call {
    /// When it came, from whom, its path and what became of it as JSON, without its body; of a
    /// token or key the first four characters are shown.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "at_ms": milliseconds(self.at),
            "sender": self.sender.as_ref().map(|sender| masked(sender.id())),
            "path": self.path,
            "answer": self.answer.to_string(),
            "accepted": self.accepted,
            "posted": self.posted,
        })
    }
}

/// Who is notified by a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Mobile numbers that stand both in `at` and, as `@…`, in the text.
    pub mobiles: Vec<String>,
    /// User ids, likewise.
    pub user_ids: Vec<String>,
    /// Everyone.
    pub all: bool,
}

/// A link beside the text: a card's button, a feed's line, a link message's target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The words on it.
    pub text: String,
    /// Where it leads.
    pub url: String,
}

/// A message in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// The group's name or id; of a message to one person, that user's id.
    pub group: String,
    /// Who sent it.
    pub sender: Sender,
    /// When, by the simulator's clock.
    pub at: Duration,
    /// `text`, `markdown`, `link`, `actionCard`, `feedCard`; a `msgKey` is told as its type.
    pub msgtype: String,
    /// Shown in the list of conversations and in the push.
    pub title: Option<String>,
    /// The text as sent.
    pub text: String,
    /// Links that stand beside the text.
    pub links: Vec<Link>,
    /// Who is notified.
    pub mentions: Mentions,
    /// The idempotency key that came with it.
    pub msg_uuid: Option<String>,
    /// The `processQueryKey` by which it can be recalled; messages to several people share one.
    pub query_key: Option<String>,
}

impl Post {
    /// The post as JSON, without the sender's token; `view` is what a reader sees.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let link = |link: &Link| json!({"text": link.text, "url": link.url});
        json!({
            "group": self.group,
            "at_ms": milliseconds(self.at),
            "msgtype": self.msgtype,
            "title": self.title,
            "text": self.text,
            "view": reader_view(self),
            "links": self.links.iter().map(link).collect::<Vec<_>>(),
            "mentions": {
                "mobiles": self.mentions.mobiles,
                "user_ids": self.mentions.user_ids,
                "all": self.mentions.all,
            },
            "msg_uuid": self.msg_uuid,
        })
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
