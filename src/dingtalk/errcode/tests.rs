//! Every code that is known of DingTalk, and what Campana does with it.

use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::dingtalk::reply::{Reply, timestamp_of};
use crate::dingtalk::token::no_token;
use crate::dingtalk::{group, robot};
use Cause::{
    Banned, Busy, Clock, NoErrcode, NotJson, Redirect, Refused, ServerError, Throttled,
    ThrottledSecond, TimedOut, Token, TooLong, UnknownCode,
};
use Refusal::{
    Address, Content, Conversation, Credentials, Keyword, Link, MentionAll, Parameter, Permission,
    Quota, Removed, RobotCode, Sign, Stopped, UnknownToken, Url,
};

fn reply(status: u16, body: &str) -> Reply {
    let received = "2026-09-21T04:00:00Z".parse().expect("a time");
    Reply { status, body: body.into(), received, date: None }
}

fn robot(status: u16, body: &str) -> SendError {
    robot::verdict::of(&reply(status, body), &[]).expect_err(body)
}

fn app(status: u16, body: &str) -> SendError {
    group::verdict::of(&reply(status, body), &[]).expect_err(body)
}

/// Whether the answer says neither yes nor no.
fn says_neither(error: &SendError) -> bool {
    matches!(error.cause, Redirect | Banned | ServerError | NotJson | NoErrcode)
}

