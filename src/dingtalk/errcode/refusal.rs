//! Why DingTalk refuses a message that it understood, and how much of the queue that concerns.

/// What a refusal concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// This message only; others may pass.
    Message,
    /// Every message to this destination, until a person changes something.
    Destination,
}

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
    /// Only the group's administrators may mention everyone.
    MentionAll,
    /// The signature does not fit the robot's secret.
    Sign,
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
    /// Whether another message to the same destination would be refused too.
    #[must_use]
    pub fn scope(self) -> Scope {
        match self {
            Self::Keyword | Self::Content | Self::Link | Self::Parameter | Self::MentionAll => {
                Scope::Message
            }
            Self::Sign
            | Self::Address
            | Self::UnknownToken
            | Self::Stopped
            | Self::Removed
            | Self::Permission
            | Self::Quota
            | Self::Credentials
            | Self::RobotCode
            | Self::Conversation
            | Self::Url => Scope::Destination,
        }
    }

    /// The word in metrics.
    pub(super) fn outcome(self) -> &'static str {
        match self {
            Self::Keyword => "keyword",
            Self::Content => "content",
            Self::Link => "link",
            Self::Parameter => "parameter",
            Self::MentionAll => "mention_all",
            Self::Sign => "sign",
            Self::Address => "ip",
            Self::UnknownToken => "unknown_token",
            Self::Stopped => "stopped",
            Self::Removed => "removed",
            Self::Permission => "permission",
            Self::Quota => "quota",
            Self::Credentials => "credentials",
            Self::RobotCode => "robot_code",
            Self::Conversation => "conversation",
            Self::Url => "url",
        }
    }
}
