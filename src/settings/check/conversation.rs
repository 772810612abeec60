//! The check of one entry under `conversations`: an app, and the chats that its robot writes to.
//!
//! Each conversation id becomes a destination of its own, with the entry's credentials and rate.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::account::{NAMELESS, PlacedAccount};
use super::chatbot::{max_bytes, rate};
use super::fallback::fallback;
use super::overflow::overflow;
use super::quota::quota;
use super::receiver::{ReadEntry, UniqueNames};
use crate::dingtalk::{Conversation, Endpoint, Rate, group};
use crate::render::Surface;
use crate::settings::decode::{Checked, Decoder, Table, all};
use crate::settings::keys::CONVERSATION;
use crate::settings::secret;
use crate::settings::tree::{Node, Position};
use crate::settings::{Destination, Overflow};

/// A conversation of an app, and where its id stands.
type PlacedConversation = (Conversation, Position);

/// One destination for each conversation id of the entry.
pub(super) fn conversations(
    decoder: Decoder<'_>,
    node: &Node,
    names: &mut UniqueNames,
) -> Checked<ReadEntry> {
    let table = decoder.table(node, &CONVERSATION)?;
    let name = table.required(decoder, "name", |node| names.read(decoder, node));
    let found = of_app(decoder, &table);
    let rate = rate(decoder, &table, &group::API);
    let max_bytes = max_bytes(decoder, &table, &group::API);
    let overflow = overflow(decoder, &table);
    let (fallback, quota) = (fallback(decoder, &table), quota(decoder, &table));
    let shown = name.as_deref().unwrap_or(NAMELESS);
    let accounts = match (&found, rate) {
        (Ok(found), Ok(rate)) => accounts(shown, found, rate),
        _ => Vec::new(),
    };
    let destinations = destinations(name, found, rate, max_bytes, overflow);
    Ok(ReadEntry { position: table.position, destinations, accounts, fallback, quota })
}

/// The conversations of the entry's app.
fn of_app(decoder: Decoder<'_>, table: &Table<'_>) -> Checked<Vec<PlacedConversation>> {
    let app_key = table.required(decoder, "app_key", |node| decoder.expanded(node, "the app key"));
    let app_secret = secret::required(decoder, table, &["app_secret"]);
    let robot_code =
        table.optional("robot_code", |node| decoder.expanded(node, "the robot's code"));
    let ids = table.required(decoder, "open_conversation_ids", |node| ids(decoder, node));
    let (app_key, app_secret) = (app_key?, app_secret?.text);
    let robot_code = robot_code?.unwrap_or_else(|| app_key.clone());
    let conversation = |(id, position): (String, Position)| {
        let conversation = Conversation {
            app_key: app_key.clone(),
            app_secret: app_secret.clone(),
            robot_code: robot_code.clone(),
            open_conversation_id: id,
        };
        (conversation, position)
    };
    Ok(ids?.into_iter().map(conversation).collect())
}

/// The accounts of the entry `name`, one for each conversation.
fn accounts(name: &str, found: &[PlacedConversation], rate: Rate) -> Vec<PlacedAccount> {
    let account = |(conversation, position): &PlacedConversation| PlacedAccount {
        destination: destination_name(name, &conversation.open_conversation_id),
        position: *position,
        endpoint: Endpoint::Conversation(conversation.clone()),
        rate,
    };
    found.iter().map(account).collect()
}

/// The destinations, if nothing of them is wrong; without fallback and quota.
fn destinations(
    name: Checked<String>,
    found: Checked<Vec<PlacedConversation>>,
    rate: Checked<Rate>,
    max_bytes: Checked<usize>,
    overflow: Checked<Overflow>,
) -> Checked<Vec<Destination>> {
    let (name, found, rate) = (name?, found?, rate?);
    let (max_bytes, overflow) = (max_bytes?, overflow?);
    let destination = |(conversation, _): PlacedConversation| Destination {
        name: destination_name(&name, &conversation.open_conversation_id),
        endpoint: Endpoint::Conversation(conversation),
        pool: Vec::new(),
        surface: Surface { max_bytes, ..Surface::new(&group::API) },
        rate,
        overflow,
        fallback: None,
        quota: None,
    };
    Ok(found.into_iter().map(destination).collect())
}

/// The conversation ids with their places; an id that stands twice is an error.
fn ids(decoder: Decoder<'_>, node: &Node) -> Checked<Vec<(String, Position)>> {
    let items = decoder.list(node, "conversation ids")?;
    if items.is_empty() {
        return decoder.fail(node.position, "needs at least one id");
    }
    let mut seen: HashMap<String, Position> = HashMap::new();
    all(items.iter().map(|item| {
        let id = decoder.expanded(item, "an open conversation id")?;
        if let Some(first) = seen.get(&id) {
            let text = format!("this id stands in line {} already", first.line);
            return decoder.fail(item.position, text);
        }
        seen.insert(id.clone(), item.position);
        Ok((id, item.position))
    }))
}

/// The destination's name: `name/` and the first 8 hex digits of the id's SHA-256. An id may hold
/// `+`, `/` and `=`, which cannot stand in a URL; the hash of an id never changes.
fn destination_name(name: &str, id: &str) -> String {
    let digest = Sha256::digest(id.as_bytes());
    let [a, b, c, d] = [digest[0], digest[1], digest[2], digest[3]];
    format!("{name}/{a:02x}{b:02x}{c:02x}{d:02x}")
}
