//! Tests of the layers: a flag wins over a variable, that over the file, that over the default.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::ExposeSecret;

use super::{load, load_with, make_pipe, with_chatbot, with_section};
use crate::dingtalk::Endpoint;
use crate::settings::environment::Environment;
use crate::settings::process::Overrides;
use crate::settings::{LogFormat, ProcessSettings, Settings, StorageLimits};

/// The process' settings of a file with this section, these variables and flags; or the errors.
fn process(
    section: &str,
    variables: &[(&str, &str)],
    overrides: &Overrides,
) -> Result<ProcessSettings, String> {
    let environment: Environment = variables.iter().copied().collect();
    let text = with_section(section);
    let loaded = Settings::from_text("c.yml", &text, Path::new(""), &environment, overrides);
    loaded.map(|loaded| loaded.settings.process).map_err(|errors| errors.to_string())
}

#[test]
fn without_a_word_from_anyone_the_defaults_hold() {
    let process = load(&with_chatbot("")).process;
    let expected = ProcessSettings {
        listen: "0.0.0.0:8060".parse().unwrap(),
        external_url: "http://localhost:8060".to_owned(),
        route_prefix: String::new(),
        enable_lifecycle: false,
        enable_admin_api: false,
        max_body_bytes: 4 << 20,
        max_alerts: 10_000,
        max_connections: 4_096,
        storage: PathBuf::from("data/campana.db"),
        limits: StorageLimits {
            queued: 1_000_000,
            queued_bytes: 4 << 30,
            oldest: Duration::from_hours(48),
            free_disk: 64 << 20,
        },
        retain_delivered: Duration::from_hours(7 * 24),
        retain_dead: Duration::from_hours(30 * 24),
        log_level: tracing::Level::INFO,
        log_format: LogFormat::Logfmt,
    };
    assert_eq!(process, expected);
}

#[test]
fn the_file_yields_to_the_environment_and_that_to_a_flag() {
    let section = "web: {listen_address: ':1'}";
    let variable = [("CAMPANA__WEB__LISTEN_ADDRESS", ":2")];
    let flag = Overrides { listen_address: Some(":3".to_owned()), ..Overrides::default() };
    let port = |variables: &[(&str, &str)], overrides: &Overrides| {
        process(section, variables, overrides).unwrap().listen.port()
    };
    assert_eq!(port(&[], &Overrides::default()), 1);
    assert_eq!(port(&variable, &Overrides::default()), 2);
    assert_eq!(port(&variable, &flag), 3);
    assert_eq!(port(&[], &flag), 3);
}

#[test]
fn every_key_has_its_variable_and_its_flag() {
    let variables = [
        ("CAMPANA__GLOBAL__EXTERNAL_URL", "http://h/x/"),
        ("CAMPANA__WEB__MAX_BODY_BYTES", "1MiB"),
        ("CAMPANA__STORAGE__LIMITS__QUEUED", "10"),
        ("CAMPANA__STORAGE__LIMITS__QUEUED_BYTES", "2GiB"),
        ("CAMPANA__STORAGE__LIMITS__OLDEST", "1h"),
        ("CAMPANA__STORAGE__LIMITS__FREE_DISK", "0"),
        ("CAMPANA__STORAGE__RETENTION__DELIVERED", "1d"),
        ("CAMPANA__STORAGE__RETENTION__DEAD", "2d"),
        ("CAMPANA__LOG__LEVEL", "debug"),
    ];
    let overrides = Overrides {
        enable_lifecycle: Some(true),
        enable_admin_api: Some(true),
        storage_url: Some("sqlite:///var/lib/c.db".to_owned()),
        log_format: Some("json".to_owned()),
        ..Overrides::default()
    };
    let process = process("", &variables, &overrides).unwrap();
    assert_eq!(process.external_url, "http://h/x");
    assert_eq!(process.route_prefix, "/x");
    assert_eq!(process.max_body_bytes, 1 << 20);
    let oldest = Duration::from_hours(1);
    let limits = StorageLimits { queued: 10, queued_bytes: 2 << 30, oldest, free_disk: 0 };
    assert_eq!(process.limits, limits);
    assert_eq!(process.retain_delivered, Duration::from_hours(24));
    assert_eq!(process.retain_dead, Duration::from_hours(48));
    assert!(process.enable_lifecycle && process.enable_admin_api);
    assert_eq!(process.storage, PathBuf::from("/var/lib/c.db"));
    assert_eq!(process.log_level, tracing::Level::DEBUG);
    assert_eq!(process.log_format, LogFormat::Json);
}

#[test]
fn a_route_prefix_begins_with_a_slash_and_ends_without() {
    for (given, expected) in [("/", ""), ("x", "/x"), ("/x/y/", "/x/y"), ("", "")] {
        let overrides = Overrides { route_prefix: Some(given.to_owned()), ..Overrides::default() };
        assert_eq!(process("", &[], &overrides).unwrap().route_prefix, expected, "{given}");
    }
}

