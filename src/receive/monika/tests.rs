//! Tests of Monika's bodies: what was recorded of a real one, and what it means by what was known.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::alert::{Alert, Status};

const CAME: &str = "2026-11-29T08:00:00Z";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/monika")
}

fn recorded(name: &str) -> Vec<u8> {
    let name = name.trim_end_matches(".json");
    std::fs::read(fixtures().join(format!("{name}.json"))).unwrap()
}

fn manner() -> Manner {
    Manner { at: CAME.parse().unwrap(), language: "en".into(), toggles: false }
}

/// What is known of the things of one Monika, as the store keeps it.
struct Story {
    manner: Manner,
    known: std::collections::BTreeMap<String, Vec<u8>>,
}

impl Story {
    fn new() -> Self {
        Self { manner: manner(), known: std::collections::BTreeMap::new() }
    }

    /// Tells of a body; what is stored of it is the notification whenever it is read.
    fn tell(&mut self, body: &[u8]) -> Alert {
        let post = Post::read(body).unwrap();
        let thing = post.thing(&self.manner);
        let known = thing.as_ref().and_then(|thing| self.known.get(thing)).cloned();
        let Told { payload, becomes } = post.told(known.as_deref(), &self.manner);
        if let Some(thing) = thing {
            self.known.remove(&thing);
            self.known.extend(becomes.map(|becomes| (thing, becomes)));
        }
        let notification = parse(&payload).unwrap();
        assert_eq!(notification.alerts.len(), 1);
        assert_eq!(notification.status, notification.alerts[0].status);
        assert!(notification.group_key.starts_with("monika:{\"alertname\": \"Monika"));
        notification.alerts.into_iter().next().unwrap()
    }

    fn tell_recorded(&mut self, name: &str) -> Alert {
        self.tell(&recorded(name))
    }
}

fn alert_of(name: &str) -> Alert {
    Story::new().tell_recorded(name)
}

fn at(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

fn labels(alert: &Alert) -> Vec<(&str, &str)> {
    alert.labels.iter().collect()
}

fn said<'a>(alert: &'a Alert, name: &str) -> &'a str {
    alert.annotations.get(name).unwrap_or_default()
}

#[test]
fn every_recorded_body_of_the_two_channels_is_read_and_every_other_is_named() {
    let (mut read, mut refused) = (0, 0);
    for entry in std::fs::read_dir(fixtures()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let body = recorded(&name);
        if name.starts_with("notif-") || name.starts_with("webhook-") {
            let alert = Story::new().tell(&body);
            assert_eq!(alert.labels.get("source"), Some("monika"), "{name}");
            assert!(!said(&alert, "summary").is_empty(), "{name}");
            read += 1;
        } else {
            let error = Post::read(&body).unwrap_err().to_string();
            assert!(error.starts_with("the body is none of Monika's: it is "), "{name}: {error}");
            refused += 1;
        }
    }
    assert_eq!((read, refused), (32, 5));
}

#[test]
fn an_incident_names_the_host_and_the_url_and_its_recovery_is_the_same_alert() {
    let mut story = Story::new();
    let fires = story.tell_recorded("notif-incident-offset");
    assert_eq!(fires.status, Status::Firing);
    assert_eq!(
        labels(&fires),
        [
            ("alertname", "MonikaIncident"),
            ("instance", "shop.example.com"),
            ("monika", "probe-1"),
            ("source", "monika"),
            ("type", "incident"),
            ("url", "http://shop.example.com/a"),
        ]
    );
    assert_eq!(said(&fires, "summary"), "Status not 2xx");
    assert_eq!((fires.starts_at, fires.ends_at), (at("2026-11-28T23:52:36Z"), None));
    assert_eq!(fires.offsets.starts, Some(28_800));
    let resolved = story.tell_recorded("notif-recovery-offset");
    assert_eq!((resolved.status, resolved.starts_at), (Status::Resolved, fires.starts_at));
    assert_eq!(resolved.ends_at, at("2026-11-28T23:52:41Z"));
    assert_eq!(resolved.fingerprint, fires.fingerprint);
    assert_eq!(resolved.labels, fires.labels);
    assert!(story.known.is_empty());
}

