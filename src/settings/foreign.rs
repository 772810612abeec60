//! Files of other products: recognised, and translated into a configuration of ours.
//!
//! Where one is given as our configuration it is refused with an error that holds the translation,
//! and `campana migrate` prints the same. Each secret becomes a `${…}` named after its receiver, or
//! a file of its own: none is printed.

mod alertmanager;
mod findings;
mod grafana;
mod kind;
mod mention;
mod notification_manager;
pub mod owner;
mod prometheusalert;
mod robot;
mod secret;
mod source;
mod text;
mod translation;
mod webhook_dingtalk;
mod wrapped;

use std::path::Path;

use self::findings::{Findings, Note};
use self::kind::Kind;
use self::owner::Owners;
pub use self::secret::NewFile;
use self::secret::Secrets;
use self::source::{Object, Sources};
use self::translation::{TemplateFiles, Translation};
use super::contents;
use super::diagnostic::{ConfigErrors, Diagnostic, Place, Severity};
use super::tree::{Position, Tree, shown_key};

/// The largest file, as for our own configuration.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// A product whose files are translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// prometheus-webhook-dingtalk.
    WebhookDingtalk,
    /// KubeSphere's notification-manager.
    NotificationManager,
    /// Grafana's provisioned contact points.
    Grafana,
    /// PrometheusAlert.
    PrometheusAlert,
}

impl Product {
    const ALL: [Self; 4] =
        [Self::WebhookDingtalk, Self::NotificationManager, Self::Grafana, Self::PrometheusAlert];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WebhookDingtalk => webhook_dingtalk::NAME,
            Self::NotificationManager => notification_manager::NAME,
            Self::Grafana => "Grafana",
            Self::PrometheusAlert => "PrometheusAlert",
        }
    }

    /// Whether something among these objects and files is its.
    fn has(self, sources: &Sources, objects: &[Object<'_>]) -> bool {
        let is = |kind: Kind| objects.iter().any(|object| object.kind == Some(kind));
        match self {
            Self::WebhookDingtalk => {
                is(Kind::WebhookDingtalk) || objects.iter().any(|it| webhook_dingtalk::runs(*it))
            }
            Self::NotificationManager => is(Kind::NotificationManager),
            Self::Grafana => is(Kind::Grafana),
            Self::PrometheusAlert => sources.inis().next().is_some(),
        }
    }
}

/// A file that is to be translated.
#[derive(Clone)]
pub struct ForeignFile {
    name: String,
    text: String,
}

impl ForeignFile {
    /// A file with this name and text.
    #[must_use]
    pub fn new(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), text: text.to_owned() }
    }

    /// Reads a file; `-` is standard input.
    ///
    /// # Errors
    ///
    /// When it can't be read.
    pub fn read(path: &Path) -> Result<Self, ConfigErrors> {
        let is_input = path.as_os_str() == "-";
        let opened = if is_input { Path::new("/dev/stdin") } else { path };
        let name = if is_input { "standard input".to_owned() } else { path.display().to_string() };
        contents::of_any(opened, MAX_BYTES).map(|text| Self { name: name.clone(), text }).map_err(
            |error| {
                let position = error.position().unwrap_or(Position::START);
                let place = Place::File { name: name.as_str().into(), position };
                let words = format!("can't read the file: {error}");
                ConfigErrors::of(vec![Diagnostic::new(place, Severity::Error, &words)])
            },
        )
    }
}

/// Where secrets and templates that are known go.
#[derive(Debug, Clone, Default)]
pub struct MigrateOptions {
    /// The folder for secrets, each in a file of its own; else they become variables.
    pub secrets: Option<String>,
    /// The folder for the templates in ConfigMaps; else they are only named.
    pub templates: Option<String>,
}

/// What files of another product become.
#[derive(Debug, Clone)]
pub struct Migration {
    /// The configuration, with what it needs and what differs as comments.
    pub configuration: String,
    /// The variables that it needs, each with what it takes.
    pub variables: Vec<String>,
    /// What differs and what to do about it, one sentence or more each.
    pub notes: Vec<String>,
    /// The files that have to be written for it.
    pub files: Vec<NewFile>,
    /// How many receivers it has.
    pub receivers: usize,
}

