//! Parks: a throttled lane, and a dead destination.

use super::*;
use crate::queue::Charge;

pub(crate) async fn a_throttled_lane_waits_and_then_makes_one_probe<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    let first = bench.queue("g").await;
    bench.queue_to("b", "h", 1).await;
    let lease = bench.lease().await;
    assert_eq!(lease.throttle_step, 0);
    bench.finish(lease, NextStep::Park(throttle(60, 1))).await;
    assert_eq!(bench.wait().await, Some(seconds(60)), "the whole lane waits");
    let charge = bench.store().charge(LANE.into(), BUDGET, bench.now()).await;
    assert_eq!(charge, Ok(Charge::Wait(bench.now().boot + seconds(60))), "and so do tests");
    bench.clock.advance(seconds(60));
    let probe = bench.lease().await;
    assert_eq!((probe.delivery, probe.throttle_step), (first, 1));
    assert_eq!(probe.tries, Tries::default(), "a throttle uses up no try");
    let charge = bench.store().charge(LANE.into(), BUDGET, bench.now()).await;
    assert_eq!(charge, Ok(Charge::Wait(bench.now().boot + seconds(10))), "one probe at a time");
    bench.finish(probe, NextStep::Park(throttle(120, 2))).await;
    let park = &bench.parks().await[0];
    assert_eq!((park.scope.clone(), park.step), (Scope::Lane(LANE.into()), 2));
    assert_eq!(park.until, bench.now().wall + seconds(120));
    bench.clock.advance(seconds(120));
    bench.arrive().await;
    assert_eq!(bench.parks().await, []);
    assert_eq!(bench.lease().await.throttle_step, 0);
}

pub(crate) async fn a_throttle_survives_a_restart<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    bench.queue("g").await;
    let lease = bench.lease().await;
    bench.finish(lease, NextStep::Park(throttle(300, 3))).await;
    bench.clock.advance(seconds(100));
    bench.crash().await;
    assert_eq!(bench.wait().await, Some(seconds(200)));
    bench.clock.advance(seconds(200));
    assert_eq!(bench.lease().await.throttle_step, 3);
}

pub(crate) async fn a_test_that_probes_a_throttle_holds_the_lane<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    bench.queue("g").await;
    let lease = bench.lease().await;
    bench.finish(lease, NextStep::Park(throttle(60, 1))).await;
    bench.clock.advance(seconds(60));
    let charge = bench.store().charge(LANE.into(), BUDGET, bench.now()).await.expect("it answers");
    let Charge::Taken(charge) = charge else { panic!("the throttle is due") };
    assert_eq!(bench.wait().await, Some(seconds(10)));
    bench.store().discharge(charge, bench.now()).await.expect("it is recorded");
    bench.store().unpark(Scope::Lane(LANE.into()), bench.now()).await.expect("it ends");
    assert_eq!(bench.lease().await.throttle_step, 0);
}

/// A bench on which `a` died with its first delivery; it has two more, and `b` has one.
async fn with_a_dead_destination<H: Home>() -> (Bench<H>, [DeliveryId; 4]) {
    let mut bench = Bench::<H>::new().await;
    let mut ids = Vec::new();
    for (destination, group) in [("a", "g"), ("a", "g"), ("a", "h"), ("b", "g")] {
        ids.push(bench.queue_to(destination, group, 1).await);
        bench.clock.advance(seconds(1));
    }
    let lease = bench.lease().await;
    bench.finish(lease, bury(Some(death("a", 3_600)))).await;
    (bench, ids.try_into().expect("four"))
}

pub(crate) async fn a_dead_destination_waits_while_its_lane_goes_on<H: Home>() {
    let (bench, [buried, second, third, other]) = with_a_dead_destination::<H>().await;
    assert_eq!(bench.state(buried).await, State::Dead);
    assert_eq!(bench.arrive().await, other);
    assert_eq!(bench.wait().await, Some(seconds(3_600)));
    for waiting in [second, third] {
        let shown = bench.show(waiting).await.delivery;
        assert_eq!((shown.state, shown.reason.as_str()), (State::Queued, "the robot is gone"));
        assert_eq!(shown.due_at, Some(bench.now().wall + seconds(3_600)));
    }
    bench.clock.advance(seconds(3_600));
    let probe = bench.lease().await;
    assert_eq!((probe.delivery, probe.probe), (second, true), "its oldest head probes");
    bench.finish(probe, NextStep::Park(death("a", 3_600))).await;
    assert_eq!(bench.state(second).await, State::Queued, "a refused probe stays queued");
    assert_eq!(bench.wait().await, Some(seconds(3_600)));
    bench.clock.advance(seconds(3_600));
    assert_eq!(bench.arrive().await, second);
    assert_eq!(bench.parks().await, []);
    let freed = bench.lease().await;
    assert_eq!((freed.delivery, freed.probe), (third, false), "a success frees all");
}

