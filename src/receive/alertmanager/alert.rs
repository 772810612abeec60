//! One alert of a payload, with the links and values that senders other than Alertmanager add.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::loose::{Loose, LooseMap};
use super::payload::{PayloadLabels, PayloadStatus, or_none};
use super::text::{Text, or_empty};
use super::time::Time;
use crate::alert::{Alert, AlertExtras, Offsets, Status};

/// An alert; its texts stay where they stand in the body.
#[derive(Debug, Default)]
pub(super) struct PayloadAlert<'a> {
    pub(super) status: Option<PayloadStatus>,
    pub(super) labels: Option<PayloadLabels>,
    annotations: Option<PayloadLabels>,
    pub(super) starts_at: Option<Time>,
    pub(super) ends_at: Option<Time>,
    generator_url: Option<Text<'a>>,
    pub(super) fingerprint: Option<Text<'a>>,
    /// In a box, because Alertmanager's alerts have none, and a body can have a hundred thousand of
    /// those.
    extras: Option<Box<PayloadExtras<'a>>>,
}

/// The fields that Grafana adds (`templates.ExtendedAlert`).
#[derive(Debug, Default)]
struct PayloadExtras<'a> {
    silence_url: Loose<'a>,
    dashboard_url: Loose<'a>,
    panel_url: Loose<'a>,
    image_url: Loose<'a>,
    values: LooseMap,
    value_string: Loose<'a>,
    rule_uid: Loose<'a>,
    org_id: Loose<'a>,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Field {
    Status,
    Labels,
    Annotations,
    StartsAt,
    EndsAt,
    #[serde(rename = "generatorURL")]
    GeneratorUrl,
    Fingerprint,
    #[serde(rename = "silenceURL")]
    SilenceUrl,
    #[serde(rename = "dashboardURL")]
    DashboardUrl,
    #[serde(rename = "panelURL")]
    PanelUrl,
    #[serde(rename = "imageURL")]
    ImageUrl,
    Values,
    ValueString,
    #[serde(rename = "ruleUID")]
    RuleUid,
    OrgId,
    #[serde(other)]
    Unknown,
}

impl<'a> PayloadAlert<'a> {
    /// An alert without a status has the one of its notification.
    pub(super) fn into_alert(self, of_notification: Status) -> Alert {
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
            extras: self.extras.and_then(|extras| extras.given()),
        }
    }

    fn extras(&mut self) -> &mut PayloadExtras<'a> {
        self.extras.get_or_insert_default()
    }
}

impl PayloadExtras<'_> {
    /// What the sender gave, if that is anything.
    fn given(self) -> Option<Box<AlertExtras>> {
        let given = AlertExtras {
            silence_url: self.silence_url.0.into_owned(),
            dashboard_url: self.dashboard_url.0.into_owned(),
            panel_url: self.panel_url.0.into_owned(),
            image_url: self.image_url.0.into_owned(),
            values: self.values.0,
            value_string: self.value_string.0.into_owned(),
            rule_uid: self.rule_uid.0.into_owned(),
            org_id: self.org_id.0.parse().unwrap_or_default(),
        };
        (given != AlertExtras::default()).then(|| Box::new(given))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for PayloadAlert<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AlertVisitor)
    }
}

struct AlertVisitor;

impl<'de> Visitor<'de> for AlertVisitor {
    type Value = PayloadAlert<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an alert")
    }

    /// Of a field that stands twice, the last one counts, as in Go.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut read = PayloadAlert::default();
        while let Some(field) = map.next_key()? {
            match field {
                Field::Status => read.status = map.next_value()?,
                Field::Labels => read.labels = map.next_value()?,
                Field::Annotations => read.annotations = map.next_value()?,
                Field::StartsAt => read.starts_at = map.next_value()?,
                Field::EndsAt => read.ends_at = map.next_value()?,
                Field::GeneratorUrl => read.generator_url = map.next_value()?,
                Field::Fingerprint => read.fingerprint = map.next_value()?,
                Field::SilenceUrl => read.extras().silence_url = map.next_value()?,
                Field::DashboardUrl => read.extras().dashboard_url = map.next_value()?,
                Field::PanelUrl => read.extras().panel_url = map.next_value()?,
                Field::ImageUrl => read.extras().image_url = map.next_value()?,
                Field::Values => read.extras().values = map.next_value()?,
                Field::ValueString => read.extras().value_string = map.next_value()?,
                Field::RuleUid => read.extras().rule_uid = map.next_value()?,
                Field::OrgId => read.extras().org_id = map.next_value()?,
                Field::Unknown => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(read)
    }
}
