//! The NotificationManager object: what it sets for all receivers, and what Alertmanager does here.

use std::time::Duration;

use crate::dingtalk::{Api, chat, robot};
use crate::settings::decode::shown;
use crate::settings::foreign::findings::Findings;
use crate::settings::foreign::source::Placed;
use crate::settings::foreign::translation::Translation;
use crate::settings::foreign::wrapped::Reference;
use crate::settings::quantity::{duration, show_duration};
use crate::settings::tree::Node;
use crate::settings::yaml::{bare, table, text};

/// What is set for all receivers.
#[derive(Default)]
pub(super) struct Options<'t> {
    pub(super) template: Option<&'t str>,
    pub(super) title: Option<&'t str>,
    pub(super) kind: Option<&'t str>,
    /// The ConfigMap with the templates, and where it is named.
    pub(super) templates: Option<(Reference<'t>, Placed<'t>)>,
    /// The template files that old versions name in its place.
    pub(super) files: Vec<(&'t str, Placed<'t>)>,
    pub(super) chatbots: Limits,
    pub(super) conversations: Limits,
}

/// The limits of all chatbots, or of all conversations, where they differ from ours.
#[derive(Default)]
pub(super) struct Limits {
    rate: Option<Node>,
    max_bytes: Option<usize>,
}

impl Limits {
    fn of(findings: &Findings, dingtalk: Placed<'_>, keys: [&str; 2], api: &Api) -> Self {
        let [throttle, size] = keys.map(|key| dingtalk.get(key));
        Self {
            rate: throttle.and_then(|throttle| rate(findings, throttle, api)),
            max_bytes: size.and_then(|size| max_bytes(findings, size, api)),
        }
    }

    /// The keys of a destination that has them.
    pub(super) fn entries(&self) -> Vec<(&'static str, Node)> {
        let rate = self.rate.clone().map(|rate| ("rate", rate));
        rate.into_iter().chain(self.max_bytes.map(|bytes| ("max_bytes", bare(bytes)))).collect()
    }
}

/// The keys of `spec` that say how its pods run.
const DEPLOYMENT: [&str; 13] = [
    "resources",
    "image",
    "imagePullPolicy",
    "replicas",
    "nodeSelector",
    "affinity",
    "tolerations",
    "serviceAccountName",
    "portName",
    "env",
    "volumes",
    "volumeMounts",
    "args",
];

/// The keys of `spec` that are read here or with the tenants, or make no difference.
const READ: [&str; 12] = [
    "receivers",
    "defaultConfigSelector",
    "defaultSecretNamespace",
    "sidecars",
    "history",
    "groupLabels",
    "batchMaxSize",
    "batchMaxWait",
    "routePolicy",
    "template",
    "annotations",
    "labels",
];

const DINGTALK: [&str; 9] = [
    "notificationTimeout",
    "template",
    "titleTemplate",
    "tmplType",
    "tokenExpires",
    "conversationMessageMaxSize",
    "chatbotMessageMaxSize",
    "chatBotThrottle",
    "conversationThrottle",
];

/// Reads the object.
pub(super) fn read<'t>(translation: &mut Translation<'t>, manager: Placed<'t>) -> Options<'t> {
    let findings = translation.findings;
    let Some(spec) = findings.table(manager, "spec") else { return Options::default() };
    findings.known(spec, "the spec of a NotificationManager", &[&READ[..], &DEPLOYMENT].concat());
    let deployed: Vec<&str> =
        DEPLOYMENT.into_iter().filter(|key| spec.get(key).is_some()).collect();
    if !deployed.is_empty() {
        let keys = deployed.join("`, `");
        findings.note_at(spec, format!("how its pods run is not translated: `{keys}`"));
    }
    note_flow(findings, spec);
    let templates = spec.get("template").map(|value| language(translation, value));
    let options = spec.at(&["receivers", "options"]);
    let dingtalk = options.and_then(|options| findings.table(options, "dingtalk"));
    let mut read = dingtalk.map(|value| of_dingtalk(findings, value)).unwrap_or_default();
    read.templates = templates.flatten();
    let global = options.and_then(|options| options.text_at(&["global", "template"]));
    read.template = read.template.or(global);
    let global = options.and_then(|options| findings.table(options, "global"));
    read.files = global.map(|global| findings.texts(global, "templateFile")).unwrap_or_default();
    read
}

