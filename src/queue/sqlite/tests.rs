//! What the SQLite store does besides the rules of every store.

mod disk;
mod files;
mod plans;
mod writing;

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::clock::ManualClock;
use crate::queue::conformance::{self, Home};

/// A folder with a database in it; each kill goes on in a folder of its own.
pub(crate) struct Folder {
    folder: TempDir,
    lives: usize,
}

impl Folder {
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join(format!("life-{}", self.lives)).join("campana.db")
    }
}

impl Home for Folder {
    type Store = SqliteStore;

    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), lives: 0 }
    }

    async fn open(&mut self, clock: &ManualClock) -> SqliteStore {
        let options = Options { ballast_bytes: 0 };
        SqliteStore::open(&self.path(), clock, &options).expect("it opens")
    }

    /// Copies the files as they are while the store is open, and goes on with the copies.
    async fn kill(&mut self, store: SqliteStore) {
        let before = self.path();
        self.lives += 1;
        let after = self.path();
        fs::create_dir_all(after.parent().expect("it has a folder")).expect("it is made");
        for suffix in ["", "-wal"] {
            fs::copy(open::beside(&before, suffix), open::beside(&after, suffix)).expect("a copy");
        }
        drop(store);
    }
}

conformance::conformance_of!(Folder);

fn clock() -> ManualClock {
    ManualClock::new(jiff::Timestamp::from_second(1_790_000_000).expect("in range"))
}

fn open_at(path: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(path, &clock(), &Options { ballast_bytes: 0 })
}

/// One delivery in a group of its own.
fn one(group: &str) -> Accept {
    conformance::notification("n", group, vec![conformance::share("a", group, "s", 1)])
}
