//! Cuts a message that is already written, for when DingTalk says that it is too long.
//!
//! It knows nothing of alerts: any text is cut at its line ends. What the first cut promised
//! stays true of each new part: it has the heading, its mark and its keyword, and only the first
//! mentions.

use crate::dingtalk::message::{At, Content, Message, MessageType};

use super::size::{cost, says_shortened, start_of, whole_lines};
use crate::render::message::{PARAGRAPH, Part};
use crate::render::{Language, Surface, keyword, markdown, mention};

/// The parts to send in place of `message`, each about half of it and none above what `surface`
/// takes.
///
/// A message that has no line end to be cut at is shortened, with a mark; one that can't be
/// shortened either comes back alone and unchanged. Where the destination has no keywords, one that was
/// appended is kept.
#[must_use]
pub fn smaller(message: &Message, surface: &Surface, language: Language) -> Vec<Message> {
    let Surface { api, max_bytes, .. } = *surface;
    let taken = Taken::from(message, &surface.keywords, language);
    let size = message.size(api);
    let parts = taken.halves().unwrap_or_else(|| vec![taken.shorter()]);
    if parts.iter().any(|part| part.size(api) >= size) {
        let shorter = taken.shorter();
        let is_shorter = shorter.size(api) < size;
        return vec![if is_shorter { shorter } else { message.clone() }];
    }
    let cut = parts.into_iter().flat_map(|part| {
        // Each step is smaller than the one before, so this ends.
        if part.size(api) > max_bytes && part.size(api) < size {
            smaller(&part, surface, language)
        } else {
            vec![part]
        }
    });
    cut.collect()
}

/// `message`, or what fits of it.
pub(in crate::render) fn fit(
    mut message: Message,
    surface: &Surface,
    language: Language,
) -> Message {
    let Surface { api, max_bytes, .. } = *surface;
    while message.size(api) > max_bytes {
        let shorter = Taken::from(&message, &surface.keywords, language).shorter();
        if shorter.size(api) >= message.size(api) {
            break;
        }
        message = shorter;
    }
    message
}

/// A message, taken apart.
struct Taken<'a> {
    message_type: MessageType,
    language: Language,
    title: &'a str,
    /// The first line without its mark.
    heading: &'a str,
    /// `2/3`, or nothing.
    mark: &'a str,
    /// What comes between heading and mentions.
    rest: &'a str,
    at: &'a At,
    keywords: Vec<String>,
}

impl<'a> Taken<'a> {
    fn from(message: &'a Message, keywords: &[String], language: Language) -> Self {
        let (message_type, title, text) = match &message.content {
            Content::Markdown { title, text } => (MessageType::Markdown, title.as_str(), text),
            Content::Text { text } => (MessageType::Text, "", text),
        };
        let (text, keywords) = without_keyword(text, keywords);
        let mentions = mention::line(&message.at);
        let text = match text.strip_suffix(mentions.as_str()) {
            Some(before) if !mentions.is_empty() => before.trim_end(),
            Some(_) | None => text,
        };
        // A template may begin with empty lines; the mark stands in the first that says something.
        let text = text.trim_start();
        let (heading, rest) = text.split_once('\n').unwrap_or((text, ""));
        let (heading, mark) = without_mark(heading.trim_end());
        let (title, _) = without_mark(title);
        Self {
            message_type,
            language,
            title,
            heading,
            mark,
            rest: rest.trim(),
            at: &message.at,
            keywords,
        }
    }

    /// Two parts, cut at the line end nearest to the middle; ends of paragraphs are preferred.
    fn halves(&self) -> Option<Vec<Message>> {
        let middle = cost(self.rest) / 2;
        let mut before = 0;
        let mut at = 0;
        let mut best: Option<(usize, usize)> = None;
        for line in self.rest.split_inclusive('\n') {
            before += cost(line);
            at += line.len();
            let away = before.abs_diff(middle);
            let ends_paragraph = self.rest[at..].starts_with('\n') || line == "\n";
            let away = if ends_paragraph { away / 3 } else { away };
            if at < self.rest.len() && best.is_none_or(|(nearest, _)| away < nearest) {
                best = Some((away, at));
            }
        }
        let (first, second) = self.rest.split_at(best?.1);
        let (first, second) = (first.trim(), second.trim());
        if first.is_empty() || second.is_empty() {
            return None;
        }
        let [one, two] = next_marks(self.mark);
        Some(vec![
            self.message(self.heading, &one, first, self.at.clone()),
            self.message(self.heading, &two, second, At::default()),
        ])
    }

    /// One part with about half of the text.
    fn shorter(&self) -> Message {
        let mark = if self.mark.is_empty() { String::new() } else { format!(" ({})", self.mark) };
        if self.rest.is_empty() || says_shortened(self.rest) {
            let heading = start_of(self.heading, cost(self.heading) / 2);
            return self.message(&heading, &mark, "", self.at.clone());
        }
        let lines = self.rest.lines().map(|line| line.trim_end().to_owned()).collect();
        let kept = whole_lines(lines, cost(self.rest) / 2, self.language);
        let rest = match kept.as_slice() {
            // Nothing but marks is left.
            [start, mark] if start == "…" => mark.clone(),
            [..] => markdown::join(self.message_type.markup(), &kept),
        };
        self.message(self.heading, &mark, &rest, self.at.clone())
    }

    fn message(&self, heading: &str, mark: &str, rest: &str, at: At) -> Message {
        let paragraph = if rest.is_empty() { "" } else { PARAGRAPH };
        let text = format!("{heading}{mark}{paragraph}{rest}");
        let Self { message_type, language, title, .. } = *self;
        Part { message_type, language, title, mark, text: &text }.message(at, &self.keywords)
    }
}

/// The text without the keyword that was appended, and the keywords to look for.
fn without_keyword<'a>(text: &'a str, keywords: &[String]) -> (&'a str, Vec<String>) {
    let Some((before, last)) = text.rsplit_once(PARAGRAPH) else {
        return (text, keywords.to_vec());
    };
    match keyword::of_line(last) {
        Some(word) if keywords.is_empty() && !last.contains('\n') => {
            (before, vec![word.to_owned()])
        }
        Some(word) if keywords.iter().any(|known| known == word) => (before, keywords.to_vec()),
        Some(_) | None => (text, keywords.to_vec()),
    }
}

/// `[FIRING:2] Up (2/3)` as `[FIRING:2] Up` and `2/3`.
fn without_mark(text: &str) -> (&str, &str) {
    let marked = text.strip_suffix(')').and_then(|text| text.rsplit_once(" ("));
    match marked {
        Some((before, mark)) if is_mark(mark) => (before, mark),
        Some(_) | None => (text, ""),
    }
}

fn is_mark(mark: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    mark.split_once('/').is_some_and(|(part, of)| {
        is_number(part) && is_number(of.trim_end_matches(|c: char| c.is_ascii_lowercase()))
    })
}

/// A part of several keeps its number and gets a letter, because the others keep theirs.
fn next_marks(mark: &str) -> [String; 2] {
    if mark.is_empty() {
        [" (1/2)".to_owned(), " (2/2)".to_owned()]
    } else {
        [format!(" ({mark}a)"), format!(" ({mark}b)")]
    }
}
