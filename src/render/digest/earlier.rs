//! The newest message of one group, with a line about the states that were not sent.

use jiff::Timestamp;

use super::group::GroupState;
use super::line::Manner;
use crate::alert::Status;
use crate::dingtalk::message::{PARAGRAPH, Part};
use crate::render::{Style, Surface};

/// The most changes that the line names; the last ones.
const MOST_CHANGES: usize = 6;

/// `parts`, the message of a group's newest state, with a line at the end of the first part that says
/// what its `earlier` states were, which were not sent; the oldest is first.
///
/// None if the line does not fit into that part.
#[must_use]
pub fn with_earlier_states(
    mut parts: Vec<Part>,
    earlier: &[GroupState<'_>],
    style: &Style,
    surface: &Surface,
    now: Timestamp,
) -> Option<Vec<Part>> {
    if earlier.is_empty() {
        return Some(parts);
    }
    let part = parts.first_mut()?;
    let line = line(earlier, &Manner::new(style, now));
    part.body.truncate(part.body.trim_end().len());
    part.body.push_str(PARAGRAPH);
    part.body.push_str(&line);
    (part.size(surface.api) <= surface.max_bytes).then_some(parts)
}

/// `2 earlier states were not sent one by one: fired 03:12, recovered 03:15`.
fn line(earlier: &[GroupState<'_>], manner: &Manner<'_>) -> String {
    let words = &manner.words.digest;
    let mut changes = Vec::new();
    for run in earlier.chunk_by(|one, next| one.status == next.status) {
        let [first, ..] = run else { continue };
        changes.push(match first.status {
            Status::Firing => manner.happened(words.fired, first.since.or(first.came)),
            Status::Resolved => manner.happened(words.recovered, first.came),
        });
    }
    let left_out = changes.len().saturating_sub(MOST_CHANGES);
    let before = if left_out > 0 { "… " } else { "" };
    let changes = changes[left_out..].join(manner.words.comma);
    [&*(words.earlier)(earlier.len()), before, &changes].concat()
}
