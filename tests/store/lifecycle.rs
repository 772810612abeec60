//! From acceptance to settlement.

use std::time::Duration;

use campana::queue::{
    Accept, Accepted, NextStep, QueueError, ReceiverShare, RequestKey, State, Store, Tries,
};

use crate::deliveries::{
    answered, bury, message, notification, retry, seconds, share, state_of, target,
};
use crate::harness::{Backend, Harness};

pub(crate) async fn an_accepted_delivery_is_sent_and_delivered<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let id = harness.queue("g").await;
    assert_eq!(harness.stats().await.queued, 1);
    harness.clock.advance(seconds(5));
    let lease = harness.lease().await;
    assert_eq!((lease.delivery, lease.part_index, lease.parts), (id, 0, 1));
    assert_eq!((lease.part.clone(), lease.target.clone()), (message("g 0"), target("a")));
    assert_eq!((lease.waited, lease.queued_for, lease.age), (seconds(5), seconds(5), seconds(0)));
    harness.finish(lease, NextStep::Arrived).await;
    let stats = harness.stats().await;
    assert_eq!((stats.queued, stats.settled[&State::Delivered]), (0, 1));
    assert_eq!(harness.state(id).await, State::Delivered);
    assert_eq!(harness.wait().await, None);
}

pub(crate) async fn a_notification_for_nobody_leaves_no_state<B: Backend>() {
    let harness = Harness::<B>::new().await;
    let nobody = ReceiverShare { deliveries: Vec::new(), ..share("a", "g", "s", 1) };
    let accepted = harness.accept("g", vec![nobody]).await;
    assert_eq!(accepted, Accepted::default());
    assert_eq!(accepted.duplicate_of, None);
    let accepted = harness.accept("g", vec![share("a", "g", "s", 1)]).await;
    assert_eq!(accepted.deliveries.len(), 1, "the share without deliveries was no state");
}

pub(crate) async fn an_equal_state_within_the_window_is_a_duplicate<B: Backend>() {
    let harness = Harness::<B>::new().await;
    let first = harness.now().boot.as_millis();
    let post = |state| vec![share("a", "g", state, 1)];
    assert_eq!(harness.accept("g", post("s")).await.deliveries.len(), 1);
    harness.clock.advance(Duration::from_millis(59_999));
    let again = harness.accept("g", post("s")).await;
    assert_eq!((again.deliveries.len(), again.duplicates), (0, vec![0]));
    assert_eq!(again.duplicate_of, Some(format!("n-{first}")));
    // A duplicate does not make the window longer: 60 s after the first it is a repeat.
    harness.clock.advance(Duration::from_millis(1));
    assert_eq!(harness.accept("g", post("s")).await.deliveries.len(), 1);
    // Only the last state counts: s, t, s are three.
    assert_eq!(harness.accept("g", post("t")).await.deliveries.len(), 1);
    assert_eq!(harness.accept("g", post("s")).await.deliveries.len(), 1);
    assert_eq!(harness.accept("h", vec![share("a", "h", "s", 1)]).await.deliveries.len(), 1);
    assert_eq!(harness.stats().await.queued, 5);
}

pub(crate) async fn two_equal_notifications_at_once_are_one<B: Backend>() {
    let harness = Harness::<B>::new().await;
    let post = || harness.accept("g", vec![share("a", "g", "s", 1)]);
    let (one, two, three) = tokio::join!(post(), post(), post());
    let deliveries = one.deliveries.len() + two.deliveries.len() + three.deliveries.len();
    let duplicates = [one, two, three].map(|accepted| accepted.duplicates.len());
    assert_eq!((deliveries, duplicates.iter().sum::<usize>()), (1, 2));
    assert_eq!(harness.stats().await.queued, 1);
}

/// A notification in this state, whose sender calls its request by `key`.
fn keyed(name: &str, key: &str, body: &str, state: &str) -> Accept {
    let key = RequestKey { name: key.to_owned(), body: state_of(body), window: seconds(3_600) };
    let accept = notification(name, "g", vec![share("a", "g", state, 1)]);
    Accept { key: Some(key), ..accept }
}

