//! Clean-ups: in small steps, into pages that are used again, and not while a reader holds the log.

use super::step::Step;
use super::*;

const SECOND: Duration = Duration::from_secs(1);

struct Queue {
    _folder: TempDir,
    path: PathBuf,
    clock: ManualClock,
    store: SqliteStore,
    posts: u32,
}

impl Queue {
    fn new(options: &Options) -> Self {
        let (folder, clock) = (tempfile::tempdir().expect("a folder"), clock());
        let path = folder.path().join("campana.db");
        let store = SqliteStore::open(&path, &clock, options).expect("it opens");
        Self { _folder: folder, path, clock, store, posts: 0 }
    }

    /// Posts a delivery whose text has so many bytes and does not pack.
    async fn post(&mut self, bytes: u32) -> Result<Accepted, QueueError> {
        self.posts += 1;
        let mut accept = one(&format!("g{}", self.posts));
        let number = self.posts * 2 + 1;
        let words = (0..bytes / 8).map(|i| format!("{:08x}", i.wrapping_mul(number)));
        let text = words.collect::<Vec<_>>().concat();
        Arc::make_mut(&mut accept.shares[0].messages[0]).parts = vec![message(&text)];
        self.store.accept(accept, self.clock.now()).await
    }

    /// Makes so many dead letters.
    async fn bury(&mut self, count: u32, bytes: u32) {
        for _ in 0..count {
            self.post(bytes).await.expect("it is stored");
        }
        self.clock.advance(SECOND);
        let buried = self.store.expire(Vec::new(), SECOND, self.clock.now()).await;
        assert_eq!(buried, Ok(u64::from(count)));
        self.clock.advance(SECOND);
    }

    async fn retain(&self) -> Result<u64, QueueError> {
        self.store.retain(Duration::ZERO, Duration::ZERO, self.clock.now()).await
    }

    async fn step(&self) -> Step {
        let step = self.store.work_off(self.clock.now(), |ledger, at| {
            retain::retain(ledger, at, Duration::ZERO, Duration::ZERO)
        });
        step.await.expect("it is done")
    }

    async fn pages(&self) -> u64 {
        let pages = self.store.work_off(self.clock.now(), |ledger, _| Ok(reserve::pages(ledger)?));
        pages.await.expect("it answers")
    }

    fn log(&self) -> u64 {
        fs::metadata(open::beside(&self.path, "-wal")).expect("it is there").len()
    }
}

fn options() -> Options {
    Options { ballast_bytes: 0, ..Options::default() }
}

#[tokio::test]
async fn a_step_deletes_few_rows_and_fewer_large_ones() {
    let mut queue = Queue::new(&options());
    queue.bury(250, 8).await;
    let mut done = Vec::new();
    while done.last().is_none_or(|step: &Step| !step.is_last) {
        done.push(queue.step().await);
    }
    // The states of their groups are in memory and have to be written before.
    assert_eq!(done.iter().map(|step| step.done).collect::<Vec<_>>(), [0, 64, 64, 64, 58, 0]);
    // Some 50 pages each; together they are more than one step frees.
    queue.bury(20, 200_000).await;
    assert_eq!(queue.step().await.done, 0);
    let Step { done, is_last } = queue.step().await;
    assert!((2..15).contains(&done) && !is_last, "{done}");
    assert_eq!(queue.retain().await, Ok(20 - done as u64));
}

#[tokio::test]
async fn a_database_under_steady_load_does_not_grow() {
    let mut queue = Queue::new(&options());
    let mut sizes = Vec::new();
    for _ in 0..8 {
        queue.bury(60, 20_000).await;
        // What is kept is one round's.
        let kept = 2 * SECOND;
        queue.store.retain(kept, kept, queue.clock.now()).await.expect("it is done");
        sizes.push(queue.pages().await);
    }
    // By the fourth round all that is kept at once has its pages.
    let (full, last) = (sizes[3], sizes[7]);
    assert!(last <= full + full / 50, "{sizes:?}");
    assert!(queue.log() <= 16 << 20, "{} bytes", queue.log());
}

/// As a backup does, or a person with `sqlite3`.
#[tokio::test]
async fn while_a_reader_holds_the_log_old_rows_stay_and_the_log_keeps_its_length() {
    let options = Options { log_limit_bytes: 4 << 20, ..options() };
    let mut queue = Queue::new(&options);
    queue.bury(300, 1_000).await;
    let other = Connection::open(&queue.path).expect("it opens");
    other.execute_batch("BEGIN; SELECT count(*) FROM delivery").expect("it reads");
    let mut stored = 0;
    let refused = loop {
        match queue.post(40_000).await {
            Ok(_) if stored < 1_000 => stored += 1,
            other => break other,
        }
    };
    assert!(matches!(refused, Err(QueueError::Busy(_))), "{stored}: {refused:?}");
    let held = queue.log();
    for cleaned in [
        queue.retain().await,
        queue.store.expire(Vec::new(), Duration::ZERO, queue.clock.now()).await,
    ] {
        let Err(QueueError::Busy(words)) = cleaned else { panic!("{cleaned:?}") };
        assert!(words.contains("reading") && words.contains("end it"), "{words}");
    }
    assert_eq!(queue.log(), held);
    assert!(held < 20 << 20, "{held} bytes");
    other.execute_batch("COMMIT").expect("it ends");
    queue.store.health().wait_for(|health| health.refusal.is_none()).await.expect("it is told");
    assert_eq!(queue.retain().await, Ok(300));
    queue.post(40_000).await.expect("it is taken again");
    assert!(queue.log() <= 16 << 20, "{} bytes", queue.log());
}
