//! The parts that all stages of a running Campana share, built once for each process.
//!
//! A unit of work takes the settings once and uses them to its end, so that a reload in between
//! cannot mix two configurations.

pub mod room;
mod unique_ids;

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::queue::Store;
use crate::settings::Settings;
pub use unique_ids::UniqueIds;

/// The store, the time, the metrics, the configuration in force, and the ids.
pub struct Core {
    /// Where deliveries are stored.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The counts that Prometheus scrapes.
    pub metrics: Metrics,
    /// The configuration in force; a reload swaps it whole.
    pub settings: ArcSwap<Settings>,
    /// The ids of requests and notifications.
    pub ids: UniqueIds,
}

impl fmt::Debug for Core {
    /// The clock alone: settings hold secrets, and a store has nothing to show.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").field("clock", &self.clock).finish_non_exhaustive()
    }
}
