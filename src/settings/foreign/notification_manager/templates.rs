//! The templates of notification-manager: by name, and out of ConfigMaps.

use crate::render::profile::Profile;
use crate::settings::decode::shown;
use crate::settings::foreign::source::Placed;
use crate::settings::foreign::translation::Translation;
use crate::settings::foreign::wrapped::{Datum, Reference};
use crate::settings::glob;

const BUILT_IN: &str = "are not brought along: those that are called are built in as the product \
                        writes them; where yours say something else";

/// A template's name as a text calls it; some write the whole call.
pub(super) fn call(name: &str) -> String {
    if name.contains("{{") { name.to_owned() } else { format!("{{{{ template \"{name}\" . }}}}") }
}

/// Whether the product itself brings every template that these texts call.
pub(super) fn are_well_known(texts: &[String]) -> bool {
    let known = |name: &str| {
        let definition = format!("define \"{name}\"");
        Profile::NotificationManager.sources().iter().any(|(_, text)| text.contains(&definition))
    };
    texts.iter().all(|text| {
        let mut calls = text.split("template \"").skip(1);
        calls.all(|rest| rest.split('"').next().is_some_and(known))
    })
}

/// Brings the templates of a ConfigMap, for texts that call some.
pub(super) fn bring(
    translation: &mut Translation<'_>,
    reference: Reference<'_>,
    value: Placed<'_>,
    texts: &[String],
) {
    let (findings, words) = (translation.findings, reference.words());
    let found = reference.find(translation.data);
    if translation.templates.are_written() && !found.is_empty() {
        for datum in found {
            let name = file_name(datum);
            match &datum.text {
                Some(text) => translation.templates.write(&name, text),
                None => findings.note_at(datum.value, "this template is no text and is left out"),
            }
        }
        return;
    }
    let among = if found.is_empty() { ", which is not among the files given" } else { "" };
    let with = "give it, with `--templates-dir DIR`";
    if are_well_known(texts) {
        let text = format!("the templates of {words}{among} {BUILT_IN}, {with}");
        findings.note_at(value, text);
        return;
    }
    let key = reference.key.map(|key| format!("-{key}")).unwrap_or_default();
    let path = format!("templates/{}{key}.tmpl", reference.name);
    translation.templates.keep(&path);
    let text = format!("put the templates of {words}{among} into `{path}`, or {with}");
    findings.note_at(value, text);
}

/// Whether the file is a key of one of the given ConfigMaps.
pub(super) fn is_given(translation: &Translation<'_>, path: &str) -> bool {
    translation.data.iter().any(|datum| glob::names(path, datum.key))
}

/// Brings a template file, for texts that call some.
pub(super) fn bring_file(
    translation: &mut Translation<'_>,
    path: &str,
    value: Placed<'_>,
    texts: &[String],
) {
    let data = translation.data;
    let datum = data.iter().find(|datum| glob::names(path, datum.key));
    let text = datum.and_then(|datum| Some((datum, datum.text.as_deref()?)));
    let (findings, shown) = (translation.findings, shown(path));
    match text {
        Some((datum, text)) if translation.templates.are_written() => {
            translation.templates.write(&file_name(datum), text);
        }
        Some(_) | None if are_well_known(texts) => {
            let with = "name the file under `templates`";
            findings.note_for_all(format!(
                "{}: the templates of `{shown}` {BUILT_IN}, {with}",
                value.words()
            ));
        }
        Some(_) | None => {
            translation.templates.keep(path);
            findings.note_for_all(format!("{}: bring `{shown}` along", value.words()));
        }
    }
}

/// What the file of a key is called.
fn file_name(datum: &Datum<'_>) -> String {
    let key = datum.key.strip_suffix(".tmpl").unwrap_or(datum.key);
    format!("{}-{key}.tmpl", datum.name)
}
