//! What it refuses to start on, in words that say what to do; and what it keeps from others.

use std::fs::{self, DirBuilder};
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use rusqlite::Connection;
use rustix::process::Signal;
use test_support::{PATIENCE, Process, Site, until};

use crate::mark;

/// Starts the server with these flags; its words, once it has refused.
async fn refusal<'a>(site: &Site, flags: impl IntoIterator<Item = &'a str>) -> String {
    let mut process = site.launch(&mut site.serve(flags));
    let status = process.ended(PATIENCE).await;
    assert_eq!(status.code(), Some(1), "{}", process.log());
    process.log()
}

#[track_caller]
fn assert_says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "{word:?} is not in: {text}");
    }
    assert!(!text.contains("panicked"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_on_the_same_database_is_refused() {
    let site = Site::with_receivers(1).await;
    let server = site.start().await;
    let words = refusal(&site, []).await;
    assert_says(&words, &["campana.db", "in use by another process", "stop that one"]);
    assert_eq!(words.matches("in use by").count(), 1, "said once: {words}");
    assert_eq!(server.post_mark(mark(0)).await.unwrap().status, 200, "the first one goes on");
    // The lock is the process's: nothing is left behind by one that was killed.
    server.process.kill();
    site.start().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_written_is_refused() {
    let site = Site::with_receivers(1).await;
    // Nobody, root included, can make a file there.
    for (url, words) in [
        ("sqlite:/proc/campana.db", ["/proc/campana.db", "cannot be written", "campana"]),
        ("sqlite:campana.yml/x/campana.db", ["campana.yml/x", "cannot be made", "storage.url"]),
    ] {
        assert_says(&refusal(&site, ["--storage.url", url]).await, &words);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_is_refused() {
    let site = Site::with_receivers(1).await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let words = refusal(&site, ["--web.listen-address", &address]).await;
    assert_says(&words, &[&address, "cannot listen", "web.listen_address"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_database_and_one_of_a_newer_version_are_refused() {
    let site = Site::with_receivers(1).await;
    site.start().await.process.kill();
    let database = Connection::open(site.database()).unwrap();
    database.pragma_update(None, "user_version", 9_999).unwrap();
    let words = refusal(&site, []).await;
    assert_says(&words, &["newer version", "9999", "start that version again"]);

    let foreign = site.path().join("foreign.db");
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE other (a)").unwrap();
    fs::write(site.path().join("text.db"), "no database at all, but text. ".repeat(100)).unwrap();
    for url in ["sqlite:foreign.db", "sqlite:text.db"] {
        let words = refusal(&site, ["--storage.url", url]).await;
        assert_says(&words, &["is not a database of campana", "storage.url"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_with_errors_is_refused_with_all_of_them() {
    let site = Site::with("receivers: [{name: a, colour: red}, {nam: b}]").await;
    let words = refusal(&site, []).await;
    assert_says(&words, &["campana.yml:4:", "colour", "nam"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn flags_of_other_products_are_answered_with_what_to_write() {
    let site = Site::with_receivers(0).await;
    let profile = "ops=https://oapi.dingtalk.com/robot/send?access_token=canary";
    let flags = ["--ding.profile", profile, "--template.file=a.tmpl", "--web.enable-ui"];
    for command in [&["serve"][..], &[]] {
        let (status, text) = site.run(command.iter().copied().chain(flags)).await;
        assert_eq!(status.code(), Some(2), "{text}");
        assert_says(&text, &["prometheus-webhook-dingtalk", "access_token: ${OPS_ACCESS_TOKEN}"]);
        assert_says(&text, &["--template.file", "templates: ['a.tmpl']", "--web.enable-ui"]);
        assert!(!text.contains("canary"), "{text}");
    }
    let (status, text) = site.run(["serve", "--colour"]).await;
    assert_eq!((status.code(), text.contains("unexpected argument")), (Some(2), true), "{text}");
    let (status, text) = site.run(["--config.file=campana.yml"]).await;
    assert_eq!(status.code(), Some(2), "{text}");
    assert_says(&text, &["campana serve --config.file"]);
    let (status, text) = site.run(["serve", "--help"]).await;
    assert_eq!((status.code(), text.contains("Usage")), (Some(0), true), "{text}");
}

/// A pipe that nobody writes to, in place of whatever is there.
fn make_pipe(path: &Path) {
    let _ = fs::remove_file(path);
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_is_refused_and_never_waited_for() {
    let words = ["it is a pipe or a device; name a regular file"];
    let site = Site::with(
        "receivers: [{name: r0, chatbots: [{name: bot, access_token: t, secret_file: key}]}]",
    )
    .await;
    let secret = site.path().join("key");
    make_pipe(&secret);
    assert_says(&refusal(&site, []).await, &words);
    fs::remove_file(&secret).unwrap();
    fs::write(&secret, "SECx").unwrap();
    let mut server = site.start().await;
    for path in [secret, site.config_file()] {
        make_pipe(&path);
        let answer = server.post("/-/reload", "").await.unwrap();
        assert_eq!(answer.status, 500);
        assert_says(&answer.error(), &words);
    }
    server.process.signal(Signal::TERM);
    assert_eq!(server.process.ended(PATIENCE).await.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_storage_is_for_its_owner_only() {
    let site = Site::with_receivers(1).await;
    let mut server = site.start().await;
    server.post_mark(mark(0)).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let folder = site.path().join("data");
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 4, "database, log, index and lock: {files:?}");
    for file in &files {
        assert_eq!(mode(file), 0o600, "{}", file.display());
    }
    server.process.signal(Signal::TERM);
    server.process.ended(PATIENCE).await;

    // A folder that is there already may be shared on purpose; the files are not.
    let open = site.path().join("open");
    DirBuilder::new().mode(0o755).create(&open).unwrap();
    let url = format!("sqlite:{}/campana.db", open.display());
    let _server = site.started(&mut site.serve(["--storage.url", &url])).await;
    assert_eq!((mode(&open), mode(&open.join("campana.db"))), (0o755, 0o600));
}

/// Any user but root, whose processes look alike whether or not they are dumpable.
const NOBODY: u32 = 65_534;

#[tokio::test(flavor = "multi_thread")]
async fn no_core_dump_can_hold_the_secrets() {
    let mut site = Site::with_receivers(1).await;
    if rustix::process::geteuid().is_root() {
        let binary = site.path().join("campana");
        fs::copy(&site.binary, &binary).unwrap();
        site.binary = binary;
        chown(site.path(), Some(NOBODY), None).unwrap();
    }
    let user = fs::metadata(site.path()).unwrap().uid();
    let owner =
        |process: &Process| fs::metadata(format!("/proc/{}/mem", process.id())).unwrap().uid();
    let server = site.started(site.serve([]).uid(user)).await;
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.process.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let values: Vec<_> = core.split_whitespace().skip(4).take(2).collect();
    assert_eq!(values, ["0", "0"], "{core}");
    // The system gives the files of a process that is not dumpable to root.
    assert_eq!(owner(&server.process), 0, "it is dumpable");
    let other = site.launch(Command::new("sleep").arg("60").uid(user));
    until("like any other process", async || owner(&other) == user).await;
}
