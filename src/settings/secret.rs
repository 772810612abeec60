//! Secrets: written in the file, taken from the environment, or read from a file of their own.
//!
//! Each secret key has a twin that ends in `_file`, and an entry may have only one of the two. No
//! error shows a secret. A reload reads the files again, so a rotated secret needs no restart.

pub(super) mod mistaken;

use std::path::Path;

use secrecy::SecretString;

use self::mistaken::{FOREIGN_CHARACTER, SEVERAL_URLS, has_foreign_character, holds_several_urls};
use super::contents;
use super::decode::{Checked, Decoder, Table};
use super::environment::is_variable;
use super::tree::{Entry, Node, Position, shown_key};

/// The largest file of a secret, so that a wrong path gives an error and not a large read.
const MAX_BYTES: u64 = 64 * 1024;

/// A secret's text, and the entry that it came from.
#[derive(Debug, Clone)]
pub(super) struct Secret<'n> {
    /// The secret.
    pub(super) text: SecretString,
    /// The key of the entry, with or without `_file`.
    pub(super) key: &'n str,
    /// Where the key stands.
    pub(super) position: Position,
}

impl Secret<'_> {
    /// Reports an error about the secret.
    pub(super) fn fail<T>(&self, decoder: Decoder<'_>, words: &str) -> Checked<T> {
        decoder.fail(self.position, words)
    }

    /// Warns about the secret.
    pub(super) fn warn(&self, decoder: Decoder<'_>, words: &str) {
        decoder.report.warning(self.position, words);
    }
}

/// The secret that stands under one of `keys` or their `_file` twins; two of them are an error.
pub(super) fn optional<'n>(
    decoder: Decoder<'_>,
    table: &Table<'n>,
    keys: &[&str],
) -> Checked<Option<Secret<'n>>> {
    let twins = keys.iter().flat_map(|key| [(*key).to_owned(), format!("{key}_file")]);
    let mut found: Vec<&Entry> = twins.filter_map(|key| table.entry(&key)).collect();
    found.sort_by_key(|entry| entry.position);
    let (first, others) = match found.as_slice() {
        [] => return Ok(None),
        [first, others @ ..] => (*first, others),
    };
    for other in others {
        let text = format!("excludes `{}`; keep one of them", first.key);
        decoder.report.error(other.position, text);
    }
    read(decoder, first).map(Some)
}

/// As [`optional`], but a missing secret is an error.
pub(super) fn required<'n>(
    decoder: Decoder<'_>,
    table: &Table<'n>,
    keys: &[&str],
) -> Checked<Secret<'n>> {
    if let Some(secret) = optional(decoder, table, keys)? {
        return Ok(secret);
    }
    let all: Vec<String> = keys.iter().map(|key| format!("`{key}`, `{key}_file`")).collect();
    decoder.fail(table.position, format!("one of the keys {} is missing", all.join(", ")))
}

fn read<'n>(decoder: Decoder<'_>, entry: &'n Entry) -> Checked<Secret<'n>> {
    let node = &entry.value;
    let text = if let Some(twin) = entry.key.strip_suffix("_file") {
        from_file(decoder, node, twin)?
    } else if let Some(words) = node.text().and_then(bare_variable) {
        return decoder.fail(node.position, words);
    } else {
        let otherwise = format!(", or use `{}_file`", entry.key);
        decoder.expanded_or(node, "the secret", &otherwise)?
    };
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        let words = if holds_several_urls(&text) { SEVERAL_URLS } else { "holds white space" };
        return decoder.fail(node.position, words);
    }
    // Of a URL only the token is looked at, once it is found; and what Grafana signs with and what a proxy
    // asks for, people choose.
    let is_dingtalks =
        !["webhook_url", "proxy_url", "hmac_"].iter().any(|key| entry.key.starts_with(key));
    if is_dingtalks && has_foreign_character(&text) {
        return decoder.fail(node.position, FOREIGN_CHARACTER);
    }
    Ok(Secret { text: text.into(), key: &entry.key, position: entry.position })
}

/// What is said of a text that is a variable as a whole, written as a shell takes it: `$NAME`.
pub(super) fn bare_variable(text: &str) -> Option<String> {
    let name = text.strip_prefix('$').filter(|name| is_variable(name))?;
    Some(format!("a variable is written with braces; write `${{{}}}`", shown_key(name)))
}

fn from_file(decoder: Decoder<'_>, node: &Node, twin: &str) -> Checked<String> {
    let name = decoder.expanded(node, "the path")?;
    let path = decoder.folder.join(&name);
    let shown = path.display();
    let text = match contents::of_file(&path, MAX_BYTES) {
        Ok(text) => text,
        Err(_) if looks_secret(&name) => {
            let text = format!("names no file; a secret itself stands under `{twin}`");
            return decoder.fail(node.position, text);
        }
        Err(error) => return decoder.fail(node.position, error.about(shown)),
    };
    // Windows' editors begin a file with a byte order mark, which no one sees and DingTalk refuses.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).trim_end_matches(['\n', '\r']);
    if text.is_empty() {
        return decoder.fail(node.position, format!("{shown} is empty"));
    }
    if readable_by_others(&path) {
        let text = format!("{shown} can be read by every user; `chmod o-rwx` it");
        decoder.report.warning(node.position, text);
    }
    Ok(text.to_owned())
}

