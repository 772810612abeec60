//! One answer of DingTalk, and what can be read from it.
//!
//! `oapi.dingtalk.com` answers a refusal with HTTP 200 and an errcode, `api.dingtalk.com` with HTTP
//! 4xx or 5xx and a `code` in words, but sometimes in the other's form (a wrong path: 200 and an
//! errcode). So failures of both are read here; only each API's verdict knows its success.

use std::time::Duration;

use jiff::tz::Offset;
use jiff::{Timestamp, civil};
use serde_json::{Map, Value};

use super::errcode::{Cause, Quote, Receipt, SendError, codes, phrases};
use super::sanitize::{self, MOST_CODE, MOST_TEXT};

/// The longest wait that is taken from an answer: twice the longest one documented (an address
/// that called too often is blocked for five minutes, `call-frequency-limit`).
const LONGEST_WAIT: Duration = Duration::from_mins(10);

/// DingTalk writes times in its words as China's local time.
const CHINA: Offset = Offset::constant(8);

/// What came back from one call.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub(super) status: u16,
    /// The body, perhaps cut off at our limit.
    pub(super) body: Vec<u8>,
    /// When the answer came, by this machine's clock.
    pub(super) received: Timestamp,
    /// When DingTalk sent it, by the `Date` header.
    pub(super) date: Option<Timestamp>,
}

impl Reply {
    /// An answer with this status, body and `Date` header, which came at `received`.
    #[must_use]
    pub fn new(status: u16, body: Vec<u8>, received: Timestamp, date: Option<&str>) -> Self {
        Self { status, body, received, date: date.and_then(timestamp_of) }
    }
}

/// The time in a `Date` header.
pub(super) fn timestamp_of(date: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(date).ok().map(|date| date.timestamp())
}

/// An answer whose body is a JSON object.
pub(super) struct JsonReply<'a> {
    reply: &'a Reply,
    secrets: &'a [&'a str],
    body: Map<String, Value>,
}

impl<'a> JsonReply<'a> {
    /// Reads the body of `reply`; `secrets` appear in nothing that comes out of it.
    ///
    /// # Errors
    ///
    /// When the body is no JSON object.
    pub(super) fn new(reply: &'a Reply, secrets: &'a [&'a str]) -> Result<Self, SendError> {
        // Proxies on Windows begin a text with a byte order mark, which JSON does not have (RFC 8259, 8.1).
        let json = reply.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&reply.body);
        if let Ok(body) = serde_json::from_slice(json) {
            return Ok(Self { reply, secrets, body });
        }
        let empty = Self { reply, secrets, body: Map::new() };
        let cause = empty.cause_of_status().unwrap_or(Cause::NotJson);
        Err(SendError::new(cause, empty.quote("")))
    }

    /// The receipt of HTTP 200 with an errcode that is present and 0, which is a success of
    /// `oapi.dingtalk.com`.
    pub(super) fn oapi_receipt(&self) -> Option<Receipt> {
        let code = self.errcode().filter(|code| self.reply.status == 200 && code == "0")?;
        let text = self.clean(self.text("errmsg"), MOST_TEXT);
        Some(Receipt { code: Some(code), text, message_id: None })
    }

    /// The error of an answer with an errcode, which is not a success.
    pub(super) fn oapi(&self, code: &str) -> SendError {
        let words = self.words();
        let cause = match code.parse() {
            // 0 under another status than 200 is no success, and no refusal either.
            Ok(0) => Cause::ServerError,
            Ok(number) => codes::oapi(number, &words),
            Err(_) => phrases::meaning(&words),
        };
        self.error(cause, code)
    }

