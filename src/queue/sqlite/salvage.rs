//! A new database of what can still be read of a damaged one.
//!
//! Rows are read one after the other by their keys, around each page that cannot be read, and every
//! index is made anew. A queued delivery without its message is left out, since nothing of it could
//! be sent; what is left out counts as dead, so that the totals stay equal.

use std::fmt;
use std::fs;
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};

use super::check::{CheckError, create, reader};
use super::failure::Failure;
use super::{schema, totals};

/// What was saved, and what was not.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Salvaged {
    /// Deliveries in the new database.
    pub deliveries: u64,
    /// Of these, those that are queued.
    pub queued: u64,
    /// In words, one line each: what could not be read.
    pub lost: Vec<String>,
}

impl fmt::Display for Salvaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lost {
            writeln!(f, "lost: {line}")?;
        }
        write!(f, "saved: {} deliveries, {} of them queued", self.deliveries, self.queued)
    }
}

/// Copies what is sound of `file` to the new database `to`.
///
/// # Errors
///
/// When `to` is there already or cannot be written, or `file` is no database at all; then no copy
/// is left.
pub fn salvage(file: &Path, to: &Path) -> Result<Salvaged, CheckError> {
    let unreadable = |error| CheckError::Unreadable { file: file.to_owned(), error };
    let from = reader(file).map_err(unreadable)?;
    // The first read; of a file that is no database it fails.
    from.query_row("PRAGMA schema_version", [], |_| Ok(())).map_err(unreadable)?;
    create(to)?;
    let saved = Connection::open(to).map_err(Failure::from).and_then(|to| save(&from, &to));
    saved.map_err(|failure| {
        // The first error is the one to tell.
        let _ = fs::remove_file(to);
        CheckError::NotSaved { file: to.to_owned(), words: words_of(failure) }
    })
}

fn words_of(failure: Failure) -> String {
    crate::queue::QueueError::from(failure).to_string()
}

fn save(from: &Connection, to: &Connection) -> Result<Salvaged, Failure> {
    let tx = to.unchecked_transaction()?;
    schema::migrate(&tx, 0)?;
    let mut lost = Vec::new();
    for (table, key) in tables(&tx)? {
        let copy = Copy::of(from, &tx, table)?;
        lost.extend(match key {
            None => copy.by_number()?,
            Some(key) => copy.by_key(&key)?,
        });
    }
    lost.extend(drop_without_message(&tx)?);
    mend(&tx)?;
    let number = |sql| tx.query_row(sql, [], |row| row.get(0));
    let deliveries = number("SELECT count(*) FROM delivery")?;
    let queued = number("SELECT count(*) FROM delivery WHERE state = 'queued'")?;
    tx.commit()?;
    Ok(Salvaged { deliveries, queued, lost })
}

/// Every table, with its key if that takes the place of the rows' numbers.
fn tables(to: &Connection) -> Result<Vec<(String, Option<String>)>, Failure> {
    let mut tables = to.prepare(
        "SELECT name, CASE wr WHEN 1 THEN
           (SELECT group_concat(c.name, ', ' ORDER BY c.pk) FROM pragma_table_info(t.name) AS c
            WHERE c.pk > 0) END
         FROM pragma_table_list AS t
         WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'",
    )?;
    let rows = tables.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The rows of one table on their way.
struct Copy<'a> {
    from: &'a Connection,
    to: &'a Connection,
    table: String,
    /// Those that both databases have.
    columns: String,
    insert: String,
}

impl<'a> Copy<'a> {
    fn of(from: &'a Connection, to: &'a Connection, table: String) -> Result<Self, Failure> {
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
    fn by_number(&self) -> Result<Vec<String>, Failure> {
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
            let Some(sound) = self.next_sound(copied.unwrap_or(first))? else {
                lost.push(format!("{table}: all rows{behind}: {error}"));
                return Ok(lost);
            };
            lost.push(format!("{table}: the rows{behind} before number {sound}: {error}"));
            first = sound;
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
    fn by_key(&self, key: &str) -> Result<Vec<String>, Failure> {
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
        let mut insert = self.to.prepare_cached(&self.insert)?;
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
                    insert.execute(params_from_iter(values))?;
                    last = if skip == 0 { None } else { Some(row.get(0)?) };
                }
                Err(error) => return Ok((last, Some(error.to_string()))),
            }
        }
    }
}

/// The values of a row, which reads all of its pages.
fn values(row: &Row<'_>, skip: usize) -> rusqlite::Result<Vec<Value>> {
    (skip..row.as_ref().column_count()).map(|column| row.get(column)).collect()
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut names = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
    names.query_map([table], |row| row.get(0))?.collect()
}

