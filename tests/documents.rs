//! The documents say what the code does: keys, paths, metrics, flags, examples and links.
//!
//! Each comparison is of two sets, so that what is missing fails as well as what is no longer there.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use campana::alert::Labels;
use campana::cli::Cli;
use campana::metrics::Metrics;
use campana::settings::foreign::{ForeignFile, MigrateOptions, Product, migrate};
use campana::settings::{Environment, Overrides, Settings};
use clap::CommandFactory as _;

const DOCUMENTS: [&str; 14] = [
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "README.md",
    "README.zh-CN.md",
    "SECURITY.md",
    "docs/cli.md",
    "docs/configuration.md",
    "docs/http.md",
    "docs/metrics.md",
    "docs/migration.md",
    "docs/monika.md",
    "docs/storage.md",
    "docs/templates.md",
    "docs/testing.md",
];

type Names = BTreeSet<String>;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The code in the first column of every row of a table.
fn first_column(text: &str) -> Names {
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split('`').next()).map(str::to_owned).collect()
}

/// What only one of the two has; empty when they are equal.
fn difference(one: &Names, other: &Names) -> Vec<String> {
    one.symmetric_difference(other).cloned().collect()
}

const NOTHING: [&str; 0] = [];

/// The text between two marks, for each time that they are there.
fn between<'t>(text: &'t str, start: &str, end: &str) -> Vec<&'t str> {
    text.split(start).skip(1).filter_map(|rest| rest.split_once(end)).map(|(in_, _)| in_).collect()
}

#[test]
fn every_key_of_the_example_is_described_and_no_other() {
    let last = |key: &String| key.rsplit('.').next().unwrap().to_owned();
    let described: Names = first_column(&read("docs/configuration.md"))
        .iter()
        .map(|key| last(key).replace("[]", ""))
        .collect();
    let found = keys(&read("config/campana.yml"));
    // The sections are described by their keys.
    let sections = [
        "global",
        "web",
        "storage",
        "limits",
        "retention",
        "delivery",
        "park",
        "severity",
        "dingtalk",
    ];
    let lists =
        ["receivers", "message", "monika", "mention", "rate", "secret_file", "quota", "grafana"];
    // Values of a label are the keys of `by_severity`.
    let severities = ["critical", "warning"];
    let found: Names = found
        .into_iter()
        .filter(|key| !severities.contains(&&**key))
        .filter(|key| !sections.contains(&&**key) && !lists.contains(&&**key))
        .collect();
    let described: Names = described.into_iter().filter(|key| !lists.contains(&&**key)).collect();
    assert_eq!(difference(&found, &described), NOTHING);
}

/// The keys of a YAML file, those in comments and in braces included.
fn keys(yaml: &str) -> Names {
    let is_key = |c: char| c.is_ascii_lowercase() || c == '_';
    let pieces = yaml.lines().flat_map(|line| {
        let line = line.trim_start().trim_start_matches("# ").trim_start_matches("- ");
        line.split(['{', ',']).map(str::trim)
    });
    let keys = pieces.filter_map(|piece| {
        let (key, rest) = piece.trim_start_matches("not: ").split_once(':')?;
        let stands_alone = rest.is_empty() || rest.starts_with(' ');
        (stands_alone && key.chars().all(is_key) && !key.is_empty()).then(|| key.to_owned())
    });
    // `not: {…}` is a key too, and `# false: …` is a sentence.
    let not = yaml.contains("not: {").then(|| "not".to_owned());
    keys.chain(not).filter(|key| key != "false").collect()
}

#[test]
fn the_table_of_paths_is_that_of_the_routes() {
    let document = read("docs/http.md");
    let table = document.lines().skip_while(|line| !line.starts_with("| --- "));
    let rows: Vec<&str> = table.skip(1).take_while(|line| line.starts_with('|')).collect();
    assert_eq!(rows, campana::http::documentation());
}

