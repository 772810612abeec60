//! Cuts messages into parts that DingTalk takes.
//!
//! Every cut is made here, and what fits on a part is decided in one place. A part ends between two
//! alerts or at a line end, and says which of how many it is. Three sources are cut: the entries of
//! the built-in message, the runs of a template, and the lines of a stored part that DingTalk found
//! too long.

pub(super) mod entries;
mod lines;
pub(super) mod page;
mod recut;
pub(super) mod runs;
pub(super) mod size;

pub(super) use recut::fit;
pub use recut::smaller;
