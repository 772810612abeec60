//! Entries under `conversations` rewritten for the current API: open conversation ids in the place of
//! `chat_ids`.
//!
//! Every other key stays as the file has it, `${…}` and `_file` too. A secret that is written into the
//! file is shown as `<secret>`.

use super::environment::{Environment, is_variable};
use super::tree::{Entry, Node, Tree};
use super::yaml::{list, table, text, write};

/// The text in place of a secret.
const SECRET: &str = "<secret>";

/// The keys whose place in the entry is given here.
const PLACED: [&str; 3] = ["robot_code", "open_conversation_ids", "chat_ids"];

/// The receivers of the configuration `file` with those entries of which `open_id` knows an id; it is
/// asked by receiver and chat id. `None` if it knows none.
///
/// A chat of which it knows none stays under `chat_ids`.
#[must_use]
pub fn with_open_ids(
    file: &str,
    environment: &Environment,
    open_id: impl Fn(&str, &str) -> Option<String>,
) -> Option<String> {
    let tree = Tree::parse(file);
    let receivers = tree.documents.first()?.get("receivers")?.items();
    let rewritten = receivers.iter().filter_map(|receiver| {
        let name = receiver.get("name")?;
        let open_id = |id: &str| open_id(name.text()?, id);
        let entries = receiver.get("conversations")?.items().iter();
        let entries: Vec<Node> =
            entries.filter_map(|entry| with_ids(entry, environment, open_id)).collect();
        let keys = || [("name", name.clone()), ("conversations", list(entries.clone()))];
        (!entries.is_empty()).then(|| table(keys()))
    });
    let rewritten: Vec<Node> = rewritten.collect();
    (!rewritten.is_empty()).then(|| write(&table([("receivers", list(rewritten))])))
}

/// The entry with its new ids, if there are any.
fn with_ids(
    entry: &Node,
    environment: &Environment,
    open_id: impl Fn(&str) -> Option<String>,
) -> Option<Node> {
    let expanded = |node: &Node| environment.expand(node.text().unwrap_or_default()).ok();
    let mut open: Vec<Node> =
        entry.get("open_conversation_ids").map(Node::items).unwrap_or_default().to_vec();
    let mut left = Vec::new();
    let mut is_new = false;
    for chat in entry.get("chat_ids")?.items() {
        let Some(id) = expanded(chat).and_then(|chat| open_id(&chat)) else {
            left.push(chat.clone());
            continue;
        };
        is_new = true;
        if !open.iter().any(|known| expanded(known).as_ref() == Some(&id)) {
            open.push(text(id));
        }
    }
    let robot_code = entry.get("robot_code").or_else(|| entry.get("app_key"))?.clone();
    let kept = |entry: &&Entry| !PLACED.contains(&entry.key.as_str());
    let (credentials, others): (Vec<&Entry>, Vec<&Entry>) =
        entry.entries().iter().filter(kept).partition(|entry| {
            ["name", "app_key", "app_secret", "app_secret_file"].contains(&entry.key.as_str())
        });
    let ids = [("robot_code", robot_code), ("open_conversation_ids", list(open))];
    let left = (!left.is_empty()).then(|| ("chat_ids", list(left)));
    let keys = credentials.into_iter().map(shown).chain(ids).chain(left);
    is_new.then(|| table(keys.chain(others.into_iter().map(shown))))
}

/// A key and its value; a secret is shown only where it is the name of a variable.
fn shown(entry: &Entry) -> (&str, Node) {
    let Entry { key, value, .. } = entry;
    let name = value.text().and_then(|text| text.strip_prefix("${")?.strip_suffix('}'));
    let is_hidden = key == "app_secret" && !name.is_some_and(is_variable);
    (key, if is_hidden { text(SECRET) } else { value.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "
receivers:
  - name: one
    chatbots: [{name: b, access_token: canary}]
    conversations:
      - {name: plain, app_key: k, app_secret: canary, chat_ids: [chat1, chat2], quota: {per_month: 5}}
      - {name: current, app_key: k, app_secret: canary, open_conversation_ids: [cid9]}
  - name: two
    conversations:
      - name: both
        chat_ids: ['${CHAT}', chat8]
        open_conversation_ids: ['${OPEN}']
        robot_code: r
        app_secret: ${SECRET}
        app_key: ${KEY}
      - {name: file, app_key: k, app_secret_file: secrets/k, chat_ids: [chat2]}
      - {name: unknown, app_key: k, app_secret: '${S:-canary}', chat_ids: [chat8]}
";

    #[test]
    fn each_entry_keeps_its_keys_and_gets_its_new_ids() {
        let environment: Environment =
            [("CHAT", "chat1"), ("OPEN", "cid1==")].iter().copied().collect();
        let open_id = |receiver: &str, chat: &str| match (receiver, chat) {
            (_, "chat1") => Some("cid1==".to_owned()),
            ("two", "chat2") => Some("cid2==".to_owned()),
            _ => None,
        };
        let expected = "\
receivers:
  - name: one
    conversations:
      - name: plain
        app_key: k
        app_secret: <secret>
        robot_code: k
        open_conversation_ids: [cid1==]
        chat_ids: [chat2]
        quota:
          per_month: 5
  - name: two
    conversations:
      - name: both
        app_secret: ${SECRET}
        app_key: ${KEY}
        robot_code: r
        open_conversation_ids: [\"${OPEN}\"]
        chat_ids: [chat8]
      - name: file
        app_key: k
        app_secret_file: secrets/k
        robot_code: k
        open_conversation_ids: [cid2==]
";
        assert_eq!(with_open_ids(FILE, &environment, open_id).as_deref(), Some(expected));
        assert_eq!(with_open_ids(FILE, &environment, |_, _| None), None);
    }
}