#[test]
fn a_bad_value_is_blamed_on_the_place_it_came_from() {
    let section = "web: {listen_address: nonsense}";
    let expected = "expected an address such as `0.0.0.0:8060` or `:8060`, found `nonsense`";
    let flag = Overrides { listen_address: Some("nonsense".to_owned()), ..Overrides::default() };
    let variable = [("CAMPANA__WEB__LISTEN_ADDRESS", "nonsense")];
    let cases = [
        (process(section, &[], &Overrides::default()), "c.yml:1:23"),
        (
            process(section, &variable, &Overrides::default()),
            "environment variable CAMPANA__WEB__LISTEN_ADDRESS",
        ),
        (process(section, &variable, &flag), "flag --web.listen-address"),
    ];
    for (outcome, place) in cases {
        assert_eq!(outcome, Err(format!("{place}: web.listen_address: {expected}")));
    }
}

#[test]
fn later_features_are_refused_from_every_layer() {
    let flag = Overrides { web_config_file: Some("web.yml".to_owned()), ..Overrides::default() };
    let cases = [
        process("", &[], &flag),
        process("", &[("CAMPANA__WEB__CONFIG_FILE", "web.yml")], &Overrides::default()),
        process("", &[("CAMPANA__STORAGE__URL", "postgres://h/d")], &Overrides::default()),
    ];
    for outcome in cases {
        let errors = outcome.unwrap_err();
        assert!(errors.contains("not in this version"), "{errors}");
    }
}

#[test]
fn an_unknown_variable_of_ours_is_an_error_with_the_nearest_name() {
    let variables = [("CAMPANA__WEB__LISTEN_ADRESS", ":1"), ("CAMPANA_FAILPOINT", "x")];
    let errors = process("", &variables, &Overrides::default()).unwrap_err();
    assert_eq!(
        errors,
        "environment variable CAMPANA__WEB__LISTEN_ADRESS: there is no such setting; did you mean \
         `CAMPANA__WEB__LISTEN_ADDRESS`? Only global, web, storage and log settings have a variable"
    );
    let receivers = [("CAMPANA__RECEIVERS__OPS__RATE", "1")];
    assert!(process("", &receivers, &Overrides::default()).is_err());
}

#[test]
fn a_variable_of_ours_that_is_not_utf8_is_an_error_and_no_other() {
    let bytes = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
    let environment = Environment::of([
        ("CAMPANA__LOG__LEVEL".into(), bytes(b"canary\xff")),
        (bytes(b"CAMPANA__\xff"), "canary".into()),
        ("LS_COLORS".into(), bytes(b"\xff")),
        ("DINGTALK_ACCESS_TOKEN".into(), bytes(b"canary\xff")),
    ]);
    let (text, overrides) = (with_chatbot(""), Overrides::default());
    let rule = "it is not UTF-8; set it to a text in UTF-8, or unset it";
    let loaded = Settings::from_text("c.yml", &text, Path::new(""), &environment, &overrides);
    let expected = format!(
        "environment variable CAMPANA__LOG__LEVEL: {rule}\n\
         environment variable CAMPANA__\u{fffd}: {rule}"
    );
    assert_eq!(loaded.unwrap_err().to_string(), expected);
    let without_file = Settings::load(None, &environment, &overrides).unwrap_err().to_string();
    assert_eq!(without_file, format!("environment variable DINGTALK_ACCESS_TOKEN: {rule}"));
}

#[test]
fn errors_of_all_layers_stand_in_one_list() {
    let overrides = Overrides { storage_url: Some("x".to_owned()), ..Overrides::default() };
    let variables = [("CAMPANA__NOPE", "1"), ("CAMPANA__LOG__LEVEL", "loud")];
    let errors = process("web: {nope: 1, max_body_bytes: x}", &variables, &overrides).unwrap_err();
    let places: Vec<&str> = errors.lines().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(
        places,
        [
            "c.yml:1:7",
            "c.yml:1:32",
            "environment variable CAMPANA__LOG__LEVEL",
            "environment variable CAMPANA__NOPE",
            "flag --storage.url"
        ]
    );
}

fn without_file(variables: &[(&str, &str)]) -> Result<Settings, String> {
    let environment: Environment = variables.iter().copied().collect();
    Settings::load(None, &environment, &Overrides::default())
        .map(|loaded| loaded.settings)
        .map_err(|errors| errors.to_string())
}

#[test]
fn a_token_in_the_environment_is_a_configuration() {
    let variables = [("DINGTALK_ACCESS_TOKEN", "t&1"), ("DINGTALK_SECRET", "SECx")];
    let settings = without_file(&variables).unwrap();
    let receiver = &settings.receivers[0];
    let destination = &receiver.destinations[0];
    assert_eq!((receiver.name.as_str(), destination.name.as_str()), ("default", "default"));
    let Endpoint::Chatbot(bot) = &destination.endpoint else { panic!("not a chatbot") };
    assert_eq!(
        bot.webhook_url.expose_secret(),
        "https://oapi.dingtalk.com/robot/send?access_token=t%261"
    );
    assert_eq!(bot.access_token.expose_secret(), "t&1");
    assert_eq!(bot.secret.as_ref().unwrap().expose_secret(), "SECx");
    let unsigned = without_file(&[("DINGTALK_ACCESS_TOKEN", "t"), ("DINGTALK_SECRET", "")]);
    let unsigned = unsigned.unwrap();
    let Endpoint::Chatbot(bot) = &unsigned.receivers[0].destinations[0].endpoint else {
        panic!("not a chatbot")
    };
    assert!(bot.secret.is_none());
}

