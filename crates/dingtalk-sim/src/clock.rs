//! The simulator's time: a function that a test can move.
//!
//! Windows, bans and token lives are measured with it, so a test needs to wait for none of them.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds and finer since the Unix epoch.
pub type Clock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// The machine's own time.
#[must_use]
pub fn system_clock() -> Clock {
    Arc::new(|| {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place where the system's time enters"
        )]
        let now = SystemTime::now();
        // A machine whose clock stands before 1970 is taken to stand at 1970.
        now.duration_since(UNIX_EPOCH).unwrap_or_default()
    })
}
