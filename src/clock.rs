//! The time, as a value that is passed in.
//!
//! Waits, rates and limits are measured on the boot clock, which no clock setting moves and which
//! counts the time that the machine was suspended; wall time is for messages and for people.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;

/// One reading of both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Wall time; it can jump.
    pub wall: Timestamp,
    /// Time since the machine booted (`CLOCK_BOOTTIME`); it only grows.
    pub boot: Duration,
}

/// A wait that ends at a boot time.
pub type Sleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Where the time comes from: the system, or a test that moves it.
pub trait Clock: Send + Sync + fmt::Debug + 'static {
    /// Both clocks, now.
    fn now(&self) -> Now;

    /// What tells one boot of the machine from the next.
    fn boot_id(&self) -> String;

    /// Ends as soon as the boot clock has reached `boot`.
    fn sleep_until(&self, boot: Duration) -> Sleep<'_>;
}

mod manual;
mod system;

pub use manual::ManualClock;
pub use system::SystemClock;
