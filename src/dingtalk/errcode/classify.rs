//! From an answer's status and bytes to a verdict.
//!
//! The two families of APIs never share a success test: `oapi` answers a refusal with HTTP 200 and
//! an errcode, `api` with HTTP 4xx or 5xx and a `code` in words (a wrong path there: 200 and an
//! errcode).

use std::time::Duration;

use jiff::tz::Offset;
use jiff::{Timestamp, civil};
use serde_json::{Map, Value};

use super::codes::{self, Verdict};
use super::{Disposition, Gap, Receipt, Refusal, Said, SendError};
use crate::dingtalk::foreign::{self, MOST_CODE, MOST_TEXT};

/// The longest wait that DingTalk can ask for and get; its longest documented one (an address that
/// called too often is blocked for five minutes, `call-frequency-limit`), twice.
const LONGEST_WAIT: Duration = Duration::from_mins(10);

/// DingTalk's times in words are China's.
const CHINA: Offset = Offset::constant(8);

/// What came back from one call.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The body, perhaps cut off at our limit.
    pub body: &'a [u8],
    /// When it came, by our clock.
    pub received: Timestamp,
    /// When it was sent, by its `Date` header.
    pub date: Option<Timestamp>,
}

/// The verdict on an answer of `robot/send`; `secrets` never appear in it.
///
/// # Errors
///
/// Whatever is not HTTP 200 with an errcode that is present and 0.
pub fn chatbot(answer: &Answer<'_>, secrets: &[&str]) -> Result<Receipt, SendError> {
    let read = Read::new(answer, secrets)?;
    let errcode = read.errcode();
    let Some(code) = errcode.filter(|_| read.says_something()) else {
        return Err(read.no_errcode());
    };
    if answer.status == 200 && code == "0" {
        let text = read.clean(read.text("errmsg"), MOST_TEXT);
        return Ok(Receipt { code: Some(code), text, process_query_key: None });
    }
    // A robot has no app token that could be refreshed: it is the webhook's own that is refused.
    let mut error = read.legacy(&code);
    if let SendError::Token(said) = error {
        error = SendError::Refused { refusal: Refusal::UnknownToken, said };
    }
    Err(error)
}

/// The verdict on an answer of `groupMessages/send`; `secrets` never appear in it.
///
/// # Errors
///
/// Whatever is not HTTP 200 with a `processQueryKey`.
pub fn conversation(answer: &Answer<'_>, secrets: &[&str]) -> Result<Receipt, SendError> {
    let read = Read::new(answer, secrets)?;
    let key = read.text("processQueryKey");
    if answer.status == 200 && !key.is_empty() {
        let process_query_key = Some(read.clean(key, MOST_CODE));
        return Ok(Receipt { process_query_key, ..Receipt::default() });
    }
    Err(read.current())
}

/// The verdict on an answer without an app token: if it is about what was sent, the app is wrong.
pub(in crate::dingtalk) fn no_token(answer: &Answer<'_>, secrets: &[&str]) -> SendError {
    let error = Read::new(answer, secrets).map_or_else(|error| error, |read| read.current());
    match error.disposition() {
        Disposition::Shorten
        | Disposition::Resign
        | Disposition::TokenRefused
        | Disposition::BuryMessage => {
            let said = error.said().cloned().unwrap_or_default();
            SendError::Refused { refusal: Refusal::Credentials, said }
        }
        Disposition::Retry
        | Disposition::Busy
        | Disposition::ThrottledLane
        | Disposition::ThrottledSecond
        | Disposition::BuryDestination
        | Disposition::Odd => error,
    }
}

/// The time in a `Date` header.
pub(in crate::dingtalk) fn timestamp_of(date: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(date).ok().map(|date| date.timestamp())
}

/// An answer that is a JSON object.
struct Read<'a> {
    answer: &'a Answer<'a>,
    secrets: &'a [&'a str],
    body: Map<String, Value>,
}

