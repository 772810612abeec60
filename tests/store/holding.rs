//! A lane that its breakers hold: it asks and gets nothing, then probes with one real message.

use campana::queue::{Allowed, Charge, DeclaredLane, LaneTarget, NextAttempt, NextStep, Store};

use crate::deliveries::{BUDGET, LANE, lane, retry, seconds, target, throttle};
use crate::harness::{Backend, Harness};

const OTHER: &str = "lane-2";

/// Two lanes that serve `a`, which folds; each has three slots, of which one is kept for digests.
fn pool() -> Vec<DeclaredLane> {
    let of_pool = |id: &str, credentials_hash: &str| DeclaredLane {
        id: id.into(),
        targets: vec![LaneTarget {
            target: target("a"),
            credentials_hash: credentials_hash.into(),
            folds: true,
            has_fallback: false,
            quota: None,
        }],
        budget: BUDGET,
    };
    vec![of_pool(LANE, "credentials"), of_pool(OTHER, "others")]
}

fn folding() -> Vec<DeclaredLane> {
    let folds = |target: LaneTarget| LaneTarget { folds: true, ..target };
    vec![DeclaredLane { targets: lane().targets.into_iter().map(folds).collect(), ..lane() }]
}

pub(crate) async fn a_held_lane_is_told_whether_something_is_due<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    assert_eq!(harness.ask_for(LANE, Allowed::Nothing).await, NextAttempt::Wait(None));
    let id = harness.queue("g").await;
    assert_eq!(harness.ask_for(LANE, Allowed::Nothing).await, NextAttempt::Held);
    let delivery = harness.show(id).await.delivery;
    assert_eq!((delivery.attempts, delivery.reason.as_str()), (0, ""), "nothing was begun");
    let lease = harness.lease().await;
    harness.finish(lease, retry(30, false)).await;
    let NextAttempt::Wait(Some(until)) = harness.ask_for(LANE, Allowed::Nothing).await else {
        panic!("the retry is not due")
    };
    assert_eq!(harness.left(until), seconds(30));
    harness.clock.advance(seconds(30));
    let lease = harness.lease().await;
    harness.finish(lease, NextStep::Park(throttle(60, 1))).await;
    let throttled = harness.ask_for(LANE, Allowed::Nothing).await;
    assert!(matches!(throttled, NextAttempt::Blocked(_)), "{throttled:?}");
}

pub(crate) async fn a_probe_takes_what_was_attempted_and_lets_the_rest_fold<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    harness.declare(folding()).await;
    let first = harness.queue("g").await;
    let lease = harness.lease_of(first).await;
    harness.finish(lease, retry(0, true)).await;
    for group in ["h", "i", "j", "k"] {
        harness.queue(group).await;
    }
    harness.clock.advance(seconds(60));
    assert_eq!(harness.ask(LANE).await, NextAttempt::Fold(target("a")));
    for _ in 0..2 {
        let lease = harness.lease_by_probe().await;
        assert_eq!(lease.delivery, first);
        harness.finish(lease, retry(0, true)).await;
    }
    let lease = harness.lease_by_probe().await;
    assert_eq!(lease.delivery, first);
    harness.finish(lease, NextStep::Arrived).await;
    harness.clock.advance(seconds(60));
    let foldable = harness.store().foldable(target("a"), harness.now()).await;
    assert_eq!(foldable.expect("it answers").groups.len(), 4, "none of them was attempted");
}

pub(crate) async fn a_probe_without_anything_attempted_takes_the_first_in_order<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    harness.declare(folding()).await;
    let mut ids = Vec::new();
    for group in ["g", "h", "i", "j", "k"] {
        ids.push(harness.queue(group).await);
    }
    let lease = harness.lease_by_probe().await;
    assert_eq!(lease.delivery, ids[0]);
    harness.finish(lease, NextStep::Arrived).await;
}

pub(crate) async fn a_test_by_a_held_lane_waits_for_no_alert<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    harness.queue("g").await;
    let charge = async |harness: &Harness<B>| {
        harness.store().charge(LANE.into(), BUDGET, harness.now()).await.expect("it answers")
    };
    assert_eq!(charge(&harness).await, Charge::AlertsDue);
    harness.ask_for(LANE, Allowed::Nothing).await;
    assert!(matches!(charge(&harness).await, Charge::Taken(_)), "it may show that all is well");
    harness.arrive().await;
    harness.queue("h").await;
    harness.clock.advance(seconds(120));
    assert_eq!(charge(&harness).await, Charge::AlertsDue, "the lane is held no more");
}

pub(crate) async fn nobody_counts_on_the_slots_of_a_held_robot<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    harness.declare(pool()).await;
    for group in ["g", "h", "i", "j"] {
        harness.queue(group).await;
    }
    assert_eq!(harness.ask_for(OTHER, Allowed::Nothing).await, NextAttempt::Held);
    let alone = harness.ask(LANE).await;
    assert!(matches!(alone, NextAttempt::Gathering(_)), "one robot must fold: {alone:?}");
    let NextAttempt::Attempt(lease) = harness.ask(OTHER).await else { panic!("two need not") };
    harness.finish(lease, NextStep::Arrived).await;
    let together = harness.ask(LANE).await;
    assert!(matches!(together, NextAttempt::Attempt(_)), "two need not: {together:?}");
}
