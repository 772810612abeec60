//! Deliveries: in a list, one with everything, and what people do to them.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::in_milliseconds;
use crate::dingtalk::message::{At, Button, Part};
use crate::intake::Replayed;
use crate::queue::{self, Detail, Summary};

/// GET `/api/v1/deliveries`: newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryList {
    /// The deliveries that the filter lets through.
    pub deliveries: Vec<Delivery>,
}

/// A delivery in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// How it stands.
    #[serde(flatten)]
    pub standing: Standing,
    /// How many parts it has.
    pub parts: usize,
    /// How many attempts were started.
    pub attempts: u64,
}

/// GET `/api/v1/deliveries/{id}`: one delivery with everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryDetail {
    /// How it stands.
    #[serde(flatten)]
    pub standing: Standing,
    /// The message as it was rendered, its parts joined.
    pub message: MessageView,
    /// The parts as they are sent; they differ from the message when one proved too long.
    pub parts: Vec<MessageView>,
    /// The attempts, oldest first.
    pub attempts: Vec<Attempt>,
}

/// How a delivery stands, in a list and alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Its id.
    pub id: String,
    /// The notification that it was made of.
    pub notification: String,
    /// What made it: `notification` or `replay`.
    pub origin: String,
    /// The receiver's name.
    pub receiver: String,
    /// The destination's name.
    pub destination: String,
    /// The alert group.
    pub group: String,
    /// `queued`, `delivered`, `folded`, `dead` or `discarded`.
    pub state: String,
    /// Why it is dead, or what it waits for, and what of it cannot be read; may be empty.
    pub reason: String,
    /// The title of its first part, or the first line of its text.
    pub title: String,
    /// How many parts have arrived.
    pub arrived: usize,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// When it was settled.
    pub settled_at: Option<Timestamp>,
    /// When its next attempt is due, if it is queued.
    pub due_at: Option<Timestamp>,
    /// The dead letter that it replays.
    pub replay_of: Option<String>,
    /// The digest that carries it.
    pub carried_by: Option<String>,
    /// Why the built-in message stands in for a template's.
    pub render_error: Option<String>,
    /// A few facts of its alerts.
    pub summary: Summary,
}

/// A message, or one part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageView {
    /// `markdown`, `text`, `action_card`, `link` or `feed_card`.
    #[serde(rename = "type")]
    pub message_type: String,
    /// The title; null where the type has none.
    pub title: Option<String>,
    /// The text.
    pub text: String,
    /// Whom it mentions.
    pub at: At,
    /// The buttons of a card, the page of a link or the entries of a feed card; absent if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
}

/// One attempt of one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The part, counted from 1.
    pub part: usize,
    /// When it started.
    pub started_at: Timestamp,
    /// A short word for the answer; null while the attempt is under way.
    pub outcome: Option<String>,
    /// DingTalk's code, where it gave one.
    pub errcode: Option<String>,
    /// DingTalk's words and ours.
    pub words: Option<String>,
    /// How long it took.
    pub duration_ms: Option<u64>,
}

/// POST `/api/v1/deliveries/{id}/replay`: the delivery that was made of a dead letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayAnswer {
    /// The new delivery.
    pub id: String,
    /// The dead letter.
    pub replay_of: String,
    /// Whether its message was rendered now; absent if it is the one that the dead letter had.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rendered: bool,
    /// Why the built-in message stands in for a template's; absent if it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub render_error: Option<String>,
}

/// POST `/api/v1/deliveries/{id}/discard`: a delivery that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscardAnswer {
    /// The delivery.
    pub id: String,
    /// `discarded`.
    pub state: String,
}

impl From<Vec<queue::Delivery>> for DeliveryList {
    fn from(rows: Vec<queue::Delivery>) -> Self {
        Self { deliveries: rows.into_iter().map(Delivery::from).collect() }
    }
}

