//! `campana doctor`: a line for each check, whatever is wrong; no secret, no queue, an exit status.

use std::sync::Arc;
use std::time::Duration;

use dingtalk_sim::{App, Robot, Scope, Sim, SimSettings, Trouble, system_clock};
use test_support::{AUTHORITY, Site, TlsFront, run};

use crate::proxy::{configure, without_proxies};

const TOKEN: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9";
const SECRET: &str = "SEC0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9";
const APP_SECRET: &str = "canary-app-secret";

/// A robot that signs, a robot of keywords, an app for both APIs; the second receiver shares all hosts.
const RECEIVERS: &str = "
receivers:
  - name: ops
    chatbots:
      - {name: signed, access_token: TOKEN, secret: SECRET}
      - {name: word, access_token: TOKEN2, keywords: [pager]}
    conversations:
      - {name: sre, app_key: dingops, app_secret: APP, open_conversation_ids: [cid1==, cid2==]}
      - {name: old, app_key: dingold, app_secret: APP, chat_ids: [chat1]}
  - {name: dev, chatbots: [{name: pair, pool: [{access_token: TOKEN3}, {access_token: TOKEN4}]}]}
";

/// The text with the tokens and secrets in it.
fn filled(text: &str) -> String {
    let mut text = text.to_owned();
    for digit in ["2", "3", "4"] {
        text = text.replace(&format!("TOKEN{digit}"), &token(digit));
    }
    text.replace("TOKEN", TOKEN).replace("SECRET", SECRET).replace("APP", APP_SECRET)
}

fn token(digit: &str) -> String {
    digit.repeat(64)
}

fn populate(sim: &Sim) {
    sim.add_robot(Robot::new(TOKEN).group("signed").secret(SECRET));
    sim.add_robot(Robot::new(token("2")).group("word").keyword("pager"));
    for digit in ["3", "4"] {
        sim.add_robot(Robot::new(token(digit)).group("pair"));
    }
    sim.add_app(App::new("dingops", APP_SECRET).group("cid1==").group("cid2=="));
    sim.add_app(App::new("dingold", APP_SECRET).chat("chat1"));
}

async fn site() -> Site {
    let site = Site::with(&filled(RECEIVERS)).await;
    populate(&site.sim);
    site
}

/// Runs the command with these arguments: its status, and what it printed.
async fn doctor(site: &Site, arguments: &[&str]) -> (i32, String) {
    let all = ["doctor", "--config.file=campana.yml"].into_iter().chain(arguments.iter().copied());
    let (status, text) = run(without_proxies(&mut site.command(all)), site.path()).await;
    for secret in [TOKEN, SECRET, APP_SECRET, &token("2")] {
        assert!(!text.contains(secret), "{text}");
    }
    (status.code().unwrap(), text)
}

