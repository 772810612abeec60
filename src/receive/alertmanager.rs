//! Alertmanager's webhook payload, from the bytes of a POST to a [`Notification`].
//!
//! Grafana's is the same with more fields, and is read here as well (`grafana.rs` tells it apart).
//! Tolerant of fields that senders leave out, strict about values that they get wrong: unknown
//! fields are ignored, missing and null ones default, and a value of the wrong type is an error with
//! its line and column. A body that is no notification at all gets words that say what to do.

mod alert;
mod kept;
mod loose;
pub(super) mod payload;
pub(super) mod text;
mod time;

use serde::de::DeserializeSeed;

use self::payload::{AtMost, Payload};
use super::mistake::{self, PayloadError};
use super::monika::Post;
use crate::alert::Notification;

/// The format's name.
pub const FORMAT: &str = "alertmanager";

/// Reads a notification with all its alerts, whatever the request's content type was.
///
/// # Errors
///
/// Says what is wrong with the body, with line and column where they help.
pub fn parse(body: &[u8]) -> Result<Notification, PayloadError> {
    parse_at_most(body, usize::MAX)
}

/// Reads a notification and keeps at most so many of its alerts, firing ones first; the others count
/// as truncated.
///
/// # Errors
///
/// Says what is wrong with the body, with line and column where they help.
pub fn parse_at_most(body: &[u8], most: usize) -> Result<Notification, PayloadError> {
    // Some editors put a byte order mark before the text that they save.
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    // Serde would take the values of a list for the fields, in their order.
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(PayloadError::Array(mistake::poster(body)));
    }
    let payload = read(body, most).map_err(|error| mistake::diagnose(body, &error))?;
    if payload.is_notification() {
        return Ok(payload.into());
    }
    Err(if payload.is_dingtalk_message() {
        PayloadError::DingTalkMessage
    } else if Post::read(body).is_ok() {
        PayloadError::Monika
    } else if payload.is_of_old_grafana() {
        PayloadError::OldGrafana
    } else {
        PayloadError::NoField
    })
}

/// The fields of a payload.
///
/// Whether the body is UTF-8 is checked once, for all of it. In one that is not, each string is checked, so
/// that the error names the place.
fn read(body: &[u8], most: usize) -> serde_json::Result<Payload<'_>> {
    match str::from_utf8(body) {
        Ok(text) => whole(serde_json::Deserializer::from_str(text), most),
        Err(_) => whole(serde_json::Deserializer::from_slice(body), most),
    }
}

