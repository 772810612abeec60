//! From rows to values and back: what several commands share.

use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::Type;

use super::failure::Failure;
use crate::dingtalk::message::Message;
use crate::queue::delivery::{Origin, State};

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
