//! Reasons in words, for people: DingTalk's code and words, what they mean, and what to do.
//!
//! Ours are English beside DingTalk's, which are mostly Chinese.

use std::fmt::Write;

use super::phrases::missing_parameter;
use super::{Cause, Quote, Refusal, SendError};

/// From this difference on a signature's refusal may come from the clock: DingTalk allows an hour
/// (`customize-robot-security-settings`); the rest is for the way.
const NOTABLE_SKEW: i64 = 60;

/// The whole reason.
pub(super) fn reason(error: &SendError) -> String {
    let maybe = if error.uncertain() { "; the message may have arrived" } else { "" };
    meaning(error) + maybe
}

/// The reason without a word about the one message that it was said to.
pub(super) fn meaning(error: &SendError) -> String {
    let SendError { cause, quote, token_request, .. } = error;
    let asked = if *token_request { "the app's token could not be fetched: " } else { "" };
    let of_clock = matches!(cause, Cause::Clock | Cause::Refused(Refusal::Sign));
    let skew = if of_clock { skew_words(quote) } else { String::new() };
    format!("{asked}{}{}{skew}", introduction(quote), words_of(cause, quote))
}

/// What it means and what to do; of a parameter that is missing with its name.
fn words_of(cause: &Cause, quote: &Quote) -> String {
    let missing = Refusal::Missing;
    let of_code = || quote.code.strip_prefix("miss.param.");
    match missing_parameter(&quote.text).or_else(of_code) {
        Some(name) if *cause == Cause::Refused(missing) => {
            format!("{} ({name}); {}", missing.meaning(), missing.remedy())
        }
        Some(_) | None => cause.words(),
    }
}

/// `DingTalk said 310000 "…": `, or what there is of it.
fn introduction(quote: &Quote) -> String {
    let mut words = String::new();
    // Writing to a string cannot fail.
    let _ = match (quote.status, quote.code.as_str()) {
        (0, "") => return words,
        (200, "") => write!(words, "DingTalk answered"),
        (status, "") => write!(words, "DingTalk answered HTTP {status}"),
        (0 | 200, code) => write!(words, "DingTalk said {code}"),
        (status, code) => write!(words, "DingTalk said {code} (HTTP {status})"),
    };
    if !quote.text.is_empty() {
        let _ = write!(words, " \"{}\"", quote.text);
    }
    words + ": "
}

/// How far this machine's clock is from DingTalk's, where that can matter.
fn skew_words(quote: &Quote) -> String {
    match quote.clock_ahead {
        Some(ahead) if ahead >= NOTABLE_SKEW => {
            format!("; this machine's clock is {ahead} s ahead of DingTalk's")
        }
        Some(ahead) if ahead <= -NOTABLE_SKEW => {
            format!("; this machine's clock is {} s behind DingTalk's", ahead.unsigned_abs())
        }
        Some(_) | None => String::new(),
    }
}
