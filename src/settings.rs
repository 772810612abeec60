//! The configuration: its file format, its checks, and the settings that the other stages use.
//!
//! Only the check makes a [`Settings`], so code that has one need not check a value again.

mod address;
mod check;
mod contents;
mod decode;
pub mod diagnostic;
pub mod environment;
mod file;
pub mod foreign;
mod glob;
mod keys;
mod monika;
mod open_ids;
pub mod process;
mod quantity;
mod receivers;
mod redact;
pub mod reload;
mod secret;
pub mod tree;
mod unsaved;
mod webhook;
mod yaml;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use secrecy::SecretString;
use tracing::Level;

pub use self::diagnostic::{ConfigErrors, Diagnostic};
pub use self::environment::Environment;
pub use self::monika::{MonikaSettings, MonikaWebhook};
pub use self::open_ids::with_open_ids;
pub use self::process::Overrides;
pub use self::receivers::{Receivers, UnknownReceiver};
pub use self::unsaved::UnsavedReceiver;
use crate::dingtalk::{Endpoint, Rate, WayOut};
use crate::render::template::{Template, TemplateFile};
pub use crate::render::{Format, SeverityOrder};
use crate::render::{Language, Style, Surface};
use crate::select::active_times::ActiveTimes;
use crate::select::condition::Conditions;
use crate::select::mention::MentionRules;

/// A valid configuration, and the warnings about it.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The configuration.
    pub settings: Settings,
    /// The warnings, sorted by place.
    pub warnings: Vec<Diagnostic>,
}

/// The configuration in force: file, environment and flags together.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The settings of the process, which only a restart can change.
    pub process: ProcessSettings,
    /// The time zone of the times in messages (`global.timezone`).
    pub timezone: TimeZone,
    /// The language of the words that Campana adds to messages (`global.language`).
    pub language: Language,
    /// The `delivery` section.
    pub delivery: DeliverySettings,
    /// DingTalk's base URLs.
    pub dingtalk: BaseUrls,
    /// The way to it (`dingtalk.proxy_url`, `dingtalk.ca_file`).
    pub way_out: WayOut,
    /// The templates that receivers can call.
    pub templates: Templates,
    /// The receivers, in the file's order.
    pub receivers: Receivers,
}

/// The `templates` section.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Templates {
    /// The patterns, as written.
    pub patterns: Vec<String>,
    /// The files that the patterns matched, read when the configuration was loaded.
    pub files: Vec<TemplateFile>,
}

impl Settings {
    /// Each quota once.
    #[must_use]
    pub fn quotas(&self) -> BTreeMap<&str, u32> {
        let destinations = self.receivers.iter().flat_map(|receiver| &receiver.destinations);
        let quotas = destinations.filter_map(|destination| destination.quota.as_ref());
        quotas.map(|quota| (quota.name.as_str(), quota.per_month)).collect()
    }

    /// The style of messages that look so.
    #[must_use]
    pub fn style(&self, format: &Format) -> Style {
        Style::new(format.clone(), self.timezone.clone())
    }
}

/// The settings that have four layers: default, file, environment variable, flag.
///
/// A reload reads and checks them, but only a restart puts a change in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessSettings {
    /// The address to listen on (`web.listen_address`).
    pub listen: SocketAddr,
    /// The URL under which people reach this server (`global.external_url`), without a slash at the
    /// end.
    pub external_url: String,
    /// The prefix of all HTTP paths (`web.route_prefix`): `/prefix`, or empty.
    pub route_prefix: String,
    /// Whether every peer may reload (`--web.enable-lifecycle`), not only loopback.
    pub enable_lifecycle: bool,
    /// Whether every peer may replay and discard (`--web.enable-admin-api`), not only loopback.
    pub enable_admin_api: bool,
    /// The largest request body, in bytes (`web.max_body_bytes`).
    pub max_body_bytes: usize,
    /// The most alerts that are kept of a notification (`web.max_alerts`).
    pub max_alerts: usize,
    /// The most connections that are open at once (`web.max_connections`).
    pub max_connections: usize,
    /// The database file (`storage.url` without `sqlite:`).
    pub storage: PathBuf,
    /// When new notifications are refused (`storage.limits`).
    pub limits: StorageLimits,
    /// How long delivered and folded deliveries are kept (`storage.retention.delivered`).
    pub retain_delivered: Duration,
    /// How long dead and discarded deliveries are kept (`storage.retention.dead`).
    pub retain_dead: Duration,
    /// The least severe level that is logged (`--log.level`).
    pub log_level: Level,
    /// The format of log lines (`--log.format`).
    pub log_format: LogFormat,
}

/// The `storage.limits` section: at any of these, new notifications are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageLimits {
    /// How many deliveries are queued.
    pub queued: u64,
    /// Their bytes as they are stored.
    pub queued_bytes: u64,
    /// For how long a delivery that could be sent has been due.
    pub oldest: Duration,
    /// The bytes that the disk has left at least; 0 for no limit.
    pub free_disk: u64,
}

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// `key=value` pairs, as in Prometheus' logs.
    Logfmt,
    /// One JSON object a line.
    Json,
}

/// The `delivery` section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliverySettings {
    /// The time limit of one attempt.
    pub attempt_timeout: Duration,
    /// The waits after failures; the last one repeats.
    pub retry: Vec<Duration>,
    /// The first wait of a throttled lane.
    pub park_first: Duration,
    /// The longest wait of a throttled lane.
    pub park_longest: Duration,
    /// A delivery that still fails so long after its first attempt, or waits so long for a dead or removed
    /// destination, becomes a dead letter.
    pub max_age: Duration,
    /// A notification equal to the last one of its group is a duplicate within this time.
    pub deduplicate: Duration,
    /// What goes first.
    pub severity: SeverityOrder,
}

