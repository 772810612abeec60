//! The built-in message, piece by piece: heading, what is common, one entry an alert, the end.
//!
//! Nothing that an alert carries is hidden: each label, annotation and time stands in the message once,
//! in the heading, in what is common, or in its alert's entry. Only the order says what matters.
//! What a resolved alert says is what it said when it fired, and stands last, as what was.

pub(super) mod annotations;
mod extras;
pub(super) mod heading;
pub(super) mod times;

use std::borrow::Cow;

use jiff::Timestamp;

use crate::alert::{Alert, Labels, Notification, Status};
use crate::dingtalk::message::Markup;

use super::facts::{self, Facts, Pages, emoji, is_origin, is_place};
use super::markdown::{self, Block, Links, MarkupWriter};
use super::words::Words;
use super::{ButtonKind, Style, link, plain};
use annotations::{AnnotationTexts, LINKS};
use heading::Heading;
use times::SaidTimes;

/// The longest short entry, in characters: about two lines on a phone.
const BRIEF_LENGTH: usize = 120;

/// The words of the link to the group's page.
pub(super) const ALERTMANAGER: &str = "Alertmanager";

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
    /// Alertmanager's form that silences all alerts, in place of one for each.
    group_silence: Option<String>,
    /// Where Alertmanager's pages begin, if the sender serves them.
    alertmanager: Option<String>,
}

impl<'a> BuiltinMessage<'a> {
    pub(super) fn new(facts: &'a Facts<'a>, style: &'a Style, now: Timestamp) -> Self {
        let Notification { sender, external_url, receiver, group_labels, .. } = facts.notification;
        let alertmanager = link::alertmanager(*sender, external_url);
        let base = alertmanager.as_deref();
        let group_page = base.and_then(|base| link::group_page_at(base, receiver, group_labels));
        let group_silence = base.filter(|_| facts.is_silenced_as_one());
        let group_silence = group_silence.and_then(|base| link::silence_form(base, &facts.labels));
        Self {
            facts,
            style,
            heading: Heading::of(facts, style.format.language.words()),
            title: None,
            note: None,
            words: style.format.language.words(),
            now,
            group_page,
            group_silence,
            alertmanager,
        }
    }

    /// The markup of the message.
    pub(super) fn markup(&self) -> Markup {
        self.style.format.message_type.markup()
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
        let mark = self.facts.mark();
        match self.markup() {
            // The brackets of the counts stay as they are: without a target they are no link.
            Markup::Markdown => {
                let Heading { counts, about } = &self.heading;
                ["### ", mark, " ", counts, " ", &markdown::escape(about)].concat()
            }
            Markup::Plain => [mark, " ", &self.heading.plain()].concat(),
        }
    }

    /// What all alerts have in common, apart from name and severity, which the heading says, and the
    /// links.
    pub(super) fn common(&self, cap: usize) -> Block {
        let mut writer = MarkupWriter::new(self.markup(), cap);
        if !self.facts.is_lone() {
            let said = AnnotationTexts::of(&self.facts.annotations, |_| false);
            let is_past = self.facts.is_past(self.facts.status);
            if !is_past {
                said.write_summary(&mut writer);
                said.write_more(&mut writer);
            }
            writer.line_of_values(|line| line.labels(&self.facts.places(&self.facts.labels)));
            self.write_when(&mut writer, SaidTimes::shared(self.facts, self.now));
            if self.facts.has_own_times() {
                let offset = times::offset(self.now, &self.style.timezone);
                writer.line(|line| line.words(&[self.words.digest.zone, &offset].concat()));
            }
            if is_past {
                writer.captioned(self.words.was, |writer| said.write_all(writer));
            }
        }
        writer.block()
    }

    /// The links that all of several alerts share, which end what they have in common.
    pub(super) fn common_links(&self, cap: usize) -> String {
        let mut writer = MarkupWriter::new(self.markup(), cap);
        if !self.facts.is_lone() {
            writer.links(|links| self.add_links_of_all(links));
            extras::write_picture(&mut writer, &self.facts.pages, self.words);
        }
        writer.block().text
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
        let times = SaidTimes::of_lone(self.facts, alert, self.now);
        if self.facts.is_past(alert.status) {
            self.write_when(writer, times);
            writer.paragraph();
            write_places(writer, &self.facts.places(&alert.labels));
            writer.paragraph();
            self.write_past(writer, &said, alert);
            writer.paragraph();
        } else {
            said.write_summary(writer);
            self.write_more(writer, &said, alert);
            writer.paragraph();
            write_places(writer, &self.facts.places(&alert.labels));
            writer.paragraph();
            self.write_when(writer, times);
        }
        writer.links(|links| {
            self.add_links(links, alert);
            if self.facts.notification.truncated_alerts == 0 {
                self.add_group_page(links);
            }
        });
        let pages = Pages::of(alert);
        if extras::has_picture(&pages) {
            writer.paragraph();
        }
        extras::write_picture(writer, &pages, self.words);
    }

