//! What is stored within rows that SQLite takes for sound: texts that are not packed as they should be,
//! are no JSON, or are of another version.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row, params};

use super::super::list;
use super::rows::MOST_NAMED;

/// The most rows of one read: while a read goes on, the log of a running server cannot be moved.
const PAGE: usize = 500;

/// A message of which something cannot be read.
struct Unreadable {
    words: String,
    /// Whether a delivery was named that has it.
    is_named: bool,
}

/// The deliveries and notifications of which something cannot be read, a line each.
pub(super) fn unreadable(connection: &Connection) -> Vec<String> {
    let mut lines = deliveries(connection, messages(connection));
    lines.extend(notifications(connection));
    if lines.len() > MOST_NAMED {
        lines.truncate(MOST_NAMED);
        lines.push("and more that cannot be read".to_owned());
    }
    lines
}

/// The messages of which something cannot be read, each read once however many deliveries have it.
fn messages(connection: &Connection) -> BTreeMap<i64, Unreadable> {
    let sql = "SELECT id, cut_from, summary, parts FROM message WHERE id > ?1
      ORDER BY id LIMIT ?2";
    let mut found: BTreeMap<i64, Unreadable> = BTreeMap::new();
    by_page(connection, sql, |id, row| {
        let own = of_message(row);
        // What it was cut from is shown with its deliveries, and comes before it.
        let first = row.get::<_, Option<i64>>(1).ok().flatten();
        let first = first.and_then(|first| found.get_mut(&first)).map(|first| {
            first.is_named = true;
            format!("before it was cut again, {}", first.words)
        });
        let words: Vec<String> = own.into_iter().chain(first).collect();
        if !words.is_empty() {
            found.insert(id, Unreadable { words: words.join("; "), is_named: false });
        }
        found.len() <= MOST_NAMED
    });
    found
}

fn of_message(row: &Row<'_>) -> Option<String> {
    let summary = row.get(2).map_err(|error| list::unreadable(&error));
    let summary = summary.and_then(|json: String| list::summary(&json));
    let parts = row.get(3).map_err(|error| list::unreadable(&error));
    let parts = parts.and_then(list::parts);
    let summary = summary.err().map(|why| format!("its stored summary {why}"));
    let parts = parts.err().map(|why| format!("its stored message {why}"));
    let words: Vec<String> = summary.into_iter().chain(parts).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// The deliveries that have these messages, and the messages that none has.
fn deliveries(connection: &Connection, mut messages: BTreeMap<i64, Unreadable>) -> Vec<String> {
    let mut lines = Vec::new();
    if messages.is_empty() {
        return lines;
    }
    let sql = "SELECT id, state, message FROM delivery WHERE id > ?1 ORDER BY id LIMIT ?2";
    by_page(connection, sql, |id, row| {
        let message = row.get::<_, i64>(2).ok().and_then(|message| messages.get_mut(&message));
        if let Some(message) = message {
            message.is_named = true;
            let state = row.get(1).unwrap_or_else(|_| String::from("?"));
            lines.push(format!("delivery {id} ({state}): {}", message.words));
        }
        lines.len() <= MOST_NAMED
    });
    if lines.len() <= MOST_NAMED {
        let others = messages.iter().filter(|(_, message)| !message.is_named);
        lines.extend(others.map(|(number, Unreadable { words, .. })| {
            format!("message {number}, which no delivery has: {words}")
        }));
    }
    lines
}

/// The notifications that cannot be read as they were received.
fn notifications(connection: &Connection) -> Vec<String> {
    let sql = "SELECT id, uuid, payload FROM notification WHERE id > ?1 ORDER BY id LIMIT ?2";
    let mut lines = Vec::new();
    by_page(connection, sql, |id, row| {
        let payload = row.get(2).map_err(|error| list::unreadable(&error));
        if let Err(why) = payload.and_then(list::unpacked) {
            let name = row.get(1).unwrap_or_else(|_| format!("number {id}"));
            let so = "its deliveries cannot be rendered anew";
            lines.push(format!("notification {name}: what was received {why}; {so}"));
        }
        lines.len() <= MOST_NAMED
    });
    lines
}

/// Reads a table page by page while `read` goes on, up to a page of the database that cannot be read: of such
/// a page SQLite has told.
fn by_page(connection: &Connection, sql: &str, mut read: impl FnMut(i64, &Row<'_>) -> bool) {
    let mut last = i64::MIN;
    while let Ok(Some(next)) = page(connection, sql, last, &mut read) {
        last = next;
    }
}

/// The number of the last row of a page; none if there is none, or if `read` wants no more.
fn page(
    connection: &Connection,
    sql: &str,
    behind: i64,
    read: &mut impl FnMut(i64, &Row<'_>) -> bool,
) -> rusqlite::Result<Option<i64>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![behind, PAGE])?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        let number = row.get(0)?;
        if !read(number, row) {
            return Ok(None);
        }
        last = Some(number);
    }
    Ok(last)
}
