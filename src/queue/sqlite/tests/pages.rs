//! Every page of a database damaged in turn, in several ways: what is lost, and what goes on.

mod map;

use std::collections::BTreeSet;
use std::ops::Range;

use self::map::{PAGE, Use};
use super::super::check::check;
use super::*;
use crate::queue::{Filter, Health, Mended, SenderChange, State};

/// How many robots there are, each with a lane and a destination.
const ROBOTS: usize = 3;

fn lane_id(robot: usize) -> String {
    format!("robot-{robot}")
}

fn lanes() -> Vec<DeclaredLane> {
    let lanes = (0..ROBOTS).map(|robot| {
        let mut lane = lane();
        lane.id = lane_id(robot);
        lane.budget.slots = 1_000;
        lane.targets[0].target = destination(robot);
        lane
    });
    lanes.collect()
}

fn destination(robot: usize) -> Target {
    Target { receiver: "ops".into(), destination: format!("bot-{robot}") }
}

/// Text that does not pack.
fn noise(seed: u32, words: u32) -> String {
    let word = |i: u32| (i + 1).wrapping_mul(seed * 2 + 2_654_435_761);
    let words: Vec<_> = (0..words).map(|i| format!("{:x}", word(i))).collect();
    words.concat()
}

/// A delivery for each robot, or for one of them alone; some messages are longer than a page.
fn post(group: u32, only: Option<usize>) -> Accept {
    let mut accept = one(&format!("group-{group}"));
    let share = &mut accept.shares[0];
    if group.is_multiple_of(12) {
        Arc::make_mut(&mut share.messages[0]).parts[0].body = noise(group, 2_000);
        accept.payload.bytes = noise(group + 1, 1_500).into_bytes();
    }
    let robots = (0..ROBOTS).filter(|robot| only.is_none_or(|only| only == *robot));
    let delivery = |robot| NewDelivery { target: destination(robot), message: 0 };
    share.deliveries = robots.map(delivery).collect();
    accept
}

/// Groups that are queued when the pages are damaged.
const QUEUED: Range<u32> = 10..30;

/// A closed database with what a life leaves in each of its tables.
async fn lived(path: &Path) {
    let (store, clock) = (open_at(path).expect("it opens"), clock());
    store.declare(lanes(), clock.now()).await.expect("they are declared");
    for group in 0..QUEUED.start {
        store.accept(post(group, None), clock.now()).await.expect("it is stored");
    }
    for robot in 0..ROBOTS {
        let mut number = 0;
        while let Some(lease) = attempt(&store, robot, &clock).await {
            number += 1;
            let result = if number % 5 == 0 { refused() } else { arrived() };
            store.finish(lease, result, clock.now()).await.expect("it is recorded");
        }
    }
    for group in QUEUED {
        let only = (group.is_multiple_of(2)).then_some(group as usize % ROBOTS);
        store.accept(post(group, only), clock.now()).await.expect("it is stored");
    }
    let of = SenderKey { sender: "sender".into(), thing: "thing".into() };
    let sender = Some(SenderChange { of, was: None, becomes: Some(b"known".to_vec()) });
    let for_nobody = Accept { shares: Vec::new(), sender, ..one("known") };
    store.accept(for_nobody, clock.now()).await.expect("it is stored");
    store.count_message("quota".to_owned(), clock.now()).await.expect("it is counted");
    store.close().await.expect("it closes");
}

fn refused() -> AttemptResult {
    AttemptResult { next: NextStep::Bury { reason: "no".into(), park: None }, ..arrived() }
}

/// The next lease of a robot, which waits no longer than a few days for it.
async fn attempt(store: &SqliteStore, robot: usize, clock: &ManualClock) -> Option<Lease> {
    for _ in 0..50 {
        let now = clock.now();
        let until = match store.start(&lane_id(robot), Allowed::All, now).await.expect("it answers")
        {
            NextAttempt::Attempt(lease) => return Some(lease),
            NextAttempt::Wait(until) => until?,
            NextAttempt::Blocked(until)
            | NextAttempt::NoSlot(until)
            | NextAttempt::Gathering(until) => until,
            NextAttempt::Fold(_) | NextAttempt::Held => panic!("it may attempt all"),
        };
        clock.advance(until.saturating_sub(now.boot));
    }
    None
}

