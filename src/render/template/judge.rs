//! Judges a trial: which of what went wrong is an error, and in which words.
//!
//! An error is what is wrong whatever comes: every sample fails, nothing is ever written, or the types
//! say that whoever comes to a place fails there. What goes wrong for some alerts is a warning.

use std::collections::BTreeMap;
use std::rc::Rc;

use gotemplate::{Error, Finding};

use super::advice::{Members, advice};
use super::compile::Template;
use super::mistake::{Mistake, TemplateOrigin};
use super::trial::{Outcome, TrialSample};
use crate::render::profile::Profile;

/// What a trial found wrong at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The place, and the words.
    pub mistake: Mistake,
    /// Whether the template can't be used; if not, it may be meant so.
    pub is_error: bool,
}

/// A title or a text that was tried.
pub(super) struct Tried<'a> {
    pub(super) origin: TemplateOrigin,
    pub(super) name: &'static str,
    pub(super) outcomes: Vec<(TrialSample<'a>, Outcome)>,
    /// What each of the examples shows where no sample leads.
    pub(super) findings: Vec<Vec<Finding>>,
    /// Whether it writes something of a sample.
    pub(super) writes: bool,
    /// The labels and annotations that an alert has to have, if it writes something only of those.
    pub(super) wanted: Option<Vec<String>>,
    /// Whether the samples are all that may come.
    pub(super) is_whole: bool,
}

/// The samples that failed at one place, and the error of the first.
struct Failure<'t> {
    error: &'t Error,
    samples: Vec<&'t str>,
}

/// What is found at one place, and how many examples show it, and as certain.
struct Found<'t> {
    finding: &'t Finding,
    shown: usize,
    certain: usize,
}

type Place<'e> = (&'e str, usize, usize);

fn place(error: &Error) -> Place<'_> {
    (error.source_name(), error.line(), error.column())
}

