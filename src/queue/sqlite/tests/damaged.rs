//! What cannot be read stops its own delivery and no other, and the store goes on.

use rusqlite::ffi;

use super::super::check::check;
use super::*;
use crate::queue::{Allowed, Filter, State};

#[tokio::test]
async fn what_cannot_be_read_folds_with_nothing_and_hides_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open_at(&folder.path().join("campana.db")).expect("it opens");
    let mut folding = lane();
    folding.targets[0].folds = true;
    store.declare(vec![folding], clock().now()).await.expect("it is declared");
    let mut ids = Vec::new();
    for group in ["g", "h", "i"] {
        let accepted = store.accept(one(group), clock().now()).await.expect("it is stored");
        ids.push(accepted.deliveries[0]);
    }
    let damage = store.work_off(clock().now(), |tx, _| {
        let sql = "UPDATE message SET parts = 'no JSON'
                   WHERE id = (SELECT message FROM delivery ORDER BY id LIMIT 1 OFFSET 1)";
        Ok(tx.execute(sql, [])?)
    });
    assert_eq!(damage.await, Ok(1));
    let foldable = store.foldable(target(), clock().now()).await.expect("it answers");
    let found: Vec<_> = foldable.groups.iter().map(|group| group[0].id).collect();
    assert_eq!((found, foldable.unreadable), (vec![ids[0], ids[2]], Some(ids[1])));
    store.unfold(ids[1], clock().now()).await.expect("it is recorded");
    let started = store.start(LANE, Allowed::All, clock().now()).await.expect("it answers");
    assert!(matches!(started, NextAttempt::Wait(Some(_))), "it was buried: {started:?}");
    let shown = store.list(Filter::default(), clock().now()).await.expect("it lists");
    let states: Vec<_> = shown.iter().map(|delivery| (delivery.id, delivery.state)).collect();
    assert!(states.contains(&(ids[1], State::Dead)), "{states:?}");
    let started = store.start(LANE, Allowed::All, clock().now()).await.expect("it answers");
    assert!(matches!(started, NextAttempt::Attempt(_)), "the others go on: {started:?}");
}

/// A command that cannot read a page, so many times.
async fn unreadable(store: &SqliteStore, times: usize) -> Result<(), QueueError> {
    let mut left = times;
    let command = store.work_off(clock().now(), move |_, _| {
        if left == 0 {
            return Ok(());
        }
        left -= 1;
        let error = ffi::Error::new(ffi::SQLITE_IOERR_READ);
        Err(rusqlite::Error::SqliteFailure(error, None).into())
    });
    command.await
}

async fn with_one(path: &Path) -> SqliteStore {
    let store = open_at(path).expect("it opens");
    store.declare(vec![lane()], clock().now()).await.expect("it is declared");
    store.accept(one("g"), clock().now()).await.expect("it is stored");
    store
}

#[tokio::test]
async fn a_page_that_is_read_at_the_second_try_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = with_one(&folder.path().join("campana.db")).await;
    assert_eq!(unreadable(&store, 1).await, Ok(()));
    assert_eq!(store.health().borrow().mended, []);
}

#[tokio::test]
async fn a_new_database_takes_the_place_of_a_damaged_one_while_an_attempt_is_under_way() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("campana.db");
    let store = with_one(&path).await;
    let Ok(NextAttempt::Attempt(lease)) = store.start(LANE, Allowed::All, clock().now()).await
    else {
        panic!("there is work")
    };
    assert_eq!(unreadable(&store, 2).await, Ok(()), "it was done in the new database");
    let health = store.health().borrow().clone();
    let [mended] = &health.mended[..] else { panic!("{health:?}") };
    assert_eq!((mended.deliveries, &mended.lost, health.refusal), (1, &Vec::new(), None));
    assert_eq!(mended.kept, open::beside(&path, ".damaged-1"));
    assert!(mended.kept.is_file());
    store.finish(lease, arrived(), clock().now()).await.expect("it is recorded");
    let accepted = store.accept(one("h"), clock().now()).await.expect("it is stored");
    assert_eq!(accepted.deliveries, [DeliveryId(2)]);
    let started = store.start(LANE, Allowed::All, clock().now()).await;
    assert!(matches!(started, Ok(NextAttempt::Attempt(_))), "the lanes stay: {started:?}");
    let listed = store.list(Filter::default(), clock().now()).await.expect("it lists");
    let states: Vec<_> = listed.iter().map(|delivery| delivery.state).collect();
    assert_eq!(states, [State::Queued, State::Delivered]);
    let words = open_at(&path).expect_err("the new one is locked too").to_string();
    assert!(words.contains("in use by another process"), "{words}");
    store.close().await.expect("it closes");
    drop(store);
    let store = open_at(&path).expect("it opens");
    assert_eq!(store.stats(clock().now()).await.expect("it answers").queued, 1);
    assert_eq!(store.health().borrow().mended, []);
}

