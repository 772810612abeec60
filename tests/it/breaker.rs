//! Robots and hosts that are down: few attempts, nobody else delayed, and all that waited arrives.

use std::collections::BTreeSet;
use std::time::Duration;

use dingtalk_sim::{Fault, Robot, Scope, Trouble};
use serde_json::Value;
use test_support::alerts::{alert, firing, group_by};
use test_support::{ATTEMPT_LIMIT, FIRST_RETRY, TestApp};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

/// Nobody listens there.
const CLOSED: &str = "127.0.0.1:1";

/// The receiver `ops` with so many robots at DingTalk's host.
fn robots(count: usize) -> String {
    let robots: Vec<String> =
        (0..count).map(|n| format!("{{name: r{n}, access_token: t{n}}}")).collect();
    format!("\nreceivers:\n  - {{name: ops, chatbots: [{}]}}", robots.join(", "))
}

async fn with_robots(count: usize) -> TestApp {
    let app = TestApp::with(&robots(count)).await;
    app.sim.change_rules(|rules| rules.any_token = true);
    app
}

/// Every call fails from now on.
fn take_down(app: &TestApp) {
    app.sim.fail(Scope::Server, Fault::once(Trouble::Status(503)).lasting());
}

async fn waiting(app: &TestApp, reason: &str) -> f64 {
    app.metric(&format!("campana_lanes_waiting{{reason=\"{reason}\"}}")).await
}

async fn is_host_open(app: &TestApp) -> bool {
    let host = app.sim.address();
    app.metric(&format!("campana_host_breaker_open{{host=\"{host}\"}}")).await > 0.5
}

