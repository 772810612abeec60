//! Makes and registers the metrics of each kind.
//!
//! Every name gets the prefix `campana_` here; only `process_*` has none.

use prometheus::core::Collector;
use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry,
};

use super::MetricsError;

/// Makes metrics with the prefix `campana_`.
///
/// Each metric has the prefix, not the registry: that would rename the usual `process_*` too.
pub(super) struct Maker(Registry);

impl Maker {
    /// A registry with the build's version and, on Linux, `process_*`.
    pub(super) fn new() -> Result<Self, MetricsError> {
        let make = Self(Registry::new());
        make.build_info()?;
        #[cfg(target_os = "linux")]
        make.0.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))?;
        Ok(make)
    }

    /// The registry of all metrics that were made.
    pub(super) fn registry(self) -> Registry {
        self.0
    }

    fn opts(name: &str, help: &str) -> Opts {
        Opts::new(name, help).namespace("campana")
    }

    fn add<C: Collector + Clone + 'static>(
        &self,
        metric: Result<C, MetricsError>,
    ) -> Result<C, MetricsError> {
        let metric = metric?;
        self.0.register(Box::new(metric.clone()))?;
        Ok(metric)
    }

    pub(super) fn counter(&self, name: &str, help: &str) -> Result<IntCounter, MetricsError> {
        self.add(IntCounter::with_opts(Self::opts(name, help)))
    }

    pub(super) fn counters(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
    ) -> Result<IntCounterVec, MetricsError> {
        self.add(IntCounterVec::new(Self::opts(name, help), labels))
    }

    pub(super) fn gauge(&self, name: &str, help: &str) -> Result<IntGauge, MetricsError> {
        self.add(IntGauge::with_opts(Self::opts(name, help)))
    }

    pub(super) fn gauges(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
    ) -> Result<IntGaugeVec, MetricsError> {
        self.add(IntGaugeVec::new(Self::opts(name, help), labels))
    }

    pub(super) fn float_gauge(&self, name: &str, help: &str) -> Result<Gauge, MetricsError> {
        self.add(Gauge::with_opts(Self::opts(name, help)))
    }

    pub(super) fn float_gauges(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
    ) -> Result<GaugeVec, MetricsError> {
        self.add(GaugeVec::new(Self::opts(name, help), labels))
    }

    pub(super) fn histogram(
        &self,
        name: &str,
        help: &str,
        buckets: &[f64],
    ) -> Result<Histogram, MetricsError> {
        let opts = HistogramOpts::from(Self::opts(name, help)).buckets(buckets.to_vec());
        self.add(Histogram::with_opts(opts))
    }

    pub(super) fn histograms(
        &self,
        name: &str,
        help: &str,
        buckets: &[f64],
    ) -> Result<HistogramVec, MetricsError> {
        let opts = HistogramOpts::from(Self::opts(name, help)).buckets(buckets.to_vec());
        self.add(HistogramVec::new(opts, &["kind"]))
    }

    fn build_info(&self) -> Result<(), MetricsError> {
        let info = self.gauges(
            "build_info",
            "1, with the version that runs as labels.",
            &["version", "rustversion"],
        )?;
        info.with_label_values(&[env!("CARGO_PKG_VERSION"), env!("CARGO_PKG_RUST_VERSION")]).set(1);
        Ok(())
    }
}
