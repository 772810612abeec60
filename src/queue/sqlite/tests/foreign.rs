//! Another program, such as `sqlite3`, that has the database open in a transaction; and its own database.

use super::super::check::{CheckError, backup, check};
use super::super::salvage::salvage;
use super::*;
use crate::queue::{Allowed, State};

async fn stored(options: &Options) -> (TempDir, PathBuf, SqliteStore) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("campana.db");
    let store = SqliteStore::open(&path, &clock(), options).expect("it opens");
    store.declare(vec![lane()], clock().now()).await.expect("it is declared");
    (folder, path, store)
}

#[tokio::test]
async fn while_another_program_writes_new_work_is_refused_and_the_rest_waits() {
    let (_folder, path, store) = stored(&Options::default()).await;
    store.accept(one("before"), clock().now()).await.expect("it is stored");
    let other = Connection::open(&path).expect("it opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("it begins");
    let waker = &mut std::task::Context::from_waker(std::task::Waker::noop());
    let mut started = store.start(LANE, Allowed::All, clock().now());
    assert!(started.as_mut().poll(waker).is_pending());
    // It has a transaction of its own, which fails too, and can wait for another day.
    let mut cleaned = store.retain(Duration::ZERO, Duration::ZERO, clock().now());
    assert!(cleaned.as_mut().poll(waker).is_pending());
    for group in ["g", "h"] {
        let refused = store.accept(one(group), clock().now()).await;
        let Err(QueueError::Busy(words)) = refused else { panic!("{refused:?}") };
        assert!(words.contains("sqlite3") && words.contains("end it"), "{words}");
    }
    assert!(matches!(store.health().borrow().refusal, Some(QueueError::Busy(_))));
    assert!(started.as_mut().poll(waker).is_pending(), "it still waits");
    other.execute_batch("ROLLBACK").expect("it ends");
    assert!(matches!(cleaned.await, Err(QueueError::Busy(_))));
    let Ok(NextAttempt::Attempt(lease)) = started.await else { panic!("it went on") };
    store.finish(lease, arrived(), clock().now()).await.expect("it is recorded");
    store.accept(one("after"), clock().now()).await.expect("it is stored");
    let stats = store.stats(clock().now()).await.expect("it answers");
    assert_eq!((stats.queued, stats.settled[&State::Delivered]), (1, 1));
    store.health().wait_for(|health| health.refusal.is_none()).await.expect("it is told");
}

/// Nothing else is asked of the store, which is how a server looks that is taken out of service.
#[tokio::test]
async fn who_asks_is_told_when_the_other_program_has_let_go() {
    let (_folder, path, store) = stored(&Options::default()).await;
    let other = Connection::open(&path).expect("it opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("it begins");
    store.accept(one("g"), clock().now()).await.expect_err("it is held");
    store.health().wait_for(|health| health.refusal.is_some()).await.expect("it is told");
    other.execute_batch("ROLLBACK").expect("it ends");
    store.health().wait_for(|health| health.refusal.is_none()).await.expect("it is told");
}

#[tokio::test]
async fn a_start_while_another_program_writes_is_refused_in_words() {
    let (_folder, path, store) = stored(&Options::default()).await;
    drop(store);
    let other = Connection::open(&path).expect("it opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("it begins");
    let words = open_at(&path).expect_err("it is held").to_string();
    assert!(words.contains("sqlite3") && words.contains("end it"), "{words}");
}

#[tokio::test]
async fn a_reader_that_stays_does_not_make_the_log_grow_without_end() {
    let options = Options { log_limit_bytes: 16 << 20, ..Options::default() };
    let (_folder, path, store) = stored(&options).await;
    let log = || fs::metadata(open::beside(&path, "-wal")).expect("it is there").len();
    let post = |n: u32| {
        let mut accept = one(&format!("g{n}"));
        // Words that do not pack.
        let words: Vec<_> =
            (0..50_000_u32).map(|i| format!("{:x}", i.wrapping_mul(n * 2 + 1))).collect();
        Arc::make_mut(&mut accept.shares[0].messages[0]).parts = vec![message(&words.concat())];
        store.accept(accept, clock().now())
    };
    post(0).await.expect("it is stored");
    let other = Connection::open(&path).expect("it opens");
    other.execute_batch("BEGIN; SELECT count(*) FROM delivery").expect("it reads");
    let mut stored = 1;
    let refused = loop {
        match post(stored).await {
            Ok(_) if stored < 1_000 => stored += 1,
            other => break other,
        }
    };
    let Err(QueueError::Busy(words)) = refused else { panic!("{stored}: {refused:?}") };
    assert!(words.contains("reading") && words.contains("end it"), "{words}");
    let health = store.health().borrow().clone();
    assert!(health.log_bytes > 8 << 20 && health.refusal.is_some(), "{health:?}");
    // What is queued goes on.
    let Ok(NextAttempt::Attempt(lease)) = store.start(LANE, Allowed::All, clock().now()).await
    else {
        panic!("there is work")
    };
    store.finish(lease, arrived(), clock().now()).await.expect("it is recorded");
    assert!(log() > 16 << 20 && log() < 24 << 20, "{} bytes", log());
    other.execute_batch("COMMIT").expect("it ends");
    store.health().wait_for(|health| health.refusal.is_none()).await.expect("it is told");
    post(stored + 1).await.expect("it is stored");
    assert!(log() <= 16 << 20, "{} bytes", log());
}

#[test]
fn an_empty_file_and_another_programs_are_neither_checked_nor_copied() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, copy) = (folder.path().join("other.db"), folder.path().join("copy.db"));
    for tables in ["", "CREATE TABLE note (text)"] {
        Connection::open(&file).and_then(|other| other.execute_batch(tables)).expect("it is made");
        let refused =
            [check(&file).map(drop), backup(&file, &copy), salvage(&file, &copy).map(drop)];
        for error in refused.map(|result| result.expect_err("it is not ours")) {
            assert!(matches!(error, CheckError::NotOurs { .. }), "{tables}: {error}");
        }
        assert!(!copy.exists(), "no copy is left");
    }
}
