//! Leases: who may attempt, until when, and what a crash makes of them.

use campana::queue::{
    Allowed, DeclaredLane, Filter, NextAttempt, NextStep, QueueError, State, Store,
};
use jiff::Timestamp;

use crate::deliveries::{
    LANE, answered, bury, death, lane, lane_of, notification, retry, seconds, share,
};
use crate::harness::{Backend, Harness};

pub(crate) async fn a_lane_makes_one_attempt_at_a_time<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    harness.queue("g").await;
    harness.queue("h").await;
    let lease = harness.lease().await;
    assert_eq!(harness.left(lease.deadline), seconds(10), "one attempt long");
    assert_eq!(
        harness.wait().await,
        Some(seconds(30)),
        "until the lease's end, three attempts long"
    );
    harness.declare(vec![lane(), lane_of("lane-2", &[("c", "credentials")])]).await;
    harness.queue_to("c", "g", 1).await;
    assert!(
        matches!(harness.ask("lane-2").await, NextAttempt::Attempt(_)),
        "another lane is not held up"
    );
    harness.finish(lease, NextStep::Arrived).await;
    harness.arrive().await;
}

pub(crate) async fn a_lane_that_is_not_declared_has_nothing_to_do<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let id = harness.queue("g").await;
    assert_eq!(harness.ask("lane-2").await, NextAttempt::Wait(None));
    harness.declare(vec![lane_of("lane-2", &[("b", "credentials")])]).await;
    assert_eq!(harness.ask(LANE).await, NextAttempt::Wait(None));
    assert_eq!(
        harness.ask("lane-2").await,
        NextAttempt::Wait(None),
        "what is queued is not for it"
    );
    harness.declare(vec![lane_of("lane-2", &[("a", "credentials")])]).await;
    let NextAttempt::Attempt(lease) = harness.ask("lane-2").await else {
        panic!("it is for it now")
    };
    assert_eq!((lease.delivery, lease.lane.as_str()), (id, "lane-2"));
}

pub(crate) async fn a_lease_that_ran_out_is_given_again_as_uncertain<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let id = harness.queue("g").await;
    let lost = harness.lease().await;
    harness.clock.advance(seconds(30));
    let again = harness.lease().await;
    assert_eq!((again.delivery, again.uncertain), (id, true));
    assert_eq!((&again.msg_uuid, again.waited), (&lost.msg_uuid, seconds(30)));
    let attempts = harness.show(id).await.attempts;
    assert_eq!(attempts[0].answered.as_ref().map(|a| a.outcome.as_str()), Some("unknown"));
    assert_eq!(attempts[1].answered, None);
    harness.finish(again, NextStep::Arrived).await;
}

pub(crate) async fn a_finish_that_comes_too_late_does_no_harm<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let id = harness.queue("g").await;
    let lost = harness.lease().await;
    harness.clock.advance(seconds(30));
    let again = harness.lease().await;
    harness.finish(lost.clone(), bury(Some(death("a", 10)))).await;
    assert_eq!(harness.state(id).await, State::Queued);
    assert_eq!(harness.parks().await, []);
    harness.finish(again, NextStep::Arrived).await;
    harness.finish(lost, retry(1, true)).await;
    assert_eq!(harness.state(id).await, State::Delivered);
    assert_eq!(harness.stats().await.settled[&State::Delivered], 1);
    let attempts = harness.show(id).await.attempts;
    assert_eq!(attempts[0].answered, Some(answered("said")), "what was said is recorded still");
}

pub(crate) async fn a_finish_by_a_lapsed_lease_that_nobody_took_counts<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let id = harness.queue("g").await;
    let late = harness.lease().await;
    harness.clock.advance(seconds(600));
    harness.finish(late, NextStep::Arrived).await;
    assert_eq!(harness.state(id).await, State::Delivered);
}

pub(crate) async fn a_target_that_moved_to_another_lane_loses_nothing<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let id = harness.queue("g").await;
    let _old = harness.lease().await;
    harness.declare(vec![DeclaredLane { id: "lane-2".into(), ..lane() }]).await;
    let NextAttempt::Wait(Some(until)) = harness.ask("lane-2").await else {
        panic!("the old lane's attempt is under way")
    };
    assert_eq!(harness.left(until), seconds(30));
    harness.clock.advance(seconds(30));
    let NextAttempt::Attempt(lease) = harness.ask("lane-2").await else {
        panic!("the lease has run out")
    };
    assert_eq!((lease.delivery, lease.uncertain), (id, true));
}

