//! Tests of the webhooks and tokens of chatbots: what they become, and what is said of the others.

use std::path::Path;

use super::*;
use crate::settings::diagnostic::Report;
use crate::settings::environment::Environment;
use crate::settings::tree::Position;

/// What `read` makes of `text`, then the warnings; or the errors, one a line.
fn outcome(
    text: &str,
    read: impl FnOnce(Decoder<'_>, &Secret<'_>) -> Checked<Webhook>,
) -> Vec<String> {
    let report = Report::new("c.yml");
    let environment = Environment::default();
    let decoder = Decoder { report: &report, environment: &environment, folder: Path::new(".") };
    let secret = Secret { text: text.into(), key: "webhook_url", position: Position::START };
    let webhook = read(decoder, &secret).ok().map(|webhook| {
        format!("{} {}", webhook.url.expose_secret(), webhook.access_token.expose_secret())
    });
    match report.conclude(webhook) {
        Ok((webhook, warnings)) => {
            std::iter::once(webhook).chain(warnings.iter().map(ToString::to_string)).collect()
        }
        Err(errors) => errors.to_string().lines().map(str::to_owned).collect(),
    }
}

/// The outcome of a URL whose robot has no secret.
fn unsigned(text: &str) -> Vec<String> {
    outcome(text, |decoder, secret| of_url(decoder, secret, false))
}

/// The outcome of a URL whose robot has a secret.
fn signed(text: &str) -> Vec<String> {
    outcome(text, |decoder, secret| of_url(decoder, secret, true))
}

/// A line of a report about the only secret.
fn said(words: &str) -> String {
    format!("c.yml:1:1: {words}")
}

const DINGTALK: &str = "https://oapi.dingtalk.com/robot/send?access_token=canary";

#[test]
fn a_webhook_gives_its_token() {
    for (text, expected) in [
        (
            "https://oapi.dingtalk.com/robot/send?access_token=abc",
            "https://oapi.dingtalk.com/robot/send?access_token=abc abc",
        ),
        ("https://h/p?access_token=a%2Bb", "https://h/p?access_token=a%2Bb a+b"),
        ("http://127.0.0.1:9/r?access_token=abc", "http://127.0.0.1:9/r?access_token=abc abc"),
        ("http://[::1]:9/r?access_token=abc", "http://[::1]:9/r?access_token=abc abc"),
    ] {
        assert_eq!(unsigned(text), [expected], "{text}");
        assert_eq!(signed(text), [expected], "{text}");
    }
    let unencrypted = "c.yml:1:1: warning: sends the token unencrypted to proxy (http)";
    assert_eq!(
        unsigned("http://proxy/r?access_token=abc"),
        ["http://proxy/r?access_token=abc abc", unencrypted]
    );
}

#[test]
fn a_signature_that_was_copied_is_refused_or_left_out_with_a_word() {
    let refused = |names: &str| {
        said(&format!(
            "holds a signature that was made once ({names}), which DingTalk takes for an hour at \
             most; remove it, and write the robot's secret (`SEC…`) as `secret`"
        ))
    };
    let left_out = |names: &str| {
        let words = "which are left out: each message is signed anew";
        format!("c.yml:1:1: warning: holds {names}, {words}")
    };
    for (query, names) in [
        ("&timestamp=1732800000000&sign=abc%3D", "`sign`, `timestamp`"),
        ("&sign=abc", "`sign`"),
        ("&timestamp=1", "`timestamp`"),
    ] {
        for host in ["oapi.dingtalk.com", "proxy"] {
            let text = format!("https://{host}/robot/send?access_token=abc{query}");
            assert_eq!(unsigned(&text), [refused(names)], "{text}");
            let webhook = format!("https://{host}/robot/send?access_token=abc abc");
            assert_eq!(signed(&text), [webhook, left_out(names)], "{text}");
        }
    }
}

#[test]
fn several_urls_in_one_value_are_refused() {
    let encoded = "https%3A%2F%2Foapi.dingtalk.com%2Frobot%2Fsend%3Faccess_token%3Dcanary";
    for second in [
        format!(",{DINGTALK}"),
        format!(";{DINGTALK}"),
        format!("%2C{encoded}"),
        format!(",{encoded}"),
        format!("%20{encoded}"),
        format!("%0A{encoded}"),
        format!("&to=x,{DINGTALK}"),
        DINGTALK.to_owned(),
        ",oapi.dingtalk.com/robot/send?access_token=canary".to_owned(),
    ] {
        let text = format!("{DINGTALK}{second}");
        assert_eq!(signed(&text), [said(SEVERAL_URLS)], "{text}");
        let as_token = outcome(&text, |decoder, secret| of_token(decoder, secret, "https://o"));
        assert_eq!(as_token.len(), 1, "{text}");
    }
}

