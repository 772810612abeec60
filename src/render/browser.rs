//! Links that open in the browser on a computer, and not in DingTalk's side panel.
//!
//! DingTalk opens an address below `dingtalk://` by itself (`message-link-description`); `pc_slide=false` is for the
//! browser. A phone opens such a link in DingTalk as any other.

use super::{LinkOpening, Surface, link};
use crate::dingtalk::message::{Markup, Part, json_size};

/// What stands before the percent-encoded address, and behind it.
const AROUND: [&str; 2] = ["dingtalk://dingtalkclient/page/link?url=", "&pc_slide=false"];

/// The address by which a button opens `url` there.
pub(super) fn opening(links: LinkOpening, url: String) -> String {
    match links {
        LinkOpening::DingTalk => url,
        LinkOpening::Browser => address(&url),
    }
}

/// The address that opens `url` in the browser.
fn address(url: &str) -> String {
    let [before, behind] = AROUND;
    let mut address = String::with_capacity(before.len() + url.len() * 2 + behind.len());
    address.push_str(before);
    link::component(&mut address, url);
    address + behind
}

/// Lets the links of a part open there: in the browser from the first on, as many as the surface has room for; the
/// others stay as they are. Pictures, and addresses that stand in the text as such, stay too.
pub(super) fn open_links(part: &mut Part, links: LinkOpening, surface: &Surface) {
    match (links, part.message_type.markup()) {
        // A text shows its addresses, and people copy them.
        (LinkOpening::DingTalk, _) | (LinkOpening::Browser, Markup::Plain) => return,
        (LinkOpening::Browser, Markup::Markdown) => {}
    }
    let mut room = surface.max_bytes.saturating_sub(part.size(surface.api));
    for text in [&mut part.heading, &mut part.body] {
        if let Some(opened) = opened(text, &mut room) {
            *text = opened;
        }
    }
}

/// The text with links that open in the browser, for which `room` has the bytes; nothing if there is none.
fn opened(text: &str, room: &mut usize) -> Option<String> {
    let mut out = String::new();
    let mut copied = 0;
    for (at, _) in text.match_indices("](") {
        let start = at + "](".len();
        let Some(target) = text[start..].split(')').next().filter(|target| is_link(target)) else {
            continue;
        };
        let address = address(target);
        let more = json_size(&address).saturating_sub(json_size(target));
        if start < copied || more > *room || is_picture(&text[..at]) {
            continue;
        }
        *room -= more;
        out.extend([&text[copied..start], &*address]);
        copied = start + target.len();
    }
    (copied > 0).then(|| out + &text[copied..])
}

fn is_link(target: &str) -> bool {
    let is_web = ["http://", "https://"].iter().any(|scheme| target.starts_with(scheme));
    is_web && !target.contains(|c: char| c.is_whitespace() || c == '"')
}

/// Whether the bracket that opens the last words of `before` is that of a picture.
fn is_picture(before: &str) -> bool {
    let mut depth = 0_u32;
    for (at, bracket) in before.rmatch_indices(['[', ']']) {
        match (before[..at].ends_with('\\'), bracket, depth) {
            (true, ..) => {}
            (false, "]", _) => depth += 1,
            (false, _, 0) => return before[..at].ends_with('!'),
            (false, ..) => depth -= 1,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::message::MessageType;
    use crate::render::tests::chatbot;

    const ENCODED: &str = "dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fh%2Fa%3Fb%3D1%26c%3D%2525\
                           &pc_slide=false";

    #[test]
    fn an_address_is_encoded_whole() {
        assert_eq!(address("https://h/a?b=1&c=%25"), ENCODED);
    }

    #[test]
    fn links_open_in_the_browser_and_all_else_stays() {
        let link = "https://h/a?b=1&c=%25";
        let cases = [
            (
                format!("[a]({link}) · [b \\[x]({link})"),
                format!("[a]({ENCODED}) · [b \\[x]({ENCODED})"),
            ),
            (format!("![a \\[b]({link}) {link}"), format!("![a \\[b]({link}) {link}")),
            (format!("[![p]({link})]({link})"), format!("[![p]({link})]({ENCODED})")),
            ("[a](/graph) [b](dingtalk://x) [c](https://h/ \"t\")".to_owned(), String::new()),
            (
                "[a](https://h".to_owned(),
                "[a](dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fh&pc_slide=false"
                    .to_owned(),
            ),
            ("no link".to_owned(), String::new()),
        ];
        for (text, expected) in cases {
            let mut part = Part::new(MessageType::Markdown, "t", &format!("head\n{text}"));
            open_links(&mut part, LinkOpening::Browser, &chatbot());
            let expected = if expected.is_empty() { text } else { expected };
            assert_eq!(part.text(), format!("head\n{expected}"));
        }
    }

    #[test]
    fn a_part_never_grows_beyond_its_surface() {
        let text = "[a](https://h/1) [b](https://h/2) [c](https://h/3)";
        let part = Part::new(MessageType::Markdown, "t", text);
        let size = part.size(chatbot().api);
        let growth = address("https://h/1").len() - "https://h/1".len();
        for (room, expected) in
            [(0, 0), (growth - 1, 0), (growth, 1), (2 * growth, 2), (9 * growth, 3)]
        {
            let mut opened = part.clone();
            let surface = Surface { max_bytes: size + room, ..chatbot() };
            open_links(&mut opened, LinkOpening::Browser, &surface);
            assert_eq!(opened.text().matches("pc_slide").count(), expected, "{room}");
            assert!(opened.size(surface.api) <= surface.max_bytes);
        }
    }

    #[test]
    fn a_text_shows_its_addresses() {
        let mut part = Part::new(MessageType::Text, "", "a: https://h/1 [a](https://h/1)");
        open_links(&mut part, LinkOpening::Browser, &chatbot());
        assert_eq!(part.text(), "a: https://h/1 [a](https://h/1)");
    }
}
