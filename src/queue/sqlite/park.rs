//! Parks: what a throttled lane or a dead destination waits for.
//!
//! A park that is due still stands: it lets one attempt through, and only an arrival, other
//! credentials or a person ends it.

use rusqlite::{Connection, OptionalExtension, params};

use super::failure::Failure;
use super::ledger::Ledger;
use crate::queue::store_time::Moment;
use crate::queue::{NewPark, Park, Scope, Target};

/// The most parks that one read answers with.
const MOST: i64 = 500;

/// Parks, or parks anew.
pub(super) fn set(ledger: &Ledger, at: Moment, park: &NewPark) -> Result<(), Failure> {
    let NewPark { scope, cause, step, wait } = park;
    let until = at.after(*wait);
    match scope {
        Scope::Lane(lane) => {
            ledger
                .prepare_cached(
                    "INSERT OR REPLACE INTO lane_park (lane, cause, step, until_ms)
                     VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![lane, cause, step, until])?;
        }
        Scope::Destination { target, credentials_hash } => {
            let target = ledger.target(target)?;
            if ledger.schedule.borrow().has_other_credentials(target, credentials_hash) {
                // A person has changed them during the attempt: it says nothing about the new ones.
                return Ok(());
            }
            ledger
                .prepare_cached(
                    "INSERT OR REPLACE INTO destination_park
                       (target, credentials_hash, cause, step, until_ms)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![target, credentials_hash, cause, step, until])?;
            free_of_robot(ledger, target, credentials_hash)?;
            ledger.touch(target);
        }
    }
    Ok(())
}

/// What stays on a dead robot because its outcome is unknown may go to another one.
fn free_of_robot(ledger: &Ledger, target: i64, credentials_hash: &str) -> Result<(), Failure> {
    let lanes = ledger.schedule.borrow().lanes_of(target);
    if lanes.len() < 2 {
        return Ok(());
    }
    for (lane, _) in lanes.iter().filter(|(_, robot)| robot.credentials_hash == credentials_hash) {
        ledger
            .prepare_cached(
                "UPDATE delivery SET lane = NULL
                 WHERE target = ?1 AND head = 1 AND lane = ?2 AND lease IS NULL",
            )?
            .execute(params![target, lane.as_ref()])?;
    }
    Ok(())
}

/// Ends a park, if it stands; a destination's only if it was made with these credentials.
pub(super) fn lift(ledger: &Ledger, scope: &Scope) -> Result<(), Failure> {
    match scope {
        Scope::Lane(lane) => lift_lane(ledger, lane),
        Scope::Destination { target, credentials_hash } => {
            let target = ledger.target(target)?;
            lift_destination(ledger, target, credentials_hash)
        }
    }
}

fn lift_lane(ledger: &Ledger, lane: &str) -> Result<(), Failure> {
    ledger.prepare_cached("DELETE FROM lane_park WHERE lane = ?1")?.execute([lane])?;
    Ok(())
}

fn lift_destination(ledger: &Ledger, target: i64, credentials_hash: &str) -> Result<(), Failure> {
    let sql = "DELETE FROM destination_park WHERE target = ?1 AND credentials_hash = ?2";
    if ledger.prepare_cached(sql)?.execute(params![target, credentials_hash])? > 0 {
        ledger.touch(target);
    }
    Ok(())
}

/// Ends what an arrival disproves: the lane's throttle, and the death of its destination.
pub(super) fn clear_after_success(
    ledger: &Ledger,
    lane: &str,
    target: i64,
    credentials_hash: &str,
) -> Result<(), Failure> {
    lift_lane(ledger, lane)?;
    lift_destination(ledger, target, credentials_hash)
}

/// Remembers of each declared destination how many robots it has.
pub(super) fn count_robots(ledger: &Ledger) -> Result<(), Failure> {
    for (target, robots) in ledger.schedule.borrow().robots() {
        ledger
            .prepare_cached("UPDATE target SET robots = ?2 WHERE id = ?1 AND robots <> ?2")?
            .execute(params![target, robots])?;
    }
    Ok(())
}

/// Ends the parks of declared destinations that have other credentials now.
pub(super) fn end_changed(ledger: &Ledger) -> Result<(), Failure> {
    let mut statement =
        ledger.prepare_cached("SELECT target, credentials_hash FROM destination_park")?;
    let parks = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    let parks: Vec<(i64, String)> = parks.collect::<Result<_, _>>()?;
    for (target, credentials_hash) in parks {
        let changed = ledger.schedule.borrow().has_other_credentials(target, &credentials_hash);
        if changed {
            lift_destination(ledger, target, &credentials_hash)?;
        }
    }
    Ok(())
}

/// Whether a destination has a robot that is not dead, with other credentials than these.
pub(super) fn has_other_robot(
    ledger: &Ledger,
    target: i64,
    credentials_hash: &str,
) -> Result<bool, Failure> {
    for (_, robot) in ledger.schedule.borrow().lanes_of(target) {
        if robot.credentials_hash != credentials_hash
            && !is_dead(ledger, target, &robot.credentials_hash)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the robot with these credentials is dead for the destination.
pub(super) fn is_dead(
    tx: &Connection,
    target: i64,
    credentials_hash: &str,
) -> Result<bool, Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT count(*) FROM destination_park WHERE target = ?1 AND credentials_hash = ?2",
    )?;
    let parks: u32 = statement.query_row(params![target, credentials_hash], |row| row.get(0))?;
    Ok(parks > 0)
}

/// Puts off the next probe of a dead destination whose probe told nothing.
pub(super) fn put_off(
    ledger: &Ledger,
    target: i64,
    credentials_hash: &str,
    until: i64,
) -> Result<(), Failure> {
    ledger
        .prepare_cached(
            "UPDATE destination_park SET until_ms = max(until_ms, ?3)
             WHERE target = ?1 AND credentials_hash = ?2",
        )?
        .execute(params![target, credentials_hash, until])?;
    ledger.touch(target);
    Ok(())
}

/// Lets a dead destination probe at once.
pub(super) fn probe_now(ledger: &Ledger, at: Moment, target: i64) -> Result<(), Failure> {
    ledger
        .prepare_cached(
            "UPDATE destination_park SET until_ms = min(until_ms, ?2) WHERE target = ?1",
        )?
        .execute([target, at.ms()])?;
    ledger.touch(target);
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
        "SELECT cause, step, until_ms, credentials_hash, receiver, destination
         FROM destination_park JOIN target ON target.id = destination_park.target
         ORDER BY receiver, destination LIMIT ?1",
    )?;
    let destinations = destinations.query_map([MOST], |row| {
        let target = Target { receiver: row.get(4)?, destination: row.get(5)? };
        park(row, at, Scope::Destination { target, credentials_hash: row.get(3)? })
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
