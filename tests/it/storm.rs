//! A storm stays readable: more groups than a robot may send for are folded into digests.

use std::time::Duration;

use dingtalk_sim::{Fault, Post, Robot, Scope, Sender, Trouble};
use serde_json::Value;
use test_support::alerts::{alert, firing, group_by};
use test_support::{FIRST_RETRY, TestApp};

/// The longest that the first group of a digest waits for others.
const DIGEST: Duration = Duration::from_secs(12);

const MINUTE: Duration = Duration::from_mins(1);

/// One host, in a group of its own.
fn host(name: &str, host: &str) -> Value {
    group_by("instance", host, [alert(name).label("instance", host)])
}

fn recovered(name: &str, host: &str) -> Value {
    group_by("instance", host, [alert(name).label("instance", host).resolved()])
}

fn texts(posts: &[Post]) -> String {
    posts.iter().map(|post| post.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// Takes up fifteen slots, so that everything after it waits for a digest.
async fn busy(app: &TestApp) {
    for index in 0..15 {
        app.notify(&firing(&format!("Early{index}"))).await;
    }
    assert_eq!(app.sim.posts().len(), 15);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_groups_each_is_seen_within_a_minute() {
    let app = TestApp::start().await;
    let name = |index: usize| ["HostDown", "DiskFull", "LoadHigh"][index % 3];
    for index in 0..1_000 {
        app.accept(&host(name(index), &format!("web-{index:03}:9100"))).await;
    }
    app.settle().await;
    // Not to the end of the minute, when the first slot is free again.
    app.pass(Duration::from_secs(50), Duration::from_secs(2)).await;
    let posts = app.sim.posts();
    assert!(posts.len() <= 20, "{} messages", posts.len());
    assert_eq!(app.sim.busiest_window(&Sender::Robot("ops-token".to_owned()), MINUTE), posts.len());
    let seen = texts(&posts);
    for index in 0..1_000 {
        assert!(seen.contains(&format!("web-{index:03}:9100")), "{index} is not seen");
    }
    let states = app.states().await;
    assert!(states.iter().all(|state| state == "delivered" || state == "folded"), "{states:?}");
    let digests = app.metric("campana_deliveries_accepted_total{origin=\"digest\"}").await;
    assert!((3.0..=10.0).contains(&digests), "{digests} digests");
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_does_not_wait_behind_the_alerts_of_others_and_says_both() {
    let app = TestApp::start().await;
    busy(&app).await;
    for index in 0..40 {
        app.notify(&host("HostDown", &format!("web-{index}"))).await;
    }
    app.notify(&recovered("HostDown", "web-7")).await;
    app.advance(DIGEST).await;
    let posts = app.sim.posts();
    assert_eq!(posts.len(), 16, "one digest");
    let lines: Vec<&str> = posts[15].text.lines().filter(|line| line.contains("web-7")).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    // The time that the alert itself gives, and not when its recovery came.
    assert!(lines[0].contains("fired 03:02 and recovered 03:11"), "{}", lines[0]);
    assert_eq!(app.states().await.iter().filter(|state| *state == "folded").count(), 41);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lone_alert_goes_out_as_itself_when_its_digest_would() {
    let app = TestApp::start().await;
    busy(&app).await;
    let id = app.notify(&host("HostDown", "web-1")).await.ids().remove(0);
    let behind = app.notify(&host("HostDown", "web-1")).await.ids();
    assert_eq!(behind.len(), 0, "a duplicate");
    let reason = app.delivery(&id).await["reason"].to_string();
    assert!(
        reason.contains("waits for a digest or a free slot until 2026-11-20T19:12:12Z"),
        "{reason}"
    );
    assert!((app.metric("campana_lanes_waiting{reason=\"digest\"}").await - 1.0).abs() < 0.1);
    app.advance(DIGEST - Duration::from_secs(1)).await;
    assert_eq!(app.state(&id).await, "queued");
    app.advance(Duration::from_secs(1)).await;
    let delivery = app.delivery(&id).await;
    assert_eq!(
        (&delivery["state"], &delivery["origin"]),
        (&"delivered".into(), &"notification".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_states_of_one_group_become_its_newest_message_with_a_word_about_the_others() {
    let app = TestApp::start().await;
    busy(&app).await;
    for _ in 0..2 {
        app.notify(&host("HostDown", "web-1")).await;
        app.notify(&recovered("HostDown", "web-1")).await;
    }
    app.advance(DIGEST).await;
    let posts = app.sim.posts();
    assert_eq!(posts.len(), 16);
    let text = &posts[15].text;
    assert!(text.to_lowercase().contains("resolved"), "{text}");
    assert!(text.contains("3 earlier states"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_and_what_it_carries_say_so() {
    let app = TestApp::start().await;
    busy(&app).await;
    let first = app.notify(&host("HostDown", "web-1")).await.ids().remove(0);
    app.notify(&host("HostDown", "web-2")).await;
    app.sim.fail(Scope::Server, Trouble::Status(503));
    app.advance(DIGEST).await;
    let carried = app.delivery(&first).await;
    let digest = carried["carried_by"].as_str().unwrap().to_owned();
    assert_eq!(carried["state"], "queued");
    assert!(carried["reason"].as_str().unwrap().contains(&format!("digest {digest}")), "{carried}");
    let shown = app.delivery(&digest).await;
    assert_eq!((&shown["origin"], &shown["state"]), (&"digest".into(), &"queued".into()));
    assert_eq!(app.post(&format!("/api/v1/deliveries/{first}/discard"), "").await.status, 409);
    app.advance(FIRST_RETRY).await;
    assert_eq!(app.state(&first).await, "folded");
    assert_eq!(app.state(&digest).await, "delivered");
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_refused_digest_carried_goes_out_one_by_one() {
    let app = TestApp::start().await;
    busy(&app).await;
    let ids = [
        app.notify(&host("HostDown", "web-1")).await.ids().remove(0),
        app.notify(&host("HostDown", "web-2")).await.ids().remove(0),
    ];
    app.sim.fail(Scope::Server, Fault::once(Trouble::Errcode(430_101, "unsafe link".into())));
    app.advance(DIGEST).await;
    for id in ids {
        assert_eq!(app.state(&id).await, "delivered");
    }
    assert_eq!(app.states().await.iter().filter(|state| *state == "dead").count(), 1, "the digest");
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_mentions_whom_one_of_its_messages_would() {
    let app = TestApp::with(
        "
receivers:
  - name: ops
    chatbots:
      - {name: bot, access_token: ops-token, rate: {messages: 1, per: 1m},
         mention: {mobiles: ['13800000001']}}",
    )
    .await;
    app.sim.add_robot(Robot::new("ops-token").group("ops"));
    app.notify(&firing("Early")).await;
    assert_eq!(app.sim.posts().len(), 1, "the only slot is not kept for a digest");
    app.notify(&recovered("HostDown", "web-1")).await;
    app.notify(&host("HostDown", "web-2")).await;
    app.pass(MINUTE, DIGEST).await;
    let posts = app.sim.posts();
    assert_eq!(posts.len(), 2);
    assert!(posts[1].text.contains("@13800000001"), "{}", posts[1].text);
    assert!(posts[1].text.contains("web-1") && posts[1].text.contains("web-2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_severe_go_first_where_nothing_folds() {
    let app = TestApp::with(
        "
receivers:
  - name: ops
    chatbots:
      - {name: bot, access_token: ops-token, rate: {messages: 2, per: 1m}, overflow: queue}",
    )
    .await;
    app.sim.add_robot(Robot::new("ops-token").group("ops"));
    for name in ["A", "B", "C", "D"] {
        let warning = alert(name).severity("warning");
        app.notify(&group_by("alertname", name, [warning])).await;
    }
    let critical = alert("E").severity("critical");
    app.notify(&group_by("alertname", "E", [critical])).await;
    app.notify(&group_by("alertname", "A", [alert("A").severity("warning").resolved()])).await;
    let waiting = app.delivery("6").await["reason"].to_string();
    assert!(waiting.contains("waits for a free slot of its robot's rate until "), "{waiting}");
    assert!((app.metric("campana_lanes_waiting{reason=\"slot\"}").await - 1.0).abs() < 0.1);
    app.advance(MINUTE).await;
    let titles: Vec<_> = app.sim.posts().iter().filter_map(|post| post.title.clone()).collect();
    assert!(titles[2].contains('E') && titles[3].contains("RESOLVED"), "{titles:?}");
}