#[test]
fn each_recorded_recovery_ends_its_incident_whatever_its_text_is() {
    for name in [
        "chain",
        "default-sentence",
        "handlebars",
        "message",
        "no-alerts",
        "offset",
        "refused",
        "tcp",
        "timeout",
        "two-alerts",
    ] {
        let mut story = Story::new();
        let fires = story.tell_recorded(&format!("notif-incident-{name}"));
        let resolved = story.tell_recorded(&format!("notif-recovery-{name}"));
        assert_eq!(resolved.status, Status::Resolved, "{name}");
        assert_eq!(resolved.fingerprint, fires.fingerprint, "{name}");
        assert_eq!(resolved.starts_at, fires.starts_at, "{name}");
        assert!(story.known.is_empty(), "{name}");
    }
    // The recovery of what said "Said " has another text, with entities in it.
    let mut story = Story::new();
    let fires = story.tell_recorded("notif-incident-html-empty");
    let resolved = story.tell_recorded("notif-recovery-html-escaped");
    assert_eq!(resolved.fingerprint, fires.fingerprint);
    assert_eq!(said(&fires, "summary"), "Said");
    assert_eq!(said(&resolved, "summary"), "Recovered: Said disk \"sda\" <90% & full");
}

#[test]
fn the_address_of_the_host_is_no_part_of_what_an_incident_is() {
    let body = |kind: &str, monika: &str| {
        let url = "http://shop.example.com/a";
        json!({"type": kind, "alert": "", "url": url, "time": "", "monika": monika}).to_string()
    };
    let mut story = Story::new();
    let fires = story.tell(body("incident", "probe-1 (192.0.2.10)").as_bytes());
    assert_eq!(said(&fires, "summary"), "Probe not accessible");
    assert_eq!(fires.starts_at, at(CAME), "without a time, its own");
    let resolved =
        story.tell(body("recovery", "City - Net (203.0.113.9) - probe-1 (192.0.2.11)").as_bytes());
    assert_eq!((resolved.status, resolved.starts_at), (Status::Resolved, fires.starts_at));
    let other = story.tell(body("recovery-symon", "probe-2 ()").as_bytes());
    assert_ne!(other.fingerprint, fires.fingerprint);
    assert!(said(&other, "description").starts_with("A recovery without a known incident"));
    assert_eq!((other.starts_at, other.ends_at), (at(CAME), at(CAME)));
}

#[test]
fn no_password_and_no_query_of_a_url_is_in_the_key_of_its_group() {
    let notification = |url: &str| {
        let body = json!({"type": "incident", "alert": "x", "url": url, "monika": "probe-1 ()"});
        let post = Post::read(body.to_string().as_bytes()).unwrap();
        parse(&post.told(None, &manner()).payload).unwrap()
    };
    let one = notification("http://me:word@shop.example.com/a?key=secret");
    let words =
        r#"monika:{"alertname": "MonikaIncident", "monika": "probe-1", "url": "http://shop"#;
    assert!(one.group_key.starts_with(words), "{}", one.group_key);
    assert!(!one.group_key.contains("secret") && !format!("{one:?}").contains("word"), "{one:?}");
    assert_eq!(one.alerts[0].labels.get("url"), Some("http://shop.example.com/a?key=secret"));
    let other = notification("http://shop.example.com/a?key=other");
    assert_ne!(other.group_key, one.group_key);
}

#[test]
fn an_incident_that_is_told_again_is_the_same_one_since_it_began() {
    let mut story = Story::new();
    let first = story.tell_recorded("notif-incident-message");
    story.manner.at = "2026-11-30T00:00:00Z".parse().unwrap();
    let known = story.known.clone();
    let body = String::from_utf8(recorded("notif-incident-message")).unwrap();
    let again = story.tell(body.replace("23:51:15", "23:59:15").as_bytes());
    assert_eq!(again, first);
    assert_ne!(story.known, known, "that it was told again is known");
}

#[test]
fn probes_without_a_url_are_counted_until_all_have_recovered() {
    let mut story = Story::new();
    let one = story.tell_recorded("notif-incident-tcp");
    assert_eq!(
        labels(&one),
        [
            ("alertname", "MonikaIncident"),
            ("monika", "probe-1"),
            ("probe", "unknown"),
            ("probes", "1"),
            ("source", "monika"),
            ("type", "incident"),
        ]
    );
    let words = "1 probe without a URL is down. Monika names neither URL nor probe.";
    assert_eq!(said(&one, "description"), words);
    let two = story.tell_recorded("notif-incident-tcp-other-probe");
    assert_eq!((&two.fingerprint, two.starts_at), (&one.fingerprint, one.starts_at));
    assert!(said(&two, "description").starts_with("2 probes without a URL are down"));
    assert_ne!(two.labels, one.labels, "so that it is no repetition");
    let left = story.tell_recorded("notif-recovery-tcp");
    assert_eq!((left.status, left.ends_at), (Status::Firing, None));
    let words = "One of 2 probes without a URL has recovered, 1 is still down";
    assert_eq!(said(&left, "summary"), words);
    let all = story.tell_recorded("notif-recovery-tcp");
    assert_eq!((all.status, all.starts_at), (Status::Resolved, one.starts_at));
    assert_eq!(all.labels.get("probes"), Some("0"));
    let more = story.tell_recorded("notif-recovery-tcp");
    assert!(said(&more, "description").starts_with("A recovery without a known incident"));
    assert!(story.known.is_empty());
}

