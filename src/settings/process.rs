//! The process' settings in four layers: flags over environment variables over the file over
//! defaults.
//!
//! The `config` crate merges the layers. Each value remembers its origin, so that an error names
//! the line, variable or flag that has to be changed. Values stay texts until they are merged, so
//! `0123` is `0123` from any layer. Only the value that wins is parsed.

pub(super) mod values;

use std::collections::BTreeMap;

use ::config::{Config, ConfigError, Map, Source as ConfigSource, Value as LayerValue, ValueKind};
use jiff::tz::TimeZone;

pub use self::values::storage;
pub(super) use self::values::timezone;
use self::values::{
    FORMATS, LEVELS, age_limit, alerts, body_bytes, connections, flag, free_bytes, language,
    listen, local_url, queued, queued_bytes, retention, route_prefix, word,
};
use super::address::{parse_base_url, path_of};
use super::decode::{Checked, Decoder, Reported, Table, did_you_mean};
use super::diagnostic::{Place, Report};
use super::environment::NotText;
use super::keys::{GLOBAL, LIMITS, NO_WEB_CONFIG, RETENTION, STORAGE, WEB};
use super::tree::Node;
use super::{ProcessSettings, StorageLimits};
use crate::render::Language;

/// The prefix of our environment variables: `CAMPANA__WEB__LISTEN_ADDRESS`.
const PREFIX: &str = "CAMPANA__";

/// The default of `global.timezone`: most users of DingTalk are in China.
pub const DEFAULT_TIMEZONE: &str = "Asia/Shanghai";

/// The flags of the command line; `None` for a flag that was not given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--web.listen-address`.
    pub listen_address: Option<String>,
    /// `--web.external-url`.
    pub external_url: Option<String>,
    /// `--web.route-prefix`.
    pub route_prefix: Option<String>,
    /// `--web.config.file`, which this version refuses.
    pub web_config_file: Option<String>,
    /// `--web.enable-lifecycle`.
    pub enable_lifecycle: Option<bool>,
    /// `--web.enable-admin-api`.
    pub enable_admin_api: Option<bool>,
    /// `--storage.url`.
    pub storage_url: Option<String>,
    /// `--log.level`.
    pub log_level: Option<String>,
    /// `--log.format`.
    pub log_format: Option<String>,
    /// No flag: templates are taken untried, by a command that shows what they do, or has nothing to do
    /// with them.
    pub untried_templates: bool,
}

impl Overrides {
    /// No flags, for a command that puts no configuration in force.
    #[must_use]
    pub fn for_command() -> Self {
        Self { untried_templates: true, ..Self::default() }
    }
}

/// A setting of the process: its key, its flag and its default, as texts.
struct ProcessSetting {
    key: &'static str,
    flag: Option<&'static str>,
    default: Option<&'static str>,
}

const fn setting(
    key: &'static str,
    flag: Option<&'static str>,
    default: Option<&'static str>,
) -> ProcessSetting {
    ProcessSetting { key, flag, default }
}

const SETTINGS: [ProcessSetting; 20] = [
    setting("global.external_url", Some("--web.external-url"), None),
    setting("global.timezone", None, Some(DEFAULT_TIMEZONE)),
    setting("global.language", None, Some("en")),
    // 8060 is prometheus-webhook-dingtalk's port.
    setting("web.listen_address", Some("--web.listen-address"), Some("0.0.0.0:8060")),
    setting("web.route_prefix", Some("--web.route-prefix"), None),
    setting("web.config_file", Some("--web.config.file"), None),
    setting("web.enable_lifecycle", Some("--web.enable-lifecycle"), Some("false")),
    setting("web.enable_admin_api", Some("--web.enable-admin-api"), Some("false")),
    setting("web.max_body_bytes", None, Some("4MiB")),
    setting("web.max_alerts", None, Some("10000")),
    setting("web.max_connections", None, Some("4096")),
    setting("storage.url", Some("--storage.url"), Some("sqlite:data/campana.db")),
    setting("storage.limits.queued", None, Some("1000000")),
    setting("storage.limits.queued_bytes", None, Some("4GiB")),
    // Twice delivery.max_age, after which what fails or waits for a dead destination is settled.
    setting("storage.limits.oldest", None, Some("48h")),
    setting("storage.limits.free_disk", None, Some("64MiB")),
    setting("storage.retention.delivered", None, Some("7d")),
    setting("storage.retention.dead", None, Some("30d")),
    setting("log.level", Some("--log.level"), Some("info")),
    setting("log.format", Some("--log.format"), Some("logfmt")),
];

