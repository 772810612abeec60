//! What a reader finds in the texts of a message; it shares no code with what writes them.
//!
//! The fuzz targets read with it too (`fuzz/src/`), so it names nothing of the crate.

use std::collections::BTreeSet;

use pulldown_cmark::{Event, Options, Parser, Tag};

/// What a parser finds in Markdown.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) links: Vec<String>,
    pub(crate) text: String,
    /// How often something is bold.
    pub(crate) bold: usize,
    /// Everything that is neither text nor link, nor bold, nor our one heading.
    pub(crate) other: Vec<String>,
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else the parser knows is a finding")]
pub(crate) fn found(markdown: &str) -> Seen {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM;
    let mut found = Seen::default();
    let mut headings = 0;
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Text(text) => found.text.push_str(&text),
            Event::SoftBreak | Event::HardBreak => found.text.push('\n'),
            Event::Start(Tag::Link { dest_url, .. }) => found.links.push(dest_url.into_string()),
            Event::Start(Tag::Heading { .. }) => headings += 1,
            Event::Start(Tag::Strong) => found.bold += 1,
            Event::Start(Tag::Paragraph) | Event::End(_) => {}
            other => found.other.push(format!("{other:?}")),
        }
    }
    if headings != 1 {
        found.other.push(format!("{headings} headings"));
    }
    found
}

/// Whether a client that looks for addresses in the Markdown finds one beside the targets of its links.
pub(crate) fn has_bare_address(markdown: &str) -> bool {
    let mut pieces = markdown.split("](");
    let first = pieces.next().unwrap_or_default();
    // No target has a bracket.
    let words = pieces.map(|piece| piece.split_once(')').map_or(piece, |(_, words)| words));
    [first].into_iter().chain(words).any(holds_address)
}

/// Whether clients make a link of something in this text, which has no markup.
pub(crate) fn holds_address(text: &str) -> bool {
    text.contains("://") || text.to_ascii_lowercase().contains("www.")
}

/// Every mention in the text: what follows an at sign that no zero-width space breaks.
pub(crate) fn mentions(text: &str) -> BTreeSet<&str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let after = text.split(['@', '＠']).skip(1).filter(|after| !after.starts_with('\u{200b}'));
    after.map(|after| after.split(|c| !is_word(c)).next().unwrap_or_default()).collect()
}

/// How many of the names `Name…x` stand in the texts of the parts, and the number of those left out.
pub(crate) fn shown_and_omitted(texts: &[String]) -> (usize, usize) {
    let names = texts.iter().flat_map(|text| text.split("Name").skip(1));
    let shown: BTreeSet<&str> = names.filter_map(|rest| Some(rest.split_once('x')?.0)).collect();
    let count = |line: &str| {
        let english = line.strip_prefix("and ").and_then(|rest| rest.strip_suffix(" more"));
        let chinese = line.strip_prefix("还有 ").and_then(|rest| rest.strip_suffix(" 条"));
        english.or(chinese)?.parse().ok()
    };
    let more = texts.iter().flat_map(|text| text.lines()).find_map(|line| count(line.trim_end()));
    (shown.len(), more.unwrap_or(0))
}
