//! This machine's clock against a host's, in words; pure.

use super::Mark;
use crate::language::Language;

/// From this many seconds on a signature is refused (DingTalk, `customize-robot-security-settings`).
const REFUSED: i64 = 3_600;

/// From here on it is told, since more than the way of a call is in it; the deliveries say it from here on
/// too.
const NOTABLE: i64 = 60;

/// What is said of a clock that is so many seconds ahead, or behind where they are negative; `signs` says
/// whether a robot there signs its calls.
pub(super) fn words(ahead: Option<i64>, signs: bool, language: Language) -> (Mark, String) {
    let Some(ahead) = ahead else {
        let words =
            ["the answer has no `Date` header to compare it with", "响应没有 `Date` 头，无法比较"];
        return (Mark::Left, language.pick(words).to_owned());
    };
    let off = ahead.abs();
    if off < NOTABLE {
        let words = [
            "this machine's is less than a minute from the host's; a signature is refused from an hour on",
            "本机与主机的时间相差不到一分钟；相差一小时以上签名才会被拒绝",
        ];
        return (Mark::Well, language.pick(words).to_owned());
    }
    let length = in_words(off, language);
    let is = match (language, ahead > 0) {
        (Language::En, true) => format!("this machine's is {length} ahead of the host's; "),
        (Language::En, false) => format!("this machine's is {length} behind the host's; "),
        (Language::ZhCn, true) => format!("本机时间比主机快 {length}；"),
        (Language::ZhCn, false) => format!("本机时间比主机慢 {length}；"),
    };
    let (mark, remedy) = match (signs, off >= REFUSED) {
        (true, true) => (
            Mark::Wrong,
            [
                "DingTalk refuses every signed message from an hour on: set it (NTP)",
                "相差一小时以上，钉钉会拒绝所有加签消息：请校时（NTP）",
            ],
        ),
        (true, false) => (
            Mark::Doubtful,
            [
                "from an hour on DingTalk refuses every signed message: set it (NTP)",
                "相差达到一小时后，钉钉会拒绝所有加签消息：请校时（NTP）",
            ],
        ),
        (false, _) => (
            Mark::Doubtful,
            [
                "nothing is signed there, but the times in messages are wrong: set it (NTP)",
                "这里没有加签，但消息里的时间会不对：请校时（NTP）",
            ],
        ),
    };
    (mark, is + language.pick(remedy))
}

/// Seconds as hours, minutes and seconds, without what is zero.
fn in_words(seconds: i64, language: Language) -> String {
    let units = language.pick([["h", "min", "s"], ["小时", "分钟", "秒"]]);
    let numbers = [seconds / 3_600, seconds / 60 % 60, seconds % 60];
    let parts = numbers.into_iter().zip(units).filter(|(number, _)| *number > 0);
    let words: Vec<String> = parts.map(|(number, unit)| format!("{number} {unit}")).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::tests::is_partly_english;

    #[test]
    fn a_clock_that_is_off_is_told_in_chinese() {
        let (_, words) = words(Some(-7_323), true, Language::ZhCn);
        let expected = "本机时间比主机慢 2 小时 2 分钟 3 秒；相差一小时以上，钉钉会拒绝所有加签消息：请校时（NTP）";
        assert_eq!(words, expected);
    }

    #[test]
    fn a_clock_is_wrong_from_an_hour_on_where_something_is_signed() {
        for (ahead, signs, mark, expected) in [
            (Some(0), true, Mark::Well, "less than a minute from the host's"),
            (Some(-59), true, Mark::Well, "refused from an hour on"),
            (Some(61), true, Mark::Doubtful, "1 min 1 s ahead of the host's; from an hour on"),
            (Some(-3_599), true, Mark::Doubtful, "59 min 59 s behind the host's"),
            (Some(3_600), true, Mark::Wrong, "1 h ahead of the host's; DingTalk refuses every"),
            (Some(-7_323), true, Mark::Wrong, "2 h 2 min 3 s behind the host's"),
            (Some(7_200), false, Mark::Doubtful, "nothing is signed there"),
            (None, true, Mark::Left, "no `Date` header"),
        ] {
            let (marked, chinese) = words(ahead, signs, Language::ZhCn);
            assert!(marked == mark && !is_partly_english(&chinese), "{chinese}");
            let (told, words) = words(ahead, signs, Language::En);
            assert!(told == mark && words.contains(expected), "{words}");
        }
    }
}
