//! The check of the accounts (robots and apps) that several destinations use.
//!
//! Destinations of one account share its lane, so another secret or rate is an error. Two receivers
//! that send the same alert to the same chat are most likely a mistake, so that is a warning.

use std::collections::HashMap;

use secrecy::ExposeSecret;

use super::overlap::Requirements;
use crate::dingtalk::{Endpoint, Rate};
use crate::settings::decode::Decoder;
use crate::settings::tree::Position;

/// What errors call a receiver or destination whose name could not be read.
pub(super) const NAMELESS: &str = "?";

/// An account that an entry uses, as the entry tells it.
pub(super) struct PlacedAccount {
    /// The destination's name.
    pub(super) destination: String,
    /// Where the destination stands: at its entry, or at its conversation id.
    pub(super) position: Position,
    /// The account, and the chat.
    pub(super) endpoint: Endpoint,
    /// The rate that the entry sets.
    pub(super) rate: Rate,
}

/// One use of an account in the file.
pub(super) struct AccountUse {
    /// `receiver/destination`, for errors.
    pub(super) path: String,
    /// Where the chatbot's or conversation's entry begins.
    pub(super) entry: Position,
    /// Where the destination stands: at its entry, or at its conversation id.
    pub(super) position: Position,
    /// The account, and the chat.
    pub(super) endpoint: Endpoint,
    /// The rate that this entry sets.
    pub(super) rate: Rate,
    /// What the receiver's conditions require of an alert; `None` for a disabled receiver, which
    /// gets no alerts, and for one of which this could not be read.
    pub(super) requirements: Option<Requirements>,
}

/// Compares each use with the earlier ones of the same account.
pub(super) fn check_accounts(decoder: Decoder<'_>, uses: &[AccountUse]) {
    let mut lanes: HashMap<Vec<&str>, &AccountUse> = HashMap::new();
    let mut chats: HashMap<_, Vec<&AccountUse>> = HashMap::new();
    for this in uses {
        let lane = this.endpoint.lane_identity();
        let chat = chats.entry((lane.clone(), this.endpoint.conversation_id())).or_default();
        if let Some(first) = lanes.get(&lane) {
            compare(decoder, first, chat, this);
        }
        lanes.entry(lane).or_insert(this);
        chat.push(this);
    }
}

/// Compares a use with the first one of its account, and with the earlier ones of its chat.
fn compare(decoder: Decoder<'_>, first: &AccountUse, chat: &[&AccountUse], this: &AccountUse) {
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
    if let Some(twin) = chat.iter().find(|other| may_keep_the_same(other, this)) {
        let (path, line) = (&twin.path, twin.position.line);
        let text = format!("the same chat as `{path}` (line {line}); it can get alerts twice");
        decoder.report.warning(this.position, text);
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

fn may_keep_the_same(one: &AccountUse, other: &AccountUse) -> bool {
    match (&one.requirements, &other.requirements) {
        (Some(ones), Some(others)) => !ones.excludes(others),
        (None, _) | (_, None) => false,
    }
}
