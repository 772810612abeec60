//! The accounts behind the destinations, robots and apps: one has one secret and one rate.
//!
//! Two destinations of one account share its lane, so they can't disagree on how it is used; and a
//! notification that reaches the same chat twice is most likely a slip.

use std::collections::HashMap;

use secrecy::ExposeSecret;

use super::overlap::Requirements;
use crate::dingtalk::{Endpoint, Rate};
use crate::settings::decode::Decoder;
use crate::settings::tree::Mark;

/// One use of an account in the file.
pub(super) struct AccountUse {
    /// Receiver and destination.
    pub(super) path: String,
    /// Where its entry begins.
    pub(super) entry: Mark,
    /// Where the destination stands.
    pub(super) mark: Mark,
    /// The account, and the chat.
    pub(super) endpoint: Endpoint,
    /// The rate that this use asks for.
    pub(super) rate: Rate,
    /// Which alerts it gets; `None` for those of a disabled receiver, which gets none.
    pub(super) requirements: Option<Requirements>,
}

/// Compares each use with the earlier ones of the same account.
pub(super) fn check_accounts(decoder: Decoder<'_>, uses: &[AccountUse]) {
    let mut lanes: HashMap<Vec<&str>, Vec<&AccountUse>> = HashMap::new();
    for this in uses {
        let earlier = lanes.entry(this.endpoint.lane_identity()).or_default();
        compare(decoder, earlier, this);
        earlier.push(this);
    }
}

fn compare(decoder: Decoder<'_>, earlier: &[&AccountUse], this: &AccountUse) {
    let Some(first) = earlier.first() else { return };
    if let Some(difference) = difference(first, this) {
        let account = this.endpoint.api().account;
        let (path, line) = (&first.path, first.entry.line);
        decoder.report.error(
            this.entry,
            format!(
                "the {account} of `{path}` (line {line}) has another {difference} here; \
                 one {account} has one"
            ),
        );
        return;
    }
    if let Some(twin) = earlier.iter().find(|other| gets_the_same(other, this)) {
        let (path, line) = (&twin.path, twin.mark.line);
        let text = format!("the same chat as `{path}` (line {line}); it can get alerts twice");
        decoder.report.warning(this.mark, text);
    }
}

fn difference(one: &AccountUse, other: &AccountUse) -> Option<&'static str> {
    let secret = |account_use: &AccountUse| {
        account_use.endpoint.secret().map(|secret| secret.expose_secret().to_owned())
    };
    if secret(one) != secret(other) {
        return Some("secret");
    }
    (one.rate != other.rate).then_some("rate")
}

fn gets_the_same(one: &AccountUse, other: &AccountUse) -> bool {
    match (&one.requirements, &other.requirements) {
        (Some(ones), Some(others)) => {
            one.endpoint.chat() == other.endpoint.chat() && !ones.excludes(others)
        }
        (None, _) | (_, None) => false,
    }
}