impl Overrides {
    fn get(&self, key: &str) -> Option<String> {
        let word = |flag: Option<bool>| flag.map(|on| on.to_string());
        match key {
            "global.external_url" => self.external_url.clone(),
            "web.listen_address" => self.listen_address.clone(),
            "web.route_prefix" => self.route_prefix.clone(),
            "web.config_file" => self.web_config_file.clone(),
            "web.enable_lifecycle" => word(self.enable_lifecycle),
            "web.enable_admin_api" => word(self.enable_admin_api),
            "storage.url" => self.storage_url.clone(),
            "log.level" => self.log_level.clone(),
            "log.format" => self.log_format.clone(),
            _ => None,
        }
    }
}

/// Reads the process' settings, and the time zone and language, which a reload may change.
pub(super) fn read(
    decoder: Decoder<'_>,
    root: Option<&Table<'_>>,
    overrides: &Overrides,
) -> Checked<(ProcessSettings, TimeZone, Language)> {
    let mut layers = Layers::default();
    let file = root.map(|root| layers.add_file(decoder, root));
    let variables = layers.add_environment(decoder);
    layers.add_flags(overrides);
    let effective = Effective::of(layers, decoder.report)?;
    let read = effective.settings();
    let _ = (file.unwrap_or(Ok(()))?, variables?);
    read
}

/// The layers above the defaults, lowest first, and the places of their values, by origin.
#[derive(Default)]
struct Layers {
    layers: Vec<Layer>,
    places: BTreeMap<String, Place>,
}

/// One layer: texts by key, each with its place as a text, the `config` crate's origin.
#[derive(Debug, Clone, Default)]
struct Layer(Map<String, LayerValue>);

impl ConfigSource for Layer {
    fn clone_into_box(&self) -> Box<dyn ConfigSource + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, LayerValue>, ConfigError> {
        Ok(self.0.clone())
    }
}

impl Layers {
    fn put(&mut self, layer: &mut Layer, key: &str, text: String, place: Place) {
        let origin = place.to_string();
        layer.0.insert(key.to_owned(), LayerValue::new(Some(&origin), text));
        self.places.insert(origin, place);
    }

    fn add_file(&mut self, decoder: Decoder<'_>, root: &Table<'_>) -> Checked<()> {
        let mut layer = Layer::default();
        let global = root.optional("global", |node| decoder.table(node, &GLOBAL));
        let web = root.optional("web", |node| decoder.table(node, &WEB));
        let storage = root.optional("storage", |node| decoder.table(node, &STORAGE));
        let within = |name, keys| match &storage {
            Ok(Some(storage)) => storage.optional(name, |node| decoder.table(node, keys)),
            Ok(None) | Err(Reported) => Ok(None),
        };
        let (limits, retention) = (within("limits", &LIMITS), within("retention", &RETENTION));
        let sections = [
            ("global.", &global),
            ("web.", &web),
            ("storage.limits.", &limits),
            ("storage.retention.", &retention),
            ("storage.", &storage),
        ];
        let mut outcome = Ok(());
        for ProcessSetting { key, .. } in &SETTINGS {
            let found = sections.iter().find_map(|(prefix, table)| {
                let table = table.as_ref().ok()?.as_ref()?;
                table.known_entry(key.strip_prefix(prefix)?)
            });
            let Some(entry) = found else { continue };
            match scalar(decoder, key, &entry.value) {
                Ok(text) => {
                    self.put(&mut layer, key, text, decoder.report.place(entry.value.position));
                }
                Err(Reported) => outcome = Err(Reported),
            }
        }
        self.layers.push(layer);
        let _ = (global?, web?, storage?, limits?, retention?);
        outcome
    }

    fn add_environment(&mut self, decoder: Decoder<'_>) -> Checked<()> {
        let variable = |key: &str| format!("{PREFIX}{}", key.replace('.', "__").to_uppercase());
        let names: Vec<(String, &str)> =
            SETTINGS.iter().map(|setting| (variable(setting.key), setting.key)).collect();
        let mut layer = Layer::default();
        let mut outcome = Ok(());
        for name in decoder.environment.not_texts_beginning_with(PREFIX) {
            decoder.report.error_at(Place::Variable(name.to_owned()), NotText.to_string());
            outcome = Err(Reported);
        }
        for (name, value) in decoder.environment.beginning_with(PREFIX) {
            let place = Place::Variable(name.to_owned());
            if let Some((_, key)) = names.iter().find(|(known, _)| known == name) {
                self.put(&mut layer, key, value.to_owned(), place);
                continue;
            }
            let hint = did_you_mean(name, names.iter().map(|(known, _)| known.as_str()));
            let end = if hint.is_empty() { "." } else { "" };
            let rule = "Only global, web, storage and log settings have a variable";
            decoder.report.error_at(place, format!("there is no such setting{hint}{end} {rule}"));
            outcome = Err(Reported);
        }
        self.layers.push(layer);
        outcome
    }

    fn add_flags(&mut self, overrides: &Overrides) {
        let mut layer = Layer::default();
        for ProcessSetting { key, flag, .. } in &SETTINGS {
            if let (Some(flag), Some(text)) = (flag, overrides.get(key)) {
                self.put(&mut layer, key, text, Place::Flag(flag));
            }
        }
        self.layers.push(layer);
    }
}

