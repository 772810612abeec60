//! Folding: what waits for a digest, what a digest carries, and what becomes of it.

use campana::queue::fold::FULL_GROUPS;
use campana::queue::{
    DeclaredLane, DeliveryId, Filter, Finished, LaneTarget, NewMessage, NextAttempt, NextStep,
    Origin, QueueError, ReceiverShare, State, Store,
};

use crate::deliveries::{
    BUDGET, LANE, bury, death, lane, new_message, retry, seconds, share, target, throttle,
};
use crate::harness::{Backend, Harness};

/// The lane of the rules, of which `a` folds; three slots, of which one is kept for digests.
fn folding_lane() -> DeclaredLane {
    let folding = |of: LaneTarget| LaneTarget { folds: of.target.destination == "a", ..of };
    DeclaredLane { targets: lane().targets.into_iter().map(folding).collect(), ..lane() }
}

async fn harness<B: Backend>() -> Harness<B> {
    let mut harness = Harness::<B>::new().await;
    harness.declare(vec![folding_lane()]).await;
    harness
}

async fn queue_all<B: Backend>(harness: &mut Harness<B>, groups: &[&str]) -> Vec<DeliveryId> {
    let mut ids = Vec::new();
    for group in groups {
        ids.push(harness.queue(group).await);
    }
    ids
}

/// The numbers of what may fold, group by group.
async fn foldable<B: Backend>(harness: &Harness<B>) -> Vec<Vec<i64>> {
    let foldable = harness.store().foldable(target("a"), harness.now()).await.expect("it answers");
    foldable.groups.iter().map(|group| group.iter().map(|one| one.id.0).collect()).collect()
}

async fn fold<B: Backend>(harness: &Harness<B>, ids: &[DeliveryId]) -> DeliveryId {
    let message = digest_message();
    harness.store().fold(ids.to_vec(), message, harness.now()).await.expect("it folds")
}

fn digest_message() -> NewMessage {
    NewMessage { rank: 0, ..new_message("digest", 1) }
}

fn give_up(too_old: bool) -> NextStep {
    NextStep::GiveUp { reason: "in vain".into(), too_old }
}

/// Four groups wait, and a digest carries them all.
async fn folded<B: Backend>() -> (Harness<B>, Vec<DeliveryId>, DeliveryId) {
    let mut harness = harness::<B>().await;
    let ids = queue_all(&mut harness, &["g", "h", "i", "j"]).await;
    let digest = fold(&harness, &ids).await;
    (harness, ids, digest)
}

pub(crate) async fn what_fits_into_the_free_slots_goes_out_as_itself<B: Backend>() {
    let mut harness = harness::<B>().await;
    let ids = queue_all(&mut harness, &["g", "h"]).await;
    assert_eq!(harness.arrive().await, ids[0]);
    assert_eq!(harness.arrive().await, ids[1]);
    let late = harness.queue("i").await;
    assert_eq!(harness.wait().await, Some(seconds(60)), "the last slot is kept for a digest");
    harness.clock.advance(seconds(60));
    assert_eq!(harness.arrive().await, late);
}

pub(crate) async fn more_than_the_free_slots_waits_for_a_digest<B: Backend>() {
    let mut harness = harness::<B>().await;
    let first = harness.queue_to("a", "g", 2).await;
    assert_eq!(harness.arrive().await, first, "two parts fit into two slots");
    harness.clock.advance(seconds(10));
    let more = queue_all(&mut harness, &["h", "i", "j"]).await;
    assert_eq!(harness.arrive().await, first, "a message that was begun goes on");
    assert_eq!(
        harness.wait().await,
        Some(seconds(50)),
        "a slot is free again before the digest is due"
    );
    harness.clock.advance(seconds(49));
    assert_eq!(harness.wait().await, Some(seconds(1)));
    harness.clock.advance(seconds(11));
    assert_eq!(harness.ask(LANE).await, NextAttempt::Fold(target("a")));
    assert_eq!(foldable(&harness).await, [[more[0].0], [more[1].0], [more[2].0]]);
    let digest = fold(&harness, &more).await;
    assert_eq!(harness.arrive().await, digest);
}

pub(crate) async fn a_full_digest_leaves_at_once<B: Backend>() {
    let mut harness = harness::<B>().await;
    for group in 1..FULL_GROUPS {
        harness.queue(&format!("g{group}")).await;
    }
    assert_eq!(harness.wait().await, Some(seconds(60)), "it is not full");
    harness.queue("last").await;
    assert_eq!(harness.ask(LANE).await, NextAttempt::Fold(target("a")));
    assert_eq!(foldable(&harness).await.len(), FULL_GROUPS);
}

