//! The built-in message, piece by piece: heading, what is common, one entry an alert, the end.
//!
//! Nothing that an alert carries is hidden: each label and annotation stands in the message once,
//! in the heading, in what is common, or in its alert's entry. Only the order says what matters.

pub(super) mod annotations;
pub(super) mod heading;
pub(super) mod times;

use std::borrow::Cow;

use jiff::Timestamp;

use crate::alert::{Alert, Labels, Status};
use crate::dingtalk::message::Markup;

use super::facts::{self, Facts, Urgency, emoji, is_origin, places};
use super::markdown::{self, MarkupWriter};
use super::words::Words;
use super::{Style, link, plain};
use annotations::{AnnotationTexts, LINKS};
use heading::Heading;

/// The longest short entry, in characters: about two lines on a phone.
const BRIEF_LENGTH: usize = 120;

/// The words of the link to the group's page.
const ALERTMANAGER: &str = "Alertmanager";

/// Lines that belong together; an empty line begins a paragraph.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) lines: Vec<String>,
    /// Whether a value lost its end; then a last line says so.
    pub(super) cut: bool,
}

/// The built-in message of a notification, of which each piece is written when it is asked for.
#[derive(Debug)]
pub(super) struct BuiltinMessage<'a> {
    pub(super) facts: Facts<'a>,
    pub(super) style: &'a Style,
    pub(super) heading: Heading,
    /// The title, if it is another than the heading.
    title: Option<&'a str>,
    /// The last paragraph of the last part.
    pub(super) note: Option<&'a str>,
    words: &'static Words,
    now: Timestamp,
    group_page: Option<String>,
    /// The links that all of several alerts share.
    shared_links: Vec<(&'static str, String)>,
    /// Where Alertmanager's pages begin.
    alertmanager: Option<String>,
}

impl<'a> BuiltinMessage<'a> {
    pub(super) fn new(facts: Facts<'a>, style: &'a Style, now: Timestamp) -> Self {
        let group_page = link::group_page(facts.notification);
        let alertmanager = link::base(&facts.notification.external_url);
        let words = style.language.words();
        let heading = Heading::of(&facts, words);
        let (title, note) = (None, None);
        let message = Self {
            facts,
            style,
            heading,
            title,
            note,
            words,
            now,
            group_page,
            shared_links: Vec::new(),
            alertmanager,
        };
        let shared_links = message.links_of_all();
        Self { shared_links, ..message }
    }

    /// The markup of the message.
    pub(super) fn markup(&self) -> Markup {
        self.style.message_type.markup()
    }

    /// The same with another title than its heading.
    pub(super) fn with_title(self, title: Option<&'a str>) -> Self {
        Self { title, ..self }
    }

    /// The same with a note at the end of its last part.
    pub(super) fn with_note(self, note: &'a str) -> Self {
        Self { note: Some(note), ..self }
    }

