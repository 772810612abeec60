//! A disk that is full, and one that fails.

use std::io::Write as _;

use rusqlite::ffi;

use super::*;
use crate::queue::{Allowed, Filter, State};

/// Of which a quarter, some 100 pages, is in the database.
const RESERVE: u64 = 1_600_000;

struct FullDisk {
    folder: TempDir,
    store: SqliteStore,
}

async fn full_disk() -> FullDisk {
    let folder = tempfile::tempdir().expect("a folder");
    let options = Options { ballast_bytes: RESERVE, ..Options::default() };
    let path = folder.path().join("campana.db");
    let store = SqliteStore::open(&path, &clock(), &options).expect("it opens");
    store.declare(vec![lane()], clock().now()).await.expect("it is declared");
    FullDisk { folder, store }
}

impl FullDisk {
    async fn reserve(&self) -> bool {
        let there = self.store.read(clock().now(), |tx, _| {
            Ok(tx.query_row("SELECT count(*) FROM reserve", [], |row| row.get::<_, i64>(0))?)
        });
        there.await.expect("it answers") == 1
    }

    fn refusal(&self) -> Option<QueueError> {
        self.store.health().borrow().refusal.clone()
    }

    /// Lets the database grow by no more than `pages`; SQLite then says what it says of a disk.
    async fn leave_pages(&self, pages: u32) {
        let limit = self.store.work_off(clock().now(), move |tx, _| {
            let used: u32 = tx.pragma_query_value(None, "page_count", |row| row.get(0))?;
            let sql = format!("PRAGMA max_page_count = {}", used.saturating_add(pages));
            Ok(tx.query_row(&sql, [], |row| row.get::<_, i64>(0))?)
        });
        limit.await.expect("it is set");
    }

    async fn fill(&self) -> usize {
        for n in 0..1_000 {
            match self.store.accept(one(&format!("g{n}")), clock().now()).await {
                Ok(_) => {}
                Err(QueueError::Full(_)) => return n,
                Err(error) => panic!("{error}"),
            }
        }
        panic!("it never was full")
    }

    async fn queued(&self) -> u64 {
        self.store.stats(clock().now()).await.expect("it answers").queued
    }
}

#[tokio::test]
async fn a_full_disk_refuses_new_work_and_the_same_store_goes_on_with_room() {
    let disk = full_disk().await;
    disk.leave_pages(12).await;
    let stored = disk.fill().await;
    assert!(stored > 0);
    assert!(!disk.reserve().await, "it is given to what settles");
    let words = disk.refusal().expect("new work is refused").to_string();
    assert!(words.contains("full") && words.contains("make room"), "{words}");
    assert_eq!(disk.queued().await, stored as u64, "what was answered is there");
    disk.leave_pages(100_000).await;
    disk.store.accept(one("again"), clock().now()).await.expect("there is room");
    assert!(disk.reserve().await, "and taken again");
    assert_eq!(disk.refusal(), None);
}

#[tokio::test]
async fn deliveries_settle_while_new_work_is_refused() {
    let disk = full_disk().await;
    disk.leave_pages(12).await;
    let stored = disk.fill().await;
    let Ok(NextAttempt::Attempt(lease)) = disk.store.start(LANE, Allowed::All, clock().now()).await
    else {
        panic!("there is work, and room for a lease")
    };
    disk.store.finish(lease, arrived(), clock().now()).await.expect("it is recorded");
    assert_eq!(disk.queued().await, stored as u64 - 1);
    let refused = disk.store.accept(one("new"), clock().now()).await;
    assert!(matches!(refused, Err(QueueError::Full(_))), "{refused:?}");
    let stats = disk.store.stats(clock().now()).await.expect("it answers");
    assert_eq!(stats.settled[&State::Delivered], 1);
}

#[tokio::test]
async fn after_a_failed_sync_nothing_is_written_any_more() {
    let disk = full_disk().await;
    disk.store.accept(one("g"), clock().now()).await.expect("it is stored");
    let failed = disk.store.work_off(clock().now(), |tx, _| {
        tx.execute("DELETE FROM delivery", [])?;
        let error = ffi::Error::new(ffi::SQLITE_IOERR_FSYNC);
        Err::<(), _>(rusqlite::Error::SqliteFailure(error, None).into())
    });
    assert!(matches!(failed.await, Err(QueueError::Broken(_))));
    for _ in 0..2 {
        let refused = disk.store.accept(one("h"), clock().now()).await;
        assert!(matches!(refused, Err(QueueError::Broken(_))), "{refused:?}");
    }
    let started = disk.store.start(LANE, Allowed::All, clock().now()).await;
    assert!(matches!(started, Err(QueueError::Broken(_))), "{started:?}");
    assert_eq!(disk.queued().await, 1, "what was stored can be read");
    assert_eq!(disk.store.list(Filter::default(), clock().now()).await.map(|l| l.len()), Ok(1));
    let path = disk.folder.path().join("campana.db");
    disk.store.close().await.expect("it closes");
    drop(disk.store);
    let store = open_at(&path).expect("it starts cleanly");
    assert_eq!(store.stats(clock().now()).await.expect("it answers").queued, 1);
}

