//! An app and its robot, and `/v1.0/robot/groupMessages/send`.
//!
//! This API has no mentions and no idempotency key: what is sent twice is posted twice.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::content::{self, Content, Flaw};
use crate::rate::Meter;
use crate::record::{Endpoint, Mentions, Sender};
use crate::reply::{ApiRefusal, Reply};
use crate::request::Received;
use crate::robot::{Dislike, Objection};
use crate::rules::Rules;
use crate::state::{Draft, State};
use crate::token::{request_id, verify};

/// An app of an organisation, with its robot.
#[derive(Debug, Clone)]
pub struct App {
    /// The app key, also called client id.
    pub key: String,
    /// The app secret.
    pub secret: String,
    /// The robot's code; for current apps that is the key.
    pub robot_code: String,
    /// The `openConversationId`s of its groups; none: every id is one of its groups.
    pub groups: Vec<String>,
    /// The older `chatid`s of its groups; none: every id is one of its groups.
    pub chats: Vec<String>,
    /// The `chatid`s of groups whose owner is none of those whom it may see.
    pub unseen_chats: Vec<String>,
    /// Whether its robot is switched off: `bot.stopped`.
    pub stopped: bool,
    /// The permission that it lacks; sending is refused while there is one.
    pub lacks_scope: Option<String>,
    /// What the content audit refuses.
    pub objections: Vec<Objection>,
    /// How many calls are left this month; none: no limit.
    pub quota: Option<u64>,
}

impl App {
    /// An app whose robot code is its key and which is in every group.
    #[must_use]
    pub fn new(key: impl Into<String>, secret: impl Into<String>) -> Self {
        let key = key.into();
        Self {
            robot_code: key.clone(),
            key,
            secret: secret.into(),
            groups: Vec::new(),
            chats: Vec::new(),
            unseen_chats: Vec::new(),
            stopped: false,
            lacks_scope: None,
            objections: Vec::new(),
            quota: None,
        }
    }

    /// With a robot code of its own.
    #[must_use]
    pub fn robot_code(mut self, code: impl Into<String>) -> Self {
        self.robot_code = code.into();
        self
    }

    /// In the group with this `openConversationId`, and in no other than those given.
    #[must_use]
    pub fn group(mut self, open_conversation_id: impl Into<String>) -> Self {
        self.groups.push(open_conversation_id.into());
        self
    }

    /// In the group with this `chatid`, and in no other than those given.
    #[must_use]
    pub fn chat(mut self, chat_id: impl Into<String>) -> Self {
        self.chats.push(chat_id.into());
        self
    }
}

/// An app and what is remembered of it.
#[derive(Debug)]
pub(crate) struct AppState {
    pub(crate) app: App,
    pub(crate) token: Option<String>,
    /// The limit is per app and API (documented).
    meters: HashMap<Endpoint, Meter>,
}

impl AppState {
    pub(crate) fn new(app: App) -> Self {
        Self { app, token: None, meters: HashMap::new() }
    }

    /// Whether the app may call this API now; calls that are refused here count for nothing.
    pub(crate) fn admits(&mut self, endpoint: Endpoint, rules: &Rules, now: Duration) -> bool {
        let meter = self.meters.entry(endpoint).or_default();
        !meter.refuses(rules.app_rate, now) && meter.admits(rules.app_rate, now)
    }

    /// Takes one call from the month's quota, when there is one left.
    pub(crate) fn spend(&mut self) -> bool {
        match &mut self.app.quota {
            None => true,
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
        }
    }
}

/// Answers `/v1.0/robot/groupMessages/send`.
pub(crate) fn group_send(state: &mut State, call: &Received, now: Duration) -> Reply {
    match judge(state, call, now) {
        Ok((key, draft)) => {
            state.posts.push(draft.posted(Sender::App(key), now));
            let query_key = format!("pqk{:021}", state.number());
            Reply::api_ok(json!({"processQueryKey": query_key})).accepted(true)
        }
        Err(refusal) => Reply::api_refused(&refusal, &request_id(state)),
    }
}

fn judge(state: &mut State, call: &Received, now: Duration) -> Result<(String, Draft), ApiRefusal> {
    let rules = state.rules;
    let (key, app) = caller(state, call, now)?;
    Ok((key, read(&app.app, call, &rules)?))
}

/// The app that calls, with its key, once the gateway lets it pass.
pub(crate) fn caller<'s>(
    state: &'s mut State,
    call: &Received,
    now: Duration,
) -> Result<(String, &'s mut AppState), ApiRefusal> {
    let token = call.token_header.as_deref().ok_or_else(|| {
        let words = "缺少参数：x-acs-dingtalk-access-token";
        bad("AuthenticationFailed.MissingParameter", words)
    })?;
    let invalid = |_| bad("InvalidAuthentication", "不合法的access_token");
    let key = verify(state, token, now).map_err(invalid)?;
    let rules = state.rules;
    let app = state.apps.get_mut(&key).ok_or_else(|| invalid(crate::token::TokenFlaw::Invalid))?;
    pass_gateway(app, call.endpoint, &rules, now)?;
    Ok((key, app))
}

/// What DingTalk's gateway asks before the service behind it sees the call.
fn pass_gateway(
    app: &mut AppState,
    endpoint: Endpoint,
    rules: &Rules,
    now: Duration,
) -> Result<(), ApiRefusal> {
    if let Some(scope) = &app.app.lacks_scope {
        let code = "Forbidden.AccessDenied.AccessTokenPermissionDenied";
        let mut refusal = forbidden(code, "应用尚未开通所需的权限");
        refusal.scopes.push(scope.clone());
        return Err(refusal);
    }
    if !app.admits(endpoint, rules, now) {
        let code = "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi";
        return Err(forbidden(code, "应用调用该接口的QPS超过限制"));
    }
    if !app.spend() {
        let code = "Forbidden.AccessDenied.ApiCountLimitForOrg";
        return Err(forbidden(code, "企业的接口调用量已用完"));
    }
    Ok(())
}

fn read(app: &App, call: &Received, rules: &Rules) -> Result<Draft, ApiRefusal> {
    let need =
        |name, code| call.field(name).ok_or_else(|| bad(code, format!("错误描述:缺少参数 {name}")));
    let robot_code = need("robotCode", "invalidParameter.robotCode.empty")?;
    let group = need("openConversationId", "miss.openConversationId")?;
    let msg_key = need("msgKey", "invalidParameter.msgKey.empty")?;
    let msg_param = need("msgParam", "invalidParameter.msgParam.invalid")?;
    if robot_code != app.robot_code && !rules.any_token {
        return Err(bad("invalidParameter.robotCode.notExsit", "错误描述:robotCode 不存在"));
    }
    if app.stopped {
        return Err(bad("bot.stopped", "错误描述:机器人已停用"));
    }
    if !app.groups.is_empty() && !app.groups.iter().any(|known| known == group) {
        return Err(bad("invalid.openConversationId", "错误描述:openConversationId 无效"));
    }
    let content = read_param(msg_key, msg_param, rules)?;
    audit(app, &content)?;
    let mentions = Mentions::default();
    Ok(Draft { group: group.to_owned(), content, mentions, msg_uuid: None })
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

/// A refusal with HTTP 400.
pub(crate) fn bad(code: &'static str, words: impl Into<String>) -> ApiRefusal {
    ApiRefusal::new(400, code, words)
}

fn forbidden(code: &'static str, words: &str) -> ApiRefusal {
    ApiRefusal::new(403, code, words)
}
