//! Tests of the words for other products' flags: nothing is left without a word, and no token is shown.

use clap::Parser as _;
use clap::error::ErrorKind;

use super::*;
use crate::settings::{Environment, Overrides, Settings};

const URL: &str = "https://oapi.dingtalk.com/robot/send?access_token=canary";

fn answer_to(arguments: &[&str]) -> Option<String> {
    let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
    let parsed = Cli::try_parse_from(["campana".to_owned()].iter().chain(&arguments));
    assert!(parsed.is_err(), "clap takes {arguments:?}");
    answer(&arguments)
}

#[test]
fn a_command_line_of_prometheus_webhook_dingtalk_becomes_a_configuration() {
    let profile = |name: &str, url: &str| format!("--ding.profile={name}={url}");
    let (ops, other) = (profile("ops", URL), profile("9 other", "http://proxy/send?canary=x"));
    let words = answer_to(&[
        "serve",
        &ops,
        "--ding.profile",
        &other["--ding.profile=".len()..],
        "--ding.timeout=5s",
        "--template.file",
        "a.tmpl",
        "--web.enable-ui",
        "--no-web.ui-enabled",
        "--web.listen-address=:8060",
    ])
    .unwrap();
    assert!(!words.contains("canary"), "{words}");
    insta::assert_snapshot!(words);
    let (_, yaml) = words.split_once("\n\n").unwrap().1.split_once("\n\n").unwrap();
    let yaml = yaml.split("\n\n").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.tmpl"), "{{ define \"ding.link.title\" }}x{{ end }}")
        .unwrap();
    let environment: Environment =
        [("OPS_ACCESS_TOKEN", "t"), ("_9_OTHER_WEBHOOK_URL", "http://127.0.0.1/?access_token=u")]
            .into_iter()
            .collect();
    let overrides = Overrides::default();
    let loaded = Settings::from_text("new.yml", yaml, folder.path(), &environment, &overrides);
    let settings = loaded.unwrap_or_else(|errors| panic!("{errors}\n{yaml}")).settings;
    let names: Vec<&str> = settings.receivers.iter().map(|receiver| &*receiver.name).collect();
    assert_eq!(names, ["ops", "9-other"]);
}

#[test]
fn the_flags_of_each_product_are_answered_at_once_and_under_its_name() {
    let words = answer_to(&[
        "--webhook.address=:19093",
        "--worker.queue=1000",
        "--store.type=memory",
        "--cluster.peer=a:9094",
        "--cluster.peer=b:9094",
        "--storage.path",
        "/data",
        "--data.retention=120h",
    ]);
    insta::assert_snapshot!(words.unwrap());
}

#[test]
fn a_token_in_an_argument_of_its_own_is_not_shown() {
    for arguments in [
        &["serve", "--ding.profile", URL][..],
        &["-ding.profile", URL],
        &["-ding.profile=canary"],
        &["--ding.profile", &format!("canary,{URL}")],
        &["--webhook.address", "canary"],
    ] {
        let words = answer_to(arguments).unwrap();
        assert!(!words.contains("canary"), "{words}");
    }
}

#[test]
fn two_profiles_of_one_name_share_no_variable() {
    let profile = format!("--ding.profile=ops={URL}");
    let words = answer_to(&["serve", &profile, &profile]).unwrap();
    for expected in ["- name: ops-2\n", "${OPS_ACCESS_TOKEN}", "${OPS_2_ACCESS_TOKEN}"] {
        assert!(words.contains(expected), "{expected}: {words}");
    }
}

#[test]
fn flags_of_the_server_without_the_command_are_told_its_name() {
    let words = answer_to(&["--config.file=/etc/c.yml", "--web.listen-address=:8060"]).unwrap();
    let expected = "error: `--config.file` is a flag of `campana serve`; write the command before \
                    it: campana serve --config.file";
    assert_eq!(words, expected);
}

#[test]
fn every_other_mistake_keeps_claps_words() {
    for arguments in [
        &["--colour"][..],
        &["serve", "--colour"],
        &["serve", "ding.profile"],
        &["test", "--ding.profile=ops=x"],
        &["colour"],
        &[],
    ] {
        assert_eq!(answer_to(arguments), None, "{arguments:?}");
    }
    let help = Cli::try_parse_from(["campana", "serve", "--help", "--web.enable-ui"]).unwrap_err();
    assert_eq!((help.kind(), help.use_stderr()), (ErrorKind::DisplayHelp, false));
}

#[test]
fn no_flag_of_ours_is_called_foreign() {
    let cli = Cli::command();
    for command in cli.get_subcommands() {
        for name in command.get_arguments().filter_map(clap::Arg::get_long) {
            assert!(!FLAGS.iter().any(|flag| flag.is_called(name)), "--{name}");
        }
    }
}