/// The errcodes of `robot/send` and of the legacy APIs: code, words, cause, outcome.
const ERRCODES: &[(i64, &str, Cause, &str)] = &[
    (-1, "系统繁忙", Busy, "busy"),
    (-1, "system busy", Busy, "busy"),
    (130_101, "send too fast, exceed 20 times per minute", Throttled, "throttled"),
    (410_100, "发送速度太快而限流", Throttled, "throttled"),
    (660_026, "sending too many messages per minute", Throttled, "throttled"),
    (90_017, "", Throttled, "throttled"),
    (45_009, "接口调用超过限制", Throttled, "throttled"),
    (90_001, "接口被暂时禁用", ThrottledSecond, "throttled_second"),
    (90_002, "接口被暂时禁用", ThrottledSecond, "throttled_second"),
    (90_006, "", ThrottledSecond, "throttled_second"),
    (90_014, "", ThrottledSecond, "throttled_second"),
    (90_018, "", ThrottledSecond, "throttled_second"),
    (90_020, "", Refused(Quota), "quota"),
    (90_030, "webhook over limit", Refused(Quota), "quota"),
    (300_005, "token is not exist", Refused(UnknownToken), "unknown_token"),
    (300_001, "token is not exist", Refused(UnknownToken), "unknown_token"),
    (300_001, "param error", Refused(Parameter), "parameter"),
    (300_001, "message msgtype not support", Refused(Parameter), "parameter"),
    (300_001, "", UnknownCode, "unknown"),
    (400_101, "access_token不存在", Refused(UnknownToken), "unknown_token"),
    (400_102, "机器人已停用", Refused(Stopped), "stopped"),
    (400_106, "机器人不存在", Refused(Removed), "removed"),
    (400_013, "群已被解散", Refused(Removed), "removed"),
    (
        400_105,
        "错误描述: 不支持类型 msgType:%s ;解决方案:请使用支持的类型",
        Refused(Parameter),
        "parameter",
    ),
    (40_035, "缺少参数 json", Refused(Parameter), "parameter"),
    (40_035, "缺少参数 access_token", Refused(UnknownToken), "unknown_token"),
    (43_002, "需要POST请求", Refused(Parameter), "parameter"),
    (43_004, "无效的HTTP HEADER Content-Type", Refused(Parameter), "parameter"),
    (460_101, "message too long, exceed 20000 bytes", TooLong, "too_long"),
    (
        460_101,
        "description: body 大小不合法;solution:请保持大小在 20000bytes 以内;",
        TooLong,
        "too_long",
    ),
    (101_002, "message is too long", TooLong, "too_long"),
    (34_016, "", TooLong, "too_long"),
    (45_002, "", TooLong, "too_long"),
    (45_003, "", TooLong, "too_long"),
    (430_101, "含有不安全的外链", Refused(Link), "link"),
    (40_048, "", Refused(Link), "link"),
    (430_102, "含有不合适的文本", Refused(Content), "content"),
    (430_103, "含有不合适的图片", Refused(Content), "content"),
    (430_104, "含有不合适的内容", Refused(Content), "content"),
    (404, "请求的URI地址不存在", Refused(Url), "url"),
    (22, "Invalid method[...]", Refused(Url), "url"),
    (43_007, "需要授权", Refused(Permission), "permission"),
    (60_011, "没有调用该接口的权限", Refused(Permission), "permission"),
    (60_020, "访问ip不在白名单之中", Refused(Address), "ip"),
    (34_001, "无效的会话id", Refused(Conversation), "conversation"),
    (34_013, "找不到群会话对象", Refused(Conversation), "conversation"),
    (34_002, "", Refused(Parameter), "parameter"),
    (34_003, "", Refused(Parameter), "parameter"),
    (34_004, "", Refused(Parameter), "parameter"),
    (34_006, "", Refused(Parameter), "parameter"),
    (34_012, "", Refused(Parameter), "parameter"),
    (34_014, "", Refused(Parameter), "parameter"),
    (34_015, "发送群会话消息失败", Busy, "busy"),
    (400_001, "系统错误", Busy, "busy"),
    (400_002, "", Refused(Parameter), "parameter"),
    (33_012, "无效的USERID", Refused(Parameter), "parameter"),
    (40_056, "", Refused(Parameter), "parameter"),
    (40_078, "不存在的临时授权码", Refused(Parameter), "parameter"),
    (33_001, "", Refused(Credentials), "credentials"),
    (40_089, "不合法的corpid或corpSecret", Refused(Credentials), "credentials"),
    (40_096, "不合法的appKey或appSecret", Refused(Credentials), "credentials"),
    // No list has these; only their words tell, and a video is not a frequency (频).
    (450_101, "", UnknownCode, "unknown"),
    (450_101, "send too fast", Throttled, "throttled"),
    (999_999, "Too Many requests", Throttled, "throttled"),
    (999_999, "调用频率超限", Throttled, "throttled"),
    (999_999, "已被限流", Throttled, "throttled"),
    (999_999, "服务繁忙", Busy, "busy"),
    (999_999, "server is Busy", Busy, "busy"),
    (999_999, "不支持的视频和音频", UnknownCode, "unknown"),
    (1, "", UnknownCode, "unknown"),
];

/// The words of 310000, of all three generations.
const SECURITY: &[(&str, Cause, &str)] = &[
    ("keywords not in content", Refused(Keyword), "keyword"),
    (
        "keywords not in content, more: [https://ding-doc.dingtalk.com/doc#/serverapi2/qf2nxq]",
        Refused(Keyword),
        "keyword",
    ),
    (
        "description:关键词不匹配;solution:请联系群管理员查看此机器人的关键词，并在发送的信息中包含此关键词;",
        Refused(Keyword),
        "keyword",
    ),
    (
        "错误描述:关键词不匹配;解决方案:请联系群管理员查看此机器人的关键词;",
        Refused(Keyword),
        "keyword",
    ),
    ("sign not match, more: [https://ding-doc.dingtalk.com]", Refused(Sign), "sign"),
    (
        "description:机器人发送签名不匹配;solution:请确认签名和生成签名的时间戳必须都放在调用的网址中，\
         请确认机器人的密钥加密和填写正确;",
        Refused(Sign),
        "sign",
    ),
    ("错误描述:机器人发送签名不匹配;解决方案:请确认签名", Refused(Sign), "sign"),
    ("invalid timestamp, more: [https://ding-doc.dingtalk.com]", Clock, "clock"),
    (
        "description:机器人发送签名过期;solution:签名生成时间和发送时间请保持在 timestampms 以内;",
        Clock,
        "clock",
    ),
    ("ip 203.0.113.7 not in whitelist", Refused(Address), "ip"),
    (
        "description:ip 不在白名单中;solution:请联系对应群的管理员，设置机器人安全ip地址段",
        Refused(Address),
        "ip",
    ),
    // `description` holds an `ip`, and says nothing else.
    ("description:机器人", UnknownCode, "unknown"),
];

