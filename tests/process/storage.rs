//! A storage that is taken away or held up while the server runs, and what the server says then.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use rusqlite::Connection;
use rustix::process::Signal;
use test_support::{PATIENCE, Site, until};

use crate::mark;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_promised_on_a_database_that_is_gone_and_the_process_ends() {
    let site = Site::with_receivers(1).await;
    let mut server = site.start().await;
    assert_eq!(server.post_mark(mark(0)).await.unwrap().status, 200);
    server.drained().await;
    fs::rename(site.database(), site.path().join("elsewhere.db")).unwrap();
    // Whoever asks first is refused, and the process ends whether or not anybody asks again.
    if let Some(answer) = server.post_mark(mark(1)).await {
        assert_eq!(answer.status, 503, "{}", answer.text);
        assert!(answer.error().contains("is gone from its place"), "{}", answer.text);
    }
    let status = server.process.ended(PATIENCE).await;
    let log = server.process.log();
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(log.contains("campana.db is gone from its place"), "{log}");
    assert!(log.contains("start campana again"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_readiness_probe_alone_finds_that_the_database_is_gone() {
    let site = Site::with_receivers(1).await;
    let mut server = site.start().await;
    fs::remove_file(site.database()).unwrap();
    until("not ready", async || !server.is_ready().await).await;
    assert_eq!(server.process.ended(PATIENCE).await.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_database_is_refused_at_the_start() {
    let site = Site::with_receivers(1).await;
    site.start().await.process.kill();
    fs::write(site.database(), "").unwrap();
    let mut process = site.launch(&mut site.serve([]));
    assert_eq!(process.ended(PATIENCE).await.code(), Some(1));
    let log = process.log();
    assert!(log.contains("is empty, but it held a queue"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_gives_way_to_a_new_one_and_the_log_says_so() {
    let site = Site::with_receivers(1).await;
    let mut server = site.start().await;
    assert_eq!(server.post_mark(mark(0)).await.unwrap().status, 200);
    server.drained().await;
    server.process.signal(Signal::TERM);
    assert_eq!(server.process.ended(PATIENCE).await.code(), Some(0));
    ruin(&site.database(), "delivery_head");
    let (status, text) = site.run(["queue", "check", "--config.file", "campana.yml"]).await;
    assert_eq!(status.code(), Some(1), "{text}");
    assert!(text.contains("index delivery_head, page "), "{text}");
    let mut server = site.start().await;
    assert!(server.is_ready().await);
    assert_eq!(server.post_mark(mark(1)).await.unwrap().status, 200);
    server.drained().await;
    assert!((server.metric("campana_storage_mended_total").await - 1.0).abs() < 0.5);
    server.assert_accounts().await;
    let log = server.process.log();
    assert!(log.contains("a new database of what could be read took its place"), "{log}");
    assert!(log.contains("campana.db.damaged-1"), "{log}");
    server.process.signal(Signal::TERM);
    assert_eq!(server.process.ended(PATIENCE).await.code(), Some(0));
    site.assert_sound().await;
}

/// Writes over the first page of a table or an index of a closed database.
fn ruin(database: &Path, name: &str) {
    let connection = Connection::open(database).unwrap();
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
    let page: usize = connection.query_row(sql, [name], |row| row.get(0)).unwrap();
    connection.close().unwrap();
    let mut bytes = fs::read(database).unwrap();
    bytes[(page - 1) * 4096..page * 4096].fill(0xff);
    fs::write(database, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_is_refused_through_a_link_too() {
    let site = Site::with_receivers(1).await;
    let _server = site.start().await;
    let folder = site.path().join("links");
    fs::create_dir(&folder).unwrap();
    symlink(site.database(), folder.join("symbolic.db")).unwrap();
    fs::hard_link(site.database(), folder.join("hard.db")).unwrap();
    for url in ["sqlite:links/symbolic.db", "sqlite:links/hard.db"] {
        let mut process = site.launch(&mut site.serve(["--storage.url", url]));
        assert_eq!(process.ended(PATIENCE).await.code(), Some(1));
        let log = process.log();
        assert!(log.contains("in use by another process"), "{url}: {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_another_program_writes_it_answers_503_says_so_and_goes_on() {
    let site = Site::with_receivers(1).await;
    let mut server = site.start().await;
    let other = Connection::open(site.database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let answer = server.post_mark(mark(0)).await.unwrap();
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert!(answer.error().contains("another program, such as sqlite3"), "{}", answer.text);
    let ready = server.get("/-/ready").await;
    assert_eq!(ready.status, 503);
    assert!(
        ready.text.contains("takes no notifications: the storage is held up"),
        "{}",
        ready.text
    );
    let busy = server.scrape().await.series("campana_storage_refusing{reason=\"busy\"}");
    assert!((busy - 1.0).abs() < 0.5, "{busy}");
    other.execute_batch("ROLLBACK").unwrap();
    until("ready", async || server.is_ready().await).await;
    assert_eq!(server.post_mark(mark(0)).await.unwrap().status, 200);
    server.drained().await;
    assert!(server.process.log().contains("new notifications are taken again"));
    server.process.signal(Signal::TERM);
    assert_eq!(server.process.ended(PATIENCE).await.code(), Some(0), "{}", server.process.log());
}
