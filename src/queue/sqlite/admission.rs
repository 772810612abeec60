//! Whether a notification may come in: how far the limits of the storage are used.
//!
//! What is queued is counted in memory, and the room on the disk costs one call of the system for a
//! batch, so that a limit holds within a batch and costs a notification nothing.

use std::sync::Arc;
use std::time::Duration;

use rustix::fs::fstatvfs;

use super::ledger::Ledger;
use super::open::Locks;
use super::totals::Queued;
use crate::queue::limits::{Gauge, Levels, Reached};

/// How often it is looked for what is due the longest, in milliseconds: each lane is asked for it.
const OLDEST_AGAIN: i64 = 1_000;

/// How far the limits are used.
#[derive(Debug)]
pub(super) struct Admission {
    gauge: Gauge,
    levels: Levels,
    locks: Arc<Locks>,
    /// When it is looked for the oldest again.
    oldest_again: i64,
    reached: Option<Reached>,
}

impl Admission {
    /// Admission up to these limits; the disk is the one that the database is on.
    pub(super) fn new(limits: Levels, locks: Arc<Locks>) -> Self {
        let levels =
            Levels { queued: 0, queued_bytes: 0, oldest: Duration::ZERO, free_disk: u64::MAX };
        let gauge = Gauge::new(limits);
        Self { gauge, levels, locks, oldest_again: i64::MIN, reached: None }
    }

    /// Another database took the place of the one before.
    pub(super) fn take_up(&mut self, locks: Arc<Locks>) {
        self.locks = locks;
    }

    /// Looks at the queue and the disk after a batch; `now` is the latest time that is known.
    pub(super) fn look(&mut self, ledger: &Ledger, now: i64) {
        if let Ok(disk) = fstatvfs(self.locks.database()) {
            self.levels.free_disk = disk.f_bavail.saturating_mul(disk.f_frsize);
        }
        if now >= self.oldest_again {
            let oldest = ledger.schedule.borrow().oldest_due().unwrap_or(now);
            let ms = u64::try_from(now.saturating_sub(oldest)).unwrap_or_default();
            self.levels.oldest = Duration::from_millis(ms);
            self.oldest_again = now.saturating_add(OLDEST_AGAIN);
        }
        self.admit(ledger);
    }

    /// Why the next notification is not taken, after all that the transaction has done so far.
    pub(super) fn admit(&mut self, ledger: &Ledger) -> Option<Reached> {
        let Queued { deliveries, bytes } = ledger.totals.borrow().queued();
        self.levels.queued = u64::try_from(deliveries).unwrap_or_default();
        self.levels.queued_bytes = u64::try_from(bytes).unwrap_or_default();
        self.reached = self.gauge.look(&self.levels);
        self.reached
    }

    /// The limit that the last look found reached.
    pub(super) fn reached(&self) -> Option<Reached> {
        self.reached
    }
}
