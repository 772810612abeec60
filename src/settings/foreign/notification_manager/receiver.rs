//! Receiver objects: each becomes a receiver, with a chatbot, a conversation or both.

use super::NAME;
use super::account::{Account, select};
use super::destination::{chatbot_keys, conversation, robot};
use super::options::Options;
use super::selector;
use super::templates::{are_well_known, bring, bring_file, call, is_given};
use super::tenant::{self, Audience, Tenants, labels};
use crate::render::profile::Profile;
use crate::settings::decode::shown;
use crate::settings::foreign::findings::Findings;
use crate::settings::foreign::owner::Owner;
use crate::settings::foreign::robot::Robot;
use crate::settings::foreign::source::Placed;
use crate::settings::foreign::translation::{Translation, message};
use crate::settings::foreign::wrapped::Reference;
use crate::settings::tree::{Node, shown_key};
use crate::settings::yaml::{bare, list, table, text};

const KEYS: [&str; 10] = [
    "enabled",
    "dingtalkConfigSelector",
    // As the first version of the API spells it.
    "dingTalkConfigSelector",
    "alertSelector",
    "chatbot",
    "conversation",
    "template",
    "titleTemplate",
    "tmplType",
    "tmplText",
];

/// What all receivers share.
pub(super) struct Shared<'s, 't> {
    pub(super) tenants: &'s Tenants<'t>,
    pub(super) options: &'s Options<'t>,
    pub(super) accounts: &'s [Account<'t>],
}

/// A receiver, translated but for its robot.
pub(super) struct Draft {
    pub(super) owner: Owner,
    /// The entries before the chatbot.
    pub(super) entries: Vec<(&'static str, Node)>,
    pub(super) robot: Option<Robot>,
    /// The chatbot's entries after its address and secret.
    pub(super) chatbot: Vec<(&'static str, Node)>,
    pub(super) conversation: Option<Node>,
}

/// Translates a receiver; nothing if it is not one of DingTalk.
pub(super) fn read<'t>(
    translation: &mut Translation<'t>,
    object: Placed<'t>,
    shared: &Shared<'_, 't>,
) -> Option<Draft> {
    let name = object.text_at(&["metadata", "name"]).unwrap_or("receiver");
    let dingtalk = dingtalk(translation, object, name)?;
    let owner = translation.owners.take(name);
    translation.findings.within(&owner.name.clone(), || {
        let audience = audience(translation, object, shared.tenants);
        let entries = head(translation, object, (dingtalk, audience), shared, &owner);
        let (holder, account) = holder(translation.findings, dingtalk, audience, shared);
        draft(translation, (name, owner), entries, holder, account, shared)
    })
}

/// The entries before the chatbot.
fn head<'t>(
    translation: &mut Translation<'t>,
    object: Placed<'t>,
    (dingtalk, audience): (Placed<'t>, Audience<'t>),
    shared: &Shared<'_, 't>,
    owner: &Owner,
) -> Vec<(&'static str, Node)> {
    let findings = translation.findings;
    if object.get("spec").is_some() {
        findings.known(dingtalk, "a receiver of DingTalk", &KEYS);
    }
    let mut entries = vec![("name", text(&owner.name))];
    let is_ignored = matches!(audience, Audience::Nobody | Audience::Default);
    if findings.flag(dingtalk, "enabled") == Some(false) || is_ignored {
        entries.push(("enabled", bare(false)));
    }
    let conditions = conditions(translation, object, dingtalk, audience, shared.tenants);
    if !conditions.is_empty() {
        entries.push(("conditions", list(conditions)));
    }
    entries.extend(words(translation, dingtalk, shared.options).map(|node| ("message", node)));
    entries
}

/// Where its chatbot and its chat ids stand, and the Config that it takes an app of.
fn holder<'a, 't>(
    findings: &Findings,
    dingtalk: Placed<'t>,
    audience: Audience<'t>,
    shared: &Shared<'a, 't>,
) -> (Placed<'t>, Option<&'a Account<'t>>) {
    let keys = ["dingtalkConfigSelector", "dingTalkConfigSelector"];
    let selector = keys.iter().find_map(|key| findings.table(dingtalk, key));
    let selector = selector.map(|one| selector::read(findings, one)).unwrap_or_default();
    let first = |serves| select(shared.accounts, audience, &selector, serves);
    let account = first(|account| account.app.is_some());
    if ["chatbot", "conversation"].iter().any(|key| dingtalk.get(key).is_some()) {
        return (dingtalk, account);
    }
    // In the first version of the API, they stand in the Config.
    let config = first(|account| has_destination(account.dingtalk));
    (config.map_or(dingtalk, |account| account.dingtalk), account)
}

fn draft<'t>(
    translation: &mut Translation<'t>,
    (name, owner): (&str, Owner),
    entries: Vec<(&'static str, Node)>,
    holder: Placed<'t>,
    account: Option<&Account<'t>>,
    shared: &Shared<'_, 't>,
) -> Option<Draft> {
    let chatbot = translation.findings.table(holder, "chatbot");
    let robot = chatbot.and_then(|chatbot| robot(translation, chatbot, name, &owner));
    let message = entries.iter().find(|(key, _)| *key == "message").map(|(_, node)| node);
    let is_markdown = message.is_none_or(|message| message.get("type").is_none());
    let keys = chatbot.map(|value| chatbot_keys(translation, value, shared, is_markdown));
    let conversation =
        conversation(translation, holder, account, &owner, &shared.options.conversations);
    if chatbot.is_none() && conversation.is_none() {
        let text = format!("{NAME} refuses it too: it has neither a chatbot nor chat ids");
        translation.findings.note_for_all(format!("{}: left out: {text}", holder.words()));
        return None;
    }
    let chatbot = keys.unwrap_or_default();
    Some(Draft { owner, entries, robot, chatbot, conversation })
}

