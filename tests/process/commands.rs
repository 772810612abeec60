//! The commands: what they print, what they leave behind, and their exit status.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use dingtalk_sim::{Dislike, Objection, Presence, Scope, Trouble};
use serde_json::{Value, json};
use test_support::{PATIENCE, Process, Server, Site, run, until};

use crate::mark;

/// Runs a command against the server; its status and what it printed.
async fn ask(site: &Site, server: &Server, arguments: &[&str]) -> (i32, String) {
    let url = ["--url", &*server.url];
    let (status, text) = site.run(arguments.iter().copied().chain(url)).await;
    (status.code().unwrap(), text)
}

/// Runs a command on the database.
async fn ask_offline(site: &Site, arguments: &[&str]) -> (i32, String) {
    let offline = ["--offline", "--config.file", "campana.yml"];
    let (status, text) = site.run(arguments.iter().copied().chain(offline)).await;
    (status.code().unwrap(), text)
}

/// A site with one dead letter (id 1), whose content DingTalk did not like.
async fn with_dead_letter() -> (Site, Server) {
    let site = Site::with_receivers(1).await;
    let dislike = Objection { containing: "Mark".to_owned(), dislike: Dislike::Text };
    site.sim.change_robot("t0", |robot| robot.objections.push(dislike));
    let server = site.start().await;
    server.post_mark(mark(0)).await.unwrap();
    server.drained().await;
    site.sim.change_robot("t0", |robot| robot.objections.clear());
    (site, server)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_ends_well_and_shows_its_messages() {
    let site = Site::with_receivers(0).await;
    let mut demo: Process = site.launch(&mut site.command(["demo", "--once"]));
    let status = demo.ended(PATIENCE).await;
    let text = demo.log();
    assert_eq!(status.code(), Some(0), "{text}");
    assert!(text.contains("→ 200") && text.contains("refused first"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_speaks_chinese_if_it_is_asked_to() {
    let site = Site::with_receivers(0).await;
    let mut demo: Process =
        site.launch(&mut site.command(["demo", "--once", "--language", "zh-CN"]));
    let status = demo.ended(PATIENCE).await;
    let text = demo.log();
    assert_eq!(status.code(), Some(0), "{text}");
    assert!(text.contains("[告警:1]") && text.contains("开始时间："), "{text}");
    assert!(!text.contains("[FIRING:"), "{text}");
    let (status, text) = site.run(["demo", "--language", "zh"]).await;
    assert_eq!(status.code(), Some(2), "{text}");
    assert!(text.contains("expected one of en, zh-CN"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_health_check_tells_whether_notifications_are_taken() {
    let site = Site::with_receivers(1).await;
    let server = site.start().await;
    let (status, text) = ask(&site, &server, &["healthcheck"]).await;
    assert_eq!((status, text.trim()), (0, "Campana is ready."));
    let url = server.url.clone();
    // As in a container that is configured by its environment.
    let mut command = site.command(["healthcheck"]);
    command.env("CAMPANA__WEB__LISTEN_ADDRESS", url.trim_start_matches("http://"));
    let (status, text) = run(&mut command, site.path()).await;
    assert!(status.success(), "{text}");
    server.process.kill();
    let (status, text) = site.run(["healthcheck", "--url", &url]).await;
    assert_eq!(status.code(), Some(1));
    assert!(text.contains("is the server running there?"), "{text}");
    assert!(!text.contains("--offline"), "it has no such flag: {text}");
    for command in [&["queue", "list"][..], &["queue", "show", "1"], &["queue", "replay", "1"]] {
        let (_, text) = site.run([command, &["--url", &url]].concat()).await;
        for way in ["--url or --config.file names another", "--offline opens the database"] {
            assert!(text.contains(way), "{command:?}: {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn check_config_fails_on_errors_and_not_on_warnings() {
    let site = Site::with_receivers(2).await;
    let check = async || {
        let (status, text) = site.run(["check-config", "campana.yml"]).await;
        (status.code().unwrap(), text)
    };
    let (status, text) = check().await;
    assert_eq!((status, text.contains("receivers: 2, destinations: 2")), (0, true), "{text}");
    site.configure(
        "receivers: [{name: a, chatbots: [{name: x, access_token: t}, {name: y, access_token: t}]}]",
    );
    let (status, text) = check().await;
    assert_eq!((status, text.contains("warning: ")), (0, true), "{text}");
    site.configure("receivers: [{name: a, colour: red}]");
    let (status, text) = check().await;
    let key = ": receivers[0].colour: unknown key";
    let is_told = text.contains("campana.yml:4:") && text.contains(key);
    assert_eq!((status, is_told), (1, true), "{text}");
    let (status, text) = site.run(["check-config", "nowhere.yml"]).await;
    assert_eq!((status.code(), text.contains("nowhere.yml")), (Some(1), true), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn check_config_takes_the_file_with_and_without_the_flag() {
    let site = Site::with_receivers(1).await;
    fs::copy(site.config_file(), site.path().join("other.yml")).unwrap();
    for (arguments, expected) in [
        (&[][..], "campana.yml: valid"),
        (&["other.yml"][..], "other.yml: valid"),
        (&["--config.file=other.yml"][..], "other.yml: valid"),
        (&["--config.file", "other.yml"][..], "other.yml: valid"),
    ] {
        let (status, text) = site.run([&["check-config"][..], arguments].concat()).await;
        assert!(status.success() && text.contains(expected), "{arguments:?}: {text}");
    }
    let (status, text) = site.run(["check-config", "--config.file=a.yml", "b.yml"]).await;
    assert_eq!((status.code(), text.contains("cannot be used with")), (Some(2), true), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn check_config_reads_a_pipe() {
    let site = Site::with_receivers(2).await;
    let script = "cat campana.yml | \"$0\" check-config /dev/stdin";
    let mut command = Command::new("sh");
    command.current_dir(site.path()).args(["-c", script]).arg(&site.binary);
    let (status, text) = run(&mut command, site.path()).await;
    assert_eq!((status.code(), text.contains("receivers: 2")), (Some(0), true), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_and_active_times_can_be_tried_for_any_time() {
    let site = Site::with_receivers(0).await;
    site.configure(
        "receivers: [{name: ops, conditions: ['severity=\"critical\"'], active_times: [{weekdays: \
         ['monday:friday'], times: [{start_time: '09:00', end_time: '18:00'}], location: \
         Asia/Shanghai}], chatbots: [{name: b, access_token: t}]}]",
    );
    let ask = async |at: &str| {
        let command = ["conditions", "test", "--config.file=campana.yml", "--at", at];
        let (status, text) = site.run([&command[..], &["severity=critical"]].concat()).await;
        (status.code(), text)
    };
    let (status, text) = ask("2026-11-20T19:12:00Z").await;
    let expected = "receiver ops, alert {severity=\"critical\"}\nkept\n  held      \
                    severity=\"critical\": severity is \"critical\"\ninactive: outside active_times: \
                    Mon-Fri 09:00-18:00 Asia/Shanghai; it is Saturday 2026-11-21 03:12 there\n";
    assert_eq!((status, &*text), (Some(0), expected));
    let (status, text) = ask("2026-11-23T09:00:00+08:00").await;
    assert!(text.contains("\nactive: within active_times: Mon-Fri") && status == Some(0), "{text}");
    let (status, text) = ask("2026-11-23T09:00:00").await;
    assert!(text.contains("write date, time and offset, as 2026-11-21T09:00:00+08:00"), "{text}");
    assert_eq!(status, Some(2));
    let command = ["conditions", "test", "--config.file=campana.yml", "severity=critical"];
    let (status, text) = site.run(command).await;
    assert!(status.success() && text.contains("active_times: Mon-Fri"), "without a time: {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_test_message_arrives_or_the_command_fails_with_dingtalks_words() {
    let site = Site::with_receivers(1).await;
    let server = site.start().await;
    let (status, text) = ask(&site, &server, &["test", "r0"]).await;
    assert_eq!((status, text.trim()), (0, "bot (chatbot): arrived"));
    assert_eq!(site.sim.posts_in("g0").len(), 1);
    site.sim.change_robot("t0", |robot| robot.presence = Presence::Stopped);
    let (status, text) = ask(&site, &server, &["test", "r0"]).await;
    assert_eq!((status, text.contains("did not arrive: ")), (1, true), "{text}");
    let (status, text) = ask(&site, &server, &["test", "r9"]).await;
    assert_eq!((status, text.contains("did you mean \"r0\"?")), (1, true), "{text}");
    let calls = site.sim.calls().len();
    let (status, text) = ask(&site, &server, &["test", "r9/../r0"]).await;
    assert_eq!((status, text.contains("there is no receiver \"r9/../r0\"")), (1, true), "{text}");
    assert_eq!(site.sim.calls().len(), calls, "nothing is sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_error_repeats_the_password_of_a_url() {
    let site = Site::with_receivers(0).await;
    for (url, words) in [
        ("http://u:canary@127.0.0.1:1", "no answer from http://127.0.0.1:1; "),
        ("http://u:canary@127.0.0.1:port", "http://127.0.0.1:port is no URL"),
        ("u:canary@127.0.0.1", "no answer from 127.0.0.1; "),
    ] {
        let (status, text) = site.run(["queue", "list", "--url", url]).await;
        assert_eq!((status.code(), text.contains(words)), (Some(1), true), "{text}");
        assert!(!text.contains("canary"), "{text}");
    }
    for (url, words) in [
        ("postgres://u:canary@h/d", "PostgreSQL is not in this version; use `sqlite:PATH`"),
        ("mysql://u:canary@h/d", "expected `sqlite:PATH`, the path of a file"),
    ] {
        let offline = ["queue", "list", "--offline", "--storage.url", url];
        for command in [&offline[..], &["queue", "check", "--storage.url", url]] {
            let (status, text) = site.run(command.iter().copied()).await;
            let expected = format!("campana: --storage.url: {words}\n");
            assert_eq!((status.code(), text), (Some(1), expected));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_listed_shown_replayed_and_discarded() {
    let (site, server) = with_dead_letter().await;
    let (status, text) = ask(&site, &server, &["queue", "list", "--state", "dead"]).await;
    assert_eq!((status, text.contains("r0/bot")), (0, true), "{text}");
    assert!(text.contains("430102") || text.contains("不合适"), "the reason: {text}");
    let (status, text) = ask(&site, &server, &["queue", "list", "--state", "queued"]).await;
    assert_eq!((status, text.trim()), (0, "no deliveries"));

    let (status, text) = ask(&site, &server, &["queue", "show", "1"]).await;
    let shown: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, &shown["state"]), (0, &"dead".into()));
    let (status, text) = ask(&site, &server, &["queue", "replay", "1"]).await;
    assert_eq!((status, text.contains("\"replay_of\": \"1\"")), (0, true), "{text}");
    server.drained().await;
    assert_eq!(site.sim.posts_in("g0").len(), 1);

    let (status, text) = ask(&site, &server, &["queue", "discard", "1"]).await;
    assert_eq!((status, text.contains("discarded")), (0, true), "{text}");
    let (status, text) = ask(&site, &server, &["queue", "show", "77"]).await;
    assert_eq!((status, text.contains("77")), (1, true), "{text}");
    server.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_sender_wrote_does_not_command_the_terminal() {
    let site = Site::with_receivers(1).await;
    let server = site.start().await;
    let odd = "g\u{9b}31m\u{202e}\u{1b}c\n     2  dead";
    let body = json!({"groupKey": odd, "alerts": [{"labels": {"alertname": odd}}]});
    assert_eq!(server.notify("r0", &body).await.unwrap().status, 200);
    server.drained().await;
    let (_, list) = ask(&site, &server, &["queue", "list"]).await;
    let (_, shown) = ask(&site, &server, &["queue", "show", "1"]).await;
    assert_eq!(serde_json::from_str::<Value>(&shown).unwrap()["group"], odd);
    assert_eq!(list.lines().count(), 1, "{list}");
    for text in [list, shown] {
        let obeyed = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!text.contains(obeyed), "{text:?}");
    }
}

/// One receiver with this text, whose robot is that of the site's first group.
fn with_text(text: &str) -> String {
    format!(
        "receivers:\n  - {{name: r0, message: {{text: '{text}'}}, \
         chatbots: [{{name: bot, access_token: t0}}]}}\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_rendered_again_or_the_command_says_why_not() {
    let (site, server) = with_dead_letter().await;
    let reload = async |config: &str| {
        site.configure(config);
        assert_eq!(server.post("/-/reload", "").await.unwrap().status, 200);
    };
    let again = ["queue", "replay", "1", "--render"];
    reload(&with_text("new words")).await;
    let (status, text) = ask(&site, &server, &again).await;
    assert_eq!((status, text.contains("\"rendered\": true")), (0, true), "{text}");
    assert!(!text.contains("warning"), "{text}");
    server.drained().await;
    assert_eq!(site.sim.posts_in("g0")[0].text, "new words");
    // It fails for a mark, and for no other alert.
    let text = "x{{ if match \"^Mark\" .CommonLabels.alertname }}{{ index .Alerts 7 }}{{ end }}";
    reload(&with_text(text)).await;
    let (status, text) = ask(&site, &server, &again).await;
    let warning = "warning: the template failed, so delivery 3 is the built-in message: ";
    assert_eq!((status, text.contains(warning)), (0, true), "{text}");
    reload(&with_text("x").replace("r0", "r1")).await;
    let (status, text) = ask(&site, &server, &again).await;
    assert_eq!((status, text.contains("campana: delivery 1 cannot be")), (1, true), "{text}");
    server.drained().await;
    server.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_rendered_again_while_no_server_runs_by_the_configuration_alone() {
    let (site, server) = with_dead_letter().await;
    server.process.kill();
    let again = ["queue", "replay", "1", "--render"];
    let database = ["--offline", "--storage.url", "sqlite:data/campana.db"];
    let (status, text) = site.run([&again[..], &database[..]].concat()).await;
    assert_eq!(status.code(), Some(1), "{text}");
    assert!(text.contains("--render needs the receivers and their templates"), "{text}");

    site.configure(&with_text("x").replace("r0", "r1"));
    let (status, text) = ask_offline(&site, &again).await;
    assert_eq!((status, text.contains("campana: delivery 1 cannot be")), (1, true), "{text}");
    assert!(site.assert_sound().await.contains("queued 0"), "nothing was made");

    site.configure(&with_text("new words"));
    let (status, text) = ask_offline(&site, &again).await;
    assert_eq!((status, text.contains("\"rendered\": true")), (0, true), "{text}");
    let server = site.start().await;
    server.drained().await;
    assert_eq!(site.sim.posts_in("g0")[0].text, "new words");
    server.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_can_be_worked_on_while_no_server_runs_and_only_then() {
    let (site, server) = with_dead_letter().await;
    let (status, text) = ask_offline(&site, &["queue", "list"]).await;
    assert_eq!((status, text.contains("in use by another process")), (1, true), "{text}");
    server.process.kill();

    let typo = ["queue", "list", "--storage.url", "sqlite:data/campagna.db"];
    let (status, text) = ask_offline(&site, &typo).await;
    assert_eq!((status, text.contains("campagna.db")), (1, true), "{text}");
    assert!(!site.path().join("data/campagna.db").exists(), "a look makes no database");
    let (status, text) = ask_offline(&site, &["queue", "list"]).await;
    assert_eq!((status, text.contains("dead") && text.contains("r0/bot")), (0, true), "{text}");
    let (status, text) = ask_offline(&site, &["queue", "show", "1"]).await;
    assert_eq!((status, text.contains("\"state\": \"dead\"")), (0, true), "{text}");
    let (status, text) = ask_offline(&site, &["queue", "replay", "1"]).await;
    assert_eq!((status, text.contains("\"id\": \"2\"")), (0, true), "{text}");
    let (status, text) = ask_offline(&site, &["queue", "discard", "1"]).await;
    assert_eq!((status, text.contains("discarded")), (0, true), "{text}");
    assert!(site.assert_sound().await.contains("queued 1"));

    let server = site.start().await;
    server.drained().await;
    assert_eq!(site.sim.posts_in("g0").len(), 1, "what was replayed offline is sent");
    server.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_waits_says_until_when_with_a_server_and_without() {
    let site = Site::with_receivers(1).await;
    site.sim.fail(Scope::Server, Trouble::Punished { status: 200, wait: 300 });
    let server = site.start().await;
    server.post_mark(mark(0)).await.unwrap();
    let says_when = "; next attempt at 20";
    let listed = async || ask(&site, &server, &["queue", "list"]).await.1.contains(says_when);
    until("it waits and says so", listed).await;
    server.process.kill();
    for command in [&["queue", "list"][..], &["queue", "show", "1"]] {
        let (status, text) = ask_offline(&site, command).await;
        assert_eq!((status, text.contains(says_when)), (0, true), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sound_is_salvaged_to_a_new_database_that_can_be_served() {
    let site = Site::with_receivers(1).await;
    let server = site.start().await;
    server.post_mark(mark(0)).await.unwrap();
    server.drained().await;
    server.process.kill();
    let salvage = ["queue", "salvage", "new.db", "--config.file", "campana.yml"];
    let (status, text) = site.run(salvage).await;
    assert!(status.success() && text.contains("saved: 1 deliveries, 0 of them queued"), "{text}");
    let (status, text) = site.run(salvage).await;
    assert!(!status.success() && text.contains("new.db is there already"), "{text}");
    let server = site.started(&mut site.serve(["--storage.url", "sqlite:new.db"])).await;
    assert_eq!(server.states().await.into_values().collect::<Vec<_>>(), ["delivered"]);
    assert!((server.assert_accounts().await - 1.0).abs() < 0.5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_the_running_server_is_a_whole_database() {
    let site = Site::with_receivers(1).await;
    let server = site.start().await;
    server.post_mark(mark(0)).await.unwrap();
    server.drained().await;
    let backup = ["queue", "backup", "copy.db", "--config.file", "campana.yml"];
    let (status, text) = site.run(backup).await;
    assert_eq!(status.code(), Some(0), "{text}");
    let (status, text) = site.run(backup).await;
    assert_eq!((status.code(), text.contains("is there already")), (Some(1), true), "{text}");

    let (status, text) = site.run(["queue", "check", "--storage.url", "sqlite:copy.db"]).await;
    assert_eq!(status.code(), Some(0), "{text}");
    assert!(text.contains("sound: accepted 1 = settled 1 + queued 0"), "{text}");
    let mode = fs::metadata(site.path().join("copy.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "the copy holds the same texts");
    let failing = ["queue", "backup", "other.db", "--storage.url", "sqlite:nowhere.db"];
    let (status, text) = site.run(failing).await;
    assert_eq!((status.code(), text.contains("nowhere.db")), (Some(1), true), "{text}");
    assert!(!site.path().join("other.db").exists(), "nothing is left of it");
    let copy = site.started(&mut site.serve(["--storage.url", "sqlite:copy.db"])).await;
    until("taken", async || copy.post_mark(mark(1)).await.unwrap().status == 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_finds_totals_that_differ_from_the_rows() {
    let site = Site::with_receivers(1).await;
    let server = site.start().await;
    server.post_mark(mark(0)).await.unwrap();
    server.drained().await;
    server.process.kill();
    let database = rusqlite::Connection::open(site.database()).unwrap();
    database.execute("UPDATE total SET n = n + 1 WHERE kind = 'accepted'", []).unwrap();
    let (status, text) = site.run(["queue", "check", "--config.file", "campana.yml"]).await;
    assert_eq!((status.code(), text.contains("NOT SOUND")), (Some(1), true), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_there_is_named_whole_with_the_way_to_it() {
    let site = Site::with_receivers(0).await;
    let folder = site.path().canonicalize().unwrap();
    let words = format!(
        "campana: no such file: {}/nowhere.db; storage.url is relative to the working directory: \
         run it there, or give --storage.url=sqlite:/…\n",
        folder.display()
    );
    let url = ["--storage.url", "sqlite:nowhere.db"];
    for command in [
        &["queue", "check"][..],
        &["queue", "backup", "to.db"],
        &["queue", "salvage", "to.db"],
        &["queue", "list", "--offline"],
    ] {
        let (status, text) = site.run([command, &url].concat()).await;
        assert_eq!((status.code(), text.as_str()), (Some(1), words.as_str()), "{command:?}");
        assert!(!site.path().join("to.db").exists() && !site.path().join("nowhere.db").exists());
    }
}
