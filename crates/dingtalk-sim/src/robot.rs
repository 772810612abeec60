//! `/robot/send`: a custom robot takes a message by webhook.
//!
//! The order of the checks on the real server is not known, except that throttling can come before
//! everything else; here a ban comes right after the token. The answer is always HTTP 200.

use std::collections::HashSet;
use std::time::Duration;

use axum::http::Method;
use serde_json::Value;

use crate::content::{self, Flaw};
use crate::rate::{Meter, Rate};
use crate::record::Sender;
use crate::reply::{Refusal, Reply};
use crate::request::{Received, text_in};
use crate::rules::{MsgUuid, Rules, Wording};
use crate::security;
use crate::state::{Draft, State};

/// Whether a robot, or its group, is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It takes messages.
    Working,
    /// Switched off: errcode 400102.
    Stopped,
    /// Deleted, or its webhook was reset: errcode 300005.
    Removed,
    /// Taken out of the group: errcode 400106.
    NotInGroup,
    /// The group is gone: errcode 400013.
    GroupDissolved,
}

/// What the content audit dislikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dislike {
    /// An unsafe link: errcode 430101.
    Link,
    /// Unsuitable text: errcode 430102.
    Text,
    /// An unsuitable picture: errcode 430103.
    Picture,
    /// Unsuitable content: errcode 430104.
    Content,
}

/// Messages that contain a text are refused by the content audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// The text; empty: every message.
    pub containing: String,
    /// How it is refused.
    pub dislike: Dislike,
}

impl Objection {
    /// The first of the objections that a text meets.
    pub(crate) fn met(objections: &[Self], text: &str) -> Option<Dislike> {
        let met = |objection: &&Self| text.contains(&objection.containing);
        objections.iter().find(met).map(|objection| objection.dislike)
    }
}

/// A custom robot of one group.
#[derive(Debug, Clone)]
pub struct Robot {
    /// The webhook's access token.
    pub token: String,
    /// The group it posts to.
    pub group: String,
    /// Calls must be signed with this, when it is there.
    pub secret: Option<String>,
    /// A message must contain one of these, when there are any.
    pub keywords: Vec<String>,
    /// Calls must come from one of these IPv4 addresses or networks, when there are any.
    pub addresses: Vec<String>,
    /// Whether it takes messages.
    pub presence: Presence,
    /// What the content audit refuses.
    pub objections: Vec<Objection>,
    /// How many messages are left this month, then errcode 90030; none: no limit.
    pub quota: Option<u64>,
    /// Its own rate in place of that of the rules.
    pub rate: Option<Rate>,
}

impl Robot {
    /// A robot without security settings, whose group is named after its token.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        let token = token.into();
        Self {
            group: format!("group of {}", crate::reader::masked(&token)),
            token,
            secret: None,
            keywords: Vec::new(),
            addresses: Vec::new(),
            presence: Presence::Working,
            objections: Vec::new(),
            quota: None,
            rate: None,
        }
    }

    /// Posts to the group of this name.
    #[must_use]
    pub fn group(mut self, name: impl Into<String>) -> Self {
        self.group = name.into();
        self
    }

    /// Wants its calls signed.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = Some(secret.into());
        self
    }

    /// Wants this keyword, or another one that was given, in each message.
    #[must_use]
    pub fn keyword(mut self, keyword: impl Into<String>) -> Self {
        self.keywords.push(keyword.into());
        self
    }

    /// Takes calls from this address or network, or another one that was given.
    #[must_use]
    pub fn address(mut self, address: impl Into<String>) -> Self {
        self.addresses.push(address.into());
        self
    }

    fn check_presence(&self) -> Result<(), Refusal> {
        let (code, words) = match self.presence {
            Presence::Working => return Ok(()),
            Presence::Stopped => (400_102, "机器人已停用"),
            Presence::Removed => return Err(unknown_token()),
            Presence::NotInGroup => (400_106, "机器人不存在"),
            Presence::GroupDissolved => (400_013, "群已被解散"),
        };
        Err(Refusal::new(code, words))
    }

    fn check_content(&self, searched: &str) -> Result<(), Refusal> {
        let (code, words) = match Objection::met(&self.objections, searched) {
            None => return Ok(()),
            Some(Dislike::Link) => (430_101, "含有不安全的外链"),
            Some(Dislike::Text) => (430_102, "含有不合适的文本"),
            Some(Dislike::Picture) => (430_103, "含有不合适的图片"),
            Some(Dislike::Content) => (430_104, "含有不合适的内容"),
        };
        Err(Refusal::new(code, words))
    }
}

/// A robot and what it remembers.
#[derive(Debug)]
pub(crate) struct RobotState {
    pub(crate) robot: Robot,
    meter: Meter,
    ids: HashSet<String>,
}

impl RobotState {
    pub(crate) fn new(robot: Robot) -> Self {
        Self { robot, meter: Meter::default(), ids: HashSet::new() }
    }
}

