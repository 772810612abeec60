//! The demo's notifications, its configuration, and its closing words.
//!
//! The README shows the demo's first message, and a test compares the two.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::language::Language;

/// One example: its title, the receiver that it is posted to, the payloads, and how many messages the
/// robot takes before it refuses one.
pub(super) struct Example {
    pub(super) title: &'static str,
    pub(super) receiver: &'static str,
    pub(super) bodies: fn(Timestamp) -> Vec<Value>,
    pub(super) taken: Option<usize>,
}

/// How many messages the throttled robot takes before it refuses one.
pub(super) const TAKEN: usize = 2;

/// The examples, in the order in which the demo posts them.
pub(super) const EXAMPLES: [Example; 6] = [
    Example { title: "a firing alert", receiver: "ops", bodies: firing, taken: None },
    Example {
        title: "a group of alerts, to a signed chatbot with a keyword and to a conversation",
        receiver: "database",
        bodies: grouped,
        taken: None,
    },
    Example { title: "a resolved alert", receiver: "ops", bodies: resolved, taken: None },
    Example {
        title: "an alert that no condition asks for (severity info)",
        receiver: "ops",
        bodies: filtered,
        taken: None,
    },
    Example {
        title: "a group too long for one message",
        receiver: "ops",
        bodies: over_long,
        taken: None,
    },
    Example {
        title: "more messages than the robot takes: parked, then delivered",
        receiver: "busy",
        bodies: throttled,
        taken: Some(TAKEN),
    },
];

/// The demo's configuration, as a user would write it; DingTalk's URLs are the simulator's.
pub(super) fn configuration(
    sim: &str,
    storage: &Path,
    park: Duration,
    language: Language,
) -> String {
    let (storage, language) = (storage.display(), language.as_str());
    let park = park.as_secs();
    format!(
        "global: {{timezone: Asia/Shanghai, language: {language}}}
storage: {{url: 'sqlite:{storage}'}}
delivery: {{park: {{first: {park}s, longest: {}s}}}}
dingtalk: {{oapi_url: '{sim}', api_url: '{sim}'}}
receivers:
  - name: ops
    conditions:
      - {{label: severity, operator: In, values: [critical, warning]}}
    chatbots:
      - name: ops-group
        access_token: demo-ops
        mention: {{mobiles: ['13800000000']}}
  - name: database
    chatbots:
      - {{name: db-group, access_token: demo-db, secret: SECdemo, keywords: [alert]}}
    conversations:
      - name: db-people
        app_key: dingdemo
        app_secret: demo-app-secret
        open_conversation_ids: ['ciddemo==']
  - name: busy
    chatbots: [{{name: busy-group, access_token: demo-busy}}]
",
        park * 2
    )
}

/// The closing words: what can be tried while both servers stay up.
pub(super) fn invitation(address: SocketAddr) -> String {
    format!(
        "Both servers stay up; end with Ctrl-C. Try, in another terminal:

  curl -X POST http://{address}/api/v1/receivers/ops/test
  curl 'http://{address}/api/v1/deliveries?limit=3'
  curl http://{address}/metrics
  curl -d '{{\"alerts\":[{{\"labels\":{{\"alertname\":\"Hello\",\"severity\":\"warning\"}},\
         \"annotations\":{{\"summary\":\"from curl\"}}}}]}}' http://{address}/dingtalk/ops/send

Or put this into alertmanager.yml:

  receivers:
    - name: campana
      webhook_configs:
        - url: http://{address}/api/v1/receivers/ops/alerts
"
    )
}

/// A webhook payload as Alertmanager writes it.
fn payload(group: &str, alerts: &[Value]) -> Value {
    let firing = alerts.iter().any(|alert| alert["status"] == "firing");
    json!({
        "version": "4",
        "groupKey": format!("{{}}:{{alertname=\"{group}\"}}"),
        "status": if firing { "firing" } else { "resolved" },
        "receiver": "campana",
        "groupLabels": {"alertname": group},
        "externalURL": "http://alertmanager.example:9093",
        "alerts": alerts,
    })
}

/// A firing alert that began nine minutes before `now`.
fn alert(now: Timestamp, [name, instance, severity, summary, description]: [&str; 5]) -> Value {
    let began = now - SignedDuration::from_mins(9);
    json!({
        "status": "firing",
        "labels": {
            "alertname": name, "instance": instance, "severity": severity, "job": "node",
        },
        "annotations": {
            "summary": summary,
            "description": description,
            "runbook_url": format!("https://runbooks.example/{name}"),
        },
        "startsAt": began.to_string(),
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": format!("http://prometheus.example:9090/graph?g0.expr={name}"),
    })
}

fn disk_full(now: Timestamp) -> Value {
    let words = [
        "DiskFull",
        "db-1:9100",
        "critical",
        "/data on db-1 is 98 % full",
        "It fills in about 40 minutes; the write-ahead log grows by 2 GB an hour.",
    ];
    alert(now, words)
}

fn firing(now: Timestamp) -> Vec<Value> {
    vec![payload("DiskFull", &[disk_full(now)])]
}

fn grouped(now: Timestamp) -> Vec<Value> {
    let replica = |instance, severity| {
        let words =
            ["ReplicationLag", instance, severity, "副本延迟超过 30 秒", "Reads there are stale."];
        alert(now, words)
    };
    let alerts = [replica("db-2:9187", "warning"), replica("db-3:9187", "critical")];
    vec![payload("ReplicationLag", &alerts)]
}

fn resolved(now: Timestamp) -> Vec<Value> {
    let mut alert = disk_full(now);
    alert["status"] = json!("resolved");
    alert["endsAt"] = json!((now - SignedDuration::from_secs(20)).to_string());
    vec![payload("DiskFull", &[alert])]
}

fn filtered(now: Timestamp) -> Vec<Value> {
    vec![payload(
        "BackupDone",
        &[alert(now, ["BackupDone", "db-1:9100", "info", "backup done", ""])],
    )]
}

fn over_long(now: Timestamp) -> Vec<Value> {
    let alerts: Vec<Value> = (1..=60)
        .map(|number| {
            let instance = format!("web-{number}:9100");
            let summary = format!("web-{number} does not answer");
            let description =
                format!("The probe of web-{number} failed five times in a row. ").repeat(6);
            alert(now, ["InstanceDown", &instance, "critical", &summary, &description])
        })
        .collect();
    vec![payload("InstanceDown", &alerts)]
}

fn throttled(now: Timestamp) -> Vec<Value> {
    (1..=3)
        .map(|number| {
            let name = format!("JobFailed{number}");
            let summary = format!("job {number} failed");
            payload(&name, &[alert(now, [&name, "ci-1", "warning", &summary, ""])])
        })
        .collect()
}
