//! prometheus-webhook-dingtalk: `targets`, each with a URL, a secret and people to mention.

use reqwest::Url;

use super::{Translation, is_on, is_there, mention, texts, url_safe, variable};
use crate::settings::tree::Node;
use crate::settings::yaml::{list, table, text};

pub(super) fn translate(root: &Node) -> Translation {
    let targets = root.get("targets").map(Node::entries).unwrap_or_default();
    let receivers = targets.iter().map(|entry| receiver(&entry.key, &entry.value)).collect();
    let mut notes = Vec::new();
    let has_template = |node: &Node, keys: &[&str]| keys.iter().any(|key| is_there(node.get(key)));
    if has_template(root, &["template", "templates", "default_message"])
        || targets.iter().any(|entry| has_template(&entry.value, &["message"]))
    {
        notes.push("Templates are not in this version: the built-in message is sent.".to_owned());
    }
    if is_there(root.get("timeout")) {
        notes.push("`timeout` had no effect there; ours is `delivery.attempt_timeout`.".to_owned());
    }
    Translation { receivers, notes }
}

fn receiver(name: &str, target: &Node) -> Node {
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
    table([("name", text(url_safe(name))), ("chatbots", list([table(chatbot)]))])
}

/// Whether the URL is DingTalk's own, so that the token says it all.
fn is_of_dingtalk(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| {
        url.scheme() == "https"
            && url.host_str() == Some("oapi.dingtalk.com")
            && url.path() == "/robot/send"
    })
}
