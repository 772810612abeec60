//! The configuration in force as YAML without secrets, for `/api/v1/status/config`.
//!
//! The YAML is written from the checked settings, so defaults, variables and flags show too. Each
//! value that shows is named here, so a new secret stays hidden unless somebody adds it.

mod mention;

use reqwest::Url;
use secrecy::ExposeSecret;

use self::mention::mention;
use super::quantity::show_duration;
use super::tree::Node;
use super::yaml::{bare, list, table, text, texts, write};
use super::{
    BaseUrls, DeliverySettings, Destination, Fallback, GrafanaKey, MonikaSettings, MonikaWebhook,
    Overflow, ProcessSettings, Quota, Receiver, Settings, SeverityOrder,
};
use crate::dingtalk::message::MessageType;
use crate::dingtalk::{Endpoint, Rate, Setting, WayOut};
use crate::render::Format;
use crate::render::template::Template;
use crate::select::active_times::{Dates, TimeInterval, TimeRange, zone_name};
use crate::settings::LogFormat;

/// The text in place of a secret, as in Prometheus and Alertmanager.
const SECRET: &str = "<secret>";

impl Settings {
    /// The configuration in force as YAML, with `<secret>` for each secret, also within URLs.
    #[must_use]
    pub fn redacted(&self) -> String {
        let timezone = self.timezone.iana_name().unwrap_or("UTC");
        let global = table([
            ("external_url", text(&self.process.external_url)),
            ("timezone", text(timezone)),
            ("language", text(self.language.as_str())),
        ]);
        write(&table([
            ("global", global),
            ("web", web(&self.process)),
            ("storage", storage(&self.process)),
            ("log", log(&self.process)),
            ("delivery", delivery(&self.delivery)),
            ("dingtalk", dingtalk(&self.dingtalk, &self.way_out)),
            ("templates", texts(&self.templates.patterns)),
            ("receivers", list(self.receivers.iter().map(receiver))),
        ]))
    }
}

fn dingtalk(urls: &BaseUrls, way_out: &WayOut) -> Node {
    let mut entries = vec![("oapi_url", text(&urls.oapi)), ("api_url", text(&urls.api))];
    let WayOut { proxy, ca_file } = way_out;
    entries.extend(proxy.as_ref().map(|proxy| ("proxy_url", text(proxy.shown(SECRET)))));
    entries.extend(ca_file.as_ref().map(|file| ("ca_file", text(&*file.path))));
    table(entries)
}

fn web(process: &ProcessSettings) -> Node {
    table([
        ("listen_address", text(process.listen.to_string())),
        ("route_prefix", text(&process.route_prefix)),
        ("enable_lifecycle", bare(process.enable_lifecycle)),
        ("enable_admin_api", bare(process.enable_admin_api)),
        ("max_body_bytes", bare(process.max_body_bytes)),
        ("max_alerts", bare(process.max_alerts)),
        ("max_connections", bare(process.max_connections)),
    ])
}

fn storage(process: &ProcessSettings) -> Node {
    let retention = table([
        ("delivered", text(show_duration(process.retain_delivered))),
        ("dead", text(show_duration(process.retain_dead))),
    ]);
    let limits = process.limits;
    let limits = table([
        ("queued", bare(limits.queued)),
        ("queued_bytes", bare(limits.queued_bytes)),
        ("oldest", text(show_duration(limits.oldest))),
        ("free_disk", bare(limits.free_disk)),
    ]);
    let url = format!("sqlite:{}", process.storage.display());
    table([("url", text(url)), ("limits", limits), ("retention", retention)])
}

fn log(process: &ProcessSettings) -> Node {
    let format = match process.log_format {
        LogFormat::Logfmt => "logfmt",
        LogFormat::Json => "json",
    };
    let level = process.log_level.as_str().to_lowercase();
    table([("level", text(level)), ("format", text(format))])
}

fn delivery(delivery: &DeliverySettings) -> Node {
    let shown = |duration| text(show_duration(duration));
    let park =
        table([("first", shown(delivery.park_first)), ("longest", shown(delivery.park_longest))]);
    table([
        ("attempt_timeout", shown(delivery.attempt_timeout)),
        ("retry", texts(delivery.retry.iter().copied().map(show_duration))),
        ("park", park),
        ("max_age", shown(delivery.max_age)),
        ("deduplicate", shown(delivery.deduplicate)),
        ("severity", severity(&delivery.severity)),
    ])
}

fn severity(severity: &SeverityOrder) -> Node {
    let mut entries = vec![("label", text(&*severity.label))];
    entries.extend(severity.order.as_ref().map(|order| ("order", texts(order))));
    table(entries)
}

fn receiver(receiver: &Receiver) -> Node {
    let section = |section: &'static str| {
        let destinations = receiver.destinations.iter();
        let of_section = destinations.filter(|found| found.endpoint.api().section == section);
        (section, list(of_section.map(destination)))
    };
    let mut entries = vec![
        ("name", text(&receiver.name)),
        ("enabled", bare(receiver.enabled)),
        selection(receiver),
        ("send_resolved", bare(receiver.send_resolved)),
        ("language", text(receiver.format.language.as_str())),
    ];
    let intervals = receiver.active_times.as_slice();
    if !intervals.is_empty() {
        entries.push(("active_times", list(intervals.iter().map(interval))));
    }
    entries.extend([("message", table(message(&receiver.format, receiver.template.as_deref())))]);
    entries.extend(receiver.grafana.as_ref().map(|key| ("grafana", grafana(key))));
    entries.push(("monika", monika(&receiver.monika)));
    entries.extend([section("chatbots"), section("conversations")]);
    table(entries)
}

