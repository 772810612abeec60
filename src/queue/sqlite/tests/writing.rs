//! The writer: how it is set, how it groups, and how its log stays short.

use std::collections::BTreeSet;
use std::sync::mpsc;

use super::*;

fn store() -> (TempDir, SqliteStore) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open_at(&folder.path().join("campana.db")).expect("it opens");
    (folder, store)
}

#[tokio::test]
async fn a_commit_is_on_disk_when_it_returns() {
    let (_folder, store) = store();
    let set = store.work_off(clock().now(), |tx, _| {
        let number = |name| tx.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let mode: String = tx.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        Ok((mode, number("synchronous")?, number("page_size")?, number("wal_autocheckpoint")?))
    });
    // 2 is FULL.
    assert_eq!(set.await, Ok(("wal".to_owned(), 2, 4096, 0)));
}

#[tokio::test]
async fn a_reader_cannot_write() {
    let (_folder, store) = store();
    let written = store.read(clock().now(), |tx, _| Ok(tx.execute("DELETE FROM total", [])?));
    assert!(written.await.is_err());
}

#[tokio::test]
async fn commands_that_wait_share_a_transaction_of_at_most_256() {
    let (_folder, store) = store();
    let (go, gate) = mpsc::channel::<()>();
    let hold = store.work_off(clock().now(), move |_, _| {
        // The sender is dropped once all others wait.
        let _ = gate.recv();
        Ok(())
    });
    // `last_ms` is written once, at the end of each transaction that changed something.
    let many = (0..300).map(|n| {
        let clock = clock();
        clock.advance(Duration::from_secs(n));
        store.work_off(clock.now(), |tx, _| {
            tx.execute("UPDATE target SET queued = queued", [])?;
            tx.execute(
                "INSERT INTO total (kind, word, n) VALUES ('test', 'test', 1)
                ON CONFLICT DO UPDATE SET n = n + 1",
                [],
            )?;
            Ok(tx.query_row("SELECT last_ms FROM store", [], |row| row.get::<_, i64>(0))?)
        })
    });
    let mut many: Vec<_> = many.collect();
    let waker = &mut std::task::Context::from_waker(std::task::Waker::noop());
    let mut hold = hold;
    assert!(hold.as_mut().poll(waker).is_pending());
    for command in &mut many {
        assert!(command.as_mut().poll(waker).is_pending());
    }
    drop(go);
    hold.await.expect("it held");
    let mut seen = BTreeSet::new();
    for command in many {
        seen.insert(command.await.expect("it is stored"));
    }
    // The first batch may have been the gate alone or some of the others with it.
    assert!((2..=3).contains(&seen.len()), "{} transactions", seen.len());
}

#[tokio::test]
async fn the_log_is_moved_into_the_database_while_it_is_in_use() {
    let (folder, store) = store();
    let long = "x".repeat(100_000);
    for n in 0..300 {
        let mut accept = one(&format!("g{n}"));
        accept.shares[0].messages[0].parts = vec![message(&long)];
        store.accept(accept, clock().now()).await.expect("it is stored");
    }
    let bytes = fs::metadata(folder.path().join("campana.db-wal")).expect("it is there").len();
    assert!(bytes < 16 * 1024 * 1024, "30 MB were written and the log has {bytes} bytes");
}