/// The codes that ask for another app token; a chatbot has none, there its webhook is meant.
const TOKEN_CODES: [i64; 4] = [40_001, 40_014, 41_001, 42_001];

/// The current API: status, code, cause, outcome.
const CODES: &[(u16, &str, Cause, &str)] = &[
    (400, "InvalidAuthentication", Token, "token"),
    (401, "InvalidAuthentication", Token, "token"),
    (401, "anything.else", Token, "token"),
    (400, "40014", Token, "token"),
    (400, "AuthenticationFailed.MissingParameter", Refused(Parameter), "parameter"),
    (400, "invalidClientIdOrSecret", Refused(Credentials), "credentials"),
    (400, "invalid.client", Refused(Credentials), "credentials"),
    (401, "unauthorized.client", Refused(Credentials), "credentials"),
    (403, "Forbidden.AccessDenied.AccessTokenPermissionDenied", Refused(Permission), "permission"),
    (403, "Forbidden.AccessDenied.SomethingNew", Refused(Permission), "permission"),
    (403, "Forbidden.AccessDenied.IpNotInWhiteList", Refused(Address), "ip"),
    (403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", ThrottledSecond, "throttled_second"),
    (403, "Forbidden.AccessDenied.QpsLimitForApi", ThrottledSecond, "throttled_second"),
    (403, "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi", Throttled, "throttled"),
    (403, "Forbidden.AccessDenied.QpmLimitForSuitekeyAndOrgAndApi", Throttled, "throttled"),
    (403, "Forbidden.AccessDenied.ForSuitekeyAndOrgAndApi", Throttled, "throttled"),
    (403, "Forbidden.AccessDenied.ApiCountLimitForOrg", Refused(Quota), "quota"),
    (429, "systemBusy", Busy, "busy"),
    (429, "system.busy", Busy, "busy"),
    (500, "system.busy", Busy, "busy"),
    (503, "serviceBusy", Busy, "busy"),
    (504, "service.timeout", ServerError, "http_error"),
    (500, "unknownError", ServerError, "http_error"),
    (500, "system.error", ServerError, "http_error"),
    (500, "server.error", ServerError, "http_error"),
    (500, "never.seen", ServerError, "http_error"),
    (429, "never.seen", ServerError, "http_error"),
    (400, "unknown.send.result", ServerError, "http_error"),
    (400, "invalidParameter.robotCode.empty", Refused(RobotCode), "robot_code"),
    (400, "invalidParameter.robotCode.auth", Refused(RobotCode), "robot_code"),
    (400, "invalidParameter.robotCode.notExsit", Refused(RobotCode), "robot_code"),
    (400, "invalidParameter.msgKey.invalid", Refused(Parameter), "parameter"),
    (400, "invalidParameter.msgParam.invalid", Refused(Parameter), "parameter"),
    (400, "invalidParameter.msgParam.tooLong", TooLong, "too_long"),
    (400, "invalidParameter.param.invalid", Refused(Parameter), "parameter"),
    (400, "invalidParameter.msg.unsupport", Refused(Parameter), "parameter"),
    (400, "invalidParameter.msgBody.invalid", Refused(Parameter), "parameter"),
    (400, "invalidParameter.userIds.overMax", Refused(Parameter), "parameter"),
    (400, "invalidParameter.token.invalid", Refused(UnknownToken), "unknown_token"),
    (400, "token.notExisted", Refused(UnknownToken), "unknown_token"),
    (400, "miss.openConversationId", Refused(Conversation), "conversation"),
    (400, "invalid.openConversationId", Refused(Conversation), "conversation"),
    (400, "conversation.org.notMatch", Refused(Conversation), "conversation"),
    (400, "group.disbanded", Refused(Removed), "removed"),
    (400, "bot.stopped", Refused(Stopped), "stopped"),
    (400, "send.forbidden", Refused(Stopped), "stopped"),
    (400, "bot.forbidden.sendMessage", Refused(Stopped), "stopped"),
    (400, "chatbotId.notAllow.sendOTO", Refused(Stopped), "stopped"),
    (400, "template.not.existed", Refused(Parameter), "parameter"),
    (400, "template.stopped", Refused(Parameter), "parameter"),
    (400, "miss.param.msgKey", Refused(Parameter), "parameter"),
    (400, "send.byToken.tooFast", Throttled, "throttled"),
    (400, "send.too.fast", Throttled, "throttled"),
    (400, "too.many.group", Throttled, "throttled"),
    (400, "too.many.people", Throttled, "throttled"),
    (400, "only.groupAdmin.canAtAll", Refused(MentionAll), "mention_all"),
    (400, "ip.not.match", Refused(Address), "ip"),
    (400, "keywords.not.match", Refused(Keyword), "keyword"),
    (400, "sign.not.match", Refused(Sign), "sign"),
    (400, "contain.unsafe.url", Refused(Link), "link"),
    (400, "contain.notAllowed.text", Refused(Content), "content"),
    (400, "contain.notAllowed.picture", Refused(Content), "content"),
    (400, "contain.notAllowed.content", Refused(Content), "content"),
    (400, "unauthorized", Refused(Permission), "permission"),
    (400, "auth.error", Refused(Permission), "permission"),
    (400, "resource.not.found", UnknownCode, "unknown"),
    (400, "resource.unavailable", UnknownCode, "unknown"),
    (400, "never.seen", UnknownCode, "unknown"),
];

/// Answers that say neither yes nor no, to a chatbot: status, body, outcome.
const GAPS: &[(u16, &str, &str)] = &[
    (200, "", "no_errcode"),
    (200, "<html><title>login</title></html>", "no_errcode"),
    (200, r#"{"errcode":0,"errmsg":"o"#, "no_errcode"),
    (200, r#"[{"errcode":0}]"#, "no_errcode"),
    (200, "0", "no_errcode"),
    (200, "{}", "no_errcode"),
    (200, r#"{"errmsg":"ok"}"#, "no_errcode"),
    (200, r#"{"errcode":null}"#, "no_errcode"),
    (200, r#"{"errcode":false}"#, "no_errcode"),
    (200, r#"{"errcode":""}"#, "no_errcode"),
    (200, r#"{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"0a"}"#, "banned"),
    (403, r#"{"status":1111,"wait":"5","source":"x5","punish":"deny"}"#, "banned"),
    (403, "<html>denied</html>", "no_errcode"),
    (404, "not found", "no_errcode"),
    (407, "", "no_errcode"),
    (201, r#"{"errcode":0}"#, "http_error"),
    (301, r#"{"errcode":0}"#, "redirect"),
    (302, "<html>", "redirect"),
    (429, "slow down", "http_error"),
    (500, r#"{"errcode":0,"errmsg":"ok"}"#, "http_error"),
    (502, r#"{"errcode":310000,"errmsg":"sign not match"}"#, "http_error"),
    (503, "<html>", "http_error"),
];

#[test]
fn only_a_clear_yes_is_a_success() {
    for (body, code) in [
        (r#"{"errcode":0,"errmsg":"ok"}"#, "0"),
        (r#"{"errmsg":"ok","errcode":"0"}"#, "0"),
        (r#"{"errcode":" 0 ","errmsg":"ok"}"#, "0"),
    ] {
        let receipt = robot::verdict::of(&reply(200, body), &[]).expect(body);
        assert_eq!((receipt.code.as_deref(), receipt.text.as_str()), (Some(code), "ok"), "{body}");
    }
    let receipt =
        group::verdict::of(&reply(200, r#"{"processQueryKey":"k"}"#), &[]).expect("a key");
    assert_eq!(receipt.process_query_key.as_deref(), Some("k"));
    for body in [r#"{"errcode":0}"#, r#"{"processQueryKey":""}"#, r#"{"processQueryKey":1}"#, "{}"]
    {
        assert!(says_neither(&app(200, body)), "{body}");
    }
    assert!(says_neither(&app(202, r#"{"processQueryKey":"k"}"#)));
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
fn a_security_setting_is_told_by_its_words() {
    for (words, cause, outcome) in SECURITY {
        let error = robot(200, &json!({"errcode": 310_000, "errmsg": words}).to_string());
        assert_eq!((&error.cause, error.outcome()), (cause, *outcome), "{words}");
        assert!(error.reason().contains(words.get(..20).unwrap_or_default()), "{error}");
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
    for &(status, body, outcome) in GAPS {
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
        assert!(!error.reason().contains("arrived"), "{error}");
    }
}

#[test]
fn a_refusal_concerns_the_message_or_the_whole_destination() {
    for refusal in [Keyword, Content, Link, Parameter, MentionAll] {
        assert!(!refusal.concerns_destination(), "{refusal:?}");
    }
    for refusal in [
        Sign,
        Address,
        UnknownToken,
        Stopped,
        Removed,
        Permission,
        Quota,
        Credentials,
        RobotCode,
        Conversation,
        Url,
    ] {
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
        let date = timestamp_of(date);
        let reply = Reply { status: 200, body: body.clone().into(), received, date };
        robot::verdict::of(&reply, &[]).expect_err("refused").reason()
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
            robot(200, &json!({"errcode": 310_000, "errmsg": keyword}).to_string()).reason(),
            "DingTalk said 310000 \"错误描述:关键词不匹配;解决方案:请联系群管理员\": none of the \
             robot's keywords stands in the message; add one under this chatbot's keywords, \
             written as in the robot's security settings",
        ),
        (
            app(
                403,
                &json!({"code": "Forbidden.AccessDenied.AccessTokenPermissionDenied",
                "message": "没有权限", "accessdenieddetail": {"requiredScopes": ["a.b"]}})
                .to_string(),
            )
            .reason(),
            "DingTalk said Forbidden.AccessDenied.AccessTokenPermissionDenied (HTTP 403) \"没有权限 \
             a.b\": the app lacks a permission, or is of another organisation; grant it in \
             DingTalk's developer console (groupMessages/send needs qyapi_robot_sendmsg) and \
             publish the app",
        ),
        (
            robot(502, "<html>\n<b>Bad Gateway</b>").reason(),
            "DingTalk answered HTTP 502 \"<html> <b>Bad Gateway</b>\": DingTalk, or a proxy \
             before it, failed; try again a little later; the message may have arrived",
        ),
        (
            robot(200, r#"{"errcode":123456,"errmsg":"奇怪"}"#).reason(),
            "DingTalk said 123456 \"奇怪\": no list has this code; look it up at open.dingtalk.com",
        ),
        (
            SendError::from(TimedOut).of_token_request().reason(),
            "the app's token could not be fetched: no answer from DingTalk in time",
        ),
    ];
    for (reason, expected) in cases {
        assert_eq!(reason, expected);
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
                robot::verdict::of(&reply(status, &body), &secrets),
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
        prop_assert!(robot::verdict::of(&reply, &[]).is_err());
        prop_assert!(group::verdict::of(&reply, &[]).is_err());
    }

    #[test]
    fn an_errcode_other_than_0_is_never_a_yes(code in any::<i64>(), words in ".{0,40}") {
        prop_assume!(code != 0);
        let body = json!({"errcode": code, "errmsg": words}).to_string();
        prop_assert!(robot::verdict::of(&reply(200, &body), &[]).is_err());
    }
}