/// The lines that begin with these words.
fn lines<'t>(text: &'t str, begin: &str) -> Vec<&'t str> {
    text.lines().filter(|line| line.starts_with(begin)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn where_all_is_well_each_thing_is_told_once_and_no_queue_is_touched() {
    let site = site().await;
    let (status, text) = doctor(&site, &[]).await;
    assert_eq!(status, 0, "{text}");
    let url = site.sim.url();
    let address = url.trim_start_matches("http://");
    let secret = "none, which is right where the robot's security settings have no signature";
    let expected = format!(
        "\
ok    configuration: check: it is valid
ok    {url}: proxy: none is set, so calls go straight there
ok    {url}: connection: 127.0.0.1 takes it at {address}
ok    {url}: http: it answers
ok    {url}: clock: this machine's is less than a minute from the host's; a signature is refused from an hour on
ok    ops/signed: token: it looks like DingTalk's
ok    ops/signed: secret: it looks like DingTalk's
ok    ops/word: token: it looks like DingTalk's
ok    ops/word: secret: {secret}
ok    app dingops (groupMessages/send): credentials: DingTalk gives it a token
ok    app dingold (chat/send): credentials: DingTalk gives it a token
ok    dev/pair (1/2): token: it looks like DingTalk's
ok    dev/pair (1/2): secret: {secret}
ok    dev/pair (2/2): token: it looks like DingTalk's
ok    dev/pair (2/2): secret: {secret}
all is well; no message was sent, which --send does
"
    );
    assert_eq!(text, expected);
    assert!(site.sim.posts().is_empty());
    assert!(!site.database().exists());

    let (status, text) = doctor(&site, &["--send"]).await;
    assert_eq!((status, lines(&text, "ok").len()), (0, 15 + 7), "{text}");
    assert!(text.contains("\nok    dev/pair (2/2): message: the test message arrived\n"), "{text}");
    assert!(text.ends_with("\nall is well\n"), "{text}");
    assert_eq!(site.sim.posts().len(), 7);
    let (status, text) = doctor(&site, &["--send", "dev"]).await;
    assert_eq!((status, text.contains("ops/")), (0, false), "{text}");
    assert_eq!(site.sim.posts().len(), 9);
    assert!(!site.database().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_findings_are_in_the_language_of_the_receiver() {
    let site = site().await;
    site.configure(
        "receivers:
  - {name: a, language: zh-CN, chatbots: [{name: b, access_token: unknown}]}
  - {name: c, chatbots: [{name: d, access_token: nothing}]}",
    );
    let (status, text) = doctor(&site, &["--send", "a"]).await;
    assert_eq!(status, 1, "{text}");
    assert!(text.ends_with("\n错误 1 项，存疑 1 项\n"), "{text}");
    for line in [
        "ok    configuration: check: 配置有效",
        "proxy: 没有设置代理，直接连接",
        "http: 有响应",
        "warn  a/b: token: 长度为 7，而钉钉的是 64 位十六进制数字",
        "FAIL  a/b: message: 测试消息未送达：钉钉返回 300005",
        "没有机器人使用这个 access_token；机器人已被移除",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let (_, text) = doctor(&site, &[]).await;
    assert!(text.contains("a/b: token: its length is 7"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_examined_ends_with_two_and_what_is_doubtful_with_zero() {
    let site = site().await;
    let (status, text) = doctor(&site, &["opss"]).await;
    assert_eq!((status, text.contains("did you mean \"ops\"?")), (2, true), "{text}");
    let (status, text) = doctor(&site, &["--sned"]).await;
    assert_eq!((status, text.contains("--send")), (2, true), "{text}");
    site.configure("receivers: [{name: a, chatbots: [{name: b, access_token: 'a b'}]}]");
    let (status, text) = doctor(&site, &[]).await;
    let key = "receivers[0].chatbots[0].access_token: holds white space";
    assert_eq!((status, text.contains(key)), (2, true), "{text}");

    site.sim.add_robot(Robot::new("short").group("short"));
    site.configure(
        "receivers: [{name: a, chatbots: [{name: b, access_token: short, secret: 'xyz'}]}]",
    );
    let (status, text) = doctor(&site, &[]).await;
    assert_eq!((status, lines(&text, "warn").len()), (0, 3), "{text}");
    assert!(text.contains("warn  a/b: token: its length is 5, "), "{text}");
    assert!(text.contains("warn  a/b: secret: it does not begin with `SEC`"), "{text}");
    assert!(text.contains("wrong: 0, doubtful: 3; no message was sent"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_not_reached_is_told_once_with_the_step_that_fails() {
    let site = site().await;
    let front = TlsFront::before(&site.sim.url()).await;
    let (plain, tls) = (site.sim.url().replace("http://", ""), front.address.to_string());
    for (url, step, words) in [
        ("https://no-such-host.invalid".to_owned(), "name", "no-such-host.invalid is not found ("),
        ("http://127.0.0.1:1".to_owned(), "connection", "nothing listens there: check host and"),
        (format!("https://{plain}"), "https", "but http is spoken there, without TLS"),
        (format!("http://{tls}"), "http", "but https is spoken there; write https://"),
        (format!("https://{tls}"), "https", "name a company's own authority in dingtalk.ca_file"),
    ] {
        let receivers = filled(RECEIVERS).replace("\nreceivers:\n", "");
        configure(&site, &format!("oapi_url: '{url}', api_url: '{url}'"), &receivers);
        let (status, text) = doctor(&site, &["--send"]).await;
        assert_eq!((status, lines(&text, "FAIL").len()), (1, 1), "{url}: {text}");
        let line = lines(&text, &format!("FAIL  {url}: {step}: "));
        assert!(line.len() == 1 && line[0].contains(words), "{url}: {text}");
        assert_eq!(lines(&text, "skip").len(), 2 + 7, "no token is asked for: {text}");
        assert!(text.contains("\nwrong: 1, doubtful: 0\n"), "{text}");
    }
    assert!(site.sim.posts().is_empty());
    std::fs::write(site.path().join("ca.pem"), AUTHORITY).unwrap();
    let url = format!("https://{tls}");
    let dingtalk = format!("oapi_url: '{url}', api_url: '{url}', ca_file: ca.pem");
    configure(&site, &dingtalk, &filled(RECEIVERS).replace("\nreceivers:\n", ""));
    let (status, text) = doctor(&site, &["--send"]).await;
    assert_eq!((status, text.contains("its certificate is trusted")), (0, true), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_is_told_before_dingtalk_refuses_its_signatures() {
    let mut site = site().await;
    let now = system_clock();
    for (off, status, words) in [
        (Duration::from_mins(20), 0, "warn  URL: clock: this machine's is 20 min"),
        (Duration::from_hours(3), 1, "FAIL  URL: clock: this machine's is 3 h"),
    ] {
        let now = Arc::clone(&now);
        let clock = Arc::new(move || now() + off);
        site.sim = Sim::start(SimSettings::with_clock(clock)).await.unwrap();
        populate(&site.sim);
        site.configure(&filled(RECEIVERS));
        let (ended, text) = doctor(&site, &["ops"]).await;
        let words = words.replace("URL", &site.sim.url());
        assert_eq!((ended, text.contains(&words)), (status, true), "{text}");
        assert!(text.contains(" behind the host's; "), "{text}");
    }
    let (_, text) = doctor(&site, &["--send", "ops"]).await;
    let refused = lines(&text, "FAIL  ops/signed: message: ");
    assert!(refused.len() == 1 && refused[0].contains("set this machine's clock (NTP)"), "{text}");
    // Without a signature, the same clock is no reason why a message does not arrive.
    let (status, text) = doctor(&site, &["--send", "dev"]).await;
    assert_eq!((status, text.contains("nothing is signed there")), (0, true), "{text}");
}

fn change_secret(site: &Site, app: &str) {
    assert!(site.sim.change_app(app, |app| "another".clone_into(&mut app.secret)));
}

/// A change of the simulated DingTalk or of the configuration, the line that it makes, and its words.
type Fault = (&'static str, fn(&Site), &'static str, &'static str);

#[tokio::test(flavor = "multi_thread")]
async fn what_dingtalk_refuses_is_told_with_what_to_do() {
    let faults: [Fault; 7] = [
        (
            "a wrong token",
            |site| site.configure(&filled(RECEIVERS).replace(&token("2"), &token("5"))),
            "ops/word: message",
            "copy the webhook again",
        ),
        (
            "a wrong secret",
            |site| {
                site.configure(&filled(RECEIVERS).replace(SECRET, &format!("SEC{}", token("6"))));
            },
            "ops/signed: message",
            "copy secret (it begins with SEC) again",
        ),
        (
            "a keyword that is missing",
            |site| site.configure(&filled(RECEIVERS).replace("[pager]", "[other]")),
            "ops/word: message",
            "add one under this chatbot's keywords",
        ),
        (
            "a wrong app secret",
            |site| change_secret(site, "dingops"),
            "app dingops (groupMessages/send): credentials",
            "copy app_key and app_secret",
        ),
        (
            "a wrong app secret at the older API",
            |site| change_secret(site, "dingold"),
            "app dingold (chat/send): credentials",
            "copy app_key and app_secret",
        ),
        (
            "a conversation that is not there",
            |site| site.configure(&filled(RECEIVERS).replace("cid2==", "cid9==")),
            "ops/sre/",
            "add the robot to the group",
        ),
        (
            "a robot that is throttled",
            |site| {
                let words = "send too fast".to_owned();
                site.sim.fail(Scope::Robot(TOKEN.into()), Trouble::Errcode(660_026, words));
            },
            "ops/signed: message",
            "too many messages",
        ),
    ];
    for (name, fault, line, words) in faults {
        let site = site().await;
        fault(&site);
        let (status, text) = doctor(&site, &["--send", "ops"]).await;
        let failed = lines(&text, "FAIL");
        assert_eq!((status, failed.len()), (1, 1), "{name}: {text}");
        assert!(failed[0].starts_with(&format!("FAIL  {line}")), "{name}: {text}");
        assert!(failed[0].contains(words), "{name}: {text}");
        assert!(text.ends_with("\nwrong: 1, doubtful: 0\n"), "{name}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_without_a_server_starts_none_and_says_what_does_without() {
    let site = site().await;
    configure(&site, "", "  - {name: ops, chatbots: [{name: b, access_token: t}]}");
    let text = std::fs::read_to_string(site.config_file()).unwrap();
    std::fs::write(site.config_file(), text.replace("127.0.0.1:0", "127.0.0.1:1")).unwrap();
    let (status, text) = site.run(["test", "--config.file", "campana.yml", "ops"]).await;
    assert_eq!(status.code(), Some(1), "{text}");
    let expected = "no answer from http://127.0.0.1:1; is the server running there? (--url or \
                    --config.file names another, and none is started; `campana doctor --send \
                    --config.file=campana.yml ops` sends the message without one)";
    assert!(text.contains(expected), "{text}");
    assert!(!site.database().exists());
}