impl<'a> Read<'a> {
    /// Reads the body, or says that nothing can be read from it.
    fn new(answer: &'a Answer<'a>, secrets: &'a [&'a str]) -> Result<Self, SendError> {
        if let Ok(body) = serde_json::from_slice(answer.body) {
            return Ok(Self { answer, secrets, body });
        }
        let empty = Self { answer, secrets, body: Map::new() };
        let gap = empty.gap_of_status().unwrap_or(Gap::NotJson);
        Err(SendError::NoErrcode { gap, said: empty.said(""), wait: None })
    }

    /// The verdict on a body with an errcode, which is not a success.
    fn legacy(&self, code: &str) -> SendError {
        let words = self.words();
        let verdict = match code.parse() {
            // 0 under another status than 200 is no success, and no refusal either.
            Ok(0) => Verdict::Undecided,
            Ok(number) => codes::legacy(number, &words),
            Err(_) => codes::by_text(&words),
        };
        self.verdict(verdict, code)
    }

    /// The verdict on an answer of the current API, which is not a success.
    fn current(&self) -> SendError {
        if self.answer.status / 100 == 3 {
            return self.no_errcode();
        }
        if let Some(code) = self.errcode() {
            return if self.says_something() { self.legacy(&code) } else { self.no_errcode() };
        }
        let code = self.text("code");
        if code.is_empty() {
            // The bare status 401 is how DingTalk's own Python SDK knows a dead token.
            return match self.answer.status {
                401 => SendError::Token(self.said("")),
                _ => self.no_errcode(),
            };
        }
        let verdict = match code.parse() {
            Ok(number) => codes::legacy(number, &self.words()),
            Err(_) => codes::current(self.answer.status, code, &self.words()),
        };
        self.verdict(verdict, code)
    }

    fn verdict(&self, verdict: Verdict, code: &str) -> SendError {
        let said = self.said(code);
        match verdict {
            Verdict::Busy => SendError::Busy(said),
            Verdict::Throttled(window) => {
                SendError::Throttled { window, said, wait: self.wait_in_words() }
            }
            Verdict::TooLong => SendError::TooLong(said),
            Verdict::Clock => SendError::Clock(said),
            Verdict::Token => SendError::Token(said),
            Verdict::Refused(refusal) => SendError::Refused { refusal, said },
            Verdict::Undecided => SendError::NoErrcode { gap: Gap::Failed, said, wait: None },
            Verdict::Unknown => SendError::Unknown(said),
        }
    }

    /// The verdict on an answer whose status, or whose lack of a code, decides.
    fn no_errcode(&self) -> SendError {
        let banned = self.text("source") == "x5" || self.body.contains_key("punish");
        let gap = match self.gap_of_status() {
            _ if banned => Gap::Banned,
            Some(gap) => gap,
            None => Gap::NoCode,
        };
        let wait = if banned { seconds(self.body.get("wait")) } else { None };
        SendError::NoErrcode { gap, said: self.said(&self.errcode().unwrap_or_default()), wait }
    }

    /// Whether the status leaves the word to the body.
    fn says_something(&self) -> bool {
        self.gap_of_status().is_none()
    }

    fn gap_of_status(&self) -> Option<Gap> {
        match self.answer.status {
            300..400 => Some(Gap::Redirect),
            429 | 500.. => Some(Gap::Failed),
            _ => None,
        }
    }

    /// The errcode as digits, unwrapped from the gateway's 88; `None` where there is none.
    fn errcode(&self) -> Option<String> {
        let code = code_in(self.body.get("errcode"))?;
        if code != "88" {
            return Some(code);
        }
        let wrapped = code_in(self.body.get("sub_code"));
        Some(wrapped.or_else(|| code_in_words(self.text("errmsg"))).unwrap_or(code))
    }

    fn text(&self, key: &str) -> &str {
        self.body.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// All the words of the answer, as DingTalk wrote them, with the permissions that it misses.
    fn words(&self) -> String {
        let mut words = Vec::new();
        for key in ["errmsg", "sub_msg", "message"] {
            let text = self.text(key);
            // The errmsg of a wrapped error already holds the words of its sub_msg.
            if !text.is_empty() && !words.iter().any(|word: &&str| word.contains(text)) {
                words.push(text);
            }
        }
        let details = self.body.get("accessdenieddetail");
        let scopes = details.and_then(|details| details.get("requiredScopes"));
        let scopes = scopes.and_then(Value::as_array).into_iter().flatten();
        words.extend(scopes.filter_map(Value::as_str));
        words.join(" ")
    }

    fn said(&self, code: &str) -> Said {
        let words = match self.words() {
            words if words.is_empty() => String::from_utf8_lossy(self.answer.body).into_owned(),
            words => words,
        };
        Said {
            status: self.answer.status,
            code: self.clean(code, MOST_CODE),
            text: self.clean(&words, MOST_TEXT),
            clock_ahead: self
                .answer
                .date
                .map(|date| self.answer.received.as_second() - date.as_second()),
        }
    }

    fn clean(&self, text: &str, most: usize) -> String {
        foreign::clean(text, self.secrets, most)
    }

    /// The wait until the end that a throttle names: `限制将在 2026-09-21 12:00:04 结束`.
    fn wait_in_words(&self) -> Option<Duration> {
        let words = self.words();
        let end = time_in(&words)?;
        let now = self.answer.date.unwrap_or(self.answer.received);
        let wait = Duration::try_from(end.duration_since(now)).unwrap_or_default();
        Some(wait.min(LONGEST_WAIT))
    }
}

/// A code that is a number or a text; a text without a character is none.
fn code_in(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => {
            let text = text.trim();
            let number = text.parse::<i64>().map(|number| number.to_string());
            Some(number.unwrap_or_else(|_| text.to_owned())).filter(|text| !text.is_empty())
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The code in `ding talk error[subcode=40014,submsg=…]`.
fn code_in_words(errmsg: &str) -> Option<String> {
    let (_, after) = errmsg.split_once("subcode=")?;
    let code = after.split([',', ']']).next().unwrap_or_default().trim();
    Some(code.to_owned()).filter(|code| !code.is_empty())
}

/// A wait in seconds, a number or a text.
fn seconds(value: Option<&Value>) -> Option<Duration> {
    let seconds = match value? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let wait = Duration::try_from_secs_f64(seconds).ok()?;
    Some(wait.min(LONGEST_WAIT)).filter(|wait| !wait.is_zero())
}

/// The first `YYYY-MM-DD HH:MM:SS` in `text`, which is China's time.
fn time_in(text: &str) -> Option<Timestamp> {
    const LENGTH: usize = "2026-09-21 12:00:04".len();
    text.char_indices().filter(|(_, first)| first.is_ascii_digit()).find_map(|(at, _)| {
        let time: civil::DateTime = text.get(at..at + LENGTH)?.parse().ok()?;
        CHINA.to_timestamp(time).ok()
    })
}
