//! `/chat/send`: an app's message by the older API, closed to new apps since 2022.
//!
//! Whether its token errors come wrapped in errcode 88 is not known (`Rules::wrap_token_errors`).

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::App;
use crate::content::{self, Content, Flaw};
use crate::record::{Endpoint, Mentions, Sender};
use crate::reply::{Refusal, Reply};
use crate::request::Received;
use crate::robot::Objection;
use crate::rules::Rules;
use crate::state::{Draft, State};
use crate::token::{TokenFlaw, request_id, verify};

/// The longest title, in UTF-16 units (the text of errcode 34016 says characters).
const MAX_TITLE_UNITS: usize = 64;

/// Why a call is refused; errors of the token have a form of their own.
enum Denial {
    Token(Refusal),
    Message(Refusal),
}

/// Answers `/chat/send`.
pub(crate) fn chat_send(state: &mut State, call: &Received, now: Duration) -> Reply {
    let rules = state.rules;
    match judge(state, call, now) {
        Ok((key, draft)) => {
            state.posts.push(draft.posted(Sender::App(key), now));
            let id = format!("msg{:021}", state.number());
            Reply::ok(&rules, &[("messageId", json!(id))]).accepted(true)
        }
        Err(Denial::Token(refusal)) if rules.wrap_token_errors => {
            Reply::wrapped(&rules, &refusal, &request_id(state))
        }
        Err(Denial::Token(refusal) | Denial::Message(refusal)) => Reply::refused(&rules, &refusal),
    }
}

fn judge(state: &mut State, call: &Received, now: Duration) -> Result<(String, Draft), Denial> {
    if call.method != Method::POST {
        return Err(message(43_002, "需要POST请求"));
    }
    let token = |code, words: &str| Denial::Token(Refusal::new(code, words));
    let given = call.parameter("access_token");
    let given = given.ok_or_else(|| token(41_001, "缺少access_token参数"))?;
    let key = verify(state, given, now).map_err(|flaw| match flaw {
        TokenFlaw::Invalid => token(40_014, "不合法的access_token"),
        TokenFlaw::Expired => token(42_001, "access_token超时"),
    })?;
    let rules = state.rules;
    let unknown = || token(40_014, "不合法的access_token");
    let app = state.apps.get_mut(&key).ok_or_else(unknown)?;
    if app.app.lacks_scope.is_some() {
        return Err(message(60_011, "没有调用该接口的权限"));
    }
    if !app.admits(Endpoint::ChatSend, &rules, now) {
        return Err(message(90_018, "您的服务器调用该接口过于频繁，请稍后再试"));
    }
    if !app.spend() {
        return Err(message(90_020, "企业本月的接口调用量已用完"));
    }
    let draft = read(&app.app, call, &rules)?;
    Ok((key, draft))
}

fn read(app: &App, call: &Received, rules: &Rules) -> Result<Draft, Denial> {
    let body = call.object().ok_or_else(|| message(34_014, "不合法的json"))?;
    let known = |chat: &&str| app.chats.is_empty() || app.chats.iter().any(|known| known == chat);
    let chat = call.field("chatid").filter(known);
    let chat = chat.ok_or_else(|| message(34_001, "无效的会话id"))?;
    let flat = || Some(body).filter(|_| rules.flat_chat);
    let msg = body.get("msg").or_else(flat).unwrap_or(&Value::Null);
    let content = content::of_chat(msg).map_err(|flaw| match flaw {
        Flaw::Type(_) => message(34_004, "不支持的消息类型"),
        Flaw::Missing(field) => message(400_002, &format!("无效的参数 {field}")),
    })?;
    check_size(msg, &content, rules)?;
    if Objection::met(&app.objections, &content.searched()).is_some() {
        return Err(message(40_048, "无效的url"));
    }
    let mentions = Mentions::default();
    Ok(Draft { group: chat.to_owned(), content, mentions, msg_uuid: None })
}

/// Whether bytes are counted as they came or as JSON without spaces is not known, and neither is whether
/// a character beyond the first 65,536 counts twice, as it does where Java counts.
fn check_size(msg: &Value, content: &Content, rules: &Rules) -> Result<(), Denial> {
    let units = |text: &str| text.encode_utf16().count();
    let title = content.title.as_deref().unwrap_or_default();
    let too_long = msg.to_string().len() > rules.max_chat_bytes
        || units(&content.text) > rules.max_chat_chars
        || units(title) > MAX_TITLE_UNITS;
    if too_long { Err(message(34_016, "消息内容过长")) } else { Ok(()) }
}

fn message(code: i64, words: &str) -> Denial {
    Denial::Message(Refusal::new(code, words))
}
