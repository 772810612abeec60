//! The words of refusals in Chinese.

use super::Refusal;

/// What it means.
pub(super) fn meaning(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Keyword => "消息里没有机器人要求的任何关键词",
        Refusal::Content => "钉钉审核不允许消息里的某段文字或图片",
        Refusal::Link => "钉钉认为消息里的某个链接不安全",
        Refusal::Parameter => "钉钉不接受这条消息",
        Refusal::Missing => "消息缺少某个字段，或该字段为空",
        Refusal::MentionAll => "本群只有管理员可以@所有人",
        Refusal::Unsigned => "机器人开启了加签，但没有配置 secret",
        Refusal::Sign => "签名与机器人不匹配",
        Refusal::Address => "本机的公网 IP 不在白名单中",
        Refusal::UnknownToken => "没有机器人使用这个 access_token",
        Refusal::Stopped => "机器人已停用，或在本群被禁言",
        Refusal::Removed => "机器人已不在群里，或群已解散",
        Refusal::Permission => "应用缺少权限，或属于另一个组织",
        Refusal::Visibility => "群主不在应用的可见范围内",
        Refusal::Quota => "本月的调用次数已用完，或达到管理员设置的上限",
        Refusal::Credentials => "应用的 AppKey 或 AppSecret 不正确",
        Refusal::RobotCode => "robotCode 不正确，或机器人不属于这个应用",
        Refusal::Conversation => "会话 ID 不正确，或该群不属于这个应用",
        Refusal::Url => "钉钉没有这个地址",
    }
}

/// What a person can do.
pub(super) fn remedy(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Keyword => {
            "请把机器人安全设置里的某个关键词原样写到该 chatbot 的 keywords，再用 `campana queue replay --render` 重发这条"
        }
        Refusal::Content => "请修改告警的标签、注解或模板",
        Refusal::Link => "请修改告警注解里的链接或模板",
        Refusal::Parameter => "请修改模板；如果没有使用模板，请向我们反馈",
        Refusal::Missing => {
            "标题或正文为空，通常是模板对这条告警没有输出（用 `campana template render` 查看）：请修改模板；如果没有使用模板，请向我们反馈"
        }
        Refusal::MentionAll => "请把 mention.all 设为 false，或在群设置里允许",
        Refusal::Unsigned => "请配置 `secret`（以 SEC 开头，见机器人的安全设置）",
        Refusal::Sign => "请从机器人的安全设置重新复制 secret（以 SEC 开头）",
        Refusal::Address => {
            "请把钉钉提示的 IP 加入白名单：机器人安全设置里的 IP 段，或开发者后台里应用的服务器出口 IP"
        }
        Refusal::UnknownToken => {
            "机器人已被移除、webhook 已重置，或 access_token 没有复制完整：请重新复制 webhook"
        }
        Refusal::Stopped => "请在群设置里启用机器人",
        Refusal::Removed => "请重新把机器人加到群里，并使用新的 webhook",
        Refusal::Permission => {
            "请管理员在钉钉开发者后台授予权限（groupMessages/send 需要 qyapi_robot_sendmsg，chat/send 需要企业会话权限）并发布应用"
        }
        Refusal::Visibility => "请在钉钉开发者后台扩大应用的可见范围，使其包含群主",
        Refusal::Quota => "请购买更多次数，或在钉钉管理后台提高上限",
        Refusal::Credentials => {
            "请从钉钉开发者后台重新复制 app_key 和 app_secret（Client ID 和 Client Secret）"
        }
        Refusal::RobotCode => "请去掉 robot_code，默认使用应用的 AppKey",
        Refusal::Conversation => {
            "请重新填写 open_conversation_ids（cid…）或 chat_ids（chat…），并把机器人加到群里"
        }
        Refusal::Url => "请检查 webhook_url，或 dingtalk.oapi_url 和 dingtalk.api_url",
    }
}
