//! Cuts a message into parts that DingTalk takes; every cut that Campana makes is made here.
//!
//! A part ends between two alerts or at a line end, is never larger than its destination takes, and
//! says which of how many it is. Three things are cut: the entries of the built-in message, the runs
//! of a template, and the lines of a stored part that DingTalk found too long.

pub(super) mod entries;
mod lines;
pub(super) mod page;
mod recut;
pub(super) mod runs;
mod size;

pub(super) use recut::fit;
pub use recut::smaller;
