//! Tests of the selection: which alerts a receiver keeps, and the notification that they make.

use std::borrow::Cow;

use super::condition::{Condition, Operator};
use super::*;
use crate::alert::{Labels, NotificationExtras, Offsets, Sender, Skipped};

fn alert(name: &str, status: Status, team: &str) -> Alert {
    Alert {
        status,
        labels: [("alertname", name), ("team", team)].into_iter().collect(),
        annotations: [("summary", name)].into_iter().collect(),
        starts_at: None,
        ends_at: None,
        generator_url: String::new(),
        fingerprint: name.to_owned(),
        offsets: Offsets::default(),
        extras: None,
    }
}

fn notification(alerts: Vec<Alert>) -> Notification {
    let notification = Notification {
        group_key: "key".to_owned(),
        status: Status::Firing,
        receiver: "ops".to_owned(),
        group_labels: [("severity", "critical")].into_iter().collect(),
        common_labels: Labels::default(),
        common_annotations: Labels::default(),
        route_labels: [("route", "r")].into_iter().collect(),
        external_url: "http://am".to_owned(),
        alerts,
        truncated_alerts: 3,
        skipped: Skipped::default(),
        reason: Some("new alerts added".to_owned()),
        sender: Sender::Grafana,
        extras: Some(NotificationExtras::default().into()),
    };
    notification.recomputed()
}

fn mixed() -> Notification {
    notification(vec![
        alert("Disk", Status::Firing, "db"),
        alert("Load", Status::Resolved, "db"),
        alert("Disk", Status::Firing, "web"),
    ])
}

fn of_team(team: &str) -> Conditions {
    let condition = Condition::new("team", Operator::In, vec![team.to_owned()]).unwrap();
    Conditions::new(vec![condition])
}

/// The notification that the kept alerts make.
fn kept<'n>(conditions: &Conditions, whole: &'n Notification) -> Cow<'n, Notification> {
    keep(conditions, true, whole).unwrap().alone(whole)
}

fn names(kept: &Notification) -> Vec<&str> {
    kept.alerts.iter().map(|alert| &*alert.fingerprint).collect()
}

#[test]
fn a_notification_that_is_kept_whole_is_not_copied() {
    let whole = mixed();
    let kept = kept(&Conditions::default(), &whole);
    assert!(matches!(kept, Cow::Borrowed(kept) if std::ptr::eq(kept, &raw const whole)));
}

#[test]
fn a_part_has_the_status_and_the_common_labels_of_its_own_alerts() {
    let whole = mixed();
    let part = kept(&of_team("db"), &whole);
    assert_eq!(names(&part), ["Disk", "Load"]);
    assert_eq!((part.status, whole.status), (Status::Firing, Status::Firing));
    assert_eq!(part.common_labels, [("team", "db")].into_iter().collect());
    assert!(whole.common_labels.is_empty() && part.common_annotations.is_empty());
    let one = kept(&of_team("web"), &whole);
    assert_eq!(one.common_annotations, [("summary", "Disk")].into_iter().collect());
    let resolved = notification(vec![
        alert("Load", Status::Resolved, "db"),
        alert("Disk", Status::Firing, "web"),
    ]);
    assert_eq!(kept(&of_team("db"), &resolved).status, Status::Resolved);
}

#[test]
fn the_rest_of_a_part_is_as_it_came() {
    let whole = mixed();
    let kept = kept(&of_team("db"), &whole).into_owned();
    let alerts = kept.alerts.clone();
    let expected = Notification {
        common_labels: kept.common_labels.clone(),
        common_annotations: kept.common_annotations.clone(),
        status: kept.status,
        alerts,
        ..whole
    };
    assert_eq!(kept, expected);
}

#[test]
fn resolved_alerts_are_left_out_where_they_are_not_wanted() {
    let whole = mixed();
    let firing = keep(&Conditions::default(), false, &whole).unwrap();
    assert_eq!(names(&firing.alone(&whole)), ["Disk", "Disk"]);
    let all_resolved = notification(vec![alert("Load", Status::Resolved, "db")]);
    assert_eq!(keep(&Conditions::default(), false, &all_resolved), None);
    assert!(keep(&Conditions::default(), true, &all_resolved).is_some());
}

#[test]
fn nothing_is_kept_of_a_notification_in_which_no_alert_is() {
    assert_eq!(keep(&of_team("net"), true, &mixed()), None);
    let empty = notification(Vec::new());
    assert_eq!(keep(&Conditions::default(), true, &empty), None);
}
