//! The HTTP interface: connections, the edge around each request, the table of routes, the handlers.
//!
//! A notification is answered 200 only after its deliveries are on disk; one that cannot be stored is
//! answered 503, which Alertmanager sends again. Nothing here waits for DingTalk but the test
//! message.

mod access;
mod edge;
mod elsewhere;
mod error;
mod handlers;
mod json;
mod refusal;
mod routes;
mod server;
mod signature;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::core::Core;
use crate::deliver::Lanes;
use crate::intake::Intake;
pub use handlers::monika::WarnedReceivers;
pub use routes::documentation;
pub use server::serve;

/// What a reload says, or why nothing changed.
pub type Reloaded = Result<InForce, String>;

/// What there is to say of a configuration that came in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InForce {
    /// The changed settings that need a restart.
    pub restart_needed: Vec<String>,
    /// The warnings about it, each with its place.
    pub warnings: Vec<String>,
}

/// Loads the configuration again; [`crate::app`] knows from where.
pub trait Reload: Send + Sync + 'static {
    /// Validates the whole file and swaps it in at once, or changes nothing.
    fn reload(&self) -> Pin<Box<dyn Future<Output = Reloaded> + Send + '_>>;
}

/// The parts of the application that the handlers use.
pub struct AppState {
    /// Store, time, metrics and configuration.
    pub core: Arc<Core>,
    /// The way of a notification to the disk.
    pub intake: Intake,
    /// The lanes that send.
    pub lanes: Arc<Lanes>,
    /// Loads the configuration again.
    pub reload: Arc<dyn Reload>,
    /// The flags that the process was started with, secrets left out.
    pub flags: BTreeMap<String, String>,
    /// Held while the metrics are written.
    pub scrape: tokio::sync::Mutex<()>,
    /// Whether notifications are taken; false while the server stops.
    pub ready: AtomicBool,
    /// What was said once of Monika's `webhook` channel.
    pub warned: WarnedReceivers,
}
