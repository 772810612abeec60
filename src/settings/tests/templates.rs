//! Tests of templates: which files are found, and the places of mistakes in them.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;

use super::{load_in, make_pipe, with_chatbot};
use crate::render::profile::Profile;
use crate::settings::Settings;
use crate::settings::diagnostic::FURTHER;

/// A temporary folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// A configuration with `templates: [t/*]` and a receiver with this message.
fn with_message(message: &str) -> String {
    format!(
        "templates: ['t/*']\nreceivers:\n- name: r\n  chatbots: [{{name: b, access_token: t}}]\n  \
         message:\n{message}\n"
    )
}

/// The errors of `text`, without the folder in their paths, and without the word that further checks
/// follow.
fn errors(folder: &Path, text: &str) -> Vec<String> {
    let errors = load_in(folder, text).err().unwrap_or_else(|| panic!("no error in\n{text}"));
    let errors = errors.to_string().replace(&format!("{}/", folder.display()), "");
    errors.lines().filter(|line| *line != FURTHER).map(str::to_owned).collect()
}

fn settings(folder: &Path, text: &str) -> (Settings, Vec<String>) {
    let loaded = load_in(folder, text).unwrap_or_else(|errors| panic!("{errors}"));
    let warnings = loaded.warnings.iter().map(ToString::to_string).collect();
    (loaded.settings, warnings)
}

const CALL: &str = "    text: '{{ template \"a\" . }}'";

#[test]
fn equal_templates_of_several_receivers_are_one() {
    let receiver = |name: &str, message: &str| {
        let chatbot = format!("chatbots: [{{name: b, access_token: t{name}}}]");
        format!("- {{name: {name}, {chatbot}, message: {message}}}\n")
    };
    let text = [
        receiver("a", "{text: x}"),
        receiver("b", "{text: x, type: text}"),
        receiver("c", "{title: x}"),
        receiver("d", "{text: x, profile: prometheusalert}"),
    ];
    let (settings, _) = settings(Path::new(""), &format!("receivers:\n{}", text.concat()));
    let template = |place: usize| settings.receivers[place].template.as_ref().unwrap();
    let is_one = |other: usize| Arc::ptr_eq(template(0), template(other));
    assert_eq!([is_one(1), is_one(2), is_one(3)], [true, false, false]);
}

#[test]
fn title_text_and_files_become_a_template() {
    let folder = folder(&[("t/a.tmpl", "{{ define \"a\" }}x{{ end }}"), ("t/b.tmpl", "{{ 1 }}")]);
    let text = with_message(&format!("    title: some words\n{CALL}"));
    let (settings, warnings) = settings(folder.path(), &text);
    assert_eq!(warnings, [""; 0]);
    let template = settings.receivers[0].template.as_ref().unwrap();
    assert_eq!(template.title(), Some("some words"));
    assert_eq!(template.text(), Some("{{ template \"a\" . }}"));
    assert_eq!(template.profile(), Profile::Alertmanager);
    let names: Vec<&str> =
        settings.templates.files.iter().map(|f| f.path.rsplit('/').next().unwrap()).collect();
    assert_eq!(names, ["a.tmpl", "b.tmpl"]);
    let shown = settings.redacted();
    assert!(shown.contains("templates: [\"t/*\"]"), "{shown}");
    assert!(shown.contains("title: \"some words\""), "{shown}");
    assert!(shown.contains("profile: alertmanager"), "{shown}");
}

#[test]
fn each_profile_has_its_name() {
    let folder = folder(&[("t/a.tmpl", "")]);
    for profile in Profile::ALL {
        let text = with_message(&format!("    text: x\n    profile: {profile}"));
        let (settings, _) = settings(folder.path(), &text);
        assert_eq!(settings.receivers[0].template.as_ref().unwrap().profile(), profile);
    }
}

#[test]
fn a_mistake_in_a_file_has_its_place_there() {
    let cases = [
        (
            "{{ define \"a\" }}\n 磁盘 {{ lenn .Alerts }}{{ end }}",
            "t/a.tmpl:2:8: function \"lenn\" not defined in the profile alertmanager; did you \
             mean \"len\"?",
        ),
        ("{{ define \"a\" }}\n{{ $x }}{{ end }}", "t/a.tmpl:2:4: undefined variable \"$x\""),
        (
            "{{ define \"a\" }}{{ template \"aa\" }}{{ end }}",
            "t/a.tmpl:1:29: template \"aa\" not defined in the profile alertmanager; did you \
             mean \"a\"?",
        ),
    ];
    for (source, expected) in cases {
        let folder = folder(&[("t/a.tmpl", source)]);
        assert_eq!(errors(folder.path(), &with_message(CALL)), [expected], "{source}");
    }
}

