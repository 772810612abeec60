//! Why a message did not, or may not have, arrived.
//!
//! One enum decides all: the word in metrics, the words for people, whether the message may have
//! arrived, whether DingTalk answered at all, and, in `deliver`, what happens next. Each is a `match`
//! without a wildcard, so that whoever adds a cause has to decide all five.

use super::refusal::Refusal;

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
    pub(super) fn words(&self) -> String {
        let words = match self {
            Self::NotConnected(text) => {
                return format!(
                    "no connection to {text}; check this machine's DNS, proxy, firewall and \
                     certificates"
                );
            }
            Self::Broken(text) => {
                return format!("the connection broke before DingTalk's answer was whole ({text})");
            }
            Self::Refused(refusal) => {
                return format!("{}; {}", refusal.meaning(), refusal.remedy());
            }
            Self::TimedOut => "no answer from DingTalk in time",
            Self::Redirect => REDIRECT,
            Self::Banned => BANNED,
            Self::ServerError => "DingTalk, or a proxy before it, failed; try again a little later",
            Self::NotJson => NOT_JSON,
            Self::NoErrcode => "this says neither yes nor no; check the proxy and the URL",
            Self::Busy => "DingTalk is busy; try again a little later",
            Self::Throttled => THROTTLED,
            Self::ThrottledSecond => THROTTLED_SECOND,
            Self::TooLong => TOO_LONG,
            Self::Clock => CLOCK,
            Self::Token => TOKEN,
            Self::UnknownCode => "no list has this code; look it up at open.dingtalk.com",
        };
        words.to_owned()
    }
}

const REDIRECT: &str = "this is a redirect, which is not followed; check the URL, and whether a \
    proxy asks for a login";

const BANNED: &str = "DingTalk blocks this network address because too many calls came from it \
    (10,000 in 20 s); it lifts that by itself after some minutes";

const NOT_JSON: &str = "this is no answer of DingTalk's API but that of something on the way, or \
    it was cut off; check the proxy and the URL";

const THROTTLED: &str = "too many messages (a robot may send 20 in a minute, from all its senders \
    together); DingTalk may block it for up to ten minutes";

const THROTTLED_SECOND: &str =
    "too many calls in one second (an app may make 20 to each API in the standard edition)";

const TOO_LONG: &str = "the message is longer than DingTalk takes (20,000 bytes for a chatbot, \
    15,000 for a conversation, 2,048 by chat/send); it has to be cut smaller";

const CLOCK: &str = "the signature's time is more than an hour off; set this machine's clock (NTP)";

const TOKEN: &str = "the app's token was refused, and so was a fresh one; check that app_key, \
    app_secret and robot_code are of one app and that it is published";
