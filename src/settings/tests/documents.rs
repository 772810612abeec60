//! The files in `config/` load without warnings, and show every key that the code knows.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::load_in;
use crate::settings::Loaded;
use crate::settings::keys::{
    CHATBOT, CONDITION, CONVERSATION, DELIVERY, DINGTALK, GLOBAL, GRAFANA, INTERVAL, Keys, LIMITS,
    MENTION, MESSAGE, MONIKA, PARK, PEOPLE, RATE, RECEIVER, RETENTION, ROOT, SHIFT, STORAGE,
    TIME_RANGE, WEB,
};
use crate::settings::tree::{Node, Tree};

const CAMPANA: &str = include_str!("../../../config/campana.yml");
const INIT: &str = include_str!("../../../config/init.yml");
const ALERTMANAGER: &str = include_str!("../../../config/alertmanager.yml");

/// The folder `config/`.
fn config() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config")
}

/// Every mapping of the file that has these keys, by its path.
const PLACES: [(&[&str], &Keys); 28] = [
    (&[], &ROOT),
    (&["global"], &GLOBAL),
    (&["web"], &WEB),
    (&["storage"], &STORAGE),
    (&["storage", "limits"], &LIMITS),
    (&["storage", "retention"], &RETENTION),
    (&["delivery"], &DELIVERY),
    (&["delivery", "park"], &PARK),
    (&["dingtalk"], &DINGTALK),
    (&["receivers"], &RECEIVER),
    (&["receivers", "message"], &MESSAGE),
    (&["receivers", "grafana"], &GRAFANA),
    (&["receivers", "monika"], &MONIKA),
    (&["receivers", "conditions"], &CONDITION),
    (&["receivers", "conditions", "any"], &CONDITION),
    (&["receivers", "conditions", "any", "all"], &CONDITION),
    (&["receivers", "active_times"], &INTERVAL),
    (&["receivers", "active_times", "times"], &TIME_RANGE),
    (&["receivers", "chatbots"], &CHATBOT),
    (&["receivers", "chatbots", "mention"], &MENTION),
    (&["receivers", "chatbots", "mention", "by_severity", "critical"], &PEOPLE),
    (&["receivers", "chatbots", "mention", "by_severity", "warning"], &PEOPLE),
    (&["receivers", "chatbots", "mention", "schedule"], &SHIFT),
    (&["receivers", "chatbots", "mention", "schedule", "times"], &TIME_RANGE),
    (&["receivers", "chatbots", "rate"], &RATE),
    (&["receivers", "conversations"], &CONVERSATION),
    (&["receivers", "conversations", "rate"], &RATE),
    (&["receivers", "conditions", "any", "all", "not"], &CONDITION),
];

/// Adds the keys of all mappings at `path`; each item of a list counts as one.
fn keys_at<'n>(node: &'n Node, path: &[&str], keys: &mut BTreeSet<&'n str>) {
    for item in node.items() {
        keys_at(item, path, keys);
    }
    match path {
        [] => keys.extend(node.entries().iter().map(|entry| entry.key.as_str())),
        [first, rest @ ..] => {
            if let Some(inner) = node.get(first) {
                keys_at(inner, rest, keys);
            }
        }
    }
}

/// Whether a comment shows `key: …`.
fn is_commented(key: &str) -> bool {
    CAMPANA.lines().any(|line| {
        line.trim_start()
            .strip_prefix("# ")
            .is_some_and(|rest| rest.starts_with(&format!("{key}:")))
    })
}

/// The keys of `places` that the example lacks; `_file` keys and keys of later versions may stand
/// in comments.
fn not_shown(places: &[(&[&str], &Keys)]) -> Vec<String> {
    let tree = Tree::parse(CAMPANA);
    let root = &tree.documents[0];
    let mut missing = Vec::new();
    for keys in places.iter().map(|(_, keys)| *keys) {
        let mut shown = BTreeSet::new();
        for (path, _) in places.iter().filter(|(_, other)| std::ptr::eq(*other, keys)) {
            keys_at(root, path, &mut shown);
        }
        let known = keys.known.iter().filter(|key| {
            // A key and its `_file` twin exclude each other, so the twin stands in a comment; and a proxy
            // that is not there would lead every message astray.
            let is_alternative = key.ends_with("_file") || **key == "proxy_url";
            let is_alternative = is_alternative && is_commented(key);
            !shown.contains(**key) && !is_alternative
        });
        missing.extend(known.map(|key| format!("{}: {key}", keys.what)));
        let is_never = |why: &str| !why.contains("not in this version");
        let later = keys.refused.iter().filter(|(key, why)| !is_never(why) && !is_commented(key));
        missing.extend(later.map(|(key, _)| format!("{}: # {key}", keys.what)));
    }
    missing
}

#[test]
fn the_example_loads_on_its_own_without_a_warning() {
    let loaded = load_in(&config(), CAMPANA);
    let Loaded { settings, warnings } = loaded.unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(warnings, []);
    let names: Vec<&str> = settings.receivers.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["ops", "busy", "graphs", "dev"]);
    assert_eq!(settings.receivers[0].destinations.len(), 3);
    let shipped = std::fs::read_dir(config().join("templates")).unwrap().count();
    assert_eq!(settings.templates.files.len(), shipped);
}

