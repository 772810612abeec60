//! The metrics, in the text format that Prometheus scrapes.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderName, header};

use crate::deliver::{self, Want};
use crate::http::AppState;
use crate::http::error::HttpError;

/// The text, and the header that names its format.
type Text = ([(HeaderName, &'static str); 1], Vec<u8>);

/// Takes the store's totals over and writes all metrics.
pub(in crate::http) async fn text(State(app): State<Arc<AppState>>) -> Result<Text, HttpError> {
    // Two scrapes at once would each add the growth of the store's totals.
    let _turn = app.scrape.lock().await;
    let (core, metrics) = (&app.core, &app.core.metrics);
    let now = core.clock.now();
    let stats = core.store.stats(now).await?;
    let parks = core.store.parks(now).await?;
    metrics.take_stats(&stats);
    metrics.take_parks(&parks, |target| app.lanes.robots_of(target));
    metrics.take_quotas(&app.core.settings.load().quotas(), &stats.quotas);
    let waiting = app.lanes.waiting();
    for want in Want::ALL {
        let lanes = waiting.get(&want).copied().unwrap_or_default();
        metrics.lanes_waiting.with_label_values(&[want.as_str()]).set(lanes);
    }
    let (lanes, hosts) = app.lanes.breakers();
    metrics.take_breakers(lanes, &hosts);
    metrics.take_health(&core.store.health().borrow());
    for backlog in deliver::removed(&core.settings.load(), &stats) {
        metrics.take_removed(&backlog.target);
    }
    let refreshes = app.lanes.token_refreshes();
    metrics.take_refreshes(refreshes.ok, refreshes.failed);
    let text = metrics.encode().map_err(|error| {
        tracing::error!("metrics cannot be written: {error}");
        HttpError::Defect("a metric has no value")
    })?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text))
}