impl Default for DeliverySettings {
    /// The seven waits add up to 51 minutes; the last one repeats until `max_age`.
    fn default() -> Self {
        Self {
            attempt_timeout: Duration::from_secs(10),
            retry: [1, 5, 15, 60, 300, 900, 1_800].map(Duration::from_secs).to_vec(),
            // DingTalk blocks a robot for up to ten minutes (`custom-robots-send-group-messages`).
            park_first: Duration::from_mins(1),
            park_longest: Duration::from_mins(10),
            max_age: Duration::from_hours(24),
            deduplicate: Duration::from_mins(1),
            severity: SeverityOrder::default(),
        }
    }
}

/// DingTalk's base URLs, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrls {
    /// `https://oapi.dingtalk.com`: `robot/send`.
    pub oapi: String,
    /// `https://api.dingtalk.com`: `oauth2/accessToken`, `groupMessages/send`.
    pub api: String,
}

impl Default for BaseUrls {
    /// The hosts of DingTalk in China; the international service has other hosts.
    fn default() -> Self {
        Self {
            oapi: "https://oapi.dingtalk.com".to_owned(),
            api: "https://api.dingtalk.com".to_owned(),
        }
    }
}

/// A named entry of the configuration, with conditions and destinations.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// The name in the URL.
    pub name: String,
    /// A disabled receiver takes only test messages.
    pub enabled: bool,
    /// The conditions that an alert must satisfy to be kept.
    pub conditions: Conditions,
    /// Whether its conditions are made of the others': it keeps what no other enabled receiver keeps.
    pub catch_all: bool,
    /// Whether resolved alerts are kept.
    pub send_resolved: bool,
    /// When it is told of what it keeps.
    pub active_times: ActiveTimes,
    /// How its messages look.
    pub format: Format,
    /// The receiver's own title and text; without them, the built-in message.
    pub template: Option<Arc<Template>>,
    /// Chatbots, then conversations, in the file's order; their names are unique in the receiver.
    pub destinations: Vec<Destination>,
    /// The fallback of the destinations that name none, and of those that it has no more.
    pub fallback: Option<Fallback>,
    /// The key that notifications for it have to be signed with, if they have to be.
    pub grafana: Option<GrafanaKey>,
    /// How it understands what Monika posts to it.
    pub monika: MonikaSettings,
}

/// How Grafana signs what it posts to a receiver (`grafana`).
#[derive(Debug, Clone)]
pub struct GrafanaKey {
    /// The secret that its contact point has too.
    pub secret: SecretString,
    /// The header of the signature.
    pub signature_header: String,
    /// The header of the time stamp, if its contact point has one.
    pub timestamp_header: Option<String>,
}

impl Receiver {
    /// Whether its messages mention people whom alerts name.
    #[must_use]
    pub fn mentions_by_name(&self) -> bool {
        let mut rules = self.destinations.iter().filter_map(|found| found.mentions.as_ref());
        rules.any(|rules| rules.names.is_some())
    }

    /// Where what this destination of its does not take goes as well.
    ///
    /// Something may still wait for a destination that it has no more.
    #[must_use]
    pub fn fallback_of(&self, destination: &str) -> Option<&Fallback> {
        let found = self.destinations.iter().find(|known| known.name == destination);
        found.map_or(self.fallback.as_ref(), |found| found.fallback.as_ref())
    }
}

/// One chatbot, or one conversation id.
#[derive(Debug, Clone)]
pub struct Destination {
    /// The chatbot's name, or a conversation's `name/` + 8 hex digits of a hash of its id.
    pub name: String,
    /// The address and credentials.
    pub endpoint: Endpoint,
    /// The other robots that share its work, if it has a pool; all are of one API.
    pub pool: Vec<Endpoint>,
    /// The size limit and keywords of its messages, and whom all of them mention.
    pub surface: Surface,
    /// What decides whom a message mentions besides, if anything does.
    pub mentions: Option<Arc<MentionRules>>,
    /// The rate of each robot's lane; all destinations of a lane have the same.
    pub rate: Rate,
    /// What happens when more waits than the rate lets through.
    pub overflow: Overflow,
    /// Where its dead letters go as well: its own fallback, or that of its receiver.
    pub fallback: Option<Fallback>,
    /// How many messages a month DingTalk takes.
    pub quota: Option<Quota>,
}

/// How many messages DingTalk takes in a calendar month (`quota`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// Its name; destinations of one organisation may share it.
    pub name: String,
    /// How many messages.
    pub per_month: u32,
}

/// Where what a destination does not take goes as well (`fallback`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallback {
    /// The receiver whose destinations get it.
    pub receiver: String,
    /// Also what was accepted so long ago and has not arrived yet; without it, dead letters and
    /// what waits for a dead destination only.
    pub after: Option<Duration>,
}

impl Destination {
    /// Every robot or app that sends for it, at least one.
    pub fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        std::iter::once(&self.endpoint).chain(&self.pool)
    }
}

/// What a destination does when more waits than its rate lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overflow {
    /// What waits is folded into digests, of at most so many lines each (`overflow: fold`).
    Fold {
        /// Without it every group has its line (`digest_lines`).
        most_lines: Option<usize>,
    },
    /// Each message goes out as itself, however long it takes (`overflow: queue`).
    Queue,
}

impl Default for Overflow {
    fn default() -> Self {
        Self::Fold { most_lines: None }
    }
}

#[cfg(test)]
mod tests;
