//! The check: makes valid [`Settings`] of the file's tree, or reports all mistakes at once.
//!
//! `check-config`, the start and the reload all call it, so a file that one of them accepts is
//! accepted by all.

mod account;
mod active_times;
mod catch_all;
mod chatbot;
mod condition;
mod conversation;
mod fallback;
mod grafana;
mod mention;
mod message;
mod monika;
mod overflow;
mod overlap;
pub(super) mod person;
mod pool;
mod quota;
mod receiver;
mod severity;
mod templates;
mod trials;
mod way_out;

use std::ops::RangeInclusive;
use std::time::Duration;

use secrecy::SecretString;

use self::fallback::KnownReceivers;
use self::receiver::Sections;
use self::templates::TemplateLibraries;
use self::trials::Trials;
use super::address::{self, base_url};
use super::decode::{Checked, Decoder, Table, all};
use super::keys::{DELIVERY, DINGTALK, PARK, ROOT};
use super::process::{self, Overrides};
use super::quantity::show_duration;
use super::tree::Node;
use super::webhook;
use super::{
    BaseUrls, DeliverySettings, Destination, MonikaSettings, Overflow, Receiver, Settings,
    Templates,
};
use crate::dingtalk::{Chatbot, Endpoint, WayOut, robot};
use crate::render::{Format, Language, Surface};
use crate::select::active_times::ActiveTimes;
use crate::select::condition::Conditions;

/// The longest duration that the `delivery` section takes: a year. Sums of several such durations
/// cannot overflow.
const LONGEST: Duration = Duration::from_hours(365 * 24);

/// The range of `deduplicate`. The store keeps the last state of a group for a day, so a longer
/// window could not be kept.
const DUPLICATES: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_hours(24);

/// The range of waits and of `max_age`. A wait below 10 ms is a mistake: it would allow more than a
/// hundred attempts a second.
const WAITS: RangeInclusive<Duration> = Duration::from_millis(10)..=LONGEST;

/// The range of an attempt's time limit; the default is 10 s, and a slow proxy may need longer.
const ATTEMPTS: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_mins(2);

/// The settings of a whole file.
pub(super) fn settings(
    decoder: Decoder<'_>,
    root: &Node,
    overrides: &Overrides,
) -> Checked<Settings> {
    let table = decoder.table(root, &ROOT);
    let process = process::read(decoder, table.as_ref().ok(), overrides);
    let table = table?;
    let delivery = table.optional("delivery", |node| delivery(decoder, node));
    let dingtalk = table.optional("dingtalk", |node| dingtalk(decoder, node));
    let (urls, way_out) = match dingtalk {
        Ok(Some((urls, way_out))) => (urls.map(Some), way_out),
        Ok(None) => (Ok(None), Ok(WayOut::default())),
        Err(reported) => (Err(reported), Err(reported)),
    };
    // With a bad base URL, which is reported, the receivers are checked against the default one.
    let base = urls.clone().ok().flatten().unwrap_or_default();
    let templates = table.optional("templates", |node| templates::templates(decoder, node));
    let templates = templates.map(Option::unwrap_or_default);
    let language = process.as_ref().map_or(Language::default(), |(_, _, language)| *language);
    let read = templates.as_ref().map_err(|reported| *reported);
    let trials = (!overrides.untried_templates).then(Trials::default);
    let used = table.entry("receivers").map_or(&[][..], |entry| entry.value.items());
    let libraries = TemplateLibraries::new(decoder, used, read, language, trials);
    let zone = process.as_ref().ok().map(|(_, timezone, _)| timezone);
    let severity = delivery.as_ref().ok().and_then(Option::as_ref).map(|it| it.severity.clone());
    let severity = severity.unwrap_or_default();
    let sections = Sections { base: &base, zone, language, severity: &severity };
    let receivers = table.required(decoder, "receivers", |node| {
        receiver::receivers(decoder, node, sections, &libraries)
    });
    libraries.report_trials(decoder);
    if let (Some(entry), Ok(_)) = (table.entry("templates"), &receivers) {
        libraries.warn_unused(decoder, entry.position);
    }
    let (process, timezone, language) = process?;
    Ok(Settings {
        process,
        timezone,
        language,
        delivery: delivery?.unwrap_or_default(),
        dingtalk: urls?.unwrap_or_default(),
        way_out: way_out?,
        receivers: receivers?.into(),
        templates: templates?,
    })
}

/// A receiver that stands in no file, checked beside the configuration in force.
pub(super) fn unsaved_receiver(
    decoder: Decoder<'_>,
    node: &Node,
    saved: &Settings,
) -> Checked<Receiver> {
    let Settings { timezone, language, delivery, dingtalk, templates, receivers, .. } = saved;
    let nodes = std::slice::from_ref(node);
    let trials = Some(Trials::default());
    let libraries = TemplateLibraries::new(decoder, nodes, Ok(templates), *language, trials);
    let (zone, severity) = (Some(timezone), &delivery.severity);
    let sections = Sections { base: dingtalk, zone, language: *language, severity };
    let known = receivers.iter().map(|known| (known.name.clone(), Some(known.enabled)));
    let known = KnownReceivers { enabled: known.collect(), has_nameless: false };
    let receiver = receiver::unsaved(decoder, node, sections, &libraries, known);
    libraries.report_trials(decoder);
    receiver
}

