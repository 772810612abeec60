//! Two robots that share a destination whose deliveries fold, beside a destination that does not.
//!
//! Nothing is lost, nothing overtakes within its group, no robot is asked for more than its budget, and
//! whatever happened before, everything is settled in the end.

mod run;

use campana::queue::{DeclaredLane, LaneTarget, NewPark, NextStep, Scope};

use self::run::Run;
use super::{advance, next_step, sequence};
use crate::choices::Choices;
use crate::deliveries::{BUDGET, LANE, target};

const LANES: [&str; 2] = [LANE, "lane-2"];

/// One call.
#[derive(Debug, Clone)]
enum Call {
    Accept {
        destination: &'static str,
        group: &'static str,
        state: u8,
        parts: usize,
    },
    Start(usize),
    Finish(usize, NextStep),
    /// By the lease before the last, which somebody believes to be his still.
    FinishLate(usize, NextStep),
    /// Makes a digest of at most so many groups, whether the lane asked for it or not.
    Fold(usize),
    Unfold(usize),
    Replay(usize),
    Discard(usize),
    Expire,
    Retain(u64),
    /// Takes the second robot out of the pool, or puts it back.
    Declare(bool),
    Advance(i64),
    Jump(i64),
    Crash,
    Restart,
    Reboot,
}

fn call(choices: &mut Choices<'_>) -> Call {
    match choices.below(28) {
        0..6 => Call::Accept {
            destination: choices.one_of(&["a", "a", "a", "b"]),
            group: choices.one_of(&["g", "h", "i", "j"]),
            state: choices.byte() % 5,
            parts: 1 + choices.below(3),
        },
        6..11 => Call::Start(choices.below(2)),
        11..15 => Call::Finish(choices.below(2), next_step(choices)),
        15 => Call::FinishLate(choices.below(2), next_step(choices)),
        16..19 => Call::Fold(1 + choices.below(4)),
        19 => Call::Unfold(choices.below(30)),
        20 => Call::Replay(choices.below(30)),
        21 => Call::Discard(choices.below(30)),
        22 => choices.one_of(&[Call::Expire, Call::Retain(60), Call::Retain(3_600)]),
        23 => Call::Declare(choices.flag()),
        24 | 25 => Call::Advance(advance(choices)),
        26 => Call::Jump(i64::from(choices.number()) * 10 - 300_000),
        _ => choices.one_of(&[Call::Crash, Call::Restart, Call::Reboot]),
    }
}

/// Makes the calls, checks after each of them, and lets everything be settled.
pub(super) async fn check(mut choices: Choices<'_>) -> Result<(), String> {
    let calls = sequence(&mut choices, call);
    let mut run = Run::new().await;
    for (n, call) in calls.iter().enumerate() {
        let told = |words: String| format!("call {n}, {call:?}: {words}");
        run.make(call).await.map_err(told)?;
        run.look().await.map_err(told)?;
    }
    run.settle().await
}

/// The lanes: both robots of the pool, or the first alone.
fn pool(both: bool) -> Vec<DeclaredLane> {
    let of = |destination: &str, lane: usize| LaneTarget {
        target: target(destination),
        credentials_hash: credentials(lane),
        folds: destination == "a",
        has_fallback: false,
        quota: None,
    };
    let lane =
        |lane: usize, targets| DeclaredLane { id: LANES[lane].into(), targets, budget: BUDGET };
    let first = lane(0, vec![of("a", 0), of("b", 0)]);
    let second = both.then(|| lane(1, vec![of("a", 1)]));
    [first].into_iter().chain(second).collect()
}

/// The hash of a robot's credentials; those of the first are what a death is said of.
fn credentials(lane: usize) -> String {
    if lane == 0 { "credentials".to_owned() } else { "others".to_owned() }
}

/// The step with the parks of this robot.
fn of_lane(next: &NextStep, lane: usize) -> NextStep {
    let own = |park: &NewPark| {
        let scope = match &park.scope {
            Scope::Lane(_) => Scope::Lane(LANES[lane].into()),
            Scope::Destination { target, .. } => {
                Scope::Destination { target: target.clone(), credentials_hash: credentials(lane) }
            }
        };
        NewPark { scope, ..park.clone() }
    };
    match next {
        NextStep::Bury { reason, park } => {
            NextStep::Bury { reason: reason.clone(), park: park.as_ref().map(own) }
        }
        NextStep::Park(park) => NextStep::Park(own(park)),
        NextStep::Arrived
        | NextStep::Retry { .. }
        | NextStep::Recut(_)
        | NextStep::GiveUp { .. } => next.clone(),
    }
}
