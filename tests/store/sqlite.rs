//! SQLite for the suite: where its data lives, and how its process dies.

use std::fs;
use std::path::{Path, PathBuf};

use campana::clock::ManualClock;
use campana::queue::sqlite::{Options, SqliteStore};
use tempfile::TempDir;

use crate::harness::Backend;

/// A folder with a database in it; each kill goes on in a folder of its own.
pub(crate) struct Sqlite {
    folder: TempDir,
    lives: usize,
}

impl Sqlite {
    fn path(&self) -> PathBuf {
        self.folder.path().join(format!("life-{}", self.lives)).join("campana.db")
    }
}

impl Backend for Sqlite {
    type Store = SqliteStore;

    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), lives: 0 }
    }

    async fn open(&mut self, clock: &ManualClock) -> SqliteStore {
        let options = Options { ballast_bytes: 0, ..Options::default() };
        SqliteStore::open(&self.path(), clock, &options).expect("it opens")
    }

    /// Copies the files as they are while the store is open, and goes on with the copies.
    async fn kill(&mut self, store: SqliteStore) {
        let before = self.path();
        self.lives += 1;
        let after = self.path();
        fs::create_dir_all(after.parent().expect("it has a folder")).expect("it is made");
        let log = |path: &Path| path.with_extension("db-wal");
        for (from, to) in [(before.clone(), after.clone()), (log(&before), log(&after))] {
            fs::copy(from, to).expect("a copy");
        }
        drop(store);
    }
}
