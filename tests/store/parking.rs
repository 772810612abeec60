//! Parks: a throttled lane, and a dead destination.

use campana::queue::{
    Charge, DeliveryId, Finished, NextAttempt, NextStep, Scope, State, Store, Tries,
};

use crate::deliveries::{
    BUDGET, LANE, bury, death, death_of_account, lane, lane_of, retry, seconds, target, throttle,
};
use crate::harness::{Backend, Harness};

pub(crate) async fn a_throttled_lane_waits_and_then_makes_one_probe<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let first = harness.queue("g").await;
    harness.queue_to("b", "h", 1).await;
    let lease = harness.lease().await;
    assert_eq!(lease.throttle_step, 0);
    harness.finish(lease, NextStep::Park(throttle(60, 1))).await;
    assert_eq!(harness.wait().await, Some(seconds(60)), "the whole lane waits");
    let charge = harness.store().charge(LANE.into(), BUDGET, harness.now()).await;
    assert_eq!(charge, Ok(Charge::Wait(harness.now().boot + seconds(60))), "and so do tests");
    harness.clock.advance(seconds(60));
    let probe = harness.lease().await;
    assert_eq!((probe.delivery, probe.throttle_step), (first, 1));
    assert_eq!(probe.tries, Tries::default(), "a throttle uses up no try");
    let charge = harness.store().charge(LANE.into(), BUDGET, harness.now()).await;
    assert_eq!(charge, Ok(Charge::Wait(harness.now().boot + seconds(10))), "one probe at a time");
    harness.finish(probe, NextStep::Park(throttle(120, 2))).await;
    let park = &harness.parks().await[0];
    assert_eq!((park.scope.clone(), park.step), (Scope::Lane(LANE.into()), 2));
    assert_eq!(park.until, harness.now().wall + seconds(120));
    harness.clock.advance(seconds(120));
    harness.arrive().await;
    assert_eq!(harness.parks().await, []);
    assert_eq!(harness.lease().await.throttle_step, 0);
}

pub(crate) async fn a_throttle_survives_a_restart<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    harness.queue("g").await;
    let lease = harness.lease().await;
    harness.finish(lease, NextStep::Park(throttle(300, 3))).await;
    harness.clock.advance(seconds(100));
    harness.crash().await;
    assert_eq!(harness.wait().await, Some(seconds(200)));
    harness.clock.advance(seconds(200));
    assert_eq!(harness.lease().await.throttle_step, 3);
}

pub(crate) async fn a_test_that_probes_a_throttle_holds_the_lane<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    harness.queue("g").await;
    let lease = harness.lease().await;
    harness.finish(lease, bury(Some(throttle(60, 1)))).await;
    harness.clock.advance(seconds(60));
    let charge =
        harness.store().charge(LANE.into(), BUDGET, harness.now()).await.expect("it answers");
    let Charge::Taken(charge) = charge else { panic!("the throttle is due") };
    harness.queue("h").await;
    assert_eq!(harness.wait().await, Some(seconds(10)));
    harness.store().discharge(charge, true, harness.now()).await.expect("it is recorded");
    harness.store().unpark(Scope::Lane(LANE.into()), harness.now()).await.expect("it ends");
    assert_eq!(harness.lease().await.throttle_step, 0);
}

/// A harness on which `a` died with its first delivery; it has two more, and `b` has one.
async fn with_a_dead_destination<B: Backend>() -> (Harness<B>, [DeliveryId; 4]) {
    let mut harness = Harness::<B>::new().await;
    let mut ids = Vec::new();
    for (destination, group) in [("a", "g"), ("a", "g"), ("a", "h"), ("b", "g")] {
        ids.push(harness.queue_to(destination, group, 1).await);
        harness.clock.advance(seconds(1));
    }
    let lease = harness.lease().await;
    harness.finish(lease, bury(Some(death("a", 3_600)))).await;
    (harness, ids.try_into().expect("four"))
}

pub(crate) async fn a_dead_destination_waits_while_its_lane_goes_on<B: Backend>() {
    let (harness, [buried, second, third, other]) = with_a_dead_destination::<B>().await;
    assert_eq!(harness.state(buried).await, State::Dead);
    assert_eq!(harness.arrive().await, other);
    assert_eq!(harness.wait().await, Some(seconds(3_600)));
    for waiting in [second, third] {
        let shown = harness.show(waiting).await.delivery;
        assert_eq!((shown.state, shown.reason.as_str()), (State::Queued, "the robot is gone"));
        assert_eq!(shown.due_at, Some(harness.now().wall + seconds(3_600)));
    }
    harness.clock.advance(seconds(3_600));
    let probe = harness.lease().await;
    assert_eq!((probe.delivery, probe.probe), (second, true), "its oldest head probes");
    harness.finish(probe, NextStep::Park(death("a", 3_600))).await;
    assert_eq!(harness.state(second).await, State::Queued, "a refused probe stays queued");
    assert_eq!(harness.wait().await, Some(seconds(3_600)));
    harness.clock.advance(seconds(3_600));
    assert_eq!(harness.arrive().await, second);
    assert_eq!(harness.parks().await, []);
    let freed = harness.lease().await;
    assert_eq!((freed.delivery, freed.probe), (third, false), "a success frees all");
}

