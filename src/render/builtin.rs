//! The built-in message, piece by piece: heading, what is common, one entry an alert, the end.
//!
//! Nothing that an alert carries is hidden: each label and annotation stands in the message once,
//! in the heading, in what is common, or in its alert's entry. Only the order says what matters.

pub(super) mod annotations;
mod extras;
pub(super) mod heading;
pub(super) mod times;

use std::borrow::Cow;

use jiff::Timestamp;

use crate::alert::{Alert, Labels, Notification, Status};
use crate::dingtalk::message::Markup;

use super::facts::{self, Facts, emoji, is_origin};
use super::markdown::{self, Block, Links, MarkupWriter};
use super::words::Words;
use super::{Style, link, plain};
use annotations::{AnnotationTexts, LINKS};
use heading::Heading;

/// The longest short entry, in characters: about two lines on a phone.
const BRIEF_LENGTH: usize = 120;

/// The words of the link to the group's page.
const ALERTMANAGER: &str = "Alertmanager";

/// The built-in message of a notification, of which each piece is written when it is asked for.
#[derive(Debug)]
pub(super) struct BuiltinMessage<'a> {
    pub(super) facts: &'a Facts<'a>,
    pub(super) style: &'a Style,
    pub(super) heading: Heading,
    /// The title, if it is another than the heading.
    title: Option<&'a str>,
    /// The last paragraph of the last part.
    pub(super) note: Option<&'a str>,
    words: &'static Words,
    now: Timestamp,
    group_page: Option<String>,
    /// Where Alertmanager's pages begin, if the sender serves them.
    alertmanager: Option<String>,
}

impl<'a> BuiltinMessage<'a> {
    pub(super) fn new(facts: &'a Facts<'a>, style: &'a Style, now: Timestamp) -> Self {
        let Notification { sender, external_url, receiver, group_labels, .. } = facts.notification;
        let alertmanager = link::alertmanager(*sender, external_url);
        let base = alertmanager.as_deref();
        let group_page = base.and_then(|base| link::group_page_at(base, receiver, group_labels));
        let words = style.language.words();
        let heading = Heading::of(facts, words);
        let (title, note) = (None, None);
        Self { facts, style, heading, title, note, words, now, group_page, alertmanager }
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
        let shortened = block.cut.then_some(self.words.shortened);
        markdown::join(self.markup(), block.lines().chain(shortened))
    }

    /// The first line of each part.
    pub(super) fn heading(&self) -> String {
        let emoji = emoji(self.facts.status, self.facts.urgency());
        let Heading { counts, about } = &self.heading;
        match self.markup() {
            // The brackets of the counts stay as they are: without a target they are no link.
            Markup::Markdown => {
                ["### ", emoji, " ", counts, " ", &markdown::escape(about)].concat()
            }
            Markup::Plain => [emoji, " ", counts, " ", about].concat(),
        }
    }

    /// What all alerts have in common, apart from name and severity, which the heading says.
    pub(super) fn common(&self, cap: usize) -> Block {
        let mut writer = MarkupWriter::new(self.markup(), cap);
        if !self.facts.is_lone() {
            let said = AnnotationTexts::of(&self.facts.annotations, |_| false);
            said.write_summary(&mut writer);
            said.write_more(&mut writer);
            writer.line_of_values(|line| line.labels(&self.facts.places(&self.facts.labels)));
        }
        writer.block()
    }

    /// One alert in full, with at most `cap` characters of each value.
    pub(super) fn entry(&self, alert: &Alert, cap: usize) -> Block {
        let mut writer = MarkupWriter::new(self.markup(), cap);
        if self.facts.is_lone() {
            self.write_lone(&mut writer, alert);
        } else {
            self.write_member(&mut writer, alert);
        }
        writer.block()
    }

    /// The only alert of a message: a line for each label.
    fn write_lone(&self, writer: &mut MarkupWriter, alert: &Alert) {
        let said = AnnotationTexts::of(&alert.annotations, |_| false);
        said.write_summary(writer);
        said.write_more(writer);
        extras::write_values(writer, alert, self.words);
        writer.paragraph();
        write_places(writer, &self.facts.places(&alert.labels));
        writer.paragraph();
        self.write_when(writer, alert);
        writer.links(|links| {
            self.add_links(links, alert);
            if self.facts.notification.truncated_alerts == 0 {
                self.add_group_page(links);
            }
        });
        if extras::picture(alert).is_some() {
            writer.paragraph();
        }
        extras::write_picture(writer, alert, self.words);
    }

    /// One of several alerts: in few lines, what it does not share with the others.
    fn write_member(&self, writer: &mut MarkupWriter, alert: &Alert) {
        let said = AnnotationTexts::of(&alert.annotations, |name| self.is_common_annotation(name));
        let summary = said.summary.unwrap_or_default();
        let own = self.own_places(alert);
        let mut is_placed = false;
        writer.line(|line| {
            line.words(self.emoji(alert));
            line.words(" ");
            if line.strong(|line| self.write_headline(line, alert)) {
                line.after(" ", |line| line.value(summary));
            } else if !line.strong(|line| line.value(summary)) {
                is_placed = true;
                if !line.labels(&own) {
                    line.words(self.words.unnamed);
                }
            }
        });
        said.write_more(writer);
        extras::write_values(writer, alert, self.words);
        if !is_placed {
            writer.line_of_values(|line| line.labels(&own));
        }
        self.write_when(writer, alert);
        writer.links(|links| self.add_links(links, alert));
        extras::write_picture(writer, alert, self.words);
    }

