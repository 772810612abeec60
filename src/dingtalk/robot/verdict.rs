//! What an answer of `robot/send` means.

use crate::dingtalk::errcode::{Cause, Receipt, Refusal, SendError};
use crate::dingtalk::reply::{JsonReply, Reply};

/// The verdict on `reply` to a call that `is_signed` or not; `secrets` never appear in it.
///
/// # Errors
///
/// Whatever is not HTTP 200 with an errcode that is present and 0.
pub fn of(reply: &Reply, secrets: &[&str], is_signed: bool) -> Result<Receipt, SendError> {
    let json = JsonReply::new(reply, secrets)?;
    if let Some(receipt) = json.oapi_receipt() {
        return Ok(receipt);
    }
    let Some(code) = json.errcode().filter(|_| json.body_decides()) else {
        return Err(json.no_errcode());
    };
    let error = json.oapi(&code);
    let cause = meant(error.cause, is_signed);
    Err(SendError { cause, ..error })
}

/// The cause, where it means something else to a robot than to an app.
fn meant(cause: Cause, is_signed: bool) -> Cause {
    // What was not sent can neither be wrong nor too old: the robot asks for it.
    let asks = matches!(cause, Cause::Clock | Cause::Refused(Refusal::Sign)) && !is_signed;
    if asks {
        Cause::Refused(Refusal::Unsigned)
    } else if cause == Cause::Token {
        // A robot has no app token that could be fetched anew: the webhook's own is refused.
        Cause::Refused(Refusal::UnknownToken)
    } else {
        cause
    }
}
