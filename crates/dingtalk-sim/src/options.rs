//! The command line of `dingtalk-sim`.

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Parser, value_parser};
use dingtalk_sim::{App, Endpoint, Fault, MsgUuid, Rate, Robot, Rules, SimSettings, Trouble};

/// A simulated DingTalk that prints each message as a reader of the group sees it.
#[derive(Debug, Clone, Parser)]
#[command(version)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Options {
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1:8070")]
    listen: SocketAddr,
    /// A robot: `TOKEN[,group=NAME][,secret=SECRET][,keyword=WORD][,address=IPV4[/BITS]]`.
    #[arg(long = "robot", value_name = "ROBOT", value_parser = parse_robot)]
    robots: Vec<Robot>,
    /// An app: `KEY,SECRET[,robot_code=CODE][,group=OPEN_CONVERSATION_ID][,user=USER_ID][,chat=CHAT_ID]`.
    #[arg(long = "app", value_name = "APP", value_parser = parse_app)]
    apps: Vec<App>,
    /// Accept every robot token and every app key.
    #[arg(long)]
    pub(crate) any: bool,
    /// How many messages of a robot are accepted in which time.
    #[arg(long, value_name = "MESSAGES/TIME", default_value = "20/60s", value_parser = parse_rate)]
    rate: Rate,
    /// How long a robot that sent more is refused.
    #[arg(long, value_name = "TIME", default_value = "600s", value_parser = parse_duration)]
    ban: Duration,
    /// How many calls of an app to one API are accepted in which time.
    #[arg(long, value_name = "CALLS/TIME", default_value = "20/1s", value_parser = parse_rate)]
    app_rate: Rate,
    /// The errcode of that refusal: 660026, 130101 or 410100.
    #[arg(long, value_name = "CODE", default_value_t = Rules::default().throttle_code)]
    throttle_code: i64,
    /// What a `msgUuid` that was seen does: `honoured`, `refused-too` (of refused calls as well), or
    /// `ignored`, and the message is posted again.
    #[arg(long, value_name = "RULE", default_value = "honoured", value_parser = parse_msg_uuid)]
    msg_uuid: MsgUuid,
    /// Look for a robot's keywords in the titles of messages too; whether DingTalk does is not known.
    #[arg(long)]
    keywords_in_titles: bool,
    /// Let `chat/send` take a message that stands beside `chatid`, without `msg` around it, too; whether
    /// DingTalk does is not known.
    #[arg(long)]
    flat_chat: bool,
    /// Wrap what `chat/send` says of a token in errcode 88; whether DingTalk does is not known.
    #[arg(long)]
    wrap_token_errors: bool,
    /// Answer the first of each N calls with a message by HTTP 500, and do not handle it.
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    fail_every: Option<u64>,
    /// Print each message as one line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print each call as a line of JSON too, with its path and answer; needs --json.
    #[arg(long, requires = "json")]
    pub(crate) calls: bool,
    /// Take orders on standard input, one a line: `fail TROUBLE[=VALUE] [robot=TOKEN|app=KEY|api=NAME]
    /// [after] [times=N|lasting] [share=PERCENT,SEED]`, `heal`, `revoke KEY`, `object TOKEN TEXT`,
    /// `agree TOKEN`; each is answered by a line of JSON; needs --json.
    #[arg(long, requires = "json")]
    pub(crate) orders: bool,
}

impl Options {
    pub(crate) fn settings(&self) -> SimSettings {
        let rules = Rules {
            any_token: self.any,
            rate: self.rate.ban(self.ban),
            app_rate: self.app_rate,
            throttle_code: self.throttle_code,
            msg_uuid: self.msg_uuid,
            keywords_in_titles: self.keywords_in_titles,
            flat_chat: self.flat_chat,
            wrap_token_errors: self.wrap_token_errors,
            ..Rules::default()
        };
        SimSettings { listen: self.listen, rules, ..SimSettings::default() }
    }

    pub(crate) fn robots(&self) -> impl Iterator<Item = Robot> {
        self.robots.iter().cloned()
    }

    /// The faults that are ordered, each for an API that takes messages.
    pub(crate) fn faults(&self) -> impl Iterator<Item = (Endpoint, Fault)> {
        let fault = |every| Fault::once(Trouble::Status(500)).lasting().every(every);
        let endpoints = [Endpoint::RobotSend, Endpoint::GroupSend, Endpoint::ChatSend];
        self.fail_every.into_iter().flat_map(move |every| {
            endpoints.into_iter().map(move |endpoint| (endpoint, fault(every)))
        })
    }

    pub(crate) fn apps(&self) -> impl Iterator<Item = App> {
        self.apps.iter().cloned()
    }
}

fn parse_robot(text: &str) -> Result<Robot, String> {
    let (token, settings) = text.split_once(',').unwrap_or((text, ""));
    if token.is_empty() {
        return Err("the token is missing".to_owned());
    }
    let mut robot = Robot::new(token);
    for setting in settings.split(',').filter(|setting| !setting.is_empty()) {
        robot = match pair(setting)? {
            ("group", name) => robot.group(name),
            ("secret", secret) => robot.secret(secret),
            ("keyword", keyword) => robot.keyword(keyword),
            ("address", address) => robot.address(address),
            (name, _) => {
                return Err(format!("`{name}` is none of group, secret, keyword, address"));
            }
        };
    }
    Ok(robot)
}

