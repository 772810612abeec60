//! What can befall a call.

use std::time::Duration;

use campana::dingtalk::{Answer, NoAnswer};

use crate::random::Random;

/// What happens in place of DingTalk's own answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    NoConnection,
    Reset,
    Silence,
    ServerError,
    Busy,
    NotJson,
    NoErrcode,
    Throttled,
    ThrottledSecond,
    Slow,
    TooLong,
    Refused,
    UnknownCode,
    DeadRobot,
}

/// What befalls the calls to one chat, and how many of a hundred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Weather {
    pub(crate) trouble: Trouble,
    pub(crate) percent: u64,
}

/// What becomes of one call.
#[derive(Debug)]
pub(crate) struct Fate {
    /// Whether DingTalk gets it and does what it asks for.
    pub(crate) is_taken: bool,
    /// What is answered in place of DingTalk's own answer; nothing: silence.
    pub(crate) answer: Reply,
    /// How long the answer takes.
    pub(crate) delay: Duration,
}

/// The answer.
#[derive(Debug)]
pub(crate) enum Reply {
    /// DingTalk's own.
    Own,
    /// This one.
    Other(Result<Answer, NoAnswer>),
    /// None.
    Never,
}

impl Trouble {
    pub(crate) const ALL: [Self; 14] = [
        Self::NoConnection,
        Self::Reset,
        Self::Silence,
        Self::ServerError,
        Self::Busy,
        Self::NotJson,
        Self::NoErrcode,
        Self::Throttled,
        Self::ThrottledSecond,
        Self::Slow,
        Self::TooLong,
        Self::Refused,
        Self::UnknownCode,
        Self::DeadRobot,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NoConnection => "no connection",
            Self::Reset => "reset",
            Self::Silence => "silence",
            Self::ServerError => "HTTP 500",
            Self::Busy => "-1",
            Self::NotJson => "not JSON",
            Self::NoErrcode => "no errcode",
            Self::Throttled => "throttle",
            Self::ThrottledSecond => "throttle of a second",
            Self::Slow => "slow answer",
            Self::TooLong => "too long",
            Self::Refused => "refused content",
            Self::UnknownCode => "unknown errcode",
            Self::DeadRobot => "dead robot",
        }
    }

    /// Whether DingTalk refuses the message for good, so that it may become a dead letter.
    pub(crate) fn is_final(self) -> bool {
        matches!(self, Self::TooLong | Self::Refused | Self::UnknownCode | Self::DeadRobot)
    }

    /// What becomes of a call in this trouble.
    pub(crate) fn fate(self, random: &mut Random) -> Fate {
        let either = random.chance(50);
        let delay = Duration::from_millis(random.below(300));
        let (is_taken, answer) = match self {
            Self::NoConnection => (false, no_answer(NoAnswer::NotConnected("refused".to_owned()))),
            Self::Reset => (either, no_answer(NoAnswer::Broken("reset by peer".to_owned()))),
            Self::Silence => (either, Reply::Never),
            Self::ServerError => (either, reply(500, "<html>")),
            Self::Busy => (either, reply(200, r#"{"errcode":-1,"errmsg":"系统繁忙"}"#)),
            Self::NotJson => (either, reply(200, "<html>")),
            Self::NoErrcode => (either, reply(200, "{}")),
            Self::Throttled => (false, reply(200, &refusal(130_101, "send too fast"))),
            Self::ThrottledSecond => (false, reply(200, &refusal(90_018, "qps"))),
            Self::TooLong => (false, reply(200, &refusal(460_101, "message too long"))),
            Self::Refused => (false, reply(200, &refusal(430_102, "含有不合适的文本"))),
            Self::UnknownCode => (false, reply(200, &refusal(777_777, "?"))),
            Self::DeadRobot => (false, reply(200, &refusal(300_005, "token is not exist"))),
            Self::Slow => {
                let delay = Duration::from_millis(2_000 + random.below(10_000));
                return Fate { is_taken: true, answer: Reply::Own, delay };
            }
        };
        Fate { is_taken, answer, delay }
    }
}

fn refusal(code: i64, words: &str) -> String {
    format!(r#"{{"errcode":{code},"errmsg":"{words}"}}"#)
}

fn reply(status: u16, body: &str) -> Reply {
    Reply::Other(Ok(Answer { status, date: None, body: body.into() }))
}

fn no_answer(none: NoAnswer) -> Reply {
    Reply::Other(Err(none))
}
