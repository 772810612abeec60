//! The check of `overflow` and `digest_lines`: what a destination does when more waits than its rate
//! lets through.

use crate::settings::Overflow;
use crate::settings::decode::{Checked, Decoder, Table};

/// The most that `digest_lines` can be; no part has room for as many.
const MOST_LINES: u32 = 1_000;

/// Both keys of a destination.
pub(super) fn overflow(decoder: Decoder<'_>, table: &Table<'_>) -> Checked<Overflow> {
    let words = [("fold", Overflow::default()), ("queue", Overflow::Queue)];
    let overflow = table.optional("overflow", |node| decoder.word(node, &words));
    let lines = table.optional("digest_lines", |node| decoder.number(node, &(1..=MOST_LINES)));
    match (overflow?.unwrap_or_default(), lines?) {
        (Overflow::Queue, Some(_)) => {
            let position =
                table.entry("digest_lines").map_or(table.position, |it| it.value.position);
            decoder
                .fail(position, "with `overflow: queue` there are no digests; remove one of both")
        }
        (Overflow::Queue, None) => Ok(Overflow::Queue),
        (Overflow::Fold { .. }, lines) => {
            let most_lines = lines.and_then(|lines| usize::try_from(lines).ok());
            Ok(Overflow::Fold { most_lines })
        }
    }
}
