//! File patterns with `*`, `?` and `[…]`, for the key `templates`.
//!
//! They mean what they mean in Alertmanager's `templates`: the rules are Go's `filepath.Glob`'s.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// Why a pattern gives no files.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum GlobError {
    /// A bracket has no end, or no character follows a backslash.
    #[error("`{0}` is no pattern: a `[` has no `]`, a range no end, or a `\\` stands at the end")]
    Pattern(String),
    /// The pattern matches no file.
    #[error("`{0}` matches no file in {1}")]
    Nothing(String, String),
    /// A folder can't be listed.
    #[error("can't list {0}: {1}")]
    Unreadable(String, String),
}

/// The files that `pattern` matches, sorted; a relative pattern starts at `folder`.
///
/// Each file has two paths: the one to show, which begins as the pattern does, and the one to open.
pub(super) fn files(folder: &Path, pattern: &str) -> Result<Vec<(String, PathBuf)>, GlobError> {
    let (start, rest) = match pattern.strip_prefix('/') {
        Some(rest) => ((String::from("/"), PathBuf::from("/")), rest),
        None => ((String::new(), folder.to_owned()), pattern),
    };
    let mut found = vec![start];
    for part in rest.split('/').filter(|part| !part.is_empty()) {
        // A malformed pattern is an error even in an empty folder, where nothing is compared with
        // it.
        matches(part, "").ok_or_else(|| GlobError::Pattern(pattern.to_owned()))?;
        let mut next = Vec::new();
        for (shown, path) in &found {
            next.extend(inside(path, part)?.into_iter().map(|name| {
                let slash = if shown.is_empty() || shown.ends_with('/') { "" } else { "/" };
                (format!("{shown}{slash}{name}"), path.join(&name))
            }));
        }
        found = next;
    }
    found.retain(|(_, path)| path.is_file());
    found.sort();
    if found.is_empty() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        return Err(GlobError::Nothing(pattern.to_owned(), folder.display().to_string()));
    }
    Ok(found)
}

/// Whether the last part of a pattern matches a file of this name.
pub(super) fn names(pattern: &str, name: &str) -> bool {
    let part = pattern.rsplit('/').next().unwrap_or_default();
    matches(part, name) == Some(true)
}

/// The names in `folder` that `part` matches.
fn inside(folder: &Path, part: &str) -> Result<Vec<String>, GlobError> {
    if !part.contains(['*', '?', '[', '\\']) {
        let is_there = folder.join(part).exists();
        return Ok(is_there.then(|| part.to_owned()).into_iter().collect());
    }
    if !folder.is_dir() && !folder.as_os_str().is_empty() {
        return Ok(Vec::new());
    }
    let unreadable =
        |error: io::Error| GlobError::Unreadable(folder.display().to_string(), error.to_string());
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut names = Vec::new();
    for entry in fs::read_dir(here).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        names.extend(name.into_string().ok().filter(|name| matches(part, name) == Some(true)));
    }
    Ok(names)
}

/// Whether `pattern`, which has no slash, matches the whole of `name`; `None` for a malformed one.
fn matches(pattern: &str, name: &str) -> Option<bool> {
    let pattern = tokens(pattern)?;
    let name: Vec<char> = name.chars().collect();
    // After the last star: where the pattern goes on, and where the name does. On a mismatch the
    // star takes one more character, and the comparison starts again from there.
    let mut star: Option<(usize, usize)> = None;
    let (mut at, mut eaten) = (0, 0);
    loop {
        match (pattern.get(at), name.get(eaten)) {
            (None, None) => return Some(true),
            (Some(GlobToken::Any), _) => {
                star = Some((at + 1, eaten));
                at += 1;
                continue;
            }
            (Some(token), Some(c)) if token.takes(*c) => {
                (at, eaten) = (at + 1, eaten + 1);
                continue;
            }
            (_, _) => {}
        }
        match star {
            Some((after, from)) if from < name.len() => {
                star = Some((after, from + 1));
                (at, eaten) = (after, from + 1);
            }
            Some(_) | None => return Some(false),
        }
    }
}

