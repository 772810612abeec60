//! Runs a receiver's templates for one message, under a budget of fuel.
//!
//! The result always has a part: if a template fails, it is the built-in message.

use std::cell::OnceCell;
use std::fmt;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use gotemplate::{Environment, ErrorKind, Stop, Time, Zone};
use jiff::Timestamp;

use super::compile::Template;
use super::mistake::TemplateOrigin;
use crate::dingtalk::message::{Mark, Markup, PARAGRAPH, Part};
use crate::render::builtin::BuiltinMessage;
use crate::render::finish::Finish;
use crate::render::message::{MessageFrame, WrittenText};
use crate::render::paginate::entries;
use crate::render::paginate::runs::{RunFailure, RunPages, RunPaginator, TemplateRun};
use crate::render::profile::Model;
use crate::render::{
    self, RenderBudget, Rendered, Style, Subject, Surface, markdown, mention, paginate, plain,
};

/// The longest error that is kept, and the longest that the message itself shows; in characters.
const ERROR_LENGTH: usize = 1_000;
const NOTE_LENGTH: usize = 200;

/// Of more alerts than this a few are tried before all of them are.
const MANY: usize = 1_000;
const FEW: usize = 16;

/// Why a template was stopped.
const TOOK_TOO_LONG: &str = "the template took too long";

/// Limits that a run over fewer alerts may not reach.
pub(super) const GROWING: [&str; 5] = ["fuel", "output", "iterations", "allocation", "value"];

/// What a message is written of.
#[derive(Debug, Clone, Copy)]
pub struct RenderInput<'a, 'n> {
    /// The receiver's templates.
    pub template: &'a Template,
    /// What it is about.
    pub subject: &'a Subject<'n>,
    /// The type of the message, and the zone of its times.
    pub style: &'a Style,
    /// The time at which the message is written.
    pub now: Timestamp,
}

impl<'a> RenderInput<'a, '_> {
    /// The built-in message of the same notification.
    fn builtin(&self) -> BuiltinMessage<'a> {
        BuiltinMessage::new(self.subject.facts(), self.style, self.now)
    }
}

/// A message as it would be sent, and how the mention guard changed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Its parts, in order; at least one.
    pub parts: Vec<PreviewedPart>,
    /// Why the built-in message stands in for the template's.
    pub error: Option<String>,
}

/// One part of a [`Preview`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewedPart {
    /// The part as it would be sent.
    pub part: Part,
    /// The text before the mention guard, if the guard changed it.
    pub unguarded: Option<String>,
}

impl From<Preview> for Rendered {
    fn from(preview: Preview) -> Self {
        let parts = preview.parts.into_iter().map(|previewed| previewed.part).collect();
        Self { parts, error: preview.error }
    }
}

impl From<Rendered> for Preview {
    fn from(rendered: Rendered) -> Self {
        let part = |part| PreviewedPart { part, unguarded: None };
        Self { parts: rendered.parts.into_iter().map(part).collect(), error: rendered.error }
    }
}

impl RenderBudget {
    /// The message for `surface`; it always has a part.
    #[must_use]
    pub fn message(&mut self, input: &RenderInput<'_, '_>, surface: &Surface) -> Rendered {
        self.preview(input, surface).into()
    }

    /// The message for `surface`, and how the mention guard changed it.
    #[must_use]
    pub fn preview(&mut self, input: &RenderInput<'_, '_>, surface: &Surface) -> Preview {
        let finish = Finish::of(input.subject, input.style, surface);
        let input = RenderInput { style: &finish.style, ..*input };
        let mut preview = self.written(&input, &finish.surface);
        finish.put_on(preview.parts.iter_mut().map(|previewed| &mut previewed.part));
        preview
    }

    fn written(&mut self, input: &RenderInput<'_, '_>, surface: &Surface) -> Preview {
        match self.spend(input, |runner| write(runner, surface)) {
            Ok(Written::Whole(preview)) => preview,
            Ok(Written::Title(title)) => builtin(input, surface, title.as_deref(), self).into(),
            Err(failure) => fallback(input, surface, &failure.words(), self),
        }
    }

