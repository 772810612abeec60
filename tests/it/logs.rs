//! The log: one line a notification, one a settled delivery, each readable alone.
//!
//! The story is played in a process of its own, because a process has one log.

use std::process::Command;
use std::time::Duration;

use campana::settings::LogFormat;
use campana::telemetry;
use dingtalk_sim::{Fault, Robot, Scope, Trouble};
use serde_json::Value;
use test_support::alerts::{alert, firing, group};
use test_support::{ONE_CHATBOT, TestApp};

/// Set in the process that plays the story, to the log's format.
const STAGE: &str = "CAMPANA_TEST_LOG";

/// A second receiver, with two robots at one host, a third one, whose robots are a pool, one that is never
/// told anything, and one whose template fails for fans and which mentions whom alerts name.
const MORE_CHATBOTS: &str = "  - name: two
    chatbots: [{name: one, access_token: one}, {name: two, access_token: two}]
  - name: many
    chatbots: [{name: pool, pool: [{access_token: first}, {access_token: second}]}]
  - name: quiet
    active_times: [{years: [1999], location: UTC}]
    chatbots: [{name: bot, access_token: quiet-token}]
  - name: own
    message: {text: 'x{{ if match \"Fan\" .CommonLabels.alertname }}{{ index .Alerts 7 }}{{ end }}'}
    chatbots: [{name: own, access_token: own, mention: {from_label: call, allow: [zhangsan]}}]
";