#[test]
fn every_room_of_the_sources_is_in_the_architecture_and_no_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let described = first_column(&read("ARCHITECTURE.md"));
    for path in &described {
        assert!(root.join(path).exists(), "there is no {path}");
    }
    let modules = names_in(&root.join("src")).into_iter().filter_map(|file| {
        let module = file.strip_suffix(".rs").filter(|module| !["lib", "main"].contains(module))?;
        let folder = format!("src/{module}/");
        Some(if root.join(&folder).exists() { folder } else { format!("src/{file}") })
    });
    let crates = names_in(&root.join("crates")).into_iter().map(|name| format!("crates/{name}/"));
    // A room within a room may have a row of its own.
    let is_room = |path: &String| {
        let depth = path.trim_end_matches('/').split('/').count();
        depth == 2 && (path.starts_with("src/") || path.starts_with("crates/"))
    };
    let rooms: Names = described.into_iter().filter(is_room).collect();
    assert_eq!(difference(&modules.chain(crates).collect(), &rooms), NOTHING);
}

fn names_in(folder: &Path) -> Names {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn every_metric_is_described_and_no_other() {
    // A metric with labels is in the text only after its first value; its declaration always is.
    let source = read("src/metrics.rs");
    let declared = between(&source, "\nmetrics! {", "\n}\n");
    let declared = declared.iter().flat_map(|block| between(block, "(\n        \"", "\""));
    let mut names: Names = declared.map(|name| format!("campana_{name}")).collect();
    assert!(names.len() > 20, "the metrics stand in src/metrics.rs: {names:?}");
    let text = String::from_utf8(Metrics::new().unwrap().encode().unwrap()).unwrap();
    let real = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    names.extend(real.map(str::to_owned));
    assert_eq!(difference(&names, &first_column(&read("docs/metrics.md"))), NOTHING);
}

#[test]
fn the_command_line_is_sound_and_described_flag_by_flag() {
    let mut command = Cli::command();
    command.clone().debug_assert();
    command.build();
    let document = read("docs/cli.md");
    let sections = document.split("\n## `").skip(1).map(|section| {
        let (name, rest) = section.split_once('`').unwrap();
        (name.to_owned(), first_column(rest))
    });
    let described: Vec<(String, Names)> = sections.collect();
    let mut real = Vec::new();
    leaves("campana", &command, &mut real);
    for (name, flags) in &real {
        let found = described.iter().find(|(described, _)| described == name);
        let found = found.map_or_else(Names::new, |(_, flags)| flags.clone());
        assert_eq!(difference(flags, &found), NOTHING, "{name}");
    }
    let names = |list: &[(String, Names)]| list.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(difference(&names(&real), &names(&described)), NOTHING);
}

/// The commands that do something, with their flags and arguments.
fn leaves(name: &str, command: &clap::Command, found: &mut Vec<(String, Names)>) {
    let inner = command.get_subcommands().filter(|inner| inner.get_name() != "help");
    let before = found.len();
    for inner in inner {
        leaves(&format!("{name} {}", inner.get_name()), inner, found);
    }
    if found.len() == before {
        let own = command
            .get_arguments()
            .filter(|argument| !["help", "version"].contains(&argument.get_id().as_str()));
        let flags = own.map(|argument| match argument.get_long() {
            Some(long) => format!("--{long}"),
            None => argument.get_value_names().unwrap().iter().map(ToString::to_string).collect(),
        });
        found.push((name.to_owned(), flags.collect()));
    }
}

#[test]
fn the_configuration_in_the_readme_is_valid() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("secrets")).unwrap();
    for (name, text) in [("ops-token", "0123"), ("ops-secret", "SEC0123"), ("sre-app", "0123")] {
        std::fs::write(folder.path().join("secrets").join(name), text).unwrap();
    }
    let readme = read("README.md");
    let blocks = between(&readme, "```yaml\n", "```");
    let [ours, alertmanager, monika] = blocks.as_slice() else {
        unreachable!("three blocks: {blocks:?}")
    };
    let (none, flags) = (Environment::default(), Overrides::default());
    let loaded = Settings::from_text("README.md", ours, folder.path(), &none, &flags);
    assert_eq!(loaded.unwrap().settings.receivers.len(), 1);
    let config = read("config/alertmanager.yml");
    for line in alertmanager.lines() {
        assert!(
            config.lines().any(|other| other == line),
            "{line} is not in config/alertmanager.yml"
        );
    }
    let page = read("docs/monika.md");
    let pages = between(&page, "```yaml\n", "```");
    let [of_page, conditions] = pages.as_slice() else { unreachable!("two blocks: {pages:?}") };
    assert_eq!(monika.replace("/default/", "/ops/"), **of_page);
    let path = between(of_page, "url: http://campana.example:8060", "\n")[0];
    let route = format!("| `{}` |", path.replace("/ops/", "/{receiver}/"));
    assert!(campana::http::documentation().iter().any(|row| row.starts_with(&route)), "{route}");
    let loaded = Settings::from_text("monika.md", conditions, folder.path(), &none, &flags);
    assert_eq!(loaded.unwrap().settings.receivers[0].conditions.tests(), 1);
}

