//! The check of the list under `receivers`.
//!
//! A receiver's name is unique in the file, a destination's in its receiver: both stand in URLs.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use super::account::{AccountUse, NAMELESS, PlacedAccount, check_accounts};
use super::active_times::active_times;
use super::catch_all::{catch_all, check_catch_alls, complete};
use super::chatbot::chatbot;
use super::condition::{Selection, conditions};
use super::conversation::conversations;
use super::fallback::{KnownReceivers, OwnedFallback, ReadFallback, check_fallbacks, fallback};
use super::grafana::grafana;
use super::message::{ReadMessage, language, message};
use super::monika::monika;
use super::quota::{PlacedQuota, check_quotas};
use super::templates::TemplateLibraries;
use super::trials::TriedMessage;
use crate::language::Language;
use crate::select::active_times::ActiveTimes;
use crate::settings::address::name;
use crate::settings::decode::{Checked, Decoder, Reported, Table, all};
use crate::settings::keys::RECEIVER;
use crate::settings::tree::{Node, Position};
use crate::settings::{BaseUrls, Destination, GrafanaKey, MonikaSettings, Receiver, SeverityOrder};

/// What receivers are read by of the other sections of the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sections<'s> {
    /// Where DingTalk is.
    pub(super) base: &'s BaseUrls,
    /// The zone of the times in messages, if it is known.
    pub(super) zone: Option<&'s TimeZone>,
    /// The language of messages for which a receiver names no other.
    pub(super) language: Language,
    /// How severe alerts are.
    pub(super) severity: &'s SeverityOrder,
}

/// One entry under `chatbots` or `conversations`, as far as it could be read.
pub(super) struct ReadEntry {
    /// Where it begins.
    pub(super) position: Position,
    /// Its destinations, if nothing of them is wrong: one of a chatbot, one for each conversation id.
    pub(super) destinations: Checked<Vec<Destination>>,
    /// The accounts that could be read.
    pub(super) accounts: Vec<PlacedAccount>,
    /// Its own fallback.
    pub(super) fallback: ReadFallback,
    /// The quota of each of its destinations.
    pub(super) quota: Checked<Option<PlacedQuota>>,
}

/// A receiver, as far as it could be read.
struct ReadReceiver {
    name: Checked<String>,
    enabled: Checked<bool>,
    selection: Checked<Selection>,
    /// Where `catch_all` stands, if it is true.
    catch_all: Checked<Option<Position>>,
    send_resolved: Checked<bool>,
    active_times: Checked<ActiveTimes>,
    message: Checked<ReadMessage>,
    fallback: ReadFallback,
    grafana: Checked<Option<GrafanaKey>>,
    monika: Checked<MonikaSettings>,
    entries: Vec<ReadEntry>,
    /// Whether each of its entries is among them, and there is one.
    all_entries: Checked<()>,
}

/// What the receivers say of each other, gathered of all that could be read, also where something
/// beside it is wrong.
#[derive(Default)]
struct Gathered {
    receivers: KnownReceivers,
    uses: Vec<AccountUse>,
    fallbacks: Vec<OwnedFallback>,
    quotas: Vec<PlacedQuota>,
    catch_alls: Vec<Position>,
}

/// All receivers; reports equal names, accounts with two secrets or rates, quotas with two sizes, and
/// fallbacks that lead nowhere.
pub(super) fn receivers(
    decoder: Decoder<'_>,
    node: &Node,
    sections: Sections<'_>,
    libraries: &TemplateLibraries,
) -> Checked<Vec<Receiver>> {
    let items = decoder.list(node, "receivers")?;
    if items.is_empty() {
        return decoder.fail(node.position, "needs at least one receiver");
    }
    let mut names = UniqueNames::new("receiver");
    let mut gathered = Gathered::default();
    let receivers = all(items.iter().map(|item| {
        let read = receiver(decoder, item, sections, &mut names, libraries);
        gathered.gather(read)?.whole()
    }));
    gathered.compare(decoder);
    let mut receivers = receivers?;
    if let Some(position) = gathered.catch_alls.first() {
        complete(decoder, &mut receivers, *position);
    }
    Ok(receivers)
}