    /// The error of an answer of the current API, which is not a success.
    pub(super) fn current(&self) -> SendError {
        if self.reply.status / 100 == 3 {
            return self.no_errcode();
        }
        if let Some(code) = self.errcode() {
            return if self.body_decides() { self.oapi(&code) } else { self.no_errcode() };
        }
        let code = self.text("code");
        if code.is_empty() {
            // The bare status 401 is how DingTalk's own Python SDK knows a dead token.
            return match self.reply.status {
                401 => SendError::new(Cause::Token, self.quote("")),
                _ => self.no_errcode(),
            };
        }
        let cause = match code.parse() {
            Ok(number) => codes::oapi(number, &self.words()),
            Err(_) => codes::current(self.reply.status, code, &self.words()),
        };
        self.error(cause, code)
    }

    fn error(&self, cause: Cause, code: &str) -> SendError {
        let throttled = matches!(cause, Cause::Throttled | Cause::ThrottledSecond);
        let wait = if throttled { self.wait_in_words() } else { None };
        SendError { wait, ..SendError::new(cause, self.quote(code)) }
    }

    /// The error of an answer whose status decides, or that has no code.
    pub(super) fn no_errcode(&self) -> SendError {
        let quote = self.quote(&self.errcode().unwrap_or_default());
        if self.text("source") == "x5" || self.body.contains_key("punish") {
            let wait = seconds(self.body.get("wait"));
            return SendError { wait, ..SendError::new(Cause::Banned, quote) };
        }
        SendError::new(self.cause_of_status().unwrap_or(Cause::NoErrcode), quote)
    }

    /// Whether the body decides, and not the status.
    pub(super) fn body_decides(&self) -> bool {
        self.cause_of_status().is_none()
    }

    fn cause_of_status(&self) -> Option<Cause> {
        match self.reply.status {
            300..400 => Some(Cause::Redirect),
            429 | 500.. => Some(Cause::ServerError),
            _ => None,
        }
    }

    /// The errcode as digits, unwrapped from the gateway's 88; `None` where there is none.
    pub(super) fn errcode(&self) -> Option<String> {
        let code = code_in(self.body.get("errcode"))?;
        if code != "88" {
            return Some(code);
        }
        let wrapped = code_in(self.body.get("sub_code"));
        let wrapped = wrapped.or_else(|| code_in_words(self.text("errmsg")));
        // What the gateway refuses did not arrive, whatever stands in the wrapping.
        Some(wrapped.filter(|wrapped| wrapped != "0").unwrap_or(code))
    }

    /// The text under `key`; empty where there is none.
    pub(super) fn text(&self, key: &str) -> &str {
        self.body.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// All the words of the answer, with the permissions that the app lacks.
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

    fn quote(&self, code: &str) -> Quote {
        let words = match self.words() {
            words if words.is_empty() => String::from_utf8_lossy(&self.reply.body).into_owned(),
            words => words,
        };
        let Reply { status, received, date, .. } = self.reply;
        Quote {
            status: *status,
            code: self.clean(code, MOST_CODE),
            text: self.clean(&words, MOST_TEXT),
            clock_ahead: date.map(|date| received.as_second() - date.as_second()),
        }
    }

    /// At most `most` characters of `text`, fit to be shown.
    pub(super) fn clean(&self, text: &str, most: usize) -> String {
        sanitize::clean(text, self.secrets, most)
    }

    /// The wait until the time that a throttle names as its end: `限制将在 2026-09-21 12:00:04 结束`.
    fn wait_in_words(&self) -> Option<Duration> {
        let words = self.words();
        let end = time_in(&words)?;
        let now = self.reply.date.unwrap_or(self.reply.received);
        let wait = Duration::try_from(end.duration_since(now)).unwrap_or_default();
        Some(wait.min(LONGEST_WAIT))
    }
}

/// A code, written as a number or as a text; an empty text is no code.
fn code_in(value: Option<&Value>) -> Option<String> {
    match value? {
        // In JSON `0.0` and `0e1` are the number 0.
        Value::Number(number) => {
            let whole = number.as_f64().filter(|code| code.fract() == 0.0 && number.is_f64());
            Some(whole.map_or_else(|| number.to_string(), |code| format!("{:.0}", code + 0.0)))
        }
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
