//! Reads that nobody waits for, reads that take too long, and those that are made of several.

use std::sync::mpsc;

use super::*;

/// Counts without end.
const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
  SELECT count(*) FROM n";

#[tokio::test]
async fn closing_ends_the_reads_under_way_and_those_that_wait() {
    let folder = TempDir::new().unwrap();
    let store = open_at(&folder.path().join("campana.db")).unwrap();
    let (begun, has_begun) = mpsc::channel();
    let read = || {
        let begun = begun.clone();
        store.read(clock().now(), move |connection, _| {
            let _ = begun.send(());
            Ok(connection.query_row(ENDLESS, [], |row| row.get::<_, i64>(0))?)
        })
    };
    let close = async {
        // Both threads read, and the third read waits for one of them.
        let mut begun = 0;
        while begun < 2 {
            begun += has_begun.try_iter().count();
            tokio::task::yield_now().await;
        }
        store.close().await
    };
    let (one, two, three, closed) = tokio::join!(read(), read(), read(), close);
    assert_eq!((one, two, three), [(); 3].map(|()| Err(QueueError::Closed)).into());
    assert_eq!(closed, Ok(()));
}

#[tokio::test]
async fn a_read_that_nobody_waits_for_any_more_is_not_begun() {
    let folder = TempDir::new().unwrap();
    let store = open_at(&folder.path().join("campana.db")).unwrap();
    let (open, gate) = mpsc::channel::<()>();
    let gate = Arc::new(Mutex::new(gate));
    let held = || {
        let gate = Arc::clone(&gate);
        store.read(clock().now(), move |_, _| {
            // Until the sender is dropped.
            let _ = gate.lock().unwrap().recv();
            Ok(())
        })
    };
    let (did, has_done) = mpsc::channel();
    let abandoned = async {
        let read = store.read(clock().now(), move |_, _| {
            let _ = did.send(());
            Ok(())
        });
        tokio::select! {
            biased;
            read = read => panic!("both threads are held: {read:?}"),
            () = std::future::ready(()) => {}
        }
        drop(open);
    };
    let (one, two, ()) = tokio::join!(held(), held(), abandoned);
    assert_eq!((one, two), (Ok(()), Ok(())));
    assert_eq!(store.close().await, Ok(()));
    assert_eq!(has_done.try_recv(), Err(mpsc::TryRecvError::Disconnected), "nor is it kept");
}

/// So many throttled lanes and dead destinations, of which the last by name has the first number.
async fn park(store: &SqliteStore, lanes: usize, destinations: usize) {
    let planted = store.work_off(clock().now(), move |tx, _| {
        let numbers = "SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999";
        let sql = format!(
            "WITH RECURSIVE n(i) AS ({numbers})
             INSERT INTO lane_park (lane, cause, step, until_ms)
               SELECT format('lane-%04d', i), 'too fast', 1, 0 FROM n WHERE i <= {lanes};
             WITH RECURSIVE n(i) AS ({numbers})
             INSERT INTO target (receiver, destination)
               SELECT 'ops', format('bot-%04d', 9999 - i) FROM n WHERE i <= {destinations};
             INSERT INTO destination_park (target, credentials_hash, cause, step, until_ms)
               SELECT id, 'credentials', 'gone', 1, 0 FROM target;"
        );
        Ok(tx.execute_batch(&sql)?)
    });
    planted.await.expect("they are stored");
}

#[tokio::test]
async fn however_much_is_parked_each_park_is_told_once() {
    for (lanes, destinations) in [(0, 0), (3, 2), (500, 0), (500, 500), (600, 1_200)] {
        let folder = TempDir::new().unwrap();
        let store = open_at(&folder.path().join("campana.db")).unwrap();
        park(&store, lanes, destinations).await;
        let parks = store.parks(clock().now()).await.unwrap();
        let throttled = parks.iter().filter(|park| matches!(park.scope, Scope::Lane(_))).count();
        let found = (throttled, parks.len() - throttled);
        assert_eq!(found, (lanes, destinations));
        let is_before = |pair: &[Park]| pair[0].scope < pair[1].scope;
        assert!(parks.windows(2).all(is_before), "lanes first, then by name");
    }
}
