//! A receiver's own templates: its title and its text, with the templates that they call.
//!
//! Templates are compiled when the configuration is loaded, so that a mistake is found then, and run
//! for each message under a budget of fuel. A message always goes out: if a template fails, gives no
//! text or takes too long, the built-in message is sent in its place and says so. Before they are
//! trusted with that, they are tried on samples.

mod advice;
mod compile;
mod invented;
mod judge;
mod mistake;
mod run;
#[cfg(test)]
mod tests;
mod trial;

pub use compile::{Library, Template, TemplateFile};
pub use gotemplate::Stop;
pub use judge::Flaw;
pub use mistake::{Mistake, TemplateOrigin};
pub use run::{Preview, PreviewedPart, RenderInput};
pub use trial::{Trial, TrialSample};
