//! The check of one entry under `conversations`: an app, and the chats that it writes to.
//!
//! Each id becomes a destination of its own, with the entry's credentials and rate: one of
//! `open_conversation_ids` by the current API, one of `chat_ids` by the older one.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::account::{NAMELESS, PlacedAccount};
use super::chatbot::{Sizes, rate, sizes};
use super::fallback::fallback;
use super::overflow::overflow;
use super::quota::quota;
use super::receiver::{ReadEntry, UniqueNames};
use crate::dingtalk::{Chat, Conversation, Endpoint, Rate, chat, group};
use crate::settings::decode::{Checked, Decoder, Table, all};
use crate::settings::keys::CONVERSATION;
use crate::settings::secret;
use crate::settings::tree::{Node, Position};
use crate::settings::{BaseUrls, Destination, Overflow};

/// A conversation of an app, its id, and where that stands.
struct PlacedEndpoint {
    endpoint: Endpoint,
    id: PlacedId,
}

/// The id of a conversation, and where it stands.
struct PlacedId {
    text: String,
    position: Position,
}

/// One of the two lists of ids.
struct IdList {
    key: &'static str,
    /// What errors call an id of it.
    what: &'static str,
    /// What the ids of the other list begin with, and its key.
    other: (&'static str, &'static str),
}

const OPEN_IDS: IdList = IdList {
    key: "open_conversation_ids",
    what: "an open conversation id",
    other: ("chat", "chat_ids"),
};

const CHAT_IDS: IdList =
    IdList { key: "chat_ids", what: "a chat id", other: ("cid", "open_conversation_ids") };

/// One destination for each conversation id of the entry.
pub(super) fn conversations(
    decoder: Decoder<'_>,
    node: &Node,
    base: &BaseUrls,
    names: &mut UniqueNames,
) -> Checked<ReadEntry> {
    let table = decoder.table(node, &CONVERSATION)?;
    let name = table.required(decoder, "name", |node| names.read(decoder, node));
    let found = of_app(decoder, &table, base);
    // DingTalk takes as many calls of the one API as of the other.
    let rate = rate(decoder, &table, &group::API);
    let sizes = size_limits(decoder, &table);
    let overflow = overflow(decoder, &table);
    let (fallback, quota) = (fallback(decoder, &table), quota(decoder, &table));
    let shown = name.as_deref().unwrap_or(NAMELESS);
    let accounts = match (&found, rate) {
        (Ok(found), Ok(rate)) => accounts(shown, found, rate),
        _ => Vec::new(),
    };
    let destinations = destinations(name, found, rate, sizes, overflow);
    Ok(ReadEntry { position: table.position, destinations, accounts, fallback, quota })
}

/// The conversations of the entry's app.
fn of_app(
    decoder: Decoder<'_>,
    table: &Table<'_>,
    base: &BaseUrls,
) -> Checked<Vec<PlacedEndpoint>> {
    let app_key = table.required(decoder, "app_key", |node| decoder.expanded(node, "the app key"));
    let app_secret = secret::required(decoder, table, &["app_secret"]);
    let robot_code =
        table.optional("robot_code", |node| decoder.expanded(node, "the robot's code"));
    let ids = ids(decoder, table);
    if let (Some(entry), None) = (table.entry("robot_code"), table.entry(OPEN_IDS.key)) {
        let text = "is not used: only `open_conversation_ids` are reached by a robot";
        decoder.report.warning(entry.position, text);
    }
    let (app_key, app_secret) = (app_key?, app_secret?.text);
    let robot_code = robot_code?.unwrap_or_else(|| app_key.clone());
    let (open, chats) = ids?;
    let open = open.into_iter().map(|id| {
        let conversation = Conversation {
            app_key: app_key.clone(),
            app_secret: app_secret.clone(),
            robot_code: robot_code.clone(),
            open_conversation_id: id.text.clone(),
        };
        PlacedEndpoint { endpoint: Endpoint::Conversation(conversation), id }
    });
    let chats = chats.into_iter().map(|id| {
        let chat = Chat {
            base_url: base.oapi.clone(),
            app_key: app_key.clone(),
            app_secret: app_secret.clone(),
            chat_id: id.text.clone(),
        };
        PlacedEndpoint { endpoint: Endpoint::Chat(chat), id }
    });
    Ok(open.chain(chats).collect())
}

