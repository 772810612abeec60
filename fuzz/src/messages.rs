//! What is written of notifications that the properties make up.

use campana::alert::{Alert, Labels, Notification, Offsets, Sender, Skipped, Status};
use campana::dingtalk::message::MessageType;
use campana::render::template::Stop;
use campana::render::{
    ButtonKind, Format, Language, RenderBudget, Rendered, SeverityOrder, Style, Subject, Surface,
    render,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The links that every such message may have, but for those to silences.
pub(crate) const GRAPH: &str = "http://prom.example:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1";
pub(crate) const GROUP_PAGE: &str = "http://am.example:9093/#/alerts?receiver=campana";
pub(crate) const SILENCES: &str = "http://am.example:9093/#/silences/new?filter=%7B";
pub(crate) const RUNBOOK: &str = "https://runbooks.example/a%29b";

/// What [`RUNBOOK`] is written of.
pub(crate) const RUNBOOK_URL: (&str, &str) = ("runbook_url", "https://runbooks.example/a)b");

/// An alert that fires, or that is resolved.
pub(crate) fn alert(labels: Labels, annotations: Labels, is_resolved: bool) -> Alert {
    let second = |second| Timestamp::from_second(second).ok();
    Alert {
        status: if is_resolved { Status::Resolved } else { Status::Firing },
        fingerprint: labels.fingerprint(),
        labels,
        annotations,
        starts_at: second(1_789_990_000),
        ends_at: second(1_789_999_000).filter(|_| is_resolved),
        generator_url: GRAPH.to_owned(),
        offsets: Offsets::default(),
        extras: None,
    }
}

/// A notification of these alerts.
pub(crate) fn notification(alerts: Vec<Alert>) -> Notification {
    let notification = Notification {
        group_key: "{}:{alertname=\"x\"}".to_owned(),
        status: Status::Firing,
        receiver: "campana".to_owned(),
        group_labels: Labels::default(),
        common_labels: Labels::default(),
        common_annotations: Labels::default(),
        route_labels: Labels::default(),
        external_url: "http://am.example:9093".to_owned(),
        alerts,
        truncated_alerts: 0,
        skipped: Skipped::default(),
        reason: None,
        sender: Sender::default(),
        extras: None,
    };
    notification.recomputed()
}

/// The types that alerts are told by.
pub(crate) const TYPES: [MessageType; 4] =
    [MessageType::Markdown, MessageType::Text, MessageType::ActionCard, MessageType::Link];

pub(crate) fn style(message_type: MessageType, language: Language) -> Style {
    let buttons = ButtonKind::USUAL.to_vec();
    let format = Format { buttons, ..Format::of(message_type, language) };
    Style::new(format, TimeZone::UTC)
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_790_000_000).expect("a time")
}

/// The built-in message of `notification`.
pub(crate) fn built_in(
    notification: &Notification,
    style: &Style,
    surface: &Surface,
    now: Timestamp,
) -> Rendered {
    let mut budget = RenderBudget::new(Stop::default());
    render(&Subject::new(notification, &SeverityOrder::USUAL), style, surface, now, &mut budget)
}
