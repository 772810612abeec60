//! The metrics, named as in Alertmanager: `campana_<noun>_<unit>_total`, with reasons as labels.
//!
//! A label's values are names from the configuration or words of ours, never text of an alert: the
//! number of series must stay small. The totals of deliveries come from the store, and so survive
//! restarts.

mod maker;

use prometheus::core::Collector as _;
use prometheus::proto::{Metric, MetricFamily};
use prometheus::{
    Encoder, Gauge, GaugeVec, Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Registry, TextEncoder,
};
use std::collections::{BTreeMap, BTreeSet};

use crate::queue::{Health, Origin, Park, QueueError, QuotaUse, Scope, State, Stats, Target};
use maker::Maker;

/// Why a metric could not be made; a defect in this file, which the start of the process finds.
pub type MetricsError = prometheus::Error;

/// Buckets for work on this machine, in seconds.
const LOCAL: [f64; 12] =
    [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
/// Buckets for an attempt, in seconds; the last is the default `delivery.attempt_timeout`.
const REMOTE: [f64; 10] = [0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 7.5, 10.0];
/// Buckets for the wait in the queue, in seconds; the last is the default `delivery.max_age`.
const WAIT: [f64; 12] =
    [0.01, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 21600.0, 86400.0];

/// Declares each metric once: its field, kind, name, help, and labels or buckets.
macro_rules! metrics {
    ($($field:ident: $kind:ident($name:literal, $help:literal $(, $argument:expr)?);)*) => {
        /// Every metric of the process.
        pub struct Metrics {
            registry: Registry,
            $(#[doc = $help] pub $field: metrics!(@ $kind),)*
        }

        impl Metrics {
            /// Makes and registers all metrics.
            ///
            /// # Errors
            ///
            /// When two have the same name.
            pub fn new() -> Result<Self, MetricsError> {
                let make = Maker::new()?;
                Ok(Self {
                    $($field: make.$kind($name, $help $(, $argument)?)?,)*
                    registry: make.registry(),
                })
            }
        }
    };
    (@ counter) => { IntCounter };
    (@ counters) => { IntCounterVec };
    (@ gauge) => { IntGauge };
    (@ gauges) => { IntGaugeVec };
    (@ float_gauge) => { Gauge };
    (@ float_gauges) => { GaugeVec };
    (@ histogram) => { Histogram };
    (@ histograms) => { HistogramVec };
}

metrics! {
    notifications_received: counters(
        "notifications_received_total",
        "Notifications that were read, by the path that they came on.", &["endpoint"]
    );
    notifications_refused: counters(
        "notifications_refused_total",
        "Notifications that were answered with an error, by the reason.", &["reason"]
    );
    requests_refused: counters(
        "requests_refused_total",
        "Other POSTs that were answered with an error, by the reason.", &["reason"]
    );
    notifications_duplicate: counter(
        "notifications_duplicate_total",
        "Notifications that repeated the one before, and made no delivery."
    );
    notifications_inactive: counters(
        "notifications_inactive_total",
        "Notifications that a receiver was not told of, because it was outside its active times.",
        &["receiver"]
    );
    alerts_received: counters(
        "alerts_received_total",
        "Alerts in the notifications that were read, by status.", &["status"]
    );
    alerts_truncated: counter(
        "alerts_truncated_total",
        "Alerts that were not kept, because their notification had too many."
    );
    alerts_unmatched: counter(
        "alerts_unmatched_total",
        "Alerts that no receiver wanted, of notifications that every receiver was asked for."
    );
    accept_duration: histogram(
        "accept_duration_seconds",
        "Time from a notification's body to its deliveries on disk.", &LOCAL
    );
    render_fallbacks: counters(
        "render_fallbacks_total",
        "Messages in which the plain built-in text stands in for the one asked for, or is cut short.",
        &["receiver"]
    );
    mentions_refused: counters(
        "mentions_refused_total",
        "Names in labels and annotations of alerts that are not mentioned, because mention.allow lacks them.",
        &["receiver"]
    );
    attempts: counters(
        "attempts_total",
        "Attempts that ended, by the destination's kind and what DingTalk said.", &["kind", "outcome"]
    );
    attempt_duration: histograms(
        "attempt_duration_seconds",
        "Time from the start of an attempt to its end.", &REMOTE
    );
    queue_wait: histograms(
        "queue_wait_seconds",
        "Time from when an attempt was due to its start.", &WAIT
    );
    rate_waits: counter(
        "rate_waits_total",
        "How often a lane with something due waited for a free slot."
    );
    dead_letters: counters(
        "dead_letters_total",
        "Dead letters since the start, by the last outcome.", &["outcome"]
    );
    possible_duplicates: counter(
        "possible_duplicates_total",
        "Parts sent again, by an API without idempotency key, that may have arrived."
    );
    clock_refusals: counter(
        "clock_refusals_total",
        "Refusals of a time stamp: this machine's clock is off."
    );
    token_refreshes: counters(
        "token_refreshes_total",
        "App tokens that were asked for.", &["outcome"]
    );
    test_messages: counters(
        "test_messages_total",
        "Test messages, by whether the destination took them.", &["outcome"]
    );
    reloads: counters(
        "config_reloads_total",
        "Reloads of the configuration.", &["outcome"]
    );
    reload_successful: gauge(
        "config_last_reload_successful",
        "Whether the last reload of the configuration succeeded."
    );
    reload_success_timestamp: float_gauge(
        "config_last_reload_success_timestamp_seconds",
        "When the configuration was last loaded."
    );
    accepted: counters(
        "deliveries_accepted_total",
        "Every delivery ever created, by its origin; kept over restarts.", &["origin"]
    );
    settled: counters(
        "deliveries_settled_total",
        "Every delivery ever settled, by how; kept over restarts.", &["outcome"]
    );
    queued: gauge(
        "deliveries_queued",
        "Deliveries that are not settled yet."
    );
    destination_queued: gauges(
        "destination_deliveries_queued",
        "Deliveries that are not settled yet, by destination.", &["receiver", "destination"]
    );
    destination_oldest: float_gauges(
        "destination_oldest_queued_seconds",
        "Age of the oldest delivery that is not settled yet, by destination.", &["receiver", "destination"]
    );
    destination_parked: gauges(
        "destination_parked",
        "1 for a destination that can send nothing until a person mends it or configures it again.",
        &["receiver", "destination"]
    );
    pool_robots_dead: gauges(
        "pool_robots_dead",
        "Dead robots of a pool that has some; those that are left do their work.",
        &["receiver", "destination"]
    );
    storage_refusing: gauges(
        "storage_refusing",
        "1 while the storage refuses new notifications, by the reason.", &["reason"]
    );
    storage_log_bytes: gauge(
        "storage_log_bytes",
        "Bytes of the storage's log that are not in the database yet."
    );
    storage_mended: counter(
        "storage_mended_total",
        "Damaged databases that gave way to a new one of what could be read, in this process."
    );
    quota_messages: gauges(
        "quota_messages",
        "Messages that DingTalk took in this calendar month, by quota.", &["quota"]
    );
    quota_limit: gauges(
        "quota_limit_messages",
        "Messages that DingTalk takes in a calendar month, as configured, by quota.", &["quota"]
    );
    lanes_waiting: gauges(
        "lanes_waiting",
        "Lanes with something due that wait, by what they wait for.", &["reason"]
    );
    host_breaker_open: gauges(
        "host_breaker_open",
        "1 while a host is held to be down, and its lanes wait while one message at a time probes.", &["host"]
    );
    lane_breakers_open: gauge(
        "lane_breakers_open",
        "Lanes whose robot or app failed five times in a row, and which only probe."
    );
    lanes_throttled: gauge(
        "lanes_throttled",
        "Lanes that wait because DingTalk throttled them."
    );
    connections_open: gauge(
        "connections_open",
        "Connections of clients that are open."
    );
    connections_timed_out: counters(
        "connections_timed_out_total",
        "Connections whose client took too long, by what they waited for.", &["phase"]
    );
    connections_gave_way: counters(
        "connections_gave_way_total",
        "Idle and slow connections that were closed to let others in, by what was short.", &["reason"]
    );
}

impl Metrics {
    /// Sets the metrics of deliveries to the store's totals; called before each scrape.
    pub fn take_stats(&self, stats: &Stats) {
        for origin in Origin::ALL {
            let total = stats.accepted.get(&origin).copied().unwrap_or_default();
            raise(&self.accepted.with_label_values(&[origin.as_str()]), total);
        }
        for state in State::ALL.into_iter().filter(|state| *state != State::Queued) {
            let total = stats.settled.get(&state).copied().unwrap_or_default();
            raise(&self.settled.with_label_values(&[state.as_str()]), total);
        }
        self.queued.set(i64::try_from(stats.queued).unwrap_or(i64::MAX));
        self.destination_queued.reset();
        self.destination_oldest.reset();
        for backlog in &stats.backlogs {
            let labels = [&*backlog.target.receiver, &*backlog.target.destination];
            let queued = i64::try_from(backlog.queued).unwrap_or(i64::MAX);
            self.destination_queued.with_label_values(&labels).set(queued);
            self.destination_oldest.with_label_values(&labels).set(backlog.oldest.as_secs_f64());
        }
    }

    /// Shows which destinations are dead, how many robots of a pool are, and how many lanes are throttled.
    /// `robots` says how many robots a destination has.
    pub fn take_parks(&self, parks: &[Park], robots: impl Fn(&Target) -> usize) {
        self.destination_parked.reset();
        self.pool_robots_dead.reset();
        let mut lanes = 0;
        let mut dead: BTreeMap<&Target, usize> = BTreeMap::new();
        for park in parks {
            match &park.scope {
                Scope::Lane(_) => lanes += 1,
                Scope::Destination { target, .. } => *dead.entry(target).or_default() += 1,
            }
        }
        self.lanes_throttled.set(lanes);
        for (target, dead) in dead {
            let (labels, robots) = ([&*target.receiver, &*target.destination], robots(target));
            if dead >= robots {
                self.destination_parked.with_label_values(&labels).set(1);
            }
            if robots > 1 {
                let dead = i64::try_from(dead).unwrap_or(i64::MAX);
                self.pool_robots_dead.with_label_values(&labels).set(dead);
            }
        }
    }

    /// Shows the quotas of the configuration, and what was used of them.
    pub fn take_quotas(&self, limits: &BTreeMap<&str, u32>, used: &[QuotaUse]) {
        self.quota_messages.reset();
        self.quota_limit.reset();
        for (quota, limit) in limits {
            let used = used.iter().find(|used| used.quota == *quota).map_or(0, |used| used.used);
            let used = i64::try_from(used).unwrap_or(i64::MAX);
            self.quota_messages.with_label_values(&[quota]).set(used);
            self.quota_limit.with_label_values(&[quota]).set(i64::from(*limit));
        }
    }

    /// Shows how many lanes' breakers are open, and of each host, whether its breaker is.
    pub fn take_breakers(&self, lanes: usize, hosts: &[(String, bool)]) {
        self.lane_breakers_open.set(i64::try_from(lanes).unwrap_or(i64::MAX));
        self.host_breaker_open.reset();
        for (host, is_open) in hosts {
            self.host_breaker_open.with_label_values(&[host]).set(i64::from(*is_open));
        }
    }

    /// Counts the messages of templates that failed and the names that are not mentioned for the receivers
    /// that are `configured`, and for no other; from 0 on for those that are `templated`, and that mention
    /// whom alerts name (`naming`), so that the first is an increase.
    pub fn take_receivers(
        &self,
        configured: &BTreeSet<&str>,
        templated: &BTreeSet<&str>,
        naming: &BTreeSet<&str>,
    ) {
        for (counters, from_zero) in
            [(&self.render_fallbacks, templated), (&self.mentions_refused, naming)]
        {
            let families = counters.collect();
            let series = families.iter().flat_map(MetricFamily::get_metric);
            for label in series.flat_map(Metric::get_label) {
                if !configured.contains(label.value()) {
                    // It is there: it was found just now.
                    let _ = counters.remove_label_values(&[label.value()]);
                }
            }
            for receiver in from_zero {
                counters.with_label_values(&[receiver]);
            }
        }
    }

    /// Shows how the store is.
    pub fn take_health(&self, health: &Health) {
        self.storage_log_bytes.set(i64::try_from(health.log_bytes).unwrap_or(i64::MAX));
        let now = health.refusal.as_ref().map(refusal);
        for reason in REFUSALS {
            let refusing = i64::from(now == Some(reason));
            self.storage_refusing.with_label_values(&[reason]).set(refusing);
        }
        raise(&self.storage_mended, health.mended.len() as u64);
    }

    /// Shows a destination that is no longer configured as parked, since its deliveries wait too.
    pub fn take_removed(&self, target: &Target) {
        let labels = [&*target.receiver, &*target.destination];
        self.destination_parked.with_label_values(&labels).set(1);
    }

    /// Sets the counts of fetched app tokens, which the client keeps.
    pub fn take_refreshes(&self, ok: u64, failed: u64) {
        raise(&self.token_refreshes.with_label_values(&["ok"]), ok);
        raise(&self.token_refreshes.with_label_values(&["failed"]), failed);
    }

    /// All metrics in Prometheus' text format.
    ///
    /// # Errors
    ///
    /// When a metric has no value, which is a defect.
    pub fn encode(&self) -> Result<Vec<u8>, MetricsError> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

/// Why the store refuses new notifications, as label values.
const REFUSALS: [&str; 7] =
    ["full", "busy", "failed", "queued", "queued_bytes", "oldest", "free_disk"];

fn refusal(error: &QueueError) -> &'static str {
    match error {
        QueueError::Full(_) => "full",
        QueueError::AtLimit(reached) => reached.limit.as_str(),
        QueueError::Busy(_) => "busy",
        QueueError::Broken(_)
        | QueueError::Closed
        | QueueError::Unknown(_)
        | QueueError::Conflict(_)
        | QueueError::Outdated => "failed",
    }
}

/// Raises a counter to a total that is kept elsewhere; a counter never falls.
fn raise(counter: &IntCounter, total: u64) {
    counter.inc_by(total.saturating_sub(counter.get()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::limits::{Limit, Reached};

    #[test]
    fn totals_follow_the_store_and_never_fall() {
        let metrics = Metrics::new().unwrap();
        let mut stats = Stats { queued: 2, ..Stats::default() };
        stats.accepted.insert(Origin::Notification, 7);
        stats.settled.insert(State::Delivered, 5);
        metrics.take_stats(&stats);
        metrics.take_stats(&stats);
        let text = String::from_utf8(metrics.encode().unwrap()).unwrap();
        for line in [
            "campana_deliveries_accepted_total{origin=\"notification\"} 7",
            "campana_deliveries_accepted_total{origin=\"replay\"} 0",
            "campana_deliveries_settled_total{outcome=\"delivered\"} 5",
            "campana_deliveries_queued 2",
        ] {
            assert!(text.contains(line), "{line} not in\n{text}");
        }
    }

    #[test]
    fn a_pool_is_parked_once_all_its_robots_are_dead_and_counts_those_that_are() {
        let metrics = Metrics::new().unwrap();
        let target = Target { receiver: "ops".to_owned(), destination: "pool".to_owned() };
        let dead = |hash: &str| {
            let (target, credentials_hash) = (target.clone(), hash.to_owned());
            let scope = Scope::Destination { target, credentials_hash };
            Park { scope, cause: String::new(), step: 1, until: jiff::Timestamp::UNIX_EPOCH }
        };
        let parks = [dead("one"), dead("two")];
        let labels = "{destination=\"pool\",receiver=\"ops\"}";
        for (robots, dead, lines) in [
            (1, 1, vec![format!("destination_parked{labels} 1")]),
            (2, 1, vec![format!("pool_robots_dead{labels} 1")]),
            (
                2,
                2,
                vec![
                    format!("destination_parked{labels} 1"),
                    format!("pool_robots_dead{labels} 2"),
                ],
            ),
            (2, 0, Vec::new()),
        ] {
            metrics.take_parks(&parks[..dead], |_| robots);
            let text = String::from_utf8(metrics.encode().unwrap()).unwrap();
            let told = text.lines().filter(|line| line.contains("pool\""));
            let told: Vec<_> = told.filter_map(|line| line.strip_prefix("campana_")).collect();
            assert_eq!(told, lines, "{dead} of {robots}");
        }
    }

    #[test]
    fn one_reason_at_most_is_why_the_store_refuses() {
        let metrics = Metrics::new().unwrap();
        let refusing = |refusal| {
            metrics.take_health(&Health { refusal, log_bytes: 5, ..Health::default() });
            REFUSALS.map(|reason| metrics.storage_refusing.with_label_values(&[reason]).get())
        };
        let all = [
            QueueError::Full("x".into()),
            QueueError::Busy("x".into()),
            QueueError::Broken("x".into()),
        ];
        let at_limit = |limit| QueueError::AtLimit(Reached { limit, level: 1, most: 1, again: 0 });
        let limits = [Limit::Queued, Limit::QueuedBytes, Limit::Oldest, Limit::FreeDisk];
        for (place, refusal) in all.into_iter().chain(limits.map(at_limit)).enumerate() {
            let mut expected = [0; REFUSALS.len()];
            expected[place] = 1;
            assert_eq!(refusing(Some(refusal)), expected);
        }
        assert_eq!(refusing(None), [0; REFUSALS.len()]);
        assert_eq!(metrics.storage_log_bytes.get(), 5);
    }

    #[test]
    fn a_breaker_is_shown_by_its_host_as_long_as_that_is_configured() {
        let metrics = Metrics::new().unwrap();
        let hosts = [("one".to_owned(), true), ("two".to_owned(), false)];
        metrics.take_breakers(3, &hosts);
        let is_open = |host| metrics.host_breaker_open.with_label_values(&[host]).get();
        assert_eq!((is_open("one"), is_open("two"), metrics.lane_breakers_open.get()), (1, 0, 3));
        metrics.take_breakers(0, &hosts[1..]);
        let text = String::from_utf8(metrics.encode().unwrap()).unwrap();
        assert!(!text.contains("host_breaker_open{host=\"one\"}"), "{text}");
    }

    #[test]
    fn failing_templates_and_refused_names_are_counted_for_configured_receivers_alone() {
        let metrics = Metrics::new().unwrap();
        let lines = |configured: &[&str], templated: &[&str]| {
            let [configured, templated] =
                [configured, templated].map(|names| names.iter().copied().collect());
            metrics.take_receivers(&configured, &templated, &templated);
            let text = String::from_utf8(metrics.encode().unwrap()).unwrap();
            let told = |name: &str| {
                let prefix = format!("campana_{name}_total{{receiver=");
                let told = text.lines().filter_map(|line| line.strip_prefix(&prefix));
                told.map(str::to_owned).collect::<Vec<_>>()
            };
            assert_eq!(told("render_fallbacks"), told("mentions_refused"));
            told("mentions_refused")
        };
        assert_eq!(lines(&["a", "b"], &["a"]), ["\"a\"} 0"]);
        for name in ["a", "b"] {
            metrics.render_fallbacks.with_label_values(&[name]).inc_by(3);
            metrics.mentions_refused.with_label_values(&[name]).inc_by(3);
        }
        assert_eq!(lines(&["a", "b"], &["a"]), ["\"a\"} 3", "\"b\"} 3"], "a reload counts on");
        assert_eq!(lines(&["b", "c"], &["c"]), ["\"b\"} 3", "\"c\"} 0"]);
    }

    #[test]
    fn the_process_and_the_build_are_there() {
        let text = String::from_utf8(Metrics::new().unwrap().encode().unwrap()).unwrap();
        assert!(text.contains("process_resident_memory_bytes "), "{text}");
        assert!(text.contains("campana_build_info{rustversion=\"1.95\",version=\"0.1.0\"} 1"));
    }
}