/// Notes what Alertmanager does in Campana's place.
fn note_flow(findings: &Findings, spec: Placed<'_>) {
    let note = |key: &str, words: &str| {
        if let Some(value) = spec.get(key) {
            findings.note_at(value, words);
        }
    };
    if let Some(value) = spec.get("groupLabels") {
        let labels: Vec<&str> = value.items().filter_map(Placed::text).collect();
        let labels = labels.join(", ");
        findings.note_at(value, format!("write `group_by: [{labels}]` in alertmanager.yml"));
    }
    note("batchMaxSize", "Alertmanager's groups are not cut into batches here");
    note("batchMaxWait", "`group_wait` in alertmanager.yml says how long alerts are gathered");
    note(
        "history",
        "there is no webhook for the history: the queue keeps it (`campana queue list`, \
         `storage.retention`)",
    );
    if let Some(value) = spec.get("routePolicy").filter(|value| value.text() != Some("All")) {
        let policy = value.text().unwrap_or_default();
        let policy = shown(policy);
        findings.note_at(
            value,
            format!(
                "`routePolicy: {policy}` has no counterpart: at `/api/v2/alerts` every receiver \
                 gets what its conditions keep; write routes in alertmanager.yml that post to \
                 `/api/v1/receivers/NAME/alerts`"
            ),
        );
    }
}

/// The language of messages, and the ConfigMap of the templates.
fn language<'t>(
    translation: &mut Translation<'t>,
    value: Placed<'t>,
) -> Option<(Reference<'t>, Placed<'t>)> {
    let findings = translation.findings;
    let known = ["text", "reloadCycle", "languagePack", "language"];
    findings.known(value, "`template`", &known);
    let language = findings.text(value, "language").unwrap_or("English");
    if language.eq_ignore_ascii_case("zh-cn") {
        translation.set("global", "language", text("zh-CN"));
    }
    if let Some(packs) = value.get("languagePack") {
        findings.note_at(
            packs,
            "language packs are not in this version: `translate` gives a word as it is, while \
             Campana's own words follow `global.language`",
        );
    }
    let reference = value.get("text")?;
    Reference::of("ConfigMap", reference).map(|found| (found, reference))
}

fn of_dingtalk<'t>(findings: &Findings, value: Placed<'t>) -> Options<'t> {
    findings.known(value, "the options of DingTalk", &DINGTALK);
    for (key, words) in [
        (
            "notificationTimeout",
            "it had no effect there; ours is `delivery.attempt_timeout`, and its 10s are kept",
        ),
        ("tokenExpires", "a token is kept here for as long as DingTalk says"),
    ] {
        if let Some(value) = value.get(key) {
            findings.note_at(value, format!("`{key}`: {words}"));
        }
    }
    let text = |key| findings.text(value, key).filter(|text| !text.is_empty());
    Options {
        template: text("template"),
        title: text("titleTemplate"),
        kind: text("tmplType"),
        templates: None,
        files: Vec::new(),
        chatbots: Limits::of(
            findings,
            value,
            ["chatBotThrottle", "chatbotMessageMaxSize"],
            &robot::API,
        ),
        // The product sends to conversations by the older API alone.
        conversations: Limits::of(
            findings,
            value,
            ["conversationThrottle", "conversationMessageMaxSize"],
            &chat::API,
        ),
    }
}

/// The rate of a throttle that is stricter than DingTalk's limit.
fn rate(findings: &Findings, throttle: Placed<'_>, api: &Api) -> Option<Node> {
    findings.known(throttle, "a throttle", &["threshold", "unit", "maxWaitTime"]);
    let most = api.rate;
    let number = |key: &str| throttle.text_at(&[key])?.parse::<u64>().ok();
    let messages = number("threshold").unwrap_or(u64::from(most.messages));
    let unit = throttle.text_at(&["unit"]).and_then(duration);
    let per = number("unit").map(Duration::from_nanos).or(unit).unwrap_or(most.per);
    let hour = Duration::from_hours(1);
    if (messages, per) == (u64::from(most.messages), most.per) {
        return None;
    }
    if messages == 0 || messages > u64::from(most.messages) || per < most.per || per > hour {
        let text = format!(
            "the throttle is left out: `rate` is at most DingTalk's {} messages, in a window of {} \
             to {}",
            most.messages,
            show_duration(most.per),
            show_duration(hour)
        );
        findings.note_at(throttle, text);
        return None;
    }
    findings.note_at(
        throttle,
        "what the throttle holds back waits here until it can be sent, and is folded into digests; \
         `maxWaitTime` has no counterpart",
    );
    let per = text(show_duration(per));
    Some(table([("messages", bare(messages)), ("per", per)]))
}

/// The size limit, where it is not ours and DingTalk may take it.
fn max_bytes(findings: &Findings, size: Placed<'_>, api: &Api) -> Option<usize> {
    /// The least that Campana takes.
    const LEAST: usize = 1_000;
    let bytes = size.text()?.parse::<usize>().ok()?;
    if bytes == api.max_bytes {
        return None;
    }
    if (LEAST..=api.most_bytes).contains(&bytes) {
        findings.note_at(size, "`max_bytes` counts the whole body, not only the text");
        return Some(bytes);
    }
    let most = api.most_bytes;
    findings.note_at(size, format!("left out: `max_bytes` is from {LEAST} to {most}"));
    None
}
