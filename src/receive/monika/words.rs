//! The words about what Monika does not say, in each language that messages are written in.

/// The words of one language.
#[derive(Debug)]
pub(super) struct Words {
    /// In place of a message that Monika leaves empty.
    pub(super) not_accessible: &'static str,
    /// Says that so many probes without a URL are down.
    pub(super) without_url: fn(u32) -> String,
    /// Says that nobody knows which probe it was.
    pub(super) which_probe: &'static str,
    /// Before what a recovery says, which is often what its incident said.
    pub(super) recovered: fn(&str) -> String,
    /// Says that one of the probes without a URL recovered, and so many did not.
    pub(super) one_recovered: fn(u32) -> String,
    /// Says that a recovery came and no incident before it.
    pub(super) unknown_incident: &'static str,
    /// Before what the webhook channel says.
    pub(super) either: fn(&str) -> String,
    /// Says why it may be either, and what to do.
    pub(super) why_either: &'static str,
    /// Says that no recovery came within this time.
    pub(super) no_recovery: fn(&str) -> String,
    /// Before what an incident said that is closed.
    pub(super) it_said: fn(&str) -> String,
    /// Hours and minutes, as they follow a number.
    pub(super) units: [&'static str; 2],
    /// Before each number of a status update that has words, and behind it.
    pub(super) numbers: [(&'static str, &'static str); 4],
    /// The response times of a status update: the shortest, the longest, on average.
    pub(super) response_times: fn(&str, &str, &str) -> String,
    /// A status update without a number.
    pub(super) no_numbers: &'static str,
    /// Between the numbers of a status update.
    pub(super) comma: &'static str,
}

/// The words of the language of this name; English, if there is none.
pub(super) fn of(language: &str) -> &'static Words {
    if language == "zh-CN" { &CHINESE } else { &ENGLISH }
}

static ENGLISH: Words = Words {
    not_accessible: "Probe not accessible",
    without_url: |count| match count {
        1 => "1 probe without a URL is down. Monika names neither URL nor probe.".to_owned(),
        _ => format!("{count} probes without a URL are down. Monika names neither URL nor probe."),
    },
    which_probe: "Monika names neither URL nor probe.",
    recovered: |said| format!("Recovered: {said}"),
    one_recovered: |left| match left {
        1 => "One of 2 probes without a URL has recovered, 1 is still down".to_owned(),
        _ => format!(
            "One of {} probes without a URL has recovered, {left} are still down",
            left.saturating_add(1)
        ),
    },
    unknown_incident: "A recovery without a known incident: Monika told of none before it.",
    either: |said| format!("Incident or recovery: {said}"),
    why_either: "Monika's webhook channel does not tell which it is, incident or recovery. Its monika-notif \
        channel does; or set monika.webhook: toggle.",
    no_recovery: |age| {
        format!("No recovery came within {age}: Monika may have been restarted; closed by Campana")
    },
    it_said: |said| format!("The incident was: {said}"),
    units: ["h", "m"],
    numbers: [("", " probes"), ("", " incidents"), ("", " recoveries"), ("", " notifications")],
    response_times: |least, most, average| {
        format!("response times {least} to {most} ms, {average} ms on average")
    },
    no_numbers: "Monika is running",
    comma: ", ",
};

static CHINESE: Words = Words {
    not_accessible: "探测目标无法访问",
    without_url: |count| {
        format!("{count} 个没有 URL 的探针异常。Monika 既未给出 URL，也未给出探针名称。")
    },
    which_probe: "Monika 既未给出 URL，也未给出探针名称。",
    recovered: |said| format!("已恢复：{said}"),
    one_recovered: |left| {
        format!("{} 个没有 URL 的探针中有 1 个已恢复，仍有 {left} 个异常", left.saturating_add(1))
    },
    unknown_incident: "收到恢复通知，但没有已知的故障：此前 Monika 未通知过故障。",
    either: |said| format!("故障或恢复：{said}"),
    why_either: "Monika 的 webhook 渠道不区分故障和恢复。请改用 monika-notif 渠道，或设置 \
        monika.webhook: toggle。",
    no_recovery: |age| format!("{age}内没有收到恢复通知：Monika 可能已重启；由 Campana 关闭"),
    it_said: |said| format!("故障内容：{said}"),
    units: [" 小时", " 分钟"],
    numbers: [("探针 ", " 个"), ("故障 ", " 次"), ("恢复 ", " 次"), ("通知 ", " 条")],
    response_times: |least, most, average| {
        format!("响应时间 {least} 至 {most} 毫秒，平均 {average} 毫秒")
    },
    no_numbers: "Monika 运行中",
    comma: "，",
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::tests::is_partly_english;

    #[test]
    fn no_english_sentence_is_left_among_the_chinese_words() {
        let said = |words: &'static Words| {
            let joined = words.numbers.map(|(before, behind)| format!("{before}3{behind}"));
            [
                words.not_accessible.to_owned(),
                (words.without_url)(1),
                (words.without_url)(2),
                words.which_probe.to_owned(),
                (words.recovered)(""),
                (words.one_recovered)(1),
                (words.one_recovered)(2),
                words.unknown_incident.to_owned(),
                (words.either)(""),
                words.why_either.to_owned(),
                (words.no_recovery)(&format!("2{}", words.units[0])),
                (words.it_said)(""),
                (words.response_times)("1", "3", "2"),
                words.no_numbers.to_owned(),
                joined.join(words.comma),
            ]
        };
        for text in said(of("zh-CN")) {
            assert!(!is_partly_english(&text), "{text}");
        }
        assert!(said(of("en")).iter().any(|text| is_partly_english(text)), "it can be told");
    }
}
