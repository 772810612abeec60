//! The check of `monika`: how a receiver understands what Monika posts to it.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::settings::decode::{Checked, Decoder};
use crate::settings::keys::MONIKA;
use crate::settings::tree::Node;
use crate::settings::{MonikaSettings, MonikaWebhook};

/// The words of `webhook`.
const WEBHOOK: [(&str, MonikaWebhook); 2] =
    [("either", MonikaWebhook::Either), ("toggle", MonikaWebhook::Toggle)];

/// The range of `max_age`; zero keeps incidents open.
const AGES: RangeInclusive<Duration> = Duration::ZERO..=super::LONGEST;

/// The shortest `max_age` that closes one: it is looked for them once a minute.
const SHORTEST: Duration = Duration::from_mins(1);

/// The `monika` of a receiver.
pub(super) fn monika(decoder: Decoder<'_>, node: &Node) -> Checked<MonikaSettings> {
    let table = decoder.table(node, &MONIKA)?;
    let default = MonikaSettings::default();
    let webhook = table.optional("webhook", |node| decoder.word(node, &WEBHOOK));
    let max_age = table.optional("max_age", |node| max_age(decoder, node));
    Ok(MonikaSettings {
        webhook: webhook?.unwrap_or(default.webhook),
        max_age: max_age?.unwrap_or(default.max_age),
    })
}

fn max_age(decoder: Decoder<'_>, node: &Node) -> Checked<Option<Duration>> {
    let age = decoder.duration(node, &AGES)?;
    if !age.is_zero() && age < SHORTEST {
        let text = "an incident stays open for 1m at least; 0 keeps it open until its recovery";
        return decoder.fail(node.position, text);
    }
    Ok(Some(age).filter(|age| !age.is_zero()))
}