/// Whether what should be a path may be the secret; a webhook's URL has one in it.
fn looks_secret(name: &str) -> bool {
    name.contains("access_token=") || name.contains("://") || (name.len() >= 32 && is_token(name))
}

/// Whether tokens and secrets can hold this character.
fn is_of_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

fn is_token(text: &str) -> bool {
    text.chars().all(is_of_token)
}

/// `text` without what looks like a secret, which may stand under any key by mistake.
///
/// An access token has 64 hexadecimal digits, a robot's secret `SEC` and as many, an app's secret 64 letters
/// and digits with `-` and `_`; a name that a person chose is shorter, has no digits or capitals, or consists
/// of words.
pub(super) fn masked(text: &str) -> String {
    const SHORTEST: usize = 40;
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_of_token) {
        let run = &rest[start..];
        let run = &run[..run.find(|c| !is_of_token(c)).unwrap_or(run.len())];
        masked.push_str(&rest[..start]);
        masked.push_str(if run.len() >= SHORTEST && is_random(run) { "<secret>" } else { run });
        rest = &rest[start + run.len()..];
    }
    masked + rest
}

/// The longest word of a name.
const LONGEST_WORD: usize = 16;

/// Whether a run of token characters is no word: digits alone with `a` to `f`, or mixed with both cases.
fn is_random(run: &str) -> bool {
    let has = |is: fn(&char) -> bool| run.chars().any(|c| is(&c));
    let digits = run.strip_prefix("SEC").unwrap_or(run);
    let is_of_words = || run.split(['-', '_']).all(|word| word.len() <= LONGEST_WORD);
    digits.chars().all(|c| c.is_ascii_hexdigit())
        || !is_of_words()
            && has(char::is_ascii_digit)
            && has(char::is_ascii_lowercase)
            && has(char::is_ascii_uppercase)
}

#[cfg(unix)]
fn readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    const OTHERS_READ: u32 = 0o004;
    path.metadata().is_ok_and(|data| data.permissions().mode() & OTHERS_READ != 0)
}

