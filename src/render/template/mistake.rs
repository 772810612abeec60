//! A mistake in a template: its place, and the name that was probably meant.

use std::fmt;

use super::compile::Library;
use crate::render::profile::Profile;
use crate::spelling;

/// Where a template was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateOrigin {
    /// In a file, by its path as the configuration writes it.
    File(String),
    /// As a receiver's `message.title`.
    Title,
    /// As a receiver's `message.text`.
    Text,
}

impl TemplateOrigin {
    /// The name that a title is parsed under, and that the engine's errors call it.
    pub(super) const TITLE: &'static str = "message.title";
    /// The name that a text is parsed under, and that the engine's errors call it.
    pub(super) const TEXT: &'static str = "message.text";
}

impl fmt::Display for TemplateOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File(path) => path,
            Self::Title => Self::TITLE,
            Self::Text => Self::TEXT,
        })
    }
}

/// One mistake in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Where the template was written.
    pub origin: TemplateOrigin,
    /// The line in it, from 1.
    pub line: usize,
    /// The column in that line, from 1, in characters.
    pub column: usize,
    /// What is wrong, and what may have been meant.
    pub words: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.origin, self.line, self.column, self.words)
    }
}

impl Mistake {
    /// The mistake that the parser found in `source`.
    pub(super) fn parsing(
        origin: TemplateOrigin,
        source: &str,
        error: &gotemplate::Error,
        profile: Profile,
    ) -> Self {
        let words = error.words();
        let hint = quoted(words, "function \"").map_or_else(String::new, |name| {
            let functions = profile.functions();
            let known: Vec<&str> = functions.all().iter().map(|known| known.name()).collect();
            let near = nearest(name, known.into_iter());
            format!(" in the profile {profile}{near}{}", elsewhere(name, profile))
        });
        Self::new(origin, source, error, format!("{words}{hint}"))
    }

    /// A call of a template that the set does not have.
    pub(super) fn undefined(
        origin: TemplateOrigin,
        source: &str,
        error: &gotemplate::Error,
        library: &Library,
    ) -> Self {
        let words = error.words();
        let hint = quoted(words, "template \"").map_or_else(String::new, |name| {
            let quoted = format!("\"{name}\"");
            let mut left_out = library.left_out().iter();
            let hint = match left_out.find(|left| left.file.source.contains(&quoted)) {
                Some(left) => {
                    format!("; {} is left out of it, because {}", left.file.path, left.why)
                }
                None => library.nearest(name),
            };
            format!(" in the profile {}{hint}", library.profile())
        });
        Self::new(origin, source, error, format!("{words}{hint}"))
    }

    pub(super) fn new(
        origin: TemplateOrigin,
        source: &str,
        error: &gotemplate::Error,
        words: String,
    ) -> Self {
        let line = source.split('\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
        let before = line.as_bytes().get(..error.column().saturating_sub(1)).unwrap_or_default();
        let column = String::from_utf8_lossy(before).chars().count() + 1;
        Self { origin, line: error.line().max(1), column, words }
    }
}

/// The name in `words`, if they say that it is not defined.
fn quoted<'w>(words: &'w str, before: &str) -> Option<&'w str> {
    let (_, rest) = words.split_once(before)?;
    let (name, after) = rest.split_once('"')?;
    after.trim_end().ends_with("not defined").then_some(name)
}

/// The other profiles that have the function.
fn elsewhere(name: &str, profile: Profile) -> String {
    let others = Profile::ALL.into_iter().filter(|other| *other != profile);
    let having: Vec<&str> =
        others.filter(|other| other.functions().get(name).is_some()).map(Profile::as_str).collect();
    if having.is_empty() { String::new() } else { format!("; it is in {}", having.join(", ")) }
}

/// `; did you mean …?` for the one of `known` that was probably meant, or nothing.
pub(super) fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> String {
    let nearest = spelling::nearest(name, known);
    nearest.map_or_else(String::new, |name| format!("; did you mean {name:?}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_answered_with_the_name_that_was_meant() {
        let known = ["toUpper", "toLower", "ops.text", "join"];
        for (name, expected) in [
            ("toupper", "; did you mean \"toUpper\"?"),
            ("toUper", "; did you mean \"toUpper\"?"),
            ("ops.txt", "; did you mean \"ops.text\"?"),
            ("jion", "; did you mean \"join\"?"),
            ("something", ""),
        ] {
            assert_eq!(nearest(name, known.into_iter()), expected, "{name}");
        }
    }

    #[test]
    fn only_what_is_not_defined_has_a_name_that_was_meant() {
        assert_eq!(quoted("function \"x\" not defined", "function \""), Some("x"));
        assert_eq!(quoted("template \"a b\" not defined", "template \""), Some("a b"));
        assert_eq!(quoted("function \"env\" is refused: it reads", "function \""), None);
        assert_eq!(quoted("unexpected EOF", "function \""), None);
    }
}