    /// The bytes that the text's template writes for the whole notification.
    ///
    /// # Errors
    ///
    /// The engine's words; also if the receiver has no text of its own.
    pub fn raw(
        &mut self,
        input: &RenderInput<'_, '_>,
        surface: &Surface,
    ) -> Result<Vec<u8>, String> {
        let at = mention::at(surface, input.subject.notification().status);
        let alerts = 0..input.subject.notification().alerts.len();
        let run = |runner: &mut Runner<'_, '_>| {
            if input.template.text().is_none() {
                return Err(RunFailure::Failed("the receiver has no text of its own".to_owned()));
            }
            runner.bytes(TemplateOrigin::TEXT, alerts, &at.mobiles)
        };
        self.spend(input, run).map_err(RunFailure::words)
    }

    /// Lets `write` run templates with a message's share of the fuel; a panic is a failure.
    fn spend<T>(
        &mut self,
        input: &RenderInput<'_, '_>,
        write: impl FnOnce(&mut Runner<'_, '_>) -> Result<T, RunFailure>,
    ) -> Result<T, RunFailure> {
        self.of_template(|stop, given| {
            // The data of thousands of alerts is not made for a template that cannot run.
            let cannot_run = match (stop.is_stopped(), given) {
                (true, _) => Some(TOOK_TOO_LONG),
                (false, 0) => Some("the fuel for the notification's templates is used up"),
                (false, 1..) => None,
            };
            if let Some(words) = cannot_run {
                return (Err(RunFailure::Failed(words.to_owned())), given);
            }
            // A run changes nothing that is used after it.
            let done = catch_unwind(AssertUnwindSafe(|| {
                let mut runner = Runner::new(input, stop, given);
                let written = write(&mut runner);
                (written, runner.fuel)
            }));
            let panicked = || (Err(RunFailure::Failed("the template panicked".to_owned())), 0);
            done.unwrap_or_else(|_| panicked())
        })
    }
}

/// Runs the templates of one message.
struct Runner<'a, 'n> {
    input: RenderInput<'a, 'n>,
    model: &'a dyn Model,
    environment: Environment,
    fuel: u64,
}

impl fmt::Debug for Runner<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner").field("fuel", &self.fuel).finish_non_exhaustive()
    }
}

impl<'a, 'n> Runner<'a, 'n> {
    fn new(input: &RenderInput<'a, 'n>, stop: Stop, fuel: u64) -> Self {
        let local = Zone::Named { name: "Local".into(), rules: input.style.timezone.clone() };
        let nanoseconds = u32::try_from(input.now.subsec_nanosecond()).unwrap_or_default();
        let now = Time::unix(input.now.as_second(), nanoseconds, local.clone());
        let profile = input.template.profile();
        let model = input.subject.model(profile, &local, input.style.format.language);
        let environment = Environment { now, local, stop };
        Self { input: *input, model, environment, fuel }
    }

    fn bytes(
        &mut self,
        name: &str,
        alerts: Range<usize>,
        mobiles: &[String],
    ) -> Result<Vec<u8>, RunFailure> {
        let Some(set) = self.input.template.set(name) else {
            return Err(RunFailure::Failed(format!("there is no {name}")));
        };
        let data = self.model.data(alerts, mobiles);
        let run = set.execute(name, &data, &self.environment, &mut self.fuel);
        run.map_err(|error| match error.kind() {
            _ if self.environment.stop.is_stopped() => RunFailure::Failed(TOOK_TOO_LONG.to_owned()),
            ErrorKind::Limit(reached) if GROWING.contains(&reached.limit) => {
                RunFailure::TooLarge(error.to_string())
            }
            ErrorKind::Limit(_) | ErrorKind::Parse | ErrorKind::Execute => {
                RunFailure::Failed(error.to_string())
            }
        })
    }

    fn string(
        &mut self,
        name: &str,
        alerts: Range<usize>,
        mobiles: &[String],
    ) -> Result<String, RunFailure> {
        let bytes = self.bytes(name, alerts, mobiles)?;
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        if self.input.template.profile().trims() {
            text.truncate(text.trim_end_matches([' ', '\n', '\r']).len());
        }
        Ok(text)
    }
}

