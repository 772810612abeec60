//! The messages as a reader sees them, and what must hold of every message.

pub(super) mod hostile;
pub(super) mod judge;
mod own;
pub(super) mod read;
mod sizes;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::template::Stop;
use super::{Format, Language, RenderBudget, Rendered, Style, Subject, Surface, or_last_resort};
use crate::alert::{Alert, Labels, Notification, Sender, Skipped, Status};
use crate::dingtalk::message::{MessageType, Part};
use crate::dingtalk::robot;
use crate::render::SeverityOrder;
use crate::render::paginate::entries::BuiltinParts;

pub(super) fn alert(labels: &[(&str, &str)], annotations: &[(&str, &str)]) -> Alert {
    let labels: Labels = labels.iter().copied().collect();
    Alert {
        status: Status::Firing,
        fingerprint: labels.fingerprint(),
        labels,
        annotations: annotations.iter().copied().collect(),
        starts_at: Some("2026-11-20T19:12:30Z".parse().unwrap()),
        ends_at: None,
        generator_url: "http://prom.example:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1".into(),
        offsets: crate::alert::Offsets::default(),
        extras: None,
    }
}

pub(super) fn resolved(alert: Alert) -> Alert {
    let ends_at = Some("2026-11-20T19:25:00Z".parse().unwrap());
    Alert { status: Status::Resolved, ends_at, ..alert }
}

pub(super) fn notification(alerts: Vec<Alert>) -> Notification {
    let notification = Notification {
        group_key: "{}:{alertname=\"x\"}".into(),
        status: Status::Firing,
        receiver: "campana".into(),
        group_labels: Labels::default(),
        common_labels: Labels::default(),
        common_annotations: Labels::default(),
        route_labels: Labels::default(),
        external_url: "http://am.example:9093".into(),
        alerts,
        truncated_alerts: 0,
        skipped: Skipped::default(),
        reason: None,
        sender: Sender::default(),
        extras: None,
    };
    notification.recomputed()
}

pub(super) fn chatbot() -> Surface {
    Surface::new(&robot::API)
}

pub(super) fn style(message_type: MessageType, language: Language) -> Style {
    Style::new(Format::of(message_type, language), TimeZone::get("Asia/Shanghai").unwrap())
}

pub(super) fn now() -> Timestamp {
    "2026-11-20T19:29:45Z".parse().unwrap()
}

pub(super) fn full_budget() -> RenderBudget {
    RenderBudget::new(Stop::default())
}

/// The built-in message, under a budget of its own.
pub(super) fn render(
    notification: &Notification,
    style: &Style,
    surface: &Surface,
    now: Timestamp,
) -> Rendered {
    super::render(
        &Subject::new(notification, &SeverityOrder::USUAL),
        style,
        surface,
        now,
        &mut full_budget(),
    )
}

/// The same with so much fuel.
pub(super) fn render_with(
    fuel: u64,
    notification: &Notification,
    style: &Style,
    surface: &Surface,
) -> Rendered {
    let mut budget = RenderBudget::for_builtin(fuel);
    super::render(
        &Subject::new(notification, &SeverityOrder::USUAL),
        style,
        surface,
        now(),
        &mut budget,
    )
}

fn write(notification: &Notification, message_type: MessageType, surface: &Surface) -> Vec<Part> {
    let Rendered { parts, error } =
        render(notification, &style(message_type, Language::En), surface, now());
    assert_eq!(error, None);
    parts
}

#[test]
fn a_panic_while_writing_ends_in_a_message_and_is_reported() {
    let notification = notification(vec![alert(&[("alertname", "DiskFull")], &[])]);
    let subject = Subject::new(&notification, &SeverityOrder::USUAL);
    let rendered = or_last_resort(&subject, Language::En, &chatbot(), &mut full_budget(), |_| {
        panic!("planted")
    });
    assert_eq!(rendered.error.as_deref(), Some("the built-in message panicked: planted"));
    assert!(rendered.parts[0].text().starts_with("firing 1, resolved 0: DiskFull\n"));
    let none = |_: &_| BuiltinParts::default();
    let rendered = or_last_resort(&subject, Language::En, &chatbot(), &mut full_budget(), none);
    assert_eq!((rendered.parts.len(), rendered.error.as_deref()), (1, Some("no part")));
}
