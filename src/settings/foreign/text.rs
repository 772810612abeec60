//! The new configuration as a text for people: what it needs and what differs stand in it as
//! comments, each beside the receiver that it is about.

use super::findings::Note;
use super::secret::Variable;
use super::translation::{NewReceiver, Translation};
use crate::settings::yaml::{list, table, texts, write};

/// The widest line of a comment.
const WIDTH: usize = 98;

/// Writes the configuration that the files of a product, called `names`, become.
pub(super) fn write_all(
    translation: &Translation<'_>,
    notes: &[Note],
    product: &str,
    names: &str,
) -> String {
    let mut out = String::new();
    comment(
        &mut out,
        "",
        &format!("Campana's configuration, translated from {product} ({names})."),
    );
    let variables = translation.secrets.variables.iter().map(line);
    section(
        &mut out,
        "Set these variables before the start, or use the keys with `_file`:",
        variables,
    );
    let is_there = |name: &String| translation.receivers.iter().any(|one| one.name == *name);
    // A note about a receiver that was left out has no other place.
    let is_general = |note: &&Note| !note.receiver.as_ref().is_some_and(is_there);
    let general = notes.iter().filter(is_general).map(|note| note.text.clone());
    section(&mut out, "What differs, and what to do about it:", general);
    out.push('\n');
    let sections = translation.sections.iter();
    let sections = sections.map(|(name, keys)| (*name, table(keys.iter().cloned())));
    let mut entries: Vec<_> = sections.collect();
    let patterns = &translation.templates.patterns;
    if !patterns.is_empty() {
        entries.push(("templates", texts(patterns)));
    }
    if !entries.is_empty() {
        out.push_str(&write(&table(entries)));
    }
    out.push_str("receivers:\n");
    for new in &translation.receivers {
        receiver(&mut out, new, notes);
    }
    out
}

/// A heading with its items as comments; nothing without items.
fn section(out: &mut String, heading: &str, items: impl Iterator<Item = String>) {
    for (index, text) in items.enumerate() {
        if index == 0 {
            out.push_str("#\n");
            comment(out, "", heading);
        }
        wrapped(out, "# - ", "#   ", &text);
    }
}

/// What a variable takes, in one line.
pub(super) fn line(variable: &Variable) -> String {
    format!("{}: {}", variable.name, variable.words)
}

fn receiver(out: &mut String, receiver: &NewReceiver, notes: &[Note]) {
    let of_it = |note: &&Note| note.receiver.as_ref() == Some(&receiver.name);
    for note in notes.iter().filter(of_it) {
        comment(out, "  ", &note.text);
    }
    let written = write(&list([table(receiver.entries.iter().cloned())]));
    for line in written.lines() {
        if !line.is_empty() {
            out.extend(["  ", line]);
        }
        out.push('\n');
    }
}

fn comment(out: &mut String, indent: &str, text: &str) {
    let start = format!("{indent}# ");
    wrapped(out, &start, &start, text);
}

/// Writes a text word by word, on as many lines as it takes. A control character would end the
/// comment or hide what follows.
fn wrapped(out: &mut String, first: &str, next: &str, text: &str) {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    out.push_str(first);
    let mut column = first.chars().count();
    for (index, word) in text.split_whitespace().enumerate() {
        let length = word.chars().count();
        if index > 0 && column + 1 + length > WIDTH {
            out.extend(["\n", next]);
            column = next.chars().count();
        } else if index > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out.push('\n');
}
