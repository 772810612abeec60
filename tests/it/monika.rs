//! What Monika posts, from its own bodies to the chat.

use std::path::Path;
use std::time::Duration;

use dingtalk_sim::{Fault, Post, Robot, Scope, Trouble};
use serde_json::{Value, json};
use test_support::alerts::firing;
use test_support::{Answer, TestApp};

const PATH: &str = "/api/v1/receivers/ops/monika";

/// A few seconds after the first of the recorded bodies.
const RECORDED: &str = "2026-11-28T23:51:20Z";

/// One receiver `ops` with these further keys and one chatbot, whose robot exists.
async fn app(keys: &str) -> TestApp {
    let app = TestApp::with(&config(keys)).await;
    app.sim.add_robot(Robot::new("ops-token").group("ops"));
    app.clock.set_wall(RECORDED.parse().unwrap());
    app
}

fn config(keys: &str) -> String {
    format!(
        "receivers:\n  - name: ops\n    chatbots: [{{name: ops-group, access_token: ops-token}}]\n{keys}"
    )
}

/// A body that a real Monika posted.
fn recorded(name: &str) -> String {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/monika");
    std::fs::read_to_string(fixtures.join(format!("{name}.json"))).unwrap()
}

async fn post(app: &TestApp, body: impl ToString) -> Answer {
    let answer = app.post(PATH, body).await;
    app.settle().await;
    answer
}

/// Posts a recorded body; the message that it becomes.
async fn told(app: &TestApp, name: &str) -> Post {
    let before = app.sim.posts().len();
    let answer = post(app, recorded(name)).await;
    assert_eq!(answer.ids().len(), 1, "{name}: {}", answer.text);
    assert_eq!(app.sim.posts().len(), before + 1, "{name}");
    app.sim.posts().pop().unwrap()
}

fn title(post: &Post) -> &str {
    post.title.as_deref().unwrap_or_default()
}

fn incident(url: &str, monika: &str) -> Value {
    let time = "2026-11-28 23:51:15 Z";
    json!({"type": "incident", "alert": "Down", "url": url, "time": time, "monika": monika})
}

