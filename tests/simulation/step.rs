//! The steps of a run, chosen by its seed.
//!
//! A step draws what else it needs from its own salt, so that a run stays the same in the steps that
//! are left when others are taken out of it.

use crate::random::Random;

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A new state of a group is posted.
    Post,
    /// Many at once.
    Burst,
    /// The last state of a group is posted again: by a twin, or as a repetition.
    Again,
    /// A few gates open.
    Work,
    /// All of them do, until everything waits for the clock.
    Settle,
    /// Time passes until something is due.
    NextDue,
    /// Seconds or minutes pass.
    Pass,
    /// Up to an hour passes.
    PassLong,
    /// The machine is suspended.
    Suspend,
    /// The process dies.
    Crash,
    /// The machine does.
    Reboot,
    /// The process ends in order and starts again.
    Restart,
    /// The configuration is changed and loaded again.
    Reload,
    /// Something begins to befall the calls to a chat.
    Storm,
    /// Nothing does any more.
    Calm,
    /// A robot of the pool is removed, or is there again.
    Robot,
    /// The wall clock is set.
    Wall,
    /// The disk is full, or has room again.
    Disk,
    /// A dead letter is sent again.
    Replay,
    /// A delivery is given up.
    Discard,
    /// A test message is sent.
    Test,
}

/// How often each kind is chosen.
const WEIGHTS: [(Kind, u64); 21] = [
    (Kind::Post, 20),
    (Kind::Burst, 12),
    (Kind::Again, 8),
    (Kind::Work, 18),
    (Kind::Settle, 18),
    (Kind::NextDue, 14),
    (Kind::Pass, 14),
    (Kind::PassLong, 3),
    (Kind::Suspend, 1),
    (Kind::Crash, 6),
    (Kind::Reboot, 1),
    (Kind::Restart, 1),
    (Kind::Reload, 3),
    (Kind::Storm, 12),
    (Kind::Calm, 4),
    (Kind::Robot, 2),
    (Kind::Wall, 2),
    (Kind::Disk, 2),
    (Kind::Replay, 4),
    (Kind::Discard, 1),
    (Kind::Test, 2),
];

/// The most and the fewest steps of a run.
const STEPS: (u64, u64) = (140, 40);

/// One step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) kind: Kind,
    pub(crate) salt: u64,
}

/// A run: what it is played under, and its steps.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// Whether DingTalk remembers each `msgUuid`.
    pub(crate) remembers: bool,
    pub(crate) steps: Vec<Step>,
}

impl Plan {
    pub(crate) fn of(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let remembers = random.chance(60);
        let count = STEPS.1 + random.below(STEPS.0 - STEPS.1);
        let steps = (0..count).map(|_| Step { kind: kind(&mut random), salt: random.next() });
        Self { seed, remembers, steps: steps.collect() }
    }

    /// The same run without the steps in this range.
    pub(crate) fn without(&self, range: std::ops::Range<usize>) -> Self {
        let mut steps = self.steps.clone();
        steps.drain(range);
        Self { steps, ..*self }
    }
}

fn kind(random: &mut Random) -> Kind {
    let all: u64 = WEIGHTS.iter().map(|(_, weight)| weight).sum();
    let mut left = random.below(all);
    for (kind, weight) in WEIGHTS {
        if left < weight {
            return kind;
        }
        left -= weight;
    }
    Kind::Settle
}
