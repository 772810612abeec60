//! A sender's bytes to a notification, or to the words for what the body is instead.
//!
//! Pure: no HTTP, no clock and no SQL. Each format that a sender can post has a file of its own,
//! and the path of the POST says which format it is.

pub mod alertmanager;
pub mod mistake;

use crate::alert::Notification;
pub use mistake::PayloadError;

/// Reads a notification in the format of that name, which the queue stores beside the bytes; at most
/// `most` of its alerts are kept.
///
/// # Errors
///
/// Says what is wrong with the body, or that this version knows no such format.
pub fn parse(format: &str, body: &[u8], most: usize) -> Result<Notification, PayloadError> {
    match format {
        alertmanager::FORMAT => alertmanager::parse_at_most(body, most),
        _ => Err(PayloadError::UnknownFormat(format.to_owned())),
    }
}
