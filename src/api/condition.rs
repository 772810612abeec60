//! Which receivers keep an alert, and why.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::alert::Labels;
use crate::select::trace::{Trace, trace};
use crate::settings;

/// POST `/api/v1/conditions/test`, its body: labels or a payload, for one receiver or for all.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ConditionsRequest {
    /// Only this receiver.
    pub receiver: Option<String>,
    /// The labels of one alert.
    pub labels: Option<BTreeMap<String, String>>,
    /// A notification as Alertmanager would post it.
    pub payload: Option<Box<RawValue>>,
    /// When; now without it.
    pub at: Option<Timestamp>,
}

/// POST `/api/v1/conditions/test`, its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionsAnswer {
    /// The receivers that were asked for.
    pub receivers: Vec<ReceiverTrace>,
}

/// What a receiver's conditions make of each alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiverTrace {
    /// The receiver's name.
    pub receiver: String,
    /// A disabled receiver keeps no alert, whatever its conditions say.
    pub enabled: bool,
    /// Whether it is active at that time; outside its active times it is told of nothing but the recovery
    /// of what it was told that it fires.
    pub active: bool,
    /// Why it is active or not; absent where it has no `active_times`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_times: Option<String>,
    /// The alerts, in the order that they were given in.
    pub alerts: Vec<AlertTrace>,
}

/// What a receiver's conditions make of one alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertTrace {
    /// The alert's labels.
    pub labels: BTreeMap<String, String>,
    /// Whether the alert is kept, and why.
    #[serde(flatten)]
    pub trace: Trace,
}

impl ReceiverTrace {
    /// Holds the receiver's conditions against each of `alerts`, and its active times against `at`.
    #[must_use]
    pub fn new(receiver: &settings::Receiver, alerts: &[Labels], at: Timestamp) -> Self {
        let traced = |labels: &Labels| AlertTrace {
            labels: labels.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect(),
            trace: trace(&receiver.conditions, labels),
        };
        Self {
            receiver: receiver.name.clone(),
            enabled: receiver.enabled,
            active: receiver.active_times.hold(at),
            active_times: receiver.active_times.why(at),
            alerts: alerts.iter().map(traced).collect(),
        }
    }
}
