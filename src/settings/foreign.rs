//! Files of other products: refused with an error that holds the equivalent configuration of ours.
//!
//! That configuration loads once its variables are set. Each secret becomes a `${…}` named after
//! its receiver, so that the error prints no secret of the file.

mod notification_manager;
mod webhook_dingtalk;

use super::tree::{Node, Position, Value};
use super::yaml::{self, bare, table};

/// Whether the file is another product's: if so, the place and the text of the error.
pub(super) fn recognise(documents: &[Node]) -> Option<(Position, String)> {
    let first = documents.first()?;
    let (product, translation) = if first.get("targets").is_some() {
        ("prometheus-webhook-dingtalk", webhook_dingtalk::translate(first))
    } else if documents.iter().any(|document| document.get("kind").is_some()) {
        ("notification-manager", notification_manager::translate(documents))
    } else {
        return None;
    };
    Some((first.position, answer(product, translation)))
}

/// The parts of our configuration that another product's file becomes.
struct Translation {
    /// The patterns of the template files.
    templates: Vec<String>,
    /// The entries of our `receivers`.
    receivers: Vec<Node>,
    /// What could not be translated, one sentence each.
    notes: Vec<String>,
}

fn answer(product: &str, translation: Translation) -> String {
    if translation.receivers.is_empty() {
        return format!("this is a file of {product}, and no DingTalk receiver is in it");
    }
    let notes: String =
        translation.notes.iter().flat_map(|note| ["# ", note.as_str(), "\n"]).collect();
    let mut entries = Vec::new();
    if !translation.templates.is_empty() {
        entries.push(("templates", yaml::texts(translation.templates)));
    }
    entries.push(("receivers", yaml::list(translation.receivers)));
    let root = table(entries);
    format!(
        "this is a file of {product}; for Campana it is as follows (set the variables, or use the \
         `_file` keys):\n\n{notes}{}",
        yaml::write(&root)
    )
}

/// A reference to a variable that has to be set: `${OPS_SECRET}`.
fn variable(name: &str, what: &str) -> Node {
    let usual = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let name: String = name.chars().map(usual).collect();
    let start = if name.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
    bare(format!("${{{start}{name}_{what}}}"))
}

/// The name with `-` for each character that cannot stand in our URLs.
fn url_safe(name: &str) -> String {
    let safe = |c: char| if c.is_alphanumeric() || "-_.~".contains(c) { c } else { '-' };
    let safe: String = name.chars().map(safe).collect();
    let safe = safe.trim_start_matches(|c: char| !c.is_alphanumeric());
    if safe.is_empty() { "receiver".to_owned() } else { safe.chars().take(100).collect() }
}

/// The `mention` of these people, if there are any. Both products mention with resolved alerts too,
/// so `resolved` is on.
fn mention(mobiles: Vec<String>, user_ids: Vec<String>, all: bool) -> Option<Node> {
    if mobiles.is_empty() && user_ids.is_empty() && !all {
        return None;
    }
    let mut entries = Vec::new();
    for (key, people) in [("mobiles", mobiles), ("user_ids", user_ids)] {
        if !people.is_empty() {
            entries.push((key, yaml::texts(people)));
        }
    }
    entries.push(("all", bare(all)));
    entries.push(("resolved", bare(true)));
    Some(table(entries))
}

fn texts(node: Option<&Node>) -> Vec<String> {
    let items = node.map(Node::items).unwrap_or_default();
    items.iter().filter_map(Node::text).map(str::to_owned).collect()
}

fn is_on(node: Option<&Node>) -> bool {
    node.and_then(Node::text) == Some("true")
}

