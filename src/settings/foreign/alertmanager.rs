//! Files around Campana that are given in its place: what is to be written there, and what here.

use super::kind::Kind;
use super::notification_manager;
use super::source::{Object, Placed};
use crate::settings::tree::{Node, shown_key};
use crate::settings::yaml::{bare, list, table, text, write};

/// Where Campana listens, in the blocks that are shown.
const BASE: &str = "http://campana.example:8060";

/// A receiver of Alertmanager that posts to Campana.
struct Hook {
    /// Its name in Alertmanager.
    name: String,
    /// The receiver of Campana.
    receiver: String,
    path: String,
}

/// The words for files of which none can be translated.
pub(super) fn answer(objects: &[Object<'_>]) -> String {
    let of = |kind: Kind| objects.iter().find(|object| object.kind == Some(kind));
    if let Some(object) = of(Kind::Alertmanager) {
        return of_alertmanager(object.root);
    }
    if let Some(object) = of(Kind::AlertmanagerConfig) {
        return of_operator(object.root);
    }
    if of(Kind::Prometheus).is_some() {
        let blocks = blocks(&[usual("ops")], &alertmanager(&[usual("ops")]));
        return format!(
            "this is Prometheus' configuration, and not Campana's: Prometheus posts to \
             Alertmanager (`alerting`), and Alertmanager to Campana. In alertmanager.yml:{blocks}"
        );
    }
    if of(Kind::Rules).is_some() {
        return "these are rules of Prometheus, and no configuration of Campana: name the file \
                under `rule_files` of Prometheus"
            .to_owned();
    }
    if of(Kind::Campana).is_some() {
        return "a ConfigMap or Secret holds this configuration of Campana: give the text itself, \
                as `kubectl get … -o jsonpath` prints it"
            .to_owned();
    }
    if of(Kind::Data).is_some() {
        return "none of the keys of this ConfigMap or Secret holds a configuration that Campana \
                can read"
            .to_owned();
    }
    if objects.iter().any(|object| notification_manager::runs(*object)) {
        return "this runs notification-manager, whose receivers are objects of Kubernetes: \
                `kubectl get receivers,configs,notificationmanagers -o yaml` prints them, and \
                `campana migrate notification-manager` translates them; of its flags, \
                `--webhook.address` is `--web.listen-address` here"
            .to_owned();
    }
    let kind = objects.iter().find_map(|object| object.root.text_at(&["kind"]));
    let kind = kind.map_or_else(String::new, |kind| format!(" (kind {})", shown_key(kind)));
    format!(
        "this is an object of Kubernetes{kind}, and no configuration of Campana or of a product \
         that it can translate"
    )
}

/// The answer to `alertmanager.yml`.
fn of_alertmanager(root: Placed<'_>) -> String {
    let hooks = hooks(root, "webhook_configs");
    let blocks = blocks(&hooks, &alertmanager(&hooks));
    format!(
        "this is Alertmanager's configuration (alertmanager.yml), and not Campana's. In it, a \
         receiver posts to Campana:{blocks}"
    )
}

/// The answer to the same as an object of the Prometheus operator.
fn of_operator(root: Placed<'_>) -> String {
    let hooks = root.get("spec").map(|spec| hooks(spec, "webhookConfigs"));
    let hooks = hooks.unwrap_or_else(|| vec![usual("ops")]);
    let receivers = hooks.iter().map(|hook| {
        let webhook = table([("url", text(url(hook))), ("sendResolved", bare(true))]);
        table([("name", text(&hook.name)), ("webhookConfigs", list([webhook]))])
    });
    let block = table([("spec", table([("receivers", list(receivers))]))]);
    let blocks = blocks(&hooks, &block);
    format!(
        "this is an AlertmanagerConfig of the Prometheus operator, and not Campana's \
         configuration. In it, a receiver posts to Campana:{blocks}"
    )
}

/// The receivers that post to DingTalk already, else those that post anywhere, else one.
fn hooks(root: Placed<'_>, key: &str) -> Vec<Hook> {
    let receivers = root.get("receivers").into_iter().flat_map(Placed::items);
    let mut found: Vec<(bool, Hook)> = Vec::new();
    for receiver in receivers {
        let name = receiver.text_at(&["name"]).unwrap_or("ops");
        for webhook in receiver.get(key).into_iter().flat_map(Placed::items) {
            let target = webhook.text_at(&["url"]).unwrap_or_default();
            let hook = match target_of(target) {
                Some(target) => Hook {
                    name: name.to_owned(),
                    receiver: target.to_owned(),
                    path: format!("/dingtalk/{target}/send"),
                },
                None => usual(name),
            };
            found.push((target.contains("ding") || target.contains("/api/v2/alerts"), hook));
        }
    }
    let is_dingtalk = found.iter().any(|(is_dingtalk, _)| *is_dingtalk);
    found.retain(|(is_of, _)| *is_of == is_dingtalk);
    let mut hooks: Vec<Hook> = found.into_iter().map(|(_, hook)| hook).collect();
    if hooks.is_empty() {
        let name = root.text_at(&["route", "receiver"]).unwrap_or("ops");
        hooks.push(usual(name));
    }
    hooks
}

/// The target in prometheus-webhook-dingtalk's path.
fn target_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("/dingtalk/")?;
    rest.strip_suffix("/send").filter(|name| !name.is_empty() && !name.contains('/'))
}

/// A receiver at our own path.
fn usual(name: &str) -> Hook {
    let owner = super::owner::Owners::default().take(name);
    let path = format!("/api/v1/receivers/{}/alerts", owner.name);
    Hook { name: name.to_owned(), receiver: owner.name, path }
}

fn url(hook: &Hook) -> String {
    format!("{BASE}{}", hook.path)
}

fn alertmanager(hooks: &[Hook]) -> Node {
    let receivers = hooks.iter().map(|hook| {
        let webhook = table([("url", text(url(hook))), ("send_resolved", bare(true))]);
        table([("name", text(&hook.name)), ("webhook_configs", list([webhook]))])
    });
    table([("receivers", list(receivers))])
}

/// What to write there, and what to write here.
fn blocks(hooks: &[Hook], there: &Node) -> String {
    let mut owners = super::owner::Owners::default();
    let mut names: Vec<&str> = Vec::new();
    for hook in hooks {
        if !names.contains(&&*hook.receiver) {
            names.push(&hook.receiver);
        }
    }
    let receivers = names.into_iter().map(|name| {
        let owner = owners.take(name);
        let variable = |key: &str| bare(format!("${{{}}}", owner.variable_of(key)));
        let chatbot = table([
            ("name", text(&owner.name)),
            ("access_token", variable("access_token")),
            ("secret", variable("secret")),
        ]);
        table([("name", text(&owner.name)), ("chatbots", list([chatbot]))])
    });
    let here = write(&table([("receivers", list(receivers))]));
    format!(
        "\n\n{}\nIn Campana's configuration, the receiver that is posted to (set the variables; \
         `secret` only if the robot signs):\n\n{here}",
        write(there)
    )
}
