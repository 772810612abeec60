//! Why a message did not, or may not have, arrived.
//!
//! One enum decides all: the word in metrics, the words for people, whether the message may have
//! arrived, whether DingTalk answered at all, and, in `deliver`, what happens next. Each is a `match`
//! without a wildcard, so that whoever adds a cause has to decide all five.

use super::refusal::Refusal;
use crate::language::Language;

/// Why a message did not, or may not have, arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// There was no connection: no name, refused, no TLS; the text says to where, and why in
    /// brackets.
    NotConnected(String),
    /// The attempt's time was up before an answer came.
    TimedOut,
    /// The connection broke before the answer was whole; the text says how.
    Broken(String),
    /// HTTP 3xx; redirects are not followed.
    Redirect,
    /// The gateway's `x5` page: too many calls came from this address.
    Banned,
    /// HTTP 429 or 5xx, or a code by which DingTalk says that it does not know.
    ServerError,
    /// The answer is not JSON, or is cut off.
    NotJson,
    /// The answer is JSON without an errcode, or without a `processQueryKey`.
    NoErrcode,
    /// DingTalk is busy, and asks to be tried at most three times at once.
    Busy,
    /// Too many messages in a minute: any other in this lane would be refused too, perhaps for ten
    /// minutes.
    Throttled,
    /// Too many calls in a second (QPS).
    ThrottledSecond,
    /// The message is longer than DingTalk takes.
    TooLong,
    /// The signature is too old: this machine's clock is off, or the call took over an hour.
    Clock,
    /// The app's token was refused; when a send ends with it, so was a fresh one.
    Token,
    /// DingTalk understood and refused, or the address is one that nothing can be sent to.
    Refused(Refusal),
    /// A code that nothing is known about.
    UnknownCode,
}

impl Cause {
    /// A word for metrics and filters; there are about thirty of them.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        match self {
            Self::NotConnected(_) => "no_connection",
            Self::TimedOut => "timeout",
            Self::Broken(_) => "reset",
            Self::Redirect => "redirect",
            Self::Banned => "banned",
            Self::ServerError => "http_error",
            Self::NotJson | Self::NoErrcode => "no_errcode",
            Self::Busy => "busy",
            Self::Throttled => "throttled",
            Self::ThrottledSecond => "throttled_second",
            Self::TooLong => "too_long",
            Self::Clock => "clock",
            Self::Token => "token",
            Self::Refused(refusal) => refusal.outcome(),
            Self::UnknownCode => "unknown",
        }
    }

    /// Whether the account itself is refused: a chatbot's robot, or the app of a conversation.
    pub(super) fn concerns_account(&self) -> bool {
        match self {
            Self::Token => true,
            Self::Refused(refusal) => refusal.concerns_account(),
            Self::NotConnected(_)
            | Self::TimedOut
            | Self::Broken(_)
            | Self::Redirect
            | Self::Banned
            | Self::ServerError
            | Self::NotJson
            | Self::NoErrcode
            | Self::Busy
            | Self::Throttled
            | Self::ThrottledSecond
            | Self::TooLong
            | Self::Clock
            | Self::UnknownCode => false,
        }
    }

    /// Whether DingTalk may have carried out the call all the same.
    #[must_use]
    pub fn uncertain(&self) -> bool {
        match self {
            Self::TimedOut
            | Self::Broken(_)
            | Self::Redirect
            | Self::Banned
            | Self::ServerError
            | Self::NotJson
            | Self::NoErrcode
            | Self::Busy => true,
            Self::NotConnected(_)
            | Self::Throttled
            | Self::ThrottledSecond
            | Self::TooLong
            | Self::Clock
            | Self::Token
            | Self::Refused(_)
            | Self::UnknownCode => false,
        }
    }

    /// Whether DingTalk itself answered, with a code of its own, so that the way to it is open.
    ///
    /// Busy is such an answer too: DingTalk asks to be tried again soon, at most three times.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        match self {
            Self::Busy
            | Self::Throttled
            | Self::ThrottledSecond
            | Self::TooLong
            | Self::Clock
            | Self::Token
            | Self::Refused(_)
            | Self::UnknownCode => true,
            Self::NotConnected(_)
            | Self::TimedOut
            | Self::Broken(_)
            | Self::Redirect
            | Self::Banned
            | Self::ServerError
            | Self::NotJson
            | Self::NoErrcode => false,
        }
    }

    /// What it means and what to do, to stand behind DingTalk's own words.
    pub(super) fn words(&self, language: Language) -> String {
        let words = match self {
            Self::NotConnected(text) => {
                return language.pick([
                    format!(
                        "no connection to {text}; check this machine's DNS, proxy, firewall and \
                         certificates"
                    ),
                    format!("无法连接 {text}；请检查本机的 DNS、代理、防火墙和证书"),
                ]);
            }
            Self::Broken(text) => {
                return language.pick([
                    format!("the connection broke before DingTalk's answer was whole ({text})"),
                    format!("钉钉的响应还没收完，连接就断了（{text}）"),
                ]);
            }
            Self::Refused(refusal) => return refusal.words("", language),
            Self::TimedOut => ["no answer from DingTalk in time", "钉钉没有在限定时间内响应"],
            Self::Redirect => REDIRECT,
            Self::Banned => BANNED,
            Self::ServerError => [
                "DingTalk, or a proxy before it, failed; try again a little later",
                "钉钉或它前面的代理出错；请稍后再试",
            ],
            Self::NotJson => NOT_JSON,
            Self::NoErrcode => [
                "this says neither yes nor no; check the proxy and the URL",
                "响应没有说明成功还是失败；请检查代理和地址",
            ],
            Self::Busy => ["DingTalk is busy; try again a little later", "钉钉繁忙；请稍后再试"],
            Self::Throttled => THROTTLED,
            Self::ThrottledSecond => THROTTLED_SECOND,
            Self::TooLong => TOO_LONG,
            Self::Clock => CLOCK,
            Self::Token => TOKEN,
            Self::UnknownCode => [
                "no list has this code; look it up at open.dingtalk.com",
                "已知列表里没有这个错误码；请到 open.dingtalk.com 查询",
            ],
        };
        language.pick(words).to_owned()
    }
}

