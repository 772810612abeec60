//! The HTTP server's side: which paths there are, and what each one answers.
//!
//! A notification is answered 200 only after its deliveries are on disk; what cannot be stored is
//! answered 503, which Alertmanager sends again. Nothing here waits for DingTalk but the test.

pub(crate) mod access;
mod drain_body;
pub(crate) mod edge;
pub mod error;
pub mod handlers;
pub mod server;

use std::collections::BTreeMap;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use axum::Router;
use axum::http::Uri;
use axum::routing::{get, post};

use crate::core::Core;
use crate::deliver::Lanes;
use crate::intake::{Rendering, accept, preview};
use crate::settings::{Receiver, Settings};
use error::ReceiveError;
use handlers::{conditions, deliveries, status, test_message};

/// What a reload says: the changed settings that need a restart, or why nothing changed.
pub type Reloaded = Result<Vec<String>, String>;

/// Loads the configuration again; [`crate::app`] knows from where.
pub trait Reload: Send + Sync + 'static {
    /// Validates the whole file and swaps it in at once, or changes nothing.
    fn reload(&self) -> Pin<Box<dyn Future<Output = Reloaded> + Send + '_>>;
}

/// What every handler shares.
#[derive(Clone)]
pub struct Shared(pub Arc<Parts>);

/// The parts behind the handlers.
pub struct Parts {
    /// Store, time, metrics and configuration.
    pub core: Arc<Core>,
    /// The lanes that are woken once something is stored.
    pub lanes: Arc<Lanes>,
    /// Loads the configuration again.
    pub reload: Arc<dyn Reload>,
    /// The flags that the process was started with, secrets left out.
    pub flags: BTreeMap<String, String>,
    /// Held by the one who writes the metrics.
    pub scrape: tokio::sync::Mutex<()>,
    /// Where messages are rendered.
    pub rendering: Rendering,
    /// Whether the server takes notifications; false while it stops.
    pub ready: AtomicBool,
}

impl std::ops::Deref for Shared {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// The receiver of that name.
///
/// # Errors
///
/// With the known names and the nearest one.
pub(crate) fn receiver_of<'a>(
    settings: &'a Settings,
    name: &str,
) -> Result<&'a Receiver, ReceiveError> {
    let receivers = &settings.receivers;
    receivers.iter().find(|receiver| receiver.name == name).ok_or_else(|| {
        let distance = |known: &&Receiver| strsim::damerau_levenshtein(&known.name, name);
        let nearest = receivers
            .iter()
            .min_by_key(distance)
            .filter(|known| distance(known) <= 3.min(name.chars().count() / 2));
        ReceiveError::UnknownReceiver {
            name: name.to_owned(),
            nearest: nearest
                .map(|known| format!("; did you mean {:?}?", known.name))
                .unwrap_or_default(),
            known: receivers.iter().map(|known| known.name.clone()).collect(),
        }
    })
}

/// Every path with the methods that it takes, for the answers 404 and 405.
pub(crate) const PATHS: [(&str, &str); 19] = [
    ("/api/v1/alerts", "POST"),
    ("/api/v2/alerts", "POST"),
    ("/api/v1/receivers/{receiver}/alerts", "POST"),
    ("/dingtalk/{receiver}/send", "POST"),
    ("/api/v1/receivers/{receiver}/test", "POST"),
    ("/api/v1/receivers", "GET"),
    ("/api/v1/deliveries", "GET"),
    ("/api/v1/deliveries/{id}", "GET"),
    ("/api/v1/deliveries/{id}/replay", "POST"),
    ("/api/v1/deliveries/{id}/discard", "POST"),
    ("/api/v1/conditions/test", "POST"),
    ("/api/v1/templates/render", "POST"),
    ("/api/v1/status/config", "GET"),
    ("/api/v1/status/buildinfo", "GET"),
    ("/api/v1/status/flags", "GET"),
    ("/-/healthy", "GET"),
    ("/-/ready", "GET"),
    ("/-/reload", "POST or PUT"),
    ("/metrics", "GET"),
];

/// The whole HTTP interface, below `web.route_prefix`.
pub fn router(shared: &Shared) -> Router {
    let settings = shared.core.settings.load_full();
    let prefix = settings.process.route_prefix.clone();
    let unknown = move |uri: Uri| ready(edge::unknown_path(&prefix, &uri));
    let routes = Router::new()
        .route("/api/v1/alerts", post(accept::all))
        .route("/api/v2/alerts", post(accept::all))
        .route("/api/v1/receivers/{receiver}/alerts", post(accept::one))
        .route("/dingtalk/{receiver}/send", post(accept::one))
        .route("/api/v1/receivers/{receiver}/test", post(test_message::send))
        .route("/api/v1/receivers", get(deliveries::receivers))
        .route("/api/v1/deliveries", get(deliveries::list))
        .route("/api/v1/deliveries/{id}", get(deliveries::show))
        .route("/api/v1/deliveries/{id}/replay", post(deliveries::replay))
        .route("/api/v1/deliveries/{id}/discard", post(deliveries::discard))
        .route("/api/v1/conditions/test", post(conditions::test))
        .route("/api/v1/templates/render", post(preview::render))
        .route("/api/v1/status/config", get(status::config))
        .route("/api/v1/status/buildinfo", get(status::buildinfo))
        .route("/api/v1/status/flags", get(status::flags))
        .route("/-/healthy", get(status::healthy))
        .route("/-/ready", get(status::ready))
        .route("/-/reload", post(status::reload).put(status::reload))
        .route("/metrics", get(status::metrics))
        .route("/api/v1/receivers/{receiver}/monika", post(status::later))
        .fallback(unknown.clone())
        .method_not_allowed_fallback(edge::wrong_method)
        .with_state(shared.clone());
    let routes = match &*settings.process.route_prefix {
        "" => routes,
        prefix => Router::new().nest(prefix, routes).fallback(unknown),
    };
    edge::layers(routes, settings.process.max_body_bytes, Arc::clone(&shared.core))
}
