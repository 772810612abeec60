//! A clock for tests, which stands still until a test moves it.
//!
//! It counts the sleeps under way, so that a test can wait until the code waits for the clock.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use super::{Clock, Now, Sleep};

/// A clock that only [`ManualClock::advance`] and [`ManualClock::set_wall`] move.
#[derive(Debug)]
pub struct ManualClock {
    now: watch::Sender<Now>,
    boot_id: Mutex<String>,
    /// The number of sleeps under way, by the boot time at which they end.
    sleepers: Mutex<BTreeMap<Duration, usize>>,
}

impl ManualClock {
    /// A clock that shows `wall`, one hour after the machine booted.
    #[must_use]
    pub fn new(wall: Timestamp) -> Self {
        let now = Now { wall, boot: Duration::from_hours(1) };
        Self {
            now: watch::Sender::new(now),
            boot_id: Mutex::new("boot-1".to_owned()),
            sleepers: Mutex::default(),
        }
    }

    /// Moves both clocks forward by `time`.
    pub fn advance(&self, time: Duration) {
        self.now.send_modify(|now| {
            now.boot += time;
            now.wall += time;
        });
    }

    /// Sets the wall clock, as an administrator or NTP does; the boot clock does not move.
    pub fn set_wall(&self, wall: Timestamp) {
        self.now.send_modify(|now| now.wall = wall);
    }

    /// Simulates a boot of the machine: the boot clock starts at zero, with the boot id `id`.
    pub fn reboot(&self, id: &str) {
        id.clone_into(&mut self.boot_id.lock().unwrap_or_else(PoisonError::into_inner));
        self.now.send_modify(|now| now.boot = Duration::ZERO);
    }

    /// How many sleeps under way end at exactly this boot time.
    ///
    /// An attempt under way sleeps until its time limit. When that sleep is gone, the answer has
    /// been read, and a test can move the clock.
    #[must_use]
    pub fn sleepers_until(&self, boot: Duration) -> usize {
        self.sleepers().get(&boot).copied().unwrap_or_default()
    }

    fn sleepers(&self) -> MutexGuard<'_, BTreeMap<Duration, usize>> {
        self.sleepers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One sleep, counted from the call of [`Clock::sleep_until`] until it ends or is dropped.
struct Sleeper<'a> {
    clock: &'a ManualClock,
    until: Duration,
}

impl<'a> Sleeper<'a> {
    fn new(clock: &'a ManualClock, until: Duration) -> Self {
        *clock.sleepers().entry(until).or_default() += 1;
        Self { clock, until }
    }
}

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        let mut sleepers = self.clock.sleepers();
        if let Some(count) = sleepers.get_mut(&self.until) {
            *count -= 1;
        }
        sleepers.retain(|_, count| *count > 0);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Now {
        *self.now.borrow()
    }

    fn boot_id(&self) -> String {
        self.boot_id.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn sleep_until(&self, boot: Duration) -> Sleep<'_> {
        let mut now = self.now.subscribe();
        let sleeper = Sleeper::new(self, boot);
        Box::pin(async move {
            let _sleeper = sleeper;
            // The wait fails only without a sender, and the sender lives in `self`, which is
            // borrowed.
            let _ = now.wait_for(|now| now.boot >= boot).await;
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sleep_is_counted_from_its_call_until_it_ends_or_is_given_up() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let until = clock.now().boot + Duration::from_secs(10);
        let (given_up, slept) = (clock.sleep_until(until), clock.sleep_until(until));
        let _longer = clock.sleep_until(until + Duration::from_secs(1));
        assert_eq!(clock.sleepers_until(until), 2);
        drop(given_up);
        assert_eq!(clock.sleepers_until(until), 1);
        clock.advance(Duration::from_secs(10));
        slept.await;
        assert_eq!(clock.sleepers_until(until), 0);
    }
}
