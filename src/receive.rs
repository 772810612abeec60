//! A sender's bytes to a notification, or to the words for what the body is instead.
//!
//! Pure: no HTTP, no clock and no SQL. Every format that a sender can post has a file of its own;
//! whoever received the bytes decides by the path which format is read.

pub mod alertmanager;
