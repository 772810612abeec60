//! What an answer of `robot/send` means.

use crate::dingtalk::errcode::{Cause, Receipt, Refusal, SendError};
use crate::dingtalk::reply::{JsonReply, Reply};

/// The verdict on `reply`; `secrets` never appear in it.
///
/// # Errors
///
/// Whatever is not HTTP 200 with an errcode that is present and 0.
pub fn of(reply: &Reply, secrets: &[&str]) -> Result<Receipt, SendError> {
    let json = JsonReply::new(reply, secrets)?;
    if let Some(receipt) = json.oapi_receipt() {
        return Ok(receipt);
    }
    let Some(code) = json.errcode().filter(|_| json.body_decides()) else {
        return Err(json.no_errcode());
    };
    let mut error = json.oapi(&code);
    if error.cause == Cause::Token {
        // A robot has no app token that could be fetched anew: the webhook's own is refused.
        error.cause = Cause::Refused(Refusal::UnknownToken);
    }
    Err(error)
}
