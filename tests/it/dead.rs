//! A destination that takes nothing until a person mends it: one dead letter, a parked queue, and
//! every way out of it.

use std::time::Duration;

use dingtalk_sim::{Fault, Presence, Robot, Scope, Trouble};
use serde_json::{Value, json};
use test_support::alerts::firing;
use test_support::{ONE_CHATBOT, TestApp};

const HOUR: Duration = Duration::from_hours(1);

/// A robot that was removed, after three notifications: the first is dead, the others wait.
async fn dead_robot() -> TestApp {
    let app = TestApp::with(&format!("delivery: {{max_age: 5h}}\n{ONE_CHATBOT}")).await;
    for name in ["Disk", "Memory", "Load"] {
        app.notify(&firing(name)).await;
    }
    assert_eq!(app.states().await, ["queued", "queued", "dead"]);
    assert_eq!(app.sim.calls().len(), 1, "the others wait without being tried");
    for id in ["2", "3"] {
        let reason = app.delivery(id).await["reason"].as_str().unwrap().to_owned();
        assert!(reason.contains("300005"), "{reason}");
        assert!(reason.ends_with("; next probe at 2026-11-20T20:12:00Z"), "{reason}");
    }
    app
}

fn mend(app: &TestApp) {
    app.sim.add_robot(Robot::new("ops-token").group("ops"));
}

