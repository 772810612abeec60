//! A stored message that cannot be read stops its own delivery and no other.

use super::*;
use crate::queue::{Allowed, State};

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
