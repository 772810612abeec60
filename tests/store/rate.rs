//! The rate: a log of slots, each free again one `per` after its attempt ended.

use super::*;
use crate::queue::Charge;

async fn charge<H: Home>(bench: &Bench<H>) -> Charge {
    bench.store().charge(LANE.into(), BUDGET, bench.now()).await.expect("it answers")
}

/// A slot for a test; how it is discharged.
async fn taken<H: Home>(bench: &Bench<H>) -> i64 {
    match charge(bench).await {
        Charge::Taken(charge) => charge,
        Charge::Wait(until) => panic!("no slot before {until:?}"),
    }
}

async fn waits<H: Home>(bench: &Bench<H>) -> Duration {
    match charge(bench).await {
        Charge::Wait(until) => bench.left(until),
        Charge::Taken(_) => panic!("a slot was taken"),
    }
}

pub(crate) async fn a_slot_is_free_again_one_per_after_its_attempt_ended<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    for group in ["g", "h", "i", "j", "k"] {
        bench.queue(group).await;
    }
    for _ in 0..BUDGET.slots {
        let lease = bench.lease().await;
        bench.clock.advance(seconds(4));
        bench.finish(lease, NextStep::Arrived).await;
    }
    // The first attempt ended 8 s ago.
    assert_eq!(bench.wait().await, Some(seconds(52)));
    bench.clock.advance(Duration::from_millis(51_999));
    assert_eq!(bench.wait().await, Some(Duration::from_millis(1)));
    bench.clock.advance(Duration::from_millis(1));
    bench.arrive().await;
    assert_eq!(bench.wait().await, Some(seconds(4)), "the second slot is free later");
}

pub(crate) async fn tests_take_slots_of_the_same_budget<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    bench.queue("g").await;
    let charges = [taken(&bench).await, taken(&bench).await, taken(&bench).await];
    // Their ends are not known yet: an attempt may take 10 s.
    assert_eq!(waits(&bench).await, seconds(70));
    bench.clock.advance(seconds(2));
    for charge in charges {
        bench.store().discharge(charge, bench.now()).await.expect("it is recorded");
    }
    assert_eq!((waits(&bench).await, bench.wait().await), (seconds(60), Some(seconds(60))));
    bench.clock.advance(seconds(60));
    bench.arrive().await;
}

pub(crate) async fn a_late_discharge_ends_a_slot_once<H: Home>() {
    let bench = Bench::<H>::new().await;
    let charge = taken(&bench).await;
    for _ in 0..2 {
        bench.store().discharge(charge, bench.now()).await.expect("it is recorded");
        bench.clock.advance(seconds(59));
    }
    let budget = Budget { slots: 1, ..BUDGET };
    let free = bench.store().charge(LANE.into(), budget, bench.now()).await;
    assert!(matches!(free, Ok(Charge::Taken(_))), "the second discharge moved nothing: {free:?}");
}

pub(crate) async fn lanes_do_not_share_slots<H: Home>() {
    let bench = Bench::<H>::new().await;
    for _ in 0..BUDGET.slots {
        taken(&bench).await;
    }
    let other = bench.store().charge("lane-2".into(), BUDGET, bench.now()).await;
    assert!(matches!(other, Ok(Charge::Taken(_))), "{other:?}");
}

pub(crate) async fn a_changed_setting_counts_slots_taken_before_it<H: Home>() {
    let bench = Bench::<H>::new().await;
    let charge = taken(&bench).await;
    bench.store().discharge(charge, bench.now()).await.expect("it is recorded");
    bench.clock.advance(seconds(61));
    let longer = Budget { slots: 1, per: seconds(100), ..BUDGET };
    let answer = bench.store().charge(LANE.into(), longer, bench.now()).await;
    assert_eq!(answer, Ok(Charge::Wait(bench.now().boot + seconds(39))));
}

pub(crate) async fn slots_stay_taken_over_a_restart<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    bench.queue("g").await;
    bench.queue("h").await;
    bench.arrive().await;
    bench.clock.advance(seconds(5));
    let _lost = bench.lease().await;
    taken(&bench).await;
    bench.clock.advance(seconds(1));
    bench.crash().await;
    // The first ended 6 s ago; the others, whose ends are unknown, 10 s after their start.
    assert_eq!(bench.wait().await, Some(seconds(54)));
    bench.clock.advance(seconds(54));
    bench.arrive().await;
    assert_eq!(waits(&bench).await, seconds(15));
}

pub(crate) async fn after_a_reboot_slots_count_as_taken_at_the_start<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    bench.queue("g").await;
    for _ in 0..2 {
        let charge = taken(&bench).await;
        bench.store().discharge(charge, bench.now()).await.expect("it is recorded");
    }
    let _lost = bench.lease().await;
    bench.clock.reboot("boot-2");
    bench.crash().await;
    assert_eq!(bench.wait().await, Some(seconds(60)), "though the wall clock stood still");
    bench.clock.advance(seconds(60));
    bench.arrive().await;
}
