//! The clock, which every part gets passed in, so that tests can move it.
//!
//! Waits, rates and limits use the boot clock: setting the wall clock does not move it, and it goes
//! on while the machine is suspended. Wall time is only for messages and for people.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;

/// One reading of both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Wall time, which jumps when somebody sets the clock.
    pub wall: Timestamp,
    /// Time since the machine booted (`CLOCK_BOOTTIME`), which only grows.
    pub boot: Duration,
}

/// A wait until a boot time.
pub type Sleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// A source of time: the system's clocks, or a clock that a test moves.
pub trait Clock: Send + Sync + fmt::Debug + 'static {
    /// Reads both clocks.
    fn now(&self) -> Now;

    /// The id of this boot of the machine. A stored boot time means nothing after the next boot.
    fn boot_id(&self) -> String;

    /// Waits until the boot clock has reached `boot`.
    fn sleep_until(&self, boot: Duration) -> Sleep<'_>;
}

mod manual;
mod system;

pub use manual::ManualClock;
pub use system::SystemClock;
