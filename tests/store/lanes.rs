//! Leases: who may attempt, until when, and what a crash makes of them.

use super::*;

pub(crate) async fn a_lane_makes_one_attempt_at_a_time<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    bench.queue("g").await;
    bench.queue("h").await;
    let lease = bench.lease().await;
    assert_eq!(bench.wait().await, Some(seconds(30)), "until the lease's end, three attempts long");
    bench.declare(vec![lane(), lane_of("lane-2", &[("c", "credentials")])]).await;
    bench.queue_to("c", "g", 1).await;
    assert!(matches!(bench.ask("lane-2").await, Start::Attempt(_)), "another lane is not held up");
    bench.finish(lease, NextStep::Arrived).await;
    bench.arrive().await;
}

pub(crate) async fn a_lane_that_is_not_declared_has_nothing_to_do<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    let id = bench.queue("g").await;
    assert_eq!(bench.ask("lane-2").await, Start::Wait(None));
    bench.declare(vec![lane_of("lane-2", &[("b", "credentials")])]).await;
    assert_eq!(bench.ask(LANE).await, Start::Wait(None));
    assert_eq!(bench.ask("lane-2").await, Start::Wait(None), "what is queued is not for it");
    bench.declare(vec![lane_of("lane-2", &[("a", "credentials")])]).await;
    let Start::Attempt(lease) = bench.ask("lane-2").await else { panic!("it is for it now") };
    assert_eq!((lease.delivery, lease.lane.as_str()), (id, "lane-2"));
}

pub(crate) async fn a_lease_that_ran_out_is_given_again_as_uncertain<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    let id = bench.queue("g").await;
    let lost = bench.lease().await;
    bench.clock.advance(seconds(30));
    let again = bench.lease().await;
    assert_eq!((again.delivery, again.uncertain), (id, true));
    assert_eq!((&again.msg_uuid, again.waited), (&lost.msg_uuid, seconds(30)));
    let attempts = bench.show(id).await.attempts;
    assert_eq!(attempts[0].answered.as_ref().map(|a| a.outcome.as_str()), Some("unknown"));
    assert_eq!(attempts[1].answered, None);
    bench.finish(again, NextStep::Arrived).await;
}

pub(crate) async fn a_finish_that_comes_too_late_does_no_harm<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    let id = bench.queue("g").await;
    let lost = bench.lease().await;
    bench.clock.advance(seconds(30));
    let again = bench.lease().await;
    bench.finish(lost.clone(), bury(Some(death("a", 10)))).await;
    assert_eq!(bench.state(id).await, State::Queued);
    assert_eq!(bench.parks().await, []);
    bench.finish(again, NextStep::Arrived).await;
    bench.finish(lost, retry(1, true)).await;
    assert_eq!(bench.state(id).await, State::Delivered);
    assert_eq!(bench.stats().await.settled[&State::Delivered], 1);
    let attempts = bench.show(id).await.attempts;
    assert_eq!(attempts[0].answered, Some(answered("said")), "what was said is recorded still");
}

pub(crate) async fn a_finish_by_a_lapsed_lease_that_nobody_took_counts<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    let id = bench.queue("g").await;
    let late = bench.lease().await;
    bench.clock.advance(seconds(600));
    bench.finish(late, NextStep::Arrived).await;
    assert_eq!(bench.state(id).await, State::Delivered);
}

pub(crate) async fn a_target_that_moved_to_another_lane_loses_nothing<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    let id = bench.queue("g").await;
    let _old = bench.lease().await;
    bench.declare(vec![DeclaredLane { id: "lane-2".into(), ..lane() }]).await;
    let Start::Wait(Some(until)) = bench.ask("lane-2").await else {
        panic!("the old lane's attempt is under way")
    };
    assert_eq!(bench.left(until), seconds(30));
    bench.clock.advance(seconds(30));
    let Start::Attempt(lease) = bench.ask("lane-2").await else { panic!("the lease has run out") };
    assert_eq!((lease.delivery, lease.uncertain), (id, true));
}