    /// One alert in one line, for messages with too many alerts.
    pub(super) fn brief(&self, alert: &Alert) -> String {
        let mut writer = MarkupWriter::new(Markup::Plain, BRIEF_LENGTH / 2);
        let said = AnnotationTexts::of(&alert.annotations, |name| self.is_common_annotation(name));
        writer.line(|line| {
            self.write_headline(line, alert);
            line.words(" ");
            if !line.labels(&self.own_places(alert)) {
                line.value(said.summary.unwrap_or_default());
            }
        });
        let line = plain::cut(writer.block().text.trim(), BRIEF_LENGTH).into_owned();
        let line = if line.is_empty() { self.words.unnamed } else { &line };
        let emoji = self.emoji(alert);
        match self.markup() {
            Markup::Markdown => format!("{emoji} {}", markdown::escape(line)),
            Markup::Plain => format!("{emoji} {line}"),
        }
    }

    /// The end of a part: how many alerts stand in no part, and the links that all alerts share.
    pub(super) fn end(&self, omitted: u64, cap: usize) -> String {
        let mut writer = MarkupWriter::new(self.markup(), cap);
        if omitted > 0 {
            writer.line(|line| line.words(&(self.words.omitted)(omitted)));
        }
        writer.links(|links| {
            self.add_links_of_all(links);
            if !self.facts.is_lone() || omitted > 0 {
                self.add_group_page(links);
            }
        });
        writer.block().text
    }

    /// State, name and severity of an alert, without those that the heading says of all alerts.
    fn write_headline(&self, writer: &mut MarkupWriter, alert: &Alert) {
        let mut between = "";
        if self.facts.is_mixed() {
            let Words { is_firing, is_resolved, .. } = *self.words;
            let firing = alert.status == Status::Firing;
            writer.words(if firing { is_firing } else { is_resolved });
            between = " ";
        }
        let unsaid = |name| self.facts.labels.get(name).is_none();
        let name = facts::name(alert).filter(|_| unsaid("alertname"));
        let severity = self.facts.severity(alert).filter(|_| unsaid(&self.facts.order.label));
        for value in [name, severity].into_iter().flatten() {
            if writer.after(between, |writer| writer.value(value)) {
                between = " ";
            }
        }
    }

    fn emoji(&self, alert: &Alert) -> &'static str {
        let severity = self.facts.severity(alert).unwrap_or_default();
        emoji(alert.status, self.facts.order.urgency(severity))
    }

    fn own_places<'b>(&self, alert: &'b Alert) -> Vec<(&'b str, &'b str)> {
        let mut own = self.facts.places(&alert.labels);
        own.retain(|(name, _)| self.facts.is_lone() || self.facts.labels.get(name).is_none());
        own
    }

    fn write_when(&self, writer: &mut MarkupWriter, alert: &Alert) {
        let (zone, now) = (&self.style.timezone, self.now);
        if let Some(when) = times::sentence(alert, zone, now, self.words) {
            writer.line(|line| line.words(&when));
        }
    }

    fn is_common_annotation(&self, name: &str) -> bool {
        !self.facts.is_lone() && self.facts.annotations.get(name).is_some()
    }

    fn add_graph(&self, links: &mut Links<'_>, url: &str) {
        links.add(self.words.graph, |out| link::push_target(out, url));
    }

    fn add_annotations(
        &self,
        links: &mut Links<'_>,
        annotations: &Labels,
        skip: impl Fn(&str) -> bool,
    ) {
        let words = [self.words.runbook, self.words.dashboard];
        for (name, words) in LINKS.into_iter().zip(words).filter(|(name, _)| !skip(name)) {
            if let Some(url) = annotations.get(name) {
                links.add(words, |out| link::push_target(out, url));
            }
        }
    }

    /// The links that all of several alerts share.
    fn add_links_of_all(&self, links: &mut Links<'_>) {
        if !self.facts.is_lone() {
            self.add_graph(links, self.facts.graph);
            self.add_annotations(links, &self.facts.annotations, |_| false);
        }
    }

    /// The links of an alert that it does not share with the others.
    fn add_links(&self, links: &mut Links<'_>, alert: &Alert) {
        let is_common = !self.facts.is_lone() && !self.facts.graph.is_empty();
        self.add_graph(links, if is_common { "" } else { &alert.generator_url });
        let is_common = |name: &str| self.is_common_annotation(name);
        self.add_annotations(links, &alert.annotations, is_common);
        extras::add_links(links, alert, self.words);
        if let Some(own) = link::own_silence(alert) {
            links.add(self.words.silence, |out| link::push_target(out, own));
        } else if let (Status::Firing, Some(base)) = (alert.status, &self.alertmanager) {
            links.add(self.words.silence, |out| link::push_silence_form(out, base, &alert.labels));
        }
    }

    fn add_group_page(&self, links: &mut Links<'_>) {
        if let Some(url) = &self.group_page {
            links.add(ALERTMANAGER, |out| {
                out.push_str(url);
                true
            });
        }
    }
}

/// A line for each label; those that say how the alert came about share the last one.
fn write_places(writer: &mut MarkupWriter, places: &[(&str, &str)]) {
    let split = places.partition_point(|(name, _)| !is_origin(name));
    let (telling, origins) = places.split_at(split);
    for labels in telling.chunks(1).chain([origins]) {
        writer.line_of_values(|line| line.labels(labels));
    }
}
