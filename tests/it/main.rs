//! The real application, started on a free port, against the simulated DingTalk.
#![expect(missing_docs, clippy::unwrap_used, reason = "tests")]

mod deliver;
mod receive;
mod support;