#[tokio::test(flavor = "multi_thread")]
async fn each_recorded_body_arrives_in_words() {
    for (name, heading, words) in [
        (
            "notif-incident-message",
            "🔴 [FIRING:1] MonikaIncident shop.example.com /a",
            "Status not 2xx",
        ),
        ("notif-incident-chain", "shop.example.com", "u={{responses"),
        (
            "notif-incident-default-sentence",
            "[FIRING:1]",
            "did not pass the query: response.status",
        ),
        ("notif-incident-dns", "MonikaIncident no-such-host.invalid", "Probe not accessible"),
        ("notif-incident-handlebars", "[FIRING:1]", "Got 502 in 2 ms"),
        ("notif-incident-html-empty", "[FIRING:1]", "**Said**"),
        ("notif-incident-no-alerts", "[FIRING:1]", "HTTP Status is 500, expecting 2xx"),
        ("notif-incident-refused", "MonikaIncident db.example.com:9", "Probe not accessible"),
        ("notif-incident-tcp", "MonikaIncident probe-1", "Monika names neither URL nor probe"),
        ("notif-incident-timeout", "shop.example.com", "Probe not accessible"),
        ("notif-incident-two-alerts", "shop.example.com", "Any error"),
        ("notif-recovery-message", "✅ [RESOLVED:1] MonikaIncident", "without a known incident"),
        ("notif-recovery-default-sentence", "[RESOLVED:1]", "The request is back to normal"),
        ("notif-recovery-html-escaped", "[RESOLVED:1]", "Said disk \"sda\" &lt;90% & full"),
        ("notif-start", "🔵 [EVENT:1] MonikaStarted probe-1", "Monika is running from probe-1"),
        ("notif-status-update", "🔵 [EVENT:1] MonikaStatus probe-1", "10 probes, 18 incidents"),
        (
            "webhook-incident",
            "🔴 [EVENT:1] MonikaIncident",
            "Incident or recovery: response.status",
        ),
        ("webhook-incident-tcp", "MonikaIncident tcp1", "Incident or recovery: Probe not"),
        ("webhook-recovery", "[EVENT:1] MonikaIncident", "Incident or recovery: response.status"),
    ] {
        let app = app("").await;
        let message = told(&app, name).await;
        let (first, rest) = message.text.split_once('\n').unwrap();
        assert!(first.contains(heading), "{name}: {}", message.text);
        assert!(rest.contains(words), "{name}: {}", message.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_says_since_when_the_incident_was_open_also_after_a_restart() {
    let mut app = app("").await;
    let fires = told(&app, "notif-incident-message").await;
    assert!(fires.text.contains("since 2026-11-29 07:51 +08:00, for 5s"), "{}", fires.text);
    app.restart().await;
    app.advance(Duration::from_secs(25)).await;
    let resolved = told(&app, "notif-recovery-message").await;
    assert!(title(&resolved).starts_with("[RESOLVED:1] MonikaIncident"), "{resolved:?}");
    let words = "since 2026-11-29 07:51 +08:00, until 07:51, for 30s";
    assert!(resolved.text.contains(words), "{}", resolved.text);
    // What is resolved is forgotten: the same again is another incident.
    app.advance(Duration::from_mins(9)).await;
    let body = recorded("notif-incident-message").replace("23:51:15", "23:59:15");
    assert_eq!(post(&app, body).await.ids().len(), 1);
    let again = app.sim.posts().pop().unwrap();
    assert!(again.text.contains("since 2026-11-29 07:59 +08:00"), "{}", again.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_without_a_url_are_counted_and_the_last_recovery_resolves_them() {
    let app = app("").await;
    for (name, heading, words) in [
        ("notif-incident-tcp", "[FIRING:1]", "1 probe without a URL is down. Monika names neither"),
        ("notif-incident-tcp-other-probe", "[FIRING:1]", "2 probes without a URL are down."),
        ("notif-recovery-tcp", "[FIRING:1]", "One of 2 probes without a URL has recovered, 1 is"),
        ("notif-recovery-tcp", "[RESOLVED:1]", "Monika names neither URL nor probe"),
        ("notif-recovery-tcp", "[RESOLVED:1]", "A recovery without a known incident"),
    ] {
        let message = told(&app, name).await;
        assert!(title(&message).starts_with(heading), "{name}: {message:?}");
        assert!(message.text.contains(words), "{name}: {}", message.text);
    }
    for name in ["notif-incident-tcp", "notif-start"] {
        told(&app, name).await;
    }
    let again = recorded("notif-incident-tcp").replace("23:51:14", "23:51:24");
    assert_eq!(post(&app, again).await.ids().len(), 1);
    let message = app.sim.posts().pop().unwrap();
    assert!(message.text.contains("1 probe without a URL is down"), "{}", message.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_come_at_once_are_all_counted() {
    let app = app("").await;
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..60 {
        let request = app.http.post(app.url(PATH)).body(incident("", "probe-1 ()").to_string());
        all.spawn(async move { request.send().await.unwrap().status().as_u16() });
    }
    let statuses = all.join_all().await;
    assert_eq!(statuses, [200; 60]);
    let known = app.post(PATH, incident("", "probe-1 ()")).await.ids().remove(0);
    let message = app.delivery(&known).await["message"]["text"].as_str().unwrap().to_owned();
    assert!(message.contains("61 probes without a URL are down"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_that_is_told_again_is_a_duplicate_at_first_and_then_a_repetition() {
    let app = app("").await;
    let first = post(&app, recorded("notif-incident-message")).await.json();
    app.advance(Duration::from_secs(50)).await;
    let later = recorded("notif-incident-message").replace("23:51:15", "23:52:05");
    let again = post(&app, &later).await.json();
    assert_eq!(again["duplicate_of"], first["notification"], "{again}");
    app.advance(Duration::from_secs(10)).await;
    assert_eq!(post(&app, &later).await.ids().len(), 1);
    let [one, other] = &app.sim.posts()[..] else { panic!("two messages") };
    assert_eq!(one.title, other.title);
    assert!(other.text.contains("since 2026-11-29 07:51 +08:00"), "{}", other.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn by_the_webhook_channel_incidents_and_recoveries_take_turns_if_they_are_told_to() {
    let mut app = app("    monika: {webhook: toggle}\n").await;
    let fires = told(&app, "webhook-incident").await;
    assert!(title(&fires).starts_with("[FIRING:1] MonikaIncident"), "{fires:?}");
    assert!(!fires.text.contains("Incident or recovery"), "{}", fires.text);
    app.restart().await;
    let resolved = told(&app, "webhook-recovery").await;
    assert!(title(&resolved).starts_with("[RESOLVED:1] MonikaIncident"), "{resolved:?}");
    // Another assertion of the URL has turns of its own.
    let other = told(&app, "webhook-incident-offset").await;
    assert!(title(&other).starts_with("[FIRING:1]"), "{other:?}");
    let probe = told(&app, "webhook-incident-tcp").await;
    assert!(title(&probe).contains("MonikaIncident tcp1"), "{probe:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_without_a_recovery_is_closed_in_words_once_nothing_was_heard_for_so_long() {
    let mut app = app("    monika: {max_age: 2h}\n").await;
    told(&app, "notif-incident-message").await;
    app.pass(Duration::from_mins(90), Duration::from_mins(10)).await;
    // It is heard of again, so that its time begins anew.
    assert_eq!(post(&app, recorded("notif-incident-message")).await.ids().len(), 1);
    app.restart().await;
    app.pass(Duration::from_mins(119), Duration::from_mins(7)).await;
    assert_eq!(app.sim.posts().len(), 2);
    app.pass(Duration::from_mins(2), Duration::from_mins(1)).await;
    let [_, _, closed] = &app.sim.posts()[..] else {
        panic!("it is closed: {:?}", app.sim.posts())
    };
    let heading = "[RESOLVED:1] MonikaIncident shop.example.com no-recovery /a";
    assert!(title(closed).starts_with(heading), "{closed:?}");
    let words = "No recovery came within 2h: Monika may have been restarted; closed by Campana";
    assert!(closed.text.contains(words), "{}", closed.text);
    assert!(closed.text.contains("The incident was: Status not 2xx"), "{}", closed.text);
    app.pass(Duration::from_hours(3), Duration::from_mins(30)).await;
    assert_eq!(app.sim.posts().len(), 3, "once");
    let late = told(&app, "notif-recovery-message").await;
    assert!(late.text.contains("A recovery without a known incident"), "{}", late.text);
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_stays_open_for_as_long_as_its_receiver_says() {
    for (keys, hours, closed) in [
        ("", 23, 0),
        ("", 25, 1),
        ("    monika: {max_age: 0}\n", 100, 0),
        ("    enabled: false\n", 25, 0),
    ] {
        let app = app(keys).await;
        post(&app, recorded("notif-incident-message")).await;
        app.pass(Duration::from_hours(hours), Duration::from_mins(30)).await;
        let posts = app.sim.posts();
        let words = |post: &&Post| post.text.contains("No recovery came within 24h");
        assert_eq!(posts.iter().filter(words).count(), closed, "{keys}{hours}: {posts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_conditions_leave_out_is_known_all_the_same() {
    let keys = "    send_resolved: false\n    \
                conditions: [{label: type, operator: NotIn, values: [start, status-update]}]\n";
    let app = app(keys).await;
    for name in ["notif-start", "notif-status-update", "notif-recovery-message"] {
        assert_eq!(post(&app, recorded(name)).await.ids(), [""; 0], "{name}");
    }
    told(&app, "notif-incident-message").await;
    assert_eq!(post(&app, recorded("notif-recovery-message")).await.ids(), [""; 0]);
    app.advance(Duration::from_mins(9)).await;
    let body = recorded("notif-incident-message").replace("23:51:15", "23:59:15");
    assert_eq!(post(&app, body).await.ids().len(), 1);
    let again = app.sim.posts().pop().unwrap();
    assert!(again.text.contains("since 2026-11-29 07:59 +08:00"), "{}", again.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_receiver_knows_its_own_incidents() {
    let other = "  - name: dev\n    chatbots: [{name: dev-group, access_token: dev-token}]\n";
    let app = app(other).await;
    app.sim.add_robot(Robot::new("dev-token").group("dev"));
    told(&app, "notif-incident-message").await;
    let dev = "/api/v1/receivers/dev/monika";
    app.post(dev, recorded("notif-recovery-message")).await;
    app.settle().await;
    let of_dev = app.sim.posts_in("dev").pop().unwrap();
    assert!(of_dev.text.contains("A recovery without a known incident"), "{}", of_dev.text);
    let of_ops = told(&app, "notif-recovery-message").await;
    assert!(!of_ops.text.contains("without a known incident"), "{}", of_ops.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_none_of_monikas_bodies_is_refused_in_words_that_name_it() {
    let app = app("").await;
    for (body, words) in [
        (
            recorded("elastalert2-2.19.0-alertmanager"),
            "as elastalert2's alertmanager alerter posts",
        ),
        (recorded("dingtalk-incident"), "a message for DingTalk, as Monika's dingtalk channel"),
        (recorded("dingtalk-status-update"), "give Monika a notification of type monika-notif"),
        (firing("Disk").to_string(), "a notification of Alertmanager's; post it to /api/v1/rec"),
        (String::new(), "it is empty"),
        ("{\"type\":\"cert\"}".to_owned(), "of the type `cert`, which is none of these: incident,"),
    ] {
        let answer = app.post(PATH, &body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.error().contains(words), "{body}: {}", answer.text);
    }
    let refused = "campana_notifications_refused_total{reason=\"payload\"}";
    assert!((app.metric(refused).await - 6.0).abs() < 0.1);
    let unknown = app.post("/api/v1/receivers/opss/monika", recorded("notif-start")).await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.error().contains("did you mean \"ops\""), "{}", unknown.text);
    assert_eq!(app.call("GET", PATH).await.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_of_monikas_is_written_anew_with_what_was_known() {
    let app = app("").await;
    told(&app, "notif-incident-tcp").await;
    app.sim.change_robot("ops-token", |robot| robot.keywords.push("告警".to_owned()));
    let dead = post(&app, recorded("notif-incident-tcp-other-probe")).await.ids().remove(0);
    assert_eq!(app.state(&dead).await, "dead");
    // What is known now is not what it was told with.
    post(&app, recorded("notif-start")).await;
    app.reload(&config("    message: {text: '告警 {{ (index .Alerts 0).Labels.probes }}'}\n"))
        .await;
    let replayed = app.call("POST", &format!("/api/v1/deliveries/{dead}/replay?render=true")).await;
    app.settle().await;
    assert_eq!(replayed.status, 200, "{}", replayed.text);
    assert_eq!(app.sim.posts().pop().unwrap().text, "告警 2");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_robot_does_not_take_goes_to_the_fallback_with_what_was_known() {
    let keys =
        "    fallback: oncall\n  - name: oncall\n    chatbots: [{name: b, access_token: tb}]\n";
    let app = app(keys).await;
    app.sim.add_robot(Robot::new("tb").group("oncall"));
    told(&app, "notif-incident-message").await;
    app.sim.change_robot("ops-token", |robot| robot.keywords.push("never".to_owned()));
    post(&app, recorded("notif-recovery-message")).await;
    app.advance(Duration::from_secs(5)).await;
    let handed_over = app.sim.posts_in("oncall").pop().unwrap();
    let words = "since 2026-11-29 07:51 +08:00, until 07:51, for 30s";
    assert!(handed_over.text.contains(words), "{}", handed_over.text);
    assert!(handed_over.text.contains("ops/ops-group did not take it"), "{}", handed_over.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn monika_is_answered_after_two_seconds_though_the_storage_hangs() {
    let app = app("").await;
    let database = app.folder.path().join("campana.db");
    let other = rusqlite::Connection::open(database).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let request = app.http.post(app.url(PATH)).body(recorded("notif-incident-message"));
    let asked = tokio::spawn(async move { Answer::read(request.send().await.unwrap()).await });
    let limit = Duration::from_secs(2);
    app.sleeping_for(limit).await;
    app.clock.advance(limit);
    let answer = asked.await.unwrap().unwrap();
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(answer.status, 503, "{}", answer.text);
    let words = answer.error();
    // Where the machine is slow, the storage says first that it is held up.
    assert!(words.contains("not stored after 2 s") || words.contains("held up"), "{words}");
    assert_eq!(answer.headers["retry-after"], "10");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_full_queue_does_not_take_waits_for_room_though_monika_was_answered() {
    let limits = "delivery: {retry: [1h]}\nstorage: {limits: {queued: 1}}\n";
    let app = TestApp::with(&format!("{limits}{}", config(""))).await;
    app.sim.add_robot(Robot::new("ops-token").group("ops"));
    app.sim.fail(Scope::Server, Fault::once(Trouble::Status(503)).lasting());
    app.notify(&firing("Disk")).await;
    let request = app.http.post(app.url(PATH)).body(recorded("notif-incident-message"));
    let asked = tokio::spawn(async move { Answer::read(request.send().await.unwrap()).await });
    let limit = Duration::from_secs(2);
    app.sleeping_for(limit).await;
    app.clock.advance(limit);
    let answer = asked.await.unwrap().unwrap();
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert!(answer.error().contains("not stored after 2 s"), "{}", answer.text);
    app.call("POST", "/api/v1/deliveries/1/discard").await;
    let pause = Duration::from_secs(1);
    let mut stored = Box::pin(app.waits_for(&["queued", "discarded"]));
    loop {
        tokio::select! {
            () = &mut stored => break,
            () = app.sleeping_for(pause) => app.clock.advance(pause),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_asks_for_signatures_takes_nothing_that_monika_cannot_sign() {
    let app = app("    grafana: {hmac_secret: of-grafana}\n").await;
    let refused = post(&app, recorded("notif-incident-message")).await;
    assert_eq!(refused.status, 401, "{}", refused.text);
    let words = "the header X-Grafana-Alerting-Signature is missing";
    assert!(refused.error().contains(words), "{}", refused.text);
    assert_eq!(app.sim.posts().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_messages_are_in_the_language_of_their_receiver() {
    let keys = "    language: zh-CN\n    monika: {max_age: 2h}\n";
    let app = app(keys).await;
    let post = told(&app, "notif-incident-tcp").await;
    assert!(post.text.contains("Monika 既未给出 URL，也未给出探针名称。"), "{}", post.text);
    app.pass(Duration::from_hours(3), Duration::from_mins(5)).await;
    let closed = app.sim.posts().pop().unwrap();
    assert!(closed.text.contains("2 小时内没有收到恢复通知"), "{}", closed.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_messages_are_in_the_language_of_the_configuration() {
    let app = TestApp::with(&format!("global: {{language: zh-CN}}\n{}", config(""))).await;
    app.sim.add_robot(Robot::new("ops-token").group("ops"));
    app.clock.set_wall(RECORDED.parse().unwrap());
    let nameless = told(&app, "notif-incident-tcp").await;
    assert!(nameless.text.contains("1 个没有 URL 的探针异常"), "{}", nameless.text);
    let start = told(&app, "notif-start").await;
    assert!(title(&start).starts_with("[事件:1] MonikaStarted probe-1"), "{start:?}");
    assert!(start.text.contains("时间：2026-11-29 07:51 +08:00"), "{}", start.text);
}
