//! What is known of a sender between its notifications.

use std::time::Duration;

use campana::queue::{Accepted, QueueError, Store};

use crate::deliveries::{change, seconds, share};
use crate::harness::{Backend, Harness};

fn bytes(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

/// A new state of this group, which makes one delivery and changes what is known of its sender.
async fn told<B: Backend>(
    harness: &Harness<B>,
    state: &str,
    was: Option<&str>,
    becomes: Option<&str>,
) -> Result<Accepted, QueueError> {
    let shares = vec![share("a", "g", state, 1)];
    harness.accept_from("g", shares, Some(change("it", was, becomes))).await
}

pub(crate) async fn what_is_known_changes_with_the_notification_that_says_so<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    assert_eq!(harness.known("it").await, None);
    told(&harness, "1", None, Some("open")).await.expect("it is stored");
    assert_eq!(harness.known("it").await, Some(bytes("open")));
    assert_eq!(harness.known("other").await, None);
    harness.crash().await;
    assert_eq!(harness.known("it").await, Some(bytes("open")), "after a kill");
    told(&harness, "2", Some("open"), Some("open twice")).await.expect("it is stored");
    harness.restart().await;
    assert_eq!(harness.known("it").await, Some(bytes("open twice")), "after a restart");
    told(&harness, "3", Some("open twice"), None).await.expect("it is stored");
    assert_eq!(harness.known("it").await, None);
    assert_eq!(harness.stats().await.queued, 3);
}

pub(crate) async fn a_notification_that_was_read_with_another_state_is_not_stored<B: Backend>() {
    let harness = Harness::<B>::new().await;
    told(&harness, "1", None, Some("open")).await.expect("it is stored");
    for was in [None, Some("closed")] {
        let outdated = told(&harness, "2", was, Some("other")).await;
        assert_eq!(outdated, Err(QueueError::Outdated), "{was:?}");
    }
    assert_eq!(harness.known("it").await, Some(bytes("open")));
    assert_eq!(harness.stats().await.queued, 1);
    let again = told(&harness, "2", Some("open"), None).await.expect("it is stored");
    assert_eq!(again.deliveries.len(), 1, "what was not stored left no state of its group either");
}

pub(crate) async fn of_two_that_were_read_with_one_state_one_is_stored<B: Backend>() {
    let harness = Harness::<B>::new().await;
    let (one, other, third) = tokio::join!(
        told(&harness, "1", None, Some("1")),
        told(&harness, "2", None, Some("2")),
        harness.accept("h", vec![share("a", "h", "s", 1)])
    );
    assert_eq!(third.deliveries.len(), 1, "the refusal of one undoes no other");
    let stored = [&one, &other].into_iter().filter(|told| told.is_ok()).count();
    assert_eq!(stored, 1, "{one:?} {other:?}");
    assert!([one, other].contains(&Err(QueueError::Outdated)));
    assert_eq!(harness.stats().await.queued, 2);
}

pub(crate) async fn a_notification_for_nobody_changes_what_is_known<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let for_nobody =
        |was, becomes| harness.accept_from("g", Vec::new(), Some(change("it", was, becomes)));
    assert_eq!(for_nobody(None, Some("open")).await, Ok(Accepted::default()));
    assert_eq!(for_nobody(None, Some("other")).await, Err(QueueError::Outdated));
    harness.crash().await;
    assert_eq!(harness.known("it").await, Some(bytes("open")));
    assert_eq!(harness.stats().await.accepted.values().sum::<u64>(), 0);
}

pub(crate) async fn a_duplicate_changes_what_is_known<B: Backend>() {
    let harness = Harness::<B>::new().await;
    told(&harness, "1", None, Some("heard once")).await.expect("it is stored");
    let again = told(&harness, "1", Some("heard once"), Some("heard twice")).await;
    assert_eq!(again.expect("it is taken").duplicates, [0]);
    assert_eq!(harness.known("it").await, Some(bytes("heard twice")));
}

pub(crate) async fn a_refused_notification_changes_nothing_that_is_known<B: Backend>() {
    let harness = Harness::<B>::new().await;
    let without_a_part = vec![share("a", "g", "s", 0)];
    let told = Some(change("it", None, Some("open")));
    let refused = harness.accept_from("g", without_a_part, told).await;
    assert!(matches!(refused, Err(QueueError::Conflict(_))), "{refused:?}");
    assert_eq!(harness.known("it").await, None);
}

pub(crate) async fn what_has_not_changed_for_so_long_is_found<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    for (thing, was, becomes) in
        [("a", None, "1"), ("b", None, "2"), ("c", None, "3"), ("a", Some("1"), "4")]
    {
        let told = Some(change(thing, was, Some(becomes)));
        harness.accept_from("g", Vec::new(), told).await.expect("it is taken");
        harness.clock.advance(seconds(10));
    }
    let found = async |harness: &Harness<B>, age: Duration| {
        let found = harness.store().stale_states("rules".to_owned(), age, harness.now()).await;
        let found = found.expect("it answers").into_iter();
        found.map(|(thing, state)| thing + &String::from_utf8_lossy(&state)).collect::<Vec<_>>()
    };
    assert_eq!(found(&harness, seconds(0)).await, ["b2", "c3", "a4"]);
    // A jump of the wall clock makes nothing older.
    harness.clock.set_wall("2030-01-01T00:00:00Z".parse().expect("a time"));
    assert_eq!(found(&harness, seconds(20)).await, ["b2", "c3"]);
    harness.restart().await;
    assert_eq!(found(&harness, seconds(30)).await, ["b2"]);
    assert_eq!(found(&harness, seconds(31)).await, [""; 0]);
    let other = harness.store().stale_states("other".into(), seconds(0), harness.now()).await;
    assert_eq!(other, Ok(Vec::new()));
}