#[test]
fn the_example_of_a_migration_is_what_the_command_prints_and_is_valid() {
    let page = read("docs/migration.md");
    let [theirs, ours] = between(&page, "```yaml\n", "```")[..] else { unreachable!("two blocks") };
    let file = [ForeignFile::new("config.yml", theirs)];
    let options = MigrateOptions::default();
    let migration = migrate(Product::WebhookDingtalk, &file, Path::new(""), &options).unwrap();
    assert_eq!(ours, migration.configuration);
    let robot = |name: &str| {
        let variable = |key: &str, text: &str| (format!("{name}_{key}"), text.to_owned());
        [variable("ACCESS_TOKEN", "0a1b2c"), variable("SECRET", "SEC0a1b2c")]
    };
    let variables: Environment = ["WEBHOOK1", "WEBHOOK2"].into_iter().flat_map(robot).collect();
    let flags = Overrides::default();
    let loaded = Settings::from_text("page", ours, Path::new(""), &variables, &flags);
    assert_eq!(loaded.unwrap().settings.receivers.len(), 2);
}

#[test]
fn a_receiver_that_is_only_a_fallback_takes_no_alert_of_prometheus() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("secrets")).unwrap();
    for name in ["ops-token", "oncall-token"] {
        std::fs::write(folder.path().join("secrets").join(name), name).unwrap();
    }
    let page = read("docs/configuration.md");
    let examples = between(&page, "```yaml\n", "```");
    let example = examples.iter().find(|block| block.contains("    fallback: ")).unwrap();
    let (none, flags) = (Environment::default(), Overrides::default());
    let loaded = Settings::from_text("page", example, folder.path(), &none, &flags).unwrap();
    let alert: Labels = [("alertname", "DiskFull"), ("severity", "critical")].into_iter().collect();
    let receivers = loaded.settings.receivers.iter();
    let kept: Vec<bool> = receivers.map(|receiver| receiver.conditions.hold(&alert)).collect();
    assert_eq!(kept, [true, false]);
}

#[test]
fn the_example_of_active_times_is_valid() {
    let page = read("docs/configuration.md");
    let examples = between(&page, "```yaml\n", "```");
    let example = examples.iter().find(|block| block.contains("    active_times:")).unwrap();
    let text = format!(
        "receivers:\n  - name: ops\n{example}    chatbots: [{{name: b, access_token: t}}]\n"
    );
    let (none, flags) = (Environment::default(), Overrides::default());
    let loaded = Settings::from_text("page", &text, Path::new(""), &none, &flags).unwrap();
    assert_eq!(loaded.warnings, []);
    let times = &loaded.settings.receivers[0].active_times;
    let hold = |at: &str| times.hold(at.parse().unwrap());
    assert!(hold("2026-11-20T09:00:00+08:00") && !hold("2026-11-20T18:00:00+08:00"));
    assert!(!hold("2026-10-07T12:00:00+08:00"), "it is taken out");
}