/// The accounts of the entry `name`, one for each conversation.
fn accounts(name: &str, found: &[PlacedEndpoint], rate: Rate) -> Vec<PlacedAccount> {
    let account = |PlacedEndpoint { endpoint, id }: &PlacedEndpoint| PlacedAccount {
        destination: destination_name(name, &id.text),
        position: id.position,
        endpoint: endpoint.clone(),
        rate,
    };
    found.iter().map(account).collect()
}

/// The destinations, if nothing of them is wrong; without fallback and quota.
fn destinations(
    name: Checked<String>,
    found: Checked<Vec<PlacedEndpoint>>,
    rate: Checked<Rate>,
    sizes: Checked<Sizes>,
    overflow: Checked<Overflow>,
) -> Checked<Vec<Destination>> {
    let (name, found, rate) = (name?, found?, rate?);
    let (sizes, overflow) = (sizes?, overflow?);
    let destination = |PlacedEndpoint { endpoint, id }: PlacedEndpoint| Destination {
        name: destination_name(&name, &id.text),
        surface: sizes.surface(endpoint.api()),
        endpoint,
        pool: Vec::new(),
        mentions: None,
        rate,
        overflow,
        fallback: None,
        quota: None,
    };
    Ok(found.into_iter().map(destination).collect())
}

/// The sizes of the entry, which each API that it uses has to take.
fn size_limits(decoder: Decoder<'_>, table: &Table<'_>) -> Checked<Sizes> {
    let has = |list: &IdList| table.entry(list.key).is_some();
    let (open, chats) = (has(&OPEN_IDS), has(&CHAT_IDS));
    let api = if chats && !open { &chat::API } else { &group::API };
    let sizes = sizes(decoder, table, api)?;
    let most = chat::API.most_bytes;
    match table.entry("max_bytes") {
        Some(entry) if chats && sizes.max_bytes.is_some_and(|size| size > most) => {
            let text = format!(
                "`chat_ids` take at most {most} bytes; give `open_conversation_ids` an entry of \
                 their own"
            );
            decoder.fail(entry.value.position, text)
        }
        Some(_) | None => Ok(sizes),
    }
}

/// The ids of both lists; one that stands twice is an error, and so is an entry without any.
fn ids(decoder: Decoder<'_>, table: &Table<'_>) -> Checked<(Vec<PlacedId>, Vec<PlacedId>)> {
    let mut seen = HashMap::new();
    let mut read = |list: &IdList| {
        table.optional(list.key, |node| ids_of_list(decoder, node, list, &mut seen))
    };
    let (open, chats) = (read(&OPEN_IDS), read(&CHAT_IDS));
    if let (Ok(None), Ok(None)) = (&open, &chats) {
        let text = format!("one of the keys `{}`, `{}` is missing", OPEN_IDS.key, CHAT_IDS.key);
        return decoder.fail(table.position, text);
    }
    Ok((open?.unwrap_or_default(), chats?.unwrap_or_default()))
}

fn ids_of_list(
    decoder: Decoder<'_>,
    node: &Node,
    list: &IdList,
    seen: &mut HashMap<String, Position>,
) -> Checked<Vec<PlacedId>> {
    let items = decoder.list(node, "conversation ids")?;
    if items.is_empty() {
        return decoder.fail(node.position, "needs at least one id");
    }
    all(items.iter().map(|item| {
        let text = decoder.expanded(item, list.what)?;
        let (start, other) = list.other;
        if text.starts_with(start) {
            let text = format!("an id that begins with `{start}` stands under `{other}`");
            return decoder.fail(item.position, text);
        }
        if let Some(first) = seen.get(&text) {
            let text = format!("this id stands in line {} already", first.line);
            return decoder.fail(item.position, text);
        }
        seen.insert(text.clone(), item.position);
        Ok(PlacedId { text, position: item.position })
    }))
}

/// The destination's name: `name/` and the first 8 hex digits of the id's SHA-256. An id may hold
/// `+`, `/` and `=`, which cannot stand in a URL; the hash of an id never changes.
fn destination_name(name: &str, id: &str) -> String {
    let digest = Sha256::digest(id.as_bytes());
    let [a, b, c, d] = [digest[0], digest[1], digest[2], digest[3]];
    format!("{name}/{a:02x}{b:02x}{c:02x}{d:02x}")
}