pub(crate) async fn a_destination_that_does_not_fold_sends_on<B: Backend>() {
    let mut harness = harness::<B>().await;
    let mut ids = Vec::new();
    for group in ["g", "h", "i", "j"] {
        ids.push(harness.queue_to("b", group, 1).await);
    }
    for id in &ids[..3] {
        assert_eq!(harness.arrive().await, *id, "all slots are for it");
    }
    assert_eq!(harness.wait().await, Some(seconds(60)));
    let fresh = harness.queue("k").await;
    harness.clock.advance(seconds(60));
    harness.queue("l").await;
    assert_eq!(harness.ask(LANE).await, NextAttempt::Fold(target("a")), "the digest goes first");
    fold(&harness, &[fresh]).await;
    harness.arrive().await;
    assert_eq!(harness.arrive().await, ids[3]);
    assert_eq!(harness.wait().await, Some(seconds(60)), "one slot is left for the next digest");
}

pub(crate) async fn a_digest_folds_what_it_carries_when_it_arrives<B: Backend>() {
    let (harness, ids, digest) = folded::<B>().await;
    assert_eq!(harness.stats().await.queued, 5);
    assert_eq!(harness.stats().await.accepted[&Origin::Digest], 1);
    let shown = harness.show(ids[1]).await.delivery;
    assert_eq!((shown.state, shown.carried_by), (State::Queued, Some(digest)));
    assert!(shown.reason.contains(&format!("digest {digest}")), "{}", shown.reason);
    assert_eq!(harness.arrive().await, digest);
    let stats = harness.stats().await;
    assert_eq!((stats.settled[&State::Folded], stats.settled[&State::Delivered]), (4, 1));
    for id in ids {
        let shown = harness.show(id).await.delivery;
        assert_eq!((shown.state, shown.carried_by), (State::Folded, Some(digest)));
    }
    assert_eq!(harness.wait().await, None);
}

pub(crate) async fn a_carried_group_waits_for_its_digest<B: Backend>() {
    let (mut harness, _, digest) = folded::<B>().await;
    let next = harness.queue("g").await;
    let other = harness.queue("k").await;
    assert_eq!(foldable(&harness).await, [[other.0]], "what waits behind the digest folds later");
    let lease = harness.lease().await;
    assert_eq!(lease.delivery, digest);
    harness.crash().await;
    let again = harness.lease().await;
    assert_eq!((again.delivery, again.uncertain), (digest, true), "also after a crash");
    harness.finish(again, NextStep::Arrived).await;
    assert_eq!(foldable(&harness).await, [[next.0], [other.0]]);
}

pub(crate) async fn a_buried_digest_frees_what_it_carried<B: Backend>() {
    for (end, folds) in [
        (bury(None), false),
        (bury(Some(death("a", 3_600))), true),
        (bury(Some(throttle(1, 1))), true),
    ] {
        let (mut harness, ids, digest) = folded::<B>().await;
        let behind = harness.queue("g").await;
        let lease = harness.lease().await;
        harness.clock.advance(seconds(5));
        harness.finish(lease, end.clone()).await;
        let stats = harness.stats().await;
        assert_eq!((stats.queued, stats.settled[&State::Dead]), (5, 1), "{end:?}");
        let again = foldable(&harness).await;
        let group = if folds { vec![vec![ids[0].0, behind.0]] } else { vec![] };
        assert_eq!(again.first().cloned().into_iter().collect::<Vec<_>>(), group, "{end:?}");
        harness.declare(vec![lane()]).await;
        harness.clock.advance(seconds(3_600));
        let lease = harness.lease().await;
        assert_eq!((lease.delivery, lease.age), (ids[0], seconds(3_605)), "as old as its digest");
        let refused = harness.store().replay(digest, None, harness.now()).await;
        assert!(matches!(refused, Err(QueueError::Conflict(_))), "{refused:?}");
    }
}

pub(crate) async fn a_digest_that_became_too_old_takes_what_it_carried_with_it<B: Backend>() {
    let (mut harness, ids, digest) = folded::<B>().await;
    let behind = harness.queue("g").await;
    let lease = harness.lease_of(digest).await;
    assert_eq!(harness.finish(lease, give_up(true)).await, Finished::GaveUp(4));
    for id in ids.into_iter().chain([digest]) {
        let shown = harness.show(id).await.delivery;
        assert_eq!((shown.state, shown.reason.as_str()), (State::Dead, "in vain"), "{id}");
        assert_eq!(shown.carried_by, None);
    }
    assert_eq!(harness.stats().await.settled[&State::Dead], 5);
    assert_eq!(harness.arrive().await, behind, "it was never attempted");
}

