//! The same state twice: from a twin, from a lost answer, or on purpose.

use std::time::Duration;

use serde_json::{Value, json};
use test_support::alerts::{alert, firing, group};
use test_support::{ONE_CHATBOT, TestApp};

fn with_reason(reason: &str) -> Value {
    let mut body = firing("Disk");
    body["notification_reason"] = json!(reason);
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_twin_that_says_the_same_from_elsewhere_is_a_duplicate() {
    let app = TestApp::start().await;
    let first = app.notify(&firing("Disk")).await.json();
    let mut twin = firing("Disk");
    twin["externalURL"] = json!("http://alertmanager-1.example:9093");
    app.advance(Duration::from_secs(59)).await;
    let second = app.notify(&twin).await.json();
    assert_eq!(second["duplicate_of"], first["notification"]);
    assert_eq!((&second["deliveries"], &second["ids"]), (&json!(0), &json!([])));
    assert_ne!(second["notification"], first["notification"]);
    assert_eq!(app.sim.posts().len(), 1);
    assert!((app.metric("campana_notifications_duplicate_total").await - 1.0).abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_minute_a_repeat_is_sent_again() {
    let app = TestApp::start().await;
    app.notify(&firing("Disk")).await;
    app.advance(Duration::from_mins(1)).await;
    assert_eq!(app.notify(&firing("Disk")).await.ids().len(), 1);
    assert_eq!(app.sim.posts().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_that_is_not_the_repeat_interval_makes_a_late_twin_a_duplicate() {
    let app = TestApp::start().await;
    for (minutes, reason, deliveries) in [
        (0, "first notification", 1),
        (59, "new alerts in the group", 0),
        (61, "repeat interval elapsed", 1),
        (62, "repeat interval elapsed", 1),
        (121, "new alerts in the group", 0),
        (122, "new alerts in the group", 1),
    ] {
        let now = app.clock_minutes();
        app.advance(Duration::from_mins(minutes - now)).await;
        let answer = app.notify(&with_reason(reason)).await;
        assert_eq!(answer.ids().len(), deliveries, "minute {minutes}, {reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_in_flight_at_once_one_is_the_duplicate() {
    let app = TestApp::start().await;
    for round in 0..10 {
        let body = firing(&format!("Disk{round}"));
        let (one, two) = tokio::join!(app.accept(&body), app.accept(&body));
        let (one, two) = (one.json(), two.json());
        let (first, second) = if one["deliveries"] == 1 { (one, two) } else { (two, one) };
        assert_eq!(first["deliveries"], 1);
        assert_eq!(second["duplicate_of"], first["notification"]);
    }
    app.settle().await;
    assert_eq!(app.sim.posts().len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_last_state_counts_and_every_change_is_news() {
    let app = TestApp::start().await;
    let fires = firing("Disk");
    let resolved = group("Disk", [alert("Disk").resolved()]);
    let more = group("Disk", [alert("Disk"), alert("Disk").label("instance", "db-2")]);
    for body in [&fires, &resolved, &fires, &more, &fires] {
        assert_eq!(app.notify(body).await.ids().len(), 1, "{body}");
    }
    assert_eq!(app.sim.posts().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_for_one_receiver_is_news_for_another() {
    let app = TestApp::with(
        "
receivers:
  - {name: ops, chatbots: [{name: a, access_token: ta}]}
  - {name: db, chatbots: [{name: b, access_token: tb}]}",
    )
    .await;
    app.sim.change_rules(|rules| rules.any_token = true);
    app.notify(&firing("Disk")).await;
    let answer = app.post("/api/v1/alerts", firing("Disk")).await;
    assert_eq!(answer.ids().len(), 1, "{}", answer.text);
    assert_eq!(answer.json().get("duplicate_of"), None);
    app.settle().await;
    let again = app.post("/api/v1/alerts", firing("Disk")).await.json();
    assert_eq!((&again["deliveries"], again["duplicate_of"].is_string()), (&json!(0), true));
}

/// Posts a notification to the receiver `ops` that its sender calls `key`.
async fn keyed(app: &TestApp, path: &str, key: &str, body: &Value) -> Value {
    let request = app.http.post(app.url(path)).header("idempotency-key", key);
    let answer = app.send(request.body(body.to_string())).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    app.settle().await;
    answer.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_with_the_same_key_is_the_same_also_over_a_restart_and_beside_other_news() {
    let mut app = TestApp::start().await;
    let path = "/api/v1/receivers/ops/alerts";
    let first = keyed(&app, path, "\"8e03978e\"", &firing("Disk")).await;
    app.notify(&group("Disk", [alert("Disk").resolved()])).await;
    app.restart().await;
    app.advance(Duration::from_mins(59)).await;
    let again = keyed(&app, path, "  \"8e03978e\" ", &firing("Disk")).await;
    assert_eq!(again["duplicate_of"], first["notification"]);
    assert_eq!((&again["deliveries"], &again["ids"]), (&json!(0), &json!([])));
    let elsewhere = keyed(&app, "/dingtalk/ops/send", "\"8e03978e\"", &firing("Disk")).await;
    assert_eq!(elsewhere["deliveries"], 1, "on another path it is another request");
    app.advance(Duration::from_mins(2)).await;
    assert_eq!(keyed(&app, path, "\"8e03978e\"", &firing("Disk")).await["deliveries"], 1);
    assert_eq!(app.sim.posts().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_body_under_the_same_key_is_news_and_a_key_stands_whatever_equal_states_do() {
    let app = TestApp::with(&format!("delivery: {{deduplicate: 0}}\n{ONE_CHATBOT}")).await;
    app.sim.change_rules(|rules| rules.any_token = true);
    for (key, name, deliveries) in [
        ("k", "Disk", 1),
        ("k", "Disk", 0),
        ("k", "Net", 1),
        ("k", "Net", 0),
        ("l", "Net", 1),
        ("", "Net", 1),
        ("", "Net", 1),
    ] {
        let answer = keyed(&app, "/api/v1/alerts", key, &firing(name)).await;
        assert_eq!(answer["deliveries"], deliveries, "{key} {name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_is_known_over_a_restart_and_a_jump_of_the_wall_clock() {
    let mut app = TestApp::start().await;
    let first = app.notify(&firing("Disk")).await.json();
    app.restart().await;
    app.clock.set_wall("2030-01-01T00:00:00Z".parse().unwrap());
    let second = app.notify(&firing("Disk")).await.json();
    assert_eq!(second["duplicate_of"], first["notification"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repetition_goes_out_again_however_long_duplicates_are_looked_for() {
    let app = TestApp::with(&format!("delivery: {{deduplicate: 24h}}\n{ONE_CHATBOT}")).await;
    app.sim.change_rules(|rules| rules.any_token = true);
    app.notify(&with_reason("first notification")).await;
    let repeated = with_reason("repeat interval elapsed");
    app.advance(Duration::from_secs(59)).await;
    assert_eq!(app.notify(&repeated).await.ids().len(), 0, "a twin's");
    app.advance(Duration::from_secs(1)).await;
    assert_eq!(app.notify(&repeated).await.ids().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_sender_that_tells_less_than_alertmanager_only_the_same_body_is_a_duplicate() {
    let without = |field: &str, value: &str| {
        let mut body = group("Disk", [alert("Disk").annotation("value", value)]);
        match field {
            "groupKey" => body[field].take(),
            _ => body["alerts"][0][field].take(),
        };
        body
    };
    for field in ["groupKey", "startsAt"] {
        let app = TestApp::start().await;
        for (value, deliveries) in [("80 %", 1), ("80 %", 0), ("99 %", 1)] {
            let answer = app.notify(&without(field, value)).await;
            assert_eq!(answer.ids().len(), deliveries, "{field}, {value}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_label_is_news_under_an_equal_fingerprint() {
    let app = TestApp::start().await;
    for severity in ["warning", "critical"] {
        let mut body = with_reason("new alerts in the group");
        body["alerts"][0]["labels"]["severity"] = json!(severity);
        body["alerts"][0]["fingerprint"] = json!("0123456789abcdef");
        assert_eq!(app.notify(&body).await.ids().len(), 1, "{severity}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_routes_that_send_one_body_at_the_same_moment_are_one_notification() {
    let app = TestApp::start().await;
    for (minutes, reason) in [(0, "first notification"), (240, "repeat interval elapsed")] {
        let now = app.clock_minutes();
        app.advance(Duration::from_mins(minutes - now)).await;
        let body = with_reason(reason);
        let accept = || app.accept(&body);
        let (one, two, three, four) = tokio::join!(accept(), accept(), accept(), accept());
        let deliveries = [one, two, three, four].map(|answer| answer.ids().len());
        assert_eq!(deliveries.iter().sum::<usize>(), 1, "{reason}");
        app.settle().await;
    }
    assert_eq!(app.sim.posts().len(), 2);
}

/// `reason` for one alert that fires since a time.
fn since(starts_at: &str, reason: &str) -> Value {
    let mut body = with_reason(reason);
    body["alerts"][0]["startsAt"] = json!(starts_at);
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repetition_with_a_later_start_says_that_the_alert_fired_again() {
    let app = TestApp::start().await;
    let (first, second) = ("2026-11-20T10:00:00Z", "2026-11-20T12:30:00Z");
    let repeated = "repeat interval elapsed";
    for (starts_at, reason, says_again) in [
        (first, "first notification", false),
        (first, repeated, false),
        (second, repeated, true),
        (second, repeated, false),
        (first, "", false),
        (second, "", true),
    ] {
        app.advance(Duration::from_hours(4)).await;
        app.notify(&since(starts_at, reason)).await;
        let text = app.sim.posts().last().unwrap().text.clone();
        assert_eq!(text.contains("fired again since"), says_again, "{reason}: {text}");
        assert!(text.contains("since 2026-11-20"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_that_joins_its_group_or_whose_recovery_was_told_did_not_fire_again() {
    let app = TestApp::start().await;
    let started = |name: &str, at: &str| {
        let mut body = group("Disk", [alert(name)]);
        body["alerts"][0]["startsAt"] = json!(at);
        body["alerts"][0].take()
    };
    let (early, late) = ("2026-11-20T10:00:00Z", "2026-11-20T12:30:00Z");
    let states = [
        vec![started("A", early)],
        vec![started("A", early), started("B", late)],
        vec![started("B", late)],
    ];
    for alerts in states {
        let mut body = firing("Disk");
        body["alerts"] = json!(alerts);
        app.advance(Duration::from_mins(5)).await;
        app.notify(&body).await;
    }
    let resolved = group("Disk", [alert("Disk").resolved()]);
    for body in [since(early, ""), resolved, since(late, "")] {
        app.advance(Duration::from_mins(5)).await;
        app.notify(&body).await;
    }
    let posts = app.sim.posts();
    assert_eq!(posts.len(), 6);
    for post in posts {
        assert!(!post.text.contains("again"), "{}", post.text);
    }
}
