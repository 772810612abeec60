//! Reasons in words, for people: DingTalk's code and words, what they mean, and what to do.
//!
//! Ours are in the reader's language beside DingTalk's, which are mostly Chinese.

use super::phrases::missing_parameter;
use super::{Cause, Quote, Refusal, SendError};
use crate::language::Language;

/// From this difference on a signature's refusal may come from the clock: DingTalk allows an hour
/// (`customize-robot-security-settings`); the rest is for the way.
const NOTABLE_SKEW: i64 = 60;

/// The whole reason.
pub(super) fn reason(error: &SendError, language: Language) -> String {
    let maybe = language.pick(["; the message may have arrived", "；消息可能已经送达"]);
    meaning(error, language) + if error.uncertain() { maybe } else { "" }
}

/// The reason without a word about the one message that it was said to.
pub(super) fn meaning(error: &SendError, language: Language) -> String {
    let SendError { cause, quote, token_request, .. } = error;
    let asked =
        language.pick(["the app's token could not be fetched: ", "未能取得应用的 access_token："]);
    let asked = if *token_request { asked } else { "" };
    let of_clock = matches!(cause, Cause::Clock | Cause::Refused(Refusal::Sign));
    let skew = if of_clock { skew_words(quote, language) } else { String::new() };
    let (said, words) = (introduction(quote, language), words_of(cause, quote, language));
    format!("{asked}{said}{words}{skew}")
}

/// What it means and what to do; of a parameter that is missing with its name.
fn words_of(cause: &Cause, quote: &Quote, language: Language) -> String {
    let missing = Refusal::Missing;
    let of_code = || quote.code.strip_prefix("miss.param.");
    match missing_parameter(&quote.text).or_else(of_code) {
        Some(name) if *cause == Cause::Refused(missing) => {
            let name = language.pick([format!(" ({name})"), format!("（{name}）")]);
            missing.words(&name, language)
        }
        Some(_) | None => cause.words(language),
    }
}

/// `DingTalk said 310000 "…": `, or what there is of it.
fn introduction(quote: &Quote, language: Language) -> String {
    let (status, code) = (quote.status, quote.code.as_str());
    let mut words = match (status, code) {
        (0, "") => return String::new(),
        (200, "") => language.pick(["DingTalk answered", "钉钉返回"]).to_owned(),
        (status, "") => language
            .pick([format!("DingTalk answered HTTP {status}"), format!("钉钉返回 HTTP {status}")]),
        (0 | 200, code) => {
            language.pick([format!("DingTalk said {code}"), format!("钉钉返回 {code}")])
        }
        (status, code) => language.pick([
            format!("DingTalk said {code} (HTTP {status})"),
            format!("钉钉返回 {code}（HTTP {status}）"),
        ]),
    };
    let [open, close] = language.pick([[" \"", "\""], ["“", "”"]]);
    if !quote.text.is_empty() {
        words.extend([open, &quote.text, close]);
    }
    words + language.pick([": ", "："])
}

/// How far this machine's clock is from DingTalk's, where that can matter.
fn skew_words(quote: &Quote, language: Language) -> String {
    match quote.clock_ahead {
        Some(ahead) if ahead >= NOTABLE_SKEW => language.pick([
            format!("; this machine's clock is {ahead} s ahead of DingTalk's"),
            format!("；本机时钟比钉钉快 {ahead} 秒"),
        ]),
        Some(ahead) if ahead <= -NOTABLE_SKEW => {
            let behind = ahead.unsigned_abs();
            language.pick([
                format!("; this machine's clock is {behind} s behind DingTalk's"),
                format!("；本机时钟比钉钉慢 {behind} 秒"),
            ])
        }
        Some(_) | None => String::new(),
    }
}
