//! Reasons in words, for people: DingTalk's code and words, what they mean, and what to do.
//!
//! Ours are English beside DingTalk's, which are mostly Chinese.

use std::fmt::Write;

use super::{Gap, Refusal, Said, SendError, Window};

/// From this difference on a signature's refusal may come from the clock: DingTalk allows an hour
/// (`customize-robot-security-settings`); the rest is for the way.
const NOTABLE_SKEW: i64 = 60;

const TOO_LONG: &str = "the message is longer than DingTalk takes (20,000 bytes for a chatbot, \
    15,000 for a conversation); it has to be cut smaller";

const CLOCK: &str = "the signature's time is more than an hour off; set this machine's clock (NTP)";

const TOKEN: &str = "the app's token was refused, and so was a fresh one; check that app_key, \
    app_secret and robot_code are of one app and that it is published";

/// The whole reason.
pub(super) fn reason(error: &SendError) -> String {
    let maybe = if error.uncertain() { "; the message may have arrived" } else { "" };
    describe(error) + maybe
}

/// The reason, whatever it was that was sent.
fn describe(error: &SendError) -> String {
    match error {
        SendError::NotSent(text) => format!(
            "no connection to DingTalk ({text}); check this machine's DNS, proxy, firewall and \
             certificates"
        ),
        SendError::Timeout => "no answer from DingTalk in time".into(),
        SendError::Broken(text) => {
            format!("the connection broke before DingTalk's answer was whole ({text})")
        }
        SendError::NoErrcode { gap, said, .. } => quote(said) + gap_words(*gap),
        SendError::Busy(said) => quote(said) + "DingTalk is busy; try again a little later",
        SendError::Throttled { window, said, .. } => quote(said) + throttle_words(*window),
        SendError::TooLong(said) => quote(said) + TOO_LONG,
        SendError::Clock(said) => quote(said) + CLOCK + &skew_words(said),
        SendError::Token(said) => quote(said) + TOKEN,
        SendError::Refused { refusal, said } => {
            let skew = if *refusal == Refusal::Sign { skew_words(said) } else { String::new() };
            format!("{}{}; {}{skew}", quote(said), meaning(*refusal), remedy(*refusal))
        }
        SendError::Unknown(said) => {
            quote(said) + "no list has this code; look it up at open.dingtalk.com"
        }
        SendError::NoToken(cause) => {
            format!("the app's token could not be fetched: {}", describe(cause))
        }
    }
}

/// `DingTalk said 310000 "…": `, or what there is of it.
fn quote(said: &Said) -> String {
    let mut words = String::new();
    // Writing to a string cannot fail.
    let _ = match (said.status, said.code.as_str()) {
        (0, "") => return words,
        (200, "") => write!(words, "DingTalk answered"),
        (status, "") => write!(words, "DingTalk answered HTTP {status}"),
        (0 | 200, code) => write!(words, "DingTalk said {code}"),
        (status, code) => write!(words, "DingTalk said {code} (HTTP {status})"),
    };
    if !said.text.is_empty() {
        let _ = write!(words, " \"{}\"", said.text);
    }
    words + ": "
}

fn gap_words(gap: Gap) -> &'static str {
    match gap {
        Gap::Redirect => {
            "this is a redirect, which is not followed; check the URL, and whether a proxy asks \
             for a login"
        }
        Gap::Banned => {
            "DingTalk blocks this network address because too many calls came from it (10,000 in \
             20 s); it lifts that by itself after some minutes"
        }
        Gap::Failed => "DingTalk, or a proxy before it, failed; try again a little later",
        Gap::NotJson => {
            "this is no answer of DingTalk's API but that of something on the way, or it was cut \
             off; check the proxy and the URL"
        }
        Gap::NoCode => "this says neither yes nor no; check the proxy and the URL",
    }
}

fn throttle_words(window: Window) -> &'static str {
    match window {
        Window::Minute => {
            "too many messages (a robot may send 20 in a minute, from all its senders together); \
             DingTalk may block it for up to ten minutes"
        }
        Window::Second => {
            "too many calls in one second by this app (20 for each API in the standard edition)"
        }
    }
}

fn meaning(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Keyword => "none of the robot's keywords stands in the message",
        Refusal::Content => "DingTalk's audit refuses a text or picture in this message",
        Refusal::Link => "DingTalk calls a link in this message unsafe",
        Refusal::Parameter => "DingTalk does not take this message, or misses something in it",
        Refusal::MentionAll => "only the group's administrators may mention everyone",
        Refusal::Sign => "the signature does not fit the robot",
        Refusal::Address => "this machine's public address is not on the allow-list",
        Refusal::UnknownToken => "no robot has this access token",
        Refusal::Stopped => "the robot is switched off, or may not speak in this group",
        Refusal::Removed => "the robot is no longer in the group, or the group was dissolved",
        Refusal::Permission => "the app lacks a permission, or is of another organisation",
        Refusal::Quota => "this month's calls, or an administrator's limit, are used up",
        Refusal::Credentials => "the app's key or secret is wrong",
        Refusal::RobotCode => "the robot's code is wrong, or the robot is not that of this app",
        Refusal::Conversation => "the conversation's id is wrong, or its group is not the app's",
        Refusal::Url => "DingTalk has nothing at this URL",
    }
}

fn remedy(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Keyword => {
            "add one under this chatbot's keywords, written as in the robot's security settings"
        }
        Refusal::Content => "change the alert's labels and annotations, or the template",
        Refusal::Link => "change the link in the alert's annotations, or the template",
        Refusal::Parameter => "change the template; if there is none, please report it",
        Refusal::MentionAll => "set mention.all to false, or allow it in the group's settings",
        Refusal::Sign => {
            "copy secret (it begins with SEC) again from the robot's security settings"
        }
        Refusal::Address => {
            "add the address that DingTalk names to the security settings of the robot or the app"
        }
        Refusal::UnknownToken => {
            "the robot was removed, its webhook was reset, or the token was not copied whole: copy \
             the webhook again"
        }
        Refusal::Stopped => "switch it on in the group's settings",
        Refusal::Removed => "add the robot to the group again and use its new webhook",
        Refusal::Permission => {
            "grant it in DingTalk's developer console (groupMessages/send needs \
             qyapi_robot_sendmsg) and publish the app"
        }
        Refusal::Quota => "buy more, or raise the limit in DingTalk's administration",
        Refusal::Credentials => {
            "copy app_key and app_secret (Client ID and Client Secret) again from DingTalk's \
             developer console"
        }
        Refusal::RobotCode => "leave robot_code out to use the app's key",
        Refusal::Conversation => "copy open_conversation_ids again, and add the robot to the group",
        Refusal::Url => "check webhook_url, or dingtalk.oapi_url and dingtalk.api_url",
    }
}

/// How far this machine's clock is from DingTalk's, where that can matter.
fn skew_words(said: &Said) -> String {
    match said.clock_ahead {
        Some(ahead) if ahead >= NOTABLE_SKEW => {
            format!("; this machine's clock is {ahead} s ahead of DingTalk's")
        }
        Some(ahead) if ahead <= -NOTABLE_SKEW => {
            format!("; this machine's clock is {} s behind DingTalk's", ahead.unsigned_abs())
        }
        Some(_) | None => String::new(),
    }
}
