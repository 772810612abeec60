//! The templates: which files there are, and what a receiver's title and text call of them.
//!
//! Files are read once, and parsed once for each profile that a receiver uses, because the same
//! name means different things in each.

use std::sync::Arc;

use crate::render::Language;
use crate::render::profile::Profile;
use crate::render::template::{Library, Mistake, Template, TemplateFile, TemplateOrigin};
use crate::settings::Templates;
use crate::settings::decode::{Checked, Decoder, Reported, Table, all};
use crate::settings::diagnostic::Place;
use crate::settings::file::contents;
use crate::settings::glob;
use crate::settings::tree::{Mark, Node, Value};

/// The longest file, as the engine takes it.
const MAX_BYTES: u64 = 256 * 1024;

/// More files are a mistake in a pattern.
const MOST_FILES: usize = 1_000;

/// The files that the patterns of `templates` match, sorted within each pattern, each once.
pub(super) fn templates(decoder: Decoder<'_>, node: &Node) -> Checked<Templates> {
    let items = decoder.list(node, "patterns")?;
    let read = all(items.iter().map(|item| {
        let pattern = decoder.text(item, "a pattern such as `templates/*.tmpl`")?;
        let found = glob::files(decoder.folder, pattern);
        let found = found.or_else(|error| decoder.fail(item.mark, error.to_string()))?;
        Ok((item.mark, pattern.to_owned(), found))
    }))?;
    let mut templates = Templates::default();
    let mut texts = Vec::new();
    for (mark, pattern, found) in read {
        templates.patterns.push(pattern);
        for (shown, path) in found {
            let shown = decoder.folder.join(shown).display().to_string();
            if texts.iter().any(|(seen, _)| *seen == shown) {
                continue;
            }
            if texts.len() == MOST_FILES {
                return decoder.fail(mark, format!("more than {MOST_FILES} template files"));
            }
            let text = contents(&path, MAX_BYTES).map_err(|error| (mark, error));
            texts.push((shown, text));
        }
    }
    let files = all(texts.into_iter().map(|(path, text)| match text {
        Ok(source) => Ok(TemplateFile { path, source }),
        Err((mark, error)) => decoder.fail(mark, format!("can't read {path}: {error}")),
    }));
    Ok(Templates { files: files?, ..templates })
}

/// The files, parsed for each profile that is used.
pub(super) struct TemplateLibraries {
    libraries: Vec<Library>,
}

impl TemplateLibraries {
    /// The libraries for the receivers under `root`; what is wrong with the files is reported.
    pub(super) fn new(
        decoder: Decoder<'_>,
        root: &Node,
        templates: Result<&Templates, Reported>,
        language: Language,
    ) -> Self {
        let whole = templates.is_ok();
        let files = templates.map_or(&[][..], |templates| &templates.files);
        let mut libraries = Vec::new();
        for (library, mistakes) in Library::of_all(&used(root), language, files) {
            for mistake in mistakes {
                let Mistake { origin, line, column, words } = mistake;
                let name = origin.to_string().into();
                let place = Place::File { name, mark: Mark { line, column } };
                decoder.report.error_at(place, words);
            }
            // What a file that could not be read would define is not missing.
            libraries.push(if whole { library } else { library.incomplete() });
        }
        Self { libraries }
    }

    /// Says so where no receiver uses the files at `mark`.
    pub(super) fn warn_unused(&self, decoder: Decoder<'_>, mark: Mark) {
        if self.libraries.is_empty() {
            let text =
                "no receiver uses the templates: give it a `message.title` or `message.text`";
            decoder.report.warning(mark, text);
        }
    }

    fn library(&self, profile: Profile) -> Option<&Library> {
        self.libraries.iter().find(|library| library.profile() == profile)
    }
}

/// The profiles of all receivers with a title or a text; each once.
fn used(root: &Node) -> Vec<Profile> {
    let receivers = root.get("receivers").map(Node::items).unwrap_or_default();
    let mut used = Vec::new();
    for message in receivers.iter().filter_map(|receiver| receiver.get("message")) {
        let is_templated = message.get("title").or_else(|| message.get("text")).is_some();
        let profile = match message.get("profile") {
            Some(node) => node.text().and_then(Profile::of),
            None => Some(Profile::default()),
        };
        used.extend(profile.filter(|profile| is_templated && !used.contains(profile)));
    }
    used
}

/// The `title`, `text` and `profile` of a receiver's `message`.
pub(super) fn template(
    decoder: Decoder<'_>,
    table: &Table<'_>,
    libraries: &TemplateLibraries,
) -> Checked<Option<Arc<Template>>> {
    let words = Profile::ALL.map(|profile| (profile.as_str(), profile));
    let profile = table.optional("profile", |node| decoder.word(node, &words));
    let read = |key| table.optional(key, |node| Ok((node, decoder.text(node, "a template")?)));
    let (title, text) = (read("title"), read("text"));
    let (profile, title, text) = (profile?, title?, text?);
    if title.is_none() && text.is_none() {
        return match table.entry("profile") {
            Some(entry) => decoder.fail(
                entry.mark,
                "`profile` says how `title` and `text` are read; there is neither of them",
            ),
            None => Ok(None),
        };
    }
    let Some(library) = libraries.library(profile.unwrap_or_default()) else {
        return decoder.fail(table.mark, "the templates of this profile were not read");
    };
    let made = Template::new(library, title.map(|(_, text)| text), text.map(|(_, text)| text));
    match made {
        Ok(template) => Ok(Some(Arc::new(template))),
        Err(mistakes) => {
            for mistake in mistakes {
                let node = if mistake.origin == TemplateOrigin::Title { title } else { text };
                let mark = node.map_or(table.mark, |(node, _)| node.mark);
                report(decoder, node.map(|(node, _)| node), mark, mistake);
            }
            Err(Reported)
        }
    }
}

/// Reports a mistake in a template that stands in the configuration itself.
fn report(decoder: Decoder<'_>, node: Option<&Node>, mark: Mark, mistake: Mistake) {
    let Mistake { line, column, words, .. } = mistake;
    let place = node.and_then(|node| match &node.value {
        Value::Scalar(scalar) => {
            scalar.layout.place(&scalar.text, node.mark, Mark { line, column })
        }
        Value::Null | Value::List(_) | Value::Table(_) => None,
    });
    if let Some(place) = place {
        decoder.report.error(place, words);
    } else {
        let text = format!("{words} (line {line}, column {column} of the template)");
        decoder.report.error(mark, text);
    }
}