#[cfg(not(unix))]
fn readable_by_others(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use secrecy::ExposeSecret;

    use super::*;
    use crate::settings::diagnostic::Report;
    use crate::settings::environment::Environment;
    use crate::settings::keys::CHATBOT;
    use crate::settings::tests::make_pipe;
    use crate::settings::tree::Tree;

    #[test]
    fn what_looks_like_a_secret_is_masked_and_names_are_not() {
        let hex = "0123456789abcdef".repeat(4);
        let mixed = ["aB3-", &"xY9".repeat(20)].concat();
        let cases = [
            (format!("`all`: found the text `SEC{hex}`"), "`all`: found the text `<secret>`"),
            (format!("unknown key `{hex}`; {mixed}"), "unknown key `<secret>`; <secret>"),
            (format!("x?access_token={hex}&a"), "x?access_token=<secret>&a"),
            (
                "the-platform-team-of-region-europe-west-12".into(),
                "the-platform-team-of-region-europe-west-12",
            ),
            (
                "`Platform-Team-Europe-West-12-Alert-Receiver`".into(),
                "`Platform-Team-Europe-West-12-Alert-Receiver`",
            ),
            ("消息 0123456789abcdef".into(), "消息 0123456789abcdef"),
        ];
        for (text, expected) in cases {
            assert_eq!(masked(&text), expected);
        }
    }

    /// The secret that is read from a chatbot's entry `text` in `folder`, or the errors.
    fn outcome(folder: &Path, text: &str) -> String {
        let report = Report::new("c.yml");
        let environment: Environment = [("SET", "from-env")].into_iter().collect();
        let decoder = Decoder { report: &report, environment: &environment, folder };
        let documents = report.keep(Tree::parse(text).documents);
        let table = decoder.table(&documents[0], &CHATBOT).unwrap();
        let secret = required(decoder, &table, &["secret"]);
        let value = secret.ok().map(|secret| secret.text.expose_secret().to_owned());
        match report.conclude(value) {
            Ok((value, warnings)) if warnings.is_empty() => value,
            Ok((value, warnings)) => format!("{value}; {}", warnings[0]),
            Err(errors) => errors.to_string(),
        }
    }

    fn write(folder: &Path, name: &str, text: &str, mode: u32) {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_secret_stands_in_the_file_in_the_environment_or_in_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "good", "from-file\r\n", 0o640);
        write(folder.path(), "open", "from-open\n", 0o644);
        write(folder.path(), "empty", "\n", 0o600);
        write(folder.path(), "marked", "\u{feff}from-windows\r\n", 0o600);
        write(folder.path(), "mark", "\u{feff}\n", 0o600);
        write(folder.path(), "two", "a\nb\n", 0o600);
        write(folder.path(), "large", &"x".repeat(100_000), 0o600);
        let here = folder.path().display();
        let cases = [
            ("secret: 0123", "0123".to_owned()),
            ("secret: ${SET}", "from-env".to_owned()),
            ("secret: \"${UNSET:-other}\"", "other".to_owned()),
            ("secret_file: good", "from-file".to_owned()),
            ("secret_file: marked", "from-windows".to_owned()),
            ("secret_file: mark", format!("c.yml:1:14: secret_file: {here}/mark is empty")),
            (
                "secret_file: open",
                format!(
                    "from-open; c.yml:1:14: warning: secret_file: {here}/open can be read by every user; \
                     `chmod o-rwx` it"
                ),
            ),
            ("secret_file: empty", format!("c.yml:1:14: secret_file: {here}/empty is empty")),
            ("secret_file: two", "c.yml:1:14: secret_file: holds white space".to_owned()),
            (
                "secret_file: large",
                format!(
                    "c.yml:1:14: secret_file: can't read {here}/large: it is larger than 65536 bytes"
                ),
            ),
            (
                "secret_file: none",
                format!(
                    "c.yml:1:14: secret_file: can't read {here}/none: No such file or directory (os \
                     error 2)"
                ),
            ),
            (
                "secret: [a]",
                "c.yml:1:9: secret: expected a text (the secret), found a list".to_owned(),
            ),
            (
                "secret:",
                "c.yml:1:1: secret: expected a text (the secret), found nothing".to_owned(),
            ),
            ("name: x", "c.yml:1:1: one of the keys `secret`, `secret_file` is missing".to_owned()),
            (
                "secret: canary\nsecret_file: good",
                "c.yml:2:1: secret_file: excludes `secret`; keep one of them".to_owned(),
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(outcome(folder.path(), text), expected, "{text}");
        }
    }

    #[test]
    fn what_can_be_no_secret_is_refused_without_being_shown() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "quoted", "\"canary\"\n", 0o600);
        let foreign = |place: &str| format!("c.yml:{place}: {FOREIGN_CHARACTER}");
        let cases = [
            (
                "secret: $OPS_SECRET",
                "c.yml:1:9: secret: a variable is written with braces; write `${OPS_SECRET}`"
                    .to_owned(),
            ),
            ("secret: $OPS-SECRET", "$OPS-SECRET".to_owned()),
            ("secret: canary…", foreign("1:9: secret")),
            ("secret: <canary>", foreign("1:9: secret")),
            ("secret: canary'", foreign("1:9: secret")),
            ("secret: \"${UNSET:-`canary`}\"", foreign("1:9: secret")),
            ("secret_file: quoted", foreign("1:14: secret_file")),
        ];
        for (text, expected) in cases {
            assert_eq!(outcome(folder.path(), text), expected, "{text}");
        }
    }

    #[test]
    fn a_secret_in_the_place_of_its_file_is_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let words = "c.yml:1:14: secret_file: names no file; a secret itself stands under `secret`";
        for secret in [
            "SECaaaabbbbccccddddeeeeffff000011112222333344445555666677778888",
            "0123456789abcdef0123456789abcdef",
            "https://oapi.dingtalk.com/robot/send?access_token=canary",
        ] {
            assert_eq!(outcome(folder.path(), &format!("secret_file: {secret}")), words);
        }
        write(folder.path(), "0123456789abcdef0123456789abcdef", "from-file", 0o600);
        let there = outcome(folder.path(), "secret_file: 0123456789abcdef0123456789abcdef");
        assert_eq!(there, "from-file");
    }

    #[test]
    fn a_link_is_followed_and_what_is_no_regular_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "good", "from-file", 0o600);
        make_pipe(&folder.path().join("hidden"));
        for (target, link) in [("good", "link"), ("hidden", "pipe")] {
            symlink(target, folder.path().join(link)).unwrap();
        }
        let here = folder.path().display();
        let special = "it is a pipe or a device; name a regular file";
        let cases = [
            ("link", "from-file".to_owned()),
            ("pipe", format!("c.yml:1:14: secret_file: can't read {here}/pipe: {special}")),
            ("/dev/zero", format!("c.yml:1:14: secret_file: can't read /dev/zero: {special}")),
            (
                ".",
                format!(
                    "c.yml:1:14: secret_file: can't read {here}/.: it is a folder; name a file"
                ),
            ),
        ];
        for (name, expected) in cases {
            assert_eq!(outcome(folder.path(), &format!("secret_file: {name}")), expected);
        }
    }
}
