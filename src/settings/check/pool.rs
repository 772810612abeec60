//! The check of a chatbot's robots: one of its own, or the `pool` that shares its work.
//!
//! Any robot of a pool may send any message, so each message has to satisfy all of them: it holds a
//! keyword of each.

use std::collections::HashMap;

use super::chatbot::{LONGEST_KEYWORD, keywords};
use crate::dingtalk::{Chatbot, Endpoint};
use crate::settings::BaseUrls;
use crate::settings::decode::{Checked, Decoder, Table, all};
use crate::settings::keys::POOL_ROBOT;
use crate::settings::secret;
use crate::settings::tree::{Node, Position};
use crate::settings::webhook::{Webhook, of_token, of_url, signing_secret};

/// The most robots of a pool: DingTalk lets a group have no more
/// (`custom-robots-send-group-messages`).
const MOST_ROBOTS: usize = 10;

/// The robots of one chatbot, and the keywords of its messages.
pub(super) struct Robots {
    /// The first robot.
    pub(super) first: Endpoint,
    /// The others of its pool.
    pub(super) others: Vec<Endpoint>,
    /// One of these has to stand in each message.
    pub(super) keywords: Vec<String>,
}

impl Robots {
    /// All robots, the first one first.
    pub(super) fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

/// One robot with its keywords.
struct Robot {
    endpoint: Endpoint,
    keywords: Vec<String>,
    position: Position,
}

/// The robots of an entry under `chatbots`.
pub(super) fn robots(decoder: Decoder<'_>, table: &Table<'_>, base: &BaseUrls) -> Checked<Robots> {
    let Some(pool) = table.entry("pool") else {
        let Robot { endpoint, keywords, .. } = robot(decoder, table, base)?;
        return Ok(Robots { first: endpoint, others: Vec::new(), keywords });
    };
    for key in POOL_ROBOT.known {
        if let Some(entry) = table.entry(key) {
            let text = "excludes `pool`; write it at its robot";
            decoder.report.error(entry.position, text);
        }
    }
    let robots = pool_of(decoder, &pool.value, base)?;
    let keywords = keywords_of_all(decoder, pool.position, &robots)?;
    let mut endpoints = robots.into_iter().map(|robot| robot.endpoint);
    match endpoints.next() {
        Some(first) => Ok(Robots { first, others: endpoints.collect(), keywords }),
        None => decoder.fail(pool.value.position, "needs at least one robot"),
    }
}

/// The robots of the list; one that stands twice is an error.
fn pool_of(decoder: Decoder<'_>, node: &Node, base: &BaseUrls) -> Checked<Vec<Robot>> {
    let items = decoder.list(node, "robots")?;
    if items.len() > MOST_ROBOTS {
        decoder.report.leave_unchecked();
        let text = format!("a pool has at most {MOST_ROBOTS} robots, as a group of DingTalk");
        return decoder.fail(node.position, text);
    }
    let robots =
        all(items.iter().map(|item| robot(decoder, &decoder.table(item, &POOL_ROBOT)?, base)))?;
    let mut seen: HashMap<Vec<&str>, Position> = HashMap::new();
    for robot in &robots {
        if let Some(first) = seen.insert(robot.endpoint.lane_identity(), robot.position) {
            let text = format!("this robot stands in line {} already", first.line);
            return decoder.fail(robot.position, text);
        }
    }
    Ok(robots)
}

/// One robot: its address, secret and keywords.
fn robot(decoder: Decoder<'_>, table: &Table<'_>, base: &BaseUrls) -> Checked<Robot> {
    let secret = secret::optional(decoder, table, &["secret"]);
    // One that is wrong is reported, and there all the same.
    let signs = !matches!(secret, Ok(None));
    let secret =
        secret.and_then(|secret| secret.map(|secret| signing_secret(decoder, secret)).transpose());
    let webhook = webhook(decoder, table, base, signs);
    let keywords = table.optional("keywords", |node| keywords(decoder, node));
    let Webhook { url, access_token } = webhook?;
    Ok(Robot {
        endpoint: Endpoint::Chatbot(Chatbot { webhook_url: url, access_token, secret: secret? }),
        keywords: keywords?.unwrap_or_default(),
        position: table.position,
    })
}

/// The robot's address; `signs` says whether it has a secret.
fn webhook(
    decoder: Decoder<'_>,
    table: &Table<'_>,
    base: &BaseUrls,
    signs: bool,
) -> Checked<Webhook> {
    let secret = secret::required(decoder, table, &["access_token", "webhook_url"])?;
    if secret.key.starts_with("webhook_url") {
        of_url(decoder, &secret, signs)
    } else {
        of_token(decoder, &secret, &base.oapi)
    }
}

/// The keywords that every robot has; if there are none, one of each robot, in one text.
fn keywords_of_all(
    decoder: Decoder<'_>,
    position: Position,
    robots: &[Robot],
) -> Checked<Vec<String>> {
    let lists = || robots.iter().map(|robot| &robot.keywords).filter(|list| !list.is_empty());
    let Some(first) = lists().next() else { return Ok(Vec::new()) };
    let shared: Vec<String> =
        first.iter().filter(|word| lists().all(|list| list.contains(word))).cloned().collect();
    if !shared.is_empty() {
        return Ok(shared);
    }
    let mut words: Vec<&str> = Vec::new();
    for list in lists() {
        if !list.iter().any(|word| words.contains(&word.as_str())) {
            words.extend(list.first().map(String::as_str));
        }
    }
    let words = words.join(" ");
    if words.chars().count() > LONGEST_KEYWORD {
        let text = format!(
            "the robots' keywords add up to more than {LONGEST_KEYWORD} characters; give them one \
             in common"
        );
        return decoder.fail(position, text);
    }
    Ok(vec![words])
}
