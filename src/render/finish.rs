//! What is done to a message beside writing its text: buttons or a page on its last part, and links that open
//! in the browser.
//!
//! The text is written for a surface that leaves room for the buttons. Only the last part has them, since
//! what they open is about the whole message; the parts before it are plain Markdown or text.

use std::borrow::Cow;

use super::facts::Facts;
use super::format::{ButtonKind, Format, LinkOpening};
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
    buttons: Vec<Button>,
    picture: String,
}

impl<'a> Finish<'a> {
    pub(super) fn of(subject: &Subject<'_>, style: &'a Style, surface: &'a Surface) -> Self {
        let mut finish = Self {
            style: Cow::Borrowed(style),
            surface: Cow::Borrowed(surface),
            whole: surface,
            buttons: Vec::new(),
            picture: String::new(),
        };
        match style.format.message_type {
            MessageType::Markdown | MessageType::Text | MessageType::FeedCard => {}
            MessageType::ActionCard => finish.take_buttons(subject, style),
            MessageType::Link => finish.take_page(subject, style),
        }
        finish
    }

    /// The buttons whose pages there are, as many as the API takes and leave room for the text.
    fn take_buttons(&mut self, subject: &Subject<'_>, style: &Style) {
        let Format { buttons, layout, .. } = &style.format;
        let found = buttons.iter().filter_map(|kind| Some((*kind, button(*kind, subject, style)?)));
        let mut kinds = Vec::new();
        for (kind, button) in found {
            self.buttons.push(button);
            if self.are_taken(*layout) {
                kinds.push(kind);
            } else {
                self.buttons.pop();
            }
            if *layout == ButtonLayout::Whole && !kinds.is_empty() {
                break;
            }
        }
        self.leave_room(kinds, MessageType::ActionCard, *layout);
    }

    /// Whether the destination takes these buttons.
    fn are_taken(&self, layout: ButtonLayout) -> bool {
        let limits = self.whole.api.cards;
        // Every list that an API has names each button's words and address, beside 32 bytes at most.
        let of_list = |button: &Button| json_size(&button.text) + json_size(&button.url) + 32;
        let list: usize = self.buttons.iter().map(of_list).sum();
        let single_url = match &*self.buttons {
            [single] => single.url.len(),
            _ => 0,
        };
        self.buttons.len() <= limits.buttons
            && list <= limits.list_bytes
            && single_url <= limits.single_url_bytes
            && self.cost(MessageType::ActionCard, layout) <= self.whole.max_bytes / SHARE
    }

    /// The page that a link message opens, and the picture beside it.
    fn take_page(&mut self, subject: &Subject<'_>, style: &Style) {
        let page = PAGES.into_iter().find_map(|kind| button(kind, subject, style));
        let picture = link::target(subject.facts().pages.picture).unwrap_or_default();
        self.buttons.extend(page);
        let layout = ButtonLayout::default();
        if self.cost(MessageType::Link, layout) > self.whole.max_bytes / SHARE {
            self.buttons.clear();
        } else if !self.buttons.is_empty() {
            self.picture = picture;
        }
        // An address in the text of a link cannot be tapped, and takes the lines that a reader sees.
        let on_page = if self.buttons.is_empty() { Vec::new() } else { ButtonKind::ALL.to_vec() };
        self.leave_room(on_page, MessageType::Link, layout);
    }

    /// The bytes that the buttons take of a part.
    fn cost(&self, message_type: MessageType, layout: ButtonLayout) -> usize {
        let part = |part: Part| part.size(self.whole.api);
        let with = Part { message_type, layout, ..Part::default() };
        let (buttons, picture) = (self.buttons.clone(), self.picture.clone());
        part(Part { buttons, picture, ..with.clone() }).saturating_sub(part(with))
    }

    fn leave_room(
        &mut self,
        on_buttons: Vec<ButtonKind>,
        message_type: MessageType,
        layout: ButtonLayout,
    ) {
        let cost = self.cost(message_type, layout);
        self.surface.to_mut().max_bytes = self.whole.max_bytes.saturating_sub(cost);
        self.style.to_mut().on_buttons = on_buttons;
    }

    /// Gives the parts of the message, in their order, what stands beside their text.
    pub(super) fn put_on<'p>(&self, parts: impl DoubleEndedIterator<Item = &'p mut Part>) {
        let Format { message_type, layout, links, .. } = self.style.format;
        let mut last = !self.buttons.is_empty();
        for part in parts.rev() {
            // The last resort is text, whatever was asked for.
            if part.message_type == message_type {
                if last {
                    part.buttons.clone_from(&self.buttons);
                    part.layout = layout;
                    part.picture.clone_from(&self.picture);
                    if message_type == MessageType::Link {
                        say_title_once(part, self.whole);
                    }
                } else {
                    bare(part);
                }
            }
            last = false;
            if links == LinkOpening::Browser {
                browser::open_links(part, self.whole);
            }
        }
    }
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
        last.message_type = whole.message_type;
        last.buttons.clone_from(&whole.buttons);
        last.layout = whole.layout;
        last.picture.clone_from(&whole.picture);
        last.title.clone_from(&whole.title);
    }
    parts
}

/// The button of this kind, if all alerts of the message share its page.
fn button(kind: ButtonKind, subject: &Subject<'_>, style: &Style) -> Option<Button> {
    let (facts, words) = (subject.facts(), style.format.language.words());
    let annotation = |name: &str| facts.annotations.get(name).and_then(link::target);
    let (text, url) = match kind {
        ButtonKind::Graph => (words.graph, link::target(facts.pages.graph)),
        ButtonKind::Runbook => (words.runbook, annotation("runbook_url")),
        ButtonKind::Silence => {
            let text = if facts.is_lone() { words.silence } else { words.silence_all };
            (text, silence(facts))
        }
        ButtonKind::Dashboard => {
            let own = || link::target(facts.pages.dashboard);
            (words.dashboard, annotation("dashboard_url").or_else(own))
        }
        ButtonKind::Panel => (words.panel, link::target(facts.pages.panel)),
        ButtonKind::Alertmanager => ("Alertmanager", link::group_page(facts.notification)),
    };
    let url = url?;
    let url = match style.format.links {
        LinkOpening::DingTalk => url,
        LinkOpening::Browser => browser::address(&url),
    };
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