#[test]
fn the_example_of_mentions_is_valid() {
    let page = read("docs/configuration.md");
    let examples = between(&page, "```yaml\n", "```");
    let example = examples.iter().find(|block| block.contains("        mention:")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("secrets")).unwrap();
    let token = folder.path().join("secrets/ops-token");
    std::fs::write(&token, "0123").unwrap();
    std::fs::set_permissions(&token, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let text = format!("receivers:\n  - name: ops\n{example}");
    let (none, flags) = (Environment::default(), Overrides::default());
    let loaded = Settings::from_text("page", &text, folder.path(), &none, &flags).unwrap();
    assert_eq!(loaded.warnings, []);
    let rules = loaded.settings.receivers[0].destinations[0].mentions.as_ref().unwrap();
    assert_eq!(rules.schedule.len(), 2);
}

#[test]
fn the_message_in_the_readme_is_the_demos() {
    let readme = read("README.md");
    let [message, grouped, digest] = between(&readme, "```text\n", "```")[..] else {
        unreachable!("a message, one of several alerts, and a digest")
    };
    let storm = read(
        "src/render/digest/tests/snapshots/campana__render__digest__tests__read__a_storm_in_plain_text.snap",
    );
    for line in digest.lines().filter(|line| *line != "…") {
        assert!(storm.lines().any(|other| other == line), "{line:?} is not in the digest's test");
    }
    are_in_the_demo(&[message, grouped], "en", "since ");
}

/// Whether the demo in this language prints each line of the messages, but for those of times.
fn are_in_the_demo(messages: &[&str], language: &str, times: &str) {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_campana"));
    let demo = demo.args(["demo", "--once", "--language", language]).output().unwrap();
    let demo = String::from_utf8(demo.stdout).unwrap();
    // What is bold has stars in the demo, and links have their addresses.
    let plain = demo.split(['<', '>']).step_by(2).collect::<String>().replace('*', "");
    let plain: Vec<&str> = plain.lines().map(str::trim).collect();
    let lines = messages.iter().flat_map(|message| message.lines());
    for line in lines.filter(|line| !line.starts_with(times)) {
        let line = line.replace(" · ", "  · ");
        let found =
            plain.iter().any(|other| *other == line.trim() || *other == line.replace("  ", " "));
        assert!(found, "{line:?} is not in the demo's\n{}", plain.join("\n"));
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    for document in DOCUMENTS {
        let text = read(document);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
        for link in between(&text, "](", ")").into_iter().filter(|link| !link.contains("://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = folder.parent().unwrap().join(file);
            assert!(target.exists(), "{document}: {link}");
            if !anchor.is_empty() {
                let headings = std::fs::read_to_string(&target).unwrap();
                let slug = |line: &str| {
                    let words = line.trim_start_matches("# ").replace('`', "");
                    words.to_lowercase().replace(' ', "-")
                };
                let mut headings = headings.lines().filter_map(|line| line.strip_prefix("##"));
                assert!(headings.any(|line| slug(line.trim()) == anchor), "{document}: {link}");
            }
        }
    }
}

#[test]
fn the_chinese_readme_has_the_commands_links_and_chapters_of_the_other() {
    let [english, chinese] = ["README.md", "README.zh-CN.md"].map(read);
    // All that is fenced, with its language, but for messages.
    let code = |text: &str| -> Vec<String> {
        let uncommented =
            |line: &str| line.split(" # ").next().unwrap_or_default().trim_end().to_owned();
        let blocks = text.split("```").skip(1).step_by(2).filter(|it| !it.starts_with("text"));
        blocks.map(|block| block.lines().map(uncommented).collect::<Vec<_>>().join("\n")).collect()
    };
    let (of_english, of_chinese) = (code(&english), code(&chinese));
    assert!(of_english.len() > 10, "{of_english:#?}");
    assert_eq!(of_chinese, of_english);
    let links = |text: &str| -> Vec<String> {
        let mut links: Vec<String> =
            between(text, "](", ")").into_iter().map(str::to_owned).collect();
        links.retain(|link| !link.starts_with("README"));
        links.sort();
        links
    };
    assert_eq!(links(&chinese), links(&english));
    let count = |text: &str, start: &str| text.lines().filter(|it| it.starts_with(start)).count();
    for start in ["# ", "## ", "### ", "| ", "1. ", "2. ", "3. ", "4. ", "5. "] {
        assert_eq!(count(&chinese, start), count(&english, start), "{start}");
    }
    assert!(english.contains("](README.zh-CN.md)") && chinese.contains("](README.md)"));
}

#[test]
fn the_messages_in_the_chinese_readme_are_the_demos() {
    let readme = read("README.zh-CN.md");
    let [message, grouped, digest] = between(&readme, "```text\n", "```")[..] else {
        unreachable!("a message, one of several alerts, and a digest")
    };
    let storm = read(
        "src/render/digest/tests/snapshots/campana__render__digest__tests__read__a_storm_in_chinese.snap",
    );
    let is_of_storm = |line: &str| {
        let pieces = line.split(" · ").flat_map(|piece| piece.split_whitespace());
        let mut pieces = pieces.filter(|piece| !piece.starts_with('#'));
        storm.lines().any(|other| pieces.clone().all(|piece| other.contains(piece)))
            && pieces.next().is_some()
    };
    for line in digest.lines().filter(|line| !line.is_empty() && *line != "…") {
        assert!(is_of_storm(line), "{line:?} is not in the digest's test");
    }
    are_in_the_demo(&[message, grouped], "zh-CN", "开始时间：");
}

#[test]
fn every_test_target_has_its_place_in_the_page_of_tests() {
    let page = read("docs/testing.md");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["tests", "crates/gotemplate/tests", "crates/goregex/tests"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let target = path.extension().is_some_and(|end| end == "rs");
            if target || path.join("main.rs").exists() {
                let places = [
                    format!("`{folder}/{name}/`"),
                    format!("`{folder}/{name}.rs`"),
                    format!("`{folder}/`"),
                ];
                let listed = places.iter().any(|place| page.contains(place));
                assert!(listed, "docs/testing.md does not say what {folder}/{name} tests");
            }
        }
    }
}

#[test]
fn every_action_of_a_workflow_is_pinned_by_its_commit() {
    let workflow = read(".github/workflows/ci.yml");
    let actions = between(&workflow, "uses: ", "\n");
    assert!(!actions.is_empty());
    for action in actions {
        let (_, commit) = action.split_once('@').unwrap();
        let (commit, version) = commit.split_once(" # v").unwrap_or((commit, ""));
        let is_commit = commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit());
        assert!(is_commit && !version.is_empty(), "{action}");
    }
}

#[test]
fn one_sentence_stands_on_one_line() {
    for document in DOCUMENTS {
        let text = read(document);
        let prose: String = text.split("```").step_by(2).collect();
        let prose = prose.lines().filter(|line| !line.trim_start().starts_with('|'));
        for line in prose {
            // A sentence ends with a full stop, a space and a capital.
            let two =
                line.split(". ").skip(1).any(|rest| rest.starts_with(|c: char| c.is_uppercase()));
            let numbered = line.trim_start().starts_with(|c: char| c.is_ascii_digit());
            assert!(!two || numbered, "{document}: {line}");
        }
    }
}

#[test]
fn a_difference_is_found_on_either_side() {
    let names = |text: &str| first_column(text);
    let described = names("| `one` | 1 |\n| `two` | 2 |\n");
    assert_eq!(
        difference(&described, &names("| `two` | b |\n| `three` | c |\n")),
        ["one", "three"]
    );
    let yaml = "a: {b: 1, c: [x]}\n# d: 2\n# Not: this\n  - e: f\n    url: http://x:1/\n";
    let found: Vec<String> = keys(yaml).into_iter().collect();
    assert_eq!(found, ["a", "b", "c", "d", "e", "url"]);
}
