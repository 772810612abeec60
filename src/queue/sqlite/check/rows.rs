//! What the rows of a database hold that SQLite takes for sound, and that nobody can read or send.

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Row};

use super::super::salvage;

/// The most rows or deliveries that are named.
const MOST_NAMED: usize = 100;

/// The texts whose bytes are none, which SQLite does not look at.
pub(super) fn invalid_texts(connection: &Connection) -> Vec<String> {
    let mut found = Vec::new();
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let names = connection.prepare(sql).and_then(|mut names| {
        names.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()
    });
    for table in names.unwrap_or_default() {
        let Ok(mut statement) = connection.prepare(&format!("SELECT * FROM {table}")) else {
            continue;
        };
        let columns: Vec<_> = statement.column_names().map(str::to_owned).collect();
        let Ok(mut rows) = statement.query([]) else { continue };
        // SQLite has told of a page that cannot be read.
        while found.len() < MOST_NAMED
            && let Ok(Some(row)) = rows.next()
        {
            found.extend(columns.iter().enumerate().filter_map(|(at, column)| {
                let error = std::str::from_utf8(text(row.get_ref(at).ok()?)?).err()?;
                let key =
                    row.get::<_, i64>(0).map_or_else(|_| String::new(), |key| format!(" {key}"));
                Some(format!("table {table}, row{key}: {column} is no text ({error})"))
            }));
        }
    }
    found
}

/// The deliveries to which a row belongs that is not there.
pub(super) fn missing_rows(connection: &Connection) -> Vec<String> {
    let missing = ["notification", "message", "target"].into_iter().flat_map(|table| {
        let sql = format!(
            "SELECT id FROM delivery WHERE {table} NOT IN (SELECT id FROM {table}) LIMIT {MOST_NAMED}"
        );
        let ids = connection.prepare(&sql).and_then(|mut ids| {
            ids.query_map([], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()
        });
        let ids = ids.unwrap_or_default().into_iter();
        ids.map(move |id| format!("delivery {id}: its row in table {table} is not there"))
    });
    missing.collect()
}

fn text(value: ValueRef<'_>) -> Option<&[u8]> {
    if let ValueRef::Text(bytes) = value { Some(bytes) } else { None }
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
    for column in 0..row.as_ref().column_count() {
        row.get::<_, Value>(column)?;
    }
    row.get(0)
}
