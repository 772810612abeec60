//! DingTalk's answer: only a clear yes is a success, and all that is quoted of it can be shown.

use std::fmt::Debug;
use std::time::Duration;

use campana::dingtalk::{Receipt, Reply, SendError, chat, group, robot};
use campana::render::Language;
use jiff::Timestamp;
use serde_json::Value;

/// The secrets of a call; in the answer, an `@` stands for the first, and a `` ` `` for the second.
const SECRETS: [&str; 2] = ["tok-9f3c-76b0-4b1e", "SECret+of/a=robot"];

/// The most characters of quoted words, and of a code; cut text has one more.
const MOST: (usize, usize) = (300 + 1, 100 + 1);

/// The most characters of a whole reason.
const REASON: usize = 1_200;

/// The longest wait that DingTalk may ask for.
const LONGEST_WAIT: Duration = Duration::from_mins(10);

/// An answer of any API: the status, a space and the `Date` header on the first line, then the body.
///
/// # Panics
///
/// When something is taken for a yes that is none, or cannot be shown.
pub fn holds(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let head = String::from_utf8_lossy(&bytes[..end]);
    let (status, date) = head.split_once(' ').unwrap_or((&head, ""));
    let status = status.parse().unwrap_or(200);
    let body = with_secrets(bytes.get(end + 1..).unwrap_or_default());
    let text = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&body);
    let said = serde_json::from_slice(text).unwrap_or(Value::Null);
    let received = Timestamp::from_second(1_790_000_000).expect("a time");
    let reply = Reply::new(status, body, received, Some(date));

    for is_signed in [true, false] {
        let of_robot = robot::verdict::of(&reply, &SECRETS, is_signed);
        assert_eq!(of_robot.is_ok(), status == 200 && has_errcode_0(&said), "{of_robot:?}");
        can_be_shown(&of_robot);
    }

    let of_chat = chat::verdict::of(&reply, &SECRETS);
    assert_eq!(of_chat.is_ok(), status == 200 && has_errcode_0(&said), "{of_chat:?}");
    can_be_shown(&of_chat);

    let of_group = group::verdict::of(&reply, &SECRETS);
    let has_key =
        said.get("processQueryKey").and_then(Value::as_str).is_some_and(|key| !key.is_empty());
    assert_eq!(of_group.is_ok(), status == 200 && has_key, "{of_group:?}");
    can_be_shown(&of_group);
}

fn with_secrets(body: &[u8]) -> Vec<u8> {
    let mut planted = Vec::with_capacity(body.len());
    for byte in body {
        match byte {
            b'@' => planted.extend_from_slice(SECRETS[0].as_bytes()),
            b'`' => planted.extend_from_slice(SECRETS[1].as_bytes()),
            _ => planted.push(*byte),
        }
    }
    planted
}

/// Whether the errcode is there and 0: the number, or the text of DingTalk's own example.
fn has_errcode_0(said: &Value) -> bool {
    let code = said.get("errcode");
    let is_text = code.and_then(Value::as_str).is_some_and(|text| text.trim().parse() == Ok(0));
    is_text || code.and_then(Value::as_f64) == Some(0.0)
}

fn can_be_shown(verdict: &Result<Receipt, SendError>) {
    let nothing = String::new();
    let (code, text, reason) = match verdict {
        Ok(receipt) => {
            let key = receipt.message_id.as_ref().or(receipt.code.as_ref());
            (key.unwrap_or(&nothing), &receipt.text, receipt.text.clone())
        }
        Err(error) => {
            assert!(error.wait.is_none_or(|wait| wait <= LONGEST_WAIT), "{:?}", error.wait);
            assert!(!error.outcome().is_empty());
            (&error.quote.code, &error.quote.text, error.reason(Language::En))
        }
    };
    let most = [(code, MOST.1), (text, MOST.0), (&reason, REASON)];
    for (words, most) in most {
        assert!(words.chars().count() <= most, "more than {most} characters: {words}");
        assert!(!words.contains(is_unseen), "{words:?}");
    }
    hides_secrets(&reason);
    hides_secrets(verdict);
}

/// Whether a character ends a line, or changes what stands around it.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
        || ('\u{200b}'..='\u{200f}').contains(&c)
        || ('\u{202a}'..='\u{202e}').contains(&c)
        || ('\u{2060}'..='\u{2069}').contains(&c)
}

fn hides_secrets(shown: &dyn Debug) {
    let shown = format!("{shown:?}");
    for secret in SECRETS {
        assert!(!shown.contains(secret), "a secret is shown: {shown}");
    }
}
