//! Notifications are refused at the limits, and nothing else is.

use std::sync::mpsc;

use super::*;
use crate::queue::limits::{Limit, Reached};
use crate::queue::{Allowed, FallbackRule, Handover, NewPark, State};

struct Limited {
    folder: TempDir,
    clock: ManualClock,
    limits: Levels,
    store: SqliteStore,
}

impl Limited {
    async fn new(limits: Levels) -> Self {
        let (folder, clock) = (tempfile::tempdir().expect("a folder"), clock());
        let store = Self::open(&folder, &clock, limits).await;
        Self { folder, clock, limits, store }
    }

    async fn open(folder: &TempDir, clock: &ManualClock, limits: Levels) -> SqliteStore {
        let path = folder.path().join("campana.db");
        let options = Options { ballast_bytes: 0, limits, ..Options::default() };
        let store = SqliteStore::open(&path, clock, &options).expect("it opens");
        store.declare(vec![lane()], clock.now()).await.expect("it is declared");
        store
    }

    async fn restart(self) -> Self {
        let Self { folder, clock, limits, store } = self;
        store.close().await.expect("it closes");
        drop(store);
        let store = Self::open(&folder, &clock, limits).await;
        Self { folder, clock, limits, store }
    }

    /// Whether it is taken, or the limit that refuses it.
    async fn post(&self, group: &str) -> Result<(), Reached> {
        match self.store.accept(one(group), self.clock.now()).await {
            Ok(_) => Ok(()),
            Err(QueueError::AtLimit(reached)) => Err(reached),
            Err(other) => panic!("{other}"),
        }
    }

    /// Posts until it is refused: how many were taken, and why no more.
    async fn fill(&self, most: u32) -> (u32, Option<Limit>) {
        for n in 0..most {
            if let Err(reached) = self.post(&format!("g{n}")).await {
                return (n, Some(reached.limit));
            }
        }
        (most, None)
    }

    async fn lease(&self) -> Lease {
        self.clock.advance(Duration::from_mins(1));
        let Ok(NextAttempt::Attempt(lease)) =
            self.store.start(LANE, Allowed::All, self.clock.now()).await
        else {
            panic!("there is work")
        };
        lease
    }

    async fn end(&self, next: NextStep) {
        let (lease, result) = (self.lease().await, AttemptResult { next, ..arrived() });
        self.store.finish(lease, result, self.clock.now()).await.expect("it is recorded");
    }

    async fn send(&self, count: u32) {
        for _ in 0..count {
            self.end(NextStep::Arrived).await;
        }
    }

    fn refusal(&self) -> Option<Limit> {
        match self.store.health().borrow().refusal {
            Some(QueueError::AtLimit(reached)) => Some(reached.limit),
            _ => None,
        }
    }
}

#[tokio::test]
async fn at_the_limit_of_deliveries_sending_goes_on_and_opens_again_at_the_lower_mark() {
    let queue = Limited::new(Levels { queued: 20, ..Levels::NO_LIMITS }).await;
    assert_eq!(queue.fill(100).await, (20, Some(Limit::Queued)));
    assert_eq!(queue.refusal(), Some(Limit::Queued));
    queue.send(1).await;
    let reached = queue.post("more").await.expect_err("above the lower mark");
    assert_eq!((reached.level, reached.most, reached.again), (19, 20, 18));
    queue.send(1).await;
    queue.store.health().wait_for(|health| health.refusal.is_none()).await.expect("it is told");
    queue.post("more").await.expect("it is taken again");
    queue.post("and more").await.expect("up to the limit");
    queue.post("too much").await.expect_err("the limit is reached again");
}

