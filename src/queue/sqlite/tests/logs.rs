//! A log that is damaged, cut or gone when a killed process is started again: what is left of it is used,
//! and what is lost is told.

use super::super::check::{self, check};
use super::*;
use crate::queue::{Filter, Mended, State};

const FRAME: usize = 24 + 4096;
const HEADER: usize = 32;

/// Groups that were accepted and moved into the database before, and all that were accepted.
const MOVED: usize = 5;
const GROUPS: usize = 20;

/// The files of a process that was killed.
struct Killed {
    database: Vec<u8>,
    log: Vec<u8>,
    index: Vec<u8>,
    note: Vec<u8>,
    frames: usize,
}

/// What a killed process leaves after so many groups, each in a transaction of its own.
async fn killed(options: &Options) -> Killed {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("campana.db");
    accepted(&path, MOVED).await;
    let store = SqliteStore::open(&path, &clock(), options).expect("it opens");
    for n in MOVED..GROUPS {
        store.accept(one(&format!("group-{n}")), clock().now()).await.expect("it is stored");
    }
    // The writer has looked at the log after the last commit.
    store.declare(vec![lane()], clock().now()).await.expect("it is declared");
    let read = |suffix| fs::read(open::beside(&path, suffix)).expect("it is there");
    let index = read("-shm");
    let frames = u32::from_ne_bytes(std::array::from_fn(|at| index[16 + at]));
    let frames = usize::try_from(frames).expect("it is small");
    assert!(frames > 10, "{frames}");
    Killed { database: read(""), log: read("-wal"), index, note: read(".lock"), frames }
}

impl Killed {
    /// The same files elsewhere; none for a file without bytes.
    fn put(&self, folder: &TempDir, log: &[u8], index: &[u8]) -> PathBuf {
        let path = folder.path().join("campana.db");
        fs::write(&path, &self.database).expect("it is written");
        fs::write(open::beside(&path, ".lock"), &self.note).expect("it is written");
        for (suffix, bytes) in [("-wal", log), ("-shm", index)] {
            if !bytes.is_empty() {
                fs::write(open::beside(&path, suffix), bytes).expect("it is written");
            }
        }
        path
    }

    /// The log, with a wrong byte in its first page.
    fn damaged(&self) -> Vec<u8> {
        self.with(|log| log[HEADER + 200] ^= 1)
    }

    fn with(&self, harm: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut log = self.log.clone();
        harm(&mut log);
        log
    }
}

/// What a start found: how many deliveries are known, how many of them are dead, what was mended.
struct Found {
    known: usize,
    dead: usize,
    mended: Vec<Mended>,
}

/// Starts and accepts one delivery more, which is not counted.
async fn start(path: &Path) -> Found {
    let store = open_at(path).expect("it opens");
    let accepted = store.accept(one("new"), clock().now()).await.expect("it is stored");
    assert_eq!(accepted.deliveries.len(), 1);
    let filter = Filter { limit: 500, ..Filter::default() };
    let listed = store.list(filter, clock().now()).await.expect("it lists");
    let stats = store.stats(clock().now()).await.expect("it answers");
    let (accepted, settled) = accepted_and_settled(&stats);
    assert_eq!(accepted, settled + stats.queued, "{stats:?}");
    let dead = listed.iter().filter(|delivery| delivery.state == State::Dead).count();
    let mended = store.health().borrow().mended.clone();
    store.close().await.expect("it closes");
    drop(store);
    let found = check(path).expect("it is read");
    assert!(found.is_sound(), "{found}");
    Found { known: listed.len() - 1, dead, mended }
}

#[tokio::test]
async fn a_log_that_a_killed_process_left_is_taken_whole() {
    for ballast_bytes in [0, 1 << 20] {
        let killed = killed(&Options { ballast_bytes, ..Options::default() }).await;
        for index in [&killed.index[..], &[]] {
            let folder = in_memory();
            let path = killed.put(&folder, &killed.log, index);
            assert!(check(&path).expect("it is read").is_sound());
            let Found { known, dead, mended } = start(&path).await;
            assert_eq!((known, dead, mended), (GROUPS, 0, Vec::new()));
        }
    }
}

