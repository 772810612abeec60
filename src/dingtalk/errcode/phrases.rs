//! What DingTalk's words mean, where its code has several meanings or none that is known.
//!
//! They come in three generations and two languages, so they are searched for phrases and never
//! compared. The newer ones describe and then advise (`错误描述:…;解决方案:…`). Advice can name
//! anything, so the description decides wherever it says enough.

use super::{Cause, Refusal};
use Cause::{Busy, Clock, Refused, Throttled, Token, TooLong, UnknownCode};

/// What the advice begins with.
const ADVICE: [&str; 2] = ["解决方案", ";solution"];

/// Words in which 频 is about a type of message and not about how often: video, audio, channel.
const NOT_OFTEN: [&str; 3] = ["视频", "音频", "频道"];

/// The phrases of each cause, in lower case; the first that is found decides.
///
/// Each is as long as it has to be: `ip` stands in `description`, `miss` in `permission`, and a token's
/// name in every address that is quoted. What is said of a parameter comes last, because its name can
/// be any of the words before.
const PHRASES: &[(Cause, &[&str])] = &[
    (Throttled, &["too fast", "too many", "too frequent", "频", "限流", "太快"]),
    (
        Busy,
        &["繁忙", "busy", "稍后再试", "稍后重试", "try again later", "系统错误", "system error"],
    ),
    (TooLong, &["too long", "过长", "超长", "大小不合法"]),
    (
        Token,
        &[
            "不合法的access_token",
            "无效的access_token",
            "access_token不存在",
            "access_token超时",
            "access_token过期",
            "access_token is blank",
            "缺少access_token",
            "缺少参数 access_token",
            "invalid access_token",
            "invalid token",
            "token is not exist",
            "token is invalid",
            "token expired",
        ],
    ),
    (Refused(Refusal::Keyword), &["关键词不匹配", "keywords not in content"]),
    (Clock, &["签名过期", "签名已过期", "invalid timestamp"]),
    (Refused(Refusal::Address), &["不在白名单", "not in whitelist", "not in the whitelist"]),
    (Refused(Refusal::Sign), &["签名不匹配", "签名错误", "sign not match"]),
    (Refused(Refusal::Stopped), &["机器人已停用", "机器人已经停用", "bot is stopped"]),
    (Refused(Refusal::Removed), &["机器人不存在", "群已被解散", "群已解散"]),
    (Refused(Refusal::Conversation), &["无效的会话id", "找不到群会话"]),
    (
        Refused(Refusal::Permission),
        &["权限不足", "没有权限", "没有调用该接口的权限", "permission denied", "no permission"],
    ),
    (Refused(Refusal::Quota), &["webhook over limit", "调用量已用完"]),
    (Refused(Refusal::Link), &["不安全的外链", "不安全的链接"]),
    (Refused(Refusal::Content), &["不合适的文本", "不合适的图片", "不合适的内容"]),
    (
        Refused(Refusal::Missing),
        &["miss param", "missing param", "缺失", "缺少", "不能为空", "must not be empty"],
    ),
    (
        Refused(Refusal::Parameter),
        &[
            "参数",
            "param error",
            "invalid param",
            "illegal param",
            "parameter",
            "msgtype",
            "不支持类型",
        ],
    ),
];

/// What stands before the name of a missing parameter, the longer of two first.
const BEFORE_NAME: [&str; 5] =
    ["missing parameter", "missing param", "miss param", "缺少参数", "缺少"];

/// The longest name of a parameter, in characters.
const LONGEST_NAME: usize = 60;

/// The meaning of a code that no list has, as far as its words tell.
pub(in crate::dingtalk) fn meaning(words: &str) -> Cause {
    described(words, |words| {
        let often = NOT_OFTEN.iter().fold(words.to_owned(), |words, of| words.replace(of, ""));
        let found = PHRASES.iter().find(|(_, phrases)| has(&often, phrases));
        found.map(|(cause, _)| cause.clone())
    })
    .unwrap_or(UnknownCode)
}

/// 310000: one of the robot's security settings, and only the words say which.
pub(super) fn security(words: &str) -> Cause {
    // The order matters: an expired signature is 签名过期, and a signature that does not fit is
    // explained by its timestamp. `ip` alone would be found in `description`.
    let setting = described(words, |words| {
        if has(words, &["关键词", "keyword"]) {
            Some(Refused(Refusal::Keyword))
        } else if has(words, &["过期", "invalid timestamp", "expired"]) {
            Some(Clock)
        } else if has(words, &["白名单", "whitelist"]) {
            Some(Refused(Refusal::Address))
        } else if has(words, &["签名", "sign"]) {
            Some(Refused(Refusal::Sign))
        } else {
            None
        }
    });
    setting.unwrap_or_else(|| meaning(words))
}

/// 300001: until 2023 the code of several refusals.
pub(super) fn overloaded(words: &str) -> Cause {
    let is_token = described(words, |words| has(words, &["token"]).then_some(()));
    is_token.map_or_else(|| meaning(words), |()| Refused(Refusal::UnknownToken))
}

/// The parameter that DingTalk misses, as its words name it: `markdown->text`.
pub(super) fn missing_parameter(words: &str) -> Option<&str> {
    // No other mapping of letters keeps their places.
    let lower = words.to_ascii_lowercase();
    let between = || {
        let (_, after) = words.split_once("参数")?;
        after.split_once("缺失").map(|(name, _)| name)
    };
    let behind = || {
        let ends = BEFORE_NAME.iter().find_map(|lead| Some(lower.find(lead)? + lead.len()));
        words[ends?..].split([';', '；', ',', '，', '。', '"']).next()
    };
    let name = between().or_else(behind)?.trim_matches([' ', ':', '：', '[', ']', '\'']);
    Some(name).filter(|name| !name.is_empty() && name.chars().count() <= LONGEST_NAME)
}

/// What `read` finds in the description, else in all of the words, both in lower case.
fn described<T>(words: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
    let words = words.to_lowercase();
    let advice = ADVICE.iter().filter_map(|advice| words.find(advice)).min();
    advice.and_then(|start| read(&words[..start])).or_else(|| read(&words))
}

fn has(words: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| words.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_missing_parameter_is_named_as_dingtalk_names_it() {
        for (words, name) in [
            ("miss param : markdown->text", Some("markdown->text")),
            ("Missing parameter 'title', see the page", Some("title")),
            ("错误描述:参数 markdown 的 title 缺失", Some("markdown 的 title")),
            ("错误描述:缺少参数 text;解决方案:请填写", Some("text")),
            ("缺少参数：x-acs-dingtalk-access-token", Some("x-acs-dingtalk-access-token")),
            ("缺少参数 json", Some("json")),
            ("缺失", None),
            ("miss param", None),
            ("İ miss param : a", Some("a")),
            ("nothing is said", None),
        ] {
            assert_eq!(missing_parameter(words), name, "{words}");
        }
        assert_eq!(missing_parameter(&format!("缺少参数 {}", "x".repeat(61))), None);
    }

    #[test]
    fn the_description_decides_before_the_advice() {
        for (words, cause) in [
            ("错误描述:机器人已停用;解决方案:请检查参数后稍后重试", Refused(Refusal::Stopped)),
            ("description:关键词不匹配;solution:降低发送频率", Refused(Refusal::Keyword)),
            ("错误描述:发送失败;解决方案:请稍后重试", Busy),
            ("description:no;solution:shorten what is too long", TooLong),
        ] {
            assert_eq!(meaning(words), cause, "{words}");
        }
    }
}
