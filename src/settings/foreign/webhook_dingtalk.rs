//! The translation of prometheus-webhook-dingtalk's file: each of its `targets` becomes a receiver.
//!
//! A receiver has its target's name, so that the paths in `alertmanager.yml` stay valid.

use reqwest::Url;

use super::{Translation, is_on, is_there, mention, texts, url_safe, variable};
use crate::render::profile::Profile;
use crate::settings::tree::Node;
use crate::settings::yaml::{list, table, text};

pub(super) fn translate(root: &Node) -> Translation {
    let targets = root.get("targets").map(Node::entries).unwrap_or_default();
    let mut templates = texts(root.get("templates"));
    // `template`, with a single pattern, is the key of the product's first versions.
    templates.extend(root.get("template").and_then(Node::text).map(str::to_owned));
    let is_templated = !templates.is_empty()
        || is_there(root.get("default_message"))
        || targets.iter().any(|entry| is_there(entry.value.get("message")));
    let receivers = targets.iter().map(|entry| {
        let message = is_templated.then(|| message(root, &entry.value));
        receiver(&entry.key, &entry.value, message)
    });
    let receivers = receivers.collect();
    let mut notes = Vec::new();
    if is_there(root.get("timeout")) {
        notes.push("`timeout` had no effect there; ours is `delivery.attempt_timeout`.".to_owned());
    }
    Translation { templates, receivers, notes }
}

/// The `message` of a target: its own title and text, else the file's, else the product's
/// templates.
fn message(root: &Node, target: &Node) -> Node {
    let source = |key: &str, usual: &str| {
        let places = [target.at(&["message", key]), root.at(&["default_message", key])];
        let written = places.into_iter().flatten().find_map(Node::text);
        text(written.map_or_else(|| format!("{{{{ template \"{usual}\" . }}}}"), str::to_owned))
    };
    table([
        ("title", source("title", "ding.link.title")),
        ("text", source("text", "ding.link.content")),
        ("profile", text(Profile::PrometheusWebhookDingtalk.as_str())),
    ])
}

fn receiver(name: &str, target: &Node, message: Option<Node>) -> Node {
    let mut chatbot = vec![("name", text(url_safe(name)))];
    if target.get("url").and_then(Node::text).is_some_and(is_of_dingtalk) {
        chatbot.push(("access_token", variable(name, "ACCESS_TOKEN")));
    } else {
        chatbot.push(("webhook_url", variable(name, "WEBHOOK_URL")));
    }
    if is_there(target.get("secret")) {
        chatbot.push(("secret", variable(name, "SECRET")));
    }
    let mobiles = texts(target.at(&["mention", "mobiles"]));
    let all = is_on(target.at(&["mention", "all"]));
    chatbot.extend(mention(mobiles, Vec::new(), all).map(|mention| ("mention", mention)));
    let mut entries = vec![("name", text(url_safe(name)))];
    entries.extend(message.map(|message| ("message", message)));
    entries.push(("chatbots", list([table(chatbot)])));
    table(entries)
}

/// Whether the URL is that of DingTalk's robots, so that the access token alone is enough.
fn is_of_dingtalk(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| {
        url.scheme() == "https"
            && url.host_str() == Some("oapi.dingtalk.com")
            && url.path() == "/robot/send"
    })
}