pub(crate) async fn a_request_that_comes_again_by_its_key_is_a_duplicate<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let post = async |harness: &Harness<B>, name, state| {
        harness
            .store()
            .accept(keyed(name, "k", "b", state), harness.now())
            .await
            .expect("the store takes it")
    };
    assert_eq!(post(&harness, "first", "s").await.deliveries.len(), 1);
    // Meanwhile the group came into another state, so by that it would be news.
    harness.accept("g", vec![share("a", "g", "t", 1)]).await;
    harness.clock.advance(seconds(3_599));
    harness.restart().await;
    let again = post(&harness, "again", "s").await;
    assert_eq!((again.deliveries.len(), again.duplicate_of.as_deref()), (0, Some("first")));
    assert!(!again.key_reused);
    // Where it is news for another receiver, that one is told.
    let other = ReceiverShare { receiver: "dev".into(), ..share("b", "g", "s", 1) };
    let mut both = keyed("both", "k", "b", "s");
    both.shares.push(other);
    let told = harness.store().accept(both, harness.now()).await.expect("the store takes it");
    assert_eq!((told.deliveries.len(), told.duplicates), (1, vec![0]));
    harness.clock.advance(seconds(1));
    assert_eq!(post(&harness, "late", "s").await.deliveries.len(), 1, "its time is over");
}

pub(crate) async fn a_key_that_stands_for_another_body_makes_another_request<B: Backend>() {
    let harness = Harness::<B>::new().await;
    let post = async |name, key, body, state| {
        let accept = keyed(name, key, body, state);
        harness.store().accept(accept, harness.now()).await.expect("the store takes it")
    };
    for (name, key, body, state, deliveries, reused) in [
        ("1", "k", "b", "s", 1, false),
        ("2", "k", "c", "t", 1, true),
        ("3", "k", "c", "t", 0, false),
        ("4", "k", "b", "s", 1, true),
        ("5", "l", "b", "t", 1, false),
        ("6", "m", "b", "t", 0, false),
    ] {
        let accepted = post(name, key, body, state).await;
        assert_eq!(
            (accepted.deliveries.len(), accepted.key_reused),
            (deliveries, reused),
            "{name}"
        );
    }
}

pub(crate) async fn a_share_can_be_a_duplicate_while_another_is_not<B: Backend>() {
    let harness = Harness::<B>::new().await;
    let other = |state| ReceiverShare { receiver: "dev".into(), ..share("b", "g", state, 1) };
    harness.accept("g", vec![share("a", "g", "s", 1), other("s")]).await;
    let accepted = harness.accept("g", vec![share("a", "g", "s", 1), other("t")]).await;
    assert_eq!((accepted.deliveries.len(), accepted.duplicates), (1, vec![0]));
    assert_eq!(accepted.duplicate_of, None);
    let nobody = ReceiverShare { deliveries: Vec::new(), ..share("a", "x", "x", 1) };
    let accepted = harness.accept("g", vec![nobody, share("a", "g", "s", 1)]).await;
    assert_eq!(accepted.duplicates, [1], "by its place among all shares");
    assert!(accepted.duplicate_of.is_some(), "every share that had deliveries was a duplicate");
}

