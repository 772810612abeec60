//! The check of the list under `receivers`.
//!
//! A receiver's name is unique in the file, a destination's in its receiver: both stand in URLs.

use std::collections::HashMap;
use std::sync::Arc;

use super::account::{AccountUse, check_accounts};
use super::chatbot::chatbot;
use super::condition::{Selection, conditions};
use super::conversation::conversations;
use super::fallback::{PlacedFallback, check_fallbacks, fallback};
use super::quota::{PlacedQuota, check_quotas};
use super::templates::{TemplateLibraries, template};
use crate::dingtalk::Endpoint;
use crate::dingtalk::message::MessageType;
use crate::render::template::Template;
use crate::settings::address::name;
use crate::settings::decode::{Checked, Decoder, Table, all};
use crate::settings::keys::{MESSAGE, RECEIVER};
use crate::settings::tree::{Node, Position};
use crate::settings::{BaseUrls, Destination, Receiver};

/// A destination with its places in the file.
pub(super) struct PlacedDestination {
    /// The destination.
    pub(super) destination: Destination,
    /// Where the chatbot's or conversation's entry begins.
    pub(super) entry: Position,
    /// Where the destination stands: at its entry, or at its conversation id.
    pub(super) position: Position,
    /// Its own fallback.
    pub(super) fallback: Option<PlacedFallback>,
    /// Its quota.
    pub(super) quota: Option<PlacedQuota>,
}

/// A receiver, and what is checked once all are read.
struct ReadReceiver {
    receiver: Receiver,
    uses: Vec<AccountUse>,
    fallbacks: Vec<PlacedFallback>,
    quotas: Vec<PlacedQuota>,
}

/// The words of `message.type`; `None` for a type that this version does not have.
const TYPES: [(&str, Option<MessageType>); 4] = [
    ("markdown", Some(MessageType::Markdown)),
    ("text", Some(MessageType::Text)),
    ("action_card", None),
    ("link", None),
];

/// All receivers; reports equal names, and accounts with two secrets or rates.
pub(super) fn receivers(
    decoder: Decoder<'_>,
    node: &Node,
    base: &BaseUrls,
    libraries: &TemplateLibraries,
) -> Checked<Vec<Receiver>> {
    let items = decoder.list(node, "receivers")?;
    if items.is_empty() {
        return decoder.fail(node.position, "`receivers` needs at least one receiver");
    }
    let mut names = UniqueNames::new("receiver");
    let (mut accounts, mut fallbacks, mut quotas) = (Vec::new(), Vec::new(), Vec::new());
    let read = all(items.iter().map(|item| {
        let read = receiver(decoder, item, base, &mut names, libraries)?;
        accounts.extend(read.uses);
        quotas.extend(read.quotas);
        let name = &read.receiver.name;
        fallbacks.extend(read.fallbacks.into_iter().map(|fallback| (name.clone(), fallback)));
        Ok(read.receiver)
    }));
    check_accounts(decoder, &accounts);
    check_quotas(decoder, &quotas);
    if let Ok(receivers) = &read {
        check_fallbacks(decoder, receivers, &fallbacks);
    }
    read
}

