//! When a receiver is told: by the clock of its own zone, and what it is told all the same.

use std::time::Duration;

use dingtalk_sim::{Fault, Robot, Scope, Trouble};
use serde_json::{Value, json};
use test_support::TestApp;
use test_support::alerts::{alert, firing, group};

/// `ops` in working hours, `night` in all others. Every test begins on a Saturday at 03:12 in Shanghai.
const TURNS: &str = "
receivers:
  - name: ops
    active_times:
      - &hours
        weekdays: ['monday:friday']
        times: [{start_time: '09:00', end_time: '18:00'}]
        location: Asia/Shanghai
    chatbots: [{name: ops-group, access_token: ops-token}]
  - name: night
    active_times: [{not: *hours}]
    chatbots: [{name: night-group, access_token: night-token}]
";

/// From the start until the next Monday at 09:00.
const TO_MONDAY: Duration = Duration::from_mins((48 + 5) * 60 + 48);

async fn app() -> TestApp {
    let app = TestApp::with(TURNS).await;
    for name in ["ops", "night"] {
        app.sim.add_robot(Robot::new(format!("{name}-token")).group(name));
    }
    app
}

/// The same on the Monday, ten minutes before `ops` ends its day.
async fn at_the_end_of_the_day() -> TestApp {
    let app = app().await;
    app.advance(TO_MONDAY + Duration::from_mins(8 * 60 + 50)).await;
    app
}

fn resolved(name: &str) -> Value {
    group(name, [alert(name).resolved()])
}