/// What decides which alerts it keeps.
fn selection(receiver: &Receiver) -> (&'static str, Node) {
    if receiver.catch_all {
        return ("catch_all", bare(true));
    }
    let conditions = receiver.conditions.as_slice().iter();
    ("conditions", texts(conditions.map(ToString::to_string)))
}

fn interval(interval: &TimeInterval) -> Node {
    table(interval_entries(interval))
}

fn interval_entries(interval: &TimeInterval) -> Vec<(&'static str, Node)> {
    let TimeInterval { times, dates, zone, exceptions } = interval;
    let mut entries = Vec::new();
    let time_range = |range: &TimeRange| {
        let [start, end] = [range.start(), range.end()].map(|time| text(time.to_string()));
        table([("start_time", start), ("end_time", end)])
    };
    entries.extend(times.as_ref().map(|times| ("times", list(times.iter().map(time_range)))));
    let ranges = |dates: &Dates| texts(dates.ranges.iter().map(ToString::to_string));
    entries.extend(dates.iter().map(|dates| (dates.field.key(), ranges(dates))));
    entries.push(("location", text(zone_name(zone))));
    if !exceptions.is_empty() {
        entries.push(("not", list(exceptions.iter().map(self::interval))));
    }
    entries
}

fn monika(settings: &MonikaSettings) -> Node {
    let webhook = match settings.webhook {
        MonikaWebhook::Either => "either",
        MonikaWebhook::Toggle => "toggle",
    };
    let max_age = show_duration(settings.max_age.unwrap_or_default());
    table([("webhook", text(webhook)), ("max_age", text(max_age))])
}

fn grafana(key: &GrafanaKey) -> Node {
    let mut entries = vec![("hmac_secret", text(SECRET))];
    entries.push(("signature_header", text(&*key.signature_header)));
    entries.extend(key.timestamp_header.as_deref().map(|name| ("timestamp_header", text(name))));
    table(entries)
}

fn message(format: &Format, template: Option<&Template>) -> Vec<(&'static str, Node)> {
    let Format { message_type, buttons, layout, links, feed_picture, .. } = format;
    let mut entries = vec![("type", text(message_type.as_str()))];
    if *message_type == MessageType::ActionCard {
        entries.push(("buttons", texts(buttons.iter().map(|kind| kind.as_str()))));
        entries.push(("buttons_layout", text(layout.as_str())));
    }
    entries.push(("links", text(links.as_str())));
    if let Some(picture) = feed_picture {
        entries.extend([("digest", text("feed_card")), ("digest_picture", text(picture))]);
    }
    if let Some(template) = template {
        entries.extend(template.title().map(|source| ("title", text(source))));
        entries.extend(template.text().map(|source| ("text", text(source))));
        entries.push(("profile", text(template.profile().as_str())));
    }
    entries
}

fn destination(destination: &Destination) -> Node {
    let Destination { name, endpoint, pool, surface, mentions, overflow, fallback, quota, .. } =
        destination;
    let mut entries = vec![("name", text(name))];
    let robot = |endpoint: &Endpoint| -> Vec<(&'static str, Node)> {
        endpoint.settings().into_iter().map(|(key, value)| (key, setting(value))).collect()
    };
    if pool.is_empty() {
        entries.extend(robot(endpoint));
    } else {
        let robots = std::iter::once(endpoint).chain(pool).map(|endpoint| table(robot(endpoint)));
        entries.push(("pool", list(robots)));
    }
    if surface.api.keywords {
        entries.push(("keywords", texts(&surface.keywords)));
    }
    if surface.api.mentions {
        entries.push(("mention", mention(&surface.mention, mentions.as_deref())));
    }
    entries.push(("rate", rate(destination.rate)));
    entries.push(("max_bytes", bare(surface.max_bytes)));
    entries.push(("max_title", bare(surface.max_title)));
    entries.extend(quota.as_ref().map(|quota| ("quota", quota_table(quota))));
    entries.extend(fallback.as_ref().map(|it| ("fallback", fallback_table(it))));
    match overflow {
        Overflow::Queue => entries.push(("overflow", text("queue"))),
        Overflow::Fold { most_lines } => {
            entries.push(("overflow", text("fold")));
            entries.extend(most_lines.map(|lines| ("digest_lines", bare(lines))));
        }
    }
    table(entries)
}

fn quota_table(quota: &Quota) -> Node {
    table([("per_month", bare(quota.per_month)), ("name", text(&quota.name))])
}

fn fallback_table(fallback: &Fallback) -> Node {
    let mut entries = vec![("receiver", text(&fallback.receiver))];
    entries.extend(fallback.after.map(|after| ("after", text(show_duration(after)))));
    table(entries)
}

fn setting(value: Setting<'_>) -> Node {
    match value {
        Setting::Text(value) => text(value),
        Setting::List(values) => texts(values),
        Setting::Secret => text(SECRET),
        Setting::Url(url) => text(without_secrets(url.expose_secret())),
    }
}

fn rate(rate: Rate) -> Node {
    table([("messages", bare(rate.messages)), ("per", text(show_duration(rate.per)))])
}

/// A webhook's URL with host and path, and each value of its query as `<secret>`.
fn without_secrets(url: &str) -> String {
    let Ok(url) = Url::parse(url) else { return SECRET.to_owned() };
    let query: Vec<String> =
        url.query_pairs().map(|(name, _)| format!("{name}={SECRET}")).collect();
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{host}{port}{}?{}", url.scheme(), url.path(), query.join("&"))
}
