//! Every code that is known of DingTalk, and what Campana does with it.

mod tables;

use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::dingtalk::reply::Reply;
use crate::dingtalk::token::request::no_token;
use crate::dingtalk::{group, robot};
use crate::language::Language;
use crate::language::tests::is_partly_english;
use Cause::{
    Banned, Busy, Clock, NoErrcode, NotJson, Redirect, Refused, ServerError, ThrottledSecond,
    TimedOut, Token, UnknownCode,
};
use Refusal::{
    Address, Content, Conversation, Credentials, Keyword, Link, MentionAll, Missing, Parameter,
    Permission, Quota, Removed, RobotCode, Sign, Stopped, UnknownToken, Unsigned, Url, Visibility,
};
use tables::{CODES, ERRCODES, PHRASES, SECURITY, TOKEN_CODES, UNDECIDED};

fn reply(status: u16, body: &str) -> Reply {
    let received = "2026-09-21T04:00:00Z".parse().expect("a time");
    Reply::new(status, body.into(), received, None)
}

fn robot(status: u16, body: &str) -> SendError {
    robot::verdict::of(&reply(status, body), &[], true).expect_err(body)
}

fn app(status: u16, body: &str) -> SendError {
    group::verdict::of(&reply(status, body), &[]).expect_err(body)
}

/// Whether the answer says neither yes nor no.
fn says_neither(error: &SendError) -> bool {
    matches!(error.cause, Redirect | Banned | ServerError | NotJson | NoErrcode)
}

