//! Alertmanager's webhook payload, version 4, as plain owned strings and maps.
//!
//! The fields are the ones that Campana's parser reads, so that both servers read the same bytes
//! into the same shape. Times stay strings, which is the cheapest reading.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Labels or annotations.
type Pairs = BTreeMap<String, String>;

/// One notification.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Payload {
    version: String,
    pub(crate) group_key: String,
    truncated_alerts: u64,
    pub(crate) receiver: String,
    pub(crate) status: String,
    alerts: Vec<Alert>,
    group_labels: Pairs,
    common_labels: Pairs,
    common_annotations: Pairs,
    route_labels: Pairs,
    #[serde(rename = "externalURL")]
    external_url: String,
    #[serde(rename = "notification_reason")]
    notification_reason: String,
}

/// One alert.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Alert {
    status: String,
    labels: Pairs,
    annotations: Pairs,
    starts_at: String,
    ends_at: String,
    #[serde(rename = "generatorURL")]
    generator_url: String,
    fingerprint: String,
}
