//! The system's clocks.
//!
//! The only file that reads the time; a lint forbids it everywhere else.

use std::time::Duration;

use jiff::Timestamp;
use rustix::time::{ClockId, clock_gettime};

use super::{Clock, Now, Sleep};

/// The longest sleep before the boot clock is read again.
///
/// Tokio's timers stand still while the machine is suspended, so a long sleep would end too late by
/// the time of the suspension; this way by 30 s at most.
const LONGEST_NAP: Duration = Duration::from_secs(30);

/// Reads `CLOCK_REALTIME` and `CLOCK_BOOTTIME`.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the `Clock`")]
    fn now(&self) -> Now {
        let boot = clock_gettime(ClockId::Boottime);
        let seconds = u64::try_from(boot.tv_sec).unwrap_or_default();
        let nanos = u32::try_from(boot.tv_nsec).unwrap_or_default();
        Now { wall: Timestamp::now(), boot: Duration::new(seconds, nanos) }
    }

    fn boot_id(&self) -> String {
        std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .map(|id| id.trim().to_owned())
            .unwrap_or_default()
    }

    fn sleep_until(&self, boot: Duration) -> Sleep<'_> {
        Box::pin(async move {
            loop {
                let left = boot.saturating_sub(self.now().boot);
                if left.is_zero() {
                    return;
                }
                tokio::time::sleep(left.min(LONGEST_NAP)).await;
            }
        })
    }
}
