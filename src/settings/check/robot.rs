//! The robots and apps behind the destinations: one has one secret and one rate.
//!
//! Two destinations on one robot share its lane, so they can't disagree on how it is used; and a
//! notification that reaches the same chat twice is most likely a slip.

use secrecy::{ExposeSecret, SecretString};

use super::overlap::Claims;
use crate::dingtalk::Rate;
use crate::settings::decode::Source;
use crate::settings::tree::Mark;

/// What DingTalk counts messages by.
#[derive(Clone)]
pub(super) enum Account {
    /// A custom robot, by its access token.
    Chatbot(SecretString),
    /// An app, by its key.
    App(String),
}

/// What a destination shares with others on the same robot.
#[derive(Clone)]
pub(super) struct Robot {
    /// Whose budget it uses.
    pub(super) account: Account,
    /// The chat, where the account has more than one.
    pub(super) chat: Option<String>,
    /// The signing secret, or the app's.
    pub(super) secret: Option<SecretString>,
    /// The budget.
    pub(super) rate: Rate,
}

/// A use of a robot in the file.
pub(super) struct Place {
    /// Receiver and destination.
    pub(super) path: String,
    /// Where its entry begins.
    pub(super) entry: Mark,
    /// Where the destination stands.
    pub(super) mark: Mark,
    /// The robot.
    pub(super) robot: Robot,
    /// Which alerts it gets; `None` for those of a disabled receiver, which gets none.
    pub(super) takes: Option<Claims>,
}

impl Account {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Chatbot(one), Self::Chatbot(other)) => {
                one.expose_secret() == other.expose_secret()
            }
            (Self::App(one), Self::App(other)) => one == other,
            (Self::Chatbot(_), Self::App(_)) | (Self::App(_), Self::Chatbot(_)) => false,
        }
    }

    fn what(&self) -> &'static str {
        match self {
            Self::Chatbot(_) => "robot",
            Self::App(_) => "app",
        }
    }
}

/// Compares each use with those before it.
pub(super) fn check_robots(source: Source<'_>, places: &[Place]) {
    for (index, place) in places.iter().enumerate() {
        let earlier = places.iter().take(index);
        let same = earlier.filter(|other| other.robot.account.is(&place.robot.account));
        let mut same = same.peekable();
        let Some(first) = same.peek() else { continue };
        if let Some(difference) = difference(&first.robot, &place.robot) {
            let what = place.robot.account.what();
            let (path, line) = (&first.path, first.entry.line);
            source.report.error(
                place.entry,
                format!(
                    "the {what} of `{path}` (line {line}) has another {difference} here; \
                     one {what} has one"
                ),
            );
            continue;
        }
        if let Some(twin) = same.find(|other| gets_the_same(other, place)) {
            let (path, line) = (&twin.path, twin.mark.line);
            let text = format!("the same chat as `{path}` (line {line}); it can get alerts twice");
            source.report.warning(place.mark, text);
        }
    }
}

fn difference(one: &Robot, other: &Robot) -> Option<&'static str> {
    let text = |secret: &Option<SecretString>| {
        secret.as_ref().map(|secret| secret.expose_secret().to_owned())
    };
    if text(&one.secret) != text(&other.secret) {
        return Some("secret");
    }
    (one.rate != other.rate).then_some("rate")
}

fn gets_the_same(one: &Place, other: &Place) -> bool {
    match (&one.takes, &other.takes) {
        (Some(ones), Some(others)) => one.robot.chat == other.robot.chat && !ones.excludes(others),
        (None, _) | (_, None) => false,
    }
}
