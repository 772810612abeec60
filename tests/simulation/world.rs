//! The simulated world: Campana's process and files, its machine, DingTalk, and those who post.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use campana::deliver::lane_config::lane_configs;
use campana::settings::Settings;
use dingtalk_sim::{App, MsgUuid, Robot, Sim, SimSettings};
use tempfile::TempDir;

use crate::checks::Checks;
use crate::gates::Gates;
use crate::ledger::Ledger;
use crate::mark::State;
use crate::model::Model;
use crate::network::SimNetwork;
use crate::plant::Plant;
use crate::process::{Outcome, Parts, Process};
use crate::random::Random;
use crate::site::{SECRET, Site};
use crate::step::Plan;
use crate::store::{Disk, LANE_KEY};
use crate::time::SimClock;

/// More gates than any moment opens: above it, something goes round and round.
const MOST_GATES: usize = 20_000;

/// Everything of one run.
pub(crate) struct World {
    folder: TempDir,
    lives: usize,
    plant: Plant,
    pub(crate) clock: Arc<SimClock>,
    pub(crate) sim: Arc<Sim>,
    books: Arc<Mutex<Ledger>>,
    /// The configuration file.
    pub(crate) site: Site,
    pub(crate) process: Option<Process>,
    pub(crate) model: Model,
    pub(crate) checks: Checks,
    /// The choices of the step that is made.
    pub(crate) random: Random,
    pub(crate) disk: Disk,
}

impl World {
    pub(crate) fn new(plan: &Plan, plant: Plant) -> Self {
        let clock = Arc::new(SimClock::new());
        let time = Arc::clone(&clock);
        let settings = SimSettings::with_clock(Arc::new(move || time.unix()));
        let sim = Sim::without_listener(settings);
        let msg_uuid = if plan.remembers { MsgUuid::Honoured } else { MsgUuid::Ignored };
        sim.change_rules(|rules| rules.msg_uuid = msg_uuid);
        sim.add_app(App::new("app", "word"));
        let plant_in = Random::new(plan.seed).below(12);
        let books = Ledger::new(plan.remembers, plant_in);
        let mut world = Self {
            folder: folder(),
            lives: 0,
            plant,
            clock,
            sim: Arc::new(sim),
            books: Arc::new(Mutex::new(books)),
            site: Site::new(),
            process: None,
            model: Model::default(),
            checks: Checks::default(),
            random: Random::new(plan.seed),
            disk: Disk::Fine,
        };
        world.add_robots();
        world.begin();
        world
    }

    /// Robots for all that the configuration names; those that are there stay as they are.
    pub(crate) fn add_robots(&mut self) {
        let ops = self.site.ops_token();
        let pool = (0..self.site.pool).map(|n| (format!("busy{n}"), "busy"));
        let others = [(ops, "ops"), ("night".to_owned(), "night"), ("duty".to_owned(), "duty")];
        for (token, chat) in pool.chain(others) {
            if self.sim.change_robot(&token, |_| ()) {
                continue;
            }
            let robot = Robot::new(&token).group(chat);
            self.sim.add_robot(match chat {
                "ops" => robot.secret(SECRET),
                "duty" => robot.keyword("duty"),
                _ => robot,
            });
        }
    }