fn texts(app: &TestApp, of: &str) -> Vec<String> {
    app.sim.posts_in(of).into_iter().map(|post| post.title.unwrap_or_default()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_its_times_a_receiver_is_not_told_and_the_answer_says_so() {
    let app = app().await;
    for path in ["/api/v1/receivers/ops/alerts", "/dingtalk/ops/send"] {
        let answer = app.post(path, firing("Disk")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let body = answer.json();
        assert_eq!((&body["deliveries"], &body["ids"]), (&json!(0), &json!([])));
        assert_eq!(body["inactive"], json!(["ops"]));
        assert_eq!(body.get("duplicate_of"), None, "it left no state");
    }
    app.settle().await;
    assert_eq!(app.states().await, [""; 0]);
    let count = app.metric("campana_notifications_inactive_total{receiver=\"ops\"}").await;
    assert!((count - 2.0).abs() < 0.1, "{count}");
    app.advance(TO_MONDAY - Duration::from_secs(1)).await;
    assert_eq!(app.notify(&firing("Disk")).await.json()["deliveries"], 0);
    app.advance(Duration::from_secs(1)).await;
    let repeated = app.notify(&firing("Disk")).await.json();
    assert_eq!((&repeated["deliveries"], repeated.get("inactive")), (&json!(1), None));
    app.advance(Duration::from_hours(9)).await;
    assert_eq!(app.notify(&firing("Load")).await.json()["deliveries"], 0, "the end is not in it");
    assert_eq!(texts(&app, "ops").len(), 1);
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receivers_take_turns_on_what_is_posted_to_all() {
    let app = app().await;
    let at_night = app.post("/api/v1/alerts", firing("Disk")).await.json();
    assert_eq!((&at_night["deliveries"], &at_night["inactive"]), (&json!(1), &json!(["ops"])));
    app.settle().await;
    app.advance(TO_MONDAY).await;
    let by_day = app.post("/api/v1/alerts", firing("Load")).await.json();
    assert_eq!((&by_day["deliveries"], &by_day["inactive"]), (&json!(1), &json!(["night"])));
    app.settle().await;
    let [night, ops] = ["night", "ops"].map(|name| texts(&app, name));
    assert!(night.len() == 1 && night[0].contains("Disk"), "{night:?}");
    assert!(ops.len() == 1 && ops[0].contains("Load"), "{ops:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_is_told_whenever_it_comes_to_whoever_was_told_of_the_firing() {
    let mut app = at_the_end_of_the_day().await;
    assert_eq!(app.notify(&firing("Disk")).await.ids().len(), 1);
    app.advance(Duration::from_mins(20)).await;
    assert_eq!(app.notify(&firing("Load")).await.json()["inactive"], json!(["ops"]));
    let mixed = group("Disk", [alert("Disk").resolved(), alert("Disk").label("a", "b")]);
    assert_eq!(
        app.notify(&mixed).await.json()["inactive"],
        json!(["ops"]),
        "something fires still"
    );
    app.restart().await;
    let untold = app.notify(&resolved("Load")).await.json();
    assert_eq!((&untold["deliveries"], &untold["inactive"]), (&json!(0), &json!(["ops"])));
    let told = app.notify(&resolved("Disk")).await.json();
    assert_eq!((&told["deliveries"], told.get("inactive")), (&json!(1), None));
    let twin = app.notify(&resolved("Disk")).await.json();
    assert!(twin["duplicate_of"].is_string() && twin.get("inactive").is_none(), "{twin}");
    app.advance(Duration::from_mins(30)).await;
    let again = group("Disk", [alert("Disk").label("c", "d").resolved()]);
    for (body, why) in [(firing("Disk"), "it fires at night"), (again, "which nobody was told")] {
        assert_eq!(app.notify(&body).await.json()["inactive"], json!(["ops"]), "{why}");
    }
    let titles = texts(&app, "ops");
    assert!(titles.len() == 2 && titles[1].contains("RESOLVED:1] Disk"), "{titles:?}");
    let count = app.metric("campana_notifications_inactive_total{receiver=\"ops\"}").await;
    assert!((count - 3.0).abs() < 0.1, "since the restart: {count}");
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_after_days_is_told_and_within_the_times_also_that_of_what_was_not_told() {
    let app = at_the_end_of_the_day().await;
    app.advance(Duration::from_hours(4 * 24)).await;
    assert_eq!(app.notify(&firing("Disk")).await.ids().len(), 1, "on Friday");
    app.pass(Duration::from_hours(48), Duration::from_hours(6)).await;
    assert_eq!(app.notify(&firing("Load")).await.json()["deliveries"], 0, "on Sunday");
    assert_eq!(app.notify(&resolved("Disk")).await.ids().len(), 1);
    app.advance(Duration::from_hours(16)).await;
    assert_eq!(app.notify(&resolved("Load")).await.ids().len(), 1, "on Monday");
}

/// `ops` keeps the alerts of one team, and has an hour at night.
const TEAM: &str = "
receivers:
  - name: ops
    conditions: ['team=\"db\"']
    active_times:
      - {times: [{start_time: '03:00', end_time: '04:00'}], location: Asia/Shanghai}
    chatbots: [{name: ops-group, access_token: ops-token}]
";

#[tokio::test(flavor = "multi_thread")]
async fn what_fires_is_what_the_receiver_keeps() {
    let app = TestApp::with(TEAM).await;
    app.sim.add_robot(Robot::new("ops-token").group("ops"));
    let (db, web) = (alert("Slow").label("team", "db"), alert("Slow").label("team", "web"));
    app.notify(&group("Slow", [db.clone(), web.clone()])).await;
    app.advance(Duration::from_hours(1)).await;
    let other = app.notify(&group("Slow", [web.clone()])).await.json();
    assert_eq!((&other["deliveries"], other.get("inactive")), (&json!(0), None), "it keeps none");
    let over = app.notify(&group("Slow", [db.resolved(), web])).await;
    assert_eq!(over.ids().len(), 1, "{}", over.text);
    let titles = texts(&app, "ops");
    assert!(titles.len() == 2 && titles[1].contains("RESOLVED:1] Slow"), "{titles:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tests_and_replays_and_what_falls_back_ask_for_no_times() {
    let fallback = TURNS.replace("name: night\n", "name: night\n    fallback: ops\n");
    let app = TestApp::with(&fallback).await;
    for name in ["ops", "night"] {
        app.sim.add_robot(Robot::new(format!("{name}-token")).group(name));
    }
    assert_eq!(app.post("/api/v1/receivers/ops/test", "").await.status, 200);
    let gone = Trouble::Errcode(300_005, "token is not exist".into());
    app.sim.fail(Scope::Robot("night-token".to_owned()), Fault::once(gone.clone()).lasting());
    app.post("/api/v1/receivers/night/alerts", firing("Disk")).await;
    app.settle().await;
    app.advance(Duration::from_secs(5)).await;
    let posts = app.sim.posts_in("ops");
    assert_eq!(posts.len(), 2, "{posts:?}");
    assert!(posts[1].text.contains("night/night-group did not take it"), "{}", posts[1].text);
    app.sim.heal();
    app.advance(TO_MONDAY).await;
    app.sim.fail(Scope::Robot("ops-token".to_owned()), Fault::once(gone));
    let dead = app.notify(&firing("Load")).await.ids().remove(0);
    app.advance(Duration::from_hours(12)).await;
    for render in ["", "?render=true"] {
        let path = format!("/api/v1/deliveries/{dead}/replay{render}");
        assert_eq!(app.call("POST", &path).await.status, 200);
        app.settle().await;
    }
    assert_eq!(app.sim.posts_in("ops").len(), 4, "in the evening");
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_can_see_who_is_active_and_ask_for_another_time() {
    let app = app().await;
    let list = app.get("/api/v1/receivers").await.json()["receivers"].clone();
    let saturday = "it is Saturday 2026-11-21 03:12 there";
    let ops = format!("outside active_times: Mon-Fri 09:00-18:00 Asia/Shanghai; {saturday}");
    let night = format!("within active_times: not Mon-Fri 09:00-18:00 Asia/Shanghai; {saturday}");
    for (place, active, words) in [(0, false, &ops), (1, true, &night)] {
        let receiver = &list[place];
        assert_eq!(
            (&receiver["active"], &receiver["active_times"]),
            (&json!(active), &json!(words))
        );
    }
    let ask = async |body: Value| app.post("/api/v1/conditions/test", body).await;
    let traced = ask(json!({"receiver": "ops", "labels": {"a": "b"}})).await.json();
    let traced = &traced["receivers"][0];
    assert_eq!((&traced["active"], &traced["active_times"]), (&json!(false), &json!(ops)));
    assert_eq!(traced["alerts"][0]["kept"], true, "its conditions say so");
    let labels = json!({"a": "b"});
    for (at, active) in [
        ("2026-11-23T09:00:00+08:00", true),
        ("2026-11-23T01:00:00Z", true),
        ("2026-11-23T08:59:59+08:00", false),
    ] {
        let body = json!({"receiver": "ops", "labels": labels, "at": at});
        assert_eq!(ask(body).await.json()["receivers"][0]["active"], active, "{at}");
    }
    let refused = ask(json!({"labels": labels, "at": "Monday"})).await;
    assert_eq!(refused.status, 400);
    assert!(refused.error().contains("\"at\" as 2026-11-21T09:00:00+08:00"), "{}", refused.error());
    let yaml = app.get("/api/v1/status/config").await.json()["data"]["yaml"].to_string();
    assert!(yaml.contains("weekdays: [monday:friday]"), "{yaml}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_without_times_is_always_active() {
    let app = TestApp::start().await;
    let list = app.get("/api/v1/receivers").await.json();
    let ops = &list["receivers"][0];
    assert_eq!((&ops["active"], &ops["active_times"]), (&json!(true), &Value::Null));
    let traced = app.post("/api/v1/conditions/test", json!({"labels": {}})).await.json();
    assert_eq!(traced["receivers"][0]["active"], true);
    assert_eq!(traced["receivers"][0].get("active_times"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_times_come_in_force_with_a_reload() {
    let app = app().await;
    assert_eq!(app.notify(&firing("Disk")).await.json()["deliveries"], 0);
    let answer = app.reload(&TURNS.replace("monday:friday", "monday:saturday")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    app.advance(Duration::from_hours(6)).await;
    assert_eq!(app.notify(&firing("Disk")).await.ids().len(), 1, "on Saturday at 09:12");
}
