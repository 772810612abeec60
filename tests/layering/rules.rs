//! The rules, and the walk over all modules that applies them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use syn::Item;

use super::paths::{self, is_test_only};

/// What touches the world, and so may count and log, run tasks and be killed at a point in tests.
const WORLD: [&str; 4] = ["metrics", "telemetry", "task", "failpoint"];

/// Each part with what it may import besides itself; `*` is everything, but for what `!` names.
const PARTS: [(&str, &[&str]); 23] = [
    ("alert", &[]),
    ("receive", &["alert"]),
    ("select", &["alert"]),
    ("render", &["alert", "dingtalk::message", "language", "spelling"]),
    ("dingtalk::message", &[]),
    ("dingtalk", &["clock", "language"]),
    ("queue", &["dingtalk::message", "clock", "failpoint"]),
    // The samples that templates are tried on are read as what a sender posts.
    ("settings", &["receive::samples", "select", "render", "dingtalk", "language", "spelling"]),
    ("intake", &["alert", "select", "render", "queue", "settings", "clock", "core", "WORLD"]),
    (
        "deliver",
        &[
            "queue",
            "render::paginate",
            "render::digest",
            "dingtalk",
            "settings",
            "clock",
            "core",
            "language",
            "WORLD",
        ],
    ),
    // The types of the stages, which it shows.
    (
        "api",
        &[
            "alert",
            "select",
            "render",
            "dingtalk::message",
            "queue",
            "settings",
            "intake",
            "deliver",
        ],
    ),
    (
        "http",
        &[
            "alert", "receive", "select", "render", "queue", "intake", "deliver", "dingtalk",
            "settings", "api", "clock", "core", "WORLD",
        ],
    ),
    ("app", &["*"]),
    // The command line exchanges the types of `api` with the server, and calls no handler.
    ("cli", &["*", "!http"]),
    // It meets what a delivery meets, without a queue.
    ("doctor", &["render", "dingtalk", "settings", "deliver::lane_config", "clock", "language"]),
    // The parts that all stages of a running process share.
    ("core", &["queue", "clock", "metrics", "settings"]),
    ("clock", &[]),
    ("task", &[]),
    ("failpoint", &[]),
    ("language", &[]),
    ("spelling", &[]),
    // They show what these two own: the totals of the store, the format of the log.
    ("metrics", &["queue"]),
    ("telemetry", &["settings", "clock"]),
];

/// Our own crates, each with the parts that may know it.
const CRATES: [(&str, &[&str]); 3] =
    [("gotemplate", &["render"]), ("goregex", &["select", "render"]), ("dingtalk_sim", &["cli"])];

/// The types whose variants only these modules may name; all others ask the type's methods.
const VARIANTS: [(&str, &[&str]); 1] =
    [("crate::dingtalk::Endpoint", &["dingtalk", "settings::check"])];

/// The parts to which `now` is a value, and what they must not name.
const PURE: [&str; 6] = ["alert", "receive", "select", "render", "dingtalk::message", "spelling"];
const IMPURE: [(&str, &str); 13] = [
    ("reqwest", "HTTP"),
    ("axum", "HTTP"),
    ("hyper", "HTTP"),
    ("hyper_util", "HTTP"),
    ("tower_http", "HTTP"),
    ("tokio::net", "HTTP"),
    ("rusqlite", "SQL"),
    ("std::time::SystemTime", "a clock"),
    ("std::time::Instant", "a clock"),
    ("jiff::Timestamp::now", "a clock"),
    ("jiff::Zoned::now", "a clock"),
    ("tokio::time", "a clock"),
    ("crate::clock", "a clock"),
];

