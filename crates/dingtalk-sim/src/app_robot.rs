//! The messages of an app's robot: `/v1.0/robot/groupMessages/send` to a group, and
//! `/v1.0/robot/oToMessages/batchSend` to each of some people.
//!
//! These calls have no mentions and no idempotency key: what is sent twice is posted twice.

use std::time::Duration;

use serde_json::{Value, json};

use crate::app::{App, bad, caller};
use crate::content::{self, Content, Flaw};
use crate::recall::{Audience, Sent};
use crate::record::{Mentions, Sender};
use crate::reply::{ApiRefusal, Reply};
use crate::request::Received;
use crate::robot::{Dislike, Objection};
use crate::rules::Rules;
use crate::state::{Draft, State};
use crate::token::request_id;

/// A message and whom it reaches.
struct Batch {
    reached: Vec<String>,
    invalid: Vec<String>,
    flow_controlled: Vec<String>,
    content: Content,
}

/// Answers `/v1.0/robot/groupMessages/send`.
pub(crate) fn group_send(state: &mut State, call: &Received, now: Duration) -> Reply {
    match to_group(state, call, now) {
        Ok((app, group, content)) => {
            let audience = Audience::Group(group.clone());
            let query_key = post(state, &app, audience, &[group], &content, now);
            Reply::api_ok(json!({"processQueryKey": query_key})).accepted(true)
        }
        Err(refusal) => Reply::api_refused(&refusal, &request_id(state)),
    }
}

/// Answers `/v1.0/robot/oToMessages/batchSend`: with success also where the message reached nobody.
pub(crate) fn people_send(state: &mut State, call: &Received, now: Duration) -> Reply {
    match to_people(state, call, now) {
        Ok((app, Batch { reached, invalid, flow_controlled, content })) => {
            let query_key = post(state, &app, Audience::People, &reached, &content, now);
            let answer = json!({
                "processQueryKey": query_key,
                "invalidStaffIdList": invalid,
                "flowControlledStaffIdList": flow_controlled,
            });
            Reply::api_ok(answer).accepted(!reached.is_empty())
        }
        Err(refusal) => Reply::api_refused(&refusal, &request_id(state)),
    }
}

/// Shows a message at each place, and gives the key by which it can be recalled.
fn post(
    state: &mut State,
    app: &str,
    audience: Audience,
    places: &[String],
    content: &Content,
    now: Duration,
) -> String {
    let query_key = format!("pqk{:021}", state.number());
    for place in places {
        let mentions = Mentions::default();
        let (group, content) = (place.clone(), content.clone());
        let draft = Draft { group, content, mentions, msg_uuid: None };
        let mut post = draft.posted(Sender::App(app.to_owned()), now);
        post.query_key = Some(query_key.clone());
        state.posts.push(post);
    }
    let sent = Sent { app: app.to_owned(), audience, at: now, recalled: false };
    state.sent.insert(query_key.clone(), sent);
    query_key
}

fn to_group(
    state: &mut State,
    call: &Received,
    now: Duration,
) -> Result<(String, String, Content), ApiRefusal> {
    let rules = state.rules;
    let (key, app) = caller(state, call, now)?;
    let group = need(call, "openConversationId", "miss.openConversationId")?;
    check_group(&app.app, group)?;
    Ok((key, group.to_owned(), read(&app.app, call, &rules)?))
}

fn to_people(
    state: &mut State,
    call: &Received,
    now: Duration,
) -> Result<(String, Batch), ApiRefusal> {
    let rules = state.rules;
    let (key, app) = caller(state, call, now)?;
    let app = &app.app;
    let users = users(call, &rules)?;
    let content = read(app, call, &rules)?;
    let known = |user: &&str| app.users.is_empty() || app.users.iter().any(|known| known == user);
    let controlled = |user: &&str| app.flow_controlled_users.iter().any(|known| known == user);
    let (valid, invalid): (Vec<&str>, Vec<&str>) = users.into_iter().partition(known);
    let (flow_controlled, reached): (Vec<&str>, Vec<&str>) =
        valid.into_iter().partition(controlled);
    let owned = |users: Vec<&str>| users.into_iter().map(str::to_owned).collect();
    let (invalid, flow_controlled) = (owned(invalid), owned(flow_controlled));
    Ok((key, Batch { reached: owned(reached), invalid, flow_controlled, content }))
}

