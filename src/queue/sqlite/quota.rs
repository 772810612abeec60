//! Monthly quotas: how many messages DingTalk took in this calendar month, by the quota's name.

use jiff::tz::{Offset, TimeZone};
use rusqlite::{Connection, params};

use super::failure::Failure;
use crate::queue::QuotaUse;
use crate::queue::store_time::Moment;

/// DingTalk counts its months in China's time.
const CHINA: Offset = Offset::constant(8);

/// DingTalk took one message more.
pub(super) fn count(tx: &Connection, at: Moment, quota: &str) -> Result<(), Failure> {
    tx.prepare_cached(
        "INSERT INTO quota_use (quota, month, n) VALUES (?1, ?2, 1)
         ON CONFLICT (quota, month) DO UPDATE SET n = n + 1",
    )?
    .execute(params![quota, month(at)])?;
    Ok(())
}

/// What was used of each quota in this month.
pub(super) fn used(tx: &Connection, at: Moment) -> Result<Vec<QuotaUse>, Failure> {
    let sql = "SELECT quota, n FROM quota_use WHERE month = ?1 ORDER BY quota";
    let mut statement = tx.prepare_cached(sql)?;
    let used = statement
        .query_map([month(at)], |row| Ok(QuotaUse { quota: row.get(0)?, used: row.get(1)? }))?;
    Ok(used.collect::<Result<_, _>>()?)
}

/// Months that are over are forgotten.
pub(super) fn forget(tx: &Connection, at: Moment) -> Result<(), Failure> {
    tx.execute("DELETE FROM quota_use WHERE month < ?1", [month(at)])?;
    Ok(())
}

/// The month as `2026-11`.
fn month(at: Moment) -> String {
    at.wall(at.ms()).to_zoned(TimeZone::fixed(CHINA)).strftime("%Y-%m").to_string()
}
