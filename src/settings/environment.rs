//! The environment variables, as a value that is passed in, and the expansion of `${NAME}`.
//!
//! Only secrets, URLs, keys and ids are expanded, and only after the YAML was parsed: a variable's
//! value can neither add keys nor break the file, and a template may hold `$x` and `${`.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt;

use super::tree::shown_key;

/// Variables by name. Their values may be secrets, so `Debug` shows the names alone.
#[derive(Clone, Default)]
pub struct Environment {
    texts: BTreeMap<String, String>,
    /// The names of the variables that are set, but are not UTF-8.
    not_texts: BTreeSet<String>,
}

impl Environment {
    /// The variables of the process.
    #[must_use]
    pub fn of_process() -> Self {
        Self::of(std::env::vars_os())
    }

    /// These variables, as the system has them.
    pub(super) fn of(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut environment = Self::default();
        for (name, value) in variables {
            let shown = name.to_string_lossy().into_owned();
            match (name.into_string(), value.into_string()) {
                (Ok(name), Ok(value)) => drop(environment.texts.insert(name, value)),
                (Err(_), _) | (_, Err(_)) => drop(environment.not_texts.insert(shown)),
            }
        }
        environment
    }

    /// The value of the variable `name`; nothing if it is not set.
    pub(super) fn get(&self, name: &str) -> Result<Option<&str>, NotText> {
        if self.not_texts.contains(name) {
            return Err(NotText);
        }
        Ok(self.texts.get(name).map(String::as_str))
    }

    /// The names that begin with `prefix`, of variables that are not UTF-8; sorted.
    pub(super) fn not_texts_beginning_with<'e>(
        &'e self,
        prefix: &'e str,
    ) -> impl Iterator<Item = &'e str> {
        self.not_texts.iter().map(String::as_str).filter(move |name| name.starts_with(prefix))
    }

    /// The variables whose names begin with `prefix`, sorted by name; without those that are not
    /// UTF-8.
    pub(super) fn beginning_with<'e>(
        &'e self,
        prefix: &'e str,
    ) -> impl Iterator<Item = (&'e str, &'e str)> {
        let pairs = self.texts.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        pairs.filter(move |(name, _)| name.starts_with(prefix))
    }

    /// `text` with each `${NAME}` and `${NAME:-default}` replaced; `$${` is a literal `${`.
    ///
    /// The default also replaces a variable that is set but empty, as in a shell.
    pub(super) fn expand(&self, text: &str) -> Result<String, ExpandError> {
        let mut expanded = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let (before, from) = rest.split_at(start);
            let after = from.get(2..).unwrap_or_default();
            if let Some(literal) = before.strip_suffix('$') {
                expanded.push_str(literal);
                expanded.push_str("${");
                rest = after;
                continue;
            }
            expanded.push_str(before);
            let (inner, after) = after.split_once('}').ok_or(ExpandError::Unclosed)?;
            expanded.push_str(self.value(inner)?);
            rest = after;
        }
        expanded.push_str(rest);
        Ok(expanded)
    }

    fn value<'v>(&'v self, inner: &'v str) -> Result<&'v str, ExpandError> {
        let (name, default) = match inner.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (inner, None),
        };
        if !is_variable(name) {
            return Err(ExpandError::NoName);
        }
        let value = self.get(name).map_err(|NotText| ExpandError::NotText(shown_key(name)))?;
        match (value, default) {
            (None | Some(""), Some(default)) => Ok(default),
            (Some(value), _) => Ok(value),
            (None, None) => Err(ExpandError::Unset(shown_key(name))),
        }
    }
}

/// Whether a variable can have this name: letters, digits and `_`, no digit first.
pub(super) fn is_variable(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    let rest_is_fine = name.chars().all(|c| is_letter(c) || c.is_ascii_digit());
    name.starts_with(is_letter) && rest_is_fine
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let texts = pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { texts, not_texts: BTreeSet::new() }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.texts.keys().chain(&self.not_texts)).finish()
    }
}

/// The variable is set, but its value is no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not UTF-8; set it to a text in UTF-8, or unset it")]
pub(super) struct NotText;

/// Why a text can't be expanded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ExpandError {
    /// The variable is not set, and there is no default.
    #[error("environment variable `{0}` is not set; set it, or write `${{{0}:-default}}`")]
    Unset(String),
    /// The variable is set, but its value is no text.
    #[error("environment variable `{0}`: {NotText}")]
    NotText(String),
    /// `${` has no `}`.
    #[error("`${{` without `}}`; a literal `${{` is written `$${{`")]
    Unclosed,
    /// The braces hold no name of a variable.
    #[error("`${{…}}` does not hold a variable's name (letters, digits and `_`)")]
    NoName,
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    #[test]
    fn variables_are_replaced_and_everything_else_stays() {
        let environment: Environment =
            [("A", "1"), ("EMPTY", ""), ("B_2", "${A}")].into_iter().collect();
        let unset = |name: &str| Err(ExpandError::Unset(name.to_owned()));
        let cases = [
            ("x${A}y${A}", Ok("x1y1")),
            ("${B_2}", Ok("${A}")),
            ("${C:-d e}", Ok("d e")),
            ("${A:-d}", Ok("1")),
            ("${EMPTY:-d}", Ok("d")),
            ("${EMPTY}", Ok("")),
            ("${C:-}", Ok("")),
            ("$${A}", Ok("${A}")),
            ("a$b $ $$ $A {A}", Ok("a$b $ $$ $A {A}")),
            ("磁${A}盘", Ok("磁1盘")),
            ("${C}", unset("C")),
            ("${A", Err(ExpandError::Unclosed)),
            ("${}", Err(ExpandError::NoName)),
            ("${2A}", Err(ExpandError::NoName)),
            ("${A-b}", Err(ExpandError::NoName)),
        ];
        for (text, expected) in cases {
            assert_eq!(environment.expand(text), expected.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn debug_shows_names_and_no_value() {
        let environment: Environment = [("TOKEN", "canary")].into_iter().collect();
        assert_eq!(format!("{environment:?}"), r#"{"TOKEN"}"#);
    }

    #[test]
    fn what_is_not_utf8_is_set_but_is_no_text() {
        let bytes = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        let variables = [("A", &b"1"[..]), ("P_VALUE", b"canary\xff")];
        let variables = variables.map(|(name, value)| (name.into(), bytes(value)));
        let odd = (bytes(b"P_NAME\xff"), "canary".into());
        let environment = Environment::of(variables.into_iter().chain([odd]));
        assert_eq!(environment.get("A"), Ok(Some("1")));
        assert_eq!(environment.get("P_VALUE"), Err(NotText));
        let names: Vec<&str> = environment.not_texts_beginning_with("P_").collect();
        assert_eq!(names, ["P_NAME\u{fffd}", "P_VALUE"]);
        let error = environment.expand("${P_VALUE:-d}").unwrap_err().to_string();
        assert_eq!(
            error,
            "environment variable `P_VALUE`: it is not UTF-8; set it to a text in UTF-8, or unset it"
        );
        assert!(!format!("{environment:?}").contains("canary"));
    }
}
