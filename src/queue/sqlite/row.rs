//! From rows to values and back: what several commands share.

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row};

use super::failure::Failure;
use crate::dingtalk::message::Message;
use crate::queue::delivery::{Origin, State, Target};

/// The target's number; it gets one with its first delivery or park.
pub(super) fn target_id(tx: &Connection, target: &Target) -> Result<i64, Failure> {
    let name = [&target.receiver, &target.destination];
    let found = tx
        .prepare_cached("SELECT id FROM target WHERE receiver = ?1 AND destination = ?2")?
        .query_row(name, |row| row.get(0))
        .optional()?;
    if let Some(id) = found {
        return Ok(id);
    }
    tx.prepare_cached("INSERT INTO target (receiver, destination) VALUES (?1, ?2)")?
        .execute(name)?;
    Ok(tx.last_insert_rowid())
}

/// The parts of a message, as they are stored.
pub(super) fn parts(json: &str) -> Result<Vec<Message>, Failure> {
    Ok(serde_json::from_str(json)?)
}

/// What people know a message by: its title, else the first line of its text.
pub(super) fn title(parts: &[Message]) -> &str {
    let Some(first) = parts.first() else { return "" };
    let title = first.content.title().unwrap_or_default();
    if title.is_empty() { first.content.text().lines().next().unwrap_or_default() } else { title }
}

/// Adds to a total; rows of totals are never deleted.
pub(super) fn count(tx: &Connection, kind: &str, word: &str) -> Result<(), Failure> {
    tx.prepare_cached(
        "INSERT INTO total (kind, word, n) VALUES (?1, ?2, 1)
         ON CONFLICT (kind, word) DO UPDATE SET n = n + 1",
    )?
    .execute([kind, word])?;
    Ok(())
}

/// A state's column.
pub(super) fn state(row: &Row<'_>, column: usize) -> rusqlite::Result<State> {
    let word: String = row.get(column)?;
    State::parse(&word).ok_or_else(|| unreadable(column))
}

/// An origin's column.
pub(super) fn origin(row: &Row<'_>, column: usize) -> rusqlite::Result<Origin> {
    let word: String = row.get(column)?;
    let found = Origin::ALL.into_iter().find(|origin| origin.as_str() == word);
    found.ok_or_else(|| unreadable(column))
}

/// A wall time's column.
pub(super) fn wall(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millisecond(row.get(column)?).map_err(|_out_of_range| unreadable(column))
}

fn unreadable(column: usize) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(column, "an unknown value".to_owned(), Type::Text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::message::{At, Content};

    #[test]
    fn a_message_is_known_by_its_title_or_its_first_line() {
        let message = |content| Message { content, at: At::default() };
        let table = [
            (Content::Markdown { title: "Disk".into(), text: "a\nb".into() }, "Disk"),
            (Content::Markdown { title: String::new(), text: "a\nb".into() }, "a"),
            (Content::Text { text: "c\nd".into() }, "c"),
            (Content::Text { text: String::new() }, ""),
        ];
        for (content, expected) in table {
            assert_eq!(title(&[message(content)]), expected);
        }
        assert_eq!(title(&[]), "");
    }
}