/// What became of a damaged database.
#[derive(Debug)]
enum Outcome {
    /// The start was refused, in these words.
    Refused(String),
    Served(Served),
}

#[derive(Debug)]
struct Served {
    /// The titles that each robot sent.
    sent: BTreeSet<(usize, String)>,
    /// How many deliveries are dead letters because of the damage.
    stopped: usize,
    mended: Vec<Mended>,
}

/// Serves all that is queued, and one notification more.
async fn serve(path: &Path) -> Outcome {
    let store = match open_at(path) {
        Ok(store) => store,
        Err(error) => return Outcome::Refused(error.to_string()),
    };
    let clock = clock();
    clock.advance(Duration::from_hours(1));
    store.declare(lanes(), clock.now()).await.expect("they are declared");
    let new = store.accept(post(QUEUED.end + 2, None), clock.now()).await;
    assert_eq!(new.expect("nothing is refused").deliveries.len(), ROBOTS);
    let mut sent = BTreeSet::new();
    for robot in 0..ROBOTS {
        while let Some(lease) = attempt(&store, robot, &clock).await {
            assert!(sent.insert((robot, lease.part.title.clone())), "{} twice", lease.part.title);
            store.finish(lease, arrived(), clock.now()).await.expect("it is recorded");
        }
    }
    let stats = store.stats(clock.now()).await.expect("it answers");
    let (accepted, settled) = accepted_and_settled(&stats);
    assert_eq!((accepted, stats.queued), (settled, 0), "{stats:?}");
    let filter = Filter { limit: 500, ..Filter::default() };
    let listed = store.list(filter, clock.now()).await.expect("all can be shown");
    let stopped = listed.iter().filter(|delivery| delivery.reason.contains("not be read"));
    let stopped = stopped.filter(|delivery| delivery.state == State::Dead).count();
    let Health { refusal, mended, .. } = store.health().borrow().clone();
    assert_eq!(refusal, None);
    store.close().await.expect("it closes");
    Outcome::Served(Served { sent, stopped, mended })
}

/// The files that a life leaves, and what a server makes of them as long as they are sound.
struct Life {
    folder: TempDir,
    bytes: Vec<u8>,
    note: Vec<u8>,
    sound: Served,
}

impl Life {
    async fn lead() -> Self {
        let folder = in_memory();
        let whole = folder.path().join("whole.db");
        lived(&whole).await;
        let bytes = fs::read(&whole).expect("it is read");
        let note = fs::read(open::beside(&whole, ".lock")).expect("it is read");
        let Outcome::Served(sound) = serve(&whole).await else { panic!("it is sound") };
        assert_eq!((sound.stopped, &sound.mended), (0, &Vec::new()));
        Self { folder, bytes, note, sound }
    }

    /// The same files, with these bytes for the database.
    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(format!("{name}.db"));
        fs::write(&path, bytes).expect("it is written");
        fs::write(open::beside(&path, ".lock"), &self.note).expect("it is written");
        path
    }

    /// How many messages were not sent, each of which is a dead letter.
    fn missing(&self, served: &Served, case: &str) -> usize {
        let Served { sent, stopped, .. } = served;
        assert!(sent.is_subset(&self.sound.sent), "{case}: {sent:?}");
        let missing = self.sound.sent.len() - sent.len();
        assert_eq!(missing, *stopped, "{case}: each is a dead letter");
        missing
    }
}

