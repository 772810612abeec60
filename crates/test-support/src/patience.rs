//! Waiting for what other threads and processes do, with a deadline in real time.

use std::time::Duration;

/// How long a test waits for what should be there in a moment, on a machine that is busy.
///
/// It matters only when something is broken, so it is generous.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// How often a test looks.
const LOOK: Duration = Duration::from_millis(1);

/// Looks again and again until `done`.
///
/// # Panics
///
/// When it is not done in time.
pub async fn until(what: &str, done: impl AsyncFnMut() -> bool) {
    assert!(reached(done).await, "not {what} within {PATIENCE:?}");
}

/// Looks again and again; whether `done` became true in time.
pub async fn reached(mut done: impl AsyncFnMut() -> bool) -> bool {
    let look = async {
        while !done().await {
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(PATIENCE, look).await.is_ok()
}
