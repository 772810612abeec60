//! From the bytes of a POST to a [`Notification`].
//!
//! Tolerant of what senders leave out, strict about what they get wrong: unknown fields are
//! ignored, missing and null ones default, and a value of the wrong type is an error with its line
//! and column. What is not a notification at all gets words that say what to do.

mod time;

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};
use serde_json::Value;

use self::time::Time;
use crate::alert::{Alert, Labels, Notification, Offsets, Status};

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
    /// Prometheus itself posts to us.
    #[error(
        "the body is a JSON array, as Prometheus posts to Alertmanager; \
         point Prometheus at Alertmanager, and a webhook receiver of Alertmanager here"
    )]
    Array,
    /// JSON, but no object.
    #[error("the body is JSON, but {0} and no object; post Alertmanager's webhook payload")]
    NotAnObject(&'static str),
    /// Somebody takes us for DingTalk.
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
}

/// Reads a notification, whatever the request's content type was.
///
/// # Errors
///
/// Says what is wrong with the body, with line and column where they help.
pub fn parse(body: &[u8]) -> Result<Notification, PayloadError> {
    // Some editors put a byte order mark before what they save.
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    let wire: Wire = serde_json::from_slice(body).map_err(|error| diagnose(body, &error))?;
    if wire.says_something() || has_null_alerts(body) {
        return Ok(wire.into_notification());
    }
    Err(match wire.msgtype {
        Some(_) => PayloadError::DingTalkMessage,
        None => PayloadError::NoField,
    })
}

/// Whether the only thing that tells a notification is `"alerts": null`.
fn has_null_alerts(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok_and(|value| value.get("alerts").is_some())
}

/// Finds the words for a body that could not be read; costs a second pass, on errors only.
fn diagnose(body: &[u8], error: &serde_json::Error) -> PayloadError {
    if body.iter().all(u8::is_ascii_whitespace) {
        return PayloadError::Empty;
    }
    match serde_json::from_slice::<Value>(body) {
        Err(syntax) => PayloadError::NotJson(syntax.to_string()),
        Ok(Value::Array(_)) => PayloadError::Array,
        Ok(Value::Object(_)) => PayloadError::WrongShape(error.to_string()),
        Ok(Value::Null) => PayloadError::NotAnObject("null"),
        Ok(Value::Bool(_)) => PayloadError::NotAnObject("true or false"),
        Ok(Value::Number(_)) => PayloadError::NotAnObject("a number"),
        Ok(Value::String(_)) => PayloadError::NotAnObject("a string"),
    }
}

