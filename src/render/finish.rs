//! What is done to a message beside writing its text: buttons or a page on its last part, and links that open
//! in the browser.
//!
//! The text is written for a surface that leaves room for the buttons. Only the last part has them, since
//! what they open is about the whole message; the parts before it are plain Markdown or text.

use std::borrow::Cow;

use super::builtin::ALERTMANAGER;
use super::builtin::annotations::LINKS;
use super::facts::Facts;
use super::format::{ButtonKind, Format};
use super::{Style, Subject, Surface, browser, keyword, link};
use crate::alert::Status;
use crate::dingtalk::message::{Button, ButtonLayout, MessageType, PARAGRAPH, Part, json_size};

/// The part of a surface that buttons may take: the rest is for the alerts.
const SHARE: usize = 2;

/// Between the mark of a link's text and what follows, where the title is not in between. Elsewhere a text goes on with
/// a line end.
const TITLE_GAP: &str = " ";

/// The pages that a link message may open, the best first.
const PAGES: [ButtonKind; 5] = [
    ButtonKind::Alertmanager,
    ButtonKind::Graph,
    ButtonKind::Panel,
    ButtonKind::Dashboard,
    ButtonKind::Runbook,
];

/// What is done to the message about a subject for a destination.
#[derive(Debug)]
pub(super) struct Finish<'a> {
    /// The style of the text beside the buttons.
    pub(super) style: Cow<'a, Style>,
    /// The surface that the buttons leave.
    pub(super) surface: Cow<'a, Surface>,
    whole: &'a Surface,
    /// What the last part shows beside its text.
    last: Part,
}

impl<'a> Finish<'a> {
    pub(super) fn of(subject: &Subject<'_>, style: &'a Style, surface: &'a Surface) -> Self {
        let Format { message_type, layout, .. } = style.format;
        let mut finish = Self {
            style: Cow::Borrowed(style),
            surface: Cow::Borrowed(surface),
            whole: surface,
            last: Part { message_type, layout, ..Part::default() },
        };
        match message_type {
            MessageType::Markdown | MessageType::Text | MessageType::FeedCard => {}
            MessageType::ActionCard => finish.take_buttons(subject, style),
            MessageType::Link => finish.take_page(subject, style),
        }
        finish
    }

    /// The buttons whose pages there are, as many as the API takes and leave room for the text.
    fn take_buttons(&mut self, subject: &Subject<'_>, style: &Style) {
        let is_whole = self.last.layout == ButtonLayout::Whole;
        let mut kinds = Vec::new();
        for kind in &style.format.buttons {
            let Some(button) = button(*kind, subject, style) else { continue };
            self.last.buttons.push(button);
            if self.are_taken() {
                kinds.push(*kind);
            } else {
                self.last.buttons.pop();
            }
            if is_whole && !kinds.is_empty() {
                break;
            }
        }
        self.leave_room(kinds);
    }

    /// Whether the destination takes these buttons.
    fn are_taken(&self) -> bool {
        let (buttons, limits) = (&*self.last.buttons, self.whole.api.cards);
        // Every list that an API has names each button's words and address, beside 32 bytes at most.
        let of_list = |button: &Button| json_size(&button.text) + json_size(&button.url) + 32;
        let list: usize = buttons.iter().map(of_list).sum();
        let single_url = match buttons {
            [single] => single.url.len(),
            _ => 0,
        };
        buttons.len() <= limits.buttons
            && list <= limits.list_bytes
            && single_url <= limits.single_url_bytes
            && self.cost() <= self.whole.max_bytes / SHARE
    }

    /// The page that a link message opens, and the picture beside it.
    fn take_page(&mut self, subject: &Subject<'_>, style: &Style) {
        self.last.buttons.extend(PAGES.into_iter().find_map(|kind| button(kind, subject, style)));
        if self.cost() > self.whole.max_bytes / SHARE {
            self.last.buttons.clear();
        } else if !self.last.buttons.is_empty() {
            let picture = link::target(subject.facts().pages.picture);
            self.last.picture = picture.unwrap_or_default();
        }
        // An address in the text of a link cannot be tapped, and takes the lines that a reader sees.
        let is_bare = self.last.buttons.is_empty();
        self.leave_room(if is_bare { Vec::new() } else { ButtonKind::ALL.to_vec() });
    }

    /// The bytes that the buttons take of a part.
    fn cost(&self) -> usize {
        let Part { message_type, layout, .. } = self.last;
        let empty = Part { message_type, layout, ..Part::default() };
        let api = self.whole.api;
        self.last.size(api).saturating_sub(empty.size(api))
    }

