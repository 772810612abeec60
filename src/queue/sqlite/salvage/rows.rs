//! The rows of a damaged database, each on its way to the new one.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params, params_from_iter};

use super::super::failure::Failure;

/// The rows of one table on their way.
pub(super) struct Copy<'a> {
    from: &'a Connection,
    to: &'a Connection,
    table: String,
    /// Those that both databases have.
    columns: String,
    insert: String,
}

impl<'a> Copy<'a> {
    /// The way of this table's rows.
    pub(super) fn of(
        from: &'a Connection,
        to: &'a Connection,
        table: String,
    ) -> Result<Self, Failure> {
        // A column that the older database lacks has its default value.
        let known = columns(from, &table)?;
        let columns: Vec<_> =
            columns(to, &table)?.into_iter().filter(|column| known.contains(column)).collect();
        let places = vec!["?"; columns.len()].join(", ");
        let columns = columns.join(", ");
        let insert = format!("INSERT OR IGNORE INTO {table} ({columns}) VALUES ({places})");
        Ok(Self { from, to, table, columns, insert })
    }

    /// Copies row after row; where one cannot be read, from the next that can.
    pub(super) fn by_number(&self) -> Result<Vec<String>, Failure> {
        let mut lost = Vec::new();
        if self.columns.is_empty() {
            return Ok(lost);
        }
        let (table, columns) = (&self.table, &self.columns);
        let next = format!("SELECT rowid, {columns} FROM {table} WHERE rowid >= ?1 ORDER BY rowid");
        let mut first = i64::MIN;
        loop {
            let (copied, failed) = self.rows(&next, Some(first), 1)?;
            let Some(error) = failed else { return Ok(lost) };
            let behind = copied.map_or_else(String::new, |last| format!(" behind number {last}"));
            // Numbers that do not grow are none of rows.
            let sound = self.next_sound(copied.unwrap_or(first).max(first))?;
            let Some(sound) = sound.filter(|sound| *sound > first) else {
                lost.push(format!("{table}: all rows{behind}: {error}"));
                return Ok(lost);
            };
            lost.push(format!("{table}: the rows{behind} before number {sound}: {error}"));
            first = sound;
        }
    }

    /// Copies the row of this number alone; whether it could be read.
    fn one(&self, number: i64) -> Result<bool, Failure> {
        let sql = format!("SELECT {} FROM {} WHERE rowid = ?1", self.columns, self.table);
        let Ok(mut read) = self.from.prepare_cached(&sql) else { return Ok(false) };
        let Ok(values) = read.query_row([number], |row| values(row, 0)) else { return Ok(false) };
        self.insert(values)
    }

    /// Writes a row; false if it holds what no row of the table can hold.
    fn insert(&self, values: Vec<Value>) -> Result<bool, Failure> {
        let inserted = self.to.prepare_cached(&self.insert)?.execute(params_from_iter(values));
        match inserted {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                Ok(false)
            }
            inserted => Ok(inserted? > 0),
        }
    }

    /// The number of the first row after that one which can be read again.
    ///
    /// Far away first, then half as far: a page that cannot be read hides all rows in it.
    fn next_sound(&self, last: i64) -> Result<Option<i64>, Failure> {
        let sql = format!(
            "SELECT rowid, {} FROM {} WHERE rowid >= ?1 ORDER BY rowid LIMIT 1",
            self.columns, self.table
        );
        let mut statement = self.from.prepare(&sql)?;
        let mut read = |from: i128| {
            let from = i64::try_from(from).unwrap_or(i64::MAX);
            let row = |row: &Row<'_>| values(row, 1).and_then(|_| row.get::<_, i64>(0));
            statement.query_row([from], row).optional()
        };
        let (mut bad, mut step) = (i128::from(last), 1);
        let mut good = loop {
            let place = i128::from(last) + step;
            if read(place).is_ok() {
                break place;
            }
            if place >= i128::from(i64::MAX) {
                return Ok(None);
            }
            (bad, step) = (place, step * 2);
        };
        while bad + 1 < good {
            let middle = i128::midpoint(bad, good);
            if read(middle).is_ok() { good = middle } else { bad = middle }
        }
        Ok(read(good)?)
    }

    /// Copies from the first row on and, where that fails, from the last one back.
    pub(super) fn by_key(&self, key: &str) -> Result<Vec<String>, Failure> {
        if self.columns.is_empty() {
            return Ok(Vec::new());
        }
        let (table, columns) = (&self.table, &self.columns);
        let down: Vec<_> = key.split(", ").map(|column| format!("{column} DESC")).collect();
        let (_, failed) =
            self.rows(&format!("SELECT {columns} FROM {table} ORDER BY {key}"), None, 0)?;
        let Some(error) = failed else { return Ok(Vec::new()) };
        let down = format!("SELECT {columns} FROM {table} ORDER BY {}", down.join(", "));
        self.rows(&down, None, 0)?;
        Ok(vec![format!("{table}: some rows: {error}")])
    }

    /// Copies rows until one cannot be read: the number of the last one, and what SQLite said.
    fn rows(
        &self,
        sql: &str,
        from: Option<i64>,
        skip: usize,
    ) -> Result<(Option<i64>, Option<String>), Failure> {
        let mut last = None;
        let mut read = match self.from.prepare(sql) {
            Ok(read) => read,
            Err(error) => return Ok((last, Some(error.to_string()))),
        };
        let mut rows = match read.query(params_from_iter(from)) {
            Ok(rows) => rows,
            Err(error) => return Ok((last, Some(error.to_string()))),
        };
        loop {
            let row = match rows.next() {
                Ok(None) => return Ok((last, None)),
                Ok(Some(row)) => values(row, skip).map(|values| (row, values)),
                Err(error) => Err(error),
            };
            match row {
                Ok((row, values)) => {
                    last = if skip == 0 { None } else { Some(row.get(0)?) };
                    self.insert(values)?;
                }
                Err(error) => return Ok((last, Some(error.to_string()))),
            }
        }
    }
}

