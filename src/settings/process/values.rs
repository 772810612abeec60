//! The parsers of the process' settings: from a text of any layer to a value.
//!
//! An error says what was expected and shows the text, but for `storage.url`, which may hold a
//! password.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;
use tracing::Level;

use crate::render::Language;
use crate::settings::LogFormat;
use crate::settings::decode::{did_you_mean, shown};
use crate::settings::quantity::{duration, listen_address, show_duration, size};

/// The range of `web.max_body_bytes`: a small notification has about 1 KiB, and a body is read into
/// one piece of memory.
const BODY_BYTES: RangeInclusive<usize> = 1 << 10..=1 << 30;

/// The range of `web.max_alerts`: Alertmanager writes no alert in less than 190 bytes, so that the most take
/// 19 MB, far more than anyone reads.
const ALERTS: RangeInclusive<usize> = 1..=100_000;

/// The range of `web.max_connections`: a few Alertmanagers and a Prometheus need less than the least, and
/// Linux opens no more files than the most for a process (`fs.nr_open`).
const CONNECTIONS: RangeInclusive<usize> = 16..=1 << 20;

/// The least `storage.limits.queued_bytes`: some large messages.
const LEAST_QUEUED_BYTES: u64 = 1 << 20;

/// The range of `storage.limits.oldest`: what waits for its slot is often due for some seconds.
const OLDEST: RangeInclusive<Duration> = Duration::from_mins(1)..=Duration::from_hours(3_650 * 24);

/// The range of a retention. Ten years serve as "for ever"; a much longer time could not be
/// subtracted from a date.
const RETENTION_RANGE: RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_hours(3_650 * 24);

pub(super) const LEVELS: [(&str, Level); 5] = [
    ("error", Level::ERROR),
    ("warn", Level::WARN),
    ("info", Level::INFO),
    ("debug", Level::DEBUG),
    ("trace", Level::TRACE),
];

pub(super) const FORMATS: [(&str, LogFormat); 2] =
    [("logfmt", LogFormat::Logfmt), ("json", LogFormat::Json)];

pub(super) fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, String> {
    word_or(text, words, &did_you_mean(text, words.iter().map(|(word, _)| *word)))
}

/// As [`word`]; the error about another text ends with this hint.
fn word_or<T: Copy>(text: &str, words: &[(&str, T)], hint: &str) -> Result<T, String> {
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    found.ok_or_else(|| {
        format!("expected one of {}, found `{}`{hint}", known.join(", "), shown(text))
    })
}

pub(super) fn flag(text: &str) -> Result<bool, String> {
    word(text, &[("true", true), ("false", false)])
}

pub(in crate::settings) fn language(text: &str) -> Result<Language, String> {
    let words = Language::ALL.map(|language| (language.as_str(), language));
    // A language is told by its first two letters: `zh`, `zh_TW`, `english`.
    let start = |text: &str| text.get(..2).map(str::to_lowercase);
    let meant = words.iter().find(|(word, _)| start(word) == start(text));
    let hint = meant.map_or_else(String::new, |(word, _)| format!("; did you mean `{word}`?"));
    word_or(text, &words, &hint)
}

pub(in crate::settings) fn timezone(text: &str) -> Result<TimeZone, String> {
    TimeZone::get(text).map_err(|_unknown| {
        let hint = zone_meant(text).unwrap_or_else(|| {
            let available: Vec<String> =
                jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect();
            did_you_mean(text, available.iter().map(String::as_str))
        });
        format!("expected the IANA name of a time zone, found `{}`{hint}", shown(text))
    })
}

/// The hint for what is often written in the place of a zone's name, and near to the name of another
/// zone: an offset (`GMT+8`), or a word for China's time.
fn zone_meant(text: &str) -> Option<String> {
    /// What people in China write; none of it is an IANA name.
    const CHINAS: [&str; 4] = ["asia/beijing", "beijing", "china", "cst"];
    if CHINAS.contains(&&*text.to_lowercase()) {
        return Some("; did you mean `Asia/Shanghai`?".to_owned());
    }
    let zone = zone_of_offset(text)?;
    let china = if zone == "Etc/GMT-8" { "`Asia/Shanghai` or " } else { "" };
    Some(format!("; did you mean {china}`{zone}`, whose sign is the other way round?"))
}

