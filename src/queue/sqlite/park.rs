//! Parks: what a throttled lane or a dead destination waits for.
//!
//! A park that is due still stands: it lets one attempt through, and only an arrival, other
//! credentials or a person ends it.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use super::failure::Failure;
use super::ledger::Ledger;
use crate::queue::store_time::Moment;
use crate::queue::{LaneTarget, NewPark, Scope};

/// Parks, or parks anew, what an attempt of `lane` has found out.
pub(super) fn set(ledger: &Ledger, at: Moment, lane: &str, park: &NewPark) -> Result<(), Failure> {
    let NewPark { scope, cause, step, wait, whole_lane } = park;
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
                       (target, credentials_hash, cause, step, until_ms, account)
                     VALUES (?1, ?2, ?3, ?4, ?5, iif(?6, ?7, NULL))",
                )?
                .execute(params![target, credentials_hash, cause, step, until, whole_lane, lane])?;
            free_of_robot(ledger, target, credentials_hash)?;
            ledger.touch(target);
            if *whole_lane {
                set_others(ledger, lane, target, cause, until)?;
            }
        }
    }
    Ok(())
}

/// Parks the other destinations of a lane whose account is dead; one that is dead by itself stays so
/// when the account lives again.
fn set_others(
    ledger: &Ledger,
    lane: &str,
    found_by: i64,
    cause: &str,
    until: i64,
) -> Result<(), Failure> {
    for (target, credentials_hash) in with_ids(ledger, lane)? {
        if target == found_by {
            continue;
        }
        ledger
            .prepare_cached(
                "INSERT INTO destination_park
                   (target, credentials_hash, cause, step, until_ms, account)
                 VALUES (?1, ?2, ?3, 1, ?4, ?5)
                 ON CONFLICT (target, credentials_hash) DO UPDATE
                   SET cause = ?3, until_ms = ?4 WHERE account IS NOT NULL",
            )?
            .execute(params![target, credentials_hash, cause, until, lane])?;
        free_of_robot(ledger, target, &credentials_hash)?;
        ledger.touch(target);
    }
    Ok(())
}

/// Every destination that the lane is declared with, and its credentials there.
fn with_ids(ledger: &Ledger, lane: &str) -> Result<Vec<(i64, String)>, Failure> {
    let targets = ledger.schedule.borrow().targets_of(lane);
    let with_id = |LaneTarget { target, credentials_hash, .. }: LaneTarget| {
        Ok((ledger.target(&target)?, credentials_hash))
    };
    targets.into_iter().map(with_id).collect()
}

/// Whether a destination of the lane waits because the whole account is dead.
pub(super) fn is_lane_dead(ledger: &Ledger, lane: &str) -> Result<bool, Failure> {
    let mut statement = ledger.prepare_cached(OF_ACCOUNT)?;
    Ok(statement.exists([lane])?)
}

/// What waits for the account of a lane; found by the index `destination_park_account`.
pub(super) const OF_ACCOUNT: &str = "SELECT target FROM destination_park WHERE account = ?1";

/// Whether what a robot has for a destination is another one's work: it is dead, and another one lives.
pub(super) fn leaves_to_another(
    ledger: &Ledger,
    target: i64,
    credentials_hash: &str,
) -> Result<bool, Failure> {
    Ok(is_dead(ledger, target, credentials_hash)?
        && has_other_robot(ledger, target, credentials_hash)?)
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

/// Ends a park, if it stands; a destination's only if it was made with these credentials, and with it
/// what waits for their account.
pub(super) fn lift(ledger: &Ledger, scope: &Scope) -> Result<(), Failure> {
    match scope {
        Scope::Lane(lane) => lift_lane(ledger, lane),
        Scope::Destination { target, credentials_hash } => {
            let target = ledger.target(target)?;
            for lane in lanes_with(ledger, target, credentials_hash) {
                lift_account(ledger, &lane)?;
            }
            lift_destination(ledger, target, credentials_hash)
        }
    }
}

/// The lanes in which a destination has these credentials.
fn lanes_with(ledger: &Ledger, target: i64, credentials_hash: &str) -> Vec<Arc<str>> {
    let lanes = ledger.schedule.borrow().lanes_of(target).into_iter();
    let same = lanes.filter(|(_, robot)| robot.credentials_hash == credentials_hash);
    same.map(|(lane, _)| lane).collect()
}

fn lift_lane(ledger: &Ledger, lane: &str) -> Result<(), Failure> {
    ledger.prepare_cached("DELETE FROM lane_park WHERE lane = ?1")?.execute([lane])?;
    Ok(())
}

fn lift_destination(ledger: &Ledger, target: i64, credentials_hash: &str) -> Result<(), Failure> {
    let lifted = ledger
        .prepare_cached("DELETE FROM destination_park WHERE target = ?1 AND credentials_hash = ?2")?
        .execute(params![target, credentials_hash])?;
    if lifted > 0 {
        ledger.touch(target);
    }
    Ok(())
}

/// The account of a lane lives: so do the destinations that waited for it alone.
fn lift_account(ledger: &Ledger, lane: &str) -> Result<(), Failure> {
    let mut statement = ledger
        .prepare_cached("DELETE FROM destination_park WHERE account = ?1 RETURNING target")?;
    let lifted = statement.query_map([lane], |row| row.get(0))?;
    for target in lifted.collect::<Result<Vec<i64>, _>>()? {
        ledger.touch(target);
    }
    Ok(())
}

/// Ends what an arrival disproves: the lane's throttle, the death of its account, and that of its
/// destination.
pub(super) fn clear_after_success(
    ledger: &Ledger,
    lane: &str,
    target: i64,
    credentials_hash: &str,
) -> Result<(), Failure> {
    lift_lane(ledger, lane)?;
    lift_account(ledger, lane)?;
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
    Ok(parked_until(tx, target, credentials_hash)?.is_some())
}

/// When the robot with these credentials may probe, if it is dead for the destination.
pub(super) fn parked_until(
    tx: &Connection,
    target: i64,
    credentials_hash: &str,
) -> Result<Option<i64>, Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT until_ms FROM destination_park WHERE target = ?1 AND credentials_hash = ?2",
    )?;
    Ok(statement.query_row(params![target, credentials_hash], |row| row.get(0)).optional()?)
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
