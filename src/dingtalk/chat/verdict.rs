//! What an answer of `chat/send` means.

use crate::dingtalk::errcode::{Receipt, SendError};
use crate::dingtalk::reply::{JsonReply, Reply};
use crate::dingtalk::sanitize::MOST_CODE;

/// The verdict on `reply`; `secrets` never appear in it.
///
/// # Errors
///
/// Whatever is not HTTP 200 with an errcode that is present and 0.
pub fn of(reply: &Reply, secrets: &[&str]) -> Result<Receipt, SendError> {
    let json = JsonReply::new(reply, secrets)?;
    let receipt = json.oapi_receipt().ok_or_else(|| json.current())?;
    let id = Some(json.text("messageId")).filter(|id| !id.is_empty());
    Ok(Receipt { message_id: id.map(|id| json.clean(id, MOST_CODE)), ..receipt })
}
