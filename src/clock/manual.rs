//! A clock that stands still until a test moves it, and knows who waits for which moment.

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
    /// How many sleeps end at which boot time.
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

    /// Lets `time` pass, on both clocks.
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

    /// Boots the machine again: the boot clock starts at zero, with another boot id.
    pub fn reboot(&self, id: &str) {
        id.clone_into(&mut self.boot_id.lock().unwrap_or_else(PoisonError::into_inner));
        self.now.send_modify(|now| now.boot = Duration::ZERO);
    }

    /// How many sleeps under way end at exactly this boot time.
    ///
    /// An attempt sleeps until its limit from before its call is made until its answer was read, so
    /// a test can see that an answer has arrived, and only then move the clock.
    #[must_use]
    pub fn sleepers_until(&self, boot: Duration) -> usize {
        self.sleepers().get(&boot).copied().unwrap_or_default()
    }

    fn sleepers(&self) -> MutexGuard<'_, BTreeMap<Duration, usize>> {
        self.sleepers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One sleep, counted from the call of [`Clock::sleep_until`] until it has ended or was given up.
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
            // The sender lives in `self`, which this future borrows: the wait cannot fail.
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