/// Whether a chatbot or a chat id stands in it.
fn has_destination(dingtalk: Placed<'_>) -> bool {
    dingtalk.get("chatbot").is_some() || dingtalk.at(&["conversation", "chatid"]).is_some()
}

/// What is said of DingTalk; notes what is said of other ways.
fn dingtalk<'t>(
    translation: &Translation<'t>,
    object: Placed<'t>,
    name: &str,
) -> Option<Placed<'t>> {
    let findings = translation.findings;
    let spec = findings.table(object, "spec");
    if object.text_at(&["kind"]) == Some("DingTalkReceiver") {
        // In the first version of the API, it may say nothing.
        return spec.or_else(|| object.get("metadata")).or(Some(object));
    }
    let spec = spec?;
    let others: Vec<&str> =
        spec.entries().map(|(entry, _)| &*entry.key).filter(|key| *key != "dingtalk").collect();
    if !others.is_empty() {
        let others: Vec<String> = others.into_iter().map(shown_key).collect();
        let text = format!(
            "of Receiver {name}, `{}` is left out: Campana delivers to DingTalk alone",
            others.join("`, `")
        );
        findings.note_at(spec, text);
    }
    findings.table(spec, "dingtalk")
}

fn audience<'t>(
    translation: &Translation<'t>,
    object: Placed<'t>,
    tenants: &Tenants<'t>,
) -> Audience<'t> {
    let audience = tenants.audience(&labels(object));
    if matches!(audience, Audience::Nobody | Audience::Default) {
        let text = format!(
            "{NAME} takes no notice of it, since its labels make it nobody's, so it is disabled \
             here; without `enabled: false` it gets what its conditions keep"
        );
        translation.findings.note_at(object, text);
    }
    audience
}

/// The conditions: the tenant's namespace, and what `alertSelector` asks for.
fn conditions<'t>(
    translation: &Translation<'t>,
    object: Placed<'t>,
    dingtalk: Placed<'t>,
    audience: Audience<'t>,
    tenants: &Tenants<'t>,
) -> Vec<Node> {
    let findings = translation.findings;
    let mut conditions = Vec::new();
    if let Audience::Tenant(name) = audience {
        conditions.push(tenant::condition(name));
        if !tenants.are_namespaces {
            let shown = shown(name);
            findings.note_at(
                object,
                format!(
                    "it is the receiver of tenant `{shown}`, and hears of the tenant's namespaces \
                     alone: write them in place of `{shown}` under `values`, unless the tenant is \
                     that namespace"
                ),
            );
        }
    }
    if let Some(selector) = findings.table(dingtalk, "alertSelector") {
        let expressions = selector::read(findings, selector);
        conditions.extend(selector::conditions(findings, &expressions));
    }
    conditions
}

/// The `message`: the type, and the templates that are called.
fn words<'t>(
    translation: &mut Translation<'t>,
    dingtalk: Placed<'t>,
    options: &Options<'t>,
) -> Option<Node> {
    let findings = translation.findings;
    let own = |key: &str| findings.text(dingtalk, key).filter(|text| !text.is_empty());
    // notification-manager sends text unless it is told otherwise; our default is Markdown.
    let kind = own("tmplType").or(options.kind).unwrap_or("text");
    if !["text", "markdown"].contains(&kind) {
        let text = "expected `text` or `markdown`";
        findings.error_at(dingtalk.get("tmplType").unwrap_or(dingtalk), text);
    }
    let is_markdown = kind == "markdown";
    let template = own("template").or(options.template);
    let title = own("titleTemplate").or(options.title).filter(|_| is_markdown);
    let files = findings.table(dingtalk, "tmplText");
    let own_files = files.and_then(|value| Some((Reference::of("ConfigMap", value)?, value)));
    let global = options.templates.filter(|(it, _)| !it.find(translation.data).is_empty());
    let is_given = options.files.iter().any(|(path, _)| is_given(translation, path));
    let is_templated = template.is_some()
        || title.is_some()
        || own_files.is_some()
        || global.is_some()
        || is_given;
    let shown_kind = (!is_markdown).then_some("text");
    if !is_templated {
        return shown_kind.map(|kind| table([("type", text(kind))]));
    }
    let usual = if is_markdown { "nm.default.markdown" } else { "nm.default.text" };
    let body = call(template.unwrap_or(usual));
    // A message of type text has no title.
    let heading = is_markdown.then(|| call(title.unwrap_or("nm.default.subject")));
    let texts: Vec<String> = heading.iter().chain([&body]).cloned().collect();
    let sources = [own_files, global.or(options.templates).filter(|_| own_files.is_none())];
    for (reference, value) in sources.into_iter().flatten() {
        bring(translation, reference, value, &texts);
    }
    for (path, value) in &options.files {
        bring_file(translation, path, *value, &texts);
    }
    let has_files = own_files.is_some() || options.templates.is_some() || !options.files.is_empty();
    if !has_files && !are_well_known(&texts) {
        findings.note_at(dingtalk, "bring the file along that defines its templates");
    }
    let profile = Profile::NotificationManager.as_str();
    Some(message(shown_kind, heading.map(text), Some(text(body)), profile))
}
