//! The template files of prometheus-webhook-dingtalk: kept by path, or taken out of a ConfigMap.

use crate::settings::foreign::source::Placed;
use crate::settings::foreign::translation::Translation;
use crate::settings::foreign::wrapped::Datum;
use crate::settings::glob;

/// Adds the patterns of the file; whether there are any.
pub(super) fn translate<'t>(translation: &mut Translation<'t>, root: Placed<'t>) -> bool {
    let findings = translation.findings;
    let mut patterns = findings.texts(root, "templates");
    // `template`, with a single pattern, is the key of the product's first versions.
    let single = findings.text(root, "template").filter(|pattern| !pattern.is_empty());
    patterns.extend(single.zip(root.get("template")));
    for (pattern, value) in &patterns {
        add(translation, pattern, *value);
    }
    note_unnamed(translation, &patterns);
    !patterns.is_empty()
}

/// Adds a pattern; `value` is the place where it stands.
pub(super) fn add(translation: &mut Translation<'_>, pattern: &str, value: Placed<'_>) {
    let data = translation.data;
    let is_of_pattern = |datum: &&Datum<'_>| glob::names(pattern, datum.key) && !datum.is_file;
    let wrapped: Vec<&Datum<'_>> = data.iter().filter(is_of_pattern).collect();
    let findings = translation.findings;
    if wrapped.is_empty() || !translation.templates.are_written() {
        translation.templates.keep(pattern);
    }
    for datum in &wrapped {
        let (key, text) = (datum.reference().words(), datum.text.as_deref());
        match text {
            Some(text) if translation.templates.are_written() => {
                translation.templates.write(datum.key, text);
            }
            Some(_) | None => findings.note_at(
                value,
                format!(
                    "the file of `{pattern}` is the {key}: mount it there for Campana as well, or \
                 write it into a file with `--templates-dir DIR`"
                ),
            ),
        }
    }
    if wrapped.is_empty() && !translation.templates.is_there(pattern) {
        findings.note_at(
            value,
            format!(
                "`{pattern}` matches no file here yet: bring the files along, since a pattern \
             without a file is an error for Campana; a relative one starts at its configuration"
            ),
        );
    }
}

/// Notes the keys beside the configuration that no pattern names.
fn note_unnamed(translation: &Translation<'_>, patterns: &[(&str, Placed<'_>)]) {
    let holders = translation.data.iter().filter(|datum| datum.is_file);
    let holders: Vec<_> = holders.map(|datum| (datum.kind, datum.name)).collect();
    let is_beside = |datum: &&Datum<'_>| {
        !datum.is_file && holders.contains(&(datum.kind, datum.name)) && datum.text.is_some()
    };
    for datum in translation.data.iter().filter(is_beside) {
        if !patterns.iter().any(|(pattern, _)| glob::names(pattern, datum.key)) {
            let (place, words) = (datum.value.words(), datum.reference().words());
            translation.findings.note(format!(
                "{place}: the {words} is none of the files that `templates` names, and is left out"
            ));
        }
    }
}
