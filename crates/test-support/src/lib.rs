//! What Campana's tests and benches share; no product code depends on this crate.
//!
//! [`TestApp`] is the application in the test's own process, with a clock that the test moves.
//! [`Site`] is the built binary as a process of its own, with a real clock. Both talk to a simulated
//! DingTalk. Whatever is waited for has a deadline in real time, [`PATIENCE`].
#![expect(clippy::panic, reason = "what is missing here fails a test")]

mod alertmanager;
pub mod alerts;
mod answer;
mod app;
mod exposition;
mod patience;
mod process;
mod record;
mod site;
mod skip;
pub mod slow;
mod tls;

pub use alertmanager::{Alertmanager, current, debian};
pub use answer::Answer;
pub use app::{
    ATTEMPT_LIMIT, FIRST_RETRY, HeldConfiguration, ONE_CHATBOT, ONE_CONVERSATION,
    ONE_QUEUEING_CHATBOT, START, TestApp,
};
pub use exposition::Exposition;
pub use patience::{PATIENCE, reached, until};
pub use process::{Process, free_port, run};
pub use record::{Mark, Record, Violation};
pub use site::{Api, Server, Site};
pub use skip::{skip, tell};
pub use slow::{SlowClient, Slowness};
pub use tls::{AUTHORITY, TlsFront};
