//! A new configuration while it runs, or the old one and why; and what the status pages show.

use std::time::Duration;

use dingtalk_sim::{Fault, Gate, Robot, Scope, Sender, Trouble};
use rusqlite::Connection;
use serde_json::json;
use test_support::alerts::{alert, firing, group};
use test_support::{ONE_CHATBOT, ONE_QUEUEING_CHATBOT, TestApp, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_receiver_works_after_a_reload() {
    let app = TestApp::start().await;
    app.sim.add_robot(Robot::new("db-token").group("db"));
    let both =
        format!("{ONE_CHATBOT}  - {{name: db, chatbots: [{{name: d, access_token: db-token}}]}}\n");
    let answer = app.reload(&both).await;
    assert_eq!(answer.json(), json!({"reloaded": true, "restart_needed": []}));
    assert_eq!(app.post("/dingtalk/db/send", firing("Disk")).await.status, 200);
    app.settle().await;
    assert_eq!(app.sim.posts_in("db").len(), 1);
    assert_eq!(app.post("/dingtalk/ops/send", firing("Disk")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_keeps_the_old_configuration_and_names_every_mistake() {
    let app = TestApp::start().await;
    let bad = "
receivers:
  - name: ops
    chatbot: [{name: a, access_token: planted-token}]
  - {name: db, enabled: perhaps, chatbots: [{name: d, access_token: planted-token}]}";
    let answer = app.reload(bad).await;
    assert_eq!(answer.status, 500);
    assert_eq!(answer.json()["reloaded"], false);
    let words = answer.error();
    assert!(words.contains("test.yml:6:5: ") && words.contains("did you mean"), "{words}");
    assert!(words.contains("test.yml:7:25: ") && words.contains("enabled"), "{words}");
    assert!(!words.contains("planted"), "{words}");
    assert!(app.metric("campana_config_last_reload_successful").await.abs() < 0.1);
    let failed = "campana_config_reloads_total{outcome=\"failed\"}";
    assert!((app.metric(failed).await - 1.0).abs() < 0.1);
    assert_eq!(app.notify(&firing("Disk")).await.ids().len(), 1);
    assert_eq!(app.states().await, ["delivered"]);
    assert_eq!(app.reload(ONE_CHATBOT).await.status, 200);
    assert!((app.metric("campana_config_last_reload_successful").await - 1.0).abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_a_restart_is_named_and_stays_as_it_was() {
    let app = TestApp::start().await;
    let changed = format!(
        "web: {{max_body_bytes: 10KiB, route_prefix: /x}}\ndelivery: {{attempt_timeout: 2s}}\n{ONE_CHATBOT}"
    );
    let answer = app.reload(&changed).await;
    let needed = json!(["web.route_prefix", "web.max_body_bytes", "delivery.attempt_timeout"]);
    assert_eq!(answer.json()["restart_needed"], needed);
    let yaml = app.get("/api/v1/status/config").await.json()["data"]["yaml"].to_string();
    assert!(yaml.contains("attempt_timeout: 10s"), "what is in force is shown: {yaml}");
    app.sim.fail(Scope::Server, Trouble::Hang);
    let id = app.accept(&firing("Disk")).await.ids().remove(0);
    app.called(1).await;
    app.clock.advance(Duration::from_secs(8));
    app.sim.heal();
    assert_eq!(app.state(&id).await, "queued");
    assert_eq!(app.sim.calls().len(), 1, "no second attempt while the first is under way");
    app.advance(Duration::from_secs(2)).await;
    app.advance(Duration::from_secs(2)).await;
    assert_eq!(app.state(&id).await, "delivered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_keeps_the_budget_and_the_queue_of_a_lane() {
    let app = TestApp::queueing().await;
    for index in 0..25 {
        app.notify(&firing(&format!("Disk{index}"))).await;
    }
    app.reload(&ONE_QUEUEING_CHATBOT.replace("ops-token", "ops-token, keywords: [alert]")).await;
    app.settle().await;
    assert_eq!(app.sim.posts().len(), 20);
    app.advance(Duration::from_mins(1)).await;
    assert_eq!(app.sim.posts().len(), 25);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_pages_tell_what_runs_without_secrets() {
    let app = TestApp::start().await;
    let config = app.get("/api/v1/status/config").await.json();
    assert_eq!(config["status"], "success");
    let yaml = config["data"]["yaml"].as_str().unwrap();
    assert!(yaml.contains("access_token=<secret>") && yaml.contains("name: ops-group"), "{yaml}");
    assert!(!yaml.contains("ops-token"), "{yaml}");
    let build = app.get("/api/v1/status/buildinfo").await.json();
    assert_eq!(build["data"]["version"], env!("CARGO_PKG_VERSION"));
    let flags = app.get("/api/v1/status/flags").await.json();
    assert_eq!(flags["data"]["config.file"], "test.yml");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_reloads_as_the_path_does() {
    let app = TestApp::start().await;
    app.configure("receivers: []");
    assert!(app.running().reloader().reload().await.unwrap_err().contains("at least one receiver"));
    app.configure(&ONE_CHATBOT.replace("name: ops\n", "name: renamed\n"));
    let in_force = app.running().reloader().reload().await.unwrap();
    assert_eq!((in_force.restart_needed, in_force.warnings), (Vec::new(), Vec::new()));
    assert_eq!(app.post("/dingtalk/ops/send", firing("Disk")).await.status, 404);
    assert_eq!(app.post("/dingtalk/renamed/send", firing("Disk")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_ended_lane_leaves_behind_is_sent_by_its_successor_at_once() {
    let app = TestApp::start().await;
    app.sim.add_robot(Robot::new("new-token").group("ops"));
    let gate = Gate::new();
    app.sim.fail(Scope::Robot("ops-token".into()), Trouble::Held(gate.clone()));
    for summary in ["first", "second"] {
        let body = group("DiskFull", [alert("DiskFull").summary(summary).label("n", summary)]);
        assert_eq!(app.accept(&body).await.ids().len(), 1);
    }
    gate.reached(1).await;
    app.reload(&ONE_CHATBOT.replace("ops-token", "new-token")).await;
    gate.open();
    app.settle().await;
    assert_eq!(app.states().await, ["delivered", "delivered"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_may_be_written_in_chinese() {
    let app = TestApp::with(&ONE_CHATBOT.replace("name: ops\n", "name: 运维\n")).await;
    app.sim.add_robot(Robot::new("ops-token").group("ops"));
    let answer = app.post("/api/v1/receivers/运维/alerts", firing("DiskFull")).await;
    assert_eq!(answer.ids().len(), 1);
    app.settle().await;
    assert_eq!(app.states().await, ["delivered"]);
    let listed = app.get("/api/v1/deliveries?receiver=运维").await.json();
    assert_eq!(listed["deliveries"][0]["receiver"], "运维");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_does_not_answer_ends_the_reload_and_not_the_server() {
    let app = TestApp::start().await;
    let held = app.hold_configuration();
    let limit = Duration::from_secs(10);
    let (answer, ()) = tokio::join!(app.call("POST", "/-/reload"), async {
        app.sleeping_for(limit).await;
        app.clock.advance(limit);
    });
    assert_eq!(answer.status, 500);
    assert!(answer.error().contains("did not answer within 10 s"), "{}", answer.text);
    let again = app.call("POST", "/-/reload").await;
    assert!(again.error().contains("an earlier reload still waits"), "{}", again.text);
    assert_eq!(app.notify(&firing("Disk")).await.ids().len(), 1);
    drop(held);
    let reloaded = async || app.call("POST", "/-/reload").await.status == 200;
    until("the file answers again", reloaded).await;
}

/// Whether another program keeps the storage from writing.
async fn is_held_up(app: &TestApp) -> bool {
    app.metric("campana_storage_refusing{reason=\"busy\"}").await > 0.5
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_that_nobody_waits_for_any_more_is_done_to_its_end() {
    let app = TestApp::start().await;
    app.sim.add_robot(Robot::new("new-token").group("ops"));
    app.settle().await;
    let other = Connection::open(app.folder.path().join("campana.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    app.configure(&ONE_CHATBOT.replace("ops-token", "new-token"));
    let reloader = app.running().reloader();
    let given_up = async {
        tokio::select! {
            result = reloader.reload() => panic!("the storage is held up: {result:?}"),
            () = until("the lanes wait to be declared", async || is_held_up(&app).await) => {}
        }
    };
    given_up.await;
    other.execute_batch("ROLLBACK").unwrap();
    let reloads = async || app.scrape().await.sum("campana_config_reloads_total");
    until("the configuration is in force", async || reloads().await > 0.5).await;
    app.notify(&firing("Disk")).await;
    assert_eq!(app.states().await, ["delivered"], "the lane is the one that was declared");
    assert_eq!(app.sim.posts()[0].sender, Sender::Robot("new-token".to_owned()));
    assert_eq!(app.reload(ONE_CHATBOT).await.status, 200, "the next one has its turn");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_destination_that_is_configured_no_more_says_until_when() {
    let both = "
delivery: {max_age: 2h}
receivers:
  - {name: ops, chatbots: [{name: a, access_token: ta}, {name: b, access_token: tb}]}";
    let app = TestApp::with(both).await;
    app.sim.change_rules(|rules| rules.any_token = true);
    app.sim.fail(Scope::Robot("tb".to_owned()), Fault::once(Trouble::Status(503)).lasting());
    app.notify(&firing("Disk")).await;
    app.notify(&group("Disk", [alert("Disk").resolved()])).await;
    let one = both.replace(", {name: b, access_token: tb}", "");
    assert_eq!(app.reload(&one).await.status, 200);
    app.settle().await;
    let listed = app.get("/api/v1/deliveries?destination=b").await.json();
    let rows = listed["deliveries"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows {
        let reason = row["reason"].as_str().unwrap();
        let words = "no longer in the configuration; until 2026-11-20T21:12:00Z";
        assert!(reason.contains(words), "{row}");
    }
    let reason = app.delivery("2").await["reason"].to_string();
    assert!(reason.contains("its return under the same receiver and name"), "{reason}");
    assert_eq!(app.reload(both).await.status, 200);
    app.settle().await;
    let reason = app.delivery("2").await["reason"].to_string();
    assert!(!reason.contains("no longer in the configuration"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_stops_while_a_reload_waits_for_a_file() {
    let mut app = TestApp::start().await;
    let held = app.hold_configuration();
    let reloader = app.running().reloader();
    let reloading = async {
        tokio::select! {
            result = reloader.reload() => panic!("the file answered: {result:?}"),
            () = app.sleeping_for(Duration::from_secs(10)) => {}
        }
    };
    reloading.await;
    app.end().await;
    drop(held);
}
