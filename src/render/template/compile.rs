//! Compiles templates, and collects every mistake in them.
//!
//! The product's well-known templates are parsed first, so that a file can define them anew; the
//! receiver's title and text are parsed last, each in a set of its own.

use std::collections::BTreeSet;
use std::sync::Arc;

use gotemplate::{Limits, Templates};

use super::mistake::{Mistake, TemplateOrigin};
use crate::render::Language;
use crate::render::profile::Profile;

/// A file with templates, not parsed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFile {
    /// Its path, as the configuration writes it.
    pub path: String,
    /// Its text.
    pub source: String,
}

/// The templates that every receiver of a profile can call.
#[derive(Debug, Clone)]
pub struct Library {
    profile: Profile,
    set: Templates,
    /// Whether every source was parsed. If not, a template that is not defined is no mistake, because
    /// it may stand in a source that was not parsed.
    whole: bool,
    left_out: Vec<LeftOut>,
    /// The files, each with the name that its own text has in the set.
    files: Arc<Vec<(String, TemplateFile)>>,
}

/// A file that only another profile can parse, and the mistake that this profile found in it.
#[derive(Debug, Clone)]
pub(super) struct LeftOut {
    pub(super) file: TemplateFile,
    pub(super) why: String,
}

impl Library {
    /// The well-known templates of `profile`, Campana's own in `language` and those of `files`, and
    /// the mistakes in them.
    #[must_use]
    pub fn new(
        profile: Profile,
        language: Language,
        files: &[TemplateFile],
    ) -> (Self, Vec<Mistake>) {
        Self::of(profile, language, &files.iter().collect::<Vec<_>>(), &[])
    }

    /// The libraries of several profiles that have the same files.
    ///
    /// A file that one profile can parse and another can't is left out of the other's library, so
    /// that templates of several products can lie side by side. A file that no profile can parse is
    /// a mistake.
    #[must_use]
    pub fn of_all(
        profiles: &[Profile],
        language: Language,
        files: &[TemplateFile],
    ) -> Vec<(Self, Vec<Mistake>)> {
        let alone = profiles.iter().map(|profile| Self::new(*profile, language, files));
        let alone: Vec<(Self, Vec<Mistake>)> = alone.collect();
        let is_taken_elsewhere = |origin: &TemplateOrigin, here: Profile| {
            alone.iter().any(|(library, mistakes)| {
                library.profile != here && mistakes.iter().all(|one| one.origin != *origin)
            })
        };
        let fitting = profiles.iter().map(|profile| {
            let mut files: Vec<&TemplateFile> = files.iter().collect();
            let mut left_out: Vec<LeftOut> = Vec::new();
            loop {
                let (library, mistakes) = Self::of(*profile, language, &files, &left_out);
                let before = files.len();
                for mistake in &mistakes {
                    let foreign = files.iter().position(|file| {
                        TemplateOrigin::File(file.path.clone()) == mistake.origin
                            && is_taken_elsewhere(&mistake.origin, *profile)
                    });
                    let file = foreign.map(|at| files.remove(at).clone());
                    left_out.extend(file.map(|file| LeftOut { file, why: mistake.words.clone() }));
                }
                if files.len() == before {
                    return (library, mistakes);
                }
            }
        });
        fitting.collect()
    }

    fn of(
        profile: Profile,
        language: Language,
        files: &[&TemplateFile],
        left_out: &[LeftOut],
    ) -> (Self, Vec<Mistake>) {
        let functions = Arc::new(profile.functions());
        let mut set = Templates::new(functions, profile.missing_key(), Limits::default());
        let mut mistakes = Vec::new();
        for (name, source) in profile.sources().iter().chain(profile.own_sources(language)) {
            let origin = || TemplateOrigin::File((*name).to_owned());
            let failed = set.parse(name, source).err();
            mistakes
                .extend(failed.map(|error| Mistake::parsing(origin(), source, &error, profile)));
        }
        let named = names(files);
        for (name, file) in &named {
            let origin = || TemplateOrigin::File(file.path.clone());
            let failed = set.parse(name, &file.source).err();
            mistakes.extend(
                failed.map(|error| Mistake::parsing(origin(), &file.source, &error, profile)),
            );
        }
        let whole = mistakes.is_empty();
        let left_out = left_out.to_vec();
        let files = named.iter().map(|(name, file)| (name.clone(), TemplateFile::clone(file)));
        let files = Arc::new(files.collect());
        let library = Self { profile, set, whole, left_out, files };
        if whole {
            for error in library.set.undefined() {
                let file = named.iter().rev().find(|(name, _)| name == error.source_name());
                let (path, source) = file.map_or((error.source_name(), ""), |(_, file)| {
                    (file.path.as_str(), file.source.as_str())
                });
                let origin = TemplateOrigin::File(path.to_owned());
                mistakes.push(Mistake::undefined(origin, source, &error, &library));
            }
        }
        (library, mistakes)
    }

    /// The product whose templates they are.
    #[must_use]
    pub const fn profile(&self) -> Profile {
        self.profile
    }

