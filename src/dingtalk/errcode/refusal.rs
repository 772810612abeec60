//! Why DingTalk refuses a message that it understood, how much of the queue that concerns, and what
//! a person can do about it.

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

    /// What it means.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Self::Keyword => "none of the robot's keywords stands in the message",
            Self::Content => "DingTalk's audit refuses a text or picture in this message",
            Self::Link => "DingTalk calls a link in this message unsafe",
            Self::Parameter => "DingTalk does not take this message",
            Self::Missing => "a part of the message is missing or empty",
            Self::MentionAll => "only the group's administrators may mention everyone",
            Self::Unsigned => "this robot asks for signing, and no secret is configured",
            Self::Sign => "the signature does not fit the robot",
            Self::Address => "this machine's public address is not on the allow-list",
            Self::UnknownToken => "no robot has this access token",
            Self::Stopped => "the robot is switched off, or may not speak in this group",
            Self::Removed => "the robot is no longer in the group, or the group was dissolved",
            Self::Permission => "the app lacks a permission, or is of another organisation",
            Self::Visibility => "the app may not see the owner of this group",
            Self::Quota => "this month's calls, or an administrator's limit, are used up",
            Self::Credentials => "the app's key or secret is wrong",
            Self::RobotCode => "the robot's code is wrong, or the robot is not that of this app",
            Self::Conversation => "the conversation's id is wrong, or its group is not the app's",
            Self::Url => "DingTalk has nothing at this URL",
        }
    }

    /// What a person can do.
    pub(super) fn remedy(self) -> &'static str {
        match self {
            Self::Keyword => {
                "add one under this chatbot's keywords, written as in the robot's security settings"
            }
            Self::Content => "change the alert's labels and annotations, or the template",
            Self::Link => "change the link in the alert's annotations, or the template",
            Self::Parameter => "change the template; if there is none, please report it",
            Self::Missing => {
                "an empty title or text comes from a template that writes nothing for this alert \
                 (`campana template render` shows what it writes): change it; if there is none, \
                 please report it"
            }
            Self::MentionAll => "set mention.all to false, or allow it in the group's settings",
            Self::Unsigned => {
                "set `secret` (it begins with SEC, and stands in the robot's security settings)"
            }
            Self::Sign => {
                "copy secret (it begins with SEC) again from the robot's security settings"
            }
            Self::Address => {
                "add the address that DingTalk names to the allow-list: that in the robot's security \
                 settings, or the app's (the addresses of its servers in DingTalk's developer console)"
            }
            Self::UnknownToken => {
                "the robot was removed, its webhook was reset, or the token was not copied whole: copy \
                 the webhook again"
            }
            Self::Stopped => "switch it on in the group's settings",
            Self::Removed => "add the robot to the group again and use its new webhook",
            Self::Permission => {
                "an administrator has to grant it in DingTalk's developer console \
                 (groupMessages/send needs qyapi_robot_sendmsg, chat/send the permission for \
                 enterprise conversations) and publish the app"
            }
            Self::Visibility => {
                "widen the app's visible range in DingTalk's developer console until it holds the \
                 owner"
            }
            Self::Quota => "buy more, or raise the limit in DingTalk's administration",
            Self::Credentials => {
                "copy app_key and app_secret (Client ID and Client Secret) again from DingTalk's \
                 developer console"
            }
            Self::RobotCode => "leave robot_code out to use the app's key",
            Self::Conversation => {
                "copy it again under open_conversation_ids (cid…) or chat_ids (chat…), and add the \
                 robot to the group"
            }
            Self::Url => "check webhook_url, or dingtalk.oapi_url and dingtalk.api_url",
        }
    }
}