/// Translates the files of a product; relative patterns of templates start at `folder`.
///
/// # Errors
///
/// What is wrong with the files: broken YAML, a key that stands twice, what the product itself
/// refuses; or whose they are instead.
pub fn migrate(
    product: Product,
    files: &[ForeignFile],
    folder: &Path,
    options: &MigrateOptions,
) -> Result<Migration, ConfigErrors> {
    let sources = Sources::read(files.iter().map(|file| (&*file.name, &*file.text)));
    let names: Vec<&str> = files.iter().map(|file| &*file.name).collect();
    let objects = sources.objects();
    let place = place_of(&objects, names.first().copied().unwrap_or_default());
    let refused = |words: String| {
        let faults: Vec<Diagnostic> = sources.faults().collect();
        // What can't be read can't be told apart.
        let is_broken = objects.is_empty() && !faults.is_empty();
        let words = (!is_broken).then(|| error(place.clone(), &words));
        ConfigErrors::of(faults.into_iter().chain(words).collect())
    };
    if product.has(&sources, &objects) {
        return translate(product, &sources, &names, folder, options)?
            .ok_or_else(|| refused(nothing(product)));
    }
    match Product::ALL.into_iter().find(|other| other.has(&sources, &objects)) {
        Some(other) => Err(refused(format!(
            "these are files of {}, and not of {}; `campana {}` translates them",
            other.as_str(),
            product.as_str(),
            match other {
                Product::WebhookDingtalk | Product::NotificationManager => {
                    format!("migrate {}", other.as_str())
                }
                Product::Grafana | Product::PrometheusAlert => "check-config".to_owned(),
            }
        ))),
        None if objects.iter().any(|object| object.kind.is_some()) => {
            Err(refused(alertmanager::answer(&objects)))
        }
        None => Err(refused(format!("there is nothing of {} in it", product.as_str()))),
    }
}

/// The errors about a file that was given as our configuration and is another product's, or belongs
/// to what is around Campana; nothing if it is neither.
pub(super) fn refusal(
    name: &str,
    text: &str,
    tree: &Tree,
    folder: &Path,
) -> Option<Vec<Diagnostic>> {
    let is_foreign = |root| kind::of(root).is_some_and(|kind| kind != Kind::Campana);
    if !prometheusalert::is(text) && !tree.documents.iter().any(is_foreign) {
        return None;
    }
    let sources = Sources::read(std::iter::once((name, text)));
    let objects = sources.objects();
    let place = place_of(&objects, name);
    let Some(product) = Product::ALL.into_iter().find(|one| one.has(&sources, &objects)) else {
        return Some(vec![error(place, &alertmanager::answer(&objects))]);
    };
    let options = MigrateOptions::default();
    Some(match translate(product, &sources, &[name], folder, &options) {
        Ok(Some(migration)) => vec![error(place, &answer(product, &migration))],
        Ok(None) => vec![error(place, &nothing(product))],
        Err(errors) => {
            let words = format!(
                "this is a file of {}; it can be translated once what is wrong in it is mended",
                product.as_str()
            );
            let mut found = vec![error(place, &words)];
            found.extend(errors.diagnostics().iter().cloned());
            found
        }
    })
}

/// The error about a file that can be translated.
fn answer(product: Product, migration: &Migration) -> String {
    let product = product.as_str();
    format!(
        "this is a file of {product}; for Campana it is as follows (set the variables, or use the \
         `_file` keys):\n\n{}",
        migration.configuration
    )
}

fn nothing(product: Product) -> String {
    let needed = match product {
        Product::WebhookDingtalk => "there are none under `targets`",
        Product::NotificationManager => {
            "one is an object of kind Receiver with `spec.dingtalk`, as `kubectl get receivers -o \
             yaml` prints it"
        }
        Product::Grafana => "one is a contact point of type `dingding`",
        Product::PrometheusAlert => "one is the URL of `ddurl`",
    };
    let product = product.as_str();
    format!("this is a file of {product}, and no DingTalk receiver is in it: {needed}")
}