pub(crate) async fn a_recovery_can_be_for_those_alone_who_were_told_of_the_firing<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let fires = |state: &str, fires| {
        let share = share("a", "g", state, 1);
        ReceiverShare { state: share.state.of_kept(fires), ..share }
    };
    let late = || ReceiverShare { only_if_firing_was_told: true, ..fires("over", false) };
    let nobody = harness.accept("g", vec![late()]).await;
    assert_eq!((nobody.deliveries.len(), nobody.untold), (0, vec![0]), "nothing was told");
    assert_eq!(nobody.duplicate_of, None);
    assert_eq!(harness.accept("g", vec![fires("s", true)]).await.deliveries.len(), 1);
    let other = ReceiverShare { receiver: "dev".into(), ..late() };
    let told = harness.accept("g", vec![other, late()]).await;
    assert_eq!((told.deliveries.len(), told.untold), (1, vec![0]), "each receiver for itself");
    let again = harness.accept("g", vec![late()]).await;
    assert_eq!((again.duplicates, again.untold), (vec![0], vec![]), "the twin's is a duplicate");
    harness.clock.advance(seconds(120));
    let once = harness.accept("g", vec![late()]).await;
    assert_eq!((once.deliveries.len(), once.untold), (0, vec![0]), "it was told already");
    assert_eq!(harness.accept("g", vec![fires("t", true)]).await.deliveries.len(), 1);
    harness.restart().await;
    assert_eq!(harness.accept("g", vec![late()]).await.deliveries.len(), 1, "over a restart too");
}

pub(crate) async fn what_was_told_is_known_as_long_as_it_is_kept<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let share = |fires| {
        let share = share("a", "g", "s", 1);
        ReceiverShare { state: share.state.of_kept(fires), ..share }
    };
    harness.accept("g", vec![share(true)]).await;
    harness.restart().await;
    let week = Duration::from_hours(7 * 24);
    harness.clock.advance(week.saturating_sub(seconds(60)));
    harness.store().retain(week, week, harness.now()).await.expect("it deletes what is old");
    let late = ReceiverShare { only_if_firing_was_told: true, ..share(false) };
    assert_eq!(harness.accept("g", vec![late]).await.deliveries.len(), 1);
}

pub(crate) async fn a_refused_notification_undoes_no_other<B: Backend>() {
    let harness = Harness::<B>::new().await;
    let post = |group, parts| {
        let accept = notification("n", group, vec![share("a", group, "s", parts)]);
        harness.store().accept(accept, harness.now())
    };
    let (good, bad, other) = tokio::join!(post("g", 1), post("h", 0), post("i", 1));
    assert!(matches!(bad, Err(QueueError::Conflict(_))), "a delivery without a part: {bad:?}");
    assert_eq!((good.is_ok(), other.is_ok()), (true, true));
    assert_eq!(harness.stats().await.queued, 2);
    // The refused one left no state either.
    assert_eq!(harness.accept("h", vec![share("a", "h", "s", 1)]).await.deliveries.len(), 1);
}

pub(crate) async fn a_group_keeps_its_order_and_its_retry_blocks_no_other<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let first = harness.queue("g").await;
    let second = harness.queue("g").await;
    harness.clock.advance(seconds(1));
    let other = harness.queue("h").await;
    let lease = harness.lease().await;
    assert_eq!(lease.delivery, first);
    harness.finish(lease, retry(30, false)).await;
    assert_eq!(harness.arrive().await, other, "the second of the group waits for the first");
    assert_eq!(harness.wait().await, Some(seconds(30)));
    harness.clock.advance(seconds(30));
    let lease = harness.lease().await;
    assert_eq!((lease.delivery, lease.tries.scheduled), (first, 1));
    assert_eq!((lease.age, lease.waited, lease.queued_for), (seconds(30), seconds(0), seconds(31)));
    harness.finish(lease, NextStep::Arrived).await;
    harness.clock.advance(seconds(60));
    assert_eq!(harness.arrive().await, second);
}

pub(crate) async fn other_groups_go_between_the_parts_of_a_message<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let long = harness.queue_to("a", "g", 2).await;
    harness.clock.advance(seconds(1));
    let other = harness.queue("h").await;
    harness.clock.advance(seconds(1));
    let lease = harness.lease().await;
    assert_eq!((lease.delivery, lease.part_index, lease.parts), (long, 0, 2));
    let first_id = lease.msg_uuid.clone();
    harness.finish(lease, NextStep::Arrived).await;
    assert_eq!(harness.show(long).await.delivery.arrived, 1);
    assert_eq!(harness.arrive().await, other);
    let lease = harness.lease().await;
    assert_eq!((lease.delivery, lease.part_index, &lease.part), (long, 1, &message("g 1")));
    assert_ne!(lease.msg_uuid, first_id, "each part is a message of its own");
    harness.finish(lease, NextStep::Arrived).await;
    let shown = harness.show(long).await;
    assert_eq!((shown.delivery.state, shown.delivery.arrived), (State::Delivered, 2));
}