pub(crate) async fn other_credentials_end_a_park<B: Backend>() {
    let (mut harness, [_, second, ..]) = with_a_dead_destination::<B>().await;
    harness.declare(vec![lane()]).await;
    assert_eq!(harness.parks().await.len(), 1, "the credentials_hash are the same");
    harness.declare(vec![lane_of(LANE, &[("a", "renewed")])]).await;
    assert_eq!(harness.parks().await, [], "at once");
    let NextAttempt::Attempt(lease) = harness.ask(LANE).await else {
        panic!("the park was made with other credentials")
    };
    assert_eq!((lease.delivery, lease.probe), (second, false));
}

pub(crate) async fn each_start_gives_a_dead_destination_one_probe<B: Backend>() {
    let (mut harness, [_, second, _, other]) = with_a_dead_destination::<B>().await;
    harness.crash().await;
    let probe = harness.lease().await;
    assert_eq!((probe.delivery, probe.probe), (second, true));
    harness.finish(probe, NextStep::Park(death("a", 3_600))).await;
    assert_eq!(harness.arrive().await, other);
    assert_eq!(harness.wait().await, Some(seconds(3_600)));
}

pub(crate) async fn a_lifted_park_frees_its_destination<B: Backend>() {
    let (harness, [_, second, _, other]) = with_a_dead_destination::<B>().await;
    assert_eq!(harness.arrive().await, other);
    for (destination, credentials_hash) in [("a", "others"), ("b", "credentials")] {
        let scope = Scope::Destination {
            target: target(destination),
            credentials_hash: credentials_hash.into(),
        };
        harness.store().unpark(scope, harness.now()).await.expect("nothing to do");
        assert_eq!(harness.wait().await, Some(seconds(3_600)), "{destination} {credentials_hash}");
    }
    harness.store().unpark(death("a", 0).scope, harness.now()).await.expect("it ends");
    let lease = harness.lease().await;
    assert_eq!((lease.delivery, lease.probe), (second, false));
}

pub(crate) async fn a_probe_that_told_nothing_puts_off_the_others<B: Backend>() {
    let (harness, [_, _, third, other]) = with_a_dead_destination::<B>().await;
    assert_eq!(harness.arrive().await, other);
    harness.clock.advance(seconds(3_600));
    let probe = harness.lease().await;
    harness.finish(probe, retry(15, true)).await;
    assert_eq!(harness.wait().await, Some(seconds(15)), "the head of the other group waits too");
    harness.clock.advance(seconds(15));
    let probe = harness.lease().await;
    assert_eq!((probe.delivery, probe.probe), (third, true), "due longest");
}

pub(crate) async fn a_dead_account_buries_one_delivery_and_parks_all_its_destinations<
    B: Backend,
>() {
    let mut harness = Harness::<B>::new().await;
    let mut ids = Vec::new();
    for (destination, group) in [("a", "g"), ("a", "h"), ("b", "g")] {
        ids.push(harness.queue_to(destination, group, 1).await);
        harness.clock.advance(seconds(1));
    }
    let lease = harness.lease_of(ids[0]).await;
    let finished = harness.finish(lease, bury(Some(death_of_account("a", 3_600)))).await;
    assert_eq!((finished, harness.state(ids[0]).await), (Finished::AsSaid, State::Dead));
    assert_eq!(harness.parks().await.len(), 2);
    assert_eq!(harness.wait().await, Some(seconds(3_600)), "the other destination waits as well");
    let waiting = harness.show(ids[2]).await.delivery;
    assert_eq!((waiting.state, waiting.reason.as_str()), (State::Queued, "the robot is gone"));
    harness.clock.advance(seconds(3_600));
    let probe = harness.lease_of(ids[1]).await;
    assert!(probe.probe);
    harness.finish(probe, NextStep::Park(death_of_account("a", 3_600))).await;
    assert_eq!(harness.wait().await, Some(seconds(3_600)), "one probe for the whole account");
    harness.clock.advance(seconds(3_600));
    assert_eq!(harness.arrive().await, ids[1]);
    assert_eq!(harness.parks().await, [], "a success frees all");
    let freed = harness.lease_of(ids[2]).await;
    assert!(!freed.probe);
}