    pub(super) fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// The names of all templates, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.set.names()
    }

    /// A template's source, as a file would define the template.
    #[must_use]
    pub fn definition(&self, name: &str) -> Option<String> {
        self.set.definition(name)
    }

    /// `; did you mean …?`, if a template has nearly this name.
    #[must_use]
    pub fn nearest(&self, name: &str) -> String {
        super::mistake::nearest(name, self.set.names().into_iter())
    }

    /// The same library, marked as not whole, because a file could not be read.
    #[must_use]
    pub fn incomplete(self) -> Self {
        Self { whole: false, ..self }
    }
}

/// Each file with the name that its own text has in the set.
///
/// As in Go, that is the file's name without its folder. If two files have the same name, the second
/// keeps its folder, because otherwise it would replace the first.
fn names<'f>(files: &[&'f TemplateFile]) -> Vec<(String, &'f TemplateFile)> {
    let mut named: Vec<(String, &TemplateFile)> = Vec::new();
    for &file in files {
        let base = file.path.rsplit('/').next().unwrap_or(&file.path);
        let is_taken = named.iter().any(|(name, _)| name == base);
        let name = if is_taken { file.path.as_str() } else { base };
        named.push((name.to_owned(), file));
    }
    named
}

/// The templates of a receiver's title and text, of which at least one is there.
///
/// As in the products, the title does not see the templates that the text defines, nor the text those
/// of the title.
#[derive(Debug, Clone)]
pub struct Template {
    profile: Profile,
    title: Option<OwnTemplate>,
    text: Option<OwnTemplate>,
    /// Whether nothing that they may call is missing, because a file could not be read.
    whole: bool,
    files: Arc<Vec<(String, TemplateFile)>>,
}

/// A title or a text, with the templates that it can call.
#[derive(Debug, Clone)]
struct OwnTemplate {
    source: String,
    set: Templates,
    /// The templates that it defines and the library does not.
    defined: Vec<String>,
}

impl OwnTemplate {
    fn new(library: &Library, origin: &TemplateOrigin, source: &str) -> Result<Self, Vec<Mistake>> {
        let Library { profile, set, whole, .. } = library;
        let mut set = set.clone();
        let name = origin.to_string();
        if let Err(error) = set.parse(&name, source) {
            return Err(vec![Mistake::parsing(origin.clone(), source, &error, *profile)]);
        }
        let undefined = if *whole { set.undefined() } else { Vec::new() };
        // A template that a file calls and that is not defined is a mistake of that file.
        let own = undefined.iter().filter(|error| error.source_name() == name);
        let mistake = |error| Mistake::undefined(origin.clone(), source, error, library);
        let mistakes: Vec<Mistake> = own.map(mistake).collect();
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let known: BTreeSet<&str> = library.names().into_iter().collect();
        let added = set.names().into_iter().filter(|one| *one != name && !known.contains(one));
        let defined = added.map(str::to_owned).collect();
        Ok(Self { source: source.to_owned(), set, defined })
    }
}

impl Template {
    /// A receiver's own title and text, with the templates that they call.
    ///
    /// # Errors
    ///
    /// Every mistake in the two.
    pub fn new(
        library: &Library,
        title: Option<&str>,
        text: Option<&str>,
    ) -> Result<Self, Vec<Mistake>> {
        let own = |origin: TemplateOrigin, source: Option<&str>| {
            source.map(|source| OwnTemplate::new(library, &origin, source)).transpose()
        };
        match (own(TemplateOrigin::Title, title), own(TemplateOrigin::Text, text)) {
            (Ok(title), Ok(text)) => {
                let Library { profile, whole, files, .. } = library;
                let (profile, whole, files) = (*profile, *whole, Arc::clone(files));
                Ok(Self { profile, title, text, whole, files })
            }
            (title, text) => {
                let mistakes = [title.err(), text.err()];
                Err(mistakes.into_iter().flatten().flatten().collect())
            }
        }
    }

    /// The product whose templates they are.
    #[must_use]
    pub const fn profile(&self) -> Profile {
        self.profile
    }

    /// The source of the title, if it has one of its own.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.title.as_ref().map(|own| own.source.as_str())
    }

    /// The source of the text, if it has one of its own.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.text.as_ref().map(|own| own.source.as_str())
    }

    /// Whether all templates that it may call were read.
    pub(super) const fn is_whole(&self) -> bool {
        self.whole
    }

    fn own(&self, name: &str) -> Option<&OwnTemplate> {
        if name == TemplateOrigin::TITLE { self.title.as_ref() } else { self.text.as_ref() }
    }

    /// The set that `name`, the title or the text, is in.
    pub(super) fn set(&self, name: &str) -> Option<&Templates> {
        self.own(name).map(|own| &own.set)
    }

    /// The templates that `name`, the title or the text, defines beside those of the library.
    pub(super) fn defined(&self, name: &str) -> &[String] {
        self.own(name).map_or(&[], |own| &own.defined)
    }

    /// Where a source that the title or the text is made of was written, and what it is; nothing for
    /// those that the profile brings along.
    pub(super) fn written(&self, source: &str) -> Option<(TemplateOrigin, &str)> {
        let own = [(TemplateOrigin::Title, self.title()), (TemplateOrigin::Text, self.text())];
        let own = own.into_iter().find(|(origin, _)| origin.to_string() == source);
        if let Some((origin, text)) = own {
            return Some((origin, text?));
        }
        let (_, file) = self.files.iter().rev().find(|(name, _)| name == source)?;
        Some((TemplateOrigin::File(file.path.clone()), &file.source))
    }
}
