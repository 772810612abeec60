//! DingTalk's codes, and what each of them means for a message.
//!
//! DingTalk's words decide only where a code has several meanings or none that is known
//! ([`phrases`]).

use super::{Cause, Refusal, phrases};
use Cause::{Busy, Refused, ServerError, Throttled, ThrottledSecond, Token, TooLong, UnknownCode};

/// The meaning of an errcode of `oapi.dingtalk.com` that is not 0.
pub(in crate::dingtalk) fn oapi(code: i64, words: &str) -> Cause {
    match code {
        -1 | 34_015 | 400_001 => Busy,
        130_101 | 410_100 | 660_026 | 90_017 | 45_009 => Throttled,
        90_001..=90_014 | 90_018 => ThrottledSecond,
        460_101 | 101_002 | 34_016 | 45_002 | 45_003 => TooLong,
        40_001 | 40_014 | 41_001 | 42_001 => Token,
        310_000 => phrases::security(words),
        300_001 => phrases::overloaded(words),
        _ => refusal(code, words).map_or_else(|| phrases::meaning(words), Refused),
    }
}

/// The refusals among the errcodes.
fn refusal(code: i64, words: &str) -> Option<Refusal> {
    Some(match code {
        430_101 | 40_048 => Refusal::Link,
        430_102..=430_104 => Refusal::Content,
        // Without a token in the URL no message of any kind can pass.
        40_035 if words.contains("access_token") => Refusal::UnknownToken,
        40_035 | 400_402 | 400_403 => Refusal::Missing,
        43_002
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

/// The meaning of a `code` of `api.dingtalk.com`, under its status.
pub(in crate::dingtalk) fn current(status: u16, code: &str, words: &str) -> Cause {
    let code = code.to_lowercase();
    // The code decides before the status: 403 may be a missing permission or a throttle.
    match group_messages(&code).or_else(|| conversion(&code)).or_else(|| gateway(&code)) {
        Some(cause) => cause,
        None if status == 401 => Token,
        None if status == 429 || status >= 500 => ServerError,
        None => phrases::meaning(words),
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
        _ if code.starts_with("miss.param") => Refused(Refusal::Missing),
        _ if ["invalidparameter.", "template."].iter().any(|of| code.starts_with(of)) => {
            Refused(Refusal::Parameter)
        }
        _ => return None,
    })
}

/// The codes of `convertToOpenConversationId`, spelled as DingTalk spells them and as they are spelled
/// (`obtain-group-openconversationid`).
fn conversion(code: &str) -> Option<Cause> {
    match code {
        "invalidechatid" | "invalidchatid" => Some(Refused(Refusal::Conversation)),
        "permession.checkfailed" | "permission.checkfailed" => Some(Refused(Refusal::Visibility)),
        _ => None,
    }
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
