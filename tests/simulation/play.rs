//! Plays a run step by step, and makes one that failed shorter.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use campana::queue::State;
use dingtalk_sim::Presence;
use jiff::SignedDuration;

use crate::mark::Mark;
use crate::plant::Plant;
use crate::random::Random;
use crate::step::{Kind, Plan, Step};
use crate::store::Disk;
use crate::trouble::{Trouble, Weather};
use crate::world::World;

/// The chats that can have troubles.
const CHATS: [&str; 5] = ["ops", "busy", "night", "duty", "sre"];

/// The most runs for which a failure is made shorter.
const SHRINKS: usize = 150;

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Played {
    /// What was violated, in words that begin with its name.
    pub(crate) violation: Option<String>,
    /// Everything that happened.
    pub(crate) trace: Vec<String>,
    /// How often what was injected.
    pub(crate) injected: BTreeMap<&'static str, u64>,
    /// How many deliveries there were of which state and origin.
    pub(crate) counted: BTreeMap<&'static str, u64>,
}

impl Played {
    /// A hash of everything that happened.
    pub(crate) fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.trace.hash(&mut hasher);
        hasher.finish()
    }

    /// The name of what was violated.
    pub(crate) fn name(&self) -> Option<&str> {
        self.violation.as_deref()?.split(':').next()
    }
}

/// Plays a run to its end, or to the first violation.
pub(crate) fn play(plan: &Plan, plant: Plant) -> Played {
    let mut world = World::new(plan, plant);
    let violation = world.play(plan).err();
    let books = world.books();
    let (trace, injected) = (books.trace.clone(), books.injected.clone());
    let counted = books.counted.clone();
    drop(books);
    Played { violation, trace, injected, counted }
}

/// Leaves out what the violation does not need: halves, quarters, and at last single steps.
pub(crate) fn shrink(plan: Plan, played: Played, plant: Plant) -> (Plan, Played) {
    let (mut plan, mut played, mut runs) = (plan, played, 0);
    let mut size = plan.steps.len() / 2;
    while size > 0 {
        let mut from = 0;
        while from < plan.steps.len() && runs < SHRINKS {
            let shorter = plan.without(from..(from + size).min(plan.steps.len()));
            let other = play(&shorter, plant);
            runs += 1;
            if other.name() == played.name() {
                (plan, played) = (shorter, other);
            } else {
                from += size;
            }
        }
        size /= 2;
    }
    (plan, played)
}

impl World {
    fn play(&mut self, plan: &Plan) -> Result<(), String> {
        for step in &plan.steps {
            self.note(&format!("{:?}", step.kind));
            self.random = Random::new(step.salt);
            self.books().random = Random::new(!step.salt);
            self.make(*step)?;
            self.check()?;
        }
        self.note("the end");
        self.random = Random::new(plan.seed);
        self.conclude()
    }

    fn make(&mut self, Step { kind, .. }: Step) -> Result<(), String> {
        match kind {
            Kind::Post => self.post_new(1),
            Kind::Burst => {
                let count = 4 + self.random.below(16);
                self.post_new(count);
            }
            Kind::Again => {
                if let Some(state) = self.model.known_state(&mut self.random) {
                    self.post(state);
                }
            }
            Kind::Work => {
                let gates = 1 + self.random.index(12);
                self.work(gates)?;
            }
            Kind::Settle => self.settle()?,
            Kind::NextDue | Kind::Pass | Kind::PassLong | Kind::Suspend => self.wait(kind)?,
            Kind::Crash | Kind::Reboot | Kind::Restart => self.start_again(kind)?,
            Kind::Reload => self.reload(),
            Kind::Storm | Kind::Calm | Kind::Robot => self.turn(kind),
            Kind::Wall => {
                let hours = self.random.pick(&[-9_000, -30, -2, 0, 0, 1, 2, 26, 90_000]);
                self.inject("wall clock set");
                self.clock.set_wrong(SignedDuration::from_hours(hours));
            }
            Kind::Disk => {
                let disk = self.random.pick(&[Disk::Fine, Disk::Full, Disk::HeldUp]);
                self.inject("disk full, held up or fine");
                self.note(&format!("{disk:?}"));
                self.set_disk(disk);
            }
            Kind::Replay | Kind::Discard | Kind::Test => self.by_hand(kind),
        }
        Ok(())
    }

