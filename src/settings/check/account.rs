//! The check of the accounts (robots and apps) that several destinations use.
//!
//! Destinations of one account share its secret, and those of one lane its rate, so another one is an
//! error: an app has a lane for each API. Two receivers that send the same alert to the same chat are most
//! likely a mistake, so that is a warning.

use std::collections::HashMap;

use secrecy::ExposeSecret;

use super::overlap::Requirements;
use crate::dingtalk::{Endpoint, Rate};
use crate::select::active_times::ActiveTimes;
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
    /// gets no alerts, for one that keeps what no other keeps, and for one of which this could not be read.
    pub(super) requirements: Option<Requirements>,
    /// When the receiver is active.
    pub(super) active_times: ActiveTimes,
}

/// Compares each use with the earlier ones of the same account.
pub(super) fn check_accounts(decoder: Decoder<'_>, uses: &[AccountUse]) {
    let mut accounts: HashMap<_, &AccountUse> = HashMap::new();
    let mut lanes: HashMap<Vec<&str>, &AccountUse> = HashMap::new();
    let mut chats: HashMap<_, Vec<&AccountUse>> = HashMap::new();
    for this in uses {
        let lane = this.endpoint.lane_identity();
        let chat = chats.entry((lane.clone(), this.endpoint.conversation_id())).or_default();
        // A lane's identity ends with its token or app key.
        let account = (this.endpoint.api().account, lane.last().copied());
        let of_account = *accounts.entry(account).or_insert(this);
        let of_lane = *lanes.entry(lane).or_insert(this);
        compare(decoder, [of_account, of_lane], chat, this);
        chat.push(this);
    }
}

/// Compares a use with the first ones of its account and of its lane, and with the earlier ones of its
/// chat.
fn compare(
    decoder: Decoder<'_>,
    [of_account, of_lane]: [&AccountUse; 2],
    chat: &[&AccountUse],
    this: &AccountUse,
) {
    let secret = (!has_same_secret(of_account, this)).then_some((of_account, "secret"));
    let rate = (of_lane.rate != this.rate).then_some((of_lane, "rate"));
    if let Some((first, difference)) = secret.or(rate) {
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

fn has_same_secret(one: &AccountUse, other: &AccountUse) -> bool {
    let [one, other] = [one, other].map(|of| of.endpoint.secret().map(ExposeSecret::expose_secret));
    one == other
}

fn may_keep_the_same(one: &AccountUse, other: &AccountUse) -> bool {
    // Two that are active at other times most likely take turns, as by day and by night.
    let is_timed = |account_use: &AccountUse| !account_use.active_times.as_slice().is_empty();
    if is_timed(one) && is_timed(other) && one.active_times != other.active_times {
        return false;
    }
    match (&one.requirements, &other.requirements) {
        (Some(ones), Some(others)) => !ones.excludes(others),
        (None, _) | (_, None) => false,
    }
}
