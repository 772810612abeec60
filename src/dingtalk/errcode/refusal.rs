//! Why DingTalk refuses a message that it understood, how much of the queue that concerns, and what
//! a person can do about it.

mod chinese;
mod english;

use crate::language::Language;

/// Why DingTalk refused a message that it understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// None of the robot's keywords stands in the message.
    Keyword,
    /// A text or a picture that DingTalk's audit refuses.
    Content,
    /// A link that DingTalk calls unsafe.
    Link,
    /// A parameter or message type that DingTalk does not take.
    Parameter,
    /// A part of the message that DingTalk asks for is not there, or empty.
    Missing,
    /// Only the group's administrators may mention everyone.
    MentionAll,
    /// The signature does not fit the robot's secret.
    Sign,
    /// The robot asks for a signature, and no secret is configured.
    Unsigned,
    /// This machine's address is not on the allow-list.
    Address,
    /// No robot has this access token.
    UnknownToken,
    /// The robot is switched off, or muted.
    Stopped,
    /// The robot is no longer in the group, or the group is gone.
    Removed,
    /// The app lacks a permission.
    Permission,
    /// The owner of the group is none of those whom the app may see.
    Visibility,
    /// The month's calls are used up.
    Quota,
    /// The app's key or secret is wrong.
    Credentials,
    /// The robot's code is wrong, or not that of this app.
    RobotCode,
    /// The conversation's id is wrong, or its group belongs to someone else.
    Conversation,
    /// Nothing is at this URL.
    Url,
}

impl Refusal {
    /// Whether every message to the destination is refused, until a person changes something;
    /// otherwise another message may pass.
    #[must_use]
    pub fn concerns_destination(self) -> bool {
        match self {
            Self::Keyword
            | Self::Content
            | Self::Link
            | Self::Parameter
            | Self::Missing
            | Self::MentionAll => false,
            Self::Sign
            | Self::Unsigned
            | Self::Address
            | Self::UnknownToken
            | Self::Stopped
            | Self::Removed
            | Self::Permission
            | Self::Visibility
            | Self::Quota
            | Self::Credentials
            | Self::RobotCode
            | Self::Conversation
            | Self::Url => true,
        }
    }

    /// Whether the account itself is refused, and so each of its destinations; otherwise another
    /// destination may pass.
    pub(super) fn concerns_account(self) -> bool {
        match self {
            Self::Sign
            | Self::Unsigned
            | Self::Address
            | Self::UnknownToken
            | Self::Quota
            | Self::Credentials => true,
            Self::Keyword
            | Self::Content
            | Self::Link
            | Self::Parameter
            | Self::Missing
            | Self::MentionAll
            | Self::Stopped
            | Self::Removed
            | Self::Permission
            | Self::Visibility
            | Self::RobotCode
            | Self::Conversation
            | Self::Url => false,
        }
    }

    /// The word in metrics.
    pub(super) fn outcome(self) -> &'static str {
        match self {
            Self::Keyword => "keyword",
            Self::Content => "content",
            Self::Link => "link",
            Self::Parameter | Self::Missing => "parameter",
            Self::MentionAll => "mention_all",
            Self::Sign | Self::Unsigned => "sign",
            Self::Address => "ip",
            Self::UnknownToken => "unknown_token",
            Self::Stopped => "stopped",
            Self::Removed => "removed",
            Self::Permission | Self::Visibility => "permission",
            Self::Quota => "quota",
            Self::Credentials => "credentials",
            Self::RobotCode => "robot_code",
            Self::Conversation => "conversation",
            Self::Url => "url",
        }
    }

    /// What it means, with `what` it is about behind it, and what a person can do.
    pub(super) fn words(self, what: &str, language: Language) -> String {
        match language {
            Language::En => format!("{}{what}; {}", english::meaning(self), english::remedy(self)),
            Language::ZhCn => {
                format!("{}{what}；{}", chinese::meaning(self), chinese::remedy(self))
            }
        }
    }
}
