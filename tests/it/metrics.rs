//! The metrics: their form, their accounts, and their labels.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use dingtalk_sim::{Fault, Scope, Trouble};
use test_support::alerts::{alert, firing, group};
use test_support::{TestApp, skip};

/// Deliveries of every fate, and refusals of several kinds; one stays queued for its retry.
async fn traffic(app: &TestApp) {
    app.notify(&firing("Disk")).await;
    app.notify(&firing("Disk")).await;
    let refused = Trouble::Errcode(430_104, "含有不合适的内容".to_owned());
    app.sim.fail(Scope::Server, refused);
    app.notify(&group("Load", [alert("Load"), alert("Load").label("a", "b").resolved()])).await;
    app.sim.fail(Scope::Server, Trouble::Status(503));
    let queued = app.notify(&firing("Memory")).await.ids().remove(0);
    app.call("POST", &format!("/api/v1/deliveries/{queued}/discard")).await;
    app.sim.fail(Scope::Server, Trouble::Status(503));
    app.call("POST", "/api/v1/deliveries/2/replay").await;
    // The replay meets the trouble, and not the test message that follows.
    app.settle().await;
    app.post("/api/v1/alerts", "{").await;
    app.post("/api/v1/receivers/nobody/alerts", "{}").await;
    app.post("/api/v1/receivers/ops/test", "").await;
    app.call("POST", "/-/reload").await;
    app.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn promtool_finds_nothing_to_say() {
    let app = TestApp::start().await;
    traffic(&app).await;
    let text = app.get("/metrics").await.text;
    let Some(found) = promtool(&text) else {
        skip("promtool", "it is not installed (apt-get install prometheus)");
        return;
    };
    assert_eq!(found, "", "{text}");
    let planted = promtool("# TYPE planted_total gauge\nplanted_total 1\n").unwrap();
    assert!(planted.contains("planted_total"), "the check can fail: {planted:?}");
}

/// What `promtool check metrics` says; `None` where there is none.
fn promtool(text: &str) -> Option<String> {
    let mut child = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    Some(String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_accounts_hold_at_every_step_and_over_restarts() {
    let mut app = TestApp::start().await;
    traffic(&app).await;
    app.assert_accounts().await;
    let names = [
        "campana_deliveries_accepted_total{origin=\"notification\"}",
        "campana_deliveries_accepted_total{origin=\"replay\"}",
        "campana_deliveries_settled_total{outcome=\"delivered\"}",
        "campana_deliveries_settled_total{outcome=\"dead\"}",
        "campana_deliveries_settled_total{outcome=\"discarded\"}",
        "campana_deliveries_queued",
    ];
    let mut before = Vec::new();
    for name in names {
        before.push(app.metric(name).await.to_string());
    }
    assert_eq!(before, ["3", "1", "1", "1", "1", "1"]);
    app.restart().await;
    for (name, before) in names.into_iter().zip(before).take(2) {
        assert_eq!(app.metric(name).await.to_string(), before, "{name}");
    }
    app.assert_accounts().await;
    app.pass(Duration::from_mins(1), Duration::from_secs(10)).await;
    app.assert_accounts().await;
    assert!(app.metric("campana_deliveries_queued").await.abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn scrapes_at_once_do_not_count_twice() {
    let app = TestApp::start().await;
    for index in 0..15 {
        app.notify(&firing(&format!("Disk{index}"))).await;
        let scrape = || app.get("/metrics");
        tokio::join!(scrape(), scrape(), scrape(), scrape());
    }
    let accepted = "campana_deliveries_accepted_total{origin=\"notification\"}";
    assert!((app.metric(accepted).await - 15.0).abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_label_takes_its_value_from_an_alert_or_a_request() {
    let app = TestApp::start().await;
    traffic(&app).await;
    let series = |text: &str| -> BTreeSet<String> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines.filter_map(|line| Some(line.rsplit_once(' ')?.0.to_owned())).collect()
    };
    let before = series(&app.get("/metrics").await.text);
    for index in 0..5 {
        let name = format!("Unbounded{index}");
        app.notify(&group(&name, [alert(&name).severity(&name).summary(&name)])).await;
        app.post(&format!("/api/v1/receivers/{name}/alerts"), firing(&name)).await;
        app.get(&format!("/{name}")).await;
        app.get(&format!("/api/v1/deliveries?receiver={name}")).await;
    }
    app.pass(Duration::from_mins(1), Duration::from_secs(10)).await;
    let text = app.get("/metrics").await.text;
    assert!(!text.contains("Unbounded"), "{text}");
    let new: Vec<String> = series(&text).difference(&before).cloned().collect();
    assert_eq!(new, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_counted_is_what_happened() {
    let app = TestApp::start().await;
    traffic(&app).await;
    for (name, value) in [
        (
            "campana_notifications_received_total{endpoint=\"/api/v1/receivers/{receiver}/alerts\"}",
            4.0,
        ),
        ("campana_notifications_duplicate_total", 1.0),
        ("campana_notifications_refused_total{reason=\"payload\"}", 1.0),
        ("campana_notifications_refused_total{reason=\"unknown_receiver\"}", 1.0),
        ("campana_alerts_received_total{status=\"firing\"}", 4.0),
        ("campana_alerts_received_total{status=\"resolved\"}", 1.0),
        ("campana_accept_duration_seconds_count", 4.0),
        ("campana_attempts_total{kind=\"chatbot\",outcome=\"ok\"}", 1.0),
        ("campana_attempts_total{kind=\"chatbot\",outcome=\"content\"}", 1.0),
        ("campana_attempts_total{kind=\"chatbot\",outcome=\"http_error\"}", 2.0),
        ("campana_attempt_duration_seconds_count{kind=\"chatbot\"}", 4.0),
        ("campana_queue_wait_seconds_count{kind=\"chatbot\"}", 4.0),
        ("campana_dead_letters_total{outcome=\"content\"}", 1.0),
        ("campana_test_messages_total{outcome=\"ok\"}", 1.0),
        ("campana_config_reloads_total{outcome=\"ok\"}", 1.0),
        ("campana_destination_deliveries_queued{destination=\"ops-group\",receiver=\"ops\"}", 1.0),
    ] {
        let found = app.metric(name).await;
        assert!((found - value).abs() < 0.1, "{name} is {found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_is_parked_when_all_its_robots_are_dead_and_not_before() {
    for (fails, parked, dead) in [("throttled", 0.0, 1.0), ("dead", 1.0, 2.0)] {
        let app = TestApp::with_pool().await;
        let gone = Trouble::Errcode(300_005, "token is not exist".to_owned());
        let throttled = Trouble::Errcode(660_026, "send too fast".to_owned());
        let other = if fails == "dead" { gone.clone() } else { throttled };
        app.sim.fail(Scope::Robot("one".to_owned()), Fault::once(gone).lasting());
        app.sim.fail(Scope::Robot("two".to_owned()), Fault::once(other).lasting());
        app.notify(&firing("Disk")).await;
        let scrape = app.scrape().await;
        let found = scrape.sum("campana_destination_parked");
        assert!((found - parked).abs() < 0.1, "the other is {fails}: {found}");
        let found = scrape.series("campana_pool_robots_dead{destination=\"a\",receiver=\"ops\"}");
        assert!((found - dead).abs() < 0.1, "the other is {fails}: {found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_retention_deletes_stays_counted() {
    let app = TestApp::start().await;
    app.notify(&firing("Disk")).await;
    app.sim.fail(Scope::Server, Trouble::Errcode(430_104, "含有不合适的内容".to_owned()));
    app.notify(&firing("Load")).await;
    app.advance(Duration::from_hours(24 * 7 - 1)).await;
    assert_eq!(app.states().await, ["dead", "delivered"]);
    app.advance(Duration::from_hours(2)).await;
    app.pass_until_states(&["dead"]).await;
    app.advance(Duration::from_hours(24 * 23)).await;
    app.pass_until_states(&[]).await;
    assert_eq!(app.get("/api/v1/deliveries/1").await.status, 404);
    let delivered = "campana_deliveries_settled_total{outcome=\"delivered\"}";
    assert!((app.metric(delivered).await - 1.0).abs() < 0.1);
    app.assert_accounts().await;
}
