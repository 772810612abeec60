//! The JSON that people and programs see: names, nulls and absent fields are pinned here.

use std::fmt::Debug;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::delivery::{DeliveryDetail, DeliveryList, DiscardAnswer, ReplayAnswer};
use super::notification::NotificationAnswer;
use super::receiver::{DeadRobot, Park, Wait};
use super::status::{BuildInfo, ReloadAnswer, Success};
use super::test_message::{Errcode, TestAnswer, TestedDestination};
use super::*;
use crate::deliver::{self, LaneWait, Want};
use crate::dingtalk::message::{At, MessageType, Part};
use crate::intake::{Acceptance, Replayed};
use crate::queue::{
    Answered, Attempt, Delivery, DeliveryId, Detail, Origin, Park as StoredPark, Scope, State,
    Summary, Target,
};

/// The answer is this JSON, and is read from it as it was.
#[track_caller]
fn assert_json<T: Serialize + DeserializeOwned + PartialEq + Debug>(answer: &T, expected: &Value) {
    assert_eq!(serde_json::to_value(answer).unwrap(), *expected);
    assert_eq!(serde_json::from_value::<T>(expected.clone()).unwrap(), *answer);
}

fn dead_letter() -> Delivery {
    Delivery {
        id: DeliveryId(7),
        notification: "n-1".into(),
        origin: Origin::Replay,
        target: Target { receiver: "ops".into(), destination: "a".into() },
        group: "g".into(),
        state: State::Dead,
        attempts: 2,
        unreadable: Vec::new(),
        reason: "refused".into(),
        accepted_at: "2026-11-20T08:00:00Z".parse().unwrap(),
        settled_at: Some("2026-11-20T08:00:01.5Z".parse().unwrap()),
        due_at: None,
        parts: 3,
        arrived: 1,
        title: "Disk".into(),
        replay_of: Some(DeliveryId(5)),
        carried_by: None,
        summary: Summary { status: "firing".into(), firing: 1, ..Summary::default() },
        render_error: None,
    }
}

/// The fields that a delivery has in a list and alone.
fn standing() -> Value {
    json!({
        "id": "7", "notification": "n-1", "origin": "replay", "receiver": "ops",
        "destination": "a", "group": "g", "state": "dead", "reason": "refused", "title": "Disk",
        "arrived": 1, "accepted_at": "2026-11-20T08:00:00Z",
        "settled_at": "2026-11-20T08:00:01.5Z", "due_at": null, "replay_of": "5",
        "carried_by": null, "render_error": null,
        "summary": {
            "status": "firing", "firing": 1, "resolved": 0, "severity": "", "alertnames": [],
            "group_labels": {}, "since": null, "link": "",
        },
    })
}

fn with(mut object: Value, more: &Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        object[key] = value.clone();
    }
    object
}

#[test]
fn a_delivery_in_a_list_has_numbers_of_parts_and_attempts() {
    let list = DeliveryList::from(vec![dead_letter()]);
    let expected = with(standing(), &json!({"parts": 3, "attempts": 2}));
    assert_json(&list, &json!({"deliveries": [expected]}));
    let due = "2026-11-20T08:00:00.123456789Z".parse().unwrap();
    let waiting = Delivery { due_at: Some(due), settled_at: None, ..dead_letter() };
    let waiting = serde_json::to_value(delivery::Delivery::from(waiting)).unwrap();
    assert_eq!(waiting["due_at"], "2026-11-20T08:00:00.123Z", "no finer than what is stored");
    assert_eq!(waiting["settled_at"], Value::Null);
    let unreadable = vec!["its stored summary cannot be read".to_owned()];
    for (reason, said) in [("", ""), ("dead", "dead; ")] {
        let damaged =
            Delivery { reason: reason.into(), unreadable: unreadable.clone(), ..dead_letter() };
        let said = format!("{said}its stored summary cannot be read");
        assert_eq!(delivery::Delivery::from(damaged).standing.reason, said);
    }
}

