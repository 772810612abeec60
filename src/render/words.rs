//! Every word of a message that does not come from an alert or a template, in each language.
//!
//! Names and values of labels are not translated, so that people can search for them.

mod digest;

pub(super) use digest::DigestWords;

use crate::language::Language;

impl Language {
    /// The words of messages.
    pub(super) const fn words(self) -> &'static Words {
        match self {
            Self::En => &ENGLISH,
            Self::ZhCn => &CHINESE,
        }
    }
}

/// The words of one language. Words that stand before a value end with the space or mark between.
#[derive(Debug)]
pub(super) struct Words {
    /// The heading's word before the number of firing alerts.
    pub(super) firing: &'static str,
    /// The same before that of alerts which tell of a moment.
    pub(super) event: &'static str,
    /// The heading's word before the number of resolved alerts.
    pub(super) resolved: &'static str,
    /// One alert that fires, beside others that do not.
    pub(super) is_firing: &'static str,
    /// One alert that is resolved, beside others that are not.
    pub(super) is_resolved: &'static str,
    /// How many alerts the message does not show, in the heading.
    pub(super) left_out: fn(u64) -> String,
    /// In place of both, where so many alerts of so many are resolved and nothing is known of the others.
    pub(super) some_resolved: fn(usize, u64) -> String,
    /// The heading's word before the number of groups of which not all is known.
    pub(super) unknown: &'static str,
    /// What an alert without a name is called.
    pub(super) unnamed: &'static str,
    /// Between names, and between severities.
    pub(super) comma: &'static str,
    /// Two names of so many.
    pub(super) names: fn(&str, &str, usize) -> String,
    /// A severity, and how many alerts have it.
    pub(super) severity: fn(&str, usize) -> String,
    /// In place of a severity that alerts do not have.
    pub(super) other: &'static str,
    /// Before the time of an alert that ended as it began.
    pub(super) at: &'static str,
    /// Before the time at which an alert began to fire.
    pub(super) since: &'static str,
    /// The same where it had fired before, and nobody was told that it recovered.
    pub(super) again_since: &'static str,
    /// Before the time at which an alert was resolved.
    pub(super) until: &'static str,
    /// Before how long an alert has been firing, or had been when it was resolved.
    pub(super) lasting: &'static str,
    /// Between since, until and for.
    pub(super) pause: &'static str,
    /// Days, hours, minutes and seconds, as they follow a number.
    pub(super) units: [&'static str; 4],
    /// The links to the expression, to what to do, to a picture, and to the form for a silence.
    pub(super) graph: &'static str,
    pub(super) runbook: &'static str,
    pub(super) dashboard: &'static str,
    pub(super) silence: &'static str,
    /// The link to the graph of an alert in its sender's pages.
    pub(super) panel: &'static str,
    /// What a picture of that graph is called.
    pub(super) picture: &'static str,
    /// Before the values that an alert came of.
    pub(super) values: &'static str,
    /// The link to the form for a silence of all alerts of the group.
    pub(super) silence_all: &'static str,
    /// Before what a resolved alert said when it fired.
    pub(super) was: &'static str,
    /// How many alerts stand in no part of the message.
    pub(super) omitted: fn(u64) -> String,
    /// How many alerts the sender of that name left out.
    pub(super) unsent: fn(u64, &str) -> String,
    /// What may be the state of these, if that is not known.
    pub(super) in_either_state: &'static str,
    /// How many alerts were sent and not kept.
    pub(super) unkept: fn(u64) -> String,
    /// Says that an alert, or a part, was too large to be shown whole.
    pub(super) shortened: &'static str,
    /// Before a keyword that is added.
    pub(super) keyword: &'static str,
    /// How many alerts fire and are resolved, before their names.
    pub(super) states: fn(usize, usize) -> String,
    /// Says that this is not the whole message.
    pub(super) unwritten: &'static str,
    /// Says why this is not the message that was asked for.
    pub(super) failed: fn(&str) -> String,
    /// Says that the message is short, because it would have been too much work.
    pub(super) in_short: &'static str,
    /// Says which destination did not take the message, and why.
    pub(super) handed_over: fn(&str, &str) -> String,
    /// For how many minutes a destination has not taken it.
    pub(super) not_taken_for: fn(u64) -> String,
    /// The title of the test message.
    pub(super) test: &'static str,
    /// Says which receiver was tried.
    pub(super) arrives: fn(&str) -> String,
    /// Before the time at which the test was sent.
    pub(super) sent: &'static str,
    /// The words of a digest.
    pub(super) digest: DigestWords,
}

static ENGLISH: Words = Words {
    firing: "FIRING",
    event: "EVENT",
    resolved: "RESOLVED",
    is_firing: "FIRING",
    is_resolved: "RESOLVED",
    left_out: |count| format!("+{count} not shown:"),
    some_resolved: |resolved, of| format!("[{resolved} of {of} resolved]"),
    unknown: "UNKNOWN",
    unnamed: "alert",
    comma: ", ",
    names: |one, two, count| format!("{one}, {two} and {} others", count.saturating_sub(2)),
    severity: |severity, count| format!("{count} {severity}"),
    other: "other",
    at: "at ",
    since: "since ",
    again_since: "fired again since ",
    until: "until ",
    lasting: "for ",
    pause: ", ",
    units: ["d", "h", "m", "s"],
    graph: "Graph",
    runbook: "Runbook",
    dashboard: "Dashboard",
    silence: "Silence",
    panel: "Panel",
    picture: "Picture",
    values: "Values: ",
    silence_all: "Silence group",
    was: "was: ",
    omitted: |count| format!("and {count} more"),
    unsent: |count, sender| format!("and {count} more that {sender} did not send"),
    in_either_state: " (firing or resolved)",
    unkept: |count| format!("and {count} more than web.max_alerts lets through"),
    shortened: "… shortened",
    keyword: "keyword: ",
    states: |firing, resolved| format!("firing {firing}, resolved {resolved}: "),
    unwritten: "This alert could not be written in full. See Alertmanager or Grafana.",
    failed: |error| format!("template failed: {error}"),
    in_short: "In short: so many alerts for so many receivers are too much work.",
    handed_over: |destination, reason| {
        format!("Sent here because {destination} did not take it: {reason}")
    },
    not_taken_for: |minutes| format!("it has waited for {minutes} min"),
    test: "Test message from Campana",
    arrives: |receiver| format!("Receiver {receiver}: messages reach this group."),
    sent: "Sent: ",
    digest: digest::ENGLISH,
};

static CHINESE: Words = Words {
    firing: "告警",
    event: "事件",
    resolved: "已恢复",
    is_firing: "触发中",
    is_resolved: "已恢复",
    left_out: |count| format!("另有 {count} 条未显示"),
    some_resolved: |resolved, of| format!("[{of} 条中 {resolved} 条已恢复]"),
    unknown: "状态未知",
    unnamed: "告警",
    comma: "、",
    names: |one, two, count| format!("{one}、{two} 等 {count} 种告警"),
    severity: |severity, count| format!("{severity} {count} 条"),
    other: "其他",
    at: "时间：",
    since: "开始时间：",
    again_since: "再次触发时间：",
    until: "恢复时间：",
    lasting: "持续 ",
    pause: "，",
    units: [" 天", " 小时", " 分钟", " 秒"],
    graph: "查看图表",
    runbook: "处理手册",
    dashboard: "监控面板",
    silence: "静默",
    panel: "图表面板",
    picture: "截图",
    values: "数值：",
    silence_all: "静默整组",
    was: "触发时：",
    omitted: |count| format!("还有 {count} 条"),
    unsent: |count, sender| format!("另有 {count} 条 {sender} 未发送"),
    in_either_state: "（可能仍在触发，也可能已恢复）",
    unkept: |count| format!("另有 {count} 条超出 web.max_alerts，未保留"),
    shortened: "…（内容过长，已截断）",
    keyword: "关键词：",
    states: |firing, resolved| format!("告警 {firing} 条，已恢复 {resolved} 条："),
    unwritten: "告警内容未能完整显示，请到 Alertmanager 或 Grafana 查看。",
    failed: |error| format!("模板出错：{error}"),
    in_short: "告警和接收器过多，这里只列出摘要。",
    handed_over: |destination, reason| format!("{destination} 未能送达，改发到这里：{reason}"),
    not_taken_for: |minutes| format!("等待已超过 {minutes} 分钟"),
    test: "Campana 测试消息",
    arrives: |receiver| format!("接收器 {receiver}：消息可以送达本群。"),
    sent: "发送时间：",
    digest: digest::CHINESE,
};
