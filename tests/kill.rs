//! `kill -9` at random moments under load, again and again, on one database.
//!
//! `CAMPANA_BIN` names the binary, as a release build; `CAMPANA_KILL_CYCLES` how often it dies;
//! `CAMPANA_KILL_SEED` repeats a run's choices. A writer that gets no answer posts the same
//! notification again after the next start, as Alertmanager does.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use test_support::{Api, Mark, Record, Site, Violation, tell};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The most cycles on one database; more of them take another one, with robots that are fresh.
const CYCLES: usize = 15;
/// So many that DingTalk's 20 messages in a minute hold none of them up.
const ROBOTS: usize = 120;
/// Messages for one robot. The attempts that a kill cuts off count as well and fill up to 20.
const MESSAGES: usize = 12;
/// Groups of one receiver.
const GROUPS: usize = 2;

/// A writer that keeps to the order within each group, and what it was promised.
struct Writer {
    random: Random,
    /// What is left to post for each of its groups, the next one last.
    left: Vec<Vec<Mark>>,
    /// The group whose notification was not answered.
    unanswered: Option<usize>,
    accepted: BTreeMap<Mark, Option<String>>,
}

impl Writer {
    fn new(receivers: impl Iterator<Item = usize>, random: Random) -> Self {
        let groups = receivers.flat_map(|receiver| (0..GROUPS).map(move |group| (receiver, group)));
        let marks = |(receiver, group)| {
            let numbers = (0..MESSAGES / GROUPS).rev();
            numbers.map(|number| Mark { receiver, group, number }).collect()
        };
        let left = groups.map(marks).collect();
        Self { random, left, unanswered: None, accepted: BTreeMap::new() }
    }

    /// Posts until the server dies, or there is nothing left; counts the answers.
    async fn write(mut self, api: Api, answers: Arc<watch::Sender<u64>>) -> Self {
        while !self.left.is_empty() {
            let any = self.random.below(self.left.len());
            let group = self.unanswered.take().unwrap_or(any);
            let mark = *self.left[group].last().unwrap();
            let Some(answer) = api.post_mark(mark).await else {
                self.unanswered = Some(group);
                break;
            };
            assert_eq!(answer.status, 200, "{}", answer.text);
            answers.send_modify(|count| *count += 1);
            // A duplicate of what was stored, but not answered, has no id here.
            let id = answer.json()["ids"].as_array().unwrap().first().cloned();
            self.accepted.insert(mark, id.map(|id| id.as_str().unwrap().to_owned()));
            self.left[group].pop();
            self.left.retain(|group| !group.is_empty());
            // Spread over the time that the process lives.
            tokio::time::sleep(Duration::from_millis(self.random.between(0, 12))).await;
        }
        self
    }
}

/// `SplitMix64`: small, and the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.next() % (most - least + 1)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| {
        text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}"))
    })
}

