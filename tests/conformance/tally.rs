//! Counts cases, and runs one as its product would.

use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use campana::alert::Notification;
use campana::receive::alertmanager;
use campana::render::profile::{LanguagePack, Profile};
use gotemplate::{Environment, Limits, Templates};

/// The folder of the generators, their payloads and what they wrote.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance")
}

/// The notification of a payload file.
pub(crate) fn payload(name: &str) -> Notification {
    let file = folder().join("payloads").join(format!("{name}.json"));
    let body = std::fs::read(file).expect("a case has its payload");
    alertmanager::parse(&body).expect("a payload is a notification")
}

/// Cases and what became of them.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    equal: usize,
    skipped: Vec<String>,
    different: Vec<String>,
}

impl Tally {
    /// Counts a case; one that differs for a known reason is skipped.
    pub(crate) fn count(
        &mut self,
        label: &str,
        expected: &Result<Vec<u8>, String>,
        actual: &Result<Vec<u8>, String>,
        skip: Option<&str>,
    ) {
        match skip {
            _ if expected == actual => self.equal += 1,
            Some(reason) => self.skipped.push(format!("{label}: {reason}")),
            None => {
                let from = first_difference(expected, actual);
                let (expected, actual) = (show(expected, from), show(actual, from));
                self.different.push(format!("{label}\n    Go:   {expected}\n    here: {actual}"));
            }
        }
    }

    /// Prints the counts, and where cases are different also each of those.
    ///
    /// Not by `println`, which is shown for failed tests only.
    pub(crate) fn report(&self, product: &str) {
        let whole = self.to_string();
        let shown = if self.is_clean() { whole.lines().next().unwrap_or_default() } else { &whole };
        writeln!(std::io::stdout(), "{product}: {shown}").expect("standard output takes a line");
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.different.is_empty() && self.equal > 0
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (equal, skipped, different) = (self.equal, self.skipped.len(), self.different.len());
        let cases = equal + skipped + different;
        write!(f, "cases {cases} equal {equal} skipped {skipped} different {different}")?;
        let mut lines = String::new();
        self.skipped.iter().try_for_each(|line| write!(lines, "\n  skipped {line}"))?;
        self.different.iter().try_for_each(|line| write!(lines, "\n  different {line}"))?;
        f.write_str(&lines)
    }
}

/// Templates of a profile, its own first.
pub(crate) fn templates(profile: Profile) -> Templates {
    let functions = Arc::new(profile.functions());
    let mut templates = Templates::new(functions, profile.missing_key(), Limits::default());
    for (name, source) in profile.sources() {
        templates.parse(name, source).expect("the templates of a profile are right");
    }
    templates
}

/// What a template of no name writes for all alerts.
pub(crate) fn execute(
    profile: Profile,
    templates: &Templates,
    notification: &Notification,
    language: &LanguagePack,
    environment: &Environment,
) -> Result<Vec<u8>, String> {
    let model = profile.model_in(notification, &environment.local, language);
    let data = model.data(0..notification.alerts.len(), &[]);
    let mut fuel = Limits::default().fuel;
    let mut output =
        templates.execute("", &data, environment, &mut fuel).map_err(|error| error.to_string())?;
    if profile.trims() {
        let end = output.iter().rposition(|byte| !b" \r\n".contains(byte)).map_or(0, |at| at + 1);
        output.truncate(end);
    }
    Ok(output)
}

/// The byte from which two results differ, and a little before it.
fn first_difference(one: &Result<Vec<u8>, String>, other: &Result<Vec<u8>, String>) -> usize {
    let (Ok(one), Ok(other)) = (one, other) else { return 0 };
    let same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    same.saturating_sub(40)
}

fn show(result: &Result<Vec<u8>, String>, from: usize) -> String {
    let cut = |bytes: &[u8]| {
        let end = bytes.len().min(from + 200);
        format!("…{:?}", String::from_utf8_lossy(&bytes[from.min(end)..end]))
    };
    match result {
        Ok(output) => format!("output {}", cut(output)),
        Err(error) => format!("error {error}"),
    }
}
