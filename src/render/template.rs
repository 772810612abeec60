//! Templates of one's own: a receiver's title and text, with everything that they call.
//!
//! They are compiled when the configuration is loaded, so that a mistake is found then, and run
//! for each message under a budget of fuel. Whatever they do, a message goes out: when one fails,
//! gives nothing or takes too long, the built-in message stands in and says so.

mod compile;
mod data;
mod mistake;
mod run;
#[cfg(test)]
mod tests;

pub use compile::{File, Library, Template};
pub use data::Subject;
pub use gotemplate::Stop;
pub use mistake::{Mistake, Origin};
pub use run::{Order, Preview, PreviewedPart, Renders};
