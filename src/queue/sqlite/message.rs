//! The rows of messages: one for all deliveries that say the same.

use rusqlite::{Connection, params};

use super::failure::Failure;
use super::packed::Packed;
use super::schema;
use crate::queue::NewMessage;
use crate::queue::stored;

/// A message in the form of its row.
pub(super) struct MessageRow {
    title: String,
    render_error: Option<String>,
    summary: String,
    parts: Packed,
    /// How many parts it has.
    count: usize,
}

/// The message of a delivery, which is stored already.
pub(super) struct QueuedMessage {
    /// The message's number.
    pub(super) number: i64,
    /// How severe it is.
    pub(super) rank: u8,
    /// How many parts it has.
    pub(super) parts: usize,
    /// What its delivery takes of the database, in bytes, about.
    pub(super) bytes: usize,
}

impl MessageRow {
    /// The row of a message, which has at least one part.
    pub(super) fn of(message: &NewMessage) -> Result<Self, Failure> {
        if message.parts.is_empty() {
            return Err(Failure::conflict("a message has no part to send"));
        }
        Ok(Self {
            title: message
                .parts
                .first()
                .map(|part| part.caption().into_owned())
                .unwrap_or_default(),
            render_error: message.render_error.clone(),
            summary: stored::summary_to_json(&message.summary)?,
            parts: Packed::of(stored::parts_to_json(&message.parts)?),
            count: message.parts.len(),
        })
    }

    /// How many parts the message has.
    pub(super) fn parts(&self) -> usize {
        self.count
    }

    /// Its bytes as they are stored.
    pub(super) fn bytes(&self) -> usize {
        self.title.len() + self.summary.len() + self.parts.bytes()
    }

    /// Stores it under this number.
    pub(super) fn insert(&self, tx: &Connection, id: i64) -> Result<(), Failure> {
        tx.prepare_cached(
            "INSERT INTO message (id, title, render_error, summary, parts)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![id, self.title, self.render_error, self.summary, self.parts])?;
        Ok(())
    }
}

/// A number for one more message of a notification.
pub(super) fn next_id(tx: &Connection, notification: i64) -> Result<i64, Failure> {
    let first = notification * schema::MESSAGES;
    let mut statement =
        tx.prepare_cached("SELECT max(id) FROM message WHERE id >= ?1 AND id < ?2")?;
    let last: Option<i64> =
        statement.query_row([first, first + schema::MESSAGES], |row| row.get(0))?;
    Ok(last.map_or(first, |last| last + 1))
}