#[test]
fn the_example_shows_every_key_and_those_of_later_versions_as_comments() {
    assert_eq!(not_shown(&PLACES), Vec::<String>::new());
}

#[test]
fn a_key_that_the_example_lacks_is_found() {
    const PLANTED: Keys = Keys {
        what: "`web`",
        known: &["listen_address", "planted", "planted_file"],
        refused: &[("later", "not in this version")],
    };
    let found = not_shown(&[(&["web"], &PLANTED)]);
    assert_eq!(found, ["`web`: planted", "`web`: planted_file", "`web`: # later"]);
}

#[test]
fn the_examples_secrets_can_stand_in_files() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("secrets")).unwrap();
    let mut text = String::new();
    for line in CAMPANA.lines() {
        let comment = line.trim_start().strip_prefix("# ");
        match comment.and_then(|rest| rest.split_once("_file: secrets/")) {
            Some((_, name)) => {
                let secret = format!("https://h/?access_token={name}");
                let signing = format!("SEC{name}");
                let secret = match name {
                    _ if name.contains("webhook") => &secret,
                    "proxy-url" => "http://proxy.example:3128",
                    "ops-secret" => &signing,
                    _ => name,
                };
                let path = folder.path().join("secrets").join(name);
                std::fs::write(&path, secret).unwrap();
                std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
                text.push_str(&line.replacen("# ", "", 1));
            }
            None => text.push_str(line),
        }
        text.push('\n');
    }
    std::os::unix::fs::symlink(config().join("templates"), folder.path().join("templates"))
        .unwrap();
    // A key and its `_file` twin exclude each other.
    let inline = ["access_token:", "secret:", "app_secret:", "hmac_secret:", "webhook_url:"];
    let is_kept = |line: &&str| !inline.iter().any(|key| line.trim_start().starts_with(key));
    let text: String = text.lines().filter(is_kept).flat_map(|line| [line, "\n"]).collect();
    let loaded = load_in(folder.path(), &text).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(loaded.warnings, []);
}

/// The first configuration with the choices that stand in its comments: a key follows the `#`, or
/// more than one space.
fn with_choices(is_chosen: impl Fn(&str) -> bool) -> String {
    let line = |line: &str| {
        let indent = line.len() - line.trim_start().len();
        let rest = line[indent..].strip_prefix('#').filter(|rest| {
            let is_prose = rest.is_empty() || rest.starts_with(' ') && !rest.starts_with("  ");
            !is_prose && is_chosen(rest)
        });
        rest.map_or_else(|| line.to_owned(), |rest| format!("{}{rest}", &line[..indent])) + "\n"
    };
    INIT.lines().map(line).collect()
}

#[test]
fn the_first_configuration_loads_with_and_without_its_choices() {
    let variables = [
        ("OPS_ACCESS_TOKEN", "0123"),
        ("OPS_SECRET", "SEC0123"),
        ("SRE_APP_KEY", "ding0123"),
        ("SRE_APP_SECRET", "0123"),
        ("SRE_CONVERSATION", "cid0123=="),
    ];
    let load = |text: &str| {
        let loaded = super::load_with(text, &variables);
        let Loaded { settings, warnings } =
            loaded.unwrap_or_else(|errors| panic!("{errors}\n{text}"));
        assert_eq!(warnings, [], "{text}");
        settings
    };
    assert_eq!(load(INIT).receivers[0].destinations.len(), 1);
    let all = with_choices(|line| !line.contains("_file:"));
    let settings = load(&all);
    assert_eq!(settings.receivers[0].destinations.len(), 2);
    assert_eq!(settings.receivers[0].conditions.as_slice().len(), 2);
    for key in ["access_token_file", "secret_file"] {
        assert!(all.contains(&format!("#{key}: secrets/")) && CHATBOT.known.contains(&key));
    }
}

#[test]
fn the_block_for_alertmanager_posts_to_receivers_that_the_example_has() {
    let tree = Tree::parse(ALERTMANAGER);
    assert_eq!(tree.faults, []);
    let root = &tree.documents[0];
    let mut urls = Vec::new();
    for receiver in root.get("receivers").unwrap().items() {
        for webhook in receiver.get("webhook_configs").unwrap().items() {
            urls.push(webhook.get("url").unwrap().text().unwrap());
        }
    }
    let base = "http://campana.example:8060/api/v1";
    assert_eq!(urls, [format!("{base}/alerts"), format!("{base}/receivers/ops/alerts")]);
    assert!(CAMPANA.contains("  - name: ops\n"));
}

#[test]
fn alertmanagers_own_tool_accepts_the_block_where_it_is_installed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/alertmanager.yml");
    match std::process::Command::new("amtool").arg("check-config").arg(path).output() {
        Ok(output) => {
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{words}");
        }
        Err(error) => println!("amtool is not installed, so it was not asked: {error}"),
    }
}
