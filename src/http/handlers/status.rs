//! Health, and how the server was built, configured and started: Prometheus' conventions.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::StatusCode;

use crate::api::status::{BuildInfo, Configuration, Flags, Success};
use crate::http::AppState;
use crate::http::json::Json;
use crate::settings::Settings;

/// 200 as long as the process answers.
pub(in crate::http) async fn healthy() -> &'static str {
    "Campana is healthy.\n"
}

/// 200 when notifications are taken: the configuration is loaded, and the queue is open and takes
/// new ones.
pub(in crate::http) async fn ready(
    State(app): State<Arc<AppState>>,
) -> (StatusCode, Cow<'static, str>) {
    if !app.ready.load(Ordering::Relaxed) {
        return (StatusCode::SERVICE_UNAVAILABLE, "Campana is shutting down.\n".into());
    }
    match &app.core.store.health().borrow().refusal {
        None => (StatusCode::OK, "Campana is ready.\n".into()),
        Some(error) => {
            let words = format!("Campana takes no notifications: {error}.\n");
            (StatusCode::SERVICE_UNAVAILABLE, words.into())
        }
    }
}

/// The configuration in force, without its secrets.
pub(in crate::http) async fn config(
    State(app): State<Arc<AppState>>,
) -> Json<Success<Configuration>> {
    let yaml = Settings::redacted(&app.core.settings.load());
    Json(Success::new(Configuration { yaml }))
}

/// The version that runs.
pub(in crate::http) async fn buildinfo() -> Json<Success<BuildInfo>> {
    Json(Success::new(BuildInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        rust_version: env!("CARGO_PKG_RUST_VERSION").to_owned(),
    }))
}

/// The flags that the process was started with.
pub(in crate::http) async fn flags(State(app): State<Arc<AppState>>) -> Json<Success<Flags>> {
    Json(Success::new(app.flags.clone()))
}
