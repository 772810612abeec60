//! DingTalk's budgets are kept whatever happens, and no clock setting changes that.

use std::time::Duration;

use dingtalk_sim::{Answer, Gate, Rate, Robot, Scope, Sender, Trouble};
use jiff::{SignedDuration, ToSpan as _};
use test_support::TestApp;
use test_support::alerts::firing;

const MINUTE: Duration = Duration::from_mins(1);

fn robot() -> Sender {
    Sender::Robot("ops-token".to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_a_hundred_with_restarts_never_exceeds_twenty_in_a_minute() {
    let mut app = TestApp::queueing().await;
    for index in 0..100 {
        app.accept(&firing(&format!("Disk{index}"))).await;
        if index % 40 == 39 {
            app.restart().await;
        }
    }
    app.settle().await;
    assert_eq!(app.sim.posts().len(), 20);
    for _ in 0..9 {
        app.pass(Duration::from_secs(35), Duration::from_secs(7)).await;
        app.restart().await;
        app.settle().await;
    }
    assert_eq!(app.states().await, ["delivered"; 100]);
    assert_eq!(app.sim.busiest_window(&robot(), MINUTE), 20);
    assert!(app.sim.calls().iter().all(|call| call.answer == Answer::Ok));
    assert!(app.metric("campana_rate_waits_total").await < 6.0);
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_reboot_the_budget_counts_as_spent_at_the_start() {
    let mut app = TestApp::queueing().await;
    for index in 0..30 {
        app.accept(&firing(&format!("Disk{index}"))).await;
    }
    app.settle().await;
    app.end().await;
    app.clock.reboot("boot-2");
    app.begin().await;
    app.pass(MINUTE - Duration::from_secs(1), Duration::from_secs(20)).await;
    assert_eq!(app.sim.posts().len(), 20);
    app.advance(Duration::from_secs(1)).await;
    assert_eq!(app.sim.posts().len(), 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_for_a_slot_is_counted_once() {
    let app = TestApp::queueing().await;
    for index in 0..25 {
        app.notify(&firing(&format!("Disk{index}"))).await;
    }
    assert!((app.metric("campana_rate_waits_total").await - 1.0).abs() < 0.1);
    app.advance(MINUTE).await;
    assert_eq!(app.sim.posts().len(), 25);
    assert!((app.metric("campana_rate_waits_total").await - 1.0).abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_receivers_on_one_robot_share_its_budget() {
    let app = TestApp::with(
        "
receivers:
  - {name: ops, chatbots: [{name: a, access_token: ops-token, overflow: queue}]}
  - {name: db, chatbots: [{name: b, access_token: ops-token, overflow: queue}]}",
    )
    .await;
    app.sim.add_robot(Robot::new("ops-token").group("ops"));
    for index in 0..15 {
        app.post("/api/v1/alerts", firing(&format!("Disk{index}"))).await;
    }
    app.settle().await;
    assert_eq!(app.sim.posts().len(), 20);
    app.advance(MINUTE).await;
    assert_eq!(app.states().await, ["delivered"; 30]);
    assert_eq!(app.sim.busiest_window(&robot(), MINUTE), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_attempt_takes_its_slot_until_a_minute_after_its_end() {
    let app = TestApp::queueing().await;
    let gate = Gate::new();
    app.sim.fail(Scope::Server, Trouble::Held(gate.clone()));
    app.accept(&firing("Slow")).await;
    gate.reached(1).await;
    app.clock.advance(Duration::from_secs(9));
    gate.open();
    for index in 0..20 {
        app.notify(&firing(&format!("Disk{index}"))).await;
    }
    assert_eq!(app.sim.posts().len(), 20);
    app.advance(MINUTE - Duration::from_secs(1)).await;
    assert_eq!(app.sim.posts().len(), 20, "the slow one counts from its end");
    app.advance(Duration::from_secs(1)).await;
    assert_eq!(app.sim.posts().len(), 21);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jump_of_the_wall_clock_by_a_day_changes_no_wait() {
    for jump in [SignedDuration::from_hours(24), SignedDuration::from_hours(-24)] {
        let app = TestApp::queueing().await;
        // DingTalk's own clock does not jump with ours, but the simulator's does.
        app.sim.change_rules(|rules| rules.rate = Rate::of(1_000, MINUTE));
        for index in 0..25 {
            app.notify(&firing(&format!("Disk{index}"))).await;
        }
        let wall = campana::clock::Clock::now(&*app.clock).wall;
        app.clock.set_wall(wall + jump);
        app.settle().await;
        assert_eq!(app.sim.posts().len(), 20, "{jump}");
        app.advance(MINUTE - Duration::from_secs(1)).await;
        assert_eq!(app.sim.posts().len(), 20, "{jump}");
        app.advance(Duration::from_secs(1)).await;
        assert_eq!(app.states().await, ["delivered"; 25], "{jump}");
        let shown: jiff::Timestamp =
            app.delivery("25").await["settled_at"].as_str().unwrap().parse().unwrap();
        assert_eq!(shown, wall + jump + 60.seconds());
    }
}