/// A way to damage a page.
type Harm = (&'static str, fn(&mut [u8]));

const HARMS: [Harm; 5] = [
    ("ones", |page| page.fill(0xff)),
    ("zeros", |page| page.fill(0)),
    ("no header", |page| page[..12].fill(0)),
    ("no places", |page| page[8..64].fill(0xa5)),
    ("noise", |page| {
        for (byte, noise) in page.iter_mut().zip((0..=u8::MAX).cycle()) {
            *byte = noise.wrapping_mul(151);
        }
    }),
];

/// How many queued deliveries a damaged page may stop.
fn most_stopped(used: Option<&Use>) -> usize {
    match used {
        Some(Use { name, kind: map::Kind::Interior, .. })
            if ["message", "delivery"].contains(&name.as_str()) =>
        {
            usize::MAX
        }
        // All robots are sent the same message.
        Some(Use { name, rows, .. }) if name == "message" => rows * ROBOTS,
        Some(Use { name, rows, .. }) if name == "delivery" => *rows,
        Some(_) | None => 0,
    }
}

#[tokio::test]
async fn a_damaged_page_stops_what_lies_on_it_and_nothing_else() {
    let life = Life::lead().await;
    let uses = map::of(&life.put("map", &life.bytes), &life.bytes);
    let pages = 1..=life.bytes.len() / PAGE;
    // All of the page, and the other ways in turn.
    for (number, way) in pages.flat_map(|number| [(number, 0), (number, 1 + number % 4)]) {
        let (harm, damage) = HARMS[way];
        let page = uses.get(&number);
        let case = format!("page {number} {page:?}, {harm}");
        let mut damaged = life.bytes.clone();
        damage(&mut damaged[(number - 1) * PAGE..number * PAGE]);
        match serve(&life.put(&format!("{number}-{way}"), &damaged)).await {
            Outcome::Refused(words) => {
                assert_eq!(page.map(|page| page.name.as_str()), Some("sqlite_schema"), "{words}");
                assert!(words.contains("campana queue salvage") || number == 1, "{case}: {words}");
            }
            Outcome::Served(served) => {
                let missing = life.missing(&served, &case);
                assert!(missing <= most_stopped(page), "{case}: {missing} are not sent");
                for Mended { kept, .. } in &served.mended {
                    assert!(kept.is_file(), "{case}: {kept:?}");
                }
            }
        }
    }
}

/// What a page can hold in the place of a small number.
const NUMBERS: [i64; 4] = [-1, 1 << 40, i64::MAX, i64::MIN];

/// A text that is none.
const NO_TEXT: &str = "CAST(x'c3' AS TEXT)";

/// Changes one row of a closed database as a damaged page would.
fn change(path: &Path, sql: &str) {
    let connection = Connection::open(path).expect("it opens");
    connection.pragma_update(None, "ignore_check_constraints", true).expect("it is set");
    assert_eq!(connection.execute(sql, []).expect("it is written"), 1, "{sql}");
}

#[tokio::test]
async fn a_value_that_no_row_has_stops_its_delivery_and_nothing_else() {
    let life = Life::lead().await;
    let of_queued = |column, value: &str| {
        let last = "(SELECT max(id) FROM delivery WHERE state = 'queued')";
        format!("UPDATE delivery SET {column} = {value} WHERE id = {last}")
    };
    let of_message = |column| {
        let last = "(SELECT message FROM delivery WHERE state = 'queued' ORDER BY id DESC LIMIT 1)";
        format!("UPDATE message SET {column} = {NO_TEXT} WHERE id = {last}")
    };
    let mut cases = vec![of_queued("origin", NO_TEXT), of_queued("msg_uuid", NO_TEXT)];
    cases.extend(["title", "summary"].map(of_message));
    for number in NUMBERS {
        let columns = [
            "notification",
            "message",
            "rank",
            "kind",
            "part",
            "parts",
            "scheduled",
            "busy",
            "other",
            "token",
            "attempts",
            "bytes",
        ];
        cases.extend(columns.map(|column| of_queued(column, &number.to_string())));
        for kind in ["accepted', 'notification", "settled', 'delivered", "queued', 'bytes"] {
            cases.push(format!("UPDATE total SET n = {number} WHERE (kind, word) = ('{kind}')"));
        }
    }
    for number in [i64::MAX, i64::MIN] {
        let columns = ["offset_ms", "last_ms", "last_notification", "last_delivery", "last_charge"];
        cases.extend(columns.map(|column| format!("UPDATE store SET {column} = {number}")));
    }
    for (at, case) in cases.iter().enumerate() {
        let path = life.put(&at.to_string(), &life.bytes);
        change(&path, case);
        // How much is queued is counted anew where it is needed.
        let is_sound = check(&path).expect("it is read").is_sound();
        assert!(!is_sound || case.contains("'bytes'"), "{case}");
        let Outcome::Served(served) = serve(&path).await else { panic!("{case}: it starts") };
        let missing = life.missing(&served, case);
        // All robots are sent the same message.
        let most = if case.contains("UPDATE message") { ROBOTS } else { 1 };
        assert!(missing <= most, "{case}: {missing} are not sent");
    }
}