#[tokio::test]
async fn a_command_that_panics_is_told_as_broken() {
    let disk = full_disk().await;
    let panicked = disk.store.work_off::<(), _>(clock().now(), |_, _| panic!("planted"));
    assert!(matches!(panicked.await, Err(QueueError::Broken(_))));
    let refused = disk.store.accept(one("h"), clock().now()).await;
    assert!(matches!(refused, Err(QueueError::Broken(_))), "{refused:?}");
}

/// As if another program took every byte that there is: the database cannot grow by one page.
#[tokio::test]
async fn everything_queued_settles_though_no_page_can_be_added() {
    let disk = full_disk().await;
    disk.leave_pages(30).await;
    let stored = disk.fill().await as u64;
    disk.leave_pages(0).await;
    let clock = clock();
    for settled in 0..stored {
        if settled % 3 == 0 {
            // Three are a minute's budget.
            clock.advance(Duration::from_mins(2));
        }
        let Ok(NextAttempt::Attempt(lease)) =
            disk.store.start(LANE, Allowed::All, clock.now()).await
        else {
            panic!("there is work, and room for a lease, after {settled} of {stored}")
        };
        disk.store.finish(lease, arrived(), clock.now()).await.expect("it is recorded");
    }
    assert!(stored > 10 && disk.queued().await == 0, "{stored} were stored");
}

/// On a real full disk, which a test cannot make without being root: give it the path of a small,
/// empty file system (a tmpfs of 8 MiB) in `CAMPANA_SMALL_DISK`.
#[tokio::test]
#[ignore = "needs a small file system in CAMPANA_SMALL_DISK"]
async fn a_real_full_disk_loses_nothing() {
    let folder = std::env::var_os("CAMPANA_SMALL_DISK").expect("CAMPANA_SMALL_DISK is set");
    let folder = PathBuf::from(folder);
    let options = Options { ballast_bytes: 2 * 1024 * 1024, ..Options::default() };
    let path = folder.join("campana.db");
    let mut store = SqliteStore::open(&path, &clock(), &options).expect("it opens");
    store.declare(vec![lane()], clock().now()).await.expect("it is declared");
    let mut stored = 0_u64;
    let mut groups = 0..;
    let mut post = async |store: &SqliteStore| {
        let group = format!("{}{}", "x".repeat(2_000), groups.next().expect("endless"));
        store.accept(one(&group), clock().now()).await
    };
    for _ in 0..20 {
        post(&store).await.expect("there is room");
        stored += 1;
    }
    // Another program takes every byte, now and whenever one is free.
    let filler = folder.join("filler");
    let mut eater = fs::File::create(&filler).expect("it is made");
    let mut eat = || while eater.write(&[1]).is_ok() {};
    eat();
    while post(&store).await.is_ok() {
        stored += 1;
        eat();
    }
    let clock = clock();
    let mut settled = 0;
    while settled < stored {
        clock.advance(Duration::from_mins(2));
        if settled == stored / 2 {
            store.close().await.expect("it closes");
            drop(store);
            eat();
            store = SqliteStore::open(&path, &clock, &options).expect("it starts on the full disk");
            store.declare(vec![lane()], clock.now()).await.expect("and takes its lanes");
        }
        let Ok(NextAttempt::Attempt(lease)) = store.start(LANE, Allowed::All, clock.now()).await
        else {
            panic!("an attempt is recorded in the reserve, after {settled} of {stored}")
        };
        eat();
        store.finish(lease, arrived(), clock.now()).await.expect("so is its end");
        eat();
        settled += 1;
    }
    assert!(matches!(post(&store).await, Err(QueueError::Full(_))));
    let stats = store.stats(clock.now()).await.expect("it answers");
    assert_eq!((stats.queued, stats.settled[&State::Delivered]), (0, stored));
    store.close().await.expect("it closes");
    drop(store);
    eat();
    let store = SqliteStore::open(&path, &clock, &options).expect("it starts on the full disk");
    assert!(matches!(post(&store).await, Err(QueueError::Full(_))));
    fs::remove_file(filler).expect("it is there");
    drop(eater);
    let more = post(&store).await;
    assert!(more.is_ok(), "stored {stored}, then {more:?}");
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_buried_and_stops_nobody() {
    let disk = full_disk().await;
    for group in ["g1", "g2"] {
        disk.store.accept(one(group), clock().now()).await.expect("it is stored");
    }
    let spoil = disk.store.work_off(clock().now(), |tx, _| {
        tx.execute(
            "UPDATE message SET parts = '[{\"type\":\"hologram\"}]' WHERE id = (SELECT message FROM delivery WHERE id = 1)",
            [],
        )?;
        Ok(())
    });
    spoil.await.expect("it is spoilt");
    let start =
        async || disk.store.start(LANE, Allowed::All, clock().now()).await.expect("it answers");
    assert!(matches!(start().await, NextAttempt::Wait(Some(_))), "the lane asks again at once");
    let NextAttempt::Attempt(lease) = start().await else { panic!("the other one is next") };
    assert_eq!(lease.delivery, DeliveryId(2));
    let filter = Filter { state: Some(State::Dead), ..Filter::default() };
    let dead = disk.store.list(filter, clock().now()).await.expect("it answers");
    assert_eq!(dead.len(), 1);
    assert!(dead[0].reason.contains("cannot be read"), "{}", dead[0].reason);
}