fn users<'a>(call: &'a Received, rules: &Rules) -> Result<Vec<&'a str>, ApiRefusal> {
    let no_list = || bad("invalidParameter.param.invalid", "错误描述:userIds 不是字符串列表");
    let users = call.list("userIds").ok_or_else(no_list)?;
    if users.is_empty() {
        return Err(bad("invalidParameter.userIds.empty", "错误描述:userIds 为空"));
    }
    if users.len() > rules.max_user_ids {
        return Err(bad("invalidParameter.userIds.overMax", "错误描述:userIds 超过最大限制"));
    }
    Ok(users)
}

/// Whether the robot is in the group.
pub(crate) fn check_group(app: &App, group: &str) -> Result<(), ApiRefusal> {
    if app.groups.is_empty() || app.groups.iter().any(|known| known == group) {
        return Ok(());
    }
    Err(bad("invalid.openConversationId", "错误描述:openConversationId 无效"))
}

/// Whether the code is that of the app's robot, which works.
pub(crate) fn check_robot(app: &App, robot_code: &str, rules: &Rules) -> Result<(), ApiRefusal> {
    if robot_code != app.robot_code && !rules.any_token {
        return Err(bad("invalidParameter.robotCode.notExsit", "错误描述:robotCode 不存在"));
    }
    if app.stopped {
        return Err(bad("bot.stopped", "错误描述:机器人已停用"));
    }
    Ok(())
}

/// A string that the body must have, or the code for its absence.
pub(crate) fn need<'a>(
    call: &'a Received,
    name: &str,
    code: &'static str,
) -> Result<&'a str, ApiRefusal> {
    call.field(name).ok_or_else(|| bad(code, format!("错误描述:缺少参数 {name}")))
}

fn read(app: &App, call: &Received, rules: &Rules) -> Result<Content, ApiRefusal> {
    let robot_code = need(call, "robotCode", "invalidParameter.robotCode.empty")?;
    let msg_key = need(call, "msgKey", "invalidParameter.msgKey.empty")?;
    let msg_param = need(call, "msgParam", "invalidParameter.msgParam.invalid")?;
    check_robot(app, robot_code, rules)?;
    let content = read_param(msg_key, msg_param, rules)?;
    audit(app, &content)?;
    Ok(content)
}

fn read_param(msg_key: &str, msg_param: &str, rules: &Rules) -> Result<Content, ApiRefusal> {
    if msg_param.len() > rules.max_msg_param_bytes {
        return Err(bad("invalidParameter.msgParam.tooLong", "错误描述:msgParam 过长"));
    }
    let invalid =
        |what: &str| bad("invalidParameter.msgParam.invalid", format!("错误描述:msgParam {what}"));
    let param = serde_json::from_str(msg_param).ok().filter(Value::is_object);
    let param = param.ok_or_else(|| invalid("不是 JSON"))?;
    content::of_msg_key(msg_key, &param).map_err(|flaw| match flaw {
        Flaw::Type(_) => bad("invalidParameter.msgKey.invalid", "错误描述:msgKey 无效"),
        Flaw::Missing(field) => invalid(&format!("缺少 {field}")),
    })
}

fn audit(app: &App, content: &Content) -> Result<(), ApiRefusal> {
    let code = match Objection::met(&app.objections, &content.searched()) {
        None => return Ok(()),
        Some(Dislike::Link) => "contain.unsafe.url",
        Some(Dislike::Text) => "contain.notAllowed.text",
        Some(Dislike::Picture) => "contain.notAllowed.picture",
        Some(Dislike::Content) => "contain.notAllowed.content",
    };
    Err(bad(code, "错误描述:消息内容不合适"))
}
