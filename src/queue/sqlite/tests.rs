//! What the SQLite store does besides the rules of every store.

mod cleaning;
mod damaged;
mod disk;
mod files;
mod foreign;
mod limits;
mod logs;
mod lost;
mod pages;
mod plans;
mod reading;
mod writing;

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::clock::ManualClock;
use crate::dingtalk::message::{MessageType, Part};
use crate::queue::{
    Answered, LaneTarget, NewDelivery, NewMessage, RawPayload, ReceiverShare, StateHash, Summary,
};

fn clock() -> ManualClock {
    ManualClock::new(jiff::Timestamp::from_second(1_790_000_000).expect("in range"))
}

fn open_at(path: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(path, &clock(), &Options { ballast_bytes: 0, ..Options::default() })
}

/// A folder in memory, where that is possible, for many databases of which none has to last.
fn in_memory() -> TempDir {
    let memory = Some(Path::new("/dev/shm")).filter(|folder| folder.is_dir());
    memory.map_or_else(tempfile::tempdir, tempfile::tempdir_in).expect("a folder")
}

/// The lane of [`one`].
const LANE: &str = "lane-1";

fn lane() -> DeclaredLane {
    let budget = RateBudget {
        slots: 3,
        per: Duration::from_mins(1),
        attempt_limit: Duration::from_secs(10),
    };
    let target = LaneTarget {
        target: target(),
        credentials_hash: "credentials".into(),
        folds: false,
        has_fallback: false,
        quota: None,
    };
    DeclaredLane { id: LANE.into(), targets: vec![target], budget }
}

fn target() -> Target {
    Target { receiver: "ops".into(), destination: "a".into() }
}

/// Accepts so many deliveries into a new database.
pub(super) async fn accepted(path: &Path, count: usize) {
    let store = open_at(path).expect("it opens");
    for n in 0..count {
        store.accept(one(&format!("group-{n}")), clock().now()).await.expect("it is stored");
    }
    store.close().await.expect("it closes");
}

/// The store at `path`, and a time.
pub(super) fn opened(path: &Path) -> (SqliteStore, Now) {
    (open_at(path).expect("it opens"), clock().now())
}

/// Writes over the first page of a closed database that holds this text.
pub(super) fn ruin_page_with(path: &Path, text: &str) {
    let mut bytes = fs::read(path).expect("it is read");
    let place = bytes.windows(text.len()).position(|part| part == text.as_bytes());
    let page = place.expect("it is there") / 4096 * 4096;
    bytes[page..page + 4096].fill(0xff);
    fs::write(path, bytes).expect("it is written");
}

/// How many deliveries were ever accepted, and how many settled.
fn accepted_and_settled(stats: &Stats) -> (u64, u64) {
    (stats.accepted.values().sum(), stats.settled.values().sum())
}

/// One delivery in a group of its own.
fn one(group: &str) -> Accept {
    let message = NewMessage {
        parts: vec![message(&format!("{group} 0"))],
        summary: Summary { firing: 1, ..Summary::default() },
        rank: 2,
        render_error: None,
    };
    let share = ReceiverShare {
        receiver: "ops".into(),
        state: StateHash([b's'; 16]),
        window: Duration::from_mins(1),
        only_if_firing_was_told: false,
        messages: vec![message.into()],
        deliveries: vec![NewDelivery { target: target(), message: 0 }],
    };
    let payload = RawPayload { format: "test".into(), bytes: b"{}".to_vec() };
    let (notification, group) = ("n".into(), group.into());
    Accept { notification, group, payload, key: None, shares: vec![share], sender: None }
}

fn message(text: &str) -> Part {
    Part::new(MessageType::Markdown, &format!("title of {text}"), text)
}

/// The end of an attempt that arrived.
fn arrived() -> AttemptResult {
    let answered =
        Answered { outcome: "ok".into(), code: None, words: "ok".into(), took: Duration::ZERO };
    AttemptResult { answered, sent: true, next: NextStep::Arrived }
}
