//! The flags of prometheus-webhook-dingtalk in what runs it: a Deployment and its like, or a
//! compose file.
//!
//! Until version 2 a target could be a flag: `--ding.profile=ops=https://…`.

use secrecy::SecretString;

use super::{NAME, Target, templates, words};
use crate::settings::decode::shown;
use crate::settings::foreign::robot::{Robot, address, note_signature};
use crate::settings::foreign::secret::{Credential, SecretKey};
use crate::settings::foreign::source::Placed;
use crate::settings::foreign::translation::Translation;
use crate::settings::foreign::wrapped::Reference;
use crate::settings::tree::{Node, shown_key};
use crate::settings::yaml::{bare, text};

/// The flags that take a value.
const WITH_VALUE: [&str; 7] = [
    "ding.profile",
    "ding.timeout",
    "template.file",
    "web.listen-address",
    "config.file",
    "log.level",
    "log.format",
];

/// The flags that are on or off.
const SWITCHES: [&str; 3] = ["web.enable-ui", "web.ui-enabled", "web.enable-lifecycle"];

/// A flag with its value, and the argument that it stands in.
struct Flag<'t> {
    name: String,
    value: String,
    argument: Placed<'t>,
}

/// Whether something in it runs the product.
pub(super) fn is_run_by(root: Placed<'_>) -> bool {
    !containers(root).is_empty()
}

/// The targets that flags name; `has_file` says whether the configuration is among the files.
pub(super) fn translate<'t>(
    translation: &mut Translation<'t>,
    root: Placed<'t>,
    has_file: bool,
) -> Vec<Target> {
    let mut targets = Vec::new();
    for container in containers(root) {
        let flags = flags(container);
        let before = targets.len();
        let is_templated =
            flags.iter().any(|flag| flag.name == "template.file" && !flag.value.is_empty());
        for flag in &flags {
            if flag.name == "ding.profile" {
                let message = is_templated.then(|| words(translation.findings, None));
                targets.extend(target(translation, container, flag, message));
            } else {
                setting(translation, flag);
            }
        }
        if targets.len() == before && !has_file {
            note_file(translation, root, &flags);
        }
    }
    targets
}

/// The containers that run the product: by their image, or by its flags.
fn containers(value: Placed<'_>) -> Vec<Placed<'_>> {
    let is_its_image = |text: &str| text.contains("webhook-dingtalk");
    let has_its_flag = |text: &str| text.contains("ding.profile") || text.contains(NAME);
    let is_container = value.text_at(&["image"]).is_some_and(is_its_image)
        || arguments(value).iter().any(|(text, _)| has_its_flag(text));
    if is_container {
        return vec![value];
    }
    let inner = value.entries().map(|(_, value)| value).chain(value.items());
    inner.flat_map(containers).collect()
}

/// The words of `command` and `args`, or of a compose file's `command`, which may be one text.
fn arguments(container: Placed<'_>) -> Vec<(String, Placed<'_>)> {
    let values = ["command", "args", "entrypoint"].into_iter().filter_map(|key| container.get(key));
    let texts = values.flat_map(|value| std::iter::once(value).chain(value.items()));
    let words = texts.flat_map(|value| {
        let text = value.text().unwrap_or_default();
        // `sh -c` takes a whole line.
        text.split_whitespace().map(move |word| (word.trim_matches(['"', '\'']).to_owned(), value))
    });
    words.collect()
}

fn flags(container: Placed<'_>) -> Vec<Flag<'_>> {
    let mut flags = Vec::new();
    let mut words = arguments(container).into_iter();
    while let Some((word, argument)) = words.next() {
        let Some(rest) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else {
            continue;
        };
        let (name, value) = match rest.split_once('=') {
            Some((name, value)) => (name, Some(value.trim_matches(['"', '\'']).to_owned())),
            None => (rest, None),
        };
        let is_open = value.is_none() && WITH_VALUE.contains(&name);
        let value = if is_open { words.next().map(|(word, _)| word) } else { value };
        flags.push(Flag { name: name.to_owned(), value: value.unwrap_or_default(), argument });
    }
    flags
}

/// What a flag other than a target becomes.
fn setting(translation: &mut Translation<'_>, flag: &Flag<'_>) {
    let findings = translation.findings;
    let Flag { name, value, argument } = flag;
    match name.as_str() {
        "template.file" if !value.is_empty() => {
            templates::add(translation, value, *argument);
        }
        "ding.timeout" => findings.note_at(
            *argument,
            "`--ding.timeout` is `delivery.attempt_timeout` here, and its 10s are kept",
        ),
        "web.listen-address" if value != ":8060" => {
            translation.set("web", "listen_address", text(value));
        }
        "web.enable-lifecycle" if value != "false" => {
            translation.set("web", "enable_lifecycle", bare(true));
        }
        "web.enable-ui" | "web.ui-enabled" => findings.note_at(
            *argument,
            "there is no page that renders templates here: `campana template render` does it",
        ),
        "log.level" | "log.format" => {
            let text = format!("`--{name}={value}` is a flag of `campana serve` as well");
            findings.note_at(*argument, text);
        }
        name if WITH_VALUE.contains(&name) || SWITCHES.contains(&name) => {}
        // A shell's own flags, as of `sh -c`.
        name if !name.contains('.') => {}
        name => {
            let name = shown_key(name);
            let text = format!("unknown flag `--{name}`: {NAME} does not know it either");
            findings.note_at(*argument, text);
        }
    }
}

/// The target of `--ding.profile=NAME=URL`.
fn target<'t>(
    translation: &mut Translation<'t>,
    container: Placed<'t>,
    flag: &Flag<'t>,
    message: Option<Node>,
) -> Option<Target> {
    let findings = translation.findings;
    let Some((name, url)) = flag.value.split_once('=') else {
        findings.error_at(flag.argument, "expected `--ding.profile=NAME=URL`");
        return None;
    };
    let owner = translation.owners.take(name);
    let place = flag.argument.words();
    let words = format!("`--ding.profile` of `{name}` ({place})");
    let key = owner.name.clone();
    let address = findings.within(&key, || {
        if let Some(variable) = variable_of(url) {
            return of_variable(translation, container, variable, url, &words);
        }
        note_signature(findings, url, &place);
        address(findings, url, &place, &words)
    });
    let robot = Robot { owner, address, secret: None, lender: None };
    Some(Target { robot, mention: None, message })
}

/// The variable in `https://…$(NAME)`, which Kubernetes replaces.
fn variable_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("$(").or_else(|| url.split_once("${"))?;
    rest.split([')', '}']).next()
}

