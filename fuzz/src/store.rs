//! The store: the bytes are a sequence of its calls, with crashes, reboots and jumps of the clock.
//!
//! One lane without digests is compared with the model of the store's suite after each call. A pool
//! whose deliveries fold has no model, and is held to what must be so whatever is due when.

mod pool;

use std::cell::RefCell;
use std::future::Future;

use campana::queue::{NewPark, NextStep};
use tokio::runtime::{Builder, Runtime};

use crate::choices::Choices;
use crate::deliveries::{bury, death, death_of_account, message, retry, throttle};
use crate::sequence::{Op, check};
use crate::sqlite::Sqlite;

/// The most calls of a sequence.
const MOST: usize = 100;

thread_local! {
    static RUNTIME: RefCell<Runtime> =
        RefCell::new(Builder::new_current_thread().build().expect("it starts"));
}

/// The first byte chooses between the lane and the pool, the others are the calls.
///
/// # Panics
///
/// When the store does something that it must not.
pub fn holds(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let held = if choices.flag() {
        run(pool::check(choices))
    } else {
        let ops: Vec<Op> = sequence(&mut choices, op);
        run(check::<Sqlite>(&ops))
    };
    assert_eq!(held, Ok(()));
}

fn run<T>(work: impl Future<Output = T>) -> T {
    RUNTIME.with_borrow(|runtime| runtime.block_on(work))
}

/// Calls until the bytes have run out.
fn sequence<T>(choices: &mut Choices<'_>, next: fn(&mut Choices<'_>) -> T) -> Vec<T> {
    let mut all = Vec::new();
    while !choices.is_empty() && all.len() < MOST {
        all.push(next(choices));
    }
    all
}

/// A call on the lane with the destinations `a` and `b`.
fn op(choices: &mut Choices<'_>) -> Op {
    match choices.below(24) {
        0..4 => Op::Accept {
            destination: choices.one_of(&["a", "b"]),
            group: choices.one_of(&["g", "h"]),
            state: choices.byte() % 3,
            parts: 1 + choices.below(3),
        },
        4..9 => Op::Start,
        9..13 => Op::Finish(next_step(choices)),
        13 => Op::FinishLate(next_step(choices)),
        14 => choices.one_of(&[Op::Charge, Op::Discharge]),
        15 => Op::Replay(choices.below(20)),
        16 => Op::Discard(choices.below(20)),
        17 => Op::Expire(choices.one_of(&[0, 60_000])),
        18 => Op::Retain(i64::from(choices.number()), i64::from(choices.number())),
        19 => Op::Unpark(choices.one_of(&[throttle(0, 1), death("a", 0)])),
        20 => Op::Renew(choices.one_of(&["a", "b"])),
        21 => Op::Advance(advance(choices)),
        22 => Op::Jump(i64::from(choices.number()) * 10 - 300_000),
        _ => choices.one_of(&[Op::Crash, Op::Restart, Op::Reboot]),
    }
}

/// How long nothing happens, in milliseconds.
fn advance(choices: &mut Choices<'_>) -> i64 {
    choices.one_of(&[1, 1_000, 9_999, 31_000, 60_000, 3_600_000])
}

fn next_step(choices: &mut Choices<'_>) -> NextStep {
    match choices.below(8) {
        0..3 => NextStep::Arrived,
        3 | 4 => retry(u64::from(choices.byte()) % 40, choices.flag()),
        5 => NextStep::Recut(vec![message("cut"); 1 + choices.below(2)]),
        6 => bury(choices.flag().then(|| park(choices))),
        _ => NextStep::Park(park(choices)),
    }
}

fn park(choices: &mut Choices<'_>) -> NewPark {
    match choices.below(3) {
        0 => throttle(1 + u64::from(choices.byte()), 1 + u32::from(choices.byte()) % 3),
        1 => death("a", 3_600),
        _ => death_of_account("a", 3_600),
    }
}
