//! What an answer of DingTalk means, as a cause that the caller can act on.
//!
//! A message has arrived only when DingTalk said so: errcode present and 0, or, by the current API,
//! 200 with a `processQueryKey`. Everything else is a [`SendError`], also an answer that nobody
//! knows yet. Nothing here waits or retries, and no text in here carries a secret.

mod cause;
mod refusal;
mod words;

pub(super) mod codes;
pub(super) mod phrases;

#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use crate::language::Language;

pub use cause::Cause;
pub use refusal::Refusal;

/// DingTalk took the message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// DingTalk's code, `0`; the current API has none.
    pub code: Option<String>,
    /// DingTalk's words, `ok`; the current API has none.
    pub text: String,
    /// DingTalk's number of the message: a `processQueryKey` or `messageId`; a chatbot's has none.
    pub message_id: Option<String>,
}

/// What is quoted from an answer: foreign text, cleaned, shortened and without secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quote {
    /// The HTTP status; 0 where there was no answer.
    pub status: u16,
    /// `errcode`, `sub_code` or `code`; empty where the answer had none.
    pub code: String,
    /// DingTalk's words, or the beginning of what came instead.
    pub text: String,
    /// How many seconds this machine's clock is ahead of DingTalk's, by the answer's `Date`.
    pub clock_ahead: Option<i64>,
}

/// Why a message did not, or may not have, arrived, and what DingTalk said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendError {
    /// Why.
    pub cause: Cause,
    /// What DingTalk said; empty where there was no answer.
    pub quote: Box<Quote>,
    /// How long DingTalk asks to wait, where it says so.
    pub wait: Option<Duration>,
    /// Whether the request for the app's token failed, so that the message was not sent.
    pub token_request: bool,
}

impl SendError {
    /// Of an answer.
    #[must_use]
    pub fn new(cause: Cause, quote: Quote) -> Self {
        Self { cause, quote: Box::new(quote), wait: None, token_request: false }
    }

    /// The same error, of the request for the app's token.
    #[must_use]
    pub fn of_token_request(self) -> Self {
        Self { token_request: true, ..self }
    }

    /// DingTalk's code, where it gave one.
    #[must_use]
    pub fn code(&self) -> Option<String> {
        Some(self.quote.code.clone()).filter(|code| !code.is_empty())
    }

    /// A word for metrics and filters.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        self.cause.outcome()
    }

    /// Whether the message may have arrived all the same, so that sending it again with another
    /// `msgUuid` could show it twice.
    #[must_use]
    pub fn uncertain(&self) -> bool {
        // The message waits for the token, whatever became of the token's request.
        !self.token_request && self.cause.uncertain()
    }

    /// Whether every destination of the robot or the app is refused for the same reason.
    #[must_use]
    pub fn concerns_account(&self) -> bool {
        // Whatever refuses an app its token refuses it to all conversations of the app.
        self.token_request || self.cause.concerns_account()
    }

    /// DingTalk's code and words, what they mean, and what to do; DingTalk's words as they came, and ours in this
    /// language.
    #[must_use]
    pub fn reason(&self, language: Language) -> String {
        words::reason(self, language)
    }

    /// The same without a word about the one message: what any other would meet as well.
    #[must_use]
    pub fn meaning(&self, language: Language) -> String {
        words::meaning(self, language)
    }
}

/// Where there was no answer.
impl From<Cause> for SendError {
    fn from(cause: Cause) -> Self {
        Self::new(cause, Quote::default())
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason(Language::En))
    }
}

impl std::error::Error for SendError {}
