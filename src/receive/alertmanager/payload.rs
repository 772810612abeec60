//! The payload as Alertmanager writes it (`notify/webhook`, `template.Data`); every field optional.
//!
//! A field that the sender left out is computed from the alerts, as Alertmanager would have.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::text::{Text, or_empty};
use super::time::Time;
use crate::alert::{Alert, Labels, Notification, Offsets, Status};

/// The body of a POST; its texts stay where they stand in it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Payload<'a> {
    version: Option<Text<'a>>,
    group_key: Option<Text<'a>>,
    truncated_alerts: Option<u64>,
    receiver: Option<Text<'a>>,
    status: Option<PayloadStatus>,
    alerts: Option<Vec<PayloadAlert<'a>>>,
    group_labels: Option<PayloadLabels>,
    common_labels: Option<PayloadLabels>,
    common_annotations: Option<PayloadLabels>,
    route_labels: Option<PayloadLabels>,
    #[serde(rename = "externalURL")]
    external_url: Option<Text<'a>>,
    #[serde(rename = "notification_reason")]
    notification_reason: Option<Text<'a>>,
    /// A field of DingTalk's own messages, which no notification has.
    msgtype: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct PayloadAlert<'a> {
    status: Option<PayloadStatus>,
    labels: Option<PayloadLabels>,
    annotations: Option<PayloadLabels>,
    starts_at: Option<Time>,
    ends_at: Option<Time>,
    #[serde(rename = "generatorURL")]
    generator_url: Option<Text<'a>>,
    fingerprint: Option<Text<'a>>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PayloadStatus {
    Firing,
    Resolved,
}

/// Labels or annotations; a null value counts as the empty string.
#[derive(Debug)]
struct PayloadLabels(Labels);

impl Payload<'_> {
    /// Whether a field is there that only a notification has.
    pub(super) fn is_notification(&self) -> bool {
        self.alerts.is_some()
            || self.status.is_some()
            || self.group_key.is_some()
            || self.version.is_some()
            || self.group_labels.is_some()
            || self.common_labels.is_some()
    }

    /// Whether it has the field that every message for DingTalk has.
    pub(super) fn is_dingtalk_message(&self) -> bool {
        self.msgtype.is_some()
    }
}

impl From<Payload<'_>> for Notification {
    fn from(payload: Payload<'_>) -> Self {
        let given = payload.status.map(Status::from);
        let of_alerts = given.unwrap_or(Status::Firing);
        let alerts: Vec<Alert> = payload
            .alerts
            .unwrap_or_default()
            .into_iter()
            .map(|alert| alert.into_alert(of_alerts))
            .collect();
        let common = |given: Option<PayloadLabels>, of: fn(&Alert) -> &Labels| {
            given.map_or_else(
                || Labels::common(alerts.iter().map(of)).into_owned(),
                |labels| labels.0,
            )
        };
        let reason = payload.notification_reason.map(|reason| reason.0.into_owned());
        Self {
            group_key: or_empty(payload.group_key).into_owned(),
            status: given.unwrap_or_else(|| Status::of(&alerts)),
            receiver: or_empty(payload.receiver).into_owned(),
            group_labels: or_none(payload.group_labels),
            common_labels: common(payload.common_labels, |alert| &alert.labels),
            common_annotations: common(payload.common_annotations, |alert| &alert.annotations),
            route_labels: or_none(payload.route_labels),
            external_url: or_empty(payload.external_url).into_owned(),
            truncated_alerts: payload.truncated_alerts.unwrap_or_default(),
            reason: reason.filter(|reason| !reason.is_empty()),
            alerts,
        }
    }
}

impl PayloadAlert<'_> {
    /// An alert without a status has the one of its notification.
    fn into_alert(self, of_notification: Status) -> Alert {
        let labels = or_none(self.labels);
        let given = or_empty(self.fingerprint);
        let [starts, ends] = [self.starts_at, self.ends_at].map(Option::unwrap_or_default);
        Alert {
            status: self.status.map_or(of_notification, Status::from),
            fingerprint: if given.is_empty() { labels.fingerprint() } else { given.into_owned() },
            labels,
            annotations: or_none(self.annotations),
            starts_at: starts.at,
            ends_at: ends.at,
            generator_url: or_empty(self.generator_url).into_owned(),
            offsets: Offsets { starts: starts.offset, ends: ends.offset },
        }
    }
}

fn or_none(labels: Option<PayloadLabels>) -> Labels {
    labels.map(|labels| labels.0).unwrap_or_default()
}

impl From<PayloadStatus> for Status {
    fn from(status: PayloadStatus) -> Self {
        match status {
            PayloadStatus::Firing => Self::Firing,
            PayloadStatus::Resolved => Self::Resolved,
        }
    }
}

impl<'de> Deserialize<'de> for PayloadLabels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(LabelsVisitor)
    }
}

struct LabelsVisitor;

impl<'de> Visitor<'de> for LabelsVisitor {
    type Value = PayloadLabels;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PayloadLabels, A::Error> {
        let pairs =
            std::iter::from_fn(|| map.next_entry::<Text<'_>, Option<Text<'_>>>().transpose());
        let pairs = pairs.map(|pair| pair.map(|(name, value)| (name.0, or_empty(value))));
        pairs.collect::<Result<_, _>>().map(PayloadLabels)
    }
}
