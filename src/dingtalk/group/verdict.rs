//! What an answer of `groupMessages/send` means.

use crate::dingtalk::errcode::{Receipt, SendError};
use crate::dingtalk::reply::{JsonReply, Reply};
use crate::dingtalk::sanitize::MOST_CODE;

/// The verdict on `reply`; `secrets` never appear in it.
///
/// # Errors
///
/// Whatever is not HTTP 200 with a `processQueryKey`.
pub fn of(reply: &Reply, secrets: &[&str]) -> Result<Receipt, SendError> {
    let json = JsonReply::new(reply, secrets)?;
    let key = json.text("processQueryKey");
    if reply.status == 200 && !key.is_empty() {
        let message_id = Some(json.clean(key, MOST_CODE));
        return Ok(Receipt { message_id, ..Receipt::default() });
    }
    Err(json.current())
}
