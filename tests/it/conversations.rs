//! Group chats through an app: its tokens, its limits, and an API without an idempotency key.

use std::time::Duration;

use dingtalk_sim::{Endpoint, Fault, Gate, Scope, Trouble};
use test_support::alerts::firing;
use test_support::{FIRST_RETRY, TestApp};

fn token_calls(app: &TestApp) -> usize {
    app.sim.calls().iter().filter(|call| call.endpoint == Endpoint::AccessToken).count()
}

fn sends() -> Scope {
    Scope::Endpoint(Endpoint::GroupSend)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_reaches_a_conversation_and_one_token_serves_all() {
    let app = TestApp::with_conversation().await;
    for index in 0..15 {
        app.accept(&firing(&format!("Disk{index}"))).await;
    }
    app.settle().await;
    assert_eq!(app.sim.posts_in("cid1==").len(), 15);
    assert_eq!(token_calls(&app), 1);
    let delivery = app.delivery("1").await;
    let name = delivery["destination"].as_str().unwrap();
    assert!(name.starts_with("sre/") && name.len() == 12, "{name}");
    assert_eq!(delivery["attempts"][0]["outcome"], "ok");
    let key = delivery["attempts"][0]["words"].as_str().unwrap();
    assert!(key.starts_with("pqk"), "the message's number at DingTalk is kept: {key}");
    let refreshes = "campana_token_refreshes_total{outcome=\"ok\"}";
    assert!((app.metric(refreshes).await - 1.0).abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_need_a_token_at_once_make_one_request() {
    let app = TestApp::with_conversation().await;
    let gate = Gate::new();
    app.sim.fail(Scope::Endpoint(Endpoint::AccessToken), Trouble::Held(gate.clone()));
    let tests = async {
        let test = || app.call("POST", "/api/v1/receivers/ops/test");
        tokio::join!(test(), test(), test(), test(), test())
    };
    let (answers, ()) = tokio::join!(tests, async {
        gate.reached(1).await;
        app.unanswered(5).await;
        gate.open();
    });
    let statuses = [answers.0, answers.1, answers.2, answers.3, answers.4];
    assert!(statuses.iter().all(|answer| answer.status == 200), "{statuses:?}");
    assert_eq!(token_calls(&app), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_turns_invalid_is_fetched_anew_and_the_message_sent_again_at_once() {
    let app = TestApp::with_conversation().await;
    app.notify(&firing("Disk")).await;
    app.sim.revoke_tokens("dingops");
    let id = app.notify(&firing("Load")).await.ids().remove(0);
    let delivery = app.delivery(&id).await;
    assert_eq!((&delivery["state"], &delivery["attempts"][1]), (&"delivered".into(), &().into()));
    assert_eq!(token_calls(&app), 2);
    assert_eq!(app.sim.posts().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_fetched_again_before_it_runs_out() {
    let app = TestApp::with_conversation().await;
    app.notify(&firing("Disk")).await;
    app.pass(Duration::from_mins(116), Duration::from_mins(30)).await;
    app.notify(&firing("Load")).await;
    assert_eq!(token_calls(&app), 2);
    assert!(app.sim.calls().iter().all(|call| call.answer == dingtalk_sim::Answer::Ok));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_token_that_is_refused_too_waits_and_in_the_end_the_destination_is_dead() {
    let app = TestApp::with_conversation().await;
    let invalid = Trouble::Api(400, "InvalidAuthentication".into(), "不合法的access_token".into());
    app.sim.fail(sends(), Fault::once(invalid).lasting());
    let id = app.notify(&firing("Disk")).await.ids().remove(0);
    assert_eq!(app.state(&id).await, "queued");
    app.pass(Duration::from_mins(10), Duration::from_secs(20)).await;
    let delivery = app.delivery(&id).await;
    assert_eq!(delivery["state"], "dead");
    assert_eq!(delivery["attempts"].as_array().unwrap().len(), 5);
    let reason = delivery["reason"].as_str().unwrap();
    assert!(reason.contains("app_key, app_secret and robot_code are of one app"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_app_secret_is_a_dead_destination() {
    let app = TestApp::with_conversation().await;
    app.sim.change_app("dingops", |app| app.secret = "another".to_owned());
    let id = app.notify(&firing("Disk")).await.ids().remove(0);
    let delivery = app.delivery(&id).await;
    assert_eq!(delivery["state"], "dead");
    let reason = delivery["reason"].as_str().unwrap();
    assert!(reason.contains("copy app_key and app_secret"), "{reason}");
    assert!(!reason.contains("app-secret"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_arrived_is_sent_again_and_counted_as_a_possible_duplicate() {
    let app = TestApp::with_conversation().await;
    app.sim.fail(sends(), Fault::once(Trouble::Reset).after_accepting());
    let id = app.notify(&firing("Disk")).await.ids().remove(0);
    let reason = app.delivery(&id).await["reason"].to_string();
    assert!(reason.contains("the message may have arrived"), "{reason}");
    app.advance(FIRST_RETRY).await;
    assert_eq!(app.state(&id).await, "delivered");
    assert_eq!(app.sim.posts().len(), 2, "this API has no idempotency key");
    assert!((app.metric("campana_possible_duplicates_total").await - 1.0).abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttle_of_the_app_waits_a_second_and_a_missing_permission_for_a_person() {
    let app = TestApp::with_conversation().await;
    let code = "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi";
    app.sim.fail(sends(), Trouble::Api(403, code.into(), "QPS".into()));
    let id = app.notify(&firing("Disk")).await.ids().remove(0);
    assert_eq!(app.state(&id).await, "queued");
    app.advance(Duration::from_secs(1)).await;
    assert_eq!(app.state(&id).await, "delivered");
    app.sim.change_app("dingops", |app| app.lacks_scope = Some("qyapi_robot_sendmsg".to_owned()));
    let id = app.notify(&firing("Load")).await.ids().remove(0);
    let delivery = app.delivery(&id).await;
    assert_eq!(delivery["state"], "dead");
    assert!(delivery["reason"].to_string().contains("qyapi_robot_sendmsg"), "{delivery}");
}

/// So many conversations of one app, each a receiver of its own.
async fn with_conversations(count: usize) -> TestApp {
    let receiver = |n| {
        format!(
            "
  - name: r{n}
    conversations:
      - {{name: c, app_key: dingops, app_secret: app-secret, open_conversation_ids: ['cid{n}=='], overflow: queue}}"
        )
    };
    let receivers: String = (0..count).map(receiver).collect();
    let app = TestApp::with(&format!("receivers:{receivers}")).await;
    app.sim.add_app(dingtalk_sim::App::new("dingops", "app-secret"));
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_endpoint_that_fails_is_asked_once_in_a_while_by_all_conversations_together() {
    let app = with_conversations(20).await;
    let tokens = Scope::Endpoint(Endpoint::AccessToken);
    app.sim.fail(tokens, Fault::once(Trouble::Status(503)).lasting());
    let ids = app.post("/api/v1/alerts", firing("Disk")).await.ids();
    assert_eq!(ids.len(), 20);
    app.settle().await;
    assert_eq!(token_calls(&app), 1, "the first failure is everyone's");
    app.pass(Duration::from_secs(4), Duration::from_millis(100)).await;
    assert!(token_calls(&app) <= 3, "{}", token_calls(&app));
    app.sim.heal();
    app.pass(Duration::from_mins(2), Duration::from_secs(1)).await;
    assert_eq!(app.sim.posts().len(), 20, "nothing is lost");
    let healed = token_calls(&app);
    app.sim.revoke_tokens("dingops");
    app.post("/api/v1/alerts", firing("Load")).await;
    app.pass(Duration::from_secs(2), Duration::from_secs(1)).await;
    assert_eq!((app.sim.posts().len(), token_calls(&app) - healed), (40, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn fresh_tokens_that_are_refused_are_not_fetched_by_each_conversation() {
    let app = with_conversations(20).await;
    let invalid = Trouble::Api(400, "InvalidAuthentication".into(), "不合法的access_token".into());
    app.sim.fail(sends(), Fault::once(invalid).lasting());
    app.post("/api/v1/alerts", firing("Disk")).await;
    app.settle().await;
    assert_eq!(token_calls(&app), 2, "one, and another in its place");
    app.pass(Duration::from_secs(4), Duration::from_millis(100)).await;
    assert!(token_calls(&app) <= 4, "{}", token_calls(&app));
    app.pass(Duration::from_mins(10), Duration::from_secs(10)).await;
    let dead = app.states().await.iter().filter(|state| *state == "dead").count();
    assert_eq!(dead, 1, "one dead letter for the app, the rest waits");
    app.sim.heal();
    app.pass(Duration::from_mins(61), Duration::from_mins(1)).await;
    assert_eq!(app.sim.posts().len(), 19);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_app_secret_buries_one_delivery_and_parks_every_conversation_of_the_app() {
    let app = with_conversations(20).await;
    app.sim.change_app("dingops", |app| app.secret = "another".to_owned());
    for name in ["Disk", "Load"] {
        app.post("/api/v1/alerts", firing(name)).await;
        app.settle().await;
    }
    let states = app.states().await;
    let dead = states.iter().filter(|state| *state == "dead").count();
    assert_eq!((states.len(), dead), (40, 1), "{states:?}");
    assert_eq!(token_calls(&app), 1);
    let waits = app.delivery("40").await["reason"].to_string();
    assert!(waits.contains("copy app_key and app_secret"), "{waits}");
    app.pass(Duration::from_mins(61), Duration::from_mins(1)).await;
    assert_eq!(token_calls(&app), 2, "one probe an hour for the whole app");
    app.sim.change_app("dingops", |app| app.secret = "app-secret".to_owned());
    app.pass(Duration::from_mins(61), Duration::from_mins(1)).await;
    assert_eq!(app.sim.posts().len(), 39, "a probe that arrives frees all");
}
