//! Tries a receiver's title and text before they are trusted: runs them on samples, and looks for
//! mistakes where no sample leads.
//!
//! A trial has a budget of fuel, whatever the templates are, and so many of them as there may be.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use gotemplate::{Environment, Error, ErrorKind, Finding, Passed, Templates, Time, Value, Zone};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::advice::Members;
use super::compile::Template;
use super::invented::{self, Asked};
use super::judge::{Flaw, Tried};
use super::mistake::TemplateOrigin;
use super::run::GROWING;
use crate::alert::{Notification, Status};
use crate::render::profile::Profile;
use crate::render::{Language, SeverityOrder, Subject};

/// The fuel of one run: what a message has for the whole notification at once.
const RUN_FUEL: u64 = 500_000;

/// So many runs may use theirs up; the others of the same text would too.
const MOST_BURNT: usize = 2;

/// Whom the samples' messages mention.
const MENTIONED: &str = "13800000000";

/// A notification that templates are tried on.
#[derive(Debug, Clone, Copy)]
pub struct TrialSample<'a> {
    /// What is in it: `resolved alerts`.
    pub what: &'a str,
    /// Whether it has all that its sender ever sends, so that it shows which fields there are.
    pub is_example: bool,
    /// The notification.
    pub notification: &'a Notification,
}

/// Tries templates on samples.
pub struct Trial<'a> {
    samples: Vec<(TrialSample<'a>, Subject<'a>)>,
    /// Whether the samples are all that may come. If not, what no sample reaches may be meant for the
    /// others.
    is_whole: bool,
    language: Language,
    environment: Environment,
    /// The members of each profile's data, once they are needed.
    members: RefCell<HashMap<Profile, Rc<Members>>>,
}

impl fmt::Debug for Trial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trial").field("samples", &self.samples.len()).finish_non_exhaustive()
    }
}

/// What became of one run.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It wrote something.
    Written,
    /// It is more than a run may be, or others were; a message of fewer alerts may not be.
    TooLong,
    /// It wrote nothing, or white space.
    Blank,
    /// It failed.
    Failed(Box<Error>),
    /// There is no fuel to run it.
    Untried,
}

impl<'a> Trial<'a> {
    /// A trial on `samples`, the small ones first, written at `now`; all that may come if `is_whole`.
    #[must_use]
    pub fn new(
        samples: &[TrialSample<'a>],
        is_whole: bool,
        language: Language,
        now: Timestamp,
    ) -> Self {
        let subject = |sample: &TrialSample<'a>| {
            (*sample, Subject::new(sample.notification, &SeverityOrder::USUAL))
        };
        let local = Zone::local(TimeZone::UTC);
        let now = Time::from(now).in_zone(local.clone());
        let environment = Environment { now, local, ..Environment::default() };
        let samples = samples.iter().map(subject).collect();
        Self { samples, is_whole, language, environment, members: RefCell::default() }
    }

    /// What is wrong with the text of `template`, and with its title unless that is not used; nothing
    /// if `fuel` does not suffice.
    pub fn flaws(&self, template: &Template, has_title: bool, fuel: &mut u64) -> Option<Vec<Flaw>> {
        if !template.is_whole() {
            return Some(Vec::new());
        }
        let title = (TemplateOrigin::Title, TemplateOrigin::TITLE);
        let text = (TemplateOrigin::Text, TemplateOrigin::TEXT);
        let mut flaws = Vec::new();
        for (origin, name) in has_title.then_some(title).into_iter().chain([text]) {
            // What calls a template that is not there is told already.
            if let Some(set) = template.set(name).filter(|set| set.undefined().is_empty()) {
                let tried = self.tried(template, set, (origin, name), fuel)?;
                flaws.extend(tried.flaws(template, &|profile| self.members(profile)));
            }
        }
        Some(flaws)
    }

    /// The runs of a title or a text, and what is found beside them.
    fn tried(
        &self,
        template: &Template,
        set: &Templates,
        (origin, name): (TemplateOrigin, &'static str),
        fuel: &mut u64,
    ) -> Option<Tried<'a>> {
        let mut runs = Runs { set, name, passed: Passed::default(), burnt: 0, fuel };
        let mut outcomes = Vec::new();
        for (sample, subject) in &self.samples {
            let outcome = self.run(&mut runs, template.profile(), subject);
            if matches!(outcome, Outcome::Untried) {
                return None;
            }
            outcomes.push((*sample, outcome));
        }
        let (findings, asked) = self.found(template.profile(), &runs);
        let writes = outcomes.iter().any(|(_, outcome)| matches!(outcome, Outcome::Written));
        let wanted = if writes { None } else { self.wanted(&mut runs, template.profile(), &asked) };
        let is_whole = self.is_whole;
        Some(Tried { origin, name, outcomes, findings, writes, wanted, is_whole })
    }