const REDIRECT: [&str; 2] = [
    "this is a redirect, which is not followed; check the URL, and whether a proxy asks for a login",
    "这是一个重定向，不会跟随；请检查地址，以及代理是否要求登录",
];

const BANNED: [&str; 2] = [
    "DingTalk blocks this network address because too many calls came from it (10,000 in 20 s); it \
     lifts that by itself after some minutes",
    "来自本机 IP 的调用过多（20 秒内 10,000 次），钉钉暂时封禁；几分钟后会自动解除",
];

const NOT_JSON: [&str; 2] = [
    "this is no answer of DingTalk's API but that of something on the way, or it was cut off; check \
     the proxy and the URL",
    "这不是钉钉接口的响应，而是中间某个设备返回的，或者响应被截断；请检查代理和地址",
];

const THROTTLED: [&str; 2] = [
    "too many messages (a robot may send 20 in a minute, from all its senders together); DingTalk \
     may block it for up to ten minutes",
    "发送太频繁（一个机器人每分钟最多 20 条，所有发送方合计）；钉钉可能限流最多十分钟",
];

const THROTTLED_SECOND: [&str; 2] = [
    "too many calls in one second (an app may make 20 to each API in the standard edition)",
    "一秒内调用过多（标准版应用对每个接口每秒最多 20 次）",
];

const TOO_LONG: [&str; 2] = [
    "the message is longer than DingTalk takes (20,000 bytes for a chatbot, 15,000 for a \
     conversation, 2,048 by chat/send); it has to be cut smaller",
    "消息超过钉钉的长度限制（自定义机器人 20,000 字节，群会话 15,000 字节，chat/send 2,048 字节）；需要再切分",
];

const CLOCK: [&str; 2] = [
    "the signature's time is more than an hour off; set this machine's clock (NTP)",
    "签名的时间戳相差超过一小时；请校准本机时钟（NTP）",
];

const TOKEN: [&str; 2] = [
    "the app's token was refused, and so was a fresh one; check that app_key, app_secret and \
     robot_code are of one app and that it is published",
    "应用的 access_token 被拒绝，重新获取的也被拒绝；请确认 app_key、app_secret 和 robot_code 属于同一个应用，\
     并且应用已发布",
];
