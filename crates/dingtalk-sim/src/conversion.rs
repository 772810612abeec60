//! `/v1.0/im/chat/{chatId}/convertToOpenConversationId`: by which id the current API knows a chat of the
//! older one.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::app::{bad, caller};
use crate::reply::{ApiRefusal, Reply};
use crate::request::Received;
use crate::state::State;
use crate::token::request_id;

/// What stands before and behind the chat's id in the path.
const AROUND: (&str, &str) = ("/v1.0/im/chat/", "/convertToOpenConversationId");

/// The chat's id in the path, if the path is that of this call.
pub(crate) fn chat_in(path: &str) -> Option<&str> {
    path.strip_prefix(AROUND.0)?.strip_suffix(AROUND.1).filter(|chat| !chat.contains('/'))
}

/// The `openConversationId` of the chat with this `chatid`: always the same.
pub(crate) fn open_conversation_id(chat: &str) -> String {
    format!("cid{}", STANDARD.encode(&Sha256::digest(chat)[..16]))
}

/// Answers the call.
pub(crate) fn convert(state: &mut State, call: &Received, now: Duration) -> Reply {
    match judge(state, call, now) {
        Ok(id) => Reply::api_ok(json!({"openConversationId": id})),
        Err(refusal) => Reply::api_refused(&refusal, &request_id(state)),
    }
}

fn judge(state: &mut State, call: &Received, now: Duration) -> Result<String, ApiRefusal> {
    let (_, app) = caller(state, call, now)?;
    let chat = chat_in(&call.path).unwrap_or_default();
    let is = |known: &String| known == chat;
    // Both codes are spelled so in the documentation.
    if app.app.unseen_chats.iter().any(is) {
        return Err(bad("permession.checkFailed", "群主不在应用的可见范围内"));
    }
    if !app.app.chats.is_empty() && !app.app.chats.iter().any(is) {
        return Err(bad("invalideChatId", "无效的chatId"));
    }
    Ok(open_conversation_id(chat))
}