async fn park(app: &TestApp) -> Value {
    let receivers = app.get("/api/v1/receivers").await.json();
    receivers["receivers"][0]["destinations"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_cause_buries_the_head_in_words_and_parks_the_rest() {
    let token = || Scope::Robot("ops-token".to_owned());
    let coded =
        |code: i64, words: &str| Fault::once(Trouble::Errcode(code, words.into())).lasting();
    for (fault, outcome, words) in [
        (coded(310_000, "sign not match"), "sign", "set `secret`"),
        (coded(310_000, "ip 1.2.3.4 not in whitelist"), "ip", "1.2.3.4"),
        (coded(300_005, "token is not exist"), "unknown_token", "no robot has this access token"),
        (coded(400_102, "机器人已停用"), "stopped", "switch it on in the group's settings"),
        (coded(400_013, "群已被解散"), "removed", "add the robot to the group again"),
        (coded(90_030, "webhook over limit"), "quota", "used up"),
    ] {
        let app = TestApp::start().await;
        app.sim.fail(token(), fault);
        let head = app.notify(&firing("Disk")).await.ids().remove(0);
        let next = app.notify(&firing("Memory")).await.ids().remove(0);
        let delivery = app.delivery(&head).await;
        assert_eq!(delivery["state"], "dead", "{outcome}");
        assert_eq!(delivery["attempts"][0]["outcome"], outcome);
        assert!(delivery["reason"].as_str().unwrap().contains(words), "{delivery}");
        assert_eq!(app.state(&next).await, "queued");
        let destination = park(&app).await;
        assert_eq!(destination["queued"], 1);
        assert_eq!(destination["parked"]["cause"], delivery["reason"]);
        assert_eq!(destination["parked"]["until"], "2026-11-20T20:12:00Z");
        let parked = "campana_destination_parked{destination=\"ops-group\",receiver=\"ops\"}";
        assert!((app.metric(parked).await - 1.0).abs() < 0.1);
        app.assert_accounts().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_destination_is_probed_every_hour_and_a_success_frees_all() {
    let app = dead_robot().await;
    for probes in 2..=4 {
        app.pass(HOUR - Duration::from_secs(1), HOUR / 4).await;
        assert_eq!(app.sim.calls().len(), probes - 1);
        app.advance(Duration::from_secs(1)).await;
        assert_eq!(app.sim.calls().len(), probes);
        assert_eq!(app.states().await, ["queued", "queued", "dead"], "a refused probe stays");
    }
    let attempted = app.delivery("2").await["reason"].as_str().unwrap().to_owned();
    assert!(attempted.ends_with("; next attempt at 2026-11-20T23:12:00Z"), "{attempted}");
    mend(&app);
    app.pass(HOUR, HOUR / 4).await;
    assert_eq!(app.states().await, ["delivered", "delivered", "dead"]);
    assert_eq!(park(&app).await["parked"], Value::Null);
    let titles: Vec<_> = app.sim.posts().into_iter().filter_map(|post| post.title).collect();
    assert!(titles[0].contains("Memory") && titles[1].contains("Load"), "{titles:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_probes_at_once() {
    let mut app = dead_robot().await;
    app.restart().await;
    app.settle().await;
    assert_eq!(app.sim.calls().len(), 2, "one probe");
    mend(&app);
    app.restart().await;
    app.settle().await;
    assert_eq!(app.states().await, ["delivered", "delivered", "dead"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_with_another_token_sends_at_once_and_one_without_changes_waits_on() {
    let app = dead_robot().await;
    app.sim.add_robot(Robot::new("new-token").group("ops"));
    assert_eq!(app.reload(ONE_CHATBOT).await.status, 200);
    app.settle().await;
    assert_eq!(app.sim.calls().len(), 1);
    app.reload(&ONE_CHATBOT.replace("ops-token", "new-token")).await;
    app.settle().await;
    assert_eq!(app.states().await, ["delivered", "delivered", "dead"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_with_another_secret_probes_at_once() {
    let app = dead_robot().await;
    app.sim.add_robot(Robot::new("ops-token").group("ops").secret("SECnew"));
    app.reload(&ONE_CHATBOT.replace("ops-token", "ops-token, secret: SECnew")).await;
    app.settle().await;
    assert_eq!(app.states().await, ["delivered", "delivered", "dead"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_probes_at_once() {
    let app = dead_robot().await;
    let refused = app.call("POST", "/api/v1/deliveries/1/replay").await;
    assert_eq!(refused.status, 200, "{}", refused.text);
    app.settle().await;
    assert_eq!(app.sim.calls().len(), 2);
    mend(&app);
    app.call("POST", "/api/v1/deliveries/1/replay").await;
    app.settle().await;
    assert_eq!(app.states().await, ["delivered", "delivered", "delivered", "delivered", "dead"]);
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_message_that_arrives_frees_all_and_a_refused_one_parks_nothing() {
    let app = dead_robot().await;
    let refused = app.call("POST", "/api/v1/receivers/ops/test").await;
    assert_eq!(refused.status, 502);
    assert_eq!(park(&app).await["parked"]["until"], "2026-11-20T20:12:00Z");
    mend(&app);
    assert_eq!(app.call("POST", "/api/v1/receivers/ops/test").await.status, 200);
    app.settle().await;
    assert_eq!(app.states().await, ["delivered", "delivered", "dead"]);
    let live = TestApp::start().await;
    live.sim.change_robot("ops-token", |robot| robot.presence = Presence::Stopped);
    assert_eq!(live.call("POST", "/api/v1/receivers/ops/test").await.status, 502);
    assert_eq!(park(&live).await["parked"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_for_a_dead_destination_is_dead_at_its_max_age_for_the_same_reason() {
    let app = dead_robot().await;
    app.pass(HOUR * 5 - Duration::from_mins(1), HOUR / 4).await;
    assert_eq!(app.states().await, ["queued", "queued", "dead"]);
    app.pass_until_states(&["dead"; 3]).await;
    let (first, last) = (app.delivery("1").await, app.delivery("3").await);
    assert_eq!(first["reason"], last["reason"]);
    let dead = "campana_dead_letters_total{outcome=\"max_age\"}";
    assert!((app.metric(dead).await - 2.0).abs() < 0.1);
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_whose_outcome_is_unknown_keeps_its_id_and_is_made_again_soon() {
    let app = dead_robot().await;
    mend(&app);
    app.sim.fail(Scope::Server, Fault::once(Trouble::Reset).after_accepting());
    app.pass(HOUR, HOUR / 4).await;
    assert_eq!(app.sim.calls().len(), 2);
    app.pass(Duration::from_mins(1), Duration::from_secs(30)).await;
    assert_eq!(app.states().await, ["delivered", "delivered", "dead"]);
    assert_eq!(app.sim.posts().len(), 2, "no bubble twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_removed_destination_is_reported_and_dead_at_its_max_age() {
    let app = TestApp::with(
        "
delivery: {max_age: 2h}
receivers:
  - {name: ops, chatbots: [{name: a, access_token: ta}, {name: b, access_token: tb}]}",
    )
    .await;
    app.sim.change_rules(|rules| rules.any_token = true);
    app.sim.fail(Scope::Robot("tb".to_owned()), Fault::once(Trouble::Status(503)).lasting());
    app.notify(&firing("Disk")).await;
    let rest = "
delivery: {max_age: 2h}
receivers:
  - {name: ops, chatbots: [{name: a, access_token: ta}]}";
    assert_eq!(app.reload(rest).await.status, 200);
    app.pass(HOUR * 2 - Duration::from_mins(1), HOUR / 4).await;
    assert_eq!(app.states().await, ["queued", "delivered"]);
    let removed = app.get("/api/v1/receivers").await.json()["removed"].clone();
    let expected = serde_json::json!([{"receiver": "ops", "destination": "b", "queued": 1}]);
    assert_eq!(removed, expected);
    let parked = "campana_destination_parked{destination=\"b\",receiver=\"ops\"}";
    assert!((app.metric(parked).await - 1.0).abs() < 0.1);
    app.pass_until_states(&["dead", "delivered"]).await;
    assert!((119..=125).contains(&app.clock_minutes()), "{}", app.clock_minutes());
    let reason = app.delivery("2").await["reason"].to_string();
    assert!(reason.contains("no longer in the configuration"), "{reason}");
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_with_other_credentials_frees_nothing() {
    let app = dead_robot().await;
    app.sim.add_robot(Robot::new("tried").group("ops"));
    let chatbot = json!({"name": "ops-group", "access_token": "tried"});
    let tried = json!({"config": {"chatbots": [chatbot]}});
    assert_eq!(app.post("/api/v1/receivers/ops/test", tried).await.status, 200);
    app.settle().await;
    assert_eq!(app.states().await, ["queued", "queued", "dead"]);
}