    fn inject(&self, what: &'static str) {
        self.books().inject(what);
    }

    fn post_new(&mut self, count: u64) {
        for _ in 0..count {
            if let Some(state) = self.model.new_state(&mut self.random) {
                self.post(state);
            }
        }
    }

    fn wait(&mut self, kind: Kind) -> Result<(), String> {
        let time = match kind {
            Kind::NextDue => self.clock.next_due().unwrap_or_default(),
            Kind::Pass => Duration::from_millis(500 + self.random.below(120_000)),
            _ => Duration::from_secs(60 + self.random.below(3_000)),
        };
        if kind == Kind::Suspend {
            self.inject("suspended");
            self.clock.advance(time);
            return self.work(3).map(drop);
        }
        self.pass(time, 80)
    }

    fn start_again(&mut self, kind: Kind) -> Result<(), String> {
        if kind == Kind::Restart {
            self.inject("restart");
            self.stop()?;
        } else {
            self.inject(if kind == Kind::Crash { "kill" } else { "reboot" });
            let gates = self.random.index(8);
            self.work(gates)?;
            self.kill();
        }
        let down = [0, 1, 30, 400][self.random.index(4)] * 1_000 + self.random.below(1_000);
        self.clock.advance(Duration::from_millis(down));
        if kind == Kind::Reboot {
            self.clock.reboot();
            self.clock.advance(Duration::from_millis(500 + self.random.below(20_000)));
        }
        self.begin();
        Ok(())
    }

    fn reload(&mut self) {
        self.inject("reload");
        match self.random.below(4) {
            0 => {
                let old = self.site.ops_token();
                self.site.rotation += 1;
                self.sim.change_robot(&old, |robot| robot.presence = Presence::Removed);
            }
            1 => self.site.rate = self.random.pick(&[3, 5, 8]),
            2 => self.site.pool = self.random.pick(&[1, 2, 3]),
            _ => self.site.side = !self.site.side,
        }
        self.note(&format!("{:?}", self.site));
        self.add_robots();
        let settings = self.site.settings();
        self.note_lanes(&settings, false);
        self.process().reload(settings);
    }

    fn turn(&mut self, kind: Kind) {
        match kind {
            Kind::Storm => {
                let (chat, trouble) = (self.random.pick(&CHATS), self.random.pick(&Trouble::ALL));
                let percent = self.random.pick(&[20, 50, 100]);
                self.note(&format!("{}: {} in {percent} %", chat, trouble.name()));
                self.books().weather.insert(chat, Weather { trouble, percent });
            }
            Kind::Robot => {
                self.inject("robot removed or back");
                self.sim.change_robot("busy0", |robot| {
                    robot.presence = match robot.presence {
                        Presence::Working => Presence::Removed,
                        _ => Presence::Working,
                    };
                });
            }
            _ => self.books().weather.clear(),
        }
    }

    fn by_hand(&mut self, kind: Kind) {
        if kind == Kind::Test {
            let receiver = self.random.pick(&["ops", "busy", "duty"]);
            return self.process().test(receiver);
        }
        let either = self.random.pick(&[State::Dead, State::Queued]);
        let state = if kind == Kind::Replay { State::Dead } else { either };
        let rows = self.rows(Some(state));
        if rows.is_empty() {
            return;
        }
        let row = &rows[self.random.index(rows.len())];
        let id = row.id;
        if kind == Kind::Replay {
            self.inject("replay");
            self.checks.replayed.extend(Mark::all(&row.summary.alertnames.join(" ")));
            self.process().replay(id);
        } else {
            self.inject("discard");
            self.checks.discarded.insert(id);
            self.process().discard(id);
        }
    }
}
