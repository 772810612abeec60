//! The translation of prometheus-webhook-dingtalk: each of its `targets` becomes a receiver.
//!
//! A receiver has its target's name, so that the paths in `alertmanager.yml` stay valid.

mod flags;
mod templates;

use secrecy::SecretString;

use super::findings::Findings;
use super::kind::Kind;
use super::mention::{People, mention};
use super::owner::Owner;
use super::robot::{Robot, address, lend_secrets, note_secrets, note_signature};
use super::secret::Credential;
use super::source::{Object, Placed};
use super::translation::{Translation, message};
use crate::render::profile::Profile;
use crate::settings::tree::{Node, shown_key};
use crate::settings::yaml::text;

/// The product's name.
pub(super) const NAME: &str = "prometheus-webhook-dingtalk";

/// The keys of its file.
const KEYS: [&str; 6] =
    ["timeout", "no_builtin_template", "template", "templates", "default_message", "targets"];

/// What the product does in another way, whatever its file says.
const DIFFERENCES: [&str; 3] = [
    "In alertmanager.yml only host and port change: the path `/dingtalk/NAME/send` stays valid.",
    "What DingTalk does not take is kept here and sent again for `delivery.max_age`; there it was \
     answered 400, after which Alertmanager does not try again.",
    "More than 20 messages a minute wait here, and are folded into digests (`overflow: queue` \
     under a chatbot sends each by itself); a message that is too long is cut into parts. There \
     DingTalk refused both.",
];

const MENTIONS: &str = "Whom a target mentions is added in a last line, once, to a text that does \
                        not name them; there a template without `.AtMobiles` mentioned nobody, and \
                        a message with firing and resolved alerts named them twice.";

const OWN_WORDS: &str = "Without `message` Campana writes its own words; the product's are \
                         `message: {profile: prometheus-webhook-dingtalk, title: '{{ template \
                         \"ding.link.title\" . }}', text: '{{ template \"ding.link.content\" . \
                         }}'}`.";

/// Whether the object runs the product.
pub(super) fn runs(object: Object<'_>) -> bool {
    flags::is_run_by(object.root)
}

/// Translates the configurations, and the containers that run the product.
pub(super) fn translate<'t>(translation: &mut Translation<'t>, objects: &[Object<'t>]) {
    let findings = translation.findings;
    let mut targets = Vec::new();
    let is_configuration = |object: &&Object<'_>| object.kind == Some(Kind::WebhookDingtalk);
    for object in objects.iter().filter(is_configuration) {
        targets.extend(configuration(translation, object.root));
    }
    for object in objects.iter().filter(|object| object.kind == Some(Kind::Workload)) {
        targets.extend(flags::translate(translation, object.root, !targets.is_empty()));
    }
    if targets.is_empty() {
        return;
    }
    findings.notes(&DIFFERENCES);
    if targets.iter().any(|target| target.mention.is_some()) {
        findings.note(MENTIONS);
    }
    if targets.iter().any(|target| target.message.is_none()) {
        findings.note(OWN_WORDS);
    }
    let mut robots = Vec::new();
    let mut rest = Vec::new();
    for Target { robot, mention, message } in targets {
        robots.push(robot);
        rest.push((mention, message));
    }
    note_secrets(findings, &robots);
    lend_secrets(findings, &mut robots);
    for (robot, (mention, message)) in robots.into_iter().zip(rest) {
        translation.add(&robot, mention, message);
    }
}

/// A target, translated but for its secrets.
struct Target {
    robot: Robot,
    mention: Option<Node>,
    message: Option<Node>,
}

/// The targets of a configuration.
fn configuration<'t>(translation: &mut Translation<'t>, root: Placed<'t>) -> Vec<Target> {
    let findings = translation.findings;
    findings.only_known(root, "the file", &KEYS);
    note_overridden(findings, root);
    if let Some(timeout) = root.get("timeout") {
        findings.note_at(
            timeout,
            "`timeout` had no effect there; ours is `delivery.attempt_timeout`, and its 10s are \
             kept",
        );
    }
    if let Some(value) = root.get("no_builtin_template")
        && findings.flag(root, "no_builtin_template") == Some(true)
    {
        findings.note_at(
            value,
            "`no_builtin_template` has no counterpart: the product's templates are always there, \
             and a file that defines one of them anew replaces it",
        );
    }
    let is_templated = templates::translate(translation, root);
    let default = findings.table(root, "default_message");
    let targets = findings.table(root, "targets");
    let targets: Vec<_> = targets.into_iter().flat_map(Placed::entries).collect();
    let has_own = |target: &Placed<'_>| target.get("message").is_some();
    let is_templated =
        is_templated || default.is_some() || targets.iter().any(|(_, target)| has_own(target));
    let read = targets.into_iter().filter_map(|(entry, target)| {
        let owner = translation.owners.take(&entry.key);
        let name = owner.name.clone();
        if name != entry.key {
            let old = shown_key(&entry.key);
            let text = format!("target `{old}` is called `{name}` here, also in paths");
            findings.note_at(target, text);
        }
        findings.within(&name, || {
            let written = findings.table(target, "message").or(default);
            Some(Target {
                robot: robot(findings, target, &entry.key, owner)?,
                mention: people(findings, target),
                message: is_templated.then(|| words(findings, written)),
            })
        })
    });
    read.collect()
}