#[test]
fn a_start_forgets_the_probes_without_a_url_of_its_host_and_nothing_else() {
    let mut story = Story::new();
    story.tell_recorded("notif-incident-tcp");
    story.tell_recorded("notif-incident-tcp-other-probe");
    story.tell_recorded("notif-incident-message");
    let other = r#"{"type":"incident","alert":"","url":"","time":"","monika":"probe-2 ()"}"#;
    story.tell(other.as_bytes());
    assert_eq!(story.known.len(), 3);
    story.tell_recorded("notif-start");
    assert_eq!(story.known.len(), 2);
    let again = story.tell_recorded("notif-incident-tcp");
    assert_eq!(again.labels.get("probes"), Some("1"));
    assert_eq!(story.tell_recorded("notif-recovery-message").status, Status::Resolved);
}

#[test]
fn what_monika_tells_of_itself_is_an_event() {
    let sentence = "Monika is no longer running from probe-1 () - @hyperjumptech/monika/1.22.0 \
                    linux-x64 node-v20.20.2 - Debian - 12";
    let termination = json!({"type": "termination", "ip_address": sentence}).to_string();
    let start = alert_of("notif-start");
    let end = Story::new().tell(termination.as_bytes());
    let status = alert_of("notif-status-update");
    for (alert, name, kind, severity, when) in [
        (&start, "MonikaStarted", "start", "none", CAME),
        (&end, "MonikaTerminated", "termination", "warning", CAME),
        (&status, "MonikaStatus", "status-update", "none", "2026-11-28T23:52:00Z"),
    ] {
        assert_eq!(
            labels(alert),
            [
                ("alertname", name),
                ("monika", "probe-1"),
                ("severity", severity),
                ("source", "monika"),
                ("type", kind),
            ]
        );
        assert!(alert.is_event(), "{name}");
        assert_eq!(alert.starts_at, at(when), "{name}");
    }
    assert!(said(&start, "summary").starts_with("Monika is running from probe-1"));
    assert_eq!(
        status.annotations.iter().collect::<Vec<_>>(),
        [
            ("averageResponseTime", "19"),
            ("maxResponseTime", "80"),
            ("minResponseTime", "1"),
            ("numberOfIncidents", "18"),
            ("numberOfProbes", "10"),
            ("numberOfRecoveries", "18"),
            ("numberOfSentNotifications", "36"),
            (
                "summary",
                "10 probes, 18 incidents, 18 recoveries, 36 notifications, \
                 response times 1 to 80 ms, 19 ms on average"
            ),
        ]
    );
    let unknown = json!({"type": "status-update", "numberOfProbes": 3,
        "maxResponseTime": "undefined", "minResponseTime": "1", "numberOfIncidents": null});
    let unknown = Story::new().tell(unknown.to_string().as_bytes());
    let kept: Vec<_> = unknown.annotations.iter().collect();
    assert_eq!(kept, [("minResponseTime", "1"), ("numberOfProbes", "3"), ("summary", "3 probes")]);
    let nothing = Story::new().tell(br#"{"type":"status-update"}"#);
    assert_eq!(said(&nothing, "summary"), "Monika is running");
}

#[test]
fn the_webhook_channel_is_either_unless_it_takes_turns() {
    let mut story = Story::new();
    for name in ["webhook-incident", "webhook-recovery"] {
        let alert = story.tell_recorded(name);
        assert!(alert.is_event() && alert.status == Status::Firing, "{name}");
        assert_eq!(
            labels(&alert),
            [
                ("alertname", "MonikaIncident"),
                ("assertion", "response.status != 200"),
                ("instance", "shop.example.com"),
                ("source", "monika"),
                ("type", "incident"),
                ("url", "http://shop.example.com/a"),
            ]
        );
        assert_eq!(said(&alert, "summary"), "Incident or recovery: response.status != 200");
        assert!(said(&alert, "description").contains("monika.webhook: toggle"));
    }
    let probe = story.tell_recorded("webhook-incident-tcp");
    assert_eq!((probe.labels.get("probe"), probe.labels.get("url")), (Some("tcp1"), None));
    assert_eq!(said(&probe, "summary"), "Incident or recovery: Probe not accessible");
    assert!(story.known.is_empty());
    story.manner.toggles = true;
    let fires = story.tell_recorded("webhook-incident");
    assert_eq!((fires.status, fires.ends_at), (Status::Firing, None));
    assert_eq!(said(&fires, "summary"), "response.status != 200");
    assert_eq!(story.tell_recorded("webhook-incident-no-alerts").status, Status::Firing);
    let resolved = story.tell_recorded("webhook-recovery");
    assert_eq!((resolved.status, resolved.starts_at), (Status::Resolved, fires.starts_at));
    assert_eq!(resolved.fingerprint, fires.fingerprint);
    assert_eq!(story.tell_recorded("webhook-incident").status, Status::Firing);
}

#[test]
fn an_incident_without_a_recovery_is_closed_in_words() {
    let mut story = Story::new();
    let fires = story.tell_recorded("notif-incident-message");
    let known = story.known.values().next().unwrap();
    let notification = |after: u64, language: &'static str| {
        let manner = Manner { language: language.into(), ..manner() };
        parse(&closed(known, Duration::from_secs(after), &manner).unwrap()).unwrap()
    };
    let day = notification(86_400, "en");
    let alert = &day.alerts[0];
    assert_eq!((alert.status, alert.starts_at), (Status::Resolved, fires.starts_at));
    assert_eq!((alert.ends_at, &alert.fingerprint), (at(CAME), &fires.fingerprint));
    let words = "No recovery came within 24h: Monika may have been restarted; closed by Campana";
    assert_eq!(said(alert, "summary"), words);
    assert_eq!(said(alert, "description"), "The incident was: Status not 2xx");
    assert_eq!(day.group_labels.get("closed"), Some("no-recovery"));
    let half = &notification(5_400, "en").alerts[0];
    assert!(said(half, "summary").starts_with("No recovery came within 90m"));
    let chinese = &notification(86_400, "zh-CN").alerts[0];
    assert!(said(chinese, "summary").starts_with("24 小时内没有收到恢复通知"));
    assert_eq!(closed(b"{\"version\":9}", Duration::ZERO, &manner()), None);
}