pub(crate) async fn what_no_known_code_refused_folds_once_more<B: Backend>() {
    let (harness, ids, digest) = folded::<B>().await;
    let lease = harness.lease_of(digest).await;
    assert_eq!(harness.finish(lease, give_up(false)).await, Finished::GaveUp(0));
    assert_eq!(foldable(&harness).await.len(), ids.len(), "the next digest may arrive");
    let again = fold(&harness, &ids).await;
    let lease = harness.lease_of(again).await;
    assert_eq!(harness.finish(lease, give_up(false)).await, Finished::GaveUp(0));
    let left = foldable(&harness).await;
    assert!(left.is_empty(), "each may arrive as itself: {left:?}");
    let lease = harness.lease_of(ids[0]).await;
    harness.finish(lease, give_up(true)).await;
    assert_eq!(harness.stats().await.settled[&State::Dead], 3, "it carried nothing");
}

pub(crate) async fn what_two_digests_carried_is_as_old_as_the_first_attempt<B: Backend>() {
    for is_attempted in [false, true] {
        let (mut harness, ids, digest) = folded::<B>().await;
        let lease = harness.lease_of(digest).await;
        harness.finish(lease, bury(Some(throttle(1, 1)))).await;
        harness.clock.advance(seconds(100));
        let again = fold(&harness, &ids).await;
        if is_attempted {
            let lease = harness.lease_of(again).await;
            harness.finish(lease, bury(Some(throttle(1, 1)))).await;
        } else {
            harness.store().discard(again, harness.now()).await.expect("it is given up");
        }
        harness.declare(vec![lane()]).await;
        harness.clock.advance(seconds(100));
        let lease = harness.lease_of(ids[0]).await;
        assert_eq!(lease.age, seconds(200), "attempted again: {is_attempted}");
    }
}

pub(crate) async fn the_states_of_a_group_fold_from_the_oldest_on<B: Backend>() {
    let mut harness = harness::<B>().await;
    let ids = queue_all(&mut harness, &["g", "g", "h", "g"]).await;
    assert_eq!(foldable(&harness).await, [vec![ids[0].0, ids[1].0, ids[3].0], vec![ids[2].0]]);
    let late = harness.store().fold(ids[1..].to_vec(), digest_message(), harness.now()).await;
    assert!(matches!(late, Err(QueueError::Conflict(_))), "not without the oldest: {late:?}");
    let stats = harness.stats().await;
    assert_eq!((stats.queued, stats.accepted[&Origin::Digest]), (4, 0), "it left nothing behind");
    fold(&harness, &[ids[0], ids[1]]).await;
    harness.arrive().await;
    assert_eq!(foldable(&harness).await, [[ids[2].0], [ids[3].0]], "the newest goes on");
}

pub(crate) async fn a_replay_folds_as_the_state_that_it_tells<B: Backend>() {
    let mut harness = harness::<B>().await;
    let dead = harness.queue("g").await;
    let lease = harness.lease_of(dead).await;
    harness.finish(lease, bury(None)).await;
    let newer = queue_all(&mut harness, &["g", "h", "i"]).await;
    let replay = harness.store().replay(dead, None, harness.now()).await.expect("it is dead");
    let groups = foldable(&harness).await;
    assert_eq!(groups[0], [replay.0, newer[0].0], "the newest state is not the one replayed");
}

pub(crate) async fn what_was_attempted_folds_no_more<B: Backend>() {
    let mut harness = harness::<B>().await;
    let ids = queue_all(&mut harness, &["g", "g", "h"]).await;
    harness.store().unfold(ids[2], harness.now()).await.expect("it is recorded");
    assert_eq!(harness.lease_of(ids[2]).await.delivery, ids[2]);
    assert_eq!(foldable(&harness).await, [[ids[0].0, ids[1].0]]);
    let refused = harness.store().fold(vec![ids[2]], digest_message(), harness.now()).await;
    assert!(matches!(refused, Err(QueueError::Conflict(_))), "{refused:?}");
    fold(&harness, &ids[..1]).await;
    let refused = harness.store().fold(ids[..1].to_vec(), digest_message(), harness.now()).await;
    assert!(matches!(refused, Err(QueueError::Conflict(_))), "it is carried: {refused:?}");
}

pub(crate) async fn a_person_gives_up_a_digest_and_not_what_it_carries<B: Backend>() {
    let (harness, ids, digest) = folded::<B>().await;
    let refused = harness.store().discard(ids[0], harness.now()).await;
    assert!(matches!(refused, Err(QueueError::Conflict(_))), "{refused:?}");
    harness.store().discard(digest, harness.now()).await.expect("it is given up");
    let stats = harness.stats().await;
    assert_eq!((stats.queued, stats.settled[&State::Discarded]), (4, 1));
    assert_eq!(foldable(&harness).await.len(), 4);
}

