//! What each product makes of its templates and time intervals, and what Campana makes of them: the
//! same.
//!
//! The expected outputs were written by Go: `tests/conformance/*/main.go`.
#![cfg(test)]

#[path = "conformance/alertmanager.rs"]
mod alertmanager;
#[path = "conformance/dingtalk.rs"]
mod dingtalk;
#[path = "conformance/notification_manager.rs"]
mod notification_manager;
#[path = "conformance/prometheusalert.rs"]
mod prometheusalert;
#[path = "conformance/recorded.rs"]
mod recorded;
#[path = "conformance/tally.rs"]
mod tally;
#[path = "conformance/time_intervals.rs"]
mod time_intervals;
#[path = "conformance/trials.rs"]
mod trials;