/// One token of a pattern.
#[derive(Debug)]
enum GlobToken {
    /// `*`: any number of characters, also none.
    Any,
    /// `?`: any one character.
    One,
    /// A character that stands for itself.
    Char(char),
    /// `[…]`: a character of these ranges; `[^…]`: a character of none of them.
    Set { negated: bool, ranges: Vec<(char, char)> },
}

impl GlobToken {
    fn takes(&self, c: char) -> bool {
        match self {
            Self::Any => false,
            Self::One => true,
            Self::Char(wanted) => *wanted == c,
            Self::Set { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
            }
        }
    }
}

fn tokens(pattern: &str) -> Option<Vec<GlobToken>> {
    let mut tokens = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' => GlobToken::Any,
            '?' => GlobToken::One,
            '\\' => GlobToken::Char(chars.next()?),
            '[' => {
                let negated = chars.next_if_eq(&'^').is_some();
                let mut ranges = Vec::new();
                while ranges.is_empty() || chars.next_if_eq(&']').is_none() {
                    let low = member(&mut chars)?;
                    let is_range = chars.next_if_eq(&'-').is_some();
                    ranges.push((low, if is_range { member(&mut chars)? } else { low }));
                }
                GlobToken::Set { negated, ranges }
            }
            c => GlobToken::Char(c),
        });
    }
    Some(tokens)
}

/// Reads a character of a set, in which `-` and `]` need a backslash.
fn member(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<char> {
    match chars.next()? {
        '-' | ']' => None,
        '\\' => chars.next(),
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_as_in_go() {
        // From the table of Go's `filepath.Match`, as far as its cases have no slash.
        let cases = [
            ("abc", "abc", Some(true)),
            ("*", "abc", Some(true)),
            ("*c", "abc", Some(true)),
            ("a*", "a", Some(true)),
            ("a*", "abc", Some(true)),
            ("a*b*c*d*e*", "axbxcxdxe", Some(true)),
            ("a*b?c*x", "abxbbxdbxebxczzx", Some(true)),
            ("a*b?c*x", "abxbbxdbxebxczzy", Some(false)),
            ("ab[c]", "abc", Some(true)),
            ("ab[b-d]", "abc", Some(true)),
            ("ab[e-g]", "abc", Some(false)),
            ("ab[^c]", "abc", Some(false)),
            ("ab[^e-g]", "abc", Some(true)),
            ("a\\*b", "a*b", Some(true)),
            ("a\\*b", "ab", Some(false)),
            ("a?b", "a☺b", Some(true)),
            ("a???b", "a☺b", Some(false)),
            ("[a-ζ]*", "α", Some(true)),
            ("*[a-ζ]", "A", Some(false)),
            ("[\\]a]", "]", Some(true)),
            ("[\\-x]", "-", Some(true)),
            ("[]a]", "]", None),
            ("[-]", "-", None),
            ("[x-]", "x", None),
            ("[-x]", "x", None),
            ("\\", "a", None),
            ("[a-b-c]", "a", None),
            ("[", "a", None),
            ("[^bc", "a", None),
            ("a[", "a", None),
            ("*x", "xxx", Some(true)),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn files_come_sorted_and_as_the_pattern_writes_them() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["t/b.tmpl", "t/a.tmpl", "t/c.txt", "u/d.tmpl", "t.tmpl/e"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        let found = |pattern: &str| {
            files(folder.path(), pattern)
                .map(|files| files.into_iter().map(|(shown, _)| shown).collect::<Vec<_>>())
        };
        assert_eq!(found("t/*.tmpl").unwrap(), ["t/a.tmpl", "t/b.tmpl"]);
        assert_eq!(found("[tu]/?.tmpl").unwrap(), ["t/a.tmpl", "t/b.tmpl", "u/d.tmpl"]);
        assert_eq!(found("./t//a.tmpl").unwrap(), ["./t/a.tmpl"]);
        let absolute = folder.path().join("u/*").display().to_string();
        assert_eq!(found(&absolute).unwrap(), [absolute.replace('*', "d.tmpl")]);
        for nothing in ["*.tmpl", "nowhere/*", "t/a.tmpl/*", "t/x.tmpl", ""] {
            assert!(matches!(found(nothing), Err(GlobError::Nothing(..))), "{nothing}");
        }
        assert!(matches!(found("nowhere/["), Err(GlobError::Pattern(_))));
    }
}