/// The runs of the text's template. Only the run for the first page is given the mobile numbers that
/// the message mentions.
struct TextRuns<'r, 'a, 'n> {
    runner: &'r mut Runner<'a, 'n>,
    mobiles: &'r [String],
}

impl TemplateRun for TextRuns<'_, '_, '_> {
    fn text(&mut self, alerts: Range<usize>, page: usize) -> Result<String, RunFailure> {
        let mobiles = if page == 0 { self.mobiles } else { &[] };
        self.runner.string(TemplateOrigin::TEXT, alerts, mobiles)
    }

    fn whole(&mut self) -> Result<String, RunFailure> {
        let all = 0..self.runner.input.subject.notification().alerts.len();
        let spared = self.runner.fuel / 2;
        if all.len() > MANY && self.is_known_to_cost(all.len(), spared) {
            return Err(RunFailure::TooLarge("all alerts at once cost too much".to_owned()));
        }
        self.runner.fuel -= spared;
        let text = self.text(all, 0);
        self.runner.fuel += spared;
        let text = text?;
        if text.trim().is_empty() {
            return Err(RunFailure::Failed("the template gave no text".to_owned()));
        }
        Ok(text)
    }
}

impl TextRuns<'_, '_, '_> {
    /// Whether runs over a few alerts tell that one over so many would cost more than `most`, which it would
    /// cost for nothing.
    fn is_known_to_cost(&mut self, alerts: usize, most: u64) -> bool {
        let mut cost_of = |alerts| {
            let before = self.runner.fuel;
            self.text(0..alerts, 0).ok().map(|_| before - self.runner.fuel)
        };
        let (Some(few), Some(twice)) = (cost_of(FEW), cost_of(2 * FEW)) else { return false };
        let of_few = u128::from(twice.saturating_sub(few));
        of_few * alerts as u128 / FEW as u128 > u128::from(most)
    }
}

/// What the templates write.
enum Written {
    /// The whole message.
    Whole(Preview),
    /// The title at most; the built-in text stands below it.
    Title(Option<String>),
}

/// The message as the templates write it.
fn write(runner: &mut Runner<'_, '_>, surface: &Surface) -> Result<Written, RunFailure> {
    let input = runner.input;
    let at = mention::at(surface, input.subject.notification().status);
    let title = title(runner, &at.mobiles)?;
    if input.template.text().is_none() {
        return Ok(Written::Title(title));
    }
    let title = title.unwrap_or_else(|| input.builtin().heading.plain());
    let frame = MessageFrame { at, ..MessageFrame::new(surface, input.style, &title) };
    let texts = texts(runner, &frame)?;
    let count = texts.len();
    let previewed = |(index, text): (usize, &String)| {
        let (mark, text) = (Mark::of(index, count), WrittenText::of(text));
        let unguarded = format!("{}{mark}{}", text.heading, text.body);
        let (part, is_changed) = frame.finish(index, mark, text, String::new());
        let part = paginate::fit(part, surface, input.style.format.language);
        PreviewedPart { part, unguarded: is_changed.then_some(unguarded) }
    };
    let parts = texts.iter().enumerate().map(previewed).collect();
    Ok(Written::Whole(Preview { parts, error: None }))
}

/// The built-in text below a template's title.
fn builtin(
    input: &RenderInput<'_, '_>,
    surface: &Surface,
    title: Option<&str>,
    budget: &mut RenderBudget,
) -> Rendered {
    let RenderInput { subject, style, .. } = *input;
    render::or_last_resort(subject, style.format.language, surface, budget, |fuel| {
        entries::parts(&input.builtin().with_title(title), surface, fuel)
    })
}

