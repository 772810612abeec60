//! Robots that share a destination's work: each with its own budget, one group at a time.

use campana::queue::{
    DeclaredLane, DeliveryId, Finished, LaneTarget, Lease, NewPark, NextAttempt, NextStep, Scope,
    State,
};

use crate::deliveries::{
    BUDGET, LANE, bury, death, death_of_account, retry, seconds, target, throttle,
};
use crate::harness::{Backend, Harness};

const OTHER: &str = "lane-2";

/// Two lanes that serve `a`, each with the credentials of its robot.
fn pool(folds: bool) -> Vec<DeclaredLane> {
    let lane = |id: &str, credentials_hash: &str| DeclaredLane {
        id: id.into(),
        targets: vec![LaneTarget {
            target: target("a"),
            credentials_hash: credentials_hash.into(),
            folds,
            has_fallback: false,
            quota: None,
        }],
        budget: BUDGET,
    };
    vec![lane(LANE, "credentials"), lane(OTHER, "others")]
}

/// The pool, whose first robot is also the only one of `b`.
fn pool_beside_a_lone_one() -> Vec<DeclaredLane> {
    let mut lanes = pool(false);
    let lone = LaneTarget { target: target("b"), ..lanes[0].targets[0].clone() };
    lanes[0].targets.push(lone);
    lanes
}

async fn harness<B: Backend>(folds: bool) -> Harness<B> {
    let mut harness = Harness::<B>::new().await;
    harness.declare(pool(folds)).await;
    harness
}

async fn lease_by<B: Backend>(harness: &Harness<B>, lane: &str) -> Lease {
    let next = harness.ask(lane).await;
    let NextAttempt::Attempt(lease) = next else { panic!("no attempt by {lane}: {next:?}") };
    lease
}

async fn arrive_by<B: Backend>(harness: &Harness<B>, lane: &str) -> DeliveryId {
    let lease = lease_by(harness, lane).await;
    let id = lease.delivery;
    harness.finish(lease, NextStep::Arrived).await;
    id
}

fn death_of_other() -> NewPark {
    let scope = Scope::Destination { target: target("a"), credentials_hash: "others".into() };
    NewPark { scope, ..death("a", 3_600) }
}

pub(crate) async fn robots_share_the_work_and_never_a_group<B: Backend>() {
    let mut harness = harness::<B>(false).await;
    let ids = [harness.queue("g").await, harness.queue("g").await, harness.queue("h").await];
    let first = lease_by(&harness, LANE).await;
    let second = lease_by(&harness, OTHER).await;
    assert_eq!((first.delivery, second.delivery), (ids[0], ids[2]), "each another group");
    harness.finish(second, NextStep::Arrived).await;
    assert_eq!(harness.ask(OTHER).await, NextAttempt::Wait(None), "the group is under way");
    harness.finish(first, NextStep::Arrived).await;
    assert_eq!(arrive_by(&harness, OTHER).await, ids[1]);
}

pub(crate) async fn each_robot_has_its_own_budget<B: Backend>() {
    let mut harness = harness::<B>(false).await;
    for n in 0..7 {
        harness.queue(&format!("g{n}")).await;
    }
    for lane in [LANE, OTHER] {
        for _ in 0..BUDGET.slots {
            arrive_by(&harness, lane).await;
        }
        assert!(matches!(harness.ask(lane).await, NextAttempt::NoSlot(_)), "{lane}");
    }
    assert_eq!(harness.stats().await.queued, 1);
}

pub(crate) async fn a_throttled_robot_leaves_the_work_to_the_others<B: Backend>() {
    let mut harness = harness::<B>(false).await;
    let id = harness.queue("g").await;
    let lease = lease_by(&harness, LANE).await;
    harness.finish(lease, NextStep::Park(throttle(60, 1))).await;
    assert!(matches!(harness.ask(LANE).await, NextAttempt::Blocked(_)));
    assert_eq!(arrive_by(&harness, OTHER).await, id);
}

pub(crate) async fn a_dead_robot_buries_nothing_while_another_lives<B: Backend>() {
    let mut harness = harness::<B>(false).await;
    let ids = [harness.queue("g").await, harness.queue("h").await];
    let lease = lease_by(&harness, LANE).await;
    let finished = harness.finish(lease, bury(Some(death("a", 3_600)))).await;
    assert_eq!(finished, Finished::FailedOver);
    assert!(matches!(harness.ask(LANE).await, NextAttempt::Wait(Some(_))), "its robot is dead");
    assert_eq!(harness.show(ids[1]).await.delivery.reason, "", "the destination is not");
    assert_eq!(arrive_by(&harness, OTHER).await, ids[0]);
    let lease = lease_by(&harness, OTHER).await;
    let finished = harness.finish(lease, bury(Some(death_of_other()))).await;
    assert_eq!(finished, Finished::AsSaid, "nobody is left");
    assert_eq!(harness.state(ids[1]).await, State::Dead);
    assert_eq!(harness.parks().await.len(), 2);
}