    /// One of several alerts: in few lines, what it does not share with the others.
    fn write_member(&self, writer: &mut MarkupWriter, alert: &Alert) {
        let said = AnnotationTexts::of(&alert.annotations, |name| self.is_common_annotation(name));
        let is_past = self.facts.is_past(alert.status);
        let summary = said.summary.filter(|_| !is_past).unwrap_or_default();
        let OwnPlaces { host, others } = self.own_places(alert);
        let mut is_placed = false;
        writer.line(|line| {
            line.words(self.emoji(alert));
            line.words(" ");
            if line.strong(|line| self.write_headline(line, host, alert)) {
                line.after(" ", |line| line.value(summary));
            } else if !line.strong(|line| line.value(summary)) {
                is_placed = true;
                if !line.labels(&others) {
                    line.words(self.words.unnamed);
                }
            }
        });
        if !is_past {
            self.write_more(writer, &said, alert);
        }
        if !is_placed {
            writer.line_of_values(|line| line.labels(&others));
        }
        self.write_when(writer, SaidTimes::of_member(self.facts, alert, self.now));
        if is_past {
            self.write_past(writer, &said, alert);
        }
        writer.links(|links| self.add_links(links, alert));
        extras::write_picture(writer, &self.own_pages(alert), self.words);
    }

    /// What stands after the summary of an alert.
    fn write_more(&self, writer: &mut MarkupWriter, said: &AnnotationTexts<'_>, alert: &Alert) {
        said.write_more(writer);
        extras::write_values(writer, alert, self.words);
    }

    /// What a resolved alert said when it fired: its annotations and values are those with which it fired last, and their
    /// numbers do not hold any more.
    fn write_past(&self, writer: &mut MarkupWriter, said: &AnnotationTexts<'_>, alert: &Alert) {
        writer.captioned(self.words.was, |writer| {
            said.write_all(writer);
            extras::write_values(writer, alert, self.words);
        });
    }

    /// One alert in one line, for messages with too many alerts.
    pub(super) fn brief(&self, alert: &Alert) -> String {
        let mut writer = MarkupWriter::for_clean_text(BRIEF_LENGTH / 2);
        let said = AnnotationTexts::of(&alert.annotations, |name| self.is_common_annotation(name));
        let was = if self.facts.is_past(alert.status) { self.words.was } else { "" };
        let OwnPlaces { host, others } = self.own_places(alert);
        writer.line(|line| {
            self.write_headline(line, host, alert);
            line.words(" ");
            if !line.labels(&others) {
                line.after(was, |line| line.value(said.summary.unwrap_or_default()));
            }
        });
        let line = plain::cut(writer.block().text.trim(), BRIEF_LENGTH).into_owned();
        let line = if line.is_empty() { self.words.unnamed } else { &line };
        let emoji = self.emoji(alert);
        match self.markup() {
            Markup::Markdown => format!("{emoji} {}", markdown::escape(line)),
            Markup::Plain => format!("{emoji} {}", plain::unlinked(line)),
        }
    }

    /// The end of a part: in the last one, how many alerts stand in no part; and the link to all alerts.
    /// `omitted` says for how many the last part has no room; none, where another part follows.
    pub(super) fn end(&self, omitted: Option<u64>, cap: usize) -> String {
        let mut writer = MarkupWriter::new(self.markup(), cap);
        let missing = omitted.map(|omitted| self.missing(omitted)).unwrap_or_default();
        for words in &missing {
            writer.line(|line| line.words(words));
        }
        writer.links(|links| {
            if !self.facts.is_lone() || !missing.is_empty() {
                self.add_group_page(links);
            }
        });
        writer.block().text
    }

    /// Which alerts stand in no part: those for which there is no room, those that were not sent, and
    /// those that were sent and not kept.
    fn missing(&self, omitted: u64) -> Vec<String> {
        let Words { omitted: without_room, unsent, in_either_state, unkept, .. } = *self.words;
        let notification = self.facts.notification;
        let state = if notification.tells_the_end() { "" } else { in_either_state };
        let sender = notification.sender.name();
        let lines = [
            (omitted, without_room(omitted)),
            (notification.unsent(), unsent(notification.unsent(), sender) + state),
            (notification.skipped.alerts, unkept(notification.skipped.alerts)),
        ];
        lines.into_iter().filter(|(count, _)| *count > 0).map(|(_, line)| line).collect()
    }

    /// Host, state, name and severity of an alert, without those that the heading says of all alerts.
    fn write_headline(&self, writer: &mut MarkupWriter, host: Option<(&str, &str)>, alert: &Alert) {
        let mut between = if host.is_some_and(|host| write_host(writer, host)) { " " } else { "" };
        if self.facts.is_mixed() {
            let Words { is_firing, is_resolved, .. } = *self.words;
            let firing = alert.status == Status::Firing;
            writer.words(between);
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

    /// The labels of one of several alerts that the others do not share.
    fn own_places<'b>(&self, alert: &'b Alert) -> OwnPlaces<'b> {
        let mut own = self.facts.places(&alert.labels);
        own.retain(|(name, _)| self.facts.is_lone() || self.facts.labels.get(name).is_none());
        OwnPlaces::of(own)
    }

