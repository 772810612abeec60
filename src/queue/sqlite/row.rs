//! From rows to values and back: what several commands share.

use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::Type;

use super::failure::Failure;
use super::packed::Packed;
use crate::dingtalk::message::Part;
use crate::queue::stored;
use crate::queue::{Origin, State};

/// The parts of a message, as they are stored.
pub(super) fn parts(stored: Packed) -> Result<Vec<Part>, Failure> {
    Ok(stored::from_json(&stored.unpack()?)?)
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

/// Another version of Campana may have written it, so it says nothing about the page.
fn unreadable(column: usize) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, "an unknown value".into())
}
