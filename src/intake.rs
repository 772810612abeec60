//! A notification through select, render and queue, whoever brings it.

pub(crate) mod accept;
mod dedup;
pub mod preview;
mod render_pool;
mod summary;

pub use render_pool::Rendering;
