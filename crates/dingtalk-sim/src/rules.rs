//! What DingTalk allows and how it words a refusal, each with its source, each a knob.
//!
//! Where the sources disagree, the default is the newest observation, and where they are silent it is the
//! strictest reading; the other answers can be chosen: a client has to stand all of them.

use std::time::Duration;

use crate::rate::Rate;

/// What happens to a `msgUuid` that a robot has seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MsgUuid {
    /// The id of an accepted message is answered `ok` again and posted once.
    Honoured,
    /// As `Honoured`, but the ids of refused calls are remembered too: trying one of them again is
    /// answered `ok` and posts nothing. Whether the real service does so is not known.
    RefusedToo,
    /// Every call posts, as with a server that does not know the field.
    Ignored,
}

/// The wording of errcode 310000, which changed twice while the code stayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// 2019 to 2021: `sign not match`.
    First,
    /// 2022 to 2025: `description:…;solution:…`.
    Second,
    /// From 2023: `错误描述:…;解决方案:…`; time stamp and address were last seen as in `Second`.
    Newest,
}

/// The rules of the simulated service.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a rule of its own")]
pub struct Rules {
    /// Every robot token and every app key is accepted, for use by hand.
    pub any_token: bool,
    /// The largest body of `robot/send`, in bytes; above it errcode 460101 (observed 2020 to 2023).
    pub max_body_bytes: usize,
    /// The largest `msgParam` of `groupMessages/send`, in bytes (its documentation).
    pub max_msg_param_bytes: usize,
    /// How many people one `oToMessages/batchSend` reaches: 20 by its page, and 100 by the text of the code
    /// that refuses more.
    pub max_user_ids: usize,
    /// The largest `msg` of `chat/send`, in bytes; above it errcode 34016 (the page of the API).
    pub max_chat_bytes: usize,
    /// The longest text of `chat/send`, in UTF-16 units; above it errcode 34016 (its text).
    pub max_chat_chars: usize,
    /// How often a robot may send, and for how long it is blocked when it sent too often.
    pub rate: Rate,
    /// How often an app may call one API: 20 in a second in the standard edition.
    pub app_rate: Rate,
    /// The errcode of a robot that sent too often: 660026 (2026), 130101 (2020) or 410100
    /// (documented).
    pub throttle_code: i64,
    /// What a repeated `msgUuid` does.
    pub msg_uuid: MsgUuid,
    /// A robot's keywords are looked for in the titles of messages too; whether DingTalk does is not known.
    pub keywords_in_titles: bool,
    /// `chat/send` also takes the message's fields beside `chatid`, without `msg` around them, as older
    /// clients send them; whether DingTalk still does is not known.
    pub flat_chat: bool,
    /// How errcode 310000 is worded.
    pub wording: Wording,
    /// `"errcode":"0"` instead of `0`, as the documentation's example shows it.
    pub errcode_as_text: bool,
    /// `chat/send` wraps token errors in errcode 88, as `topapi` does.
    pub wrap_token_errors: bool,
    /// How long an app's token is valid: 7200 s (documented).
    pub token_life: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            any_token: false,
            max_body_bytes: 20_000,
            max_msg_param_bytes: 15_000,
            max_user_ids: 20,
            max_chat_bytes: 2_048,
            max_chat_chars: 5_000,
            rate: Rate::of(20, Duration::from_mins(1)).ban(Duration::from_mins(10)),
            app_rate: Rate::of(20, Duration::from_secs(1)),
            throttle_code: 660_026,
            msg_uuid: MsgUuid::Honoured,
            keywords_in_titles: false,
            flat_chat: false,
            wording: Wording::Newest,
            errcode_as_text: false,
            wrap_token_errors: false,
            token_life: Duration::from_hours(2),
        }
    }
}

impl Rules {
    /// The words that were seen with each throttle code.
    pub(crate) fn throttle_words(&self) -> String {
        match self.throttle_code {
            130_101 => format!("send too fast, exceed {} times per minute", self.rate.messages),
            410_100 => "发送速度太快而限流".to_owned(),
            _ => "sending too many messages per minute".to_owned(),
        }
    }
}
