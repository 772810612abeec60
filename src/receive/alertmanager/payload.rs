//! The payload as Alertmanager writes it (`notify/webhook`, `template.Data`), and with the fields that
//! others add; every field optional.
//!
//! A field that the sender left out is computed from the alerts, as Alertmanager would have.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::kept::{Kept, KeptAlerts};
use super::loose::Loose;
use super::text::{Count, Text, or_empty};
use crate::alert::{Alert, Labels, Notification, Sender, Status};
use crate::receive::grafana;

/// The body of a POST; its texts stay where they stand in it.
#[derive(Debug, Default)]
pub(in crate::receive) struct Payload<'a> {
    pub(in crate::receive) version: Option<Text<'a>>,
    group_key: Option<Text<'a>>,
    truncated_alerts: Option<Count>,
    receiver: Option<Text<'a>>,
    status: Option<PayloadStatus>,
    /// An empty list if the sender wrote null.
    alerts: Option<KeptAlerts<'a>>,
    group_labels: Option<PayloadLabels>,
    common_labels: Option<PayloadLabels>,
    common_annotations: Option<PayloadLabels>,
    route_labels: Option<PayloadLabels>,
    external_url: Option<Text<'a>>,
    notification_reason: Option<Text<'a>>,
    /// A field of DingTalk's own messages, which no notification has.
    msgtype: Option<IgnoredAny>,
    /// The fields that Grafana adds.
    pub(in crate::receive) org_id: Option<Loose<'a>>,
    pub(in crate::receive) title: Loose<'a>,
    pub(in crate::receive) state: Loose<'a>,
    pub(in crate::receive) message: Loose<'a>,
    pub(in crate::receive) app_version: Loose<'a>,
    /// A field that only Grafana's alerting before version 8 has.
    eval_matches: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Field {
    Version,
    GroupKey,
    TruncatedAlerts,
    Receiver,
    Status,
    Alerts,
    GroupLabels,
    CommonLabels,
    CommonAnnotations,
    RouteLabels,
    #[serde(rename = "externalURL")]
    ExternalUrl,
    #[serde(rename = "notification_reason")]
    NotificationReason,
    Msgtype,
    OrgId,
    Title,
    State,
    Message,
    AppVersion,
    #[serde(alias = "ruleName", alias = "ruleId")]
    EvalMatches,
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PayloadStatus {
    Firing,
    Resolved,
}

/// Labels or annotations; a null value counts as the empty string.
#[derive(Debug)]
pub(super) struct PayloadLabels(pub(super) Labels);

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

    /// Whether it has a field that the notifications of Grafana's alerting before version 8 have.
    pub(super) fn is_of_old_grafana(&self) -> bool {
        self.eval_matches.is_some()
    }
}

impl From<Payload<'_>> for Notification {
    fn from(payload: Payload<'_>) -> Self {
        let extras = grafana::extras(&payload);
        let given = payload.status.map(Status::from);
        let of_alerts = given.unwrap_or(Status::Firing);
        let KeptAlerts { alerts, skipped } = payload.alerts.unwrap_or_default();
        let alerts = alerts.into_iter().flatten();
        let alerts: Vec<Alert> = alerts.map(|alert| alert.into_alert(of_alerts)).collect();
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
            truncated_alerts: payload
                .truncated_alerts
                .map_or(0, |Count(count)| count)
                .saturating_add(skipped.alerts),
            skipped,
            reason: reason.filter(|reason| !reason.is_empty()),
            sender: if extras.is_some() { Sender::Grafana } else { Sender::Alertmanager },
            extras: extras.map(Into::into),
            alerts,
        }
    }
}

pub(super) fn or_none(labels: Option<PayloadLabels>) -> Labels {
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

/// Reads a payload, of whose alerts so many are kept.
pub(super) struct AtMost(pub(super) usize);

impl<'de> DeserializeSeed<'de> for AtMost {
    type Value = Payload<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for AtMost {
    type Value = Payload<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a notification")
    }

    /// Of a field that stands twice, the last one counts, as in Go.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Payload<'de>, A::Error> {
        let mut read = Payload::default();
        while let Some(field) = map.next_key()? {
            match field {
                Field::Version => read.version = map.next_value()?,
                Field::GroupKey => read.group_key = map.next_value()?,
                Field::TruncatedAlerts => read.truncated_alerts = map.next_value()?,
                Field::Receiver => read.receiver = map.next_value()?,
                Field::Status => read.status = map.next_value()?,
                Field::Alerts => read.alerts = Some(map.next_value_seed(Kept::new(self.0))?),
                Field::GroupLabels => read.group_labels = map.next_value()?,
                Field::CommonLabels => read.common_labels = map.next_value()?,
                Field::CommonAnnotations => read.common_annotations = map.next_value()?,
                Field::RouteLabels => read.route_labels = map.next_value()?,
                Field::ExternalUrl => read.external_url = map.next_value()?,
                Field::NotificationReason => read.notification_reason = map.next_value()?,
                Field::Msgtype => read.msgtype = map.next_value()?,
                Field::OrgId => read.org_id = map.next_value()?,
                Field::Title => read.title = map.next_value()?,
                Field::State => read.state = map.next_value()?,
                Field::Message => read.message = map.next_value()?,
                Field::AppVersion => read.app_version = map.next_value()?,
                Field::EvalMatches => read.eval_matches = map.next_value()?,
                Field::Unknown => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(read)
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