#[test]
fn without_file_and_token_the_error_says_what_to_do() {
    for variables in [&[][..], &[("DINGTALK_ACCESS_TOKEN", "")], &[("DINGTALK_SECRET", "s")]] {
        let errors = without_file(variables).unwrap_err();
        assert!(errors.contains("--config.file"), "{errors}");
        assert!(errors.contains("DINGTALK_ACCESS_TOKEN"), "{errors}");
    }
    let bare = "it must be the bare value";
    let hex = "0123456789abcdef".repeat(4);
    for (name, pasted, words) in [
        ("DINGTALK_ACCESS_TOKEN", "https://h/robot/send?access_token=canary", bare),
        ("DINGTALK_ACCESS_TOKEN", "canary…", bare),
        ("DINGTALK_ACCESS_TOKEN", "<canary>", bare),
        ("DINGTALK_ACCESS_TOKEN", "\"canary\"", bare),
        ("DINGTALK_ACCESS_TOKEN", "canary canary", bare),
        ("DINGTALK_ACCESS_TOKEN", "SECcanary", "it holds a robot's secret (`SEC…`) and not its"),
        ("DINGTALK_ACCESS_TOKEN", "canary,canary", "it holds `,` or `;`"),
        ("DINGTALK_SECRET", "https://h/robot/send?access_token=canary", bare),
        ("DINGTALK_SECRET", &hex, "it holds 64 hexadecimal digits, as an access token has"),
    ] {
        let variables = [("DINGTALK_ACCESS_TOKEN", "t"), (name, pasted)];
        let errors = without_file(&variables).unwrap_err();
        assert!(errors.starts_with(&format!("environment variable {name}: {words}")), "{errors}");
        assert!(!errors.contains("canary") && !errors.contains(&hex), "{errors}");
    }
}

#[test]
fn a_secret_in_the_environment_without_secs_begin_is_used_and_told() {
    let environment: Environment =
        [("DINGTALK_ACCESS_TOKEN", "t"), ("DINGTALK_SECRET", "canary")].into_iter().collect();
    let loaded = Settings::load(None, &environment, &Overrides::default()).unwrap();
    let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        ["environment variable DINGTALK_SECRET: warning: it does not begin with `SEC`, as the \
          secrets of DingTalk's robots do; it is used as written"]
    );
}

#[test]
fn a_file_that_can_not_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.yml");
    let environment = Environment::default();
    let errors = Settings::load(Some(&path), &environment, &Overrides::default()).unwrap_err();
    let expected = format!("{}:1:1: can't read the configuration: ", path.display());
    assert!(errors.to_string().starts_with(&expected), "{errors}");
}

#[test]
fn a_file_that_is_not_utf8_is_blamed_where_it_stops_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.yml");
    std::fs::write(&path, b"# gr\xc3\xbcn\n# gr\xfcn\n").unwrap();
    let environment = Environment::default();
    let errors = Settings::load(Some(&path), &environment, &Overrides::default()).unwrap_err();
    let words = "can't read the configuration: it is not UTF-8; save it as UTF-8";
    assert_eq!(errors.to_string(), format!("{}:2:5: {words}", path.display()));
}

#[test]
fn a_pipe_is_waited_for_at_the_start_and_refused_later() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    make_pipe(&path);
    let (environment, overrides) = (Environment::default(), Overrides::default());
    let later = Settings::load_again(Some(&path), &environment, &overrides).unwrap_err();
    let words = "can't read the configuration: it is a pipe or a device; name a regular file";
    assert_eq!(later.to_string(), format!("{}:1:1: {words}", path.display()));
    let target = path.clone();
    let writer = std::thread::spawn(move || std::fs::write(target, with_chatbot("")));
    assert!(Settings::load(Some(&path), &environment, &overrides).is_ok());
    writer.join().unwrap().unwrap();
}

#[test]
fn an_address_that_is_given_twice_in_the_file_is_checked_once_it_wins() {
    // The flag wins, so the file's value is not parsed; a list in its place is an error all the
    // same.
    let overrides = Overrides { listen_address: Some(":3".to_owned()), ..Overrides::default() };
    assert!(process("web: {listen_address: nonsense}", &[], &overrides).is_ok());
    assert!(process("web: {listen_address: [a]}", &[], &overrides).is_err());
    assert!(load_with(&with_section("web: {listen_address: nonsense}"), &[]).is_err());
}
