//! Writes the message of a notification, in parts that are as large as its destination takes.
//!
//! Pure: the time is a value that is given. The parts are final; the queue stores them as they are.
//! Labels and annotations are untrusted: no mention, link or other markup comes out of them, and no
//! value can keep a message from being written.

mod browser;
mod budget;
mod builtin;
pub mod digest;
pub mod facts;
mod finish;
mod format;
mod keyword;
mod last_resort;
pub mod link;
mod markdown;
mod mention;
mod message;
pub mod note;
pub mod paginate;
pub mod plain;
pub mod profile;
mod severity;
mod subject;
pub mod template;
pub mod test_message;
#[cfg(test)]
mod tests;
mod words;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::dingtalk::message::{Api, Part};

pub use crate::dingtalk::message::MessageType;
pub use crate::language::Language;
pub use budget::RenderBudget;
pub use format::{ButtonKind, Format, LinkOpening};
pub use severity::SeverityOrder;
pub use subject::Subject;

use budget::Fuel;
use finish::Finish;
use paginate::entries::BuiltinParts;

/// Why a built-in message is short.
const IN_SHORT: &str = "the messages of this notification used up their budget of fuel, so this one \
                        is short; let fewer receivers or fewer alerts share a notification";

/// How a receiver's messages are written.
#[derive(Debug, Clone)]
pub struct Style {
    /// How they look.
    pub format: Format,
    /// The zone of the times in messages.
    pub timezone: TimeZone,
    /// The buttons below the message, whose links the built-in text does not repeat.
    on_buttons: Vec<ButtonKind>,
}

impl Style {
    /// Messages that look so, with times in this zone.
    #[must_use]
    pub const fn new(format: Format, timezone: TimeZone) -> Self {
        Self { format, timezone, on_buttons: Vec::new() }
    }

    /// The same for messages that have neither buttons nor a page, such as digests.
    #[must_use]
    pub fn of_text(mut self) -> Self {
        self.format.message_type = self.format.message_type.text_type();
        self
    }
}

/// Whom a chatbot's messages mention.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Mention {
    /// Mobile numbers, as configured.
    pub mobiles: Vec<String>,
    /// DingTalk user ids.
    pub user_ids: Vec<String>,
    /// Everyone in the group.
    pub all: bool,
    /// Whether messages in which nothing fires mention them too.
    pub resolved: bool,
}

impl Mention {
    /// Whether it names anybody.
    #[must_use]
    pub fn names_somebody(&self) -> bool {
        let Self { mobiles, user_ids, all, .. } = self;
        *all || !mobiles.is_empty() || !user_ids.is_empty()
    }
}

/// What a destination asks of its messages; equal surfaces get equal messages.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Surface {
    /// The API that carries the message.
    pub api: &'static Api,
    /// The largest part, in the bytes that [`Part::size`] measures.
    pub max_bytes: usize,
    /// The longest title, in UTF-16 units: DingTalk counts characters, and does not say which.
    pub max_title: usize,
    /// One of these must stand in each part.
    pub keywords: Vec<String>,
    /// Whom to mention.
    pub mention: Mention,
}

impl Surface {
    /// What `api` asks of every message: no keyword, no mention, and its largest size.
    #[must_use]
    pub fn new(api: &'static Api) -> Self {
        Self {
            api,
            max_bytes: api.max_bytes,
            max_title: api.max_title,
            keywords: Vec::new(),
            mention: Mention::default(),
        }
    }
}

/// A message, ready for one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Its parts, in order; at least one.
    pub parts: Vec<Part>,
    /// Why the built-in message stands in for what was asked for, or why it is shorter than it would be.
    pub error: Option<String>,
}

/// The built-in message about `subject` for a destination; it always has a part.
#[must_use]
pub fn render(
    subject: &Subject<'_>,
    style: &Style,
    surface: &Surface,
    now: Timestamp,
    budget: &mut RenderBudget,
) -> Rendered {
    let finish = Finish::of(subject, style, surface);
    let (style, surface) = (&*finish.style, &*finish.surface);
    let mut rendered = or_last_resort(subject, style.format.language, surface, budget, |fuel| {
        let builtin = builtin::BuiltinMessage::new(subject.facts(), style, now);
        paginate::entries::parts(&builtin, surface, fuel)
    });
    finish.put_on(rendered.parts.iter_mut());
    rendered
}

/// The parts that `write` gives within the budget; if it panics, the last resort.
///
/// An alert that arrives in two lines is better than one that is answered 500 until it is resolved.
fn or_last_resort(
    subject: &Subject<'_>,
    language: Language,
    surface: &Surface,
    budget: &mut RenderBudget,
    write: impl FnOnce(&Fuel) -> BuiltinParts,
) -> Rendered {
    // Nothing that was borrowed is changed by writing, so there is no broken state to see.
    let written = budget.of_builtin(|fuel| catch_unwind(AssertUnwindSafe(|| write(fuel))));
    let last_resort = || vec![last_resort::write(subject.notification(), language, surface)];
    let (parts, error) = match written {
        Ok(BuiltinParts { parts, .. }) if parts.is_empty() => {
            (last_resort(), Some("no part".to_owned()))
        }
        Ok(BuiltinParts { parts, is_short }) => (parts, is_short.then(|| IN_SHORT.to_owned())),
        Err(panic) => (last_resort(), Some(panic_words("the built-in message", panic.as_ref()))),
    };
    let fitting = parts.into_iter().map(|part| paginate::fit(part, surface, language));
    Rendered { parts: fitting.collect(), error }
}

fn panic_words(writer: &str, panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<&str>().copied();
    let said = said.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("{writer} panicked: {}", said.unwrap_or("no words"))
}
