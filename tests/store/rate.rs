//! The rate: a log of slots, each free again one `per` after its attempt ended.

use std::time::Duration;

use campana::queue::{AttemptResult, Charge, NextStep, RateBudget, Store};

use crate::deliveries::{BUDGET, LANE, answered, retry, seconds};
use crate::harness::{Backend, Harness};

async fn charge<B: Backend>(harness: &Harness<B>) -> Charge {
    harness.store().charge(LANE.into(), BUDGET, harness.now()).await.expect("it answers")
}

/// A slot for a test; how it is discharged.
async fn taken<B: Backend>(harness: &Harness<B>) -> i64 {
    match charge(harness).await {
        Charge::Taken(charge) => charge,
        Charge::Wait(until) => panic!("no slot before {until:?}"),
        Charge::AlertsDue => panic!("an alert is due"),
    }
}

async fn waits<B: Backend>(harness: &Harness<B>) -> Duration {
    match charge(harness).await {
        Charge::Wait(until) => harness.left(until),
        Charge::Taken(_) => panic!("a slot was taken"),
        Charge::AlertsDue => panic!("an alert is due"),
    }
}

pub(crate) async fn a_slot_is_free_again_one_per_after_its_attempt_ended<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    for group in ["g", "h", "i", "j", "k"] {
        harness.queue(group).await;
    }
    for _ in 0..BUDGET.slots {
        let lease = harness.lease().await;
        harness.clock.advance(seconds(4));
        harness.finish(lease, NextStep::Arrived).await;
    }
    // The first attempt ended 8 s ago.
    assert_eq!(harness.wait().await, Some(seconds(52)));
    harness.clock.advance(Duration::from_millis(51_999));
    assert_eq!(harness.wait().await, Some(Duration::from_millis(1)));
    harness.clock.advance(Duration::from_millis(1));
    harness.arrive().await;
    assert_eq!(harness.wait().await, Some(seconds(4)), "the second slot is free later");
}

pub(crate) async fn tests_take_few_slots_of_the_same_budget<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let charge = taken(&harness).await;
    // Its end is not known yet: an attempt may take 10 s.
    assert_eq!(waits(&harness).await, seconds(70), "one of three slots is for tests");
    harness.clock.advance(seconds(2));
    harness.store().discharge(charge, true, harness.now()).await.expect("it is recorded");
    for group in ["g", "h", "i"] {
        harness.queue(group).await;
    }
    harness.arrive().await;
    harness.arrive().await;
    assert_eq!((waits(&harness).await, harness.wait().await), (seconds(60), Some(seconds(60))));
    harness.clock.advance(seconds(60));
    harness.arrive().await;
}

pub(crate) async fn a_test_waits_while_an_alert_is_due<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    harness.queue("g").await;
    assert_eq!(charge(&harness).await, Charge::AlertsDue);
    let lease = harness.lease().await;
    harness.finish(lease, retry(30, false)).await;
    taken(&harness).await;
}

pub(crate) async fn an_attempt_that_never_reached_dingtalk_frees_its_slot<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    harness.queue("g").await;
    for _ in 0..BUDGET.slots * 2 {
        let lease = harness.lease().await;
        let answered = answered("connection refused");
        let result = AttemptResult { answered, sent: false, next: retry(0, false) };
        harness.store().finish(lease, result, harness.now()).await.expect("it is recorded");
    }
    harness.arrive().await;
    assert_eq!(harness.stats().await.queued, 0);
}

pub(crate) async fn a_test_that_never_reached_dingtalk_frees_its_slot<B: Backend>() {
    let harness = Harness::<B>::new().await;
    for _ in 0..BUDGET.slots * 2 {
        let charge = taken(&harness).await;
        harness.store().discharge(charge, false, harness.now()).await.expect("it is recorded");
    }
    let charge = taken(&harness).await;
    harness.store().discharge(charge, true, harness.now()).await.expect("it is recorded");
    harness.store().discharge(charge, false, harness.now()).await.expect("it is recorded");
    assert_eq!(waits(&harness).await, seconds(60), "what was sent stays counted");
}

pub(crate) async fn a_late_discharge_ends_a_slot_once<B: Backend>() {
    let harness = Harness::<B>::new().await;
    let charge = taken(&harness).await;
    for _ in 0..2 {
        harness.store().discharge(charge, true, harness.now()).await.expect("it is recorded");
        harness.clock.advance(seconds(59));
    }
    let budget = RateBudget { slots: 1, ..BUDGET };
    let free = harness.store().charge(LANE.into(), budget, harness.now()).await;
    assert!(matches!(free, Ok(Charge::Taken(_))), "the second discharge moved nothing: {free:?}");
}

pub(crate) async fn lanes_do_not_share_slots<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    for group in ["g", "h", "i"] {
        harness.queue(group).await;
        harness.arrive().await;
    }
    waits(&harness).await;
    let other = harness.store().charge("lane-2".into(), BUDGET, harness.now()).await;
    assert!(matches!(other, Ok(Charge::Taken(_))), "{other:?}");
}

pub(crate) async fn a_changed_setting_counts_slots_taken_before_it<B: Backend>() {
    let harness = Harness::<B>::new().await;
    let charge = taken(&harness).await;
    harness.store().discharge(charge, true, harness.now()).await.expect("it is recorded");
    harness.clock.advance(seconds(61));
    let longer = RateBudget { slots: 1, per: seconds(100), ..BUDGET };
    let answer = harness.store().charge(LANE.into(), longer, harness.now()).await;
    assert_eq!(answer, Ok(Charge::Wait(harness.now().boot + seconds(39))));
}

pub(crate) async fn slots_stay_taken_over_a_restart<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    harness.queue("g").await;
    harness.queue("h").await;
    harness.arrive().await;
    harness.clock.advance(seconds(5));
    let _lost = harness.lease().await;
    taken(&harness).await;
    harness.clock.advance(seconds(1));
    harness.crash().await;
    // The first ended 6 s ago; the others, whose ends are unknown, 10 s after their start.
    assert_eq!(harness.wait().await, Some(seconds(54)));
    harness.clock.advance(seconds(54));
    harness.arrive().await;
    assert_eq!(waits(&harness).await, seconds(15));
}

pub(crate) async fn after_a_reboot_slots_count_as_taken_at_the_start<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let charge = taken(&harness).await;
    harness.store().discharge(charge, true, harness.now()).await.expect("it is recorded");
    harness.queue("g").await;
    harness.queue("h").await;
    harness.arrive().await;
    let _lost = harness.lease().await;
    harness.clock.reboot("boot-2");
    harness.crash().await;
    assert_eq!(harness.wait().await, Some(seconds(60)), "though the wall clock stood still");
    harness.clock.advance(seconds(60));
    harness.arrive().await;
}