/// The lines that Campana writes about the story.
fn lines(format: &str) -> Vec<String> {
    let played = Command::new(std::env::current_exe().unwrap())
        .args(["logs::the_story", "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .env(STAGE, format)
        .output()
        .unwrap();
    let log = String::from_utf8(played.stderr).unwrap();
    assert!(played.status.success(), "{log}");
    log.lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "played by the tests of the log, in a process of its own"]
async fn the_story() {
    let format = match std::env::var(STAGE).ok().as_deref() {
        Some("json") => LogFormat::Json,
        Some(_) => LogFormat::Logfmt,
        None => panic!("run the tests of the log, not their story"),
    };
    telemetry::start(tracing::Level::INFO, format);
    let config = format!("delivery: {{max_age: 10m}}\n{ONE_CHATBOT}{MORE_CHATBOTS}");
    let mut app = TestApp::with(&config).await;
    for token in ["ops-token", "one", "two", "first", "second", "own"] {
        app.sim.add_robot(Robot::new(token).group("ops"));
    }
    for (name, call) in [("Fan-1", "zhangsan"), ("Fan-2", "canary, lisi"), ("Fan-3", "zhangsan")] {
        let body = group(name, [alert(name).label("call", call)]);
        app.post("/api/v1/receivers/own/alerts", body).await;
        app.settle().await;
    }
    app.notify(&firing("Disk")).await;
    app.notify(&firing("Disk")).await;
    app.sim.fail(Scope::Server, Fault::once(Trouble::Status(503)).times(5));
    app.notify(&firing("Load")).await;
    app.pass(Duration::from_mins(8), Duration::from_secs(1)).await;
    app.sim.fail(Scope::Server, Fault::once(Trouble::Reset).times(2));
    app.post("/api/v1/receivers/two/alerts", firing("Fan")).await;
    app.settle().await;
    app.pass(Duration::from_secs(5), Duration::from_secs(1)).await;
    let robot = |token: &str| Scope::Robot(token.to_owned());
    let gone = Trouble::Errcode(300_005, "token is not exist".into());
    app.sim.fail(robot("first"), Fault::once(gone.clone()).lasting());
    // So that the first one is tried in any case.
    app.sim.fail(robot("second"), Trouble::Errcode(660_026, "too many".into()));
    app.post("/api/v1/receivers/many/alerts", firing("Cpu")).await;
    app.settle().await;
    app.pass(Duration::from_mins(1), Duration::from_secs(10)).await;
    app.sim.fail(robot("one"), gone.clone());
    for name in ["Gone", "Waiting"] {
        app.post("/api/v1/receivers/two/alerts", firing(name)).await;
        app.settle().await;
    }
    // A start probes what is dead at once.
    app.restart().await;
    app.settle().await;
    app.sim.fail(Scope::Server, gone);
    app.notify(&firing("Memory\nmsg=forged level=error")).await;
    app.notify(&firing("Behind")).await;
    app.post("/api/v1/receivers/quiet/alerts", firing("Late")).await;
    app.post("/api/v1/alerts", "{").await;
    app.post("/prometheusalert?type=dd&ddurl=https://h/send?access_token=canary", "{}").await;
    app.post("/api/v1/conditions/test?x=canary", "{}").await;
    let mut picky = config.replace("- name: ops\n", "- name: ops\n    conditions: ['x=\"y\"']\n");
    for name in ["two", "many", "quiet", "own"] {
        picky = picky
            .replace(&format!("name: {name}\n"), &format!("name: {name}\n    enabled: false\n"));
    }
    app.reload(&picky).await;
    app.post("/api/v1/alerts", firing("Unwanted")).await;
    app.reload("receivers: [{nmae: ops}]").await;
    app.reload(&config.replace("name: ops-group", "name: renamed")).await;
    let before = [["delivered"; 3].as_slice(), &["dead"], &["delivered"; 8]].concat();
    app.pass_until_states(&[["dead"; 2].as_slice(), &before].concat()).await;
    app.end().await;
}

#[test]
fn each_notification_and_each_settled_delivery_has_one_line() {
    let lines = lines("logfmt");
    let with = |text: &str| lines.iter().filter(|line| line.contains(text)).count();
    for (text, count) in [
        ("msg=\"notification accepted\"", 14),
        ("level=warn msg=\"no receiver wants any alert of this notification, so nobody is told", 1),
        ("status=firing alerts=1 deliveries=0 inactive=quiet duration_ms=", 1),
        ("duplicate_of=", 1),
        ("receiver.name=ops group.key=", 5),
        ("level=info msg=delivered delivery.id=4 receiver.name=ops destination.name=ops-group", 1),
        ("msg=delivered", 11),
        (
            "level=warn msg=\"alerts name people who are not mentioned, because mention.allow lacks the names \
             (label `call`: 2)\" notification.id=",
            1,
        ),
        (" receiver.name=own names=2", 1),
        (
            "level=warn msg=\"the built-in message stands in for the one asked for: template: message",
            1,
        ),
        ("error calling index\" receiver.name=own messages=1", 1),
        ("level=warn msg=\"will be attempted again: DingTalk answered HTTP 503", 5),
        ("level=warn msg=\"its robot or app failed 5 times in a row; what is due waits", 1),
        ("level=info msg=\"its robot or app takes messages again\"", 1),
        (" failed 2 times in a row for several robots or apps; what is due there waits", 1),
        (" answers again, after 2 failures in a row\"", 1),
        ("level=error msg=\"dead letter: DingTalk said 300005", 2),
        ("level=warn msg=\"its destination is dead: what else is queued for it waits, and one", 2),
        (" and then each hour; a restart or a replay probes at once, and other credentials", 2),
        ("level=info msg=\"its robot or app is dead no more: what waited for it goes out", 1),
        ("level=error msg=\"robot 1/2 of its pool is dead, another one sends it: ", 1),
        ("receiver.name=many destination.name=pool robot.number=1/2", 1),
        ("level=warn msg=\"notification refused: the body is not JSON", 1),
        ("path=/api/v1/alerts peer=127.0.0.1 status=400", 1),
        (
            "level=warn msg=\"request refused: there is no path \\\"/prometheusalert\\\": it is Prom",
            1,
        ),
        ("path=/prometheusalert peer=127.0.0.1 status=404", 1),
        ("level=info msg=\"request refused: give either", 1),
        ("path=/api/v1/conditions/test peer=127.0.0.1 status=400", 1),
        ("level=error msg=\"configuration not reloaded, the old one stays in force: test.yml:", 1),
        ("level=info msg=\"configuration reloaded\"", 2),
        ("msg=\"deliveries wait for a destination that is no longer configured", 1),
        ("level=error msg=\"dead letters: they waited too long for their destination\"", 1),
    ] {
        assert_eq!(with(text), count, "{text}\n{}", lines.join("\n"));
    }
    for line in &lines {
        assert!(line.starts_with("ts=2") && line.contains(" level="), "{line}");
        assert!(!line.contains("forged level=error\n"), "{line}");
        assert!(!line.contains("canary"), "{line}");
    }
}

#[test]
fn the_same_lines_are_json_where_that_is_asked_for() {
    let lines = lines("json");
    let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let delivered = lines.iter().find(|line| line["message"] == "delivered").unwrap();
    assert_eq!((&delivered["level"], &delivered["receiver.name"]), (&"INFO".into(), &"own".into()));
    let accepted: Vec<_> =
        lines.iter().filter(|line| line["message"] == "notification accepted").collect();
    assert_eq!(accepted.len(), 14);
    assert_eq!(accepted[3]["group.key"], "{}:{alertname=\"Disk\"}");
    assert_eq!(accepted[3].get("duplicate_of"), None);
}