pub(crate) async fn a_killed_process_loses_nothing_and_its_attempt_is_uncertain<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let first = harness.queue("g").await;
    let second = harness.queue("g").await;
    let third = harness.queue("h").await;
    assert_eq!(harness.arrive().await, first);
    let under_way = harness.lease().await;
    assert_eq!(under_way.delivery, second);
    harness.crash().await;
    let stats = harness.stats().await;
    assert_eq!((stats.queued, stats.settled[&State::Delivered]), (2, 1));
    let again = harness.lease().await;
    assert_eq!((again.delivery, again.uncertain), (second, true));
    assert_eq!(again.msg_uuid, under_way.msg_uuid);
    let attempts = harness.show(second).await.attempts;
    assert_eq!(attempts[0].answered.as_ref().map(|a| a.outcome.as_str()), Some("unknown"));
    harness.finish(again, NextStep::Arrived).await;
    harness.clock.advance(seconds(70));
    assert_eq!(harness.arrive().await, third);
}

pub(crate) async fn a_jump_of_the_wall_clock_moves_no_wait<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    harness.queue("g").await;
    let lease = harness.lease().await;
    harness.finish(lease, retry(30, false)).await;
    let wall = harness.now().wall;
    for jump in [-86_400, 86_400] {
        harness.clock.set_wall(wall + jiff::SignedDuration::from_secs(jump));
        assert_eq!(harness.wait().await, Some(seconds(30)), "a jump of {jump} s");
        let listed = &harness.list(Filter::default()).await[0];
        assert_eq!(listed.due_at, Some(harness.now().wall + seconds(30)));
    }
    harness.clock.advance(seconds(30));
    assert_eq!(harness.lease().await.age, seconds(30), "and no age");
}

pub(crate) async fn waits_go_on_after_a_restart_and_by_wall_time_after_a_reboot<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    harness.queue("g").await;
    let lease = harness.lease().await;
    harness.finish(lease, retry(3_600, false)).await;
    harness.clock.advance(seconds(600));
    harness.restart().await;
    assert_eq!(harness.wait().await, Some(seconds(3_000)));
    // Off for ten minutes: the boot clock begins anew, the wall clock goes on.
    harness.clock.advance(seconds(600));
    harness.clock.reboot("boot-2");
    harness.crash().await;
    assert_eq!(harness.wait().await, Some(seconds(2_400)));
    // The machine comes up in the past: no wait is longer than it was when last seen.
    harness.clock.set_wall(Timestamp::UNIX_EPOCH);
    harness.clock.reboot("boot-3");
    harness.crash().await;
    let wait = harness.wait().await.expect("it waits");
    assert!((seconds(2_400)..=seconds(3_000)).contains(&wait), "{wait:?}");
}

pub(crate) async fn on_a_restored_machine_no_wait_is_longer_than_its_own<B: Backend>() {
    let day = seconds(28 * 3_600);
    // The wall clock is set right at once, or shows the time of the snapshot at first.
    for behind in [seconds(0), day] {
        let mut harness = Harness::<B>::new().await;
        harness.clock.advance(day);
        harness.queue("g").await;
        let lease = harness.lease().await;
        harness.finish(lease, retry(30, false)).await;
        let lost = harness.queue("h").await;
        let _lost = harness.lease_of(lost).await;
        // The boot clock goes back to the snapshot, and the boot id is the snapshot's as well.
        harness.clock.reboot("boot-1");
        harness.clock.set_wall(harness.now().wall - behind);
        harness.crash().await;
        assert_eq!(harness.arrive().await, lost, "its lease is void");
        let wait = harness.wait().await.expect("it waits");
        assert!(wait <= seconds(30), "{wait:?}");
        harness.clock.advance(seconds(60));
        harness.arrive().await;
        assert_eq!(harness.wait().await, None);
    }
}

pub(crate) async fn two_reboots_that_look_alike_are_two<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    for boot in ["boot-2", "boot-3"] {
        harness.clock.reboot(boot);
        harness.crash().await;
    }
    harness.queue("g").await;
    harness.clock.set_wall(harness.now().wall + seconds(3_600));
    harness.crash().await;
    let lease = harness.lease().await;
    assert_eq!(lease.queued_for, seconds(0), "the store was opened in boot-3 before");
}

pub(crate) async fn a_closed_store_answers_closed<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    harness.queue("g").await;
    let store = harness.store();
    let (accepted, closed) = tokio::join!(
        store.accept(notification("n", "h", vec![share("a", "h", "s", 1)]), harness.now()),
        store.close(),
    );
    assert!(accepted.is_ok(), "what was asked before is done");
    assert_eq!(closed, Ok(()));
    assert_eq!(store.stats(harness.now()).await, Err(QueueError::Closed));
    assert_eq!(store.start(LANE, Allowed::All, harness.now()).await, Err(QueueError::Closed));
    assert_eq!(store.close().await, Ok(()), "twice is no error");
    harness.restart().await;
    assert_eq!(harness.stats().await.queued, 2);
}

pub(crate) async fn the_lane_key_is_made_once<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let key = harness.store().lane_key();
    harness.restart().await;
    assert_eq!(harness.store().lane_key(), key);
    assert_ne!(Harness::<B>::new().await.store().lane_key(), key, "another store has another key");
}