/// Answers one call, and posts its message when nothing is against it.
pub(crate) fn send(state: &mut State, call: &Received, now: Duration) -> Reply {
    match judge(state, call, now) {
        Ok((token, draft)) => {
            let posted = draft.map(|draft| draft.posted(Sender::Robot(token), now));
            let reply = Reply::ok(&state.rules, &[]).accepted(posted.is_some());
            state.posts.extend(posted);
            reply
        }
        Err(refusal) => {
            remember_refused(state, call);
            Reply::refused(&state.rules, &refusal)
        }
    }
}

/// Keeps the id of a refused call, where the rules say so.
pub(crate) fn remember_refused(state: &mut State, call: &Received) {
    if state.rules.msg_uuid != MsgUuid::RefusedToo {
        return;
    }
    let robot = call.parameter("access_token").and_then(|token| state.robots.get_mut(token));
    if let (Some(robot), Some(id)) = (robot, call.field("msgUuid")) {
        robot.ids.insert(id.to_owned());
    }
}

/// The robot's token, and its message unless that was posted before.
fn judge(
    state: &mut State,
    call: &Received,
    now: Duration,
) -> Result<(String, Option<Draft>), Refusal> {
    if call.method != Method::POST {
        return Err(Refusal::new(43_002, "需要POST请求"));
    }
    let token = call.parameter("access_token").ok_or_else(|| missing("access_token"))?;
    let rules = state.rules;
    let RobotState { robot, meter, ids } = state.robot(token).ok_or_else(unknown_token)?;
    robot.check_presence()?;
    let rate = robot.rate.unwrap_or(rules.rate);
    if meter.refuses(rate, now) {
        return Err(throttled(&rules));
    }
    let draft = read(robot, call, &rules, now)?;
    if !meter.admits(rate, now) {
        return Err(throttled(&rules));
    }
    let honoured = draft.msg_uuid.as_ref().filter(|_| rules.msg_uuid != MsgUuid::Ignored);
    if let Some(id) = honoured
        && !ids.insert(id.clone())
    {
        return Ok((token.to_owned(), None));
    }
    robot.quota = robot.quota.map(|left| left.saturating_sub(1));
    Ok((token.to_owned(), Some(draft)))
}

/// The message, when body, security settings, audit and quota have nothing against it.
fn read(robot: &Robot, call: &Received, rules: &Rules, now: Duration) -> Result<Draft, Refusal> {
    let body = read_body(call, rules)?;
    let content = content::of_webhook(body).map_err(in_words)?;
    let at = body.get("at").filter(|at| !at.is_null());
    check_at(at)?;
    let checked = security::check(robot, call, &content, rules, now);
    checked.map_err(|breach| breach.refusal(rules.wording))?;
    robot.check_content(&content.searched())?;
    if robot.quota == Some(0) {
        return Err(Refusal::new(90_030, "webhook over limit"));
    }
    Ok(Draft {
        group: robot.group.clone(),
        mentions: content.mentions(at),
        content,
        msg_uuid: text_in(body, "msgUuid").map(str::to_owned),
    })
}

fn read_body<'a>(call: &'a Received, rules: &Rules) -> Result<&'a Value, Refusal> {
    // Only a type that says something else is refused; whether an absent one is, is not known.
    let json = |kind: &String| kind.to_ascii_lowercase().contains("json");
    if !call.content_type.as_ref().is_none_or(json) {
        return Err(Refusal::new(43_004, "无效的HTTP HEADER Content-Type"));
    }
    let limit = rules.max_body_bytes;
    if call.body_bytes > limit {
        let words = match rules.wording {
            Wording::First => format!("message too long, exceed {limit} bytes"),
            Wording::Second | Wording::Newest => {
                format!("description: body 大小不合法;solution:请保持大小在 {limit}bytes 以内;")
            }
        };
        return Err(Refusal::new(460_101, words));
    }
    call.object().ok_or_else(|| missing("json"))
}

/// The lists of `at` must be lists; that something else is an error was seen, its code was not.
fn check_at(at: Option<&Value>) -> Result<(), Refusal> {
    for name in ["atMobiles", "atUserIds"] {
        if at.and_then(|at| at.get(name)).is_some_and(|list| !list.is_array() && !list.is_null()) {
            return Err(Refusal::new(40_035, format!("不合法的参数 at.{name}")));
        }
    }
    Ok(())
}

fn in_words(flaw: Flaw) -> Refusal {
    match flaw {
        Flaw::Type(name) => {
            let words = format!("错误描述: 不支持类型 msgType:{name} ;解决方案:请使用支持的类型;");
            Refusal::new(400_105, words)
        }
        Flaw::Missing(field) => missing(&field),
    }
}

fn missing(parameter: &str) -> Refusal {
    Refusal::new(40_035, format!("缺少参数 {parameter}"))
}

fn unknown_token() -> Refusal {
    Refusal::new(300_005, "token is not exist")
}

fn throttled(rules: &Rules) -> Refusal {
    Refusal::new(rules.throttle_code, rules.throttle_words())
}
