//! The words for a body that is none of Monika's: what it seems to be, and where it belongs.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::super::alertmanager::text::Text;
use super::super::mistake::{PayloadError, shortened};
use super::excerpt;

/// What to do with the message of one of Monika's other channels.
const OTHER_CHANNEL: &str =
    "give Monika a notification of type monika-notif with this URL in its place";

/// The types of Monika's bodies.
const TYPES: [&str; 5] = ["incident", "recovery", "start", "termination", "status-update"];

/// Where a notification belongs.
const NOTIFICATIONS: &str = "post it to /api/v1/receivers/{receiver}/alerts";

/// What the fields of a body tell of its sender.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Marks<'a> {
    #[serde(rename = "type")]
    kind: Option<Text<'a>>,
    alerts: Option<IgnoredAny>,
    #[serde(rename = "groupKey")]
    group_key: Option<IgnoredAny>,
    #[serde(rename = "orgId")]
    org_id: Option<IgnoredAny>,
    #[serde(rename = "ruleName")]
    rule_name: Option<IgnoredAny>,
    msgtype: Option<IgnoredAny>,
    msg_type: Option<IgnoredAny>,
    #[serde(rename = "monikaId")]
    monika_id: Option<IgnoredAny>,
    #[serde(rename = "@type")]
    card: Option<IgnoredAny>,
    content: Option<IgnoredAny>,
    embeds: Option<IgnoredAny>,
    text: Option<IgnoredAny>,
    blocks: Option<IgnoredAny>,
    attachments: Option<IgnoredAny>,
}

/// The words for a body that has none of the fields of Monika's.
pub(super) fn named(text: &str) -> PayloadError {
    not_monikas(text, of(text))
}

/// The words for a body that could not be read as `error` says.
pub(super) fn misread(text: &str, error: &serde_json::Error) -> PayloadError {
    if let Err(syntax) = serde_json::from_str::<IgnoredAny>(text) {
        return not_monikas(text, format!("no JSON: {syntax}"));
    }
    let own = format!("not as Monika writes it: {}", shortened(&error.to_string()));
    not_monikas(text, known_sender(text).unwrap_or(own))
}

/// The words for bytes that are no text.
pub(super) fn no_text(bytes: &[u8]) -> PayloadError {
    let beginning = String::from_utf8_lossy(&bytes[..bytes.len().min(500)]);
    not_monikas(&beginning, "no JSON: it is not UTF-8".to_owned())
}

fn not_monikas(text: &str, is: String) -> PayloadError {
    let beginning = excerpt::of(text);
    let beginning =
        if beginning.is_empty() { beginning } else { format!("; it begins with {beginning}") };
    PayloadError::NotMonika { is, beginning }
}

/// What the body is.
fn of(text: &str) -> String {
    let none = "a JSON object without the `type` or the `body` that Monika's have";
    match text.trim_start().bytes().next() {
        None => "empty; Monika's channels monika-notif and webhook post JSON".to_owned(),
        Some(b'{') => known_sender(text).unwrap_or_else(|| none.to_owned()),
        Some(b'[') => list(text),
        Some(_) => match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => "JSON, but no object".to_owned(),
            Err(syntax) => format!("no JSON: {syntax}"),
        },
    }
}

/// A list is what Alertmanager's own API takes.
fn list(text: &str) -> String {
    let sender = if text.contains("elastalert") {
        "elastalert2's alertmanager alerter posts"
    } else {
        "Prometheus and other clients of Alertmanager's API post"
    };
    format!(
        "a JSON array of alerts, as {sender} to Alertmanager; point it at Alertmanager, and a webhook \
         receiver of Alertmanager at /api/v1/receivers/{{receiver}}/alerts here"
    )
}

/// Who posts objects with such fields, if that is known.
fn known_sender(text: &str) -> Option<String> {
    let marks: Marks<'_> = serde_json::from_str(text).ok()?;
    let words = if marks.alerts.is_some() && marks.org_id.is_some() {
        format!("a notification of Grafana's; {NOTIFICATIONS}")
    } else if marks.alerts.is_some() || marks.group_key.is_some() {
        format!("a notification of Alertmanager's; {NOTIFICATIONS}")
    } else if marks.rule_name.is_some() {
        "a notification of Grafana's legacy alerting, which Grafana 11 has no more".to_owned()
    } else if marks.msgtype.is_some() {
        format!("a message for DingTalk, as Monika's dingtalk channel writes it; {OTHER_CHANNEL}")
    } else if marks.msg_type.is_some() {
        format!("a message for Lark, as Monika's lark channel writes it; {OTHER_CHANNEL}")
    } else if marks.monika_id.is_some() {
        format!("a report of Monika's Symon mode, which is for its own server; {OTHER_CHANNEL}")
    } else if marks.card.is_some() {
        format!("a message for Teams, as Monika's teams channel writes it; {OTHER_CHANNEL}")
    } else if marks.embeds.is_some() || marks.content.is_some() {
        format!("a message for Discord, as Monika's discord channel writes it; {OTHER_CHANNEL}")
    } else if marks.blocks.is_some() || marks.attachments.is_some() || marks.text.is_some() {
        format!(
            "a message for Slack or Google Chat, as Monika's channels write it; {OTHER_CHANNEL}"
        )
    } else {
        let kind = marks.kind.filter(|kind| !TYPES.contains(&&*kind.0))?;
        let (kind, known) = (excerpt::of(&kind.0), TYPES.join(", "));
        format!("of the type `{kind}`, which is none of these: {known}")
    };
    Some(words)
}