    fn leave_room(&mut self, on_buttons: Vec<ButtonKind>) {
        self.surface.to_mut().max_bytes = self.whole.max_bytes.saturating_sub(self.cost());
        self.style.to_mut().on_buttons = on_buttons;
    }

    /// Gives the parts of the message, in their order, what stands beside their text.
    pub(super) fn put_on<'p>(&self, parts: impl DoubleEndedIterator<Item = &'p mut Part>) {
        let message_type = self.last.message_type;
        let mut is_last = !self.last.buttons.is_empty();
        for part in parts.rev() {
            // The last resort is text, whatever was asked for.
            if part.message_type == message_type {
                if is_last {
                    dress(part, &self.last);
                    if message_type == MessageType::Link {
                        say_title_once(part, self.whole);
                    }
                } else {
                    bare(part);
                }
            }
            is_last = false;
            browser::open_links(part, self.style.format.links, self.whole);
        }
    }
}

/// Gives a part the type of another, and what that shows beside its text.
fn dress(part: &mut Part, like: &Part) {
    part.message_type = like.message_type;
    part.buttons.clone_from(&like.buttons);
    part.layout = like.layout;
    part.picture.clone_from(&like.picture);
}

/// Takes the title out of the text of a link, which stands right below it: a reader sees two lines of the text. It stays
/// where only it has a keyword that the robot asks for.
fn say_title_once(part: &mut Part, surface: &Surface) {
    let Some(mark) = part.heading.strip_suffix(&part.title).map(str::trim_end) else { return };
    let is_known = part.keyword.is_some()
        || keyword::missing(&[mark, &part.body, &part.shortened], &surface.keywords).is_none();
    if part.mark.is_empty() && !mark.is_empty() && !part.body.trim().is_empty() && is_known {
        part.body = [TITLE_GAP, part.body.trim_start()].concat();
        part.heading.truncate(mark.len());
    }
}

/// Puts the title of a link back into its text, if it was taken out of it.
fn say_title_again(part: &mut Part) {
    if let Some(body) = part.body.strip_prefix(TITLE_GAP) {
        part.heading = [&*part.heading, TITLE_GAP, &part.title].concat();
        part.body = [PARAGRAPH, body].concat();
    }
}

/// Makes a part without buttons one of the type that has the same text.
pub(super) fn bare(part: &mut Part) {
    if part.message_type == MessageType::Link {
        say_title_again(part);
    }
    part.message_type = part.message_type.text_type();
    part.buttons.clear();
    part.picture.clear();
    if !part.message_type.has_title() {
        part.title.clear();
        if let Some(keyword) = &mut part.keyword {
            keyword.in_title = false;
        }
    }
}

/// The parts that `whole` was cut into, with its buttons or page on the last of them again. Those of a feed card are
/// lost, since its entries say what the text says.
pub(super) fn again(mut parts: Vec<Part>, whole: &Part) -> Vec<Part> {
    if let (Some(last), false) = (parts.last_mut(), whole.message_type == MessageType::FeedCard) {
        dress(last, whole);
        last.title.clone_from(&whole.title);
    }
    parts
}

/// The button of this kind, if all alerts of the message share its page.
fn button(kind: ButtonKind, subject: &Subject<'_>, style: &Style) -> Option<Button> {
    let (facts, words) = (subject.facts(), style.format.language.words());
    let [runbook, dashboard] = LINKS;
    let annotation = |name: &str| facts.annotations.get(name).and_then(link::target);
    let (text, url) = match kind {
        ButtonKind::Graph => (words.graph, link::target(facts.pages.graph)),
        ButtonKind::Runbook => (words.runbook, annotation(runbook)),
        ButtonKind::Silence => {
            let text = if facts.is_lone() { words.silence } else { words.silence_all };
            (text, silence(facts))
        }
        ButtonKind::Dashboard => {
            let own = || link::target(facts.pages.dashboard);
            (words.dashboard, annotation(dashboard).or_else(own))
        }
        ButtonKind::Panel => (words.panel, link::target(facts.pages.panel)),
        ButtonKind::Alertmanager => (ALERTMANAGER, link::group_page(facts.notification)),
    };
    let url = browser::opening(style.format.links, url?);
    Some(Button { text: text.to_owned(), url })
}

/// The page that silences all alerts of the message that fire.
fn silence(facts: &Facts<'_>) -> Option<String> {
    let notification = facts.notification;
    let base = || link::alertmanager(notification.sender, &notification.external_url);
    match &*notification.alerts {
        [alert] if alert.status == Status::Firing => {
            let own = link::own_silence(alert).and_then(link::target);
            own.or_else(|| link::silence_form(&base()?, &alert.labels))
        }
        [_] => None,
        _ if facts.is_silenced_as_one() => link::silence_form(&base()?, &facts.labels),
        _ => None,
    }
}