#[test]
fn the_words_are_in_the_language_that_messages_had_when_it_came() {
    let mut story = Story::new();
    story.manner.language = "zh-CN".into();
    let alert = story.tell_recorded("notif-incident-tcp");
    assert!(said(&alert, "description").starts_with("1 个没有 URL 的探针异常"));
    let status = story.tell_recorded("notif-status-update");
    assert!(said(&status, "summary").starts_with("探针 10 个，故障 18 次"));
}

#[test]
fn what_is_known_but_cannot_be_read_is_as_nothing() {
    let post = Post::read(&recorded("notif-recovery-message")).unwrap();
    let unreadable = post.told(Some(b"of another version"), &manner());
    assert_eq!(unreadable, post.told(None, &manner()));
    let other = Post::read(&recorded("notif-incident-tcp")).unwrap().told(None, &manner());
    let told = post.told(other.becomes.as_deref(), &manner());
    assert_eq!(parse(&told.payload).unwrap(), parse(&unreadable.payload).unwrap());
}

#[test]
fn each_body_of_another_sender_is_named_with_what_to_do() {
    let elastalert = String::from_utf8(recorded("elastalert2-2.19.0-alertmanager")).unwrap();
    let dingtalk = String::from_utf8(recorded("dingtalk-incident")).unwrap();
    let alerts = "post it to /api/v1/receivers/{receiver}/alerts";
    for (body, words) in [
        ("", "it is empty; Monika's channels monika-notif and webhook post JSON"),
        (" \n", "it is empty"),
        ("{\"type\": ", "it is no JSON: EOF while parsing a value at line 1"),
        ("hello", "it is no JSON: expected value at line 1 column 1; it begins with hello"),
        ("\"hello\"", "it is JSON, but no object"),
        ("17", "it is JSON, but no object"),
        (&elastalert, "a JSON array of alerts, as elastalert2's alertmanager alerter posts"),
        ("[{\"labels\":{}}]", "a JSON array of alerts, as Prometheus and other clients"),
        (&dingtalk, "a message for DingTalk, as Monika's dingtalk channel writes it; give Monika"),
        ("{\"version\":\"4\",\"alerts\":[]}", "a notification of Alertmanager's; post it to"),
        (
            "{\"version\":\"1\",\"orgId\":1,\"alerts\":[]}",
            "a notification of Grafana's; post it to",
        ),
        ("{\"groupKey\":\"x\"}", alerts),
        ("{\"ruleName\":\"x\",\"state\":\"ok\"}", "Grafana's legacy alerting"),
        ("{\"msg_type\":\"text\"}", "a message for Lark"),
        ("{\"@type\":\"MessageCard\"}", "a message for Teams"),
        ("{\"content\":\"x\"}", "a message for Discord"),
        ("{\"text\":\"x\"}", "a message for Slack or Google Chat"),
        ("{\"monikaId\":\"x\"}", "a report of Monika's Symon mode"),
        ("{\"type\":\"certificate\"}", "it is of the type `certificate`, which is none of these"),
        ("{\"hello\":1}", "it is a JSON object without the `type` or the `body`"),
        ("{\"body\":\"x\"}", "not as Monika writes it: invalid type: string \"x\", expected an"),
        ("{\"type\":\"incident\",\"alert\":{}}", "not as Monika writes it: invalid type: map"),
        ("{\"type\":\"incident\",\"alerts\":[]}", "a notification of Alertmanager's"),
    ] {
        let error = Post::read(body.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(words), "{body}: {error}");
        assert!(error.len() < 1_000, "{error}");
    }
    let error = Post::read(b"\xff\xfe").unwrap_err().to_string();
    assert!(error.contains("it is not UTF-8"), "{error}");
}