    /// The labels and annotations with which something is written, if they are what it lacks.
    fn wanted(&self, runs: &mut Runs<'_>, profile: Profile, asked: &Asked) -> Option<Vec<String>> {
        let (example, _) = self.samples.iter().find(|(sample, _)| sample.is_example)?;
        let wanted = invented::wanted(example.notification, asked);
        let invented = invented::with(example.notification, asked);
        let mut outcomes = invented
            .iter()
            .map(|one| self.run(runs, profile, &Subject::new(one, &SeverityOrder::USUAL)));
        let writes = outcomes.any(|outcome| matches!(outcome, Outcome::Written));
        (writes && !wanted.is_empty()).then_some(wanted)
    }

    fn data(&self, profile: Profile, subject: &Subject<'_>) -> Value {
        let model = subject.model(profile, &self.environment.local, self.language);
        model.data(0..subject.notification().alerts.len(), &[MENTIONED.to_owned()])
    }

    fn run(&self, runs: &mut Runs<'_>, profile: Profile, subject: &Subject<'_>) -> Outcome {
        let given = RUN_FUEL;
        if runs.burnt >= MOST_BURNT {
            return Outcome::TooLong;
        }
        if *runs.fuel < given {
            return Outcome::Untried;
        }
        let data = self.data(profile, subject);
        let (set, name, passed) = (runs.set, runs.name, &mut runs.passed);
        let mut left = given;
        // A run changes nothing else. In a message a panic is a failure of its own.
        let ran = catch_unwind(AssertUnwindSafe(|| {
            set.execute_noting(name, &data, &self.environment, &mut left, passed)
        }));
        *runs.fuel -= given - left.min(given);
        runs.burnt += usize::from(left == 0);
        let is_long = subject.notification().alerts.len() > 1;
        match ran {
            Ok(Ok(bytes)) if String::from_utf8_lossy(&bytes).trim().is_empty() => Outcome::Blank,
            Ok(Ok(_)) | Err(_) => Outcome::Written,
            Ok(Err(error)) if is_long && is_growing(&error) => Outcome::TooLong,
            Ok(Err(error)) => Outcome::Failed(Box::new(error)),
        }
    }

    /// What the sources say where no run has been, by each of the examples.
    fn found(&self, profile: Profile, runs: &Runs<'_>) -> (Vec<Vec<Finding>>, Asked) {
        let mut asked = Asked::new();
        let mut found = Vec::new();
        for (_, subject) in self.samples.iter().filter(|(sample, _)| sample.is_example) {
            let data = self.data(profile, subject);
            let checked = runs.set.check(runs.name, &data, &self.environment, &runs.passed);
            let is_told = |finding: &Finding| {
                finding.lacking.as_ref().is_none_or(|map| is_record(map, &data))
            };
            found.push(checked.findings.into_iter().filter(is_told).collect());
            for (name, texts) in checked.asked {
                asked.entry(name).or_default().extend(texts);
            }
        }
        (found, asked)
    }

    fn members(&self, profile: Profile) -> Rc<Members> {
        let examples = self.samples.iter().filter(|(sample, _)| sample.is_example);
        let data = || examples.map(|(_, subject)| self.data(profile, subject)).collect::<Vec<_>>();
        let mut known = self.members.borrow_mut();
        let members = || Rc::new(Members::of(profile, &data()));
        Rc::clone(known.entry(profile).or_insert_with(members))
    }
}

/// The runs of one title or text.
struct Runs<'r> {
    set: &'r Templates,
    name: &'static str,
    passed: Passed,
    /// How many used up their fuel.
    burnt: usize,
    fuel: &'r mut u64,
}

fn is_growing(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Limit(reached) if GROWING.contains(&reached.limit))
}

/// Whether a map is the data itself or an item of a list in it: it has the keys that it has. A map in
/// these has any.
fn is_record(map: &Value, data: &Value) -> bool {
    let is = |one: &Value| match (one, map) {
        (Value::Map(one), Value::Map(other)) => std::sync::Arc::ptr_eq(one, other),
        _ => false,
    };
    let inner = data.as_map().map(gotemplate::Map::entries).unwrap_or_default();
    let mut lists = inner.iter().filter_map(|(_, value)| value.as_list());
    is(data) || lists.any(|list| list.iter().any(is))
}

impl TrialSample<'_> {
    /// Whether no alert of it fires.
    pub(super) fn is_resolved(&self) -> bool {
        self.notification.alerts.iter().all(|alert| alert.status == Status::Resolved)
    }
}

/// The names of what a template can ask the data of a profile for, and an alert in it.
#[cfg(test)]
pub(super) fn members_for_tests(profile: Profile) -> [Vec<String>; 2] {
    let samples = crate::receive::samples::all();
    let sample = samples.iter().find(|sample| sample.is_whole).unwrap();
    let model = profile.model(&sample.notification, &Zone::Utc);
    Members::of(profile, &[model.data(0..1, &[MENTIONED.to_owned()])]).for_tests()
}
