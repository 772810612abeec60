//! `campana template`: what is printed, and the exit status.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const FILE: &str = "{{ define \"a.text\" -}}
# {{ .Alerts | len }} of {{ .GroupLabels.alertname }}
{{ range .Alerts }}{{ .Labels.instance }} {{ end }}
{{- end }}
";

const CONFIG: &str = "templates: [t/*]
receivers:
  - name: ops
    conditions: [severity=\"critical\"]
    message: {title: 'T {{ .Status }}', text: '{{ template \"a.text\" . }}'}
    chatbots:
      - {name: one, access_token: t1}
      - {name: two, access_token: t2}
      - {name: three, access_token: t3, keywords: [告警]}
  - name: plain
    chatbots: [{name: one, access_token: t1}]
";

/// A folder with a configuration and a file of templates.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("t")).unwrap();
    fs::write(folder.path().join("t/a.tmpl"), FILE).unwrap();
    fs::write(folder.path().join("campana.yml"), CONFIG).unwrap();
    folder
}

/// `campana template …` in the folder.
fn template(folder: &TempDir, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_campana"));
    command.current_dir(folder.path()).arg("template").args(arguments);
    command.output().unwrap()
}

/// The exit status with what was printed to standard output, then to standard error.
fn ran(folder: &TempDir, arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = template(folder, arguments);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

const OPS: [&str; 5] = ["render", "--config.file", "campana.yml", "--receiver", "ops"];

#[test]
fn a_receivers_message_is_printed_for_each_kind_of_destination() {
    let folder = folder();
    let (status, out, error) = ran(&folder, &OPS);
    assert_eq!((status, error.as_str()), (0, ""));
    let text = "title: T firing\n\n# 1 of DiskFull\ndb-1:9100 \n";
    assert!(out.starts_with("To one, two:\n--- part 1 of 1, "), "{out}");
    assert_eq!(out.matches(" of 19500 bytes\n").count(), 2, "{out}");
    assert!(out.contains(text), "{out}");
    assert!(out.contains("To three:\n") && out.contains("keyword: 告警"), "{out}");
}

#[test]
fn the_bodies_are_those_that_are_sent() {
    let folder = folder();
    let (status, out, _) = ran(&folder, &[&OPS[..], &["--json"]].concat());
    let messages: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((status, messages.as_array().unwrap().len()), (0, 2));
    let part = &messages[0]["parts"][0];
    assert_eq!(part["body"]["markdown"]["text"], "# 1 of DiskFull\ndb-1:9100 ");
    let room_for_id = 49;
    assert_eq!(part["bytes"], part["body"].to_string().len() + room_for_id);
}

#[test]
fn only_what_the_template_writes_is_printed_raw() {
    let folder = folder();
    let (status, out, _) = ran(&folder, &[&OPS[..], &["--raw"]].concat());
    assert_eq!((status, out.as_str()), (0, "# 1 of DiskFull\ndb-1:9100 "));
    let bytes = template(&folder, &["render", "--raw", "{{ slice \"磁\" 0 1 }}\n"]);
    assert_eq!((bytes.status.code(), bytes.stdout), (Some(0), b"\xe7\n".to_vec()));
}

const ON_CALL: &str = "receivers:
  - name: ops
    chatbots:
      - name: one
        access_token: t1
        mention:
          from_label: oncall
          allow: [li]
          schedule:
            - {times: [{start_time: '09:00', end_time: '18:00'}], location: Asia/Shanghai, user_ids: [day]}
";

#[test]
fn the_message_of_another_time_mentions_who_is_on_call_then() {
    let folder = folder();
    fs::write(folder.path().join("campana.yml"), ON_CALL).unwrap();
    let payload = r#"{"alerts":[{"labels":{"alertname":"Disk","oncall":"li wang"}}]}"#;
    fs::write(folder.path().join("p.json"), payload).unwrap();
    let at = |time| [&OPS[..], &["--payload", "p.json", "--at", time]].concat();
    for (time, mentions) in
        [("2026-11-23T09:00:00+08:00", "@day @li"), ("2026-11-23T18:00:00+08:00", "@li")]
    {
        let (status, out, error) = ran(&folder, &at(time));
        assert_eq!((status, error.as_str()), (0, ""));
        assert!(out.trim_end().ends_with(&format!("\n\n{mentions}")), "{out}");
        let left_out =
            "--- not mentioned, because mention.allow lacks the names: label `oncall`: 1\n";
        assert!(out.contains(left_out), "{out}");
    }
    let (status, _, error) = ran(&folder, &at("Monday"));
    assert_eq!(status, 2);
    assert!(error.contains("write date, time and offset, as 2026-11-21T09:00:00+08:00"), "{error}");
}

#[test]
fn a_text_of_ones_own_is_tried_on_files_and_payloads() {
    let folder = folder();
    let payload = r#"{"status":"resolved","alerts":[{"labels":{"instance":"x"}}],"groupLabels":{"alertname":"Up"}}"#;
    fs::write(folder.path().join("p.json"), payload).unwrap();
    let own = ["render", "--file", "t/a.tmpl", "--payload", "p.json", "--raw"];
    let (status, out, error) = ran(&folder, &[&own[..], &["{{ template \"a.text\" . }}"]].concat());
    assert_eq!((status, out.as_str(), error.as_str()), (0, "# 1 of Up\nx ", ""));
    let (_, out, _) =
        ran(&folder, &[&OPS[..], &["--raw", "own {{ template \"a.text\" . }}"]].concat());
    assert_eq!(out, "own # 1 of DiskFull\ndb-1:9100 ");
    let (_, out, _) = ran(&folder, &["render", "hello @all"]);
    assert!(out.contains("\nhello @\\u200ball\n"), "{out}");
    let before =
        "--- the mention guard broke mentions that are not configured; before it:\nhello @all";
    assert!(out.contains(before), "{out}");
    let none = r#"{"alerts":[{"labels":{"severity":"info"}}]}"#;
    fs::write(folder.path().join("p.json"), none).unwrap();
    let (status, out, words) =
        ran(&folder, &[&OPS[..], &["--raw", "--payload", "p.json"]].concat());
    assert_eq!((status, out.as_str()), (0, ""));
    assert!(words.contains("keeps none of these alerts"), "{words}");
}

#[test]
fn the_buttons_of_a_card_stand_below_its_text() {
    let folder = folder();
    let config = "receivers: [{name: card, language: zh-CN, message: {type: action_card, buttons: \
                  [graph]}, chatbots: [{name: b, access_token: t}]}]\n";
    fs::write(folder.path().join("card.yml"), config).unwrap();
    let payload =
        r#"{"alerts":[{"labels":{"alertname":"Disk"},"generatorURL":"http://p.example/g"}]}"#;
    fs::write(folder.path().join("p.json"), payload).unwrap();
    let arguments = ["render", "--config.file", "card.yml", "--payload", "p.json"];
    let (status, out, _) = ran(&folder, &arguments);
    assert_eq!(status, 0, "{out}");
    assert!(
        out.contains("[告警:1] Disk") && out.ends_with("\n[ 查看图表 ] http://p.example/g\n"),
        "{out}"
    );
}

#[test]
fn a_payload_can_come_from_standard_input() {
    let folder = folder();
    let from = |payload: &str| {
        fs::write(folder.path().join("p.json"), payload).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_campana"));
        command.current_dir(folder.path());
        command.args(["template", "render", "--raw", "--payload", "-", "{{ .Receiver }}"]);
        command.stdin(fs::File::open(folder.path().join("p.json")).unwrap());
        command.output().unwrap()
    };
    let written = from(r#"{"receiver":"piped","alerts":[{"labels":{"a":"b"}}]}"#);
    assert_eq!((written.status.code(), written.stdout.as_slice()), (Some(0), &b"piped"[..]));
    let refused = String::from_utf8(from("{").stderr).unwrap();
    assert!(refused.starts_with("campana: standard input: the body is not JSON"), "{refused}");
}

#[test]
fn a_mistake_is_named_with_its_place_and_fails() {
    let folder = folder();
    fs::write(folder.path().join("bad.tmpl"), "{{ define \"b\" }}\n{{ joinn }}{{ end }}").unwrap();
    let cases: [(&[&str], &str); 7] = [
        (&["render", "{{ lenn . }}"], "message.text:1:4: function \"lenn\" not defined in the"),
        (&["render", "--file", "bad.tmpl", "x"], "bad.tmpl:2:4: function \"joinn\" not defined"),
        (&["render", "{{ template \"x\" }}"], "message.text:1:13: template \"x\" not defined"),
        (&["render", "{{ .Nothing }}"], "can't evaluate field Nothing"),
        (&["render"], "give the text"),
        (&["render", "--profile", "x", "y"], "there is no profile \"x\"; known: alertmanager"),
        (&["render", "--config.file", "campana.yml"], "name one with --receiver: ops, plain"),
    ];
    for (arguments, expected) in cases {
        let (status, out, error) = ran(&folder, arguments);
        assert_eq!(status, 1, "{arguments:?} {out}");
        assert!(error.contains(expected), "{arguments:?} {error}");
    }
    let broken = CONFIG.replace("T {{ .Status }}", "T {{ .Status }");
    fs::write(folder.path().join("campana.yml"), broken).unwrap();
    let (status, _, error) = ran(&folder, &OPS);
    assert_eq!(status, 1);
    assert!(error.contains("campana.yml:5:"), "{error}");
}

#[test]
fn a_templates_source_is_shown_so_that_a_file_can_hold_it() {
    let folder = folder();
    let show = ["show", "a.text", "--config.file", "campana.yml"];
    let (status, out, _) = ran(&folder, &show);
    assert_eq!((status, out.as_str()), (0, FILE));
    let (status, _, error) = ran(&folder, &["show", "a.txt", "--config.file", "campana.yml"]);
    assert_eq!(status, 1);
    let words =
        "there is no template \"a.txt\" in the profile alertmanager; did you mean \"a.text\"?";
    assert!(error.contains(words), "{error}");
}

#[test]
fn functions_are_listed_with_their_signatures_in_order() {
    let folder = folder();
    for profile in
        ["alertmanager", "prometheus-webhook-dingtalk", "notification-manager", "prometheusalert"]
    {
        let (status, out, _) = ran(&folder, &["functions", "--profile", profile]);
        assert_eq!(status, 0);
        let (listed, _) = out.split_once("\n\n").unwrap_or((&out, ""));
        let names: Vec<&str> =
            listed.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
        assert!(names.is_sorted() && names.len() > 19, "{profile}: {names:?}");
        let upper = listed.lines().find(|line| line.starts_with("toUpper ")).unwrap();
        let (_, rest) = upper.split_once("  (").unwrap();
        assert!(rest.ends_with("string) string"), "{upper}");
    }
    let (_, out, _) = ran(&folder, &["functions", "--profile", "prometheus-webhook-dingtalk"]);
    let refused =
        out.split_once("Refused in the profile prometheus-webhook-dingtalk:\n").unwrap().1;
    assert!(refused.lines().any(|line| line.starts_with("env ")), "{refused}");
}