/// Starts the server, lets the writers write, kills it.
async fn cycle(site: &Site, writers: Vec<Writer>, random: &mut Random) -> Vec<Writer> {
    if random.below(4) == 0 {
        // Sometimes it does not even get as far as listening.
        let early = site.launch(&mut site.serve([]));
        tokio::time::sleep(Duration::from_millis(random.between(0, 60))).await;
        early.kill();
    }
    let server = site.start().await;
    let mut writing = JoinSet::new();
    let (answers, mut answered) = watch::channel(0);
    let answers = Arc::new(answers);
    for writer in writers {
        writing.spawn(writer.write(server.api.clone(), Arc::clone(&answers)));
    }
    drop(answers);
    // After so many answers and not after so much time: a busy machine answers late. It fails when
    // there is nothing left to write.
    let enough = random.between(2, 40);
    let _ = answered.wait_for(|count| *count >= enough).await;
    tokio::time::sleep(Duration::from_millis(random.between(0, 5))).await;
    server.process.kill();
    writing.join_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_accepted_is_lost_however_often_the_process_is_killed() {
    let cycles = usize::try_from(setting("CAMPANA_KILL_CYCLES", 15)).unwrap();
    let seed = setting("CAMPANA_KILL_SEED", u64::from(std::process::id()));
    tell(&format!("CAMPANA_KILL_SEED={seed}"));
    let mut random = Random(seed);
    let mut figures = Figures::default();
    while figures.cycles < cycles {
        let cycles = CYCLES.min(cycles - figures.cycles);
        let record = round(cycles, &mut random).await;
        figures.add(cycles, &record);
        tell(&figures.to_string());
        assert_eq!(record.violations(), []);
    }
    assert!(figures.accepted > cycles, "the load was hardly one: {figures}");
}

/// Kills one database's process so many times, drains it, and looks at what became of all.
async fn round(cycles: usize, random: &mut Random) -> Record {
    let mut site = Site::with_receivers(ROBOTS).await;
    if let Some(binary) = std::env::var_os("CAMPANA_BIN") {
        site.binary = binary.into();
    }
    let count = random.below(9) + 8;
    let mut writers: Vec<Writer> = (0..count)
        .map(|first| Writer::new((first..ROBOTS).step_by(count), Random(random.next())))
        .collect();
    for _ in 0..cycles {
        writers = cycle(&site, writers, random).await;
    }
    let server = site.start().await;
    server.drained().await;
    server.assert_accounts().await;
    site.assert_sound().await;
    let answers: BTreeMap<Mark, Option<String>> =
        writers.into_iter().flat_map(|writer| writer.accepted).collect();
    let states = server.states().await;
    for id in answers.values().flatten() {
        assert_eq!(states.get(id).map(String::as_str), Some("delivered"), "delivery {id}");
    }
    Record::new(answers.into_keys(), &site.sim.posts())
}

/// All rounds in one line.
#[derive(Debug, Default)]
struct Figures {
    cycles: usize,
    accepted: usize,
    lost: usize,
    duplicates: usize,
    late: usize,
}

impl Figures {
    fn add(&mut self, cycles: usize, record: &Record) {
        self.cycles += cycles;
        self.accepted += record.accepted.len();
        for violation in record.violations() {
            match violation {
                Violation::Lost(_) => self.lost += 1,
                Violation::Twice(_) => self.duplicates += 1,
                Violation::Late(_) => self.late += 1,
            }
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cycles, accepted, lost, duplicates, late } = self;
        let delivered = accepted - lost;
        write!(
            f,
            "cycles {cycles} accepted {accepted} delivered {delivered} lost {lost} \
             duplicates {duplicates} out of order {late}"
        )
    }
}

#[test]
fn the_checker_reports_each_planted_fault() {
    let mark = |group, number| Mark { receiver: 0, group, number };
    let (a, b, other) = (mark(0, 0), mark(0, 1), mark(1, 0));
    let sound = Record { accepted: [a, b, other].into(), shown: vec![a, other, b] };
    assert_eq!(sound.violations(), []);
    for (shown, violation, line) in [
        (
            vec![a, b],
            Violation::Lost(other),
            "accepted 3 delivered 2 lost 1 duplicates 0 out of order 0",
        ),
        (
            vec![a, b, other, a],
            Violation::Twice(a),
            "accepted 3 delivered 3 lost 0 duplicates 1 out of order 0",
        ),
        (
            vec![b, other, a],
            Violation::Late(a),
            "accepted 3 delivered 3 lost 0 duplicates 0 out of order 1",
        ),
    ] {
        let record = Record { shown, ..sound.clone() };
        assert_eq!(record.violations(), [violation]);
        let mut figures = Figures::default();
        figures.add(1, &record);
        assert_eq!(figures.to_string(), format!("cycles 1 {line}"));
    }
}

#[test]
fn a_mark_is_found_in_any_text_and_nothing_else_is() {
    let mark = Mark { receiver: 12, group: 3, number: 45 };
    assert_eq!(Mark::of(&format!("### [FIRING] **{mark}**\n> x")), Some(mark));
    assert_eq!(Mark::of("Mark x1 Mark1x2 Markdown"), None);
}