/// A delivery that an index names, and whose row cannot be read.
pub(super) struct LostRow {
    pub(super) id: i64,
    pub(super) target: i64,
    pub(super) is_queued: bool,
}

/// Copies the rows that others know of and that are not copied yet; the deliveries that cannot be.
///
/// Such rows lie between two damaged pages, or on a page that says too little of itself. Destinations and
/// deliveries stand in indexes too, and deliveries refer to their messages and notifications.
pub(super) fn by_index(from: &Connection, to: &Connection) -> Result<Vec<LostRow>, Failure> {
    let add = "INSERT OR IGNORE INTO target (id, receiver, destination) VALUES (?1, ?2, ?3)";
    for (id, receiver, destination) in read::<(i64, String, String)>(from, TARGETS) {
        to.prepare_cached(add)?.execute(params![id, receiver, destination])?;
    }
    let deliveries = Copy::of(from, to, "delivery".to_owned())?;
    let mut missing = BTreeMap::new();
    for (queries, is_queued) in [(SETTLED, false), (QUEUED, true)] {
        for (id, target) in read::<(i64, i64)>(from, queries) {
            if !exists(to, id)? && !deliveries.one(id)? {
                missing.insert(id, LostRow { id, target, is_queued });
            }
        }
    }
    for table in ["message", "notification"] {
        let copy = Copy::of(from, to, table.to_owned())?;
        let sql = format!(
            "SELECT DISTINCT {table} FROM delivery WHERE {table} NOT IN (SELECT id FROM {table})"
        );
        let numbers: Vec<i64> =
            to.prepare(&sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for number in numbers {
            copy.one(number)?;
        }
    }
    Ok(missing.into_values().collect())
}

/// What the indexes have of their tables, from the first entry on and from the last one back.
const TARGETS: [&str; 2] = [
    "SELECT id, receiver, destination FROM target INDEXED BY sqlite_autoindex_target_1
     ORDER BY receiver, destination",
    "SELECT id, receiver, destination FROM target INDEXED BY sqlite_autoindex_target_1
     ORDER BY receiver DESC, destination DESC",
];
const QUEUED: [&str; 2] = [
    "SELECT id, target FROM delivery INDEXED BY delivery_queued
     WHERE state = 'queued' ORDER BY target, id",
    "SELECT id, target FROM delivery INDEXED BY delivery_queued
     WHERE state = 'queued' ORDER BY target DESC, id DESC",
];
const SETTLED: [&str; 2] = [
    "SELECT id, target FROM delivery INDEXED BY delivery_settled
     WHERE settled_ms IS NOT NULL ORDER BY target, state, id",
    "SELECT id, target FROM delivery INDEXED BY delivery_settled
     WHERE settled_ms IS NOT NULL ORDER BY target DESC, state DESC, id DESC",
];

/// What these queries find before the first entry that cannot be read.
fn read<T>(from: &Connection, queries: [&str; 2]) -> Vec<T>
where
    T: for<'r> TryFrom<&'r Row<'r>, Error = rusqlite::Error>,
{
    let mut found = Vec::new();
    for query in queries {
        let Ok(mut statement) = from.prepare(query) else { continue };
        let Ok(rows) = statement.query_map([], |row| T::try_from(row)) else { continue };
        found.extend(rows.map_while(Result::ok));
    }
    found
}

/// The queued deliveries that an index names.
pub(in crate::queue::sqlite) fn queued(from: &Connection) -> BTreeSet<i64> {
    read::<(i64, i64)>(from, QUEUED).into_iter().map(|(id, _)| id).collect()
}

fn exists(to: &Connection, delivery: i64) -> Result<bool, Failure> {
    Ok(to.prepare_cached("SELECT 1 FROM delivery WHERE id = ?1")?.exists([delivery])?)
}

/// The values of a row, which reads all of its pages.
pub(in crate::queue::sqlite) fn values(row: &Row<'_>, skip: usize) -> rusqlite::Result<Vec<Value>> {
    (skip..row.as_ref().column_count()).map(|column| row.get(column)).collect()
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut names = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
    names.query_map([table], |row| row.get(0))?.collect()
}