    pub(super) fn words(&self) -> &'static Words {
        self.words
    }

    /// The title, not cut yet.
    pub(super) fn title(&self) -> Cow<'a, str> {
        self.title.map_or_else(|| Cow::Owned(self.heading.plain()), Cow::Borrowed)
    }

    /// The text of a block, with a last line that says so if a value lost its end.
    pub(super) fn text(&self, block: &Block) -> String {
        let lines = block.lines.iter().map(String::as_str);
        markdown::join(self.markup(), lines.chain(block.cut.then_some(self.words.shortened)))
    }

    /// The first line of each part.
    pub(super) fn heading(&self) -> String {
        let emoji = emoji(self.facts.status, self.facts.urgency());
        let Heading { counts, about } = &self.heading;
        match self.markup() {
            // The brackets of the counts stay as they are: without a target they are no link.
            Markup::Markdown => format!("### {emoji} {counts} {}", markdown::escape(about)),
            Markup::Plain => format!("{emoji} {counts} {about}"),
        }
    }

    /// What all alerts have in common, apart from name and severity, which the heading says.
    pub(super) fn common(&self, cap: usize) -> Block {
        let mut writer = MarkupWriter::new(self.markup(), cap);
        if self.facts.is_lone() {
            return Block { lines: Vec::new(), cut: false };
        }
        let said = AnnotationTexts::of(&self.facts.annotations, |_| false);
        let mut lines = Vec::new();
        if let Some(summary) = said.summary {
            let summary = writer.inline(summary);
            lines.push(writer.strong(&summary));
        }
        lines.extend(said.more(&mut writer));
        lines.push(joined_at_start(&mut writer, &places(&self.facts.labels)));
        lines.retain(|line| !line.is_empty());
        Block { lines, cut: writer.cut }
    }

    /// One alert in full, with at most `cap` characters of each value.
    pub(super) fn entry(&self, alert: &Alert, cap: usize) -> Block {
        let mut writer = MarkupWriter::new(self.markup(), cap);
        let lines = if self.facts.is_lone() {
            self.lone_lines(&mut writer, alert)
        } else {
            self.member_lines(&mut writer, alert)
        };
        Block { lines, cut: writer.cut }
    }

    /// The only alert of a message: a line for each label.
    fn lone_lines(&self, writer: &mut MarkupWriter, alert: &Alert) -> Vec<String> {
        let said = AnnotationTexts::of(&alert.annotations, |_| false);
        let summary = said.summary.map(|summary| writer.inline(summary)).unwrap_or_default();
        let mut lines = vec![writer.strong(&summary)];
        lines.extend(said.more(writer));
        lines.push(String::new());
        lines.extend(place_lines(writer, &places(&alert.labels)));
        lines.push(String::new());
        lines.extend(self.when(alert));
        let mut targets = self.links(alert);
        if self.facts.notification.truncated_alerts == 0 {
            targets.extend(self.group_page());
        }
        lines.extend(writer.links(&targets));
        lines
    }

    /// One of several alerts: in few lines, what it does not share with the others.
    fn member_lines(&self, writer: &mut MarkupWriter, alert: &Alert) -> Vec<String> {
        let said = AnnotationTexts::of(&alert.annotations, |name| self.is_common_annotation(name));
        let own = self.own_places(alert);
        let place = joined(writer, &own);
        let headline = self.headline(writer, alert);
        let summary = said.summary.map(|summary| writer.inline(summary)).unwrap_or_default();
        let first = match (headline.is_empty(), summary.is_empty()) {
            (false, _) => format!("{} {summary}", writer.strong(&headline)),
            (true, false) => writer.strong(&summary),
            (true, true) if place.is_empty() => self.words.unnamed.to_owned(),
            (true, true) => place.clone(),
        };
        let emoji = emoji(alert.status, Urgency::of(facts::severity(alert)));
        let mut lines = vec![format!("{emoji} {}", first.trim_end())];
        lines.extend(said.more(writer));
        if first != place && !place.is_empty() {
            lines.push(joined_at_start(writer, &own));
        }
        lines.extend(self.when(alert));
        lines.extend(writer.links(&self.links(alert)));
        lines
    }

    /// One alert in one line, for messages with too many alerts.
    pub(super) fn brief(&self, alert: &Alert) -> String {
        let mut writer = MarkupWriter::new(Markup::Plain, BRIEF_LENGTH / 2);
        let said = AnnotationTexts::of(&alert.annotations, |name| self.is_common_annotation(name));
        let place = joined(&mut writer, &self.own_places(alert));
        let headline = self.headline(&mut writer, alert);
        let what = if place.is_empty() {
            said.summary.map(|summary| writer.inline(summary)).unwrap_or_default()
        } else {
            place
        };
        let line = plain::cut(format!("{headline} {what}").trim(), BRIEF_LENGTH);
        let line = if line.is_empty() { self.words.unnamed } else { &line };
        let emoji = emoji(alert.status, Urgency::of(facts::severity(alert)));
        match self.markup() {
            Markup::Markdown => format!("{emoji} {}", markdown::escape(line)),
            Markup::Plain => format!("{emoji} {line}"),
        }
    }

    /// The end of a part: how many alerts stand in no part, and the links that all alerts share.
    pub(super) fn end(&self, omitted: u64, cap: usize) -> Vec<String> {
        let mut writer = MarkupWriter::new(self.markup(), cap);
        let mut lines = Vec::new();
        if omitted > 0 {
            lines.push((self.words.omitted)(omitted));
        }
        let shared = self.shared_links.iter().map(|(words, url)| (*words, url.as_str()));
        let mut targets: Vec<_> = shared.collect();
        if !self.facts.is_lone() || omitted > 0 {
            targets.extend(self.group_page.as_deref().map(|url| (ALERTMANAGER, url)));
        }
        lines.extend(writer.links(&targets));
        lines
    }

    /// State, name and severity of an alert, without those that the heading says of all alerts.
    fn headline(&self, writer: &mut MarkupWriter, alert: &Alert) -> String {
        let mut words = Vec::new();
        if self.facts.is_mixed() {
            let Words { is_firing, is_resolved, .. } = *self.words;
            let firing = alert.status == Status::Firing;
            words.push(if firing { is_firing } else { is_resolved }.to_owned());
        }
        if self.facts.labels.get("alertname").is_none() {
            words.extend(facts::name(alert).map(|name| writer.inline(name)));
        }
        if self.facts.labels.get("severity").is_none() {
            words.extend(facts::severity(alert).map(|severity| writer.inline(severity)));
        }
        words.retain(|word| !word.is_empty());
        words.join(" ")
    }

    fn own_places<'b>(&self, alert: &'b Alert) -> Vec<(&'b str, &'b str)> {
        let mut own = places(&alert.labels);
        own.retain(|(name, _)| self.facts.is_lone() || self.facts.labels.get(name).is_none());
        own
    }

    fn when(&self, alert: &Alert) -> Option<String> {
        times::sentence(alert, &self.style.timezone, self.now, self.words)
    }

    fn graph(&self, url: &str) -> Vec<(&'static str, String)> {
        link::target(url).map(|url| (self.words.graph, url)).into_iter().collect()
    }

    fn annotation_links(
        &self,
        annotations: &Labels,
        skip: impl Fn(&str) -> bool,
    ) -> impl Iterator<Item = (&'static str, String)> {
        let words = [self.words.runbook, self.words.dashboard];
        let shown = LINKS.into_iter().zip(words).filter(move |(name, _)| !skip(name));
        shown.filter_map(|(name, words)| {
            annotations.get(name).and_then(link::target).map(|url| (words, url))
        })
    }

    /// The links that all of several alerts share.
    fn links_of_all(&self) -> Vec<(&'static str, String)> {
        if self.facts.is_lone() {
            return Vec::new();
        }
        let mut links = self.graph(self.facts.graph);
        links.extend(self.annotation_links(&self.facts.annotations, |_| false));
        links
    }

    fn group_page(&self) -> Option<(&'static str, String)> {
        self.group_page.as_ref().map(|url| (ALERTMANAGER, url.to_owned()))
    }

    fn is_common_annotation(&self, name: &str) -> bool {
        !self.facts.is_lone() && self.facts.annotations.get(name).is_some()
    }

    fn links(&self, alert: &Alert) -> Vec<(&'static str, String)> {
        let is_common = !self.facts.is_lone() && !self.facts.graph.is_empty();
        let mut links = self.graph(if is_common { "" } else { &alert.generator_url });
        let is_common = |name: &str| self.is_common_annotation(name);
        links.extend(self.annotation_links(&alert.annotations, is_common));
        if alert.status == Status::Firing {
            let base = self.alertmanager.as_deref();
            let form = base.and_then(|base| link::silence_form_at(base, &alert.labels));
            links.extend(form.map(|url| (self.words.silence, url)));
        }
        links
    }
}

/// A line for each label; those that say how the alert came about share the last one.
fn place_lines(writer: &mut MarkupWriter, places: &[(&str, &str)]) -> Vec<String> {
    let split = places.partition_point(|(name, _)| !is_origin(name));
    let (telling, origins) = places.split_at(split);
    let mut lines: Vec<String> =
        telling.iter().map(|one| joined_at_start(writer, std::slice::from_ref(one))).collect();
    lines.push(joined_at_start(writer, origins));
    lines.retain(|line| !line.is_empty());
    lines
}

/// Labels within a line that begins with our own words.
fn joined(writer: &mut MarkupWriter, labels: &[(&str, &str)]) -> String {
    let clean = annotations::joined(writer, labels);
    writer.escaped(clean.into())
}

/// Labels in a line of their own.
fn joined_at_start(writer: &mut MarkupWriter, labels: &[(&str, &str)]) -> String {
    let clean = annotations::joined(writer, labels);
    writer.escaped_line(clean.into())
}
