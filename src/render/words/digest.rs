//! The words of a digest, which shows many alert groups in a line each.

/// The words of a digest in one language.
#[derive(Debug)]
pub(in crate::render) struct DigestWords {
    /// How many groups there are, in the heading.
    pub(in crate::render) groups: fn(usize) -> String,
    /// A severity, and how many groups have it.
    pub(in crate::render) severity: fn(&str, usize) -> String,
    /// A name, and how many groups have it.
    pub(in crate::render) name: fn(&str, usize) -> String,
    /// How many names more there are.
    pub(in crate::render) more_names: fn(usize) -> String,
    /// Before how many alerts fire and are resolved in all groups.
    pub(in crate::render) alerts: &'static str,
    /// How many alerts fire.
    pub(in crate::render) firing: fn(u64) -> String,
    /// How many alerts are resolved.
    pub(in crate::render) resolved: fn(u64) -> String,
    /// How many alerts the sender left out, so that their state is not known.
    pub(in crate::render) unsent: fn(u64) -> String,
    /// A word for what happened, and when.
    pub(in crate::render) at: fn(&str, &str) -> String,
    /// Since when a group fires; never without a time.
    pub(in crate::render) since: &'static str,
    /// It fired.
    pub(in crate::render) fired: &'static str,
    /// It fires after it was resolved.
    pub(in crate::render) again: &'static str,
    /// It is resolved.
    pub(in crate::render) recovered: &'static str,
    /// Between what a reader has not seen and what followed.
    pub(in crate::render) and: &'static str,
    /// How many groups have no line.
    pub(in crate::render) more_groups: fn(usize) -> String,
    /// Says why these groups come in one message.
    pub(in crate::render) reason: &'static str,
    /// Before the distance of the times from UTC.
    pub(in crate::render) zone: &'static str,
    /// How many states were not sent, before what they were.
    pub(in crate::render) earlier: fn(usize) -> String,
    /// Which alerts only those states name.
    pub(in crate::render) also: fn(&str) -> String,
    /// Which destination did not take what comes here.
    pub(in crate::render) instead_of: fn(&str) -> String,
}

pub(super) const ENGLISH: DigestWords = DigestWords {
    groups: |count| {
        if count == 1 { "1 alert group".into() } else { format!("{count} alert groups") }
    },
    severity: |severity, count| format!("{count} {severity}"),
    name: |name, count| format!("{name} ×{count}"),
    more_names: |count| {
        if count == 1 { "+1 more name".into() } else { format!("+{count} more names") }
    },
    alerts: "Alerts: ",
    firing: |count| format!("{count} firing"),
    resolved: |count| format!("{count} resolved"),
    unsent: |count| format!("{count} left out by the sender"),
    at: |word, time| format!("{word} {time}"),
    since: "since",
    fired: "fired",
    again: "fired again",
    recovered: "recovered",
    and: " and ",
    more_groups: |count| {
        if count == 1 { "and 1 more group".into() } else { format!("and {count} more groups") }
    },
    reason: "More alerts than DingTalk takes in a minute: one line a group",
    zone: "Times: ",
    earlier: |count| match count {
        1 => "1 earlier state was not sent by itself: ".into(),
        _ => format!("{count} earlier states were not sent one by one: "),
    },
    also: |names| format!("; also {names}"),
    instead_of: |destination| format!("instead of {destination}"),
};

pub(super) const CHINESE: DigestWords = DigestWords {
    groups: |count| format!("共 {count} 个告警组"),
    severity: |severity, count| format!("{severity} {count} 组"),
    name: |name, count| format!("{name} {count} 组"),
    more_names: |count| format!("另有 {count} 种告警"),
    alerts: "告警条数：",
    firing: |count| format!("触发中 {count} 条"),
    resolved: |count| format!("已恢复 {count} 条"),
    unsent: |count| format!("发送方省略 {count} 条"),
    at: |word, time| format!("{time} {word}"),
    since: "起",
    fired: "触发",
    again: "再次触发",
    recovered: "已恢复",
    and: "，",
    more_groups: |count| format!("还有 {count} 个告警组"),
    reason: "告警超出钉钉每分钟的发送上限，已合并，每组一行",
    zone: "时区：",
    earlier: |count| format!("此前 {count} 次状态变化未逐条发送："),
    also: |names| format!("；另有 {names}"),
    instead_of: |destination| format!("原应发往 {destination}"),
};