/// What SQLite takes for sound: a text that is none, and rows of which one is missing.
#[tokio::test]
async fn a_value_that_nobody_wrote_stops_its_own_delivery() {
    let table = [
        ("UPDATE message SET summary = CAST(x'7bff7d' AS TEXT) WHERE id = ?1", State::Dead),
        // Nobody reads it before it is sent.
        ("UPDATE message SET title = CAST(x'ff' AS TEXT) WHERE id = ?1", State::Delivered),
        ("DELETE FROM message WHERE id = ?1", State::Dead),
        ("UPDATE delivery SET msg_uuid = CAST(x'ff' AS TEXT) WHERE message = ?1", State::Dead),
    ];
    for (damage, state) in table {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("campana.db");
        let store = with_one(&path).await;
        store.accept(one("h"), clock().now()).await.expect("it is stored");
        store.close().await.expect("it closes");
        drop(store);
        let connection = Connection::open(&path).expect("it opens");
        let message = "SELECT min(id) FROM message";
        let message: i64 =
            connection.query_row(message, [], |row| row.get(0)).expect("there is one");
        assert_eq!(connection.execute(damage, [message]), Ok(1), "{damage}");
        drop(connection);
        let store = open_at(&path).expect("it opens");
        let mut folding = lane();
        folding.targets[0].folds = true;
        store.declare(vec![folding], clock().now()).await.expect("it is declared");
        let foldable = store.foldable(target(), clock().now()).await;
        assert!(foldable.is_ok(), "{damage}: {foldable:?}");
        for _ in 0..4 {
            match store.start(LANE, Allowed::All, clock().now()).await {
                Ok(NextAttempt::Attempt(lease)) => {
                    store.finish(lease, arrived(), clock().now()).await.expect("it is recorded");
                }
                started => assert!(started.is_ok(), "{damage}: {started:?}"),
            }
        }
        let listed = store.list(Filter::default(), clock().now()).await.expect("it lists");
        let states: Vec<_> = listed.iter().map(|delivery| delivery.state).collect();
        assert_eq!(states, [State::Delivered, state], "{damage}");
    }
}

/// Puts a value into the message of the second delivery, over whatever it holds.
async fn write_over(store: &SqliteStore, column: &'static str, value: &'static str) {
    let written = store.work_off(clock().now(), move |tx, _| {
        let message = "(SELECT message FROM delivery WHERE id = 2)";
        Ok(tx.execute(&format!("UPDATE message SET {column} = {value} WHERE id = {message}"), [])?)
    });
    assert_eq!(written.await, Ok(1));
}

