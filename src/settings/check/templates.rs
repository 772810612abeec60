//! The check of the template files, and of the receivers' titles and texts that call them.
//!
//! A file is read once, and parsed once for each profile that a receiver uses: a function of the
//! same name does different things in different profiles.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::message::language_of;
use super::trials::{Trials, TriedMessage};
use crate::render::Language;
use crate::render::profile::Profile;
use crate::render::template::{Library, Mistake, Template, TemplateFile, TemplateOrigin};
use crate::settings::Templates;
use crate::settings::contents;
use crate::settings::decode::{Checked, Decoder, Reported, Table, all};
use crate::settings::diagnostic::Place;
use crate::settings::glob;
use crate::settings::tree::{Node, Position, Value};

/// The largest template file: the limit of the engine (`gotemplate::Limits::source`).
const MAX_BYTES: u64 = 256 * 1024;

/// The most template files; more are most likely a mistake in a pattern.
const MOST_FILES: usize = 1_000;

/// The files that the patterns match: in the patterns' order, sorted within each. A file that two
/// patterns match is read once.
pub(super) fn templates(decoder: Decoder<'_>, node: &Node) -> Checked<Templates> {
    let items = decoder.list(node, "patterns")?;
    let read: Vec<Checked<Matched>> = items.iter().map(|item| matched(decoder, item)).collect();
    let outcome = if read.iter().all(Result::is_ok) { Ok(()) } else { Err(Reported) };
    let mut templates = Templates::default();
    let mut texts = Vec::new();
    for Matched { position, pattern, found } in read.into_iter().flatten() {
        templates.patterns.push(pattern);
        for (shown, path) in found {
            let shown = decoder.folder.join(shown).display().to_string();
            if texts.iter().any(|(seen, _)| *seen == shown) {
                continue;
            }
            if texts.len() == MOST_FILES {
                decoder.report.leave_unchecked();
                return decoder.fail(position, format!("more than {MOST_FILES} template files"));
            }
            let text = contents::of_file(&path, MAX_BYTES).map_err(|error| (position, error));
            texts.push((shown, text));
        }
    }
    let files = all(texts.into_iter().map(|(path, text)| match text {
        Ok(source) => Ok(TemplateFile { path, source }),
        Err((position, error)) => decoder.fail(position, error.about(path)),
    }));
    outcome?;
    Ok(Templates { files: files?, ..templates })
}

/// A pattern, its place, and the files that it matches: how each is shown, and its path.
struct Matched {
    position: Position,
    pattern: String,
    found: Vec<(String, PathBuf)>,
}

fn matched(decoder: Decoder<'_>, node: &Node) -> Checked<Matched> {
    let pattern = decoder.text(node, "a pattern such as `templates/*.tmpl`")?;
    let found = glob::files(decoder.folder, pattern);
    let found = found.or_else(|error| decoder.fail(node.position, error.to_string()))?;
    Ok(Matched { position: node.position, pattern: pattern.to_owned(), found })
}

/// The template files, parsed for each profile that a receiver uses.
pub(super) struct TemplateLibraries {
    /// Those of each language that a receiver has.
    libraries: Vec<(Language, Library)>,
    /// The receivers' own templates, of which equal ones are one, so that they write one message.
    own: RefCell<HashMap<OwnSource, Arc<Template>>>,
    /// Nothing where they are taken untried.
    trials: Option<Trials>,
}

/// What a receiver's own template is made of: language, profile, title and text.
type OwnSource = (Language, Profile, Option<String>, Option<String>);

impl TemplateLibraries {
    /// The libraries for these receivers, whose usual language this is; reports the mistakes in the files.
    pub(super) fn new(
        decoder: Decoder<'_>,
        receivers: &[Node],
        templates: Result<&Templates, Reported>,
        language: Language,
        trials: Option<Trials>,
    ) -> Self {
        let whole = templates.is_ok();
        let used = used(receivers, language);
        if !whole && !used.is_empty() {
            decoder.report.leave_unchecked();
        }
        let files = templates.map_or(&[][..], |templates| &templates.files);
        let mut libraries = Vec::new();
        let of_language = |(language, profiles): &(Language, Vec<Profile>)| {
            let language = *language;
            let all = Library::of_all(profiles, language, files).into_iter();
            all.map(|(library, mistakes)| (language, library, mistakes)).collect::<Vec<_>>()
        };
        for (language, library, mistakes) in used.iter().flat_map(of_language) {
            for mistake in mistakes {
                let Mistake { origin, line, column, words } = mistake;
                let name = origin.to_string().into();
                let place = Place::File { name, position: Position::new(line, column) };
                decoder.report.error_at(place, words);
                // A file is read up to its first mistake, and then no template counts as missing.
                decoder.report.leave_unchecked();
            }
            // A file that could not be read may define the templates that seem to be missing.
            libraries.push((language, if whole { library } else { library.incomplete() }));
        }
        Self { libraries, own: RefCell::default(), trials }
    }

    /// Tries the templates of a receiver's message.
    pub(super) fn try_out(&self, decoder: Decoder<'_>, message: &TriedMessage<'_>) {
        self.trials.iter().for_each(|trials| trials.try_out(decoder, message));
    }

    /// Reports what the trials of all receivers found wrong in the template files.
    pub(super) fn report_trials(&self, decoder: Decoder<'_>) {
        self.trials.iter().for_each(|trials| trials.report_files(decoder));
    }