/// A file's value as a text. The other layers hold only texts, so whether a value was quoted can be
/// checked only here.
fn scalar(decoder: Decoder<'_>, key: &str, node: &Node) -> Checked<String> {
    match key {
        "global.external_url" | "storage.url" => decoder.expanded(node, "a URL"),
        "web.enable_lifecycle" | "web.enable_admin_api" => {
            decoder.flag(node).map(|on| on.to_string())
        }
        _ => decoder.text(node, "a value").map(str::to_owned),
    }
}

/// The merged values, with their places.
struct Effective<'r> {
    config: Config,
    places: BTreeMap<String, Place>,
    report: &'r Report,
}

impl<'r> Effective<'r> {
    fn of(layers: Layers, report: &'r Report) -> Checked<Self> {
        match build(layers.layers) {
            Ok(config) => Ok(Self { config, places: layers.places, report }),
            Err(error) => {
                report.error_at(Place::Nowhere, format!("can't be layered: {error}"));
                Err(Reported)
            }
        }
    }

    fn settings(&self) -> Checked<(ProcessSettings, TimeZone, Language)> {
        let language = self.required("global.language", language);
        let web_config = self.optional("web.config_file", |_| Err::<(), _>(NO_WEB_CONFIG.into()));
        let timezone = self.required("global.timezone", timezone);
        let listen = self.required("web.listen_address", listen);
        let external_url = self.optional("global.external_url", parse_base_url);
        let route_prefix = self.optional("web.route_prefix", route_prefix);
        let enable_lifecycle = self.required("web.enable_lifecycle", flag);
        let enable_admin_api = self.required("web.enable_admin_api", flag);
        let max_body_bytes = self.required("web.max_body_bytes", body_bytes);
        let max_alerts = self.required("web.max_alerts", alerts);
        let max_connections = self.required("web.max_connections", connections);
        let storage = self.required("storage.url", storage);
        let limits = self.limits();
        let retain_delivered = self.required("storage.retention.delivered", retention);
        let retain_dead = self.required("storage.retention.dead", retention);
        let log_level = self.required("log.level", |text| word(text, &LEVELS));
        let log_format = self.required("log.format", |text| word(text, &FORMATS));
        let _ = web_config?;
        let listen = listen?;
        let external_url = external_url?.unwrap_or_else(|| local_url(listen));
        let process = ProcessSettings {
            listen,
            route_prefix: route_prefix?.unwrap_or_else(|| path_of(&external_url)),
            external_url,
            enable_lifecycle: enable_lifecycle?,
            enable_admin_api: enable_admin_api?,
            max_body_bytes: max_body_bytes?,
            max_alerts: max_alerts?,
            max_connections: max_connections?,
            storage: storage?,
            limits: limits?,
            retain_delivered: retain_delivered?,
            retain_dead: retain_dead?,
            log_level: log_level?,
            log_format: log_format?,
        };
        Ok((process, timezone?, language?))
    }

    fn limits(&self) -> Checked<StorageLimits> {
        let queued = self.required("storage.limits.queued", queued);
        let queued_bytes = self.required("storage.limits.queued_bytes", queued_bytes);
        let oldest = self.required("storage.limits.oldest", age_limit);
        let free_disk = self.required("storage.limits.free_disk", free_bytes);
        Ok(StorageLimits {
            queued: queued?,
            queued_bytes: queued_bytes?,
            oldest: oldest?,
            free_disk: free_disk?,
        })
    }

    fn required<T>(&self, key: &str, read: impl Fn(&str) -> Result<T, String>) -> Checked<T> {
        self.optional(key, read)?.ok_or(Reported)
    }

    fn optional<T>(
        &self,
        key: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Checked<Option<T>> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let text = value.clone().into_string().unwrap_or_default();
        match read(&text) {
            Ok(read) => Ok(Some(read)),
            Err(why) => {
                let place = value.origin().and_then(|origin| self.places.get(origin));
                let place = place.cloned().unwrap_or(Place::Nowhere);
                self.report.error_about(key, place, why);
                Err(Reported)
            }
        }
    }

    fn value(&self, key: &str) -> Option<&LayerValue> {
        let mut value = &self.config.cache;
        for part in key.split('.') {
            let ValueKind::Table(table) = &value.kind else { return None };
            value = table.get(part)?;
        }
        Some(value)
    }
}

fn build(layers: Vec<Layer>) -> Result<Config, ConfigError> {
    let mut builder = Config::builder();
    for ProcessSetting { key, default, .. } in &SETTINGS {
        if let Some(default) = default {
            builder = builder.set_default(*key, *default)?;
        }
    }
    for layer in layers {
        builder = builder.add_source(layer);
    }
    builder.build()
}