/// The settings without a file: one receiver with one chatbot, from the environment.
pub(super) fn without_file(
    decoder: Decoder<'_>,
    token: SecretString,
    secret: Option<SecretString>,
    overrides: &Overrides,
) -> Checked<Settings> {
    let dingtalk = BaseUrls::default();
    let webhook = webhook::of_checked_token(token, &dingtalk.oapi);
    let (process, timezone, language) = process::read(decoder, None, overrides)?;
    let chatbot = Chatbot { webhook_url: webhook.url, access_token: webhook.access_token, secret };
    let destination = Destination {
        name: "default".to_owned(),
        endpoint: Endpoint::Chatbot(chatbot),
        surface: Surface::new(&robot::API),
        mentions: None,
        pool: Vec::new(),
        rate: robot::API.rate,
        overflow: Overflow::default(),
        fallback: None,
        quota: None,
    };
    let receiver = Receiver {
        name: "default".to_owned(),
        enabled: true,
        conditions: Conditions::default(),
        catch_all: false,
        send_resolved: true,
        active_times: ActiveTimes::default(),
        format: Format { language, ..Format::default() },
        template: None,
        destinations: vec![destination],
        fallback: None,
        grafana: None,
        monika: MonikaSettings::default(),
    };
    let (delivery, templates) = (DeliverySettings::default(), Templates::default());
    Ok(Settings {
        process,
        timezone,
        language,
        delivery,
        dingtalk,
        way_out: WayOut::default(),
        templates,
        receivers: vec![receiver].into(),
    })
}

fn delivery(decoder: Decoder<'_>, node: &Node) -> Checked<DeliverySettings> {
    let table = decoder.table(node, &DELIVERY)?;
    let default = DeliverySettings::default();
    let read = |key, range: RangeInclusive<Duration>, default: Duration| {
        let value = table.optional(key, |node| decoder.duration(node, &range));
        value.map(|value| value.unwrap_or(default))
    };
    let attempt_timeout = read("attempt_timeout", ATTEMPTS, default.attempt_timeout);
    let max_age = read("max_age", WAITS, default.max_age);
    // Zero switches the detection of duplicates off.
    let deduplicate = read("deduplicate", DUPLICATES, default.deduplicate);
    let retry = table.optional("retry", |node| retry(decoder, node));
    let park = table.optional("park", |node| park(decoder, node, &default));
    let severity = table.optional("severity", |node| severity::severity(decoder, node));
    let (park_first, park_longest) = park?.unwrap_or((default.park_first, default.park_longest));
    Ok(DeliverySettings {
        attempt_timeout: attempt_timeout?,
        retry: retry?.unwrap_or(default.retry),
        park_first,
        park_longest,
        max_age: max_age?,
        deduplicate: deduplicate?,
        severity: severity?.unwrap_or_default(),
    })
}

fn retry(decoder: Decoder<'_>, node: &Node) -> Checked<Vec<Duration>> {
    let items = decoder.list(node, "durations")?;
    if items.is_empty() {
        return decoder.fail(node.position, "needs at least one wait; the last one repeats");
    }
    all(items.iter().map(|item| decoder.duration(item, &WAITS)))
}

fn park(
    decoder: Decoder<'_>,
    node: &Node,
    default: &DeliverySettings,
) -> Checked<(Duration, Duration)> {
    let table = decoder.table(node, &PARK)?;
    let read = |key| table.optional(key, |node| decoder.duration(node, &WAITS));
    let (first, longest) = (read("first"), read("longest"));
    let first = first?.unwrap_or(default.park_first);
    let longest = longest?.unwrap_or(default.park_longest);
    if first > longest {
        let (first, longest) = (show_duration(first), show_duration(longest));
        let text = format!("`first` ({first}) is longer than `longest` ({longest})");
        return decoder.fail(table.position, text);
    }
    Ok((first, longest))
}

/// Where DingTalk is, and how it is reached: receivers are checked with the one, whatever the other is.
fn dingtalk(decoder: Decoder<'_>, node: &Node) -> Checked<(Checked<BaseUrls>, Checked<WayOut>)> {
    let table = decoder.table(node, &DINGTALK)?;
    Ok((base_urls(decoder, &table), way_out::way_out(decoder, &table)))
}

fn base_urls(decoder: Decoder<'_>, table: &Table<'_>) -> Checked<BaseUrls> {
    let default = BaseUrls::default();
    let oapi = url(decoder, table, "oapi_url");
    let api = url(decoder, table, "api_url");
    Ok(BaseUrls { oapi: oapi?.unwrap_or(default.oapi), api: api?.unwrap_or(default.api) })
}

fn url(decoder: Decoder<'_>, table: &Table<'_>, key: &str) -> Checked<Option<String>> {
    table.optional(key, |node| {
        let url = base_url(decoder, node)?;
        if address::is_unencrypted(&url) {
            let text = "sends tokens and app secrets unencrypted (http)";
            decoder.report.warning(node.position, text);
        }
        Ok(url)
    })
}