    /// Warns at `position`, the key `templates`, when no receiver has a title or text.
    pub(super) fn warn_unused(&self, decoder: Decoder<'_>, position: Position) {
        if self.libraries.is_empty() {
            let text =
                "no receiver uses the templates: give it a `message.title` or `message.text`";
            decoder.report.warning(position, text);
        }
    }

    fn library(&self, language: Language, profile: Profile) -> Option<&Library> {
        let mut of_language = self.libraries.iter().filter(|(known, _)| *known == language);
        of_language.find(|(_, library)| library.profile() == profile).map(|(_, library)| library)
    }
}

/// The profiles of the receivers that have a title or a text, each once in each language.
fn used(receivers: &[Node], usual: Language) -> Vec<(Language, Vec<Profile>)> {
    let mut used: Vec<(Language, Vec<Profile>)> = Vec::new();
    for receiver in receivers {
        let Some(message) = receiver.get("message") else { continue };
        let is_templated = message.get("title").or_else(|| message.get("text")).is_some();
        let profile = match message.get("profile") {
            Some(node) => node.text().and_then(Profile::of),
            None => Some(Profile::default()),
        };
        let Some(profile) = profile.filter(|_| is_templated) else { continue };
        let language = language_of(receiver, usual);
        match used.iter_mut().find(|(known, _)| *known == language) {
            Some((_, profiles)) if profiles.contains(&profile) => {}
            Some((_, profiles)) => profiles.push(profile),
            None => used.push((language, vec![profile])),
        }
    }
    used
}

/// The template that a receiver's `message` makes with `title`, `text` and `profile`.
pub(super) fn template(
    decoder: Decoder<'_>,
    table: &Table<'_>,
    libraries: &TemplateLibraries,
    language: Language,
) -> Checked<Option<Arc<Template>>> {
    let words = Profile::ALL.map(|profile| (profile.as_str(), profile));
    let profile = table.optional("profile", |node| decoder.word(node, &words));
    let read = |key| table.optional(key, |node| Ok((node, decoder.text(node, "a template")?)));
    let (title, text) = (read("title"), read("text"));
    let is_own = !matches!((title, text), (Ok(None), Ok(None)));
    let Ok(profile) = profile else {
        // Whose functions a title or text may call is not known.
        if is_own {
            decoder.report.leave_unchecked();
        }
        return Err(Reported);
    };
    match table.entry("profile") {
        Some(entry) if !is_own => decoder.fail(
            entry.position,
            "says how `title` and `text` are read, and there is neither of them",
        ),
        None if !is_own => Ok(None),
        Some(_) | None => {
            // Of a title and a text, one is checked even when the other could not be read.
            let sources = (title.ok().flatten(), text.ok().flatten());
            let of = (language, profile.unwrap_or_default());
            let made = compiled(decoder, table, libraries, of, sources);
            let _ = (title?, text?);
            made.map(Some)
        }
    }
}

/// A title or a text: where it stands, and what it is.
type Written<'n> = Option<(&'n Node, &'n str)>;

/// The template of a title and a text in this language and profile; reports the mistakes in both.
fn compiled(
    decoder: Decoder<'_>,
    table: &Table<'_>,
    libraries: &TemplateLibraries,
    (language, profile): (Language, Profile),
    (title, text): (Written<'_>, Written<'_>),
) -> Checked<Arc<Template>> {
    let source = |of: Written<'_>| of.map(|(_, text)| text.to_owned());
    let key = (language, profile, source(title), source(text));
    if let Some(template) = libraries.own.borrow().get(&key) {
        return Ok(Arc::clone(template));
    }
    let Some(library) = libraries.library(language, profile) else {
        return decoder.fail(table.position, "the templates of this profile were not read");
    };
    let made = Template::new(library, title.map(|(_, text)| text), text.map(|(_, text)| text));
    match made {
        Ok(template) => {
            let template = Arc::new(template);
            libraries.own.borrow_mut().insert(key, Arc::clone(&template));
            Ok(template)
        }
        Err(mistakes) => {
            // Each is read up to its first mistake.
            decoder.report.leave_unchecked();
            for mistake in mistakes {
                let node = if mistake.origin == TemplateOrigin::Title { title } else { text };
                let (position, words) =
                    placed(node.map(|(node, _)| node), table.position, &mistake);
                decoder.report.error(position, words);
            }
            Err(Reported)
        }
    }
}

/// The place in the file of a mistake in the title or text `node`, and its words; where the place can't
/// be told, that of the title or text, or else `position`.
pub(super) fn placed(
    node: Option<&Node>,
    position: Position,
    mistake: &Mistake,
) -> (Position, String) {
    let Mistake { line, column, words, .. } = mistake;
    let (line, column) = (*line, *column);
    let Some(node) = node else { return (position, words.clone()) };
    let place = match &node.value {
        Value::Scalar(scalar) => {
            scalar.layout.place(&scalar.text, node.position, Position::new(line, column))
        }
        Value::Null | Value::List(_) | Value::Table(_) => None,
    };
    match place {
        Some(place) => (place, words.clone()),
        None if (line, column) == (1, 1) => (node.position, words.clone()),
        None => {
            let words = format!("{words} (line {line}, column {column} of the template)");
            (node.position, words)
        }
    }
}