/// The texts of the message's parts, the last of which says how many alerts are left out.
fn texts(runner: &mut Runner<'_, '_>, frame: &MessageFrame<'_>) -> Result<Vec<String>, RunFailure> {
    let input = runner.input;
    let end = |omitted: usize| {
        let omitted = u64::try_from(omitted).unwrap_or(u64::MAX);
        input.builtin().end(Some(omitted), 0)
    };
    let longest = OnceCell::new();
    let longest = || longest.get_or_init(|| end(usize::MAX)).as_str();
    let run = TextRuns { runner, mobiles: &frame.at.mobiles };
    let alerts = input.subject.notification().alerts.len();
    let mut paginator = RunPaginator { run, frame, alerts, end: &longest };
    let RunPages { mut texts, omitted, .. } = paginator.fill()?;
    if let (Some(last), 1..) = (texts.last_mut(), omitted) {
        *last = format!("{}{PARAGRAPH}{}", last.trim_end(), end(omitted));
    }
    Ok(texts)
}

/// The title on one line; none if the receiver has no template for it, or its message type no title.
fn title(runner: &mut Runner<'_, '_>, mobiles: &[String]) -> Result<Option<String>, RunFailure> {
    let input = runner.input;
    if input.template.title().is_none() || !input.style.format.message_type.has_title() {
        return Ok(None);
    }
    let alerts = 0..input.subject.notification().alerts.len();
    let title = runner.string(TemplateOrigin::TITLE, alerts, mobiles)?;
    let lines: Vec<&str> = title.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() {
        return Err(RunFailure::Failed("the template gave no title".to_owned()));
    }
    Ok(Some(lines.join(" ")))
}

/// The built-in message, which says at its end why it stands in for the template's.
fn fallback(
    input: &RenderInput<'_, '_>,
    surface: &Surface,
    error: &str,
    budget: &mut RenderBudget,
) -> Preview {
    let RenderInput { subject, style, .. } = *input;
    let said = plain::line(error, NOTE_LENGTH).text;
    let said = match style.format.message_type.markup() {
        Markup::Markdown => markdown::escape(&said),
        Markup::Plain => plain::unlinked(&said).into_owned(),
    };
    let note = (style.format.language.words().failed)(&said);
    let written = render::or_last_resort(subject, style.format.language, surface, budget, |fuel| {
        entries::parts(&input.builtin().with_note(&note), surface, fuel)
    });
    let error = plain::cut(error, ERROR_LENGTH);
    Preview { error: Some(error.into_owned()), ..written.into() }
}

#[cfg(test)]
mod tests {
    use std::mem;

    use jiff::tz::TimeZone;

    use super::super::Library;
    use super::*;
    use crate::dingtalk::message::MessageType;
    use crate::render::profile::Profile;
    use crate::render::tests::{alert, notification};
    use crate::render::{Format, Language, SeverityOrder};

    #[test]
    fn a_panic_is_a_failure_and_costs_the_message_its_share() {
        let (library, _) = Library::new(Profile::default(), Language::En, &[]);
        let template = Template::new(&library, None, Some("x")).unwrap();
        let notification = notification(vec![alert(&[], &[])]);
        let subject = Subject::new(&notification, &SeverityOrder::USUAL);
        let style = Style::new(Format::of(MessageType::Text, Language::En), TimeZone::UTC);
        let now = Timestamp::UNIX_EPOCH;
        let input = RenderInput { template: &template, subject: &subject, style: &style, now };
        let mut budget = RenderBudget::new(Stop::default());
        let failed = budget.spend(&input, |_| -> Result<(), RunFailure> { panic!("planted") });
        assert_eq!(failed, Err(RunFailure::Failed("the template panicked".to_owned())));
        let left = |budget: &mut RenderBudget| {
            let fuel = |runner: &mut Runner<'_, '_>| Ok(mem::replace(&mut runner.fuel, 0));
            std::iter::from_fn(|| budget.spend(&input, fuel).ok()).sum::<u64>()
        };
        let after_panic = left(&mut budget);
        let mut budget = RenderBudget::new(Stop::default());
        assert_eq!(
            budget.spend(&input, |runner| Ok(mem::replace(&mut runner.fuel, 7))),
            Ok(1_000_000)
        );
        assert_eq!((after_panic, left(&mut budget)), (7_000_000, 7_000_007));
    }
}