#[test]
fn a_delivery_alone_has_its_parts_and_attempts_themselves() {
    let text = |text: &str| Part {
        at: At { all: true, ..At::default() },
        ..Part::new(MessageType::Text, "", text)
    };
    let answered = Answered {
        outcome: "refused".into(),
        code: Some("310000".into()),
        words: "keywords".into(),
        took: Duration::from_millis(12),
    };
    let started_at = "2026-11-20T08:00:00Z".parse().unwrap();
    let detail = DeliveryDetail::from(Detail {
        delivery: dead_letter(),
        rendered: vec![text("one"), text("two")],
        parts: vec![Part::new(MessageType::Markdown, "Disk", "full")],
        attempts: vec![
            Attempt { part: 0, started_at, answered: Some(answered) },
            Attempt { part: 1, started_at, answered: None },
        ],
    });
    let expected = json!({
        "message": {"type": "text", "title": null, "text": "one\ntwo", "at": {"all": true}},
        "parts": [{"type": "markdown", "title": "Disk", "text": "full", "at": {}}],
        "attempts": [
            {"part": 1, "started_at": "2026-11-20T08:00:00Z", "outcome": "refused",
             "errcode": "310000", "words": "keywords", "duration_ms": 12},
            {"part": 2, "started_at": "2026-11-20T08:00:00Z", "outcome": null, "errcode": null,
             "words": null, "duration_ms": null},
        ],
    });
    assert_json(&detail, &with(standing(), &expected));
}

#[test]
fn what_people_do_to_a_delivery_is_answered_with_its_id() {
    let replayed = ReplayAnswer::new(DeliveryId(9), DeliveryId(7));
    assert_json(&replayed, &json!({"id": "9", "replay_of": "7"}));
    let rendered = |render_error: Option<&str>| {
        let render_error = render_error.map(str::to_owned);
        ReplayAnswer::rendered(Replayed { id: DeliveryId(9), render_error }, DeliveryId(7))
    };
    let expected = json!({"id": "9", "replay_of": "7", "rendered": true});
    assert_json(&rendered(None), &expected);
    let expected = with(expected, &json!({"render_error": "line 3"}));
    assert_json(&rendered(Some("line 3")), &expected);
    assert_json(&DiscardAnswer::new(DeliveryId(7)), &json!({"id": "7", "state": "discarded"}));
}

#[test]
fn a_notification_is_answered_with_its_deliveries_and_no_more_than_there_is_to_say() {
    let accepted = Acceptance {
        notification: "n-1".into(),
        deliveries: vec![DeliveryId(1), DeliveryId(2)],
        duplicate_of: None,
        disabled: false,
        inactive: Vec::new(),
        unmatched: 0,
    };
    let plain = json!({"notification": "n-1", "deliveries": 2, "ids": ["1", "2"]});
    assert_json(&NotificationAnswer::from(accepted.clone()), &plain);
    let nothing = Acceptance { deliveries: Vec::new(), disabled: true, ..accepted.clone() };
    let expected = json!({"notification": "n-1", "deliveries": 0, "ids": [], "disabled": true});
    assert_json(&NotificationAnswer::from(nothing), &expected);
    let inactive = vec!["ops".to_owned()];
    let quiet = Acceptance { deliveries: Vec::new(), inactive, ..accepted.clone() };
    let expected = json!({"notification": "n-1", "deliveries": 0, "ids": [], "inactive": ["ops"]});
    assert_json(&NotificationAnswer::from(quiet), &expected);
    let unwanted = Acceptance { deliveries: Vec::new(), unmatched: 3, ..accepted.clone() };
    let expected = json!({"notification": "n-1", "deliveries": 0, "ids": [], "unmatched": 3});
    assert_json(&NotificationAnswer::from(unwanted), &expected);
    let earlier = Some("n-0".to_owned());
    let twin = Acceptance { deliveries: Vec::new(), duplicate_of: earlier, ..accepted };
    let expected =
        json!({"notification": "n-1", "deliveries": 0, "ids": [], "duplicate_of": "n-0"});
    assert_json(&NotificationAnswer::from(twin), &expected);
}

