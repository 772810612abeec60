//! The loading of a configuration: reads the file, parses it, checks it.
//!
//! A configuration is taken whole or not at all. A file of another product is recognised first,
//! since every one of its keys would be reported as unknown otherwise.

use std::path::Path;

use secrecy::SecretString;

use super::check;
use super::contents::{self, ContentsError};
use super::decode::{Checked, Decoder, Reported};
use super::diagnostic::{ConfigErrors, Place, Report};
use super::environment::Environment;
use super::foreign;
use super::process::{self, Overrides};
use super::secret::mistaken::{
    NO_SECRETS_BEGIN, begins_like_a_secret, has_foreign_character, holds_a_url, no_secret, no_token,
};
use super::tree::{Node, Position, Tree};
use super::{Loaded, ProcessSettings, Settings};

/// The largest configuration file, several times what 10,000 receivers take. A wrong path, as to a
/// log, must not fill the memory.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// The variable with a chatbot's access token; with it, no file is needed.
const TOKEN_VARIABLE: &str = "DINGTALK_ACCESS_TOKEN";

/// The variable with that chatbot's signing secret.
const SECRET_VARIABLE: &str = "DINGTALK_SECRET";

impl Settings {
    /// Loads the configuration from `file`; without a file, from `DINGTALK_ACCESS_TOKEN`.
    ///
    /// # Errors
    ///
    /// Every mistake in the configuration, sorted by place.
    pub fn load(
        file: Option<&Path>,
        environment: &Environment,
        overrides: &Overrides,
    ) -> Result<Loaded, ConfigErrors> {
        load(file, environment, overrides, contents::of_any)
    }

    /// As [`Settings::load`], for a server that runs: a pipe is an error, because it was read at the
    /// start, and a wait for more could not be ended.
    ///
    /// # Errors
    ///
    /// As [`Settings::load`].
    pub fn load_again(
        file: Option<&Path>,
        environment: &Environment,
        overrides: &Overrides,
    ) -> Result<Loaded, ConfigErrors> {
        load(file, environment, overrides, contents::of_file)
    }

    /// Loads the configuration from `text`, called `name` in errors; its relative paths start at
    /// `folder`.
    ///
    /// # Errors
    ///
    /// As [`Settings::load`].
    pub fn from_text(
        name: &str,
        text: &str,
        folder: &Path,
        environment: &Environment,
        overrides: &Overrides,
    ) -> Result<Loaded, ConfigErrors> {
        let report = Report::new(name);
        let decoder = Decoder { report: &report, environment, folder };
        let settings = read(decoder, text, overrides).ok();
        let (settings, warnings) = report.conclude(settings)?;
        Ok(Loaded { settings, warnings })
    }
}

impl ProcessSettings {
    /// The process' settings without a file, for a command that looks for the running server.
    ///
    /// # Errors
    ///
    /// As [`Settings::load`].
    pub fn without_file(
        environment: &Environment,
        overrides: &Overrides,
    ) -> Result<Self, ConfigErrors> {
        let report = Report::new("configuration");
        let decoder = Decoder { report: &report, environment, folder: Path::new("") };
        let read = process::read(decoder, None, overrides).ok();
        report.conclude(read).map(|((process, ..), _)| process)
    }
}

/// A function that gives a file's text, or an error above a number of bytes.
type ReadText = fn(&Path, u64) -> Result<String, ContentsError>;

fn load(
    file: Option<&Path>,
    environment: &Environment,
    overrides: &Overrides,
    read: ReadText,
) -> Result<Loaded, ConfigErrors> {
    let Some(path) = file else { return without_file(environment, overrides) };
    let name = path.display().to_string();
    match read(path, MAX_BYTES) {
        Ok(text) => {
            let folder = path.parent().unwrap_or(Path::new(""));
            Settings::from_text(&name, &text, folder, environment, overrides)
        }
        Err(error) => {
            let report = Report::new(&name);
            let position = error.position().unwrap_or(Position::START);
            report.error(position, format!("can't read the configuration: {error}"));
            report.conclude::<Loaded>(None).map(|(loaded, _)| loaded)
        }
    }
}

