//! Handing over: what is told to another receiver, and what need not be any more.

use campana::queue::{
    DeclaredLane, DeliveryId, FallbackRule, Fallen, Handover, LaneTarget, NewDelivery, Origin,
    QueueError, ReceiverShare, Store, Target,
};

use crate::deliveries::{
    LANE, bury, lane, lane_of, new_message, notification, retry, seconds, share, target,
};
use crate::harness::{Backend, Harness};

/// More than one call marks.
const MANY: usize = 510;

/// What has waited so many seconds for `a` is handed over.
fn rule(after: u64) -> FallbackRule {
    FallbackRule::Destination { target: target("a"), after: Some(seconds(after)) }
}

async fn mark<B: Backend>(harness: &Harness<B>, rule: FallbackRule) {
    harness.store().mark_fallen(vec![rule], harness.now()).await.expect("they are marked");
}

async fn fallen<B: Backend>(harness: &Harness<B>) -> Vec<Fallen> {
    harness.store().fallen(2 * MANY, harness.now()).await.expect("it answers")
}

/// The numbers of what is to be handed over.
async fn ids_of_fallen<B: Backend>(harness: &Harness<B>) -> Vec<DeliveryId> {
    fallen(harness).await.into_iter().map(|one| one.id).collect()
}

/// The destination that is told instead.
fn others() -> Target {
    Target { receiver: "others".into(), destination: "b".into() }
}

/// Tells the destination `b` of another receiver.
async fn hand_over<B: Backend>(harness: &Harness<B>, of: DeliveryId) -> Vec<DeliveryId> {
    let told = others();
    let receiver = told.receiver.clone();
    let messages = vec![new_message("told", 1).into()];
    let deliveries = vec![NewDelivery { target: told, message: 0 }];
    let handover = Handover { of, receiver, messages, deliveries };
    harness.store().hand_over(handover, harness.now()).await.expect("it is stored")
}

pub(crate) async fn what_waits_too_long_is_handed_over_in_whatever_order_it_was_stored<
    B: Backend,
>() {
    let harness = Harness::<B>::new().await;
    let early = harness.now();
    harness.clock.advance(seconds(10));
    let late = harness.now();
    let to_a = NewDelivery { target: target("a"), message: 0 };
    let many = ReceiverShare { deliveries: vec![to_a; MANY], ..share("a", "h", "h", 1) };
    let mut ids = Vec::new();
    for (group, share, asked) in [("g", share("a", "g", "g", 1), late), ("h", many, early)] {
        let accept = notification(group, group, vec![share]);
        let accepted = harness.store().accept(accept, asked).await.expect("it is stored");
        ids.extend(accepted.deliveries);
    }
    harness.clock.advance(seconds(55));
    mark(&harness, rule(60)).await;
    let fallen = ids_of_fallen(&harness).await;
    assert!(fallen.len() > 400 && fallen == ids[1..=fallen.len()], "the first is 55 s old");
    harness.clock.advance(seconds(5));
    mark(&harness, rule(60)).await;
    assert!(ids_of_fallen(&harness).await == ids, "all are older than 60 s");
}

pub(crate) async fn what_arrived_or_was_given_up_meanwhile_is_not_handed_over<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let mut ids = Vec::new();
    for group in ["arrives", "waits", "dies", "given up", "dies and is given up"] {
        ids.push(harness.queue(group).await);
    }
    let &[arrives, waits, dies, given_up, forgotten] = ids.as_slice() else { panic!("{ids:?}") };
    mark(&harness, rule(0)).await;
    assert_eq!(ids_of_fallen(&harness).await, ids);
    harness.store().discard(given_up, harness.now()).await.expect("it is queued");
    assert_eq!(harness.arrive().await, arrives);
    let lease = harness.lease_of(waits).await;
    harness.finish(lease, retry(600, false)).await;
    for dead in [dies, forgotten] {
        harness.clock.advance(seconds(60));
        let lease = harness.lease_of(dead).await;
        harness.finish(lease, bury(None)).await;
    }
    harness.store().discard(forgotten, harness.now()).await.expect("it is dead");
    assert_eq!(ids_of_fallen(&harness).await, [waits, dies]);
    for id in [arrives, given_up, forgotten] {
        assert_eq!(hand_over(&harness, id).await, [], "{id}");
    }
    for id in [waits, dies] {
        assert_eq!(hand_over(&harness, id).await.len(), 1, "{id}");
        assert_eq!(hand_over(&harness, id).await, [], "once");
    }
    assert_eq!(ids_of_fallen(&harness).await, []);
    harness.stats().await;
}

