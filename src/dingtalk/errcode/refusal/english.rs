//! The words of refusals in English.

use super::Refusal;

/// What it means.
pub(super) fn meaning(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Keyword => "none of the robot's keywords stands in the message",
        Refusal::Content => "DingTalk's audit refuses a text or picture in this message",
        Refusal::Link => "DingTalk calls a link in this message unsafe",
        Refusal::Parameter => "DingTalk does not take this message",
        Refusal::Missing => "a part of the message is missing or empty",
        Refusal::MentionAll => "only the group's administrators may mention everyone",
        Refusal::Unsigned => "this robot asks for signing, and no secret is configured",
        Refusal::Sign => "the signature does not fit the robot",
        Refusal::Address => "this machine's public address is not on the allow-list",
        Refusal::UnknownToken => "no robot has this access token",
        Refusal::Stopped => "the robot is switched off, or may not speak in this group",
        Refusal::Removed => "the robot is no longer in the group, or the group was dissolved",
        Refusal::Permission => "the app lacks a permission, or is of another organisation",
        Refusal::Visibility => "the app may not see the owner of this group",
        Refusal::Quota => "this month's calls, or an administrator's limit, are used up",
        Refusal::Credentials => "the app's key or secret is wrong",
        Refusal::RobotCode => "the robot's code is wrong, or the robot is not that of this app",
        Refusal::Conversation => "the conversation's id is wrong, or its group is not the app's",
        Refusal::Url => "DingTalk has nothing at this URL",
    }
}

/// What a person can do.
pub(super) fn remedy(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Keyword => {
            "add one under this chatbot's keywords, written as in the robot's security settings, and \
             send this one again by `campana queue replay --render`"
        }
        Refusal::Content => "change the alert's labels and annotations, or the template",
        Refusal::Link => "change the link in the alert's annotations, or the template",
        Refusal::Parameter => "change the template; if there is none, please report it",
        Refusal::Missing => {
            "an empty title or text comes from a template that writes nothing for this alert \
             (`campana template render` shows what it writes): change it; if there is none, \
             please report it"
        }
        Refusal::MentionAll => "set mention.all to false, or allow it in the group's settings",
        Refusal::Unsigned => {
            "set `secret` (it begins with SEC, and stands in the robot's security settings)"
        }
        Refusal::Sign => {
            "copy secret (it begins with SEC) again from the robot's security settings"
        }
        Refusal::Address => {
            "add the address that DingTalk names to the allow-list: that in the robot's \
             security settings, or the app's (the addresses of its servers in DingTalk's \
             developer console)"
        }
        Refusal::UnknownToken => {
            "the robot was removed, its webhook was reset, or the token was not copied whole: \
             copy the webhook again"
        }
        Refusal::Stopped => "switch it on in the group's settings",
        Refusal::Removed => "add the robot to the group again and use its new webhook",
        Refusal::Permission => {
            "an administrator has to grant it in DingTalk's developer console \
             (groupMessages/send needs qyapi_robot_sendmsg, chat/send the permission for \
             enterprise conversations) and publish the app"
        }
        Refusal::Visibility => {
            "widen the app's visible range in DingTalk's developer console until it holds the \
             owner"
        }
        Refusal::Quota => "buy more, or raise the limit in DingTalk's administration",
        Refusal::Credentials => {
            "copy app_key and app_secret (Client ID and Client Secret) again from DingTalk's \
             developer console"
        }
        Refusal::RobotCode => "leave robot_code out to use the app's key",
        Refusal::Conversation => {
            "copy it again under open_conversation_ids (cid…) or chat_ids (chat…), and add the \
             robot to the group"
        }
        Refusal::Url => "check webhook_url, or dingtalk.oapi_url and dingtalk.api_url",
    }
}
