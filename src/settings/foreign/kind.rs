//! What a document is, by its `apiVersion` and `kind`, else by its keys.

use crate::settings::tree::Node;

/// What a document or object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A configuration of prometheus-webhook-dingtalk.
    WebhookDingtalk,
    /// An object of notification-manager.
    NotificationManager,
    /// A ConfigMap or a Secret.
    Data,
    /// What runs containers: a Deployment and its like, or a compose file.
    Workload,
    /// Alertmanager's configuration.
    Alertmanager,
    /// The same as an object of the Prometheus operator.
    AlertmanagerConfig,
    /// Prometheus' configuration.
    Prometheus,
    /// Prometheus' rules, as a file or as an object.
    Rules,
    /// Grafana's contact points.
    Grafana,
    /// A configuration of Campana.
    Campana,
    /// Another object of Kubernetes.
    OtherObject,
}

/// The kinds of notification-manager, of all its API versions.
const NOTIFICATION_MANAGER: [&str; 7] = [
    "Receiver",
    "Config",
    "NotificationManager",
    "Router",
    "Silence",
    "DingTalkReceiver",
    "DingTalkConfig",
];

/// The kinds that run containers.
const WORKLOADS: [&str; 7] =
    ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "Job", "CronJob"];

/// The keys that only one product's file has; Campana's own has none of them.
const ONLY_KEYS: [(&str, Kind); 15] = [
    ("targets", Kind::WebhookDingtalk),
    ("default_message", Kind::WebhookDingtalk),
    ("no_builtin_template", Kind::WebhookDingtalk),
    ("route", Kind::Alertmanager),
    ("inhibit_rules", Kind::Alertmanager),
    ("mute_time_intervals", Kind::Alertmanager),
    ("time_intervals", Kind::Alertmanager),
    ("scrape_configs", Kind::Prometheus),
    ("scrape_config_files", Kind::Prometheus),
    ("rule_files", Kind::Prometheus),
    ("alerting", Kind::Prometheus),
    ("remote_write", Kind::Prometheus),
    ("groups", Kind::Rules),
    ("contactPoints", Kind::Grafana),
    ("services", Kind::Workload),
];

/// What the document is; nothing for one that nobody knows.
pub(super) fn of(root: &Node) -> Option<Kind> {
    let text = |key| root.get(key).and_then(Node::text);
    match (text("apiVersion").unwrap_or_default(), text("kind")) {
        (version, Some(kind)) => Some(of_object(version, kind)),
        (_, None) => of_keys(root),
    }
}

fn of_object(version: &str, kind: &str) -> Kind {
    let is_of = |group: &str| version.split('/').next() == Some(group);
    if is_of("notification.kubesphere.io") {
        return Kind::NotificationManager;
    }
    match kind {
        "AlertmanagerConfig" => Kind::AlertmanagerConfig,
        "PrometheusRule" => Kind::Rules,
        "ConfigMap" | "Secret" => Kind::Data,
        kind if WORKLOADS.contains(&kind) => Kind::Workload,
        // Who copies an example often leaves the version out.
        kind if version.is_empty() && NOTIFICATION_MANAGER.contains(&kind) => {
            Kind::NotificationManager
        }
        _ => Kind::OtherObject,
    }
}

fn of_keys(root: &Node) -> Option<Kind> {
    let receivers = root.get("receivers").map(Node::items).unwrap_or_default();
    let is_of_alertmanager =
        |receiver: &Node| receiver.entries().iter().any(|entry| entry.key.ends_with("_configs"));
    if receivers.iter().any(is_of_alertmanager) {
        return Some(Kind::Alertmanager);
    }
    let has_one_of = |node: &Node, keys: &[&str]| keys.iter().any(|key| node.get(key).is_some());
    let is_of_campana = |receiver: &Node| has_one_of(receiver, &["chatbots", "conversations"]);
    if receivers.iter().any(is_of_campana) || has_one_of(root, &["delivery", "dingtalk", "web"]) {
        return Some(Kind::Campana);
    }
    let only = ONLY_KEYS.iter().find(|(key, _)| root.get(key).is_some());
    only.map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::tree::Tree;

    #[test]
    fn a_document_is_known_by_its_version_and_kind_or_by_its_keys() {
        let cases = [
            ("targets: {}", Some(Kind::WebhookDingtalk)),
            ("default_message: {title: x}", Some(Kind::WebhookDingtalk)),
            ("kind: Receiver", Some(Kind::NotificationManager)),
            (
                "{apiVersion: notification.kubesphere.io/v2beta1, kind: Config}",
                Some(Kind::NotificationManager),
            ),
            ("{apiVersion: other.example/v1, kind: Receiver}", Some(Kind::OtherObject)),
            ("{apiVersion: v1, kind: ConfigMap, data: {targets: x}}", Some(Kind::Data)),
            ("{apiVersion: apps/v1, kind: Deployment}", Some(Kind::Workload)),
            ("{apiVersion: v1, kind: Service}", Some(Kind::OtherObject)),
            ("services: {ding: {image: x}}", Some(Kind::Workload)),
            (
                "{apiVersion: monitoring.coreos.com/v1alpha1, kind: AlertmanagerConfig}",
                Some(Kind::AlertmanagerConfig),
            ),
            ("route: {receiver: a}", Some(Kind::Alertmanager)),
            ("receivers: [{name: a, email_configs: []}]", Some(Kind::Alertmanager)),
            ("scrape_configs: []", Some(Kind::Prometheus)),
            ("groups: [{name: a, rules: []}]", Some(Kind::Rules)),
            ("contactPoints: []", Some(Kind::Grafana)),
            ("receivers: [{name: a, chatbots: []}]", Some(Kind::Campana)),
            ("receivers: [{name: a, chatbots: []}]\ntargets: 1", Some(Kind::Campana)),
            ("web: {}\nroute: {}", Some(Kind::Campana)),
            ("receivers: []", None),
            ("- targets", None),
            ("global: {targets: 1}", None),
        ];
        for (text, expected) in cases {
            assert_eq!(of(&Tree::parse(text).documents[0]), expected, "{text}");
        }
    }
}