/// The payload, behind which nothing may stand.
fn whole<'a, R: serde_json::de::Read<'a>>(
    mut json: serde_json::Deserializer<R>,
    most: usize,
) -> serde_json::Result<Payload<'a>> {
    let payload = AtMost(most).deserialize(&mut json)?;
    json.end()?;
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::{Offsets, Status};

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
    fn a_number_for_a_text_takes_no_more_room_than_it_was_written_with() {
        for (number, text) in [
            ("1.50", "1.5"),
            ("-7.0", "-7"),
            ("100000000000000000000", "100000000000000000000"),
            ("1e21", "1e21"),
            ("1.5e+300", "1.5e300"),
            ("-2E-300", "-2e-300"),
        ] {
            let body = format!(r#"{{"alerts":[{{"labels":{{"n":{number}}}}}]}}"#);
            let notification = parse(body.as_bytes()).unwrap();
            assert_eq!(notification.alerts[0].labels.get("n"), Some(text), "{number}");
        }
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
            ("[{\"labels\":{}}]", "to which Prometheus, vmalert, the rulers of Loki"),
            ("{\"ruleName\":\"x\",\"state\":\"alerting\"}", "Grafana's legacy alerting"),
            ("{\"msgtype\":\"text\",\"text\":{\"content\":\"x\"}}", "is a DingTalk message"),
            ("{}", "none of a notification's fields"),
            (
                "{\"type\":\"start\"}",
                "is one of Monika's; post it to /api/v1/receivers/{receiver}/m",
            ),
            ("{\"body\":{\"url\":\"tcp1\"}}", "is one of Monika's; post it to /api/v1/receivers"),
            ("{\"hello\":1}", "none of a notification's fields"),
            ("\"x\"", "a string and no object"),
            ("17", "a number and no object"),
            ("null", "null and no object"),
            ("{\"alerts\":[{\"labels\":[]}]}", "invalid type: sequence, expected a map at line 1"),
            ("{\"alerts\":[{\"labels\":{\"a\":{}}}]}", "expected a string at line 1 column"),
            ("{\"alerts\":[{\"status\":\"bad\"}]}", "expected `firing` or `resolved` at line 1"),
            (
                "{\"status\":7}",
                "invalid type: integer `7`, expected `firing` or `resolved` at line 1",
            ),
            ("{\"alerts\":[null]}", "invalid type: null, expected an alert at line 1 column 15"),
            ("{\"alerts\":{}}", "invalid type: map, expected a list of alerts at line 1 column 10"),
            ("[\"4\",\"key\",0,\"ops\",\"firing\",[]]", "the body is a JSON array"),
            ("{\"alerts\":[{\"startsAt\":7}]}", "invalid type: integer `7`, expected an RFC 3339"),
            ("{\"alerts\":[{\"startsAt\":\"noon\"}]}", "invalid time \"noon\", expected RFC 3339"),
        ] {
            let error = parse(body.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(words), "{body}: {error}");
        }
    }

    fn alert(name: &str, status: &str) -> String {
        format!(
            r#"{{"status":"{status}","labels":{{"n":"{name}"}},"startsAt":"2026-11-20T08:00:00Z","fingerprint":"{name}"}}"#
        )
    }

    fn kept(alerts: &[(&str, &str)], most: usize) -> Notification {
        let alerts: Vec<String> = alerts.iter().map(|(name, status)| alert(name, status)).collect();
        let body = format!(r#"{{"truncatedAlerts":3,"alerts":[{}]}}"#, alerts.join(","));
        parse_at_most(body.as_bytes(), most).unwrap()
    }

    fn names(notification: &Notification) -> Vec<&str> {
        notification.alerts.iter().filter_map(|alert| alert.labels.get("n")).collect()
    }

    #[test]
    fn so_many_alerts_are_kept_and_the_others_count_as_truncated() {
        let (firing, resolved) = ("firing", "resolved");
        let alerts =
            [("a", resolved), ("b", firing), ("c", resolved), ("d", resolved), ("e", firing)];
        for (most, expected, truncated) in [
            (5, vec!["a", "b", "c", "d", "e"], 3),
            (4, vec!["a", "b", "c", "e"], 4),
            (3, vec!["a", "b", "e"], 5),
            (2, vec!["b", "e"], 6),
            (1, vec!["b"], 7),
        ] {
            let notification = kept(&alerts, most);
            assert_eq!(names(&notification), expected, "{most}");
            assert_eq!(notification.truncated_alerts, truncated, "{most}");
            assert_eq!(notification.skipped.alerts, truncated - 3, "{most}");
            assert_eq!(notification.status, Status::Firing, "what fires is never left out for it");
        }
    }

    #[test]
    fn what_is_not_kept_has_a_state_whatever_its_order() {
        let (firing, resolved) = ("firing", "resolved");
        let state = |rest: &[(&str, &str)]| {
            let alerts = [&[("a", firing)][..], rest].concat();
            kept(&alerts, 1).skipped
        };
        let before = state(&[("b", firing), ("c", resolved)]);
        assert!(!before.undated);
        assert_eq!(state(&[("c", resolved), ("b", firing)]), before);
        assert_ne!(state(&[("b", resolved), ("c", resolved)]), before);
        assert_ne!(state(&[("b", firing), ("d", resolved)]), before);
        assert_ne!(state(&[("b", firing), ("b", firing)]), before);
        let undated = parse_at_most(br#"{"alerts":[{},{},{}]}"#, 1).unwrap().skipped;
        assert!(undated.undated && undated.alerts == 2);
    }

    #[test]
    fn a_mistake_in_an_alert_that_is_not_kept_is_one_too() {
        let error = parse_at_most(br#"{"alerts":[{},{"labels":[]}]}"#, 1).unwrap_err();
        assert!(error.to_string().contains("expected a map at line 1"), "{error}");
        assert!(parse(br#"{"alerts":[]} x"#).is_err(), "nothing may stand behind it");
    }

    #[test]
    fn what_the_sender_wrote_is_quoted_short() {
        let long = "ä".repeat(100_000);
        for body in [
            format!("{{\"status\":\"{long}\"}}"),
            format!("{{\"alerts\":[{{\"startsAt\":\"{long}\"}}]}}"),
            format!("{{\"truncatedAlerts\":\"{long}\"}}"),
        ] {
            let error = parse(body.as_bytes()).unwrap_err().to_string();
            assert!(error.len() < 1_000 && error.contains("äää…"), "{error}");
            assert!(error.contains("at line 1 column "), "{error}");
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
