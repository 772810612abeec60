//! A clock that stands still until a test moves it.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use super::{Clock, Now, Sleep};

/// A clock that only [`ManualClock::advance`] and [`ManualClock::set_wall`] move.
#[derive(Debug)]
pub struct ManualClock {
    now: watch::Sender<Now>,
    boot_id: Mutex<String>,
}

impl ManualClock {
    /// A clock that shows `wall`, one hour after the machine booted.
    #[must_use]
    pub fn new(wall: Timestamp) -> Self {
        let now = Now { wall, boot: Duration::from_hours(1) };
        Self { now: watch::Sender::new(now), boot_id: Mutex::new("boot-1".to_owned()) }
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
        Box::pin(async move {
            // The sender lives in `self`, which this future borrows: the wait cannot fail.
            let _ = now.wait_for(|now| now.boot >= boot).await;
        })
    }
}
