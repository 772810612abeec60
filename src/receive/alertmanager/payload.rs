//! The payload as Alertmanager writes it (`notify/webhook`, `template.Data`); every field optional.
//!
//! A field that the sender left out is computed from the alerts, as Alertmanager would have.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::text::{Text, or_empty};
use super::time::Time;
use crate::alert::{Alert, Labels, Notification, Offsets, Status};

/// The most alerts of one notification. Alertmanager writes no alert in less than 190 bytes, so that
/// these take 19 MB; a body of empty alerts would take a thousand times its size in memory.
pub(super) const MOST_ALERTS: usize = 100_000;

/// The body of a POST; its texts stay where they stand in it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Payload<'a> {
    version: Option<Text<'a>>,
    group_key: Option<Text<'a>>,
    truncated_alerts: Option<u64>,
    receiver: Option<Text<'a>>,
    status: Option<PayloadStatus>,
    alerts: Option<PayloadAlerts<'a>>,
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

/// The alerts of a notification, at most [`MOST_ALERTS`].
#[derive(Debug)]
struct PayloadAlerts<'a>(Vec<PayloadAlert<'a>>);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"), expecting = "an alert")]
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

#[derive(Debug, Clone, Copy)]
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
            .map_or_else(Vec::new, |alerts| alerts.0)
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

impl<'de: 'a, 'a> Deserialize<'de> for PayloadAlerts<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(AlertsVisitor)
    }
}

struct AlertsVisitor;

impl<'de> Visitor<'de> for AlertsVisitor {
    type Value = PayloadAlerts<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of alerts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<PayloadAlerts<'de>, A::Error> {
        let mut alerts = Vec::new();
        while let Some(alert) = list.next_element()? {
            if alerts.len() == MOST_ALERTS {
                return Err(A::Error::custom(format_args!(
                    "it has more than {MOST_ALERTS} alerts; group them by more labels, or set \
                     max_alerts in Alertmanager's webhook_configs"
                )));
            }
            alerts.push(alert);
        }
        Ok(PayloadAlerts(alerts))
    }
}

impl<'de> Deserialize<'de> for PayloadStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(StatusVisitor)
    }
}

struct StatusVisitor;

impl Visitor<'_> for StatusVisitor {
    type Value = PayloadStatus;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`firing` or `resolved`")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<PayloadStatus, E> {
        match word {
            "firing" => Ok(PayloadStatus::Firing),
            "resolved" => Ok(PayloadStatus::Resolved),
            _ => Err(E::unknown_variant(word, &["firing", "resolved"])),
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
