//! How many attempts may be under way at once: each holds a socket, and accepting needs some too.

use rustix::process::{Resource, getrlimit};
use tokio::sync::Semaphore;

/// Files that are neither clients' connections nor attempts: the database, the log, the listener.
const OTHERS: u64 = 128;

/// With fewer attempts at once a robot that hangs would hold up the others.
const LEAST: u64 = 16;

/// Turns for attempts: half of the files that may be open, as the other half is for clients.
pub(super) fn turns() -> Semaphore {
    Semaphore::new(of(getrlimit(Resource::Nofile).current))
}

/// How many turns there are where so many files may be open; all that there can be without a limit.
fn of(files: Option<u64>) -> usize {
    let turns = files.map_or(u64::MAX, |files| (files.saturating_sub(OTHERS) / 2).max(LEAST));
    usize::try_from(turns).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_take_half_of_the_files_that_are_left() {
        for (files, turns) in [(Some(1_024), 448), (Some(256), 64), (Some(100), 16)] {
            assert_eq!(of(files), turns);
        }
        assert_eq!(of(None), Semaphore::MAX_PERMITS);
    }
}
