//! Messages that are written to be looked at.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::dingtalk::message::Button;
use crate::intake::preview::TrialMessage;
use crate::render::Surface;
use crate::render::template::PreviewedPart;

/// POST `/api/v1/templates/render`, its body: a receiver's name, or templates of the caller's own.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RenderRequest {
    /// The receiver whose message is written.
    pub receiver: Option<String>,
    /// The product whose templates these are.
    pub profile: Option<String>,
    /// The template of the title.
    pub title: Option<String>,
    /// The template of the text.
    pub text: Option<String>,
    /// Templates that title and text call: sources by names.
    #[serde(default)]
    pub templates: BTreeMap<String, String>,
    /// A notification as Alertmanager would post it; without it, the example is written about.
    pub payload: Option<Box<RawValue>>,
    /// When it is written; now without it.
    pub at: Option<Timestamp>,
}

/// POST `/api/v1/templates/render`, its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RenderAnswer {
    /// One for each group of destinations that get the same.
    pub messages: Vec<MessagePreview>,
}

/// A message that some destinations would get.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessagePreview {
    /// The names of the destinations; none where there is no receiver.
    pub destinations: Vec<String>,
    /// Why the built-in message stands in for the template's.
    pub error: Option<String>,
    /// Where its alerts name people whom it may not mention, and how many; absent if they do not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_mentioned: Vec<String>,
    /// Its parts, in order.
    pub parts: Vec<PartPreview>,
}

/// One part of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartPreview {
    /// The title; null where the type has none.
    pub title: Option<String>,
    /// The text.
    pub text: String,
    /// The buttons of a card, or the page of a link; absent if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    /// Its size as DingTalk measures it.
    pub bytes: usize,
    /// The largest size for these destinations.
    pub max_bytes: usize,
    /// The body of DingTalk's API, but for the credentials and the ids; each API has its own form.
    pub body: Value,
    /// The text before the mention guard changed it; absent if it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_mention_guard: Option<String>,
}

impl From<TrialMessage> for MessagePreview {
    fn from(message: TrialMessage) -> Self {
        let TrialMessage { destinations, surface, not_mentioned, preview } = message;
        let parts = preview.parts.into_iter().map(|part| PartPreview::new(part, &surface));
        Self { destinations, error: preview.error, not_mentioned, parts: parts.collect() }
    }
}

impl PartPreview {
    fn new(previewed: PreviewedPart, surface: &Surface) -> Self {
        let PreviewedPart { part, unguarded } = previewed;
        Self {
            title: part.title().map(Cow::into_owned),
            text: part.text(),
            buttons: part.buttons.clone(),
            bytes: part.size(surface.api),
            max_bytes: surface.max_bytes,
            body: (surface.api.preview)(&part),
            before_mention_guard: unguarded,
        }
    }
}