#[test]
fn a_mistake_in_the_configuration_itself_has_its_place_in_the_yaml() {
    let folder = folder(&[("t/a.tmpl", "{{ define \"some.text\" }}x{{ end }}")]);
    let unknown =
        "function \"lenn\" not defined in the profile alertmanager; did you mean \"len\"?";
    let text = "receivers[0].message.text";
    let cases = [
        ("    text: x {{ lenn . }}", format!("c.yml:6:16: {text}: {unknown}")),
        ("    text: '''{{ lenn . }}'", format!("c.yml:6:17: {text}: {unknown}")),
        ("    text: \"磁盘 {{ lenn . }}\"", format!("c.yml:6:18: {text}: {unknown}")),
        ("    text: |-\n\n      one\n        {{ lenn . }}", format!("c.yml:9:12: {text}: {unknown}")),
        (
            "    text: \"a\\n{{ lenn . }}\"",
            format!("c.yml:6:11: {text}: {unknown} (line 2, column 4 of the template)"),
        ),
        (
            "    text: >\n      a\n      {{ lenn . }}",
            format!("c.yml:7:7: {text}: {unknown} (line 1, column 6 of the template)"),
        ),
        (
            "    title: '{{ template \"some.txt\" . }}'",
            "c.yml:6:25: receivers[0].message.title: template \"some.txt\" not defined in the profile alertmanager; did you \
             mean \"some.text\"?"
                .to_owned(),
        ),
        (
            "    text: ''",
            format!("c.yml:6:11: {text}: expected a text (a template), found an empty one"),
        ),
        (
            "    profile: alertmanager",
            "c.yml:6:5: receivers[0].message.profile: says how `title` and `text` are read, and there \
             is neither of them"
                .to_owned(),
        ),
    ];
    for (message, expected) in cases {
        assert_eq!(errors(folder.path(), &with_message(message)), [expected], "{message}");
    }
    let several = with_message("    title: '{{ end }}'\n    text: '{{ $x }}'\n    profile: alert");
    let lines: Vec<String> = errors(folder.path(), &several);
    assert!(
        lines[0].starts_with("c.yml:8:14: receivers[0].message.profile: expected one of alertm")
    );
}

#[test]
fn title_and_text_are_both_looked_at() {
    let folder = folder(&[("t/a.tmpl", "")]);
    let several = with_message("    title: '{{ $x }}'\n    text: '{{ $y }}'");
    let lines = errors(folder.path(), &several);
    let places: Vec<&str> = lines.iter().map(|line| &line[..11]).collect();
    assert_eq!(places, ["c.yml:6:16:", "c.yml:7:15:"], "{lines:?}");
}

#[test]
fn a_title_that_can_not_be_read_hides_no_mistake_of_the_text() {
    let folder = folder(&[("t/a.tmpl", "")]);
    let both = with_message("    title: [x]\n    text: '{{ $y }}'");
    let lines = errors(folder.path(), &both);
    let places: Vec<&str> = lines.iter().map(|line| &line[..11]).collect();
    assert_eq!(places, ["c.yml:6:12:", "c.yml:7:15:"], "{lines:?}");
    let neither = with_message("    title: [x]\n    text: [y]");
    assert_eq!(errors(folder.path(), &neither).len(), 2);
}

#[test]
fn where_templates_are_not_whole_further_checks_follow() {
    let folder = folder(&[("t/a.tmpl", "{{ define \"a\" }}{{ $x }}{{ end }}"), ("u/a.tmpl", "")]);
    let calls = |patterns: &str| with_message(CALL).replace("['t/*']", patterns);
    for (text, is_told) in [
        (calls("['t/*']"), true),
        (calls("['u/*', 'v/*']"), true),
        (with_message("    text: '{{ $x }}'").replace("['t/*']", "['u/*']"), true),
        (format!("templates: [v]\n{}", with_chatbot("")), false),
    ] {
        let found = load_in(folder.path(), &text).unwrap_err().to_string();
        assert_eq!(found.lines().last() == Some(FURTHER), is_told, "{text}{found}");
        assert!(!found.contains("not defined"), "a lost template is not blamed: {found}");
    }
}

#[test]
fn a_file_that_can_not_be_read_hides_no_pattern_that_matches_nothing() {
    let folder = folder(&[("t/a.tmpl", "")]);
    fs::write(folder.path().join("t/b.tmpl"), b"\xff").unwrap();
    let text = with_message("    text: x").replace("['t/*']", "['t/*', 'u/*']");
    let found = errors(folder.path(), &text);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("t/b.tmpl:1:1") && found[1].contains("`u/*`"), "{found:?}");
}

