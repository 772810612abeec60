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
async fn a_message_of_several_shares_is_stored_once_and_one_of_a_duplicate_is_not() {
    let (_folder, store) = store();
    let messages = || {
        store.read(clock().now(), |tx, _| {
            Ok(tx.query_row("SELECT count(*) FROM message", [], |row| row.get::<_, i64>(0))?)
        })
    };
    let mut accept = one("g");
    let for_dev = |of: &ReceiverShare| {
        let target = Target { receiver: "dev".into(), destination: "b".into() };
        let deliveries = vec![NewDelivery { target, message: 0 }];
        ReceiverShare { receiver: "dev".into(), deliveries, ..of.clone() }
    };
    accept.shares.push(for_dev(&accept.shares[0]));
    let ids = store.accept(accept.clone(), clock().now()).await.expect("it is stored").deliveries;
    assert_eq!((ids.len(), messages().await), (2, Ok(1)));
    for id in ids {
        let shown = store.show(id, clock().now()).await.expect("it is read").expect("it is there");
        assert_eq!(shown.parts, accept.shares[0].messages[0].parts);
    }
    // The first share is a duplicate now, the second is not.
    accept.shares[1].state = StateHash([b't'; 16]);
    accept.shares[1].messages = vec![Arc::new((*accept.shares[1].messages[0]).clone())];
    let again = store.accept(accept, clock().now()).await.expect("it is stored");
    assert_eq!((again.deliveries.len(), again.duplicates), (1, vec![0]));
    assert_eq!(messages().await, Ok(2));
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
async fn what_writes_much_lets_the_others_go_first_and_one_of_it_is_done_at_a_time() {
    let (_folder, store) = store();
    let ((go, gate), (begun, has_begun)) = (mpsc::channel::<()>(), mpsc::channel());
    let mut hold = store.work_off(clock().now(), move |_, _| {
        begun.send(()).expect("it is waited for");
        // The sender is dropped once all others wait.
        let _ = gate.recv();
        Ok(())
    });
    // Its turn, and the last transaction before its own: `last_ms` is written at the end of each.
    let number = |manner, second| {
        let clock = clock();
        clock.advance(Duration::from_secs(second));
        store.write(manner, clock.now(), |tx, _| {
            tx.execute("UPDATE target SET queued = queued", [])?;
            let sql = "INSERT INTO total (kind, word, n) VALUES ('test', 'test', 1)
                       ON CONFLICT DO UPDATE SET n = n + 1 RETURNING n";
            let n: i64 = tx.query_row(sql, [], |row| row.get(0))?;
            let last: i64 = tx.query_row("SELECT last_ms FROM store", [], |row| row.get(0))?;
            Ok((n, last))
        })
    };
    let light = || number(Manner::WORK_OFF, 1);
    let heavy = || number(Manner { load: job::Load::Heavy, ..Manner::WORK_OFF }, 2);
    let mut all = vec![heavy(), heavy(), light(), light()];
    let waker = &mut std::task::Context::from_waker(std::task::Waker::noop());
    assert!(hold.as_mut().poll(waker).is_pending());
    has_begun.recv().expect("it begins");
    assert!(all.iter_mut().all(|command| command.as_mut().poll(waker).is_pending()));
    drop(go);
    hold.await.expect("it held");
    let mut done = Vec::new();
    for command in all {
        done.push(command.await.expect("it is stored"));
    }
    let order: Vec<i64> = done.iter().map(|(n, _)| *n).collect();
    assert_eq!(order, [3, 4, 1, 2]);
    let (first, second, light) = (done[0].1, done[1].1, done[2].1);
    assert_eq!(light, done[3].1, "the light ones share a transaction");
    assert!(light < first && first < second, "each heavy one has its own: {done:?}");
}

#[tokio::test]
async fn a_declaration_that_fails_leaves_the_lanes_that_were_there_before() {
    let (_folder, store) = store();
    store.declare(vec![lane()], clock().now()).await.expect("it is declared");
    store.accept(one("g"), clock().now()).await.expect("it is stored");
    let planted = store.work_off(clock().now(), |tx, _| {
        let sql = "CREATE TRIGGER planted BEFORE UPDATE OF robots ON target
                   BEGIN SELECT RAISE(ABORT, 'planted'); END";
        Ok(tx.execute_batch(sql)?)
    });
    planted.await.expect("it is there");
    // Two robots for one destination, which is written down.
    let pool = ["lane-2", "lane-3"].map(|id| DeclaredLane { id: id.into(), ..lane() });
    let failed = store.declare(pool.to_vec(), clock().now()).await;
    assert!(matches!(failed, Err(QueueError::Broken(_))), "{failed:?}");
    for id in ["lane-2", "lane-3"] {
        let started = store.start(id, Allowed::All, clock().now()).await;
        assert_eq!(started, Ok(NextAttempt::Wait(None)), "{id} is not declared");
    }
    let started = store.start(LANE, Allowed::All, clock().now()).await;
    assert!(matches!(started, Ok(NextAttempt::Attempt(_))), "{started:?}");
}

#[tokio::test]
async fn the_log_is_moved_into_the_database_while_it_is_in_use() {
    let (folder, store) = store();
    let long = "x".repeat(100_000);
    for n in 0..300 {
        let mut accept = one(&format!("g{n}"));
        Arc::make_mut(&mut accept.shares[0].messages[0]).parts = vec![message(&long)];
        store.accept(accept, clock().now()).await.expect("it is stored");
    }
    let bytes = fs::metadata(folder.path().join("campana.db-wal")).expect("it is there").len();
    assert!(bytes < 16 * 1024 * 1024, "30 MB were written and the log has {bytes} bytes");
}
