//! An app of an organisation, and the gateway through which its calls of the current API pass.

use std::collections::HashMap;
use std::time::Duration;

use crate::rate::Meter;
use crate::record::Endpoint;
use crate::reply::ApiRefusal;
use crate::request::Received;
use crate::robot::Objection;
use crate::rules::Rules;
use crate::state::State;
use crate::token::verify;

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
    /// The user ids of those whom its robot can write to; none: every id is one of them.
    pub users: Vec<String>,
    /// Those of them who were written to so much that a further message does not reach them.
    pub flow_controlled_users: Vec<String>,
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
            users: Vec::new(),
            flow_controlled_users: Vec::new(),
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

    /// Whose robot can write to this user, and to no other than those given.
    #[must_use]
    pub fn user(mut self, user_id: impl Into<String>) -> Self {
        self.users.push(user_id.into());
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

/// A refusal with HTTP 400.
pub(crate) fn bad(code: &'static str, words: impl Into<String>) -> ApiRefusal {
    ApiRefusal::new(400, code, words)
}

fn forbidden(code: &'static str, words: &str) -> ApiRefusal {
    ApiRefusal::new(403, code, words)
}