/// The address of a robot whose URL has a variable of the container in it.
fn of_variable(
    translation: &Translation<'_>,
    container: Placed<'_>,
    variable: &str,
    url: &str,
    words: &str,
) -> (SecretKey, Credential) {
    let env = container.get("env").into_iter().flat_map(Placed::items);
    let entry = env.into_iter().find(|entry| entry.text_at(&["name"]) == Some(variable));
    let reference = entry
        .and_then(|entry| entry.at(&["valueFrom", "secretKeyRef"]))
        .and_then(|value| Reference::of("Secret", value));
    let found = reference.and_then(|it| it.find(translation.data).first()?.text.clone());
    let literal = entry.and_then(|entry| entry.text_at(&["value"])).map(str::to_owned);
    let text = found.or(literal).map(|text| {
        SecretString::from(
            url.replace(&format!("$({variable})"), text.trim_end())
                .replace(&format!("${{{variable}}}"), text.trim_end()),
        )
    });
    let source = reference.map(|reference| format!(", {}", reference.words()));
    let source = source.unwrap_or_default();
    let words = format!("{words}, with the container's variable {variable}{source}");
    (SecretKey::WEBHOOK_URL, Credential { text, words })
}

/// Says where the configuration of a container is that names a file.
fn note_file(translation: &Translation<'_>, root: Placed<'_>, flags: &[Flag<'_>]) {
    let file = flags.iter().find(|flag| flag.name == "config.file");
    let file = shown(file.map_or("config.yml", |flag| flag.value.as_str()));
    let mut holders = Vec::new();
    holders_of(root, &mut holders);
    let holders =
        if holders.is_empty() { String::new() } else { format!(" ({})", holders.join(", ")) };
    translation.findings.error_at(
        root,
        &format!(
            "this runs {NAME} with the file `{file}`{holders}, which is not among the files given: \
             give it as well, for example the output of `kubectl get configmap NAME -o yaml`"
        ),
    );
}

/// The ConfigMaps and Secrets that its volumes are made of.
fn holders_of(value: Placed<'_>, found: &mut Vec<String>) {
    let kinds = [("configMap", "name", "ConfigMap"), ("secret", "secretName", "Secret")];
    for volume in value.get("volumes").into_iter().flat_map(Placed::items) {
        found.extend(kinds.iter().filter_map(|(key, name, kind)| {
            Some(format!("{kind} {}", shown(volume.text_at(&[key, name])?)))
        }));
    }
    value.entries().for_each(|(_, value)| holders_of(value, found));
}