impl From<queue::Delivery> for Delivery {
    fn from(row: queue::Delivery) -> Self {
        Self { parts: row.parts, attempts: row.attempts, standing: row.into() }
    }
}

impl From<queue::Delivery> for Standing {
    fn from(row: queue::Delivery) -> Self {
        Self {
            id: row.id.to_string(),
            notification: row.notification,
            origin: row.origin.as_str().to_owned(),
            receiver: row.target.receiver,
            destination: row.target.destination,
            group: row.group,
            state: row.state.as_str().to_owned(),
            reason: reason(row.reason, row.unreadable),
            title: row.title,
            arrived: row.arrived,
            accepted_at: row.accepted_at,
            settled_at: row.settled_at,
            due_at: row.due_at.map(in_milliseconds),
            replay_of: row.replay_of.map(|id| id.to_string()),
            carried_by: row.carried_by.map(|id| id.to_string()),
            render_error: row.render_error,
            summary: row.summary,
        }
    }
}

/// The reason, and what cannot be read.
fn reason(reason: String, unreadable: Vec<String>) -> String {
    let said = [reason].into_iter().chain(unreadable).filter(|words| !words.is_empty());
    said.collect::<Vec<_>>().join("; ")
}

impl From<Detail> for DeliveryDetail {
    fn from(detail: Detail) -> Self {
        let Detail { delivery, rendered, parts, attempts } = detail;
        Self {
            standing: delivery.into(),
            message: MessageView::joined(&rendered),
            parts: parts.iter().map(MessageView::from).collect(),
            attempts: attempts.into_iter().map(Attempt::from).collect(),
        }
    }
}

impl MessageView {
    /// The parts of a message as one: the first one's, with the text of all.
    fn joined(parts: &[Part]) -> Self {
        let texts: Vec<String> = parts.iter().map(Part::text).collect();
        let text = texts.join("\n");
        let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
            let (message_type, at) = ("text".to_owned(), At::default());
            return Self { message_type, title: None, text, at, buttons: Vec::new() };
        };
        // The last part tells what all of it is, since only that one has buttons.
        let Self { message_type, buttons, .. } = last.into();
        Self { message_type, text, buttons, ..first.into() }
    }
}

impl From<&Part> for MessageView {
    fn from(part: &Part) -> Self {
        Self {
            message_type: part.message_type.as_str().to_owned(),
            title: part.title().map(Cow::into_owned),
            text: part.text(),
            at: part.at.clone(),
            buttons: part.buttons.clone(),
        }
    }
}

impl From<queue::Attempt> for Attempt {
    fn from(attempt: queue::Attempt) -> Self {
        let (part, started_at) = (attempt.part + 1, attempt.started_at);
        let Some(answered) = attempt.answered else {
            let (outcome, errcode, words, duration_ms) = (None, None, None, None);
            return Self { part, started_at, outcome, errcode, words, duration_ms };
        };
        Self {
            part,
            started_at,
            outcome: Some(answered.outcome),
            errcode: answered.code,
            words: Some(answered.words),
            duration_ms: u64::try_from(answered.took.as_millis()).ok(),
        }
    }
}

impl ReplayAnswer {
    /// The answer to a replay of the message that the dead letter had.
    #[must_use]
    pub fn new(new: queue::DeliveryId, dead_letter: queue::DeliveryId) -> Self {
        let (id, replay_of) = (new.to_string(), dead_letter.to_string());
        Self { id, replay_of, rendered: false, render_error: None }
    }

    /// The answer to a replay whose message was rendered now.
    #[must_use]
    pub fn rendered(replayed: Replayed, dead_letter: queue::DeliveryId) -> Self {
        let Replayed { id, render_error } = replayed;
        Self { rendered: true, render_error, ..Self::new(id, dead_letter) }
    }
}

impl DiscardAnswer {
    /// The answer to a discard.
    #[must_use]
    pub fn new(id: queue::DeliveryId) -> Self {
        Self { id: id.to_string(), state: queue::State::Discarded.as_str().to_owned() }
    }
}
