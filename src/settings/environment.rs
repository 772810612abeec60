//! The environment variables, as a value that is passed in, and the expansion of `${NAME}`.
//!
//! Only secrets, URLs, keys and ids are expanded, and only after the YAML was parsed: a variable's
//! value can neither add keys nor break the file, and a template may hold `$x` and `${`.

use std::collections::BTreeMap;
use std::fmt;

use super::tree::shown_key;

/// Variables by name. Their values may be secrets, so `Debug` shows the names alone.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The variables of the process; one that is not UTF-8 counts as not set.
    #[must_use]
    pub fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        std::env::vars_os().filter_map(text).collect()
    }

    /// The value of the variable `name`, if it is set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The variables whose names begin with `prefix`, sorted by name.
    pub(super) fn beginning_with<'e>(
        &'e self,
        prefix: &'e str,
    ) -> impl Iterator<Item = (&'e str, &'e str)> {
        let pairs = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
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
        let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_';
        let rest_is_fine = name.chars().all(|c| is_letter(c) || c.is_ascii_digit());
        if !name.starts_with(is_letter) || !rest_is_fine {
            return Err(ExpandError::NoName);
        }
        match (self.get(name), default) {
            (None | Some(""), Some(default)) => Ok(default),
            (Some(value), _) => Ok(value),
            (None, None) => Err(ExpandError::Unset(shown_key(name))),
        }
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Why a text can't be expanded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ExpandError {
    /// The variable is not set, and there is no default.
    #[error(
        "environment variable `{0}` is not set; set it, or write `${{{0}:-default}}`, or use the \
         `_file` key"
    )]
    Unset(String),
    /// `${` has no `}`.
    #[error("`${{` without `}}`; a literal `${{` is written `$${{`")]
    Unclosed,
    /// The braces hold no name of a variable.
    #[error("`${{…}}` does not hold a variable's name (letters, digits and `_`)")]
    NoName,
}

#[cfg(test)]
mod tests {
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
}
