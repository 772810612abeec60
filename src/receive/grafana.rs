//! Grafana's webhook payload, as its alerting posts it (grafana/alerting, `receivers/webhook/v1`).
//!
//! It is Alertmanager's with another version and with fields of its own, on the same paths, so its
//! bytes say what they are: a payload is Grafana's if it has version 1 and an organisation.

use super::alertmanager::payload::Payload;
use crate::alert::NotificationExtras;

/// The format's name, which [`Sender::format`](crate::alert::Sender::format) gives.
pub const FORMAT: &str = "grafana";

/// The version of its payload; Alertmanager's has been 4 since Grafana has one.
const VERSION: &str = "1";

/// What Grafana says of a notification beside its alerts; none if the payload is another sender's.
pub(super) fn extras(payload: &Payload<'_>) -> Option<NotificationExtras> {
    let org_id = &payload.org_id.as_ref()?.0;
    let is_version = payload.version.as_ref().is_some_and(|version| version.0 == VERSION);
    is_version.then(|| NotificationExtras {
        org_id: org_id.parse().unwrap_or_default(),
        title: payload.title.0.to_string(),
        state: payload.state.0.to_string(),
        message: payload.message.0.to_string(),
        app_version: payload.app_version.0.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::{AlertExtras, Labels, Sender, Status};
    use crate::receive::{alertmanager, parse};

    const CURRENT: &str = include_str!("../../tests/it/fixtures/grafana-13.json");

    #[test]
    fn a_current_payload_is_read_whole() {
        let notification = parse(FORMAT, CURRENT.as_bytes(), usize::MAX).unwrap();
        assert_eq!(Sender::Grafana.format(), Some(FORMAT));
        assert_eq!(notification.sender, Sender::Grafana);
        assert_eq!(notification.external_url, "https://grafana.example.com/");
        let extras = notification.extras.as_deref().unwrap();
        assert_eq!((extras.org_id, &*extras.state), (1, "alerting"));
        assert_eq!(extras.title, "[FIRING:1, RESOLVED:1] Mem high Infra (warning blue)");
        assert!(extras.message.starts_with("**Firing**\n\nValue: A=93.2, B=1"));
        assert_eq!(extras.app_version, "13.0.1");
        let [firing, resolved] = &notification.alerts[..] else { panic!("two alerts") };
        let expected = AlertExtras {
            silence_url: "https://grafana.example.com/alerting/silence/new?alertmanager=grafana\
                          &matcher=__alert_rule_uid__%3D1afz29v7z&matcher=instance%3Ddb-1\
                          &matcher=severity%3Dwarning&matcher=team%3Dblue&orgId=1"
                .to_owned(),
            dashboard_url:
                "https://grafana.example.com/d/abcd?from=1795197791157&orgId=1&to=1795201800000"
                    .to_owned(),
            panel_url: "https://grafana.example.com/d/abcd?from=1795197791157&orgId=1\
                        &to=1795201800000&viewPanel=7"
                .to_owned(),
            image_url: "https://img.example.com/x.png".to_owned(),
            values: [("A", "93.2"), ("B", "1")].into_iter().collect(),
            value_string: "[ var='A' labels={instance=db-1} value=93.2 ], \
                           [ var='B' labels={instance=db-1} value=1 ]"
                .to_owned(),
            rule_uid: "1afz29v7z".to_owned(),
            org_id: 1,
        };
        assert_eq!(firing.extras.as_deref(), Some(&expected));
        let resolved_extras = resolved.extras.as_deref().unwrap();
        assert_eq!((resolved.status, resolved_extras.values.is_empty()), (Status::Resolved, true));
        assert_eq!(resolved_extras.image_url, "");
    }

    #[test]
    fn a_payload_is_grafanas_by_its_version_and_its_organisation() {
        for (fields, sender) in [
            (r#""version": "1", "orgId": 1"#, Sender::Grafana),
            (r#""orgId": 0, "version": 1"#, Sender::Grafana),
            (r#""version": "1", "orgId": "7""#, Sender::Grafana),
            (r#""version": "1", "orgId": null"#, Sender::Alertmanager),
            (r#""version": "1""#, Sender::Alertmanager),
            (r#""version": "4", "orgId": 1"#, Sender::Alertmanager),
            (r#""orgId": 1"#, Sender::Alertmanager),
        ] {
            let body = format!("{{{fields}, \"alerts\": [{{}}]}}");
            for format in [FORMAT, alertmanager::FORMAT] {
                let notification = parse(format, body.as_bytes(), 9).unwrap();
                assert_eq!(notification.sender, sender, "{fields}");
                assert_eq!(notification.extras.is_some(), sender == Sender::Grafana, "{fields}");
                assert_eq!(notification.alerts[0].extras, None, "{fields}");
            }
        }
    }

    #[test]
    fn nothing_in_the_fields_of_its_own_is_a_mistake() {
        let body = r#"{"version": "1", "orgId": {"a": [1]}, "title": 7, "state": null,
            "message": ["x", {"y": 1}], "appVersion": true, "truncatedAlerts": "2",
            "alerts": [{"labels": {"n": 7, "b": true, "z": null}, "silenceURL": 1.50,
            "dashboardURL": null, "panelURL": {"a": {}}, "imageURL": [[]], "valueString": false,
            "values": {"A": null, "B": 2, "C": 1.50, "D": "93 %", "E": [1], "F": {}}, "ruleUID": 3,
            "orgId": "x", "enrichments": {"a": [1]}, "later": []},
            {"values": null}, {"values": [1]}, {"values": "x"}, {"values": 7}]}"#;
        let notification = parse(FORMAT, body.as_bytes(), 9).unwrap();
        let extras = notification.extras.as_deref().unwrap();
        let NotificationExtras { org_id, title, state, message, app_version } = extras;
        assert_eq!((*org_id, &**title, &**state, &**message), (0, "7", "", ""));
        assert_eq!((&**app_version, notification.truncated_alerts), ("true", 2));
        let given = notification.alerts[0].extras.as_deref().unwrap();
        let values: Labels =
            [("A", ""), ("B", "2"), ("C", "1.5"), ("D", "93 %"), ("E", ""), ("F", "")]
                .into_iter()
                .collect();
        assert_eq!(given.values, values);
        assert_eq!((&*given.silence_url, &*given.panel_url, &*given.rule_uid), ("1.5", "", "3"));
        assert!(notification.alerts[1..].iter().all(|alert| alert.extras.is_none()));
    }

    #[test]
    fn the_links_of_another_sender_are_read_as_well() {
        let body = br#"{"version": "4", "alerts": [{"panelURL": "http://x/p"}, {}]}"#;
        let notification = alertmanager::parse(body).unwrap();
        let panel =
            |at: usize| notification.alerts[at].extras.as_deref().map(|own| &*own.panel_url);
        assert_eq!((panel(0), panel(1)), (Some("http://x/p"), None));
        assert_eq!(notification.sender, Sender::Alertmanager);
    }
}