/// The payload as Alertmanager writes it (`notify/webhook`, `template.Data`); all of it optional.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    version: Option<Text>,
    group_key: Option<Text>,
    truncated_alerts: Option<u64>,
    receiver: Option<Text>,
    status: Option<WireStatus>,
    alerts: Option<Vec<WireAlert>>,
    group_labels: Option<WireLabels>,
    common_labels: Option<WireLabels>,
    common_annotations: Option<WireLabels>,
    route_labels: Option<WireLabels>,
    #[serde(rename = "externalURL")]
    external_url: Option<Text>,
    #[serde(rename = "notification_reason")]
    notification_reason: Option<Text>,
    /// DingTalk's field; its presence tells a mistake.
    msgtype: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireAlert {
    status: Option<WireStatus>,
    labels: Option<WireLabels>,
    annotations: Option<WireLabels>,
    starts_at: Option<Time>,
    ends_at: Option<Time>,
    #[serde(rename = "generatorURL")]
    generator_url: Option<Text>,
    fingerprint: Option<Text>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WireStatus {
    Firing,
    Resolved,
}

type WireLabels = BTreeMap<String, Option<Text>>;

impl Wire {
    fn says_something(&self) -> bool {
        self.alerts.is_some()
            || self.status.is_some()
            || self.group_key.is_some()
            || self.version.is_some()
            || self.group_labels.is_some()
            || self.common_labels.is_some()
    }

    /// What the sender left out is computed from the alerts.
    fn into_notification(self) -> Notification {
        let given = self.status.map(Status::from);
        let alerts: Vec<Alert> = self
            .alerts
            .unwrap_or_default()
            .into_iter()
            .map(|alert| alert.into_alert(given.unwrap_or(Status::Firing)))
            .collect();
        let notification = Notification {
            group_key: text(self.group_key),
            status: Status::Resolved,
            receiver: text(self.receiver),
            group_labels: labels(self.group_labels).unwrap_or_default(),
            common_labels: Labels::default(),
            common_annotations: Labels::default(),
            route_labels: labels(self.route_labels).unwrap_or_default(),
            external_url: text(self.external_url),
            alerts,
            truncated_alerts: self.truncated_alerts.unwrap_or_default(),
            reason: self.notification_reason.map(|reason| reason.0).filter(|text| !text.is_empty()),
        }
        .recomputed();
        Notification {
            status: given.unwrap_or(notification.status),
            common_labels: labels(self.common_labels).unwrap_or(notification.common_labels),
            common_annotations: labels(self.common_annotations)
                .unwrap_or(notification.common_annotations),
            ..notification
        }
    }
}

impl WireAlert {
    fn into_alert(self, default: Status) -> Alert {
        let status = self.status.map_or(default, Status::from);
        let labels = labels(self.labels).unwrap_or_default();
        let given = text(self.fingerprint);
        let [starts, ends] = [self.starts_at, self.ends_at].map(Option::unwrap_or_default);
        Alert {
            status,
            fingerprint: if given.is_empty() { labels.fingerprint() } else { given },
            labels,
            annotations: self::labels(self.annotations).unwrap_or_default(),
            starts_at: starts.at,
            ends_at: ends.at,
            generator_url: text(self.generator_url),
            offsets: Offsets { starts: starts.offset, ends: ends.offset },
        }
    }
}

impl From<WireStatus> for Status {
    fn from(status: WireStatus) -> Self {
        match status {
            WireStatus::Firing => Self::Firing,
            WireStatus::Resolved => Self::Resolved,
        }
    }
}

fn text(text: Option<Text>) -> String {
    text.map(|text| text.0).unwrap_or_default()
}

fn labels(wire: Option<WireLabels>) -> Option<Labels> {
    wire.map(|pairs| pairs.into_iter().map(|(name, value)| (name, text(value))).collect())
}

/// A string; a number or a boolean counts as its text, which loses nothing.
#[derive(Debug)]
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Text, E> {
        Ok(Text(text))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Text, E> {
        Ok(Text(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Text, E> {
        Ok(Text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Text, E> {
        Ok(Text(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Text, E> {
        Ok(Text(value.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURRENT: &str = include_str!("../../tests/it/fixtures/alertmanager-0.34.json");

    #[test]
    fn a_current_payload_is_read_whole() {
        let notification = parse(CURRENT.as_bytes()).unwrap();
        assert_eq!(notification.group_key, "{}/{team=\"db\"}:{alertname=\"DiskFull\"}");
        assert_eq!(notification.status, Status::Firing);
        assert_eq!(notification.receiver, "campana");
        assert_eq!(notification.reason.as_deref(), Some("new alerts added"));
        assert_eq!(notification.route_labels.get("team"), Some("db"));
        assert_eq!(notification.truncated_alerts, 3);
        assert_eq!(notification.external_url, "http://alertmanager.example:9093");
        let [firing, resolved] = &notification.alerts[..] else { panic!("two alerts") };
        assert_eq!(firing.status, Status::Firing);
        assert_eq!(firing.starts_at, Some("2026-11-20T08:00:00.123Z".parse().unwrap()));
        assert_eq!(firing.ends_at, None);
        assert_eq!(firing.fingerprint, "ca9f78be7b5ef8b1");
        assert_eq!(resolved.ends_at, Some("2026-11-20T09:00:00Z".parse().unwrap()));
        assert_eq!(resolved.annotations.get("summary"), Some("磁盘 92% 满"));
    }

    #[test]
    fn what_is_missing_or_null_defaults() {
        let notification = parse(
            br#"{"version":"3","groupKey":null,"alerts":[
                {"labels":null,"annotations":null,"startsAt":null,"fingerprint":null},
                {"labels":{"a":"1","n":null,"i":7},"endsAt":"","generatorURL":null}]}"#,
        )
        .unwrap();
        assert_eq!(notification.group_key, "");
        assert_eq!(notification.status, Status::Firing);
        assert_eq!(notification.alerts[0].fingerprint, "cbf29ce484222325");
        let labels = &notification.alerts[1].labels;
        assert_eq!((labels.get("n"), labels.get("i")), (Some(""), Some("7")));
    }

    #[test]
    fn a_time_keeps_the_distance_from_utc_that_it_was_written_with() {
        for (text, offset) in [
            ("2026-11-20T16:00:00.5+08:00", Some(28_800)),
            ("2026-11-20T02:30:00.5-05:30", Some(-19_800)),
            ("2026-11-20T08:00:00.5+00:00", Some(0)),
            ("2026-11-20T08:00:00.5Z", None),
        ] {
            // Other senders give a firing alert an end, and templates show it.
            let body = format!(r#"{{"alerts":[{{"status":"firing","endsAt":"{text}"}}]}}"#);
            let alert = parse(body.as_bytes()).unwrap().alerts.remove(0);
            assert_eq!(alert.ends_at, Some("2026-11-20T08:00:00.5Z".parse().unwrap()), "{text}");
            assert_eq!(alert.offsets, Offsets { starts: None, ends: offset }, "{text}");
        }
    }

    #[test]
    fn what_the_sender_left_out_is_computed() {
        let notification = parse(
            br#"{"alerts":[{"status":"resolved","labels":{"a":"1","b":"2"}},
                          {"status":"resolved","labels":{"a":"1"},"annotations":{"s":"x"}}]}"#,
        )
        .unwrap();
        assert_eq!(notification.status, Status::Resolved);
        assert_eq!(notification.common_labels, [("a", "1")].into_iter().collect());
        assert!(notification.common_annotations.is_empty());
    }

    #[test]
    fn no_alerts_are_a_notification_too() {
        for body in [
            "\u{feff}{\"alerts\":[]}",
            r#"{"alerts":null}"#,
            r#"{"alerts":[]}"#,
            r#"{"version":"4"}"#,
        ] {
            assert_eq!(parse(body.as_bytes()).unwrap().alerts, [], "{body}");
        }
    }

    #[test]
    fn each_mistake_has_words_that_help() {
        for (body, words) in [
            ("", "body is empty"),
            (" \n", "body is empty"),
            ("{\"alerts\": [", "EOF while parsing a list at line 1 column 12"),
            ("{\n\"alerts\": [}]}", "expected value at line 2 column 12"),
            ("[{\"labels\":{}}]", "as Prometheus posts to Alertmanager"),
            ("{\"msgtype\":\"text\",\"text\":{\"content\":\"x\"}}", "is a DingTalk message"),
            ("{}", "none of a notification's fields"),
            ("{\"hello\":1}", "none of a notification's fields"),
            ("\"x\"", "a string and no object"),
            ("17", "a number and no object"),
            ("null", "null and no object"),
            ("{\"alerts\":[{\"labels\":[]}]}", "invalid type: sequence, expected a map at line 1"),
            ("{\"alerts\":[{\"labels\":{\"a\":{}}}]}", "expected a string at line 1 column"),
            ("{\"alerts\":[{\"status\":\"bad\"}]}", "expected `firing` or `resolved` at line 1"),
            ("{\"alerts\":[{\"startsAt\":\"noon\"}]}", "invalid time \"noon\", expected RFC 3339"),
        ] {
            let error = parse(body.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(words), "{body}: {error}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_and_ignored_fields_are_skipped() {
        let deep =
            format!("{{\"alerts\":[],\"extra\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        // Whatever the answer is, it is an answer: no stack overflow.
        let _ = parse(deep.as_bytes());
        assert!(parse(br#"{"alerts":[],"extra":{"a":[1,{"b":null}]}}"#).is_ok());
    }
}