/// A receiver that stands in no file, and may fall back to those that are `known`.
pub(super) fn unsaved(
    decoder: Decoder<'_>,
    node: &Node,
    sections: Sections<'_>,
    libraries: &TemplateLibraries,
    known: KnownReceivers,
) -> Checked<Receiver> {
    let mut gathered = Gathered { receivers: known, ..Gathered::default() };
    let mut names = UniqueNames::new("receiver");
    let read = receiver(decoder, node, sections, &mut names, libraries);
    let receiver = gathered.gather(read)?.whole();
    gathered.compare(decoder);
    receiver
}

impl Gathered {
    /// Takes what others are compared with, and gives the receiver back.
    fn gather(&mut self, read: Checked<ReadReceiver>) -> Checked<ReadReceiver> {
        let Ok(mut read) = read else {
            self.receivers.has_nameless = true;
            return Err(Reported);
        };
        match &read.name {
            Ok(name) => {
                self.receivers.enabled.insert(name.clone(), read.enabled.ok());
            }
            Err(Reported) => self.receivers.has_nameless = true,
        }
        self.uses.extend(read.take_uses());
        let of_entries = read.entries.iter().map(|entry| &entry.fallback);
        for fallback in std::iter::once(&read.fallback).chain(of_entries) {
            let name = read.name.as_ref().ok().cloned();
            self.fallbacks.extend(fallback.found.clone().map(|placed| (name, placed)));
        }
        let quotas = read.entries.iter().filter_map(|entry| entry.quota.as_ref().ok());
        self.quotas.extend(quotas.flatten().cloned());
        self.catch_alls.extend(read.catch_all.iter().flatten());
        Ok(read)
    }

    /// Reports what is wrong between the receivers.
    fn compare(&self, decoder: Decoder<'_>) {
        check_accounts(decoder, &self.uses);
        check_quotas(decoder, &self.quotas);
        check_fallbacks(decoder, &self.receivers, &self.fallbacks);
        check_catch_alls(decoder, &self.catch_alls);
    }
}

impl ReadReceiver {
    /// The uses of accounts, which leave the entries.
    fn take_uses(&mut self) -> Vec<AccountUse> {
        let name = self.name.as_deref().unwrap_or(NAMELESS);
        let requirements = match (self.enabled, &self.selection, self.catch_all) {
            (Ok(true), Ok(selection), Ok(None)) => Some(&selection.requirements),
            _ => None,
        };
        let active_times = self.active_times.as_ref().ok().cloned().unwrap_or_default();
        let of_entry = |entry: &mut ReadEntry| -> Vec<AccountUse> {
            let accounts = std::mem::take(&mut entry.accounts).into_iter();
            let account_use = |account: PlacedAccount| AccountUse {
                path: format!("{name}/{}", account.destination),
                entry: entry.position,
                position: account.position,
                endpoint: account.endpoint,
                rate: account.rate,
                requirements: requirements.cloned(),
                active_times: active_times.clone(),
            };
            accounts.map(account_use).collect()
        };
        self.entries.iter_mut().flat_map(of_entry).collect()
    }

    /// The receiver, if nothing of it is wrong.
    fn whole(self) -> Checked<Receiver> {
        let fallback = self.fallback.whole()?;
        self.all_entries?;
        let name = self.name?;
        let mut destinations = Vec::new();
        for entry in self.entries {
            let own = entry.fallback.whole()?.or_else(|| fallback.clone());
            let quota = entry.quota?;
            destinations.extend(entry.destinations?.into_iter().map(|destination| {
                let quota = quota.as_ref().map(|quota| quota.of(&name, &destination.name));
                Destination { fallback: own.clone(), quota, ..destination }
            }));
        }
        let ReadMessage { format, template, .. } = self.message?;
        Ok(Receiver {
            enabled: self.enabled?,
            conditions: self.selection?.conditions,
            catch_all: self.catch_all?.is_some(),
            send_resolved: self.send_resolved?,
            active_times: self.active_times?,
            format,
            template,
            destinations,
            fallback,
            grafana: self.grafana?,
            monika: self.monika?,
            name,
        })
    }
}

