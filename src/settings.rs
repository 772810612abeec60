//! The configuration, checked: whoever holds a [`Settings`] need not check again.

mod address;
mod check;
mod decode;
pub mod diagnostic;
pub mod environment;
mod file;
mod foreign;
mod glob;
mod keys;
pub mod process;
mod quantity;
mod receivers;
mod redact;
pub mod reload;
mod secret;
pub mod tree;
mod yaml;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use tracing::Level;

pub use self::diagnostic::{ConfigErrors, Diagnostic};
pub use self::environment::Environment;
pub use self::process::Overrides;
pub use self::receivers::{Receivers, UnknownReceiver};
use crate::dingtalk::message::MessageType;
use crate::dingtalk::{Endpoint, Rate};
use crate::render::template::{Template, TemplateFile};
use crate::render::{Language, Style, Surface};
use crate::select::condition::Conditions;

/// A configuration that can be used, and what is odd about it.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The configuration.
    pub settings: Settings,
    /// Sorted by place; none of them is an error.
    pub warnings: Vec<Diagnostic>,
}

/// Everything that the file, the environment and the flags say.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What only a restart can change, and where the server is.
    pub process: ProcessSettings,
    /// The zone of the times in messages (`global.timezone`).
    pub timezone: TimeZone,
    /// The language of our own words in messages (`global.language`).
    pub language: Language,
    /// The delivery section.
    pub delivery: DeliverySettings,
    /// DingTalk's base URLs.
    pub dingtalk: BaseUrls,
    /// The templates that receivers can call.
    pub templates: Templates,
    /// In the file's order, and by their names.
    pub receivers: Receivers,
}

/// The `templates` section.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Templates {
    /// The patterns, as written.
    pub patterns: Vec<String>,
    /// The files that they matched, as they were when the configuration was loaded.
    pub files: Vec<TemplateFile>,
}

impl Settings {
    /// How messages of a type are written.
    #[must_use]
    pub fn style(&self, message_type: MessageType) -> Style {
        Style { message_type, timezone: self.timezone.clone(), language: self.language }
    }
}

/// The settings that `config` layers: defaults, file, environment, flags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessSettings {
    /// Where to listen (`web.listen_address`).
    pub listen: SocketAddr,
    /// How people reach this server (`global.external_url`), without a slash at the end.
    pub external_url: String,
    /// The prefix of all paths, `/prefix` or empty.
    pub route_prefix: String,
    /// `--web.enable-lifecycle`.
    pub enable_lifecycle: bool,
    /// `--web.enable-admin-api`.
    pub enable_admin_api: bool,
    /// The largest request body, in bytes.
    pub max_body_bytes: usize,
    /// The database file (`storage.url` without `sqlite:`).
    pub storage: PathBuf,
    /// How long delivered and folded deliveries are kept.
    pub retain_delivered: Duration,
    /// How long dead and discarded deliveries are kept.
    pub retain_dead: Duration,
    /// What is logged (`--log.level`).
    pub log_level: Level,
    /// How it is logged (`--log.format`).
    pub log_format: LogFormat,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// `key=value` pairs, as Prometheus writes them.
    Logfmt,
    /// One JSON object a line.
    Json,
}

/// The `delivery` section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliverySettings {
    /// The longest that one attempt may take.
    pub attempt_timeout: Duration,
    /// The waits after failures; the last one repeats.
    pub retry: Vec<Duration>,
    /// The first wait of a throttled lane.
    pub park_first: Duration,
    /// The longest wait of a throttled lane.
    pub park_longest: Duration,
    /// After this, what did not arrive is a dead letter.
    pub max_age: Duration,
    /// An equal notification within this time is a duplicate.
    pub deduplicate: Duration,
}

impl Default for DeliverySettings {
    /// A schedule that spends about an hour on its first seven tries; the last wait repeats.
    fn default() -> Self {
        Self {
            attempt_timeout: Duration::from_secs(10),
            retry: [1, 5, 15, 60, 300, 900, 1_800].map(Duration::from_secs).to_vec(),
            // DingTalk blocks a robot for up to ten minutes (`custom-robots-send-group-messages`).
            park_first: Duration::from_mins(1),
            park_longest: Duration::from_mins(10),
            max_age: Duration::from_hours(24),
            deduplicate: Duration::from_mins(1),
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
    /// DingTalk in China; the international service has hosts of its own.
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
    /// What an alert must satisfy.
    pub conditions: Conditions,
    /// Whether resolved alerts are kept.
    pub send_resolved: bool,
    /// The type of its messages.
    pub message_type: MessageType,
    /// Its own title and text, where it has them.
    pub template: Option<Arc<Template>>,
    /// Chatbots, then conversations, in the file's order; names are unique in the receiver.
    pub destinations: Vec<Destination>,
}

/// One chatbot, or one conversation id.
#[derive(Debug, Clone)]
pub struct Destination {
    /// The chatbot's name, or a conversation's `name/` + 8 hex digits of a hash of its id.
    pub name: String,
    /// Its address and credentials.
    pub endpoint: Endpoint,
    /// What it asks of its messages.
    pub surface: Surface,
    /// Its lane's rate.
    pub rate: Rate,
}

#[cfg(test)]
mod tests;