/// Whether the key has a value that is not empty.
fn is_there(node: Option<&Node>) -> bool {
    node.is_some_and(|node| match &node.value {
        Value::Null => false,
        Value::Scalar(scalar) => !scalar.text.is_empty(),
        Value::List(items) => !items.is_empty(),
        Value::Table(entries) => !entries.is_empty(),
    })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::dingtalk::Endpoint;
    use crate::settings::environment::Environment;
    use crate::settings::process::Overrides;
    use crate::settings::tree::Tree;
    use crate::settings::{Loaded, Settings};

    const WEBHOOK_DINGTALK: &str = "\
timeout: 5s
templates: [contrib/templates/*.tmpl]
targets:
  webhook1:
    url: https://oapi.dingtalk.com/robot/send?access_token=canary-token
    secret: canary-secret
    mention: {all: true, mobiles: ['15600008827', '18900008325']}
    message: {text: '{{ template \"legacy.content\" . }}'}
  webhook_2:
    url: http://proxy.example/send?access_token=canary-token
";

    const NOTIFICATION_MANAGER: &str = "\
kind: Config
metadata: {name: default-config}
spec:
  dingtalk:
    conversation: {appkey: {value: canary-key}, appsecret: {value: canary-secret}}
---
kind: Receiver
metadata: {name: r.1}
spec:
  dingtalk:
    enabled: false
    alertSelector:
      matchLabels: {severity: critical}
      matchExpressions:
        - {key: namespace, operator: DoesNotExist}
        - {key: team, operator: NotIn, values: [a, '0123']}
        - {key: alertname, operator: Match, regexValue: 'Kube.*'}
    conversation: {chatids: [chat894f]}
    chatbot:
      webhook: {value: 'https://oapi.dingtalk.com/robot/send?access_token=canary'}
      secret: {valueFrom: {secretKeyRef: {namespace: ns, name: s, key: secret}}}
      keywords: [kubesphere]
      atMobiles: ['13800000000']
      atUsers: [manager1]
    tmplText: {namespace: ns, name: cm, key: k}
";

    fn answer_to(text: &str) -> String {
        let answer = recognise(&Tree::parse(text).documents).expect("recognised").1;
        assert!(!answer.contains("canary"), "{answer}");
        answer
    }

    /// Loads the translated configuration in an answer, with these variables.
    fn loaded(answer: &str, variables: &[(&str, &str)]) -> Settings {
        let (_, yaml) = answer.split_once("\n\n").expect("a translation");
        let environment: Environment = variables.iter().copied().collect();
        let folder = tempfile::tempdir().unwrap();
        let templates = folder.path().join("contrib/templates");
        std::fs::create_dir_all(&templates).unwrap();
        std::fs::write(templates.join("a.tmpl"), "{{ define \"default.title\" }}x{{ end }}")
            .unwrap();
        let folder = folder.path();
        let loaded =
            Settings::from_text("new.yml", yaml, folder, &environment, &Overrides::default());
        let Loaded { settings, .. } = loaded.unwrap_or_else(|errors| panic!("{errors}\n{yaml}"));
        settings
    }

    #[test]
    fn a_file_of_prometheus_webhook_dingtalk_becomes_receivers() {
        let answer = answer_to(WEBHOOK_DINGTALK);
        insta::assert_snapshot!(answer);
        let settings = loaded(
            &answer,
            &[
                ("WEBHOOK1_ACCESS_TOKEN", "t1"),
                ("WEBHOOK1_SECRET", "s1"),
                ("WEBHOOK_2_WEBHOOK_URL", "http://proxy.example/send?access_token=t2"),
            ],
        );
        let tokens: Vec<&str> = settings
            .receivers
            .iter()
            .flat_map(|receiver| &receiver.destinations)
            .filter_map(|destination| match &destination.endpoint {
                Endpoint::Chatbot(chatbot) => Some(chatbot.access_token.expose_secret()),
                Endpoint::Conversation(_) | Endpoint::Chat(_) => None,
            })
            .collect();
        assert_eq!(tokens, ["t1", "t2"]);
        let texts: Vec<&str> = settings
            .receivers
            .iter()
            .filter_map(|receiver| receiver.template.as_ref()?.text())
            .collect();
        let usual = "{{ template \"ding.link.content\" . }}";
        assert_eq!(texts, ["{{ template \"legacy.content\" . }}", usual]);
    }

    #[test]
    fn a_file_of_notification_manager_becomes_receivers() {
        let answer = answer_to(NOTIFICATION_MANAGER);
        insta::assert_snapshot!(answer);
        let variables = [
            ("R_1_WEBHOOK_URL", "https://oapi.dingtalk.com/robot/send?access_token=t"),
            ("R_1_SECRET", "s"),
            ("R_1_APP_KEY", "k"),
            ("R_1_APP_SECRET", "s"),
        ];
        let settings = loaded(&answer, &variables);
        assert_eq!(settings.receivers[0].destinations.len(), 2);
        assert!(!settings.receivers[0].enabled);
    }

    #[test]
    fn a_list_of_objects_is_read_too() {
        let text = "kind: List\nitems:\n- kind: Receiver\n  metadata: {name: r}\n  spec: \
         {dingtalk: \
                    {chatbot: {webhook: {value: canary}}}}\n";
        assert!(answer_to(text).contains("name: r\n"));
    }

    #[test]
    fn a_foreign_file_without_dingtalk_is_named_all_the_same() {
        let answer = answer_to("kind: Receiver\nmetadata: {name: r}\nspec: {email: {}}\n");
        assert_eq!(
            answer,
            "this is a file of notification-manager, and no DingTalk receiver is in it"
        );
    }

    #[test]
    fn our_own_files_are_not_foreign() {
        for text in ["receivers: []", "", "- targets", "global: {targets: 1}"] {
            assert_eq!(recognise(&Tree::parse(text).documents), None, "{text}");
        }
    }
}