    /// The pages of an alert that the others of its message do not share.
    fn own_pages<'b>(&self, alert: &'b Alert) -> Pages<'b>
    where
        'a: 'b,
    {
        let shared = if self.facts.is_lone() { Pages::default() } else { self.facts.pages };
        Pages::of(alert).beside(&shared)
    }

    fn write_when(&self, writer: &mut MarkupWriter, times: SaidTimes) {
        if let Some(when) = times.sentence(&self.style.timezone, self.words) {
            writer.line(|line| line.words(&when));
        }
    }

    fn is_common_annotation(&self, name: &str) -> bool {
        !self.facts.is_lone() && self.facts.annotations.get(name).is_some()
    }

    /// Whether a button below the message opens this page of the alerts that share it.
    fn is_on_button(&self, kind: ButtonKind) -> bool {
        self.style.on_buttons.contains(&kind)
    }

    /// Whether a button opens the page that this annotation names.
    fn is_named_on_button(&self, annotation: &str) -> bool {
        let kinds = [ButtonKind::Runbook, ButtonKind::Dashboard];
        LINKS
            .into_iter()
            .zip(kinds)
            .any(|(name, kind)| name == annotation && self.is_on_button(kind))
    }

    /// The pages that no button opens.
    fn beside_buttons<'b>(&self, pages: Pages<'b>) -> Pages<'b> {
        let beside = |kind, url| if self.is_on_button(kind) { "" } else { url };
        Pages {
            graph: beside(ButtonKind::Graph, pages.graph),
            dashboard: beside(ButtonKind::Dashboard, pages.dashboard),
            panel: beside(ButtonKind::Panel, pages.panel),
            picture: pages.picture,
        }
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
        let annotations = &self.facts.annotations;
        let pages = self.beside_buttons(self.facts.pages);
        self.add_graph(links, pages.graph);
        self.add_annotations(links, annotations, |name| self.is_named_on_button(name));
        extras::add_links(links, &pages, annotations, self.words);
        let silence = self.group_silence.as_ref();
        if let Some(url) = silence.filter(|_| !self.is_on_button(ButtonKind::Silence)) {
            add_address(links, self.words.silence_all, url);
        }
    }

    /// The links of an alert that it does not share with the others.
    fn add_links(&self, links: &mut Links<'_>, alert: &Alert) {
        let is_lone = self.facts.is_lone();
        let mut pages = self.own_pages(alert);
        if is_lone {
            pages = self.beside_buttons(pages);
        }
        self.add_graph(links, pages.graph);
        let is_elsewhere = |name: &str| {
            self.is_common_annotation(name) || (is_lone && self.is_named_on_button(name))
        };
        self.add_annotations(links, &alert.annotations, is_elsewhere);
        extras::add_links(links, &pages, &alert.annotations, self.words);
        let is_on_button = is_lone && self.is_on_button(ButtonKind::Silence);
        if alert.status == Status::Firing && self.group_silence.is_none() && !is_on_button {
            self.add_silence(links, alert);
        }
    }

    /// The page that silences one alert: its sender's own, or Alertmanager's form.
    fn add_silence(&self, links: &mut Links<'_>, alert: &Alert) {
        if let Some(own) = link::own_silence(alert) {
            links.add(self.words.silence, |out| link::push_target(out, own));
        } else if let Some(base) = &self.alertmanager {
            links.add(self.words.silence, |out| link::push_silence_form(out, base, &alert.labels));
        }
    }

    fn add_group_page(&self, links: &mut Links<'_>) {
        let page = self.group_page.as_ref();
        if let Some(url) = page.filter(|_| !self.is_on_button(ButtonKind::Alertmanager)) {
            add_address(links, ALERTMANAGER, url);
        }
    }
}

/// A link to an address that we built.
fn add_address(links: &mut Links<'_>, words: &str, url: &str) {
    links.add(words, |out| {
        out.push_str(url);
        true
    });
}

/// The labels of one of several alerts that the others do not share, in the order of a message.
#[derive(Debug)]
pub(in crate::render) struct OwnPlaces<'a> {
    /// The one that tells it from the others.
    pub(super) host: Option<(&'a str, &'a str)>,
    pub(super) others: Vec<(&'a str, &'a str)>,
}

impl<'a> OwnPlaces<'a> {
    pub(super) fn of(mut own: Vec<(&'a str, &'a str)>) -> Self {
        let host = heading::telling(&own).map(|at| own.remove(at));
        Self { host, others: own }
    }
}

/// Writes what tells an alert from the others: where it is, or else a label; whether anything of it is to be
/// seen.
pub(super) fn write_host(writer: &mut MarkupWriter, (name, value): (&str, &str)) -> bool {
    if is_place(name) { writer.value(value) } else { writer.labels(&[(name, value)]) }
}

/// A line for each label; those that say how the alert came about share the last one.
fn write_places(writer: &mut MarkupWriter, places: &[(&str, &str)]) {
    let split = places.partition_point(|(name, _)| !is_origin(name));
    let (telling, origins) = places.split_at(split);
    for labels in telling.chunks(1).chain([origins]) {
        writer.line_of_values(|line| line.labels(labels));
    }
}
