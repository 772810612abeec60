//! What is known of senders between their notifications: bytes that their readers understand.
//!
//! A state changes within the transaction that takes the notification in, and only from what the
//! notification was read with.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::failure::Failure;
use crate::queue::store_time::Moment;
use crate::queue::{SenderChange, SenderKey, SenderStates};

/// The most states that are kept: more things than any sender tells of at once.
pub(super) const MOST: usize = 10_000;

/// The most stale states that are told at once.
const TOLD: usize = 100;

/// What is known.
pub(super) fn read(tx: &Connection, of: &SenderKey) -> Result<Option<Vec<u8>>, Failure> {
    let sql = "SELECT state FROM sender_state WHERE sender = ?1 AND thing = ?2";
    let mut statement = tx.prepare_cached(sql)?;
    Ok(statement.query_row([&of.sender, &of.thing], |row| row.get(0)).optional()?)
}

/// Makes the change; whether it could be made, since what is known is what the notification was read with.
pub(super) fn change(tx: &Connection, at: Moment, change: &SenderChange) -> Result<bool, Failure> {
    let SenderChange { of, was, becomes } = change;
    if read(tx, of)? != *was {
        return Ok(false);
    }
    match becomes {
        Some(state) => tx
            .prepare_cached(
                "INSERT OR REPLACE INTO sender_state (sender, thing, state, changed_ms)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![of.sender, of.thing, state, at.ms()])?,
        None => tx
            .prepare_cached("DELETE FROM sender_state WHERE sender = ?1 AND thing = ?2")?
            .execute([&of.sender, &of.thing])?,
    };
    Ok(true)
}

/// The things of which nothing has changed for so long, the longest first.
pub(super) fn stale(
    tx: &Connection,
    at: Moment,
    sender: &str,
    age: Duration,
) -> Result<SenderStates, Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT thing, state FROM sender_state WHERE sender = ?1 AND changed_ms <= ?2
         ORDER BY changed_ms LIMIT ?3",
    )?;
    let before = at.before(age);
    let rows =
        statement.query_map(params![sender, before, TOLD], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Forgets the states beyond the most, those that have not changed for the longest time.
pub(super) fn forget(tx: &Connection, most: usize) -> Result<(), Failure> {
    let count: usize =
        tx.prepare_cached("SELECT count(*) FROM sender_state")?.query_row([], |row| row.get(0))?;
    let beyond = count.saturating_sub(most);
    if beyond > 0 {
        tx.prepare_cached(
            "DELETE FROM sender_state WHERE (sender, thing) IN
               (SELECT sender, thing FROM sender_state ORDER BY changed_ms LIMIT ?1)",
        )?
        .execute([beyond])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock as _, ManualClock};
    use crate::queue::sqlite::schema;
    use crate::queue::store_time::Line;

    #[test]
    fn of_too_many_states_those_are_forgotten_that_have_not_changed_for_the_longest_time() {
        let tx = Connection::open_in_memory().expect("it opens");
        schema::migrate(&tx, 0).expect("the tables are made");
        let clock = ManualClock::new(jiff::Timestamp::UNIX_EPOCH);
        let line = Line::new_boot(0, clock.now());
        let of = |thing: usize| SenderKey { sender: "s".into(), thing: thing.to_string() };
        for thing in 0..5 {
            clock.advance(Duration::from_secs(1));
            let told = SenderChange { of: of(thing), was: None, becomes: Some(vec![1]) };
            assert!(change(&tx, line.at(clock.now()), &told).expect("it is made"));
        }
        let again = SenderChange { of: of(0), was: Some(vec![1]), becomes: Some(vec![1]) };
        assert!(change(&tx, line.at(clock.now()), &again).expect("it is made"));
        forget(&tx, 3).expect("they are forgotten");
        let kept = |thing: &usize| read(&tx, &of(*thing)).expect("it is read").is_some();
        assert_eq!((0..5).filter(kept).collect::<Vec<_>>(), [0, 3, 4]);
    }
}
