//! The log of what was committed, and its way into the database.
//!
//! It goes there between two batches, once it has grown. A reader that stays in its transaction
//! holds it back, and then every commit makes the log longer; so above a limit no new work is taken
//! until that reader is gone. At a start it may be damaged, which SQLite does not tell.

mod damage;
pub(super) mod frames;
mod index;
mod repair;

use std::time::Duration;

use rusqlite::Connection;

pub(super) use self::repair::{complaint, repair};
use super::identity::PAGE;
use super::{Options, open};

/// Pages in the log that start a checkpoint: 8 MiB of them, twice SQLite's own measure.
const CHECKPOINT_PAGES: u64 = 2_000;

/// On a full disk a checkpoint starts at this part of the pages, so that the log stays within the
/// room that it has.
const SOONER_WHEN_FULL: u64 = 10;

/// After a command that writes much a checkpoint starts at this part of the pages. A clean-up changes other
/// pages at each step, and 2,000 different ones, moved one by one, kept a notification waiting for 65 ms
/// (`scripts/bench retention`); where notifications alone change the same pages again and again, it is
/// cheaper to wait for all.
const SOONER_WHEN_HEAVY: u64 = 4;

/// How long a checkpoint waits for readers before they are taken for ones that stay: far longer
/// than any read of ours.
const READER: Duration = Duration::from_secs(1);

/// The log of an open database.
#[derive(Debug)]
pub(super) struct Log {
    /// Pages above which new work is refused, if they cannot be moved.
    limit: u64,
    /// Pages that start a checkpoint.
    enough: u64,
    /// What the last look found.
    length: Length,
    clogged: bool,
}

/// The log's pages.
#[derive(Debug, Clone, Copy, Default)]
struct Length {
    /// From its begin on.
    pages: u64,
    /// Of these, how many are not in the database yet.
    left: u64,
}

impl Log {
    /// A log that is moved before it fills half of its reserve.
    pub(super) fn new(options: &Options) -> Self {
        let half = options.ballast_bytes.min(open::LOG_BYTES.unsigned_abs()) / PAGE / 2;
        let enough = if half == 0 { CHECKPOINT_PAGES } else { half.min(CHECKPOINT_PAGES) };
        let limit = options.log_limit_bytes / PAGE;
        Self { limit, enough, length: Length::default(), clogged: false }
    }

    /// Whether it has grown so much that it is to be moved, on a full disk or after a command that wrote
    /// much.
    pub(super) fn is_due(
        &mut self,
        connection: &Connection,
        full: bool,
        heavy: bool,
    ) -> rusqlite::Result<bool> {
        let sooner = match (full, heavy) {
            (true, _) => SOONER_WHEN_FULL,
            (false, true) => SOONER_WHEN_HEAVY,
            (false, false) => 1,
        };
        self.length = look(connection, "NOOP")?.unwrap_or(self.length);
        Ok(self.length.left >= self.enough / sooner || self.clogged)
    }

    /// Moves the log into the database; whether it is there whole.
    pub(super) fn move_on(&mut self, connection: &Connection) -> rusqlite::Result<bool> {
        self.length = look(connection, "PASSIVE")?.unwrap_or(self.length);
        let too_long = self.length.pages >= self.limit && self.length.left > 0;
        if too_long && !self.clogged {
            connection.busy_timeout(READER)?;
            let waited = look(connection, "RESTART");
            connection.busy_timeout(open::HELD_UP)?;
            self.length = waited?.unwrap_or(self.length);
        }
        self.clogged = self.length.pages >= self.limit && self.length.left > 0;
        Ok(self.length.left == 0)
    }

    /// Moves all of it into the database, however short it is.
    pub(super) fn move_all(connection: &Connection) -> rusqlite::Result<()> {
        look(connection, "PASSIVE").map(drop)
    }

    /// Moves all of it into the database, and cuts it to nothing, unless a reader stays; whether it did.
    pub(super) fn empty(connection: &Connection) -> rusqlite::Result<bool> {
        let length = look(connection, "TRUNCATE")?;
        Ok(length.is_some_and(|length| length.pages == 0))
    }

    /// Bytes that are not in the database yet.
    pub(super) fn bytes(&self) -> u64 {
        self.length.left * PAGE
    }

    /// Whether it is too long, and cannot be moved.
    pub(super) fn is_clogged(&self) -> bool {
        self.clogged
    }

    /// Why, in words.
    pub(super) fn clogged(&self) -> Option<String> {
        self.clogged.then(|| {
            format!(
                "another program, such as sqlite3 or a backup, has been reading the database in one \
                 transaction for so long that {} MiB cannot be moved into it; end it; what is queued \
                 goes on being sent",
                self.bytes() >> 20
            )
        })
    }
}

/// Makes such a checkpoint; how long the log is then, unless another program holds it.
fn look(connection: &Connection, mode: &str) -> rusqlite::Result<Option<Length>> {
    let mut pragma = connection.prepare_cached(&format!("PRAGMA wal_checkpoint({mode})"))?;
    let (pages, moved): (i64, i64) = pragma.query_row([], |row| Ok((row.get(1)?, row.get(2)?)))?;
    // Both are -1 when another program holds the log.
    let (Ok(pages), Ok(moved)) = (u64::try_from(pages), u64::try_from(moved)) else {
        return Ok(None);
    };
    Ok(Some(Length { pages, left: pages.saturating_sub(moved) }))
}