    pub(crate) fn books(&self) -> MutexGuard<'_, Ledger> {
        self.books.lock().expect("no panic")
    }

    pub(crate) fn note(&self, words: &str) {
        let at = self.clock.elapsed().as_secs_f64();
        self.books().trace.push(format!("{at:.3} {words}"));
    }

    pub(crate) fn process(&self) -> &Process {
        self.process.as_ref().expect("it runs")
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join(format!("life-{}", self.lives)).join("campana.db")
    }

    /// The process starts on what is on disk.
    pub(crate) fn begin(&mut self) {
        let settings = self.site.settings();
        self.note_lanes(&settings, true);
        let network = SimNetwork {
            sim: Arc::clone(&self.sim),
            clock: Arc::clone(&self.clock),
            gates: Arc::new(Gates::default()),
            ledger: Arc::clone(&self.books),
            plant: self.plant,
        };
        let (clock, ledger) = (Arc::clone(&self.clock), Arc::clone(&self.books));
        let parts = Parts { database: &self.database(), settings, clock, network, ledger };
        self.process = Some(Process::start(parts));
        self.set_disk(self.disk);
    }

    /// Writes down which lane sends by what, and how much; a lower limit only once it is in force.
    pub(crate) fn note_lanes(&self, settings: &Settings, in_force: bool) {
        let now = self.clock.elapsed();
        let mut books = self.books();
        for (lane, config) in lane_configs(settings, &LANE_KEY) {
            let Some(destination) = config.destinations.values().next() else { continue };
            let sender = destination.endpoint.lane_identity()[1].to_owned();
            let budget = config.lane.budget;
            if budget.per == Duration::from_mins(1) {
                books.limit(&sender, budget.slots as usize, now, in_force);
            }
            books.senders.insert(lane, sender);
        }
    }

    pub(crate) fn set_disk(&mut self, disk: Disk) {
        self.disk = disk;
        *self.process().store.disk.lock().expect("no panic") = disk;
    }

    /// The process dies: only what is on disk is left, and nobody who waits is answered.
    pub(crate) fn kill(&mut self) {
        let before = self.database();
        self.lives += 1;
        let after = self.database();
        fs::create_dir_all(after.parent().expect("a folder")).expect("it is made");
        let log = |path: &Path| path.with_extension("db-wal");
        for (from, to) in [(before.clone(), after.clone()), (log(&before), log(&after))] {
            fs::copy(from, to).expect("a copy");
        }
        self.end();
        let _ = fs::remove_dir_all(before.parent().expect("a folder"));
    }

    /// The process ends in order, after its attempts.
    pub(crate) fn stop(&mut self) -> Result<(), String> {
        self.process().stop();
        self.pass(Duration::from_secs(11), 100)?;
        self.take_outcomes()?;
        if let Some(process) = self.process.take() {
            process.close();
        }
        self.end();
        Ok(())
    }

    fn end(&mut self) {
        drop(self.process.take());
        self.clock.forget_sleepers();
        self.books().crashed();
        self.model.crashed();
    }

    /// Opens so many gates, chosen by the seed; how many it were.
    pub(crate) fn work(&mut self, most: usize) -> Result<usize, String> {
        for opened in 0..most {
            self.process().settle();
            self.take_outcomes()?;
            let waiting = self.process().gates.waiting();
            if waiting == 0 {
                return Ok(opened);
            }
            let choice = self.random.index(waiting);
            let what = self.process().gates.open(choice);
            self.note(&format!("  {}", what.unwrap_or_default()));
        }
        self.process().settle();
        self.take_outcomes()?;
        Ok(most)
    }

    /// Opens all gates, until everything waits for the clock.
    pub(crate) fn settle(&mut self) -> Result<(), String> {
        if self.work(MOST_GATES)? == MOST_GATES {
            return Err(format!("Endless: {MOST_GATES} gates opened and no time passed"));
        }
        Ok(())
    }

    /// Lets time pass, from one moment at which something is due to the next; so many of a hundred
    /// times everything is done that can be done then.
    pub(crate) fn pass(&mut self, time: Duration, settled: u64) -> Result<(), String> {
        let end = self.clock.elapsed() + time;
        loop {
            if self.random.chance(settled) {
                self.settle()?;
            } else {
                let few = self.random.index(4);
                self.work(few)?;
            }
            let left = end.saturating_sub(self.clock.elapsed());
            match self.clock.next_due() {
                Some(due) if due <= left => self.clock.advance(due.max(Duration::from_nanos(1))),
                Some(_) | None => {
                    self.clock.advance(left);
                    return self.work(0).map(drop);
                }
            }
        }
    }

    /// Posts a state.
    pub(crate) fn post(&mut self, state: State) {
        let (at, boots) = (self.clock.elapsed(), self.clock.boots());
        let posted = self.model.post(state, &mut self.random, at, boots);
        self.note(&format!("post {} {state:?}", posted.number));
        let receiver = posted.receiver.map(str::to_owned);
        self.process().post(posted.number, receiver, posted.body);
        // It is received now, and not when somebody works next.
        self.process().settle();
    }

    /// What was answered, as the model takes it.
    pub(crate) fn take_outcomes(&mut self) -> Result<(), String> {
        for outcome in self.process().outcomes() {
            match outcome {
                Outcome::Posted(number, answer) => {
                    let words = answer.as_ref().map_or_else(Clone::clone, |acceptance| {
                        let ids = &acceptance.deliveries;
                        format!("{ids:?}, duplicate: {}", acceptance.duplicate_of.is_some())
                    });
                    self.note(&format!("answered {number}: {words}"));
                    self.model.answered(number, answer)?;
                }
                Outcome::Reloaded(result) => {
                    self.note(&format!("reloaded: {result:?}"));
                    // Else the configuration before stays in force.
                    if result.is_ok() {
                        self.note_lanes(&self.site.settings(), true);
                    }
                }
                Outcome::Replayed(id, result) => self.note(&format!("replay of {id}: {result:?}")),
                Outcome::Discarded(id, result) => {
                    self.note(&format!("discard of {id}: {result:?}"));
                }
                Outcome::Tested => self.note("tested"),
            }
        }
        Ok(())
    }
}

/// A folder in memory where there is one: what is tried here is not the disk.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder")
}
