//! The check of `catch_all`: one receiver that keeps what no other one keeps.
//!
//! Its condition is made of the others', so whatever asks a receiver's conditions asks it as well.

use crate::select::condition::{Condition, Conditions, Keeper};
use crate::settings::Receiver;
use crate::settings::decode::{Checked, Decoder, Table};
use crate::settings::tree::Position;

/// Where the receiver's `catch_all` stands, if it is true.
pub(super) fn catch_all(decoder: Decoder<'_>, table: &Table<'_>) -> Checked<Option<Position>> {
    let set = table.optional("catch_all", |node| {
        decoder.flag(node).map(|is_set| is_set.then_some(node.position))
    });
    let set = set?.flatten();
    match (set, table.entry("conditions")) {
        (Some(_), Some(entry)) => decoder.fail(
            entry.position,
            "a receiver with `catch_all` keeps what no other keeps, and has no conditions; remove one of \
             the two",
        ),
        (set, _) => Ok(set),
    }
}

/// Reports each but the first.
pub(super) fn check_catch_alls(decoder: Decoder<'_>, found: &[Position]) {
    let Some((first, others)) = found.split_first() else { return };
    for other in others {
        let line = first.line;
        let text =
            format!("the receiver of line {line} takes what no other keeps; only one can do that");
        decoder.report.error(*other, text);
    }
}

/// Gives the receiver with `catch_all`, which stands at `position`, its condition.
pub(super) fn complete(decoder: Decoder<'_>, receivers: &mut [Receiver], position: Position) {
    let others = receivers.iter().filter(|receiver| receiver.enabled && !receiver.catch_all);
    let keeper = |other: &Receiver| Keeper {
        receiver: other.name.clone(),
        conditions: other.conditions.clone(),
    };
    let others: Vec<Keeper> = others.map(keeper).collect();
    if let Some(greedy) = others.iter().find(|other| other.conditions.as_slice().is_empty()) {
        let name = &greedy.receiver;
        let text =
            format!("nothing is left for it: `{name}` has no conditions, and keeps every alert");
        decoder.report.warning(position, text);
    }
    if let Some(rest) = receivers.iter_mut().find(|receiver| receiver.catch_all) {
        rest.conditions = Conditions::new(vec![Condition::rest(others)]);
    }
}