pub(crate) async fn a_killed_process_loses_nothing_and_its_attempt_is_uncertain<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    let first = bench.queue("g").await;
    let second = bench.queue("g").await;
    let third = bench.queue("h").await;
    assert_eq!(bench.arrive().await, first);
    let under_way = bench.lease().await;
    assert_eq!(under_way.delivery, second);
    bench.crash().await;
    let stats = bench.stats().await;
    assert_eq!((stats.queued, stats.settled[&State::Delivered]), (2, 1));
    let again = bench.lease().await;
    assert_eq!((again.delivery, again.uncertain), (second, true));
    assert_eq!(again.msg_uuid, under_way.msg_uuid);
    let attempts = bench.show(second).await.attempts;
    assert_eq!(attempts[0].answered.as_ref().map(|a| a.outcome.as_str()), Some("unknown"));
    bench.finish(again, NextStep::Arrived).await;
    bench.clock.advance(seconds(70));
    assert_eq!(bench.arrive().await, third);
}

pub(crate) async fn a_jump_of_the_wall_clock_moves_no_wait<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    bench.queue("g").await;
    let lease = bench.lease().await;
    bench.finish(lease, retry(30, false)).await;
    let wall = bench.now().wall;
    for jump in [-86_400, 86_400] {
        bench.clock.set_wall(wall + jiff::SignedDuration::from_secs(jump));
        assert_eq!(bench.wait().await, Some(seconds(30)), "a jump of {jump} s");
        let listed = &bench.list(Filter::default()).await[0];
        assert_eq!(listed.due_at, Some(bench.now().wall + seconds(30)));
    }
    bench.clock.advance(seconds(30));
    assert_eq!(bench.lease().await.age, seconds(30), "and no age");
}

pub(crate) async fn waits_go_on_after_a_restart_and_by_wall_time_after_a_reboot<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    bench.queue("g").await;
    let lease = bench.lease().await;
    bench.finish(lease, retry(3_600, false)).await;
    bench.clock.advance(seconds(600));
    bench.restart().await;
    assert_eq!(bench.wait().await, Some(seconds(3_000)));
    // Off for ten minutes: the boot clock begins anew, the wall clock goes on.
    bench.clock.advance(seconds(600));
    bench.clock.reboot("boot-2");
    bench.crash().await;
    assert_eq!(bench.wait().await, Some(seconds(2_400)));
    // The machine comes up in the past: no wait is longer than it was when last seen.
    bench.clock.set_wall(Timestamp::UNIX_EPOCH);
    bench.clock.reboot("boot-3");
    bench.crash().await;
    let wait = bench.wait().await.expect("it waits");
    assert!((seconds(2_400)..=seconds(3_000)).contains(&wait), "{wait:?}");
}

pub(crate) async fn two_reboots_that_look_alike_are_two<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    for boot in ["boot-2", "boot-3"] {
        bench.clock.reboot(boot);
        bench.crash().await;
    }
    bench.queue("g").await;
    bench.clock.set_wall(bench.now().wall + seconds(3_600));
    bench.crash().await;
    let lease = bench.lease().await;
    assert_eq!(lease.queued_for, seconds(0), "the store was opened in boot-3 before");
}

pub(crate) async fn a_closed_store_answers_closed<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    bench.queue("g").await;
    let store = bench.store();
    let (accepted, closed) = tokio::join!(
        store.accept(notification("n", "h", vec![share("a", "h", "s", 1)]), bench.now()),
        store.close(),
    );
    assert!(accepted.is_ok(), "what was asked before is done");
    assert_eq!(closed, Ok(()));
    assert_eq!(store.stats(bench.now()).await, Err(QueueError::Closed));
    assert_eq!(store.start(LANE, bench.now()).await, Err(QueueError::Closed));
    assert_eq!(store.close().await, Ok(()), "twice is no error");
    bench.restart().await;
    assert_eq!(bench.stats().await.queued, 2);
}

pub(crate) async fn the_lane_key_is_made_once<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    let key = bench.store().lane_key();
    bench.restart().await;
    assert_eq!(bench.store().lane_key(), key);
    assert_ne!(Bench::<H>::new().await.store().lane_key(), key, "another store has another key");
}