impl Tried<'_> {
    /// What is wrong, each place once.
    pub(super) fn flaws(
        &self,
        template: &Template,
        members: &dyn Fn(Profile) -> Rc<Members>,
    ) -> Vec<Flaw> {
        let (failures, mut found) = (self.failures(), self.found());
        let said = |error: &Error| {
            let fault = error.fault();
            let advice = fault.map(|fault| advice(fault, template.profile(), members));
            format!("{}{}", error.words(), advice.unwrap_or_default())
        };
        let mut flaws = Vec::new();
        for Failure { error, samples } in &failures {
            let known = found.remove(&place(error));
            let is_certain = known.is_some_and(|known| self.is_certain(&known));
            let with = self.with(samples);
            let words = format!("the {} fails with {with}: {}", self.part(), said(error));
            let words = words + &self.unless_asked();
            flaws.push(self.flaw(template, Some(error), words, is_certain || self.never_writes()));
        }
        flaws.extend(self.blank(template, failures.is_empty()));
        let is_of_profile = |error: &Error| template.written(error.source_name()).is_none();
        let mut is_told = failures.iter().any(|failure| is_of_profile(failure.error));
        // The profile's own templates are right, and one mistake in what they are given shows in many.
        found.retain(|_, one| {
            !is_of_profile(&one.finding.error) || !std::mem::replace(&mut is_told, true)
        });
        for one in found.into_values() {
            let said = said(&one.finding.error);
            let is_certain = self.is_certain(&one);
            let words = match (one.finding.lacking.is_some(), is_certain) {
                (true, _) => said,
                (false, true) => format!("no sample comes here, and what does will fail: {said}"),
                (false, false) => format!("no sample comes here, and what does may fail: {said}"),
            };
            flaws.push(self.flaw(template, Some(&one.finding.error), words, is_certain));
        }
        flaws
    }

    fn part(&self) -> &'static str {
        if self.origin == TemplateOrigin::Title { "title" } else { "text" }
    }

    fn never_writes(&self) -> bool {
        !self.writes && self.wanted.is_none()
    }

    /// The samples, in words: if they are most, the others.
    fn with(&self, samples: &[&str]) -> String {
        let counts = |outcome: &Outcome| !matches!(outcome, Outcome::TooLong);
        let all = self.outcomes.iter().filter(|(_, outcome)| counts(outcome));
        let others = all.map(|(sample, _)| sample.what).filter(|what| !samples.contains(what));
        let others: Vec<&str> = others.collect();
        match others.len() {
            0 => "every sample".to_owned(),
            few if few < samples.len() => format!("every sample but {}", others.join(", ")),
            _ => samples.join(", "),
        }
    }

    /// What alerts have to have, if it writes something of no others.
    fn unless_asked(&self) -> String {
        let Some(names) = &self.wanted else { return String::new() };
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        format!("; it is right for alerts that have what it reads ({})", names.join(", "))
    }

    fn failures(&self) -> Vec<Failure<'_>> {
        let mut failures: Vec<Failure<'_>> = Vec::new();
        for (sample, outcome) in &self.outcomes {
            let Outcome::Failed(error) = outcome else { continue };
            match failures.iter_mut().find(|failure| place(failure.error) == place(error)) {
                Some(failure) => failure.samples.push(sample.what),
                None => failures.push(Failure { error, samples: vec![sample.what] }),
            }
        }
        failures
    }

    /// What is written nothing of, if anything is.
    fn blank(&self, template: &Template, is_alone: bool) -> Option<Flaw> {
        let is_blank = |outcome: &Outcome| matches!(outcome, Outcome::Blank);
        let blank = self.outcomes.iter().filter(|(_, outcome)| is_blank(outcome));
        let blank: Vec<&TrialSample<'_>> = blank.map(|(sample, _)| sample).collect();
        if blank.is_empty() {
            return None;
        }
        let names: Vec<&str> = blank.iter().map(|sample| sample.what).collect();
        let with = self.with(&names);
        let part = self.part();
        let advice = if self.never_writes() && is_alone {
            self.only_defines(template)
        } else if blank.iter().all(|sample| sample.is_resolved()) {
            ", so the built-in message is sent; `send_resolved: false` leaves them out".to_owned()
        } else {
            ", so the built-in message is sent".to_owned()
        };
        let words = format!("the {part} writes nothing with {with}{advice}{}", self.unless_asked());
        Some(self.flaw(template, None, words, self.never_writes()))
    }

    /// What to do about a source that has nothing but definitions.
    fn only_defines(&self, template: &Template) -> String {
        let is_empty = template.set(self.name).is_some_and(|set| set.is_empty(self.name));
        match template.defined(self.name) {
            [name, ..] if is_empty => {
                format!("; it only defines `{name}`: add `{{{{ template \"{name}\" . }}}}`")
            }
            _ => String::new(),
        }
    }

    /// What the examples show, by place. A key that one of them has is there.
    fn found(&self) -> BTreeMap<Place<'_>, Found<'_>> {
        let mut found: BTreeMap<Place<'_>, Found<'_>> = BTreeMap::new();
        for findings in &self.findings {
            let mut here: BTreeMap<Place<'_>, (&Finding, bool)> = BTreeMap::new();
            for finding in findings {
                here.entry(place(&finding.error)).or_insert((finding, false)).1 |=
                    finding.is_certain;
            }
            for (place, (finding, is_certain)) in here {
                let one = found.entry(place).or_insert(Found { finding, shown: 0, certain: 0 });
                one.shown += 1;
                one.certain += usize::from(is_certain);
            }
        }
        let all = self.findings.len();
        found.retain(|_, one| one.finding.lacking.is_none() || one.shown == all);
        found
    }

    /// Whether what comes there fails whatever it is: all examples say so.
    fn is_certain(&self, found: &Found<'_>) -> bool {
        self.is_whole && found.certain == self.findings.len()
    }

    /// A flaw at the place of `error`, or where the title or text begins.
    fn flaw(
        &self,
        template: &Template,
        error: Option<&Error>,
        words: String,
        is_error: bool,
    ) -> Flaw {
        let start = |words| Mistake { origin: self.origin.clone(), line: 1, column: 1, words };
        let mistake = match error.map(|error| (error, template.written(error.source_name()))) {
            None => start(words),
            Some((error, Some((origin, source)))) => Mistake::new(origin, source, error, words),
            Some((error, None)) => {
                let (source, line, column) = place(error);
                start(format!("{words} (in the profile's own {source}:{line}:{column})"))
            }
        };
        Flaw { mistake, is_error }
    }
}
