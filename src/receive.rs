//! A sender's bytes to a notification, or to the words for what the body is instead.
//!
//! Pure: no HTTP, no clock and no SQL. Each format that a sender can post has a file of its own;
//! whoever took the bytes knows by their path which one it is.

pub mod alertmanager;
pub mod mistake;

pub use mistake::PayloadError;