/// One host, in a group of its own.
fn host(name: &str, recovered: bool) -> Value {
    let one = alert("HostDown").label("instance", name);
    group_by("instance", name, [if recovered { one.resolved() } else { one }])
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_hundred_robots_at_a_dead_host_a_few_probe_and_all_deliver_when_it_is_back() {
    let app = with_robots(200).await;
    take_down(&app);
    app.notify(&firing("Disk")).await;
    let at_once = app.sim.calls().len();
    assert!((2..=10).contains(&at_once), "{at_once} attempts before the host is held to be down");
    assert!(is_host_open(&app).await);
    app.pass(Duration::from_mins(10), SECOND).await;
    let calls = app.sim.calls().len();
    assert!((at_once + 10..=at_once + 20).contains(&calls), "{calls} attempts in ten minutes");
    let robots: BTreeSet<_> =
        app.sim.calls().iter().map(|call| format!("{:?}", call.sender)).collect();
    assert!(robots.len() > 15, "ever other robots probe: {robots:?}");
    let held = waiting(&app, "host").await;
    assert!(held >= 180.0, "{held} lanes say that they wait for the host");
    assert!(waiting(&app, "account").await < 0.5, "nobody is judged twice");
    app.sim.heal();
    app.advance(MINUTE).await;
    assert!(!is_host_open(&app).await);
    assert!(waiting(&app, "host").await < 0.5);
    app.pass(MINUTE, SECOND).await;
    assert_eq!(app.states().await, ["delivered"; 200]);
    assert_eq!(app.sim.calls().len(), calls + 200, "each at its first attempt after that");
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_host_says_so() {
    let app = with_robots(2).await;
    take_down(&app);
    app.notify(&firing("Disk")).await;
    let fresh = app.notify(&firing("Load")).await.ids().remove(0);
    let reason = app.delivery(&fresh).await["reason"].to_string();
    let host = app.sim.address();
    for words in [
        &format!(
            "waits for {host}, which failed 2 times in a row (last: DingTalk answered HTTP 503"
        ),
        "; next probe at 2026-11-20T19:12:0",
    ] {
        assert!(reason.contains(words), "{reason}");
    }
    assert!(!reason.contains("may have arrived"), "this one was not sent: {reason}");
    let listed = app.get("/api/v1/receivers").await.json();
    for index in 0..2 {
        let destination = &listed["receivers"][0]["destinations"][index];
        let (waits, until) = (&destination["waits"], destination["waits"]["until"].as_str());
        assert_eq!((&waits["for"], &destination["throttled"]), (&"host".into(), &Value::Null));
        let end = format!("; next probe at {}; a test message asks at once", until.unwrap());
        assert!(waits["reason"].as_str().unwrap().ends_with(&end), "{waits}");
    }
    app.sim.heal();
    app.pass(Duration::from_secs(3), SECOND).await;
    assert_eq!(app.states().await, ["delivered"; 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_for_a_host_is_folded_when_it_is_back_and_keeps_its_order() {
    let app = with_robots(2).await;
    take_down(&app);
    for recovered in [false, true] {
        for index in 0..40 {
            app.accept(&host(&format!("web-{index:02}"), recovered)).await;
        }
        app.settle().await;
        app.pass(Duration::from_mins(5), 5 * SECOND).await;
    }
    let attempted: u64 = {
        let rows = app.get("/api/v1/deliveries?limit=500").await.json();
        let rows = rows["deliveries"].as_array().unwrap().clone();
        rows.iter().filter(|row| row["attempts"].as_u64() > Some(0)).count() as u64
    };
    assert!(attempted <= 20, "{attempted} deliveries lost their place in a digest");
    app.sim.heal();
    app.pass(Duration::from_mins(2), SECOND).await;
    let posts = app.sim.posts();
    assert!(posts.len() <= 50, "{} messages for 160 deliveries", posts.len());
    for index in 0..40 {
        let name = format!("web-{index:02}");
        let last = posts.iter().rev().find(|post| post.text.contains(&name)).unwrap();
        let line = last.text.lines().find(|line| line.contains(&name)).unwrap_or_default();
        let says = format!("{line} {}", last.title.clone().unwrap_or_default()).to_lowercase();
        assert!(says.contains("recovered") || says.contains("resolved"), "{name}: {says}");
    }
    let states = app.states().await;
    assert!(states.iter().all(|state| state == "delivered" || state == "folded"), "{states:?}");
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_at_a_dead_host_of_its_own_delays_nobody_and_uses_up_few_attempts() {
    let config = format!(
        "
receivers:
  - name: ops
    chatbots:
      - {{name: good, access_token: good}}
      - {{name: bad, webhook_url: 'http://{CLOSED}/robot/send?access_token=bad'}}"
    );
    let app = TestApp::with(&config).await;
    app.sim.change_rules(|rules| rules.any_token = true);
    for index in 0..15 {
        let ids = app.notify(&firing(&format!("Disk{index}"))).await.ids();
        assert_eq!(app.state(&ids[0]).await, "delivered", "at once");
    }
    for index in 15..200 {
        app.accept(&firing(&format!("Disk{index}"))).await;
    }
    app.pass(Duration::from_mins(10), SECOND).await;
    let rows = app.get("/api/v1/deliveries?limit=500&destination=bad").await.json();
    let rows = rows["deliveries"].as_array().unwrap().clone();
    let attempts: u64 = rows.iter().filter_map(|row| row["attempts"].as_u64()).sum();
    assert!((15..=19).contains(&attempts), "{attempts} attempts for 200 groups");
    assert_eq!(rows.len(), 200);
    let reason = rows[0]["reason"].as_str().unwrap();
    assert!(reason.contains("waits for its robot or app, which failed "), "{reason}");
    assert!(reason.contains("; next probe at 2026-11-20T19:2"), "{reason}");
    let listed = app.get("/api/v1/receivers").await.json();
    let waits = &listed["receivers"][0]["destinations"][1]["waits"];
    assert_eq!((&waits["for"], &waits["reason"]), (&"account".into(), &reason.into()));
    assert!((waiting(&app, "account").await - 1.0).abs() < 0.1);
    assert!((app.metric("campana_lane_breakers_open").await - 1.0).abs() < 0.1);
    assert!(!is_host_open(&app).await, "one robot does not speak for a host");
    // The robot is at another address now: it is tried at once.
    let mended = config.replace(CLOSED, &app.sim.address().to_string());
    assert_eq!(app.reload(&mended).await.status, 200);
    app.settle().await;
    assert!(app.metric("campana_lane_breakers_open").await < 0.1);
    app.pass(MINUTE, SECOND).await;
    app.pass(Duration::from_mins(30), MINUTE).await;
    let states = app.states().await;
    assert!(states.iter().all(|state| state == "delivered" || state == "folded"), "{states:?}");
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lone_alert_of_a_lone_robot_arrives_within_two_minutes_after_an_outage() {
    let app = TestApp::start().await;
    take_down(&app);
    let id = app.notify(&firing("Disk")).await.ids().remove(0);
    let reason = app.delivery(&id).await["reason"].to_string();
    assert!(reason.contains("HTTP 503"), "{reason}");
    assert!(reason.contains("; next attempt at 2026-11-20T19:12:0"), "{reason}");
    app.pass(Duration::from_mins(40), 5 * SECOND).await;
    let calls = app.sim.calls().len();
    assert!((20..=26).contains(&calls), "{calls} attempts in forty minutes");
    app.sim.heal();
    app.pass(2 * MINUTE, SECOND).await;
    assert_eq!(app.state(&id).await, "delivered");
    assert_eq!(app.sim.calls().len(), calls + 1);
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_a_host_that_is_still_down_is_not_tried_by_all() {
    let mut app = with_robots(100).await;
    take_down(&app);
    for name in ["Disk", "Load"] {
        app.notify(&firing(name)).await;
    }
    app.end().await;
    let before = app.sim.calls().len();
    app.begin().await;
    app.settle().await;
    let at_start = app.sim.calls().len() - before;
    assert!((2..=10).contains(&at_start), "{at_start} attempts at the start");
    app.pass(MINUTE, SECOND).await;
    let in_a_minute = app.sim.calls().len() - before;
    assert!(in_a_minute <= at_start + 6, "{in_a_minute} attempts in a minute");
    app.sim.heal();
    app.advance(MINUTE).await;
    app.advance(MINUTE).await;
    assert_eq!(app.states().await, ["delivered"; 200]);
}

#[tokio::test(flavor = "multi_thread")]
async fn robots_that_hang_keep_a_host_from_nobody_for_more_than_a_second() {
    let app = TestApp::with(
        "
receivers:
  - {name: ops, chatbots: [{name: a, access_token: ta}, {name: b, access_token: tb}]}
  - {name: other, chatbots: [{name: c, access_token: tc}]}",
    )
    .await;
    app.sim.change_rules(|rules| rules.any_token = true);
    for robot in ["ta", "tb"] {
        let hang = Fault::once(Trouble::Hang).lasting();
        app.sim.fail(Scope::Robot(robot.to_owned()), hang);
    }
    app.accept(&firing("Disk")).await;
    app.unanswered(2).await;
    app.advance(ATTEMPT_LIMIT).await;
    assert!(is_host_open(&app).await, "both ran out of time, and nobody else was answered");
    // One of the two probes, and hangs.
    app.clock.advance(FIRST_RETRY);
    app.unanswered(1).await;
    app.post("/api/v1/receivers/other/alerts", firing("Load")).await;
    app.clock.advance(SECOND);
    app.waits_for(&["delivered", "queued", "queued"]).await;
    assert!(!is_host_open(&app).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_message_passes_an_open_breaker_and_its_answer_lets_all_go() {
    let app = with_robots(2).await;
    take_down(&app);
    app.notify(&firing("Disk")).await;
    app.pass(MINUTE, SECOND).await;
    assert!(is_host_open(&app).await);
    app.notify(&firing("Load")).await;
    let calls = app.sim.calls().len();
    assert_eq!(app.call("POST", "/api/v1/receivers/ops/test").await.status, 502);
    assert_eq!(app.sim.calls().len(), calls + 2, "it is tried in any case");
    app.settle().await;
    app.sim.heal();
    app.advance(SECOND).await;
    assert_eq!(app.call("POST", "/api/v1/receivers/ops/test").await.status, 200);
    app.settle().await;
    assert!(!is_host_open(&app).await);
    assert_eq!(app.states().await[..2], ["delivered"; 2], "without waiting for a probe");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_of_a_pool_that_cannot_be_reached_leaves_all_work_to_the_other() {
    let app = TestApp::with(&format!(
        "
receivers:
  - name: ops
    chatbots:
      - name: ops-group
        pool:
          - {{webhook_url: 'http://{CLOSED}/robot/send?access_token=one'}}
          - {{access_token: two}}"
    ))
    .await;
    app.sim.add_robot(Robot::new("two").group("ops"));
    for index in 0..10 {
        app.notify(&firing(&format!("Disk{index}"))).await;
    }
    app.pass(MINUTE, SECOND).await;
    assert_eq!(app.states().await, ["delivered"; 10]);
    for index in 0..40 {
        app.accept(&firing(&format!("Load{index}"))).await;
    }
    app.settle().await;
    app.pass(MINUTE, SECOND).await;
    let states = app.states().await;
    assert!(states.iter().all(|state| state == "delivered" || state == "folded"), "{states:?}");
    app.assert_accounts().await;
}
