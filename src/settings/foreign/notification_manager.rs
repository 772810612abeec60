//! The translation of KubeSphere's notification-manager: objects of kind Receiver, `spec.dingtalk`.
//!
//! A file may hold several documents, and lists of objects (`items`).

use super::{Translation, is_on, is_there, mention, texts, url_safe, variable};
use crate::render::profile::Profile;
use crate::settings::tree::Node;
use crate::settings::yaml::{bare, list, table, text};

/// The note about `tmplText`: the templates stand in a `ConfigMap`, which is not in this file.
const TEMPLATES: &str = "`tmplText` names a ConfigMap: put its templates into a file, and name the \
                         file under `templates`.";

pub(super) fn translate(documents: &[Node]) -> Translation {
    let mut objects = Vec::new();
    for document in documents {
        objects.push(document);
        objects.extend(document.get("items").map(Node::items).unwrap_or_default());
    }
    let is_receiver = |object: &&&Node| object.get("kind").and_then(Node::text) == Some("Receiver");
    let mut notes = Vec::new();
    let receivers =
        objects.iter().filter(is_receiver).filter_map(|object| receiver(object, &mut notes));
    let receivers = receivers.collect();
    notes.dedup();
    Translation { templates: Vec::new(), receivers, notes }
}

fn receiver(object: &Node, notes: &mut Vec<String>) -> Option<Node> {
    let dingtalk = object.at(&["spec", "dingtalk"])?;
    let name = object.at(&["metadata", "name"]).and_then(Node::text).unwrap_or("receiver");
    let mut entries = vec![("name", text(url_safe(name)))];
    if dingtalk.get("enabled").and_then(Node::text) == Some("false") {
        entries.push(("enabled", bare(false)));
    }
    let conditions = dingtalk.get("alertSelector").map(conditions).unwrap_or_default();
    if !conditions.is_empty() {
        entries.push(("conditions", list(conditions)));
    }
    let message = message(dingtalk);
    if !message.is_empty() {
        entries.push(("message", table(message)));
    }
    if is_there(dingtalk.get("tmplText")) {
        notes.push(TEMPLATES.to_owned());
    }
    if let Some(bot) = dingtalk.get("chatbot") {
        entries.push(("chatbots", list([chatbot(name, bot)])));
    }
    let chats = texts(dingtalk.at(&["conversation", "chatids"]));
    if !chats.is_empty() {
        notes.push(
            "Chat ids (chat…) belong to DingTalk's older API: `campana conversations convert` leads \
             them to the current one."
                .to_owned(),
        );
        entries.push(("conversations", list([conversation(name, chats)])));
    }
    Some(table(entries))
}

/// The type of the messages, and the templates that they are written with.
fn message(dingtalk: &Node) -> Vec<(&'static str, Node)> {
    let mut entries = Vec::new();
    // notification-manager sends text unless `tmplType` is markdown; our default is Markdown.
    let is_markdown = dingtalk.get("tmplType").and_then(Node::text) == Some("markdown");
    if !is_markdown {
        entries.push(("type", text("text")));
    }
    let before = entries.len();
    // A message of type text has no title.
    let keys = [("title", "titleTemplate", is_markdown), ("text", "template", true)];
    for (ours, theirs, is_shown) in keys {
        let name = dingtalk.get(theirs).and_then(Node::text).filter(|name| !name.is_empty());
        let call = name.map(|name| (ours, text(format!("{{{{ template {name:?} . }}}}"))));
        entries.extend(call.filter(|_| is_shown));
    }
    if entries.len() > before {
        entries.push(("profile", text(Profile::NotificationManager.as_str())));
    }
    entries
}

fn chatbot(name: &str, bot: &Node) -> Node {
    let mut entries = vec![
        ("name", text(format!("{}-chatbot", url_safe(name)))),
        ("webhook_url", variable(name, "WEBHOOK_URL")),
    ];
    if is_there(bot.get("secret")) {
        entries.push(("secret", variable(name, "SECRET")));
    }
    let keywords = texts(bot.get("keywords"));
    if !keywords.is_empty() {
        entries.push(("keywords", crate::settings::yaml::texts(keywords)));
    }
    let people =
        mention(texts(bot.get("atMobiles")), texts(bot.get("atUsers")), is_on(bot.get("atAll")));
    entries.extend(people.map(|people| ("mention", people)));
    table(entries)
}

fn conversation(name: &str, chats: Vec<String>) -> Node {
    table([
        ("name", text(format!("{}-conversation", url_safe(name)))),
        ("app_key", variable(name, "APP_KEY")),
        ("app_secret", variable(name, "APP_SECRET")),
        ("chat_ids", crate::settings::yaml::texts(chats)),
    ])
}

/// The conditions that `alertSelector` becomes; all of its labels and expressions must hold, as all
/// of our conditions must.
fn conditions(selector: &Node) -> Vec<Node> {
    let labels = selector.get("matchLabels").map(Node::entries).unwrap_or_default();
    let equal = labels.iter().filter_map(|entry| {
        let value = entry.value.text()?.to_owned();
        Some(condition(&entry.key, "In", vec![value]))
    });
    let expressions = selector.get("matchExpressions").map(Node::items).unwrap_or_default();
    equal.chain(expressions.iter().filter_map(expression)).collect()
}

fn expression(expression: &Node) -> Option<Node> {
    let key = expression.get("key")?.text()?;
    let operator = expression.get("operator")?.text()?;
    let values = match expression.get("regexValue").and_then(Node::text) {
        // `regexValue` may match anywhere in the label's value; our `Match` takes the whole value.
        Some(pattern) if operator == "Match" => vec![format!(".*(?:{pattern}).*")],
        Some(_) | None => texts(expression.get("values")),
    };
    Some(condition(key, operator, values))
}

fn condition(label: &str, operator: &str, values: Vec<String>) -> Node {
    let mut entries = vec![("label", text(label)), ("operator", text(operator))];
    if !values.is_empty() {
        entries.push(("values", crate::settings::yaml::texts(values)));
    }
    table(entries)
}
