//! What is parked, as people read it: all of it, in reads that each end soon.
//!
//! A park that is made or lifted between two of the reads is told or not; every other one is told once.

use rusqlite::{Connection, Row, params};

use super::SqliteStore;
use super::failure::Failure;
use crate::clock::Now;
use crate::queue::store_time::Moment;
use crate::queue::{Answer, Park, Scope, Target};

/// The most rows of one read.
const MOST: usize = 500;

/// Behind which key the next read begins.
#[derive(Debug)]
enum Behind {
    /// A lane; destinations come behind the last one.
    Lane(String),
    /// A destination, by its target's number, and the credentials of one of its robots there.
    Destination(i64, String),
}

/// What one read found, and where the next one begins if there may be more.
type Page = (Vec<Park>, Option<Behind>);

impl SqliteStore {
    /// Everything that is parked, lanes first.
    pub(super) fn all_parks(&self, now: Now) -> Answer<'_, Vec<Park>> {
        Box::pin(async move {
            let mut parks: Vec<Park> = Vec::new();
            let mut next = Some(Behind::Lane(String::new()));
            while let Some(behind) = next {
                let read = self.read(now, move |tx, at| page(tx, at, &behind));
                let (found, behind) = read.await?;
                parks.extend(found);
                next = behind;
            }
            parks.sort_by(|one, other| Ord::cmp(&one.scope, &other.scope));
            Ok(parks)
        })
    }
}

/// The next parks, at most [`MOST`].
fn page(tx: &Connection, at: Moment, behind: &Behind) -> Result<Page, Failure> {
    let mut parks = Vec::new();
    let (target, credentials_hash) = match behind {
        Behind::Lane(lane) => {
            if let Some(last) = lanes(tx, at, lane, &mut parks)? {
                return Ok((parks, Some(Behind::Lane(last))));
            }
            // Numbers and hashes come behind these.
            (i64::MIN, "")
        }
        Behind::Destination(target, credentials_hash) => (*target, credentials_hash.as_str()),
    };
    let last = destinations(tx, at, (target, credentials_hash), &mut parks)?;
    Ok((parks, last.map(|(target, hash)| Behind::Destination(target, hash))))
}

/// The next throttled lanes; the last one of a page that is full.
fn lanes(
    tx: &Connection,
    at: Moment,
    behind: &str,
    parks: &mut Vec<Park>,
) -> Result<Option<String>, Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT cause, step, until_ms, lane FROM lane_park WHERE lane > ?1 ORDER BY lane LIMIT ?2",
    )?;
    let mut rows = statement.query(params![behind, MOST])?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        let lane: String = row.get(3)?;
        parks.push(park(row, at, Scope::Lane(lane.clone()))?);
        last = Some(lane);
    }
    Ok(last.filter(|_| parks.len() >= MOST))
}

/// The next dead robots of destinations, in what room a page has left; the key of the last one if the page
/// is full. They come in the order of their table, so that no read looks at those before.
fn destinations(
    tx: &Connection,
    at: Moment,
    (target, credentials_hash): (i64, &str),
    parks: &mut Vec<Park>,
) -> Result<Option<(i64, String)>, Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT p.cause, p.step, p.until_ms, p.target, p.credentials_hash, t.receiver, t.destination
         FROM destination_park p CROSS JOIN target t ON t.id = p.target
         WHERE (p.target, p.credentials_hash) > (?1, ?2)
         ORDER BY p.target, p.credentials_hash LIMIT ?3",
    )?;
    let room = MOST.saturating_sub(parks.len());
    let mut rows = statement.query(params![target, credentials_hash, room])?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        let (number, credentials_hash): (i64, String) = (row.get(3)?, row.get(4)?);
        let target = Target { receiver: row.get(5)?, destination: row.get(6)? };
        last = Some((number, credentials_hash.clone()));
        parks.push(park(row, at, Scope::Destination { target, credentials_hash })?);
    }
    Ok(last.filter(|_| parks.len() >= MOST))
}

fn park(row: &Row<'_>, at: Moment, scope: Scope) -> rusqlite::Result<Park> {
    let (cause, step, until) = (row.get(0)?, row.get(1)?, row.get(2)?);
    Ok(Park { scope, cause, step, until: at.wall(until) })
}
