//! The configuration's file: settings or errors, each at its place, and no secret is shown.

use std::path::Path;

use campana::settings::diagnostic::{Diagnostic, Place, Severity};
use campana::settings::tree::{Node, Tree, Value};
use campana::settings::{ConfigErrors, Environment, Loaded, Overrides, Settings};

/// What stands in the file for each `@`, as long as a token is.
const CANARY: &str = "canary0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6";

/// How many characters of a possible secret an error may show, to find it in the file by.
const HINT: usize = 8;

/// The keys whose values are secrets.
const SECRETS: [&str; 4] = ["access_token", "secret", "app_secret", "webhook_url"];

/// The name of the file in errors.
const NAME: &str = "c.yml";

/// Loads the text as a configuration.
///
/// # Panics
///
/// When an error stands nowhere in the file, or something shows a secret.
pub fn holds(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    // A fuzzer that sees what is compared writes the canary itself, also where no secret is.
    if text.contains(&CANARY[..=HINT]) {
        return;
    }
    let planted = text.replace('@', CANARY);
    let tree = Tree::parse(&planted);
    if tree.documents.iter().any(|root| names_files(root, "")) {
        return;
    }
    // In a file whose YAML is broken nobody knows what a text is.
    let is_secret = tree.documents.iter().all(|root| is_secret(root, false));
    let (found, again) = (load(&planted), load(&planted));
    let shown = match &found {
        Ok(loaded) => {
            assert!(loaded.warnings.iter().all(|one| one.severity == Severity::Warning));
            is_at_its_place(&loaded.warnings, &planted);
            format!("{}{loaded:?}", loaded.settings.redacted())
        }
        Err(errors) => {
            let found = errors.diagnostics();
            assert!(found.iter().any(|one| one.severity == Severity::Error));
            is_at_its_place(found, &planted);
            format!("{errors}{errors:?}")
        }
    };
    if is_secret {
        assert!(!shown.contains(&CANARY[..=HINT]), "a secret is shown: {shown}");
    }
    if let Ok(loaded) = &found {
        let redacted = loaded.settings.redacted();
        let again = again.expect("it was valid before").settings.redacted();
        assert_eq!(redacted, again, "redacted twice");
        let tree = Tree::parse(&redacted);
        assert_eq!((tree.documents.len(), tree.faults), (1, Vec::new()), "{redacted}");
    }
}

fn load(text: &str) -> Result<Loaded, ConfigErrors> {
    let environment: Environment =
        [("SET", "from-the-environment"), ("EMPTY", "")].into_iter().collect();
    Settings::from_text(NAME, text, Path::new("/nowhere"), &environment, &Overrides::default())
}

/// Whether the file names other files that may be there, which no result may depend on.
fn names_files(node: &Node, key: &str) -> bool {
    match &node.value {
        Value::Null => false,
        Value::Scalar(scalar) => {
            let is_path = key.ends_with("_file") || key == "templates";
            is_path && scalar.text.contains(['/', '$', '.'])
        }
        Value::List(items) => items.iter().any(|item| names_files(item, key)),
        Value::Table(entries) => entries.iter().any(|entry| names_files(&entry.value, &entry.key)),
    }
}

/// Whether each canary stands where a secret does: below a key of one.
fn is_secret(node: &Node, within: bool) -> bool {
    match &node.value {
        Value::Null => true,
        Value::Scalar(scalar) => within || !scalar.text.contains(CANARY),
        Value::List(items) => items.iter().all(|item| is_secret(item, within)),
        Value::Table(entries) => entries.iter().all(|entry| {
            let within = within || SECRETS.contains(&entry.key.as_str());
            (within || !entry.key.contains(CANARY)) && is_secret(&entry.value, within)
        }),
    }
}

/// Whether each diagnostic has words, and a place in the file.
fn is_at_its_place(found: &[Diagnostic], text: &str) {
    let lines = lines(text);
    for diagnostic in found {
        let Place::File { name, position } = &diagnostic.place else {
            panic!("not in the file: {diagnostic}");
        };
        assert_eq!(&**name, NAME, "{diagnostic}");
        let length = position.line.checked_sub(1).and_then(|line| lines.get(line));
        let length = length.unwrap_or_else(|| panic!("no such line: {diagnostic}"));
        assert!((1..=length + 1).contains(&position.column), "no such column: {diagnostic}");
        assert!(!diagnostic.text.is_empty());
        assert!(!diagnostic.text.contains(is_control), "{diagnostic:?}");
    }
}

fn is_control(c: char) -> bool {
    c.is_control() && c != '\n'
}

/// The characters of each line, as YAML ends lines; a byte order mark is none.
fn lines(text: &str) -> Vec<usize> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    text.split(['\n', '\r']).map(|line| line.chars().count()).collect()
}
