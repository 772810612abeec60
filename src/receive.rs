//! A sender's bytes to a notification, or to the words for what the body is instead.
//!
//! Pure: no HTTP, no clock and no SQL. Each format that a sender can post has a file of its own,
//! and the path of the POST says which format it is, or the body does, where several come on one path. Of
//! a sender whose bodies do not say all of it, what is stored, and read again, is the body with what was
//! known when it came.

pub mod alertmanager;
pub mod grafana;
pub mod mistake;
pub mod monika;
pub mod samples;
pub mod signature;

use crate::alert::Notification;
pub use mistake::{PayloadError, Poster};

/// Reads a notification in the format of that name, which the queue stores beside the bytes; at most
/// `most` of its alerts are kept.
///
/// # Errors
///
/// Says what is wrong with the body, or that this version knows no such format.
pub fn parse(format: &str, body: &[u8], most: usize) -> Result<Notification, PayloadError> {
    match format {
        // Grafana's says itself that it is, and did so when versions before stored it as Alertmanager's.
        alertmanager::FORMAT | grafana::FORMAT => alertmanager::parse_at_most(body, most),
        // It has one alert.
        monika::FORMAT => monika::parse(body),
        _ => Err(PayloadError::UnknownFormat(format.to_owned())),
    }
}
