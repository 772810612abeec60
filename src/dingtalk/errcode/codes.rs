//! DingTalk's codes, and what each of them means for a message.
//!
//! DingTalk's words decide only where a code has several meanings or none that is known. They come
//! in three generations and two languages, so they are searched for parts and never compared.

use super::{Cause, Refusal};
use Cause::{
    Busy, Clock, Refused, ServerError, Throttled, ThrottledSecond, Token, TooLong, UnknownCode,
};

/// The meaning of an errcode of `oapi.dingtalk.com` that is not 0.
pub(in crate::dingtalk) fn oapi(code: i64, words: &str) -> Cause {
    match code {
        -1 | 34_015 | 400_001 => Busy,
        130_101 | 410_100 | 660_026 | 90_017 | 45_009 => Throttled,
        90_001..=90_014 | 90_018 => ThrottledSecond,
        460_101 | 101_002 | 34_016 | 45_002 | 45_003 => TooLong,
        40_001 | 40_014 | 41_001 | 42_001 => Token,
        310_000 => security(words),
        300_001 => overloaded(words),
        _ => refusal(code, words).map_or_else(|| by_text(words), Refused),
    }
}

/// The refusals among the errcodes.
fn refusal(code: i64, words: &str) -> Option<Refusal> {
    Some(match code {
        430_101 | 40_048 => Refusal::Link,
        430_102..=430_104 => Refusal::Content,
        // Without a token in the URL no message of any kind can pass.
        40_035 if words.contains("access_token") => Refusal::UnknownToken,
        40_035
        | 43_002
        | 43_004
        | 400_002
        | 400_105
        | 33_012
        | 40_056
        | 40_078
        | 34_014
        | 34_002..=34_004
        | 34_006..=34_012 => Refusal::Parameter,
        300_005 | 400_101 => Refusal::UnknownToken,
        400_102 => Refusal::Stopped,
        400_013 | 400_106 => Refusal::Removed,
        34_001 | 34_013 => Refusal::Conversation,
        33_001 | 40_089 | 40_096 => Refusal::Credentials,
        43_007 | 60_011 => Refusal::Permission,
        60_020 => Refusal::Address,
        90_020 | 90_030 => Refusal::Quota,
        22 | 404 => Refusal::Url,
        _ => return None,
    })
}

/// 310000: one of the robot's security settings, and only the words say which.
fn security(words: &str) -> Cause {
    let words = words.to_lowercase();
    let has = |texts: &[&str]| texts.iter().any(|text| words.contains(text));
    // The order matters: an expired signature is 签名过期, and a signature that does not fit is
    // explained by its timestamp. `ip` alone would be found in `description`.
    if has(&["关键词", "keyword"]) {
        Refused(Refusal::Keyword)
    } else if has(&["过期", "invalid timestamp", "expired"]) {
        Clock
    } else if has(&["白名单", "whitelist"]) {
        Refused(Refusal::Address)
    } else if has(&["签名", "sign"]) {
        Refused(Refusal::Sign)
    } else {
        by_text(&words)
    }
}

/// 300001: until 2023 the code of several refusals.
fn overloaded(words: &str) -> Cause {
    let words = words.to_lowercase();
    if words.contains("token") {
        Refused(Refusal::UnknownToken)
    } else if words.contains("param") || words.contains("msgtype") {
        Refused(Refusal::Parameter)
    } else {
        by_text(&words)
    }
}

/// The meaning of a code that no list has, as far as its words tell.
pub(in crate::dingtalk) fn by_text(words: &str) -> Cause {
    // 视频 and 音频, video and audio, are about a message's type and not about how often (频).
    let words = words.to_lowercase().replace("视频", "").replace("音频", "").replace("频道", "");
    let has = |texts: &[&str]| texts.iter().any(|text| words.contains(text));
    if has(&["too fast", "too many", "频", "限流"]) {
        Throttled
    } else if has(&["繁忙", "busy"]) {
        Busy
    } else {
        UnknownCode
    }
}

/// The meaning of a `code` of `api.dingtalk.com`, under its status.
pub(in crate::dingtalk) fn current(status: u16, code: &str, words: &str) -> Cause {
    let code = code.to_lowercase();
    // The code decides before the status: 403 may be a missing permission or a throttle.
    match group_messages(&code).or_else(|| gateway(&code)) {
        Some(cause) => cause,
        None if status == 401 => Token,
        None if status == 429 || status >= 500 => ServerError,
        None => by_text(words),
    }
}

/// The codes of `groupMessages/send` itself (`the-robot-sends-a-group-message`).
fn group_messages(code: &str) -> Option<Cause> {
    Some(match code {
        "send.bytoken.toofast" | "send.too.fast" | "too.many.group" | "too.many.people" => {
            Throttled
        }
        "invalidparameter.msgparam.toolong" => TooLong,
        "unknown.send.result" | "system.error" => ServerError,
        "invalidparameter.token.invalid" | "token.notexisted" => Refused(Refusal::UnknownToken),
        "miss.openconversationid" | "invalid.openconversationid" | "conversation.org.notmatch" => {
            Refused(Refusal::Conversation)
        }
        "bot.stopped"
        | "send.forbidden"
        | "bot.forbidden.sendmessage"
        | "chatbotid.notallow.sendoto" => Refused(Refusal::Stopped),
        "group.disbanded" => Refused(Refusal::Removed),
        "only.groupadmin.canatall" => Refused(Refusal::MentionAll),
        "ip.not.match" => Refused(Refusal::Address),
        "keywords.not.match" => Refused(Refusal::Keyword),
        "sign.not.match" => Refused(Refusal::Sign),
        "contain.unsafe.url" => Refused(Refusal::Link),
        "contain.notallowed.text" | "contain.notallowed.picture" | "contain.notallowed.content" => {
            Refused(Refusal::Content)
        }
        "unauthorized" | "auth.error" => Refused(Refusal::Permission),
        // DingTalk does not say which resource, so nobody knows whether another message passes.
        "resource.not.found" | "resource.unavailable" => UnknownCode,
        _ if code.starts_with("invalidparameter.robotcode") => Refused(Refusal::RobotCode),
        _ if ["invalidparameter.", "miss.param", "template."]
            .iter()
            .any(|of| code.starts_with(of)) =>
        {
            Refused(Refusal::Parameter)
        }
        _ => return None,
    })
}

/// The codes of the gateway before all APIs of `api.dingtalk.com`.
fn gateway(code: &str) -> Option<Cause> {
    Some(match code {
        "invalidauthentication" => Token,
        "authenticationfailed.missingparameter" => Refused(Refusal::Parameter),
        "invalidclientidorsecret" | "invalid.client" | "unauthorized.client" => {
            Refused(Refusal::Credentials)
        }
        "systembusy" | "system.busy" | "servicebusy" => Busy,
        "service.timeout" | "unknownerror" | "server.error" => ServerError,
        _ => access_denied(code.strip_prefix("forbidden.accessdenied.")?),
    })
}

/// The codes under `Forbidden.AccessDenied.`, all with HTTP 403.
fn access_denied(code: &str) -> Cause {
    if code.starts_with("apicountlimit") {
        Refused(Refusal::Quota)
    } else if code.starts_with("qpslimit") {
        ThrottledSecond
    } else if code.contains("limitfor") || code.ends_with("forsuitekeyandorgandapi") {
        Throttled
    } else if code.starts_with("ipnotinwhitelist") {
        Refused(Refusal::Address)
    } else {
        Refused(Refusal::Permission)
    }
}
