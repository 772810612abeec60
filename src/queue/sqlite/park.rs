//! Parks: what a throttled lane or a dead destination waits for.
//!
//! A park that is due still stands: it lets one attempt through, and only an arrival, other
//! credentials or a person ends it.

use rusqlite::{Connection, OptionalExtension, params};

use super::failure::Failure;
use super::row;
use crate::queue::delivery::{NewPark, Park, Scope, Target};
use crate::queue::steady::Moment;

/// The most parks that one read answers with.
const MOST: i64 = 500;

/// Parks, or parks anew.
pub(super) fn set(tx: &Connection, at: Moment, park: &NewPark) -> Result<(), Failure> {
    let NewPark { scope, cause, step, wait } = park;
    let until = at.after(*wait);
    match scope {
        Scope::Lane(lane) => tx
            .prepare_cached(
                "INSERT OR REPLACE INTO lane_park (lane, cause, step, until_ms)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![lane, cause, step, until])?,
        Scope::Destination { target, credentials } => {
            let target = row::target_id(tx, target)?;
            tx.prepare_cached(
                "INSERT OR REPLACE INTO destination_park
                   (target, credentials, cause, step, until_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![target, credentials, cause, step, until])?
        }
    };
    Ok(())
}

/// Ends a park, if it stands; a destination's only if it was made with these credentials.
pub(super) fn lift(tx: &Connection, scope: &Scope) -> Result<(), Failure> {
    match scope {
        Scope::Lane(lane) => {
            tx.prepare_cached("DELETE FROM lane_park WHERE lane = ?1")?.execute([lane])?
        }
        Scope::Destination { target, credentials } => tx
            .prepare_cached(
                "DELETE FROM destination_park WHERE credentials = ?3 AND target =
                   (SELECT id FROM target WHERE receiver = ?1 AND destination = ?2)",
            )?
            .execute([&target.receiver, &target.destination, credentials])?,
    };
    Ok(())
}

/// Ends what an arrival disproves: the lane's throttle, and the death of its destination.
pub(super) fn disprove(
    tx: &Connection,
    lane: &str,
    target: i64,
    credentials: &str,
) -> Result<(), Failure> {
    tx.prepare_cached("DELETE FROM lane_park WHERE lane = ?1")?.execute([lane])?;
    end_if(tx, "credentials = ?2", target, credentials)
}

/// Ends a destination's park that was made with other credentials than these.
pub(super) fn end_if_changed(
    tx: &Connection,
    target: i64,
    credentials: &str,
) -> Result<(), Failure> {
    end_if(tx, "credentials <> ?2", target, credentials)
}

fn end_if(tx: &Connection, holds: &str, target: i64, credentials: &str) -> Result<(), Failure> {
    let sql = format!("DELETE FROM destination_park WHERE target = ?1 AND {holds}");
    tx.prepare_cached(&sql)?.execute(params![target, credentials])?;
    Ok(())
}

/// Puts off the next probe of a dead destination whose probe told nothing.
pub(super) fn put_off(tx: &Connection, target: i64, until: i64) -> Result<(), Failure> {
    tx.prepare_cached(
        "UPDATE destination_park SET until_ms = max(until_ms, ?2) WHERE target = ?1",
    )?
    .execute([target, until])?;
    Ok(())
}

/// Lets the dead destinations among `targets`, or all of them, probe at once.
pub(super) fn probe(tx: &Connection, at: Moment, targets: &[Target]) -> Result<(), Failure> {
    if targets.is_empty() {
        tx.execute("UPDATE destination_park SET until_ms = min(until_ms, ?1)", [at.ms()])?;
    }
    for target in targets {
        tx.prepare_cached(
            "UPDATE destination_park SET until_ms = min(until_ms, ?1) WHERE target =
               (SELECT id FROM target WHERE receiver = ?2 AND destination = ?3)",
        )?
        .execute(params![at.ms(), target.receiver, target.destination])?;
    }
    Ok(())
}

/// The lane's throttle: its step, and until when it waits.
pub(super) fn of_lane(tx: &Connection, lane: &str) -> Result<Option<(u32, i64)>, Failure> {
    let mut statement =
        tx.prepare_cached("SELECT step, until_ms FROM lane_park WHERE lane = ?1")?;
    Ok(statement.query_row([lane], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// What is parked now; lanes first.
pub(super) fn list(tx: &Connection, at: Moment) -> Result<Vec<Park>, Failure> {
    let mut lanes =
        tx.prepare_cached("SELECT cause, step, until_ms, lane FROM lane_park LIMIT ?1")?;
    let lanes = lanes.query_map([MOST], |row| park(row, at, Scope::Lane(row.get(3)?)))?;
    let mut parks = lanes.collect::<Result<Vec<_>, _>>()?;
    let mut destinations = tx.prepare_cached(
        "SELECT cause, step, until_ms, credentials, receiver, destination
         FROM destination_park JOIN target ON target.id = destination_park.target
         ORDER BY receiver, destination LIMIT ?1",
    )?;
    let destinations = destinations.query_map([MOST], |row| {
        let target = Target { receiver: row.get(4)?, destination: row.get(5)? };
        park(row, at, Scope::Destination { target, credentials: row.get(3)? })
    })?;
    for destination in destinations {
        parks.push(destination?);
    }
    Ok(parks)
}

fn park(row: &rusqlite::Row<'_>, at: Moment, scope: Scope) -> rusqlite::Result<Park> {
    let (cause, step, until) = (row.get(0)?, row.get(1)?, row.get(2)?);
    Ok(Park { scope, cause, step, until: at.wall(until) })
}
