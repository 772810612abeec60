//! `/v1.0/robot/groupMessages/recall` and `/v1.0/robot/otoMessages/batchRecall`: take messages back, by
//! the keys with which they were answered.
//!
//! A call succeeds also where no message could be taken back; each has its outcome in the answer. A message
//! that is taken back vanishes without a word.

use std::time::Duration;

use serde_json::{Map, json};

use crate::app::{bad, caller};
use crate::app_robot::{check_group, check_robot, need};
use crate::record::Endpoint;
use crate::reply::{ApiRefusal, Reply};
use crate::request::Received;
use crate::state::State;
use crate::token::request_id;

/// How many messages one call takes back (DingTalk, both pages).
const MAX_KEYS: usize = 20;
/// How long a message to people can be taken back (DingTalk, `batch-message-recall-chat`).
const PEOPLES_TERM: Duration = Duration::from_hours(24);

/// To whom a message was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Audience {
    /// The group with this `openConversationId`.
    Group(String),
    People,
}

/// A message of an app's robot.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) app: String,
    pub(crate) audience: Audience,
    pub(crate) at: Duration,
    pub(crate) recalled: bool,
}

impl Sent {
    /// Takes the message back, or says by a code why it stays.
    fn recall(
        &mut self,
        app: &str,
        audience: &Audience,
        now: Duration,
    ) -> Result<(), &'static str> {
        if self.app != app {
            return Err("not.allowed.robotCode");
        }
        // Whether one that is gone is told as a success is not known.
        if self.audience != *audience || self.recalled {
            return Err("invalid.processQueryKey");
        }
        if self.audience == Audience::People && now.saturating_sub(self.at) > PEOPLES_TERM {
            return Err("robot.processQueryKey.expired");
        }
        self.recalled = true;
        Ok(())
    }
}

/// Answers either call.
pub(crate) fn recall(state: &mut State, call: &Received, now: Duration) -> Reply {
    match judge(state, call, now) {
        Ok((app, audience, keys)) => {
            let (mut done, mut failed) = (Vec::new(), Map::new());
            for key in keys {
                let outcome = state.sent.get_mut(key).ok_or("invalid.processQueryKey");
                match outcome.and_then(|sent| sent.recall(&app, &audience, now)) {
                    Ok(()) => done.push(key),
                    Err(code) => drop(failed.insert(key.to_owned(), json!(code))),
                }
            }
            Reply::api_ok(json!({"successResult": done, "failedResult": failed}))
        }
        Err(refusal) => Reply::api_refused(&refusal, &request_id(state)),
    }
}

fn judge<'a>(
    state: &mut State,
    call: &'a Received,
    now: Duration,
) -> Result<(String, Audience, Vec<&'a str>), ApiRefusal> {
    let rules = state.rules;
    let (key, app) = caller(state, call, now)?;
    let app = &app.app;
    let audience = if call.endpoint == Endpoint::GroupRecall {
        let group = need(call, "openConversationId", "miss.openConversationId")?;
        check_group(app, group)?;
        Audience::Group(group.to_owned())
    } else {
        Audience::People
    };
    let absent = match audience {
        Audience::Group(_) => "miss.chatbotId",
        Audience::People => "invalidParameter.param.invalid",
    };
    check_robot(app, need(call, "robotCode", absent)?, &rules)?;
    Ok((key, audience, keys(call)?))
}

fn keys(call: &Received) -> Result<Vec<&str>, ApiRefusal> {
    let no_list =
        || bad("invalidParameter.param.invalid", "错误描述:processQueryKeys 不是字符串列表");
    let keys = call.list("processQueryKeys").ok_or_else(no_list)?;
    if keys.is_empty() {
        let words = "错误描述:缺少 processQueryKey";
        return Err(bad("invalidParameter.processQueryKey.missing", words));
    }
    if keys.len() > MAX_KEYS {
        let words = "错误描述:processQueryKeys 超过数量上限20";
        return Err(bad("invalidParameter.processQueryKeys.overMax", words));
    }
    Ok(keys)
}
