//! What the rows of a database hold that SQLite takes for sound, and that nobody can read or send.

use rusqlite::types::{FromSql, ValueRef};
use rusqlite::{Connection, Row};

use super::super::salvage;

/// The most rows or deliveries that are named.
pub(super) const MOST_NAMED: usize = 100;

/// The texts whose bytes are none, which SQLite does not look at.
pub(super) fn invalid_texts(connection: &Connection) -> Vec<String> {
    let mut found = Vec::new();
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    for table in listed::<String>(connection, tables) {
        let Ok(mut statement) = connection.prepare(&format!("SELECT * FROM {table}")) else {
            continue;
        };
        let Ok(mut rows) = statement.query([]) else { continue };
        // SQLite has told of a page that cannot be read.
        while found.len() < MOST_NAMED
            && let Ok(Some(row)) = rows.next()
        {
            let columns = 0..row.as_ref().column_count();
            found.extend(columns.filter_map(|column| invalid_text(&table, row, column)));
        }
    }
    found
}

/// What is wrong with a text, in words.
fn invalid_text(table: &str, row: &Row<'_>, column: usize) -> Option<String> {
    let ValueRef::Text(bytes) = row.get_ref(column).ok()? else { return None };
    let error = std::str::from_utf8(bytes).err()?;
    let key = row.get::<_, i64>(0).map_or_else(|_| String::new(), |key| format!(" {key}"));
    let name = row.as_ref().column_name(column).ok()?;
    Some(format!("table {table}, row{key}: {name} is no text ({error})"))
}

/// The deliveries to which a row belongs that is not there.
pub(super) fn missing_rows(connection: &Connection) -> Vec<String> {
    let missing = ["notification", "message", "target"].into_iter().flat_map(|table| {
        let sql = format!(
            "SELECT id FROM delivery WHERE {table} NOT IN (SELECT id FROM {table}) LIMIT {MOST_NAMED}"
        );
        let ids = listed::<i64>(connection, &sql).into_iter();
        ids.map(move |id| format!("delivery {id}: its row in table {table} is not there"))
    });
    missing.collect()
}

/// The first value of each row; nothing if one of them cannot be read, of which SQLite has told.
fn listed<T: FromSql>(connection: &Connection, sql: &str) -> Vec<T> {
    let read = connection
        .prepare(sql)
        .and_then(|mut rows| rows.query_map([], |row| row.get(0))?.collect());
    read.unwrap_or_default()
}

/// The queued deliveries of which the row or the message cannot be read.
pub(super) fn unreadable_deliveries(connection: &Connection) -> Vec<String> {
    let unreadable = salvage::queued(connection).into_iter().filter_map(|id| {
        let sql = "SELECT message, * FROM delivery WHERE id = ?1";
        let what = match connection.query_row(sql, [id], first_of_whole) {
            Err(error) => format!("its row: {error}"),
            Ok(message) => {
                let sql = "SELECT * FROM message WHERE id = ?1";
                format!(
                    "its message: {}",
                    connection.query_row(sql, [message], first_of_whole).err()?
                )
            }
        };
        Some(format!("delivery {id} (queued) cannot be sent, {what}"))
    });
    let mut lines: Vec<_> = unreadable.take(MOST_NAMED + 1).collect();
    if lines.len() > MOST_NAMED {
        lines.truncate(MOST_NAMED);
        lines.push("and more deliveries".to_owned());
    }
    lines
}

/// The first number of a row, all of whose values can be read.
fn first_of_whole(row: &Row<'_>) -> rusqlite::Result<i64> {
    salvage::values(row, 0)?;
    row.get(0)
}