#[test]
fn only_a_clear_yes_is_a_success() {
    for (body, code) in [
        (r#"{"errcode":0,"errmsg":"ok"}"#, "0"),
        (r#"{"errmsg":"ok","errcode":"0"}"#, "0"),
        (r#"{"errmsg":"ok","errcode":0.0}"#, "0"),
        (r#"{"errmsg":"ok","errcode":-0}"#, "0"),
        (r#"{"errmsg":"ok","errcode":-0e5}"#, "0"),
        ("\u{feff}{\"errmsg\":\"ok\",\"errcode\":0}", "0"),
        (r#"{"errcode":" 0 ","errmsg":"ok"}"#, "0"),
    ] {
        let receipt = robot::verdict::of(&reply(200, body), &[], true).expect(body);
        assert_eq!((receipt.code.as_deref(), receipt.text.as_str()), (Some(code), "ok"), "{body}");
    }
    let receipt =
        group::verdict::of(&reply(200, r#"{"processQueryKey":"k"}"#), &[]).expect("a key");
    assert_eq!(receipt.message_id.as_deref(), Some("k"));
    for body in [r#"{"errcode":0}"#, r#"{"processQueryKey":""}"#, r#"{"processQueryKey":1}"#, "{}"]
    {
        assert!(says_neither(&app(200, body)), "{body}");
    }
    assert!(says_neither(&app(202, r#"{"processQueryKey":"k"}"#)));
    for body in [r#"{"errcode":88,"sub_code":"0"}"#, r#"{"errcode":88,"errmsg":"subcode=0"}"#] {
        assert_eq!(robot(200, body).code().as_deref(), Some("88"), "{body}");
    }
    assert!(says_neither(&robot(200, r#"{"processQueryKey":"k"}"#)));
}

#[test]
fn every_known_errcode_is_decided() {
    for (code, words, cause, outcome) in ERRCODES {
        for body in [
            json!({"errcode": code, "errmsg": words}),
            json!({"errcode": code.to_string(), "errmsg": words}),
            json!({"errcode": 88, "sub_code": code.to_string(), "sub_msg": words, "errmsg": "e"}),
        ] {
            for error in [robot(200, &body.to_string()), app(200, &body.to_string())] {
                let found = (&error.cause, error.outcome());
                assert_eq!(found, (cause, *outcome), "{body}");
                assert_eq!(error.code(), Some(code.to_string()), "{body}");
                // Only a busy DingTalk may have taken what it answered with an errcode.
                assert_eq!(error.uncertain(), *cause == Busy, "{body}");
            }
        }
    }
}

#[test]
fn a_code_that_no_list_has_is_told_by_its_words() {
    for (words, cause, outcome) in PHRASES {
        let error = app(200, &json!({"errcode": 999_999, "errmsg": words}).to_string());
        assert_eq!((&error.cause, error.outcome()), (cause, *outcome), "{words}");
        let current = json!({"code": "never.seen", "message": words}).to_string();
        assert_eq!(&app(400, &current).cause, cause, "{words}");
        let listed = json!({"errcode": 400_102, "errmsg": words}).to_string();
        assert_eq!(robot(200, &listed).cause, Refused(Stopped), "codes first: {words}");
    }
}

#[test]
fn a_robot_that_asks_for_signing_says_so_where_no_secret_is_configured() {
    for (words, cause, _) in SECURITY {
        let body = json!({"errcode": 310_000, "errmsg": words}).to_string();
        let error = robot::verdict::of(&reply(200, &body), &[], false).expect_err(words);
        let expected =
            if matches!(cause, Refused(Sign) | Clock) { Refused(Unsigned) } else { cause.clone() };
        assert_eq!(error.cause, expected, "{words}");
    }
    let body = json!({"errcode": 310_000, "errmsg": "sign not match"}).to_string();
    let error = robot::verdict::of(&reply(200, &body), &[], false).expect_err("refused");
    assert_eq!(error.outcome(), "sign");
    assert!(error.concerns_account());
    assert_eq!(
        error.reason(Language::En),
        "DingTalk said 310000 \"sign not match\": this robot asks for signing, and no secret is \
         configured; set `secret` (it begins with SEC, and stands in the robot's security settings)"
    );
}

#[test]
fn a_part_that_is_missing_is_named() {
    let missing = "a part of the message is missing or empty";
    for (error, named) in [
        (
            robot(200, r#"{"errcode":400403,"errmsg":"miss param : markdown->text"}"#),
            " (markdown->text)",
        ),
        (
            robot(200, r#"{"errcode":400402,"errmsg":"错误描述:参数 markdown 的 title 缺失"}"#),
            " (markdown 的 title)",
        ),
        (robot(200, r#"{"errcode":400402,"errmsg":""}"#), ""),
        (app(400, r#"{"code":"miss.param.msgKey","message":"错误描述:m"}"#), " (msgKey)"),
    ] {
        let reason = error.reason(Language::En);
        assert_eq!(error.cause, Refused(Missing), "{reason}");
        assert!(reason.contains(&format!("{missing}{named}; an empty title or text")), "{reason}");
        assert!(reason.contains("`campana template render`"), "{reason}");
    }
}

#[test]
fn a_security_setting_is_told_by_its_words() {
    for (words, cause, outcome) in SECURITY {
        let error = robot(200, &json!({"errcode": 310_000, "errmsg": words}).to_string());
        assert_eq!((&error.cause, error.outcome()), (cause, *outcome), "{words}");
        assert!(
            error.reason(Language::En).contains(words.get(..20).unwrap_or_default()),
            "{error}"
        );
    }
}

#[test]
fn a_refused_token_is_an_apps_or_a_webhooks() {
    for code in TOKEN_CODES {
        for body in [
            json!({"errcode": code, "errmsg": "不合法的access_token"}),
            json!({"errcode": 88, "sub_code": code, "errmsg": ""}),
            json!({"errcode": 88, "errmsg": format!("ding talk error[subcode={code},submsg=x]")}),
        ] {
            let body = body.to_string();
            assert_eq!(app(200, &body).cause, Token, "{body}");
            assert_eq!(robot(200, &body).outcome(), "unknown_token", "{body}");
        }
    }
    assert_eq!(robot(200, r#"{"errcode":88,"errmsg":"e"}"#).cause, UnknownCode);
    assert_eq!(app(401, "{}").cause, Token);
    assert!(says_neither(&app(401, "<html>")));
}

#[test]
fn every_known_code_of_the_current_api_is_decided() {
    for (status, code, cause, outcome) in CODES {
        let body = json!({"code": code, "requestid": "r", "message": "错误描述:m"}).to_string();
        let error = app(*status, &body);
        assert_eq!((&error.cause, error.outcome()), (cause, *outcome), "{status} {code}");
        assert_eq!(error.code().as_deref(), Some(*code));
        assert_eq!(error.uncertain(), matches!(cause, Busy | ServerError), "{status} {code}");
    }
}

#[test]
fn an_answer_without_a_verdict_is_retried_and_may_have_arrived() {
    for &(status, body, outcome) in UNDECIDED {
        let error = robot(status, body);
        assert!(says_neither(&error), "{status} {body}");
        assert_eq!(error.outcome(), outcome, "{status} {body}");
        assert!(error.uncertain(), "{status} {body}");
        assert!(says_neither(&app(status, body)), "{status} {body}");
    }
}

#[test]
fn a_token_that_is_not_given_is_the_apps_fault_unless_dingtalk_is_at_fault() {
    let cases = [
        (400, r#"{"code":"invalidClientIdOrSecret"}"#, Refused(Credentials), "credentials"),
        (401, r#"{"code":"x"}"#, Refused(Credentials), "credentials"),
        (200, r#"{"errcode":40001,"errmsg":"x"}"#, Refused(Credentials), "credentials"),
        (400, r#"{"code":"invalidParameter.param.invalid"}"#, Refused(Credentials), "credentials"),
        (403, r#"{"code":"Forbidden.AccessDenied.IpNotInWhiteList"}"#, Refused(Address), "ip"),
        (200, r#"{"errcode":404}"#, Refused(Url), "url"),
        (200, r#"{"errcode":90018}"#, ThrottledSecond, "throttled_second"),
        (500, "{}", ServerError, "http_error"),
        (200, "<html>", NotJson, "no_errcode"),
        (200, "{}", NoErrcode, "no_errcode"),
        (400, r#"{"code":"never.seen"}"#, UnknownCode, "unknown"),
    ];
    for (status, body, cause, outcome) in cases {
        let error = no_token(&reply(status, body), &[]).of_token_request();
        assert_eq!((&error.cause, error.outcome()), (&cause, outcome), "{body}");
        assert!(!error.uncertain(), "the message was not sent: {body}");
        assert!(!error.reason(Language::En).contains("arrived"), "{error}");
    }
}

/// The refusals of one message.
const OF_MESSAGE: [Refusal; 6] = [Keyword, Content, Link, Parameter, Missing, MentionAll];

/// Those that concern every message to the destination.
const OF_DESTINATION: [Refusal; 13] = [
    Sign,
    Unsigned,
    Address,
    UnknownToken,
    Stopped,
    Removed,
    Permission,
    Visibility,
    Quota,
    Credentials,
    RobotCode,
    Conversation,
    Url,
];

#[test]
fn a_refusal_concerns_the_message_or_the_whole_destination() {
    for refusal in OF_MESSAGE {
        assert!(!refusal.concerns_destination(), "{refusal:?}");
    }
    for refusal in OF_DESTINATION {
        assert!(refusal.concerns_destination(), "{refusal:?}");
    }
}

#[test]
fn a_wait_that_dingtalk_names_is_read_and_bounded() {
    let x5 = |wait: &str| robot(200, &format!(r#"{{"source":"x5","wait":{wait}}}"#)).wait;
    assert_eq!(x5("5"), Some(Duration::from_secs(5)));
    assert_eq!(x5("\"7\""), Some(Duration::from_secs(7)));
    assert_eq!(x5("1.5"), Some(Duration::from_millis(1500)));
    assert_eq!(x5("1e30"), None);
    assert_eq!(x5("99999999"), Some(Duration::from_mins(10)));
    for none in ["0", "-5", "null", "{}", "\"soon\""] {
        assert_eq!(x5(none), None, "{none}");
    }
    let code = "Forbidden.AccessDenied.QpsLimitForApi";
    for (end, wait) in [
        ("2026-09-21 12:00:04", Some(4)),
        ("2026-09-21 11:00:00", Some(0)),
        ("2026-09-22 12:00:00", Some(600)),
        ("2026-99-21 12:00:04", None),
        ("晚些时候", None),
    ] {
        let message = format!("请求过于频繁，限制将在 {end} 结束");
        let error = app(403, &json!({"code": code, "message": message}).to_string());
        assert_eq!(error.wait, wait.map(Duration::from_secs), "{end}");
    }
}

#[test]
fn a_clock_that_is_off_is_measured() {
    let body = json!({"errcode": 310_000, "errmsg": "invalid timestamp"}).to_string();
    let received: Timestamp = "2026-09-21T06:00:05Z".parse().expect("a time");
    let reason = |date: &str| {
        let reply = Reply::new(200, body.clone().into(), received, Some(date));
        robot::verdict::of(&reply, &[], true).expect_err("refused").reason(Language::En)
    };
    assert!(reason("Mon, 21 Sep 2026 04:00:00 GMT").ends_with("is 7205 s ahead of DingTalk's"));
    assert!(reason("Mon, 21 Sep 2026 07:00:05 GMT").ends_with("is 3600 s behind DingTalk's"));
    assert!(reason("Mon, 21 Sep 2026 06:00:00 GMT").ends_with("(NTP)"));
    assert!(reason("yesterday").ends_with("(NTP)"));
}

#[test]
fn reasons_hold_the_code_their_words_and_what_to_do() {
    let keyword = "错误描述:关键词不匹配;解决方案:请联系群管理员";
    let cases = [
        (
            robot(200, &json!({"errcode": 310_000, "errmsg": keyword}).to_string())
                .reason(Language::En),
            "DingTalk said 310000 \"错误描述:关键词不匹配;解决方案:请联系群管理员\": none of the \
             robot's keywords stands in the message; add one under this chatbot's keywords, \
             written as in the robot's security settings, and send this one again by `campana queue \
             replay --render`",
        ),
        (
            app(
                403,
                &json!({"code": "Forbidden.AccessDenied.AccessTokenPermissionDenied",
                "message": "没有权限", "accessdenieddetail": {"requiredScopes": ["a.b"]}})
                .to_string(),
            )
            .reason(Language::En),
            "DingTalk said Forbidden.AccessDenied.AccessTokenPermissionDenied (HTTP 403) \"没有权限 \
             a.b\": the app lacks a permission, or is of another organisation; an administrator has \
             to grant it in DingTalk's developer console (groupMessages/send needs \
             qyapi_robot_sendmsg, chat/send the permission for enterprise conversations) and \
             publish the app",
        ),
        (
            robot(502, "<html>\n<b>Bad Gateway</b>").reason(Language::En),
            "DingTalk answered HTTP 502 \"<html> <b>Bad Gateway</b>\": DingTalk, or a proxy \
             before it, failed; try again a little later; the message may have arrived",
        ),
        (
            robot(200, r#"{"errcode":123456,"errmsg":"奇怪"}"#).reason(Language::En),
            "DingTalk said 123456 \"奇怪\": no list has this code; look it up at open.dingtalk.com",
        ),
        (
            SendError::from(TimedOut).of_token_request().reason(Language::En),
            "the app's token could not be fetched: no answer from DingTalk in time",
        ),
    ];
    for (reason, expected) in cases {
        assert_eq!(reason, expected);
    }
}

/// Every cause, and every refusal, with what it quotes.
fn all_causes() -> Vec<Cause> {
    let causes = [
        Cause::NotConnected("h.example".to_owned()),
        TimedOut,
        Cause::Broken("eof".to_owned()),
        Redirect,
        Banned,
        ServerError,
        NotJson,
        NoErrcode,
        Busy,
        Cause::Throttled,
        ThrottledSecond,
        Cause::TooLong,
        Clock,
        Token,
        UnknownCode,
    ];
    let refusals = OF_MESSAGE.into_iter().chain(OF_DESTINATION).map(Refused);
    causes.into_iter().chain(refusals).collect()
}

#[test]
fn a_chinese_reason_is_chinese_whatever_the_cause() {
    for cause in all_causes() {
        for token_request in [false, true] {
            let quote = Quote {
                status: 403,
                code: "310000".to_owned(),
                text: String::new(),
                clock_ahead: Some(-90),
            };
            let error = SendError { token_request, ..SendError::new(cause.clone(), quote) };
            let [english, chinese] = Language::ALL.map(|language| error.reason(language));
            assert!(!is_partly_english(&chinese), "{chinese}");
            assert!(chinese.starts_with(if token_request {
                "未能取得"
            } else {
                "钉钉返回 310000（HTTP 403）："
            }));
            assert!(!chinese.contains("; ") && !chinese.contains(": "), "{chinese}");
            assert!(is_partly_english(&english), "{english}");
            assert_eq!(chinese.ends_with("消息可能已经送达"), error.uncertain(), "{chinese}");
        }
    }
}

#[test]
fn chinese_reasons_hold_the_code_their_words_and_what_to_do() {
    let keyword = "错误描述:关键词不匹配;解决方案:请联系群管理员";
    let missing = json!({"errcode": 400_402, "errmsg": "miss param : markdown->title"});
    for (reply, expected) in [
        (
            robot(200, &json!({"errcode": 310_000, "errmsg": keyword}).to_string()),
            "钉钉返回 310000“错误描述:关键词不匹配;解决方案:请联系群管理员”：消息里没有机器人要求的任何关键词；\
             请把机器人安全设置里的某个关键词原样写到该 chatbot 的 keywords，再用 \
             `campana queue replay --render` 重发这条",
        ),
        (
            robot(200, &missing.to_string()),
            "钉钉返回 400402“miss param : markdown->title”：消息缺少某个字段，或该字段为空（markdown->title）；\
             标题或正文为空，通常是模板对这条告警没有输出（用 `campana template render` 查看）：请修改模板；\
             如果没有使用模板，请向我们反馈",
        ),
        (SendError::from(TimedOut), "钉钉没有在限定时间内响应；消息可能已经送达"),
    ] {
        assert_eq!(reply.reason(Language::ZhCn), expected);
    }
}

#[test]
fn what_dingtalk_echoes_is_masked_in_every_kind_of_answer() {
    let secrets = ["canary-token", "canary-secret"];
    let echo = "POST ?access_token=canary-token {\"x\":\"canary-secret\"}";
    let bodies = [
        json!({"errcode": 310_000, "errmsg": echo}).to_string(),
        json!({"errcode": echo, "errmsg": echo}).to_string(),
        json!({"errcode": 88, "sub_code": echo, "sub_msg": echo}).to_string(),
        json!({"code": echo, "message": echo}).to_string(),
        json!({"accessdenieddetail": {"requiredScopes": [echo]}, "code": "c"}).to_string(),
        format!("<html>{}{echo}", " ".repeat(100)),
        format!("{}{echo}", "磁".repeat(290)),
    ];
    for body in bodies {
        for status in [200, 302, 403, 500] {
            for result in [
                robot::verdict::of(&reply(status, &body), &secrets, true),
                group::verdict::of(&reply(status, &body), &secrets),
            ] {
                let shown = format!("{result:?} {}", result.as_ref().expect_err("refused"));
                assert!(!shown.contains("canary"), "{shown}");
            }
        }
    }
}

proptest! {
    #[test]
    fn no_answer_is_taken_for_a_yes_by_chance(status in 200u16..600, body in any::<Vec<u8>>()) {
        let reply = Reply { status, body, ..reply(200, "") };
        prop_assert!(robot::verdict::of(&reply, &[], true).is_err());
        prop_assert!(group::verdict::of(&reply, &[]).is_err());
    }

    #[test]
    fn an_errcode_other_than_0_is_never_a_yes(code in any::<i64>(), words in ".{0,40}") {
        prop_assume!(code != 0);
        let body = json!({"errcode": code, "errmsg": words}).to_string();
        prop_assert!(robot::verdict::of(&reply(200, &body), &[], true).is_err());
    }
}
