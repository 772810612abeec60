//! This machine's clock against a host's, in words; pure.

use super::Mark;

/// From this many seconds on a signature is refused (DingTalk, `customize-robot-security-settings`).
const REFUSED: i64 = 3_600;

/// From here on it is told, since more than the way of a call is in it; the deliveries say it from here on
/// too.
const NOTABLE: i64 = 60;

/// What is said of a clock that is so many seconds ahead, or behind where they are negative; `signs` says
/// whether a robot there signs its calls.
pub(super) fn words(ahead: Option<i64>, signs: bool) -> (Mark, String) {
    let Some(ahead) = ahead else {
        return (Mark::Left, "the answer has no `Date` header to compare it with".to_owned());
    };
    let off = ahead.abs();
    if off < NOTABLE {
        let words = "a signature is refused from an hour on";
        return (
            Mark::Well,
            format!("this machine's is less than a minute from the host's; {words}"),
        );
    }
    let side = if ahead > 0 { "ahead of" } else { "behind" };
    let is = format!("this machine's is {} {side} the host's", in_words(off));
    match (signs, off >= REFUSED) {
        (true, true) => {
            let remedy = "DingTalk refuses every signed message from an hour on: set it (NTP)";
            (Mark::Wrong, format!("{is}; {remedy}"))
        }
        (true, false) => {
            let remedy = "from an hour on DingTalk refuses every signed message: set it (NTP)";
            (Mark::Doubtful, format!("{is}; {remedy}"))
        }
        (false, _) => {
            let remedy =
                "nothing is signed there, but the times in messages are wrong: set it (NTP)";
            (Mark::Doubtful, format!("{is}; {remedy}"))
        }
    }
}

/// Seconds as hours, minutes and seconds, without what is zero.
fn in_words(seconds: i64) -> String {
    let parts = [(seconds / 3_600, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let words: Vec<String> = parts.map(|(number, unit)| format!("{number} {unit}")).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let (told, words) = words(ahead, signs);
            assert!(told == mark && words.contains(expected), "{words}");
        }
    }
}