#[tokio::test]
async fn a_text_that_cannot_be_read_is_told_with_its_delivery_and_hides_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = with_one(&folder.path().join("campana.db")).await;
    for group in ["h", "i"] {
        store.accept(one(group), clock().now()).await.expect("it is stored");
    }
    write_over(&store, "summary", "'{\"v\":2,\"data\":{}}'").await;
    let listed = store.list(Filter::default(), clock().now()).await.expect("all are listed");
    let told: Vec<_> =
        listed.iter().map(|row| (row.id.0, row.summary.firing, row.unreadable.len())).collect();
    assert_eq!(told, [(3, 1, 0), (2, 0, 1), (1, 1, 0)]);
    let words = "its stored summary cannot be read: the stored form has version 2";
    assert!(listed[1].unreadable[0].starts_with(words), "{:?}", listed[1].unreadable);
    let show = async || {
        let shown = store.show(DeliveryId(2), clock().now()).await;
        shown.expect("it is read").expect("it is there")
    };
    let Detail { delivery, parts, .. } = show().await;
    assert_eq!((delivery.summary, parts.len()), (Summary::default(), 1));
    assert_eq!((&*delivery.reason, delivery.unreadable.len()), ("", 1));
    for value in ["'no JSON'", "x'ffffffff00'"] {
        write_over(&store, "parts", value).await;
        let Detail { delivery, parts, rendered, .. } = show().await;
        assert_eq!((parts, rendered), (Vec::new(), Vec::new()), "{value}");
        let words = "its stored message cannot be read: ";
        assert!(delivery.unreadable[1].starts_with(words), "{value}: {:?}", delivery.unreadable);
    }
}

/// What is written over in the last of 501 deliveries, and what a check says then.
const HARMS: [(&str, &str); 6] = [
    (
        "UPDATE message SET summary = 'no JSON' WHERE id = (SELECT max(id) FROM message)",
        "delivery 501 (queued): its stored summary cannot be read: expected",
    ),
    (
        "UPDATE message SET summary = replace(summary, '\"v\":1', '\"v\":7')
         WHERE id = (SELECT max(id) FROM message)",
        "delivery 501 (queued): its stored summary cannot be read: the stored form has version 7",
    ),
    (
        "UPDATE message SET parts = '[]' WHERE id = (SELECT max(id) FROM message)",
        "delivery 501 (queued): its stored message cannot be read: ",
    ),
    (
        "UPDATE message SET parts = x'ffffffff00' WHERE id = (SELECT max(id) FROM message)",
        "delivery 501 (queued): its stored message cannot be read: ",
    ),
    (
        // Its parts were cut again, and what they were cut from is shown too.
        "INSERT INTO message (id, cut_from, title, summary, parts)
           SELECT id + 1, id, title, summary, parts FROM message
           WHERE id = (SELECT max(id) FROM message);
         UPDATE delivery SET message = message + 1 WHERE id = 501;
         UPDATE message SET parts = 'no JSON' WHERE id = (SELECT max(id) - 1 FROM message)",
        "delivery 501 (queued): before it was cut again, its stored message cannot be read: ",
    ),
    (
        "UPDATE notification SET payload = x'0102' WHERE id = (SELECT max(id) FROM notification)",
        "notification n: what was received cannot be read: ",
    ),
];

#[tokio::test]
async fn a_check_names_what_sqlite_can_read_and_nobody_else() {
    let folder = in_memory();
    let path = folder.path().join("whole.db");
    accepted(&path, 501).await;
    assert!(check(&path).expect("it is read").is_sound());
    for (at, (harm, words)) in HARMS.iter().enumerate() {
        let harmed = folder.path().join(format!("{at}.db"));
        fs::copy(&path, &harmed).expect("a copy");
        let connection = Connection::open(&harmed).expect("it opens");
        connection.execute_batch(harm).expect("it is written");
        connection.close().expect("it closes");
        let found = check(&harmed).expect("it is read");
        assert!(!found.is_sound() && found.complaints.is_empty(), "{harm}: {found}");
        let [line] = &found.unreadable[..] else { panic!("{harm}: {found}") };
        assert!(line.starts_with(words), "{harm}: {line}");
        assert!(found.to_string().starts_with(words), "{harm}: {found}");
    }
}

#[tokio::test]
async fn damage_that_a_new_database_does_not_end_is_the_end_in_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = with_one(&folder.path().join("campana.db")).await;
    let failed = unreadable(&store, usize::MAX).await;
    let Err(QueueError::Broken(words)) = failed else { panic!("{failed:?}") };
    assert!(words.contains("a page of the database cannot be read"), "{words}");
    let refused = store.accept(one("h"), clock().now()).await;
    assert!(matches!(refused, Err(QueueError::Broken(_))), "{refused:?}");
}