#[test]
fn a_time_that_cannot_be_read_is_told_and_loses_no_alert() {
    let body = |time: &str| {
        let body = json!({"type": "incident", "alert": "x", "url": "http://a/", "time": time});
        Post::read(body.to_string().as_bytes()).unwrap()
    };
    assert_eq!(body("2026-11-28 23:51:15 Z").unread_time(), None);
    assert_eq!(body("").unread_time(), None);
    let odd = body("Invalid Date");
    assert_eq!(odd.unread_time(), Some("Invalid Date"));
    let alert = parse(&odd.told(None, &manner()).payload).unwrap().alerts.remove(0);
    assert_eq!(alert.starts_at, at(CAME));
}

#[test]
fn long_texts_are_kept_short_where_they_are_kept_for_long() {
    let long = "ä".repeat(100_000);
    let body = json!({"type": "incident", "alert": long, "monika": long,
        "url": format!("http://{long}"), "time": long});
    let post = Post::read(body.to_string().as_bytes()).unwrap();
    let told = post.told(None, &manner());
    assert!(post.thing(&manner()).unwrap().len() < 5_000);
    assert!(told.becomes.unwrap().len() < 7_000);
    assert!(parse(&told.payload).unwrap().group_key.len() < 6_000);
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        "\\PC{0,30}".prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(Value::Null),
        Just(json!("2026-11-28 23:51:15 Z")),
        Just(json!("http://shop.example.com/a")),
        Just(json!({"url": "x", "alert": "&quot;", "time": "&"})),
    ]
}

fn body() -> impl Strategy<Value = Value> {
    let kinds = ["incident", "recovery", "start", "termination", "status-update", "other"];
    let fields = ["alert", "url", "time", "monika", "ip_address", "numberOfProbes", "body"];
    let kind = prop::option::of(prop::sample::select(kinds.to_vec()));
    let fields =
        proptest::collection::btree_map(prop::sample::select(fields.to_vec()), value(), 0..7);
    (kind, fields).prop_map(|(kind, fields)| {
        let mut body: serde_json::Map<String, Value> =
            fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        body.extend(kind.map(|kind| ("type".to_owned(), json!(kind))));
        Value::Object(body)
    })
}

proptest! {
    #[test]
    fn whatever_is_taken_is_stored_so_that_it_can_be_read_again(
        body in body(),
        before in body(),
        toggles: bool,
    ) {
        let manner = Manner { toggles, ..manner() };
        let known = Post::read(before.to_string().as_bytes())
            .ok()
            .and_then(|before| before.told(None, &manner).becomes);
        if let Ok(post) = Post::read(body.to_string().as_bytes()) {
            let told = post.told(known.as_deref(), &manner);
            let notification = parse(&told.payload);
            prop_assert!(notification.is_ok(), "{:?}", notification);
            prop_assert!(told.becomes.is_none() || post.thing(&manner).is_some());
        }
    }

    #[test]
    fn no_bytes_make_a_reader_fall_over(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = (Post::read(&bytes).map(drop), parse(&bytes), closed(&bytes, Duration::ZERO, &manner()));
    }
}