#[test]
fn what_a_robot_does_not_take_is_refused_with_what_to_write() {
    let mobiles = "which mentions nobody there; write `mention: {mobiles: […]}`";
    let alien = "which PrometheusAlert takes and DingTalk does not";
    let cases = [
        ("&at=13900000001", format!("holds `at`, {mobiles}")),
        ("&atMobiles=13900000001", format!("holds `atMobiles`, {mobiles}")),
        (
            "&isAtAll=true",
            "holds `isAtAll`, which mentions nobody there; write `mention: {all: true}`".to_owned(),
        ),
        ("&type=dd", format!("holds `type`, {alien}; remove it")),
        ("&rr=true", format!("holds `rr`, {alien}; write the robots of the group as a `pool`")),
        (
            "&colour=canary",
            "holds the parameter `colour`, which DingTalk does not know; remove it".to_owned(),
        ),
        (
            "&secret=canary",
            "holds a `secret`, which must not be sent; write it as `secret`".to_owned(),
        ),
        ("&access_token=canary", "holds `access_token` twice; a robot has one".to_owned()),
        ("#canary", "holds `#`, and what follows it is never sent; remove both".to_owned()),
    ];
    for (end, words) in cases {
        assert_eq!(signed(&format!("{DINGTALK}{end}")), [said(&words)], "{end}");
    }
}

#[test]
fn the_address_of_prometheusalert_is_refused_part_by_part() {
    let text = format!("http://127.0.0.1/prometheusalert?type=dd&tpl=canary&at=1&ddurl={DINGTALK}");
    let words: Vec<String> = unsigned(&text);
    let names: Vec<&str> = words.iter().map(|line| line.split('`').nth(1).unwrap()).collect();
    assert_eq!(names, ["at", "ddurl", "tpl", "type"]);
    assert!(words[1].ends_with("write the URL in it as `webhook_url`"), "{words:?}");
    assert!(words[2].contains("profile: prometheusalert"), "{words:?}");
    assert!(!words.concat().contains("canary"), "{words:?}");
}

#[test]
fn a_proxy_gets_its_own_parameters_and_the_log_says_so() {
    let text = "https://proxy.example/send?key=canary&access_token=abc&type=x";
    let webhook = "https://proxy.example/send?key=canary&access_token=abc&type=x abc";
    let warning = "c.yml:1:1: warning: passes `key`, `type` on to its host with each message";
    assert_eq!(unsigned(text), [webhook, warning]);
    for host in ["api.dingtalk.com", "dingtalk.com", "oapi.dingtalk.io"] {
        let text = text.replace("proxy.example", host);
        assert_eq!(unsigned(&text).len(), 2, "{text}");
        assert!(unsigned(&text)[0].contains("DingTalk does not"), "{text}");
    }
    assert!(unsigned(&text.replace("proxy.example", "notdingtalk.com"))[0].starts_with("https://"));
}

#[test]
fn what_is_no_webhook_is_refused_without_being_shown() {
    for text in [
        "canary",
        "ftp://h/canary?access_token=canary",
        "https://h/canary",
        "https://h/?access_token=&x=canary",
        "https://h/?Access_Token=canary",
        "https://h/?access_token=canary&secret=canary",
        "https://h/?access_token=SECcanary",
        "https://h/?access_token=canary,other",
        "oapi.dingtalk.com/robot/send?access_token=canary",
    ] {
        let found = unsigned(text);
        // Errors stand before the warnings of one place.
        assert!(!found[0].contains("warning"), "{found:?}");
        assert!(!found.concat().contains("canary"), "{found:?}");
    }
}

#[test]
fn a_token_in_a_webhook_has_the_characters_of_a_token() {
    for token in ["%3Ccanary%3E", "canary%E2%80%A6", "%22canary%22", "canary%60"] {
        let found = unsigned(&format!("https://h/?access_token={token}"));
        assert_eq!(found, [said(&format!("has a token that {FOREIGN_CHARACTER}"))], "{token}");
    }
}

#[test]
fn a_token_alone_goes_to_dingtalk() {
    let of = |text: &str| {
        outcome(text, |decoder, secret| of_token(decoder, secret, "https://o/base")).concat()
    };
    assert_eq!(of("0123"), "https://o/base/robot/send?access_token=0123 0123");
    assert_eq!(of("a&b"), "https://o/base/robot/send?access_token=a%26b a&b");
    for (text, words) in [
        (DINGTALK, "write it as `webhook_url`"),
        ("SECcanary", "holds a robot's secret (`SEC…`) and not its token"),
        ("canary,other", "a robot has one token"),
    ] {
        assert!(of(text).contains(words), "{}", of(text));
        assert!(!of(text).contains("canary"), "{}", of(text));
    }
}

#[test]
fn a_secret_that_looks_like_none_is_told() {
    let hex = "0123456789abcdef".repeat(4);
    let of = |text: &str| {
        outcome(text, |decoder, secret| {
            let secret = signing_secret(decoder, secret.clone())?;
            Ok(Webhook { url: secret.clone(), access_token: secret })
        })
    };
    assert_eq!(of("SECabc"), ["SECabc SECabc"]);
    let warning = format!("c.yml:1:1: warning: {NO_SECRETS_BEGIN}");
    assert_eq!(of("sec-abc"), ["sec-abc sec-abc".to_owned(), warning]);
    for text in [hex.as_str(), DINGTALK] {
        let found = of(text);
        assert!(found[0].starts_with("c.yml:1:1: holds "), "{found:?}");
        assert!(!found.concat().contains("canary") && !found.concat().contains(&hex), "{found:?}");
    }
}