/// A way to damage a frame.
type Harm = (&'static str, fn(&mut [u8]));

const HARMS: [Harm; 4] = [
    ("zeros", |frame| frame.fill(0)),
    ("a byte of the page", |frame| frame[2_000] ^= 1),
    ("the page's number", |frame| frame[3] ^= 0x10),
    ("the checksum", |frame| frame[20] ^= 0x80),
];

/// The frames that end a transaction.
fn commits(log: &[u8], frames: usize) -> Vec<usize> {
    let is_commit = |number: &usize| log[HEADER + number * FRAME + 4..][..4] != [0; 4];
    (0..frames).filter(is_commit).collect()
}

#[tokio::test]
async fn a_damaged_frame_hides_no_other_one() {
    let killed = killed(&Options { ballast_bytes: 0, ..Options::default() }).await;
    for number in 0..killed.frames {
        let (harm, damage) = HARMS[number % HARMS.len()];
        let case = format!("frame {number} of {}, {harm}", killed.frames);
        let at = HEADER + number * FRAME;
        let log = killed.with(|log| damage(&mut log[at..at + FRAME]));
        let folder = in_memory();
        let path = killed.put(&folder, &log, &killed.index);
        let told = check(&path).expect("it is read").to_string();
        assert!(told.contains("cannot be read"), "{case}: {told}");
        // The check's reader has written the index anew; a server finds it as it was left.
        let path = killed.put(&folder, &log, &killed.index);
        let Found { known, dead, mended } = start(&path).await;
        let [mended] = &mended[..] else { panic!("{case}: {mended:?}") };
        let words = format!("of {} pages that were committed to the log ", killed.frames);
        assert!(mended.damage.starts_with(&words), "{case}: {}", mended.damage);
        // Of the frame behind a lost checksum nobody can tell whether it is sound.
        let lost = if harm == "zeros" || harm == "the checksum" { 2 } else { 1 };
        let lost = lost.min(killed.frames - number);
        assert!(
            mended.damage.contains(&format!(", {lost} cannot be read; ")),
            "{case}: {mended:?}"
        );
        assert_eq!(known, GROUPS, "{case}: {mended:?}");
        let named = mended.lost.iter().filter(|lost| lost.contains("it is a dead letter now"));
        assert_eq!(dead, named.count(), "{case}: {mended:?}");
        let kept = open::beside(&path, "-wal.damaged-1");
        assert_eq!(fs::read(kept).expect("it is kept"), log, "{case}");
        let store = open_at(&path).expect("it opens");
        assert_eq!(store.health().borrow().mended, [], "{case}: once");
    }
}

#[tokio::test]
async fn a_log_that_was_cut_or_has_no_header_gives_what_is_left() {
    let killed = killed(&Options { ballast_bytes: 0, ..Options::default() }).await;
    let last = killed.frames - 1;
    let ends = [killed.frames / 2, last].map(|frames| HEADER + frames * FRAME);
    let table = [
        ("half", killed.with(|log| log.truncate(ends[0])), 1),
        ("all but the last page", killed.with(|log| log.truncate(ends[1])), GROUPS - 1),
        ("a header", killed.with(|log| log.truncate(HEADER)), MOVED),
        ("nothing", Vec::new(), MOVED),
        ("all but the header", killed.with(|log| log[..HEADER].fill(0)), GROUPS),
        ("nothing but zeros", killed.with(|log| log.fill(0)), MOVED),
    ];
    for (left, log, least) in table {
        let folder = in_memory();
        let Found { known, mended, .. } = start(&killed.put(&folder, &log, &killed.index)).await;
        assert_eq!(mended.len(), 1, "{left}");
        assert!((least..=GROUPS).contains(&known), "{left}: {known} {mended:?}");
    }
    let folder = in_memory();
    let path = killed.put(&folder, &[], &killed.index);
    let words = start(&path).await.mended[0].damage.clone();
    assert!(words.contains("campana.db-wal is gone"), "{words}");
}

/// Without the index, as after a loss of power, the last two transactions may have been cut off.
#[tokio::test]
async fn without_the_index_a_transaction_behind_which_another_one_began_was_whole() {
    let killed = killed(&Options { ballast_bytes: 0, ..Options::default() }).await;
    let commits = commits(&killed.log, killed.frames);
    for (number, is_told) in
        [(3, true), (commits[commits.len() - 3], true), (last(&commits), false)]
    {
        let at = HEADER + number * FRAME;
        let log = killed.with(|log| log[at + 100] ^= 1);
        let folder = in_memory();
        let Found { known, mended, .. } = start(&killed.put(&folder, &log, &[])).await;
        assert_eq!(mended.len(), usize::from(is_told), "frame {number}");
        assert_eq!(known, GROUPS - usize::from(!is_told), "frame {number}: {mended:?}");
    }
}

fn last(commits: &[usize]) -> usize {
    *commits.last().expect("there is one")
}

#[tokio::test]
async fn a_log_of_which_all_is_in_the_database_may_be_gone() {
    let folder = in_memory();
    let path = folder.path().join("campana.db");
    accepted(&path, MOVED).await;
    fs::remove_file(open::beside(&path, "-wal")).expect("it is there");
    assert_eq!(start(&path).await.mended, []);
}

#[tokio::test]
async fn what_a_start_that_was_killed_wrote_down_is_mended_by_the_next() {
    let folder = in_memory();
    let path = folder.path().join("campana.db");
    accepted(&path, MOVED).await;
    let locks = open::lock(&path).expect("it is locked");
    let note = Note::Damaged("a page of the log is lost".to_owned());
    locks.write_note(&note).expect("it is written");
    drop(locks);
    let Found { known, mended, .. } = start(&path).await;
    assert_eq!((known, mended.len(), &*mended[0].damage), (MOVED, 1, "a page of the log is lost"));
    let store = open_at(&path).expect("it opens");
    assert_eq!(store.health().borrow().mended, []);
}

#[tokio::test]
async fn a_tenth_damaged_log_is_left_as_it_is() {
    let killed = killed(&Options { ballast_bytes: 0, ..Options::default() }).await;
    let log = killed.damaged();
    let folder = in_memory();
    let path = killed.put(&folder, &log, &killed.index);
    for number in 1..=9 {
        let kept = open::beside(&path, &format!("-wal.damaged-{number}"));
        fs::write(kept, "").expect("it is written");
    }
    let words = open_at(&path).expect_err("it is refused").to_string();
    assert!(words.contains("9 damaged ones lie beside it already"), "{words}");
    assert_eq!(fs::read(open::beside(&path, "-wal")).expect("it is read"), log);
}

/// After a clean stop nothing is in the log, whatever an index says that a loss of power left there.
#[tokio::test]
async fn an_index_from_before_a_clean_stop_says_nothing() {
    let killed = killed(&Options { ballast_bytes: 0, ..Options::default() }).await;
    let folder = in_memory();
    let path = killed.put(&folder, &killed.log, &killed.index);
    let store = open_at(&path).expect("it opens");
    store.close().await.expect("it closes");
    drop(store);
    assert_eq!(fs::read(open::beside(&path, "-wal")).expect("it is read"), [0_u8; 0]);
    fs::write(open::beside(&path, "-shm"), &killed.index).expect("it is written");
    assert_eq!(start(&path).await.mended, []);
}

/// What lies in the log of another program, or of a newer version, is not ours to mend.
#[tokio::test]
async fn a_log_that_is_not_ours_is_left_as_it_is() {
    let killed = killed(&Options { ballast_bytes: 0, ..Options::default() }).await;
    let log = killed.damaged();
    let folder = in_memory();
    let path = killed.put(&folder, &log, &killed.index);
    fs::write(open::beside(&path, ".lock"), "").expect("it is written");
    let locks = open::lock(&path).expect("it is locked");
    assert_eq!(log::repair(&path, &locks).expect("it is not looked at"), None);
    assert_eq!(fs::read(open::beside(&path, "-wal")).expect("it is read"), log);
    assert!(!open::beside(&path, "-wal.damaged-1").exists());
}

#[tokio::test]
async fn what_a_command_found_is_told_at_the_next_start() {
    let killed = killed(&Options { ballast_bytes: 0, ..Options::default() }).await;
    let log = killed.with(|log| log.truncate(HEADER + killed.frames / 2 * FRAME));
    let folder = in_memory();
    let path = killed.put(&folder, &log, &killed.index);
    let (copy, backup) = (folder.path().join("copy.db"), folder.path().join("backup.db"));
    let refused = check::backup(&path, &backup).expect_err("it lacks something");
    assert!(refused.to_string().contains("cannot be read; start campana"), "{refused}");
    assert!(!check(&path).expect("it is read").is_sound());
    let saved = salvage::salvage(&path, &copy).expect("it is read");
    assert!(saved.lost.iter().any(|lost| lost.contains("campana.db-wal")), "{saved}");
    let mended = start(&path).await.mended;
    assert_eq!(mended.len(), 1);
    assert!(mended[0].damage.contains("cannot be read"), "{mended:?}");
}

/// Another program that reads the database has read its log, and may use it.
#[tokio::test]
async fn a_log_that_another_program_has_open_is_left_as_it_is() {
    let killed = killed(&Options { ballast_bytes: 0, ..Options::default() }).await;
    let log = killed.damaged();
    let folder = in_memory();
    let path = killed.put(&folder, &log, &killed.index);
    let program = "import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1])
db.execute('SELECT count(*) FROM sqlite_schema').fetchone()
print('open', flush=True)
sys.stdin.read()";
    let mut other = std::process::Command::new("python3")
        .args(["-c", program])
        .arg(&path)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let mut said = [0; 5];
    let stdout = other.stdout.as_mut().expect("it is piped");
    std::io::Read::read_exact(stdout, &mut said).expect("it opens the database");
    let locks = open::lock(&path).expect("it is locked");
    assert_eq!(log::repair(&path, &locks).expect("it is left"), None);
    drop(other.stdin.take());
    assert!(other.wait().expect("it ends").success());
    assert!(!open::beside(&path, "-wal.damaged-1").exists());
}