fn error(place: Place, text: &str) -> Diagnostic {
    Diagnostic::new(place, Severity::Error, text)
}

/// The place of the first object that is known, or the start of the file.
fn place_of(objects: &[Object<'_>], name: &str) -> Place {
    let known = objects.iter().find(|object| object.kind.is_some());
    known.map_or_else(
        || Place::File { name: name.into(), position: Position::START },
        |object| object.root.place(),
    )
}

/// The translation; nothing if no receiver comes of it.
fn translate(
    product: Product,
    sources: &Sources,
    names: &[&str],
    folder: &Path,
    options: &MigrateOptions,
) -> Result<Option<Migration>, ConfigErrors> {
    let (objects, data) = (sources.objects(), sources.data());
    let findings = Findings::new(product.as_str());
    sources.faults().for_each(|fault| findings.error(fault));
    let mut translation = Translation {
        findings: &findings,
        data: &data,
        owners: Owners::default(),
        secrets: Secrets::new(options.secrets.as_deref()),
        templates: TemplateFiles::new(folder, options.templates.as_deref()),
        sections: Vec::new(),
        receivers: Vec::new(),
    };
    match product {
        Product::WebhookDingtalk => webhook_dingtalk::translate(&mut translation, &objects),
        Product::NotificationManager => notification_manager::translate(&mut translation, &objects),
        Product::Grafana => grafana::translate(&mut translation, &objects),
        Product::PrometheusAlert => prometheusalert::translate(&mut translation, sources.inis()),
    }
    note_others(product, sources, &objects, &findings);
    let (notes, errors) = findings.parts();
    if !errors.is_empty() {
        return Err(ConfigErrors::of(errors));
    }
    if translation.receivers.is_empty() {
        return Ok(None);
    }
    let configuration = text::write_all(&translation, &notes, product.as_str(), &names.join(", "));
    let Translation { secrets, templates, receivers, .. } = translation;
    Ok(Some(Migration {
        configuration,
        variables: secrets.variables.iter().map(text::line).collect(),
        notes: notes.iter().map(shown).collect(),
        files: secrets.files.into_iter().chain(templates.files).collect(),
        receivers: receivers.len(),
    }))
}

/// A note with the receiver that it is about.
fn shown(note: &Note) -> String {
    match &note.receiver {
        Some(receiver) => format!("receiver `{receiver}`: {}", note.text),
        None => note.text.clone(),
    }
}

/// Notes what stands beside the product's own and is no part of the translation.
fn note_others(product: Product, sources: &Sources, objects: &[Object<'_>], findings: &Findings) {
    let others = Product::ALL.into_iter().filter(|other| *other != product);
    for other in others.filter(|other| other.has(sources, objects)) {
        let name = other.as_str();
        findings.note(format!("What is of {name} in these files is left out; translate it alone."));
    }
    for object in objects {
        let words = match object.kind {
            Some(Kind::Alertmanager | Kind::AlertmanagerConfig) => {
                "Alertmanager's configuration: its receiver posts to Campana's host and port"
            }
            Some(Kind::Prometheus | Kind::Rules) => "of Prometheus, and stays as it is",
            Some(Kind::Campana) => "a configuration of Campana already",
            Some(Kind::OtherObject) => "an object of Kubernetes that stays as it is",
            Some(
                Kind::WebhookDingtalk
                | Kind::NotificationManager
                | Kind::Data
                | Kind::Workload
                | Kind::Grafana,
            )
            | None => continue,
        };
        let kind = object.root.text_at(&["kind"]).unwrap_or("document");
        let kind = shown_key(kind);
        findings.note_at(object.root, format!("this {kind} is left out: it is {words}"));
    }
}

#[cfg(test)]
mod tests;
