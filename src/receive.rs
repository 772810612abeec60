//! A sender's bytes to a notification, or to the words for what the body is instead.
//!
//! Pure: no HTTP, no clock and no SQL. Each format that a sender can post has a file of its own,
//! and the path of the POST says which format it is.

pub mod alertmanager;
pub mod mistake;

pub use mistake::PayloadError;
