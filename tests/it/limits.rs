//! More comes in than goes out: what is refused, and what is promised.

use std::time::Duration;

use dingtalk_sim::Robot;
use serde_json::Value;
use test_support::TestApp;
use test_support::alerts::{alert, group_by};

/// A queue of at most 30 for a robot that takes 20 messages a minute.
const SHORT_QUEUE: &str = "
storage: {limits: {queued: 30}}
receivers:
  - name: ops
    chatbots: [{name: ops-group, access_token: ops-token, overflow: queue}]
";

async fn short_queue() -> TestApp {
    let app = TestApp::with(SHORT_QUEUE).await;
    app.sim.add_robot(Robot::new("ops-token").group("ops"));
    app
}

fn host(number: usize) -> Value {
    let name = format!("host-{number}");
    group_by("instance", &name, [alert("Disk").label("instance", &name)])
}

/// Posts so many new groups, each answered 200 or 503; how many were taken.
async fn flood(app: &TestApp, from: usize, count: usize) -> u32 {
    let mut taken = 0;
    for number in from..from + count {
        let answer = app.accept(&host(number)).await;
        assert!([200, 503].contains(&answer.status), "{}", answer.text);
        taken += u32::from(answer.status == 200);
    }
    taken
}

#[tokio::test(flavor = "multi_thread")]
async fn under_overload_sends_go_on_and_every_200_is_settled() {
    let app = short_queue().await;
    let (mut taken, mut sent) = (0, 0);
    for minute in 0..6 {
        let before = taken;
        taken += flood(&app, minute * 100, 100).await;
        assert!(taken - before >= 10, "it takes again in each minute, {minute}");
        app.advance(Duration::from_mins(1)).await;
        let calls = app.sim.calls().len();
        assert!(calls >= sent + 15, "sends go on, {minute}: {sent}, then {calls}");
        sent = calls;
    }
    assert!(taken < 300, "{taken} of 600 were taken, and the robot takes 20 a minute");
    app.pass(Duration::from_mins(4), Duration::from_mins(1)).await;
    let totals = app.scrape().await;
    let accepted = totals.series("campana_deliveries_accepted_total{origin=\"notification\"}");
    let delivered = totals.series("campana_deliveries_settled_total{outcome=\"delivered\"}");
    assert!((accepted - f64::from(taken)).abs() < 0.5, "{accepted} of {taken}");
    assert!((delivered - f64::from(taken)).abs() < 0.5, "{delivered} of {taken}");
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_a_limit_everyone_is_told_why_and_nothing_is_read() {
    let app = short_queue().await;
    flood(&app, 0, 100).await;
    app.settle().await;
    let refused = app.accept(&host(1_000)).await;
    assert_eq!(refused.status, 503);
    assert_eq!(refused.headers["retry-after"], "10");
    for words in ["30 deliveries are queued", "storage.limits.queued is 30", "taken again at 27"] {
        assert!(refused.error().contains(words), "{}", refused.text);
    }
    let unread = app.post("/api/v1/receivers/ops/alerts", "no notification").await;
    assert_eq!(unread.status, 503, "{}", unread.text);
    let ready = app.get("/-/ready").await;
    assert_eq!(ready.status, 503);
    assert!(ready.text.contains("storage.limits.queued is 30"), "{}", ready.text);
    let refusing = async |reason| {
        app.metric(&format!("campana_storage_refusing{{reason=\"{reason}\"}}")).await > 0.5
    };
    assert!(refusing("queued").await && !refusing("full").await);
    app.advance(Duration::from_mins(1)).await;
    assert_eq!(app.get("/-/ready").await.status, 200);
    assert!(!refusing("queued").await);
    assert_eq!(app.accept(&host(1_001)).await.status, 200);
    let wrong = app.post("/api/v1/receivers/ops/alerts", "no notification").await;
    assert_eq!(wrong.status, 400, "{}", wrong.text);
}