/// Notes each key that a merged mapping after it stands over: few people expect that.
fn note_overridden(findings: &Findings, table: Placed<'_>) {
    for (entry, value) in table.entries() {
        if let Some(old) = entry.replaced.as_ref().filter(|old| old.is_own) {
            let (old, new) = (table.words_of(old.position), table.words_of(entry.position));
            findings.note(format!(
                "{old}: `{}` does not count, as in that product: a `<<` after it brings the one of \
                 {new}",
                shown_key(&entry.key)
            ));
        }
        note_overridden(findings, value);
        value.items().for_each(|item| note_overridden(findings, item));
    }
}

fn robot(findings: &Findings, target: Placed<'_>, name: &str, owner: Owner) -> Option<Robot> {
    findings.only_known(target, "a target", &["url", "secret", "mention", "message"]);
    let name = shown_key(name);
    let Some(value) = target.get("url") else {
        findings.error_at(target, &format!("no `url` stands here; {NAME} refuses it too"));
        return None;
    };
    let url = findings.text(target, "url")?;
    let place = value.words();
    let words = format!("`url` of target `{name}` ({place})");
    let address = address(findings, url, &place, &words);
    let secret = findings.text(target, "secret").filter(|secret| !secret.is_empty());
    let secret = secret.zip(target.get("secret")).map(|(secret, value)| Credential {
        text: Some(SecretString::from(secret)),
        words: format!("`secret` of target `{name}` ({})", value.words()),
    });
    if secret.is_none() {
        note_signature(findings, url, &place);
    }
    Some(Robot { owner, address, secret, lender: None })
}

/// Whom the target mentions. A `mention` beside a merged one adds to it: the product reads both
/// into the same value.
fn people(findings: &Findings, target: Placed<'_>) -> Option<Node> {
    let newest = findings.table(target, "mention")?;
    let mut layers = vec![newest];
    let (entry, _) = target.entries().find(|(entry, _)| entry.key == "mention")?;
    let mut replaced = entry.replaced.as_ref();
    while let Some(old) = replaced {
        layers.push(Placed { node: &old.value, ..newest });
        replaced = old.replaced.as_ref();
    }
    for layer in &layers {
        findings.only_known(*layer, "`mention`", &["all", "mobiles"]);
    }
    let with = |key: &str| layers.iter().copied().find(|layer| layer.get(key).is_some());
    let mobiles = with("mobiles").map(|layer| findings.texts(layer, "mobiles")).unwrap_or_default();
    let all = with("all").and_then(|layer| findings.flag(layer, "all")).unwrap_or_default();
    mention(findings, &People { mobiles, user_ids: Vec::new(), all })
}

/// The `message` of a target: what is written, its own or else the file's. What that leaves out is
/// the product's, and not the next one's.
fn words(findings: &Findings, written: Option<Placed<'_>>) -> Node {
    if let Some(written) = written {
        findings.only_known(written, "`message`", &["title", "text"]);
    }
    let source = |key: &str, usual: &str| {
        let own = written.and_then(|written| Some((findings.text(written, key)?, written)));
        match own {
            Some(("", written)) => {
                let text = format!(
                    "an empty `{key}` is left out, so the built-in one is written; DingTalk \
                     refuses a message without it"
                );
                findings.note_at(written.get(key).unwrap_or(written), text);
                None
            }
            Some((own, _)) => Some(text(own)),
            None => Some(text(format!("{{{{ template \"{usual}\" . }}}}"))),
        }
    };
    let (title, body) = (source("title", "ding.link.title"), source("text", "ding.link.content"));
    message(None, title, body, Profile::PrometheusWebhookDingtalk.as_str())
}