fn read(decoder: Decoder<'_>, text: &str, overrides: &Overrides) -> Checked<Settings> {
    let tree = Tree::parse(text);
    if let Some(refusal) = foreign::refusal(decoder.report.name(), text, &tree, decoder.folder) {
        decoder.report.extend(refusal);
        return Err(Reported);
    }
    let root = root(decoder, tree, "the file is empty; it needs the key `receivers`")?;
    check::settings(decoder, root, overrides)
}

/// The one document of a tree, which the report keeps; reports the faults, and with the words `empty` that
/// there is nothing.
pub(super) fn root<'r>(decoder: Decoder<'r>, tree: Tree, empty: &str) -> Checked<&'r Node> {
    let Tree { documents, faults, merges } = tree;
    let broken = !faults.is_empty();
    for fault in faults {
        // What a fault leaves out of the tree is not checked.
        decoder.report.leave_unchecked();
        let place = decoder.report.place(fault.position);
        decoder.report.error_about(&fault.path, place, fault.text);
    }
    for fault in merges {
        let place = decoder.report.place(fault.position);
        decoder.report.error_about(&fault.path, place, fault.text);
    }
    let documents = decoder.report.keep(documents);
    if let [_, second, ..] = documents {
        decoder.report.leave_unchecked();
        return decoder
            .fail(second.position, "a second document; the configuration is a single one");
    }
    match documents.first() {
        Some(root) => Ok(root),
        // A syntax error leaves no document, so other mistakes can't be found before it is
        // corrected.
        None if broken => Err(Reported),
        None => decoder.fail(Position::START, empty),
    }
}

fn without_file(environment: &Environment, overrides: &Overrides) -> Result<Loaded, ConfigErrors> {
    let report = Report::new("configuration");
    let decoder = Decoder { report: &report, environment, folder: Path::new("") };
    let settings = of_variables(decoder, overrides).ok();
    let (settings, warnings) = report.conclude(settings)?;
    Ok(Loaded { settings, warnings })
}

fn of_variables(decoder: Decoder<'_>, overrides: &Overrides) -> Checked<Settings> {
    let token = variable(decoder, TOKEN_VARIABLE, no_token);
    let secret = variable(decoder, SECRET_VARIABLE, no_secret);
    if let Ok(Some(secret)) = &secret
        && !begins_like_a_secret(secret)
    {
        let place = Place::Variable(SECRET_VARIABLE.to_owned());
        decoder.report.warning_at(place, format!("it {NO_SECRETS_BEGIN}"));
    }
    if let Some(token) = token? {
        let secret = secret?.map(SecretString::from);
        return check::without_file(decoder, token.into(), secret, overrides);
    }
    let text = format!(
        "there is none: give a file with --config.file, or set {TOKEN_VARIABLE} (and \
         {SECRET_VARIABLE}, if the robot signs) for a single chatbot"
    );
    decoder.report.error_at(Place::Nowhere, text);
    Err(Reported)
}

/// The token or secret in this variable; nothing if it is not set or empty.
fn variable(
    decoder: Decoder<'_>,
    name: &str,
    mistake: fn(&str) -> Option<&'static str>,
) -> Checked<Option<String>> {
    let fail = |words: String| {
        decoder.report.error_at(Place::Variable(name.to_owned()), words);
        Err(Reported)
    };
    match decoder.environment.get(name) {
        Ok(None | Some("")) => Ok(None),
        Ok(Some(text)) if has_foreign_character(text) || holds_a_url(text) => {
            let rule = "it must be the bare value, of printable ASCII without spaces, quotes, `<` \
                        and `>`, and without a URL around it";
            fail(rule.to_owned())
        }
        Ok(Some(text)) => match mistake(text) {
            Some(words) => fail(format!("it {words}")),
            None => Ok(Some(text.to_owned())),
        },
        Err(error) => fail(error.to_string()),
    }
}