/// Leaves out the deliveries of which nothing can be shown or sent.
fn drop_without_message(tx: &Connection) -> Result<Vec<String>, Failure> {
    const LOST: &str = "FROM delivery WHERE message NOT IN (SELECT id FROM message)
        OR target NOT IN (SELECT id FROM target)
        OR notification NOT IN (SELECT id FROM notification)";
    let mut lost = tx.prepare(&format!("SELECT id, state {LOST}"))?;
    let lines = lost.query_map([], |row| {
        let (id, state): (i64, String) = (row.get(0)?, row.get(1)?);
        Ok(format!("delivery {id} ({state}): its message, notification or destination"))
    })?;
    let lines = lines.collect::<Result<_, _>>()?;
    tx.execute(&format!("DELETE {LOST}"), [])?;
    Ok(lines)
}

/// Makes numbers and marks agree with the rows that are left.
fn mend(tx: &Connection) -> Result<(), Failure> {
    tx.execute_batch(
        "INSERT OR IGNORE INTO store (id, lane_key, boot_id, offset_ms, last_ms, last_delivery)
           SELECT 1, randomblob(32), '', 0, coalesce(max(accepted_ms), 0), coalesce(max(id), 0)
           FROM delivery;
         UPDATE notification SET deliveries =
           (SELECT count(*) FROM delivery WHERE notification = notification.id);
         DELETE FROM notification WHERE deliveries = 0;
         UPDATE delivery SET carried_by = NULL WHERE state = 'queued' AND carried_by IS NOT NULL
           AND carried_by NOT IN (SELECT id FROM delivery WHERE state = 'queued');
         UPDATE delivery SET head = 1 WHERE id IN (
           SELECT min(id) FROM delivery WHERE state = 'queued' AND carried_by IS NULL
           GROUP BY target, alert_group HAVING max(head) = 0);",
    )?;
    // What was put off is counted first; what is left over then was lost.
    totals::count_rest(tx)?;
    tx.execute_batch(
        "UPDATE target SET queued =
           (SELECT count(*) FROM delivery WHERE state = 'queued' AND target = target.id);
         INSERT INTO total (kind, word, n) VALUES ('queued', 'bytes',
             (SELECT coalesce(sum(bytes), 0) FROM delivery WHERE state = 'queued'))
           ON CONFLICT DO UPDATE SET n = excluded.n;
         UPDATE store SET
           last_notification =
             max(last_notification, (SELECT coalesce(max(id), 0) FROM notification)),
           last_charge = max(last_charge, (SELECT coalesce(max(id), 0) FROM charge));",
    )?;
    level_totals(tx)
}

/// Makes accepted what was settled and what is queued: what is missing was lost.
fn level_totals(tx: &Connection) -> Result<(), Failure> {
    let sum = "SELECT coalesce(sum(n), 0) FROM total WHERE kind = ?1";
    let total = |kind: &str| tx.query_row(sum, [kind], |row| row.get::<_, i64>(0));
    let queued = "SELECT count(*) FROM delivery WHERE state = 'queued'";
    let queued: i64 = tx.query_row(queued, [], |row| row.get(0))?;
    let left = total("accepted")? - total("settled")? - queued;
    // More were settled or are queued than were accepted where rows of the totals are lost.
    let (kind, word) = if left < 0 { ("accepted", "notification") } else { ("settled", "dead") };
    tx.execute(
        "INSERT INTO total (kind, word, n) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET n = n + excluded.n",
        rusqlite::params![kind, word, left.abs()],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::check::check;
    use super::super::tests::{accepted, opened, ruin_page_with};
    use super::*;
    use crate::queue::{Filter, Store as _};

    #[tokio::test]
    async fn all_of_a_sound_database_is_saved() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, copy) = (folder.path().join("c.db"), folder.path().join("copy.db"));
        accepted(&file, 30).await;
        let saved = salvage(&file, &copy).expect("it is read");
        assert_eq!(saved, Salvaged { deliveries: 30, queued: 30, lost: Vec::new() });
        let found = check(&copy).expect("it is read");
        assert!(found.is_sound(), "{found}");
        assert!(matches!(salvage(&file, &copy), Err(CheckError::Exists { .. })));
    }

    #[tokio::test]
    async fn around_a_damaged_page_the_rest_is_saved_and_can_be_served() {
        // A page of the messages, with some of them.
        let folder = tempfile::tempdir().expect("a folder");
        let (file, copy) = (folder.path().join("c.db"), folder.path().join("copy.db"));
        accepted(&file, 100).await;
        ruin_page_with(&file, "title of group-50 0");
        let found = check(&file).expect("it is looked at");
        assert!(!found.is_sound() && !found.complaints.is_empty(), "{found}");
        let saved = salvage(&file, &copy).expect("it is read");
        let words = saved.to_string();
        assert!((50..100).contains(&saved.deliveries), "{words}");
        assert!(words.contains("message: the rows behind number"), "{words}");
        assert!(words.contains("(queued): its message"), "{words}");
        let found = check(&copy).expect("it is read");
        assert!(found.is_sound(), "{found}");
        let (store, now) = opened(&copy);
        let listed = store.list(Filter { limit: 500, ..Filter::default() }, now).await;
        assert_eq!(listed.expect("it lists").len() as u64, saved.deliveries);
    }
}
