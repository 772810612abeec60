//! How a receiver understands what Monika posts to it.

use std::time::Duration;

/// The `monika` section of a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonikaSettings {
    /// What the `webhook` channel, which tells no recovery from an incident, is taken for.
    pub webhook: MonikaWebhook,
    /// An incident of which nothing was heard for so long is closed; none keeps it open.
    pub max_age: Option<Duration>,
}

impl Default for MonikaSettings {
    /// A restart of Monika forgets what it told of, so a recovery that has not come within a day will
    /// hardly come any more.
    fn default() -> Self {
        Self { webhook: MonikaWebhook::default(), max_age: Some(Duration::from_hours(24)) }
    }
}

/// What a body of Monika's `webhook` channel is taken for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MonikaWebhook {
    /// Either of the two, and the message says so.
    #[default]
    Either,
    /// An incident, and the next one of the same URL and assertion its recovery.
    Toggle,
}
