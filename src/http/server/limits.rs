//! How long a client may keep a connection waiting, and how many connections there may be.

use std::ops::Range;
use std::time::Duration;

/// The longest that a request's head may take.
pub(super) const HEAD: Duration = Duration::from_secs(10);
/// The longest that a connection may be idle, before its first request too: clients keep spare ones.
/// Alertmanager closes its own after five minutes (`prometheus/common`, `config/http_config.go`); who
/// closes first must not be us, or a notification can meet a connection that is being closed.
pub(super) const IDLE: Duration = Duration::from_mins(6);
/// The longest that a body may take to arrive.
pub(super) const BODY: Duration = Duration::from_secs(30);
/// The longest that reading an answer may take.
pub(super) const ANSWER: Duration = Duration::from_mins(5);
/// What has to come of a body, or to be read of an answer, in every [`WINDOW`]: bytes in a second.
pub(super) const RATE: u64 = 1_024;
/// The time over which the rate is taken: longer than TCP's first three repetitions, so that a lost
/// packet is no slowness.
pub(super) const WINDOW: Duration = Duration::from_secs(10);
/// An idle connection gives way before all others once it has been idle for this long. Before that it may
/// be a new one, whose request is on its way.
pub(super) const NEW: Duration = Duration::from_secs(1);

/// No connection gives way sooner than this after it began to wait for its client: whatever comes how fast, a
/// good one has its time to send a request and to read the answer.
pub(super) const PATIENCE: Duration = Duration::from_millis(250);

/// How long work goes on for a client that sends no more. It may have closed its side alone, as `nc -N` does,
/// or be gone: TCP tells these apart only to one who writes.
pub(super) const HALF_CLOSED: Duration = Duration::from_millis(500);

/// The largest head of a request, its first line included; a larger one is answered 431. Browsers and
/// proxies send up to 16 KiB. Of headers, hyper takes 100.
pub(super) const HEAD_BYTES: usize = 16 * 1_024;
/// What one connection buffers of what it reads: a head has to fit, and thousands wait for room at once.
pub(super) const READ_BYTES: usize = HEAD_BYTES;
/// What one connection buffers of answers that are not read.
pub(super) const BUFFER_BYTES: usize = 32 * 1_024;

/// What the answers hold together that their clients do not read.
pub(super) const ANSWERS_BYTES: u64 = 24 << 20;
/// So fast a body has to come, beside [`STALL`], or it gives its room to those who wait for it: bytes in a
/// second, a fiftieth of what a network within a site carries.
pub(super) const PACE: u64 = 2 << 20;
/// The time that a body has besides: TCP repeats a lost packet after 200 ms.
pub(super) const STALL: Duration = Duration::from_millis(450);
/// How often it is looked who keeps back those that wait for room.
pub(super) const LOOK_WHILE_SHORT: Duration = Duration::from_millis(100);

/// Open files that are no connection: the database, the log, the runtime's own.
const FILES: u64 = 128;
/// Where fewer connections than this are allowed, the limit of open files is not meant seriously.
const FEWEST: usize = 16;

/// How many connections are open at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Most {
    /// From all addresses together.
    pub(super) total: usize,
    /// From one address.
    pub(super) address: usize,
}

impl Most {
    /// As many as wanted, but no more than half of the files that may be open: the other half is for the
    /// attempts under way.
    pub(super) fn of(wanted: usize, files: Option<u64>) -> Self {
        let room = files.map_or(u64::MAX, |files| files.saturating_sub(FILES) / 2);
        let room = usize::try_from(room).unwrap_or(usize::MAX).max(FEWEST);
        let total = wanted.min(room);
        Self { total, address: total.div_ceil(2) }
    }

    /// How many give way at once. Choosing them looks at every connection, so that one at a time would
    /// make each accept as slow as the table is long.
    pub(super) fn batch(self) -> usize {
        (self.total / 32).max(1)
    }

    /// Between these, connections that are told to give way are still closing: accepting goes on at the
    /// first, and waits at the end.
    pub(super) fn spare(self) -> Range<usize> {
        self.total..self.total + self.total / 16 + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_that_may_be_open_are_shared_with_the_attempts() {
        for (wanted, files, total) in [
            (4_096, None, 4_096),
            (4_096, Some(1_048_576), 4_096),
            (4_096, Some(1_024), 448),
            (100, Some(1_024), 100),
            (4_096, Some(64), 16),
        ] {
            assert_eq!(Most::of(wanted, files).total, total, "{wanted} {files:?}");
        }
        assert_eq!(Most::of(101, None).address, 51);
        let most = Most::of(4_096, Some(1_024));
        assert!(most.spare().end + 448 + 96 <= 1_024, "attempts and files have room: {most:?}");
    }
}
