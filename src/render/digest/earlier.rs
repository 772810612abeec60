//! The newest message of one group, with a line about the states that were not sent.

use jiff::Timestamp;

use super::group::{DigestGroup, Standing};
use super::line::Manner;
use crate::dingtalk::message::{At, Mark, PARAGRAPH, Part};
use crate::render::builtin::heading::value;
use crate::render::message::{MessageFrame, WrittenText};
use crate::render::{SeverityOrder, Style, Surface, mention, note};

/// The most changes, and the most names, that the line has; of the changes the last ones.
const MOST: usize = 6;

/// The largest heading that is repeated above a line that has a part of its own, in bytes.
const LARGEST_HEADING: usize = 400;

/// `parts`, the message of the group's newest state, with a line that says what its earlier states were,
/// which were not sent. It ends the first part, or is one more part where that is full.
///
/// Whom the earlier states mention the first part mentions too, as far as it has room.
#[must_use]
pub fn with_earlier_states(
    mut parts: Vec<Part>,
    group: &DigestGroup<'_>,
    style: &Style,
    surface: &Surface,
    order: &SeverityOrder,
    now: Timestamp,
) -> Vec<Part> {
    let Some(first) = parts.first_mut().filter(|_| !group.earlier.is_empty()) else { return parts };
    let fits = |part: &Part| part.size(surface.api) <= surface.max_bytes;
    let everyone = mention::within(&DigestGroup::everyone(std::slice::from_ref(group)), surface);
    let mentioning = mentioning(first.clone(), everyone);
    if fits(&mentioning) {
        *first = mentioning;
    }
    let line = line(group, &Manner::new(style, order, now));
    let line = mention::guard(&line, &At::default()).unwrap_or(line);
    let mut ended = first.clone();
    note::end(&mut ended, &line);
    if fits(&ended) {
        *first = ended;
    } else {
        let alone = alone(first, line, style, surface);
        parts.push(alone);
    }
    parts
}

fn mentioning(mut part: Part, at: At) -> Part {
    part.at = at;
    part.mentions = String::new();
    part.mentions = mention::missing(&part.pieces(), &part.at);
    part
}

/// The line as a part of its own, under the heading of the first one.
fn alone(first: &Part, line: String, style: &Style, surface: &Surface) -> Part {
    let frame = MessageFrame::new(surface, style, &first.title);
    let text = if first.heading.len() <= LARGEST_HEADING {
        WrittenText { heading: first.heading.clone(), body: [PARAGRAPH, &line].concat() }
    } else {
        WrittenText { heading: line, body: String::new() }
    };
    // Only the first part mentions anybody.
    frame.part(1, Mark::default(), text)
}

/// `2 earlier states were not sent one by one: fired 03:12, recovered 03:15; also Disk`.
fn line(group: &DigestGroup<'_>, manner: &Manner<'_>) -> String {
    let earlier = &group.earlier;
    let words = &manner.words.digest;
    let mut changes = Vec::new();
    for run in earlier.chunk_by(|one, next| one.standing() == next.standing()) {
        let [first, ..] = run else { continue };
        match first.standing() {
            Standing::Firing => {
                changes.push(manner.happened(words.fired, first.since.or(first.came)));
            }
            Standing::Open => {}
            Standing::Resolved => changes.push(manner.happened(words.recovered, first.came)),
        }
        // Alerts that recovered while others of the group went on firing.
        let resolved = run.iter().map(|state| state.resolved).fold(0, u64::saturating_add);
        if first.standing() != Standing::Resolved && resolved > 0 {
            changes.push((words.resolved)(resolved));
        }
    }
    let left_out = changes.len().saturating_sub(MOST);
    let before = if left_out > 0 { "… " } else { "" };
    let changes = changes[left_out..].join(manner.words.comma);
    let names = only_earlier(group, manner).unwrap_or_default();
    [&*(words.earlier)(earlier.len()), before, &changes, &names].concat()
}

/// The alerts that only the earlier states name.
fn only_earlier(group: &DigestGroup<'_>, manner: &Manner<'_>) -> Option<String> {
    let known: Vec<&str> = group.newest.names().collect();
    let names = group.names().into_iter().filter(|name| !known.contains(name)).filter_map(value);
    let mut names: Vec<String> = names.map(|name| manner.text(&name)).collect();
    let are_more = names.len() > MOST;
    names.truncate(MOST);
    let more = if are_more { " …" } else { "" };
    let names = [&*names.join(manner.words.comma), more].concat();
    (!names.is_empty()).then(|| (manner.words.digest.also)(&names))
}