pub(crate) async fn a_part_keeps_its_msg_uuid_from_the_first_unknown_outcome<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    harness.queue_to("a", "g", 2).await;
    let mut ids = Vec::new();
    for (uncertain, was_uncertain) in
        [(false, false), (false, false), (true, false), (false, true), (false, true)]
    {
        let lease = harness.lease().await;
        assert_eq!(lease.uncertain, was_uncertain, "attempt {}", ids.len());
        ids.push(lease.msg_uuid.clone());
        harness.finish(lease, retry(90, uncertain)).await;
        harness.clock.advance(seconds(90));
    }
    assert_ne!(ids[0], ids[1], "a refused id is not used again");
    assert_ne!(ids[1], ids[2]);
    assert_eq!((&ids[2], &ids[2]), (&ids[3], &ids[4]));
    harness.arrive().await;
    let next = harness.lease().await;
    assert_eq!((next.part_index, next.uncertain, next.tries), (1, false, Tries::default()));
    assert_ne!(next.msg_uuid, ids[4]);
}

pub(crate) async fn a_message_that_is_cut_again_keeps_its_first_text<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let id = harness.queue_to("a", "g", 2).await;
    harness.arrive().await;
    let lease = harness.lease().await;
    let refused_id = lease.msg_uuid.clone();
    harness.finish(lease, NextStep::Recut(vec![message("x"), message("y")])).await;
    let lease = harness.lease().await;
    assert_eq!((lease.part_index, lease.parts, &lease.part), (1, 3, &message("x")));
    assert_ne!(lease.msg_uuid, refused_id);
    harness.finish(lease, NextStep::Recut(vec![message("z")])).await;
    harness.clock.advance(seconds(61));
    harness.arrive().await;
    harness.arrive().await;
    let shown = harness.show(id).await;
    assert_eq!(shown.rendered, [message("g 0"), message("g 1")]);
    // What is behind the part that is cut stays: it was not sent yet.
    assert_eq!(shown.parts, [message("g 0"), message("z"), message("y")]);
    assert_eq!((shown.delivery.state, shown.delivery.parts), (State::Delivered, 3));
}

pub(crate) async fn every_attempt_is_recorded_with_what_was_said<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let id = harness.queue("g").await;
    let lease = harness.lease().await;
    let started = harness.now().wall;
    assert_eq!(harness.show(id).await.attempts[0].answered, None, "it is under way");
    harness.clock.advance(seconds(2));
    harness.finish(lease, retry(1, false)).await;
    harness.clock.advance(seconds(1));
    harness.arrive().await;
    let shown = harness.show(id).await;
    assert_eq!((shown.attempts.len(), shown.delivery.attempts), (2, 2));
    assert_eq!(shown.attempts[0].answered, Some(answered("said")));
    assert_eq!(shown.attempts[0].started_at, started);
    assert_eq!(shown.attempts[1].started_at, started + seconds(3));
    assert_eq!(shown.delivery.settled_at, Some(started + seconds(3)));
}

pub(crate) async fn a_buried_delivery_is_dead_with_its_reason_and_frees_its_group<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let dead = harness.queue("g").await;
    let next = harness.queue("g").await;
    let lease = harness.lease().await;
    harness.finish(lease, bury(None)).await;
    let shown = harness.show(dead).await.delivery;
    assert_eq!((shown.state, shown.reason.as_str()), (State::Dead, "refused"));
    assert_eq!(harness.stats().await.settled[&State::Dead], 1);
    assert_eq!(harness.arrive().await, next);
}
