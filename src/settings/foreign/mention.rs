//! Whom foreign files mention; who can't be mentioned is left out, with a note.

use super::findings::Findings;
use super::source::Placed;
use crate::settings::check::person::{no_mobile, no_user_id};
use crate::settings::decode::shown;
use crate::settings::tree::Node;
use crate::settings::yaml::{bare, table, texts};

/// How many people DingTalk mentions at most (`custom-robots-send-group-messages`).
const MOST: usize = 50;

/// The people of a robot.
#[derive(Default)]
pub(super) struct People<'t> {
    pub(super) mobiles: Vec<(&'t str, Placed<'t>)>,
    pub(super) user_ids: Vec<(&'t str, Placed<'t>)>,
    pub(super) all: bool,
}

/// The `mention` of these people, if there are any.
///
/// Both products mention with resolved alerts too, so `resolved` is on.
pub(super) fn mention(findings: &Findings, people: &People<'_>) -> Option<Node> {
    let mut left = MOST;
    let mobiles = kept(findings, &people.mobiles, no_mobile, &mut left);
    let user_ids = kept(findings, &people.user_ids, no_user_id, &mut left);
    if mobiles.is_empty() && user_ids.is_empty() && !people.all {
        return None;
    }
    let mut entries = Vec::new();
    for (key, people) in [("mobiles", mobiles), ("user_ids", user_ids)] {
        if !people.is_empty() {
            entries.push((key, texts(people)));
        }
    }
    entries.extend([("all", bare(people.all)), ("resolved", bare(true))]);
    Some(table(entries))
}

/// Those of the people whom DingTalk can know, each once.
fn kept<'t>(
    findings: &Findings,
    people: &[(&'t str, Placed<'_>)],
    mistake: fn(&str) -> Option<String>,
    left: &mut usize,
) -> Vec<&'t str> {
    let mut kept: Vec<&str> = Vec::new();
    for (person, value) in people {
        if person.is_empty() {
            findings.note_at(*value, "left out: it is empty");
        } else if person.contains("${") {
            let text = format!(
                "`{}` is left out: no variables are replaced there; here they are, so write it \
                 under `mention` of the receiver",
                shown(person)
            );
            findings.note_at(*value, text);
        } else if let Some(words) = mistake(person) {
            let person = shown(person);
            let text = format!("`{person}` is left out, since it would mention nobody: {words}");
            findings.note_at(*value, text);
        } else if *left == 0 {
            findings.note_at(*value, "left out: DingTalk mentions at most 50 people");
        } else if !kept.contains(person) {
            *left -= 1;
            kept.push(person);
        }
    }
    kept
}
