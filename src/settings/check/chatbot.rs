//! The check of one entry under `chatbots`: its robots, keywords, mentions, rate and size.
//!
//! `rate` and `max_bytes` may be stricter than DingTalk's limits for the API, never looser.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::account::{NAMELESS, PlacedAccount};
use super::fallback::fallback;
use super::mention::{ReadMention, mention};
use super::overflow::overflow;
use super::pool::{self, Robots};
use super::quota::quota;
use super::receiver::{ReadEntry, Sections, UniqueNames};
use crate::dingtalk::{Api, Endpoint, Rate, robot};
use crate::render::Surface;
use crate::settings::decode::{Checked, Decoder, Table, all};
use crate::settings::keys::{CHATBOT, RATE};
use crate::settings::quantity::show_duration;
use crate::settings::tree::{Node, Position};
use crate::settings::{Destination, Overflow};

/// A robot has at most ten keywords (DingTalk, `customize-robot-security-settings`).
const MAX_KEYWORDS: usize = 10;

/// The longest keyword, in characters. Each part of a message must hold the keyword, and a longer
/// one would leave little room for alerts in a part of [`LEAST_BYTES`].
pub(super) const LONGEST_KEYWORD: usize = 100;

/// The least `max_bytes`: below it, title, links and the "shortened" mark leave no room for an
/// alert.
const LEAST_BYTES: usize = 1_000;

/// The range of `max_title`, in UTF-16 units: below it a mark and a keyword leave nothing of a title.
const TITLES: RangeInclusive<u32> = 16..=200;

/// The longest `rate.per`: a lane whose slots are all taken waits that long, and alerts with it.
const LONGEST_WINDOW: Duration = Duration::from_hours(1);

/// One entry under `chatbots`.
pub(super) fn chatbot(
    decoder: Decoder<'_>,
    node: &Node,
    sections: Sections<'_>,
    names: &mut UniqueNames,
) -> Checked<ReadEntry> {
    let table = decoder.table(node, &CHATBOT)?;
    let name = table.required(decoder, "name", |node| names.read(decoder, node));
    let robots = pool::robots(decoder, &table, sections.base);
    let mention = table.optional("mention", |node| mention(decoder, node, sections));
    let rate = rate(decoder, &table, &robot::API);
    let sizes = sizes(decoder, &table, &robot::API);
    let overflow = overflow(decoder, &table);
    let fallback = fallback(decoder, &table);
    let quota = quota(decoder, &table);
    let position = table.position;
    let shown = name.as_deref().unwrap_or(NAMELESS);
    let accounts = match (&robots, rate) {
        (Ok(robots), Ok(rate)) => accounts(shown, robots, rate, position),
        _ => Vec::new(),
    };
    let destination = destination(name, robots, mention, rate, sizes, overflow);
    let destinations = destination.map(|destination| vec![destination]);
    Ok(ReadEntry { position, destinations, accounts, fallback, quota })
}

/// The accounts of the entry at `position`, one for each robot.
fn accounts(name: &str, robots: &Robots, rate: Rate, position: Position) -> Vec<PlacedAccount> {
    let account = |endpoint: &Endpoint| PlacedAccount {
        destination: name.to_owned(),
        position,
        endpoint: endpoint.clone(),
        rate,
    };
    robots.endpoints().map(account).collect()
}

/// The destination, if nothing of it is wrong; without fallback and quota.
fn destination(
    name: Checked<String>,
    robots: Checked<Robots>,
    mention: Checked<Option<ReadMention>>,
    rate: Checked<Rate>,
    sizes: Checked<Sizes>,
    overflow: Checked<Overflow>,
) -> Checked<Destination> {
    let Robots { first, others, keywords } = robots?;
    let ReadMention { always, rules } = mention?.unwrap_or_default();
    let surface = sizes?.surface(&robot::API);
    let surface = Surface { keywords, mention: always, ..surface };
    Ok(Destination {
        name: name?,
        endpoint: first,
        pool: others,
        surface,
        mentions: rules,
        rate: rate?,
        overflow: overflow?,
        fallback: None,
        quota: None,
    })
}

/// The keywords of a robot.
pub(super) fn keywords(decoder: Decoder<'_>, node: &Node) -> Checked<Vec<String>> {
    let items = decoder.list(node, "keywords")?;
    let keywords = all(items.iter().map(|item| keyword(decoder, item)))?;
    if keywords.len() > MAX_KEYWORDS {
        let text = format!("a robot has at most {MAX_KEYWORDS} keywords");
        return decoder.fail(node.position, text);
    }
    Ok(keywords)
}

fn keyword(decoder: Decoder<'_>, node: &Node) -> Checked<String> {
    let keyword = decoder.text(node, "a keyword")?;
    if keyword.chars().count() > LONGEST_KEYWORD {
        let text = format!(
            "a keyword has at most {LONGEST_KEYWORD} characters, because each part of a message \
             must hold it"
        );
        return decoder.fail(node.position, text);
    }
    Ok(keyword.to_owned())
}

/// The `rate` of a robot or app: at most DingTalk's limit, which is the default.
pub(super) fn rate(decoder: Decoder<'_>, table: &Table<'_>, api: &Api) -> Checked<Rate> {
    let most = api.rate;
    let read = table.optional("rate", |node| {
        let table = decoder.table(node, &RATE)?;
        let messages =
            table.optional("messages", |node| decoder.number(node, &(1..=most.messages)));
        let per = table.optional("per", |node| window(decoder, node, most));
        let (messages, per) = (messages?, per?);
        Ok(Rate { messages: messages.unwrap_or(most.messages), per: per.unwrap_or(most.per) })
    });
    read.map(|rate| rate.unwrap_or(most))
}

fn window(decoder: Decoder<'_>, node: &Node, most: Rate) -> Checked<Duration> {
    let per = decoder.duration(node, &(Duration::ZERO..=LONGEST_WINDOW))?;
    if per < most.per {
        let text = format!(
            "is at least {}: DingTalk takes {} messages in it",
            show_duration(most.per),
            most.messages
        );
        return decoder.fail(node.position, text);
    }
    Ok(per)
}

/// The sizes that an entry sets for its messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) max_bytes: Option<usize>,
    max_title: Option<usize>,
}

impl Sizes {
    /// What a destination of this API asks of its messages, which need no keyword and mention nobody.
    pub(super) fn surface(self, api: &'static Api) -> Surface {
        let Self { max_bytes, max_title } = self;
        Surface {
            max_bytes: max_bytes.unwrap_or(api.max_bytes),
            max_title: max_title.unwrap_or(api.max_title),
            ..Surface::new(api)
        }
    }
}

/// The `max_bytes` of an entry, at most the API's limit, and its `max_title`.
pub(super) fn sizes(decoder: Decoder<'_>, table: &Table<'_>, api: &Api) -> Checked<Sizes> {
    let range: RangeInclusive<usize> = LEAST_BYTES..=api.most_bytes;
    let max_bytes = table.optional("max_bytes", |node| decoder.size(node, &range));
    let max_title = table.optional("max_title", |node| decoder.number(node, &TITLES));
    let (max_bytes, max_title) = (max_bytes?, max_title?);
    let max_title = max_title.and_then(|length| usize::try_from(length).ok());
    Ok(Sizes { max_bytes, max_title })
}