#[test]
fn patterns_that_give_no_files_are_errors() {
    let folder = folder(&[("t/a.tmpl", "x")]);
    let long = folder.path().join("t/long.txt");
    fs::write(long, "x".repeat(300_000)).unwrap();
    fs::write(folder.path().join("t/bytes.bin"), b"\xff\xfe").unwrap();
    make_pipe(&folder.path().join("pipe"));
    let here = folder.path().display().to_string();
    let cases = [
        ("['t/*.tpl']", format!("1:13: templates[0]: `t/*.tpl` matches no file in {here}")),
        ("[t/a.tmpl, '[']", "1:23: templates[1]: `[` is no pattern: ".to_owned()),
        (
            "[t/*.txt]",
            "1:13: templates[0]: can't read t/long.txt: it is larger than 262144".to_owned(),
        ),
        ("[pipe]", format!("1:13: templates[0]: `pipe` matches no file in {here}")),
        ("[t/*.bin]", "1:13: templates[0]: can't read t/bytes.bin:1:1: it is not".to_owned()),
        ("t/*", "1:12: templates: expected a list of patterns, found a text".to_owned()),
        ("['']", "1:13: templates[0]: expected a text (a pattern such as".to_owned()),
    ];
    for (patterns, expected) in cases {
        let text = format!(
            "templates: {patterns}\n{}",
            with_chatbot("")
                .replace("name: r,", "name: r, message: {text: '{{ template \"a\" }}'},")
        );
        let found = errors(folder.path(), &text);
        assert_eq!(found.len(), 1, "what calls a lost template is not blamed: {found:?}");
        assert!(found[0].starts_with(&format!("c.yml:{expected}")), "{found:?}");
    }
}

#[test]
fn what_is_not_used_is_a_warning() {
    let folder = folder(&[("t/a.tmpl", "{{ end }}")]);
    let unused = format!("templates: ['t/*']\n{}", with_chatbot(""));
    let (_, warnings) = settings(folder.path(), &unused);
    assert_eq!(
        warnings,
        [
            "c.yml:1:1: warning: templates: no receiver uses the templates: give it a `message.title` or \
          `message.text`"
        ]
    );
    fs::write(folder.path().join("t/a.tmpl"), "").unwrap();
    let (_, warnings) = settings(folder.path(), &with_message("    title: x\n    type: text"));
    assert_eq!(
        warnings,
        [
            "c.yml:6:5: warning: receivers[0].message.title: is not used: a message of type `text` has \
          no title"
        ]
    );
}

#[test]
fn a_file_that_two_patterns_match_is_read_once_and_equal_names_do_not_meet() {
    let folder = folder(&[
        ("t/a.tmpl", "{{ define \"a\" }}1{{ end }}"),
        ("u/a.tmpl", "{{ define \"b\" }}{{ nothing }}{{ end }}"),
    ]);
    let text = with_message("    text: x").replace("['t/*']", "['t/*', '?/a.tmpl']");
    assert_eq!(
        errors(folder.path(), &text),
        ["u/a.tmpl:1:20: function \"nothing\" not defined in the profile alertmanager"]
    );
}

/// Template files of two products, and a configuration with a receiver for each.
fn two_products(first: &str) -> (TempDir, String) {
    let folder = folder(&[
        ("t/am.tmpl", "{{ define \"am\" }}{{ humanizeDuration 1 }}{{ end }}"),
        ("t/nm.tmpl", "{{ define \"nm\" }}{{ translate \"x\" }}{{ end }}"),
    ]);
    let text = format!(
        "{}\n- name: s\n  chatbots: [{{name: b, access_token: u}}]\n  message: {{text: '{{{{ \
         template \"nm\" . }}}}', profile: notification-manager}}\n",
        with_message(&format!("    text: '{{{{ template \"{first}\" . }}}}'"))
    );
    (folder, text)
}

#[test]
fn files_of_two_products_lie_side_by_side() {
    let (folder, text) = two_products("am");
    let (settings, warnings) = settings(folder.path(), &text);
    assert_eq!((settings.receivers.len(), warnings.len()), (2, 0));
    let (folder, text) = two_products("nm");
    assert_eq!(
        errors(folder.path(), &text),
        [
            "c.yml:6:24: receivers[0].message.text: template \"nm\" not defined in the profile alertmanager; t/nm.tmpl is left \
          out of it, because function \"translate\" not defined in the profile alertmanager; it is \
          in notification-manager"
        ]
    );
    fs::write(folder.path().join("t/bad.tmpl"), "{{ nowhere }}").unwrap();
    let (_, text) = two_products("am");
    assert_eq!(
        errors(folder.path(), &text),
        [
            "t/bad.tmpl:1:4: function \"nowhere\" not defined in the profile alertmanager",
            "t/bad.tmpl:1:4: function \"nowhere\" not defined in the profile notification-manager",
        ]
    );
}