/// The account died before `b` was one of its destinations; what waits for that.
async fn with_a_new_destination<B: Backend>() -> (Harness<B>, DeliveryId) {
    let mut harness = Harness::<B>::new().await;
    harness.declare(vec![lane_of(LANE, &[("a", "credentials")])]).await;
    harness.queue("g").await;
    let lease = harness.lease().await;
    harness.finish(lease, bury(Some(death_of_account("a", 3_600)))).await;
    harness.declare(vec![lane()]).await;
    let new = harness.queue_to("b", "h", 1).await;
    (harness, new)
}

pub(crate) async fn a_destination_of_a_dead_account_waits_even_if_it_is_new<B: Backend>() {
    let (harness, new) = with_a_new_destination::<B>().await;
    let lease = harness.lease_of(new).await;
    assert!(!lease.probe, "it was added after the account died");
    let finished = harness.finish(lease, bury(Some(death_of_account("b", 3_600)))).await;
    assert_eq!((finished, harness.state(new).await), (Finished::Parked, State::Queued));
    assert_eq!(harness.parks().await.len(), 2);
    let scope = death("b", 0).scope;
    harness.store().unpark(scope, harness.now()).await.expect("a test arrived");
    assert_eq!(harness.parks().await, []);
}

pub(crate) async fn a_dead_account_that_lives_again_frees_no_destination_that_is_dead_by_itself<
    B: Backend,
>() {
    let (mut harness, [_, second, _, other]) = with_a_dead_destination::<B>().await;
    let lease = harness.lease_of(other).await;
    harness.finish(lease, bury(Some(death_of_account("b", 60)))).await;
    let late = harness.queue_to("b", "h", 1).await;
    harness.clock.advance(seconds(60));
    assert_eq!(harness.arrive().await, late);
    assert_eq!(harness.wait().await, Some(seconds(3_540)), "the first death stands");
    assert_eq!(harness.state(second).await, State::Queued);
}

pub(crate) async fn any_arrival_frees_what_waits_for_the_account<B: Backend>() {
    let (harness, new) = with_a_new_destination::<B>().await;
    assert_eq!(harness.arrive().await, new);
    assert_eq!(harness.parks().await, [], "though its own destination had no park");
}

pub(crate) async fn a_destination_that_was_dead_by_itself_frees_what_waits_for_the_account<
    B: Backend,
>() {
    for by_a_test in [false, true] {
        let (harness, [_, second, _, other]) = with_a_dead_destination::<B>().await;
        let lease = harness.lease_of(other).await;
        harness.finish(lease, bury(Some(death_of_account("b", 7_200)))).await;
        assert_eq!(harness.parks().await.len(), 2);
        harness.clock.advance(seconds(3_600));
        if by_a_test {
            let scope = death("a", 0).scope;
            harness.store().unpark(scope, harness.now()).await.expect("it ends");
        } else {
            assert_eq!(harness.arrive().await, second, "its own probe");
        }
        assert_eq!(harness.parks().await, [], "by a test: {by_a_test}");
    }
}

pub(crate) async fn what_waits_for_a_dead_destination_expires_with_its_cause<B: Backend>() {
    let (harness, [_, second, third, other]) = with_a_dead_destination::<B>().await;
    let known = vec![target("a"), target("b")];
    let expire = |age| harness.store().expire(known.clone(), age, harness.now());
    assert_eq!(expire(seconds(4)).await, Ok(0), "its second is 3 s old");
    assert_eq!(expire(seconds(3)).await, Ok(1));
    assert_eq!(harness.show(second).await.delivery.reason, "the robot is gone");
    assert_eq!(expire(seconds(0)).await, Ok(1));
    assert_eq!(harness.state(third).await, State::Dead);
    assert_eq!(harness.state(other).await, State::Queued, "what can be sent does not expire");
    assert_eq!(harness.stats().await.settled[&State::Dead], 3);
}

pub(crate) async fn what_waits_for_a_destination_that_is_gone_expires<B: Backend>() {
    let (harness, [_, _, third, other]) = with_a_dead_destination::<B>().await;
    let expired = harness.store().expire(vec![target("c")], seconds(1), harness.now()).await;
    assert_eq!(expired, Ok(3));
    for id in [third, other] {
        let reason = harness.show(id).await.delivery.reason;
        assert!(reason.contains("no longer in the configuration"), "{reason}");
    }
    assert_eq!(harness.parks().await, [], "nothing waits for it any more");
}

pub(crate) async fn what_is_being_sent_does_not_expire<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let id = harness.queue("g").await;
    let lease = harness.lease().await;
    let expire = || harness.store().expire(Vec::new(), seconds(0), harness.now());
    assert_eq!(expire().await, Ok(0));
    harness.finish(lease, retry(5, true)).await;
    assert_eq!(expire().await, Ok(1));
    assert_eq!(harness.state(id).await, State::Dead);
}