fn parse_app(text: &str) -> Result<App, String> {
    let mut parts = text.split(',');
    let (Some(key), Some(secret)) = (parts.next(), parts.next()) else {
        return Err("an app is KEY,SECRET".to_owned());
    };
    let mut app = App::new(key, secret);
    for setting in parts {
        app = match pair(setting)? {
            ("robot_code", code) => app.robot_code(code),
            ("group", id) => app.group(id),
            ("user", id) => app.user(id),
            ("chat", id) => app.chat(id),
            (name, _) => return Err(format!("`{name}` is none of robot_code, group, user, chat")),
        };
    }
    Ok(app)
}

fn pair(setting: &str) -> Result<(&str, &str), String> {
    // Only the name is told: the value may be a secret.
    setting.split_once('=').ok_or_else(|| "a setting is NAME=VALUE".to_owned())
}

fn parse_rate(text: &str) -> Result<Rate, String> {
    let (messages, per) = text.split_once('/').ok_or("a rate is MESSAGES/TIME, as 20/60s")?;
    let messages = messages.parse().map_err(|error| format!("`{messages}`: {error}"))?;
    let per = parse_duration(per)?;
    if messages == 0 || per.is_zero() {
        return Err("neither part of a rate can be zero".to_owned());
    }
    Ok(Rate::of(messages, per))
}

fn parse_msg_uuid(text: &str) -> Result<MsgUuid, String> {
    match text {
        "honoured" => Ok(MsgUuid::Honoured),
        "refused-too" => Ok(MsgUuid::RefusedToo),
        "ignored" => Ok(MsgUuid::Ignored),
        _ => Err("it is none of honoured, refused-too, ignored".to_owned()),
    }
}

pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|unit: char| unit.is_ascii_alphabetic());
    let milliseconds = match &text[digits.len()..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        unit => return Err(format!("`{unit}` is none of ms, s, m, h")),
    };
    let number: u64 = digits.parse().map_err(|error| format!("`{digits}`: {error}"))?;
    let milliseconds = number.checked_mul(milliseconds).ok_or("the time is too long")?;
    Ok(Duration::from_millis(milliseconds))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Options::command().debug_assert();
    }

    #[test]
    fn a_flag_that_needs_another_says_so() {
        let needy = ["calls", "orders"];
        for flag in Options::command().get_arguments() {
            let help = flag.get_help().map(ToString::to_string).unwrap_or_default();
            let name = flag.get_id().as_str();
            assert_eq!(help.ends_with("; needs --json"), needy.contains(&name), "{name}: {help}");
        }
        for flag in ["--calls", "--orders"] {
            assert!(Options::try_parse_from(["dingtalk-sim", flag]).is_err(), "{flag}");
            assert!(Options::try_parse_from(["dingtalk-sim", "--json", flag]).is_ok(), "{flag}");
        }
    }

    #[test]
    fn robots_and_apps_are_read_with_their_settings() {
        let robot = parse_robot("token,secret=SEC1,keyword=a,keyword=b,group=ops").unwrap();
        assert_eq!((robot.token.as_str(), robot.group.as_str()), ("token", "ops"));
        assert_eq!(robot.secret.as_deref(), Some("SEC1"));
        assert_eq!(robot.keywords, ["a", "b"]);
        let app = parse_app("key,secret,robot_code=code,group=cid1==,user=u1").unwrap();
        assert_eq!(app.users, ["u1"]);
        assert_eq!((app.robot_code.as_str(), app.secret.as_str()), ("code", "secret"));
        assert_eq!(app.groups, ["cid1=="]);
        for wrong in ["", ",secret=a", "token,colour=red", "token,secret"] {
            assert!(parse_robot(wrong).is_err(), "{wrong}");
        }
        assert!(parse_app("key").is_err());
    }

    #[test]
    fn what_is_not_known_is_strict_unless_a_flag_says_otherwise() {
        let chosen = |flags: &[&str]| {
            let options = Options::parse_from(std::iter::once(&"dingtalk-sim").chain(flags));
            let rules = options.settings().rules;
            [rules.keywords_in_titles, rules.flat_chat, rules.wrap_token_errors]
        };
        assert_eq!(chosen(&[]), [false; 3]);
        assert_eq!(chosen(&["--keywords-in-titles"]), [true, false, false]);
        assert_eq!(chosen(&["--flat-chat"]), [false, true, false]);
        assert_eq!(chosen(&["--wrap-token-errors"]), [false, false, true]);
    }

    #[test]
    fn a_refused_setting_does_not_show_its_value() {
        let error = parse_robot("token,secrt=SECRET").unwrap_err();
        assert!(!error.contains("SECRET"), "{error}");
    }

    #[test]
    fn rates_and_times_have_a_unit() {
        assert_eq!(parse_rate("20/60s"), Ok(Rate::of(20, Duration::from_mins(1))));
        assert_eq!(parse_duration("10m"), Ok(Duration::from_mins(10)));
        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
        for wrong in ["20", "0/60s", "20/0s", "20/60", "x/60s", "20/s"] {
            assert!(parse_rate(wrong).is_err(), "{wrong}");
        }
    }
}