#[tokio::test]
async fn a_limit_holds_within_one_batch() {
    let queue = Limited::new(Levels { queued: 20, ..Levels::NO_LIMITS }).await;
    let (go, gate) = mpsc::channel::<()>();
    let mut hold = queue.store.work_off(queue.clock.now(), move |_, _| {
        // The sender is dropped once all others wait.
        let _ = gate.recv();
        Ok(())
    });
    let now = queue.clock.now();
    let mut posts: Vec<_> =
        (0..100).map(|n| queue.store.accept(one(&format!("g{n}")), now)).collect();
    let waker = &mut std::task::Context::from_waker(std::task::Waker::noop());
    assert!(hold.as_mut().poll(waker).is_pending());
    for post in &mut posts {
        assert!(post.as_mut().poll(waker).is_pending());
    }
    drop(go);
    hold.await.expect("it held");
    let mut taken = 0;
    for post in posts {
        match post.await {
            Ok(_) => taken += 1,
            Err(QueueError::AtLimit(_)) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(taken, 20);
    assert_eq!(queue.store.stats(now).await.expect("it answers").queued, 20);
}

#[tokio::test]
async fn the_limits_count_what_is_queued_over_restarts_and_settling() {
    let bytes = |tx: &Connection| {
        let sql = "SELECT sum(bytes) FROM delivery WHERE state = 'queued'";
        tx.query_row(sql, [], |row| row.get::<_, Option<i64>>(0))
    };
    let mut queue = Limited::new(Levels { queued_bytes: 3_000, ..Levels::NO_LIMITS }).await;
    let (filled, reached) = queue.fill(100).await;
    assert!(reached == Some(Limit::QueuedBytes) && filled > 4, "{filled}: {reached:?}");
    for settled in 0..filled {
        queue = queue.restart().await;
        let counted = queue.store.work_off(queue.clock.now(), move |ledger, _| {
            Ok((ledger.totals.borrow().queued(), bytes(ledger)?))
        });
        let (counted, bytes) = counted.await.expect("it answers");
        assert_eq!(counted.deliveries, i64::from(filled - settled));
        assert_eq!(Some(counted.bytes), bytes);
        queue.send(1).await;
    }
    let nothing =
        queue.store.work_off(queue.clock.now(), |ledger, _| Ok(ledger.totals.borrow().queued()));
    assert_eq!(nothing.await, Ok(totals::Queued::default()));
    assert_eq!(queue.fill(100).await, (filled, reached), "in new groups as many fit again");
}

#[tokio::test]
async fn a_disk_with_too_little_room_takes_no_notification_and_the_rest_goes_on() {
    let queue = Limited::new(Levels { free_disk: 1 << 62, ..Levels::NO_LIMITS }).await;
    let reached = queue.post("g").await.expect_err("no disk has so much");
    assert_eq!(reached.limit, Limit::FreeDisk);
    assert!(reached.level > 0, "{reached}");
    assert_eq!(queue.refusal(), Some(Limit::FreeDisk));
}

/// What waits for a dead destination is as old as its robot is dead, and concerns nobody else.
#[tokio::test]
async fn what_could_be_sent_and_is_not_counts_for_the_age_and_what_is_parked_does_not() {
    let hours = Duration::from_hours;
    let queue = Limited::new(Levels { oldest: hours(10), ..Levels::NO_LIMITS }).await;
    queue.post("dead").await.expect("it is stored");
    let scope = Scope::Destination { target: target(), credentials_hash: "credentials".into() };
    let park = NewPark {
        scope: scope.clone(),
        cause: "gone".into(),
        step: 1,
        wait: Duration::from_hours(100),
        whole_lane: false,
    };
    queue.end(NextStep::Park(park)).await;
    queue.store.start(LANE, Allowed::All, queue.clock.now()).await.expect("it answers");
    queue.clock.advance(hours(20));
    queue.post("young").await.expect("the age of what is parked does not count");
    queue.store.unpark(scope, queue.clock.now()).await.expect("it is lifted");
    let _under_way = queue.lease().await;
    queue.store.health().wait_for(|health| health.refusal.is_some()).await.expect("it is told");
    let reached = queue.post("more").await.expect_err("it could be sent now, and is 20 h old");
    assert_eq!(reached.limit, Limit::Oldest);
    assert!(reached.to_string().contains("has been due for 20h"), "{reached}");
}

/// What waits behind a robot that does not answer is as old as its trouble.
#[tokio::test]
async fn what_a_lane_may_not_attempt_does_not_count_for_the_age() {
    let hours = Duration::from_hours;
    let queue = Limited::new(Levels { oldest: hours(10), ..Levels::NO_LIMITS }).await;
    queue.post("old").await.expect("it is stored");
    queue.clock.advance(hours(20));
    for allowed in [Allowed::Nothing, Allowed::Probe] {
        let started = queue.store.start(LANE, allowed, queue.clock.now()).await;
        started.expect("it answers");
        // The age is looked at behind each notification, for the next one.
        for group in ["young", "younger"] {
            queue.clock.advance(Duration::from_secs(2));
            queue.post(group).await.expect("the robot's age concerns nobody else");
        }
    }
}

#[tokio::test]
async fn replays_and_what_is_handed_over_come_in_at_the_limit() {
    let queue = Limited::new(Levels { queued: 2, ..Levels::NO_LIMITS }).await;
    queue.post("dies").await.expect("it is stored");
    let bury = NextStep::Bury { reason: "no".into(), park: None };
    queue.end(bury).await;
    assert_eq!(queue.fill(9).await, (2, Some(Limit::Queued)));
    let now = queue.clock.now();
    let replayed = queue.store.replay(DeliveryId(1), None, now).await.expect("a person asked");
    assert_eq!(replayed, DeliveryId(4));
    let rule = FallbackRule::Destination { target: target(), after: Some(Duration::ZERO) };
    queue.store.mark_fallen(vec![rule], now).await.expect("they are marked");
    let Accept { mut shares, .. } = one("dies");
    let share = shares.remove(0);
    let handover = Handover {
        of: DeliveryId(2),
        receiver: "others".into(),
        messages: share.messages,
        deliveries: share.deliveries,
    };
    let handed = queue.store.hand_over(handover, now).await.expect("another receiver is told");
    assert_eq!(handed.len(), 1);
    let stats = queue.store.stats(now).await.expect("it answers");
    assert_eq!((stats.queued, stats.settled[&State::Dead]), (4, 1));
    queue.post("more").await.expect_err("the limit stands");
}
