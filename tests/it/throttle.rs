//! What DingTalk asks of one who sends too fast.

use std::time::Duration;

use campana::clock::Clock as _;
use dingtalk_sim::{Fault, Rate, Scope, Trouble};
use jiff::SignedDuration;
use test_support::alerts::{alert, firing, group};
use test_support::{FIRST_RETRY, TestApp};

const SECOND: Duration = Duration::from_secs(1);

fn throttle(code: i64) -> Trouble {
    Trouble::Errcode(code, "send too fast".to_owned())
}

/// Lets the time pass in which nothing may be sent, then the moment of the probe.
async fn quiet_until(app: &TestApp, wait: Duration, calls: usize) {
    app.pass(wait - SECOND, wait / 4).await;
    assert_eq!(app.sim.calls().len(), calls, "no call within {wait:?}");
    app.advance(SECOND).await;
    assert_eq!(app.sim.calls().len(), calls + 1, "one probe after {wait:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_robot_is_probed_once_after_a_minute_and_then_ever_later() {
    for code in [130_101, 410_100, 660_026] {
        let app = TestApp::start().await;
        app.sim.fail(Scope::Server, Fault::once(throttle(code)).lasting());
        for name in ["Disk", "Memory", "Load"] {
            app.notify(&firing(name)).await;
        }
        assert_eq!(app.sim.calls().len(), 1, "{code}");
        for (probe, seconds) in [60, 120, 240, 480, 600, 600].into_iter().enumerate() {
            quiet_until(&app, Duration::from_secs(seconds), probe + 1).await;
        }
        assert!((app.metric("campana_lanes_throttled").await - 1.0).abs() < 0.1);
        app.sim.heal();
        app.advance(Duration::from_mins(10)).await;
        assert_eq!(app.states().await, ["delivered"; 3], "a success frees all");
        assert!(app.metric("campana_lanes_throttled").await.abs() < 0.1);
        app.assert_accounts().await;
    }
}

/// What each queued delivery waits for, newest first.
async fn reasons(app: &TestApp) -> Vec<String> {
    let listed = app.get("/api/v1/deliveries?state=queued").await.json();
    let rows = listed["deliveries"].as_array().unwrap();
    rows.iter().map(|row| row["reason"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_waits_for_a_throttled_robot_says_until_when_and_for_what() {
    let app = TestApp::start().await;
    app.sim.fail(Scope::Server, throttle(660_026));
    for name in ["Disk", "Memory", "Load"] {
        app.notify(&firing(name)).await;
    }
    // One more waits behind the first, for the group besides.
    app.notify(&group("Disk", [alert("Disk").resolved()])).await;
    let told = reasons(&app).await;
    assert_eq!(told.len(), 4);
    for reason in told {
        assert!(reason.starts_with("parked until 2026-11-20T19:13:00Z: DingTalk"), "{reason}");
        assert!(reason.contains("660026"), "{reason}");
    }
    let shown = app.delivery("2").await["reason"].as_str().unwrap().to_owned();
    assert!(shown.starts_with("parked until 2026-11-20T19:13:00Z: "), "{shown}");
    app.advance(Duration::from_mins(1)).await;
    assert_eq!(app.states().await, ["delivered"; 4]);
    assert_eq!(app.delivery("2").await["reason"], "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_pool_waits_for_the_robot_that_will_send_again_first() {
    let app = TestApp::with_pool().await;
    let gone = Trouble::Errcode(300_005, "token is not exist".to_owned());
    app.sim.fail(Scope::Robot("one".to_owned()), Fault::once(gone).lasting());
    app.sim.fail(Scope::Robot("two".to_owned()), throttle(660_026));
    app.notify(&firing("Disk")).await;
    assert_eq!(app.sim.calls().len(), 2, "one is dead, and two is throttled");
    let told = reasons(&app).await;
    assert!(told[0].starts_with("parked until 2026-11-20T19:13:00Z: "), "{told:?}");
    assert!(told[0].contains("660026"), "not what the dead robot waits for: {told:?}");
    let listed = app.get("/api/v1/receivers").await.json();
    let destination = &listed["receivers"][0]["destinations"][0];
    assert_eq!(destination["throttled"]["until"], "2026-11-20T19:13:00Z");
    assert!(destination["parked"].is_null() && destination["waits"].is_null(), "{listed}");
    let dead = &destination["dead_robots"];
    assert_eq!((&dead[0]["number"], &dead[1]), (&1.into(), &serde_json::Value::Null));
    assert_eq!(dead[0]["until"], "2026-11-20T20:12:00Z");
    assert!(dead[0]["cause"].as_str().unwrap().contains("300005"), "{listed}");
    app.advance(Duration::from_mins(1)).await;
    assert_eq!(app.states().await, ["delivered"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttle_uses_up_no_try() {
    let app = TestApp::start().await;
    app.sim.fail(Scope::Server, Fault::once(throttle(660_026)).times(4));
    app.sim.fail(Scope::Server, Trouble::Reset);
    let id = app.notify(&firing("Disk")).await.ids().remove(0);
    app.pass(Duration::from_mins(15), Duration::from_mins(1)).await;
    app.advance(FIRST_RETRY).await;
    let attempts = app.sim.calls().len();
    assert_eq!(attempts, 6, "four refusals, a reset, and the first step of the schedule");
    assert_eq!(app.state(&id).await, "delivered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttle_holds_over_a_restart() {
    let mut app = TestApp::start().await;
    app.sim.fail(Scope::Server, throttle(660_026));
    let id = app.notify(&firing("Disk")).await.ids().remove(0);
    app.advance(Duration::from_secs(20)).await;
    app.restart().await;
    app.settle().await;
    quiet_until(&app, Duration::from_secs(40), 1).await;
    assert_eq!(app.state(&id).await, "delivered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_second_is_waited_for_a_second() {
    let app = TestApp::start().await;
    app.sim.fail(Scope::Server, Fault::once(throttle(90_018)).times(3));
    let id = app.notify(&firing("Disk")).await.ids().remove(0);
    for calls in 1..=3 {
        app.advance(SECOND - Duration::from_millis(1)).await;
        assert_eq!(app.sim.calls().len(), calls);
        app.advance(Duration::from_millis(1)).await;
        assert_eq!(app.sim.calls().len(), calls + 1);
    }
    assert_eq!(app.state(&id).await, "delivered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_robot_stops_no_other_robot() {
    let app = TestApp::with(
        "
receivers:
  - {name: ops, chatbots: [{name: a, access_token: ta}, {name: b, access_token: tb}]}",
    )
    .await;
    app.sim.change_rules(|rules| rules.any_token = true);
    app.sim.fail(Scope::Robot("ta".to_owned()), throttle(660_026));
    let ids = app.notify(&firing("Disk")).await.ids();
    let receivers = app.get("/api/v1/receivers").await.json();
    let destinations = &receivers["receivers"][0]["destinations"];
    assert_eq!(destinations[0]["throttled"]["until"], "2026-11-20T19:13:00Z");
    assert_eq!(destinations[1]["throttled"], serde_json::Value::Null);
    assert_eq!(app.state(&ids[0]).await, "queued");
    assert_eq!(app.state(&ids[1]).await, "delivered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_ban_is_waited_out_without_making_it_longer() {
    let app = TestApp::start().await;
    // Another program spends the robot's budget: twenty messages and one too many.
    for index in 0..21 {
        let body = serde_json::json!({"msgtype": "text", "text": {"content": index.to_string()}});
        let foreign = app.http.post(app.sim.webhook("ops-token")).json(&body);
        foreign.send().await.unwrap();
    }
    app.sim.forget();
    let id = app.notify(&firing("Disk")).await.ids().remove(0);
    app.pass(Duration::from_mins(16), Duration::from_secs(30)).await;
    assert_eq!(app.state(&id).await, "delivered");
    assert!(app.sim.calls().len() <= 6, "{} calls", app.sim.calls().len());
    assert_eq!(app.sim.posts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jump_of_the_wall_clock_by_a_day_ends_no_throttle_and_makes_none_longer() {
    for hours in [24, -24] {
        let app = TestApp::start().await;
        app.sim.change_rules(|rules| rules.rate = Rate::of(1_000, SECOND));
        app.sim.fail(Scope::Server, throttle(660_026));
        app.sim.fail(Scope::Server, Trouble::Reset);
        let id = app.notify(&firing("Disk")).await.ids().remove(0);
        let wall = app.clock.now().wall;
        app.clock.set_wall(wall + SignedDuration::from_hours(hours));
        app.settle().await;
        quiet_until(&app, Duration::from_mins(1), 1).await;
        app.clock.set_wall(wall);
        app.settle().await;
        assert_eq!(app.sim.calls().len(), 2, "the wait after the reset is kept too");
        app.advance(FIRST_RETRY).await;
        assert_eq!(app.state(&id).await, "delivered", "{hours} h");
    }
}