/// The zone of an offset in whole hours, as `GMT+8`, `UTC8` or `+08:00`.
fn zone_of_offset(text: &str) -> Option<String> {
    let upper = text.to_uppercase();
    let named = upper.strip_prefix("GMT").or_else(|| upper.strip_prefix("UTC"));
    let offset = named.unwrap_or(&upper);
    // The names of `Etc` have the sign of POSIX, which counts from the zone to UTC.
    let (sign, digits) = match (offset.strip_prefix('+'), offset.strip_prefix('-')) {
        (Some(digits), _) => ('-', digits),
        (None, Some(digits)) => ('+', digits),
        (None, None) => ('-', named?),
    };
    let digits = digits.replace(':', "");
    let hours = if digits.len() > 2 { digits.strip_suffix("00")? } else { digits.as_str() };
    let zone = format!("Etc/GMT{sign}{}", hours.parse::<u8>().ok()?);
    TimeZone::get(&zone).is_ok().then_some(zone)
}

pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    let example = "an address such as `0.0.0.0:8060` or `:8060`";
    listen_address(text).ok_or_else(|| format!("expected {example}, found `{}`", shown(text)))
}

/// The default of `external_url`: the URL under which this machine reaches the server. The address
/// that others use is not known.
pub(super) fn local_url(listen: SocketAddr) -> String {
    if listen.ip().is_unspecified() {
        return format!("http://localhost:{}", listen.port());
    }
    format!("http://{listen}")
}

pub(super) fn route_prefix(text: &str) -> Result<String, String> {
    let inner = text.trim_matches('/');
    let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '/');
    if inner.is_empty() {
        return Ok(String::new());
    }
    if inner.contains("//") || !inner.chars().all(is_fine) {
        return Err(format!("expected a path such as `/campana`, found `{}`", shown(text)));
    }
    Ok(format!("/{inner}"))
}

pub(super) fn body_bytes(text: &str) -> Result<usize, String> {
    let expected = "expected a size such as `4MiB`, from 1KiB to 1GiB";
    let size = size(text).filter(|size| BODY_BYTES.contains(size));
    size.ok_or_else(|| format!("{expected}, found `{}`", shown(text)))
}

pub(super) fn alerts(text: &str) -> Result<usize, String> {
    number(text, &ALERTS)
}

pub(super) fn connections(text: &str) -> Result<usize, String> {
    number(text, &CONNECTIONS)
}

fn number(text: &str, range: &RangeInclusive<usize>) -> Result<usize, String> {
    let (least, most) = (range.start(), range.end());
    let number = text.parse().ok().filter(|number| range.contains(number));
    number
        .ok_or_else(|| format!("expected a number from {least} to {most}, found `{}`", shown(text)))
}

pub(super) fn retention(text: &str) -> Result<Duration, String> {
    duration_within(text, "7d", &RETENTION_RANGE)
}

pub(super) fn age_limit(text: &str) -> Result<Duration, String> {
    duration_within(text, "48h", &OLDEST)
}

fn duration_within(
    text: &str,
    example: &str,
    range: &RangeInclusive<Duration>,
) -> Result<Duration, String> {
    let (least, most) = (show_duration(*range.start()), show_duration(*range.end()));
    let value = duration(text).filter(|value| range.contains(value));
    value.ok_or_else(|| {
        let range = format!("from {least} to {most}");
        format!("expected a duration such as `{example}`, {range}, found `{}`", shown(text))
    })
}

pub(super) fn queued(text: &str) -> Result<u64, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number
        .ok_or_else(|| format!("expected how many deliveries, at least 1, found `{}`", shown(text)))
}

pub(super) fn queued_bytes(text: &str) -> Result<u64, String> {
    let size = bytes(text).filter(|size| *size >= LEAST_QUEUED_BYTES);
    size.ok_or_else(|| {
        format!("expected a size such as `4GiB`, at least 1MiB, found `{}`", shown(text))
    })
}

pub(super) fn free_bytes(text: &str) -> Result<u64, String> {
    bytes(text).ok_or_else(|| format!("expected a size such as `64MiB`, found `{}`", shown(text)))
}

fn bytes(text: &str) -> Option<u64> {
    u64::try_from(size(text)?).ok()
}

/// The path of the database file that a `storage.url` names.
///
/// # Errors
///
/// When it names no file, or another kind of database. The error doesn't show the text, which may
/// hold a password.
pub fn storage(text: &str) -> Result<PathBuf, String> {
    let scheme = text.split(':').next().unwrap_or_default();
    if matches!(scheme, "postgres" | "postgresql") {
        return Err("PostgreSQL is not in this version; use `sqlite:PATH`".to_owned());
    }
    let path = text.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path));
    match path {
        Some(path) if path.contains('?') || path.starts_with(':') => {
            Err("expected `sqlite:PATH` without options; a database in memory loses alerts".into())
        }
        Some(path) if !path.is_empty() && !path.ends_with('/') => Ok(PathBuf::from(path)),
        Some(_) | None => Err("expected `sqlite:PATH`, the path of a file".to_owned()),
    }
}
