//! The receivers' templates, tried on samples before they are trusted.
//!
//! Equal templates are tried once. What is wrong in a template file is told once, with the receivers that
//! come to it.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use super::templates::placed;
use crate::receive::samples::{self, Sample};
use crate::render::Language;
use crate::render::template::{Flaw, Template, TemplateOrigin, Trial, TrialSample};
use crate::select;
use crate::select::condition::Conditions;
use crate::settings::decode::Decoder;
use crate::settings::diagnostic::Place;
use crate::settings::tree::{Node, Position};

/// The fuel for the templates of a file, about three seconds; a reload waits ten. A usual template takes
/// some thousand, so this is for thousands that all differ.
const FUEL: u64 = 24_000_000;

/// The most receivers that a line names.
const MOST_NAMED: usize = 3;

/// A receiver's message whose templates are tried.
pub(super) struct TriedMessage<'a> {
    /// The receiver's name.
    pub(super) receiver: &'a str,
    /// Its key `message`.
    pub(super) node: &'a Node,
    /// The language of its words.
    pub(super) language: Language,
    /// What it is written with.
    pub(super) template: &'a Arc<Template>,
    /// Whether its type has a title.
    pub(super) has_title: bool,
    /// Whether it tells of resolved alerts.
    pub(super) send_resolved: bool,
}

/// The trials of a file.
pub(super) struct Trials {
    fuel: Cell<u64>,
    /// The samples without resolved alerts, and those with them.
    samples: [OnceCell<Vec<Sample>>; 2],
    /// What is known of those that were tried; nothing where there was no fuel for it.
    known: RefCell<HashMap<TriedTemplate, Option<Rc<[Flaw]>>>>,
    of_files: RefCell<BTreeMap<(String, Position), OfFile>>,
}

/// A template by its place in memory, with a title or not, and for resolved alerts or not.
type TriedTemplate = (*const Template, bool, bool);

/// What is wrong at a place of a template file.
struct OfFile {
    is_error: bool,
    words: String,
    receivers: Vec<String>,
}

impl Default for Trials {
    /// No trial yet.
    fn default() -> Self {
        Self {
            fuel: Cell::new(FUEL),
            samples: [OnceCell::new(), OnceCell::new()],
            known: RefCell::default(),
            of_files: RefCell::default(),
        }
    }
}

impl Trials {
    /// Tries the templates of a receiver, and reports what is wrong in its own title and text.
    pub(super) fn try_out(&self, decoder: Decoder<'_>, message: &TriedMessage<'_>) {
        let TriedMessage { receiver, node, .. } = *message;
        let Some(flaws) = self.flaws(message) else {
            let text = format!(
                "receiver `{receiver}`: its templates were not tried on samples: those before it took \
                 too long"
            );
            decoder.report.warning(node.position, text);
            return;
        };
        for Flaw { mistake, is_error } in flaws.iter() {
            let key = match &mistake.origin {
                TemplateOrigin::Title => "title",
                TemplateOrigin::Text => "text",
                TemplateOrigin::File(path) => {
                    let position = Position::new(mistake.line, mistake.column);
                    self.of_file((path.clone(), position), &mistake.words, *is_error, receiver);
                    continue;
                }
            };
            let (position, words) = placed(node.get(key), node.position, mistake);
            let text = format!("receiver `{receiver}`: {words}");
            if *is_error {
                decoder.report.error(position, text);
            } else {
                decoder.report.warning(position, text);
            }
        }
    }

    fn of_file(&self, place: (String, Position), words: &str, is_error: bool, receiver: &str) {
        let mut of_files = self.of_files.borrow_mut();
        let found = of_files.entry(place).or_insert_with(|| OfFile {
            is_error,
            words: words.to_owned(),
            receivers: Vec::new(),
        });
        if is_error && !found.is_error {
            (found.is_error, found.words) = (true, words.to_owned());
        }
        found.receivers.push(receiver.to_owned());
    }

    /// Reports what is wrong in the template files.
    pub(super) fn report_files(&self, decoder: Decoder<'_>) {
        for ((path, position), found) in self.of_files.take() {
            let OfFile { is_error, words, receivers } = found;
            let named: Vec<String> =
                receivers.iter().take(MOST_NAMED).map(|name| format!("`{name}`")).collect();
            let more = receivers.len() - named.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let word = if receivers.len() == 1 { "receiver" } else { "receivers" };
            let text = format!("{word} {}{more}: {words}", named.join(", "));
            let place = Place::File { name: path.into(), position };
            if is_error {
                decoder.report.error_at(place, text);
            } else {
                decoder.report.warning_at(place, text);
            }
        }
    }

    fn flaws(&self, message: &TriedMessage<'_>) -> Option<Rc<[Flaw]>> {
        let TriedMessage { template, language, has_title, send_resolved, .. } = *message;
        let key = (Arc::as_ptr(template), has_title, send_resolved);
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let samples = self.samples(send_resolved);
        let samples: Vec<TrialSample<'_>> = samples.iter().map(sample).collect();
        let trial = Trial::new(&samples, send_resolved, language, samples::POSTED);
        let mut fuel = self.fuel.get();
        let flaws = trial.flaws(template, has_title, &mut fuel).map(Rc::from);
        self.fuel.set(fuel);
        self.known.borrow_mut().insert(key, flaws.clone());
        flaws
    }

    fn samples(&self, send_resolved: bool) -> &[Sample] {
        self.samples[usize::from(send_resolved)].get_or_init(|| {
            let all = samples::all().into_iter();
            let kept = |sample: Sample| {
                let kept =
                    select::keep(&Conditions::default(), send_resolved, &sample.notification)?;
                let notification = kept.alone(&sample.notification).into_owned();
                Some(Sample { notification, ..sample })
            };
            all.filter_map(kept).collect()
        })
    }
}

fn sample(sample: &Sample) -> TrialSample<'_> {
    let Sample { what, is_whole, notification } = sample;
    TrialSample { what, is_example: *is_whole, notification }
}
