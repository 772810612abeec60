//! The translation of PrometheusAlert's `app.conf`: its robots of DingTalk become receivers.
//!
//! The file has lines `key = value`. Routes and templates are in the product's database.

use reqwest::Url;
use secrecy::SecretString;

use super::mention::{People, mention};
use super::robot::{Robot, address};
use super::secret::Credential;
use super::source::Origin;
use super::translation::Translation;
use crate::settings::tree::Position;

const DIFFERENCES: [&str; 3] = [
    "Routes and templates are in the product's database: a template goes into a file under \
     `templates`, for a receiver with `message: {profile: prometheusalert, …}`; a route is one of \
     Alertmanager.",
    "In alertmanager.yml, the URL is http://campana.example:8060/api/v1/receivers/NAME/alerts; \
     `type`, `tpl`, `ddurl` and `at` of the old one are keys of the receiver here.",
    "The product looks at no answer of DingTalk; here what DingTalk does not take is sent again, \
     and what it refuses for good is told.",
];

/// Whether the text is the product's file.
pub(super) fn is(text: &str) -> bool {
    settings(text).any(|(_, key, _)| key == "ddurl" || key == "open-dingding")
}

/// Translates the files.
pub(super) fn translate<'o>(
    translation: &mut Translation<'_>,
    files: impl Iterator<Item = (&'o str, &'o Origin)>,
) {
    for (file, origin) in files {
        let is_on = |wanted: &str| settings(file).any(|(_, key, on)| key == wanted && on == "1");
        let all = is_on("dd_isatall");
        for (line, _, urls) in settings(file).filter(|(_, key, _)| *key == "ddurl") {
            let place = origin.words(Position::new(line, 1));
            for url in urls.split(',').filter(|url| !url.is_empty()) {
                robot(translation, url, &place, all);
            }
        }
    }
    if !translation.receivers.is_empty() {
        translation.findings.notes(&DIFFERENCES);
    }
}

fn robot(translation: &mut Translation<'_>, url: &str, place: &str, all: bool) {
    let findings = translation.findings;
    let owner = translation.owners.take("prometheusalert");
    // The secret stands within the URL there.
    let (url, secret) = without_secret(url);
    let secret = secret.map(|secret| Credential {
        text: Some(SecretString::from(secret)),
        words: format!("`secret` in `ddurl` ({place})"),
    });
    let address = address(findings, &url, place, &format!("`ddurl` ({place})"));
    let people = People { all, ..People::default() };
    let mention = mention(findings, &people);
    translation.add(&Robot { owner, address, secret, lender: None }, mention, None);
}

fn without_secret(url: &str) -> (String, Option<String>) {
    let Ok(mut parsed) = Url::parse(url) else { return (url.to_owned(), None) };
    let pairs: Vec<(String, String)> = parsed.query_pairs().into_owned().collect();
    let Some((_, secret)) = pairs.iter().find(|(name, _)| name == "secret").cloned() else {
        return (url.to_owned(), None);
    };
    let kept = pairs.into_iter().filter(|(name, _)| name != "secret");
    parsed.query_pairs_mut().clear().extend_pairs(kept);
    (parsed.into(), Some(secret))
}

/// The lines `key = value`, each with its number.
fn settings(text: &str) -> impl Iterator<Item = (usize, &str, &str)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let (key, value) = line.split_once('=')?;
        // An indented line stands in a text within another file.
        let key = key.trim_end();
        let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let is_setting = !key.is_empty() && key.chars().all(is_key);
        is_setting.then(|| (index + 1, key, value.trim().trim_matches('"')))
    })
}