/// One receiver, with the accounts that its destinations use and their fallbacks.
fn receiver(
    decoder: Decoder<'_>,
    node: &Node,
    base: &BaseUrls,
    names: &mut UniqueNames,
    libraries: &TemplateLibraries,
) -> Checked<ReadReceiver> {
    let table = decoder.table(node, &RECEIVER)?;
    let name = table.required(decoder, "name", |node| names.read(decoder, node));
    let on = |key| table.optional(key, |node| decoder.flag(node)).map(|on| on.unwrap_or(true));
    let (enabled, send_resolved) = (on("enabled"), on("send_resolved"));
    let selection = table.optional("conditions", |node| conditions(decoder, node));
    let message = table.optional("message", |node| message(decoder, node, libraries));
    let own_fallback = fallback(decoder, &table);
    let found = destinations(decoder, &table, base);
    let own_fallback = own_fallback?;
    let (name, enabled, selection) = (name?, enabled?, selection?.unwrap_or_default());
    let Selection { conditions, requirements } = selection;
    let found = found?;
    let account_uses = |found: &PlacedDestination| -> Vec<AccountUse> {
        let account_use = |endpoint: &Endpoint| AccountUse {
            path: format!("{name}/{}", found.destination.name),
            entry: found.entry,
            position: found.position,
            endpoint: endpoint.clone(),
            rate: found.destination.rate,
            requirements: enabled.then(|| requirements.clone()),
        };
        found.destination.endpoints().map(account_use).collect()
    };
    let uses = found.iter().flat_map(account_uses).collect();
    let of_destinations = found.iter().filter_map(|found| found.fallback.clone());
    let fallbacks = own_fallback.clone().into_iter().chain(of_destinations).collect();
    let quotas = found.iter().filter_map(|found| found.quota.clone()).collect();
    let whole = |PlacedDestination { destination, fallback, quota, .. }| {
        let fallback = fallback.or_else(|| own_fallback.clone()).map(|placed| placed.fallback);
        let quota = quota.map(|quota| quota.of(&name, &destination.name));
        Destination { fallback, quota, ..destination }
    };
    let destinations = found.into_iter().map(whole).collect();
    let (message_type, template) = message?.unwrap_or_default();
    let receiver = Receiver {
        enabled,
        conditions,
        send_resolved: send_resolved?,
        message_type,
        template,
        destinations,
        fallback: own_fallback.map(|placed| placed.fallback),
        name,
    };
    Ok(ReadReceiver { receiver, uses, fallbacks, quotas })
}

fn message(
    decoder: Decoder<'_>,
    node: &Node,
    libraries: &TemplateLibraries,
) -> Checked<(MessageType, Option<Arc<Template>>)> {
    let table = decoder.table(node, &MESSAGE)?;
    let message_type = table.optional("type", |node| match decoder.word(node, &TYPES)? {
        Some(known) => Ok(known),
        None => decoder.fail(
            node.position,
            "this message type is not in this version; use `markdown` or `text`",
        ),
    });
    let template = template(decoder, &table, libraries);
    let message_type = message_type?.unwrap_or_default();
    if let (false, Some(entry)) = (message_type.has_title(), table.entry("title")) {
        decoder
            .report
            .warning(entry.position, "`title` is not used: a message of type `text` has none");
    }
    Ok((message_type, template?))
}

/// Chatbots, then conversations. A receiver without destinations is an error, and so are two of the
/// same name.
fn destinations(
    decoder: Decoder<'_>,
    table: &Table<'_>,
    base: &BaseUrls,
) -> Checked<Vec<PlacedDestination>> {
    let mut names = UniqueNames::new("chatbot or conversation of this receiver");
    let chatbots = table.optional("chatbots", |node| {
        let items = decoder.list(node, "chatbots")?;
        all(items.iter().map(|item| chatbot(decoder, item, base, &mut names)))
    });
    let conversations = table.optional("conversations", |node| {
        let items = decoder.list(node, "conversations")?;
        all(items.iter().map(|item| conversations(decoder, item, &mut names)))
    });
    let mut found = chatbots?.unwrap_or_default();
    found.extend(conversations?.unwrap_or_default().into_iter().flatten());
    if found.is_empty() {
        let text = "a receiver needs at least one entry under `chatbots` or `conversations`";
        return decoder.fail(table.position, text);
    }
    Ok(found)
}

/// The names that were read so far, to report one that stands twice.
pub(super) struct UniqueNames {
    what: &'static str,
    /// The places of the names.
    seen: HashMap<String, Position>,
}

impl UniqueNames {
    /// No names yet; errors call the named entries `what`.
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, seen: HashMap::new() }
    }

    /// Reads a name; reports one that cannot stand in a URL or was read before.
    pub(super) fn read(&mut self, decoder: Decoder<'_>, node: &Node) -> Checked<String> {
        let name = name(decoder, node)?;
        if let Some(first) = self.seen.get(&name) {
            let text =
                format!("another {} in line {} has the name `{name}`", self.what, first.line);
            return decoder.fail(node.position, text);
        }
        self.seen.insert(name.clone(), node.position);
        Ok(name)
    }
}