/// One receiver; the error is that it is no mapping.
fn receiver(
    decoder: Decoder<'_>,
    node: &Node,
    sections: Sections<'_>,
    names: &mut UniqueNames,
    libraries: &TemplateLibraries,
) -> Checked<ReadReceiver> {
    let table = decoder.table(node, &RECEIVER)?;
    let name = table.required(decoder, "name", |node| names.read(decoder, node));
    let on = |key| table.optional(key, |node| decoder.flag(node)).map(|on| on.unwrap_or(true));
    let (enabled, send_resolved) = (on("enabled"), on("send_resolved"));
    let selection = table.optional("conditions", |node| conditions(decoder, node));
    let catch_all = catch_all(decoder, &table);
    let zone = sections.zone;
    let active_times = table.optional("active_times", |node| active_times(decoder, node, zone));
    let language = language(decoder, &table);
    let told_in = language.ok().flatten().unwrap_or(sections.language);
    let message = message(decoder, &table, libraries, told_in);
    if let (Some(entry), Ok(ReadMessage { format, template: Some(template), .. })) =
        (table.entry("message"), &message)
    {
        let receiver = name.as_deref().unwrap_or(NAMELESS);
        let (node, has_title) = (&entry.value, format.message_type.has_title());
        let (language, send_resolved) = (format.language, send_resolved.unwrap_or(true));
        let tried = TriedMessage { receiver, node, language, template, has_title, send_resolved };
        libraries.try_out(decoder, &tried);
    }
    let fallback = fallback(decoder, &table);
    let grafana = grafana(decoder, &table);
    let monika = table.optional("monika", |node| monika(decoder, node));
    let (entries, all_entries) = entries(decoder, &table, sections);
    let message = message.and_then(|message| {
        message.check_destinations(decoder, &entries)?;
        language.map(|_| message)
    });
    Ok(ReadReceiver {
        name,
        enabled,
        selection: selection.map(Option::unwrap_or_default),
        catch_all,
        send_resolved,
        active_times: active_times.map(Option::unwrap_or_default),
        message,
        fallback,
        grafana,
        monika: monika.map(Option::unwrap_or_default),
        entries,
        all_entries,
    })
}

/// Chatbots, then conversations, and whether each of them is there. A receiver without any is an error,
/// and so are two of the same name.
fn entries(
    decoder: Decoder<'_>,
    table: &Table<'_>,
    sections: Sections<'_>,
) -> (Vec<ReadEntry>, Checked<()>) {
    let mut names = UniqueNames::new("chatbot or conversation of this receiver");
    let mut found = Vec::new();
    let chatbots = table.optional("chatbots", |node| {
        let items = decoder.list(node, "chatbots")?;
        keep(&mut found, items.iter().map(|item| chatbot(decoder, item, sections, &mut names)))
    });
    let conversations = table.optional("conversations", |node| {
        let items = decoder.list(node, "conversations")?;
        let base = sections.base;
        keep(&mut found, items.iter().map(|item| conversations(decoder, item, base, &mut names)))
    });
    let all = match (chatbots, conversations) {
        (Ok(_), Ok(_)) if found.is_empty() => {
            let text = "needs at least one entry under `chatbots` or `conversations`";
            decoder.fail(table.position, text)
        }
        (Ok(_), Ok(_)) => Ok(()),
        (Err(Reported), _) | (_, Err(Reported)) => Err(Reported),
    };
    (found, all)
}

/// Adds the entries that are mappings to `found`; whether all are.
fn keep(
    found: &mut Vec<ReadEntry>,
    entries: impl Iterator<Item = Checked<ReadEntry>>,
) -> Checked<()> {
    let mut outcome = Ok(());
    for entry in entries {
        match entry {
            Ok(entry) => found.push(entry),
            Err(Reported) => outcome = Err(Reported),
        }
    }
    outcome
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
