//! Random sequences, of which those that failed are tried first in later runs.

use campana::queue::NextStep;
use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};

use crate::deliveries::{bury, death, death_of_account, message, retry, throttle};
use crate::harness::Backend;
use crate::sequence::{Op, check};

/// Sequences of each run: a few seconds. `PROPTEST_CASES` asks for another number.
const CASES: u32 = 50;

/// Where sequences that failed are kept, for every store; they are tried first in later runs.
const FAILED: FileFailurePersistence =
    FileFailurePersistence::Direct("proptest-regressions/store.txt");

/// New sequences in each run; the shortest one that fails also belongs into a rule.
pub(crate) fn random_sequences_match_the_model<B: Backend>() {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let config = Config {
        cases: asked.unwrap_or(CASES),
        max_shrink_iters: 1_000,
        failure_persistence: Some(Box::new(FAILED)),
        ..Config::default()
    };
    assert_eq!(explore::<B>(TestRunner::new(config)), Ok(()));
}

/// Whether random sequences match the model; else the shortest that does not.
pub(crate) fn explore<B: Backend>(mut runner: TestRunner) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("it starts");
    let explored =
        runner.run(&ops(), |ops| runtime.block_on(check::<B>(&ops)).map_err(TestCaseError::fail));
    explored.map_err(|error| error.to_string())
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    prop::collection::vec(op(), 1..70)
}

fn op() -> impl Strategy<Value = Op> {
    let destination = || prop::sample::select(vec!["a", "a", "b"]);
    let group = prop::sample::select(vec!["g", "h"]);
    let accept = (destination(), group, 0_u8..3, 1_usize..4).prop_map(
        |(destination, group, state, parts)| Op::Accept { destination, group, state, parts },
    );
    let advance = prop::sample::select(vec![1, 1_000, 9_999, 31_000, 60_000, 3_600_000]);
    prop_oneof![
        8 => accept,
        12 => Just(Op::Start),
        10 => next_step().prop_map(Op::Finish),
        1 => next_step().prop_map(Op::FinishLate),
        1 => Just(Op::Charge),
        1 => Just(Op::Discharge),
        2 => (0_usize..20).prop_map(Op::Replay),
        2 => (0_usize..20).prop_map(Op::Discard),
        1 => prop::sample::select(vec![0, 60_000]).prop_map(Op::Expire),
        1 => (0_i64..100_000, 0_i64..100_000).prop_map(|(one, other)| Op::Retain(one, other)),
        1 => prop_oneof![Just(throttle(0, 1)), Just(death("a", 0))].prop_map(Op::Unpark),
        1 => destination().prop_map(Op::Renew),
        8 => advance.prop_map(Op::Advance),
        1 => (-100_000_i64..100_000).prop_map(Op::Jump),
        2 => prop_oneof![Just(Op::Crash), Just(Op::Restart), Just(Op::Reboot)],
    ]
}

fn next_step() -> impl Strategy<Value = NextStep> {
    let park = || {
        prop_oneof![
            (1_u64..100, 1_u32..4).prop_map(|(wait, step)| throttle(wait, step)),
            Just(death("a", 3_600)),
            Just(death_of_account("a", 3_600)),
        ]
    };
    let recut = (1_usize..3).prop_map(|parts| vec![message("cut"); parts]);
    prop_oneof![
        6 => Just(NextStep::Arrived),
        3 => (0_u64..40, any::<bool>()).prop_map(|(wait, uncertain)| retry(wait, uncertain)),
        1 => recut.prop_map(NextStep::Recut),
        2 => prop::option::of(park()).prop_map(bury),
        2 => park().prop_map(NextStep::Park),
    ]
}