pub(crate) async fn other_credentials_end_a_park<H: Home>() {
    let (mut bench, [_, second, ..]) = with_a_dead_destination::<H>().await;
    bench.declare(vec![lane()]).await;
    assert_eq!(bench.parks().await.len(), 1, "the credentials are the same");
    bench.declare(vec![lane_of(LANE, &[("a", "renewed")])]).await;
    assert_eq!(bench.parks().await, [], "at once");
    let Start::Attempt(lease) = bench.ask(LANE).await else {
        panic!("the park was made with other credentials")
    };
    assert_eq!((lease.delivery, lease.probe), (second, false));
}

pub(crate) async fn each_start_gives_a_dead_destination_one_probe<H: Home>() {
    let (mut bench, [_, second, _, other]) = with_a_dead_destination::<H>().await;
    bench.crash().await;
    let probe = bench.lease().await;
    assert_eq!((probe.delivery, probe.probe), (second, true));
    bench.finish(probe, NextStep::Park(death("a", 3_600))).await;
    assert_eq!(bench.arrive().await, other);
    assert_eq!(bench.wait().await, Some(seconds(3_600)));
}

pub(crate) async fn a_lifted_park_frees_its_destination<H: Home>() {
    let (bench, [_, second, _, other]) = with_a_dead_destination::<H>().await;
    assert_eq!(bench.arrive().await, other);
    for (destination, credentials) in [("a", "others"), ("b", "credentials")] {
        let scope =
            Scope::Destination { target: target(destination), credentials: credentials.into() };
        bench.store().unpark(scope, bench.now()).await.expect("nothing to do");
        assert_eq!(bench.wait().await, Some(seconds(3_600)), "{destination} {credentials}");
    }
    bench.store().unpark(death("a", 0).scope, bench.now()).await.expect("it ends");
    let lease = bench.lease().await;
    assert_eq!((lease.delivery, lease.probe), (second, false));
}

pub(crate) async fn a_probe_that_told_nothing_puts_off_the_others<H: Home>() {
    let (bench, [_, _, third, other]) = with_a_dead_destination::<H>().await;
    assert_eq!(bench.arrive().await, other);
    bench.clock.advance(seconds(3_600));
    let probe = bench.lease().await;
    bench.finish(probe, retry(15, true)).await;
    assert_eq!(bench.wait().await, Some(seconds(15)), "the head of the other group waits too");
    bench.clock.advance(seconds(15));
    let probe = bench.lease().await;
    assert_eq!((probe.delivery, probe.probe), (third, true), "due longest");
}

pub(crate) async fn what_waits_for_a_dead_destination_expires_with_its_cause<H: Home>() {
    let (bench, [_, second, third, other]) = with_a_dead_destination::<H>().await;
    let known = vec![target("a"), target("b")];
    let expire = |age| bench.store().expire(known.clone(), age, bench.now());
    assert_eq!(expire(seconds(4)).await, Ok(0), "its second is 3 s old");
    assert_eq!(expire(seconds(3)).await, Ok(1));
    assert_eq!(bench.show(second).await.delivery.reason, "the robot is gone");
    assert_eq!(expire(seconds(0)).await, Ok(1));
    assert_eq!(bench.state(third).await, State::Dead);
    assert_eq!(bench.state(other).await, State::Queued, "what can be sent does not expire");
    assert_eq!(bench.stats().await.settled[&State::Dead], 3);
}

pub(crate) async fn what_waits_for_a_destination_that_is_gone_expires<H: Home>() {
    let (bench, [_, _, third, other]) = with_a_dead_destination::<H>().await;
    let expired = bench.store().expire(vec![target("c")], seconds(1), bench.now()).await;
    assert_eq!(expired, Ok(3));
    for id in [third, other] {
        let reason = bench.show(id).await.delivery.reason;
        assert!(reason.contains("no longer in the configuration"), "{reason}");
    }
    assert_eq!(bench.parks().await, [], "nothing waits for it any more");
}

pub(crate) async fn what_is_being_sent_does_not_expire<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    let id = bench.queue("g").await;
    let lease = bench.lease().await;
    let expire = || bench.store().expire(Vec::new(), seconds(0), bench.now());
    assert_eq!(expire().await, Ok(0));
    bench.finish(lease, retry(5, true)).await;
    assert_eq!(expire().await, Ok(1));
    assert_eq!(bench.state(id).await, State::Dead);
}