pub(crate) async fn a_dead_robot_of_a_pool_buries_where_it_is_alone<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    harness.declare(pool_beside_a_lone_one()).await;
    let dead = || death_of_account("a", 3_600);
    let first = harness.queue("g").await;
    let lease = lease_by(&harness, LANE).await;
    assert_eq!(harness.finish(lease, bury(Some(dead()))).await, Finished::FailedOver);
    assert_eq!(arrive_by(&harness, OTHER).await, first);
    harness.clock.advance(seconds(3_600));
    refused_probe(&mut harness).await;
    assert_eq!(harness.parks().await.len(), 1, "nobody was told that the account is dead");
    let lone = harness.queue_to("b", "h", 1).await;
    let lease = lease_by(&harness, LANE).await;
    assert_eq!((lease.delivery, lease.probe), (lone, false));
    let finished = harness.finish(lease, bury(Some(death_of_account("b", 3_600)))).await;
    assert_eq!((finished, harness.state(lone).await), (Finished::AsSaid, State::Dead));
    harness.clock.advance(seconds(3_600));
    refused_probe(&mut harness).await;
    assert_eq!(harness.parks().await.len(), 2);
    harness.clock.advance(seconds(3_600));
    let id = harness.queue("g").await;
    assert_eq!(arrive_by(&harness, LANE).await, id);
    assert_eq!(harness.parks().await, [], "now it was told, and both waited for the account");
}

/// The pool's dead robot probes and is refused; the other one sends the message.
async fn refused_probe<B: Backend>(harness: &mut Harness<B>) {
    let id = harness.queue("g").await;
    let probe = lease_by(harness, LANE).await;
    assert_eq!((probe.delivery, probe.probe), (id, true));
    harness.finish(probe, NextStep::Park(death_of_account("a", 3_600))).await;
    assert_eq!(arrive_by(harness, OTHER).await, id);
}

/// One robot is dead and may probe, and the other one sends.
async fn with_a_probe_due<B: Backend>() -> Harness<B> {
    let mut harness = harness::<B>(false).await;
    harness.queue("g").await;
    let lease = lease_by(&harness, LANE).await;
    harness.finish(lease, bury(Some(death("a", 3_600)))).await;
    arrive_by(&harness, OTHER).await;
    harness.clock.advance(seconds(3_600));
    harness
}

pub(crate) async fn a_probe_without_an_answer_leaves_its_message_to_another_robot<B: Backend>() {
    let mut harness = with_a_probe_due::<B>().await;
    let ids = [harness.queue("g").await, harness.queue("g").await];
    let probe = lease_by(&harness, LANE).await;
    assert_eq!((probe.delivery, probe.probe), (ids[0], true));
    harness.finish(probe, retry(60, true)).await;
    let found = [arrive_by(&harness, OTHER).await, arrive_by(&harness, OTHER).await];
    assert_eq!(found, ids, "at once, and so does its group");
    harness.queue("h").await;
    let NextAttempt::Wait(Some(until)) = harness.ask(LANE).await else { panic!("it is dead") };
    assert_eq!(harness.left(until), seconds(60), "the dead one probes again a minute later");
}

pub(crate) async fn a_probe_that_ended_with_the_process_leaves_its_message_to_another_robot<
    B: Backend,
>() {
    let mut harness = with_a_probe_due::<B>().await;
    let id = harness.queue("g").await;
    let _under_way = lease_by(&harness, LANE).await;
    harness.crash().await;
    let probe = lease_by(&harness, LANE).await;
    assert_eq!((probe.delivery, probe.uncertain), (id, true));
    harness.finish(probe, retry(60, false)).await;
    assert_eq!(arrive_by(&harness, OTHER).await, id);
}

pub(crate) async fn after_an_unknown_outcome_a_delivery_stays_on_its_robot<B: Backend>() {
    let mut harness = harness::<B>(false).await;
    let id = harness.queue("g").await;
    let lease = lease_by(&harness, LANE).await;
    harness.finish(lease, retry(10, true)).await;
    harness.clock.advance(seconds(10));
    assert_eq!(harness.ask(OTHER).await, NextAttempt::Wait(None));
    harness.crash().await;
    assert_eq!(harness.ask(OTHER).await, NextAttempt::Wait(None), "also after a crash");
    let lease = lease_by(&harness, LANE).await;
    assert_eq!((lease.delivery, lease.uncertain), (id, true));
    harness.finish(lease, bury(Some(death("a", 3_600)))).await;
    assert_eq!(arrive_by(&harness, OTHER).await, id, "its robot is dead");
}

pub(crate) async fn a_refused_attempt_may_go_to_another_robot<B: Backend>() {
    let mut harness = harness::<B>(false).await;
    let id = harness.queue("g").await;
    let lease = lease_by(&harness, LANE).await;
    harness.finish(lease, retry(10, false)).await;
    harness.clock.advance(seconds(10));
    assert_eq!(arrive_by(&harness, OTHER).await, id);
}

pub(crate) async fn what_stayed_on_a_robot_that_is_removed_goes_to_another<B: Backend>() {
    let mut harness = harness::<B>(false).await;
    let ids = [harness.queue("g").await, harness.queue("h").await];
    let lease = lease_by(&harness, LANE).await;
    harness.finish(lease, retry(1, true)).await;
    let _under_way = lease_by(&harness, LANE).await;
    harness.declare(vec![pool(false).remove(1)]).await;
    harness.clock.advance(seconds(30));
    let found = [arrive_by(&harness, OTHER).await, arrive_by(&harness, OTHER).await];
    assert!(ids.iter().all(|id| found.contains(id)), "{found:?}");
}

pub(crate) async fn a_pool_folds_when_all_its_robots_overflow<B: Backend>() {
    let mut harness = harness::<B>(true).await;
    for n in 0..4 {
        harness.queue(&format!("g{n}")).await;
    }
    for lane in [LANE, OTHER, LANE, OTHER] {
        arrive_by(&harness, lane).await;
    }
    let late = harness.queue("late").await;
    for lane in [LANE, OTHER] {
        assert!(matches!(harness.ask(lane).await, NextAttempt::Gathering(_)), "{lane}");
    }
    harness.clock.advance(seconds(60));
    assert_eq!(arrive_by(&harness, OTHER).await, late);
}
