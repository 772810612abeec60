//! A new database of what can still be read of a damaged one.
//!
//! Rows are read one after the other by their keys, around each page that cannot be read, then those
//! that an index or another table knows of, and every index is made anew. A queued delivery whose row or
//! message is lost is a dead letter there, so that a person sees it and the totals stay equal.

mod agree;
mod rows;

use std::fmt;
use std::fs;
use std::path::Path;

use rusqlite::Connection;

use self::rows::Copy;
pub(super) use self::rows::{queued, values};
use super::check::{CheckError, create, reader, refuse_foreign};
use super::failure::Failure;
use super::{log, schema};

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

/// Copies what is sound of `file` to the new database `to`, which is on disk then.
///
/// # Errors
///
/// When `to` is there already or cannot be written, or `file` is no database of ours; then no copy
/// is left.
pub fn salvage(file: &Path, to: &Path) -> Result<Salvaged, CheckError> {
    let unreadable = |error| CheckError::unreadable(file, error);
    let log = log::complaint(file);
    let from = reader(file).map_err(unreadable)?;
    refuse_foreign(&from, file)?;
    // A page that is not what it should be is found before it is taken for rows.
    from.pragma_update(None, "cell_size_check", true).map_err(unreadable)?;
    create(to)?;
    let saved = Connection::open(to).map_err(Failure::from).and_then(|to| save(&from, &to));
    let with_log = |mut saved: Salvaged| {
        saved.lost.extend(log);
        saved
    };
    saved.map(with_log).map_err(|failure| {
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
    let missing = rows::by_index(from, &tx)?;
    lost.extend(agree::stop_unreadable(&tx, &missing)?);
    agree::agree(&tx)?;
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
        assert!(!found.is_sound(), "{found}");
        let told = found.to_string();
        assert!(told.contains("delivery 51 (queued) cannot be sent, its message"), "{told}");
        let saved = salvage(&file, &copy).expect("it is read");
        let words = saved.to_string();
        assert_eq!(saved.deliveries, 100, "{words}");
        assert!((50..100).contains(&saved.queued), "{words}");
        assert!(words.contains("message: the rows behind number"), "{words}");
        assert!(words.contains("(queued): its message; it is a dead letter now"), "{words}");
        let found = check(&copy).expect("it is read");
        assert!(found.is_sound(), "{found}");
        let (store, now) = opened(&copy);
        let listed = store.list(Filter { limit: 500, ..Filter::default() }, now).await;
        assert_eq!(listed.expect("it lists").len() as u64, saved.deliveries);
    }
}
