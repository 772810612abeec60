//! An example notification to try templates on: two firing alerts, and one that is resolved.

use jiff::{SignedDuration, Timestamp};

use crate::alert::{Alert, Labels, Notification, Offsets, Sender, Skipped, Status};

/// The example as Alertmanager would have sent it at `now`.
#[must_use]
pub fn notification(now: Timestamp) -> Notification {
    let alerts = vec![
        alert(
            now,
            [("alertname", "DiskFull"), ("instance", "db-1:9100"), ("severity", "critical")],
            [
                ("summary", "db-1 的 /data 已用 98 %"),
                ("description", "按现在的速度，约 40 分钟后写满。"),
            ],
        ),
        alert(
            ago(now, 4),
            [("alertname", "DiskFull"), ("instance", "db-2:9100"), ("severity", "warning")],
            [
                ("summary", "db-2 的 /data 已用 91 %"),
                ("description", "按现在的速度，约 6 小时后写满。"),
            ],
        ),
        Alert {
            status: Status::Resolved,
            ends_at: Some(ago(now, 1)),
            ..alert(
                ago(now, 20),
                [("alertname", "DiskFull"), ("instance", "db-3:9100"), ("severity", "warning")],
                [("summary", "db-3 的 /data 已用 90 %"), ("description", "日志已清理。")],
            )
        },
    ];
    let notification = Notification {
        group_key: "{}:{alertname=\"DiskFull\"}".to_owned(),
        status: Status::Firing,
        receiver: "campana".to_owned(),
        group_labels: [("alertname", "DiskFull")].into_iter().collect(),
        common_labels: Labels::default(),
        common_annotations: Labels::default(),
        route_labels: Labels::default(),
        external_url: "http://alertmanager.example:9093".to_owned(),
        alerts,
        truncated_alerts: 0,
        skipped: Skipped::default(),
        reason: None,
        sender: Sender::default(),
        extras: None,
    };
    notification.recomputed()
}

/// So many minutes before `now`, if there was such a time.
fn ago(now: Timestamp, minutes: i64) -> Timestamp {
    now.checked_sub(SignedDuration::from_mins(minutes)).unwrap_or(now)
}

/// A firing alert that began nine minutes before `now`.
fn alert(now: Timestamp, labels: [(&str, &str); 3], annotations: [(&str, &str); 2]) -> Alert {
    let labels: Labels =
        labels.into_iter().chain([("job", "node"), ("namespace", "prod")]).collect();
    let runbook = ("runbook_url", "https://runbooks.example/DiskFull");
    Alert {
        status: Status::Firing,
        fingerprint: labels.fingerprint(),
        labels,
        annotations: annotations.into_iter().chain([runbook]).collect(),
        starts_at: Some(ago(now, 9)),
        ends_at: None,
        generator_url: "http://prometheus.example:9090/graph?g0.expr=disk_full".to_owned(),
        offsets: Offsets::default(),
        extras: None,
    }
}