pub(crate) async fn what_waits_for_a_dead_destination_is_neither_counted_nor_folded<B: Backend>() {
    let mut harness = harness::<B>().await;
    harness.queue("g").await;
    let lease = harness.lease().await;
    harness.finish(lease, bury(Some(death("a", 3_600)))).await;
    queue_all(&mut harness, &["h", "i", "j", "k"]).await;
    let other = harness.queue_to("b", "l", 1).await;
    assert_eq!(harness.arrive().await, other);
    assert_eq!(harness.wait().await, Some(seconds(3_600)));
    harness.clock.advance(seconds(3_600));
    let probe = harness.lease().await;
    assert!(probe.probe, "it probes and does not fold");
}

pub(crate) async fn a_retry_leaves_one_slot_for_the_next_digest<B: Backend>() {
    let mut harness = harness::<B>().await;
    let first = harness.queue("g").await;
    let lease = harness.lease().await;
    harness.finish(lease, retry(1, false)).await;
    queue_all(&mut harness, &["h", "i", "j"]).await;
    harness.clock.advance(seconds(1));
    let lease = harness.lease().await;
    assert_eq!(lease.delivery, first, "two slots are free");
    harness.finish(lease, retry(1, false)).await;
    harness.clock.advance(seconds(1));
    assert_eq!(harness.wait().await, Some(seconds(58)), "one is left");
}

pub(crate) async fn the_more_severe_goes_first_and_nobody_waits_without_end<B: Backend>() {
    let harness = Harness::<B>::new().await;
    let ranked = |group: &str, rank: u8| {
        let share = share("a", group, group, 1);
        let message = NewMessage { rank, ..new_message(group, 1) };
        ReceiverShare { messages: vec![message.into()], ..share }
    };
    let mut ids = Vec::new();
    for (group, rank) in [("mild", 3), ("bad", 1), ("worst", 0)] {
        ids.push(harness.accept(group, vec![ranked(group, rank)]).await.deliveries[0]);
        harness.clock.advance(seconds(1));
    }
    assert_eq!([harness.arrive().await, harness.arrive().await], [ids[2], ids[1]]);
    // Three minutes later the mild one has waited as long as it yields.
    harness.clock.advance(seconds(180));
    harness.accept("late", vec![ranked("late", 0)]).await;
    assert_eq!(harness.arrive().await, ids[0]);
    assert_eq!(BUDGET.slots, 3);
}

pub(crate) async fn a_digest_goes_with_what_it_carried_after_its_time<B: Backend>() {
    let (mut harness, ids, digest) = folded::<B>().await;
    harness.arrive().await;
    harness.clock.advance(seconds(100));
    let late = harness.queue("g").await;
    let deleted = harness.store().retain(seconds(60), seconds(60), harness.now()).await;
    assert_eq!(deleted, Ok(ids.len() as u64 + 1));
    assert_eq!(harness.list(Filter::default()).await.len(), 1);
    let shown = harness.store().show(digest, harness.now()).await;
    assert_eq!(shown, Ok(None));
    let stats = harness.stats().await;
    assert_eq!((stats.settled[&State::Folded], stats.accepted[&Origin::Digest]), (4, 1));
    assert_eq!(harness.arrive().await, late);
}

pub(crate) async fn what_a_digest_carries_expires_with_its_destination<B: Backend>() {
    let (mut harness, ids, digest) = folded::<B>().await;
    harness.declare(Vec::new()).await;
    harness.clock.advance(seconds(100));
    for _ in 0..2 {
        harness.store().expire(Vec::new(), seconds(60), harness.now()).await.expect("it is done");
    }
    for id in ids.into_iter().chain([digest]) {
        assert_eq!(harness.state(id).await, State::Dead, "{id}");
    }
    assert_eq!(harness.stats().await.queued, 0);
}

pub(crate) async fn a_digest_expires_by_the_oldest_that_it_carries<B: Backend>() {
    let mut harness = harness::<B>().await;
    let old = queue_all(&mut harness, &["g", "h"]).await;
    harness.clock.advance(seconds(100));
    let young = harness.queue("i").await;
    let digest = fold(&harness, &[old[0], old[1], young]).await;
    let lease = harness.lease_of(digest).await;
    harness.finish(lease, NextStep::Park(death("a", 3_600))).await;
    harness.clock.advance(seconds(3_600));
    let probe = harness.lease_of(digest).await;
    let expire = || harness.store().expire(vec![target("a")], seconds(3_650), harness.now());
    assert_eq!(expire().await, Ok(0), "it is being sent");
    harness.finish(probe, NextStep::Park(death("a", 3_600))).await;
    assert_eq!(expire().await, Ok(3));
    for id in [old[0], old[1], digest] {
        let shown = harness.show(id).await.delivery;
        assert_eq!((shown.state, shown.reason.as_str()), (State::Dead, "the robot is gone"));
    }
    assert_eq!(harness.state(young).await, State::Queued, "its time is not over");
}