/// What is wrong with the paths in `source`, the text of `module`.
pub(crate) fn violations(module: &[&str], source: &str) -> Vec<String> {
    let file = syn::parse_file(source).expect("the sources are Rust");
    let name = module.join("::");
    let Some((part, allowed)) = part_of(&name) else {
        return vec![format!("{name}: no rule says whom this part may import; give it one")];
    };
    let used = paths::of(module, &file);
    used.iter()
        .flat_map(|path| {
            let mut faults = faults(part, allowed, path);
            faults.extend(variant_fault(&name, path));
            faults
        })
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// The part that a module belongs to: the longest that its path begins with.
fn part_of(module: &str) -> Option<(&'static str, &'static [&'static str])> {
    let parts = PARTS.iter().filter(|(part, _)| begins_with(module, part));
    parts.max_by_key(|(part, _)| part.len()).map(|(part, allowed)| (*part, *allowed))
}

fn begins_with(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn faults(part: &str, allowed: &[&str], path: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if let Some(inner) = path.strip_prefix("crate::")
        && !may_import(part, allowed, inner)
    {
        faults.push(format!("{part} must not import {path}"));
    }
    let foreign = CRATES.iter().find(|(own, _)| begins_with(path, own));
    if let Some((own, parts)) = foreign
        && !parts.contains(&part)
    {
        faults.push(format!("{part} must not know the crate {own}: {path}"));
    }
    // `use std::time::*` brings the clock in as well.
    let names = |banned: &str| {
        begins_with(path, banned)
            || path.strip_suffix("*").is_some_and(|folder| banned.starts_with(folder))
    };
    let touched = IMPURE.iter().find(|(banned, _)| PURE.contains(&part) && names(banned));
    faults.extend(touched.map(|(_, what)| format!("{part} touches {what}: {path}")));
    faults
}

fn variant_fault(module: &str, path: &str) -> Option<String> {
    let names_variant = |of: &str| {
        let rest = path.strip_prefix(of).and_then(|rest| rest.strip_prefix("::"));
        rest.is_some_and(|name| name == "*" || name.starts_with(char::is_uppercase))
    };
    let (_, modules) = VARIANTS.iter().find(|(of, _)| names_variant(of))?;
    let may_name = modules.iter().any(|owner| begins_with(module, owner));
    (!may_name).then(|| format!("{module} must not name a variant: {path}"))
}

fn may_import(part: &str, allowed: &[&str], path: &str) -> bool {
    let own = part_of(path).is_some_and(|(target, _)| target == part);
    // A part may look into its own pieces: dingtalk into dingtalk::message, not the other way.
    let denied = |name: &&str| name.strip_prefix('!').is_some_and(|name| begins_with(path, name));
    own || begins_with(path, part)
        || !allowed.iter().any(denied)
            && allowed.iter().any(|name| match *name {
                "*" => part_of(path).is_some(),
                "WORLD" => WORLD.iter().any(|name| begins_with(path, name)),
                name => begins_with(path, name),
            })
}

/// All modules, followed from `lib.rs` by their `mod` declarations.
#[derive(Default)]
pub(crate) struct Walk {
    /// The files that were looked at, those for tests included.
    pub(crate) files: BTreeSet<PathBuf>,
    /// The modules that were looked at, without `crate::`.
    pub(crate) modules: BTreeSet<String>,
    /// What is wrong, with the file.
    pub(crate) violations: Vec<String>,
}

/// The modules that the rules name and `modules` does not have; a rule for them would hold nothing.
pub(crate) fn unknown_modules(modules: &BTreeSet<String>) -> Vec<&'static str> {
    let targets = PARTS.iter().flat_map(|(part, allowed)| [part].into_iter().chain(*allowed));
    let owners = VARIANTS.iter().flat_map(|(_, owners)| *owners);
    let named = targets.chain(owners).chain(&WORLD).chain(&PURE);
    let named = named.map(|name| name.trim_start_matches('!'));
    named.filter(|name| !["*", "WORLD"].contains(name) && !modules.contains(*name)).collect()
}

impl Walk {
    pub(crate) fn of(src: &Path) -> Self {
        let mut walk = Self::default();
        walk.file(src, &src.join("lib.rs"), &[], false);
        walk
    }

    fn file(&mut self, folder: &Path, path: &Path, module: &[&str], exempt: bool) {
        let source = std::fs::read_to_string(path).expect("a module that is declared has a file");
        self.files.insert(path.to_owned());
        self.modules.insert(module.join("::"));
        if !exempt && !module.is_empty() {
            let found = violations(module, &source);
            self.violations.extend(found.iter().map(|fault| located(path, &source, fault)));
        }
        let file = syn::parse_file(&source).expect("the sources are Rust");
        self.items(folder, &file.items, module, exempt);
    }

    fn items(&mut self, folder: &Path, items: &[Item], module: &[&str], exempt: bool) {
        for item in items {
            let Item::Mod(child) = item else { continue };
            let name = child.ident.to_string();
            let exempt = exempt || is_test_only(&child.attrs);
            let module = [module, &[&*name]].concat();
            let inner = folder.join(&name);
            match &child.content {
                Some((_, items)) => self.items(&inner, items, &module, exempt),
                None => self.file(&inner, &folder.join(format!("{name}.rs")), &module, exempt),
            }
        }
    }
}

/// The fault with the first line that names the path's end; spans have no lines here.
fn located(path: &Path, source: &str, fault: &str) -> String {
    let end = fault.rsplit("::").find(|name| *name != "*").unwrap_or_default();
    let line =
        source.lines().position(|line| !line.trim_start().starts_with("//") && line.contains(end));
    format!("{}:{}: {fault}", path.display(), line.map_or(1, |line| line + 1))
}