#[test]
fn a_test_is_answered_with_a_number_or_a_word_or_nothing() {
    let said = |errcode: Option<&str>| {
        TestedDestination::from(deliver::TestedDestination {
            name: "a".into(),
            kind: "chatbot",
            ok: errcode == Some("0"),
            errcode: errcode.map(str::to_owned),
            errmsg: "said".into(),
            reason: String::new(),
        })
    };
    let codes = [Some("0"), Some("-1"), Some("Forbidden.AccessDenied"), None].map(said);
    let expected = [
        Some(Errcode::Number(0)),
        Some(Errcode::Number(-1)),
        Some(Errcode::Word("Forbidden.AccessDenied".into())),
        None,
    ];
    assert_eq!(codes.clone().map(|said| said.errcode), expected);
    let [ok, busy, _, none] = codes;
    assert!(TestAnswer::new("ops", vec![ok.clone()]).ok);
    let one = |ok: bool, errcode: Value| {
        json!({"name": "a", "kind": "chatbot", "ok": ok, "errcode": errcode, "errmsg": "said",
               "reason": ""})
    };
    let destinations = [one(true, json!(0)), one(false, json!(-1)), one(false, Value::Null)];
    let expected = json!({"ok": false, "receiver": "ops", "destinations": destinations});
    assert_json(&TestAnswer::new("ops", vec![ok, busy, none]), &expected);
}

#[test]
fn status_and_reload_have_prometheus_forms() {
    let info = BuildInfo { version: "1".into(), rust_version: "2".into() };
    let expected = json!({"status": "success", "data": {"version": "1", "rustVersion": "2"}});
    assert_json(&Success::new(info), &expected);
    let restart = ReloadAnswer::new(vec!["web.route_prefix".to_owned()], Vec::new());
    let expected = json!({"reloaded": true, "restart_needed": ["web.route_prefix"]});
    assert_json(&restart, &expected);
    let warned = ReloadAnswer::new(Vec::new(), vec!["c.yml:1:1: warning: w".to_owned()]);
    let warnings = ["c.yml:1:1: warning: w"];
    assert_json(&warned, &json!({"reloaded": true, "restart_needed": [], "warnings": warnings}));
    let bad = ReloadAnswer::failed("line 3".to_owned());
    assert_json(&bad, &json!({"reloaded": false, "error": "line 3"}));
    let error = ErrorAnswer { error: "no".into(), receivers: None, paths: None };
    assert_json(&error, &json!({"error": "no"}));
}

#[test]
fn a_park_says_why_and_until_when() {
    let park = StoredPark {
        scope: Scope::Lane("lane".into()),
        cause: "throttled".into(),
        step: 1,
        until: "2026-11-20T08:00:00.000999Z".parse().unwrap(),
    };
    let expected = json!({"cause": "throttled", "until": "2026-11-20T08:00:00Z"});
    assert_json(&Park::from(&park), &expected);
    let expected = with(expected, &json!({"number": 2}));
    assert_json(&DeadRobot::from((2, &park)), &expected);
}

#[test]
fn a_wait_says_for_what_and_until_when() {
    let until = Some("2026-11-20T08:00:00.000999Z".parse().unwrap());
    let wait = LaneWait { want: Want::Slot, until, host: None, trouble: None };
    let expected = json!({
        "for": "slot", "until": "2026-11-20T08:00:00Z", "reason": wait.to_string(),
    });
    assert_json(&Wait::from(wait.clone()), &expected);
    let endless = LaneWait { want: Want::Host, until: None, ..wait };
    let expected = json!({"for": "host", "until": null, "reason": endless.to_string()});
    assert_json(&Wait::from(endless), &expected);
}
