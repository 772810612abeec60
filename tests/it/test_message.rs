//! The test message: what DingTalk says, in words, for each destination, past the queue but never
//! past a lane.

use std::time::Duration;

use dingtalk_sim::{Presence, Scope, Trouble};
use serde_json::{Value, json};
use test_support::alerts::firing;
use test_support::{ATTEMPT_LIMIT, TestApp};

const TEST: &str = "/api/v1/receivers/ops/test";

#[tokio::test(flavor = "multi_thread")]
async fn a_test_that_arrives_says_so_for_each_destination() {
    let app = TestApp::start().await;
    let answer = app.post(TEST, "").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let expected = json!({"ok": true, "receiver": "ops", "destinations": [{
        "name": "ops-group", "kind": "chatbot", "ok": true, "errcode": 0, "errmsg": "ok",
        "reason": "",
    }]});
    assert_eq!(answer.json(), expected);
    assert!(app.sim.posts_in("ops")[0].text.contains("Test message from Campana"));
    assert_eq!(app.states().await, [""; 0], "it is no delivery");
    let tests = "campana_test_messages_total{outcome=\"ok\"}";
    assert!((app.metric(tests).await - 1.0).abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_test_is_502_with_dingtalks_words_and_ours() {
    let app = TestApp::with(
        "
receivers:
  - {name: ops, chatbots: [{name: a, access_token: ta}, {name: b, access_token: tb}]}",
    )
    .await;
    app.sim.change_rules(|rules| rules.any_token = true);
    app.sim.fail(Scope::Robot("ta".into()), Trouble::Errcode(400_102, "机器人已停用".into()));
    let answer = app.post(TEST, "").await;
    assert_eq!(answer.status, 502);
    let body = answer.json();
    assert_eq!((&body["ok"], &body["destinations"][1]["ok"]), (&json!(false), &json!(true)));
    let refused = &body["destinations"][0];
    assert_eq!(
        (&refused["errcode"], &refused["errmsg"]),
        (&json!(400_102), &json!("机器人已停用"))
    );
    let reason = refused["reason"].as_str().unwrap();
    assert!(reason.contains("switch it on in the group's settings"), "{reason}");
    assert_eq!(app.notify(&firing("Disk")).await.ids().len(), 2);
    assert_eq!(app.states().await, ["delivered"; 2], "nothing is parked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_receiver_can_be_tested() {
    let app = TestApp::with(
        "receivers: [{name: ops, enabled: false, chatbots: [{name: a, access_token: ta}]}]",
    )
    .await;
    app.sim.change_rules(|rules| rules.any_token = true);
    assert_eq!(app.post(TEST, "").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_waits_at_most_five_seconds_for_a_slot_and_then_says_when() {
    let app = TestApp::queueing().await;
    for index in 0..20 {
        app.notify(&firing(&format!("Disk{index}"))).await;
    }
    app.advance(Duration::from_secs(30)).await;
    let body = app.post(TEST, "").await;
    assert_eq!(body.status, 502);
    let reason = body.json()["destinations"][0]["reason"].to_string();
    assert!(reason.contains("2026-11-20T19:13:00Z (in 30 s)"), "{reason}");
    assert_eq!(body.json()["destinations"][0]["errcode"], Value::Null);
    assert_eq!(app.sim.calls().len(), 20);
    app.advance(Duration::from_secs(26)).await;
    let (answer, ()) = tokio::join!(app.post(TEST, ""), async {
        let slot = Duration::from_secs(4);
        app.sleeping_for(slot).await;
        app.clock.advance(slot);
    });
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_of_a_throttled_robot_says_when_and_does_not_call() {
    let app = TestApp::start().await;
    app.sim.fail(Scope::Server, Trouble::Errcode(660_026, "too many".into()));
    app.notify(&firing("Disk")).await;
    let reason = app.post(TEST, "").await.json()["destinations"][0]["reason"].to_string();
    assert!(reason.contains("2026-11-20T19:13:00Z (in 60 s)"), "{reason}");
    assert_eq!(app.sim.calls().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn tests_take_a_quarter_of_the_slots_and_none_while_an_alert_is_due() {
    let app = TestApp::queueing().await;
    for _ in 0..5 {
        assert_eq!(app.post(TEST, "").await.status, 200);
    }
    let reason = app.post(TEST, "").await.json()["destinations"][0]["reason"].to_string();
    assert!(reason.contains("no free slot for a test") && reason.contains("in 60 s"), "{reason}");
    for index in 0..15 {
        app.notify(&firing(&format!("Disk{index}"))).await;
    }
    assert_eq!(app.states().await, ["delivered"; 15], "alerts have all other slots");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_takes_a_slot_of_its_lane() {
    let app = TestApp::queueing().await;
    for _ in 0..5 {
        assert_eq!(app.post(TEST, "").await.status, 200);
    }
    for index in 0..20 {
        app.notify(&firing(&format!("Disk{index}"))).await;
    }
    assert_eq!(app.sim.posts().len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_without_a_connection_takes_no_slot() {
    let app = TestApp::with(
        "
receivers:
  - name: ops
    chatbots: [{name: a, webhook_url: 'http://127.0.0.1:1/robot/send?access_token=ta'}]",
    )
    .await;
    for _ in 0..8 {
        let reason = app.post(TEST, "").await.json()["destinations"][0]["reason"].to_string();
        assert!(reason.contains("no connection to 127.0.0.1:1 ("), "{reason}");
    }
}

const DRAFT: &str = "/api/v1/receivers/draft/test";

#[tokio::test(flavor = "multi_thread")]
async fn settings_can_be_tried_before_they_are_saved() {
    let app = TestApp::start().await;
    app.sim.add_robot(dingtalk_sim::Robot::new("new-token").group("new").secret("SECnew"));
    let receiver =
        json!({"chatbots": [{"name": "x", "access_token": "new-token", "secret": "SECnew"}]});
    let answer = app.post(DRAFT, json!({"config": receiver})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["receiver"], "draft");
    assert_eq!(answer.json()["warnings"], Value::Null);
    assert_eq!(app.sim.posts_in("new").len(), 1);
    let webhook = json!({"name": "draft", "fallback": "ops", "chatbots": [{
        "name": "x", "webhook_url": app.sim.webhook("new-token"), "secret": "SECnew",
    }]});
    let answer = app.post(DRAFT, json!({"config": webhook})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(app.post("/dingtalk/draft/send", firing("Disk")).await.status, 404, "not kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_may_be_sent_as_they_stand_in_a_file_and_warnings_come_with_the_answer() {
    let app = TestApp::start().await;
    app.sim.add_robot(dingtalk_sim::Robot::new("new-token").group("new").secret("S-new"));
    let body = "
config:
  send_resolved: false
  conditions:
    - severity=\"critical\"
  chatbots:
    - name: x
      access_token: new-token
      secret: S-new # not what DingTalk gives
";
    let answer = app.post(DRAFT, body.to_owned()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let warnings = answer.json()["warnings"].clone();
    let warning = warnings[0].as_str().unwrap();
    let place = "body:9:7: warning: config.chatbots[0].secret: ";
    assert!(warning.starts_with(place) && warning.contains("SEC"), "{warning}");
    assert_eq!(warnings.as_array().unwrap().len(), 1, "{warnings}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_dingtalk_refuses_is_answered_with_its_words() {
    let app = TestApp::start().await;
    let config = json!({"chatbots": [{"name": "x", "access_token": "wrong"}]});
    let answer = app.post(DRAFT, json!({"config": config})).await;
    assert_eq!(answer.status, 502, "{}", answer.text);
    let reason = answer.json()["destinations"][0]["reason"].to_string();
    assert!(reason.contains("no robot has this access token"), "{reason}");
    assert_eq!(app.notify(&firing("Disk")).await.ids().len(), 1);
    assert_eq!(app.states().await, ["delivered"], "a draft parks nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_cannot_name_other_hosts_files_or_variables() {
    let app = TestApp::start().await;
    let bot = |fields: Value| json!({"config": {"chatbots": [fields]}}).to_string();
    for (body, words) in [
        (
            bot(
                json!({"name": "x", "webhook_url": "http://169.254.169.254/latest?access_token=t"}),
            ),
            "the webhook of `x` is not at the configured `dingtalk.oapi_url`",
        ),
        (
            bot(json!({"name": "x", "access_token_file": "/etc/hostname"})),
            "config.chatbots[0].access_token_file: a body can name no file of this machine",
        ),
        (
            bot(json!({"name": "x", "access_token": "${HOME}"})),
            "config.chatbots[0].access_token: `${…}` stands for nothing in a body",
        ),
        (bot(json!({"name": "x"})), "config.chatbots[0]: "),
        (bot(json!({"name": "x", "acces_token": "t"})), "did you mean `access_token`?"),
        (
            json!({"config": {"name": "other", "chatbots": []}}).to_string(),
            "config.name: the path of the request names the receiver `ops`",
        ),
        (
            json!({"config": {"fallback": "opps", "chatbots": [{"name": "x", "access_token": "t"}]}})
                .to_string(),
            "config.fallback: there is no receiver `opps` to fall back to; did you mean `ops`?",
        ),
        (
            json!({"config": {"message": {"text": "{{ .Nmae }}"},
                              "chatbots": [{"name": "x", "access_token": "t"}]}})
            .to_string(),
            "config.message.text: ",
        ),
        (json!({"chatbots": []}).to_string(), "chatbots: a receiver's settings stand under `config`"),
        (json!({"receivers": []}).to_string(), "a test is for one receiver"),
        ("{}".to_owned(), "the key `config` is missing"),
        ("[]".to_owned(), "expected a mapping"),
        ("{\"config\": []}".to_owned(), "config: expected a mapping"),
        ("{".to_owned(), "this is not YAML"),
    ] {
        let answer = app.post(TEST, &body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text);
        let error = answer.error();
        assert!(error.starts_with("body:") && error.contains(words), "{body}: {error}");
    }
    assert_eq!(app.sim.calls().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_that_never_answers_ends_the_test_at_the_attempts_limit() {
    let app = TestApp::start().await;
    app.sim.fail(Scope::Server, Trouble::Hang);
    let (answer, ()) = tokio::join!(app.post(TEST, ""), async {
        app.called(1).await;
        app.clock.advance(ATTEMPT_LIMIT);
    });
    assert_eq!(answer.status, 502);
    let reason = answer.json()["destinations"][0]["reason"].to_string();
    assert!(reason.contains("no answer from DingTalk in time"), "{reason}");
    app.sim.change_robot("ops-token", |robot| robot.presence = Presence::Working);
    assert_eq!(app.post(TEST, "").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_that_never_answers_keeps_no_other_destination_waiting() {
    let app = TestApp::with(
        "
receivers:
  - {name: ops, chatbots: [{name: a, access_token: ta}, {name: b, access_token: tb}]}",
    )
    .await;
    app.sim.change_rules(|rules| rules.any_token = true);
    app.sim.fail(Scope::Robot("ta".into()), Trouble::Hang);
    let (answer, ()) = tokio::join!(app.post(TEST, ""), async {
        app.called(2).await;
        app.answered(1).await;
        app.unanswered(1).await;
        app.clock.advance(ATTEMPT_LIMIT);
    });
    let destinations = answer.json()["destinations"].clone();
    assert_eq!((&destinations[0]["name"], &destinations[0]["ok"]), (&json!("a"), &json!(false)));
    assert_eq!((&destinations[1]["name"], &destinations[1]["ok"]), (&json!("b"), &json!(true)));
}
