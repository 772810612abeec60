//! A sender's payload: a notification or words, and of a notification messages that fit.

use campana::alert::Notification;
use campana::dingtalk::message::MessageType;
use campana::dingtalk::{chat, group, robot};
use campana::receive::{self, PayloadError, alertmanager};
use campana::render::{Format, Language, Mention, Rendered, Style, Surface};
use campana::select;
use campana::select::condition::{Condition, Conditions, Operator};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::heap::most_taken;
use crate::messages::{TYPES, built_in};

/// How many alerts are kept at most: as many as usually, and few.
const MOST_ALERTS: usize = 10_000;
const FEW_ALERTS: usize = 2;

/// The longest words of an error, in bytes: two quoted pieces of 200 characters, and ours.
const WORDS: usize = 2_000;

/// How many times its weight a payload may take of the heap while it is read, and the least that it
/// may take.
const HEAP: (usize, usize) = (24, 64 * 1024);

/// What an object weighs at least, as in `src/intake/payload_room.rs`.
const OBJECT_BYTES: usize = 64;

/// Whatever the bytes are, the same comes of them each time, and it is bounded.
///
/// # Panics
///
/// When that is not so.
pub fn holds(bytes: &[u8]) {
    let read = |most| receive::parse(alertmanager::FORMAT, bytes, most);
    let (found, taken) = most_taken(|| read(MOST_ALERTS));
    let objects = bytes.split(|byte| *byte == b'{').count() - 1;
    let weight = bytes.len().max(objects * OBJECT_BYTES);
    let most = HEAP.1 + HEAP.0 * weight;
    assert!(taken <= most, "{taken} bytes of the heap for a payload that weighs {weight}");
    assert_eq!(found, read(MOST_ALERTS), "read twice");
    let few = read(FEW_ALERTS);
    match (found, few) {
        (Ok(notification), Ok(few)) => {
            are_kept(&few, &notification);
            is_written(&notification);
            is_written(&few);
        }
        (Err(error), Err(same)) => {
            assert_eq!(error, same, "how many are kept decides nothing else");
            are_words(&error);
        }
        (one, other) => panic!("{one:?} with many alerts, {other:?} with few"),
    }
}

/// So many alerts of the notification are kept, and the others are counted.
fn are_kept(few: &Notification, all: &Notification) {
    assert!(few.alerts.len() == all.alerts.len().min(FEW_ALERTS), "{few:?}");
    assert!(few.alerts.iter().all(|alert| all.alerts.contains(alert)), "{few:?}");
    let lost = (all.alerts.len() - few.alerts.len()) as u64;
    assert_eq!(few.skipped.alerts, lost);
    assert_eq!(few.truncated_alerts, all.truncated_alerts.saturating_add(lost));
}

fn are_words(error: &PayloadError) {
    let words = error.to_string();
    assert!((1..=WORDS).contains(&words.len()), "{} bytes of words", words.len());
}

fn is_written(notification: &Notification) {
    for conditions in conditions() {
        for send_resolved in [true, false] {
            let Some(kept) = select::keep(&conditions, send_resolved, notification) else {
                continue;
            };
            let kept = kept.alone(notification);
            assert!(!kept.alerts.is_empty() && kept.alerts.len() <= notification.alerts.len());
            assert!(kept.alerts.iter().all(|alert| conditions.hold(&alert.labels)));
        }
    }
    for surface in surfaces() {
        for message_type in TYPES {
            let message = write(notification, message_type, &surface);
            assert_eq!(message.error, None, "the built-in message is always written");
            assert!((1..=5).contains(&message.parts.len()), "{} parts", message.parts.len());
            for part in &message.parts {
                let size = part.size(surface.api);
                assert!(size <= surface.max_bytes, "{size} bytes: {part:?}");
            }
            assert_eq!(message, write(notification, message_type, &surface), "written twice");
        }
    }
}

fn write(notification: &Notification, message_type: MessageType, surface: &Surface) -> Rendered {
    let style = Style::new(Format::of(message_type, Language::ZhCn), TimeZone::UTC);
    let now = Timestamp::from_second(1_790_000_000).expect("a time");
    built_in(notification, &style, surface, now)
}

fn conditions() -> [Conditions; 3] {
    let values = vec!["critical".to_owned(), String::new()];
    let of = |condition| Conditions::new(vec![condition]);
    [
        Conditions::default(),
        of(Condition::new("severity", Operator::NotIn, values).expect("a condition")),
        of(Condition::matcher("alertname=~\".*[aeiou]\", severity!=\"info\"").expect("a matcher")),
    ]
}

/// A chatbot, a conversation by each of its APIs, and a chatbot that asks for much and takes little.
fn surfaces() -> [Surface; 4] {
    let mention = Mention {
        mobiles: vec!["13800000000".to_owned()],
        user_ids: vec!["user_1".to_owned()],
        all: true,
        resolved: true,
    };
    let keywords = vec!["告警".to_owned()];
    let small = Surface { max_bytes: 1_000, keywords, mention, ..Surface::new(&robot::API) };
    let [robot, group, chat] = [&robot::API, &group::API, &chat::API].map(Surface::new);
    [robot, group, chat, small]
}