pub(crate) async fn what_a_digest_has_shown_is_not_handed_over<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let folding = |of: LaneTarget| LaneTarget { folds: true, ..of };
    let targets = lane().targets.into_iter().map(folding).collect();
    harness.declare(vec![DeclaredLane { targets, ..lane() }]).await;
    let mut ids = Vec::new();
    for group in ["g", "h", "i", "j"] {
        ids.push(harness.queue(group).await);
    }
    let message = new_message("digest", 1);
    let digest = harness.store().fold(ids.clone(), message, harness.now()).await;
    mark(&harness, rule(0)).await;
    assert_eq!(ids_of_fallen(&harness).await, ids, "what it carries, and not the digest");
    assert_eq!(Ok(harness.arrive().await), digest);
    assert_eq!(ids_of_fallen(&harness).await, []);
    for id in ids {
        assert_eq!(hand_over(&harness, id).await, [], "{id}");
    }
}

/// The lane with these destinations, which have a fallback or not.
fn lane_with(destinations: &[&str], has_fallback: bool) -> Vec<DeclaredLane> {
    let of_lane: Vec<_> = destinations.iter().map(|name| (*name, "credentials")).collect();
    let lane = lane_of(LANE, &of_lane);
    let targets = lane.targets.into_iter().map(|of| LaneTarget { has_fallback, ..of }).collect();
    vec![DeclaredLane { targets, ..lane }]
}

/// Buries what waits for `a`, which is removed.
async fn expire<B: Backend>(harness: &Harness<B>) -> Result<u64, QueueError> {
    harness.clock.advance(seconds(10));
    harness.store().expire(vec![target("b"), others()], seconds(5), harness.now()).await
}

pub(crate) async fn what_waits_for_a_removed_destination_falls_back_as_its_receiver_does<
    B: Backend,
>() {
    let mut harness = Harness::<B>::new().await;
    let first = harness.queue("g").await;
    harness.queue_to("b", "g", 1).await;
    harness.declare(lane_with(&["b"], true)).await;
    let after = Some(seconds(60));
    let removed = FallbackRule::Removed { receiver: "ops".into(), after };
    mark(&harness, removed.clone()).await;
    assert_eq!(ids_of_fallen(&harness).await, []);
    harness.clock.advance(seconds(60));
    mark(&harness, FallbackRule::Removed { receiver: "others".into(), after }).await;
    assert_eq!(ids_of_fallen(&harness).await, []);
    mark(&harness, removed).await;
    assert_eq!(ids_of_fallen(&harness).await, [first], "the other destination is there");
    assert_eq!(hand_over(&harness, first).await.len(), 1);
    let second = harness.queue("h").await;
    assert_eq!(expire(&harness).await, Ok(2));
    assert_eq!(ids_of_fallen(&harness).await, [second], "each is told once");
    harness.declare(lane_with(&["b"], false)).await;
    harness.queue("i").await;
    assert_eq!(expire(&harness).await, Ok(1));
    assert_eq!(ids_of_fallen(&harness).await, [second], "the receiver names no fallback any more");
}

pub(crate) async fn a_delivery_that_is_handed_over_says_what_it_comes_from<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let first = harness.queue("g").await;
    mark(&harness, rule(0)).await;
    assert_eq!(fallen(&harness).await[0].replay_of, None);
    let told = hand_over(&harness, first).await[0];
    let shown = harness.show(told).await.delivery;
    assert_eq!((shown.origin, shown.replay_of), (Origin::Fallback, Some(first)));
    mark(&harness, FallbackRule::Destination { target: others(), after: Some(seconds(0)) }).await;
    let fallen = fallen(&harness).await;
    assert_eq!((fallen[0].id, fallen[0].replay_of), (told, Some(first)));
}
